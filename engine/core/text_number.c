/* SPDX-License-Identifier: Apache-2.0
 *
 * Integers, booleans and floating point from and to text. Reading is correctly rounded, writing is
 * the shortest text that reads back, and neither looks at the process's locale. */
#include "number_text.h"
#include "sluice/text.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    INT64_DIGITS_MAX = 19,
    /* A double's midpoint has at most 767 significant digits: more only matter as "not zero". */
    DIGITS_MAX = 800,
    EXACT_POWER_MAX = 22,
    EXPONENT_CLAMP = 99999
};

static const double POWERS[EXACT_POWER_MAX + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

bool sl_parse_int64(const char *data, size_t length, int64_t *value)
{
    size_t i = length > 0 && (data[0] == '-' || data[0] == '+');
    bool negative = length > 0 && data[0] == '-';
    if (i == length) {
        return false;
    }
    while (length - i > 1 && data[i] == '0') {
        i++;
    }
    if (length - i > INT64_DIGITS_MAX) {
        return false;
    }
    uint64_t magnitude = 0;
    for (; i < length; i++) {
        unsigned digit = (unsigned)(uint8_t)data[i] - '0';
        if (digit > 9) {
            return false;
        }
        magnitude = magnitude * 10 + digit;
    }
    if (magnitude > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}

bool sl_parse_bool(const char *data, size_t length, bool *value)
{
    if (length == 4 && strncasecmp(data, "true", 4) == 0) {
        *value = true;
        return true;
    }
    if (length == 5 && strncasecmp(data, "false", 5) == 0) {
        *value = false;
        return true;
    }
    return false;
}

/* Reads C-locale text. The "C" locale object is static in the C library: no allocation. */
static double read_text(const char *text, bool as_float)
{
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    SL_ASSERT(locale != (locale_t)0);
    double value = as_float ? (double)strtof_l(text, NULL, locale) : strtod_l(text, NULL, locale);
    freelocale(locale);
    return value;
}

/* Writes the digits again, bounded, with a 1 in place of everything that was cut. */
static double read_long_number(const struct sl_number_text *number, bool as_float)
{
    char text[DIGITS_MAX + 24];
    size_t count = 0;
    bool cut = false;
    for (const char *at = number->digits; at < number->digits_end; at++) {
        if (*at == '.') {
            continue;
        }
        if (count < DIGITS_MAX) {
            text[count++] = *at;
        } else {
            cut |= *at != '0';
        }
    }
    int64_t exponent = number->exponent + (int64_t)(number->digit_count - count);
    if (cut) {
        text[count++] = '1';
        exponent--;
    }
    exponent = SL_MAX(SL_MIN(exponent, EXPONENT_CLAMP), -EXPONENT_CLAMP);
    snprintf(text + count, sizeof(text) - count, "e%d", (int)exponent);
    return read_text(text, as_float);
}

static double number_to_double(const struct sl_number_text *number)
{
    if (number->digit_count == 0) {
        return 0;
    }
    bool is_exact = number->digit_count <= SL_NUMBER_MANTISSA_DIGITS &&
                    number->mantissa <= (uint64_t)1 << 53 && number->exponent >= -EXACT_POWER_MAX &&
                    number->exponent <= EXACT_POWER_MAX;
    if (!is_exact) {
        return read_long_number(number, false);
    }
    /* Both factors are exact, so the one operation rounds correctly (Clinger). */
    double mantissa = (double)number->mantissa;
    return number->exponent < 0 ? mantissa / POWERS[-number->exponent]
                                : mantissa * POWERS[number->exponent];
}

static bool parse_special(const char *data, size_t length, double *value)
{
    bool negative = length > 0 && data[0] == '-';
    size_t skip = length > 0 && (data[0] == '-' || data[0] == '+');
    if (length - skip == 8 && memcmp(data + skip, "Infinity", 8) == 0) {
        *value = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (length - skip == 3 && memcmp(data + skip, "NaN", 3) == 0) {
        *value = NAN;
        return true;
    }
    return false;
}

bool sl_parse_double(const char *data, size_t length, double *value)
{
    struct sl_number_text number;
    if (!sl_number_scan(data, length, &number)) {
        return parse_special(data, length, value);
    }
    double magnitude = number_to_double(&number);
    *value = number.negative ? -magnitude : magnitude;
    return true;
}

bool sl_parse_float(const char *data, size_t length, float *value)
{
    struct sl_number_text number;
    double wide = 0;
    if (!sl_number_scan(data, length, &number)) {
        const bool is_special = parse_special(data, length, &wide);
        *value = (float)wide;
        return is_special;
    }
    /* A double holds such a number exactly, so that it is rounded once all the same. */
    bool is_exact = number.digit_count == 0 ||
                    (number.digit_count <= SL_NUMBER_MANTISSA_DIGITS && number.exponent >= 0 &&
                     number.exponent <= 6 && number.mantissa <= UINT32_MAX);
    wide = is_exact ? number_to_double(&number) : read_long_number(&number, true);
    *value = number.negative ? -(float)wide : (float)wide;
    return true;
}

static struct sl_shortest without_zeros(struct sl_shortest shortest)
{
    while (shortest.mantissa != 0 && shortest.mantissa % 10 == 0) {
        shortest.mantissa /= 10;
        shortest.exponent++;
    }
    return shortest;
}

/* Values with few decimals, the usual case. Of all decimals with at most digits_max (15 for double,
 * 6 for float) digits only one reads back to a value, so the first that does is the shortest. */
static bool shortest_of_few(double value, bool as_float, struct sl_shortest *shortest)
{
    double mantissa_end = as_float ? 1e6 : 1e15;
    for (int32_t i = 0; i <= 6; i++) {
        double scaled = value * POWERS[i];
        if (!(scaled < mantissa_end)) {
            return false;
        }
        double mantissa = nearbyint(scaled);
        double back = mantissa / POWERS[i];
        if (mantissa > 0 && (as_float ? (double)(float)back : back) == value) {
            *shortest = without_zeros((struct sl_shortest){(uint64_t)mantissa, -i});
            return true;
        }
    }
    return false;
}

static bool reads_back(struct sl_shortest shortest, double value, bool as_float)
{
    char text[48];
    snprintf(text, sizeof(text), "%llue%d", (unsigned long long)shortest.mantissa,
             (int)shortest.exponent);
    return read_text(text, as_float) == value;
}

/* The nearest decimal with digit_count digits. The decimal point's form is the locale's: skipped.
 */
static struct sl_shortest round_to_digits(double value, int digit_count)
{
    char text[64];
    struct sl_shortest result = {0, 0};
    snprintf(text, sizeof(text), "%.*e", digit_count - 1, value);
    const char *at = text;
    for (; *at != '\0' && *at != 'e'; at++) {
        if (*at >= '0' && *at <= '9') {
            result.mantissa = result.mantissa * 10 + (uint64_t)(*at - '0');
        }
    }
    SL_ASSERT(*at == 'e');
    result.exponent = (int32_t)strtol(at + 1, NULL, 10) - (digit_count - 1);
    return result;
}

/* Tries first to last digits. Above a power of two the gap is twice as wide as below, so there the
 * upper neighbour may read back although the nearest decimal does not. */
static struct sl_shortest shortest_of_many(double value, bool as_float, int first, int last)
{
    for (int digit_count = first; digit_count < last; digit_count++) {
        struct sl_shortest nearest = round_to_digits(value, digit_count);
        if (reads_back(nearest, value, as_float)) {
            return without_zeros(nearest);
        }
        int exponent;
        nearest.mantissa++;
        if (frexp(value, &exponent) == 0.5 && reads_back(nearest, value, as_float)) {
            return without_zeros(nearest);
        }
    }
    return without_zeros(round_to_digits(value, last));
}

struct sl_shortest sl_shortest_from_double(double value)
{
    struct sl_shortest shortest;
    if (shortest_of_few(value, false, &shortest)) {
        return shortest;
    }
    return shortest_of_many(value, false, value < 0x1p-1022 ? 2 : 15, 17);
}

struct sl_shortest sl_shortest_from_float(float value)
{
    struct sl_shortest shortest;
    if (shortest_of_few((double)value, true, &shortest)) {
        return shortest;
    }
    return shortest_of_many((double)value, true, value < 0x1p-126F ? 2 : 6, 9);
}

/* Digits of value at the end of buffer; returns their start. */
static char *write_digits(uint64_t value, char *end)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    return end;
}

void sl_text_append_int64(struct sl_text *text, int64_t value)
{
    char buffer[20];
    char *end = buffer + sizeof(buffer);
    char *start = write_digits(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, end);
    if (value < 0) {
        *--start = '-';
    }
    sl_text_append(text, start, (size_t)(end - start));
}

static void append_zeros(struct sl_text *text, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        sl_text_append_char(text, '0');
    }
}

/* point = how many of the digits stand before the point; may be negative or above count. */
static void append_plain(struct sl_text *text, const char *digits, int32_t count, int32_t point)
{
    if (point <= 0) {
        sl_text_append(text, "0.", 2);
        append_zeros(text, -point);
        sl_text_append(text, digits, (size_t)count);
    } else if (point >= count) {
        sl_text_append(text, digits, (size_t)count);
        append_zeros(text, point - count);
        sl_text_append(text, ".0", 2);
    } else {
        sl_text_append(text, digits, (size_t)point);
        sl_text_append_char(text, '.');
        sl_text_append(text, digits + point, (size_t)(count - point));
    }
}

/* Java's layout: plain from 10^-3 up to 10^7, else one digit, a point and an exponent. */
static void append_shortest(struct sl_text *text, struct sl_shortest shortest)
{
    char buffer[20];
    char *end = buffer + sizeof(buffer);
    char *digits = write_digits(shortest.mantissa, end);
    int32_t count = (int32_t)(end - digits);
    int32_t point = count + shortest.exponent;
    if (point > -3 && point <= 7) {
        append_plain(text, digits, count, point);
        return;
    }
    append_plain(text, digits, count, 1);
    sl_text_append_char(text, 'E');
    sl_text_append_int64(text, point - 1);
}

/* Sign, zero and the values that are not finite; false when a positive magnitude is left to
 * write. */
static bool append_special(struct sl_text *text, double value)
{
    if (isnan(value)) {
        sl_text_append_string(text, "NaN");
        return true;
    }
    if (signbit(value)) {
        sl_text_append_char(text, '-');
    }
    if (isinf(value) || value == 0) {
        sl_text_append_string(text, value == 0 ? "0.0" : "Infinity");
        return true;
    }
    return false;
}

void sl_text_append_double(struct sl_text *text, double value)
{
    if (!append_special(text, value)) {
        append_shortest(text, sl_shortest_from_double(fabs(value)));
    }
}

void sl_text_append_float(struct sl_text *text, float value)
{
    if (!append_special(text, (double)value)) {
        append_shortest(text, sl_shortest_from_float(fabsf(value)));
    }
}
