/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts to CHAR, VARCHAR and bytes, in Flink's spelling: TRUE, 1.0E10, 2026-11-21 22:00:00.000. A
 * longer text is cut to the target's length, a CHAR is padded with spaces. */
#include "sluice/decimal.h"
#include "sluice/value.h"

#include "kernel_cast.h"

enum { TEXT_BYTES = 400 };

/* Bytes of the first character_count characters. */
static size_t prefix_bytes(const char *data, size_t length, uint32_t character_count)
{
    size_t at = 0;
    for (uint32_t count = 0; at < length; ++at) {
        const bool starts = ((unsigned char)data[at] & 0xc0) != 0x80;
        if (starts && count++ == character_count) {
            break;
        }
    }
    return at;
}

static void store_padded(struct sl_kernel_call *call, uint32_t row, const char *data, size_t length,
                         size_t pad_bytes, char pad)
{
    char *room = op_string_room(call, row, length + pad_bytes);
    if (room == NULL) {
        return;
    }
    if (length > 0) {
        memcpy(room, data, length);
    }
    memset(room + length, pad, pad_bytes);
    op_store_borrowed(call, row, room, length + pad_bytes);
}

/* is_kept: data outlives the batch's trip. */
static void store(struct sl_kernel_call *call, uint32_t row, const char *data, size_t length,
                  bool is_kept)
{
    const struct sl_type *type = &call->result->type;
    if (length > type->length) {
        length = prefix_bytes(data, length, type->length);
    }
    if (type->id == SL_TYPE_CHAR) {
        const size_t count = sl_utf8_count(data, length);
        if (count < type->length) {
            store_padded(call, row, data, length, type->length - count, ' ');
            return;
        }
    }
    if (is_kept) {
        op_store_borrowed(call, row, data, length);
    } else {
        op_store_copy(call, row, data, length);
    }
}

static void string_to_string(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        store(call, row, sl_view_data(view), view->length, true);
    }
}

/* Text must be UTF-8; bytes need not be. */
static void binary_to_string(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        if (sl_utf8_check(sl_view_data(view), view->length) < view->length) {
            op_set_error(call, row, SL_ROW_CAST);
            op_store_borrowed(call, row, "", 0);
        } else {
            store(call, row, sl_view_data(view), view->length, true);
        }
    }
}

/* Cut to the target's length; a BINARY is padded with zero bytes. */
static void string_to_binary(struct sl_kernel_call *call)
{
    const struct sl_type *type = &call->result->type;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        const size_t length = SL_MIN(view->length, type->length);
        if (type->id == SL_TYPE_BINARY && length < type->length) {
            store_padded(call, row, sl_view_data(view), length, type->length - length, '\0');
        } else {
            op_store_borrowed(call, row, sl_view_data(view), length);
        }
    }
}

static void boolean_to_string(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const bool value = ((const uint8_t *)argument->data)[sl_vector_index(argument, row)];
        store(call, row, value ? "TRUE" : "FALSE", value ? 4 : 5, true);
    }
}

static size_t format_int64(int64_t value, char out[24])
{
    char reversed[24];
    size_t count = 0;
    size_t length = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        reversed[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        out[length++] = '-';
    }
    while (count > 0) {
        out[length++] = reversed[--count];
    }
    return length;
}

static void integer_to_string(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        char text[24];
        store(call, row, text, format_int64(op_load_integer(call->arguments[0], row), text), false);
    }
}

static void decimal_to_string(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        char text[48];
        const size_t length =
            sl_decimal_format(op_load_decimal(argument, row), argument->type.scale, text);
        store(call, row, text, length, false);
    }
}

static void floating_to_string(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const bool is_float = argument->type.id == SL_TYPE_FLOAT;
    struct sl_text text;
    sl_text_init(&text, NULL, TEXT_BYTES);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const uint32_t at = sl_vector_index(argument, row);
        sl_text_reset(&text);
        if (is_float) {
            sl_text_append_float(&text, ((const float *)argument->data)[at]);
        } else {
            sl_text_append_double(&text, ((const double *)argument->data)[at]);
        }
        if (text.failed) {
            op_set_error(call, row, SL_ROW_SIZE);
        }
        store(call, row, text.data, text.length, false);
    }
    sl_text_deinit(&text);
}

static void date_to_string(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        char text[16];
        const int32_t days = (int32_t)op_load_integer(call->arguments[0], row);
        store(call, row, text, sl_date_format(days, text), false);
    }
}

static void time_to_string(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        char text[16];
        const int32_t time = (int32_t)op_load_integer(argument, row);
        store(call, row, text, sl_time_format(time, argument->type.precision, text), false);
    }
}

/* The state is the zone of a TIMESTAMP_LTZ; NULL, which changes nothing, for a TIMESTAMP. */
static void timestamp_to_string(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        char text[48];
        const int64_t local =
            op_zone_to_local(call->state, op_load_integer(argument, row), precision);
        store(call, row, text, sl_timestamp_format(local, precision, SL_DATETIME_SQL, false, text),
              false);
    }
}

static void interval_to_string(struct sl_kernel_call *call)
{
    struct sl_text text;
    sl_text_init(&text, NULL, TEXT_BYTES);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        sl_text_reset(&text);
        sl_value_append_text(&text, call->arguments[0], row);
        if (text.failed) {
            op_set_error(call, row, SL_ROW_SIZE);
        }
        store(call, row, text.data, text.length, false);
    }
    sl_text_deinit(&text);
}

#define TO_BYTES(kernel, from) OP_CAST("VARBINARY", kernel, from), OP_CAST("BINARY", kernel, from)
#define TO_STRINGS(kernel, from) OP_CAST("VARCHAR", kernel, from), OP_CAST("CHAR", kernel, from)

const struct sl_function_def *const op_functions_cast_to_string[] = {
    TO_STRINGS(boolean_to_string, SL_TYPE_BOOLEAN),
    TO_STRINGS(integer_to_string, SL_TYPE_TINYINT),
    TO_STRINGS(integer_to_string, SL_TYPE_SMALLINT),
    TO_STRINGS(integer_to_string, SL_TYPE_INT),
    TO_STRINGS(integer_to_string, SL_TYPE_BIGINT),
    TO_STRINGS(decimal_to_string, SL_TYPE_DECIMAL),
    TO_STRINGS(floating_to_string, SL_TYPE_FLOAT),
    TO_STRINGS(floating_to_string, SL_TYPE_DOUBLE),
    TO_STRINGS(string_to_string, SL_TYPE_CHAR),
    TO_STRINGS(string_to_string, SL_TYPE_VARCHAR),
    TO_STRINGS(binary_to_string, SL_TYPE_BINARY),
    TO_STRINGS(binary_to_string, SL_TYPE_VARBINARY),
    TO_STRINGS(date_to_string, SL_TYPE_DATE),
    TO_STRINGS(time_to_string, SL_TYPE_TIME),
    TO_STRINGS(timestamp_to_string, SL_TYPE_TIMESTAMP),
    OP_ZONED_CAST("VARCHAR", timestamp_to_string, SL_TYPE_TIMESTAMP_LTZ),
    OP_ZONED_CAST("CHAR", timestamp_to_string, SL_TYPE_TIMESTAMP_LTZ),
    TO_STRINGS(interval_to_string, SL_TYPE_INTERVAL_YEAR_MONTH),
    TO_STRINGS(interval_to_string, SL_TYPE_INTERVAL_DAY_TIME),
    TO_BYTES(string_to_binary, SL_TYPE_CHAR),
    TO_BYTES(string_to_binary, SL_TYPE_VARCHAR),
    TO_BYTES(string_to_binary, SL_TYPE_BINARY),
    TO_BYTES(string_to_binary, SL_TYPE_VARBINARY),
    NULL,
};
