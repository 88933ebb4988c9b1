/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries of the syntax tree: WITH, set operations, SELECT and what stands in FROM. What the
 * planner cannot do yet is still a node here, so that it is refused with its position. */
#ifndef SQL_AST_QUERY_H
#define SQL_AST_QUERY_H

#include "ast_expr.h"

enum sql_table_kind {
    SQL_TABLE_NAMED,    /* path [hints] [FOR SYSTEM_TIME AS OF e] */
    SQL_TABLE_SUBQUERY, /* [LATERAL] (query) */
    SQL_TABLE_FUNCTION, /* [LATERAL] TABLE(f(args)) or f(args) */
    SQL_TABLE_UNNEST,   /* UNNEST(e) [WITH ORDINALITY] */
    SQL_TABLE_JOIN
};

/* A comma in FROM is a CROSS join. */
enum sql_join_kind { SQL_JOIN_INNER, SQL_JOIN_LEFT, SQL_JOIN_RIGHT, SQL_JOIN_FULL, SQL_JOIN_CROSS };

struct sql_table {
    enum sql_table_kind kind;
    struct sql_span span;
    struct sql_name alias; /* text NULL when none; of a join: always none */
    struct sql_name_list column_aliases;
    union {
        struct {
            struct sql_path path;
            struct sql_hint_list hints;
            struct sql_expr *as_of; /* FOR SYSTEM_TIME AS OF, or NULL */
        } named;
        struct {
            struct sql_query *query;
            bool lateral;
        } subquery;
        struct {
            struct sql_expr *call; /* SQL_EXPR_CALL: TUMBLE, HOP, ... */
            bool lateral;
        } function;
        struct {
            struct sql_expr *value;
            bool ordinality;
        } unnest;
        struct {
            enum sql_join_kind kind;
            bool natural;
            struct sql_table *left;
            struct sql_table *right;
            struct sql_expr *on; /* or NULL */
            struct sql_name_list using_columns;
            struct sql_span span; /* of the words between the two sides: "LEFT JOIN", "," */
        } join;
    };
};

struct sql_select_item {
    struct sql_expr *expr; /* SQL_EXPR_STAR for * and t.* */
    struct sql_name alias; /* text NULL when none */
};

struct sql_select {
    struct sql_span span;
    bool distinct;
    struct sql_hint_list hints;
    struct sql_select_item *items;
    uint32_t item_count;
    struct sql_table *from; /* NULL: SELECT 1 */
    struct sql_expr *where;
    struct sql_expr_list group_by; /* (a, b) is SQL_EXPR_ROW */
    struct sql_expr *having;
    struct sql_window *windows; /* WINDOW w AS (...) */
    uint32_t window_count;
};

enum sql_body_kind {
    SQL_BODY_SELECT,
    SQL_BODY_VALUES,
    SQL_BODY_UNION,
    SQL_BODY_INTERSECT,
    SQL_BODY_EXCEPT,
    SQL_BODY_QUERY /* a query in parentheses with its own WITH, ORDER BY or LIMIT */
};

struct sql_body {
    enum sql_body_kind kind;
    struct sql_span span;
    union {
        struct sql_select *select;
        struct sql_expr_list values; /* each row is SQL_EXPR_ROW */
        struct sql_query *query;
        struct {
            struct sql_body *left;
            struct sql_body *right;
            bool all;
        } set;
    };
};

struct sql_with_item {
    struct sql_name name;
    struct sql_name_list columns;
    struct sql_query *query;
};

struct sql_query {
    struct sql_span span;
    struct sql_with_item *with;
    uint32_t with_count;
    struct sql_body *body;
    struct sql_order_list order_by;
    struct sql_expr *limit; /* LIMIT n or FETCH n; NULL when none or ALL */
    struct sql_expr *offset;
};

#endif
