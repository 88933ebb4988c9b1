/* SPDX-License-Identifier: Apache-2.0
 *
 * An expression of the plan made ready to run over batches: one instance a place in the plan and a
 * worker. Steps run in order, each over all rows asked for; nothing is allocated per batch but the
 * bytes of long strings. */
#ifndef OPERATORS_EXPR_H
#define OPERATORS_EXPR_H

#include "sluice/operator.h"

struct op_step {
    const struct sl_step *plan;
    const struct sl_kernel_def *kernel; /* of CALL and CAST; NULL = alias of the argument */
    void *kernel_state;
    bool is_deterministic;
    bool is_constant;        /* `own` is a CONST vector that never changes */
    bool uses_views;         /* rows whose arguments have no value must not be looked at */
    uint32_t argument_count; /* with the time zone, when the kernel takes it */
    const struct sl_vector **arguments;
    struct sl_vector own; /* the result, unless it is a column */
    const struct sl_vector *value;
    uint64_t *validity_storage;
    uint8_t *error_storage;
    bool error_storage_is_dirty;
    const uint8_t *errors; /* of the last run, by physical row; NULL = none */
};

struct op_expr {
    const struct sl_expr *plan;
    struct op_step *steps;
    uint32_t step_count;
    uint32_t batch_rows;
    uint32_t capacity;       /* rows that results have room for */
    uint32_t physical_count; /* rows of the last run's batch */
    struct sl_vector zone;   /* table.local-time-zone as a constant string */
    struct sl_account *account;
    struct sl_arena fixed;   /* constants; as long as the instance */
    struct sl_arena results; /* vectors of `capacity` rows */
    struct sl_arena scratch; /* long strings of the last run */
    uint16_t *rows_storage;
    uint16_t *choices; /* of CASE */
};

/* What a run gives: valid until the next run of the same instance, and as long as the batch. */
struct op_result {
    const struct sl_vector *vector; /* FLAT or CONST */
    const uint8_t *errors;          /* enum sl_row_error by physical row; NULL = no row failed */
};

/* Finds every kernel and opens it; steps over constants are computed here, once. *expr is set
 * before any failure. env and source are borrowed. */
enum sl_status op_expr_open(struct sl_env *env, const struct sl_expr *source, struct op_expr **expr,
                            struct sl_error *err);
/* NULL-safe and safe on a half-opened instance. */
void op_expr_close(struct op_expr *expr);
/* Computes rows[0..row_count) of in; rows NULL = 0..row_count-1. */
enum sl_status op_expr_run(struct op_expr *expr, const struct sl_batch *in, const uint16_t *rows,
                           uint32_t row_count, struct op_result *result, struct sl_error *err);
/* Makes the value NULL in the rows that failed in the last run. */
void op_expr_null_errors(struct op_expr *expr, const uint16_t *rows, uint32_t row_count);

/* Between expr_compile.c and expr_run.c. */
struct op_expr_run_env {
    const struct sl_batch *in;
    const uint16_t *rows;
    uint32_t row_count; /* rows to compute */
    uint32_t physical_count;
    struct sl_arena *scratch;
};
void op_step_run(struct op_expr *expr, struct op_step *step, const struct op_expr_run_env *run);
/* Gives a step's result room for capacity rows. */
enum sl_status op_step_reserve(struct op_step *step, uint32_t capacity, struct sl_arena *arena,
                               struct sl_error *err);

#endif
