/* SPDX-License-Identifier: Apache-2.0
 *
 * Logical plans to the one struct sl_plan of a job. Each logical node is asked for the columns that
 * are needed of it and says where it put them, so projections that only rename or drop columns
 * become no node at all. */
#ifndef SQL_PHYSICAL_H
#define SQL_PHYSICAL_H

#include "logical.h"

/* All reads of one table in one job: they become one source, which decodes what any of them needs
 * and drops only what none of them wants. */
struct sql_scan_group {
    const struct sql_logical *scan; /* the first of them */
    uint32_t reader_count;
    bool *needed;                 /* by scan field */
    struct sql_bounds predicates; /* those that all readers have */
    bool *watermark_columns;      /* by scan field: what the watermark reads */
    bool is_made;
    uint32_t node;
    uint32_t *map; /* scan field to output column */
    struct sql_scan_group *next;
};

struct sql_physical {
    struct sql_context *context;
    struct sl_plan plan;
    struct sl_plan_node *nodes; /* plan.nodes, while it grows */
    uint32_t capacity;
    struct sql_scan_group *groups;
};

/* Where a logical node's output is. */
struct sql_emitted {
    uint32_t node;
    uint32_t *map; /* field to output column; only needed ones are set */
};

/* The plan of a job with these sinks; digest is of its canonical SQL. */
enum sl_status sql_plan_build(struct sql_context *context, struct sql_logical *const *sinks,
                              uint32_t sink_count, uint64_t digest, const struct sl_plan **plan);
enum sl_status sql_emit(struct sql_physical *physical, const struct sql_logical *node,
                        const bool *needed, struct sql_emitted *out);
/* The columns that node's input must give so that it can give the needed ones. */
enum sl_status sql_needs_below(struct sql_context *context, const struct sql_logical *node,
                               const bool *needed, bool **below);
/* A filter node over out, when there are conjuncts. */
enum sl_status sql_emit_filter(struct sql_physical *physical, struct sql_bounds conjuncts,
                               struct sql_emitted *out);
/* A project node over *idx, with one expression a field. */
enum sl_status sql_emit_projection(struct sql_physical *physical, struct sql_bounds exprs,
                                   const struct sql_field *fields, const uint32_t *map,
                                   struct sql_span span, uint32_t *idx);

/* physical_scan.c */
enum sl_status sql_scan_note(struct sql_physical *physical, const struct sql_logical *scan,
                             const bool *needed, const struct sql_logical *watermark);
enum sl_status sql_emit_scan(struct sql_physical *physical, const struct sql_logical *node,
                             struct sql_emitted *out);
/* physical_aggregate.c */
enum sl_status sql_emit_aggregate(struct sql_physical *physical, const struct sql_logical *node,
                                  const bool *needed, struct sql_emitted *out);
/* physical_sink.c */
enum sl_status sql_emit_sink(struct sql_physical *physical, const struct sql_logical *node,
                             struct sql_emitted *out);

/* physical_expr.c: bound over columns as a plan's expression over map's; names are schema's. */
enum sl_status sql_flatten(struct sql_context *context, const struct sql_bound *bound,
                           const uint32_t *map, const struct sl_schema *schema,
                           struct sl_expr *expr);
enum sl_status sql_flatten_all(struct sql_context *context, struct sql_bounds bounds,
                               const uint32_t *map, const struct sl_schema *schema,
                               const struct sl_expr **exprs);
enum sl_status sql_physical_of_fields(struct sql_context *context, const struct sql_field *fields,
                                      uint32_t count, struct sl_schema *schema);

/* physical_node.c: a node under construction. */
enum { SQL_PARAMS_MAX = 12 };
struct sql_node {
    struct sl_plan_node node;
    struct sl_param params[SQL_PARAMS_MAX];
    uint32_t input;
};
/* input -1 = none; schema, changelog, upsert keys and rowtime start as the input's. */
void sql_node_begin(const struct sql_physical *physical, struct sql_node *node, const char *kind,
                    int64_t input, struct sql_span span);
void sql_node_int64(struct sql_node *node, const char *name, int64_t value);
void sql_node_string(struct sql_node *node, const char *name, const char *value);
void sql_node_exprs(struct sql_node *node, const char *name, const struct sl_expr *exprs,
                    uint32_t count);
void sql_node_columns(struct sql_node *node, const char *name, const uint32_t *columns,
                      uint32_t count);
void sql_node_aggregates(struct sql_node *node, const char *name,
                         const struct sl_aggregate_call *calls, uint32_t count);
void sql_node_options(struct sql_node *node, const char *name, const struct sl_options *options);
void sql_node_schema(struct sql_node *node, const char *name, const struct sl_schema *schema);
/* Adds it to the plan, or finds the node with the same uid; sinks are never shared. */
enum sl_status sql_node_end(struct sql_physical *physical, struct sql_node *node, uint32_t *idx);
/* Exchange over node `input`: HASH by the first key_count columns, SINGLETON when there is none. */
enum sl_status sql_emit_exchange(struct sql_physical *physical, uint32_t input, uint32_t key_count,
                                 struct sql_span span, uint32_t *idx);
/* The window's parameters, with its time column where map says. */
void sql_node_window(struct sql_node *node, const struct sql_window_spec *window,
                     const uint32_t *map);

#endif
