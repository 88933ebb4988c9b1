/* SPDX-License-Identifier: Apache-2.0
 *
 * One JSON value to one value of a column. Always true: at a value of the wrong type nothing is
 * stored but a NULL, and only when the table says that errors are to be ignored. */
#include "json_decode.h"

#include "sluice/arena.h"
#include "sluice/decimal.h"
#include "sluice/json.h"

#include <math.h>

void conn_json_restore(struct sl_vector *vector, uint32_t row)
{
    if (vector->validity != NULL) {
        sl_bitmap_set(vector->validity, row);
    }
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        conn_json_restore(&vector->children[i], row);
    }
}

bool conn_json_store_null(struct json_decoder *decoder, const struct json_field *field,
                          struct sl_vector *vector, uint32_t row, const char *at)
{
    if (!field->type.nullable) {
        decoder->culprit = field;
        json_fail(&decoder->error, SL_ROW_NOT_NULL, "", at);
        return false;
    }
    sl_vector_set_null(vector, row);
    return true;
}

/* What to do with a value that does not fit its column: found says what stands there. */
static bool refuse(struct json_decoder *decoder, const struct json_field *field,
                   struct sl_vector *vector, uint32_t row, const struct json_error *error)
{
    if (decoder->ignores_errors) {
        return conn_json_store_null(decoder, field, vector, row, error->at);
    }
    decoder->culprit = field;
    decoder->error = *error;
    return false;
}

/* ---- scalars ---- */

static const double POWERS_OF_TEN[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static void store_view(struct sl_vector *vector, uint32_t row, const char *data, size_t length)
{
    struct sl_view *view = &((struct sl_view *)vector->data)[row];
    if (length <= SL_VIEW_INLINE_BYTES) {
        json_store_short(view, data, (uint32_t)length);
    } else {
        view->length = (uint32_t)length;
        memcpy(view->prefix, data, 4);
        view->tail.data = data;
    }
}

/* 12.0 and 1e3 are integers, too; 12.5 is none, and is not cut. */
static enum sl_row_error store_whole(struct sl_vector *vector, uint32_t row,
                                     const struct json_number *number)
{
    enum { DIGITS = 38, FRACTION_DIGITS = 18 };
    const sl_int128 one = 1000000000000000000;
    sl_int128 value;
    if (!sl_decimal_parse(number->data, number->length, DIGITS, FRACTION_DIGITS, &value)) {
        return SL_ROW_RANGE;
    }
    if (value % one != 0) {
        return SL_ROW_TYPE;
    }
    value /= one;
    bool fits = value >= INT64_MIN && value <= INT64_MAX;
    return fits ? conn_store_int64(vector, row, (int64_t)value) : SL_ROW_RANGE;
}

static enum sl_row_error store_number(const struct json_decoder *decoder, struct sl_vector *vector,
                                      uint32_t row, const struct json_number *number)
{
    int64_t exact = number->negative ? -(int64_t)number->mantissa : (int64_t)number->mantissa;
    switch (vector->type.id) {
    case SL_TYPE_DOUBLE:
        if (number->is_exact && number->mantissa < (UINT64_C(1) << 53)) {
            /* Both are exact doubles, so the division rounds once: Clinger's fast path. */
            double value = (double)number->mantissa / POWERS_OF_TEN[number->fraction_digits];
            ((double *)vector->data)[row] = number->negative ? -value : value;
            return SL_ROW_NONE;
        }
        break;
    case SL_TYPE_TINYINT:
    case SL_TYPE_SMALLINT:
    case SL_TYPE_INT:
    case SL_TYPE_BIGINT:
    case SL_TYPE_INTERVAL_YEAR_MONTH:
    case SL_TYPE_INTERVAL_DAY_TIME:
        return number->is_exact && number->is_integer ? conn_store_int64(vector, row, exact)
                                                      : store_whole(vector, row, number);
    case SL_TYPE_FLOAT:
    case SL_TYPE_DECIMAL:
        break;
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
        store_view(vector, row, number->data, number->length);
        return SL_ROW_NONE;
    default:
        return SL_ROW_TYPE;
    }
    return conn_store_text(&decoder->conversion, vector, row, number->data, number->length);
}

static enum sl_row_error store_unescaped(const struct json_decoder *decoder,
                                         struct sl_vector *vector, uint32_t row,
                                         const struct json_string *string)
{
    char *bytes = sl_arena_alloc_raw(decoder->strings, string->length);
    if (bytes == NULL) {
        return SL_ROW_SIZE;
    }
    size_t length = sl_json_unescape(string->data, string->length, bytes);
    SL_ASSERT(length != SIZE_MAX); /* the scanner has checked every escape */
    return conn_store_text(&decoder->conversion, vector, row, bytes, length);
}

static enum sl_row_error store_string(const struct json_decoder *decoder, struct sl_vector *vector,
                                      uint32_t row, const struct json_string *string)
{
    if (SL_UNLIKELY(string->escaped)) {
        return store_unescaped(decoder, vector, row, string);
    }
    if (SL_LIKELY(sl_type_is_string(vector->type.id))) {
        store_view(vector, row, string->data, string->length);
        return SL_ROW_NONE;
    }
    return conn_store_text(&decoder->conversion, vector, row, string->data, string->length);
}

static enum sl_row_error store_boolean(struct sl_vector *vector, uint32_t row, const char *text,
                                       size_t length)
{
    if (vector->type.id == SL_TYPE_BOOLEAN) {
        ((uint8_t *)vector->data)[row] = *text == 't';
        return SL_ROW_NONE;
    }
    if (sl_type_is_string(vector->type.id)) {
        store_view(vector, row, text, length);
        return SL_ROW_NONE;
    }
    return SL_ROW_TYPE;
}

static bool is_nested(const struct sl_vector *vector)
{
    return vector->physical == SL_LIST || vector->physical == SL_STRUCT;
}

static const char *decode_scalar(struct json_decoder *decoder, struct json_field *field,
                                 struct sl_vector *vector, uint32_t row, const char *at)
{
    struct json_error error = {.at = at};
    struct json_string string;
    struct json_number number;
    const char *behind;
    if (*at == '"') {
        error.text = "a string";
        behind = json_scan_string(at + 1, decoder->end, &string, &decoder->error);
        if (SL_LIKELY(behind != NULL)) {
            error.reason =
                is_nested(vector) ? SL_ROW_TYPE : store_string(decoder, vector, row, &string);
        }
    } else if (*at == '-' || (unsigned char)(*at - '0') <= 9) {
        error.text = "a number";
        behind = json_scan_number(at, decoder->end, &number, &decoder->error);
        if (SL_LIKELY(behind != NULL)) {
            error.reason = store_number(decoder, vector, row, &number);
        }
    } else {
        error.text = "a boolean";
        behind = json_scan_literal(at, &decoder->error);
        if (behind != NULL && *at == 'n') {
            return conn_json_store_null(decoder, field, vector, row, at) ? behind : NULL;
        }
        if (behind != NULL) {
            error.reason = store_boolean(vector, row, at, (size_t)(behind - at));
        }
    }
    if (SL_UNLIKELY(behind != NULL && error.reason != SL_ROW_NONE)) {
        return refuse(decoder, field, vector, row, &error) ? behind : NULL;
    }
    return behind;
}

/* ---- containers ---- */

/* Room for one more element behind the count that the row has. */
static bool reserve_element(struct json_decoder *decoder, struct sl_vector *list, uint32_t row,
                            uint32_t count, uint32_t *element)
{
    *element = ((uint32_t *)list->data)[row] + count;
    decoder->status =
        sl_vector_reserve_elements(list, *element + 1, decoder->strings, decoder->err);
    if (decoder->status != SL_OK) {
        json_fail(&decoder->error, SL_ROW_SIZE, "no memory for its elements", decoder->end);
        return false;
    }
    for (uint32_t i = 0; i < list->child_count; i++) {
        conn_json_restore(&list->children[i], *element);
    }
    return true;
}

/* The ',' or the closing byte behind an element: *is_end tells which. */
static const char *read_separator(struct json_decoder *decoder, const char *at, char closing,
                                  bool *is_end)
{
    at = json_skip_space(at, decoder->end);
    if (at >= decoder->end || (*at != ',' && *at != closing)) {
        return json_fail(&decoder->error, SL_ROW_SYNTAX,
                         closing == ']' ? "expected ',' or ']'" : "expected ',' or '}'", at);
    }
    *is_end = *at == closing;
    at++;
    return *is_end ? at : json_skip_space(at, decoder->end);
}

/* A map's key and its colon; the key is stored. */
static const char *decode_map_key(struct json_decoder *decoder, struct json_field *field,
                                  struct sl_vector *keys, uint32_t element, const char *at)
{
    if (at >= decoder->end || *at != '"') {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected a key", at);
    }
    at = decode_scalar(decoder, &field->elements[0], keys, element, at);
    if (at == NULL) {
        return NULL;
    }
    at = json_skip_space(at, decoder->end);
    if (at >= decoder->end || *at != ':') {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected ':'", at);
    }
    return json_skip_space(at + 1, decoder->end);
}

/* An array into an ARRAY, or an object into a MAP: elements in row order. */
static const char *decode_list(struct json_decoder *decoder, struct json_field *field,
                               struct sl_vector *vector, uint32_t row, const char *at,
                               uint32_t depth)
{
    bool is_map = field->type.id == SL_TYPE_MAP;
    char closing = is_map ? '}' : ']';
    uint32_t count = 0;
    at = json_skip_space(at + 1, decoder->end);
    bool is_end = at < decoder->end && *at == closing;
    at += is_end;
    while (!is_end) {
        uint32_t element;
        if (!reserve_element(decoder, vector, row, count, &element)) {
            return NULL;
        }
        if (is_map) {
            at = decode_map_key(decoder, field, &vector->children[0], element, at);
        }
        if (at != NULL && at >= decoder->end) {
            return json_fail(&decoder->error, SL_ROW_SYNTAX, "the text ends within a value", at);
        }
        if (at != NULL) {
            at = conn_json_decode_value(decoder, &field->elements[is_map],
                                        &vector->children[is_map], element, at, depth + 1);
        }
        if (at != NULL) {
            at = read_separator(decoder, at, closing, &is_end);
        }
        if (at == NULL) {
            return NULL;
        }
        count++;
    }
    uint32_t *offsets = vector->data;
    offsets[row + 1] = offsets[row] + count;
    return at;
}

/* A container where a scalar, or a container of the other kind, is wanted. */
static const char *decode_misfit(struct json_decoder *decoder, struct json_field *field,
                                 struct sl_vector *vector, uint32_t row, const char *at,
                                 uint32_t depth)
{
    struct json_error error = {
        .reason = SL_ROW_TYPE, .text = *at == '{' ? "an object" : "an array", .at = at};
    const char *behind = conn_json_skip_container(at, decoder->end, depth, &decoder->error);
    if (behind == NULL) {
        return NULL;
    }
    if (sl_type_is_string(field->type.id)) { /* its text */
        ((struct sl_view *)vector->data)[row] = sl_view_of(at, (size_t)(behind - at));
        return behind;
    }
    return refuse(decoder, field, vector, row, &error) ? behind : NULL;
}

static const char *decode_container(struct json_decoder *decoder, struct json_field *field,
                                    struct sl_vector *vector, uint32_t row, const char *at,
                                    uint32_t depth)
{
    if (depth >= JSON_DEPTH_MAX) {
        return json_fail(&decoder->error, SL_ROW_DEPTH, "nested deeper than 64", at);
    }
    if (field->type.id == SL_TYPE_ROW && *at == '{') {
        return conn_json_decode_object(decoder, field->object, vector->children, row, at, depth);
    }
    if (field->type.id == (*at == '{' ? SL_TYPE_MAP : SL_TYPE_ARRAY)) {
        return decode_list(decoder, field, vector, row, at, depth);
    }
    return decode_misfit(decoder, field, vector, row, at, depth);
}

const char *conn_json_decode_value(struct json_decoder *decoder, struct json_field *field,
                                   struct sl_vector *vector, uint32_t row, const char *at,
                                   uint32_t depth)
{
    return SL_UNLIKELY(*at == '{' || *at == '[')
               ? decode_container(decoder, field, vector, row, at, depth)
               : decode_scalar(decoder, field, vector, row, at);
}
