/* SPDX-License-Identifier: Apache-2.0
 *
 * The accumulator that SUM and AVG share: a sum (W16 for integers and decimals, a double's bits in
 * W8 for FLOAT and DOUBLE) and the number of values in it. */
#ifndef OPERATORS_AGG_SUM_H
#define OPERATORS_AGG_SUM_H

#include "aggregate_value.h"

enum { OP_SUM_FIELD, OP_SUM_COUNT_FIELD };

/* Whether the sum of that type is a double. */
bool op_sum_is_double(const struct sl_type *argument);
/* Refuses what is not one numeric argument. */
enum sl_status op_sum_check(const char *function, const struct sl_type *arguments,
                            uint32_t argument_count, struct sl_error *err);
/* Functions of sl_aggregate_def. */
uint32_t op_sum_accumulator(const struct sl_type *argument, struct sl_state_field *fields);
void op_sum_add(const struct sl_aggregate_env *env, void *const *accumulators,
                const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                const uint8_t *retract, uint8_t *errors);
void op_sum_merge(const struct sl_aggregate_env *env, void *const *accumulators,
                  const struct sl_vector *const *fields, const uint16_t *rows, uint32_t row_count,
                  uint8_t *errors);
bool op_sum_single(const struct sl_aggregate_env *env, const struct sl_vector *argument,
                   const uint16_t *rows, uint32_t row_count, struct sl_vector *fields);
/* Writes an exact value of an integer or DECIMAL type; false when the type does not hold it. */
bool op_sum_store(struct sl_vector *result, uint32_t row, sl_int128 value);
/* Writes a FLOAT or DOUBLE. */
void op_sum_store_double(struct sl_vector *result, uint32_t row, double value);

#endif
