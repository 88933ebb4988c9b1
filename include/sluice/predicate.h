/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 5. The predicates that can be pushed down to a source: column <op> constant over numbers,
 * booleans, timestamps and strings, and IS [NOT] NULL. They cannot fail, so a source may evaluate
 * them before anything else does. */
#ifndef SLUICE_PREDICATE_H
#define SLUICE_PREDICATE_H

#include "sluice/plan.h"

SL_EXTERN_C_BEGIN

/* Whether expr is such a predicate; the planner asks before it pushes. */
bool sl_predicate_is_simple(const struct sl_expr *expr);

/* Narrows the batch's selection to rows for which all predicates are TRUE. Rows are only
 * deselected, never removed, so that a watermark may still look at them. selection_storage holds
 * SL_BATCH_ROWS_MAX or batch->row_count entries, whichever is more; it may be batch->selection. */
void sl_predicate_apply(const struct sl_expr *predicates, uint32_t predicate_count,
                        struct sl_batch *batch, uint16_t *selection_storage);

SL_EXTERN_C_END

#endif
