/* SPDX-License-Identifier: Apache-2.0
 *
 * The walk that makes plan nodes. It goes over each sink's tree twice: to learn what is needed of
 * each table, then to make the nodes, inputs first. */
#include "physical.h"

#include <string.h>

/* needed NULL: all of them. */
static void mark_exprs(struct sql_bounds exprs, const bool *needed, bool *below)
{
    for (uint32_t i = 0; i < exprs.count; i++) {
        if (needed == NULL || needed[i]) {
            sql_bound_columns(exprs.items[i], below);
        }
    }
}

static void mark_aggregate(const struct sql_logical *node, const bool *needed, bool *below)
{
    for (uint32_t i = 0; i < node->key_count; i++) {
        below[node->keys[i]] = true;
    }
    for (uint32_t i = 0; i < node->aggregate_count; i++) {
        const struct sql_aggregate *call = &node->aggregates[i];
        if (needed[node->key_count + i] && call->argument >= 0) {
            below[call->argument] = true;
        }
        if (needed[node->key_count + i] && call->filter >= 0) {
            below[call->filter] = true;
        }
    }
    if (node->is_windowed) {
        below[node->window.rowtime] = true;
    }
}

enum sl_status sql_needs_below(struct sql_context *context, const struct sql_logical *node,
                               const bool *needed, bool **below)
{
    uint32_t count = node->input->field_count;
    SQL_NEW(context, *below, count);
    switch (node->kind) {
    case SQL_LOGICAL_FILTER:
    case SQL_LOGICAL_WATERMARK:
        memcpy(*below, needed, sizeof(bool) * count);
        mark_exprs(node->exprs, NULL, *below);
        return SL_OK;
    case SQL_LOGICAL_PROJECT:
        mark_exprs(node->exprs, needed, *below);
        return SL_OK;
    case SQL_LOGICAL_WINDOW:
        memcpy(*below, needed, sizeof(bool) * count);
        (*below)[node->window.rowtime] = true;
        return SL_OK;
    case SQL_LOGICAL_AGGREGATE:
        mark_aggregate(node, needed, *below);
        return SL_OK;
    case SQL_LOGICAL_SINK:
        memset(*below, true, sizeof(bool) * count);
        return SL_OK;
    case SQL_LOGICAL_SCAN:
        break;
    }
    return SL_OK;
}

/* The first walk. watermark is the node right above, when that is one. */
static enum sl_status note_scans(struct sql_physical *physical, const struct sql_logical *node,
                                 const bool *needed, const struct sql_logical *watermark)
{
    if (node->kind == SQL_LOGICAL_SCAN) {
        return sql_scan_note(physical, node, needed, watermark);
    }
    bool *below;
    SL_TRY(sql_needs_below(physical->context, node, needed, &below));
    return note_scans(physical, node->input, below,
                      node->kind == SQL_LOGICAL_WATERMARK ? node : NULL);
}

static enum sl_status emit_input(struct sql_physical *physical, const struct sql_logical *node,
                                 const bool *needed, struct sql_emitted *out)
{
    bool *below;
    SL_TRY(sql_needs_below(physical->context, node, needed, &below));
    return sql_emit(physical, node->input, below, out);
}

enum sl_status sql_emit_filter(struct sql_physical *physical, struct sql_bounds conjuncts,
                               struct sql_emitted *out)
{
    if (conjuncts.count == 0) {
        return SL_OK;
    }
    struct sql_node node;
    const struct sl_expr *exprs;
    sql_node_begin(physical, &node, "filter", out->node, conjuncts.items[0]->span);
    SL_TRY(sql_flatten_all(physical->context, conjuncts, out->map, &node.node.schema, &exprs));
    sql_node_exprs(&node, "predicates", exprs, conjuncts.count);
    return sql_node_end(physical, &node, &out->node);
}

/* Where the input's upsert keys are in the projection's output; none when one is missing. */
static enum sl_status map_upsert_keys(struct sql_physical *physical, struct sql_bounds exprs,
                                      const uint32_t *map, struct sl_plan_node *node)
{
    uint32_t *keys;
    SQL_NEW(physical->context, keys, node->upsert_key_count);
    for (uint32_t k = 0; k < node->upsert_key_count; k++) {
        uint32_t i = 0;
        while (i < exprs.count && (exprs.items[i]->kind != SQL_BOUND_COLUMN ||
                                   map[exprs.items[i]->column] != node->upsert_keys[k])) {
            i++;
        }
        if (i == exprs.count) {
            node->upsert_keys = NULL;
            node->upsert_key_count = 0;
            return SL_OK;
        }
        keys[k] = i;
    }
    node->upsert_keys = node->upsert_key_count > 0 ? keys : NULL;
    return SL_OK;
}

enum sl_status sql_emit_projection(struct sql_physical *physical, struct sql_bounds exprs,
                                   const struct sql_field *fields, const uint32_t *map,
                                   struct sql_span span, uint32_t *idx)
{
    struct sql_context *context = physical->context;
    struct sql_node node;
    const struct sl_expr *flat;
    sql_node_begin(physical, &node, "project", *idx, span);
    SL_TRY(sql_flatten_all(context, exprs, map, &node.node.schema, &flat));
    SL_TRY(map_upsert_keys(physical, exprs, map, &node.node));
    SL_TRY(sql_physical_of_fields(context, fields, exprs.count, &node.node.schema));
    node.node.rowtime = -1;
    for (uint32_t i = exprs.count; i-- > 0;) {
        bool is_time = fields[i].role == SQL_ROLE_ROWTIME || fields[i].role == SQL_ROLE_WINDOW_TIME;
        node.node.rowtime = is_time ? (int32_t)i : node.node.rowtime;
    }
    sql_node_exprs(&node, "projections", flat, exprs.count);
    return sql_node_end(physical, &node, idx);
}

/* Only computes: a projection whose needed columns all pass on plainly is no node. */
static enum sl_status emit_project(struct sql_physical *physical, const struct sql_logical *node,
                                   const bool *needed, struct sql_emitted *out)
{
    struct sql_context *context = physical->context;
    struct sql_emitted below;
    struct sql_bounds exprs = {0};
    struct sql_field *fields;
    bool computes = false;
    SL_TRY(emit_input(physical, node, needed, &below));
    SQL_NEW(context, out->map, node->field_count);
    SQL_NEW(context, fields, node->field_count);
    for (uint32_t i = 0; i < node->field_count; i++) {
        struct sql_bound *expr = node->exprs.items[i];
        if (needed[i]) {
            computes = computes || expr->kind != SQL_BOUND_COLUMN;
            out->map[i] = expr->kind == SQL_BOUND_COLUMN ? below.map[expr->column] : 0;
            fields[exprs.count] = node->fields[i];
            SL_TRY(sql_bounds_add(context, &exprs, expr));
        }
    }
    out->node = below.node;
    if (!computes) {
        return SL_OK;
    }
    uint32_t next = 0;
    for (uint32_t i = 0; i < node->field_count; i++) {
        out->map[i] = needed[i] ? next++ : 0;
    }
    return sql_emit_projection(physical, exprs, fields, below.map, node->span, &out->node);
}

static enum sl_status emit_window(struct sql_physical *physical, const struct sql_logical *node,
                                  const bool *needed, struct sql_emitted *out)
{
    struct sql_context *context = physical->context;
    struct sql_emitted below;
    SL_TRY(emit_input(physical, node, needed, &below));
    struct sql_node made;
    sql_node_begin(physical, &made, "window", below.node, node->span);
    uint32_t count = made.node.schema.column_count;
    uint32_t input_count = node->input->field_count;
    struct sl_column *columns;
    SQL_NEW(context, columns, count + 3);
    SQL_NEW(context, out->map, node->field_count);
    if (count > 0) {
        memcpy(columns, made.node.schema.columns, sizeof(*columns) * count);
    }
    memcpy(out->map, below.map, sizeof(uint32_t) * input_count);
    for (uint32_t i = 0; i < 3; i++) {
        const struct sql_field *field = &node->fields[input_count + i];
        columns[count + i] = (struct sl_column){.name = field->name, .type = field->type};
        out->map[input_count + i] = count + i;
    }
    made.node.schema = (struct sl_schema){.column_count = count + 3, .columns = columns};
    made.node.rowtime = (int32_t)count + 2;
    made.node.upsert_keys = NULL;
    made.node.upsert_key_count = 0;
    sql_node_window(&made, &node->window, below.map);
    return sql_node_end(physical, &made, &out->node);
}

enum sl_status sql_emit(struct sql_physical *physical, const struct sql_logical *node,
                        const bool *needed, struct sql_emitted *out)
{
    switch (node->kind) {
    case SQL_LOGICAL_SCAN:
    case SQL_LOGICAL_WATERMARK:
        return sql_emit_scan(physical, node, out);
    case SQL_LOGICAL_FILTER:
        SL_TRY(emit_input(physical, node, needed, out));
        return sql_emit_filter(physical, node->exprs, out);
    case SQL_LOGICAL_PROJECT:
        return emit_project(physical, node, needed, out);
    case SQL_LOGICAL_WINDOW:
        return emit_window(physical, node, needed, out);
    case SQL_LOGICAL_AGGREGATE:
        SL_TRY(emit_input(physical, node, needed, out));
        return sql_emit_aggregate(physical, node, needed, out);
    case SQL_LOGICAL_SINK:
        break;
    }
    SL_TRY(emit_input(physical, node, needed, out));
    return sql_emit_sink(physical, node, out);
}

/* pipeline.name, else the sinks' names. */
static enum sl_status name_plan(struct sql_context *context, struct sql_logical *const *sinks,
                                uint32_t sink_count, const char **name)
{
    for (uint32_t i = 0; i < context->settings.count; i++) {
        if (strcmp(context->settings.items[i].name, "pipeline.name") == 0) {
            *name = context->settings.items[i].value;
            return SL_OK;
        }
    }
    struct sl_text text;
    sl_text_init(&text, context->arena->account, 0);
    for (uint32_t i = 0; i < sink_count; i++) {
        const char *sink = sinks[i]->table == NULL ? "result" : sinks[i]->table->name;
        sl_text_printf(&text, "%s%s", i == 0 ? "" : ",", sink);
    }
    return sql_text_take(context, &text, name);
}

enum sl_status sql_plan_build(struct sql_context *context, struct sql_logical *const *sinks,
                              uint32_t sink_count, uint64_t digest, const struct sl_plan **result)
{
    struct sql_physical *physical;
    SQL_NEW(context, physical, 1);
    physical->context = context;
    for (uint32_t i = 0; i < sink_count; i++) {
        SL_TRY(note_scans(physical, sinks[i], NULL, NULL));
    }
    for (uint32_t i = 0; i < sink_count; i++) {
        struct sql_emitted out;
        SL_TRY(sql_emit(physical, sinks[i], NULL, &out));
    }
    physical->plan.version = SL_PLAN_VERSION;
    physical->plan.sql_digest = digest;
    physical->plan.settings = context->settings;
    SL_TRY(name_plan(context, sinks, sink_count, &physical->plan.name));
    *result = &physical->plan;
    return SL_OK;
}
