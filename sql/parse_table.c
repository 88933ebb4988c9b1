/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in FROM: tables, subqueries, table functions and joins. Joins are left-associative
 * and bind tighter than the comma, which is a CROSS join. */
#include "parser.h"

static enum sl_status parse_joins(struct sql_parser *parser, struct sql_table **table);

/* [AS] alias [(columns)], and what Flink allows in its place but we do not know. */
static enum sl_status parse_table_alias(struct sql_parser *parser, struct sql_table *table)
{
    static const char *const unknown[] = {"MATCH_RECOGNIZE", "TABLESAMPLE", "PIVOT", "UNPIVOT"};
    for (size_t i = 0; i < SL_COUNT_OF(unknown); i++) {
        if (sql_at_word(parser, unknown[i])) {
            return sql_unsupported(parser, sql_span_here(parser), unknown[i]);
        }
    }
    SL_TRY(sql_parse_alias(parser, &table->alias));
    if (table->alias.text != NULL && sql_at(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(sql_parse_name_list(parser, &table->column_aliases));
    }
    return SL_OK;
}

static enum sl_status parse_subquery(struct sql_parser *parser, struct sql_table *table)
{
    table->kind = SQL_TABLE_SUBQUERY;
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    SL_TRY(sql_parse_query(parser, &table->subquery.query));
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

static enum sl_status parse_unnest(struct sql_parser *parser, struct sql_table *table)
{
    table->kind = SQL_TABLE_UNNEST;
    sql_take(parser);
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    SL_TRY(sql_parse_expr(parser, &table->unnest.value));
    SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    table->unnest.ordinality = sql_accept_words(parser, "WITH", "ORDINALITY");
    return SL_OK;
}

static bool at_function(struct sql_parser *parser)
{
    const struct sql_token *token = sql_peek(parser, 0);
    bool is_name = token->kind == SQL_TOKEN_QUOTED ||
                   (token->kind == SQL_TOKEN_WORD &&
                    (sql_word_flags(token->text, token->span.length) & SQL_WORD_NOT_NAME) == 0);
    return is_name && sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN;
}

/* TABLE(f(args)) or f(args). */
static enum sl_status parse_function(struct sql_parser *parser, struct sql_table *table)
{
    table->kind = SQL_TABLE_FUNCTION;
    bool wrapped = sql_accept_word(parser, "TABLE");
    if (wrapped) {
        SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    }
    if (!at_function(parser)) {
        return sql_unexpected(parser, "a table function such as TUMBLE(...)");
    }
    SL_TRY(sql_enter(parser));
    SL_TRY(sql_parse_call(parser, &table->function.call));
    sql_leave(parser);
    return wrapped ? sql_expect(parser, SQL_TOKEN_CLOSE) : SL_OK;
}

static enum sl_status parse_named(struct sql_parser *parser, struct sql_table *table)
{
    table->kind = SQL_TABLE_NAMED;
    SL_TRY(sql_parse_path(parser, "a table", &table->named.path));
    SL_TRY(sql_parse_hints(parser, &table->named.hints));
    if (!sql_at_words(parser, "FOR", "SYSTEM_TIME")) {
        return SL_OK;
    }
    sql_take(parser);
    sql_take(parser);
    SL_TRY(sql_expect_word(parser, "AS"));
    SL_TRY(sql_expect_word(parser, "OF"));
    return sql_parse_expr(parser, &table->named.as_of);
}

/* ( joins ), which is only grouping. */
static enum sl_status parse_grouped(struct sql_parser *parser, struct sql_table **table)
{
    SL_TRY(sql_enter(parser));
    sql_take(parser);
    SL_TRY(parse_joins(parser, table));
    sql_leave(parser);
    return sql_accept(parser, SQL_TOKEN_CLOSE) ? SL_OK : sql_unexpected(parser, "a join or ')'");
}

static enum sl_status parse_primary_table(struct sql_parser *parser, struct sql_table **table)
{
    bool lateral = sql_accept_word(parser, "LATERAL");
    struct sql_span start = lateral ? parser->last.span : sql_span_here(parser);
    bool is_query = false;
    if (sql_at(parser, SQL_TOKEN_OPEN)) {
        struct sql_parser probe = *parser;
        sql_take(&probe);
        is_query = sql_at_query(&probe);
        if (!is_query && !lateral) {
            return parse_grouped(parser, table);
        }
    }
    *table = SL_ARENA_NEW(parser->arena, struct sql_table);
    if (*table == NULL) {
        return sql_no_memory(parser);
    }
    struct sql_table *node = *table;
    bool table_word = sql_at_word(parser, "TABLE");
    bool is_function = (table_word && sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN) ||
                       (!table_word && at_function(parser));
    if (is_query) {
        SL_TRY(parse_subquery(parser, node));
        node->subquery.lateral = lateral;
    } else if (sql_at_word(parser, "UNNEST")) {
        SL_TRY(parse_unnest(parser, node));
    } else if (is_function) {
        SL_TRY(parse_function(parser, node));
        node->function.lateral = lateral;
    } else if (lateral) {
        return sql_unexpected(parser, "'(' or a table function after 'LATERAL'");
    } else {
        sql_accept_word(parser, "TABLE");
        SL_TRY(parse_named(parser, node));
    }
    SL_TRY(parse_table_alias(parser, node));
    node->span = sql_span_from(parser, start);
    return SL_OK;
}

/* The words from NATURAL to JOIN; false when no join follows. */
static enum sl_status parse_join_words(struct sql_parser *parser, struct sql_table *join,
                                       bool *found)
{
    static const struct {
        const char *word;
        enum sql_join_kind kind;
    } kinds[] = {
        {"INNER", SQL_JOIN_INNER}, {"LEFT", SQL_JOIN_LEFT},   {"RIGHT", SQL_JOIN_RIGHT},
        {"FULL", SQL_JOIN_FULL},   {"CROSS", SQL_JOIN_CROSS},
    };
    struct sql_span start = sql_span_here(parser);
    join->join.kind = SQL_JOIN_INNER;
    join->join.natural = sql_accept_word(parser, "NATURAL");
    *found = join->join.natural;
    for (size_t i = 0; i < SL_COUNT_OF(kinds); i++) {
        if (sql_accept_word(parser, kinds[i].word)) {
            join->join.kind = kinds[i].kind;
            *found = true;
            break;
        }
    }
    bool is_outer = join->join.kind == SQL_JOIN_LEFT || join->join.kind == SQL_JOIN_RIGHT ||
                    join->join.kind == SQL_JOIN_FULL;
    if (is_outer) {
        sql_accept_word(parser, "OUTER");
    }
    if (*found || sql_at_word(parser, "JOIN")) {
        *found = true;
        SL_TRY(sql_expect_word(parser, "JOIN"));
        join->join.span = sql_span_from(parser, start);
    }
    return SL_OK;
}

/* ON, USING, or neither for CROSS and NATURAL. */
static enum sl_status parse_join_condition(struct sql_parser *parser, struct sql_table *join)
{
    if (join->join.kind == SQL_JOIN_CROSS || join->join.natural) {
        return SL_OK;
    }
    if (sql_accept_word(parser, "USING")) {
        return sql_parse_name_list(parser, &join->join.using_columns);
    }
    if (!sql_accept_word(parser, "ON")) {
        return sql_unexpected(parser, "'ON' or 'USING' of the join");
    }
    return sql_parse_expr(parser, &join->join.on);
}

static enum sl_status parse_joins(struct sql_parser *parser, struct sql_table **table)
{
    struct sql_span start = sql_span_here(parser);
    SL_TRY(parse_primary_table(parser, table));
    for (;;) {
        struct sql_table words = {.kind = SQL_TABLE_JOIN};
        bool found = false;
        SL_TRY(parse_join_words(parser, &words, &found));
        if (!found) {
            return SL_OK;
        }
        SL_TRY(sql_count_operator(parser));
        struct sql_table *join = SL_ARENA_NEW(parser->arena, struct sql_table);
        if (join == NULL) {
            return sql_no_memory(parser);
        }
        *join = words;
        join->join.left = *table;
        SL_TRY(parse_primary_table(parser, &join->join.right));
        SL_TRY(parse_join_condition(parser, join));
        join->span = sql_span_from(parser, start);
        *table = join;
    }
}

enum sl_status sql_parse_from(struct sql_parser *parser, struct sql_table **table)
{
    struct sql_span start = sql_span_here(parser);
    SL_TRY(parse_joins(parser, table));
    while (sql_at(parser, SQL_TOKEN_COMMA)) {
        SL_TRY(sql_count_operator(parser));
        struct sql_table *join = SL_ARENA_NEW(parser->arena, struct sql_table);
        if (join == NULL) {
            return sql_no_memory(parser);
        }
        join->kind = SQL_TABLE_JOIN;
        join->join.kind = SQL_JOIN_CROSS;
        join->join.span = sql_span_here(parser);
        join->join.left = *table;
        sql_take(parser);
        SL_TRY(parse_joins(parser, &join->join.right));
        join->span = sql_span_from(parser, start);
        *table = join;
    }
    return SL_OK;
}
