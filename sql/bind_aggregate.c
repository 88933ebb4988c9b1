/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY: a projection that computes keys and arguments, the aggregate over it, and what SELECT
 * and HAVING say rewritten over the aggregate's output. Keys that are a window's start and end make
 * it a window aggregate, which ends; any other is updating. */
#include "bind.h"

struct grouping {
    struct sql_context *context;
    const struct sql_logical *input; /* what keys and arguments are bound over */
    const struct sql_grouping *asked;
    bool is_windowed;
    struct sql_bounds keys;  /* without the window's */
    struct sql_bounds calls; /* different aggregate calls */
    struct sql_bounds below; /* the projection: keys, then arguments and filters */
    struct sql_logical *node;
};

static enum sql_role key_role(const struct grouping *grouping, const struct sql_bound *key)
{
    enum sql_role role =
        key->kind == SQL_BOUND_COLUMN ? grouping->input->fields[key->column].role : SQL_ROLE_NONE;
    return role == SQL_ROLE_ROWTIME ? SQL_ROLE_NONE : role;
}

/* Windowed when both the start and the end are keys. */
static enum sl_status split_keys(struct grouping *grouping)
{
    const struct sql_bounds *keys = &grouping->asked->keys;
    bool has_start = false;
    bool has_end = false;
    for (uint32_t i = 0; i < keys->count; i++) {
        enum sql_role role = key_role(grouping, keys->items[i]);
        has_start = has_start || role == SQL_ROLE_WINDOW_START;
        has_end = has_end || role == SQL_ROLE_WINDOW_END;
    }
    grouping->is_windowed = has_start && has_end;
    for (uint32_t i = 0; i < keys->count; i++) {
        enum sql_role role = key_role(grouping, keys->items[i]);
        if (!grouping->is_windowed || role == SQL_ROLE_NONE) {
            SL_TRY(sql_bounds_add(grouping->context, &grouping->keys, keys->items[i]));
        }
    }
    return SL_OK;
}

static int32_t find(const struct sql_bounds *list, const struct sql_bound *bound)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (sql_bound_equal(list->items[i], bound)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static enum sl_status collect_calls(struct grouping *grouping, struct sql_bound *bound)
{
    if (bound->kind == SQL_BOUND_AGGREGATE) {
        return find(&grouping->calls, bound) >= 0
                   ? SL_OK
                   : sql_bounds_add(grouping->context, &grouping->calls, bound);
    }
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        SL_TRY(collect_calls(grouping, bound->arguments[i]));
    }
    return SL_OK;
}

/* The column of the projection below that computes bound. */
static enum sl_status add_below(struct grouping *grouping, struct sql_bound *bound, int32_t *column)
{
    *column = find(&grouping->below, bound);
    if (*column < 0) {
        *column = (int32_t)grouping->below.count;
        SL_TRY(sql_bounds_add(grouping->context, &grouping->below, bound));
    }
    return SL_OK;
}

static enum sl_status make_calls(struct grouping *grouping, struct sql_aggregate *calls)
{
    struct sql_context *context = grouping->context;
    for (uint32_t i = 0; i < grouping->calls.count; i++) {
        const struct sql_bound *bound = grouping->calls.items[i];
        struct sql_aggregate *call = &calls[i];
        *call = (struct sql_aggregate){.def = bound->aggregate,
                                       .argument = -1,
                                       .filter = -1,
                                       .argument_type = sl_type_of(SL_TYPE_BIGINT),
                                       .result_type = bound->type,
                                       .span = bound->span};
        if (grouping->input->changelog != SL_APPEND && !bound->aggregate->can_retract) {
            return sql_fail(context, bound->span, SL_UNSUPPORTED,
                            "%s over an updating input is not supported yet",
                            bound->aggregate->name);
        }
        if (bound->argument_count > 0) {
            call->argument_type = bound->arguments[0]->type;
            SL_TRY(add_below(grouping, bound->arguments[0], &call->argument));
        }
        if (bound->filter != NULL) {
            SL_TRY(add_below(grouping, bound->filter, &call->filter));
        }
    }
    return SL_OK;
}

static enum sl_status project_below(struct grouping *grouping, struct sql_logical *input,
                                    struct sql_logical **result)
{
    struct sql_context *context = grouping->context;
    const char **names;
    SQL_NEW(context, names, grouping->below.count);
    for (uint32_t i = 0; i < grouping->below.count; i++) {
        const struct sql_bound *bound = grouping->below.items[i];
        if (bound->kind == SQL_BOUND_COLUMN) {
            names[i] = input->fields[bound->column].name;
        } else {
            SQL_FORMAT(context, names[i], "$f%u", i);
        }
    }
    return sql_logical_project(context, input, grouping->below, names, result);
}

static enum sl_status set_fields(struct grouping *grouping)
{
    struct sql_logical *node = grouping->node;
    uint32_t window_count = grouping->is_windowed ? 3 : 0;
    SQL_NEW(grouping->context, node->fields,
            node->key_count + node->aggregate_count + window_count);
    struct sql_field *field = node->fields;
    for (uint32_t i = 0; i < node->key_count; i++) {
        *field = node->input->fields[node->keys[i]];
        field++->role = SQL_ROLE_NONE;
    }
    for (uint32_t i = 0; i < node->aggregate_count; i++) {
        SQL_FORMAT(grouping->context, field->name, "%s$%u", node->aggregates[i].def->name, i);
        field++->type = node->aggregates[i].result_type;
    }
    if (grouping->is_windowed) {
        struct sl_type plain = sl_type_not_null(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3));
        struct sl_type time = sl_type_not_null(node->input->fields[node->window.rowtime].type);
        *field++ = (struct sql_field){"window_start", plain, SQL_ROLE_WINDOW_START};
        *field++ = (struct sql_field){"window_end", plain, SQL_ROLE_WINDOW_END};
        *field++ = (struct sql_field){"window_time", time, SQL_ROLE_WINDOW_TIME};
    }
    node->field_count = (uint32_t)(field - node->fields);
    return SL_OK;
}

/* An unwindowed one follows its input's changes; a window would have to take results back. */
static enum sl_status check_changelog(struct grouping *grouping, const struct sql_logical *input)
{
    return grouping->is_windowed && input->changelog != SL_APPEND
               ? sql_refuse(grouping->context, grouping->asked->span,
                            "a window aggregate over an updating input")
               : SL_OK;
}

static enum sl_status make_node(struct grouping *grouping, struct sql_logical *input)
{
    struct sql_context *context = grouping->context;
    uint32_t *keys;
    struct sql_aggregate *calls;
    SQL_NEW(context, keys, grouping->keys.count);
    SQL_NEW(context, calls, grouping->calls.count);
    for (uint32_t i = 0; i < grouping->keys.count; i++) {
        keys[i] = i;
        SL_TRY(sql_bounds_add(context, &grouping->below, grouping->keys.items[i]));
    }
    SL_TRY(check_changelog(grouping, input));
    SL_TRY(make_calls(grouping, calls));
    struct sql_logical *below;
    struct sql_window_spec window = {0};
    SL_TRY(project_below(grouping, input, &below));
    if (grouping->is_windowed) {
        int32_t *mapping;
        SL_TRY(sql_strip_window(context, below, &below, &mapping, &window));
        for (uint32_t i = 0; i < grouping->below.count; i++) {
            if (mapping[i] < 0) {
                return sql_refuse(context, grouping->below.items[i]->span,
                                  "an aggregate over a window's own column");
            }
        }
    }
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_AGGREGATE, below, &grouping->node));
    struct sql_logical *node = grouping->node;
    node->span = sql_position(context, grouping->asked->span);
    /* Without aggregates (DISTINCT) a group comes out once, and goes only when its rows do. */
    bool is_append = grouping->is_windowed || grouping->calls.count == 0;
    node->changelog = is_append && input->changelog == SL_APPEND ? SL_APPEND : SL_RETRACT;
    node->is_windowed = grouping->is_windowed;
    node->window = window;
    node->keys = keys;
    node->key_count = grouping->keys.count;
    node->aggregates = calls;
    node->aggregate_count = grouping->calls.count;
    return set_fields(grouping);
}

/* The output column that a part of SELECT or HAVING stands for; -1 when its own parts must. */
static int32_t output_column(const struct grouping *grouping, const struct sql_bound *bound)
{
    const struct sql_logical *node = grouping->node;
    int32_t idx = find(&grouping->keys, bound);
    if (idx >= 0) {
        return idx;
    }
    if (bound->kind == SQL_BOUND_AGGREGATE) {
        return (int32_t)node->key_count + find(&grouping->calls, bound);
    }
    enum sql_role role = key_role(grouping, bound);
    if (grouping->is_windowed && role != SQL_ROLE_NONE &&
        find(&grouping->asked->keys, bound) >= 0) {
        uint32_t first = node->key_count + node->aggregate_count;
        return (int32_t)(first + (uint32_t)(role - SQL_ROLE_WINDOW_START));
    }
    return -1;
}

static enum sl_status lift(struct grouping *grouping, struct sql_bound *bound,
                           struct sql_bound **result)
{
    struct sql_context *context = grouping->context;
    int32_t column = output_column(grouping, bound);
    if (column >= 0) {
        return sql_make_column(context, bound->span, grouping->node->fields, (uint32_t)column,
                               result);
    }
    if (bound->kind == SQL_BOUND_COLUMN) {
        return sql_fail(context, bound->span, SL_SEMANTIC,
                        "column '%s' must stand in GROUP BY or inside an aggregate",
                        grouping->input->fields[bound->column].name);
    }
    *result = bound;
    if (bound->argument_count == 0) {
        return SL_OK;
    }
    struct sql_bound copy = *bound;
    SQL_NEW(context, copy.arguments, copy.argument_count);
    for (uint32_t i = 0; i < copy.argument_count; i++) {
        SL_TRY(lift(grouping, bound->arguments[i], &copy.arguments[i]));
    }
    return sql_make(context, &copy, result);
}

enum sl_status sql_bind_aggregate(struct sql_context *context, struct sql_logical *input,
                                  struct sql_grouping *asked, struct sql_logical **result)
{
    struct grouping grouping = {.context = context, .input = input, .asked = asked};
    SL_TRY(split_keys(&grouping));
    for (uint32_t i = 0; i < asked->items.count; i++) {
        SL_TRY(collect_calls(&grouping, asked->items.items[i]));
    }
    if (asked->having != NULL) {
        SL_TRY(collect_calls(&grouping, asked->having));
    }
    SL_TRY(make_node(&grouping, input));
    struct sql_bounds items = {0};
    for (uint32_t i = 0; i < asked->items.count; i++) {
        struct sql_bound *item;
        SL_TRY(lift(&grouping, asked->items.items[i], &item));
        SL_TRY(sql_bounds_add(context, &items, item));
    }
    asked->items = items;
    struct sql_bounds conjuncts = {0};
    if (asked->having != NULL) {
        struct sql_bound *having;
        SL_TRY(lift(&grouping, asked->having, &having));
        SL_TRY(sql_conjuncts(context, having, &conjuncts));
    }
    return sql_logical_filter(context, grouping.node, conjuncts, result);
}

enum sl_status sql_bind_distinct(struct sql_context *context, struct sql_logical *input,
                                 struct sql_logical **result)
{
    struct sql_grouping grouping = {.span = input->span};
    const char **names;
    SQL_NEW(context, names, input->field_count);
    for (uint32_t i = 0; i < input->field_count; i++) {
        struct sql_bound *column;
        names[i] = input->fields[i].name;
        SL_TRY(sql_make_column(context, input->span, input->fields, i, &column));
        SL_TRY(sql_bounds_add(context, &grouping.keys, column));
        SL_TRY(sql_bounds_add(context, &grouping.items, column));
    }
    SL_TRY(sql_bind_aggregate(context, input, &grouping, result));
    return sql_logical_project(context, *result, grouping.items, names, result);
}
