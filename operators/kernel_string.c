/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of strings. Positions count characters from 1; a part of a string borrows its bytes.
 * Strings are UTF-8, which the codecs have checked. */
#include "sluice/text.h"

#include "kernel_support.h"

struct span {
    const char *data;
    size_t length;
};

static inline struct span span_of(const struct sl_kernel_call *call, uint32_t argument,
                                  uint32_t row)
{
    const struct sl_view *view = op_view(call->arguments[argument], row);
    return (struct span){.data = sl_view_data(view), .length = view->length};
}

static void concat(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        size_t length = 0;
        for (uint32_t argument = 0; argument < call->argument_count; ++argument) {
            length += span_of(call, argument, row).length;
        }
        char inline_room[SL_VIEW_INLINE_BYTES];
        char *room = length <= sizeof inline_room ? inline_room : op_string_room(call, row, length);
        if (room == NULL) {
            continue;
        }
        size_t at = 0;
        for (uint32_t argument = 0; argument < call->argument_count; ++argument) {
            const struct span span = span_of(call, argument, row);
            memcpy(room + at, span.data, span.length);
            at += span.length;
        }
        op_store_borrowed(call, row, room, length);
    }
}

static bool is_ascii(struct span span)
{
    unsigned char all = 0;
    for (size_t at = 0; at < span.length; ++at) {
        all |= (unsigned char)span.data[at];
    }
    return all < 0x80;
}

static void change_ascii(struct span from, char *to, bool to_upper)
{
    const unsigned char first = to_upper ? 'a' : 'A';
    for (size_t at = 0; at < from.length; ++at) {
        const unsigned char byte = (unsigned char)from.data[at];
        to[at] = (char)((unsigned char)(byte - first) < 26 ? byte ^ 0x20 : byte);
    }
}

/* Alphabets whose upper and lower case letters lie a fixed distance apart. */
static const struct {
    uint16_t upper_first;
    uint16_t upper_last;
    uint16_t distance;
} alphabets[] = {
    {0x00c0, 0x00d6, 0x20}, {0x00d8, 0x00de, 0x20}, {0x0391, 0x03a1, 0x20}, {0x03a3, 0x03ab, 0x20},
    {0x0400, 0x040f, 0x50}, {0x0410, 0x042f, 0x20}, {0x0531, 0x0556, 0x30},
};

/* Blocks where an upper case letter of this parity is followed by its lower case one. */
static const struct {
    uint16_t first;
    uint16_t last;
    uint16_t upper_parity;
} pairs[] = {
    {0x0100, 0x012f, 0}, {0x0132, 0x0137, 0}, {0x0139, 0x0148, 1}, {0x014a, 0x0177, 0},
    {0x0179, 0x017e, 1}, {0x0460, 0x0481, 0}, {0x048a, 0x04bf, 0}, {0x04d0, 0x052f, 0},
    {0x1e00, 0x1e95, 0}, {0x1ea0, 0x1eff, 0},
};

static uint32_t change_letter(uint32_t code, bool to_upper)
{
    for (size_t idx = 0; idx < SL_COUNT_OF(alphabets); ++idx) {
        const uint32_t distance = alphabets[idx].distance;
        const uint32_t upper = to_upper ? code - distance : code;
        if (upper >= alphabets[idx].upper_first && upper <= alphabets[idx].upper_last) {
            return to_upper ? upper : upper + distance;
        }
    }
    for (size_t idx = 0; idx < SL_COUNT_OF(pairs); ++idx) {
        if (code >= pairs[idx].first && code <= pairs[idx].last) {
            const bool is_upper = code % 2 == pairs[idx].upper_parity;
            return is_upper == to_upper ? code : to_upper ? code - 1 : code + 1;
        }
    }
    return code;
}

/* Letters outside ASCII whose two cases have as many bytes; the others stay as they are. */
static void change_unicode(struct span from, char *to, bool to_upper)
{
    change_ascii(from, to, to_upper);
    for (size_t at = 0; at < from.length;) {
        const unsigned char lead = (unsigned char)from.data[at];
        const size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if ((size == 2 || size == 3) && at + size <= from.length) {
            uint32_t code = size == 2 ? lead & 0x1fu : lead & 0x0fu;
            char changed[4];
            for (size_t byte = 1; byte < size; ++byte) {
                code = code << 6 | ((unsigned char)from.data[at + byte] & 0x3fu);
            }
            if (sl_utf8_encode(change_letter(code, to_upper), changed) == size) {
                memcpy(to + at, changed, size);
            }
        }
        at += size;
    }
}

static void change_case(struct sl_kernel_call *call, bool to_upper)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = span_of(call, 0, row);
        char inline_room[SL_VIEW_INLINE_BYTES];
        char *room = span.length <= sizeof inline_room ? inline_room
                                                       : op_string_room(call, row, span.length);
        if (room == NULL) {
            continue;
        }
        if (is_ascii(span)) {
            change_ascii(span, room, to_upper);
        } else {
            change_unicode(span, room, to_upper);
        }
        op_store_borrowed(call, row, room, span.length);
    }
}

static void upper(struct sl_kernel_call *call)
{
    change_case(call, true);
}

static void lower(struct sl_kernel_call *call)
{
    change_case(call, false);
}

static void char_length(struct sl_kernel_call *call)
{
    int32_t *result = (int32_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = span_of(call, 0, row);
        result[row] = (int32_t)sl_utf8_count(span.data, span.length);
    }
}

/* Byte offset of the character with that index from 0, or length when there are fewer. */
static size_t offset_of(struct span span, int64_t character)
{
    size_t at = 0;
    for (int64_t count = 0; at < span.length; ++at) {
        const bool starts = ((unsigned char)span.data[at] & 0xc0) != 0x80;
        if (starts && count++ == character) {
            break;
        }
    }
    return at;
}

/* As Flink does: position 0 is 1, a negative one counts from the end. */
static struct span substring(struct span span, int64_t position, int64_t count)
{
    int64_t first = position > 0 ? position - 1 : 0;
    if (position < 0) {
        first = (int64_t)sl_utf8_count(span.data, span.length) + position;
    }
    if (first < 0) {
        return (struct span){.data = "", .length = 0};
    }
    const size_t start = offset_of(span, first);
    const struct span rest = {.data = span.data + start, .length = span.length - start};
    return (struct span){.data = rest.data, .length = offset_of(rest, count)};
}

static void substring_from(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span part =
            substring(span_of(call, 0, row), op_load_integer(call->arguments[1], row), INT32_MAX);
        op_store_borrowed(call, row, part.data, part.length);
    }
}

static void substring_for(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t count = op_load_integer(call->arguments[2], row);
        if (count < 0) {
            op_set_null(call, row);
            continue;
        }
        const struct span part =
            substring(span_of(call, 0, row), op_load_integer(call->arguments[1], row), count);
        op_store_borrowed(call, row, part.data, part.length);
    }
}

static void trim_sides(struct sl_kernel_call *call, bool left, bool right)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        struct span span = span_of(call, 0, row);
        while (left && span.length > 0 && span.data[0] == ' ') {
            span.data++;
            span.length--;
        }
        while (right && span.length > 0 && span.data[span.length - 1] == ' ') {
            span.length--;
        }
        op_store_borrowed(call, row, span.data, span.length);
    }
}

static void trim(struct sl_kernel_call *call)
{
    trim_sides(call, true, true);
}

static void trim_left(struct sl_kernel_call *call)
{
    trim_sides(call, true, false);
}

static void trim_right(struct sl_kernel_call *call)
{
    trim_sides(call, false, true);
}

/* The first place of needle (not empty) in span, or NULL. */
static const char *find(struct span span, struct span needle)
{
    return memmem(span.data, span.length, needle.data, needle.length);
}

static void position(struct sl_kernel_call *call)
{
    int32_t *result = (int32_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span needle = span_of(call, 0, row);
        const struct span span = span_of(call, 1, row);
        const char *found = find(span, needle);
        result[row] =
            found == NULL ? 0 : (int32_t)sl_utf8_count(span.data, (size_t)(found - span.data)) + 1;
    }
}

/* Copies span to out with every needle replaced and returns the length; out NULL only measures. */
static size_t replace_into(struct span span, struct span needle, struct span with, char *out)
{
    size_t length = 0;
    for (const char *found = find(span, needle); found != NULL; found = find(span, needle)) {
        const size_t before = (size_t)(found - span.data);
        if (out != NULL) {
            memcpy(out + length, span.data, before);
            memcpy(out + length + before, with.data, with.length);
        }
        length += before + with.length;
        span.data += before + needle.length;
        span.length -= before + needle.length;
    }
    if (out != NULL) {
        memcpy(out + length, span.data, span.length);
    }
    return length + span.length;
}

/* An empty needle is found nowhere. */
static void replace(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = span_of(call, 0, row);
        const struct span needle = span_of(call, 1, row);
        const struct span with = span_of(call, 2, row);
        if (needle.length == 0 || find(span, needle) == NULL) {
            op_store_borrowed(call, row, span.data, span.length);
            continue;
        }
        const size_t length = replace_into(span, needle, with, NULL);
        char *room = op_string_room(call, row, length);
        if (room != NULL) {
            replace_into(span, needle, with, room);
            op_store_borrowed(call, row, room, length);
        }
    }
}

/* The part with that index from 0 between delimiters; false when there are fewer. */
static bool split_part(struct span span, struct span delimiter, int64_t wanted, struct span *part)
{
    if (span.length == 0 || wanted < 0) {
        return false;
    }
    for (;;) {
        const char *found = delimiter.length == 0 ? NULL : find(span, delimiter);
        const size_t length = found == NULL ? span.length : (size_t)(found - span.data);
        if (wanted-- == 0) {
            *part = (struct span){.data = span.data, .length = length};
            return true;
        }
        if (found == NULL) {
            return false;
        }
        span.data += length + delimiter.length;
        span.length -= length + delimiter.length;
    }
}

static void split_index(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        struct span part;
        if (split_part(span_of(call, 0, row), span_of(call, 1, row),
                       op_load_integer(call->arguments[2], row), &part)) {
            op_store_borrowed(call, row, part.data, part.length);
        } else {
            op_set_null(call, row);
        }
    }
}

#define STRINGS_1(name, type, kernel) \
    OP_FUNCTION(name, type, OP_STRICT_KERNEL(kernel), 1, SL_TYPE_VARCHAR)

const struct sl_function_def *const op_functions_string[] = {
    STRINGS_1("CONCAT", op_type_string, concat),
    OP_FUNCTION("CONCAT", op_type_string, OP_STRICT_KERNEL(concat), 2, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("CONCAT", op_type_string, OP_STRICT_KERNEL(concat), 3, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    OP_FUNCTION("CONCAT", op_type_string, OP_STRICT_KERNEL(concat), 4, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    STRINGS_1("UPPER", op_type_string, upper),
    STRINGS_1("LOWER", op_type_string, lower),
    STRINGS_1("CHAR_LENGTH", op_type_int, char_length),
    STRINGS_1("CHARACTER_LENGTH", op_type_int, char_length),
    STRINGS_1("TRIM", op_type_string, trim),
    STRINGS_1("BTRIM", op_type_string, trim),
    STRINGS_1("LTRIM", op_type_string, trim_left),
    STRINGS_1("RTRIM", op_type_string, trim_right),
    OP_FUNCTION("SUBSTRING", op_type_string, OP_STRICT_KERNEL(substring_from), 2, SL_TYPE_VARCHAR,
                SL_TYPE_INT),
    OP_FUNCTION("SUBSTRING", op_type_string_nullable, OP_STRICT_KERNEL(substring_for), 3,
                SL_TYPE_VARCHAR, SL_TYPE_INT, SL_TYPE_INT),
    OP_FUNCTION("SUBSTR", op_type_string, OP_STRICT_KERNEL(substring_from), 2, SL_TYPE_VARCHAR,
                SL_TYPE_INT),
    OP_FUNCTION("SUBSTR", op_type_string_nullable, OP_STRICT_KERNEL(substring_for), 3,
                SL_TYPE_VARCHAR, SL_TYPE_INT, SL_TYPE_INT),
    OP_FUNCTION("POSITION", op_type_int, OP_STRICT_KERNEL(position), 2, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("REPLACE", op_type_string, OP_STRICT_KERNEL(replace), 3, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    OP_FUNCTION("SPLIT_INDEX", op_type_string_nullable, OP_STRICT_KERNEL(split_index), 3,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR, SL_TYPE_INT),
    NULL,
};
