/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions as SQL text. Parentheses stand where the levels of parse_expr.c need them and nowhere
 * else. */
#include "unparse.h"

#include "lex.h"

#include <string.h>

enum level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_RANGE,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_SIGN,
    LEVEL_PRIMARY
};

static const struct {
    const char *text;
    enum level level;
} binaries[] = {
    [SQL_OR] = {" OR ", LEVEL_OR},
    [SQL_AND] = {" AND ", LEVEL_AND},
    [SQL_EQUAL] = {" = ", LEVEL_COMPARE},
    [SQL_NOT_EQUAL] = {" <> ", LEVEL_COMPARE},
    [SQL_LESS] = {" < ", LEVEL_COMPARE},
    [SQL_LESS_EQUAL] = {" <= ", LEVEL_COMPARE},
    [SQL_GREATER] = {" > ", LEVEL_COMPARE},
    [SQL_GREATER_EQUAL] = {" >= ", LEVEL_COMPARE},
    [SQL_IS_DISTINCT] = {" IS DISTINCT FROM ", LEVEL_IS},
    [SQL_IS_NOT_DISTINCT] = {" IS NOT DISTINCT FROM ", LEVEL_IS},
    [SQL_ADD] = {" + ", LEVEL_ADD},
    [SQL_SUBTRACT] = {" - ", LEVEL_ADD},
    [SQL_MULTIPLY] = {" * ", LEVEL_MULTIPLY},
    [SQL_DIVIDE] = {" / ", LEVEL_MULTIPLY},
    [SQL_MODULO] = {" % ", LEVEL_MULTIPLY},
    [SQL_CONCAT] = {" || ", LEVEL_MULTIPLY},
};

static const char *const suffixes[] = {
    [SQL_IS_NULL] = " IS NULL",       [SQL_IS_NOT_NULL] = " IS NOT NULL",
    [SQL_IS_TRUE] = " IS TRUE",       [SQL_IS_NOT_TRUE] = " IS NOT TRUE",
    [SQL_IS_FALSE] = " IS FALSE",     [SQL_IS_NOT_FALSE] = " IS NOT FALSE",
    [SQL_IS_UNKNOWN] = " IS UNKNOWN", [SQL_IS_NOT_UNKNOWN] = " IS NOT UNKNOWN",
};

static bool is_negative(const struct sql_literal *literal)
{
    switch (literal->type.id) {
    case SL_TYPE_INT:
    case SL_TYPE_BIGINT:
        return literal->integer < 0;
    case SL_TYPE_DECIMAL:
        return literal->decimal < 0;
    case SL_TYPE_DOUBLE:
        return __builtin_signbit(literal->real) != 0;
    default:
        return false;
    }
}

static enum level level_of(const struct sql_expr *expr)
{
    switch (expr->kind) {
    case SQL_EXPR_LITERAL:
        return is_negative(&expr->literal) ? LEVEL_SIGN : LEVEL_PRIMARY;
    case SQL_EXPR_UNARY:
        return expr->unary.op == SQL_NOT      ? LEVEL_NOT
               : expr->unary.op == SQL_NEGATE ? LEVEL_SIGN
                                              : LEVEL_IS;
    case SQL_EXPR_BINARY:
        return binaries[expr->binary.op].level;
    case SQL_EXPR_BETWEEN:
    case SQL_EXPR_IN:
    case SQL_EXPR_LIKE:
        return LEVEL_RANGE;
    default:
        return LEVEL_PRIMARY;
    }
}

static void put_enclosed(struct sl_text *text, const struct sql_expr *expr, bool enclosed)
{
    sl_text_append_string(text, enclosed ? "(" : "");
    sql_unparse_expr(text, expr);
    sl_text_append_string(text, enclosed ? ")" : "");
}

/* expr as an operand that must bind at least as tightly as min. */
static void put(struct sl_text *text, const struct sql_expr *expr, enum level min)
{
    put_enclosed(text, expr, level_of(expr) < min);
}

static void put_unary(struct sl_text *text, const struct sql_expr *expr)
{
    const struct sql_expr *operand = expr->unary.operand;
    if (expr->unary.op == SQL_NOT) {
        sl_text_append_string(text, "NOT ");
        put(text, operand, LEVEL_NOT);
    } else if (expr->unary.op == SQL_NEGATE) {
        /* Two minus signs would be a comment, and one before a number a part of it. */
        sl_text_append_char(text, '-');
        put_enclosed(text, operand,
                     operand->kind == SQL_EXPR_LITERAL || level_of(operand) < LEVEL_PRIMARY);
    } else {
        put(text, operand, LEVEL_IS);
        sl_text_append_string(text, suffixes[expr->unary.op]);
    }
}

static void put_in(struct sl_text *text, const struct sql_expr *expr)
{
    put(text, expr->in.value, LEVEL_RANGE);
    sl_text_append_string(text, expr->in.negated ? " NOT IN (" : " IN (");
    if (expr->in.query != NULL) {
        sql_unparse_query(text, expr->in.query);
    } else {
        sql_unparse_expr_list(text, &expr->in.list);
    }
    sl_text_append_char(text, ')');
}

static void put_between(struct sl_text *text, const struct sql_expr *expr)
{
    put(text, expr->between.value, LEVEL_RANGE);
    sl_text_append_string(text, expr->between.negated ? " NOT BETWEEN " : " BETWEEN ");
    sl_text_append_string(text, expr->between.symmetric ? "SYMMETRIC " : "");
    put(text, expr->between.low, LEVEL_ADD);
    sl_text_append_string(text, " AND ");
    put(text, expr->between.high, LEVEL_ADD);
}

static void put_like(struct sl_text *text, const struct sql_expr *expr)
{
    put(text, expr->like.value, LEVEL_RANGE);
    sl_text_append_string(text, expr->like.negated ? " NOT" : "");
    sl_text_append_string(text, expr->like.similar ? " SIMILAR TO " : " LIKE ");
    put(text, expr->like.pattern, LEVEL_ADD);
    if (expr->like.escape != NULL) {
        sl_text_append_string(text, " ESCAPE ");
        put(text, expr->like.escape, LEVEL_ADD);
    }
}

static void put_case(struct sl_text *text, const struct sql_expr *expr)
{
    sl_text_append_string(text, "CASE");
    if (expr->choice.subject != NULL) {
        sl_text_append_char(text, ' ');
        sql_unparse_expr(text, expr->choice.subject);
    }
    for (uint32_t i = 0; i < expr->choice.branch_count; i++) {
        sl_text_append_string(text, " WHEN ");
        sql_unparse_expr(text, expr->choice.branches[i].when);
        sl_text_append_string(text, " THEN ");
        sql_unparse_expr(text, expr->choice.branches[i].then);
    }
    if (expr->choice.otherwise != NULL) {
        sl_text_append_string(text, " ELSE ");
        sql_unparse_expr(text, expr->choice.otherwise);
    }
    sl_text_append_string(text, " END");
}

static void put_arguments(struct sl_text *text, const struct sql_call *call)
{
    for (uint32_t i = 0; i < call->arg_count; i++) {
        sl_text_append_string(text, i > 0 ? ", " : "");
        if (call->args[i].name.text != NULL) {
            sql_unparse_name(text, call->args[i].name.text);
            sl_text_append_string(text, " => ");
        }
        sql_unparse_expr(text, call->args[i].value);
    }
}

static bool is_symbol(const struct sql_call *call, uint32_t arg_idx)
{
    return arg_idx < call->arg_count && call->args[arg_idx].value->kind == SQL_EXPR_SYMBOL;
}

/* The forms whose arguments are not separated by commas; false for all others. */
static bool put_special(struct sl_text *text, const struct sql_call *call)
{
    const char *name = call->name.text;
    if (strcmp(name, "EXTRACT") == 0 && is_symbol(call, 0)) {
        sql_unparse_expr(text, call->args[0].value);
        sl_text_append_string(text, " FROM ");
        sql_unparse_expr(text, call->args[1].value);
        return true;
    }
    if (strcmp(name, "TRIM") == 0 && is_symbol(call, 0)) {
        const struct sql_expr *characters = call->args[1].value;
        sql_unparse_expr(text, call->args[0].value);
        sl_text_append_char(text, ' ');
        put_enclosed(text, characters,
                     characters->kind != SQL_EXPR_LITERAL ||
                         characters->literal.type.id != SL_TYPE_CHAR);
        sl_text_append_string(text, " FROM ");
        sql_unparse_expr(text, call->args[2].value);
        return true;
    }
    if (strcmp(name, "POSITION") == 0 && call->arg_count == 2) {
        put(text, call->args[0].value, LEVEL_ADD);
        sl_text_append_string(text, " IN ");
        sql_unparse_expr(text, call->args[1].value);
        return true;
    }
    if (call->arg_count == 2 && is_symbol(call, 1)) { /* FLOOR and CEIL */
        sql_unparse_expr(text, call->args[0].value);
        sl_text_append_string(text, " TO ");
        sql_unparse_expr(text, call->args[1].value);
        return true;
    }
    return false;
}

static void put_call_name(struct sl_text *text, const struct sql_call *call)
{
    const char *name = call->name.text;
    bool is_known = call->bare || strcmp(name, "LEFT") == 0 || strcmp(name, "RIGHT") == 0;
    if (is_known) {
        sl_text_append_string(text, name);
    } else {
        sql_unparse_name(text, name);
    }
}

static void put_call(struct sl_text *text, const struct sql_call *call)
{
    put_call_name(text, call);
    if (call->bare) {
        return;
    }
    sl_text_append_string(text, call->star ? "(*" : call->distinct ? "(DISTINCT " : "(");
    if (!put_special(text, call)) {
        put_arguments(text, call);
    }
    sl_text_append_char(text, ')');
    if (call->filter != NULL) {
        sl_text_append_string(text, " FILTER (WHERE ");
        sql_unparse_expr(text, call->filter);
        sl_text_append_char(text, ')');
    }
    if (call->over != NULL) {
        sl_text_append_string(text, " OVER ");
        sql_unparse_window(text, call->over);
    }
}

static void put_list(struct sl_text *text, const char *open, const struct sql_expr_list *list,
                     const char *close)
{
    sl_text_append_string(text, open);
    sql_unparse_expr_list(text, list);
    sl_text_append_string(text, close);
}

static void put_subquery(struct sl_text *text, const char *open, const struct sql_query *query)
{
    sl_text_append_string(text, open);
    sql_unparse_query(text, query);
    sl_text_append_char(text, ')');
}

/* x[i] and x.name: a literal would not lex, and a path would swallow the name. */
static void put_access(struct sl_text *text, const struct sql_expr *expr)
{
    bool is_index = expr->kind == SQL_EXPR_INDEX;
    const struct sql_expr *base = is_index ? expr->index.base : expr->field.base;
    put_enclosed(text, base,
                 level_of(base) < LEVEL_PRIMARY || base->kind == SQL_EXPR_LITERAL ||
                     (!is_index && base->kind == SQL_EXPR_COLUMN));
    if (is_index) {
        sl_text_append_char(text, '[');
        sql_unparse_expr(text, expr->index.index);
        sl_text_append_char(text, ']');
    } else {
        sl_text_append_char(text, '.');
        sql_unparse_name(text, expr->field.name.text);
    }
}

static void put_table_argument(struct sl_text *text, const struct sql_expr *expr)
{
    sl_text_append_string(text, "TABLE ");
    sql_unparse_path(text, &expr->table.path);
    if (expr->table.partition_by.count > 0) {
        put_list(text, " PARTITION BY (", &expr->table.partition_by, ")");
    }
}

static void put_descriptor(struct sl_text *text, const struct sql_expr *expr)
{
    struct sql_name_list names = {.items = expr->descriptor.names, .count = expr->descriptor.count};
    sl_text_append_string(text, "DESCRIPTOR");
    sql_unparse_name_list(text, &names);
}

static void put_cast(struct sl_text *text, const struct sql_expr *expr)
{
    sl_text_append_string(text, expr->cast.is_try ? "TRY_CAST(" : "CAST(");
    sql_unparse_expr(text, expr->cast.operand);
    sl_text_append_string(text, " AS ");
    sql_unparse_type(text, &expr->cast.type);
    sl_text_append_char(text, ')');
}

void sql_unparse_operand(struct sl_text *text, const struct sql_expr *expr)
{
    put(text, expr, LEVEL_ADD);
}

void sql_unparse_expr_list(struct sl_text *text, const struct sql_expr_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        sl_text_append_string(text, i > 0 ? ", " : "");
        sql_unparse_expr(text, list->items[i]);
    }
}

void sql_unparse_expr(struct sl_text *text, const struct sql_expr *expr)
{
    switch (expr->kind) {
    case SQL_EXPR_LITERAL:
        sql_unparse_literal(text, &expr->literal);
        break;
    case SQL_EXPR_COLUMN:
        sql_unparse_path(text, &expr->column);
        break;
    case SQL_EXPR_STAR:
        sql_unparse_path(text, &expr->star);
        sl_text_append_string(text, expr->star.count > 0 ? ".*" : "*");
        break;
    case SQL_EXPR_UNARY:
        put_unary(text, expr);
        break;
    case SQL_EXPR_BINARY:
        put(text, expr->binary.left, binaries[expr->binary.op].level);
        sl_text_append_string(text, binaries[expr->binary.op].text);
        put(text, expr->binary.right, binaries[expr->binary.op].level + 1);
        break;
    case SQL_EXPR_BETWEEN:
        put_between(text, expr);
        break;
    case SQL_EXPR_IN:
        put_in(text, expr);
        break;
    case SQL_EXPR_LIKE:
        put_like(text, expr);
        break;
    case SQL_EXPR_CASE:
        put_case(text, expr);
        break;
    case SQL_EXPR_CAST:
        put_cast(text, expr);
        break;
    case SQL_EXPR_CALL:
        put_call(text, &expr->call);
        break;
    case SQL_EXPR_ARRAY:
        put_list(text, "ARRAY[", &expr->list, "]");
        break;
    case SQL_EXPR_MAP:
        put_list(text, "MAP[", &expr->list, "]");
        break;
    case SQL_EXPR_ROW:
        put_list(text, "ROW(", &expr->list, ")");
        break;
    case SQL_EXPR_INDEX:
    case SQL_EXPR_FIELD:
        put_access(text, expr);
        break;
    case SQL_EXPR_SUBQUERY:
        put_subquery(text, "(", expr->query);
        break;
    case SQL_EXPR_EXISTS:
        put_subquery(text, "EXISTS (", expr->query);
        break;
    case SQL_EXPR_SYMBOL:
        sl_text_append_string(text, expr->symbol);
        break;
    case SQL_EXPR_TABLE:
        put_table_argument(text, expr);
        break;
    case SQL_EXPR_DESCRIPTOR:
        put_descriptor(text, expr);
        break;
    }
}
