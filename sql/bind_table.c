/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in FROM: tables, views, WITH items, derived tables and window functions. A view is
 * bound again at each use; equal parts become one when the physical plan is made. */
#include <string.h>

#include "bind.h"
#include "parse.h"
#include "table_check.h"

static enum sl_status fail_unknown(struct sql_context *context, const struct sql_path *path,
                                   const char *name)
{
    const struct sl_catalog *catalog = context->catalog;
    uint32_t with_count = 0;
    for (const struct sql_with *with = context->with; with != NULL; with = with->outer) {
        with_count++;
    }
    const char **names;
    SQL_NEW(context, names, catalog->table_count + with_count);
    uint32_t count = 0;
    for (; count < catalog->table_count; count++) {
        names[count] = catalog->tables[count]->name;
    }
    for (const struct sql_with *with = context->with; with != NULL; with = with->outer) {
        names[count++] = with->item->name.text;
    }
    return sql_fail(context, path->span, SL_SEMANTIC, "unknown table '%s'%s", name,
                    sql_did_you_mean(context, name, names, count));
}

enum sl_status sql_rename(struct sql_context *context, struct sql_span span,
                          struct sql_name_list names, struct sql_logical **node)
{
    if (names.count == 0) {
        return SL_OK;
    }
    if (names.count != (*node)->field_count) {
        return sql_fail(context, span, SL_SEMANTIC, "%u column names for %u columns", names.count,
                        (*node)->field_count);
    }
    struct sql_bounds exprs = {0};
    const char **texts;
    SQL_NEW(context, texts, names.count);
    for (uint32_t i = 0; i < names.count; i++) {
        struct sql_bound *column;
        texts[i] = names.items[i].text;
        SL_TRY(sql_make_column(context, names.items[i].span, (*node)->fields, i, &column));
        SL_TRY(sql_bounds_add(context, &exprs, column));
    }
    return sql_logical_project(context, *node, exprs, texts, node);
}

static enum sl_status enter_view(struct sql_context *context, struct sql_span span)
{
    if (context->view_depth >= SQL_VIEW_DEPTH_MAX) {
        return sql_fail(context, span, SL_LIMIT, "views are nested more than %d deep",
                        SQL_VIEW_DEPTH_MAX);
    }
    context->view_depth++;
    return SL_OK;
}

static enum sl_status bind_with(struct sql_context *context, const struct sql_with *with,
                                struct sql_span span, struct sql_logical **result)
{
    const struct sql_with *outer = context->with;
    SL_TRY(enter_view(context, span));
    context->with = with->outer;
    enum sl_status status = sql_bind_query(context, with->item->query, result);
    context->with = outer;
    context->view_depth--;
    SL_TRY(status);
    return sql_rename(context, with->item->name.span, with->item->columns, result);
}

/* Parses a view's stored query. */
static enum sl_status parse_view(struct sql_context *context, const struct sl_catalog_table *view,
                                 struct sql_span view_span, struct sql_query **query)
{
    struct sql_script script;
    enum sl_status status = sql_parse_script(view->view_query, strlen(view->view_query),
                                             context->arena, &script, context->err);
    if (status != SL_OK) { /* canonical text has more parentheses: it may nest too deep */
        return sql_fail_as(context, view_span, status);
    }
    SL_ASSERT(script.count == 1 && script.statements[0].kind == SQL_STATEMENT_QUERY);
    *query = script.statements[0].query;
    return SL_OK;
}

static enum sl_status bind_view(struct sql_context *context, const struct sl_catalog_table *view,
                                struct sql_span span, struct sql_logical **result)
{
    const struct sql_with *with = context->with;
    const struct sql_span *outer = context->within;
    struct sql_span position = sql_position(context, span);
    struct sql_query *query = NULL;
    SL_TRY(enter_view(context, span));
    context->within = &position;
    context->with = NULL;
    enum sl_status status = parse_view(context, view, span, &query);
    if (status == SL_OK) {
        status = sql_bind_query(context, query, result);
    }
    context->with = with;
    context->within = outer;
    context->view_depth--;
    SL_TRY(status);
    struct sql_name_list names = {.count = view->column_count};
    SQL_NEW(context, names.items, view->column_count);
    for (uint32_t i = 0; i < view->column_count; i++) {
        names.items[i] = (struct sql_name){.text = view->columns[i].name, .span = span};
    }
    return sql_rename(context, span, names, result);
}

enum sl_status sql_bind_named(struct sql_context *context, const struct sql_path *path,
                              const struct sql_hint_list *hints, struct sql_logical **result,
                              const char **name)
{
    SL_TRY(sql_table_name(context, path, name));
    for (const struct sql_with *with = context->with; with != NULL; with = with->outer) {
        if (path->count == 1 && strcmp(with->item->name.text, *name) == 0) {
            return bind_with(context, with, path->span, result);
        }
    }
    const struct sl_catalog_table *table = sl_catalog_find(context->catalog, *name);
    if (table == NULL) {
        return fail_unknown(context, path, *name);
    }
    SL_TRY(sql_use_table(context, table));
    if (table->view_query != NULL) {
        return bind_view(context, table, path->span, result);
    }
    struct sl_options options;
    SL_TRY(sql_table_options(context, table, hints, &options));
    SL_TRY(sql_check_table(context, path->span, table, &options, false));
    return sql_bind_scan(context, path->span, table, &options, result);
}

static enum sl_status bind_relation(struct sql_context *context, const struct sql_table *table,
                                    struct sql_logical **result, const char **name)
{
    switch (table->kind) {
    case SQL_TABLE_NAMED:
        if (table->named.as_of != NULL) {
            return sql_refuse(context, table->named.as_of->span, "FOR SYSTEM_TIME AS OF");
        }
        return sql_bind_named(context, &table->named.path, &table->named.hints, result, name);
    case SQL_TABLE_SUBQUERY:
        if (table->subquery.lateral) {
            return sql_refuse(context, table->span, "LATERAL");
        }
        return sql_bind_query(context, table->subquery.query, result);
    case SQL_TABLE_FUNCTION:
        if (table->function.lateral) {
            return sql_refuse(context, table->span, "LATERAL");
        }
        return sql_bind_window(context, table->function.call, result, name);
    case SQL_TABLE_UNNEST:
        return sql_refuse(context, table->span, "UNNEST");
    case SQL_TABLE_JOIN:
        break;
    }
    return sql_refuse(context, table->join.span, "a join");
}

enum sl_status sql_bind_from(struct sql_context *context, const struct sql_table *table,
                             struct sql_logical **result, struct sql_scope *scope)
{
    const char *name = NULL;
    SL_TRY(bind_relation(context, table, result, &name));
    SL_TRY(sql_rename(context, table->span, table->column_aliases, result));
    *scope = (struct sql_scope){
        .alias = table->alias.text != NULL ? table->alias.text : name,
        .fields = (*result)->fields,
        .field_count = (*result)->field_count,
    };
    return SL_OK;
}
