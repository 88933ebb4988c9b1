/* SPDX-License-Identifier: Apache-2.0
 *
 * The adapter of a sink to the driver. Always true: a barrier or the end is passed only when the
 * sink has acknowledged everything that was written before it. */
#include <string.h>

#include "checkpoint.h"
#include "nodes.h"

struct eng_sink {
    struct eng_node *node;
    const struct sl_sink_def *def;
    void *sink;
    int64_t epoch; /* last prepared */
    bool is_result;
};

static void count_rejected(struct eng_sink *self, const struct sl_outs *outs)
{
    if (outs->batches[SL_OUT_REJECTED] != NULL) {
        sl_metric_add(self->node->rows_out,
                      -(int64_t)outs->batches[SL_OUT_REJECTED]->selected_count);
    }
}

static enum sl_status sink_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct eng_sink *self = state;
    (void)port;
    enum sl_status status = self->def->write(self->sink, in, outs, flow, err);
    if (status == SL_CLOSED && self->is_result) {
        eng_query_exit(self->node->worker->query); /* whoever read is gone: all is well */
        *flow = SL_BLOCKED;
        return SL_OK;
    }
    SL_TRY(status);
    if (*flow == SL_DONE) {
        sl_metric_add(self->node->rows_out, in->selected_count);
    }
    count_rejected(self, outs);
    return SL_OK;
}

static enum sl_status prepare(struct eng_sink *self, int64_t epoch, struct sl_outs *outs,
                              enum sl_flow *flow, struct sl_error *err)
{
    SL_TRY(self->def->prepare(self->sink, epoch, outs, flow, err));
    if (*flow == SL_DONE) {
        self->epoch = epoch;
    }
    count_rejected(self, outs);
    return SL_OK;
}

static enum sl_status sink_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                  enum sl_flow *flow, struct sl_error *err)
{
    struct eng_sink *self = state;
    switch (signal->kind) {
    case SL_SIGNAL_BARRIER:
        return prepare(self, signal->value, outs, flow, err);
    case SL_SIGNAL_END:
        return prepare(self, self->epoch + 1, outs, flow, err);
    case SL_SIGNAL_COMMITTED:
        return self->def->commit == NULL ? SL_OK
                                         : self->def->commit(self->sink, signal->value, err);
    case SL_SIGNAL_WAKE:
        return self->def->wake == NULL ? SL_OK : self->def->wake(self->sink, signal->value, err);
    default:
        return SL_OK;
    }
}

static void sink_close(void *state)
{
    struct eng_sink *self = state;
    if (self != NULL && self->def->close != NULL) {
        self->def->close(self->sink);
    }
}

enum sl_status eng_sink_open(struct eng_node *node, struct sl_error *err)
{
    const char *name = sl_plan_string(node->plan_node, "connector", "");
    bool is_result = strcmp(name, eng_result_connector.name) == 0;
    const struct sl_connector_def *connector =
        is_result ? &eng_result_connector : sl_catalog_connector(node->env.catalog, name);
    if (connector == NULL || connector->sink == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "connector '%s' cannot be written", name);
    }
    struct eng_sink *self = SL_ARENA_NEW(&node->arena, struct eng_sink);
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", node->label);
    }
    struct sl_query *query = node->worker->query;
    int64_t restored = eng_checkpoint_restored(query->checkpoint);
    *self = (struct eng_sink){.node = node,
                              .def = connector->sink,
                              .epoch = SL_MAX(restored, eng_checkpoint_last(query->checkpoint)),
                              .is_result = is_result};
    node->state = self;
    node->def =
        (struct eng_node_def){.process = sink_process, .signal = sink_signal, .close = sink_close};
    SL_TRY(connector->sink->open(&node->env, &self->sink, err));
    if (restored > 0 && connector->sink->abort != NULL) {
        SL_TRY(connector->sink->abort(self->sink, restored, err));
    }
    return SL_OK;
}
