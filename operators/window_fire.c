/* SPDX-License-Identifier: Apache-2.0
 *
 * Completed windows: straight from the pane when windows do not overlap, else merged over panes in
 * a table of its own. */
#include "window_fire.h"

/* Columns behind keys and aggregates. */
enum { WINDOW_START, WINDOW_END, WINDOW_TIME, WINDOW_COLUMNS };

static struct sl_state_table *source_of(const struct op_window_fire *fire)
{
    return fire->merged == NULL ? fire->panes : fire->merged;
}

/* A window's rows lie in its only pane, or in namespace 0 of merged. */
static int64_t source_name_space(const struct op_window_fire *fire)
{
    return fire->merged == NULL ? fire->window_end : 0;
}

static enum sl_status open_fields(struct op_window_fire *fire, struct sl_env *env,
                                  const struct sl_state_def *def, struct sl_error *err)
{
    struct sl_column *columns = SL_ARENA_ARRAY(env->arena, struct sl_column, def->field_count);
    if (columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    for (uint32_t i = 0; i < def->field_count; i++) {
        columns[i].name = def->fields[i].name;
        columns[i].type = sl_state_field_type(&def->fields[i]);
    }
    fire->field_schema = (struct sl_schema){def->field_count, columns};
    return sl_batch_builder_init(&fire->fields, &fire->field_schema, env->batch_rows, env->account,
                                 err);
}

static enum sl_status open_merged(struct op_window_fire *fire, struct sl_env *env,
                                  struct sl_error *err)
{
    struct sl_state_def def = {.name = "window", .kind = SL_STATE_HASH, .version = 1};
    SL_TRY(op_aggregates_open(&fire->merged_layout, env, err));
    SL_TRY(op_aggregates_define(&fire->merged_layout, &def, err));
    SL_TRY(sl_state_table_create(&def, env->account, &fire->merged, err));
    SL_TRY(op_aggregates_bind(&fire->merged_layout, &def, 0, fire->merged, err));
    fire->identity = SL_ARENA_ARRAY(env->arena, uint16_t, env->batch_rows);
    fire->targets = SL_ARENA_ARRAY(env->arena, void *, env->batch_rows);
    if (fire->identity == NULL || fire->targets == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    for (uint32_t i = 0; i < env->batch_rows; i++) {
        fire->identity[i] = (uint16_t)i;
    }
    return open_fields(fire, env, &def, err);
}

enum sl_status op_window_fire_open(struct op_window_fire *fire, struct sl_env *env,
                                   const struct op_window_spec *spec,
                                   struct op_aggregates *pane_layout, uint32_t key_count,
                                   struct sl_error *err)
{
    uint32_t column_count = key_count + pane_layout->count + WINDOW_COLUMNS;
    if (env->node->schema.column_count != column_count) {
        return sl_fail(err, SL_CORRUPT, "%s has %u output columns, expected %u", env->label,
                       env->node->schema.column_count, column_count);
    }
    fire->spec = spec;
    fire->panes = env->states[0];
    fire->pane_layout = pane_layout;
    fire->account = env->account;
    fire->key_count = key_count;
    fire->fired_end =
        env->restored_watermark == INT64_MAX ? INT64_MAX : env->restored_watermark + 1;
    SL_TRY(op_entry_batch_open(&fire->out, env, key_count, err));
    SL_TRY(op_reject_queue_open(&fire->rejected, env, SL_OUT_REJECTED, err));
    return spec->pane_ms == spec->size_ms ? SL_OK : open_merged(fire, env, err);
}

void op_window_fire_close(struct op_window_fire *fire)
{
    sl_state_table_destroy(fire->merged);
    fire->merged = NULL;
    sl_batch_builder_deinit(&fire->fields);
    op_entry_batch_close(&fire->out);
    op_reject_queue_close(&fire->rejected);
}

/* The first window, by end, that has a pane with rows and has not fired. */
static bool next_window(struct op_window_fire *fire, int64_t *window_end)
{
    int64_t pane_end = INT64_MIN;
    while (sl_state_next_namespace(fire->panes, pane_end, &pane_end)) {
        if (op_pane_next_window(fire->spec, pane_end, fire->fired_end, window_end)) {
            return true;
        }
        pane_end++;
    }
    return false;
}

static enum sl_status add_entries(struct op_window_fire *fire, uint32_t count, struct sl_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_state_entry *entry = &fire->out.entries[i];
        SL_TRY(sl_state_add(fire->merged, 0, entry->key, entry->key_bytes, entry->hash,
                            &fire->targets[i], NULL, err));
    }
    return SL_OK;
}

static enum sl_status merge_pane(struct op_window_fire *fire, int64_t pane_end,
                                 struct sl_error *err)
{
    uint64_t cursor = 0;
    uint32_t count;
    while ((count = sl_state_scan(fire->panes, pane_end, &cursor, fire->out.entries,
                                  fire->out.capacity)) > 0) {
        bool has_errors;
        for (uint32_t i = 0; i < count; i++) {
            fire->out.values[i] = fire->out.entries[i].value;
        }
        SL_TRY(add_entries(fire, count, err));
        op_aggregates_read(fire->pane_layout, fire->panes, fire->out.values, count,
                           fire->fields.batch.columns);
        memset(fire->out.errors, 0, count);
        struct op_aggregate_rows rows = {&fire->fields.batch, fire->targets, fire->identity, count,
                                         NULL};
        op_aggregates_merge(&fire->merged_layout, &rows, 0, fire->out.errors, &has_errors);
        if (has_errors) {
            return sl_fail(err, SL_LIMIT, "a window's panes cannot be put together: %s",
                           "a sum passes 128 bits, or a string does not fit the memory limit");
        }
    }
    return SL_OK;
}

static enum sl_status merge_panes(struct op_window_fire *fire, struct sl_error *err)
{
    int64_t pane_end = fire->window_end - fire->spec->size_ms + fire->spec->pane_ms;
    while (sl_state_next_namespace(fire->panes, pane_end, &pane_end) &&
           pane_end <= fire->window_end) {
        SL_TRY(merge_pane(fire, pane_end, err));
        pane_end++;
    }
    return SL_OK;
}

static void drop_finished_panes(struct op_window_fire *fire)
{
    int64_t pane_end = INT64_MIN;
    int64_t last_end;
    while (
        sl_state_next_namespace(fire->panes, pane_end, &pane_end) &&
        (!op_pane_last_window(fire->spec, pane_end, &last_end) || last_end <= fire->window_end)) {
        sl_state_drop(fire->panes, pane_end);
    }
}

/* Writes a constant timestamp into rows 0..count-1 of a column. */
static void write_times(struct sl_vector *column, int64_t time_ms, uint32_t count)
{
    int64_t *data = column->data;
    int64_t ticks = op_ms_to_ticks(time_ms, op_ticks_per_ms(&column->type));
    for (uint32_t i = 0; i < count; i++) {
        data[i] = ticks;
    }
}

static enum sl_status fill_batch(struct op_window_fire *fire, uint32_t *count, struct sl_error *err)
{
    struct op_entry_batch *out = &fire->out;
    const struct op_aggregates *layout =
        fire->merged == NULL ? fire->pane_layout : &fire->merged_layout;
    SL_TRY(op_entry_batch_fill(out, source_of(fire), source_name_space(fire), &fire->cursor, count,
                               err));
    if (*count == 0) {
        return SL_OK;
    }
    op_aggregates_results(layout, out->values, *count, &out->rest, 0, out->errors);
    struct sl_vector *times = out->rest.batch.columns + layout->count;
    write_times(&times[WINDOW_START], fire->window_end - fire->spec->size_ms, *count);
    write_times(&times[WINDOW_END], fire->window_end, *count);
    write_times(&times[WINDOW_TIME], fire->window_end - 1, *count);
    op_entry_batch_finish(out, *count);
    for (uint32_t i = 0; i < *count; i++) {
        if (out->errors[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&fire->rejected, (enum sl_row_error)out->errors[i],
                                        "result of an aggregate", i, err));
        }
    }
    return SL_OK;
}

static enum sl_status begin_window(struct op_window_fire *fire, struct sl_error *err)
{
    fire->is_firing = true;
    fire->cursor = 0;
    return fire->merged == NULL ? SL_OK : merge_panes(fire, err);
}

static void end_window(struct op_window_fire *fire)
{
    fire->is_firing = false;
    fire->fired_end = fire->window_end;
    if (fire->merged != NULL) {
        sl_state_drop(fire->merged, 0);
    }
    drop_finished_panes(fire);
}

static enum sl_status hand_out(struct op_window_fire *fire, struct sl_outs *outs,
                               struct sl_error *err)
{
    bool all_rejected_out;
    SL_TRY(op_reject_queue_flush(&fire->rejected, &fire->out.batch, outs, &all_rejected_out, err));
    if (all_rejected_out) {
        fire->has_batch = false;
        outs->batches[SL_OUT_MAIN] = fire->out.batch.selected_count == 0 ? NULL : &fire->out.batch;
    }
    return SL_OK;
}

enum sl_status op_window_fire_until(struct op_window_fire *fire, int64_t watermark,
                                    struct sl_outs *outs, bool *is_done, struct sl_error *err)
{
    *is_done = false;
    if (fire->has_batch) {
        return hand_out(fire, outs, err);
    }
    for (;;) {
        uint32_t count = 0;
        if (!fire->is_firing) {
            if (!next_window(fire, &fire->window_end) ||
                !op_window_has_fired(fire->window_end, watermark)) {
                break;
            }
            SL_TRY(begin_window(fire, err));
        }
        SL_TRY(fill_batch(fire, &count, err));
        if (count > 0) {
            fire->has_batch = true;
            return hand_out(fire, outs, err);
        }
        end_window(fire);
    }
    fire->fired_end = SL_MAX(fire->fired_end, watermark == INT64_MAX ? watermark : watermark + 1);
    *is_done = true;
    return SL_OK;
}
