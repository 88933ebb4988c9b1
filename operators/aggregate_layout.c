/* SPDX-License-Identifier: Apache-2.0
 *
 * Several aggregates over the same rows: one call of each function a batch.
 * Functions
 * of one column work together where they can. Always true: a function sees only rows that pass its
 * FILTER. */
#include "aggregate_layout.h"

#include "sluice/catalog.h"

static enum sl_status open_one(struct op_aggregate *aggregate, const struct sl_aggregate_call *call,
                               const struct sl_env *env, struct sl_error *err)
{
    const struct sl_aggregate_def *def = sl_catalog_aggregate(env->catalog, call->function);
    if (def == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "%s: no aggregate function '%s'", env->label,
                       call->function);
    }
    if (def->version != call->version) {
        return sl_fail(err, SL_FORMAT, "%s: the plan has version %u of %s, expected %u", env->label,
                       call->version, def->name, def->version);
    }
    if (call->distinct) {
        return sl_fail(err, SL_UNSUPPORTED, "%s: DISTINCT in %s is not supported yet", env->label,
                       call->text);
    }
    aggregate->def = def;
    aggregate->call = call;
    aggregate->env.argument_type = call->argument_type;
    aggregate->env.result_type = call->result_type;
    aggregate->field_count = def->accumulator(&call->argument_type, aggregate->fields);
    SL_ASSERT(aggregate->field_count <= SL_ACCUMULATOR_FIELDS_MAX);
    return SL_OK;
}

enum sl_status op_aggregates_open(struct op_aggregates *aggregates, struct sl_env *env,
                                  struct sl_error *err)
{
    const struct sl_param *calls = sl_plan_param(env->node, "aggregates");
    if (calls == NULL || calls->kind != SL_PARAM_AGGREGATES) {
        return sl_fail(err, SL_CORRUPT, "%s has no aggregates", env->label);
    }
    aggregates->items = SL_ARENA_ARRAY(env->arena, struct op_aggregate, calls->count);
    aggregates->joints = SL_ARENA_ARRAY(env->arena, struct op_joint, calls->count);
    if (aggregates->items == NULL || aggregates->joints == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    aggregates->count = calls->count;
    aggregates->field_count = 0;
    for (uint32_t i = 0; i < calls->count; i++) {
        SL_TRY(open_one(&aggregates->items[i], &calls->aggregates[i], env, err));
        aggregates->field_count += aggregates->items[i].field_count;
    }
    return SL_OK;
}

enum sl_status op_aggregates_define(const struct op_aggregates *aggregates,
                                    struct sl_state_def *def, struct sl_error *err)
{
    if (def->field_count + aggregates->field_count > SL_STATE_FIELDS_MAX) {
        return sl_fail(err, SL_UNSUPPORTED,
                       "state '%s' would need %u fields, at most %u are supported yet", def->name,
                       def->field_count + aggregates->field_count, (unsigned)SL_STATE_FIELDS_MAX);
    }
    for (uint32_t i = 0; i < aggregates->count; i++) {
        const struct op_aggregate *aggregate = &aggregates->items[i];
        for (uint32_t field = 0; field < aggregate->field_count; field++) {
            def->fields[def->field_count++] = aggregate->fields[field];
        }
    }
    return SL_OK;
}

/* The joint of the call's column that lacks the part; COUNT(*) joins any. NULL when there is none.
 */
static struct op_joint *joint_of(const struct op_aggregates *aggregates, uint32_t part,
                                 int32_t argument)
{
    for (uint32_t i = 0; i < aggregates->joint_count; i++) {
        struct op_joint *joint = &aggregates->joints[i];
        bool is_of = joint->argument == argument || (part == OP_JOINT_COUNT && argument < 0);
        if (is_of && (joint->parts & part) == 0) {
            return joint;
        }
    }
    return NULL;
}

static void join(struct op_aggregates *aggregates, struct op_aggregate *aggregate, bool is_count)
{
    const struct sl_aggregate_call *call = aggregate->call;
    uint32_t part = op_joint_part_of(aggregate->def);
    if (part == 0 || (part == OP_JOINT_COUNT) != is_count || call->filter >= 0) {
        return;
    }
    struct op_joint *joint = joint_of(aggregates, part, call->argument);
    if (joint == NULL && !is_count && op_joint_takes(call->argument_type.id)) {
        joint = &aggregates->joints[aggregates->joint_count++];
        *joint = (struct op_joint){.argument = call->argument, .type = call->argument_type.id};
    }
    if (joint != NULL) {
        op_joint_join(joint, part, &aggregate->env);
    }
    aggregate->joint = joint;
}

/* Puts calls over one column together; counts come last, since COUNT(*) suits any column. */
static void join_all(struct op_aggregates *aggregates)
{
    aggregates->joint_count = 0;
    for (uint32_t i = 0; i < 2 * aggregates->count; i++) {
        join(aggregates, &aggregates->items[i % aggregates->count], i >= aggregates->count);
    }
    for (uint32_t i = 0; i < aggregates->count; i++) {
        struct op_aggregate *aggregate = &aggregates->items[i];
        if (aggregate->joint != NULL && __builtin_popcount(aggregate->joint->parts) == 1) {
            aggregate->joint = NULL;
        }
    }
}

enum sl_status op_aggregates_bind(struct op_aggregates *aggregates, const struct sl_state_def *def,
                                  uint32_t first_field, struct sl_state_table *table,
                                  struct sl_error *err)
{
    uint32_t next = first_field;
    if (def->field_count != first_field + aggregates->field_count) {
        return sl_fail(err, SL_CORRUPT, "state '%s' has %u fields, its aggregates need %u",
                       def->name, def->field_count, first_field + aggregates->field_count);
    }
    for (uint32_t i = 0; i < aggregates->count; i++) {
        struct op_aggregate *aggregate = &aggregates->items[i];
        aggregate->first_field = next;
        aggregate->env.table = table;
        for (uint32_t field = 0; field < aggregate->field_count; field++, next++) {
            if (def->fields[next].physical != aggregate->fields[field].physical) {
                return sl_fail(err, SL_CORRUPT, "state '%s': field '%s' is not that of %s",
                               def->name, def->fields[next].name, aggregate->call->text);
            }
            aggregate->env.field_offset_bytes[field] = sl_state_field_offset(def, next);
        }
    }
    join_all(aggregates);
    return SL_OK;
}

static bool any_error(const uint8_t *errors, uint32_t count)
{
    uint8_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        all |= errors[i];
    }
    return all != 0;
}

static const struct sl_vector *argument_of(const struct op_aggregate *aggregate,
                                           const struct sl_batch *batch)
{
    return aggregate->call->argument < 0 ? NULL : &batch->columns[aggregate->call->argument];
}

static void add_to(const struct op_aggregate *aggregate, const struct op_aggregate_rows *in,
                   uint8_t *errors)
{
    aggregate->def->add(&aggregate->env, in->values, argument_of(aggregate, in->batch), in->rows,
                        in->count, in->retract, errors);
}

/* The rows that pass FILTER, and where each stands among all. */
struct passing {
    void **values;
    uint16_t *rows;
    uint8_t *retract;
    uint8_t *errors;
    uint32_t *positions;
    uint32_t count;
};

static enum sl_status passing_reserve(struct passing *passing, uint32_t count,
                                      struct sl_arena *scratch, struct sl_error *err)
{
    passing->values = SL_ARENA_ARRAY(scratch, void *, count);
    passing->rows = SL_ARENA_ARRAY(scratch, uint16_t, count);
    passing->retract = SL_ARENA_ARRAY(scratch, uint8_t, count);
    passing->errors = SL_ARENA_ARRAY(scratch, uint8_t, count);
    passing->positions = SL_ARENA_ARRAY(scratch, uint32_t, count);
    passing->count = 0;
    if (passing->values == NULL || passing->rows == NULL || passing->retract == NULL ||
        passing->errors == NULL || passing->positions == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the filtered rows of a batch");
    }
    return SL_OK;
}

static void passing_select(struct passing *passing, const struct op_aggregate_rows *in,
                           const struct sl_vector *filter)
{
    const uint8_t *data = filter->data;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t row = in->rows[i];
        if (!sl_vector_is_valid(filter, row) || !data[sl_vector_index(filter, row)]) {
            continue;
        }
        uint32_t idx = passing->count++;
        passing->values[idx] = in->values[i];
        passing->rows[idx] = in->rows[i];
        passing->retract[idx] = in->retract != NULL && in->retract[i];
        passing->positions[idx] = i;
    }
}

static enum sl_status add_filtered(const struct op_aggregate *aggregate,
                                   const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                   uint8_t *errors, struct sl_error *err)
{
    struct passing passing;
    SL_TRY(passing_reserve(&passing, in->count, scratch, err));
    passing_select(&passing, in, &in->batch->columns[aggregate->call->filter]);
    struct op_aggregate_rows filtered = {in->batch, passing.values, passing.rows, passing.count,
                                         in->retract == NULL ? NULL : passing.retract};
    add_to(aggregate, &filtered, passing.errors);
    for (uint32_t i = 0; i < passing.count; i++) {
        errors[passing.positions[i]] |= passing.errors[i];
    }
    return SL_OK;
}

/* Adds to the calls of a joint one by one. */
static void add_apart(const struct op_aggregates *aggregates, const struct op_joint *joint,
                      const struct op_aggregate_rows *in, uint8_t *errors)
{
    for (uint32_t i = 0; i < aggregates->count; i++) {
        if (aggregates->items[i].joint == joint) {
            add_to(&aggregates->items[i], in, errors);
        }
    }
}

static void add_jointly(const struct op_aggregates *aggregates, const struct op_joint *joint,
                        const struct op_aggregate_rows *in, uint8_t *errors)
{
    const struct sl_vector *argument = &in->batch->columns[joint->argument];
    if (in->retract != NULL || op_values_of_rows(argument, in->rows, in->count).validity != NULL) {
        add_apart(aggregates, joint, in, errors);
    } else {
        op_joint_add(joint, in->values, argument, in->rows, in->count, errors);
    }
}

enum sl_status op_aggregates_add(const struct op_aggregates *aggregates,
                                 const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                 uint8_t *errors, bool *has_errors, struct sl_error *err)
{
    for (uint32_t i = 0; i < aggregates->joint_count; i++) {
        if (__builtin_popcount(aggregates->joints[i].parts) > 1) {
            add_jointly(aggregates, &aggregates->joints[i], in, errors);
        }
    }
    for (uint32_t i = 0; i < aggregates->count; i++) {
        const struct op_aggregate *aggregate = &aggregates->items[i];
        if (aggregate->joint != NULL) {
            continue;
        }
        if (aggregate->call->filter < 0) {
            add_to(aggregate, in, errors);
        } else {
            SL_TRY(add_filtered(aggregate, in, scratch, errors, err));
        }
    }
    *has_errors = any_error(errors, in->count);
    return SL_OK;
}

void op_aggregates_merge(const struct op_aggregates *aggregates, const struct op_aggregate_rows *in,
                         uint32_t first_column, uint8_t *errors, bool *has_errors)
{
    const struct sl_vector *fields[SL_ACCUMULATOR_FIELDS_MAX];
    uint32_t column = first_column;
    for (uint32_t i = 0; i < aggregates->count; i++) {
        const struct op_aggregate *aggregate = &aggregates->items[i];
        for (uint32_t field = 0; field < aggregate->field_count; field++) {
            fields[field] = &in->batch->columns[column++];
        }
        aggregate->def->merge(&aggregate->env, in->values, fields, in->rows, in->count, errors);
    }
    *has_errors = any_error(errors, in->count);
}

bool op_aggregates_can_single(const struct op_aggregates *aggregates)
{
    for (uint32_t i = 0; i < aggregates->count; i++) {
        if (aggregates->items[i].def->single == NULL || aggregates->items[i].call->filter >= 0) {
            return false;
        }
    }
    return true;
}

bool op_aggregates_single(const struct op_aggregates *aggregates, const struct sl_batch *batch,
                          const uint16_t *rows, uint32_t row_count, struct sl_vector *columns)
{
    for (uint32_t i = 0; i < aggregates->count; i++) {
        const struct op_aggregate *aggregate = &aggregates->items[i];
        if (!aggregate->def->single(&aggregate->env, argument_of(aggregate, batch), rows, row_count,
                                    columns)) {
            return false;
        }
        columns += aggregate->field_count;
    }
    return true;
}

void op_aggregates_results(const struct op_aggregates *aggregates, const void *const *values,
                           uint32_t count, struct sl_batch_builder *builder, uint32_t first_row,
                           uint8_t *errors)
{
    for (uint32_t i = 0; i < aggregates->count; i++) {
        sl_batch_builder_validity(builder, i);
    }
    for (uint32_t first = 0; first < count; first += OP_AGGREGATE_BLOCK_ROWS) {
        uint32_t block_count = SL_MIN(count - first, (uint32_t)OP_AGGREGATE_BLOCK_ROWS);
        for (uint32_t i = 0; i < aggregates->count; i++) {
            const struct op_aggregate *aggregate = &aggregates->items[i];
            aggregate->def->result(&aggregate->env, values + first, block_count,
                                   &builder->batch.columns[i], first_row + first, errors + first);
        }
    }
}

void op_aggregates_read(const struct op_aggregates *aggregates, const struct sl_state_table *table,
                        const void *const *values, uint32_t count, struct sl_vector *columns)
{
    uint32_t column = 0;
    for (uint32_t i = 0; i < aggregates->count; i++) {
        const struct op_aggregate *aggregate = &aggregates->items[i];
        for (uint32_t field = 0; field < aggregate->field_count; field++) {
            sl_state_read_field(table, aggregate->first_field + field, values, count,
                                &columns[column++]);
        }
    }
}
