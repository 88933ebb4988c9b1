/* SPDX-License-Identifier: Apache-2.0
 *
 * The groups that some rows touch, with their results before and after: what an updating GROUP BY
 * tells those behind it. A group is visible when it has rows and all its results fit their types.
 * Always true: a group changes its output at most once a slice of rows. */
#ifndef OPERATORS_GROUP_CHANGES_H
#define OPERATORS_GROUP_CHANGES_H

#include "aggregate_layout.h"

struct op_group {
    void *value;
    uint32_t row; /* its first, physical */
    bool was_visible;
    bool has_error; /* after: a result does not fit, though there are rows */
};

struct op_group_changes {
    struct op_aggregates *layout;
    uint32_t row_count_offset;      /* bytes of the signed row_count in a value */
    struct sl_schema result_schema; /* the aggregates' columns; borrowed */
    struct sl_batch_builder before; /* results by group */
    struct sl_batch_builder after;
    uint8_t *errors;     /* by group, enum sl_row_error, of the last computation */
    const void **values; /* of groups; in scratch */
    struct op_group *groups;
    uint32_t count;
};

/* results are the node's columns behind the keys; at most capacity rows a slice. */
enum sl_status op_group_changes_open(struct op_group_changes *changes, struct sl_env *env,
                                     const struct sl_schema *results, uint32_t capacity,
                                     struct sl_error *err);
void op_group_changes_close(struct op_group_changes *changes);
/* Collects the distinct groups of rows (in.values) and keeps their present results. scratch lives
 * until the slice is done. */
enum sl_status op_group_changes_begin(struct op_group_changes *changes,
                                      const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                      struct sl_error *err);
/* Computes the results anew, when the rows have been added. */
void op_group_changes_end(struct op_group_changes *changes);
int64_t op_group_row_count(const struct op_group_changes *changes, const struct op_group *group);
bool op_group_is_visible(const struct op_group_changes *changes, const struct op_group *group);
/* Whether results before and after are the same. */
bool op_group_is_equal(const struct op_group_changes *changes, uint32_t group_idx);

#endif
