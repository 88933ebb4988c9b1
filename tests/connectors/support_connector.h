/* SPDX-License-Identifier: Apache-2.0
 *
 * What tests of connectors share: a plan node of one table without an engine, messages in, rows and
 * rejects out as text.
 *
 * Schemas are written as in SQL ("a BIGINT NOT NULL, b ROW<x INT, y ARRAY<STRING>>"), options as
 * lines "key=value". Rows come out as JSON values separated by '|', rejects as "!reason: detail".
 */
#ifndef TESTS_SUPPORT_CONNECTOR_H
#define TESTS_SUPPORT_CONNECTOR_H

#include "connectors/room.h"

enum { SUPPORT_OPTIONS_MAX = 24, SUPPORT_PARAMS_MAX = 8 };

struct support {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    struct sl_plan plan;
    struct sl_plan_node node;
    struct sl_param params[SUPPORT_PARAMS_MAX];
    struct sl_option options[SUPPORT_OPTIONS_MAX];
    uint32_t option_count;
    struct sl_schema *physical;
    const struct sl_schema *inputs[1];
    struct sl_metric_set *metrics;
    struct sl_clock clock;
    int64_t now_us;
    struct sl_env env;
    struct sl_error err;
    struct sl_text out; /* what support_take has printed */
};

/* A source or sink node over all columns of the schema. */
void support_open(struct support *support, const char *schema, const char *options);
/* Also checks that all memory was given back. */
void support_close(struct support *support);
/* Makes the source decode only these physical columns ("2 0"), and metadata columns of that schema
 * (their names are the keys; "" = none). */
void support_want(struct support *support, const char *columns, const char *metadata);
struct sl_schema *support_schema(struct support *support, const char *text);

/* Appends the selected rows of MAIN and all of REJECTED to out. */
void support_take(struct support *support, const struct sl_outs *outs);
/* What was printed so far; then empties it. */
const char *support_text(struct support *support);

/* A copy with hostile bytes behind it, as codec.h allows; in the arena. */
struct sl_span support_span(struct support *support, const char *data, size_t length);

#endif
