/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: WITH, set operations, SELECT and its clauses, windows and orders. INTERSECT binds
 * tighter than UNION and EXCEPT; a query in parentheses that has nothing of its own is its body. */
#include "parser.h"

#include "parse.h"

static enum sl_status parse_set(struct sql_parser *parser, bool only_intersect,
                                struct sql_body **body);

/* VALUES is a name unless rows follow. */
static bool at_query_word(struct sql_parser *parser)
{
    if (sql_at_word(parser, "VALUES")) {
        const struct sql_token *next = sql_peek(parser, 1);
        return next->kind == SQL_TOKEN_OPEN || sql_token_is_word(next, "ROW");
    }
    return sql_at_word(parser, "SELECT") || sql_at_word(parser, "WITH");
}

bool sql_at_query(struct sql_parser *parser)
{
    static const char *const continuations[] = {"UNION", "INTERSECT", "EXCEPT", "ORDER",
                                                "LIMIT", "OFFSET",    "FETCH"};
    if (!sql_at(parser, SQL_TOKEN_OPEN)) {
        return at_query_word(parser);
    }
    /* "((SELECT 1) UNION ..." is a query, "((SELECT 1) + 1" is not: look behind the parenthesis. */
    struct sql_parser probe = *parser;
    uint32_t open = 0;
    while (open <= SQL_DEPTH_MAX && sql_accept(&probe, SQL_TOKEN_OPEN)) {
        open++; /* too deep nesting is refused soon, whatever this returns */
    }
    if (!at_query_word(&probe)) {
        return false;
    }
    while (open > 0 && open <= SQL_DEPTH_MAX && !sql_at(&probe, SQL_TOKEN_END) &&
           !sql_at(&probe, SQL_TOKEN_SEMICOLON)) {
        open += sql_at(&probe, SQL_TOKEN_OPEN);
        open -= sql_at(&probe, SQL_TOKEN_CLOSE);
        sql_take(&probe);
    }
    bool is_query = open > SQL_DEPTH_MAX || sql_at(&probe, SQL_TOKEN_CLOSE) ||
                    sql_at(&probe, SQL_TOKEN_END) || sql_at(&probe, SQL_TOKEN_SEMICOLON);
    for (size_t i = 0; i < SL_COUNT_OF(continuations); i++) {
        is_query = is_query || sql_at_word(&probe, continuations[i]);
    }
    return is_query;
}

enum sl_status sql_parse_order_list(struct sql_parser *parser, struct sql_order_list *list)
{
    *list = (struct sql_order_list){0};
    do {
        struct sql_order_item item = {0};
        SL_TRY(sql_parse_expr(parser, &item.expr));
        item.descending = sql_accept_word(parser, "DESC");
        if (!item.descending) {
            sql_accept_word(parser, "ASC");
        }
        item.nulls_first = sql_accept_words(parser, "NULLS", "FIRST");
        item.nulls_given = item.nulls_first || sql_accept_words(parser, "NULLS", "LAST");
        SQL_APPEND(parser, list->items, list->count, item);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return SL_OK;
}

static enum sl_status parse_frame_bound(struct sql_parser *parser, enum sql_frame_bound *bound,
                                        struct sql_expr **offset)
{
    if (sql_accept_words(parser, "CURRENT", "ROW")) {
        *bound = SQL_CURRENT_ROW;
        return SL_OK;
    }
    bool unbounded = sql_accept_word(parser, "UNBOUNDED");
    if (!unbounded) {
        SL_TRY(sql_parse_operand(parser, offset));
    }
    if (sql_accept_word(parser, "PRECEDING")) {
        *bound = unbounded ? SQL_UNBOUNDED_PRECEDING : SQL_PRECEDING;
        return SL_OK;
    }
    *bound = unbounded ? SQL_UNBOUNDED_FOLLOWING : SQL_FOLLOWING;
    return sql_accept_word(parser, "FOLLOWING")
               ? SL_OK
               : sql_unexpected(parser, "'PRECEDING' or 'FOLLOWING'");
}

/* Behind ROWS or RANGE. */
static enum sl_status parse_frame(struct sql_parser *parser, struct sql_window *window)
{
    window->frame_given = true;
    window->frame_end = SQL_CURRENT_ROW;
    if (!sql_accept_word(parser, "BETWEEN")) {
        return parse_frame_bound(parser, &window->frame_start, &window->start_offset);
    }
    SL_TRY(parse_frame_bound(parser, &window->frame_start, &window->start_offset));
    SL_TRY(sql_expect_word(parser, "AND"));
    return parse_frame_bound(parser, &window->frame_end, &window->end_offset);
}

enum sl_status sql_parse_window(struct sql_parser *parser, struct sql_window *window)
{
    *window = (struct sql_window){.span = sql_span_here(parser)};
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    if (!sql_at(parser, SQL_TOKEN_CLOSE) && !sql_at_words(parser, "PARTITION", "BY") &&
        !sql_at_words(parser, "ORDER", "BY") && !sql_at_word(parser, "ROWS") &&
        !sql_at_word(parser, "RANGE")) {
        SL_TRY(
            sql_parse_name(parser, "'PARTITION BY', 'ORDER BY' or a window name", &window->name));
    }
    if (sql_accept_words(parser, "PARTITION", "BY")) {
        SL_TRY(sql_parse_expr_list(parser, &window->partition_by));
    }
    if (sql_accept_words(parser, "ORDER", "BY")) {
        SL_TRY(sql_parse_order_list(parser, &window->order_by));
    }
    window->frame_rows = sql_at_word(parser, "ROWS");
    if (sql_accept_word(parser, "ROWS") || sql_accept_word(parser, "RANGE")) {
        SL_TRY(parse_frame(parser, window));
    }
    SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    window->span = sql_span_from(parser, window->span);
    return SL_OK;
}

/* t.*, a.b.*: a path that ends in a star. */
static bool at_qualified_star(struct sql_parser *parser)
{
    struct sql_parser probe = *parser;
    while (sql_peek(&probe, 1)->kind == SQL_TOKEN_DOT &&
           (sql_at(&probe, SQL_TOKEN_WORD) || sql_at(&probe, SQL_TOKEN_QUOTED))) {
        sql_take(&probe);
        sql_take(&probe);
        if (sql_at(&probe, SQL_TOKEN_STAR)) {
            return true;
        }
    }
    return false;
}

static enum sl_status parse_star(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_STAR, sql_span_here(parser), expr));
    struct sql_path *path = &(*expr)->star;
    path->span = (*expr)->span;
    while (!sql_accept(parser, SQL_TOKEN_STAR)) {
        struct sql_name name = {0};
        SL_TRY(sql_parse_any_name(parser, "a name", &name));
        SQL_APPEND(parser, path->parts, path->count, name);
        path->span = sql_span_from(parser, path->span);
        SL_TRY(sql_expect(parser, SQL_TOKEN_DOT));
    }
    (*expr)->span = sql_span_from(parser, (*expr)->span);
    return SL_OK;
}

static enum sl_status parse_items(struct sql_parser *parser, struct sql_select *select)
{
    uint32_t before = parser->operator_count;
    uint32_t most = before;
    do {
        struct sql_select_item item = {0};
        parser->operator_count = before; /* siblings do not stack */
        if (sql_at(parser, SQL_TOKEN_STAR) || at_qualified_star(parser)) {
            SL_TRY(parse_star(parser, &item.expr));
        } else {
            SL_TRY(sql_parse_expr(parser, &item.expr));
            SL_TRY(sql_parse_alias(parser, &item.alias));
        }
        SQL_APPEND(parser, select->items, select->item_count, item);
        most = SL_MAX(most, parser->operator_count);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    parser->operator_count = most;
    return SL_OK;
}

static enum sl_status parse_group_by(struct sql_parser *parser, struct sql_select *select)
{
    do {
        struct sql_expr *item = NULL;
        bool is_set = (sql_at_word(parser, "CUBE") || sql_at_word(parser, "ROLLUP")) &&
                      sql_peek(parser, 1)->kind == SQL_TOKEN_OPEN;
        if (is_set || sql_at_words(parser, "GROUPING", "SETS")) {
            return sql_unsupported(parser, sql_span_here(parser), "GROUPING SETS, CUBE or ROLLUP");
        }
        if (sql_at(parser, SQL_TOKEN_OPEN) && sql_peek(parser, 1)->kind == SQL_TOKEN_CLOSE) {
            return sql_unsupported(parser, sql_span_here(parser), "GROUP BY ()");
        }
        SL_TRY(sql_parse_expr(parser, &item));
        SQL_APPEND(parser, select->group_by.items, select->group_by.count, item);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return SL_OK;
}

static enum sl_status parse_windows(struct sql_parser *parser, struct sql_select *select)
{
    do {
        struct sql_window window = {0};
        struct sql_name name = {0};
        SL_TRY(sql_parse_name(parser, "a window name", &name));
        SL_TRY(sql_expect_word(parser, "AS"));
        SL_TRY(sql_parse_window(parser, &window));
        if (window.name.text != NULL) {
            return sql_unsupported(parser, window.name.span, "a window based on another window");
        }
        window.name = name;
        SQL_APPEND(parser, select->windows, select->window_count, window);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return SL_OK;
}

/* From FROM to the end of the SELECT. */
static enum sl_status parse_clauses(struct sql_parser *parser, struct sql_select *select)
{
    if (sql_accept_word(parser, "FROM")) {
        SL_TRY(sql_parse_from(parser, &select->from));
    }
    if (sql_accept_word(parser, "WHERE")) {
        SL_TRY(sql_parse_expr(parser, &select->where));
    }
    if (sql_accept_words(parser, "GROUP", "BY")) {
        SL_TRY(parse_group_by(parser, select));
    }
    if (sql_accept_word(parser, "HAVING")) {
        SL_TRY(sql_parse_expr(parser, &select->having));
    }
    if (sql_accept_word(parser, "WINDOW")) {
        SL_TRY(parse_windows(parser, select));
    }
    if (sql_at_word(parser, "QUALIFY")) {
        return sql_unsupported(parser, sql_span_here(parser), "QUALIFY");
    }
    return SL_OK;
}

static enum sl_status parse_select(struct sql_parser *parser, struct sql_body *body)
{
    struct sql_select *select = SL_ARENA_NEW(parser->arena, struct sql_select);
    if (select == NULL) {
        return sql_no_memory(parser);
    }
    body->kind = SQL_BODY_SELECT;
    body->select = select;
    select->span = sql_span_here(parser);
    sql_take(parser);
    SL_TRY(sql_parse_hints(parser, &select->hints));
    select->distinct = sql_accept_word(parser, "DISTINCT");
    if (!select->distinct && sql_peek(parser, 1)->kind != SQL_TOKEN_COMMA) {
        sql_accept_word(parser, "ALL");
    }
    SL_TRY(parse_items(parser, select));
    SL_TRY(parse_clauses(parser, select));
    select->span = sql_span_from(parser, select->span);
    return SL_OK;
}

static enum sl_status parse_values(struct sql_parser *parser, struct sql_body *body)
{
    body->kind = SQL_BODY_VALUES;
    sql_take(parser);
    do {
        struct sql_expr *row = NULL;
        struct sql_span start = sql_span_here(parser);
        SL_TRY(sql_new_expr(parser, SQL_EXPR_ROW, start, &row));
        sql_accept_word(parser, "ROW");
        SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
        SL_TRY(sql_parse_expr_list(parser, &row->list));
        if (!sql_accept(parser, SQL_TOKEN_CLOSE)) {
            return sql_unexpected(parser, "',' or ')'");
        }
        row->span = sql_span_from(parser, start);
        SQL_APPEND(parser, body->values.items, body->values.count, row);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return SL_OK;
}

static bool is_plain(const struct sql_query *query)
{
    return query->with_count == 0 && query->order_by.count == 0 && query->limit == NULL &&
           query->offset == NULL;
}

/* SELECT, VALUES or ( query ). */
static enum sl_status parse_body(struct sql_parser *parser, struct sql_body **body)
{
    *body = SL_ARENA_NEW(parser->arena, struct sql_body);
    if (*body == NULL) {
        return sql_no_memory(parser);
    }
    struct sql_body *node = *body;
    node->span = sql_span_here(parser);
    if (sql_at_word(parser, "SELECT")) {
        SL_TRY(parse_select(parser, node));
    } else if (sql_at_word(parser, "VALUES")) {
        SL_TRY(parse_values(parser, node));
    } else if (sql_accept(parser, SQL_TOKEN_OPEN)) {
        node->kind = SQL_BODY_QUERY;
        SL_TRY(sql_parse_query(parser, &node->query));
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
        if (is_plain(node->query)) {
            *body = node->query->body;
            return SL_OK;
        }
    } else {
        return sql_unexpected(parser, "a query (SELECT, VALUES or WITH)");
    }
    node->span = sql_span_from(parser, node->span);
    return SL_OK;
}

/* Whether a set operation that binds tightly enough is next, and which. */
static bool at_set_operation(struct sql_parser *parser, bool only_intersect,
                             enum sql_body_kind *kind)
{
    *kind = sql_at_word(parser, "INTERSECT") ? SQL_BODY_INTERSECT
            : sql_at_word(parser, "UNION")   ? SQL_BODY_UNION
                                             : SQL_BODY_EXCEPT;
    return *kind == SQL_BODY_INTERSECT ||
           (!only_intersect && (*kind == SQL_BODY_UNION || sql_at_word(parser, "EXCEPT")));
}

static enum sl_status parse_set(struct sql_parser *parser, bool only_intersect,
                                struct sql_body **body)
{
    struct sql_span start = sql_span_here(parser);
    enum sql_body_kind kind = SQL_BODY_UNION;
    SL_TRY(only_intersect ? parse_body(parser, body) : parse_set(parser, true, body));
    while (at_set_operation(parser, only_intersect, &kind)) {
        struct sql_body *set = SL_ARENA_NEW(parser->arena, struct sql_body);
        if (set == NULL) {
            return sql_no_memory(parser);
        }
        SL_TRY(sql_count_operator(parser));
        sql_take(parser);
        set->kind = kind;
        set->set.left = *body;
        set->set.all = sql_accept_word(parser, "ALL");
        if (!set->set.all) {
            sql_accept_word(parser, "DISTINCT");
        }
        SL_TRY(kind == SQL_BODY_INTERSECT ? parse_body(parser, &set->set.right)
                                          : parse_set(parser, true, &set->set.right));
        set->span = sql_span_from(parser, start);
        *body = set;
    }
    return SL_OK;
}

static enum sl_status parse_with(struct sql_parser *parser, struct sql_query *query)
{
    if (sql_at_word(parser, "RECURSIVE")) {
        return sql_unsupported(parser, sql_span_here(parser), "WITH RECURSIVE");
    }
    do {
        struct sql_with_item item = {0};
        SL_TRY(sql_parse_name(parser, "a name after 'WITH'", &item.name));
        if (sql_at(parser, SQL_TOKEN_OPEN)) {
            SL_TRY(sql_parse_name_list(parser, &item.columns));
        }
        SL_TRY(sql_expect_word(parser, "AS"));
        SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
        SL_TRY(sql_parse_query(parser, &item.query));
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
        SQL_APPEND(parser, query->with, query->with_count, item);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return SL_OK;
}

static enum sl_status accept_row_word(struct sql_parser *parser, const char *expected)
{
    return sql_accept_word(parser, "ROW") || sql_accept_word(parser, "ROWS")
               ? SL_OK
               : sql_unexpected(parser, expected);
}

/* LIMIT, OFFSET and FETCH. */
static enum sl_status parse_limit(struct sql_parser *parser, struct sql_query *query)
{
    if (sql_accept_word(parser, "LIMIT") && !sql_accept_word(parser, "ALL")) {
        SL_TRY(sql_parse_operand(parser, &query->limit));
    }
    if (sql_accept_word(parser, "OFFSET")) {
        SL_TRY(sql_parse_operand(parser, &query->offset));
        if (!sql_accept_word(parser, "ROWS")) {
            sql_accept_word(parser, "ROW");
        }
    }
    struct sql_span fetch_span = sql_span_here(parser);
    if (!sql_accept_word(parser, "FETCH")) {
        return SL_OK;
    }
    if (query->limit != NULL) {
        return sql_fail_span(parser, SL_SYNTAX, fetch_span, "LIMIT and FETCH exclude each other");
    }
    if (!sql_accept_word(parser, "FIRST") && !sql_accept_word(parser, "NEXT")) {
        return sql_unexpected(parser, "'FIRST' or 'NEXT' after 'FETCH'");
    }
    if (sql_at_word(parser, "ROW") || sql_at_word(parser, "ROWS")) {
        SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, fetch_span, &query->limit));
        query->limit->literal.type = sl_type_not_null(sl_type_of(SL_TYPE_INT));
        query->limit->literal.integer = 1;
    } else {
        SL_TRY(sql_parse_operand(parser, &query->limit));
    }
    SL_TRY(accept_row_word(parser, "'ROW' or 'ROWS'"));
    return sql_expect_word(parser, "ONLY");
}

enum sl_status sql_parse_query(struct sql_parser *parser, struct sql_query **query)
{
    *query = SL_ARENA_NEW(parser->arena, struct sql_query);
    if (*query == NULL) {
        return sql_no_memory(parser);
    }
    struct sql_query *node = *query;
    node->span = sql_span_here(parser);
    uint32_t case_depth = parser->case_depth;
    parser->case_depth = 0;
    SL_TRY(sql_enter(parser));
    if (sql_accept_word(parser, "WITH")) {
        SL_TRY(parse_with(parser, node));
    }
    SL_TRY(parse_set(parser, false, &node->body));
    if (sql_accept_words(parser, "ORDER", "BY")) {
        SL_TRY(sql_parse_order_list(parser, &node->order_by));
    }
    SL_TRY(parse_limit(parser, node));
    sql_leave(parser);
    parser->case_depth = case_depth;
    node->span = sql_span_from(parser, node->span);
    return SL_OK;
}
