/* SPDX-License-Identifier: Apache-2.0
 *
 * From the plan to node instances: the same nodes and edges on every worker. Always true: nothing
 * is opened here; a node stands behind all its producers; with one worker exchanges and local
 * halves are left out and their consumers get the producer's output. */
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "nodes.h"

/* What is made of one plan node on one worker. */
struct built {
    struct eng_node *entry; /* takes the inputs; NULL: left out */
    struct eng_node *exit;  /* gives the outputs */
};

struct build {
    struct sl_query *query;
    struct eng_worker *worker;
    struct built *built; /* one a plan node */
};

bool eng_plan_node_is(const struct sl_plan_node *node, const char *kind)
{
    return strcmp(node->kind, kind) == 0;
}

/* With one worker everything is in one place; with one phase, raw rows are exchanged. */
static bool is_left_out(const struct sl_query *query, const struct sl_plan_node *node)
{
    bool is_local = strncmp(node->kind, "local_", 6) == 0;
    return node->input_count == 1 &&
           ((query->worker_count == 1 && (is_local || eng_plan_node_is(node, "exchange"))) ||
            (query->is_one_phase && is_local));
}

const struct sl_schema *eng_schema_out(const struct sl_query *query, uint32_t plan_idx)
{
    const struct sl_plan_node *node = &query->plan->nodes[plan_idx];
    while (is_left_out(query, node) || eng_plan_node_is(node, "exchange")) {
        node = &query->plan->nodes[node->inputs[0]];
    }
    return &node->schema;
}

const struct sl_param *eng_exchange_keys(const struct sl_query *query, uint32_t plan_idx)
{
    const struct sl_plan_node *node = &query->plan->nodes[plan_idx];
    const struct sl_plan_node *input = &query->plan->nodes[node->inputs[0]];
    return sl_plan_param(is_left_out(query, input) ? input : node, "keys");
}

static enum sl_status no_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory to build the query");
}

/* The account's name is the label, so that a limit's message tells whose memory it is. */
static struct eng_node *new_node(struct build *build, const char *kind, uint32_t plan_idx,
                                 uint32_t port_count)
{
    struct eng_worker *worker = build->worker;
    struct sl_query *query = build->query;
    struct eng_node *node = SL_ARENA_NEW(&query->arena, struct eng_node);
    struct eng_port *ports = SL_ARENA_ARRAY(&query->arena, struct eng_port, port_count);
    if (node == NULL || ports == NULL) {
        return NULL;
    }
    SL_ASSERT(worker->node_count < worker->node_capacity);
    node->worker = worker;
    node->idx = worker->node_count;
    worker->nodes[worker->node_count++] = node;
    snprintf(node->label, sizeof(node->label), "%s[%u]", kind, plan_idx);
    node->plan_idx = plan_idx;
    node->ports = ports;
    node->port_count = port_count;
    for (uint32_t i = 0; i < port_count; i++) {
        ports[i].watermark = INT64_MIN;
    }
    node->watermark = INT64_MIN;
    node->waking_fd = -1;
    node->account = (struct sl_account){.name = node->label, .parent = &query->account};
    node->state_account = (struct sl_account){.name = node->label, .parent = &node->account};
    sl_arena_init(&node->arena, &node->account, 0);
    eng_timers_init(&node->clock_timers, &node->account);
    eng_timers_init(&node->event_timers, &node->account);
    node->waker.node = node;
    return node;
}

static void add_metrics(struct eng_node *node)
{
    struct sl_metric_set *set = node->env.metrics;
    uint32_t worker = node->worker->idx;
    node->rows_in =
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", node->label, "", worker);
    node->rows_out =
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsOut", node->label, "", worker);
    node->watermark_in = sl_metric_find_or_add(set, SL_METRIC_GAUGE, "currentInputWatermark",
                                               node->label, "", worker);
    node->watermark_out = sl_metric_find_or_add(set, SL_METRIC_GAUGE, "currentOutputWatermark",
                                                node->label, "", worker);
    node->idle_out = sl_metric_find_or_add(set, SL_METRIC_GAUGE, "isIdle", node->label, "", worker);
    node->memory_bytes =
        sl_metric_find_or_add(set, SL_METRIC_GAUGE, "memoryBytes", node->label, "", worker);
    if (node->env.node->state_count > 0) {
        node->state_bytes =
            sl_metric_find_or_add(set, SL_METRIC_GAUGE, "stateBytes", node->label, "", worker);
    }
    sl_metric_set_value(node->watermark_in, INT64_MIN);
    sl_metric_set_value(node->watermark_out, INT64_MIN);
}

static void fill_env(struct eng_node *node, const struct sl_plan_node *plan_node)
{
    struct sl_query *query = node->worker->query;
    struct sl_engine *engine = query->engine;
    uint64_t worker_seed = (uint64_t)node->worker->idx * 0x9E3779B97F4A7C15u;
    node->env = (struct sl_env){.plan = query->plan,
                                .node = plan_node,
                                .catalog = &engine->catalog,
                                .worker_idx = node->worker->idx,
                                .worker_count = query->worker_count,
                                .batch_rows = query->options.batch_rows,
                                .account = &node->account,
                                .arena = &node->arena,
                                .clock = engine->config.clock,
                                .log = engine->config.log,
                                .metrics = query->metrics,
                                .label = node->label,
                                .io = engine->config.io,
                                .waker = &node->waker,
                                .restored_watermark = INT64_MIN,
                                .seed = query->options.seed ^ plan_node->uid ^ worker_seed,
                                .user = &query->options};
    add_metrics(node);
}

static enum sl_status make_tables(struct eng_node *node, struct sl_error *err)
{
    const struct sl_plan_node *plan_node = node->plan_node;
    struct sl_arena *arena = &node->worker->query->arena;
    if (plan_node->state_count == 0) {
        return SL_OK;
    }
    node->tables = SL_ARENA_ARRAY(arena, struct sl_state_table *, plan_node->state_count);
    if (node->tables == NULL) {
        return no_memory(err);
    }
    node->env.states = node->tables;
    for (uint32_t i = 0; i < plan_node->state_count; i++) {
        SL_TRY(sl_state_table_create(&plan_node->states[i], &node->state_account, &node->tables[i],
                                     err));
    }
    return SL_OK;
}

/* The nearest producer that was not left out. */
static struct eng_node *resolve(const struct build *build, uint32_t plan_idx)
{
    while (build->built[plan_idx].exit == NULL) {
        plan_idx = build->query->plan->nodes[plan_idx].inputs[0];
    }
    return build->built[plan_idx].exit;
}

static enum sl_status connect(struct eng_node *producer, uint32_t output, struct eng_node *consumer,
                              uint32_t port, struct sl_error *err)
{
    struct sl_arena *arena = &producer->worker->query->arena;
    struct eng_edge *edge = SL_ARENA_NEW(arena, struct eng_edge);
    if (edge == NULL) {
        return no_memory(err);
    }
    edge->producer = producer;
    edge->consumer = consumer;
    edge->port = port;
    edge->takes_deselected =
        consumer->plan_node != NULL && eng_plan_node_is(consumer->plan_node, "watermark");
    struct eng_edge **last = &producer->outs[output];
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = edge;
    consumer->ports[port].edge = edge;
    return SL_OK;
}

static enum sl_status connect_inputs(struct build *build, struct eng_node *node,
                                     const struct sl_plan_node *plan_node, struct sl_error *err)
{
    const struct sl_schema **inputs =
        SL_ARENA_ARRAY(&build->query->arena, const struct sl_schema *, plan_node->input_count);
    if (inputs == NULL) {
        return no_memory(err);
    }
    for (uint32_t i = 0; i < plan_node->input_count; i++) {
        struct eng_node *producer = resolve(build, plan_node->inputs[i]);
        uint32_t output = plan_node->input_outputs == NULL ? 0 : plan_node->input_outputs[i];
        if (output >= SL_OUT_COUNT) {
            return sl_fail(err, SL_FORMAT, "plan: %s has no output %u", producer->label, output);
        }
        inputs[i] = output == SL_OUT_MAIN ? eng_schema_out(build->query, plan_node->inputs[i])
                                          : sl_rejected_schema();
        SL_TRY(connect(producer, output, node, i, err));
    }
    node->env.inputs = inputs;
    node->env.input_count = plan_node->input_count;
    return SL_OK;
}

static enum sl_status build_plain(struct build *build, uint32_t plan_idx, struct sl_error *err)
{
    const struct sl_plan_node *plan_node = &build->query->plan->nodes[plan_idx];
    struct eng_node *node = new_node(build, plan_node->kind, plan_idx, plan_node->input_count);
    if (node == NULL) {
        return no_memory(err);
    }
    node->plan_node = plan_node;
    build->built[plan_idx] = (struct built){.entry = node, .exit = node};
    fill_env(node, plan_node);
    SL_TRY(connect_inputs(build, node, plan_node, err));
    return make_tables(node, err);
}

/* The out half, one node a ring that arrives from a peer, and the node that aligns them. */
static enum sl_status build_exchange(struct build *build, uint32_t plan_idx, struct sl_error *err)
{
    const struct sl_plan_node *plan_node = &build->query->plan->nodes[plan_idx];
    uint32_t worker_count = build->query->worker_count;
    struct eng_node *out = new_node(build, "exchange_out", plan_idx, 1);
    if (out == NULL) {
        return no_memory(err);
    }
    fill_env(out, plan_node);
    SL_TRY(connect_inputs(build, out, plan_node, err));
    uint32_t first_ring = build->worker->node_count;
    for (uint32_t i = 0; i + 1 < worker_count; i++) {
        struct eng_node *ring = new_node(build, "exchange_ring", plan_idx, 0);
        if (ring == NULL) {
            return no_memory(err);
        }
    }
    struct eng_node *in = new_node(build, "exchange_in", plan_idx, worker_count);
    if (in == NULL) {
        return no_memory(err);
    }
    fill_env(in, plan_node);
    uint32_t ring = first_ring;
    for (uint32_t from = 0; from < worker_count; from++) {
        bool is_own = from == build->worker->idx;
        struct eng_node *producer = is_own ? out : build->worker->nodes[ring++];
        SL_TRY(connect(producer, SL_OUT_MAIN, in, from, err));
    }
    build->built[plan_idx] = (struct built){.entry = out, .exit = in};
    return SL_OK;
}

/* Late and rejected outputs that no edge consumes go to one node for all. */
static enum sl_status build_rejects(struct build *build, struct sl_error *err)
{
    static const struct sl_plan_node nothing = {.kind = "rejects"};
    struct eng_worker *worker = build->worker;
    uint32_t node_count = worker->node_count;
    uint32_t port_count = 0;
    for (uint32_t i = 0; i < node_count; i++) {
        port_count += worker->nodes[i]->plan_node != NULL ? 2 : 0;
    }
    struct eng_node *rejects =
        new_node(build, "rejects", build->query->plan->node_count, port_count);
    if (rejects == NULL) {
        return no_memory(err);
    }
    fill_env(rejects, &nothing);
    uint32_t port = 0;
    for (uint32_t i = 0; i < node_count; i++) {
        struct eng_node *node = worker->nodes[i];
        for (uint32_t out = SL_OUT_LATE; node->plan_node != NULL && out < SL_OUT_COUNT; out++) {
            if (node->outs[out] == NULL) {
                SL_TRY(connect(node, out, rejects, port, err));
                rejects->ports[port++].edge->rows_only = true;
            }
        }
    }
    rejects->port_count = port;
    return SL_OK;
}

static enum sl_status finish_worker(struct eng_worker *worker, struct sl_error *err)
{
    struct sl_arena *arena = &worker->query->arena;
    worker->ready = SL_ARENA_ARRAY(arena, uint64_t, (worker->node_count + 63) / 64);
    worker->pollers = SL_ARENA_ARRAY(arena, struct eng_node *, worker->node_count);
    if (worker->ready == NULL || worker->pollers == NULL) {
        return no_memory(err);
    }
    worker->running_count = worker->node_count - 1; /* the reject node sees no END */
    return SL_OK;
}

static enum sl_status build_worker(struct build *build, struct sl_error *err)
{
    struct sl_query *query = build->query;
    const struct sl_plan *plan = query->plan;
    struct sl_arena *arena = &query->arena;
    struct eng_worker *worker = build->worker;
    worker->node_capacity = plan->node_count * (query->worker_count + 2) + 1;
    worker->nodes = SL_ARENA_ARRAY(arena, struct eng_node *, worker->node_capacity);
    build->built = SL_ARENA_ARRAY(arena, struct built, plan->node_count);
    if (worker->nodes == NULL || build->built == NULL) {
        return no_memory(err);
    }
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (is_left_out(query, &plan->nodes[i])) {
            continue;
        }
        bool is_exchange = eng_plan_node_is(&plan->nodes[i], "exchange");
        SL_TRY(is_exchange ? build_exchange(build, i, err) : build_plain(build, i, err));
    }
    SL_TRY(build_rejects(build, err));
    return finish_worker(worker, err);
}

enum sl_status eng_build(struct sl_query *query, struct sl_error *err)
{
    for (uint32_t i = 0; i < query->worker_count; i++) {
        struct build build = {.query = query, .worker = &query->workers[i]};
        SL_TRY(build_worker(&build, err));
    }
    return SL_OK;
}
