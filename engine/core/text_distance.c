/* SPDX-License-Identifier: Apache-2.0
 *
 * How far two names are apart, for "did you mean". Optimal string alignment: an insertion, a
 * deletion, a replacement or a swap of neighbours costs one; no part is edited twice. */
#include "sluice/text.h"

#include <string.h>
#include <strings.h>

enum { DISTANCE_MAX = 255 };

static uint32_t cheapest(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t least = SL_MIN(a, b);
    return SL_MIN(least, c);
}

uint32_t sl_edit_distance(const char *a, const char *b)
{
    size_t a_length = strnlen(a, DISTANCE_MAX + 1);
    size_t b_length = strnlen(b, DISTANCE_MAX + 1);
    if (a_length > DISTANCE_MAX || b_length > DISTANCE_MAX) {
        return strcmp(a, b) == 0 ? 0 : DISTANCE_MAX;
    }
    uint32_t rows[3][DISTANCE_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = (uint32_t)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *two_above = rows[(i + 1) % 3];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= b_length; j++) {
            uint32_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = cheapest(above[j] + 1, row[j - 1] + 1, replaced);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = SL_MIN(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

const char *sl_nearest_name(const char *name, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    uint32_t best = (uint32_t)((strlen(name) + 2) / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(name, candidates[i]) == 0) {
            return candidates[i];
        }
        uint32_t distance = sl_edit_distance(name, candidates[i]);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
