/* SPDX-License-Identifier: Apache-2.0
 *
 * Raw rows as partial rows of their own, for a local half whose keys hardly repeat: cheaper than a
 * table that is filled only to be emptied again. Always true: columns are the input's wherever they
 * can be, so what is given out lives as long as the input does. */
#ifndef OPERATORS_SINGLE_ROWS_H
#define OPERATORS_SINGLE_ROWS_H

#include "aggregate_layout.h"
#include "pane_rows.h"

struct op_single_rows {
    const struct sl_param *keys;
    const struct op_aggregates *layout;
    struct sl_schema rest_schema;
    struct sl_batch_builder rest; /* room for pane_end and accumulator fields */
    struct sl_batch out;
};

/* keys and layout are borrowed. close bears a zeroed or half-opened object. */
enum sl_status op_single_rows_open(struct op_single_rows *single, struct sl_env *env,
                                   const struct sl_param *keys, const struct op_aggregates *layout,
                                   struct sl_error *err);
void op_single_rows_close(struct op_single_rows *single);
/* Makes out: the rows of panes, with the row numbers that they have in batch. False when that
 * cannot be done with this batch. */
bool op_single_rows_make(struct op_single_rows *single, const struct sl_batch *batch,
                         const struct op_pane_rows *panes);

#endif
