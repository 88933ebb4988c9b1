/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans by hand, and a run of one. Always true: a node's uid is its place in the plan, so a restart
 * of the same plan finds its state. */
#include "support_sim.h"

#include <stdio.h>
#include <string.h>

struct sim *sim_of(const struct sl_env *env)
{
    return (struct sim *)(intptr_t)sl_plan_int64(env->node, "sim", 0);
}

void sim_set(struct sim_plan *plan, const char *name, const char *value)
{
    SL_ASSERT(plan->plan.settings.count < SIM_SETTINGS_MAX);
    plan->settings[plan->plan.settings.count++] = (struct sl_option){.name = name, .value = value};
}

void sim_plan_init(struct sim_plan *plan, struct sim *sim)
{
    memset(plan, 0, sizeof(*plan));
    plan->sim = sim;
    plan->plan.version = SL_PLAN_VERSION;
    plan->plan.name = sim->proof;
    plan->plan.nodes = plan->nodes;
    plan->plan.settings.items = plan->settings;
    int64_t interval_ms = sim->interval_ms == 0 ? 1000000000 : sim->interval_ms;
    snprintf(plan->interval, sizeof plan->interval, "%lld ms", (long long)interval_ms);
    sim_set(plan, "execution.checkpointing.interval", plan->interval);
}

struct sl_param *sim_param(struct sim_plan *plan, int node, const char *name,
                           enum sl_param_kind kind)
{
    struct sl_plan_node *made = &plan->nodes[node];
    SL_ASSERT(made->param_count < SIM_PARAMS_MAX);
    struct sl_param *param = &plan->params[node][made->param_count++];
    *param = (struct sl_param){.name = name, .kind = kind};
    return param;
}

int sim_add(struct sim_plan *plan, const char *kind, int first, int second)
{
    static const uint32_t main_outputs[2] = {SL_OUT_MAIN, SL_OUT_MAIN};
    SL_ASSERT(plan->plan.node_count < SIM_NODES_MAX);
    uint32_t idx = plan->plan.node_count++;
    plan->inputs[idx][0] = (uint32_t)first;
    plan->inputs[idx][1] = (uint32_t)second;
    plan->nodes[idx] =
        (struct sl_plan_node){.kind = kind,
                              .uid = idx + 1,
                              .params = plan->params[idx],
                              .inputs = plan->inputs[idx],
                              .input_outputs = main_outputs,
                              .input_count = (first >= 0) + (second >= 0),
                              .schema = first >= 0 ? plan->nodes[first].schema : sim_schema,
                              .rowtime = -1,
                              .placement = "cpu",
                              .placement_reason = ""};
    sim_param(plan, (int)idx, "sim", SL_PARAM_INT64)->integer = (int64_t)(intptr_t)plan->sim;
    return (int)idx;
}

int sim_add_source(struct sim_plan *plan, uint32_t input)
{
    int node = sim_add(plan, "source", -1, -1);
    sim_param(plan, node, "connector", SL_PARAM_STRING)->string = "sim";
    sim_param(plan, node, "input", SL_PARAM_INT64)->integer = input;
    return node;
}

int sim_add_sink(struct sim_plan *plan, int input, bool ordered)
{
    int node = sim_add(plan, "sink", input, -1);
    sim_param(plan, node, "connector", SL_PARAM_STRING)->string = "sim";
    sim_param(plan, node, "ordered", SL_PARAM_INT64)->integer = ordered;
    return node;
}

void sim_tag_sink(struct sim_plan *plan, int sink, int64_t tag)
{
    sim_param(plan, sink, "tag", SL_PARAM_INT64)->integer = tag;
}

int sim_add_lookup(struct sim_plan *plan, int input)
{
    int node = sim_add(plan, "sim_lookup", input, -1);
    plan->nodes[node].schema = sim_lookup_schema;
    return node;
}

int sim_add_meet(struct sim_plan *plan, int left, int right, bool symmetric)
{
    int node = sim_add(plan, "sim_meet", left, right);
    sim_param(plan, node, "symmetric", SL_PARAM_INT64)->integer = symmetric;
    return node;
}

int sim_add_chain(struct sim_plan *plan, int input, bool may_cross)
{
    static const int32_t keys[] = {SIM_ID, SIM_KEY, SIM_VALUE, SIM_TEXT, -1};
    int64_t length = sim_between(plan->sim, 0, 2);
    for (int64_t i = 0; i < length; i++) {
        bool crosses = may_cross && sim_chance(plan->sim, 500);
        int32_t key = keys[sl_random_below(&plan->sim->random, SL_COUNT_OF(keys))];
        input = crosses ? sim_add_exchange(plan, input, key) : sim_add(plan, "sim_pass", input, -1);
    }
    return input;
}

int sim_add_filter(struct sim_plan *plan, int input, const char *device, int64_t in_flight)
{
    static const int64_t zero = 0;
    static const uint32_t arguments[] = {0, 1};
    static const struct sl_step steps[] = {
        {.kind = SL_STEP_COLUMN,
         .type = {.id = SL_TYPE_BIGINT, .nullable = true},
         .column = SIM_VALUE},
        {.kind = SL_STEP_CONSTANT,
         .type = {.id = SL_TYPE_BIGINT},
         .constant = {.bytes = (const char *)&zero, .byte_count = sizeof zero}},
        {.kind = SL_STEP_CALL,
         .type = {.id = SL_TYPE_BOOLEAN, .nullable = true},
         .function = "GT(BIGINT,BIGINT)",
         .function_version = 1,
         .argument_count = 2,
         .arguments = arguments}};
    static const struct sl_expr positive = {.steps = steps, .step_count = 3, .text = "(value > 0)"};
    int node = sim_add(plan, device == NULL ? "filter" : "offload", input, -1);
    struct sl_param *predicates = sim_param(plan, node, "predicates", SL_PARAM_EXPRS);
    predicates->exprs = &positive;
    predicates->count = 1;
    if (device != NULL) {
        sim_param(plan, node, "device", SL_PARAM_STRING)->string = device;
        sim_param(plan, node, "in_flight", SL_PARAM_INT64)->integer = in_flight;
    }
    return node;
}

int sim_add_exchange(struct sim_plan *plan, int input, int32_t key)
{
    static const uint32_t columns[SIM_FIELDS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    int node = sim_add(plan, "exchange", input, -1);
    struct sl_param *keys = sim_param(plan, node, "keys", SL_PARAM_COLUMNS);
    keys->columns = &columns[key < 0 ? 0 : key];
    keys->count = key < 0 ? 0 : 1;
    plan->nodes[node].distribution = key < 0 ? SL_SINGLETON : SL_HASH;
    return node;
}

int sim_add_watermark(struct sim_plan *plan, int input)
{
    static const struct sl_step step = {.kind = SL_STEP_COLUMN,
                                        .type = {.id = SL_TYPE_TIMESTAMP, .precision = 3},
                                        .column = SIM_MARK};
    static const struct sl_expr mark = {.steps = &step, .step_count = 1, .text = "mark"};
    static const struct sl_state_def splits = {.name = "splits",
                                               .scope = SL_STATE_UNION,
                                               .field_count = 1,
                                               .fields = {{"watermark", SL_W8}},
                                               .version = 1};
    int node = sim_add(plan, "watermark", input, -1);
    sim_param(plan, node, "rowtime", SL_PARAM_INT64)->integer = SIM_TIME;
    struct sl_param *expression = sim_param(plan, node, "expression", SL_PARAM_EXPRS);
    expression->exprs = &mark;
    expression->count = 1;
    plan->nodes[node].rowtime = SIM_TIME;
    plan->nodes[node].states = &splits;
    plan->nodes[node].state_count = 1;
    return node;
}

static enum sl_status run_query(struct sim_plan *plan, struct sl_engine *engine, const char *resume,
                                struct sl_error *err)
{
    struct sim *sim = plan->sim;
    struct sl_query_options options = {.worker_count = sim->worker_count,
                                       .resume = resume,
                                       .seed = sim->seed + sim->attempt,
                                       .ring_slots = sim->ring_slots,
                                       .batch_rows = sim->batch_rows};
    sim->burst = 1;
    sim->query = NULL;
    sim->stats = (struct sl_query_stats){0};
    SL_TRY(sl_query_create(engine, &plan->plan, &options, &sim->query, err));
    enum sl_status status = sl_query_run(sim->query, err);
    sim->stats = sl_query_stats(sim->query);
    if (sim->metric_name != NULL) {
        sim->metric = sl_metric_set_sum(sl_query_metrics(sim->query), sim->metric_name, NULL);
    }
    sl_query_destroy(sim->query);
    return status;
}

enum sl_status sim_run(struct sim_plan *plan, const char *resume, bool may_fail)
{
    struct sim *sim = plan->sim;
    struct sl_engine_config config = {
        .builtins = sim->builtins, .clock = &sim->clock, .io = sim->io, .log = &sim->log};
    struct sl_engine *engine = NULL;
    struct sl_error err = {.status = SL_OK};
    enum sl_status status = sl_engine_create(&config, &engine, &err);
    if (status == SL_OK) {
        status = run_query(plan, engine, resume, &err);
    }
    sl_engine_destroy(engine);
    sim->error = err;
    sim->attempt++;
    memset(sim->burst_fds, -1, sizeof sim->burst_fds);
    if (status != SL_OK && !may_fail) {
        sim_complain(sim, "the query failed: %s", err.text);
    }
    return status;
}
