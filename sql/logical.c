/* SPDX-License-Identifier: Apache-2.0
 *
 * Making, comparing and rewriting bound expressions and logical nodes. */
#include "logical.h"

#include <string.h>

enum sl_status sql_make(struct sql_context *context, const struct sql_bound *bound,
                        struct sql_bound **result)
{
    uint32_t size = 1;
    uint32_t height = 0;
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        size += bound->arguments[i]->size;
        height = SL_MAX(height, bound->arguments[i]->height);
        if (size > SQL_EXPR_SIZE_MAX) {
            break;
        }
    }
    if (size > SQL_EXPR_SIZE_MAX || height >= SQL_EXPR_HEIGHT_MAX) {
        return sql_fail(context, bound->span, SL_LIMIT,
                        "the expression is too large: at most %d parts, nested at most %d deep",
                        SQL_EXPR_SIZE_MAX, SQL_EXPR_HEIGHT_MAX);
    }
    SQL_NEW(context, *result, 1);
    **result = *bound;
    (*result)->span = sql_position(context, bound->span);
    (*result)->size = size;
    (*result)->height = height + 1;
    return SL_OK;
}

enum sl_status sql_make_column(struct sql_context *context, struct sql_span span,
                               const struct sql_field *fields, uint32_t column,
                               struct sql_bound **result)
{
    struct sql_bound bound = {
        .kind = SQL_BOUND_COLUMN, .type = fields[column].type, .span = span, .column = column};
    return sql_make(context, &bound, result);
}

/* bytes must live in the arena. */
static enum sl_status make_constant(struct sql_context *context, struct sql_span span,
                                    struct sl_type type, struct sl_constant constant,
                                    struct sql_bound **result)
{
    type.nullable = constant.is_null;
    struct sql_bound bound = {
        .kind = SQL_BOUND_CONSTANT, .type = type, .span = span, .constant = constant};
    return sql_make(context, &bound, result);
}

enum sl_status sql_make_integer(struct sql_context *context, struct sql_span span,
                                struct sl_type type, int64_t value, struct sql_bound **result)
{
    char *bytes;
    uint32_t width = sl_physical_width(sl_type_physical(&type));
    SQL_NEW(context, bytes, sizeof(sl_int128));
    sl_int128 wide = value;
    memcpy(bytes, &wide, sizeof wide); /* little-endian: the low bytes are the narrow value */
    return make_constant(context, span, type,
                         (struct sl_constant){.bytes = bytes, .byte_count = width}, result);
}

enum sl_status sql_make_null(struct sql_context *context, struct sql_span span, struct sl_type type,
                             struct sql_bound **result)
{
    return make_constant(context, span, type, (struct sl_constant){.is_null = true, .bytes = ""},
                         result);
}

enum sl_status sql_make_string(struct sql_context *context, struct sql_span span, const char *data,
                               size_t length, struct sql_bound **result)
{
    char *bytes = sl_arena_copy(context->arena, data, length);
    if (bytes == NULL) {
        return sql_fail_memory(context);
    }
    struct sl_type type = sl_type_of(SL_TYPE_CHAR);
    type.length = (uint32_t)sl_utf8_count(data, length);
    return make_constant(context, span, type,
                         (struct sl_constant){.bytes = bytes, .byte_count = (uint32_t)length},
                         result);
}

enum sl_status sql_make_logic(struct sql_context *context, enum sql_bound_kind kind,
                              struct sql_bound *left, struct sql_bound *right,
                              struct sql_bound **result)
{
    struct sql_bound bound = {.kind = kind, .span = left->span, .argument_count = 2};
    bound.type = sl_type_of(SL_TYPE_BOOLEAN);
    bound.type.nullable = left->type.nullable || right->type.nullable;
    SQL_NEW(context, bound.arguments, 2);
    bound.arguments[0] = left;
    bound.arguments[1] = right;
    return sql_make(context, &bound, result);
}

static bool constant_equal(const struct sl_constant *a, const struct sl_constant *b)
{
    return a->is_null == b->is_null && a->byte_count == b->byte_count &&
           (a->byte_count == 0 || memcmp(a->bytes, b->bytes, a->byte_count) == 0);
}

bool sql_bound_equal(const struct sql_bound *a, const struct sql_bound *b)
{
    if (a == b) {
        return true;
    }
    if (a == NULL || b == NULL || a->kind != b->kind || a->size != b->size ||
        a->column != b->column || a->function != b->function || a->aggregate != b->aggregate ||
        a->try_cast != b->try_cast || a->argument_count != b->argument_count ||
        !sl_type_equal(&a->type, &b->type, false) || !constant_equal(&a->constant, &b->constant) ||
        !sql_bound_equal(a->filter, b->filter)) {
        return false;
    }
    for (uint32_t i = 0; i < a->argument_count; i++) {
        if (!sql_bound_equal(a->arguments[i], b->arguments[i])) {
            return false;
        }
    }
    return true;
}

bool sql_bound_has_aggregate(const struct sql_bound *bound)
{
    if (bound->kind == SQL_BOUND_AGGREGATE) {
        return true;
    }
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        if (sql_bound_has_aggregate(bound->arguments[i])) {
            return true;
        }
    }
    return false;
}

void sql_bound_columns(const struct sql_bound *bound, bool *used)
{
    if (bound->kind == SQL_BOUND_COLUMN) {
        used[bound->column] = true;
    }
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        sql_bound_columns(bound->arguments[i], used);
    }
}

enum sl_status sql_substitute(struct sql_context *context, struct sql_bound *bound,
                              struct sql_bound *const *replacements, struct sql_bound **result)
{
    *result = bound;
    if (bound->kind == SQL_BOUND_COLUMN) {
        *result = replacements[bound->column];
        return SL_OK;
    }
    if (bound->argument_count == 0) {
        return SL_OK;
    }
    struct sql_bound copy = *bound;
    bool changed = false;
    SQL_NEW(context, copy.arguments, copy.argument_count);
    for (uint32_t i = 0; i < copy.argument_count; i++) {
        SL_TRY(sql_substitute(context, bound->arguments[i], replacements, &copy.arguments[i]));
        changed = changed || copy.arguments[i] != bound->arguments[i];
    }
    return changed ? sql_make(context, &copy, result) : SL_OK;
}

enum sl_status sql_logical_new(struct sql_context *context, enum sql_logical_kind kind,
                               struct sql_logical *input, struct sql_logical **result)
{
    struct sql_logical *node;
    SQL_NEW(context, node, 1);
    node->kind = kind;
    node->input = input;
    node->rowtime = -1;
    if (input != NULL) {
        node->span = input->span;
        node->changelog = input->changelog;
    }
    *result = node;
    return SL_OK;
}

enum sl_status sql_logical_filter(struct sql_context *context, struct sql_logical *input,
                                  struct sql_bounds conjuncts, struct sql_logical **result)
{
    *result = input;
    if (conjuncts.count == 0) {
        return SL_OK;
    }
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_FILTER, input, result));
    (*result)->fields = input->fields;
    (*result)->field_count = input->field_count;
    (*result)->exprs = conjuncts;
    (*result)->span = conjuncts.items[0]->span;
    return SL_OK;
}

enum sl_status sql_logical_project(struct sql_context *context, struct sql_logical *input,
                                   struct sql_bounds exprs, const char *const *names,
                                   struct sql_logical **result)
{
    struct sql_logical *node = NULL;
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_PROJECT, input, &node));
    SQL_NEW(context, node->fields, exprs.count);
    node->field_count = exprs.count;
    node->exprs = exprs;
    for (uint32_t i = 0; i < exprs.count; i++) {
        const struct sql_bound *expr = exprs.items[i];
        bool is_column = expr->kind == SQL_BOUND_COLUMN;
        node->fields[i] = (struct sql_field){
            .name = names[i],
            .type = expr->type,
            .role = is_column ? input->fields[expr->column].role : SQL_ROLE_NONE,
        };
    }
    *result = node;
    return SL_OK;
}

enum sl_status sql_bounds_add(struct sql_context *context, struct sql_bounds *list,
                              struct sql_bound *bound)
{
    /* Capacity is the next power of two: full exactly when count is one. */
    if ((list->count & (list->count - 1)) == 0) {
        struct sql_bound **items;
        SQL_NEW(context, items, list->count == 0 ? 1 : list->count * 2);
        if (list->count > 0) {
            memcpy(items, list->items, sizeof(*items) * list->count);
        }
        list->items = items;
    }
    list->items[list->count++] = bound;
    return SL_OK;
}

enum sl_status sql_conjuncts(struct sql_context *context, struct sql_bound *condition,
                             struct sql_bounds *list)
{
    if (condition->kind != SQL_BOUND_AND) {
        return sql_bounds_add(context, list, condition);
    }
    SL_TRY(sql_conjuncts(context, condition->arguments[0], list));
    return sql_conjuncts(context, condition->arguments[1], list);
}
