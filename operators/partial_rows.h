/* SPDX-License-Identifier: Apache-2.0
 *
 * Partial accumulators on their way out of a local half: a table of its own, emptied into rows
 * keys..., lead, accumulator fields... The lead column is the namespace (pane_end) or the row_count
 * that stands first in each value. Always true: nothing of it is in a snapshot; it is empty when a
 * barrier has passed. */
#ifndef OPERATORS_PARTIAL_ROWS_H
#define OPERATORS_PARTIAL_ROWS_H

#include "aggregate_layout.h"
#include "entry_batch.h"

struct op_partial_rows {
    struct sl_state_table *table;
    struct op_aggregates layout;
    struct op_entry_batch out;
    bool has_row_count;
    uint32_t row_count_offset; /* bytes, in a value */
    int64_t name_space;        /* the one that is being emptied */
    uint64_t cursor;
    bool is_emptying;
    uint64_t emitted_count; /* entries that have gone out; the owner sets it back */
};

/* close bears a zeroed or half-opened object. */
enum sl_status op_partial_rows_open(struct op_partial_rows *partials, struct sl_env *env,
                                    uint32_t key_count, bool has_row_count, struct sl_error *err);
void op_partial_rows_close(struct op_partial_rows *partials);
/* Emits and drops all namespaces up to last, a batch a call: false in *is_done when outs are set
 * and the call must be repeated. */
enum sl_status op_partial_rows_empty(struct op_partial_rows *partials, int64_t last,
                                     struct sl_outs *outs, bool *is_done, struct sl_error *err);
bool op_partial_rows_is_empty(const struct op_partial_rows *partials);

#endif
