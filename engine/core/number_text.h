/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as decimal digits and an exponent: what reading and writing DOUBLE, FLOAT and DECIMAL
 * share. Private to engine/core. */
#ifndef SLUICE_CORE_NUMBER_TEXT_H
#define SLUICE_CORE_NUMBER_TEXT_H

#include "sluice/base.h"

enum { SL_NUMBER_MANTISSA_DIGITS = 19 };

/* A number as it was written: the digits between digits and digits_end (a point may be among them;
 * the first one is not 0) times 10^exponent. */
struct sl_number_text {
    bool negative;
    uint64_t mantissa;    /* the first 19 digits as an integer */
    uint64_t digit_count; /* from the first that is not 0; 0 = the value is zero */
    int64_t exponent;     /* of the last digit */
    const char *digits;
    const char *digits_end;
};

/* The whole input must be [+-](d[d..][.d..]|.d[d..])[e|E[+-]d[d..]]. */
bool sl_number_scan(const char *data, size_t length, struct sl_number_text *number);

/* The shortest decimal that reads back to a finite value > 0: mantissa * 10^exponent, without
 * trailing zeros. */
struct sl_shortest {
    uint64_t mantissa;
    int32_t exponent;
};

struct sl_shortest sl_shortest_from_double(double value);
struct sl_shortest sl_shortest_from_float(float value);

#endif
