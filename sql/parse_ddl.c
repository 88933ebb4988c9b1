/* SPDX-License-Identifier: Apache-2.0
 *
 * CREATE and DROP. What Flink has and Sluice does not is refused here by its name, at its place. */
#include "parser.h"

#include <stdio.h>

/* Behind [CONSTRAINT c] PRIMARY KEY [(columns)]: a key is a promise, never checked. */
static enum sl_status expect_not_enforced(struct sql_parser *parser)
{
    return sql_accept_words(parser, "NOT", "ENFORCED")
               ? SL_OK
               : sql_unexpected(parser, "'NOT ENFORCED' (a primary key is not checked)");
}

static enum sl_status set_primary_key(struct sql_parser *parser, struct sql_create_table *create,
                                      struct sql_name_list columns, struct sql_span start)
{
    if (create->primary_key.count != 0) {
        return sql_fail_span(parser, SL_SYNTAX, sql_span_from(parser, start),
                             "a second primary key (the first is in line %u)",
                             create->primary_key_span.line);
    }
    create->primary_key = columns;
    SL_TRY(expect_not_enforced(parser));
    create->primary_key_span = sql_span_from(parser, start);
    return SL_OK;
}

/* [CONSTRAINT c] PRIMARY KEY, if that is what comes; *found tells. */
static enum sl_status accept_primary_key(struct sql_parser *parser, bool *found)
{
    *found = false;
    const struct sql_token *second = sql_peek(parser, 1);
    if (sql_at_word(parser, "CONSTRAINT") &&
        (second->kind == SQL_TOKEN_WORD || second->kind == SQL_TOKEN_QUOTED) &&
        (sql_token_is_word(sql_peek(parser, 2), "PRIMARY") ||
         sql_token_is_word(sql_peek(parser, 2), "UNIQUE"))) {
        sql_take(parser);
        sql_take(parser);
    }
    if (sql_at_word(parser, "UNIQUE") && (sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN ||
                                          sql_token_is_word(sql_peek(parser, 1), "NOT"))) {
        return sql_unsupported(parser, sql_span_here(parser), "UNIQUE");
    }
    *found = sql_accept_words(parser, "PRIMARY", "KEY");
    return SL_OK;
}

static enum sl_status parse_metadata(struct sql_parser *parser, struct sql_column *column)
{
    column->kind = SQL_COLUMN_METADATA;
    if (sql_accept_word(parser, "FROM")) {
        SL_TRY(sql_parse_plain_string(parser, &column->metadata_key));
    }
    column->is_virtual = sql_accept_word(parser, "VIRTUAL");
    return SL_OK;
}

static enum sl_status parse_column_key(struct sql_parser *parser, struct sql_create_table *create,
                                       const struct sql_column *column)
{
    struct sql_span start = sql_span_here(parser);
    bool found = false;
    SL_TRY(accept_primary_key(parser, &found));
    if (!found) {
        return SL_OK;
    }
    struct sql_name_list key = {0};
    SQL_APPEND(parser, key.items, key.count, column->name);
    return set_primary_key(parser, create, key, start);
}

static enum sl_status parse_column(struct sql_parser *parser, struct sql_create_table *create)
{
    struct sql_column column = {.kind = SQL_COLUMN_PHYSICAL, .span = sql_span_here(parser)};
    SL_TRY(sql_parse_any_name(parser, "a column name", &column.name));
    if (sql_accept_word(parser, "AS")) {
        column.kind = SQL_COLUMN_COMPUTED;
        SL_TRY(sql_parse_expr(parser, &column.expr));
    } else {
        SL_TRY(sql_parse_type(parser, &column.type, &column.type_span));
        if (sql_accept_word(parser, "METADATA")) {
            SL_TRY(parse_metadata(parser, &column));
        }
        SL_TRY(parse_column_key(parser, create, &column));
    }
    if (sql_accept_word(parser, "COMMENT")) {
        SL_TRY(sql_parse_plain_string(parser, &column.comment));
    }
    column.span = sql_span_from(parser, column.span);
    SQL_APPEND(parser, create->columns, create->column_count, column);
    return SL_OK;
}

static enum sl_status parse_watermark(struct sql_parser *parser, struct sql_create_table *create)
{
    struct sql_span start = sql_span_here(parser);
    sql_take(parser);
    sql_take(parser);
    if (create->watermark != NULL) {
        return sql_fail_span(parser, SL_SYNTAX, sql_span_from(parser, start),
                             "a second watermark (the first is in line %u)",
                             create->watermark->span.line);
    }
    create->watermark = SL_ARENA_NEW(parser->arena, struct sql_watermark);
    if (create->watermark == NULL) {
        return sql_no_memory(parser);
    }
    SL_TRY(sql_parse_path(parser, "the rowtime column", &create->watermark->column));
    SL_TRY(sql_expect_word(parser, "AS"));
    SL_TRY(sql_parse_expr(parser, &create->watermark->expr));
    create->watermark->span = sql_span_from(parser, start);
    return SL_OK;
}

/* A column, WATERMARK FOR or a table constraint. */
static enum sl_status parse_element(struct sql_parser *parser, struct sql_create_table *create)
{
    struct sql_span start = sql_span_here(parser);
    if (sql_at_words(parser, "WATERMARK", "FOR")) {
        return parse_watermark(parser, create);
    }
    if (sql_at_words(parser, "PERIOD", "FOR")) {
        return sql_unsupported(parser, start, "PERIOD FOR");
    }
    bool is_key = false;
    SL_TRY(accept_primary_key(parser, &is_key));
    if (!is_key) {
        return parse_column(parser, create);
    }
    struct sql_name_list key = {0};
    SL_TRY(sql_parse_name_list(parser, &key));
    return set_primary_key(parser, create, key, start);
}

/* ( element, ... ); a comma before the closing parenthesis is accepted. */
static enum sl_status parse_elements(struct sql_parser *parser, struct sql_create_table *create)
{
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    do {
        SL_TRY(parse_element(parser, create));
    } while (sql_accept(parser, SQL_TOKEN_COMMA) && !sql_at(parser, SQL_TOKEN_CLOSE));
    return sql_accept(parser, SQL_TOKEN_CLOSE) ? SL_OK : sql_unexpected(parser, "',' or ')'");
}

static enum sl_status refuse_like_and_as(struct sql_parser *parser)
{
    if (sql_at_word(parser, "AS")) {
        return sql_unsupported(parser, sql_span_here(parser), "CREATE TABLE ... AS");
    }
    if (sql_at_word(parser, "LIKE")) {
        return sql_unsupported(parser, sql_span_here(parser), "CREATE TABLE ... LIKE");
    }
    if (sql_at_word(parser, "DISTRIBUTED")) {
        return sql_unsupported(parser, sql_span_here(parser), "DISTRIBUTED");
    }
    return SL_OK;
}

static enum sl_status accept_if_not_exists(struct sql_parser *parser, bool *if_not_exists)
{
    *if_not_exists = sql_accept_words(parser, "IF", "NOT");
    return *if_not_exists ? sql_expect_word(parser, "EXISTS") : SL_OK;
}

static enum sl_status parse_create_table(struct sql_parser *parser, struct sql_create_table *create)
{
    SL_TRY(accept_if_not_exists(parser, &create->if_not_exists));
    SL_TRY(sql_parse_path(parser, "a table name", &create->name));
    if (!sql_at(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(refuse_like_and_as(parser));
        if (sql_at_word(parser, "WITH")) {
            return sql_unsupported(parser, sql_span_here(parser), "CREATE TABLE without columns");
        }
    }
    SL_TRY(parse_elements(parser, create));
    if (sql_accept_word(parser, "COMMENT")) {
        SL_TRY(sql_parse_plain_string(parser, &create->comment));
    }
    SL_TRY(refuse_like_and_as(parser));
    if (sql_accept_words(parser, "PARTITIONED", "BY")) {
        SL_TRY(sql_parse_name_list(parser, &create->partition_by));
    }
    struct sql_span start = sql_span_here(parser);
    if (sql_accept_word(parser, "WITH")) {
        SL_TRY(sql_parse_options(parser, &create->options));
        create->options_span = sql_span_from(parser, start);
    }
    return refuse_like_and_as(parser);
}

static enum sl_status parse_create_view(struct sql_parser *parser, struct sql_create_view *create)
{
    SL_TRY(accept_if_not_exists(parser, &create->if_not_exists));
    SL_TRY(sql_parse_path(parser, "a view name", &create->name));
    if (sql_at(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(sql_parse_name_list(parser, &create->columns));
    }
    if (sql_accept_word(parser, "COMMENT")) {
        SL_TRY(sql_parse_plain_string(parser, &create->comment));
    }
    SL_TRY(sql_expect_word(parser, "AS"));
    return sql_parse_query(parser, &create->query);
}

/* CREATE FUNCTION, DROP DATABASE and the like: refused by name. */
static enum sl_status refuse_object(struct sql_parser *parser, struct sql_span start,
                                    const char *verb)
{
    static const char *const objects[] = {"FUNCTION",     "CATALOG", "DATABASE",   "MODEL",
                                          "MATERIALIZED", "SYSTEM",  "CONNECTION", "OR"};
    for (size_t i = 0; i < SL_COUNT_OF(objects); i++) {
        if (sql_accept_word(parser, objects[i])) {
            char what[40];
            snprintf(what, sizeof(what), "%s %s", verb, objects[i]);
            return sql_unsupported(parser, sql_span_from(parser, start), what);
        }
    }
    return sql_unexpected(parser, "'TABLE' or 'VIEW'");
}

enum sl_status sql_parse_create(struct sql_parser *parser, struct sql_statement *statement)
{
    struct sql_span start = sql_span_here(parser);
    sql_take(parser);
    bool temporary = sql_accept_word(parser, "TEMPORARY");
    if (sql_accept_word(parser, "TABLE")) {
        statement->kind = SQL_STATEMENT_CREATE_TABLE;
        statement->create_table.temporary = temporary;
        return parse_create_table(parser, &statement->create_table);
    }
    if (sql_accept_word(parser, "VIEW")) {
        statement->kind = SQL_STATEMENT_CREATE_VIEW;
        statement->create_view.temporary = temporary;
        return parse_create_view(parser, &statement->create_view);
    }
    return refuse_object(parser, start, "CREATE");
}

enum sl_status sql_parse_drop(struct sql_parser *parser, struct sql_statement *statement)
{
    struct sql_span start = sql_span_here(parser);
    sql_take(parser);
    statement->drop.temporary = sql_accept_word(parser, "TEMPORARY");
    bool is_table = sql_at_word(parser, "TABLE");
    if (!is_table && !sql_at_word(parser, "VIEW")) {
        return refuse_object(parser, start, "DROP");
    }
    sql_take(parser);
    statement->kind = is_table ? SQL_STATEMENT_DROP_TABLE : SQL_STATEMENT_DROP_VIEW;
    statement->drop.if_exists = sql_accept_words(parser, "IF", "EXISTS");
    return sql_parse_path(parser, is_table ? "a table name" : "a view name", &statement->drop.name);
}
