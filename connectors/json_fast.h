/* SPDX-License-Identifier: Apache-2.0
 *
 * The usual JSON scalars in as few instructions as can be: strings without escapes in ASCII,
 * numbers of at most 14 digits without exponent that end at ',' or '}', true, false and null. Each
 * returns the byte behind the value, or NULL = not that usual: then json_scan.h starts at it again,
 * and says what is wrong if anything is. */
#ifndef CONNECTORS_JSON_FAST_H
#define CONNECTORS_JSON_FAST_H

#include "json_block.h"

/* The value's length in bytes, without its quotes, is *length; *at is the opening quote. */
static inline const char *json_fast_string(const char *at, const char *end, uint32_t *length)
{
    const char *begin = ++at;
    uint32_t stop = json_odd_mask(at);
    while (SL_UNLIKELY(stop == 0)) {
        at += 16;
        if (at >= end) {
            return NULL;
        }
        stop = json_odd_mask(at);
    }
    at += json_first_bit(stop);
    *length = (uint32_t)(at - begin);
    return SL_LIKELY(*at == '"') ? at + 1 : NULL;
}

/* How a number is laid out: at most 15 bytes behind its sign. */
struct json_layout {
    bool negative;
    uint32_t whole;    /* digits, 1 to 15 */
    uint32_t fraction; /* digits behind the point, 0 to 8 */
};

/* *at is '-' or a digit. */
static inline const char *json_fast_layout(const char *at, struct json_layout *layout)
{
    layout->negative = *at == '-';
    at += layout->negative;
    uint32_t mask = json_digit_mask(at);
    uint32_t whole = json_first_bit(~mask);
    const char *behind = at + whole;
    layout->whole = whole;
    layout->fraction = 0;
    if (*behind == '.') {
        uint32_t fraction = json_first_bit(~(mask >> whole >> 1));
        layout->fraction = fraction;
        behind += 1 + fraction;
        if (SL_UNLIKELY(fraction - 1 > 7)) { /* none, or more than 8 */
            return NULL;
        }
    }
    bool is_odd = whole == 0 || behind - at > 15 || (*at == '0' && whole > 1);
    return SL_LIKELY(!is_odd && (*behind == ',' || *behind == '}')) ? behind : NULL;
}

/* Value of 1 to 15 digits. */
static inline uint64_t json_whole_value(const char *at, uint32_t whole)
{
    if (whole <= 8) {
        return json_digits_value(at, whole);
    }
    return json_digits_value(at, whole - 8) * 100000000 + json_digits_value(at + whole - 8, 8);
}

static inline const char *json_fast_int64(const char *at, int64_t *value)
{
    struct json_layout layout;
    const char *behind = json_fast_layout(at, &layout);
    if (SL_UNLIKELY(behind == NULL || layout.fraction > 0)) {
        return NULL;
    }
    int64_t magnitude = (int64_t)json_whole_value(at + layout.negative, layout.whole);
    *value = layout.negative ? -magnitude : magnitude;
    return behind;
}

/* Digits and power of ten are exact doubles, so that the division rounds once: William Clinger,
 * "How to read floating point numbers accurately". */
static inline const char *json_fast_double(const char *at, double *value)
{
    static const struct {
        uint64_t integer;
        double real;
    } POWERS[] = {{1, 1},         {10, 10},        {100, 100},
                  {1000, 1000},   {10000, 10000},  {100000, 100000},
                  {1000000, 1e6}, {10000000, 1e7}, {100000000, 1e8}};
    struct json_layout layout;
    const char *behind = json_fast_layout(at, &layout);
    if (SL_UNLIKELY(behind == NULL)) {
        return NULL;
    }
    at += layout.negative;
    uint64_t mantissa = json_whole_value(at, layout.whole);
    if (layout.fraction > 0) {
        mantissa = mantissa * POWERS[layout.fraction].integer +
                   json_digits_value(at + layout.whole + 1, layout.fraction);
    }
    double magnitude = (double)mantissa / POWERS[layout.fraction].real;
    *value = layout.negative ? -magnitude : magnitude;
    return behind;
}

/* Any usual scalar that nobody wants. */
static inline const char *json_fast_skip(const char *at, const char *end)
{
    uint32_t word;
    if (*at == '"') {
        uint32_t length;
        return json_fast_string(at, end, &length);
    }
    if ((unsigned char)(*at - '0') <= 9 || *at == '-') {
        struct json_layout layout;
        return json_fast_layout(at, &layout);
    }
    memcpy(&word, at, sizeof word);
    if (word == UINT32_C(0x65757274) || word == UINT32_C(0x6C6C756E)) { /* true, null */
        return at + 4;
    }
    memcpy(&word, at + 1, sizeof word);
    return *at == 'f' && word == UINT32_C(0x65736C61) ? at + 5 : NULL; /* alse */
}

#endif
