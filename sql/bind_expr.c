/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions to bound expressions. What can be said with fewer kinds is: BETWEEN, IN and simple
 * CASE become comparisons, so that nothing behind the binder knows of them. */
#include <string.h>

#include "bind.h"
#include "coerce.h"

enum sl_status sql_bind_literal(struct sql_context *context, const struct sql_expr *expr,
                                struct sql_bound **result)
{
    const struct sql_literal *literal = &expr->literal;
    switch (literal->type.id) {
    case SL_TYPE_NULL:
        return sql_make_null(context, expr->span, literal->type, result);
    case SL_TYPE_CHAR:
    case SL_TYPE_BINARY:
        SL_TRY(sql_make_string(context, expr->span, literal->text, literal->length, result));
        (*result)->type = literal->type;
        return SL_OK;
    case SL_TYPE_DOUBLE: {
        int64_t bits;
        memcpy(&bits, &literal->real, sizeof bits);
        return sql_make_integer(context, expr->span, literal->type, bits, result);
    }
    case SL_TYPE_DECIMAL: {
        char *bytes;
        SL_TRY(sql_make_integer(context, expr->span, literal->type, 0, result));
        SQL_NEW(context, bytes, sizeof literal->decimal);
        memcpy(bytes, &literal->decimal, sizeof literal->decimal);
        (*result)->constant.bytes = bytes;
        return SL_OK;
    }
    default:
        return sql_make_integer(context, expr->span, literal->type, literal->integer, result);
    }
}

static enum sl_status bind_unary(const struct sql_binder *binder, const struct sql_expr *expr,
                                 struct sql_bound **result)
{
    static const char *const functions[] = {
        [SQL_NOT] = "NOT",
        [SQL_NEGATE] = "NEGATE",
        [SQL_IS_NULL] = "IS_NULL",
        [SQL_IS_NOT_NULL] = "IS_NOT_NULL",
        [SQL_IS_TRUE] = "IS_TRUE",
        [SQL_IS_NOT_TRUE] = "IS_NOT_TRUE",
        [SQL_IS_FALSE] = "IS_FALSE",
        [SQL_IS_NOT_FALSE] = "IS_NOT_FALSE",
        [SQL_IS_UNKNOWN] = "IS_NULL",
        [SQL_IS_NOT_UNKNOWN] = "IS_NOT_NULL",
    };
    struct sql_bound *operand;
    SL_TRY(sql_bind_expr(binder, expr->unary.operand, &operand));
    if (expr->unary.op == SQL_NEGATE && operand->kind == SQL_BOUND_CONSTANT) {
        SL_TRY(sql_fold_negate(binder->context, operand, result));
        if (*result != NULL) {
            return SL_OK;
        }
    }
    if (expr->unary.op != SQL_NEGATE && expr->unary.op != SQL_IS_NULL &&
        expr->unary.op != SQL_IS_NOT_NULL) {
        SL_TRY(sql_require_boolean(binder->context, "the operand", &operand));
    }
    return sql_make_call1(binder->context, expr->span, functions[expr->unary.op], operand, result);
}

static enum sl_status negate_if(struct sql_context *context, bool negated, struct sql_bound **bound)
{
    return negated ? sql_make_call1(context, (*bound)->span, "NOT", *bound, bound) : SL_OK;
}

/* a IS DISTINCT FROM b: CASE WHEN a IS NULL THEN b IS NOT NULL WHEN b IS NULL THEN TRUE
 * ELSE a <> b END. */
static enum sl_status make_distinct(struct sql_context *context, struct sql_span span,
                                    struct sql_bound *left, struct sql_bound *right,
                                    struct sql_bound **result)
{
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, 5);
    SL_TRY(sql_make_call1(context, span, "IS_NULL", left, &arguments[0]));
    SL_TRY(sql_make_call1(context, span, "IS_NOT_NULL", right, &arguments[1]));
    SL_TRY(sql_make_call1(context, span, "IS_NULL", right, &arguments[2]));
    SL_TRY(sql_make_integer(context, span, sl_type_of(SL_TYPE_BOOLEAN), 1, &arguments[3]));
    SL_TRY(sql_make_call2(context, span, "NE", left, right, &arguments[4]));
    SL_TRY(sql_make_case(context, span, arguments, 5, result));
    (*result)->type.nullable = false;
    return SL_OK;
}

static enum sl_status bind_binary(const struct sql_binder *binder, const struct sql_expr *expr,
                                  struct sql_bound **result)
{
    static const char *const functions[] = {
        [SQL_EQUAL] = "EQ",      [SQL_NOT_EQUAL] = "NE",   [SQL_LESS] = "LT",
        [SQL_LESS_EQUAL] = "LE", [SQL_GREATER] = "GT",     [SQL_GREATER_EQUAL] = "GE",
        [SQL_ADD] = "PLUS",      [SQL_SUBTRACT] = "MINUS", [SQL_MULTIPLY] = "TIMES",
        [SQL_DIVIDE] = "DIVIDE", [SQL_MODULO] = "MODULO",  [SQL_CONCAT] = "CONCAT",
    };
    struct sql_bound *left;
    struct sql_bound *right;
    SL_TRY(sql_bind_expr(binder, expr->binary.left, &left));
    SL_TRY(sql_bind_expr(binder, expr->binary.right, &right));
    if (expr->binary.op == SQL_AND || expr->binary.op == SQL_OR) {
        const char *what = expr->binary.op == SQL_AND ? "each side of AND" : "each side of OR";
        SL_TRY(sql_require_boolean(binder->context, what, &left));
        SL_TRY(sql_require_boolean(binder->context, what, &right));
        return sql_make_logic(binder->context,
                              expr->binary.op == SQL_AND ? SQL_BOUND_AND : SQL_BOUND_OR, left,
                              right, result);
    }
    if (expr->binary.op == SQL_IS_DISTINCT || expr->binary.op == SQL_IS_NOT_DISTINCT) {
        SL_TRY(make_distinct(binder->context, expr->binary.op_span, left, right, result));
        return negate_if(binder->context, expr->binary.op == SQL_IS_NOT_DISTINCT, result);
    }
    return sql_make_call2(binder->context, expr->binary.op_span, functions[expr->binary.op], left,
                          right, result);
}

static enum sl_status make_between(struct sql_context *context, struct sql_bound *value,
                                   struct sql_bound *low, struct sql_bound *high,
                                   struct sql_bound **result)
{
    struct sql_bound *from;
    struct sql_bound *to;
    SL_TRY(sql_make_call2(context, value->span, "GE", value, low, &from));
    SL_TRY(sql_make_call2(context, value->span, "LE", value, high, &to));
    return sql_make_logic(context, SQL_BOUND_AND, from, to, result);
}

static enum sl_status bind_between(const struct sql_binder *binder, const struct sql_expr *expr,
                                   struct sql_bound **result)
{
    struct sql_bound *value;
    struct sql_bound *low;
    struct sql_bound *high;
    SL_TRY(sql_bind_expr(binder, expr->between.value, &value));
    SL_TRY(sql_bind_expr(binder, expr->between.low, &low));
    SL_TRY(sql_bind_expr(binder, expr->between.high, &high));
    SL_TRY(make_between(binder->context, value, low, high, result));
    if (expr->between.symmetric) {
        struct sql_bound *swapped;
        SL_TRY(make_between(binder->context, value, high, low, &swapped));
        SL_TRY(sql_make_logic(binder->context, SQL_BOUND_OR, *result, swapped, result));
    }
    return negate_if(binder->context, expr->between.negated, result);
}

/* value = items[0] OR ..., as a balanced tree so that a long list does not nest deeply. */
static enum sl_status make_any_of(struct sql_context *context, struct sql_bound *value,
                                  struct sql_bound **items, uint32_t count,
                                  struct sql_bound **result)
{
    if (count == 1) {
        return sql_make_call2(context, value->span, "EQ", value, items[0], result);
    }
    struct sql_bound *left;
    struct sql_bound *right;
    SL_TRY(make_any_of(context, value, items, count / 2, &left));
    SL_TRY(make_any_of(context, value, items + count / 2, count - count / 2, &right));
    return sql_make_logic(context, SQL_BOUND_OR, left, right, result);
}

static enum sl_status bind_in(const struct sql_binder *binder, const struct sql_expr *expr,
                              struct sql_bound **result)
{
    if (expr->in.query != NULL) {
        return sql_refuse(binder->context, expr->span, "IN with a subquery");
    }
    uint32_t count = expr->in.list.count + 1;
    struct sql_bound **items;
    SQL_NEW(binder->context, items, count);
    SL_TRY(sql_bind_expr(binder, expr->in.value, &items[0]));
    for (uint32_t i = 1; i < count; i++) {
        SL_TRY(sql_bind_expr(binder, expr->in.list.items[i - 1], &items[i]));
    }
    struct sl_type type;
    SL_TRY(sql_convert_to_common(binder->context, items, count, "the value and the list of IN",
                                 &type));
    SL_TRY(make_any_of(binder->context, items[0], items + 1, count - 1, result));
    return negate_if(binder->context, expr->in.negated, result);
}

static enum sl_status bind_like(const struct sql_binder *binder, const struct sql_expr *expr,
                                struct sql_bound **result)
{
    struct sql_bound **arguments;
    uint32_t count = expr->like.escape == NULL ? 2 : 3;
    SQL_NEW(binder->context, arguments, 3);
    SL_TRY(sql_bind_expr(binder, expr->like.value, &arguments[0]));
    SL_TRY(sql_bind_expr(binder, expr->like.pattern, &arguments[1]));
    if (count == 3) {
        SL_TRY(sql_bind_expr(binder, expr->like.escape, &arguments[2]));
    }
    SL_TRY(sql_make_call(binder->context, expr->span, expr->like.similar ? "SIMILAR_TO" : "LIKE",
                         arguments, count, result));
    return negate_if(binder->context, expr->like.negated, result);
}

static enum sl_status bind_case(const struct sql_binder *binder, const struct sql_expr *expr,
                                struct sql_bound **result)
{
    struct sql_context *context = binder->context;
    uint32_t count = expr->choice.branch_count * 2 + 1;
    struct sql_bound *subject = NULL;
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, count);
    if (expr->choice.subject != NULL) {
        SL_TRY(sql_bind_expr(binder, expr->choice.subject, &subject));
    }
    for (uint32_t i = 0; i < expr->choice.branch_count; i++) {
        const struct sql_case_branch *branch = &expr->choice.branches[i];
        struct sql_bound **when = &arguments[2 * i];
        SL_TRY(sql_bind_expr(binder, branch->when, when));
        if (subject != NULL) {
            SL_TRY(sql_make_call2(context, branch->when->span, "EQ", subject, *when, when));
        }
        SL_TRY(sql_require_boolean(context, "WHEN", when));
        SL_TRY(sql_bind_expr(binder, branch->then, &arguments[2 * i + 1]));
    }
    if (expr->choice.otherwise != NULL) {
        SL_TRY(sql_bind_expr(binder, expr->choice.otherwise, &arguments[count - 1]));
    } else {
        SL_TRY(sql_make_null(context, expr->span, sl_type_of(SL_TYPE_NULL), &arguments[count - 1]));
    }
    return sql_make_case(context, expr->span, arguments, count, result);
}

static enum sl_status bind_column(const struct sql_binder *binder, const struct sql_expr *expr,
                                  struct sql_bound **result)
{
    uint32_t column;
    if (binder->scope->fields == NULL) {
        return sql_fail(binder->context, expr->span, SL_SEMANTIC,
                        "unknown column '%s': there is no FROM", expr->column.parts[0].text);
    }
    SL_TRY(sql_scope_find(binder->context, binder->scope, &expr->column, &column));
    return sql_make_column(binder->context, expr->span, binder->scope->fields, column, result);
}

static enum sl_status bind_cast(const struct sql_binder *binder, const struct sql_expr *expr,
                                struct sql_bound **result)
{
    struct sql_bound *operand;
    SL_TRY(sql_bind_expr(binder, expr->cast.operand, &operand));
    return sql_cast(binder->context, expr->span, operand, &expr->cast.type, expr->cast.is_try,
                    result);
}

static enum sl_status refuse(const struct sql_binder *binder, const struct sql_expr *expr)
{
    static const char *const names[] = {
        [SQL_EXPR_STAR] = "* as a value",
        [SQL_EXPR_ARRAY] = "ARRAY[...]",
        [SQL_EXPR_MAP] = "MAP[...]",
        [SQL_EXPR_ROW] = "a row of values",
        [SQL_EXPR_INDEX] = "an element of an array or map",
        [SQL_EXPR_FIELD] = "a field of a row",
        [SQL_EXPR_SUBQUERY] = "a subquery as a value",
        [SQL_EXPR_EXISTS] = "EXISTS",
        [SQL_EXPR_TABLE] = "TABLE as a value",
        [SQL_EXPR_DESCRIPTOR] = "DESCRIPTOR as a value",
    };
    return sql_refuse(binder->context, expr->span, names[expr->kind]);
}

static enum sl_status bind(const struct sql_binder *binder, const struct sql_expr *expr,
                           struct sql_bound **result)
{
    switch (expr->kind) {
    case SQL_EXPR_LITERAL:
        return sql_bind_literal(binder->context, expr, result);
    case SQL_EXPR_COLUMN:
        return bind_column(binder, expr, result);
    case SQL_EXPR_UNARY:
        return bind_unary(binder, expr, result);
    case SQL_EXPR_BINARY:
        return bind_binary(binder, expr, result);
    case SQL_EXPR_BETWEEN:
        return bind_between(binder, expr, result);
    case SQL_EXPR_IN:
        return bind_in(binder, expr, result);
    case SQL_EXPR_LIKE:
        return bind_like(binder, expr, result);
    case SQL_EXPR_CASE:
        return bind_case(binder, expr, result);
    case SQL_EXPR_CAST:
        return bind_cast(binder, expr, result);
    case SQL_EXPR_CALL:
        return sql_bind_call(binder, expr, result);
    case SQL_EXPR_SYMBOL:
        return sql_make_string(binder->context, expr->span, expr->symbol, strlen(expr->symbol),
                               result);
    default:
        return refuse(binder, expr);
    }
}

enum sl_status sql_bind_expr(const struct sql_binder *binder, const struct sql_expr *expr,
                             struct sql_bound **result)
{
    struct sql_context *context = binder->context;
    if (context->expr_depth >= SQL_EXPR_HEIGHT_MAX) {
        return sql_fail(context, expr->span, SL_LIMIT, "the expression is nested more than %d deep",
                        SQL_EXPR_HEIGHT_MAX);
    }
    context->expr_depth++;
    enum sl_status status = bind(binder, expr, result);
    context->expr_depth--;
    return status;
}
