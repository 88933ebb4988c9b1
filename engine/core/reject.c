/* SPDX-License-Identifier: Apache-2.0
 *
 * Rejected and late rows as batches of one schema.
 * Always true: what was taken stays as it is until the next row is added. */
#include "sluice/operator.h"

#include "sluice/json.h"
#include "sluice/value.h"

enum { REJECT_REASON, REJECT_DETAIL, REJECT_SPLIT, REJECT_POSITION, REJECT_ROW, REJECT_COLUMNS };
enum { ROW_BYTES_MAX = 4096, SPLIT_TEXT_BYTES = 16 };

const struct sl_schema *sl_rejected_schema(void)
{
#define STRING                                                           \
    {                                                                    \
        .id = SL_TYPE_VARCHAR, .nullable = true, .length = SL_LENGTH_MAX \
    }
    static const struct sl_column COLUMNS[REJECT_COLUMNS] = {
        [REJECT_REASON] = {"reason", STRING},
        [REJECT_DETAIL] = {"detail", STRING},
        [REJECT_SPLIT] = {"split", STRING},
        [REJECT_POSITION] = {"position", {.id = SL_TYPE_BIGINT, .nullable = true}},
        [REJECT_ROW] = {"row",
                        {.id = SL_TYPE_VARBINARY, .nullable = true, .length = SL_LENGTH_MAX}},
    };
#undef STRING
    static const struct sl_schema SCHEMA = {REJECT_COLUMNS, COLUMNS};
    return &SCHEMA;
}

enum sl_status sl_rejects_open(struct sl_rejects *rejects, struct sl_env *env, struct sl_error *err)
{
    memset(rejects, 0, sizeof *rejects);
    rejects->env = env;
    uint32_t capacity = env->batch_rows > 0 ? env->batch_rows : SL_BATCH_ROWS_MAX;
    SL_TRY(sl_batch_builder_init(&rejects->builder, sl_rejected_schema(), capacity, env->account,
                                 err));
    rejects->is_open = true;
    return SL_OK;
}

void sl_rejects_close(struct sl_rejects *rejects)
{
    if (rejects->is_open) {
        sl_batch_builder_deinit(&rejects->builder);
        rejects->is_open = false;
    }
}

static enum sl_status set_bytes(struct sl_rejects *rejects, uint32_t column, const char *data,
                                size_t length, struct sl_error *err)
{
    struct sl_batch_builder *builder = &rejects->builder;
    uint32_t row = builder->batch.row_count;
    struct sl_view *view = &((struct sl_view *)builder->batch.columns[column].data)[row];
    if (data == NULL) {
        memset(view, 0, sizeof *view);
        sl_bitmap_clear(sl_batch_builder_validity(builder, column), row);
        return SL_OK;
    }
    const char *kept = data;
    if (length > SL_VIEW_INLINE_BYTES) {
        kept = sl_arena_copy(&builder->strings, data, length);
        if (kept == NULL) {
            return sl_fail(err, SL_MEMORY, "%s: no memory for a rejected row",
                           rejects->env->label != NULL ? rejects->env->label : "rejects");
        }
    }
    *view = sl_view_of(kept, length);
    return SL_OK;
}

static enum sl_status set_string(struct sl_rejects *rejects, uint32_t column, const char *string,
                                 struct sl_error *err)
{
    return set_bytes(rejects, column, string, string == NULL ? 0 : strlen(string), err);
}

enum sl_status sl_rejects_add(struct sl_rejects *rejects, enum sl_row_error reason,
                              const char *detail, const char *split, int64_t position,
                              const char *row, size_t row_bytes, struct sl_error *err)
{
    struct sl_batch *batch = &rejects->builder.batch;
    if (rejects->is_taken) {
        sl_batch_builder_reset(&rejects->builder);
        rejects->is_taken = false;
    }
    if (batch->row_count >= rejects->builder.capacity) {
        return sl_fail(err, SL_INTERNAL, "rejected rows were not taken in time");
    }
    SL_TRY(set_string(rejects, REJECT_REASON, sl_row_error_text(reason), err));
    SL_TRY(set_string(rejects, REJECT_DETAIL, detail, err));
    SL_TRY(set_string(rejects, REJECT_SPLIT, split, err));
    SL_TRY(set_bytes(rejects, REJECT_ROW, row, SL_MIN(row_bytes, (size_t)ROW_BYTES_MAX), err));
    ((int64_t *)batch->columns[REJECT_POSITION].data)[batch->row_count] = position;
    batch->row_count++;
    batch->selected_count = batch->row_count;
    return SL_OK;
}

/* Columns that nobody filled are left out. */
static void append_row_json(struct sl_text *text, const struct sl_batch *batch, uint32_t row)
{
    bool is_first = true;
    sl_text_append_char(text, '{');
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        const struct sl_vector *column = &batch->columns[i];
        const char *name = batch->schema->columns[i].name;
        if (column->data == NULL && column->physical != SL_STRUCT) {
            continue;
        }
        if (!is_first) {
            sl_text_append_char(text, ',');
        }
        is_first = false;
        sl_json_append_string(text, name, strlen(name));
        sl_text_append_char(text, ':');
        sl_value_append_json(text, column, row);
    }
    sl_text_append_char(text, '}');
}

static const struct sl_run *run_of(const struct sl_batch *batch, uint32_t row)
{
    const struct sl_run *found = NULL;
    for (uint32_t i = 0; batch->runs != NULL && i < batch->run_count; i++) {
        if (batch->runs[i].first_row <= row) {
            found = &batch->runs[i];
        }
    }
    return found;
}

enum sl_status sl_rejects_add_row(struct sl_rejects *rejects, enum sl_row_error reason,
                                  const char *detail, const struct sl_batch *batch, uint32_t row,
                                  struct sl_error *err)
{
    const struct sl_run *run = run_of(batch, row);
    struct sl_text split;
    struct sl_text text;
    sl_text_init(&split, rejects->env->account, SPLIT_TEXT_BYTES);
    sl_text_init(&text, rejects->env->account, 0);
    append_row_json(&text, batch, row);
    int64_t position = 0;
    if (run != NULL) {
        sl_text_append_int64(&split, run->split);
        sl_text_append_char(&split, '\0');
        position = (int64_t)((uint64_t)run->position + (row - run->first_row));
    }
    enum sl_status status;
    if (text.failed || split.failed) {
        status = sl_fail(err, SL_MEMORY, "no memory to print a rejected row");
    } else {
        status = sl_rejects_add(rejects, reason, detail, run != NULL ? split.data : NULL, position,
                                text.data, text.length, err);
    }
    sl_text_deinit(&split);
    sl_text_deinit(&text);
    return status;
}

bool sl_rejects_is_full(const struct sl_rejects *rejects)
{
    return !rejects->is_taken && rejects->builder.batch.row_count >= rejects->builder.capacity;
}

struct sl_batch *sl_rejects_take(struct sl_rejects *rejects)
{
    if (!rejects->is_open || rejects->is_taken || rejects->builder.batch.row_count == 0) {
        return NULL;
    }
    rejects->is_taken = true;
    return &rejects->builder.batch;
}
