/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 4. What a function is to the planner (names and types) and to the evaluator (a kernel or an
 * aggregate). Builtin tables and user functions in C fill in the same structures. */
#ifndef SLUICE_FUNCTION_H
#define SLUICE_FUNCTION_H

#include "sluice/kernel.h"
#include "sluice/state.h"

SL_EXTERN_C_BEGIN

/* Result type from argument types; may also refuse (SL_SEMANTIC with what was expected).
 * literals[i] is the text of a literal string argument, else NULL (precision arguments, patterns).
 */
typedef enum sl_status sl_result_type_function(const struct sl_type *arguments,
                                               const char *const *literals, uint32_t argument_count,
                                               struct sl_type *result, struct sl_error *err);

/* One overload of a scalar function. The binder takes the first overload (in table order) whose
 * parameters the arguments coerce to (implicitly: NULL to anything, up the chain TINYINT < SMALLINT
 * < INT < BIGINT < DECIMAL < FLOAT < DOUBLE, CHAR to VARCHAR, DATE to TIMESTAMP, TIMESTAMP between
 * precisions); an overload that needs no coercion wins over one that does. */
struct sl_function_def {
    const char *name; /* upper case; operators are spelled: PLUS MINUS TIMES DIVIDE MODULO NEGATE EQ
                         NE LT LE GT GE IS_NULL ... */
    uint32_t parameter_count;
    enum sl_type_id parameters[4]; /* SL_TYPE_COUNT = any type (all "any" parameters are then made
                                      one common type) */
    sl_result_type_function *result_type; /* decides precision, scale, nullability too */
    const struct sl_kernel_def *kernel;
    uint32_t version; /* stands in the plan; a plan with another version is refused at resume */
    bool is_deterministic;
};

/* An aggregate function over batches of rows, with its accumulator in engine-owned state. */
struct sl_aggregate_def {
    const char *name; /* COUNT, SUM, AVG, MIN, MAX */
    /* Argument types to result type; argument_count 0 is COUNT(*). */
    sl_result_type_function *result_type;
    /* Fields of the accumulator for an argument type: fills at most SL_ACCUMULATOR_FIELDS_MAX,
     * returns their number. */
    uint32_t (*accumulator)(const struct sl_type *argument, struct sl_state_field *fields);
    /* Adds argument values to accumulators: accumulators[i] points to the accumulator of the i-th
     * row of rows[], zeroed when new. argument NULL for COUNT(*). retract[i] != 0 takes the value
     * back (NULL = none does). errors[i] is set on overflow, which leaves that accumulator
     * unchanged. Strings are kept through env->table (sl_state_string_set). */
    void (*add)(const struct sl_aggregate_env *env, void *const *accumulators,
                const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                const uint8_t *retract, uint8_t *errors);
    /* Adds partial accumulators, which arrive as columns (one a field, in the order of
     * accumulator(); types of sl_state_field_type): the global half of local/global aggregation,
     * and panes of one window. */
    void (*merge)(const struct sl_aggregate_env *env, void *const *accumulators,
                  const struct sl_vector *const *fields, const uint16_t *rows, uint32_t row_count,
                  uint8_t *errors);
    /* Optional (NULL = it never can): writes the accumulators of rows that stand alone, as merge
     * reads them: columns in place of accumulators, without adding anything. fields[] arrive flat
     * and without bitmaps, one a field, with room for every physical row of the batch; the function
     * writes at the rows of rows[] only, or makes a field a CONST with its value at index 0, or
     * lets it borrow the argument's data and encoding. False when it cannot for these rows (a NULL
     * among them); the fields may then hold anything. argument NULL for COUNT(*). */
    bool (*single)(const struct sl_aggregate_env *env, const struct sl_vector *argument,
                   const uint16_t *rows, uint32_t row_count, struct sl_vector *fields);
    /* Writes results into result rows first_row... (flat, with validity); errors[i] on overflow of
     * the result type. */
    void (*result)(const struct sl_aggregate_env *env, const void *const *accumulators,
                   uint32_t count, struct sl_vector *result, uint32_t first_row, uint8_t *errors);
    bool can_retract; /* false: the planner refuses it over an updating input */
    uint32_t version;
};

SL_EXTERN_C_END

#endif
