/* SPDX-License-Identifier: Apache-2.0
 *
 * Text to typed values. Always true: a refused text leaves the row's value unspecified and stores
 * nothing beyond it. */
#include "convert.h"

#include "sluice/arena.h"
#include "sluice/datetime.h"
#include "sluice/decimal.h"
#include "sluice/text.h"

#include <math.h>

enum conn_timestamp_style conn_timestamp_style(const char *option)
{
    if (option == NULL) {
        return CONN_TIMESTAMP_ANY;
    }
    return strcmp(option, "SQL") == 0 ? CONN_TIMESTAMP_SQL : CONN_TIMESTAMP_ISO8601;
}

enum sl_row_error conn_store_int64(struct sl_vector *vector, uint32_t row, int64_t value)
{
    switch (vector->type.id) {
    case SL_TYPE_BIGINT:
    case SL_TYPE_INTERVAL_DAY_TIME:
        ((int64_t *)vector->data)[row] = value;
        return SL_ROW_NONE;
    case SL_TYPE_INT:
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        ((int32_t *)vector->data)[row] = (int32_t)value;
        return value == (int32_t)value ? SL_ROW_NONE : SL_ROW_RANGE;
    case SL_TYPE_SMALLINT:
        ((int16_t *)vector->data)[row] = (int16_t)value;
        return value == (int16_t)value ? SL_ROW_NONE : SL_ROW_RANGE;
    case SL_TYPE_TINYINT:
        ((int8_t *)vector->data)[row] = (int8_t)value;
        return value == (int8_t)value ? SL_ROW_NONE : SL_ROW_RANGE;
    default:
        return SL_ROW_TYPE;
    }
}

static enum sl_row_error store_integer(struct sl_vector *vector, uint32_t row, const char *data,
                                       size_t length)
{
    int64_t value;
    if (sl_parse_int64(data, length, &value)) {
        return conn_store_int64(vector, row, value);
    }
    size_t digits = length > 0 && (data[0] == '-' || data[0] == '+') ? 1 : 0;
    bool is_integer = digits < length;
    for (; digits < length; digits++) {
        is_integer &= data[digits] >= '0' && data[digits] <= '9';
    }
    return is_integer ? SL_ROW_RANGE : SL_ROW_TYPE;
}

/* A number written in digits that is too large for the type is out of range; the word Infinity is
 * not. */
static enum sl_row_error store_floating(struct sl_vector *vector, uint32_t row, const char *data,
                                        size_t length)
{
    double value;
    if (!sl_parse_double(data, length, &value)) {
        return SL_ROW_TYPE;
    }
    bool is_word = memchr(data, 'I', length) != NULL;
    if (vector->type.id == SL_TYPE_DOUBLE) {
        ((double *)vector->data)[row] = value;
        return isinf(value) && !is_word ? SL_ROW_RANGE : SL_ROW_NONE;
    }
    bool is_too_large = isfinite(value) && fabs(value) >= 0x1.ffffffp127;
    float narrow = is_too_large ? 0.0f : (float)value;
    ((float *)vector->data)[row] = narrow;
    return is_too_large || (isinf(value) && !is_word) ? SL_ROW_RANGE : SL_ROW_NONE;
}

static enum sl_row_error store_decimal(struct sl_vector *vector, uint32_t row, const char *data,
                                       size_t length)
{
    sl_int128 value;
    if (!sl_decimal_parse(data, length, vector->type.precision, vector->type.scale, &value)) {
        double ignored;
        bool is_number = sl_parse_double(data, length, &ignored) && isfinite(ignored);
        return is_number ? SL_ROW_RANGE : SL_ROW_TYPE;
    }
    if (vector->physical == SL_W8) {
        ((int64_t *)vector->data)[row] = (int64_t)value;
    } else {
        ((sl_int128 *)vector->data)[row] = value;
    }
    return SL_ROW_NONE;
}

static enum sl_row_error store_boolean(struct sl_vector *vector, uint32_t row, const char *data,
                                       size_t length)
{
    bool value;
    if (!sl_parse_bool(data, length, &value)) {
        return SL_ROW_TYPE;
    }
    ((uint8_t *)vector->data)[row] = value;
    return SL_ROW_NONE;
}

static enum sl_row_error store_timestamp(const struct conn_conversion *conversion,
                                         struct sl_vector *vector, uint32_t row, const char *data,
                                         size_t length)
{
    int64_t value;
    bool has_zone = false;
    char separator = conversion->style == CONN_TIMESTAMP_SQL ? ' ' : 'T';
    if (conversion->style != CONN_TIMESTAMP_ANY && length > 10 && data[10] != separator) {
        return SL_ROW_TYPE;
    }
    if (!sl_timestamp_parse(data, length, vector->type.precision, &value, &has_zone)) {
        return SL_ROW_TYPE;
    }
    ((int64_t *)vector->data)[row] = value;
    return has_zone && vector->type.id == SL_TYPE_TIMESTAMP ? SL_ROW_TYPE : SL_ROW_NONE;
}

/* ---- base64 (RFC 4648), padded, without line breaks ---- */

static int32_t sextet(char character)
{
    if (character >= 'A' && character <= 'Z') {
        return character - 'A';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 26;
    }
    if (character >= '0' && character <= '9') {
        return character - '0' + 52;
    }
    return character == '+' ? 62 : character == '/' ? 63 : -1;
}

static bool decode_base64(const char *data, size_t length, unsigned char *out, size_t *out_length)
{
    size_t padding = length > 0 && data[length - 1] == '=';
    padding += padding == 1 && length > 1 && data[length - 2] == '=';
    if (length % 4 != 0) {
        return false;
    }
    *out_length = length / 4 * 3 - padding;
    size_t written = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < length; i++) {
        int32_t value = i < length - padding ? sextet(data[i]) : 0;
        if (value < 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)value;
        for (uint32_t byte = 0; i % 4 == 3 && byte < 3 && written < *out_length; byte++) {
            out[written++] = (unsigned char)(bits >> (16 - 8 * byte));
        }
    }
    return true;
}

static enum sl_row_error store_bytes(const struct conn_conversion *conversion,
                                     struct sl_vector *vector, uint32_t row, const char *data,
                                     size_t length)
{
    unsigned char *bytes = sl_arena_alloc_raw(conversion->strings, length + 1);
    size_t byte_count = 0;
    if (bytes == NULL) {
        return SL_ROW_SIZE;
    }
    if (!decode_base64(data, length, bytes, &byte_count)) {
        return SL_ROW_TYPE;
    }
    ((struct sl_view *)vector->data)[row] = sl_view_of((const char *)bytes, byte_count);
    return SL_ROW_NONE;
}

/* ---- */

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

enum sl_row_error conn_store_text(const struct conn_conversion *conversion,
                                  struct sl_vector *vector, uint32_t row, const char *data,
                                  size_t length)
{
    if (sl_type_is_string(vector->type.id)) {
        ((struct sl_view *)vector->data)[row] = sl_view_of(data, length);
        return SL_ROW_NONE;
    }
    while (length > 0 && is_blank(data[0])) {
        data++;
        length--;
    }
    while (length > 0 && is_blank(data[length - 1])) {
        length--;
    }
    switch (vector->type.id) {
    case SL_TYPE_BOOLEAN:
        return store_boolean(vector, row, data, length);
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        return store_floating(vector, row, data, length);
    case SL_TYPE_DECIMAL:
        return store_decimal(vector, row, data, length);
    case SL_TYPE_DATE:
        return sl_date_parse(data, length, &((int32_t *)vector->data)[row]) ? SL_ROW_NONE
                                                                            : SL_ROW_TYPE;
    case SL_TYPE_TIME:
        return sl_time_parse(data, length, &((int32_t *)vector->data)[row]) ? SL_ROW_NONE
                                                                            : SL_ROW_TYPE;
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return store_timestamp(conversion, vector, row, data, length);
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        return store_bytes(conversion, vector, row, data, length);
    default:
        return store_integer(vector, row, data, length);
    }
}
