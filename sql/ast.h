/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements: the root of the syntax tree that parse.h makes of a script. Everything lives in one
 * arena and every node says where it was written. */
#ifndef SQL_AST_H
#define SQL_AST_H

#include "ast_query.h"

enum sql_column_kind { SQL_COLUMN_PHYSICAL, SQL_COLUMN_COMPUTED, SQL_COLUMN_METADATA };

struct sql_column {
    enum sql_column_kind kind;
    struct sql_span span;
    struct sql_name name;
    struct sl_type type; /* PHYSICAL, METADATA */
    struct sql_span type_span;
    struct sql_expr *expr;    /* COMPUTED: name AS expr */
    const char *metadata_key; /* METADATA FROM 'key'; NULL: the column's name */
    bool is_virtual;          /* METADATA VIRTUAL */
    const char *comment;      /* or NULL */
};

struct sql_watermark {
    struct sql_span span;
    struct sql_path column;
    struct sql_expr *expr;
};

struct sql_create_table {
    struct sql_path name;
    bool temporary;
    bool if_not_exists;
    struct sql_column *columns;
    uint32_t column_count;
    struct sql_watermark *watermark;   /* NULL when none */
    struct sql_name_list primary_key;  /* column or table constraint; count 0 when none */
    struct sql_span primary_key_span;  /* of the constraint */
    struct sql_name_list partition_by; /* PARTITIONED BY */
    struct sql_option_list options;    /* WITH; a repeated key is refused by the parser */
    struct sql_span options_span;      /* of WITH (...); length 0 when there is none */
    const char *comment;               /* or NULL */
};

struct sql_create_view {
    struct sql_path name;
    bool temporary;
    bool if_not_exists;
    struct sql_name_list columns;
    const char *comment; /* or NULL */
    struct sql_query *query;
};

struct sql_drop {
    struct sql_path name;
    bool temporary;
    bool if_exists;
};

struct sql_insert {
    struct sql_path table;
    struct sql_hint_list hints;
    struct sql_name_list columns; /* count 0: all, by position */
    struct sql_query *query;      /* VALUES is a body too */
};

enum sql_statement_kind {
    SQL_STATEMENT_CREATE_TABLE,
    SQL_STATEMENT_CREATE_VIEW,
    SQL_STATEMENT_DROP_TABLE,
    SQL_STATEMENT_DROP_VIEW,
    SQL_STATEMENT_INSERT,
    SQL_STATEMENT_SET_OF_INSERTS, /* [EXECUTE] STATEMENT SET BEGIN ... END */
    SQL_STATEMENT_QUERY,
    SQL_STATEMENT_SET,
    SQL_STATEMENT_RESET,
    SQL_STATEMENT_EXPLAIN,
    SQL_STATEMENT_SHOW,
    SQL_STATEMENT_DESCRIBE
};

enum sql_show_kind { SQL_SHOW_TABLES, SQL_SHOW_VIEWS, SQL_SHOW_CREATE_TABLE, SQL_SHOW_CREATE_VIEW };

enum sql_explain_detail {
    SQL_EXPLAIN_ESTIMATED_COST = 1,
    SQL_EXPLAIN_CHANGELOG_MODE = 2,
    SQL_EXPLAIN_PLAN_ADVICE = 4,
    SQL_EXPLAIN_JSON_EXECUTION_PLAN = 8
};

struct sql_statement {
    enum sql_statement_kind kind;
    struct sql_span span; /* without the semicolon */
    union {
        struct sql_create_table create_table;
        struct sql_create_view create_view;
        struct sql_drop drop;
        struct sql_insert insert;
        struct sql_query *query;
        struct {
            struct sql_statement *items; /* each of kind INSERT */
            uint32_t count;
        } set_of_inserts;
        struct {
            struct sql_option option; /* key NULL: list (SET;) or reset everything (RESET;) */
        } set;                        /* SET and RESET */
        struct {
            struct sql_statement *statement; /* QUERY, INSERT or SET_OF_INSERTS */
            uint32_t details;                /* of enum sql_explain_detail */
        } explain;
        struct {
            enum sql_show_kind kind;
            struct sql_path name; /* SHOW CREATE ...; else count 0 */
        } show;
        struct {
            struct sql_path name;
        } describe;
    };
};

struct sql_script {
    struct sql_statement *statements;
    uint32_t count;
};

#endif
