/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of operators share: an environment without an engine, batches and results as text, and
 * expressions written in postfix.
 *
 * Rows are lines, cells are separated by '|', NULL is a NULL, a row may begin with its kind:
 * "1|a\n-U 2|NULL\n". Types and schemas are written as in SQL ("a BIGINT, b DECIMAL(10,2) NOT
 * NULL"). An expression is words: a column's name, 12, 12L, 1.5 (DECIMAL), 1e0 (DOUBLE), 'text',
 * TRUE, FALSE, NULL, TYPE"text" (TIMESTAMP(3)"2026-01-01 00:00:00"), NAME/2 (a function of two
 * arguments), AND, OR, CASE/5, CAST:TYPE, TRY_CAST:TYPE. */
#ifndef TESTS_SUPPORT_OPERATOR_H
#define TESTS_SUPPORT_OPERATOR_H

#include "sluice/catalog.h"
#include "sluice/operator.h"

enum { SUPPORT_SETTINGS_MAX = 16, SUPPORT_PARAMS_MAX = 16, SUPPORT_PORTS_MAX = 4 };

struct support {
    struct sl_account account;
    struct sl_arena arena; /* everything a test makes */
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    struct sl_option settings[SUPPORT_SETTINGS_MAX];
    struct sl_param params[SUPPORT_PARAMS_MAX];
    struct sl_plan plan;
    struct sl_plan_node node;
    const struct sl_schema *inputs[SUPPORT_PORTS_MAX];
    struct sl_state_table *states[SL_STATE_FIELDS_MAX];
    struct sl_metric_set *metrics;
    struct sl_clock clock;
    int64_t now_us;
    struct sl_env env; /* for open; change what a test needs */
    struct sl_error err;
};

void support_open(struct support *support);
/* Also checks that all memory was given back but the arena's. */
void support_close(struct support *support);
/* SET 'key' = 'value'. */
void support_set(struct support *support, const char *key, const char *value);

struct sl_type support_type(struct support *support, const char *text);
struct sl_schema *support_schema(struct support *support, const char *text);
struct sl_batch *support_batch(struct support *support, const struct sl_schema *schema,
                               const char *rows);
/* Deselects all rows but those listed ("0 2 5"). */
void support_select(struct support *support, struct sl_batch *batch, const char *rows);
/* The selected rows as text, each ended by '\n'; kinds other than +I in front. batch may be NULL.
 */
const char *support_rows(struct support *support, const struct sl_batch *batch);
/* One value as text. */
const char *support_value(struct support *support, const struct sl_vector *vector, uint32_t row);

/* Fails the test with the reason when the text makes no sense. */
struct sl_expr *support_expr(struct support *support, const struct sl_schema *schema,
                             const char *text);
/* The same, but gives the binder's refusal. */
enum sl_status support_try_expr(struct support *support, const struct sl_schema *schema,
                                const char *text, struct sl_expr *expr);

/* The values of an expression over the batch's selected rows, separated by ','; a row that failed
 * is "!reason". An expression that cannot be bound or opened gives "?" and the error's text. */
const char *support_eval(struct support *support, const struct sl_batch *batch, const char *text);

struct support_case {
    const char *expression;
    const char *values;
};
/* Checks each over a batch of rows; names those that differ. Of a refusal ("?...") only the
 * beginning must be the same. */
void support_check_cases(struct support *support, const char *schema, const char *rows,
                         const struct support_case *cases, size_t count);

/* A parameter of the plan node. */
struct sl_param *support_param(struct support *support, const char *name, enum sl_param_kind kind);
/* Makes env ready for an operator of that kind: schemas of its inputs and output. */
void support_node(struct support *support, const char *kind, const struct sl_schema *input,
                  const struct sl_schema *output);
/* Declares and creates the node's state tables. */
void support_states(struct support *support, const struct sl_state_def *states, uint32_t count);

#endif
