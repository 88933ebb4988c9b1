/* SPDX-License-Identifier: Apache-2.0
 *
 * A window aggregate assigns its rows to windows by itself, so the window below it is taken out of
 * the plan and its time column is carried up to the aggregate instead. */
#include "bind.h"

struct strip {
    struct sql_logical *node;
    int32_t *mapping;              /* of the fields before; -1 = a window's column */
    struct sql_window_spec window; /* rowtime is a column of node */
};

static enum sl_status new_mapping(struct sql_context *context, const struct sql_logical *before,
                                  struct strip *strip)
{
    SQL_NEW(context, strip->mapping, before->field_count);
    for (uint32_t i = 0; i < before->field_count; i++) {
        strip->mapping[i] = (int32_t)i;
    }
    return SL_OK;
}

static enum sl_status strip_window(struct sql_context *context, struct sql_logical *node,
                                   struct strip *strip)
{
    strip->node = node->input;
    strip->window = node->window;
    SL_TRY(new_mapping(context, node, strip));
    for (uint32_t i = node->input->field_count; i < node->field_count; i++) {
        strip->mapping[i] = -1;
    }
    return SL_OK;
}

/* Windows of windows: rows of a tumbling aggregate lie in the same window again by window_time. */
static enum sl_status strip_aggregate(struct sql_context *context, struct sql_logical *node,
                                      struct strip *strip)
{
    if (node->window.size_ms != node->window.slide_ms) {
        return sql_refuse(context, node->span,
                          "grouping the rows of a HOP aggregate by its windows again");
    }
    uint32_t rowtime = node->field_count - 1;
    strip->node = node;
    strip->window = node->window;
    strip->window.rowtime = rowtime;
    SL_TRY(new_mapping(context, node, strip));
    for (uint32_t i = rowtime - 2; i <= rowtime; i++) {
        strip->mapping[i] = -1;
    }
    return SL_OK;
}

/* Columns of the stripped plan in the place of the old ones. */
static enum sl_status replace(struct sql_context *context, const struct sql_logical *before,
                              const struct strip *below, struct sql_bound *bound,
                              struct sql_bound **result)
{
    struct sql_bound **columns;
    bool *used;
    SQL_NEW(context, columns, before->field_count);
    SQL_NEW(context, used, before->field_count);
    sql_bound_columns(bound, used);
    for (uint32_t i = 0; i < before->field_count; i++) {
        if (used[i] && below->mapping[i] < 0) {
            return sql_fail(context, bound->span, SL_UNSUPPORTED,
                            "'%s' inside a window aggregation is not supported yet, but as a key "
                            "of GROUP BY",
                            before->fields[i].name);
        }
        if (used[i]) {
            SL_TRY(sql_make_column(context, bound->span, below->node->fields,
                                   (uint32_t)below->mapping[i], &columns[i]));
        }
    }
    return sql_substitute(context, bound, columns, result);
}

static enum sl_status strip_node(struct sql_context *context, struct sql_logical *node,
                                 struct strip *strip);

static enum sl_status strip_filter(struct sql_context *context, struct sql_logical *node,
                                   struct strip *strip)
{
    struct sql_bounds conjuncts = {0};
    SL_TRY(strip_node(context, node->input, strip));
    for (uint32_t i = 0; i < node->exprs.count; i++) {
        struct sql_bound *conjunct;
        SL_TRY(replace(context, node->input, strip, node->exprs.items[i], &conjunct));
        SL_TRY(sql_bounds_add(context, &conjuncts, conjunct));
    }
    return sql_logical_filter(context, strip->node, conjuncts, &strip->node);
}

static enum sl_status strip_project(struct sql_context *context, struct sql_logical *node,
                                    struct strip *strip)
{
    struct strip below;
    struct sql_bounds exprs = {0};
    const char **names;
    SL_TRY(strip_node(context, node->input, &below));
    SL_TRY(new_mapping(context, node, strip));
    SQL_NEW(context, names, node->field_count + 1);
    for (uint32_t i = 0; i < node->field_count; i++) {
        struct sql_bound *expr = node->exprs.items[i];
        bool is_window = expr->kind == SQL_BOUND_COLUMN && below.mapping[expr->column] < 0;
        strip->mapping[i] = is_window ? -1 : (int32_t)exprs.count;
        if (!is_window) {
            names[exprs.count] = node->fields[i].name;
            SL_TRY(replace(context, node->input, &below, expr, &expr));
            SL_TRY(sql_bounds_add(context, &exprs, expr));
        }
    }
    strip->window = below.window;
    strip->window.rowtime = exprs.count;
    names[exprs.count] = below.node->fields[below.window.rowtime].name;
    struct sql_bound *rowtime;
    SL_TRY(
        sql_make_column(context, node->span, below.node->fields, below.window.rowtime, &rowtime));
    SL_TRY(sql_bounds_add(context, &exprs, rowtime));
    return sql_logical_project(context, below.node, exprs, names, &strip->node);
}

static enum sl_status strip_node(struct sql_context *context, struct sql_logical *node,
                                 struct strip *strip)
{
    switch (node->kind) {
    case SQL_LOGICAL_WINDOW:
        return strip_window(context, node, strip);
    case SQL_LOGICAL_FILTER:
        return strip_filter(context, node, strip);
    case SQL_LOGICAL_PROJECT:
        return strip_project(context, node, strip);
    case SQL_LOGICAL_AGGREGATE:
        if (node->is_windowed) {
            return strip_aggregate(context, node, strip);
        }
        break;
    default:
        break;
    }
    return sql_refuse(context, node->span, "grouping by this window again");
}

enum sl_status sql_strip_window(struct sql_context *context, struct sql_logical *input,
                                struct sql_logical **result, int32_t **mapping,
                                struct sql_window_spec *spec)
{
    struct strip strip;
    SL_TRY(strip_node(context, input, &strip));
    *result = strip.node;
    *mapping = strip.mapping;
    *spec = strip.window;
    return SL_OK;
}
