/* SPDX-License-Identifier: Apache-2.0
 *
 * A local half's table as rows. Always true: an entry goes out once, and its namespace is dropped
 * only when the driver has come back for more. */
#include "partial_rows.h"

enum { LEAD_COLUMN, FIRST_FIELD_COLUMN, ROW_COUNT_FIELD = 0 };

enum sl_status op_partial_rows_open(struct op_partial_rows *partials, struct sl_env *env,
                                    uint32_t key_count, bool has_row_count, struct sl_error *err)
{
    struct sl_state_def def = {.name = "partials", .kind = SL_STATE_HASH, .version = 1};
    if (has_row_count) {
        def.fields[def.field_count++] = (struct sl_state_field){"row_count", SL_W8};
    }
    uint32_t first_field = def.field_count;
    partials->has_row_count = has_row_count;
    SL_TRY(op_aggregates_open(&partials->layout, env, err));
    SL_TRY(op_aggregates_define(&partials->layout, &def, err));
    partials->row_count_offset = has_row_count ? sl_state_field_offset(&def, ROW_COUNT_FIELD) : 0;
    SL_TRY(sl_state_table_create(&def, env->account, &partials->table, err));
    SL_TRY(op_aggregates_bind(&partials->layout, &def, first_field, partials->table, err));
    uint32_t column_count = key_count + FIRST_FIELD_COLUMN + partials->layout.field_count;
    if (env->node->schema.column_count != column_count) {
        return sl_fail(err, SL_CORRUPT, "%s has %u output columns, expected %u", env->label,
                       env->node->schema.column_count, column_count);
    }
    return op_entry_batch_open(&partials->out, env, key_count, err);
}

void op_partial_rows_close(struct op_partial_rows *partials)
{
    sl_state_table_destroy(partials->table);
    partials->table = NULL;
    op_entry_batch_close(&partials->out);
}

bool op_partial_rows_is_empty(const struct op_partial_rows *partials)
{
    int64_t name_space;
    return !sl_state_next_namespace(partials->table, INT64_MIN, &name_space);
}

static void write_columns(struct op_partial_rows *partials, uint32_t count)
{
    struct sl_vector *columns = partials->out.rest.batch.columns;
    const void *const *values = partials->out.values;
    if (partials->has_row_count) {
        sl_state_read_field(partials->table, ROW_COUNT_FIELD, values, count, &columns[LEAD_COLUMN]);
    } else {
        int64_t *pane_ends = columns[LEAD_COLUMN].data;
        for (uint32_t i = 0; i < count; i++) {
            pane_ends[i] = partials->name_space;
        }
    }
    op_aggregates_read(&partials->layout, partials->table, values, count,
                       &columns[FIRST_FIELD_COLUMN]);
}

enum sl_status op_partial_rows_empty(struct op_partial_rows *partials, int64_t last,
                                     struct sl_outs *outs, bool *is_done, struct sl_error *err)
{
    for (;;) {
        uint32_t count = 0;
        if (!partials->is_emptying) {
            if (!sl_state_next_namespace(partials->table, INT64_MIN, &partials->name_space) ||
                partials->name_space > last) {
                break;
            }
            partials->is_emptying = true;
            partials->cursor = 0;
        }
        SL_TRY(op_entry_batch_fill(&partials->out, partials->table, partials->name_space,
                                   &partials->cursor, &count, err));
        if (count > 0) {
            write_columns(partials, count);
            partials->emitted_count += count;
            outs->batches[SL_OUT_MAIN] = op_entry_batch_finish(&partials->out, count);
            *is_done = false;
            return SL_OK;
        }
        sl_state_drop(partials->table, partials->name_space);
        partials->is_emptying = false;
    }
    *is_done = true;
    return SL_OK;
}
