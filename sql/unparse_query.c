/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries as SQL text, on one line. */
#include "unparse.h"

void sql_unparse_order_list(struct sl_text *text, const struct sql_order_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct sql_order_item *item = &list->items[i];
        sl_text_append_string(text, i > 0 ? ", " : "");
        sql_unparse_expr(text, item->expr);
        sl_text_append_string(text, item->descending ? " DESC" : "");
        if (item->nulls_given) {
            sl_text_append_string(text, item->nulls_first ? " NULLS FIRST" : " NULLS LAST");
        }
    }
}

static void put_bound(struct sl_text *text, enum sql_frame_bound bound,
                      const struct sql_expr *offset)
{
    static const char *const texts[] = {
        [SQL_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING",
        [SQL_PRECEDING] = " PRECEDING",
        [SQL_CURRENT_ROW] = "CURRENT ROW",
        [SQL_FOLLOWING] = " FOLLOWING",
        [SQL_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING",
    };
    if (offset != NULL) {
        sql_unparse_operand(text, offset);
    }
    sl_text_append_string(text, texts[bound]);
}

static void put_window(struct sl_text *text, const struct sql_window *window, const char *name)
{
    const char *blank = "";
    sl_text_append_char(text, '(');
    if (name != NULL) {
        sql_unparse_name(text, name);
        blank = " ";
    }
    if (window->partition_by.count > 0) {
        sl_text_printf(text, "%sPARTITION BY ", blank);
        sql_unparse_expr_list(text, &window->partition_by);
        blank = " ";
    }
    if (window->order_by.count > 0) {
        sl_text_printf(text, "%sORDER BY ", blank);
        sql_unparse_order_list(text, &window->order_by);
        blank = " ";
    }
    if (window->frame_given) {
        sl_text_printf(text, "%s%s BETWEEN ", blank, window->frame_rows ? "ROWS" : "RANGE");
        put_bound(text, window->frame_start, window->start_offset);
        sl_text_append_string(text, " AND ");
        put_bound(text, window->frame_end, window->end_offset);
    }
    sl_text_append_char(text, ')');
}

void sql_unparse_window(struct sl_text *text, const struct sql_window *window)
{
    bool is_reference = window->name.text != NULL && window->partition_by.count == 0 &&
                        window->order_by.count == 0 && !window->frame_given;
    if (is_reference) {
        sql_unparse_name(text, window->name.text);
    } else {
        put_window(text, window, window->name.text);
    }
}

void sql_unparse_hints(struct sl_text *text, const struct sql_hint_list *hints)
{
    if (hints->count == 0) {
        return;
    }
    sl_text_append_string(text, " /*+ ");
    for (uint32_t i = 0; i < hints->count; i++) {
        const struct sql_option_list *options = &hints->items[i].options;
        sl_text_append_string(text, i > 0 ? ", " : "");
        sql_unparse_name(text, hints->items[i].name.text);
        sl_text_append_string(text, options->count > 0 ? "(" : "");
        for (uint32_t k = 0; k < options->count; k++) {
            sl_text_printf(text, "%s", k > 0 ? ", " : "");
            sql_unparse_option(text, &options->items[k]);
        }
        sl_text_append_string(text, options->count > 0 ? ")" : "");
    }
    sl_text_append_string(text, " */");
}

static void put_join(struct sl_text *text, const struct sql_table *table)
{
    static const char *const texts[] = {
        [SQL_JOIN_INNER] = " JOIN ",       [SQL_JOIN_LEFT] = " LEFT JOIN ",
        [SQL_JOIN_RIGHT] = " RIGHT JOIN ", [SQL_JOIN_FULL] = " FULL JOIN ",
        [SQL_JOIN_CROSS] = " CROSS JOIN ",
    };
    const struct sql_table *right = table->join.right;
    bool enclosed = right->kind == SQL_TABLE_JOIN;
    sql_unparse_table(text, table->join.left);
    sl_text_append_string(text, table->join.natural ? " NATURAL" : "");
    sl_text_append_string(text, texts[table->join.kind]);
    sl_text_append_string(text, enclosed ? "(" : "");
    sql_unparse_table(text, right);
    sl_text_append_string(text, enclosed ? ")" : "");
    if (table->join.on != NULL) {
        sl_text_append_string(text, " ON ");
        sql_unparse_expr(text, table->join.on);
    }
    if (table->join.using_columns.count > 0) {
        sl_text_append_string(text, " USING ");
        sql_unparse_name_list(text, &table->join.using_columns);
    }
}

static void put_named(struct sl_text *text, const struct sql_table *table)
{
    sql_unparse_path(text, &table->named.path);
    sql_unparse_hints(text, &table->named.hints);
    if (table->named.as_of != NULL) {
        sl_text_append_string(text, " FOR SYSTEM_TIME AS OF ");
        sql_unparse_expr(text, table->named.as_of);
    }
}

static void put_source(struct sl_text *text, const struct sql_table *table)
{
    switch (table->kind) {
    case SQL_TABLE_NAMED:
        put_named(text, table);
        break;
    case SQL_TABLE_SUBQUERY:
        sl_text_append_string(text, table->subquery.lateral ? "LATERAL (" : "(");
        sql_unparse_query(text, table->subquery.query);
        sl_text_append_char(text, ')');
        break;
    case SQL_TABLE_FUNCTION:
        sl_text_append_string(text, table->function.lateral ? "LATERAL TABLE(" : "TABLE(");
        sql_unparse_expr(text, table->function.call);
        sl_text_append_char(text, ')');
        break;
    case SQL_TABLE_UNNEST:
        sl_text_append_string(text, "UNNEST(");
        sql_unparse_expr(text, table->unnest.value);
        sl_text_append_string(text, table->unnest.ordinality ? ") WITH ORDINALITY" : ")");
        break;
    case SQL_TABLE_JOIN:
        put_join(text, table);
        break;
    }
}

void sql_unparse_table(struct sl_text *text, const struct sql_table *table)
{
    put_source(text, table);
    if (table->alias.text != NULL) {
        sl_text_append_string(text, " AS ");
        sql_unparse_name(text, table->alias.text);
    }
    if (table->column_aliases.count > 0) {
        sl_text_append_char(text, ' ');
        sql_unparse_name_list(text, &table->column_aliases);
    }
}

static void put_items(struct sl_text *text, const struct sql_select *select)
{
    for (uint32_t i = 0; i < select->item_count; i++) {
        sl_text_append_string(text, i > 0 ? ", " : "");
        sql_unparse_expr(text, select->items[i].expr);
        if (select->items[i].alias.text != NULL) {
            sl_text_append_string(text, " AS ");
            sql_unparse_name(text, select->items[i].alias.text);
        }
    }
}

static void put_select(struct sl_text *text, const struct sql_select *select)
{
    sl_text_append_string(text, "SELECT");
    sql_unparse_hints(text, &select->hints);
    sl_text_append_string(text, select->distinct ? " DISTINCT " : " ");
    put_items(text, select);
    if (select->from != NULL) {
        sl_text_append_string(text, " FROM ");
        sql_unparse_table(text, select->from);
    }
    if (select->where != NULL) {
        sl_text_append_string(text, " WHERE ");
        sql_unparse_expr(text, select->where);
    }
    if (select->group_by.count > 0) {
        sl_text_append_string(text, " GROUP BY ");
        sql_unparse_expr_list(text, &select->group_by);
    }
    if (select->having != NULL) {
        sl_text_append_string(text, " HAVING ");
        sql_unparse_expr(text, select->having);
    }
    for (uint32_t i = 0; i < select->window_count; i++) {
        sl_text_append_string(text, i == 0 ? " WINDOW " : ", ");
        sql_unparse_name(text, select->windows[i].name.text);
        sl_text_append_string(text, " AS ");
        put_window(text, &select->windows[i], NULL);
    }
}

static void put_values(struct sl_text *text, const struct sql_expr_list *rows)
{
    sl_text_append_string(text, "VALUES ");
    for (uint32_t i = 0; i < rows->count; i++) {
        sl_text_append_string(text, i > 0 ? ", (" : "(");
        sql_unparse_expr_list(text, &rows->items[i]->list);
        sl_text_append_char(text, ')');
    }
}

static bool is_loose(const struct sql_body *body)
{
    return body->kind == SQL_BODY_UNION || body->kind == SQL_BODY_EXCEPT;
}

static void put_body(struct sl_text *text, const struct sql_body *body, bool enclosed);

static void put_set(struct sl_text *text, const struct sql_body *body)
{
    bool is_intersect = body->kind == SQL_BODY_INTERSECT;
    const struct sql_body *right = body->set.right;
    put_body(text, body->set.left, is_intersect && is_loose(body->set.left));
    sl_text_append_string(text, is_intersect                   ? " INTERSECT "
                                : body->kind == SQL_BODY_UNION ? " UNION "
                                                               : " EXCEPT ");
    sl_text_append_string(text, body->set.all ? "ALL " : "");
    put_body(text, right, is_loose(right) || (is_intersect && right->kind == SQL_BODY_INTERSECT));
}

static void put_body(struct sl_text *text, const struct sql_body *body, bool enclosed)
{
    sl_text_append_string(text, enclosed ? "(" : "");
    switch (body->kind) {
    case SQL_BODY_SELECT:
        put_select(text, body->select);
        break;
    case SQL_BODY_VALUES:
        put_values(text, &body->values);
        break;
    case SQL_BODY_QUERY:
        sl_text_append_char(text, '(');
        sql_unparse_query(text, body->query);
        sl_text_append_char(text, ')');
        break;
    default:
        put_set(text, body);
        break;
    }
    sl_text_append_string(text, enclosed ? ")" : "");
}

void sql_unparse_query(struct sl_text *text, const struct sql_query *query)
{
    for (uint32_t i = 0; i < query->with_count; i++) {
        const struct sql_with_item *item = &query->with[i];
        sl_text_append_string(text, i == 0 ? "WITH " : ", ");
        sql_unparse_name(text, item->name.text);
        if (item->columns.count > 0) {
            sl_text_append_char(text, ' ');
            sql_unparse_name_list(text, &item->columns);
        }
        sl_text_append_string(text, " AS (");
        sql_unparse_query(text, item->query);
        sl_text_append_char(text, ')');
    }
    sl_text_append_string(text, query->with_count > 0 ? " " : "");
    put_body(text, query->body, false);
    if (query->order_by.count > 0) {
        sl_text_append_string(text, " ORDER BY ");
        sql_unparse_order_list(text, &query->order_by);
    }
    if (query->limit != NULL) {
        sl_text_append_string(text, " LIMIT ");
        sql_unparse_operand(text, query->limit);
    }
    if (query->offset != NULL) {
        sl_text_append_string(text, " OFFSET ");
        sql_unparse_operand(text, query->offset);
    }
}
