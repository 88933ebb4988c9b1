/* SPDX-License-Identifier: Apache-2.0
 *
 * The bound logical plan: names and types are resolved, columns are ordinals of a node's input.
 * Nodes are not changed once made; a rewrite makes new ones and shares what stays. */
#ifndef SQL_LOGICAL_H
#define SQL_LOGICAL_H

#include "context.h"

/* The first kinds are those of the plan's steps. */
enum sql_bound_kind {
    SQL_BOUND_COLUMN = SL_STEP_COLUMN,
    SQL_BOUND_CONSTANT = SL_STEP_CONSTANT,
    SQL_BOUND_CALL = SL_STEP_CALL,
    SQL_BOUND_CAST = SL_STEP_CAST,
    SQL_BOUND_AND = SL_STEP_AND,
    SQL_BOUND_OR = SL_STEP_OR,
    SQL_BOUND_CASE = SL_STEP_CASE,
    SQL_BOUND_AGGREGATE /* only until bind_aggregate.c has made a node of it */
};

/* A bound expression. Parts may be shared (BETWEEN uses its value twice), so it is a DAG: size
 * bounds what a walk over it costs. */
struct sql_bound {
    enum sql_bound_kind kind;
    struct sl_type type;
    struct sql_span span; /* in the script */
    uint32_t column;
    struct sl_constant constant;
    const struct sl_function_def *function;
    const struct sl_aggregate_def *aggregate;
    struct sql_bound *filter; /* of an aggregate: FILTER (WHERE ...), or NULL */
    bool try_cast;
    uint32_t argument_count;
    struct sql_bound **arguments;
    uint32_t size;
    uint32_t height;
};

struct sql_bounds {
    struct sql_bound **items;
    uint32_t count;
};

/* What a column stands for beside its value. Kept by projections that only pass it on. */
enum sql_role {
    SQL_ROLE_NONE,
    SQL_ROLE_ROWTIME,
    SQL_ROLE_WINDOW_START,
    SQL_ROLE_WINDOW_END,
    SQL_ROLE_WINDOW_TIME /* a time attribute too */
};

struct sql_field {
    const char *name;
    struct sl_type type;
    enum sql_role role;
};

struct sql_window_spec {
    const char *assigner; /* "TUMBLE", "HOP" */
    uint32_t rowtime;     /* input column */
    int64_t size_ms;
    int64_t slide_ms;
    int64_t offset_ms;
};

struct sql_aggregate {
    const struct sl_aggregate_def *def;
    int32_t argument; /* input column, -1 = COUNT(*) */
    int32_t filter;   /* input column, -1 = none */
    struct sl_type argument_type;
    struct sl_type result_type;
    struct sql_span span;
};

enum sql_logical_kind {
    SQL_LOGICAL_SCAN,      /* physical columns, then METADATA columns, each in declared order */
    SQL_LOGICAL_WATERMARK, /* stands right above its scan */
    SQL_LOGICAL_FILTER,
    SQL_LOGICAL_PROJECT,
    SQL_LOGICAL_WINDOW,    /* adds window_start, window_end, window_time */
    SQL_LOGICAL_AGGREGATE, /* keys..., aggregates..., and the window's three when windowed */
    SQL_LOGICAL_SINK
};

struct sql_logical {
    enum sql_logical_kind kind;
    struct sql_span span;
    struct sql_logical *input;
    struct sql_field *fields; /* of its output */
    uint32_t field_count;
    enum sl_changelog changelog;
    /* SCAN and SINK. table NULL: the result of a bare SELECT */
    const struct sl_catalog_table *table;
    struct sl_options options;
    /* FILTER: conjuncts; SCAN: simple ones that may go to the source; PROJECT: one a field;
     * WATERMARK: one, over the scan's columns. */
    struct sql_bounds exprs;
    uint32_t physical_count; /* SCAN: its first fields are physical columns */
    int32_t rowtime;         /* WATERMARK: the column it is for, -1 when that is computed above */
    bool is_windowed;
    struct sql_window_spec window; /* WINDOW, AGGREGATE when windowed */
    const uint32_t *keys;          /* AGGREGATE: input columns */
    uint32_t key_count;
    const struct sql_aggregate *aggregates;
    uint32_t aggregate_count;
};

/* Makes a node of which kind, type, span and the kind's own members are set; counts its size. */
enum sl_status sql_make(struct sql_context *context, const struct sql_bound *bound,
                        struct sql_bound **result);
enum sl_status sql_make_column(struct sql_context *context, struct sql_span span,
                               const struct sql_field *fields, uint32_t column,
                               struct sql_bound **result);
/* A constant of an 8-byte or narrower integer form. */
enum sl_status sql_make_integer(struct sql_context *context, struct sql_span span,
                                struct sl_type type, int64_t value, struct sql_bound **result);
enum sl_status sql_make_null(struct sql_context *context, struct sql_span span, struct sl_type type,
                             struct sql_bound **result);
enum sl_status sql_make_string(struct sql_context *context, struct sql_span span, const char *data,
                               size_t length, struct sql_bound **result);
/* AND or OR of two conditions. */
enum sl_status sql_make_logic(struct sql_context *context, enum sql_bound_kind kind,
                              struct sql_bound *left, struct sql_bound *right,
                              struct sql_bound **result);

bool sql_bound_equal(const struct sql_bound *a, const struct sql_bound *b);
bool sql_bound_has_aggregate(const struct sql_bound *bound);
/* Marks the input columns that bound reads. */
void sql_bound_columns(const struct sql_bound *bound, bool *used);
/* bound with every column replaced by replacements[column]; the same pointer when nothing changes.
 */
enum sl_status sql_substitute(struct sql_context *context, struct sql_bound *bound,
                              struct sql_bound *const *replacements, struct sql_bound **result);
/* Appends it as EXPLAIN shows it: column i is called as schema's column map[i]. */
struct sql_names {
    const uint32_t *map;
    const struct sl_schema *schema;
};
void sql_bound_print(struct sl_text *text, const struct sql_bound *bound,
                     const struct sql_names *names);

/* How an operator's function is written: "+" for PLUS; NULL when it is no operator. */
const char *sql_operator_symbol(const char *function);

/* A node over input (NULL for a scan) with input's span and changelog and no fields yet. */
enum sl_status sql_logical_new(struct sql_context *context, enum sql_logical_kind kind,
                               struct sql_logical *input, struct sql_logical **result);
/* Filter by the conjuncts; input itself when there are none. */
enum sl_status sql_logical_filter(struct sql_context *context, struct sql_logical *input,
                                  struct sql_bounds conjuncts, struct sql_logical **result);
/* Projection; roles of plainly passed columns are kept. names has exprs.count entries. */
enum sl_status sql_logical_project(struct sql_context *context, struct sql_logical *input,
                                   struct sql_bounds exprs, const char *const *names,
                                   struct sql_logical **result);
/* Splits at AND and appends to list, which grows in the arena. */
enum sl_status sql_conjuncts(struct sql_context *context, struct sql_bound *condition,
                             struct sql_bounds *list);
enum sl_status sql_bounds_add(struct sql_context *context, struct sql_bounds *list,
                              struct sql_bound *bound);

#endif
