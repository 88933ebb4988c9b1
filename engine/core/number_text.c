/* SPDX-License-Identifier: Apache-2.0
 *
 * Scans written numbers into digits and exponent. Huge exponents saturate far outside of what any
 * type can hold, so no length of input overflows. */
#include "number_text.h"

/* Larger than any input's length, small enough to add a few of them. */
#define EXPONENT_LIMIT ((int64_t)1 << 60)

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static const char *scan_digits(const char *at, const char *end, struct sl_number_text *number)
{
    for (; at < end && is_digit(*at); at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (number->digit_count == 0) {
            if (digit == 0) {
                continue;
            }
            number->digits = at;
        }
        if (number->digit_count < SL_NUMBER_MANTISSA_DIGITS) {
            number->mantissa = number->mantissa * 10 + digit;
        }
        number->digit_count++;
    }
    return at;
}

/* Reads "e-12" at at; NULL when it is malformed. */
static const char *scan_exponent(const char *at, const char *end, int64_t *exponent)
{
    at++;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    if (at == end || !is_digit(*at)) {
        return NULL;
    }
    int64_t magnitude = 0;
    for (; at < end && is_digit(*at); at++) {
        if (magnitude < EXPONENT_LIMIT / 10) {
            magnitude = magnitude * 10 + (*at - '0');
        }
    }
    *exponent = negative ? -magnitude : magnitude;
    return at;
}

bool sl_number_scan(const char *data, size_t length, struct sl_number_text *number)
{
    *number = (struct sl_number_text){.negative = false};
    if (length == 0) {
        return false;
    }
    const char *at = data;
    const char *end = data + length;
    number->negative = *at == '-';
    if (*at == '-' || *at == '+') {
        at++;
    }
    const char *start = at;
    at = scan_digits(at, end, number);
    int64_t digit_bytes = at - start;
    if (at < end && *at == '.') {
        start = ++at;
        at = scan_digits(at, end, number);
        number->exponent = -(int64_t)(at - start);
        digit_bytes += at - start;
    }
    number->digits_end = at;
    if (digit_bytes == 0) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        int64_t exponent = 0;
        at = scan_exponent(at, end, &exponent);
        number->exponent += exponent;
    }
    return at == end;
}
