/* SPDX-License-Identifier: Apache-2.0
 *
 * A catalog table that is read: its scan, the watermark right above it (it must see every row, also
 * those that a filter drops), and a projection to the declared columns. */
#include <string.h>

#include "bind.h"
#include "coerce.h"
#include "parse.h"
#include "table_check.h"

struct scan {
    struct sql_context *context;
    const struct sl_catalog_table *table;
    struct sql_logical *node;  /* the scan itself */
    struct sql_bounds columns; /* the declared ones, over the scan's */
};

static enum sl_status make_scan(struct scan *scan, struct sql_span span,
                                const struct sl_options *options)
{
    struct sql_context *context = scan->context;
    const struct sl_catalog_table *table = scan->table;
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_SCAN, NULL, &scan->node));
    scan->node->span = sql_position(context, span);
    scan->node->table = table;
    scan->node->options = *options;
    SQL_NEW(context, scan->node->fields, table->column_count);
    for (int pass = SL_COLUMN_PHYSICAL; pass <= SL_COLUMN_METADATA; pass++) {
        for (uint32_t i = 0; i < table->column_count; i++) {
            const struct sl_catalog_column *column = &table->columns[i];
            if ((int)column->kind != pass || pass == SL_COLUMN_COMPUTED) {
                continue;
            }
            scan->node->physical_count += pass == SL_COLUMN_PHYSICAL ? 1 : 0;
            struct sl_type type = column->type;
            const struct sl_metadata_def *metadata;
            if (pass == SL_COLUMN_METADATA) {
                SL_TRY(sql_find_metadata(context, table, column, &metadata));
                type = metadata->type;
            }
            scan->node->fields[scan->node->field_count++] =
                (struct sql_field){.name = column->name, .type = type};
        }
    }
    return SL_OK;
}

static enum sl_status bind_text(struct scan *scan, const char *text, struct sql_span position,
                                const struct sql_scope *scope, struct sql_bound **result)
{
    struct sql_context *context = scan->context;
    struct sql_expr *expr;
    struct sql_binder binder = {
        .context = context, .scope = scope, .no_aggregates = "CREATE TABLE"};
    const struct sql_span *outer = context->within;
    context->within = &position;
    enum sl_status status =
        sql_parse_expression(text, strlen(text), context->arena, &expr, context->err);
    status = status == SL_OK ? sql_bind_expr(&binder, expr, result)
                             : sql_fail_as(context, position, status);
    context->within = outer;
    return status;
}

static enum sl_status bind_columns(struct scan *scan)
{
    struct sql_context *context = scan->context;
    const struct sl_catalog_table *table = scan->table;
    struct sql_scope scope = {
        .alias = table->name, .fields = scan->node->fields, .field_count = scan->node->field_count};
    uint32_t physical = 0;
    uint32_t metadata = scan->node->physical_count;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct sl_catalog_column *column = &table->columns[i];
        struct sql_span span = sql_catalog_span(column->line, column->column);
        struct sql_bound *bound = NULL;
        if (column->kind == SL_COLUMN_COMPUTED) {
            SL_TRY(bind_text(scan, column->expression, span, &scope, &bound));
        } else {
            uint32_t ordinal = column->kind == SL_COLUMN_PHYSICAL ? physical++ : metadata++;
            SL_TRY(sql_make_column(context, span, scan->node->fields, ordinal, &bound));
        }
        if (column->kind == SL_COLUMN_METADATA) {
            SL_TRY(sql_cast(context, span, bound, &column->type, false, &bound));
        }
        SL_TRY(sql_bounds_add(context, &scan->columns, bound));
    }
    return SL_OK;
}

static int32_t find_rowtime(const struct sl_catalog_table *table)
{
    for (uint32_t i = 0; table->rowtime != NULL && i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, table->rowtime) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

/* The watermark's expression names declared columns; over the scan, computed ones are written out.
 */
static enum sl_status bind_watermark(struct scan *scan, const struct sql_logical *declared,
                                     uint32_t rowtime, struct sql_logical **result)
{
    struct sql_context *context = scan->context;
    const struct sl_catalog_table *table = scan->table;
    struct sql_scope scope = {
        .alias = table->name, .fields = declared->fields, .field_count = declared->field_count};
    struct sql_bound *bound;
    struct sql_span span = sql_catalog_span(table->watermark_line, table->watermark_column);
    SL_TRY(bind_text(scan, table->watermark, span, &scope, &bound));
    SL_TRY(sql_substitute(context, bound, scan->columns.items, &bound));
    struct sl_type millis = sl_type_timestamp(bound->type.id, 3);
    SL_TRY(sql_convert(context, bound, &millis, &bound));
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_WATERMARK, scan->node, result));
    struct sql_logical *node = *result;
    node->span = span;
    node->field_count = scan->node->field_count;
    SQL_NEW(context, node->fields, node->field_count);
    memcpy(node->fields, scan->node->fields, sizeof(*node->fields) * node->field_count);
    SL_TRY(sql_bounds_add(context, &node->exprs, bound));
    const struct sql_bound *column = scan->columns.items[rowtime];
    if (column->kind == SQL_BOUND_COLUMN) {
        node->rowtime = (int32_t)column->column;
        node->fields[column->column].role = SQL_ROLE_ROWTIME;
    }
    return SL_OK;
}

enum sl_status sql_bind_scan(struct sql_context *context, struct sql_span span,
                             const struct sl_catalog_table *table, const struct sl_options *options,
                             struct sql_logical **result)
{
    struct scan scan = {.context = context, .table = table};
    SL_TRY(make_scan(&scan, span, options));
    SL_TRY(bind_columns(&scan));
    const char **names;
    SQL_NEW(context, names, table->column_count);
    for (uint32_t i = 0; i < table->column_count; i++) {
        names[i] = table->columns[i].name;
    }
    struct sql_logical *declared;
    SL_TRY(sql_logical_project(context, scan.node, scan.columns, names, &declared));
    int32_t rowtime = find_rowtime(table);
    if (rowtime >= 0) {
        struct sql_logical *watermark;
        SL_TRY(bind_watermark(&scan, declared, (uint32_t)rowtime, &watermark));
        declared->input = watermark;
        declared->fields[rowtime].role = SQL_ROLE_ROWTIME;
    }
    *result = declared;
    return SL_OK;
}
