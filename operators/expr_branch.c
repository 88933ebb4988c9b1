/* SPDX-License-Identifier: Apache-2.0
 *
 * AND, OR and CASE: the steps where a value can make another one's failure not matter. */
#include "expr_step.h"

/* What a row of a condition is. */
enum logic { LOGIC_FALSE, LOGIC_TRUE, LOGIC_NULL, LOGIC_ERROR };

static enum logic logic_of(const struct op_step *step, uint32_t row)
{
    if (step->errors != NULL && step->errors[row] != SL_ROW_NONE) {
        return LOGIC_ERROR;
    }
    if (!sl_vector_is_valid(step->value, row)) {
        return LOGIC_NULL;
    }
    const uint8_t *values = (const uint8_t *)step->value->data;
    return values[sl_vector_index(step->value, row)] ? LOGIC_TRUE : LOGIC_FALSE;
}

static bool is_plain(const struct op_step *step)
{
    return step->errors == NULL && step->value->validity == NULL &&
           step->value->encoding == SL_FLAT;
}

static void and_plain(uint8_t *restrict result, const uint8_t *a, const uint8_t *b, uint32_t count)
{
    for (uint32_t row = 0; row < count; ++row) {
        result[row] = a[row] & b[row];
    }
}

static void or_plain(uint8_t *restrict result, const uint8_t *a, const uint8_t *b, uint32_t count)
{
    for (uint32_t row = 0; row < count; ++row) {
        result[row] = a[row] | b[row];
    }
}

/* decisive: the value that settles the result whatever the other side is (FALSE for AND). */
static void run_logic_rows(struct op_step *step, const struct op_step *a, const struct op_step *b,
                           const struct op_expr_run_env *run, enum logic decisive)
{
    uint8_t *result = (uint8_t *)step->own.data;
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        const uint32_t row = op_run_row(run, idx);
        const enum logic left = logic_of(a, row);
        const enum logic right = logic_of(b, row);
        result[row] = decisive == LOGIC_FALSE;
        if (left == decisive || right == decisive) {
            result[row] = decisive == LOGIC_TRUE;
        } else if (left == LOGIC_ERROR) {
            op_step_set_error(step, row, a->errors[row]);
        } else if (right == LOGIC_ERROR) {
            op_step_set_error(step, row, b->errors[row]);
        } else if (left == LOGIC_NULL || right == LOGIC_NULL) {
            op_step_ensure_validity(step, run->physical_count);
            sl_bitmap_clear(step->own.validity, row);
        }
    }
}

void op_step_run_logic(struct op_expr *expr, struct op_step *step,
                       const struct op_expr_run_env *run)
{
    const struct op_step *a = &expr->steps[step->plan->arguments[0]];
    const struct op_step *b = &expr->steps[step->plan->arguments[1]];
    const bool is_and = step->plan->kind == SL_STEP_AND;
    op_step_begin(step);
    if (run->rows == NULL && is_plain(a) && is_plain(b)) {
        (is_and ? and_plain : or_plain)((uint8_t *)step->own.data, (const uint8_t *)a->value->data,
                                        (const uint8_t *)b->value->data, run->row_count);
    } else {
        run_logic_rows(step, a, b, run, is_and ? LOGIC_FALSE : LOGIC_TRUE);
    }
}

enum { CHOICE_OPEN = 0xffff, CHOICE_FAILED = 0xfffe };

/* Rows still open for which condition is TRUE choose the value behind it. */
static void choose(struct op_expr *expr, struct op_step *step, const struct op_step *condition,
                   uint16_t choice, const struct op_expr_run_env *run)
{
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        const uint32_t row = op_run_row(run, idx);
        if (expr->choices[row] != CHOICE_OPEN) {
            continue;
        }
        const enum logic logic = logic_of(condition, row);
        if (logic == LOGIC_TRUE) {
            expr->choices[row] = choice;
        } else if (logic == LOGIC_ERROR) {
            expr->choices[row] = CHOICE_FAILED;
            op_step_set_error(step, row, condition->errors[row]);
        }
    }
}

/* Rows that chose this value, which has no NULLs and no errors. step: 0 in a CONST vector. */
struct taking {
    const uint16_t *choices;
    const uint16_t *rows;
    uint32_t row_count;
    uint32_t step;
    uint16_t choice;
};

#define TAKE_LEAF(name, type)                                                           \
    static void name(type *restrict result, const type *values, const struct taking *t) \
    {                                                                                   \
        for (uint32_t idx = 0; idx < t->row_count; ++idx) {                             \
            const uint32_t row = t->rows == NULL ? idx : t->rows[idx];                  \
            if (t->choices[row] == t->choice) {                                         \
                result[row] = values[row * t->step];                                    \
            }                                                                           \
        }                                                                               \
    }

TAKE_LEAF(take_1, uint8_t)
TAKE_LEAF(take_2, uint16_t)
TAKE_LEAF(take_4, uint32_t)
TAKE_LEAF(take_8, uint64_t)
TAKE_LEAF(take_16, sl_uint128)

static void take_plain(struct op_step *step, const struct sl_vector *from,
                       const struct taking *taking)
{
    switch (sl_physical_width(step->own.physical)) {
    case 1:
        take_1(step->own.data, from->data, taking);
        break;
    case 2:
        take_2(step->own.data, from->data, taking);
        break;
    case 4:
        take_4(step->own.data, from->data, taking);
        break;
    case 8:
        take_8(step->own.data, from->data, taking);
        break;
    default:
        take_16(step->own.data, from->data, taking);
        break;
    }
}

static void take_row(struct op_step *step, const struct op_step *from, uint32_t row,
                     uint32_t physical_count)
{
    const size_t width = sl_physical_width(step->own.physical);
    const char *source = (const char *)from->value->data;
    char *result = (char *)step->own.data + row * width;
    if (from->errors != NULL && from->errors[row] != SL_ROW_NONE) {
        op_step_set_error(step, row, from->errors[row]);
    } else if (!sl_vector_is_valid(from->value, row)) {
        op_step_ensure_validity(step, physical_count);
        sl_bitmap_clear(step->own.validity, row);
        memset(result, 0, width);
    } else {
        memcpy(result, source + sl_vector_index(from->value, row) * width, width);
    }
}

/* Copies the rows that chose this value. */
static void take(struct op_expr *expr, struct op_step *step, const struct op_step *from,
                 uint16_t choice, const struct op_expr_run_env *run)
{
    if (from->errors == NULL && from->value->validity == NULL) {
        const struct taking taking = {
            .choices = expr->choices,
            .rows = run->rows,
            .row_count = run->row_count,
            .step = from->value->encoding == SL_CONST ? 0 : 1,
            .choice = choice,
        };
        take_plain(step, from->value, &taking);
        return;
    }
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        const uint32_t row = op_run_row(run, idx);
        if (expr->choices[row] == choice) {
            take_row(step, from, row, run->physical_count);
        }
    }
}

void op_step_run_case(struct op_expr *expr, struct op_step *step, const struct op_expr_run_env *run)
{
    const uint32_t last = step->plan->argument_count - 1;
    op_step_begin(step);
    for (uint32_t idx = 0; idx < run->row_count; ++idx) {
        expr->choices[op_run_row(run, idx)] = CHOICE_OPEN;
    }
    for (uint32_t idx = 0; idx + 1 < step->plan->argument_count; idx += 2) {
        choose(expr, step, &expr->steps[step->plan->arguments[idx]], (uint16_t)(idx + 1), run);
    }
    for (uint32_t idx = 1; idx < last; idx += 2) {
        take(expr, step, &expr->steps[step->plan->arguments[idx]], (uint16_t)idx, run);
    }
    take(expr, step, &expr->steps[step->plan->arguments[last]], CHOICE_OPEN, run);
}
