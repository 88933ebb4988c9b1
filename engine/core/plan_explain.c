/* SPDX-License-Identifier: Apache-2.0
 *
 * EXPLAIN, printed from the plan alone and without knowing any node kind: the tree from each sink
 * down, then a line of facts for each operator. */
#include <inttypes.h>
#include <string.h>

#include "sluice/plan.h"

enum { SHARED_BY_NOBODY = 0 };

struct explain {
    const struct sl_plan *plan;
    struct sl_text *out;
    bool *printed;        /* by node: its subtree stands above already */
    uint32_t *references; /* by node: how many consumers it has */
};

/* Names that users know from Flink; a kind that is not listed prints as it is. */
static const char *display_name(const char *kind)
{
    static const char *const names[][2] = {
        {"source", "TableSourceScan"},
        {"watermark", "WatermarkAssigner"},
        {"filter", "Filter"},
        {"project", "Calc"},
        {"window", "WindowTableFunction"},
        {"local_window_aggregate", "LocalWindowAggregate"},
        {"global_window_aggregate", "GlobalWindowAggregate"},
        {"local_group_aggregate", "LocalGroupAggregate"},
        {"group_aggregate", "GroupAggregate"},
        {"exchange", "Exchange"},
        {"sink", "Sink"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(names); i++) {
        if (strcmp(names[i][0], kind) == 0) {
            return names[i][1];
        }
    }
    return kind;
}

/* The schema that a node's column indices speak of: "physical" for a source's and a sink's, the raw
 * "input" for an aggregate's, else what its first input gives. */
static const struct sl_schema *schema_of_columns(const struct sl_plan *plan,
                                                 const struct sl_plan_node *node, const char *name)
{
    const struct sl_param *param = NULL;
    if (strcmp(name, "columns") == 0 || strcmp(name, "primary_key") == 0) {
        param = sl_plan_param(node, "physical");
    } else if (strcmp(name, "keys") == 0 || strcmp(name, "rowtime") == 0) {
        param = sl_plan_param(node, "input");
    }
    if (param != NULL && param->kind == SL_PARAM_SCHEMA) {
        return &param->schema;
    }
    return node->input_count == 0 || strcmp(name, "watermark_columns") == 0
               ? &node->schema
               : &plan->nodes[node->inputs[0]].schema;
}

static void print_column(struct sl_text *out, const struct sl_schema *schema, int64_t column)
{
    if (column >= 0 && column < (int64_t)schema->column_count) {
        sl_text_append_string(out, schema->columns[column].name);
    } else {
        sl_text_printf(out, "#%" PRId64, column);
    }
}

static void print_columns(struct sl_text *out, const struct sl_schema *schema,
                          const uint32_t *columns, uint32_t count)
{
    sl_text_append_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        sl_text_append_string(out, i == 0 ? "" : ", ");
        print_column(out, schema, columns[i]);
    }
    sl_text_append_char(out, ']');
}

static void print_options(struct sl_text *out, const struct sl_options *options)
{
    static const struct sl_option_def *const no_tables[] = {NULL};
    for (uint32_t i = 0; i < options->count; i++) {
        sl_text_printf(out, "%s'%s' = '%s'", i == 0 ? "" : ", ", options->items[i].name,
                       sl_option_masked(no_tables, &options->items[i]));
    }
}

/* Projections print with the name that they give: "(temp * 2) AS double_temp". */
static void print_exprs(struct sl_text *out, const struct sl_plan_node *node,
                        const struct sl_param *param)
{
    bool named =
        strcmp(param->name, "projections") == 0 && param->count == node->schema.column_count;
    for (uint32_t i = 0; i < param->count; i++) {
        const char *text = param->exprs[i].text;
        const char *name = named ? node->schema.columns[i].name : text;
        sl_text_printf(out, "%s%s", i == 0 ? "" : ", ", text);
        if (strcmp(name, text) != 0) {
            sl_text_printf(out, " AS %s", name);
        }
    }
}

static void print_param(const struct explain *explain, const struct sl_plan_node *node,
                        const struct sl_param *param)
{
    struct sl_text *out = explain->out;
    const struct sl_schema *columns_schema = schema_of_columns(explain->plan, node, param->name);
    sl_text_printf(out, "%s=", param->name);
    if (param->kind == SL_PARAM_COLUMNS) {
        print_columns(out, columns_schema, param->columns, param->count);
        return;
    }
    sl_text_append_char(out, '[');
    switch (param->kind) {
    case SL_PARAM_INT64:
        if (strcmp(param->name, "rowtime") == 0) {
            print_column(out, columns_schema, param->integer);
        } else {
            sl_text_append_int64(out, param->integer);
        }
        break;
    case SL_PARAM_STRING:
        sl_text_append_string(out, param->string == NULL ? "" : param->string);
        break;
    case SL_PARAM_EXPRS:
        print_exprs(out, node, param);
        break;
    case SL_PARAM_AGGREGATES:
        for (uint32_t i = 0; i < param->count; i++) {
            sl_text_printf(out, "%s%s", i == 0 ? "" : ", ", param->aggregates[i].text);
        }
        break;
    case SL_PARAM_OPTIONS:
        print_options(out, &param->options);
        break;
    case SL_PARAM_COLUMNS:
    case SL_PARAM_SCHEMA:
        break;
    }
    sl_text_append_char(out, ']');
}

static void print_distribution(const struct explain *explain, const struct sl_plan_node *node)
{
    const struct sl_param *keys = sl_plan_param(node, "keys");
    switch (node->distribution) {
    case SL_FORWARD:
        sl_text_append_string(explain->out, "forward");
        break;
    case SL_HASH:
        sl_text_append_string(explain->out, "hash");
        if (keys != NULL) {
            print_columns(explain->out, schema_of_columns(explain->plan, node, "keys"),
                          keys->columns, keys->count);
        }
        break;
    case SL_SINGLETON:
        sl_text_append_string(explain->out, "single");
        break;
    }
}

/* Schemas go into the facts below the tree, options with the connector there too: the tree stays
 * readable. */
static bool belongs_in_tree(const struct sl_param *param)
{
    return param->kind != SL_PARAM_SCHEMA && param->kind != SL_PARAM_OPTIONS &&
           !(param->count == 0 &&
             (param->kind == SL_PARAM_EXPRS || param->kind == SL_PARAM_COLUMNS));
}

static void print_node(const struct explain *explain, uint32_t node_idx)
{
    const struct sl_plan_node *node = &explain->plan->nodes[node_idx];
    struct sl_text *out = explain->out;
    sl_text_printf(out, "%s(", display_name(node->kind));
    bool first = true;
    if (node->distribution != SL_FORWARD) {
        sl_text_append_string(out, "distribution=[");
        print_distribution(explain, node);
        sl_text_append_char(out, ']');
        first = false;
    }
    for (uint32_t i = 0; i < node->param_count; i++) {
        const struct sl_param *param = &node->params[i];
        bool is_distribution = node->distribution == SL_HASH && strcmp(param->name, "keys") == 0;
        if (belongs_in_tree(param) && !is_distribution) {
            sl_text_append_string(out, first ? "" : ", ");
            print_param(explain, node, param);
            first = false;
        }
    }
    sl_text_printf(out, ") #%" PRIu32, node_idx + 1);
}

static void print_tree(struct explain *explain, uint32_t node_idx, uint32_t depth)
{
    const struct sl_plan_node *node = &explain->plan->nodes[node_idx];
    if (depth > 0) {
        sl_text_printf(explain->out, "%*s+- ", (int)(3 * (depth - 1)), "");
    }
    if (explain->printed[node_idx]) {
        sl_text_printf(explain->out, "Reused(#%" PRIu32 ")\n", node_idx + 1);
        return;
    }
    explain->printed[node_idx] = true;
    print_node(explain, node_idx);
    sl_text_append_char(explain->out, '\n');
    for (uint32_t i = 0; i < node->input_count; i++) {
        print_tree(explain, node->inputs[i], depth + 1);
    }
}

static void print_schema(struct sl_text *out, const struct sl_schema *schema)
{
    char type[SL_TYPE_TEXT_BYTES];
    for (uint32_t i = 0; i < schema->column_count; i++) {
        sl_text_printf(out, "%s%s %s", i == 0 ? "" : ", ", schema->columns[i].name,
                       sl_type_format(&schema->columns[i].type, type, sizeof type));
    }
}

static void print_states(struct sl_text *out, const struct sl_plan_node *node)
{
    static const char *const kinds[] = {"HASH", "ORDERED", "LIST"};
    static const char *const scopes[] = {"by key group", "by split, on every worker"};
    static const char *const physicals[] = {"W1",  "W2",   "W4",   "W8",
                                            "W16", "VIEW", "LIST", "STRUCT"};
    for (uint32_t i = 0; i < node->state_count; i++) {
        const struct sl_state_def *def = &node->states[i];
        sl_text_printf(out, "   state: %s %s %s (", def->name, kinds[def->kind],
                       scopes[def->scope]);
        for (uint32_t f = 0; f < def->field_count; f++) {
            sl_text_printf(out, "%s%s %s", f == 0 ? "" : ", ", def->fields[f].name,
                           physicals[def->fields[f].physical]);
        }
        sl_text_append_string(out, ")\n");
    }
}

static void print_facts(const struct explain *explain, uint32_t node_idx)
{
    const struct sl_plan_node *node = &explain->plan->nodes[node_idx];
    struct sl_text *out = explain->out;
    sl_text_printf(out, "#%" PRIu32 " %s uid=%016" PRIx64 " distribution=[", node_idx + 1,
                   display_name(node->kind), node->uid);
    print_distribution(explain, node);
    sl_text_printf(out, "] changelogMode=[%s] placement=[%s]",
                   node->changelog == SL_APPEND ? "I" : "I,UB,UA,D", node->placement);
    if (node->placement_reason != NULL && node->placement_reason[0] != '\0') {
        sl_text_printf(out, " (%s)", node->placement_reason);
    }
    sl_text_append_string(out, "\n   fields: ");
    print_schema(out, &node->schema);
    sl_text_append_char(out, '\n');
    for (uint32_t i = 0; i < node->param_count; i++) {
        if (node->params[i].kind == SL_PARAM_OPTIONS) {
            sl_text_append_string(out, "   with: ");
            print_options(out, &node->params[i].options);
            sl_text_append_char(out, '\n');
        }
    }
    print_states(out, node);
}

static void print_plan(struct explain *explain)
{
    const struct sl_plan *plan = explain->plan;
    for (uint32_t i = 0; i < plan->node_count; i++) {
        for (uint32_t j = 0; j < plan->nodes[i].input_count; j++) {
            explain->references[plan->nodes[i].inputs[j]]++;
        }
    }
    sl_text_append_string(explain->out, "== Optimized Physical Plan ==\n");
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (explain->references[i] == SHARED_BY_NOBODY) {
            print_tree(explain, i, 0);
        }
    }
    sl_text_append_string(explain->out, "\n== Operators ==\n");
    for (uint32_t i = 0; i < plan->node_count; i++) {
        print_facts(explain, i);
    }
}

enum sl_status sl_plan_explain(const struct sl_plan *plan, struct sl_text *out,
                               struct sl_error *err)
{
    struct sl_arena arena;
    sl_arena_init(&arena, out->account, 0);
    struct explain explain = {
        .plan = plan,
        .out = out,
        .printed = SL_ARENA_ARRAY(&arena, bool, plan->node_count),
        .references = SL_ARENA_ARRAY(&arena, uint32_t, plan->node_count),
    };
    bool has_memory = explain.printed != NULL && explain.references != NULL;
    if (has_memory) {
        print_plan(&explain);
    }
    sl_arena_deinit(&arena);
    return has_memory && !out->failed ? SL_OK
                                      : sl_fail(err, SL_MEMORY, "no memory to print the plan");
}
