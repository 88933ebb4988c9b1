/* SPDX-License-Identifier: Apache-2.0
 *
 * Syntax tree to bound logical plan: every name gets its meaning and every expression its type, or
 * an error with its position. */
#ifndef SQL_BIND_H
#define SQL_BIND_H

#include "logical.h"
#include "scope.h"

/* A query as a plan whose fields are the SELECT's columns. */
enum sl_status sql_bind_query(struct sql_context *context, const struct sql_query *query,
                              struct sql_logical **result);
/* INSERT as a plan that ends in the table's sink. */
enum sl_status sql_bind_insert(struct sql_context *context, const struct sql_insert *insert,
                               struct sql_logical **result);
/* A bare SELECT: a query that ends in the "result" sink. */
enum sl_status sql_bind_result(struct sql_context *context, const struct sql_query *query,
                               struct sql_logical **result);

/* bind_table.c: what stands in FROM, with the scope that it opens. */
enum sl_status sql_bind_from(struct sql_context *context, const struct sql_table *table,
                             struct sql_logical **result, struct sql_scope *scope);
/* A table or view by name; alias may be NULL. */
enum sl_status sql_bind_named(struct sql_context *context, const struct sql_path *path,
                              const struct sql_hint_list *hints, struct sql_logical **result,
                              const char **name);
/* Renames a node's columns; names.count 0 leaves it as it is. */
enum sl_status sql_rename(struct sql_context *context, struct sql_span span,
                          struct sql_name_list names, struct sql_logical **node);
/* bind_scan.c: a catalog table that is read: scan, watermark, computed columns. */
enum sl_status sql_bind_scan(struct sql_context *context, struct sql_span span,
                             const struct sl_catalog_table *table, const struct sl_options *options,
                             struct sql_logical **result);
/* bind_window.c: TUMBLE(...) or HOP(...) in FROM. */
enum sl_status sql_bind_window(struct sql_context *context, const struct sql_expr *call,
                               struct sql_logical **result, const char **name);

/* bind_aggregate.c: GROUP BY, aggregates and HAVING over input; items are the select's, bound over
 * input, and come back bound over the result. */
struct sql_grouping {
    struct sql_bounds keys;
    struct sql_bounds items;
    struct sql_bound *having; /* or NULL */
    struct sql_span span;
};
enum sl_status sql_bind_aggregate(struct sql_context *context, struct sql_logical *input,
                                  struct sql_grouping *grouping, struct sql_logical **result);
/* SELECT DISTINCT: a group-by on all columns. */
enum sl_status sql_bind_distinct(struct sql_context *context, struct sql_logical *input,
                                 struct sql_logical **result);
/* bind_strip.c: the plan below a window aggregate, without its window. *mapping[i] is where input
 * field i went, -1 for the window's own; spec says the window over *result. */
enum sl_status sql_strip_window(struct sql_context *context, struct sql_logical *input,
                                struct sql_logical **result, int32_t **mapping,
                                struct sql_window_spec *spec);

struct sql_binder {
    struct sql_context *context;
    const struct sql_scope *scope;
    const char *no_aggregates; /* the clause that takes none: "WHERE"; NULL = they are allowed */
};

/* bind_expr.c */
enum sl_status sql_bind_expr(const struct sql_binder *binder, const struct sql_expr *expr,
                             struct sql_bound **result);
/* A literal as a constant. */
enum sl_status sql_bind_literal(struct sql_context *context, const struct sql_expr *expr,
                                struct sql_bound **result);
/* bind_call.c: f(...) as written. */
enum sl_status sql_bind_call(const struct sql_binder *binder, const struct sql_expr *expr,
                             struct sql_bound **result);
/* A function of the catalog over bound arguments, converted as its overload wants them. arguments
 * is kept and written. */
enum sl_status sql_make_call(struct sql_context *context, struct sql_span span, const char *name,
                             struct sql_bound **arguments, uint32_t count,
                             struct sql_bound **result);
enum sl_status sql_make_call1(struct sql_context *context, struct sql_span span, const char *name,
                              struct sql_bound *argument, struct sql_bound **result);
enum sl_status sql_make_call2(struct sql_context *context, struct sql_span span, const char *name,
                              struct sql_bound *left, struct sql_bound *right,
                              struct sql_bound **result);
/* CASE: condition, value, ..., else. The values are brought to one type. */
enum sl_status sql_make_case(struct sql_context *context, struct sql_span span,
                             struct sql_bound **arguments, uint32_t count,
                             struct sql_bound **result);

#endif
