/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements as SQL text, without the semicolon. CREATE TABLE and a statement set take several
 * lines, everything else one. */
#include "unparse.h"

#include <string.h>

void sql_unparse_option(struct sl_text *text, const struct sql_option *option)
{
    sql_unparse_string(text, option->key, strlen(option->key));
    sl_text_append_string(text, " = ");
    sql_unparse_string(text, option->value, strlen(option->value));
}

static void put_comment(struct sl_text *text, const char *comment)
{
    if (comment != NULL) {
        sl_text_append_string(text, " COMMENT ");
        sql_unparse_string(text, comment, strlen(comment));
    }
}

static void put_column(struct sl_text *text, const struct sql_column *column)
{
    sql_unparse_name(text, column->name.text);
    sl_text_append_char(text, ' ');
    if (column->kind == SQL_COLUMN_COMPUTED) {
        sl_text_append_string(text, "AS ");
        sql_unparse_expr(text, column->expr);
    } else {
        sql_unparse_type(text, &column->type);
    }
    if (column->kind == SQL_COLUMN_METADATA) {
        sl_text_append_string(text, " METADATA");
        if (column->metadata_key != NULL) {
            sl_text_append_string(text, " FROM ");
            sql_unparse_string(text, column->metadata_key, strlen(column->metadata_key));
        }
        sl_text_append_string(text, column->is_virtual ? " VIRTUAL" : "");
    }
    put_comment(text, column->comment);
}

static void put_elements(struct sl_text *text, const struct sql_create_table *create)
{
    const char *separator = "\n  ";
    for (uint32_t i = 0; i < create->column_count; i++) {
        sl_text_append_string(text, separator);
        put_column(text, &create->columns[i]);
        separator = ",\n  ";
    }
    if (create->watermark != NULL) {
        sl_text_printf(text, "%sWATERMARK FOR ", separator);
        sql_unparse_path(text, &create->watermark->column);
        sl_text_append_string(text, " AS ");
        sql_unparse_expr(text, create->watermark->expr);
        separator = ",\n  ";
    }
    if (create->primary_key.count > 0) {
        sl_text_printf(text, "%sPRIMARY KEY ", separator);
        sql_unparse_name_list(text, &create->primary_key);
        sl_text_append_string(text, " NOT ENFORCED");
    }
}

static void put_create_table(struct sl_text *text, const struct sql_create_table *create)
{
    sl_text_printf(text, "CREATE %sTABLE %s", create->temporary ? "TEMPORARY " : "",
                   create->if_not_exists ? "IF NOT EXISTS " : "");
    sql_unparse_path(text, &create->name);
    sl_text_append_string(text, " (");
    put_elements(text, create);
    sl_text_append_string(text, "\n)");
    put_comment(text, create->comment);
    if (create->partition_by.count > 0) {
        sl_text_append_string(text, " PARTITIONED BY ");
        sql_unparse_name_list(text, &create->partition_by);
    }
    for (uint32_t i = 0; i < create->options.count; i++) {
        sl_text_append_string(text, i == 0 ? " WITH (\n  " : ",\n  ");
        sql_unparse_option(text, &create->options.items[i]);
    }
    sl_text_append_string(text, create->options.count > 0 ? "\n)" : "");
}

static void put_create_view(struct sl_text *text, const struct sql_create_view *create)
{
    sl_text_printf(text, "CREATE %sVIEW %s", create->temporary ? "TEMPORARY " : "",
                   create->if_not_exists ? "IF NOT EXISTS " : "");
    sql_unparse_path(text, &create->name);
    if (create->columns.count > 0) {
        sl_text_append_char(text, ' ');
        sql_unparse_name_list(text, &create->columns);
    }
    put_comment(text, create->comment);
    sl_text_append_string(text, " AS ");
    sql_unparse_query(text, create->query);
}

static void put_drop(struct sl_text *text, const struct sql_statement *statement)
{
    sl_text_printf(text, "DROP %s%s %s", statement->drop.temporary ? "TEMPORARY " : "",
                   statement->kind == SQL_STATEMENT_DROP_TABLE ? "TABLE" : "VIEW",
                   statement->drop.if_exists ? "IF EXISTS " : "");
    sql_unparse_path(text, &statement->drop.name);
}

static void put_insert(struct sl_text *text, const struct sql_insert *insert)
{
    sl_text_append_string(text, "INSERT INTO ");
    sql_unparse_path(text, &insert->table);
    sql_unparse_hints(text, &insert->hints);
    sl_text_append_char(text, ' ');
    if (insert->columns.count > 0) {
        sql_unparse_name_list(text, &insert->columns);
        sl_text_append_char(text, ' ');
    }
    sql_unparse_query(text, insert->query);
}

static void put_inserts(struct sl_text *text, const struct sql_statement *statement)
{
    sl_text_append_string(text, "STATEMENT SET BEGIN\n");
    for (uint32_t i = 0; i < statement->set_of_inserts.count; i++) {
        put_insert(text, &statement->set_of_inserts.items[i].insert);
        sl_text_append_string(text, ";\n");
    }
    sl_text_append_string(text, "END");
}

static void put_setting(struct sl_text *text, const struct sql_statement *statement)
{
    const struct sql_option *option = &statement->set.option;
    sl_text_append_string(text, statement->kind == SQL_STATEMENT_SET ? "SET" : "RESET");
    if (option->key == NULL) {
        return;
    }
    sl_text_append_char(text, ' ');
    if (statement->kind == SQL_STATEMENT_SET) {
        sql_unparse_option(text, option);
    } else {
        sql_unparse_string(text, option->key, strlen(option->key));
    }
}

static void put_explain(struct sl_text *text, const struct sql_statement *statement)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } details[] = {
        {SQL_EXPLAIN_ESTIMATED_COST, "ESTIMATED_COST"},
        {SQL_EXPLAIN_CHANGELOG_MODE, "CHANGELOG_MODE"},
        {SQL_EXPLAIN_PLAN_ADVICE, "PLAN_ADVICE"},
        {SQL_EXPLAIN_JSON_EXECUTION_PLAN, "JSON_EXECUTION_PLAN"},
    };
    const struct sql_statement *inner = statement->explain.statement;
    const char *separator = " ";
    sl_text_append_string(text, "EXPLAIN");
    for (size_t i = 0; i < SL_COUNT_OF(details); i++) {
        if ((statement->explain.details & details[i].bit) != 0) {
            sl_text_printf(text, "%s%s", separator, details[i].word);
            separator = ", ";
        }
    }
    sl_text_append_char(text, ' ');
    if (inner->kind == SQL_STATEMENT_SET_OF_INSERTS) {
        put_inserts(text, inner);
    } else {
        sql_unparse_statement(text, inner);
    }
}

static void put_show(struct sl_text *text, const struct sql_statement *statement)
{
    static const char *const texts[] = {
        [SQL_SHOW_TABLES] = "SHOW TABLES",
        [SQL_SHOW_VIEWS] = "SHOW VIEWS",
        [SQL_SHOW_CREATE_TABLE] = "SHOW CREATE TABLE ",
        [SQL_SHOW_CREATE_VIEW] = "SHOW CREATE VIEW ",
    };
    sl_text_append_string(text, texts[statement->show.kind]);
    sql_unparse_path(text, &statement->show.name);
}

void sql_unparse_statement(struct sl_text *text, const struct sql_statement *statement)
{
    switch (statement->kind) {
    case SQL_STATEMENT_CREATE_TABLE:
        put_create_table(text, &statement->create_table);
        break;
    case SQL_STATEMENT_CREATE_VIEW:
        put_create_view(text, &statement->create_view);
        break;
    case SQL_STATEMENT_DROP_TABLE:
    case SQL_STATEMENT_DROP_VIEW:
        put_drop(text, statement);
        break;
    case SQL_STATEMENT_INSERT:
        put_insert(text, &statement->insert);
        break;
    case SQL_STATEMENT_SET_OF_INSERTS:
        sl_text_append_string(text, "EXECUTE ");
        put_inserts(text, statement);
        break;
    case SQL_STATEMENT_QUERY:
        sql_unparse_query(text, statement->query);
        break;
    case SQL_STATEMENT_SET:
    case SQL_STATEMENT_RESET:
        put_setting(text, statement);
        break;
    case SQL_STATEMENT_EXPLAIN:
        put_explain(text, statement);
        break;
    case SQL_STATEMENT_SHOW:
        put_show(text, statement);
        break;
    case SQL_STATEMENT_DESCRIBE:
        sl_text_append_string(text, "DESCRIBE ");
        sql_unparse_path(text, &statement->describe.name);
        break;
    }
}
