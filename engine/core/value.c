/* SPDX-License-Identifier: Apache-2.0
 *
 * Values as JSON and as text.
 * Always true: JSON output is well-formed whatever the value is. */
#include "sluice/value.h"

#include <math.h>

#include "sluice/datetime.h"
#include "sluice/decimal.h"
#include "sluice/json.h"

void sl_base64_append(struct sl_text *text, const char *data, size_t length)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *at = (const uint8_t *)data;
    char *out = sl_text_reserve(text, (length / 3 + 1) * 4);
    if (out == NULL) {
        return;
    }
    for (; length >= 3; at += 3, length -= 3, out += 4, text->length += 4) {
        uint32_t bits = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
        out[0] = DIGITS[bits >> 18];
        out[1] = DIGITS[bits >> 12 & 63];
        out[2] = DIGITS[bits >> 6 & 63];
        out[3] = DIGITS[bits & 63];
    }
    if (length > 0) {
        uint32_t bits = (uint32_t)at[0] << 16 | (length == 2 ? (uint32_t)at[1] << 8 : 0);
        out[0] = DIGITS[bits >> 18];
        out[1] = DIGITS[bits >> 12 & 63];
        out[2] = length == 2 ? DIGITS[bits >> 6 & 63] : '=';
        out[3] = '=';
        text->length += 4;
    }
}

static int64_t load_integer(const struct sl_vector *vector, uint32_t idx)
{
    switch (vector->physical) {
    case SL_W1:
        return ((const int8_t *)vector->data)[idx];
    case SL_W2:
        return ((const int16_t *)vector->data)[idx];
    case SL_W4:
        return ((const int32_t *)vector->data)[idx];
    default:
        return ((const int64_t *)vector->data)[idx];
    }
}

static void append_decimal(struct sl_text *text, const struct sl_vector *vector, uint32_t idx)
{
    char digits[48];
    sl_int128 value = vector->physical == SL_W16 ? ((const sl_int128 *)vector->data)[idx]
                                                 : ((const int64_t *)vector->data)[idx];
    sl_text_append(text, digits, sl_decimal_format(value, vector->type.scale, digits));
}

static void append_year_month(struct sl_text *text, int64_t months)
{
    int64_t magnitude = months < 0 ? -months : months;
    sl_text_printf(text, "%c%lld-%02lld", months < 0 ? '-' : '+', (long long)(magnitude / 12),
                   (long long)(magnitude % 12));
}

static void append_day_time(struct sl_text *text, int64_t ms)
{
    uint64_t magnitude = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    uint64_t seconds = magnitude / 1000;
    sl_text_printf(text, "%c%llu %02u:%02u:%02u.%03u", ms < 0 ? '-' : '+',
                   (unsigned long long)(seconds / 86400), (unsigned)(seconds / 3600 % 24),
                   (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60),
                   (unsigned)(magnitude % 1000));
}

/* Dates, times, timestamps and intervals. */
static void append_time(struct sl_text *text, const struct sl_vector *vector, uint32_t idx)
{
    char digits[48];
    const struct sl_type *type = &vector->type;
    int64_t value = load_integer(vector, idx);
    switch (type->id) {
    case SL_TYPE_DATE:
        sl_text_append(text, digits, sl_date_format((int32_t)value, digits));
        break;
    case SL_TYPE_TIME:
        sl_text_append(text, digits, sl_time_format((int32_t)value, type->precision, digits));
        break;
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        append_year_month(text, value);
        break;
    case SL_TYPE_INTERVAL_DAY_TIME:
        append_day_time(text, value);
        break;
    default:
        sl_text_append(text, digits,
                       sl_timestamp_format(value, type->precision, SL_DATETIME_SQL,
                                           type->id == SL_TYPE_TIMESTAMP_LTZ, digits));
        break;
    }
}

static void append_list(struct sl_text *text, const struct sl_vector *list, uint32_t idx)
{
    const uint32_t *offsets = list->data;
    sl_text_append_char(text, '[');
    for (uint32_t element = offsets[idx]; element < offsets[idx + 1]; element++) {
        if (element > offsets[idx]) {
            sl_text_append_char(text, ',');
        }
        sl_value_append_json(text, &list->children[0], element);
    }
    sl_text_append_char(text, ']');
}

static bool is_quoted(enum sl_type_id id)
{
    return id >= SL_TYPE_DATE && id <= SL_TYPE_INTERVAL_DAY_TIME;
}

/* A map's key: a string as it is, anything else as the string of its text. */
static void append_key(struct sl_text *text, const struct sl_vector *keys, uint32_t row)
{
    struct sl_text key;
    sl_text_init(&key, text->account, text->limit_bytes);
    sl_value_append_text(&key, keys, row);
    sl_json_append_string(text, key.length == 0 ? "" : key.data, key.length);
    text->failed = text->failed || key.failed;
    sl_text_deinit(&key);
}

static void append_map(struct sl_text *text, const struct sl_vector *map, uint32_t idx)
{
    const uint32_t *offsets = map->data;
    sl_text_append_char(text, '{');
    for (uint32_t element = offsets[idx]; element < offsets[idx + 1]; element++) {
        if (element > offsets[idx]) {
            sl_text_append_char(text, ',');
        }
        append_key(text, &map->children[0], element);
        sl_text_append_char(text, ':');
        sl_value_append_json(text, &map->children[1], element);
    }
    sl_text_append_char(text, '}');
}

static void append_row(struct sl_text *text, const struct sl_vector *vector, uint32_t idx)
{
    sl_text_append_char(text, '{');
    for (uint32_t i = 0; i < vector->child_count; i++) {
        const char *name = vector->type.fields[i].name;
        if (i > 0) {
            sl_text_append_char(text, ',');
        }
        sl_json_append_string(text, name, strlen(name));
        sl_text_append_char(text, ':');
        sl_value_append_json(text, &vector->children[i], idx);
    }
    sl_text_append_char(text, '}');
}

static void append_view(struct sl_text *text, const struct sl_vector *vector, uint32_t idx,
                        bool as_json)
{
    const struct sl_view *view = &((const struct sl_view *)vector->data)[idx];
    const char *data = sl_view_data(view);
    if (!sl_type_is_binary(vector->type.id) && as_json) {
        sl_json_append_string(text, data, view->length);
    } else if (!sl_type_is_binary(vector->type.id)) {
        sl_text_append(text, data, view->length);
    } else {
        const char *quote = as_json ? "\"" : "";
        sl_text_append_string(text, quote);
        sl_base64_append(text, data, view->length);
        sl_text_append_string(text, quote);
    }
}

static void append_number(struct sl_text *text, const struct sl_vector *vector, uint32_t idx)
{
    switch (vector->type.id) {
    case SL_TYPE_FLOAT:
        sl_text_append_float(text, ((const float *)vector->data)[idx]);
        break;
    case SL_TYPE_DOUBLE:
        sl_text_append_double(text, ((const double *)vector->data)[idx]);
        break;
    case SL_TYPE_DECIMAL:
        append_decimal(text, vector, idx);
        break;
    default:
        sl_text_append_int64(text, load_integer(vector, idx));
        break;
    }
}

static bool is_finite(const struct sl_vector *vector, uint32_t idx)
{
    if (vector->type.id == SL_TYPE_FLOAT) {
        return isfinite(((const float *)vector->data)[idx]);
    }
    return vector->type.id != SL_TYPE_DOUBLE || isfinite(((const double *)vector->data)[idx]);
}

void sl_value_append_text(struct sl_text *text, const struct sl_vector *vector, uint32_t row)
{
    uint32_t idx = sl_vector_index(vector, row);
    enum sl_type_id id = vector->type.id;
    if (id == SL_TYPE_NULL || !sl_vector_is_valid(vector, row)) {
        return;
    }
    if (vector->physical == SL_LIST || vector->physical == SL_STRUCT) {
        sl_value_append_json(text, vector, row);
    } else if (vector->physical == SL_VIEW) {
        append_view(text, vector, idx, false);
    } else if (id == SL_TYPE_BOOLEAN) {
        sl_text_append_string(text, load_integer(vector, idx) != 0 ? "true" : "false");
    } else if (is_quoted(id)) {
        append_time(text, vector, idx);
    } else {
        append_number(text, vector, idx);
    }
}

void sl_value_append_json(struct sl_text *text, const struct sl_vector *vector, uint32_t row)
{
    uint32_t idx = sl_vector_index(vector, row);
    enum sl_type_id id = vector->type.id;
    bool is_null = id == SL_TYPE_NULL || !sl_vector_is_valid(vector, row);
    if (is_null || (vector->physical <= SL_W8 && !is_finite(vector, idx))) {
        sl_text_append(text, "null", 4);
    } else if (vector->physical == SL_STRUCT) {
        append_row(text, vector, idx);
    } else if (id == SL_TYPE_MAP) {
        append_map(text, vector, idx);
    } else if (vector->physical == SL_LIST) {
        append_list(text, vector, idx);
    } else if (vector->physical == SL_VIEW) {
        append_view(text, vector, idx, true);
    } else if (is_quoted(id)) {
        sl_text_append_char(text, '"');
        append_time(text, vector, idx);
        sl_text_append_char(text, '"');
    } else {
        sl_value_append_text(text, vector, row);
    }
}
