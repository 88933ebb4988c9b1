/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators by precedence climbing. Loosest to tightest, as in Flink: OR, AND, NOT, IS, comparison,
 * BETWEEN/IN/LIKE, + -, * / % ||, sign, [] and dot. All binary operators are left-associative. */
#include "parser.h"

enum level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_RANGE,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_SIGN
};

static enum sl_status parse_level(struct sql_parser *parser, enum level min,
                                  struct sql_expr **expr);

enum sl_status sql_new_expr(struct sql_parser *parser, enum sql_expr_kind kind,
                            struct sql_span span, struct sql_expr **expr)
{
    *expr = SL_ARENA_NEW(parser->arena, struct sql_expr);
    if (*expr == NULL) {
        return sql_no_memory(parser);
    }
    (*expr)->kind = kind;
    (*expr)->span = span;
    return SL_OK;
}

static enum sl_status new_unary(struct sql_parser *parser, enum sql_unary op,
                                struct sql_expr *operand, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_UNARY, operand->span, expr));
    (*expr)->unary.op = op;
    (*expr)->unary.operand = operand;
    return SL_OK;
}

/* The operator at the next token, if it binds at least as tightly as min. */
static bool find_binary(struct sql_parser *parser, enum level min, enum sql_binary *op,
                        enum level *level)
{
    static const struct {
        enum sql_token_kind token;
        enum sql_binary op;
        enum level level;
    } operators[] = {
        {SQL_TOKEN_EQUAL, SQL_EQUAL, LEVEL_COMPARE},
        {SQL_TOKEN_NOT_EQUAL, SQL_NOT_EQUAL, LEVEL_COMPARE},
        {SQL_TOKEN_LESS, SQL_LESS, LEVEL_COMPARE},
        {SQL_TOKEN_LESS_EQUAL, SQL_LESS_EQUAL, LEVEL_COMPARE},
        {SQL_TOKEN_GREATER, SQL_GREATER, LEVEL_COMPARE},
        {SQL_TOKEN_GREATER_EQUAL, SQL_GREATER_EQUAL, LEVEL_COMPARE},
        {SQL_TOKEN_PLUS, SQL_ADD, LEVEL_ADD},
        {SQL_TOKEN_MINUS, SQL_SUBTRACT, LEVEL_ADD},
        {SQL_TOKEN_STAR, SQL_MULTIPLY, LEVEL_MULTIPLY},
        {SQL_TOKEN_SLASH, SQL_DIVIDE, LEVEL_MULTIPLY},
        {SQL_TOKEN_PERCENT, SQL_MODULO, LEVEL_MULTIPLY},
        {SQL_TOKEN_CONCAT, SQL_CONCAT, LEVEL_MULTIPLY},
    };
    if (sql_at_word(parser, "OR") || sql_at_word(parser, "AND")) {
        *op = sql_at_word(parser, "OR") ? SQL_OR : SQL_AND;
        *level = *op == SQL_OR ? LEVEL_OR : LEVEL_AND;
        return *level >= min;
    }
    for (size_t i = 0; i < SL_COUNT_OF(operators); i++) {
        if (sql_at(parser, operators[i].token)) {
            *op = operators[i].op;
            *level = operators[i].level;
            return *level >= min;
        }
    }
    return false;
}

static enum sl_status parse_binary(struct sql_parser *parser, enum sql_binary op, enum level level,
                                   struct sql_span op_span, struct sql_expr **left)
{
    struct sql_expr *right = NULL;
    struct sql_expr *expr = NULL;
    SL_TRY(parse_level(parser, level + 1, &right));
    SL_TRY(sql_new_expr(parser, SQL_EXPR_BINARY, (*left)->span, &expr));
    expr->binary.op = op;
    expr->binary.op_span = op_span;
    expr->binary.left = *left;
    expr->binary.right = right;
    *left = expr;
    return SL_OK;
}

/* Behind IS. */
static enum sl_status parse_is(struct sql_parser *parser, struct sql_span op_span,
                               struct sql_expr **expr)
{
    static const struct {
        const char *word;
        enum sql_unary op;
        enum sql_unary negated;
    } tests[] = {
        {"NULL", SQL_IS_NULL, SQL_IS_NOT_NULL},
        {"TRUE", SQL_IS_TRUE, SQL_IS_NOT_TRUE},
        {"FALSE", SQL_IS_FALSE, SQL_IS_NOT_FALSE},
        {"UNKNOWN", SQL_IS_UNKNOWN, SQL_IS_NOT_UNKNOWN},
    };
    bool negated = sql_accept_word(parser, "NOT");
    if (sql_accept_words(parser, "DISTINCT", "FROM")) {
        enum sql_binary op = negated ? SQL_IS_NOT_DISTINCT : SQL_IS_DISTINCT;
        op_span = sql_span_from(parser, op_span);
        return parse_binary(parser, op, LEVEL_IS, op_span, expr);
    }
    for (size_t i = 0; i < SL_COUNT_OF(tests); i++) {
        if (sql_accept_word(parser, tests[i].word)) {
            return new_unary(parser, negated ? tests[i].negated : tests[i].op, *expr, expr);
        }
    }
    if (sql_at_word(parser, "JSON")) {
        return sql_unsupported(parser, sql_span_here(parser), "IS JSON");
    }
    return sql_unexpected(parser, "NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after 'IS'");
}

static enum sl_status parse_between(struct sql_parser *parser, bool negated,
                                    struct sql_expr **value)
{
    struct sql_expr *expr = NULL;
    SL_TRY(sql_new_expr(parser, SQL_EXPR_BETWEEN, (*value)->span, &expr));
    expr->between.value = *value;
    expr->between.negated = negated;
    expr->between.symmetric = sql_accept_word(parser, "SYMMETRIC");
    if (!expr->between.symmetric) {
        sql_accept_word(parser, "ASYMMETRIC");
    }
    SL_TRY(parse_level(parser, LEVEL_ADD, &expr->between.low));
    SL_TRY(sql_expect_word(parser, "AND"));
    SL_TRY(parse_level(parser, LEVEL_ADD, &expr->between.high));
    *value = expr;
    return SL_OK;
}

static enum sl_status parse_in(struct sql_parser *parser, bool negated, struct sql_expr **value)
{
    struct sql_expr *expr = NULL;
    SL_TRY(sql_new_expr(parser, SQL_EXPR_IN, (*value)->span, &expr));
    expr->in.value = *value;
    expr->in.negated = negated;
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    if (sql_at_query(parser)) {
        SL_TRY(sql_parse_query(parser, &expr->in.query));
    } else {
        SL_TRY(sql_parse_expr_list(parser, &expr->in.list));
    }
    if (!sql_accept(parser, SQL_TOKEN_CLOSE)) {
        return sql_unexpected(parser, expr->in.query != NULL ? "')'" : "',' or ')'");
    }
    *value = expr;
    return SL_OK;
}

static enum sl_status parse_like(struct sql_parser *parser, bool negated, bool similar,
                                 struct sql_expr **value)
{
    struct sql_expr *expr = NULL;
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LIKE, (*value)->span, &expr));
    expr->like.value = *value;
    expr->like.negated = negated;
    expr->like.similar = similar;
    if (similar) {
        SL_TRY(sql_expect_word(parser, "TO"));
    }
    SL_TRY(parse_level(parser, LEVEL_ADD, &expr->like.pattern));
    if (sql_accept_word(parser, "ESCAPE")) {
        SL_TRY(parse_level(parser, LEVEL_ADD, &expr->like.escape));
    }
    *value = expr;
    return SL_OK;
}

static bool at_range_word(struct sql_parser *parser, uint32_t ahead)
{
    const struct sql_token *token = sql_peek(parser, ahead);
    return sql_token_is_word(token, "BETWEEN") || sql_token_is_word(token, "IN") ||
           sql_token_is_word(token, "LIKE") || sql_token_is_word(token, "SIMILAR");
}

/* [NOT] BETWEEN, IN, LIKE, SIMILAR. */
static enum sl_status parse_range(struct sql_parser *parser, struct sql_expr **value)
{
    bool negated = sql_accept_word(parser, "NOT");
    if (sql_accept_word(parser, "BETWEEN")) {
        return parse_between(parser, negated, value);
    }
    if (sql_accept_word(parser, "IN")) {
        return parse_in(parser, negated, value);
    }
    bool similar = sql_at_word(parser, "SIMILAR");
    sql_take(parser);
    return parse_like(parser, negated, similar, value);
}

/* A prefix operator or a primary. */
static enum sl_status parse_prefix(struct sql_parser *parser, enum level min,
                                   struct sql_expr **expr)
{
    bool minus = sql_at(parser, SQL_TOKEN_MINUS);
    bool has_not = min <= LEVEL_NOT && sql_at_word(parser, "NOT");
    if (!minus && !has_not && !sql_at(parser, SQL_TOKEN_PLUS)) {
        return sql_parse_primary(parser, expr);
    }
    struct sql_span span = sql_span_here(parser);
    SL_TRY(sql_enter(parser));
    sql_take(parser);
    enum sql_token_kind next = sql_peek(parser, 0)->kind;
    if (minus &&
        (next == SQL_TOKEN_INTEGER || next == SQL_TOKEN_DECIMAL || next == SQL_TOKEN_DOUBLE)) {
        SL_TRY(sql_parse_number(parser, true, expr));
    } else {
        SL_TRY(parse_level(parser, has_not ? LEVEL_NOT : LEVEL_SIGN, expr));
        if (minus || has_not) {
            SL_TRY(new_unary(parser, has_not ? SQL_NOT : SQL_NEGATE, *expr, expr));
        }
    }
    (*expr)->span = sql_span_from(parser, span);
    sql_leave(parser);
    return SL_OK;
}

static enum sl_status parse_level(struct sql_parser *parser, enum level min, struct sql_expr **expr)
{
    struct sql_span start = sql_span_here(parser);
    SL_TRY(parse_prefix(parser, min, expr));
    for (;;) {
        struct sql_span op_span = sql_span_here(parser);
        enum sql_binary op = SQL_OR;
        enum level level = LEVEL_OR;
        bool is_range =
            at_range_word(parser, 0) || (sql_at_word(parser, "NOT") && at_range_word(parser, 1));
        if (find_binary(parser, min, &op, &level)) {
            SL_TRY(sql_count_operator(parser));
            sql_take(parser);
            SL_TRY(parse_binary(parser, op, level, op_span, expr));
        } else if (min <= LEVEL_RANGE && is_range) {
            SL_TRY(sql_count_operator(parser));
            SL_TRY(parse_range(parser, expr));
        } else if (min <= LEVEL_IS && sql_at_word(parser, "IS")) {
            SL_TRY(sql_count_operator(parser));
            sql_take(parser);
            SL_TRY(parse_is(parser, op_span, expr));
        } else {
            return SL_OK;
        }
        (*expr)->span = sql_span_from(parser, start);
    }
}

enum sl_status sql_parse_expr(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_enter(parser));
    SL_TRY(parse_level(parser, LEVEL_OR, expr));
    sql_leave(parser);
    return SL_OK;
}

enum sl_status sql_parse_operand(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_enter(parser));
    SL_TRY(parse_level(parser, LEVEL_ADD, expr));
    sql_leave(parser);
    return SL_OK;
}

enum sl_status sql_parse_expr_list(struct sql_parser *parser, struct sql_expr_list *list)
{
    *list = (struct sql_expr_list){0};
    uint32_t before = parser->operator_count;
    uint32_t most = before;
    do {
        struct sql_expr *item = NULL;
        parser->operator_count = before; /* siblings do not stack */
        SL_TRY(sql_parse_expr(parser, &item));
        SQL_APPEND(parser, list->items, list->count, item);
        most = SL_MAX(most, parser->operator_count);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    parser->operator_count = most;
    return SL_OK;
}
