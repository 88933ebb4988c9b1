/* SPDX-License-Identifier: Apache-2.0
 *
 * Appending many rows of one column at once: the copy loops of sl_batch_append. */
#ifndef SLUICE_CORE_GATHER_H
#define SLUICE_CORE_GATHER_H

#include "sluice/vector.h"

/* Which rows go where: rows[0..count) (NULL = 0..count-1) of a source to first_row... */
struct sl_gather {
    const uint16_t *rows;
    uint32_t count;
    uint32_t first_row;
    struct sl_arena *strings; /* bytes of long strings and elements of lists */
};

/* Index of the first of the rows that is NULL in from, or count. */
uint32_t sl_gather_first_null(const struct sl_vector *from, const struct sl_gather *gather);
/* Deep-copies values and NULLs; to must have validity when any of the rows is NULL. */
enum sl_status sl_gather_column(struct sl_vector *to, const struct sl_vector *from,
                                const struct sl_gather *gather, struct sl_error *err);

#endif
