/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the steps of an expression over the rows asked for. A row of a step has a value, is NULL or
 * has failed; a failure goes with the value and is dropped with it (CASE, AND, OR). */
#include "expr_step.h"

enum sl_status op_step_reserve(struct op_step *step, uint32_t capacity, struct sl_arena *arena,
                               struct sl_error *err)
{
    SL_TRY(sl_vector_init(&step->own, &step->plan->type, capacity, arena, err));
    step->validity_storage = SL_ARENA_ARRAY(arena, uint64_t, sl_bitmap_words(capacity));
    step->error_storage = SL_ARENA_ARRAY(arena, uint8_t, capacity);
    step->error_storage_is_dirty = false;
    if (step->validity_storage == NULL || step->error_storage == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for an expression's result of %u rows", capacity);
    }
    return SL_OK;
}

static enum sl_status reserve(struct op_expr *expr, uint32_t row_count, struct sl_error *err)
{
    if (row_count <= expr->capacity) {
        return SL_OK;
    }
    const uint32_t capacity = row_count <= expr->batch_rows ? expr->batch_rows : UINT16_MAX;
    const bool is_column = expr->step_count == 1 && expr->steps[0].plan->kind == SL_STEP_COLUMN;
    SL_ASSERT(row_count <= UINT16_MAX);
    if (is_column) {
        return SL_OK;
    }
    sl_arena_deinit(&expr->results);
    sl_arena_init(&expr->results, expr->account, 0);
    expr->capacity = 0;
    for (uint32_t idx = 0; idx < expr->step_count; ++idx) {
        struct op_step *step = &expr->steps[idx];
        if (!step->is_constant && step->plan->kind != SL_STEP_COLUMN) {
            SL_TRY(op_step_reserve(step, capacity, &expr->results, err));
        }
    }
    expr->rows_storage = SL_ARENA_ARRAY(&expr->results, uint16_t, capacity);
    expr->choices = SL_ARENA_ARRAY(&expr->results, uint16_t, capacity);
    if (expr->rows_storage == NULL || expr->choices == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for expression '%s'", expr->plan->text);
    }
    expr->capacity = capacity;
    return SL_OK;
}

/* The result is NULL where any argument is. False when it is NULL everywhere. */
static bool combine_validity(struct op_step *step, uint32_t physical_count)
{
    const uint32_t word_count = sl_bitmap_words(physical_count);
    uint64_t *restrict result = step->validity_storage;
    for (uint32_t idx = 0; idx < step->plan->argument_count; ++idx) {
        const struct sl_vector *argument = step->arguments[idx];
        if (argument->validity == NULL) {
            continue;
        }
        if (argument->encoding == SL_CONST) {
            if (!sl_bitmap_get(argument->validity, 0)) {
                memset(result, 0, word_count * sizeof *result);
                step->own.validity = result;
                return false;
            }
            continue;
        }
        if (step->own.validity == NULL) {
            memcpy(result, argument->validity, word_count * sizeof *result);
            step->own.validity = result;
        } else {
            for (uint32_t word = 0; word < word_count; ++word) {
                result[word] &= argument->validity[word];
            }
        }
    }
    return true;
}

static bool argument_failed(const struct op_expr *expr, const struct op_step *step, uint32_t row)
{
    for (uint32_t idx = 0; idx < step->plan->argument_count; ++idx) {
        const uint8_t *errors = expr->steps[step->plan->arguments[idx]].errors;
        if (errors != NULL && errors[row] != SL_ROW_NONE) {
            return true;
        }
    }
    return false;
}

static bool any_argument_failed(const struct op_expr *expr, const struct op_step *step)
{
    for (uint32_t idx = 0; idx < step->plan->argument_count; ++idx) {
        if (expr->steps[step->plan->arguments[idx]].errors != NULL) {
            return true;
        }
    }
    return false;
}

/* Strings in rows without a value may point anywhere: such rows are left out, and their results
 * made empty. */
static void leave_out(struct op_expr *expr, struct op_step *step, const struct op_expr_run_env *run,
                      struct sl_kernel_call *call)
{
    const bool has_errors = any_argument_failed(expr, step);
    const uint64_t *validity = step->own.validity;
    uint32_t count = 0;
    if (!has_errors && validity == NULL) {
        return;
    }
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        const uint32_t row = op_run_row(run, idx);
        const bool is_null = validity != NULL && !sl_bitmap_get(validity, row);
        if (!is_null && !(has_errors && argument_failed(expr, step, row))) {
            expr->rows_storage[count++] = (uint16_t)row;
        }
    }
    if (step->own.physical == SL_VIEW) {
        memset(step->own.data, 0, run->physical_count * sizeof(struct sl_view));
    }
    call->rows = expr->rows_storage;
    call->computed_count = count;
}

/* Drops what the kernel made of rows that are NULL anyway. */
static void settle_own_errors(struct op_step *step, const struct op_expr_run_env *run)
{
    bool is_any_left = false;
    step->error_storage_is_dirty = true;
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        const uint32_t row = op_run_row(run, idx);
        if (step->error_storage[row] == SL_ROW_NONE) {
            continue;
        }
        if (step->plan->try_cast) {
            op_step_ensure_validity(step, run->physical_count);
            sl_bitmap_clear(step->own.validity, row);
        }
        if (step->own.validity != NULL && !sl_bitmap_get(step->own.validity, row)) {
            step->error_storage[row] = SL_ROW_NONE;
        } else {
            is_any_left = true;
        }
    }
    step->errors = is_any_left ? step->error_storage : NULL;
}

/* Of several failed arguments the first one counts: it is written last. */
static void pass_on_errors(struct op_expr *expr, struct op_step *step,
                           const struct op_expr_run_env *run)
{
    for (uint32_t idx = step->plan->argument_count; idx-- > 0;) {
        const uint8_t *errors = expr->steps[step->plan->arguments[idx]].errors;
        for (uint32_t row_idx = 0; errors != NULL && row_idx < run->row_count; ++row_idx) {
            const uint32_t row = op_run_row(run, row_idx);
            if (errors[row] != SL_ROW_NONE) {
                op_step_set_error(step, row, errors[row]);
            }
        }
    }
}

static void run_kernel(struct op_expr *expr, struct op_step *step,
                       const struct op_expr_run_env *run)
{
    bool has_errors = false;
    struct sl_kernel_call call = {
        .abi = SL_KERNEL_ABI,
        .row_count = run->physical_count,
        .rows = run->rows,
        .computed_count = run->row_count,
        .argument_count = step->argument_count,
        .arguments = step->arguments,
        .result = &step->own,
        .errors = step->error_storage,
        .has_errors = &has_errors,
        .validity_storage = step->validity_storage,
        .scratch = run->scratch,
        .state = step->kernel_state,
    };
    if (step->kernel->is_strict && !combine_validity(step, run->physical_count)) {
        if (step->own.physical == SL_VIEW) {
            memset(step->own.data, 0, run->physical_count * sizeof(struct sl_view));
        }
        return;
    }
    if (step->uses_views) {
        leave_out(expr, step, run, &call);
    }
    step->kernel->call(&call);
    if (has_errors) {
        settle_own_errors(step, run);
    }
}

static void run_call(struct op_expr *expr, struct op_step *step, const struct op_expr_run_env *run)
{
    op_step_begin(step);
    for (uint32_t idx = 0; idx < step->plan->argument_count; ++idx) {
        step->arguments[idx] = expr->steps[step->plan->arguments[idx]].value;
    }
    if (step->kernel != NULL) {
        run_kernel(expr, step, run);
        pass_on_errors(expr, step, run);
        return;
    }
    const struct op_step *argument = &expr->steps[step->plan->arguments[0]];
    step->own = *argument->value;
    step->own.type = step->plan->type;
    step->errors = argument->errors;
}

void op_step_run(struct op_expr *expr, struct op_step *step, const struct op_expr_run_env *run)
{
    switch (step->plan->kind) {
    case SL_STEP_COLUMN:
        step->value = &run->in->columns[step->plan->column];
        break;
    case SL_STEP_CONSTANT:
        break;
    case SL_STEP_CALL:
    case SL_STEP_CAST:
        run_call(expr, step, run);
        break;
    case SL_STEP_AND:
    case SL_STEP_OR:
        op_step_run_logic(expr, step, run);
        break;
    case SL_STEP_CASE:
        op_step_run_case(expr, step, run);
        break;
    }
}

enum sl_status op_expr_run(struct op_expr *expr, const struct sl_batch *in, const uint16_t *rows,
                           uint32_t row_count, struct op_result *result, struct sl_error *err)
{
    const struct op_expr_run_env run = {
        .in = in,
        .rows = rows,
        .row_count = row_count,
        .physical_count = in->row_count,
        .scratch = &expr->scratch,
    };
    SL_TRY(reserve(expr, in->row_count, err));
    expr->physical_count = in->row_count;
    sl_arena_reset(&expr->scratch);
    for (uint32_t idx = 0; idx < expr->step_count; ++idx) {
        if (!expr->steps[idx].is_constant) {
            op_step_run(expr, &expr->steps[idx], &run);
        }
    }
    const struct op_step *last = &expr->steps[expr->step_count - 1];
    result->vector = last->value;
    result->errors = last->errors;
    return SL_OK;
}

void op_expr_null_errors(struct op_expr *expr, const uint16_t *rows, uint32_t row_count)
{
    struct op_step *last = &expr->steps[expr->step_count - 1];
    if (last->errors == NULL) {
        return;
    }
    for (uint32_t idx = 0; idx < row_count; ++idx) {
        const uint32_t row = rows == NULL ? idx : rows[idx];
        if (last->errors[row] == SL_ROW_NONE) {
            continue;
        }
        if (last->own.validity == NULL) {
            op_step_ensure_validity(last, expr->physical_count);
        } else if (last->own.validity != last->validity_storage) {
            memcpy(last->validity_storage, last->own.validity,
                   sl_bitmap_words(expr->physical_count) * sizeof(uint64_t));
            last->own.validity = last->validity_storage;
        }
        sl_bitmap_clear(last->own.validity, row);
    }
}
