/* SPDX-License-Identifier: Apache-2.0
 *
 * Results of groups before and after some rows. Always true: results before do not point into the
 * state, which the rows then change. */
#include "group_changes.h"

enum sl_status op_group_changes_open(struct op_group_changes *changes, struct sl_env *env,
                                     const struct sl_schema *results, uint32_t capacity,
                                     struct sl_error *err)
{
    changes->result_schema = *results;
    changes->errors = SL_ARENA_ARRAY(env->arena, uint8_t, capacity);
    changes->groups = SL_ARENA_ARRAY(env->arena, struct op_group, capacity);
    if (changes->errors == NULL || changes->groups == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    SL_TRY(sl_batch_builder_init(&changes->before, &changes->result_schema, capacity, env->account,
                                 err));
    return sl_batch_builder_init(&changes->after, &changes->result_schema, capacity, env->account,
                                 err);
}

void op_group_changes_close(struct op_group_changes *changes)
{
    sl_batch_builder_deinit(&changes->before);
    sl_batch_builder_deinit(&changes->after);
}

int64_t op_group_row_count(const struct op_group_changes *changes, const struct op_group *group)
{
    return *(const int64_t *)(const void *)((const char *)group->value + changes->row_count_offset);
}

bool op_group_is_visible(const struct op_group_changes *changes, const struct op_group *group)
{
    return op_group_row_count(changes, group) > 0 && !group->has_error;
}

static uint32_t slot_of(const void *value, uint32_t mask)
{
    /* Fibonacci hashing: values stand at multiples of 16. */
    return (uint32_t)(((uint64_t)(uintptr_t)value >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) &
           mask;
}

/* Distinct values, in order of their first row. */
static enum sl_status collect(struct op_group_changes *changes, const struct op_aggregate_rows *in,
                              struct sl_arena *scratch, struct sl_error *err)
{
    uint32_t capacity = 16;
    while (capacity < 2 * in->count) {
        capacity *= 2;
    }
    void **slots = SL_ARENA_ARRAY(scratch, void *, capacity);
    if (slots == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the groups of %u rows", in->count);
    }
    changes->count = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t slot = slot_of(in->values[i], capacity - 1);
        while (slots[slot] != NULL && slots[slot] != in->values[i]) {
            slot = (slot + 1) & (capacity - 1);
        }
        if (slots[slot] == NULL) {
            slots[slot] = in->values[i];
            changes->groups[changes->count++] =
                (struct op_group){.value = in->values[i], .row = in->rows[i]};
        }
    }
    return SL_OK;
}

/* Sets has_error of each group. */
static void compute(struct op_group_changes *changes, struct sl_batch_builder *results)
{
    sl_batch_builder_reset(results);
    memset(changes->errors, SL_ROW_NONE, changes->count);
    for (uint32_t i = 0; i < changes->count; i++) {
        changes->values[i] = changes->groups[i].value;
    }
    op_aggregates_results(changes->layout, changes->values, changes->count, results, 0,
                          changes->errors);
    for (uint32_t i = 0; i < changes->count; i++) {
        changes->groups[i].has_error = changes->errors[i] != SL_ROW_NONE;
    }
}

/* Long strings of the results get bytes of their own. */
static enum sl_status own_strings(struct sl_batch_builder *results, uint32_t count,
                                  struct sl_error *err)
{
    for (uint32_t column = 0; column < results->batch.schema->column_count; column++) {
        struct sl_vector *vector = &results->batch.columns[column];
        struct sl_view *views = vector->data;
        for (uint32_t i = 0; vector->physical == SL_VIEW && i < count; i++) {
            if (!sl_vector_is_valid(vector, i) || views[i].length <= SL_VIEW_INLINE_BYTES) {
                continue;
            }
            char *bytes =
                sl_arena_copy(&results->strings, sl_view_data(&views[i]), views[i].length);
            if (bytes == NULL) {
                return sl_fail(err, SL_MEMORY, "no memory for a result of %u bytes",
                               views[i].length);
            }
            views[i] = sl_view_of(bytes, views[i].length);
        }
    }
    return SL_OK;
}

enum sl_status op_group_changes_begin(struct op_group_changes *changes,
                                      const struct op_aggregate_rows *in, struct sl_arena *scratch,
                                      struct sl_error *err)
{
    SL_TRY(collect(changes, in, scratch, err));
    changes->values = SL_ARENA_ARRAY(scratch, const void *, changes->count);
    if (changes->values == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u groups", changes->count);
    }
    compute(changes, &changes->before);
    for (uint32_t i = 0; i < changes->count; i++) {
        changes->groups[i].was_visible = op_group_is_visible(changes, &changes->groups[i]);
    }
    return own_strings(&changes->before, changes->count, err);
}

void op_group_changes_end(struct op_group_changes *changes)
{
    compute(changes, &changes->after);
}

static bool cell_is_equal(const struct sl_vector *a, const struct sl_vector *b, uint32_t row)
{
    bool is_valid = sl_vector_is_valid(a, row);
    if (is_valid != sl_vector_is_valid(b, row)) {
        return false;
    }
    if (!is_valid) {
        return true;
    }
    if (a->physical == SL_VIEW) {
        return sl_view_equal(&((const struct sl_view *)a->data)[row],
                             &((const struct sl_view *)b->data)[row]);
    }
    uint32_t width = sl_physical_width(a->physical);
    return memcmp((const char *)a->data + (size_t)row * width,
                  (const char *)b->data + (size_t)row * width, width) == 0;
}

bool op_group_is_equal(const struct op_group_changes *changes, uint32_t group_idx)
{
    for (uint32_t column = 0; column < changes->result_schema.column_count; column++) {
        if (!cell_is_equal(&changes->before.batch.columns[column],
                           &changes->after.batch.columns[column], group_idx)) {
            return false;
        }
    }
    return true;
}
