/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts from text. Spaces around the value do not matter; anything else that is not the whole of a
 * value is a failed cast, as is a number beyond the target's range. */
#include "sluice/decimal.h"
#include "sluice/text.h"

#include "kernel_cast.h"

struct span {
    const char *data;
    size_t length;
};

static struct span trimmed(const struct sl_vector *argument, uint32_t row)
{
    const struct sl_view *view = op_view(argument, row);
    struct span span = {.data = sl_view_data(view), .length = view->length};
    while (span.length > 0 && (unsigned char)span.data[0] <= ' ') {
        span.data++;
        span.length--;
    }
    while (span.length > 0 && (unsigned char)span.data[span.length - 1] <= ' ') {
        span.length--;
    }
    return span;
}

/* Flink takes "12.7" for 12 and ".5" for 0: the digits behind the point are checked and dropped. */
static bool parse_integer(struct span span, int64_t *value)
{
    const char *point = span.length == 0 ? NULL : memchr(span.data, '.', span.length);
    if (point == NULL) {
        return sl_parse_int64(span.data, span.length, value);
    }
    for (const char *digit = point + 1; digit < span.data + span.length; ++digit) {
        if (*digit < '0' || *digit > '9') {
            return false;
        }
    }
    const size_t whole_length = (size_t)(point - span.data);
    const bool is_signed = span.data[0] == '-' || span.data[0] == '+';
    if (whole_length == is_signed && whole_length + 1 < span.length) {
        *value = 0;
        return true;
    }
    return sl_parse_int64(span.data, whole_length, value);
}

static void string_to_integer(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t value;
        if (!parse_integer(trimmed(call->arguments[0], row), &value) ||
            !op_store_integer(call->result, row, value)) {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

static void string_to_decimal(struct sl_kernel_call *call)
{
    const struct sl_type *type = &call->result->type;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = trimmed(call->arguments[0], row);
        sl_int128 value;
        if (sl_decimal_parse(span.data, span.length, type->precision, type->scale, &value)) {
            op_store_decimal(call->result, row, value);
        } else {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

static void string_to_floating(struct sl_kernel_call *call)
{
    const bool is_float = call->result->type.id == SL_TYPE_FLOAT;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = trimmed(call->arguments[0], row);
        const bool is_number =
            is_float
                ? sl_parse_float(span.data, span.length, &((float *)call->result->data)[row])
                : sl_parse_double(span.data, span.length, &((double *)call->result->data)[row]);
        if (!is_number) {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

static bool is_word(struct span span, const char *word)
{
    size_t at = 0;
    while (at < span.length && word[at] != '\0' && (span.data[at] | 0x20) == word[at]) {
        at++;
    }
    return at == span.length && word[at] == '\0';
}

static bool parse_boolean(struct span span, bool *value)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"f", "t"}, {"no", "yes"}, {"n", "y"}};
    for (size_t idx = 0; idx < SL_COUNT_OF(words); ++idx) {
        if (is_word(span, words[idx][0]) || is_word(span, words[idx][1])) {
            *value = is_word(span, words[idx][1]);
            return true;
        }
    }
    *value = span.length == 1 && span.data[0] == '1';
    return span.length == 1 && (span.data[0] == '0' || span.data[0] == '1');
}

static void string_to_boolean(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        bool value = false;
        if (!parse_boolean(trimmed(call->arguments[0], row), &value)) {
            op_set_error(call, row, SL_ROW_CAST);
        }
        ((uint8_t *)call->result->data)[row] = value;
    }
}

/* Of the part before the time. */
static size_t date_length(struct span span)
{
    size_t length = 0;
    while (length < span.length && span.data[length] != ' ' && span.data[length] != 'T') {
        length++;
    }
    return length;
}

/* A timestamp's text is taken, too: its date. */
static void string_to_date(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        struct span span = trimmed(call->arguments[0], row);
        int64_t timestamp;
        int32_t days;
        if (sl_timestamp_parse(span.data, span.length, 3, &timestamp, NULL)) {
            span.length = date_length(span);
        }
        if (sl_date_parse(span.data, span.length, &days)) {
            op_store_integer(call->result, row, days);
        } else {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

static void string_to_time(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = trimmed(call->arguments[0], row);
        int32_t ms_of_day;
        if (sl_time_parse(span.data, span.length, &ms_of_day)) {
            op_store_time(call->result, row, ms_of_day);
        } else {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

static void string_to_timestamp(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = trimmed(call->arguments[0], row);
        int64_t timestamp;
        if (sl_timestamp_parse(span.data, span.length, call->result->type.precision, &timestamp,
                               NULL)) {
            op_store_integer(call->result, row, timestamp);
        } else {
            op_set_error(call, row, SL_ROW_CAST);
        }
    }
}

/* Without a zone in the text it is a local time of the session's. */
static void string_to_ltz(struct sl_kernel_call *call)
{
    const uint32_t precision = call->result->type.precision;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct span span = trimmed(call->arguments[0], row);
        int64_t timestamp;
        bool has_zone;
        if (!sl_timestamp_parse(span.data, span.length, precision, &timestamp, &has_zone)) {
            op_set_error(call, row, SL_ROW_CAST);
        } else if (has_zone) {
            op_store_integer(call->result, row, timestamp);
        } else {
            op_store_integer(call->result, row, op_zone_to_utc(call->state, timestamp, precision));
        }
    }
}

#define FROM_STRINGS(type_name, kernel) \
    OP_CAST(type_name, kernel, SL_TYPE_CHAR), OP_CAST(type_name, kernel, SL_TYPE_VARCHAR)

const struct sl_function_def *const op_functions_cast_from_string[] = {
    FROM_STRINGS("BOOLEAN", string_to_boolean),
    FROM_STRINGS("TINYINT", string_to_integer),
    FROM_STRINGS("SMALLINT", string_to_integer),
    FROM_STRINGS("INT", string_to_integer),
    FROM_STRINGS("BIGINT", string_to_integer),
    FROM_STRINGS("DECIMAL", string_to_decimal),
    FROM_STRINGS("FLOAT", string_to_floating),
    FROM_STRINGS("DOUBLE", string_to_floating),
    FROM_STRINGS("DATE", string_to_date),
    FROM_STRINGS("TIME", string_to_time),
    FROM_STRINGS("TIMESTAMP", string_to_timestamp),
    OP_ZONED_CAST("TIMESTAMP_LTZ", string_to_ltz, SL_TYPE_CHAR),
    OP_ZONED_CAST("TIMESTAMP_LTZ", string_to_ltz, SL_TYPE_VARCHAR),
    NULL,
};
