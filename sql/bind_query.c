/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: WITH, then FROM, WHERE, GROUP BY, SELECT in the order in which they mean something. */
#include <string.h>

#include "bind.h"
#include "coerce.h"

struct select {
    struct sql_context *context;
    const struct sql_select *ast;
    struct sql_logical *node; /* what is bound so far */
    struct sql_scope scope;   /* of FROM */
    struct sql_bounds items;
    const char **names; /* of items */
    uint32_t name_capacity;
};

static enum sl_status bind_where(struct select *select)
{
    struct sql_context *context = select->context;
    struct sql_binder binder = {
        .context = context, .scope = &select->scope, .no_aggregates = "WHERE"};
    struct sql_bound *condition;
    struct sql_bounds conjuncts = {0};
    if (select->ast->where == NULL) {
        return SL_OK;
    }
    SL_TRY(sql_bind_expr(&binder, select->ast->where, &condition));
    SL_TRY(sql_require_boolean(context, "WHERE", &condition));
    SL_TRY(sql_conjuncts(context, condition, &conjuncts));
    return sql_logical_filter(context, select->node, conjuncts, &select->node);
}

/* A name that is taken gets a number behind it, as in Flink. */
static enum sl_status add_item(struct select *select, struct sql_bound *bound, const char *name)
{
    struct sql_context *context = select->context;
    if (select->items.count == select->name_capacity) {
        const char **names;
        select->name_capacity = select->name_capacity * 2 + 16;
        SQL_NEW(context, names, select->name_capacity);
        if (select->items.count > 0) {
            memcpy(names, select->names, sizeof(*names) * select->items.count);
        }
        select->names = names;
    }
    const char *unique = name;
    uint32_t suffix = 0;
    for (uint32_t i = 0; i < select->items.count; i++) {
        if (strcmp(select->names[i], unique) == 0) {
            SQL_FORMAT(context, unique, "%s%u", name, suffix++);
            i = UINT32_MAX; /* look again from the first */
        }
    }
    select->names[select->items.count] = unique;
    return sql_bounds_add(context, &select->items, bound);
}

static enum sl_status add_star(struct select *select, const struct sql_expr *star)
{
    struct sql_context *context = select->context;
    const struct sql_scope *scope = &select->scope;
    if (star->star.count > 0) {
        const char *name = star->star.parts[star->star.count - 1].text;
        if (scope->alias == NULL || strcmp(scope->alias, name) != 0) {
            return sql_fail(
                context, star->span, SL_SEMANTIC, "unknown table '%s'%s", name,
                sql_did_you_mean(context, name, &scope->alias, scope->alias == NULL ? 0 : 1));
        }
    }
    for (uint32_t i = 0; i < scope->field_count; i++) {
        struct sql_bound *column;
        SL_TRY(sql_make_column(context, star->span, scope->fields, i, &column));
        SL_TRY(add_item(select, column, scope->fields[i].name));
    }
    return SL_OK;
}

static enum sl_status bind_items(struct select *select)
{
    struct sql_context *context = select->context;
    struct sql_binder binder = {.context = context, .scope = &select->scope};
    for (uint32_t i = 0; i < select->ast->item_count; i++) {
        const struct sql_select_item *item = &select->ast->items[i];
        if (item->expr->kind == SQL_EXPR_STAR) {
            SL_TRY(add_star(select, item->expr));
            continue;
        }
        struct sql_bound *bound;
        const char *name = item->alias.text;
        SL_TRY(sql_bind_expr(&binder, item->expr, &bound));
        if (name == NULL && item->expr->kind == SQL_EXPR_COLUMN) {
            name = item->expr->column.parts[item->expr->column.count - 1].text;
        }
        if (name == NULL) {
            SQL_FORMAT(context, name, "EXPR$%u", i);
        }
        SL_TRY(add_item(select, bound, name));
    }
    return SL_OK;
}

static enum sl_status add_key(struct select *select, const struct sql_expr *expr,
                              struct sql_bounds *keys)
{
    if (expr->kind == SQL_EXPR_ROW) {
        for (uint32_t i = 0; i < expr->list.count; i++) {
            SL_TRY(add_key(select, expr->list.items[i], keys));
        }
        return SL_OK;
    }
    struct sql_binder binder = {
        .context = select->context, .scope = &select->scope, .no_aggregates = "GROUP BY"};
    struct sql_bound *key;
    SL_TRY(sql_bind_expr(&binder, expr, &key));
    for (uint32_t i = 0; i < keys->count; i++) {
        if (sql_bound_equal(keys->items[i], key)) {
            return SL_OK;
        }
    }
    return sql_bounds_add(select->context, keys, key);
}

static enum sl_status bind_having(struct select *select, struct sql_bound **having)
{
    struct sql_binder binder = {.context = select->context, .scope = &select->scope};
    *having = NULL;
    if (select->ast->having == NULL) {
        return SL_OK;
    }
    SL_TRY(sql_bind_expr(&binder, select->ast->having, having));
    return sql_require_boolean(select->context, "HAVING", having);
}

static enum sl_status bind_grouping(struct select *select)
{
    struct sql_grouping grouping = {.items = select->items, .span = select->ast->span};
    for (uint32_t i = 0; i < select->ast->group_by.count; i++) {
        SL_TRY(add_key(select, select->ast->group_by.items[i], &grouping.keys));
    }
    SL_TRY(bind_having(select, &grouping.having));
    bool is_grouped = select->ast->group_by.count > 0 || grouping.having != NULL;
    for (uint32_t i = 0; i < select->items.count; i++) {
        is_grouped = is_grouped || sql_bound_has_aggregate(select->items.items[i]);
    }
    if (is_grouped) {
        SL_TRY(sql_bind_aggregate(select->context, select->node, &grouping, &select->node));
        select->items = grouping.items;
    }
    return SL_OK;
}

static enum sl_status bind_select(struct sql_context *context, const struct sql_select *ast,
                                  struct sql_logical **result)
{
    struct select select = {.context = context, .ast = ast};
    if (ast->from == NULL) {
        return sql_refuse(context, ast->span, "SELECT without FROM");
    }
    if (ast->window_count > 0) {
        return sql_refuse(context, ast->windows[0].span, "WINDOW");
    }
    SL_TRY(sql_bind_from(context, ast->from, &select.node, &select.scope));
    SL_TRY(bind_where(&select));
    SL_TRY(bind_items(&select));
    SL_TRY(bind_grouping(&select));
    SL_TRY(sql_logical_project(context, select.node, select.items, select.names, result));
    (*result)->span = sql_position(context, ast->span);
    return ast->distinct ? sql_bind_distinct(context, *result, result) : SL_OK;
}

static enum sl_status bind_body(struct sql_context *context, const struct sql_body *body,
                                struct sql_logical **result)
{
    switch (body->kind) {
    case SQL_BODY_SELECT:
        return bind_select(context, body->select, result);
    case SQL_BODY_QUERY:
        return sql_bind_query(context, body->query, result);
    case SQL_BODY_VALUES:
        return sql_refuse(context, body->span, "VALUES");
    case SQL_BODY_UNION:
        return sql_refuse(context, body->span, "UNION");
    case SQL_BODY_INTERSECT:
        return sql_refuse(context, body->span, "INTERSECT");
    case SQL_BODY_EXCEPT:
        break;
    }
    return sql_refuse(context, body->span, "EXCEPT");
}

enum sl_status sql_bind_query(struct sql_context *context, const struct sql_query *query,
                              struct sql_logical **result)
{
    if (query->order_by.count > 0) {
        return sql_refuse(context, query->order_by.items[0].expr->span, "ORDER BY");
    }
    if (query->limit != NULL || query->offset != NULL) {
        return sql_refuse(context, query->limit != NULL ? query->limit->span : query->offset->span,
                          query->limit != NULL ? "LIMIT" : "OFFSET");
    }
    const struct sql_with *outer = context->with;
    for (uint32_t i = 0; i < query->with_count; i++) {
        struct sql_with *with;
        SQL_NEW(context, with, 1);
        *with = (struct sql_with){.item = &query->with[i], .outer = context->with};
        context->with = with;
    }
    enum sl_status status = bind_body(context, query->body, result);
    context->with = outer;
    return status;
}
