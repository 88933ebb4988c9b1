/* SPDX-License-Identifier: Apache-2.0
 *
 * WHERE: lets rows pass for which every conjunct is TRUE. Rows are deselected, never copied; each
 * conjunct looks only at what the ones before it left. As in AND, a FALSE conjunct hides the
 * failure of another one, so a row that failed is rejected only when all of them are computed. */
#include "builtin.h"
#include "expr.h"
#include "row_errors.h"

struct filter {
    const struct sl_expr *predicates;
    uint32_t predicate_count;
    struct op_expr **exprs;
    struct op_row_errors errors;
    bool is_rejecting; /* the batch is computed; only rejected rows are still to go out */
    struct sl_batch out;
    struct sl_arena storage;
    uint16_t *selection;
    uint8_t *failures;   /* enum sl_row_error by physical row, once has_failures */
    uint16_t *failed_in; /* which predicate that was */
    bool has_failures;
    uint32_t capacity;
};

static enum sl_status filter_open(struct sl_env *env, void **state, struct sl_error *err)
{
    const struct sl_param *predicates = sl_plan_param(env->node, "predicates");
    struct filter *filter = SL_ARENA_NEW(env->arena, struct filter);
    *state = filter;
    if (filter == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    if (predicates == NULL || predicates->kind != SL_PARAM_EXPRS) {
        return sl_fail(err, SL_CORRUPT, "%s has no predicates", env->label);
    }
    sl_arena_init(&filter->storage, env->account, 0);
    SL_TRY(op_row_errors_open(&filter->errors, env, err));
    filter->exprs = SL_ARENA_ARRAY(env->arena, struct op_expr *, predicates->count);
    if (filter->exprs == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    filter->predicates = predicates->exprs;
    filter->predicate_count = predicates->count;
    for (uint32_t idx = 0; idx < predicates->count; ++idx) {
        SL_TRY(op_expr_open(env, &predicates->exprs[idx], &filter->exprs[idx], err));
    }
    return SL_OK;
}

static void filter_close(void *state)
{
    struct filter *filter = state;
    if (filter == NULL) {
        return;
    }
    for (uint32_t idx = 0; idx < filter->predicate_count; ++idx) {
        op_expr_close(filter->exprs[idx]);
    }
    op_row_errors_close(&filter->errors);
    sl_arena_deinit(&filter->storage);
}

static enum sl_status reserve(struct filter *filter, uint32_t row_count, struct sl_error *err)
{
    if (row_count <= filter->capacity) {
        return SL_OK;
    }
    const uint32_t capacity = row_count <= SL_BATCH_ROWS_MAX ? SL_BATCH_ROWS_MAX : UINT16_MAX;
    sl_arena_reset(&filter->storage);
    filter->selection = SL_ARENA_ARRAY(&filter->storage, uint16_t, capacity);
    filter->failures = SL_ARENA_ARRAY(&filter->storage, uint8_t, capacity);
    filter->failed_in = SL_ARENA_ARRAY(&filter->storage, uint16_t, capacity);
    const bool is_reserved =
        filter->selection != NULL && filter->failures != NULL && filter->failed_in != NULL;
    filter->capacity = is_reserved ? capacity : 0;
    return is_reserved ? SL_OK : sl_fail(err, SL_MEMORY, "no memory for a selection");
}

/* The first failure of a row counts. */
static void remember_failures(struct filter *filter, const uint8_t *errors, uint32_t predicate_idx)
{
    if (!filter->has_failures) {
        memset(filter->failures, 0, filter->out.row_count);
        filter->has_failures = true;
    }
    for (uint32_t idx = 0; idx < filter->out.selected_count; ++idx) {
        const uint32_t row = sl_batch_row(&filter->out, idx);
        if (errors[row] != SL_ROW_NONE && filter->failures[row] == SL_ROW_NONE) {
            filter->failures[row] = errors[row];
            filter->failed_in[row] = (uint16_t)predicate_idx;
        }
    }
}

/* Rows that failed and that no other conjunct dropped. */
static enum sl_status reject_failures(struct filter *filter, struct sl_error *err)
{
    struct sl_batch *out = &filter->out;
    uint32_t kept = 0;
    for (uint32_t idx = 0; idx < out->selected_count; ++idx) {
        const uint32_t row = sl_batch_row(out, idx);
        if (filter->failures[row] == SL_ROW_NONE) {
            filter->selection[kept++] = (uint16_t)row;
            continue;
        }
        SL_TRY(op_row_errors_note(&filter->errors, row, filter->failures[row],
                                  filter->predicates[filter->failed_in[row]].text, err));
    }
    out->selection = filter->selection;
    out->selected_count = kept;
    return SL_OK;
}

static uint32_t keep_dense(const uint8_t *values, uint32_t count, uint16_t *selection)
{
    uint32_t kept = 0;
    for (uint32_t row = 0; row < count; ++row) {
        selection[kept] = (uint16_t)row;
        kept += values[row];
    }
    return kept;
}

/* rows may be selection itself: what is written lies behind what is read. */
static uint32_t keep_selected(const uint8_t *values, const uint16_t *rows, uint32_t count,
                              uint16_t *selection)
{
    uint32_t kept = 0;
    for (uint32_t idx = 0; idx < count; ++idx) {
        const uint16_t row = rows[idx];
        selection[kept] = row;
        kept += values[row];
    }
    return kept;
}

/* A row that failed stays, unless a conjunct is FALSE. */
static uint32_t keep_checked(const struct filter *filter, const struct op_result *result)
{
    const uint8_t *values = (const uint8_t *)result->vector->data;
    uint32_t kept = 0;
    for (uint32_t idx = 0; idx < filter->out.selected_count; ++idx) {
        const uint32_t row = sl_batch_row(&filter->out, idx);
        const bool is_unknown = (result->errors != NULL && result->errors[row] != SL_ROW_NONE) ||
                                !sl_vector_is_valid(result->vector, row);
        const bool has_failed = filter->has_failures && filter->failures[row] != SL_ROW_NONE;
        if (is_unknown ? has_failed : values[sl_vector_index(result->vector, row)] != 0) {
            filter->selection[kept++] = (uint16_t)row;
        }
    }
    return kept;
}

static void narrow(struct filter *filter, const struct op_result *result)
{
    struct sl_batch *out = &filter->out;
    const uint8_t *values = (const uint8_t *)result->vector->data;
    uint32_t kept;
    if (result->errors != NULL || result->vector->validity != NULL ||
        result->vector->encoding == SL_CONST) {
        kept = keep_checked(filter, result);
    } else if (out->selection == NULL) {
        kept = keep_dense(values, out->selected_count, filter->selection);
    } else {
        kept = keep_selected(values, out->selection, out->selected_count, filter->selection);
    }
    if (kept < out->selected_count) {
        out->selection = filter->selection;
        out->selected_count = kept;
    }
}

static enum sl_status compute(struct filter *filter, const struct sl_batch *in,
                              struct sl_error *err)
{
    SL_TRY(reserve(filter, in->row_count, err));
    SL_TRY(op_row_errors_begin(&filter->errors, in->row_count, err));
    filter->out = *in;
    filter->has_failures = false;
    for (uint32_t idx = 0; idx < filter->predicate_count && filter->out.selected_count > 0; ++idx) {
        struct op_result result;
        SL_TRY(op_expr_run(filter->exprs[idx], in, filter->out.selection,
                           filter->out.selected_count, &result, err));
        if (result.errors != NULL && filter->errors.policy != OP_ERROR_NULL) {
            remember_failures(filter, result.errors, idx);
        }
        narrow(filter, &result);
    }
    return filter->has_failures ? reject_failures(filter, err) : SL_OK;
}

static enum sl_status filter_process(void *state, uint32_t port, const struct sl_batch *in,
                                     struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct filter *filter = state;
    (void)port;
    if (!filter->is_rejecting) {
        SL_TRY(compute(filter, in, err));
        filter->is_rejecting = true;
    }
    bool is_done;
    SL_TRY(op_row_errors_reject(&filter->errors, in, outs, &is_done, err));
    if (!is_done) {
        *flow = SL_MORE;
        return SL_OK;
    }
    filter->is_rejecting = false;
    outs->batches[SL_OUT_MAIN] = filter->out.selected_count > 0 ? &filter->out : NULL;
    *flow = SL_DONE;
    return SL_OK;
}

const struct sl_operator_def op_filter_def = {
    .kind = "filter",
    .port_count = 1,
    .open = filter_open,
    .process = filter_process,
    .close = filter_close,
};
