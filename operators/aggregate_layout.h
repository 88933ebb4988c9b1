/* SPDX-License-Identifier: Apache-2.0
 *
 * The aggregate calls of one node, with their accumulators side by side in one state value. Always
 * true: fields stand in the order of the calls, behind what the operator itself keeps. */
#ifndef OPERATORS_AGGREGATE_LAYOUT_H
#define OPERATORS_AGGREGATE_LAYOUT_H

#include "sluice/function.h"
#include "sluice/operator.h"

#include "aggregate_joint.h"

/* So many state values stay in the first cache while one aggregate after the other goes over them;
 * callers hand rows over in blocks of this size. */
enum { OP_AGGREGATE_BLOCK_ROWS = 256 };

struct op_aggregate {
    const struct sl_aggregate_def *def;
    const struct sl_aggregate_call *call;
    struct sl_aggregate_env env;
    uint32_t first_field; /* in the state value */
    uint32_t field_count;
    struct sl_state_field fields[SL_ACCUMULATOR_FIELDS_MAX];
    struct op_joint *joint; /* that adds raw rows to it too; NULL = it does so by itself */
};

struct op_aggregates {
    struct op_aggregate *items; /* in env->arena */
    uint32_t count;
    uint32_t field_count;    /* of all of them */
    struct op_joint *joints; /* in env->arena */
    uint32_t joint_count;
};

/* Rows of a batch and the state value that each goes to. */
struct op_aggregate_rows {
    const struct sl_batch *batch;
    void *const *values;
    const uint16_t *rows; /* physical */
    uint32_t count;
    const uint8_t *retract; /* by position in rows; NULL = none is taken back */
};

/* Finds the functions of the node's "aggregates". */
enum sl_status op_aggregates_open(struct op_aggregates *aggregates, struct sl_env *env,
                                  struct sl_error *err);
/* Appends the accumulator fields to def, which may hold fields of the operator already. */
enum sl_status op_aggregates_define(const struct op_aggregates *aggregates,
                                    struct sl_state_def *def, struct sl_error *err);
/* Says where accumulators lie: in values of def, from field first_field on, with strings in
 * table. Refuses a def whose fields are others. */
enum sl_status op_aggregates_bind(struct op_aggregates *aggregates, const struct sl_state_def *def,
                                  uint32_t first_field, struct sl_state_table *table,
                                  struct sl_error *err);

/* Adds raw rows; errors[i] (zeroed by the caller) is set where a row could not be added to some
 * aggregate. scratch lives as long as the batch. *has_errors tells whether any was. */
enum sl_status op_aggregates_add(const struct op_aggregates *aggregates,
                                 const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                 uint8_t *errors, bool *has_errors, struct sl_error *err);
/* Adds partial rows, whose accumulator fields are the batch's columns from first_column on. */
void op_aggregates_merge(const struct op_aggregates *aggregates, const struct op_aggregate_rows *in,
                         uint32_t first_column, uint8_t *errors, bool *has_errors);
/* Whether op_aggregates_single may ever succeed: all functions know how, and none has a FILTER. */
bool op_aggregates_can_single(const struct op_aggregates *aggregates);
/* Writes the accumulators of rows that stand alone into columns, one a field, as
 * sl_aggregate_def.single says. False when a function cannot for these rows. */
bool op_aggregates_single(const struct op_aggregates *aggregates, const struct sl_batch *batch,
                          const uint16_t *rows, uint32_t row_count, struct sl_vector *columns);
/* Writes the results of values[0..count) into the first columns of builder, from first_row on.
 * Strings borrow the state's heap. */
void op_aggregates_results(const struct op_aggregates *aggregates, const void *const *values,
                           uint32_t count, struct sl_batch_builder *builder, uint32_t first_row,
                           uint8_t *errors);
/* Writes accumulator fields of values[0..count) of table into columns[0..field_count), from row 0
 * on. Strings borrow the state's heap. */
void op_aggregates_read(const struct op_aggregates *aggregates, const struct sl_state_table *table,
                        const void *const *values, uint32_t count, struct sl_vector *columns);

#endif
