/* SPDX-License-Identifier: Apache-2.0
 *
 * SELECT's expressions. A plain column is handed on by reference; a row that fails in any
 * expression is deselected and rejected. */
#include "builtin.h"
#include "expr.h"
#include "row_errors.h"

struct project {
    const struct sl_expr *projections;
    uint32_t projection_count;
    struct op_expr **exprs;
    struct op_row_errors errors;
    bool is_rejecting; /* the batch is computed; only rejected rows are still to go out */
    const struct sl_schema *schema;
    struct sl_batch out;
    struct sl_vector *columns;
    struct sl_arena storage;
    uint16_t *selection;
    uint32_t capacity;
};

static enum sl_status project_open(struct sl_env *env, void **state, struct sl_error *err)
{
    const struct sl_param *projections = sl_plan_param(env->node, "projections");
    struct project *project = SL_ARENA_NEW(env->arena, struct project);
    *state = project;
    if (project == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    if (projections == NULL || projections->kind != SL_PARAM_EXPRS ||
        projections->count != env->node->schema.column_count) {
        return sl_fail(err, SL_CORRUPT, "%s does not have one projection a column", env->label);
    }
    sl_arena_init(&project->storage, env->account, 0);
    project->schema = &env->node->schema;
    SL_TRY(op_row_errors_open(&project->errors, env, err));
    project->exprs = SL_ARENA_ARRAY(env->arena, struct op_expr *, projections->count);
    project->columns = SL_ARENA_ARRAY(env->arena, struct sl_vector, projections->count);
    if (project->exprs == NULL || project->columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    project->projections = projections->exprs;
    project->projection_count = projections->count;
    for (uint32_t idx = 0; idx < projections->count; ++idx) {
        SL_TRY(op_expr_open(env, &projections->exprs[idx], &project->exprs[idx], err));
    }
    return SL_OK;
}

static void project_close(void *state)
{
    struct project *project = state;
    if (project == NULL) {
        return;
    }
    for (uint32_t idx = 0; idx < project->projection_count; ++idx) {
        op_expr_close(project->exprs[idx]);
    }
    op_row_errors_close(&project->errors);
    sl_arena_deinit(&project->storage);
}

static enum sl_status reserve(struct project *project, uint32_t row_count, struct sl_error *err)
{
    if (row_count <= project->capacity) {
        return SL_OK;
    }
    const uint32_t capacity = row_count <= SL_BATCH_ROWS_MAX ? SL_BATCH_ROWS_MAX : UINT16_MAX;
    sl_arena_reset(&project->storage);
    project->selection = SL_ARENA_ARRAY(&project->storage, uint16_t, capacity);
    project->capacity = project->selection == NULL ? 0 : capacity;
    return project->selection == NULL ? sl_fail(err, SL_MEMORY, "no memory for a selection")
                                      : SL_OK;
}

/* Notes and deselects the rows that failed; expressions after this one no longer see them. */
static enum sl_status drop_failed(struct project *project, const uint8_t *errors, const char *text,
                                  struct sl_error *err)
{
    struct sl_batch *out = &project->out;
    uint32_t kept = 0;
    for (uint32_t idx = 0; idx < out->selected_count; ++idx) {
        const uint32_t row = sl_batch_row(out, idx);
        if (errors[row] == SL_ROW_NONE) {
            project->selection[kept++] = (uint16_t)row;
        } else {
            SL_TRY(op_row_errors_note(&project->errors, row, errors[row], text, err));
        }
    }
    if (kept < out->selected_count) {
        out->selection = project->selection;
        out->selected_count = kept;
    }
    return SL_OK;
}

static enum sl_status compute(struct project *project, const struct sl_batch *in,
                              struct sl_error *err)
{
    struct sl_batch *out = &project->out;
    SL_TRY(reserve(project, in->row_count, err));
    SL_TRY(op_row_errors_begin(&project->errors, in->row_count, err));
    sl_batch_share_rows(out, in);
    out->schema = project->schema;
    out->columns = project->columns;
    for (uint32_t idx = 0; idx < project->projection_count; ++idx) {
        struct op_result result;
        SL_TRY(op_expr_run(project->exprs[idx], in, out->selection, out->selected_count, &result,
                           err));
        if (result.errors != NULL && project->errors.policy == OP_ERROR_NULL) {
            op_expr_null_errors(project->exprs[idx], out->selection, out->selected_count);
        } else if (result.errors != NULL) {
            SL_TRY(drop_failed(project, result.errors, project->projections[idx].text, err));
        }
        project->columns[idx] = *result.vector;
    }
    return SL_OK;
}

static enum sl_status project_process(void *state, uint32_t port, const struct sl_batch *in,
                                      struct sl_outs *outs, enum sl_flow *flow,
                                      struct sl_error *err)
{
    struct project *project = state;
    (void)port;
    if (!project->is_rejecting) {
        SL_TRY(compute(project, in, err));
        project->is_rejecting = true;
    }
    bool is_done;
    SL_TRY(op_row_errors_reject(&project->errors, in, outs, &is_done, err));
    if (!is_done) {
        *flow = SL_MORE;
        return SL_OK;
    }
    project->is_rejecting = false;
    outs->batches[SL_OUT_MAIN] = project->out.selected_count > 0 ? &project->out : NULL;
    *flow = SL_DONE;
    return SL_OK;
}

const struct sl_operator_def op_project_def = {
    .kind = "project",
    .port_count = 1,
    .open = project_open,
    .process = project_process,
    .close = project_close,
};
