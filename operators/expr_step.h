/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that run steps share. The result of a step is its own vector, with its own bitmap
 * and error bytes; errors are NULL when no row failed. */
#ifndef OPERATORS_EXPR_STEP_H
#define OPERATORS_EXPR_STEP_H

#include "expr.h"

/* Three-valued logic over two arguments, and CASE. */
void op_step_run_logic(struct op_expr *expr, struct op_step *step,
                       const struct op_expr_run_env *run);
void op_step_run_case(struct op_expr *expr, struct op_step *step,
                      const struct op_expr_run_env *run);

static inline uint32_t op_run_row(const struct op_expr_run_env *run, uint32_t idx)
{
    return run->rows == NULL ? idx : run->rows[idx];
}

/* Errors and validity as they are before anything is computed. All of the error bytes are cleared:
 * the batch that failed may have been longer than this one. */
static inline void op_step_begin(struct op_step *step)
{
    if (step->error_storage_is_dirty) {
        memset(step->error_storage, 0, step->own.capacity);
        step->error_storage_is_dirty = false;
    }
    step->errors = NULL;
    step->own.validity = NULL;
    step->value = &step->own;
}

static inline void op_step_set_error(struct op_step *step, uint32_t row, uint8_t error)
{
    step->error_storage[row] = error;
    step->error_storage_is_dirty = true;
    step->errors = step->error_storage;
}

static inline void op_step_ensure_validity(struct op_step *step, uint32_t physical_count)
{
    if (step->own.validity == NULL) {
        memset(step->validity_storage, 0xff, sl_bitmap_words(physical_count) * sizeof(uint64_t));
        step->own.validity = step->validity_storage;
    }
}

#endif
