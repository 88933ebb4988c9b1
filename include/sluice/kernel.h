/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 4. A scalar function over vectors. Errors are values under the selection, not calls that
 * fail: a kernel is run for rows whose result is thrown away (the untaken branch of a CASE), so it
 * must neither crash nor stop on any input. */
#ifndef SLUICE_KERNEL_H
#define SLUICE_KERNEL_H

#include "sluice/vector.h"

SL_EXTERN_C_BEGIN

enum { SL_KERNEL_ABI = 1, SL_KERNEL_ARGUMENTS_MAX = 8 };

/* Why the expression of a row has no value. 0 = it has one. The text is the reason label of the
 * rejection counter. */
#define SL_ROW_ERROR_LIST(X)                 \
    X(NONE, "none")                          \
    X(DIVISION_BY_ZERO, "division by zero")  \
    X(OVERFLOW, "numeric overflow")          \
    X(CAST, "failed cast")                   \
    X(ARGUMENT, "argument out of range")     \
    X(REGEX_LIMIT, "regex step limit")       \
    X(NOT_NULL, "null in a not null column") \
    X(SYNTAX, "invalid syntax")              \
    X(UTF8, "invalid UTF-8")                 \
    X(TYPE, "value of the wrong type")       \
    X(RANGE, "value out of range")           \
    X(MISSING_FIELD, "missing field")        \
    X(EXTRA_FIELD, "too many fields")        \
    X(DUPLICATE_KEY, "duplicate key")        \
    X(DEPTH, "nesting too deep")             \
    X(SIZE, "row too large")                 \
    X(LATE, "late")                          \
    X(SINK, "refused by the sink")

enum sl_row_error {
#define X(name, text) SL_ROW_##name,
    SL_ROW_ERROR_LIST(X)
#undef X
        SL_ROW_ERROR_COUNT
};

const char *sl_row_error_text(enum sl_row_error error);

struct sl_kernel_call {
    uint32_t abi;         /* SL_KERNEL_ABI */
    uint32_t row_count;   /* physical rows of the batch */
    const uint16_t *rows; /* rows to compute; NULL = 0 .. computed_count-1 */
    uint32_t computed_count;
    uint32_t argument_count;
    const struct sl_vector *const *arguments; /* FLAT or CONST; any may have validity */
    struct sl_vector *result; /* FLAT, capacity >= row_count, data ready, validity NULL: use
                                 sl_kernel_validity to set NULLs */
    uint8_t *errors;  /* enum sl_row_error by physical row, zeroed; write only rows that fail */
    bool *has_errors; /* set to true when any error was written */
    uint64_t
        *validity_storage;    /* room for the result's bitmap; reached through sl_kernel_validity */
    struct sl_arena *scratch; /* lives as long as the batch: bytes of long result strings go here */
    void *state;              /* what open returned; NULL when there is no open */
};

struct sl_kernel_def {
    const char *name; /* for traces: "plus_int64" */
    /* Strict kernels (the usual): the evaluator sets the result NULL where any argument is NULL,
     * before the call; the kernel still computes something harmless there. Others set validity
     * themselves. */
    bool is_strict;
    /* The session's time zone (table.local-time-zone) is handed over as one more constant string
     * argument behind the others, to open and to call. */
    bool takes_time_zone;
    /* Once an instance, before any call: prepares constant arguments (a compiled regex).
     * constants[i] is a CONST vector or NULL. May be NULL. */
    enum sl_status (*open)(const struct sl_type *result_type, const struct sl_type *argument_types,
                           const struct sl_vector *const *constants, uint32_t argument_count,
                           struct sl_account *account, void **state, struct sl_error *err);
    void (*call)(struct sl_kernel_call *call);
    void (*close)(void *state); /* NULL-safe; may be NULL */
};

/* The result's bitmap, set to all valid on the first need. Never NULL. */
uint64_t *sl_kernel_validity(struct sl_kernel_call *call);

SL_EXTERN_C_END

#endif
