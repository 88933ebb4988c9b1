/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions of the syntax tree. A node is what was written, nothing is resolved; it lives in the
 * arena that it was parsed into and is never changed afterwards. */
#ifndef SQL_AST_EXPR_H
#define SQL_AST_EXPR_H

#include "ast_part.h"

struct sql_expr;
struct sql_query;

struct sql_expr_list {
    struct sql_expr **items;
    uint32_t count;
};

enum sql_expr_kind {
    SQL_EXPR_LITERAL,
    SQL_EXPR_COLUMN,  /* a path: column, table.column or column.field; the binder decides */
    SQL_EXPR_STAR,    /* * or t.*; only as a select item */
    SQL_EXPR_UNARY,   /* NOT x, -x, x IS NULL, ... */
    SQL_EXPR_BINARY,  /* x op y */
    SQL_EXPR_BETWEEN, /* x [NOT] BETWEEN low AND high */
    SQL_EXPR_IN,      /* x [NOT] IN (a, b) or (query) */
    SQL_EXPR_LIKE,    /* x [NOT] LIKE|SIMILAR TO pattern [ESCAPE e] */
    SQL_EXPR_CASE,
    SQL_EXPR_CAST,
    SQL_EXPR_CALL,       /* f(args), with every special syntax brought to plain arguments */
    SQL_EXPR_ARRAY,      /* ARRAY[a, b] */
    SQL_EXPR_MAP,        /* MAP[k, v, k, v] */
    SQL_EXPR_ROW,        /* ROW(a, b) or (a, b) */
    SQL_EXPR_INDEX,      /* x[i] */
    SQL_EXPR_FIELD,      /* x.name where x is not a plain path, e.g. a[1].b */
    SQL_EXPR_SUBQUERY,   /* scalar (query) */
    SQL_EXPR_EXISTS,     /* EXISTS (query) */
    SQL_EXPR_SYMBOL,     /* a keyword argument: SECOND in EXTRACT, BOTH in TRIM; upper case */
    SQL_EXPR_TABLE,      /* TABLE t [PARTITION BY k, ..]: only as an argument of a table function */
    SQL_EXPR_DESCRIPTOR, /* DESCRIPTOR(a, b): only as an argument of a table function */
};

enum sql_frame_bound {
    SQL_UNBOUNDED_PRECEDING,
    SQL_PRECEDING,
    SQL_CURRENT_ROW,
    SQL_FOLLOWING,
    SQL_UNBOUNDED_FOLLOWING
};

struct sql_order_item {
    struct sql_expr *expr;
    bool descending;
    bool nulls_given; /* NULLS FIRST or LAST was written */
    bool nulls_first;
};

struct sql_order_list {
    struct sql_order_item *items;
    uint32_t count;
};

/* OVER (...) or WINDOW w AS (...). OVER w is a window with only name set. */
struct sql_window {
    struct sql_span span;
    struct sql_name name; /* text NULL when none */
    struct sql_expr_list partition_by;
    struct sql_order_list order_by;
    bool frame_given;
    bool frame_rows; /* ROWS, else RANGE */
    enum sql_frame_bound frame_start;
    enum sql_frame_bound frame_end; /* CURRENT ROW when not written */
    struct sql_expr *start_offset;  /* of PRECEDING and FOLLOWING, else NULL */
    struct sql_expr *end_offset;
};

struct sql_argument {
    struct sql_name name; /* of name => value; text NULL when positional */
    struct sql_expr *value;
};

/* Special syntaxes, as calls: EXTRACT(u FROM t) -> (u, t); FLOOR|CEIL(t TO u) -> (t, u);
 * TIMESTAMPADD|TIMESTAMPDIFF(u, a, b) -> (u, a, b); SUBSTRING(s FROM i FOR n) -> (s, i, n);
 * OVERLAY(s PLACING r FROM i FOR n) -> (s, r, i, n); POSITION(a IN b) -> (a, b);
 * TRIM([[where] [c] FROM] s) -> (where, c, s) where where is always present; u, where: symbols. */
struct sql_call {
    struct sql_name name; /* upper case */
    struct sql_argument *args;
    uint32_t arg_count;
    bool star;     /* COUNT(*) */
    bool distinct; /* f(DISTINCT x) */
    bool bare;     /* written without parentheses: CURRENT_TIMESTAMP */
    struct sql_expr *filter;
    struct sql_window *over;
};

struct sql_case_branch {
    struct sql_expr *when;
    struct sql_expr *then;
};

struct sql_expr {
    enum sql_expr_kind kind;
    struct sql_span span;
    union {
        struct sql_literal literal;
        struct sql_path column;
        struct sql_path star; /* the qualifier; count 0 for a bare * */
        struct sql_call call;
        struct sql_expr_list list; /* ARRAY, MAP, ROW */
        const char *symbol;
        struct sql_query *query; /* SUBQUERY, EXISTS */
        struct {
            enum sql_unary op;
            struct sql_expr *operand;
        } unary;
        struct {
            enum sql_binary op;
            struct sql_span op_span;
            struct sql_expr *left;
            struct sql_expr *right;
        } binary;
        struct {
            struct sql_expr *value;
            struct sql_expr *low;
            struct sql_expr *high;
            bool negated;
            bool symmetric;
        } between;
        struct {
            struct sql_expr *value;
            struct sql_expr_list list;
            struct sql_query *query; /* instead of list */
            bool negated;
        } in;
        struct {
            struct sql_expr *value;
            struct sql_expr *pattern;
            struct sql_expr *escape; /* NULL when not written */
            bool negated;
            bool similar;
        } like;
        struct {
            struct sql_expr *subject; /* NULL in CASE WHEN condition ... */
            struct sql_case_branch *branches;
            uint32_t branch_count;
            struct sql_expr *otherwise; /* NULL when there is no ELSE */
        } choice;                       /* CASE */
        struct {
            struct sql_expr *operand;
            struct sl_type type;
            struct sql_span type_span;
            bool is_try; /* TRY_CAST */
        } cast;
        struct {
            struct sql_expr *base;
            struct sql_expr *index;
        } index;
        struct {
            struct sql_expr *base;
            struct sql_name name;
        } field;
        struct {
            struct sql_path path;
            struct sql_expr_list partition_by;
        } table;
        struct {
            struct sql_name *names;
            uint32_t count;
        } descriptor;
    };
};

#endif
