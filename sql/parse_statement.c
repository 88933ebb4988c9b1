/* SPDX-License-Identifier: Apache-2.0
 *
 * Every statement but CREATE and DROP, found by its first word. The caller checks that nothing but
 * a semicolon follows. */
#include "parser.h"

#include "sluice/text.h"

#include <stdio.h>

static enum sl_status parse_insert(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_INSERT;
    struct sql_insert *insert = &statement->insert;
    sql_take(parser);
    if (sql_at_word(parser, "OVERWRITE")) {
        return sql_unsupported(parser, sql_span_here(parser), "INSERT OVERWRITE");
    }
    SL_TRY(sql_expect_word(parser, "INTO"));
    SL_TRY(sql_parse_path(parser, "a table name", &insert->table));
    SL_TRY(sql_parse_hints(parser, &insert->hints));
    if (sql_at_word(parser, "PARTITION")) {
        return sql_unsupported(parser, sql_span_here(parser), "INSERT ... PARTITION");
    }
    if (sql_at(parser, SQL_TOKEN_OPEN) && !sql_at_query(parser)) {
        SL_TRY(sql_parse_name_list(parser, &insert->columns));
    }
    SL_TRY(sql_parse_query(parser, &insert->query));
    if (sql_at_words(parser, "ON", "CONFLICT")) {
        return sql_unsupported(parser, sql_span_here(parser), "ON CONFLICT");
    }
    return SL_OK;
}

static enum sl_status parse_query_statement(struct sql_parser *parser,
                                            struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_QUERY;
    return sql_parse_query(parser, &statement->query);
}

/* insert; insert; ... END */
static enum sl_status parse_inserts(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_SET_OF_INSERTS;
    do {
        struct sql_statement insert = {.span = sql_span_here(parser)};
        sql_accept_word(parser, "EXECUTE");
        if (!sql_at_word(parser, "INSERT")) {
            return sql_unexpected(parser, "'INSERT' in the statement set");
        }
        parser->operator_count = 0;
        SL_TRY(parse_insert(parser, &insert));
        insert.span = sql_span_from(parser, insert.span);
        SQL_APPEND(parser, statement->set_of_inserts.items, statement->set_of_inserts.count,
                   insert);
        if (!sql_accept(parser, SQL_TOKEN_SEMICOLON) && !sql_at_word(parser, "END")) {
            return sql_unexpected(parser, "';' or 'END' of the statement set");
        }
        while (sql_accept(parser, SQL_TOKEN_SEMICOLON)) {
        }
    } while (!sql_accept_word(parser, "END"));
    return SL_OK;
}

/* STATEMENT SET BEGIN ... END, at STATEMENT. */
static enum sl_status parse_statement_set(struct sql_parser *parser,
                                          struct sql_statement *statement)
{
    sql_take(parser);
    SL_TRY(sql_expect_word(parser, "SET"));
    SL_TRY(sql_expect_word(parser, "BEGIN"));
    return parse_inserts(parser, statement);
}

/* BEGIN STATEMENT SET; ... END, the older spelling. */
static enum sl_status parse_begin(struct sql_parser *parser, struct sql_statement *statement)
{
    sql_take(parser);
    SL_TRY(sql_expect_word(parser, "STATEMENT"));
    SL_TRY(sql_expect_word(parser, "SET"));
    SL_TRY(sql_expect(parser, SQL_TOKEN_SEMICOLON));
    return parse_inserts(parser, statement);
}

/* What EXECUTE and EXPLAIN stand before. */
static enum sl_status parse_job(struct sql_parser *parser, struct sql_statement *statement,
                                const char *expected)
{
    if (sql_at_word(parser, "STATEMENT")) {
        return parse_statement_set(parser, statement);
    }
    if (sql_at_word(parser, "INSERT")) {
        return parse_insert(parser, statement);
    }
    return sql_at_query(parser) ? parse_query_statement(parser, statement)
                                : sql_unexpected(parser, expected);
}

static enum sl_status parse_execute(struct sql_parser *parser, struct sql_statement *statement)
{
    sql_take(parser);
    if (sql_at_word(parser, "PLAN")) {
        return sql_unsupported(parser, sql_span_here(parser), "EXECUTE PLAN");
    }
    return parse_job(parser, statement, "'STATEMENT SET', 'INSERT' or a query after 'EXECUTE'");
}

static enum sl_status parse_explain(struct sql_parser *parser, struct sql_statement *statement)
{
    static const struct {
        const char *word;
        uint32_t bit;
    } details[] = {
        {"ESTIMATED_COST", SQL_EXPLAIN_ESTIMATED_COST},
        {"CHANGELOG_MODE", SQL_EXPLAIN_CHANGELOG_MODE},
        {"PLAN_ADVICE", SQL_EXPLAIN_PLAN_ADVICE},
        {"JSON_EXECUTION_PLAN", SQL_EXPLAIN_JSON_EXECUTION_PLAN},
    };
    statement->kind = SQL_STATEMENT_EXPLAIN;
    sql_take(parser);
    if (!sql_accept_words(parser, "PLAN", "FOR")) {
        size_t i = 0;
        while (i < SL_COUNT_OF(details)) {
            bool found = sql_accept_word(parser, details[i].word);
            statement->explain.details |= found ? details[i].bit : 0;
            if (found) {
                sql_accept(parser, SQL_TOKEN_COMMA);
            }
            i = found ? 0 : i + 1;
        }
    }
    struct sql_statement *inner = SL_ARENA_NEW(parser->arena, struct sql_statement);
    if (inner == NULL) {
        return sql_no_memory(parser);
    }
    inner->span = sql_span_here(parser);
    statement->explain.statement = inner;
    sql_accept_word(parser, "EXECUTE");
    SL_TRY(parse_job(parser, inner, "a query, 'INSERT' or 'STATEMENT SET' after 'EXPLAIN'"));
    inner->span = sql_span_from(parser, inner->span);
    return SL_OK;
}

/* Everything up to the end token kind (or the end of the statement) as it is written: the value of
 * SET k = v may be anything. */
static enum sl_status parse_raw(struct sql_parser *parser, enum sql_token_kind end,
                                const char *expected, const char **text, struct sql_span *span)
{
    *span = sql_span_here(parser);
    const char *start = sql_peek(parser, 0)->text;
    bool empty = true;
    while (!sql_at(parser, end) && !sql_at(parser, SQL_TOKEN_SEMICOLON) &&
           !sql_at(parser, SQL_TOKEN_END)) {
        if (sql_at(parser, SQL_TOKEN_UNTERMINATED)) {
            return sql_unexpected(parser, expected);
        }
        sql_take(parser);
        empty = false;
    }
    if (empty) {
        return sql_unexpected(parser, expected);
    }
    *span = sql_span_from(parser, *span);
    *text = sl_arena_copy(parser->arena, start, span->length);
    return *text != NULL ? SL_OK : sql_no_memory(parser);
}

/* A string literal when it stands alone before end, else raw text. */
static enum sl_status parse_setting(struct sql_parser *parser, enum sql_token_kind end,
                                    const char *expected, const char **text, struct sql_span *span)
{
    enum sql_token_kind next = sql_peek(parser, 1)->kind;
    if (sql_token_is_string(sql_peek(parser, 0)) &&
        (next == end || next == SQL_TOKEN_SEMICOLON || next == SQL_TOKEN_END)) {
        *span = sql_span_here(parser);
        return sql_parse_plain_string(parser, text);
    }
    return parse_raw(parser, end, expected, text, span);
}

static bool at_end(struct sql_parser *parser)
{
    return sql_at(parser, SQL_TOKEN_SEMICOLON) || sql_at(parser, SQL_TOKEN_END);
}

/* SET 'k' = 'v', SET k = v, SET */
static enum sl_status parse_set_option(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_SET;
    struct sql_option *option = &statement->set.option;
    sql_take(parser);
    if (at_end(parser)) {
        return SL_OK;
    }
    SL_TRY(
        parse_setting(parser, SQL_TOKEN_EQUAL, "an option key", &option->key, &option->key_span));
    SL_TRY(sql_expect(parser, SQL_TOKEN_EQUAL));
    return parse_setting(parser, SQL_TOKEN_END, "an option value", &option->value,
                         &option->value_span);
}

static enum sl_status parse_reset(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_RESET;
    struct sql_option *option = &statement->set.option;
    sql_take(parser);
    return at_end(parser) ? SL_OK
                          : parse_setting(parser, SQL_TOKEN_END, "an option key", &option->key,
                                          &option->key_span);
}

static enum sl_status parse_show(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_SHOW;
    sql_take(parser);
    if (sql_accept_word(parser, "TABLES")) {
        statement->show.kind = SQL_SHOW_TABLES;
        return SL_OK;
    }
    if (sql_accept_word(parser, "VIEWS")) {
        statement->show.kind = SQL_SHOW_VIEWS;
        return SL_OK;
    }
    if (sql_accept_words(parser, "CREATE", "TABLE") || sql_accept_words(parser, "CREATE", "VIEW")) {
        statement->show.kind =
            sql_token_is_word(&parser->last, "VIEW") ? SQL_SHOW_CREATE_VIEW : SQL_SHOW_CREATE_TABLE;
        return sql_parse_path(parser, "a table or view name", &statement->show.name);
    }
    return sql_unexpected(parser, "'TABLES', 'VIEWS', 'CREATE TABLE' or 'CREATE VIEW'");
}

static enum sl_status parse_describe(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->kind = SQL_STATEMENT_DESCRIBE;
    sql_take(parser);
    if (sql_token_is_string(sql_peek(parser, 1))) {
        return sql_unsupported(parser, sql_span_here(parser), "DESCRIBE JOB");
    }
    return sql_parse_path(parser, "a table or view name", &statement->describe.name);
}

/* Statements of Flink that Sluice does not have. */
static enum sl_status refuse_statement(struct sql_parser *parser, struct sql_statement *statement)
{
    (void)statement;
    char what[32] = {0};
    const struct sql_token *token = sql_peek(parser, 0);
    for (uint32_t i = 0; i < SL_MIN(token->span.length, sizeof(what) - 1); i++) {
        char c = token->text[i];
        what[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return sql_unsupported(parser, token->span, what);
}

static const struct statement_form {
    const char *word;
    enum sl_status (*parse)(struct sql_parser *parser, struct sql_statement *statement);
} statement_forms[] = {
    {"SELECT", parse_query_statement},  {"WITH", parse_query_statement},
    {"VALUES", parse_query_statement},  {"INSERT", parse_insert},
    {"CREATE", sql_parse_create},       {"DROP", sql_parse_drop},
    {"EXECUTE", parse_execute},         {"BEGIN", parse_begin},
    {"SET", parse_set_option},          {"RESET", parse_reset},
    {"EXPLAIN", parse_explain},         {"SHOW", parse_show},
    {"DESCRIBE", parse_describe},       {"DESC", parse_describe},
    {"ALTER", refuse_statement},        {"USE", refuse_statement},
    {"STOP", refuse_statement},         {"ADD", refuse_statement},
    {"REMOVE", refuse_statement},       {"LOAD", refuse_statement},
    {"UNLOAD", refuse_statement},       {"ANALYZE", refuse_statement},
    {"CALL", refuse_statement},         {"TRUNCATE", refuse_statement},
    {"DELETE", refuse_statement},       {"UPDATE", refuse_statement},
    {"MERGE", refuse_statement},        {"COMPILE", refuse_statement},
    {"STATEMENT", parse_statement_set},
};

static enum sl_status unknown_statement(struct sql_parser *parser)
{
    const char *known[SL_COUNT_OF(statement_forms)];
    char word[32] = {0};
    const struct sql_token *token = sql_peek(parser, 0);
    for (size_t i = 0; i < SL_COUNT_OF(known); i++) {
        known[i] = statement_forms[i].word;
    }
    for (uint32_t i = 0; i < SL_MIN(token->span.length, sizeof(word) - 1); i++) {
        char c = token->text[i];
        word[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    const char *nearest =
        token->kind == SQL_TOKEN_WORD ? sl_nearest_name(word, known, SL_COUNT_OF(known)) : NULL;
    if (nearest == NULL) {
        return sql_unexpected(parser, "a statement");
    }
    return sql_fail_span(parser, SL_SYNTAX, token->span,
                         "expected a statement but found '%s'; did you mean '%s'?", word, nearest);
}

enum sl_status sql_parse_statement(struct sql_parser *parser, struct sql_statement *statement)
{
    statement->span = sql_span_here(parser);
    if (sql_at(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(parse_query_statement(parser, statement));
        statement->span = sql_span_from(parser, statement->span);
        return SL_OK;
    }
    for (size_t i = 0; i < SL_COUNT_OF(statement_forms); i++) {
        if (sql_at_word(parser, statement_forms[i].word)) {
            SL_TRY(statement_forms[i].parse(parser, statement));
            statement->span = sql_span_from(parser, statement->span);
            return SL_OK;
        }
    }
    return unknown_statement(parser);
}
