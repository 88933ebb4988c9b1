/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal arithmetic as it is done on paper: digits, least first, and a sign. Slow and plain, so
 * that it can be believed. */
#include <stdlib.h>

#include "support_tree.h"

enum { DIGITS = 256 };

struct digits {
    bool is_negative;
    int scale; /* digits behind the point */
    unsigned char digit[DIGITS];
};

static struct digits digits_of(sl_int128 value, int scale)
{
    struct digits result = {.is_negative = value < 0, .scale = scale};
    for (int at = 0; value != 0; at++) {
        result.digit[at] = (unsigned char)abs((int)(value % 10));
        value /= 10;
    }
    return result;
}

static int digit_count(const struct digits *digits)
{
    int count = DIGITS;
    while (count > 0 && digits->digit[count - 1] == 0) {
        count--;
    }
    return count;
}

static void shift_left(struct digits *digits, int places)
{
    for (int at = DIGITS - 1; at >= 0; at--) {
        digits->digit[at] = at >= places ? digits->digit[at - places] : 0;
    }
    digits->scale += places;
}

/* Of magnitudes with one scale. */
static int compare_magnitudes(const struct digits *a, const struct digits *b)
{
    for (int at = DIGITS - 1; at >= 0; at--) {
        if (a->digit[at] != b->digit[at]) {
            return a->digit[at] < b->digit[at] ? -1 : 1;
        }
    }
    return 0;
}

static void add_magnitude(struct digits *a, const struct digits *b)
{
    int carry = 0;
    for (int at = 0; at < DIGITS; at++) {
        const int sum = a->digit[at] + b->digit[at] + carry;
        a->digit[at] = (unsigned char)(sum % 10);
        carry = sum / 10;
    }
}

/* |a| >= |b|. */
static void subtract_magnitude(struct digits *a, const struct digits *b)
{
    int borrow = 0;
    for (int at = 0; at < DIGITS; at++) {
        const int difference = a->digit[at] - b->digit[at] - borrow;
        borrow = difference < 0;
        a->digit[at] = (unsigned char)(difference + 10 * borrow);
    }
}

static void align(struct digits *a, struct digits *b)
{
    const int scale = a->scale > b->scale ? a->scale : b->scale;
    shift_left(a, scale - a->scale);
    shift_left(b, scale - b->scale);
}

static struct digits add(struct digits a, struct digits b)
{
    align(&a, &b);
    if (a.is_negative == b.is_negative) {
        add_magnitude(&a, &b);
        return a;
    }
    if (compare_magnitudes(&a, &b) >= 0) {
        subtract_magnitude(&a, &b);
        return a;
    }
    subtract_magnitude(&b, &a);
    return b;
}

static struct digits multiply(const struct digits *a, const struct digits *b)
{
    struct digits result = {.is_negative = a->is_negative != b->is_negative,
                            .scale = a->scale + b->scale};
    for (int i = 0; i < digit_count(a); i++) {
        int carry = 0;
        for (int j = 0; i + j < DIGITS; j++) {
            const int sum = result.digit[i + j] + a->digit[i] * b->digit[j] + carry;
            result.digit[i + j] = (unsigned char)(sum % 10);
            carry = sum / 10;
        }
    }
    return result;
}

/* |a| / |b| as a whole number, with the rest in *a. */
static struct digits divide(struct digits *a, const struct digits *b)
{
    struct digits quotient = {.is_negative = a->is_negative != b->is_negative,
                              .scale = a->scale - b->scale};
    struct digits rest = {.is_negative = a->is_negative, .scale = a->scale};
    for (int at = digit_count(a) - 1; at >= 0; at--) {
        shift_left(&rest, 1);
        rest.digit[0] = a->digit[at];
        while (compare_magnitudes(&rest, b) >= 0) {
            subtract_magnitude(&rest, b);
            quotient.digit[at]++;
        }
    }
    rest.scale = a->scale;
    *a = rest;
    return quotient;
}

/* Rounds half away from zero to the type's scale; false with more digits than its precision. */
static bool finish(struct digits digits, const struct sl_type *type, sl_int128 *result)
{
    static const struct digits one = {.digit = {1}};
    if (digits.scale < type->scale) {
        shift_left(&digits, type->scale - digits.scale);
    }
    const int cut = digits.scale - type->scale;
    const bool is_up = cut > 0 && digits.digit[cut - 1] >= 5;
    for (int at = 0; at < DIGITS; at++) {
        digits.digit[at] = at + cut < DIGITS ? digits.digit[at + cut] : 0;
    }
    if (is_up) {
        add_magnitude(&digits, &one);
    }
    const int count = digit_count(&digits);
    if (count > type->precision) {
        return false;
    }
    *result = 0;
    for (int at = count - 1; at >= 0; at--) {
        *result = *result * 10 + digits.digit[at];
    }
    *result = digits.is_negative ? -*result : *result;
    return true;
}

bool digits_rescale(sl_int128 value, int from_scale, const struct sl_type *to, sl_int128 *result)
{
    return finish(digits_of(value, from_scale), to, result);
}

bool digits_compute(enum tree_kind operator, sl_int128 a, int a_scale, sl_int128 b, int b_scale,
                    const struct sl_type *type, sl_int128 *result)
{
    struct digits left = digits_of(a, a_scale);
    struct digits right = digits_of(b, b_scale);
    switch (operator) {
    case TREE_MINUS:
        right.is_negative = !right.is_negative;
        return finish(add(left, right), type, result);
    case TREE_TIMES:
        return finish(multiply(&left, &right), type, result);
    case TREE_DIVIDE:
        /* Two digits more than are kept, the last of which only says that something is behind:
         * enough to round half up. */
        shift_left(&left, type->scale + 2 + b_scale);
        return finish(divide(&left, &right), type, result);
    case TREE_MODULO:
        align(&left, &right);
        divide(&left, &right);
        return finish(left, type, result);
    default:
        return finish(add(left, right), type, result);
    }
}

int digits_compare(sl_int128 a, int a_scale, sl_int128 b, int b_scale)
{
    struct digits left = digits_of(a, a_scale);
    struct digits right = digits_of(b, b_scale);
    align(&left, &right);
    if (left.is_negative != right.is_negative) {
        return left.is_negative ? -1 : 1;
    }
    return left.is_negative ? compare_magnitudes(&right, &left) : compare_magnitudes(&left, &right);
}

size_t digits_format(sl_int128 value, int scale, char out[64])
{
    const struct digits digits = digits_of(value, scale);
    const int count = digit_count(&digits);
    size_t length = 0;
    if (digits.is_negative) {
        out[length++] = '-';
    }
    for (int at = (count > scale ? count : scale + 1) - 1; at >= 0; at--) {
        out[length++] = (char)('0' + digits.digit[at]);
        if (at == scale && scale > 0) {
            out[length++] = '.';
        }
    }
    return length;
}

/* Behind the e. */
static bool parse_exponent(const char *data, size_t length, int *exponent)
{
    size_t at = length > 0 && (data[0] == '-' || data[0] == '+');
    const bool is_negative = length > 0 && data[0] == '-';
    if (at == length || length - at > 5) {
        return false;
    }
    *exponent = 0;
    for (; at < length; at++) {
        if (data[at] < '0' || data[at] > '9') {
            return false;
        }
        *exponent = *exponent * 10 + (data[at] - '0');
    }
    *exponent = is_negative ? -*exponent : *exponent;
    return true;
}

int digits_parse(const char *data, size_t length, const struct sl_type *type, sl_int128 *result)
{
    struct digits digits = {.is_negative = length > 0 && data[0] == '-'};
    size_t at = length > 0 && (data[0] == '-' || data[0] == '+');
    int count = 0;
    bool has_point = false;
    for (; at < length && data[at] != 'e' && data[at] != 'E'; at++) {
        if (data[at] == '.' && !has_point) {
            has_point = true;
        } else if (data[at] >= '0' && data[at] <= '9') {
            shift_left(&digits, 1);
            digits.digit[0] = (unsigned char)(data[at] - '0');
            digits.scale -= !has_point;
            count++;
        } else {
            return 0;
        }
    }
    int exponent = 0;
    if (count == 0 || (at < length && !parse_exponent(data + at + 1, length - at - 1, &exponent))) {
        return 0;
    }
    if (digit_count(&digits) == 0) {
        *result = 0;
        return 1;
    }
    digits.scale -= exponent;
    if (digits.scale < -60) {
        return -1;
    }
    if (digits.scale > 180) {
        *result = 0;
        return 1;
    }
    if (digits.scale < 0) {
        shift_left(&digits, -digits.scale);
    }
    return finish(digits, type, result) ? 1 : -1;
}
