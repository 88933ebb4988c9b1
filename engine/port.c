/* SPDX-License-Identifier: Apache-2.0
 *
 * Alignment of signals over the ports of a node: the watermark is the minimum over ports that are
 * not idle; a barrier is presented when every port that has not ended has it. Always true: a port
 * that has its barrier gives nothing more until then. */
#include "pipeline.h"

/* Whether the minimum went up, or the last port fell idle. */
static bool align_time(struct eng_node *node, struct sl_signal *signal)
{
    int64_t minimum = INT64_MAX;
    bool any_active = false;
    for (uint32_t i = 0; i < node->port_count; i++) {
        if (!node->ports[i].is_idle) {
            any_active = true;
            minimum = SL_MIN(minimum, node->ports[i].watermark);
        }
    }
    if (!any_active) {
        bool was_idle = node->is_idle;
        node->is_idle = true;
        *signal = (struct sl_signal){.kind = SL_SIGNAL_IDLE};
        return !was_idle;
    }
    node->is_idle = false;
    *signal = (struct sl_signal){.kind = SL_SIGNAL_WATERMARK, .value = minimum};
    return minimum > node->watermark;
}

static bool align_barrier(struct eng_node *node, struct sl_signal *signal)
{
    uint32_t held_count = 0;
    for (uint32_t i = 0; i < node->port_count; i++) {
        if (!node->ports[i].has_barrier && !node->ports[i].is_ended) {
            return false;
        }
        held_count += node->ports[i].has_barrier;
    }
    if (held_count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < node->port_count; i++) {
        if (node->ports[i].has_barrier) {
            *signal = eng_edge_pop_signal(node->ports[i].edge);
            node->ports[i].has_barrier = false;
        }
    }
    return true;
}

/* END once all ports have it; DRAIN once when each has it or has ended by itself. */
static bool align_end(struct eng_node *node, struct sl_signal *signal)
{
    bool all_ended = true;
    bool all_drained = true;
    bool any_drained = false;
    for (uint32_t i = 0; i < node->port_count; i++) {
        const struct eng_port *port = &node->ports[i];
        all_ended = all_ended && port->is_ended;
        all_drained = all_drained && (port->is_drained || port->is_ended);
        any_drained = any_drained || port->is_drained;
    }
    *signal = (struct sl_signal){.kind = all_ended ? SL_SIGNAL_END : SL_SIGNAL_DRAIN};
    if (all_ended) {
        return true;
    }
    bool is_new = all_drained && any_drained && !node->is_drained;
    node->is_drained = node->is_drained || is_new;
    return is_new;
}

/* Takes the first signal of a port into account; true when *signal is to be presented. */
static bool absorb(struct eng_node *node, struct eng_port *port, struct sl_signal *signal)
{
    if (port->edge->signals[0].kind == SL_SIGNAL_BARRIER) {
        port->has_barrier = true;
        return align_barrier(node, signal);
    }
    struct sl_signal first = eng_edge_pop_signal(port->edge);
    switch (first.kind) {
    case SL_SIGNAL_WATERMARK:
        port->watermark = SL_MAX(port->watermark, first.value);
        port->is_idle = false;
        return align_time(node, signal);
    case SL_SIGNAL_IDLE:
        port->is_idle = true;
        return align_time(node, signal);
    case SL_SIGNAL_DRAIN:
        port->is_drained = true;
        return align_end(node, signal);
    case SL_SIGNAL_END:
        port->is_ended = true;
        return align_end(node, signal) || align_barrier(node, signal);
    default: /* news of splits concern no other port */
        *signal = first;
        return true;
    }
}

static bool take_from(struct eng_node *node, uint32_t port_idx)
{
    struct eng_port *port = &node->ports[port_idx];
    if (port->edge->batch != NULL) {
        port->is_idle = false;
        node->is_idle = false;
        node->main =
            (struct eng_call){.kind = ENG_CALL_BATCH, .port = port_idx, .batch = port->edge->batch};
        return true;
    }
    struct sl_signal signal;
    while (port->edge->signal_count > 0 && !port->has_barrier) {
        if (absorb(node, port, &signal)) {
            node->main = (struct eng_call){.kind = ENG_CALL_SIGNAL, .signal = signal};
            return true;
        }
    }
    return false;
}

bool eng_ports_next(struct eng_node *node)
{
    for (uint32_t i = 0; i < node->port_count; i++) {
        uint32_t port_idx = (node->next_port + i) % node->port_count;
        if (take_from(node, port_idx)) {
            node->next_port = (port_idx + 1) % node->port_count;
            return true;
        }
    }
    /* A barrier may have become aligned by an END that was presented as something else. */
    struct sl_signal barrier;
    if (align_barrier(node, &barrier)) {
        node->main = (struct eng_call){.kind = ENG_CALL_SIGNAL, .signal = barrier};
        return true;
    }
    return false;
}
