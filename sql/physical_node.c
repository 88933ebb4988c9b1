/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan nodes as they are put together. A node that means the same over the same inputs as one that
 * is there is that one: this is how scans, views and windows come to be shared. */
#include <string.h>

#include "physical.h"

void sql_node_begin(const struct sql_physical *physical, struct sql_node *node, const char *kind,
                    int64_t input, struct sql_span span)
{
    memset(node, 0, sizeof *node);
    node->node = (struct sl_plan_node){.kind = kind,
                                       .distribution = SL_FORWARD,
                                       .changelog = SL_APPEND,
                                       .rowtime = -1,
                                       .placement = "cpu",
                                       .placement_reason = "",
                                       .line = span.line,
                                       .column = span.column};
    if (input >= 0) {
        const struct sl_plan_node *below = &physical->nodes[input];
        node->input = (uint32_t)input;
        node->node.input_count = 1;
        node->node.schema = below->schema;
        node->node.changelog = below->changelog;
        node->node.rowtime = below->rowtime;
        node->node.upsert_keys = below->upsert_keys;
        node->node.upsert_key_count = below->upsert_key_count;
    }
}

static struct sl_param *add_param(struct sql_node *node, const char *name, enum sl_param_kind kind)
{
    SL_ASSERT(node->node.param_count < SQL_PARAMS_MAX);
    struct sl_param *param = &node->params[node->node.param_count++];
    param->name = name;
    param->kind = kind;
    return param;
}

void sql_node_int64(struct sql_node *node, const char *name, int64_t value)
{
    add_param(node, name, SL_PARAM_INT64)->integer = value;
}

void sql_node_string(struct sql_node *node, const char *name, const char *value)
{
    add_param(node, name, SL_PARAM_STRING)->string = value;
}

void sql_node_exprs(struct sql_node *node, const char *name, const struct sl_expr *exprs,
                    uint32_t count)
{
    struct sl_param *param = add_param(node, name, SL_PARAM_EXPRS);
    param->exprs = exprs;
    param->count = count;
}

void sql_node_columns(struct sql_node *node, const char *name, const uint32_t *columns,
                      uint32_t count)
{
    struct sl_param *param = add_param(node, name, SL_PARAM_COLUMNS);
    param->columns = columns;
    param->count = count;
}

void sql_node_aggregates(struct sql_node *node, const char *name,
                         const struct sl_aggregate_call *calls, uint32_t count)
{
    struct sl_param *param = add_param(node, name, SL_PARAM_AGGREGATES);
    param->aggregates = calls;
    param->count = count;
}

void sql_node_options(struct sql_node *node, const char *name, const struct sl_options *options)
{
    add_param(node, name, SL_PARAM_OPTIONS)->options = *options;
}

void sql_node_schema(struct sql_node *node, const char *name, const struct sl_schema *schema)
{
    add_param(node, name, SL_PARAM_SCHEMA)->schema = *schema;
}

void sql_node_window(struct sql_node *node, const struct sql_window_spec *window,
                     const uint32_t *map)
{
    sql_node_string(node, "assigner", window->assigner);
    sql_node_int64(node, "rowtime", map[window->rowtime]);
    sql_node_int64(node, "size_ms", window->size_ms);
    sql_node_int64(node, "slide_ms", window->slide_ms);
    sql_node_int64(node, "offset_ms", window->offset_ms);
}

static enum sl_status reserve(struct sql_physical *physical)
{
    struct sl_plan *plan = &physical->plan;
    if (plan->node_count < physical->capacity) {
        return SL_OK;
    }
    struct sl_plan_node *nodes;
    physical->capacity = physical->capacity * 2 + 16;
    SQL_NEW(physical->context, nodes, physical->capacity);
    if (plan->node_count > 0) {
        memcpy(nodes, physical->nodes, sizeof(*nodes) * plan->node_count);
    }
    physical->nodes = nodes;
    plan->nodes = nodes;
    return SL_OK;
}

static int64_t find_uid(const struct sql_physical *physical, uint64_t uid)
{
    for (uint32_t i = 0; i < physical->plan.node_count; i++) {
        if (physical->nodes[i].uid == uid) {
            return i;
        }
    }
    return -1;
}

enum sl_status sql_node_end(struct sql_physical *physical, struct sql_node *node, uint32_t *idx)
{
    struct sql_context *context = physical->context;
    uint32_t *inputs;
    SL_TRY(reserve(physical));
    SQL_NEW(context, inputs, 2);
    inputs[0] = node->input; /* the second is which output of it: 0, the main one */
    node->node.inputs = &inputs[0];
    node->node.input_outputs = &inputs[1];
    node->node.params = node->params;
    node->node.uid = sl_plan_node_uid(&physical->plan, &node->node);
    int64_t same = find_uid(physical, node->node.uid);
    bool is_sink = strcmp(node->node.kind, "sink") == 0;
    if (same >= 0 && !is_sink) {
        *idx = (uint32_t)same;
        return SL_OK;
    }
    if (same >= 0) { /* the same INSERT twice writes twice, so its sinks need uids of their own */
        sql_node_int64(node, "copy", 0);
        while (same >= 0) {
            node->params[node->node.param_count - 1].integer++;
            node->node.uid = sl_plan_node_uid(&physical->plan, &node->node);
            same = find_uid(physical, node->node.uid);
        }
    }
    struct sl_param *params;
    SQL_NEW(context, params, node->node.param_count);
    if (node->node.param_count > 0) {
        memcpy(params, node->params, sizeof(*params) * node->node.param_count);
    }
    node->node.params = params;
    *idx = physical->plan.node_count;
    physical->nodes[physical->plan.node_count++] = node->node;
    return SL_OK;
}

enum sl_status sql_emit_exchange(struct sql_physical *physical, uint32_t input, uint32_t key_count,
                                 struct sql_span span, uint32_t *idx)
{
    uint32_t *keys;
    struct sql_node node;
    SQL_NEW(physical->context, keys, key_count);
    for (uint32_t i = 0; i < key_count; i++) {
        keys[i] = i;
    }
    sql_node_begin(physical, &node, "exchange", input, span);
    node.node.distribution = key_count > 0 ? SL_HASH : SL_SINGLETON;
    sql_node_columns(&node, "keys", keys, key_count);
    return sql_node_end(physical, &node, idx);
}
