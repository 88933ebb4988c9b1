/* SPDX-License-Identifier: Apache-2.0
 *
 * CREATE and DROP. Everything is checked here that can be known without using the table, so that
 * errors point into the statement; expressions are kept as canonical text and bound again at use.
 */
#include <string.h>

#include "bind.h"
#include "coerce.h"
#include "compile.h"
#include "unparse.h"

struct create {
    struct sql_context *context;
    const struct sql_create_table *ast;
    struct sl_arena *arena; /* the catalog's */
    struct sl_catalog_table *table;
    struct sl_catalog_column *columns;
    struct sql_field *stored;   /* physical and METADATA columns: what computed ones may read */
    struct sql_field *declared; /* all columns */
    uint32_t stored_count;
};

#define CATALOG_NEW(context, pointer, count)                                                  \
    do {                                                                                      \
        (pointer) =                                                                           \
            sl_arena_alloc(&(context)->catalog->arena, sizeof(*(pointer)) * (size_t)(count)); \
        if ((pointer) == NULL) {                                                              \
            return sql_fail_memory(context);                                                  \
        }                                                                                     \
    } while (0)

static enum sl_status keep_string(struct sql_context *context, const char *string,
                                  const char **kept)
{
    *kept = string == NULL ? NULL : sl_arena_string(&context->catalog->arena, string);
    return string != NULL && *kept == NULL ? sql_fail_memory(context) : SL_OK;
}

static enum sl_status keep_text(struct sql_context *context, struct sl_text *text,
                                const char **kept)
{
    const char *string;
    SL_TRY(sql_text_take(context, text, &string));
    return keep_string(context, string, kept);
}

static enum sl_status keep_expr(struct sql_context *context, const struct sql_expr *expr,
                                const char **kept)
{
    struct sl_text text;
    sl_text_init(&text, context->arena->account, 0);
    sql_unparse_expr(&text, expr);
    return keep_text(context, &text, kept);
}

/* True when the name is taken; *done when IF NOT EXISTS makes that well. */
static enum sl_status check_name(struct sql_context *context, const struct sql_path *path,
                                 bool if_not_exists, const char **name, bool *done)
{
    SL_TRY(sql_table_name(context, path, name));
    const struct sl_catalog_table *table = sl_catalog_find(context->catalog, *name);
    *done = table != NULL;
    return table == NULL || if_not_exists
               ? SL_OK
               : sql_fail(context, path->span, SL_SEMANTIC, "%s '%s' exists already",
                          table->view_query != NULL ? "view" : "table", *name);
}

static enum sl_status declare_column(struct create *create, uint32_t idx)
{
    struct sql_context *context = create->context;
    const struct sql_column *ast = &create->ast->columns[idx];
    struct sl_catalog_column *column = &create->columns[idx];
    for (uint32_t i = 0; i < idx; i++) {
        if (strcmp(create->columns[i].name, ast->name.text) == 0) {
            return sql_fail(context, ast->name.span, SL_SEMANTIC, "column '%s' is declared twice",
                            ast->name.text);
        }
    }
    SL_TRY(keep_string(context, ast->name.text, &column->name));
    column->kind = (enum sl_catalog_column_kind)ast->kind;
    column->line = ast->expr != NULL ? ast->expr->span.line : ast->span.line;
    column->column = ast->expr != NULL ? ast->expr->span.column : ast->span.column;
    column->is_virtual = ast->is_virtual;
    SL_TRY(keep_string(context, ast->comment, &column->comment));
    if (ast->kind == SQL_COLUMN_COMPUTED) {
        return keep_expr(context, ast->expr, &column->expression);
    }
    if (ast->kind == SQL_COLUMN_METADATA) {
        const char *key = ast->metadata_key == NULL ? ast->name.text : ast->metadata_key;
        SL_TRY(keep_string(context, key, &column->metadata_key));
    }
    column->type = sl_type_copy(create->arena, &ast->type);
    return SL_OK;
}

static enum sl_status declare_columns(struct create *create)
{
    struct sql_context *context = create->context;
    uint32_t count = create->ast->column_count;
    CATALOG_NEW(context, create->columns, count);
    for (uint32_t i = 0; i < count; i++) {
        SL_TRY(declare_column(create, i));
    }
    create->table->columns = create->columns;
    create->table->column_count = count;
    return SL_OK;
}

static enum sl_status declare_primary_key(struct create *create)
{
    struct sql_context *context = create->context;
    const struct sql_name_list *names = &create->ast->primary_key;
    uint32_t *key;
    CATALOG_NEW(context, key, names->count);
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t c = 0;
        while (c < create->ast->column_count &&
               strcmp(create->columns[c].name, names->items[i].text) != 0) {
            c++;
        }
        if (c == create->ast->column_count || create->columns[c].kind != SL_COLUMN_PHYSICAL) {
            return sql_fail(context, names->items[i].span, SL_SEMANTIC,
                            "PRIMARY KEY: '%s' is not a physical column of the table",
                            names->items[i].text);
        }
        create->columns[c].type.nullable = false;
        key[i] = c;
    }
    create->table->primary_key = key;
    create->table->primary_key_count = names->count;
    return SL_OK;
}

static enum sl_status bind_here(struct create *create, const struct sql_field *fields,
                                uint32_t field_count, const struct sql_expr *expr,
                                struct sql_bound **bound)
{
    struct sql_scope scope = {
        .alias = create->table->name, .fields = fields, .field_count = field_count};
    struct sql_binder binder = {
        .context = create->context, .scope = &scope, .no_aggregates = "CREATE TABLE"};
    return sql_bind_expr(&binder, expr, bound);
}

static enum sl_status bind_computed(struct create *create)
{
    struct sql_context *context = create->context;
    uint32_t count = create->ast->column_count;
    SQL_NEW(context, create->stored, count);
    SQL_NEW(context, create->declared, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_catalog_column *column = &create->columns[i];
        if (column->kind != SL_COLUMN_COMPUTED) {
            create->stored[create->stored_count++] =
                (struct sql_field){.name = column->name, .type = column->type};
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        struct sl_catalog_column *column = &create->columns[i];
        struct sql_bound *bound;
        if (column->kind == SL_COLUMN_COMPUTED) {
            SL_TRY(bind_here(create, create->stored, create->stored_count,
                             create->ast->columns[i].expr, &bound));
            column->type = sl_type_copy(create->arena, &bound->type);
        }
        create->declared[i] = (struct sql_field){.name = column->name, .type = column->type};
    }
    return SL_OK;
}

static bool is_time_type(const struct sl_type *type)
{
    return sl_type_is_timestamp(type->id) && type->precision <= 3;
}

static enum sl_status declare_watermark(struct create *create)
{
    struct sql_context *context = create->context;
    const struct sql_watermark *watermark = create->ast->watermark;
    char text[SL_TYPE_TEXT_BYTES];
    if (watermark == NULL) {
        return SL_OK;
    }
    if (watermark->column.count != 1) {
        return sql_refuse(context, watermark->column.span, "a watermark for a field of a row");
    }
    struct sql_scope scope = {.fields = create->declared, .field_count = create->ast->column_count};
    uint32_t column;
    SL_TRY(sql_scope_find_name(context, &scope, &watermark->column.parts[0], &column));
    const struct sl_type *type = &create->declared[column].type;
    if (!is_time_type(type)) {
        return sql_fail(context, watermark->column.span, SL_SEMANTIC,
                        "WATERMARK needs a TIMESTAMP(3) or TIMESTAMP_LTZ(3) column, '%s' is %s",
                        create->declared[column].name, sl_type_format(type, text, sizeof text));
    }
    struct sql_bound *bound;
    SL_TRY(bind_here(create, create->declared, create->ast->column_count, watermark->expr, &bound));
    if (!is_time_type(&bound->type)) {
        return sql_fail(context, watermark->expr->span, SL_SEMANTIC,
                        "the watermark must be TIMESTAMP(3) or TIMESTAMP_LTZ(3), this is %s",
                        sl_type_format(&bound->type, text, sizeof text));
    }
    create->table->rowtime = create->columns[column].name;
    create->table->watermark_line = watermark->expr->span.line;
    create->table->watermark_column = watermark->expr->span.column;
    return keep_expr(context, watermark->expr, &create->table->watermark);
}

static enum sl_status declare_options(struct create *create)
{
    struct sql_context *context = create->context;
    const struct sql_option_list *list = &create->ast->options;
    struct sl_option *items;
    CATALOG_NEW(context, items, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        SL_TRY(keep_string(context, list->items[i].key, &items[i].name));
        SL_TRY(keep_string(context, list->items[i].value, &items[i].value));
        items[i].line = list->items[i].key_span.line;
        items[i].column = list->items[i].key_span.column;
        if (strcmp(items[i].name, "connector") == 0) {
            create->table->connector = sl_catalog_connector(context->catalog, items[i].value);
        }
    }
    create->table->options = (struct sl_options){.items = items, .count = list->count};
    return SL_OK;
}

enum sl_status sql_create_table(struct sql_context *context, const struct sql_create_table *ast)
{
    struct create create = {.context = context, .ast = ast, .arena = &context->catalog->arena};
    const char *name;
    bool exists;
    SL_TRY(check_name(context, &ast->name, ast->if_not_exists, &name, &exists));
    if (exists) {
        return SL_OK;
    }
    if (ast->partition_by.count > 0) {
        return sql_refuse(context, ast->partition_by.items[0].span, "PARTITIONED BY");
    }
    CATALOG_NEW(context, create.table, 1);
    SL_TRY(keep_string(context, name, &create.table->name));
    SL_TRY(keep_string(context, ast->comment, &create.table->comment));
    create.table->is_temporary = ast->temporary;
    create.table->line = ast->name.span.line;
    create.table->column = ast->name.span.column;
    SL_TRY(declare_columns(&create));
    SL_TRY(declare_primary_key(&create));
    SL_TRY(bind_computed(&create));
    SL_TRY(declare_watermark(&create));
    SL_TRY(declare_options(&create));
    return sl_catalog_add(context->catalog, create.table, false, context->err);
}

static enum sl_status view_columns(struct sql_context *context, const struct sql_create_view *ast,
                                   struct sl_catalog_table *view)
{
    struct sql_used_table *used = context->used;
    struct sql_logical *plan;
    context->used = NULL;
    enum sl_status status = sql_bind_query(context, ast->query, &plan);
    context->used = used;
    SL_TRY(status);
    SL_TRY(sql_rename(context, ast->name.span, ast->columns, &plan));
    struct sl_catalog_column *columns;
    CATALOG_NEW(context, columns, plan->field_count);
    for (uint32_t i = 0; i < plan->field_count; i++) {
        SL_TRY(keep_string(context, plan->fields[i].name, &columns[i].name));
    }
    view->columns = columns;
    view->column_count = plan->field_count;
    return SL_OK;
}

enum sl_status sql_create_view(struct sql_context *context, const struct sql_create_view *ast)
{
    const char *name;
    bool exists;
    struct sl_catalog_table *view;
    SL_TRY(check_name(context, &ast->name, ast->if_not_exists, &name, &exists));
    if (exists) {
        return SL_OK;
    }
    CATALOG_NEW(context, view, 1);
    SL_TRY(view_columns(context, ast, view));
    SL_TRY(keep_string(context, name, &view->name));
    SL_TRY(keep_string(context, ast->comment, &view->comment));
    view->is_temporary = ast->temporary;
    view->line = ast->name.span.line;
    view->column = ast->name.span.column;
    struct sl_text text;
    sl_text_init(&text, context->arena->account, 0);
    sql_unparse_query(&text, ast->query);
    SL_TRY(keep_text(context, &text, &view->view_query));
    return sl_catalog_add(context->catalog, view, false, context->err);
}

enum sl_status sql_drop(struct sql_context *context, const struct sql_drop *drop, bool is_view)
{
    const char *name;
    SL_TRY(sql_table_name(context, &drop->name, &name));
    if (drop->if_exists && sl_catalog_find(context->catalog, name) == NULL) {
        return SL_OK;
    }
    const struct sl_catalog_table *table;
    SL_TRY(sql_find_table(context, &drop->name, &table));
    if (is_view != (table->view_query != NULL)) {
        return sql_fail(context, drop->name.span, SL_SEMANTIC, "'%s' is a %s: write DROP %s", name,
                        is_view ? "table" : "view", is_view ? "TABLE" : "VIEW");
    }
    sl_catalog_remove(context->catalog, name);
    return SL_OK;
}
