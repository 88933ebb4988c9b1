/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. Exact decimals as an unscaled sl_int128 with precision and scale from the type. All
 * operations report overflow of the target precision by returning false and round half up (away
 * from zero), as Flink does. */
#ifndef SLUICE_DECIMAL_H
#define SLUICE_DECIMAL_H

#include "sluice/type.h"

SL_EXTERN_C_BEGIN

/* 10^exponent for 0 <= exponent <= 38. */
sl_int128 sl_decimal_power10(uint32_t exponent);
bool sl_decimal_fits(sl_int128 value, uint32_t precision);
/* Changes the scale; false when the result does not fit precision. */
bool sl_decimal_rescale(sl_int128 value, uint32_t from_scale, uint32_t to_scale, uint32_t precision,
                        sl_int128 *result);
/* a + b and the remainder of a / b, which has the sign of a; b != 0. Exact before they are rounded
 * to scale, whatever the scales. */
bool sl_decimal_add(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                    uint32_t precision, uint32_t scale, sl_int128 *result);
bool sl_decimal_modulo(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                       uint32_t precision, uint32_t scale, sl_int128 *result);
bool sl_decimal_multiply(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                         uint32_t precision, uint32_t scale, sl_int128 *result);
/* b != 0. */
bool sl_decimal_divide(sl_int128 a, uint32_t a_scale, sl_int128 b, uint32_t b_scale,
                       uint32_t precision, uint32_t scale, sl_int128 *result);
/* "-12.50", "1e3"; rounds to scale. */
bool sl_decimal_parse(const char *data, size_t length, uint32_t precision, uint32_t scale,
                      sl_int128 *result);
bool sl_decimal_from_double(double value, uint32_t precision, uint32_t scale, sl_int128 *result);
double sl_decimal_to_double(sl_int128 value, uint32_t scale);
/* Plain notation with exactly scale digits behind the point; at most 41 bytes, no NUL. Returns the
 * length. */
size_t sl_decimal_format(sl_int128 value, uint32_t scale, char out[48]);

/* Result types of Flink's decimal arithmetic (LogicalTypeMerging: findAdditionDecimalType and its
 * siblings). */
struct sl_type sl_decimal_add_type(const struct sl_type *a, const struct sl_type *b);
struct sl_type sl_decimal_multiply_type(const struct sl_type *a, const struct sl_type *b);
struct sl_type sl_decimal_divide_type(const struct sl_type *a, const struct sl_type *b);
struct sl_type sl_decimal_modulo_type(const struct sl_type *a, const struct sl_type *b);
struct sl_type sl_decimal_sum_type(const struct sl_type *a); /* DECIMAL(38, s) */
struct sl_type sl_decimal_avg_type(const struct sl_type *a); /* DECIMAL(38, max(s, 6)) */
/* The decimal type that holds every value of an integer type; a itself when it is DECIMAL. */
struct sl_type sl_decimal_type_for(const struct sl_type *a);

SL_EXTERN_C_END

#endif
