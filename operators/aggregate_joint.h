/* SPDX-License-Identifier: Apache-2.0
 *
 * COUNT, SUM or AVG, MIN and MAX over one column of numbers, in one loop: each row's value and
 * accumulators are fetched once for all of them. Always true: the accumulators are those that the
 * functions would make one by one. */
#ifndef OPERATORS_AGGREGATE_JOINT_H
#define OPERATORS_AGGREGATE_JOINT_H

#include "aggregate_value.h"

enum op_joint_part {
    OP_JOINT_COUNT = 1,
    OP_JOINT_SUM = 2, /* AVG too */
    OP_JOINT_MIN = 4,
    OP_JOINT_MAX = 8,
    OP_JOINT_ALL = 15
};

struct op_joint {
    int32_t argument; /* column */
    enum sl_type_id type;
    uint32_t parts;
    uint32_t count_bytes; /* offsets of the parts' fields in a value */
    uint32_t sum_bytes;
    uint32_t sum_count_bytes;
    uint32_t min_bytes;
    uint32_t min_has_bytes;
    uint32_t max_bytes;
    uint32_t max_has_bytes;
};

/* The part that a function can be, 0 = none. */
uint32_t op_joint_part_of(const struct sl_aggregate_def *def);
/* Whether there are loops for columns of that type. */
bool op_joint_takes(enum sl_type_id type);
/* Takes in the function with that part and these accumulator offsets. */
void op_joint_join(struct op_joint *joint, uint32_t part, const struct sl_aggregate_env *env);
/* Adds rows, as sl_aggregate_def.add of each part does; none of the arguments may be NULL, nor
 * taken back. At least two parts. */
void op_joint_add(const struct op_joint *joint, void *const *accumulators,
                  const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                  uint8_t *errors);

#endif
