/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows picked from a column into an output batch, a column at a time. Always true: views are
 * borrowed, so the batch lives no longer than what it was picked from. */
#ifndef OPERATORS_COLUMN_PICK_H
#define OPERATORS_COLUMN_PICK_H

#include "sluice/batch.h"

/* Writes rows[0..count) of from into rows 0..count-1 of a column of out, which is of its type and
 * was reset. Nested values are copied. */
enum sl_status op_column_pick(struct sl_batch_builder *out, uint32_t column,
                              const struct sl_vector *from, const uint16_t *rows, uint32_t count,
                              struct sl_error *err);

#endif
