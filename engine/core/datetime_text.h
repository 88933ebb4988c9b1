/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps of reading and writing dates that the fixed formats and the patterns share. Each reader
 * takes text off the front of a cursor or returns false. Private to engine/core. */
#ifndef SLUICE_CORE_DATETIME_TEXT_H
#define SLUICE_CORE_DATETIME_TEXT_H

#include "sluice/base.h"

struct sl_cursor {
    const char *at;
    const char *end;
};

static inline bool sl_cursor_take(struct sl_cursor *cursor, char character)
{
    if (cursor->at == cursor->end || *cursor->at != character) {
        return false;
    }
    cursor->at++;
    return true;
}

/* Between digits_min and digits_max (<= 9) decimal digits, as many as there are; *count (may be
 * NULL) tells how many. */
static inline bool sl_cursor_number(struct sl_cursor *cursor, uint32_t digits_min,
                                    uint32_t digits_max, uint32_t *value, uint32_t *count)
{
    uint32_t taken = 0;
    uint32_t result = 0;
    while (taken < digits_max && cursor->at < cursor->end && *cursor->at >= '0' &&
           *cursor->at <= '9') {
        result = result * 10 + (uint32_t)(*cursor->at++ - '0');
        taken++;
    }
    if (count != NULL) {
        *count = taken;
    }
    *value = result;
    return taken >= digits_min;
}

/* Writes value with exactly width digits. */
static inline char *sl_put_number(char *out, uint32_t value, uint32_t width)
{
    for (uint32_t i = width; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

/* Four digits, more behind a sign when the year needs them (at most 11 bytes). */
char *sl_put_year(char *out, int32_t year);

#endif
