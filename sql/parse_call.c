/* SPDX-License-Identifier: Apache-2.0
 *
 * Function calls. The special syntaxes of SQL become plain arguments here (ast_expr.h lists them),
 * so that nothing behind the parser knows them. */
#include "parser.h"

#include <string.h>

static enum sl_status add_argument(struct sql_parser *parser, struct sql_call *call,
                                   struct sql_expr *value)
{
    struct sql_argument argument = {.value = value};
    SQL_APPEND(parser, call->args, call->arg_count, argument);
    return SL_OK;
}

static enum sl_status add_parsed(struct sql_parser *parser, struct sql_call *call)
{
    struct sql_expr *value = NULL;
    SL_TRY(sql_parse_expr(parser, &value));
    return add_argument(parser, call, value);
}

static enum sl_status add_unit(struct sql_parser *parser, struct sql_call *call)
{
    struct sql_expr *unit = NULL;
    SL_TRY(sql_parse_unit(parser, &unit));
    return add_argument(parser, call, unit);
}

/* (a, b) or a, b: the latter end where a DESCRIPTOR or a named argument follows the comma. */
static enum sl_status parse_partition_keys(struct sql_parser *parser, struct sql_expr_list *keys)
{
    if (sql_accept(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(sql_parse_expr_list(parser, keys));
        return sql_accept(parser, SQL_TOKEN_CLOSE) ? SL_OK : sql_unexpected(parser, "',' or ')'");
    }
    for (;;) {
        struct sql_expr *key = NULL;
        SL_TRY(sql_parse_expr(parser, &key));
        SQL_APPEND(parser, keys->items, keys->count, key);
        if (!sql_at(parser, SQL_TOKEN_COMMA) ||
            sql_token_is_word(sql_peek(parser, 1), "DESCRIPTOR") ||
            sql_peek(parser, 2)->kind == SQL_TOKEN_ARROW) {
            return SL_OK;
        }
        sql_take(parser);
    }
}

/* TABLE t [PARTITION BY k, ..] or TABLE(t). */
static enum sl_status parse_table_argument(struct sql_parser *parser, struct sql_expr **expr)
{
    struct sql_span start = sql_span_here(parser);
    SL_TRY(sql_new_expr(parser, SQL_EXPR_TABLE, start, expr));
    struct sql_expr_list *keys = &(*expr)->table.partition_by;
    sql_take(parser);
    bool enclosed = sql_accept(parser, SQL_TOKEN_OPEN);
    SL_TRY(sql_parse_path(parser, "a table name after 'TABLE'", &(*expr)->table.path));
    if (enclosed) {
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    }
    if (sql_accept_words(parser, "PARTITION", "BY")) {
        SL_TRY(parse_partition_keys(parser, keys));
    }
    (*expr)->span = sql_span_from(parser, start);
    return SL_OK;
}

static bool at_table_argument(struct sql_parser *parser)
{
    enum sql_token_kind next = sql_peek(parser, 1)->kind;
    return sql_at_word(parser, "TABLE") &&
           (next == SQL_TOKEN_WORD || next == SQL_TOKEN_QUOTED || next == SQL_TOKEN_OPEN);
}

/* [name =>] value, ... */
static enum sl_status parse_plain_arguments(struct sql_parser *parser, struct sql_call *call)
{
    uint32_t before = parser->operator_count;
    uint32_t most = before;
    do {
        struct sql_argument argument = {0};
        parser->operator_count = before; /* siblings do not stack */
        if (sql_peek(parser, 1)->kind == SQL_TOKEN_ARROW) {
            SL_TRY(sql_parse_upper_name(parser, &argument.name));
            sql_take(parser);
        }
        SL_TRY(at_table_argument(parser) ? parse_table_argument(parser, &argument.value)
                                         : sql_parse_expr(parser, &argument.value));
        SQL_APPEND(parser, call->args, call->arg_count, argument);
        most = SL_MAX(most, parser->operator_count);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    parser->operator_count = most;
    return SL_OK;
}

/* u FROM t */
static enum sl_status parse_extract(struct sql_parser *parser, struct sql_call *call)
{
    SL_TRY(add_unit(parser, call));
    SL_TRY(sql_expect_word(parser, "FROM"));
    return add_parsed(parser, call);
}

/* x or t TO u, and then whatever else. */
static enum sl_status parse_floor(struct sql_parser *parser, struct sql_call *call)
{
    SL_TRY(add_parsed(parser, call));
    return sql_accept_word(parser, "TO") ? add_unit(parser, call) : SL_OK;
}

/* u, a, b */
static enum sl_status parse_timestamp_add(struct sql_parser *parser, struct sql_call *call)
{
    SL_TRY(add_unit(parser, call));
    return sql_accept(parser, SQL_TOKEN_COMMA) ? parse_plain_arguments(parser, call)
                                               : sql_unexpected(parser, "','");
}

/* s FROM i [FOR n], or s, i, n */
static enum sl_status parse_substring(struct sql_parser *parser, struct sql_call *call)
{
    SL_TRY(add_parsed(parser, call));
    if (sql_accept(parser, SQL_TOKEN_COMMA)) {
        return parse_plain_arguments(parser, call);
    }
    if (!sql_accept_word(parser, "FROM")) {
        return SL_OK;
    }
    SL_TRY(add_parsed(parser, call));
    return sql_accept_word(parser, "FOR") ? add_parsed(parser, call) : SL_OK;
}

/* s PLACING r FROM i [FOR n], or plain arguments */
static enum sl_status parse_overlay(struct sql_parser *parser, struct sql_call *call)
{
    SL_TRY(add_parsed(parser, call));
    if (sql_accept(parser, SQL_TOKEN_COMMA)) {
        return parse_plain_arguments(parser, call);
    }
    SL_TRY(sql_expect_word(parser, "PLACING"));
    SL_TRY(add_parsed(parser, call));
    SL_TRY(sql_expect_word(parser, "FROM"));
    SL_TRY(add_parsed(parser, call));
    return sql_accept_word(parser, "FOR") ? add_parsed(parser, call) : SL_OK;
}

/* a IN b, or plain arguments */
static enum sl_status parse_position(struct sql_parser *parser, struct sql_call *call)
{
    struct sql_expr *value = NULL;
    SL_TRY(sql_parse_operand(parser, &value));
    SL_TRY(add_argument(parser, call, value));
    if (sql_accept(parser, SQL_TOKEN_COMMA)) {
        return parse_plain_arguments(parser, call);
    }
    SL_TRY(sql_expect_word(parser, "IN"));
    return add_parsed(parser, call);
}

static enum sl_status new_blank(struct sql_parser *parser, struct sql_span span,
                                struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, span, expr));
    struct sql_literal *literal = &(*expr)->literal;
    literal->type = sl_type_not_null(sl_type_of(SL_TYPE_CHAR));
    literal->type.length = 1;
    literal->text = " ";
    literal->length = 1;
    return SL_OK;
}

/* BOTH, LEADING or TRAILING when something to trim follows, so that it is not a column. */
static const char *accept_trim_side(struct sql_parser *parser)
{
    static const char *const sides[] = {"BOTH", "LEADING", "TRAILING"};
    enum sql_token_kind next = sql_peek(parser, 1)->kind;
    bool follows = next == SQL_TOKEN_WORD || next == SQL_TOKEN_QUOTED || next == SQL_TOKEN_OPEN ||
                   sql_token_is_string(sql_peek(parser, 1));
    for (size_t i = 0; follows && i < SL_COUNT_OF(sides); i++) {
        if (sql_accept_word(parser, sides[i])) {
            return sides[i];
        }
    }
    return NULL;
}

/* [BOTH|LEADING|TRAILING] [c] FROM s, or s alone */
static enum sl_status parse_trim(struct sql_parser *parser, struct sql_call *call)
{
    struct sql_expr *side = NULL;
    struct sql_expr *characters = NULL;
    struct sql_expr *subject = NULL;
    SL_TRY(sql_new_expr(parser, SQL_EXPR_SYMBOL, sql_span_here(parser), &side));
    const char *side_name = accept_trim_side(parser);
    side->symbol = side_name != NULL ? side_name : "BOTH";
    if (side_name == NULL || !sql_at_word(parser, "FROM")) {
        SL_TRY(sql_parse_expr(parser, &characters));
    }
    if (sql_accept_word(parser, "FROM")) {
        SL_TRY(sql_parse_expr(parser, &subject));
    } else if (side_name != NULL) {
        return sql_unexpected(parser, "'FROM'");
    } else {
        subject = characters;
        characters = NULL;
    }
    if (characters == NULL) {
        SL_TRY(new_blank(parser, side->span, &characters));
    }
    SL_TRY(add_argument(parser, call, side));
    SL_TRY(add_argument(parser, call, characters));
    return add_argument(parser, call, subject);
}

static const struct special {
    const char *name;
    enum sl_status (*parse)(struct sql_parser *parser, struct sql_call *call);
} specials[] = {
    {"EXTRACT", parse_extract},
    {"FLOOR", parse_floor},
    {"CEIL", parse_floor},
    {"CEILING", parse_floor},
    {"TIMESTAMPADD", parse_timestamp_add},
    {"TIMESTAMPDIFF", parse_timestamp_add},
    {"SUBSTRING", parse_substring},
    {"OVERLAY", parse_overlay},
    {"POSITION", parse_position},
    {"TRIM", parse_trim},
};

static enum sl_status parse_arguments(struct sql_parser *parser, struct sql_call *call)
{
    if (sql_at(parser, SQL_TOKEN_CLOSE)) {
        return SL_OK;
    }
    if (sql_at(parser, SQL_TOKEN_STAR) && sql_peek(parser, 1)->kind == SQL_TOKEN_CLOSE) {
        sql_take(parser);
        call->star = true;
        return SL_OK;
    }
    for (size_t i = 0; i < SL_COUNT_OF(specials); i++) {
        if (strcmp(call->name.text, specials[i].name) == 0) {
            return specials[i].parse(parser, call);
        }
    }
    enum sql_token_kind next = sql_peek(parser, 1)->kind;
    bool is_quantifier = next != SQL_TOKEN_CLOSE && next != SQL_TOKEN_COMMA &&
                         next != SQL_TOKEN_DOT && next != SQL_TOKEN_ARROW;
    if (is_quantifier && !sql_accept_word(parser, "ALL")) {
        call->distinct = sql_accept_word(parser, "DISTINCT");
    }
    return parse_plain_arguments(parser, call);
}

/* FILTER (WHERE ..) and OVER .. behind the parentheses. */
static enum sl_status parse_call_clauses(struct sql_parser *parser, struct sql_call *call)
{
    if (sql_at_words(parser, "WITHIN", "GROUP")) {
        return sql_unsupported(parser, sql_span_here(parser), "WITHIN GROUP");
    }
    if (sql_at_words(parser, "IGNORE", "NULLS") || sql_at_words(parser, "RESPECT", "NULLS")) {
        return sql_unsupported(parser, sql_span_here(parser), "IGNORE or RESPECT NULLS");
    }
    if (sql_at_word(parser, "FILTER") && sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN) {
        sql_take(parser);
        sql_take(parser);
        SL_TRY(sql_expect_word(parser, "WHERE"));
        SL_TRY(sql_parse_expr(parser, &call->filter));
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    }
    if (!sql_accept_word(parser, "OVER")) {
        return SL_OK;
    }
    call->over = SL_ARENA_NEW(parser->arena, struct sql_window);
    if (call->over == NULL) {
        return sql_no_memory(parser);
    }
    if (sql_at(parser, SQL_TOKEN_OPEN)) {
        return sql_parse_window(parser, call->over);
    }
    call->over->span = sql_span_here(parser);
    return sql_parse_name(parser, "'(' or a window name after 'OVER'", &call->over->name);
}

enum sl_status sql_parse_call(struct sql_parser *parser, struct sql_expr **expr)
{
    const struct sql_token *token = sql_peek(parser, 0);
    bool refused = token->kind == SQL_TOKEN_WORD &&
                   (sql_word_flags(token->text, token->span.length) & SQL_WORD_NOT_NAME) != 0;
    if (refused) {
        return sql_unexpected(parser, "an expression");
    }
    struct sql_span start = sql_span_here(parser);
    SL_TRY(sql_new_expr(parser, SQL_EXPR_CALL, start, expr));
    struct sql_call *call = &(*expr)->call;
    SL_TRY(sql_parse_upper_name(parser, &call->name));
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    SL_TRY(parse_arguments(parser, call));
    if (!sql_accept(parser, SQL_TOKEN_CLOSE)) {
        return sql_unexpected(parser, call->arg_count == 0 ? "')'" : "',' or ')'");
    }
    SL_TRY(parse_call_clauses(parser, call));
    (*expr)->span = sql_span_from(parser, start);
    return SL_OK;
}
