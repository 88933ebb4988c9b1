/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading lines by shape: the one body of json_rows_v2.c, v3 and v4, which define JSON_READ_ROWS as
 * the name of what they export. Always true: before each step `at` is before the line's end, so
 * that no step reads more than 64 bytes behind it. */
#include "json_wide.h"

#define JSON_ASCII_TRUE UINT32_C(0x65757274)
#define JSON_ASCII_ALSE UINT32_C(0x65736C61)

/* The closing quote's position; NULL = not plain ASCII, or no end. *at is the first byte. */
static inline const char *string_end(const char *at, const char *end)
{
    uint64_t odd = json_wide_odd_mask(at);
    if (odd == 0) {
        for (at += 32; at < end && (odd = json_wide_odd_mask_64(at)) == 0; at += 64) {
        }
        if (odd == 0) {
            return NULL;
        }
    }
    at += __builtin_ctzll(odd);
    return SL_LIKELY(*at == '"') ? at : NULL;
}

static inline const char *read_string(struct json_decoder *decoder, struct json_step *step,
                                      uint32_t row, const char *at)
{
    const char *closing = *at == '"' ? string_end(at + 1, decoder->end) : NULL;
    if (SL_UNLIKELY(closing == NULL)) {
        return conn_json_step_value(decoder, step, row, at);
    }
    json_store_view(&((struct sl_view *)step->data)[row], at + 1, (uint32_t)(closing - at - 1));
    return closing + 1;
}

/* An integer of at most 15 digits. */
static inline const char *read_integer(const struct json_shape *shape, const char *at,
                                       int64_t *value)
{
    struct json_parts parts;
    bool is_negative = *at == '-';
    at += is_negative;
    if (SL_UNLIKELY(!json_wide_number(at, false, &parts))) {
        return NULL;
    }
    int64_t magnitude = (int64_t)json_wide_mantissa(shape, at, &parts);
    *value = is_negative ? -magnitude : magnitude;
    return at + parts.length;
}

static inline const char *read_int64(const struct json_run *run, struct json_step *step,
                                     const char *at)
{
    const char *behind = read_integer(run->shape, at, &((int64_t *)step->data)[run->row]);
    return SL_LIKELY(behind != NULL) ? behind
                                     : conn_json_step_value(run->decoder, step, run->row, at);
}

static inline const char *read_int32(const struct json_run *run, struct json_step *step,
                                     const char *at)
{
    int64_t value;
    const char *behind = read_integer(run->shape, at, &value);
    if (SL_UNLIKELY(behind == NULL || value != (int32_t)value)) {
        return conn_json_step_value(run->decoder, step, run->row, at);
    }
    ((int32_t *)step->data)[run->row] = (int32_t)value;
    return behind;
}

/* Digits and power of ten are exact doubles, so that the division rounds once: William Clinger,
 * "How to read floating point numbers accurately". */
static inline const char *read_double(const struct json_run *run, struct json_step *step,
                                      const char *at)
{
    static const double POWERS[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    struct json_parts parts;
    bool is_negative = *at == '-';
    const char *digits = at + is_negative;
    if (SL_UNLIKELY(!json_wide_number(digits, true, &parts))) {
        return conn_json_step_value(run->decoder, step, run->row, at);
    }
    uint32_t fraction = parts.length - parts.whole;
    fraction -= fraction > 0;
    double magnitude =
        (double)(int64_t)json_wide_mantissa(run->shape, digits, &parts) / POWERS[fraction];
    ((double *)step->data)[run->row] = is_negative ? -magnitude : magnitude;
    return digits + parts.length;
}

static inline const char *read_boolean(const struct json_run *run, struct json_step *step,
                                       const char *at)
{
    uint32_t words[2];
    memcpy(&words[0], at, sizeof words[0]);
    memcpy(&words[1], at + 1, sizeof words[1]);
    bool is_true = words[0] == JSON_ASCII_TRUE;
    if (SL_UNLIKELY(!is_true && (*at != 'f' || words[1] != JSON_ASCII_ALSE))) {
        return conn_json_step_value(run->decoder, step, run->row, at);
    }
    ((uint8_t *)step->data)[run->row] = is_true;
    return at + 5 - is_true;
}

static inline const char *skip_string(struct json_decoder *decoder, const struct json_step *step,
                                      const char *at)
{
    const char *closing = *at == '"' ? string_end(at + 1, decoder->end) : NULL;
    return SL_LIKELY(closing != NULL) ? closing + 1 : conn_json_step_skip(decoder, step, at);
}

static inline const char *skip_number(struct json_decoder *decoder, const struct json_step *step,
                                      const char *at)
{
    struct json_parts parts;
    const char *digits = at + (*at == '-');
    return SL_LIKELY(json_wide_number(digits, true, &parts))
               ? digits + parts.length
               : conn_json_step_skip(decoder, step, at);
}

static inline const char *skip_literal(struct json_decoder *decoder, const struct json_step *step,
                                       const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return SL_LIKELY(word == JSON_ASCII_TRUE) ? at + 4 : conn_json_step_skip(decoder, step, at);
}

static inline const char *read_value(const struct json_run *run, struct json_step *step,
                                     const char *at)
{
    switch (step->op) {
    case JSON_STEP_STRING:
        return read_string(run->decoder, step, run->row, at);
    case JSON_STEP_INT64:
        return read_int64(run, step, at);
    case JSON_STEP_DOUBLE:
        return read_double(run, step, at);
    case JSON_STEP_SKIP_STRING:
        return skip_string(run->decoder, step, at);
    case JSON_STEP_SKIP_NUMBER:
        return skip_number(run->decoder, step, at);
    case JSON_STEP_SKIP:
        return skip_literal(run->decoder, step, at);
    case JSON_STEP_TIMESTAMP:
        return conn_json_step_timestamp(run->decoder, step, run->row, at);
    case JSON_STEP_INT32:
        return read_int32(run, step, at);
    case JSON_STEP_BOOLEAN:
        return read_boolean(run, step, at);
    case JSON_STEP_VALUE:
        return conn_json_step_value(run->decoder, step, run->row, at);
    case JSON_STEP_TEXT:
    case JSON_STEP_END:
        break;
    }
    return at;
}

/* Stores the value of a step whose guess was right but for quotes within a string; false: they are
 * there. */
static inline bool take_guess(const struct json_run *run, const struct json_step *step,
                              const char *at)
{
    const struct json_guess *guess = &step->guess;
    const char *value = at + step->text_length;
    switch (step->op) {
    case JSON_STEP_STRING:
        json_store_view(&((struct sl_view *)step->data)[run->row], value + 1, guess->value_length);
        return json_wide_guess_body(guess, at);
    case JSON_STEP_SKIP_STRING:
        return json_wide_guess_body(guess, at);
    case JSON_STEP_INT64:
        ((int64_t *)step->data)[run->row] =
            ((int64_t)json_wide_join(value, guess->join) ^ guess->sign) - guess->sign;
        return true;
    case JSON_STEP_INT32:
        ((int32_t *)step->data)[run->row] =
            (int32_t)(((int64_t)json_wide_join(value, guess->join) ^ guess->sign) - guess->sign);
        return true;
    case JSON_STEP_DOUBLE:
        ((double *)step->data)[run->row] =
            (double)(int64_t)json_wide_join(value, guess->join) / guess->divisor;
        return true;
    case JSON_STEP_BOOLEAN:
        ((uint8_t *)step->data)[run->row] = guess->sign != 0;
        return true;
    default:
        return true;
    }
}

/* A step whose guess was wrong. NULL: the line does not fit. */
static inline const char *read_step(const struct json_run *run, struct json_step *step,
                                    const char *at)
{
    if (SL_UNLIKELY(!json_wide_fits(step, at))) {
        return NULL;
    }
    const char *behind = read_value(run, step, at + step->text_length);
    if (step->guesses && behind != NULL && step->misses++ % 16 == 0) {
        conn_json_guess_learn(step, at, behind);
    }
    return behind;
}

/* Whether the line fits, and is decoded. */
static inline bool read_row(const struct json_run *run, const char *at)
{
    const char *end = run->decoder->end;
    struct json_step *step = run->shape->steps;
    for (; step->op != JSON_STEP_END; step++) {
        if (SL_UNLIKELY(at >= end)) {
            return false;
        }
        if (step->guess.length != 0 && json_wide_guess(&step->guess, at) &&
            take_guess(run, step, at)) {
            at += step->guess.length;
            continue;
        }
        at = read_step(run, step, at);
        if (SL_UNLIKELY(at == NULL)) {
            return false;
        }
    }
    return at < end && json_wide_fits(step, at) && at + step->text_length == end;
}

void JSON_READ_ROWS(struct json_run *run)
{
    struct json_shape *shape = run->shape;
    while (run->span < run->span_count && run->row < run->row_capacity) {
        const struct sl_span *span = &run->spans[run->span];
        run->decoder->end = span->data + span->length;
        if (SL_UNLIKELY(!read_row(run, span->data))) {
            return;
        }
        for (uint32_t i = 0; i < shape->missing_count; i++) {
            sl_vector_set_null(shape->missing[i]->vector, run->row);
        }
        run->row_spans[run->row++] = (uint16_t)run->span++;
    }
}
