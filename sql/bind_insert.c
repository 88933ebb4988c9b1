/* SPDX-License-Identifier: Apache-2.0
 *
 * INSERT and bare SELECT: the query's columns become the sink's, by position. */
#include <string.h>

#include "bind.h"
#include "coerce.h"
#include "table_check.h"

struct insert {
    struct sql_context *context;
    const struct sql_insert *ast;
    const struct sl_catalog_table *table;
    struct sql_logical *query;
    struct sql_field *targets; /* what the sink takes: physical, then METADATA columns */
    const struct sl_catalog_column **columns; /* of each target */
    uint32_t target_count;
    int32_t *sources; /* of each target: the query's column, -1 = NULL */
};

static bool is_written(const struct sl_catalog_column *column)
{
    return column->kind == SL_COLUMN_PHYSICAL ||
           (column->kind == SL_COLUMN_METADATA && !column->is_virtual);
}

static enum sl_status collect_targets(struct insert *insert)
{
    struct sql_context *context = insert->context;
    const struct sl_catalog_table *table = insert->table;
    SQL_NEW(context, insert->targets, table->column_count);
    SQL_NEW(context, insert->columns, table->column_count);
    SQL_NEW(context, insert->sources, table->column_count);
    for (int pass = SL_COLUMN_PHYSICAL; pass <= SL_COLUMN_METADATA; pass++) {
        for (uint32_t i = 0; i < table->column_count; i++) {
            const struct sl_catalog_column *column = &table->columns[i];
            if ((int)column->kind != pass || !is_written(column)) {
                continue;
            }
            struct sl_type type = column->type;
            const struct sl_metadata_def *metadata;
            if (pass == SL_COLUMN_METADATA) {
                SL_TRY(sql_find_metadata(context, table, column, &metadata));
                if (!metadata->writable) {
                    return sql_fail(context, insert->ast->table.span, SL_SEMANTIC,
                                    "metadata '%s' of table '%s' is read-only: declare column "
                                    "'%s' VIRTUAL",
                                    metadata->key, table->name, column->name);
                }
                type = metadata->type;
            }
            insert->sources[insert->target_count] = -1;
            insert->columns[insert->target_count] = column;
            insert->targets[insert->target_count++] =
                (struct sql_field){.name = column->name, .type = type};
        }
    }
    return SL_OK;
}

static enum sl_status fail_column_count(struct insert *insert, uint32_t expected)
{
    return sql_fail(insert->context, insert->ast->query->span, SL_SEMANTIC,
                    "table '%s' takes %u columns here, the query gives %u", insert->table->name,
                    expected, insert->query->field_count);
}

/* Without a column list the query's columns go to the table's written columns in declared order. */
static enum sl_status match_by_position(struct insert *insert)
{
    uint32_t source = 0;
    for (uint32_t i = 0; i < insert->table->column_count; i++) {
        for (uint32_t t = 0; t < insert->target_count; t++) {
            if (insert->columns[t] == &insert->table->columns[i]) {
                insert->sources[t] = (int32_t)source++;
            }
        }
    }
    return source == insert->query->field_count ? SL_OK : fail_column_count(insert, source);
}

static enum sl_status match_by_name(struct insert *insert)
{
    struct sql_context *context = insert->context;
    const struct sql_name_list *names = &insert->ast->columns;
    struct sql_scope scope = {.alias = insert->table->name,
                              .fields = insert->targets,
                              .field_count = insert->target_count};
    if (names->count != insert->query->field_count) {
        return fail_column_count(insert, names->count);
    }
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t target;
        SL_TRY(sql_scope_find_name(context, &scope, &names->items[i], &target));
        if (insert->sources[target] >= 0) {
            return sql_fail(context, names->items[i].span, SL_SEMANTIC,
                            "column '%s' is written twice", names->items[i].text);
        }
        insert->sources[target] = (int32_t)i;
    }
    for (uint32_t t = 0; t < insert->target_count; t++) {
        if (insert->sources[t] < 0 && !insert->targets[t].type.nullable) {
            return sql_fail(context, insert->ast->table.span, SL_SEMANTIC,
                            "column '%s' of table '%s' is NOT NULL and must be written",
                            insert->targets[t].name, insert->table->name);
        }
    }
    return SL_OK;
}

/* The query's column i as an expression over *input, which the projection for the sink stands on:
 * a query that ends in a projection is looked into, so that there is one and not two. */
static enum sl_status source_expr(struct insert *insert, uint32_t i, struct sql_bound **result)
{
    if (insert->query->kind == SQL_LOGICAL_PROJECT) {
        *result = insert->query->exprs.items[i];
        return SL_OK;
    }
    return sql_make_column(insert->context, insert->query->span, insert->query->fields, i, result);
}

static enum sl_status convert_column(struct insert *insert, uint32_t target,
                                     struct sql_bound **result)
{
    struct sql_context *context = insert->context;
    const struct sl_type *type = &insert->targets[target].type;
    const struct sl_catalog_column *column = insert->columns[target];
    if (insert->sources[target] < 0) {
        return sql_make_null(context, insert->ast->table.span, *type, result);
    }
    struct sql_bound *source;
    SL_TRY(source_expr(insert, (uint32_t)insert->sources[target], &source));
    if (!sql_type_assignable(&source->type, &column->type)) {
        char from[SL_TYPE_TEXT_BYTES];
        char to[SL_TYPE_TEXT_BYTES];
        return sql_fail(context, source->span, SL_SEMANTIC,
                        "column '%s' of table '%s' is %s, the query gives %s; write a CAST",
                        column->name, insert->table->name,
                        sl_type_format(&column->type, to, sizeof to),
                        sl_type_format(&source->type, from, sizeof from));
    }
    SL_TRY(sql_convert(context, source, &column->type, &source));
    return sql_convert(context, source, type, result);
}

static enum sl_status make_sink(struct insert *insert, const struct sl_options *options,
                                struct sql_logical **result)
{
    struct sql_context *context = insert->context;
    bool is_project = insert->query->kind == SQL_LOGICAL_PROJECT;
    struct sql_bounds exprs = {0};
    const char **names;
    SQL_NEW(context, names, insert->target_count);
    for (uint32_t t = 0; t < insert->target_count; t++) {
        struct sql_bound *expr;
        names[t] = insert->targets[t].name;
        SL_TRY(convert_column(insert, t, &expr));
        SL_TRY(sql_bounds_add(context, &exprs, expr));
    }
    struct sql_logical *project;
    SL_TRY(sql_logical_project(context, is_project ? insert->query->input : insert->query, exprs,
                               names, &project));
    project->span = insert->query->span;
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_SINK, project, result));
    struct sql_logical *sink = *result;
    sink->span = insert->ast->table.span;
    sink->table = insert->table;
    sink->options = *options;
    sink->fields = insert->targets;
    sink->field_count = insert->target_count;
    return SL_OK;
}

enum sl_status sql_bind_insert(struct sql_context *context, const struct sql_insert *ast,
                               struct sql_logical **result)
{
    struct insert insert = {.context = context, .ast = ast};
    const char *name;
    SL_TRY(sql_table_name(context, &ast->table, &name));
    insert.table = sl_catalog_find(context->catalog, name);
    if (insert.table == NULL) {
        const char **names;
        SQL_NEW(context, names, context->catalog->table_count);
        for (uint32_t i = 0; i < context->catalog->table_count; i++) {
            names[i] = context->catalog->tables[i]->name;
        }
        return sql_fail(context, ast->table.span, SL_SEMANTIC, "unknown table '%s'%s", name,
                        sql_did_you_mean(context, name, names, context->catalog->table_count));
    }
    if (insert.table->view_query != NULL) {
        return sql_fail(context, ast->table.span, SL_SEMANTIC,
                        "'%s' is a view and cannot be written", name);
    }
    struct sl_options options;
    SL_TRY(sql_use_table(context, insert.table));
    SL_TRY(sql_table_options(context, insert.table, &ast->hints, &options));
    SL_TRY(sql_check_table(context, ast->table.span, insert.table, &options, true));
    SL_TRY(collect_targets(&insert));
    SL_TRY(sql_bind_query(context, ast->query, &insert.query));
    SL_TRY(ast->columns.count > 0 ? match_by_name(&insert) : match_by_position(&insert));
    if (insert.query->changelog != SL_APPEND && !insert.table->connector->takes_updates) {
        return sql_fail(context, ast->table.span, SL_SEMANTIC,
                        "table '%s' (connector '%s') doesn't support consuming update changes",
                        name, insert.table->connector->name);
    }
    return make_sink(&insert, &options, result);
}

enum sl_status sql_bind_result(struct sql_context *context, const struct sql_query *query,
                               struct sql_logical **result)
{
    struct sql_logical *input;
    SL_TRY(sql_bind_query(context, query, &input));
    for (uint32_t i = 0; i < input->field_count; i++) {
        if (input->fields[i].type.id == SL_TYPE_NULL) {
            return sql_fail(context, query->span, SL_SEMANTIC,
                            "column '%s' has no type: write CAST(NULL AS type)",
                            input->fields[i].name);
        }
    }
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_SINK, input, result));
    (*result)->fields = input->fields;
    (*result)->field_count = input->field_count;
    (*result)->span = query->span;
    return SL_OK;
}
