/* SPDX-License-Identifier: Apache-2.0
 *
 * Exact decimal arithmetic. Intermediate products have 256 bits, every result is rounded once (half
 * up, away from zero) and checked against the target precision last. */
#include "sluice/decimal.h"

#include "number_text.h"
#include "sluice/text.h"

#include <math.h>
#include <string.h>

enum { CHUNK_DIGITS = 19 };

static const uint64_t POWERS[CHUNK_DIGITS + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000U,
    100000000000U,
    1000000000000U,
    10000000000000U,
    100000000000000U,
    1000000000000000U,
    10000000000000000U,
    100000000000000000U,
    1000000000000000000U,
    10000000000000000000U,
};

struct wide {
    sl_uint128 high;
    sl_uint128 low;
};

static sl_uint128 power10(uint32_t exponent)
{
    if (exponent <= CHUNK_DIGITS) {
        return POWERS[exponent];
    }
    return (sl_uint128)POWERS[CHUNK_DIGITS] * POWERS[exponent - CHUNK_DIGITS];
}

sl_int128 sl_decimal_power10(uint32_t exponent)
{
    SL_ASSERT(exponent <= SL_DECIMAL_PRECISION_MAX);
    return (sl_int128)power10(exponent);
}

bool sl_decimal_fits(sl_int128 value, uint32_t precision)
{
    sl_int128 end = sl_decimal_power10(precision);
    return value < end && value > -end;
}

static sl_uint128 magnitude_of(sl_int128 value)
{
    return value < 0 ? 0 - (sl_uint128)value : (sl_uint128)value;
}

/* The checked end of every operation. */
static bool finish(sl_uint128 magnitude, bool negative, uint32_t precision, sl_int128 *result)
{
    SL_ASSERT(precision <= SL_DECIMAL_PRECISION_MAX);
    if (magnitude >= power10(precision)) {
        return false;
    }
    *result = negative ? -(sl_int128)magnitude : (sl_int128)magnitude;
    return true;
}

/* Quotient rounded half up; its maximum is far below 2^128 for divisor >= 2. */
static sl_uint128 divide_rounded(sl_uint128 value, sl_uint128 divisor)
{
    sl_uint128 quotient = value / divisor;
    sl_uint128 remainder = value % divisor;
    return quotient + (remainder >= divisor - remainder);
}

static struct wide wide_multiply(sl_uint128 a, sl_uint128 b)
{
    uint64_t a_low = (uint64_t)a;
    uint64_t a_high = (uint64_t)(a >> 64);
    uint64_t b_low = (uint64_t)b;
    uint64_t b_high = (uint64_t)(b >> 64);
    sl_uint128 low = (sl_uint128)a_low * b_low;
    sl_uint128 cross = (sl_uint128)a_high * b_low + (low >> 64);
    sl_uint128 other = (sl_uint128)a_low * b_high + (uint64_t)cross;
    return (struct wide){
        .high = (sl_uint128)a_high * b_high + (cross >> 64) + (other >> 64),
        .low = other << 64 | (uint64_t)low,
    };
}

/* value * factor; false beyond 256 bits. */
static bool wide_scale(struct wide *value, sl_uint128 factor)
{
    struct wide low = wide_multiply(value->low, factor);
    struct wide high = wide_multiply(value->high, factor);
    value->low = low.low;
    return high.high == 0 && !__builtin_add_overflow(high.low, low.high, &value->high);
}

/* Divides in place by a 64-bit divisor, limb by limb; returns the remainder. */
static uint64_t wide_divide_small(struct wide *value, uint64_t divisor)
{
    uint64_t limbs[4] = {(uint64_t)(value->high >> 64), (uint64_t)value->high,
                         (uint64_t)(value->low >> 64), (uint64_t)value->low};
    sl_uint128 remainder = 0;
    for (int i = 0; i < 4; i++) {
        sl_uint128 part = remainder << 64 | limbs[i];
        limbs[i] = (uint64_t)(part / divisor);
        remainder = part % divisor;
    }
    value->high = (sl_uint128)limbs[0] << 64 | limbs[1];
    value->low = (sl_uint128)limbs[2] << 64 | limbs[3];
    return (uint64_t)remainder;
}

/* Quotient rounded half up, for divisor <= 2^127; false when it does not fit 128 bits. The slow
 * path is long division bit by bit. */
static bool wide_divide_rounded(struct wide value, sl_uint128 divisor, sl_uint128 *quotient)
{
    if (value.high >= divisor) {
        return false;
    }
    if (value.high == 0) {
        *quotient = divide_rounded(value.low, divisor);
        return true;
    }
    sl_uint128 remainder = value.high;
    sl_uint128 result = 0;
    if (divisor >> 64 == 0) {
        remainder = wide_divide_small(&value, (uint64_t)divisor);
        result = value.low;
    } else {
        for (int bit = 127; bit >= 0; bit--) {
            remainder = remainder << 1 | (value.low >> bit & 1U);
            bool one = remainder >= divisor;
            remainder -= one ? divisor : 0;
            result = result << 1 | one;
        }
    }
    bool up = remainder >= divisor - remainder;
    return !__builtin_add_overflow(result, (sl_uint128)up, quotient);
}

bool sl_decimal_rescale(sl_int128 value, uint32_t from_scale, uint32_t to_scale, uint32_t precision,
                        sl_int128 *result)
{
    sl_uint128 magnitude = magnitude_of(value);
    uint32_t shift = to_scale > from_scale ? to_scale - from_scale : from_scale - to_scale;
    if (shift > SL_DECIMAL_PRECISION_MAX) {
        magnitude = to_scale > from_scale ? magnitude : 0;
        return (to_scale < from_scale || value == 0) && finish(magnitude, false, precision, result);
    }
    if (to_scale < from_scale) {
        magnitude = divide_rounded(magnitude, power10(shift));
    } else if (__builtin_mul_overflow(magnitude, power10(shift), &magnitude)) {
        return false;
    }
    return finish(magnitude, value < 0, precision, result);
}

/* Divides by 10^digits, rounded half up: only the last step's remainder decides, because half of
 * its divisor is a whole number. */
static void wide_cut_digits(struct wide *value, uint32_t digits)
{
    while (digits > 0) {
        uint32_t step = SL_MIN(digits, (uint32_t)CHUNK_DIGITS);
        uint64_t remainder = wide_divide_small(value, POWERS[step]);
        digits -= step;
        if (digits == 0 && remainder >= POWERS[step] / 2) {
            value->low++;
            value->high += value->low == 0;
        }
    }
}

/* value * 10^digits; false beyond 256 bits. */
static bool wide_add_digits(struct wide *value, uint32_t digits)
{
    while (digits > 0) {
        uint32_t step = SL_MIN(digits, (uint32_t)CHUNK_DIGITS);
        if (!wide_scale(value, POWERS[step])) {
            return false;
        }
        digits -= step;
    }
    return true;
}

static bool wide_is_less(const struct wide *a, const struct wide *b)
{
    return a->high != b->high ? a->high < b->high : a->low < b->low;
}

static struct wide wide_subtract(struct wide a, struct wide b)
{
    return (struct wide){.high = a.high - b.high - (a.low < b.low), .low = a.low - b.low};
}

static struct wide wide_sum(struct wide a, struct wide b)
{
    struct wide sum = {.high = a.high + b.high, .low = a.low + b.low};
    sum.high += sum.low < a.low;
    return sum;
}

/* Both terms have at most 76 digits at the common scale. */
bool sl_decimal_add(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                    uint32_t precision, uint32_t scale, sl_int128 *result)
{
    uint32_t common = SL_MAX(a_scale, b_scale);
    struct wide left = {.low = magnitude_of(a)};
    struct wide right = {.low = magnitude_of(b)};
    if (!wide_add_digits(&left, common - a_scale) || !wide_add_digits(&right, common - b_scale)) {
        return false;
    }
    bool negative = a < 0;
    struct wide sum;
    if ((a < 0) == (b < 0)) {
        sum = wide_sum(left, right);
    } else if (wide_is_less(&left, &right)) {
        sum = wide_subtract(right, left);
        negative = b < 0;
    } else {
        sum = wide_subtract(left, right);
    }
    if (common >= scale) {
        wide_cut_digits(&sum, common - scale);
    } else if (!wide_add_digits(&sum, scale - common)) {
        return false;
    }
    return sum.high == 0 && finish(sum.low, negative, precision, result);
}

static sl_uint128 add_modulo(sl_uint128 a, sl_uint128 b, sl_uint128 divisor)
{
    return (a + b) % divisor;
}

/* value * 10^digits % divisor, for divisor < 2^127: a digit is 8 and 2 times the rest before. */
static sl_uint128 shifted_modulo(sl_uint128 value, uint32_t digits, sl_uint128 divisor)
{
    value %= divisor;
    for (; digits > 0 && value != 0; digits--) {
        sl_uint128 twice = add_modulo(value, value, divisor);
        sl_uint128 fourfold = add_modulo(twice, twice, divisor);
        value = add_modulo(add_modulo(fourfold, fourfold, divisor), twice, divisor);
    }
    return value;
}

bool sl_decimal_modulo(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                       uint32_t precision, uint32_t scale, sl_int128 *result)
{
    SL_ASSERT(b != 0);
    uint32_t common = SL_MAX(a_scale, b_scale);
    sl_uint128 divisor;
    sl_uint128 rest = magnitude_of(a);
    if (__builtin_mul_overflow(magnitude_of(b), power10(common - b_scale), &divisor)) {
        /* More than 38 digits: a, which has its own scale then, is less. */
    } else if (divisor >> 127 != 0) {
        rest %= divisor;
    } else {
        rest = shifted_modulo(rest, common - a_scale, divisor);
    }
    sl_int128 value = a < 0 ? -(sl_int128)rest : (sl_int128)rest;
    return sl_decimal_rescale(value, common, scale, precision, result);
}

bool sl_decimal_multiply(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                         uint32_t precision, uint32_t scale, sl_int128 *result)
{
    bool negative = (a < 0) != (b < 0);
    uint32_t product_scale = a_scale + b_scale;
    sl_int128 product;
    if (product_scale == scale && !__builtin_mul_overflow(a, b, &product)) {
        return finish(magnitude_of(product), negative, precision, result);
    }
    struct wide value = wide_multiply(magnitude_of(a), magnitude_of(b));
    if (product_scale >= scale) {
        wide_cut_digits(&value, product_scale - scale);
    } else if (value.low == 0 && value.high == 0) {
        return finish(0, false, precision, result);
    } else if (!wide_add_digits(&value, scale - product_scale)) {
        return false;
    }
    return value.high == 0 && finish(value.low, negative, precision, result);
}

bool sl_decimal_divide(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                       uint32_t precision, uint32_t scale, sl_int128 *result)
{
    SL_ASSERT(b != 0);
    bool negative = (a < 0) != (b < 0);
    struct wide numerator = {.low = magnitude_of(a)};
    sl_uint128 divisor = magnitude_of(b);
    sl_uint128 quotient;
    if (a == 0) {
        return finish(0, false, precision, result);
    }
    if (scale + b_scale >= a_scale) {
        /* A numerator beyond 2^256 means a quotient beyond 2^128: it does not fit either. */
        bool divided = wide_add_digits(&numerator, scale + b_scale - a_scale) &&
                       wide_divide_rounded(numerator, divisor, &quotient);
        return divided && finish(quotient, negative, precision, result);
    }
    /* A divisor beyond 2^128 is more than twice the numerator: the quotient rounds to zero. */
    struct wide scaled = {.low = divisor};
    if (!wide_add_digits(&scaled, a_scale - scale - b_scale) || scaled.high != 0) {
        return finish(0, false, precision, result);
    }
    return finish(divide_rounded(numerator.low, scaled.low), negative, precision, result);
}

/* The integer made of the first count digits, rounded up by the next one. count <= 39. */
static sl_uint128 take_digits(const struct sl_number_text *number, uint64_t count)
{
    sl_uint128 value = 0;
    uint64_t taken = 0;
    for (const char *at = number->digits; at < number->digits_end; at++) {
        if (*at == '.') {
            continue;
        }
        if (taken++ == count) {
            return value + (*at >= '5');
        }
        value = value * 10 + (unsigned)(*at - '0');
    }
    return value;
}

bool sl_decimal_parse(const char *data, size_t length, uint32_t precision, uint32_t scale,
                      sl_int128 *result)
{
    struct sl_number_text number;
    if (!sl_number_scan(data, length, &number)) {
        return false;
    }
    int64_t shift = number.exponent + scale;
    int64_t kept = (int64_t)number.digit_count + shift; /* digits of the unscaled result */
    if (number.digit_count == 0 || kept < 0) {
        return finish(0, false, precision, result);
    }
    if (kept > SL_DECIMAL_PRECISION_MAX) {
        return false;
    }
    sl_uint128 magnitude = 0;
    if (shift < 0) {
        magnitude = take_digits(&number, (uint64_t)kept);
    } else {
        magnitude = number.digit_count <= SL_NUMBER_MANTISSA_DIGITS
                        ? number.mantissa
                        : take_digits(&number, number.digit_count);
        magnitude *= power10((uint32_t)shift);
    }
    return finish(magnitude, number.negative, precision, result);
}

bool sl_decimal_from_double(double value, uint32_t precision, uint32_t scale, sl_int128 *result)
{
    if (!isfinite(value)) {
        return false;
    }
    if (value == 0) {
        return finish(0, false, precision, result);
    }
    /* As Flink: the number that the double prints as, not its exact binary value. */
    struct sl_shortest shortest = sl_shortest_from_double(fabs(value));
    sl_int128 mantissa = (sl_int128)shortest.mantissa;
    mantissa = value < 0 ? -mantissa : mantissa;
    if (shortest.exponent <= 0) {
        return sl_decimal_rescale(mantissa, (uint32_t)-shortest.exponent, scale, precision, result);
    }
    return sl_decimal_rescale(mantissa, 0, scale + (uint32_t)shortest.exponent, precision, result);
}

double sl_decimal_to_double(sl_int128 value, uint32_t scale)
{
    enum { EXACT_BITS = 53, EXACT_POWER_MAX = 22 };
    if (magnitude_of(value) <= (uint64_t)1 << EXACT_BITS && scale <= EXACT_POWER_MAX) {
        return (double)(int64_t)value / (double)power10(scale);
    }
    char text[48];
    double result = 0;
    bool is_number = sl_parse_double(text, sl_decimal_format(value, scale, text), &result);
    SL_ASSERT(is_number);
    return result;
}

size_t sl_decimal_format(sl_int128 value, uint32_t scale, char out[48])
{
    char digits[48];
    char *at = digits + sizeof(digits);
    sl_uint128 rest = magnitude_of(value);
    uint32_t count = 0;
    SL_ASSERT(scale <= SL_DECIMAL_PRECISION_MAX);
    while (rest != 0 || count <= scale) {
        uint64_t chunk = (uint64_t)(rest % POWERS[CHUNK_DIGITS]);
        rest /= POWERS[CHUNK_DIGITS];
        for (int i = 0; i < CHUNK_DIGITS && (chunk != 0 || rest != 0 || count <= scale); i++) {
            if (count == scale && scale > 0) {
                *--at = '.';
            }
            *--at = (char)('0' + chunk % 10);
            chunk /= 10;
            count++;
        }
    }
    if (value < 0) {
        *--at = '-';
    }
    size_t length = (size_t)(digits + sizeof(digits) - at);
    memcpy(out, at, length);
    return length;
}
