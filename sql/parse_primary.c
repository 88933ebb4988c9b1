/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators stand between: literals, columns, calls, CASE, CAST, constructors, subqueries and
 * parentheses, with [index] and .field behind them. A word is special only before what must follow
 * it, so that most keywords can be column names. */
#include "parser.h"

static enum sl_status parse_case(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_CASE, sql_span_here(parser), expr));
    struct sql_expr *node = *expr;
    sql_take(parser);
    parser->case_depth++;
    if (!sql_at_word(parser, "WHEN")) {
        SL_TRY(sql_parse_expr(parser, &node->choice.subject));
    }
    SL_TRY(sql_expect_word(parser, "WHEN"));
    do {
        struct sql_case_branch branch = {0};
        SL_TRY(sql_parse_expr(parser, &branch.when));
        SL_TRY(sql_expect_word(parser, "THEN"));
        SL_TRY(sql_parse_expr(parser, &branch.then));
        SQL_APPEND(parser, node->choice.branches, node->choice.branch_count, branch);
    } while (sql_accept_word(parser, "WHEN"));
    if (sql_accept_word(parser, "ELSE")) {
        SL_TRY(sql_parse_expr(parser, &node->choice.otherwise));
    }
    if (!sql_accept_word(parser, "END")) {
        return sql_unexpected(parser, node->choice.otherwise != NULL
                                          ? "'END' of CASE"
                                          : "'WHEN', 'ELSE' or 'END' of CASE");
    }
    parser->case_depth--;
    return SL_OK;
}

static enum sl_status parse_cast(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_CAST, sql_span_here(parser), expr));
    struct sql_expr *node = *expr;
    node->cast.is_try = sql_at_word(parser, "TRY_CAST");
    sql_take(parser);
    sql_take(parser);
    SL_TRY(sql_parse_expr(parser, &node->cast.operand));
    SL_TRY(sql_expect_word(parser, "AS"));
    SL_TRY(sql_parse_type(parser, &node->cast.type, &node->cast.type_span));
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

static enum sl_status parse_exists(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_EXISTS, sql_span_here(parser), expr));
    sql_take(parser);
    sql_take(parser);
    SL_TRY(sql_parse_query(parser, &(*expr)->query));
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

/* ARRAY[..], MAP[..] and ROW(..); the list may be empty. */
static enum sl_status parse_constructor(struct sql_parser *parser, struct sql_expr **expr)
{
    enum sql_expr_kind kind = sql_at_word(parser, "ARRAY") ? SQL_EXPR_ARRAY
                              : sql_at_word(parser, "MAP") ? SQL_EXPR_MAP
                                                           : SQL_EXPR_ROW;
    enum sql_token_kind close = kind == SQL_EXPR_ROW ? SQL_TOKEN_CLOSE : SQL_TOKEN_CLOSE_BRACKET;
    SL_TRY(sql_new_expr(parser, kind, sql_span_here(parser), expr));
    sql_take(parser);
    sql_take(parser);
    if (!sql_at(parser, close)) {
        SL_TRY(sql_parse_expr_list(parser, &(*expr)->list));
    }
    if (kind == SQL_EXPR_MAP && (*expr)->list.count % 2 != 0) {
        return sql_fail_span(parser, SL_SYNTAX, (*expr)->span,
                             "MAP[...] needs pairs of key and value, found %u expressions",
                             (*expr)->list.count);
    }
    if (!sql_accept(parser, close)) {
        return sql_unexpected(parser, kind == SQL_EXPR_ROW ? "',' or ')'" : "',' or ']'");
    }
    return SL_OK;
}

static enum sl_status parse_descriptor(struct sql_parser *parser, struct sql_expr **expr)
{
    struct sql_name_list names = {0};
    SL_TRY(sql_new_expr(parser, SQL_EXPR_DESCRIPTOR, sql_span_here(parser), expr));
    sql_take(parser);
    SL_TRY(sql_parse_name_list(parser, &names));
    (*expr)->descriptor.names = names.items;
    (*expr)->descriptor.count = names.count;
    return SL_OK;
}

static enum sl_status parse_constant(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, sql_span_here(parser), expr));
    bool is_null = sql_at_word(parser, "NULL");
    struct sl_type type = sl_type_of(is_null ? SL_TYPE_NULL : SL_TYPE_BOOLEAN);
    (*expr)->literal.type = is_null ? type : sl_type_not_null(type);
    (*expr)->literal.integer = sql_at_word(parser, "TRUE");
    sql_take(parser);
    return SL_OK;
}

/* CURRENT_TIMESTAMP and its siblings, which take no parentheses. */
static enum sl_status parse_bare_call(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_CALL, sql_span_here(parser), expr));
    struct sql_call *call = &(*expr)->call;
    SL_TRY(sql_parse_upper_name(parser, &call->name));
    call->bare = true;
    return SL_OK;
}

/* ( query ), ( expr ) or the row ( expr, expr, ... ). */
static enum sl_status parse_parentheses(struct sql_parser *parser, struct sql_expr **expr)
{
    struct sql_span span = sql_span_here(parser);
    sql_take(parser);
    if (sql_at_query(parser)) {
        SL_TRY(sql_new_expr(parser, SQL_EXPR_SUBQUERY, span, expr));
        SL_TRY(sql_parse_query(parser, &(*expr)->query));
        return sql_expect(parser, SQL_TOKEN_CLOSE);
    }
    uint32_t case_depth = parser->case_depth;
    parser->case_depth = 0;
    struct sql_expr_list list = {0};
    SL_TRY(sql_parse_expr_list(parser, &list));
    if (!sql_accept(parser, SQL_TOKEN_CLOSE)) {
        return sql_unexpected(parser, list.count > 1 ? "',' or ')'" : "')'");
    }
    parser->case_depth = case_depth;
    if (list.count == 1) {
        *expr = list.items[0];
        return SL_OK;
    }
    SL_TRY(sql_new_expr(parser, SQL_EXPR_ROW, span, expr));
    (*expr)->list = list;
    return SL_OK;
}

static enum sl_status parse_column(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_COLUMN, sql_span_here(parser), expr));
    return sql_parse_path(parser, "an expression", &(*expr)->column);
}

typedef enum sl_status parse_function(struct sql_parser *parser, struct sql_expr **expr);

enum follow { ANYTHING, A_STRING, A_STRING_OR_SIGN, NO_PARENTHESIS, PARENTHESIS, BRACKET };

static const struct word_form {
    const char *word;
    enum follow follow; /* what makes the word special */
    parse_function *parse;
} word_forms[] = {
    {"CASE", ANYTHING, parse_case},
    {"NULL", ANYTHING, parse_constant},
    {"TRUE", ANYTHING, parse_constant},
    {"FALSE", ANYTHING, parse_constant},
    {"CAST", PARENTHESIS, parse_cast},
    {"TRY_CAST", PARENTHESIS, parse_cast},
    {"EXISTS", PARENTHESIS, parse_exists},
    {"ROW", PARENTHESIS, parse_constructor},
    {"ARRAY", BRACKET, parse_constructor},
    {"MAP", BRACKET, parse_constructor},
    {"DESCRIPTOR", PARENTHESIS, parse_descriptor},
    {"DATE", A_STRING, sql_parse_time_literal},
    {"TIME", A_STRING, sql_parse_time_literal},
    {"TIMESTAMP", A_STRING, sql_parse_time_literal},
    {"INTERVAL", A_STRING_OR_SIGN, sql_parse_interval_literal},
    {"CURRENT_DATE", NO_PARENTHESIS, parse_bare_call},
    {"CURRENT_TIME", NO_PARENTHESIS, parse_bare_call},
    {"CURRENT_TIMESTAMP", NO_PARENTHESIS, parse_bare_call},
    {"LOCALTIME", NO_PARENTHESIS, parse_bare_call},
    {"LOCALTIMESTAMP", NO_PARENTHESIS, parse_bare_call},
};

static bool follows(struct sql_parser *parser, enum follow follow)
{
    const struct sql_token *next = sql_peek(parser, 1);
    switch (follow) {
    case A_STRING:
        return sql_token_is_string(next);
    case A_STRING_OR_SIGN:
        return sql_token_is_string(next) ||
               ((next->kind == SQL_TOKEN_MINUS || next->kind == SQL_TOKEN_PLUS) &&
                sql_token_is_string(sql_peek(parser, 2)));
    case NO_PARENTHESIS:
        return next->kind != SQL_TOKEN_OPEN;
    case PARENTHESIS:
        return next->kind == SQL_TOKEN_OPEN;
    case BRACKET:
        return next->kind == SQL_TOKEN_OPEN_BRACKET;
    default:
        return true;
    }
}

/* Clause words that cannot be a column where a clause may start: "SELECT a, FROM" is an error at
 * FROM, and so is "SELECT a, ORDER BY" at ORDER. */
static bool at_clause(struct sql_parser *parser)
{
    return sql_at_words(parser, "ORDER", "BY") || sql_at_words(parser, "GROUP", "BY") ||
           sql_at_words(parser, "PARTITION", "BY") ||
           (parser->case_depth > 0 && sql_at_word(parser, "END"));
}

static enum sl_status parse_word(struct sql_parser *parser, struct sql_expr **expr)
{
    for (size_t i = 0; i < SL_COUNT_OF(word_forms); i++) {
        if (sql_at_word(parser, word_forms[i].word) && follows(parser, word_forms[i].follow)) {
            return word_forms[i].parse(parser, expr);
        }
    }
    if (at_clause(parser)) {
        return sql_unexpected(parser, "an expression");
    }
    return sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN ? sql_parse_call(parser, expr)
                                                       : parse_column(parser, expr);
}

static enum sl_status parse_base(struct sql_parser *parser, struct sql_expr **expr)
{
    const struct sql_token *token = sql_peek(parser, 0);
    switch (token->kind) {
    case SQL_TOKEN_WORD:
        return parse_word(parser, expr);
    case SQL_TOKEN_QUOTED:
        return sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN ? sql_parse_call(parser, expr)
                                                           : parse_column(parser, expr);
    case SQL_TOKEN_INTEGER:
    case SQL_TOKEN_DECIMAL:
    case SQL_TOKEN_DOUBLE:
        return sql_parse_number(parser, false, expr);
    case SQL_TOKEN_STRING:
    case SQL_TOKEN_ESCAPED_STRING:
    case SQL_TOKEN_UNICODE_STRING:
    case SQL_TOKEN_BYTES:
        return sql_parse_string_literal(parser, expr);
    case SQL_TOKEN_OPEN:
        return parse_parentheses(parser, expr);
    default:
        return sql_unexpected(parser, "an expression");
    }
}

/* One [index] or .field behind *expr. */
static enum sl_status parse_access(struct sql_parser *parser, struct sql_expr **expr)
{
    struct sql_expr *base = *expr;
    bool is_index = sql_at(parser, SQL_TOKEN_OPEN_BRACKET);
    SL_TRY(sql_new_expr(parser, is_index ? SQL_EXPR_INDEX : SQL_EXPR_FIELD, base->span, expr));
    SL_TRY(sql_count_operator(parser));
    sql_take(parser);
    if (is_index) {
        (*expr)->index.base = base;
        SL_TRY(sql_parse_expr(parser, &(*expr)->index.index));
        return sql_expect(parser, SQL_TOKEN_CLOSE_BRACKET);
    }
    (*expr)->field.base = base;
    return sql_parse_name(parser, "a field name after '.'", &(*expr)->field.name);
}

enum sl_status sql_parse_primary(struct sql_parser *parser, struct sql_expr **expr)
{
    struct sql_span start = sql_span_here(parser);
    SL_TRY(parse_base(parser, expr));
    (*expr)->span = sql_span_from(parser, start);
    while (sql_at(parser, SQL_TOKEN_OPEN_BRACKET) || sql_at(parser, SQL_TOKEN_DOT)) {
        SL_TRY(parse_access(parser, expr));
        (*expr)->span = sql_span_from(parser, start);
    }
    return SL_OK;
}
