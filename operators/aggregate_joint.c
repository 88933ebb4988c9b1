/* SPDX-License-Identifier: Apache-2.0
 *
 * The joint loops: one for each set of parts and type, so that no row asks what there is to do. */
#include "aggregate_joint.h"

#include "agg_minmax.h"
#include "agg_sum.h"
#include "builtin.h"

uint32_t op_joint_part_of(const struct sl_aggregate_def *def)
{
    if (def == &op_sum_def || def == &op_avg_def) {
        return OP_JOINT_SUM;
    }
    return def == &op_count_def ? OP_JOINT_COUNT
           : def == &op_min_def ? OP_JOINT_MIN
           : def == &op_max_def ? OP_JOINT_MAX
                                : 0;
}

bool op_joint_takes(enum sl_type_id type)
{
    return type == SL_TYPE_DOUBLE || type == SL_TYPE_BIGINT || type == SL_TYPE_INT;
}

void op_joint_join(struct op_joint *joint, uint32_t part, const struct sl_aggregate_env *env)
{
    joint->parts |= part;
    switch (part) {
    case OP_JOINT_COUNT:
        joint->count_bytes = env->field_offset_bytes[0];
        break;
    case OP_JOINT_SUM:
        joint->sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];
        joint->sum_count_bytes = env->field_offset_bytes[OP_SUM_COUNT_FIELD];
        break;
    case OP_JOINT_MIN:
        joint->min_bytes = env->field_offset_bytes[OP_MINMAX_VALUE_FIELD];
        joint->min_has_bytes = env->field_offset_bytes[OP_MINMAX_HAS_FIELD];
        break;
    default:
        joint->max_bytes = env->field_offset_bytes[OP_MINMAX_VALUE_FIELD];
        joint->max_has_bytes = env->field_offset_bytes[OP_MINMAX_HAS_FIELD];
        break;
    }
}

enum { BLOCK_ROWS = 256 }; /* of values that are gathered at once */

struct input {
    void *const *accumulators;
    const void *data; /* of the first value; the others follow */
    uint32_t count;
    uint8_t *errors;
};

static inline bool add_double(void *sum, double value)
{
    *(double *)sum += value;
    return true;
}

/* False on overflow, which leaves the sum as it was. */
static inline bool add_exact(void *sum, int64_t value)
{
    sl_int128 *held = sum;
    sl_int128 changed;
    if (__builtin_add_overflow(*held, value, &changed)) {
        return false;
    }
    *held = changed;
    return true;
}

/* A value between the least and the greatest, which a group has together, is the usual one. joint
 * and in are handed over by value: stores into accumulators cannot change them then. */
#define JOINT_LEAF(name, ctype, add_to_sum, rank)                                                \
    static inline void name##_of(struct op_joint joint, struct input in, uint32_t parts)         \
    {                                                                                            \
        const ctype *data = in.data;                                                             \
        for (uint32_t i = 0; i < in.count; i++) {                                                \
            char *at = in.accumulators[i];                                                       \
            ctype value = data[i];                                                               \
            if (parts & OP_JOINT_COUNT) {                                                        \
                op_count_add(at + joint.count_bytes, 1);                                         \
            }                                                                                    \
            if (parts & OP_JOINT_SUM) {                                                          \
                if (add_to_sum(at + joint.sum_bytes, value)) {                                   \
                    op_count_add(at + joint.sum_count_bytes, 1);                                 \
                } else {                                                                         \
                    in.errors[i] = SL_ROW_OVERFLOW;                                              \
                }                                                                                \
            }                                                                                    \
            if ((parts & OP_JOINT_MIN) && (parts & OP_JOINT_MAX) &&                              \
                SL_LIKELY(*((uint8_t *)at + joint.min_has_bytes) &&                              \
                          value > *(ctype *)(void *)(at + joint.min_bytes) &&                    \
                          value < *(ctype *)(void *)(at + joint.max_bytes))) {                   \
                continue;                                                                        \
            }                                                                                    \
            if (parts & OP_JOINT_MIN) {                                                          \
                ctype *best = (void *)(at + joint.min_bytes);                                    \
                OP_MINMAX_UPDATE(best, (uint8_t *)at + joint.min_has_bytes, value, false, rank); \
            }                                                                                    \
            if (parts & OP_JOINT_MAX) {                                                          \
                ctype *best = (void *)(at + joint.max_bytes);                                    \
                OP_MINMAX_UPDATE(best, (uint8_t *)at + joint.max_has_bytes, value, true, rank);  \
            }                                                                                    \
        }                                                                                        \
    }                                                                                            \
    static void name(const struct op_joint *joint, struct input in)                              \
    {                                                                                            \
        switch (joint->parts) {                                                                  \
            PARTS_CASE(name, 3)                                                                  \
            PARTS_CASE(name, 5)                                                                  \
            PARTS_CASE(name, 6)                                                                  \
            PARTS_CASE(name, 7)                                                                  \
            PARTS_CASE(name, 9)                                                                  \
            PARTS_CASE(name, 10)                                                                 \
            PARTS_CASE(name, 11)                                                                 \
            PARTS_CASE(name, 12)                                                                 \
            PARTS_CASE(name, 13)                                                                 \
            PARTS_CASE(name, 14)                                                                 \
        default:                                                                                 \
            name##_of(*joint, in, OP_JOINT_ALL);                                                 \
            break;                                                                               \
        }                                                                                        \
    }

#define PARTS_CASE(name, parts)         \
    case parts:                         \
        name##_of(*joint, in, (parts)); \
        break;

JOINT_LEAF(add_doubles, double, add_double, op_double_rank)
JOINT_LEAF(add_int64s, int64_t, add_exact, OP_SAME_RANK)
JOINT_LEAF(add_int32s, int32_t, add_exact, OP_SAME_RANK)

static void add_block(const struct op_joint *joint, const struct op_values *values,
                      const uint16_t *rows, struct input in)
{
    uint64_t room[BLOCK_ROWS];
    uint32_t width = joint->type == SL_TYPE_INT ? sizeof(int32_t) : sizeof(int64_t);
    in.data = op_values_gather(values, width, rows, in.count, room);
    switch (joint->type) {
    case SL_TYPE_DOUBLE:
        add_doubles(joint, in);
        break;
    case SL_TYPE_BIGINT:
        add_int64s(joint, in);
        break;
    default:
        add_int32s(joint, in);
        break;
    }
}

void op_joint_add(const struct op_joint *joint, void *const *accumulators,
                  const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                  uint8_t *errors)
{
    struct op_values values = op_values_of(argument);
    for (uint32_t first = 0; first < row_count; first += BLOCK_ROWS) {
        struct input in = {.accumulators = accumulators + first,
                           .count = SL_MIN(row_count - first, (uint32_t)BLOCK_ROWS),
                           .errors = errors + first};
        add_block(joint, &values, rows + first, in);
    }
}
