/* SPDX-License-Identifier: Apache-2.0
 *
 * What changed in the groups that a slice of rows touches. Always true: groups stand in order of
 * their first row. */
#include "group_changes.h"

static bool reserve_groups(struct op_group_changes *changes, struct sl_arena *arena,
                           uint32_t capacity)
{
    const void **values = SL_ARENA_ARRAY(arena, const void *, capacity + 1);
    changes->values = values == NULL ? NULL : values + 1; /* see collect_into */
    changes->rows = SL_ARENA_ARRAY(arena, uint16_t, capacity);
    changes->was_visible = SL_ARENA_ARRAY(arena, uint8_t, capacity);
    changes->errors = SL_ARENA_ARRAY(arena, uint8_t, capacity);
    changes->is_same = SL_ARENA_ARRAY(arena, uint8_t, capacity);
    changes->gone_rows = SL_ARENA_ARRAY(arena, uint16_t, capacity);
    return changes->values != NULL && changes->rows != NULL && changes->was_visible != NULL &&
           changes->errors != NULL && changes->is_same != NULL && changes->gone_rows != NULL;
}

/* A group says at most two things. */
static bool reserve_changes(struct op_group_changes *changes, struct sl_arena *arena,
                            uint32_t capacity)
{
    changes->result_rows = SL_ARENA_ARRAY(arena, uint16_t, 2 * capacity);
    changes->key_rows = SL_ARENA_ARRAY(arena, uint16_t, 2 * capacity);
    changes->kinds = SL_ARENA_ARRAY(arena, uint8_t, 2 * capacity);
    changes->failures = SL_ARENA_ARRAY(arena, uint8_t, 2 * capacity);
    return changes->result_rows != NULL && changes->key_rows != NULL && changes->kinds != NULL &&
           changes->failures != NULL;
}

enum sl_status op_group_changes_open(struct op_group_changes *changes, struct sl_env *env,
                                     const struct sl_schema *results, uint32_t capacity,
                                     struct sl_error *err)
{
    SL_ASSERT(capacity <= OP_GROUPS_MAX);
    changes->result_schema = *results;
    if (!reserve_groups(changes, env->arena, capacity) ||
        !reserve_changes(changes, env->arena, capacity)) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    return sl_batch_builder_init(&changes->results, &changes->result_schema, 2 * capacity,
                                 env->account, err);
}

void op_group_changes_close(struct op_group_changes *changes)
{
    sl_batch_builder_deinit(&changes->results);
}

static int64_t row_count_of(const struct op_group_changes *changes, uint32_t group)
{
    return *(const int64_t *)(const void *)((const char *)changes->values[group] +
                                            changes->row_count_offset);
}

/* Fibonacci hashing: values stand at multiples of 16. */
static inline uint32_t slot_of(const void *value, uint32_t mask)
{
    return (uint32_t)(((uint64_t)(uintptr_t)value >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) &
           mask;
}

/* Distinct values, in order of their first row, with slots[] zeroed. Whether a row's value is new
 * cannot be foreseen, so nothing branches on it: an empty slot leads to seen[0], the value itself.
 * Returns how many there are, in seen[1...]. */
static uint32_t collect_into(const void **seen, uint16_t *first_rows, uint16_t *slots,
                             uint32_t mask, const struct op_aggregate_rows *in)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        const void *value = in->values[i];
        uint32_t slot = slot_of(value, mask);
        seen[0] = value;
        while (seen[slots[slot]] != value) {
            slot = (slot + 1) & mask;
        }
        bool is_new = slots[slot] == 0;
        seen[count + 1] = value;
        first_rows[count] = in->rows[i];
        count += is_new;
        slots[slot] = is_new ? (uint16_t)count : slots[slot];
    }
    return count;
}

static enum sl_status collect(struct op_group_changes *changes, const struct op_aggregate_rows *in,
                              struct sl_arena *scratch, struct sl_error *err)
{
    uint32_t capacity = 16;
    while (capacity < 4 * in->count) {
        capacity *= 2;
    }
    uint16_t *slots = SL_ARENA_ARRAY(scratch, uint16_t, capacity);
    if (slots == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the groups of %u rows", in->count);
    }
    changes->group_count =
        collect_into(changes->values - 1, changes->rows, slots, capacity - 1, in);
    return SL_OK;
}

static void compute(struct op_group_changes *changes, uint32_t first_row)
{
    memset(changes->errors, SL_ROW_NONE, changes->group_count);
    op_aggregates_results(changes->layout, changes->values, changes->group_count, &changes->results,
                          first_row, changes->errors);
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
    sl_batch_builder_reset(&changes->results);
    compute(changes, 0);
    for (uint32_t i = 0; i < changes->group_count; i++) {
        changes->was_visible[i] = row_count_of(changes, i) > 0 && changes->errors[i] == SL_ROW_NONE;
    }
    return own_strings(&changes->results, changes->group_count, err);
}

static bool cell_is_same(const struct sl_vector *column, uint32_t before, uint32_t after)
{
    uint32_t width = sl_physical_width(column->physical);
    const char *data = column->data;
    bool is_valid = sl_vector_is_valid(column, before);
    if (!is_valid || !sl_vector_is_valid(column, after)) {
        return is_valid == sl_vector_is_valid(column, after);
    }
    if (column->physical == SL_VIEW) {
        return sl_view_equal((const struct sl_view *)column->data + before,
                             (const struct sl_view *)column->data + after);
    }
    return memcmp(data + (size_t)before * width, data + (size_t)after * width, width) == 0;
}

static void compare_words(uint8_t *is_same, const uint64_t *before, const uint64_t *after,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        is_same[i] &= before[i] == after[i];
    }
}

static void compare(struct op_group_changes *changes)
{
    uint32_t count = changes->group_count;
    memset(changes->is_same, 1, count);
    for (uint32_t i = 0; i < changes->result_schema.column_count; i++) {
        const struct sl_vector *column = &changes->results.batch.columns[i];
        const uint64_t *words = column->data;
        if (column->physical == SL_W8 && op_values_of_first(column, 2 * count).validity == NULL) {
            compare_words(changes->is_same, words, words + count, count);
            continue;
        }
        for (uint32_t group = 0; group < count; group++) {
            changes->is_same[group] &= cell_is_same(column, group, count + group);
        }
    }
}

static void say(struct op_group_changes *changes, uint32_t group, bool is_after,
                enum sl_row_kind kind, uint8_t failure)
{
    uint32_t idx = changes->count++;
    changes->result_rows[idx] = (uint16_t)(is_after ? changes->group_count + group : group);
    changes->key_rows[idx] = changes->rows[group];
    changes->kinds[idx] = (uint8_t)kind;
    changes->failures[idx] = failure;
}

static void say_group(struct op_group_changes *changes, uint32_t group)
{
    int64_t row_count = row_count_of(changes, group);
    uint8_t error = changes->errors[group];
    bool was_visible = changes->was_visible[group];
    bool is_visible = row_count > 0 && error == SL_ROW_NONE;
    if (was_visible && is_visible) {
        if (!changes->is_same[group]) {
            say(changes, group, false, SL_UPDATE_BEFORE, SL_ROW_NONE);
            say(changes, group, true, SL_UPDATE_AFTER, SL_ROW_NONE);
        }
    } else if (was_visible) {
        say(changes, group, false, SL_DELETE, SL_ROW_NONE);
    } else if (is_visible) {
        say(changes, group, true, SL_INSERT, SL_ROW_NONE);
    }
    if (error != SL_ROW_NONE && row_count > 0) {
        say(changes, group, true, SL_INSERT, error);
    }
    if (row_count == 0) {
        changes->gone_rows[changes->gone_count++] = changes->rows[group];
    }
}

void op_group_changes_end(struct op_group_changes *changes)
{
    compute(changes, changes->group_count);
    compare(changes);
    changes->count = 0;
    changes->gone_count = 0;
    for (uint32_t i = 0; i < changes->group_count; i++) {
        say_group(changes, i);
    }
}
