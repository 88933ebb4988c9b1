/* SPDX-License-Identifier: Apache-2.0
 *
 * State entries as rows. Always true: a batch holds entries of one namespace. */
#include "entry_batch.h"

static enum sl_status reserve(struct op_entry_batch *out, struct sl_env *env, struct sl_error *err)
{
    struct sl_arena *arena = env->arena;
    uint32_t capacity = out->capacity;
    out->entries = SL_ARENA_ARRAY(arena, struct sl_state_entry, capacity);
    out->values = SL_ARENA_ARRAY(arena, const void *, capacity);
    out->selection = SL_ARENA_ARRAY(arena, uint16_t, capacity);
    out->errors = SL_ARENA_ARRAY(arena, uint8_t, capacity);
    out->batch.columns = SL_ARENA_ARRAY(arena, struct sl_vector, env->node->schema.column_count);
    if (out->entries == NULL || out->values == NULL || out->selection == NULL ||
        out->errors == NULL || out->batch.columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the output of %s", env->label);
    }
    return SL_OK;
}

enum sl_status op_entry_batch_open(struct op_entry_batch *out, struct sl_env *env,
                                   uint32_t key_count, struct sl_error *err)
{
    const struct sl_schema *schema = &env->node->schema;
    if (key_count > schema->column_count) {
        return sl_fail(err, SL_CORRUPT, "%s has %u keys and %u columns", env->label, key_count,
                       schema->column_count);
    }
    out->capacity = env->batch_rows;
    out->batch.schema = schema;
    out->key_schema = (struct sl_schema){key_count, schema->columns};
    out->rest_schema =
        (struct sl_schema){schema->column_count - key_count, schema->columns + key_count};
    SL_TRY(sl_batch_builder_init(&out->keys, &out->key_schema, out->capacity, env->account, err));
    SL_TRY(sl_batch_builder_init(&out->rest, &out->rest_schema, out->capacity, env->account, err));
    return reserve(out, env, err);
}

void op_entry_batch_close(struct op_entry_batch *out)
{
    sl_batch_builder_deinit(&out->keys);
    sl_batch_builder_deinit(&out->rest);
}

enum sl_status op_entry_batch_fill(struct op_entry_batch *out, struct sl_state_table *table,
                                   int64_t name_space, uint64_t *cursor, uint32_t *count,
                                   struct sl_error *err)
{
    sl_batch_builder_reset(&out->keys);
    sl_batch_builder_reset(&out->rest);
    *count = sl_state_scan(table, name_space, cursor, out->entries, out->capacity);
    for (uint32_t i = 0; i < *count; i++) {
        size_t used = 0;
        out->values[i] = out->entries[i].value;
        out->errors[i] = SL_ROW_NONE;
        SL_TRY(
            sl_row_decode(&out->keys, out->entries[i].key, out->entries[i].key_bytes, &used, err));
    }
    return SL_OK;
}

struct sl_batch *op_entry_batch_finish(struct op_entry_batch *out, uint32_t count)
{
    uint32_t key_count = out->key_schema.column_count;
    struct sl_batch *batch = &out->batch;
    for (uint32_t i = 0; i < key_count; i++) {
        batch->columns[i] = out->keys.batch.columns[i];
    }
    for (uint32_t i = 0; i < out->rest_schema.column_count; i++) {
        batch->columns[key_count + i] = out->rest.batch.columns[i];
    }
    uint32_t selected_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        out->selection[selected_count] = (uint16_t)i;
        selected_count += out->errors[i] == SL_ROW_NONE;
    }
    batch->row_count = count;
    batch->selected_count = selected_count;
    batch->selection = selected_count == count ? NULL : out->selection;
    return batch;
}
