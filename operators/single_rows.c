/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch dressed as partial rows. Always true: row numbers are those of the input, and what is not
 * selected in the output may hold anything. */
#include "single_rows.h"

enum { PANE_END_COLUMN, FIRST_FIELD_COLUMN };

enum sl_status op_single_rows_open(struct op_single_rows *single, struct sl_env *env,
                                   const struct sl_param *keys, const struct op_aggregates *layout,
                                   struct sl_error *err)
{
    const struct sl_schema *schema = &env->node->schema;
    single->keys = keys;
    single->layout = layout;
    single->out.schema = schema;
    single->out.columns = SL_ARENA_ARRAY(env->arena, struct sl_vector, schema->column_count);
    if (single->out.columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the output of %s", env->label);
    }
    single->rest_schema = (struct sl_schema){.column_count = schema->column_count - keys->count,
                                             .columns = schema->columns + keys->count};
    return sl_batch_builder_init(&single->rest, &single->rest_schema, SL_BATCH_ROWS_MAX,
                                 env->account, err);
}

void op_single_rows_close(struct op_single_rows *single)
{
    sl_batch_builder_deinit(&single->rest);
}

/* Rows of one pane need one value. */
static void put_pane_ends(struct sl_vector *column, const struct op_pane_rows *panes)
{
    int64_t *pane_ends = column->data;
    if (panes->run_count == 1) {
        pane_ends[0] = panes->runs[0].pane_end;
        column->encoding = SL_CONST;
        return;
    }
    for (uint32_t i = 0; i < panes->run_count; i++) {
        const struct op_pane_run *run = &panes->runs[i];
        for (uint32_t k = run->first; k < run->first + run->count; k++) {
            pane_ends[panes->rows[k]] = run->pane_end;
        }
    }
}

bool op_single_rows_make(struct op_single_rows *single, const struct sl_batch *batch,
                         const struct op_pane_rows *panes)
{
    uint32_t key_count = single->keys->count;
    struct sl_vector *rest = single->out.columns + key_count;
    if (batch->row_count > single->rest.capacity || panes->count == 0) {
        return false;
    }
    memcpy(rest, single->rest.batch.columns, single->rest_schema.column_count * sizeof *rest);
    if (!op_aggregates_single(single->layout, batch, panes->rows, panes->count,
                              &rest[FIRST_FIELD_COLUMN])) {
        return false;
    }
    put_pane_ends(&rest[PANE_END_COLUMN], panes);
    for (uint32_t i = 0; i < key_count; i++) {
        single->out.columns[i] = batch->columns[single->keys->columns[i]];
    }
    single->out.row_count = batch->row_count;
    single->out.selection = panes->count == batch->row_count ? NULL : panes->rows;
    single->out.selected_count = panes->count;
    return true;
}
