/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 5. The plan is data: the only thing that leaves sql/, read-only from then on, serialisable,
 * and enough by itself for EXPLAIN, checkpoints, placement and the engine. Node parameters are a
 * table of named values, so that writing, reading, digests and EXPLAIN know no node kind. */
#ifndef SLUICE_PLAN_H
#define SLUICE_PLAN_H

#include "sluice/option.h"
#include "sluice/schema.h"
#include "sluice/state.h"

SL_EXTERN_C_BEGIN

enum { SL_PLAN_VERSION = 1 };

/* Expressions are flat: step i computes register i from earlier registers. The value of the
 * expression is the last step's register. */
enum sl_step_kind {
    SL_STEP_COLUMN,   /* input column `column` */
    SL_STEP_CONSTANT, /* `constant` */
    SL_STEP_CALL,     /* `function` over arguments */
    SL_STEP_CAST,     /* arguments[0] to type; try_cast: NULL instead of an error */
    SL_STEP_AND, /* SQL's three-valued logic over 2 arguments; FALSE hides an error on the other
                    side */
    SL_STEP_OR,
    SL_STEP_CASE /* condition, value, condition, value, ..., else: the untaken branches' errors are
                    dropped */
};

/* A constant: NULL, or the bytes of its physical form (W*: width bytes little-endian; VIEW: the
 * string). */
struct sl_constant {
    bool is_null;
    const char *bytes;
    uint32_t byte_count;
};

struct sl_step {
    enum sl_step_kind kind;
    struct sl_type type;
    uint32_t column;
    struct sl_constant constant;
    const char *function; /* signature as in the catalog: "PLUS(BIGINT,BIGINT)"; found again by name
                             and argument types */
    uint32_t function_version;
    bool try_cast;
    uint32_t argument_count;
    const uint32_t *arguments; /* earlier steps */
    uint32_t line;             /* SQL position */
    uint32_t column_number;
};

struct sl_expr {
    const struct sl_step *steps;
    uint32_t step_count;
    const char *text; /* as EXPLAIN prints it: "(temp > 20.0)" */
};

/* One aggregate call. */
struct sl_aggregate_call {
    const char *function; /* "SUM" */
    int32_t argument;     /* input column, -1 for COUNT(*) */
    int32_t filter;       /* BOOLEAN input column, -1 = none */
    bool distinct;
    struct sl_type argument_type;
    struct sl_type result_type;
    uint32_t version;
    const char *text; /* "COUNT(*)" */
};

enum sl_param_kind {
    SL_PARAM_INT64,
    SL_PARAM_STRING,
    SL_PARAM_EXPRS,
    SL_PARAM_COLUMNS,
    SL_PARAM_AGGREGATES,
    SL_PARAM_OPTIONS,
    SL_PARAM_SCHEMA
};

struct sl_param {
    const char *name;
    enum sl_param_kind kind;
    int64_t integer;
    const char *string;
    const struct sl_expr *exprs; /* count of them */
    const uint32_t *columns;
    const struct sl_aggregate_call *aggregates;
    struct sl_options options;
    struct sl_schema schema;
    uint32_t count;
};

enum sl_distribution {
    SL_FORWARD,   /* stays on the worker */
    SL_HASH,      /* by key group of the hash of columns "keys" */
    SL_SINGLETON, /* all to one worker */
};

enum sl_changelog { SL_APPEND /* +I only */, SL_RETRACT /* +I -U +U -D */ };

/* Node kinds and their parameters (names in quotes):
 *   source            "table" STRING, "connector" STRING, "options" OPTIONS, "physical" SCHEMA
 * (what the table declares), "columns" COLUMNS (of physical, decoded), "metadata" (STRING list
 * joined by ',' in the order of the last output columns; may be absent), "predicates" EXPRS
 * (conjuncts over the output; rows that fail are deselected), "watermark_columns" COLUMNS (output
 * columns that stay valid in deselected rows), "bounded" INT64, "guarantee" STRING
 *
 *   watermark         "rowtime" INT64 (input column; absent when a node above computes it),
 * "expression" EXPRS (1, over all rows, deselected ones too), "idle_timeout_ms" INT64. Always right
 * above its source
 *
 *   filter            "predicates" EXPRS (conjuncts, in order)
 *
 *   offload           the parameters of the node in whose place it stands (a filter), "device"
 * STRING, "in_flight" INT64 (most batches that the device has at once; may be absent)
 *
 *   project           "projections" EXPRS (one an output column)
 *
 *   window            "assigner" STRING (TUMBLE, HOP), "rowtime" INT64, "size_ms" "slide_ms"
 * "offset_ms" INT64: adds window_start, window_end (TIMESTAMP(3)), window_time (the rowtime's type)
 *
 *   local_window_aggregate / global_window_aggregate
 *                     the window's parameters, "keys" COLUMNS, "aggregates" AGGREGATES (columns of
 * the raw input), "input" SCHEMA (the raw input). The local half emits keys..., pane_end BIGINT (ms
 * since the epoch), then the accumulator fields of each aggregate (state.h: sl_state_field_type).
 * The global half takes that, or, when the engine leaves the local half and the exchange out (one
 * worker), the raw input itself: it tells by comparing its input schema with "input". It emits
 * keys..., aggregates..., window_start, window_end (TIMESTAMP(3)), window_time (the rowtime's
 * type).
 *
 *   local_group_aggregate / group_aggregate
 *                     "keys" COLUMNS, "aggregates" AGGREGATES, "input" SCHEMA. Local rows: keys...,
 * row_count BIGINT (signed), accumulator fields... group_aggregate takes these or the raw input and
 * emits keys..., aggregates... with +I -U +U -D.
 *
 *   exchange          "keys" COLUMNS; node.distribution
 *
 *   sink              "table" STRING, "connector" STRING, "options" OPTIONS, "physical" SCHEMA,
 * "primary_key" COLUMNS, "metadata" as above, "guarantee" STRING, "copy" INT64 (only when the plan
 * has the same sink over the same input more than once: it tells their uids apart)
 *
 * State tables of nodes (states[0]), all HASH, version 1:
 *   watermark                 "splits" UNION: watermark W8
 *   global_window_aggregate   "panes" KEYED: the accumulator fields of each aggregate, in order
 *   group_aggregate           "groups" KEYED: row_count W8, then the accumulator fields */
struct sl_plan_node {
    const char *kind;
    uint64_t uid; /* of its meaning and its inputs; stable over runs, parallelism not included */
    const struct sl_param *params;
    uint32_t param_count;
    const uint32_t
        *inputs; /* node indices, all smaller than its own: nodes are in topological order */
    const uint32_t *input_outputs; /* which output of that input: 0 = main */
    uint32_t input_count;
    struct sl_schema schema;           /* of the main output */
    enum sl_distribution distribution; /* of its input edge */
    enum sl_changelog changelog;
    const uint32_t *upsert_keys; /* output columns; NULL = none */
    uint32_t upsert_key_count;
    int32_t rowtime; /* output column that is the time attribute, -1 */
    const struct sl_state_def *states;
    uint32_t state_count;
    const char *placement; /* "cpu", or the device's name */
    const char *
        placement_reason; /* the alternatives that were rejected and why; "" when there were none */
    uint32_t line;        /* SQL position */
    uint32_t column;
};

struct sl_plan {
    uint32_t version;
    const char *name;           /* pipeline.name or the sinks' names */
    uint64_t sql_digest;        /* of the canonical SQL (comments, spaces and SET parallelism do not
                                   matter): equal = the stored plan may run */
    struct sl_options settings; /* SET keys that were in force */
    const struct sl_plan_node *nodes;
    uint32_t node_count;
};

/* The parameter of that name, or NULL. */
const struct sl_param *sl_plan_param(const struct sl_plan_node *node, const char *name);
int64_t sl_plan_int64(const struct sl_plan_node *node, const char *name, int64_t otherwise);
const char *sl_plan_string(const struct sl_plan_node *node, const char *name,
                           const char *otherwise);

/* Digest of kind, params (texts and positions left out), schema and the inputs' uids. */
uint64_t sl_plan_node_uid(const struct sl_plan *plan, const struct sl_plan_node *node);

/* Binary form with a magic, a version and a CRC32C; read back into arena. SL_CORRUPT, or SL_FORMAT
 * for another version. Secret options are written masked: files are copied and kept. */
enum sl_status sl_plan_write(const struct sl_plan *plan, struct sl_text *out, struct sl_error *err);
enum sl_status sl_plan_read(const char *data, size_t length, struct sl_arena *arena,
                            struct sl_plan **plan, struct sl_error *err);

/* EXPLAIN, from the plan alone; secrets masked. */
enum sl_status sl_plan_explain(const struct sl_plan *plan, struct sl_text *out,
                               struct sl_error *err);

SL_EXTERN_C_END

#endif
