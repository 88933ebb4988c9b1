/* SPDX-License-Identifier: Apache-2.0
 *
 * The groups that some rows touch, with their results before and after: what an updating GROUP BY
 * tells those behind it. A group is visible when it has rows and all its results fit their types.
 * Always true: a group changes its output at most once a slice of rows. */
#ifndef OPERATORS_GROUP_CHANGES_H
#define OPERATORS_GROUP_CHANGES_H

#include "aggregate_layout.h"

enum { OP_GROUPS_MAX = 32767 }; /* of a slice */

struct op_group_changes {
    struct op_aggregates *layout;
    uint32_t row_count_offset;       /* bytes of the signed row_count in a value */
    struct sl_schema result_schema;  /* the aggregates' columns; borrowed */
    struct sl_batch_builder results; /* before in rows 0..group_count-1, after behind them */
    /* By group. */
    uint32_t group_count;
    const void **values;
    uint16_t *rows; /* its first, physical */
    uint8_t *was_visible;
    uint8_t *errors; /* after: enum sl_row_error */
    uint8_t *is_same;
    /* What is to be said, in order of groups. */
    uint32_t count;
    uint16_t *result_rows; /* of results */
    uint16_t *key_rows;    /* physical rows with the group's key */
    uint8_t *kinds;
    uint8_t *failures;   /* SL_ROW_NONE, or why the row is to be rejected */
    uint16_t *gone_rows; /* physical rows with the keys of groups that have no rows any more */
    uint32_t gone_count;
};

/* results are the node's columns behind the keys; at most capacity <= OP_GROUPS_MAX rows a slice.
 */
enum sl_status op_group_changes_open(struct op_group_changes *changes, struct sl_env *env,
                                     const struct sl_schema *results, uint32_t capacity,
                                     struct sl_error *err);
void op_group_changes_close(struct op_group_changes *changes);
/* Collects the distinct groups of rows (in.values) and keeps their present results. scratch lives
 * until the slice is done. */
enum sl_status op_group_changes_begin(struct op_group_changes *changes,
                                      const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                      struct sl_error *err);
/* Computes the results anew, when the rows have been added, and what they change. Strings borrow
 * the state's heap. */
void op_group_changes_end(struct op_group_changes *changes);

#endif
