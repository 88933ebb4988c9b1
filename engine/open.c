/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens every instance of a built query: state first, then the instance, consumers before
 * producers' splits are dealt. Always true: it runs on the caller's thread, before any worker. */
#include "build.h"
#include "checkpoint.h"
#include "nodes.h"

static enum sl_status open_operator(struct eng_node *node, struct sl_error *err)
{
    const struct sl_operator_def *def =
        sl_catalog_operator(node->env.catalog, node->plan_node->kind);
    if (def == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "no operator for plan node %s", node->label);
    }
    if (def->port_count != node->port_count) {
        return sl_fail(err, SL_FORMAT, "plan: %s has %u inputs, expected %u", node->label,
                       node->port_count, def->port_count);
    }
    node->def =
        (struct eng_node_def){.process = def->process, .signal = def->signal, .close = def->close};
    return def->open(&node->env, &node->state, err);
}

static enum sl_status open_plan_node(struct sl_query *query, struct eng_node *node,
                                     struct sl_error *err)
{
    SL_TRY(eng_checkpoint_restore_node(query->checkpoint, node, err));
    if (eng_plan_node_is(node->plan_node, "source")) {
        return eng_source_open(node, err);
    }
    if (eng_plan_node_is(node->plan_node, "sink")) {
        return eng_sink_open(node, err);
    }
    return open_operator(node, err);
}

/* nodes[*at] is an exchange's out half: opens all of its nodes and moves *at to the last. */
static enum sl_status open_exchange(struct eng_worker *worker, uint32_t *at,
                                    struct eng_exchange *exchange, struct sl_error *err)
{
    struct eng_node *out = worker->nodes[*at];
    const struct sl_plan_node *plan_node = out->env.node;
    SL_TRY(eng_exchange_out_open(out, exchange, eng_exchange_keys(worker->query, out->plan_idx),
                                 plan_node->distribution == SL_SINGLETON, err));
    for (uint32_t from = 0; from < exchange->worker_count; from++) {
        if (from != worker->idx) {
            SL_TRY(eng_exchange_ring_open(worker->nodes[++*at], exchange, from, err));
        }
    }
    eng_exchange_in_open(worker->nodes[++*at]);
    return SL_OK;
}

static enum sl_status open_worker(struct sl_query *query, struct eng_worker *worker,
                                  struct eng_exchange *const *exchanges, struct sl_error *err)
{
    for (uint32_t i = 0; i < worker->node_count; i++) {
        struct eng_node *node = worker->nodes[i];
        if (node->plan_node != NULL) {
            SL_TRY(open_plan_node(query, node, err));
        } else if (i + 1 == worker->node_count) {
            SL_TRY(eng_reject_open(node, err));
        } else {
            SL_TRY(open_exchange(worker, &i, exchanges[node->plan_idx], err));
        }
    }
    for (uint32_t i = 0; i < worker->node_count; i++) {
        if (worker->nodes[i]->def.poll != NULL) {
            worker->pollers[worker->poller_count++] = worker->nodes[i];
        }
    }
    return SL_OK;
}

static enum sl_status make_exchanges(struct sl_query *query, struct eng_exchange **exchanges,
                                     struct sl_error *err)
{
    for (uint32_t i = 0; query->worker_count > 1 && i < query->plan->node_count; i++) {
        const struct sl_plan_node *plan_node = &query->plan->nodes[i];
        if (eng_plan_node_is(plan_node, "exchange")) {
            SL_TRY(eng_exchange_create(query, eng_schema_out(query, i), &exchanges[i], err));
        }
    }
    return SL_OK;
}

enum sl_status eng_open(struct sl_query *query, struct sl_error *err)
{
    struct eng_exchange **exchanges =
        SL_ARENA_ARRAY(&query->arena, struct eng_exchange *, query->plan->node_count);
    if (exchanges == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory to open the query");
    }
    SL_TRY(make_exchanges(query, exchanges, err));
    for (uint32_t i = 0; i < query->worker_count; i++) {
        cpu_set_t before;
        SL_TRY(eng_cores_enter(&query->cores, i, &before, err));
        enum sl_status status = open_worker(query, &query->workers[i], exchanges, err);
        eng_cores_leave(&query->cores, &before);
        SL_TRY(status);
    }
    struct eng_worker *first = &query->workers[0];
    for (uint32_t i = 0; i < first->node_count; i++) {
        const struct eng_node *node = first->nodes[i];
        if (node->plan_node != NULL && eng_plan_node_is(node->plan_node, "source")) {
            SL_TRY(eng_source_discover(first->nodes[i], err));
        }
    }
    return SL_OK;
}
