/* SPDX-License-Identifier: Apache-2.0
 *
 * Catalog entries as CREATE statements: for SHOW CREATE with comments and with secrets masked, for
 * the digest of a job's SQL without comments and with options as they are. */
#include "compile.h"
#include "unparse.h"

#include <string.h>

static void print_comment(struct sl_text *text, const char *comment)
{
    if (comment != NULL) {
        sl_text_append_string(text, " COMMENT ");
        sql_unparse_string(text, comment, strlen(comment));
    }
}

static void print_column(struct sl_text *text, const struct sl_catalog_column *column)
{
    sql_unparse_name(text, column->name);
    if (column->kind == SL_COLUMN_COMPUTED) {
        sl_text_printf(text, " AS %s", column->expression);
        return;
    }
    sl_text_append_char(text, ' ');
    sql_unparse_type(text, &column->type);
    if (column->kind == SL_COLUMN_METADATA) {
        sl_text_append_string(text, " METADATA FROM ");
        sql_unparse_string(text, column->metadata_key, strlen(column->metadata_key));
        sl_text_append_string(text, column->is_virtual ? " VIRTUAL" : "");
    }
}

static void print_constraints(struct sl_text *text, const struct sl_catalog_table *table)
{
    if (table->watermark != NULL) {
        sl_text_append_string(text, ",\n  WATERMARK FOR ");
        sql_unparse_name(text, table->rowtime);
        sl_text_printf(text, " AS %s", table->watermark);
    }
    if (table->primary_key_count > 0) {
        sl_text_append_string(text, ",\n  PRIMARY KEY (");
        for (uint32_t i = 0; i < table->primary_key_count; i++) {
            sl_text_append_string(text, i == 0 ? "" : ", ");
            sql_unparse_name(text, table->columns[table->primary_key[i]].name);
        }
        sl_text_append_string(text, ") NOT ENFORCED");
    }
}

static void print_options(struct sl_text *text, const struct sl_catalog_table *table, bool masked)
{
    const struct sl_option_def *tables[2] = {NULL, NULL};
    if (table->connector != NULL) {
        tables[0] = table->connector->options;
    }
    sl_text_append_string(text, " WITH (");
    for (uint32_t i = 0; i < table->options.count; i++) {
        const struct sl_option *option = &table->options.items[i];
        const char *value = masked ? sl_option_masked(tables, option) : option->value;
        sl_text_append_string(text, i == 0 ? "\n  " : ",\n  ");
        sql_unparse_string(text, option->name, strlen(option->name));
        sl_text_append_string(text, " = ");
        sql_unparse_string(text, value, strlen(value));
    }
    sl_text_append_string(text, "\n)");
}

static void print_view(struct sl_text *text, const struct sl_catalog_table *view,
                       bool is_for_people)
{
    sl_text_append_string(text, " (");
    for (uint32_t i = 0; i < view->column_count; i++) {
        sl_text_append_string(text, i == 0 ? "" : ", ");
        sql_unparse_name(text, view->columns[i].name);
    }
    sl_text_append_char(text, ')');
    print_comment(text, is_for_people ? view->comment : NULL);
    sl_text_printf(text, " AS %s\n", view->view_query);
}

void sql_print_create(struct sl_text *text, const struct sl_catalog_table *table,
                      bool is_for_people)
{
    bool is_view = table->view_query != NULL;
    sl_text_printf(text, "CREATE %s%s ", table->is_temporary ? "TEMPORARY " : "",
                   is_view ? "VIEW" : "TABLE");
    sql_unparse_name(text, table->name);
    if (is_view) {
        print_view(text, table, is_for_people);
        return;
    }
    sl_text_append_string(text, " (");
    for (uint32_t i = 0; i < table->column_count; i++) {
        sl_text_append_string(text, i == 0 ? "\n  " : ",\n  ");
        print_column(text, &table->columns[i]);
        print_comment(text, is_for_people ? table->columns[i].comment : NULL);
    }
    print_constraints(text, table);
    sl_text_append_string(text, "\n)");
    print_comment(text, is_for_people ? table->comment : NULL);
    if (table->options.count > 0) {
        print_options(text, table, is_for_people);
    }
    sl_text_append_char(text, '\n');
}
