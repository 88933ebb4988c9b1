/* SPDX-License-Identifier: Apache-2.0
 *
 * SHOW and DESCRIBE: what the catalog holds, as the tables of text that Flink's client prints. */
#include <string.h>

#include "bind.h"
#include "compile.h"

enum { CELLS_MAX = 6 };

/* A table of text under construction; rows lie one after the other. */
struct grid {
    struct sql_context *context;
    uint32_t column_count;
    const char **cells;
    uint32_t row_count; /* the first is the head */
};

static enum sl_status grid_init(struct sql_context *context, struct grid *grid, uint32_t rows_max,
                                const char *const *head, uint32_t column_count)
{
    *grid = (struct grid){.context = context, .column_count = column_count, .row_count = 1};
    SQL_NEW(context, grid->cells, (rows_max + 1) * column_count);
    memcpy(grid->cells, head, sizeof(*head) * column_count);
    return SL_OK;
}

static void grid_add(struct grid *grid, const char *const *cells)
{
    memcpy(grid->cells + (size_t)grid->row_count * grid->column_count, cells,
           sizeof(*cells) * grid->column_count);
    grid->row_count++;
}

static size_t width_of(const struct grid *grid, uint32_t column)
{
    size_t width = 0;
    for (uint32_t row = 0; row < grid->row_count; row++) {
        const char *cell = grid->cells[row * grid->column_count + column];
        width = SL_MAX(width, sl_utf8_count(cell, strlen(cell)));
    }
    return width;
}

static void append_repeated(struct sl_text *text, char character, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sl_text_append_char(text, character);
    }
}

static void print_line(struct sl_text *text, const size_t *widths, uint32_t column_count)
{
    for (uint32_t i = 0; i < column_count; i++) {
        sl_text_append_char(text, '+');
        append_repeated(text, '-', widths[i] + 2);
    }
    sl_text_append_string(text, "+\n");
}

static enum sl_status grid_render(struct grid *grid, const char **rendered)
{
    size_t widths[CELLS_MAX];
    struct sl_text text;
    sl_text_init(&text, grid->context->arena->account, 0);
    for (uint32_t i = 0; i < grid->column_count; i++) {
        widths[i] = width_of(grid, i);
    }
    print_line(&text, widths, grid->column_count);
    for (uint32_t row = 0; row < grid->row_count; row++) {
        for (uint32_t i = 0; i < grid->column_count; i++) {
            const char *cell = grid->cells[row * grid->column_count + i];
            sl_text_printf(&text, "| %s", cell);
            append_repeated(&text, ' ', widths[i] - sl_utf8_count(cell, strlen(cell)) + 1);
        }
        sl_text_append_string(&text, "|\n");
        if (row == 0) {
            print_line(&text, widths, grid->column_count);
        }
    }
    print_line(&text, widths, grid->column_count);
    return sql_text_take(grid->context, &text, rendered);
}

enum sl_status sql_find_table(struct sql_context *context, const struct sql_path *path,
                              const struct sl_catalog_table **table)
{
    const struct sl_catalog *catalog = context->catalog;
    const char *name;
    SL_TRY(sql_table_name(context, path, &name));
    *table = sl_catalog_find(catalog, name);
    if (*table != NULL) {
        return SL_OK;
    }
    const char **names;
    SQL_NEW(context, names, catalog->table_count);
    for (uint32_t i = 0; i < catalog->table_count; i++) {
        names[i] = catalog->tables[i]->name;
    }
    return sql_fail(context, path->span, SL_SEMANTIC, "unknown table '%s'%s", name,
                    sql_did_you_mean(context, name, names, catalog->table_count));
}

static enum sl_status show_names(struct sql_context *context, bool views_only, const char **text)
{
    const struct sl_catalog *catalog = context->catalog;
    const char *head = views_only ? "view name" : "table name";
    struct grid grid;
    SL_TRY(grid_init(context, &grid, catalog->table_count, &head, 1));
    for (uint32_t i = 0; i < catalog->table_count; i++) {
        if (!views_only || catalog->tables[i]->view_query != NULL) {
            grid_add(&grid, &catalog->tables[i]->name);
        }
    }
    return grid_render(&grid, text);
}

enum sl_status sql_show(struct sql_context *context, const struct sql_statement *statement,
                        const char **text)
{
    enum sql_show_kind kind = statement->show.kind;
    if (kind == SQL_SHOW_TABLES || kind == SQL_SHOW_VIEWS) {
        return show_names(context, kind == SQL_SHOW_VIEWS, text);
    }
    const struct sl_catalog_table *table;
    SL_TRY(sql_find_table(context, &statement->show.name, &table));
    if ((kind == SQL_SHOW_CREATE_VIEW) != (table->view_query != NULL)) {
        return sql_fail(context, statement->show.name.span, SL_SEMANTIC, "'%s' is a %s",
                        table->name, table->view_query != NULL ? "view" : "table");
    }
    struct sl_text out;
    sl_text_init(&out, context->arena->account, 0);
    sql_print_create(&out, table, true);
    return sql_text_take(context, &out, text);
}

static enum sl_status describe_extras(struct sql_context *context,
                                      const struct sl_catalog_column *column, const char **extras)
{
    *extras = "";
    if (column->kind == SL_COLUMN_COMPUTED) {
        SQL_FORMAT(context, *extras, "AS %s", column->expression);
    } else if (column->kind == SL_COLUMN_METADATA) {
        SQL_FORMAT(context, *extras, "METADATA FROM '%s'%s", column->metadata_key,
                   column->is_virtual ? " VIRTUAL" : "");
    }
    return SL_OK;
}

static enum sl_status primary_key_text(struct sql_context *context,
                                       const struct sl_catalog_table *table, uint32_t column,
                                       const char **key)
{
    struct sl_text text;
    bool is_part = false;
    sl_text_init(&text, context->arena->account, 0);
    for (uint32_t i = 0; i < table->primary_key_count; i++) {
        is_part = is_part || table->primary_key[i] == column;
        sl_text_printf(&text, "%s%s", i == 0 ? "PRI(" : ", ",
                       table->columns[table->primary_key[i]].name);
    }
    sl_text_append_char(&text, ')');
    SL_TRY(sql_text_take(context, &text, key));
    *key = is_part ? *key : "";
    return SL_OK;
}

static enum sl_status type_cell(struct sql_context *context, struct sl_type type, bool is_rowtime,
                                const char **cell)
{
    char text[SL_TYPE_TEXT_BYTES];
    type.nullable = true; /* it has a column of its own */
    SQL_FORMAT(context, *cell, "%s%s", sl_type_format(&type, text, sizeof text),
               is_rowtime ? " *ROWTIME*" : "");
    return SL_OK;
}

static enum sl_status describe_table(struct grid *grid, const struct sl_catalog_table *table)
{
    struct sql_context *context = grid->context;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct sl_catalog_column *column = &table->columns[i];
        bool is_rowtime = table->rowtime != NULL && strcmp(table->rowtime, column->name) == 0;
        const char *cells[CELLS_MAX] = {column->name};
        SL_TRY(type_cell(context, column->type, is_rowtime, &cells[1]));
        cells[2] = column->type.nullable ? "TRUE" : "FALSE";
        SL_TRY(primary_key_text(context, table, i, &cells[3]));
        SL_TRY(describe_extras(context, column, &cells[4]));
        cells[5] = is_rowtime ? table->watermark : "";
        grid_add(grid, cells);
    }
    return SL_OK;
}

static enum sl_status describe_fields(struct grid *grid, const struct sql_logical *plan)
{
    for (uint32_t i = 0; i < plan->field_count; i++) {
        const struct sql_field *field = &plan->fields[i];
        bool is_time = field->role == SQL_ROLE_ROWTIME || field->role == SQL_ROLE_WINDOW_TIME;
        const char *cells[CELLS_MAX] = {field->name, "", field->type.nullable ? "TRUE" : "FALSE",
                                        "",          "", ""};
        SL_TRY(type_cell(grid->context, field->type, is_time, &cells[1]));
        grid_add(grid, cells);
    }
    return SL_OK;
}

enum sl_status sql_describe(struct sql_context *context, const struct sql_statement *statement,
                            const char **text)
{
    static const char *const head[CELLS_MAX] = {"name", "type",   "null",
                                                "key",  "extras", "watermark"};
    const struct sl_catalog_table *table;
    struct grid grid;
    SL_TRY(sql_find_table(context, &statement->describe.name, &table));
    SL_TRY(grid_init(context, &grid, table->column_count, head, CELLS_MAX));
    if (table->view_query == NULL) {
        SL_TRY(describe_table(&grid, table));
    } else {
        struct sql_logical *plan;
        const char *name;
        SL_TRY(sql_bind_named(context, &statement->describe.name, NULL, &plan, &name));
        SL_TRY(describe_fields(&grid, plan));
    }
    return grid_render(&grid, text);
}
