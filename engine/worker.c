/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop of a worker: what is due, then what is ready from the deepest node up, then one round of
 * polls, then sleep. Always true: it sleeps only when no node can be moved, and every peer that
 * changes that sees is_sleeping. */
#include "worker.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "checkpoint.h"
#include "nodes.h"

enum {
    RETRY_US = 10 * 1000,
    SLEEP_MAX_US = 100 * 1000,
    GAUGE_US = 1000 * 1000,
    EVENTS_MAX = 32,
    POLLS_MAX = 16
};

enum sl_status eng_worker_init(struct eng_worker *worker, struct sl_query *query, uint32_t idx,
                               struct sl_error *err)
{
    worker->query = query;
    worker->idx = idx;
    worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (worker->epoll_fd < 0 || worker->event_fd < 0 ||
        epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->event_fd, &event) != 0) {
        return sl_fail(err, SL_IO, "worker %u gets no epoll or eventfd: %s", idx, strerror(errno));
    }
    return SL_OK;
}

static void close_node(struct eng_node *node)
{
    if (node->def.close != NULL) {
        node->def.close(node->state);
    }
    node->def.close = NULL;
    eng_wake_close(node);
    for (uint32_t i = 0; node->tables != NULL && i < node->plan_node->state_count; i++) {
        sl_state_table_destroy(node->tables[i]);
    }
    sl_arena_deinit(&node->arena);
}

void eng_worker_deinit(struct eng_worker *worker)
{
    for (uint32_t i = worker->node_count; i > 0; i--) { /* consumers before producers */
        close_node(worker->nodes[i - 1]);
    }
    worker->node_count = 0;
    if (worker->query == NULL) {
        return; /* never initialised */
    }
    if (worker->event_fd >= 0) {
        close(worker->event_fd);
    }
    if (worker->epoll_fd >= 0) {
        close(worker->epoll_fd);
    }
}

void eng_worker_interrupt(struct eng_worker *worker)
{
    eventfd_write(worker->event_fd, 1);
}

void eng_worker_poke(struct eng_worker *worker)
{
    if (ENG_LOAD(worker->is_sleeping)) {
        eng_worker_interrupt(worker);
    }
}

enum sl_status eng_worker_report(struct eng_worker *worker, struct eng_node *node,
                                 struct sl_error *err)
{
    if (node->reported >= worker->begun) {
        return SL_OK;
    }
    node->reported = worker->begun;
    SL_TRY(eng_checkpoint_node(worker->query->checkpoint, node, worker->begun, err));
    worker->unreported_count--;
    if (worker->unreported_count == 0) {
        ENG_STORE(worker->reported, worker->begun);
        eng_query_poke_coordinator(worker->query);
    }
    return SL_OK;
}

void eng_worker_committed(struct eng_worker *worker, struct eng_node *node)
{
    node->committed = worker->committing;
    worker->uncommitted_count--;
    if (worker->uncommitted_count == 0) {
        ENG_STORE(worker->committed, worker->committing);
        eng_query_poke_coordinator(worker->query);
    }
}

enum sl_status eng_worker_ended(struct eng_worker *worker, struct eng_node *node,
                                struct sl_error *err)
{
    node->is_ended = true;
    if (node->plan_node != NULL) {
        SL_TRY(eng_worker_report(worker, node, err));
    }
    worker->running_count--;
    if (worker->running_count == 0) {
        ENG_STORE(worker->is_finished, 1);
        eng_query_poke_coordinator(worker->query);
    }
    return SL_OK;
}

static void unblock_pollers(struct eng_worker *worker)
{
    for (uint32_t i = 0; i < worker->poller_count; i++) {
        eng_node_unblock(worker->pollers[i]);
    }
}

static enum sl_status begin_checkpoint(struct eng_worker *worker, int64_t number,
                                       struct sl_error *err)
{
    worker->begun = number;
    worker->unreported_count = 0;
    for (uint32_t i = 0; i < worker->node_count; i++) {
        worker->unreported_count += worker->nodes[i]->plan_node != NULL;
    }
    for (uint32_t i = 0; i < worker->node_count; i++) {
        struct eng_node *node = worker->nodes[i];
        if (node->is_ended && node->plan_node != NULL) {
            SL_TRY(eng_worker_report(worker, node, err));
        }
    }
    unblock_pollers(worker); /* sources have a barrier to send */
    return SL_OK;
}

static void begin_commit(struct eng_worker *worker, int64_t number)
{
    worker->committing = number;
    worker->uncommitted_count = worker->node_count;
    for (uint32_t i = 0; i < worker->node_count; i++) {
        eng_worker_mark_ready(worker, i);
    }
}

enum sl_status eng_worker_see_barrier(struct eng_worker *worker, int64_t number,
                                      struct sl_error *err)
{
    return number > worker->begun ? begin_checkpoint(worker, number, err) : SL_OK;
}

/* What the coordinator asks for. */
static enum sl_status read_requests(struct eng_worker *worker, struct sl_error *err)
{
    struct sl_query *query = worker->query;
    if (!worker->is_draining && ENG_LOAD(query->stop) == ENG_STOP_DRAIN) {
        worker->is_draining = true;
        unblock_pollers(worker);
    }
    int64_t requested = ENG_LOAD(query->requested);
    if (requested > worker->begun) {
        SL_TRY(begin_checkpoint(worker, requested, err));
    }
    int64_t decided = ENG_LOAD(query->decided);
    if (decided > worker->committing) {
        begin_commit(worker, decided);
    }
    return SL_OK;
}

static bool has_requests(const struct eng_worker *worker)
{
    const struct sl_query *query = worker->query;
    return ENG_LOAD(query->exit) || ENG_LOAD(query->requested) > worker->begun ||
           ENG_LOAD(query->decided) > worker->committing ||
           (!worker->is_draining && ENG_LOAD(query->stop) == ENG_STOP_DRAIN);
}

static bool is_blocked(const struct eng_node *node)
{
    return node->main.is_blocked || node->aside.is_blocked;
}

/* Nodes that can be tried again: their timer is due, a ring has moved, or (retry_all) in case that
 * memory has come free. */
static bool unblock_due(struct eng_worker *worker, bool retry_all)
{
    bool any = false;
    for (uint32_t i = 0; i < worker->node_count; i++) {
        struct eng_node *node = worker->nodes[i];
        if (eng_timers_is_due(&node->clock_timers, worker->now_us) && !node->is_ended) {
            eng_worker_mark_ready(worker, i);
            any = any || (node->undelivered == 0 && node->aside.kind == ENG_CALL_NONE);
        }
        if (is_blocked(node) &&
            (retry_all || (node->def.can_go_on != NULL && node->def.can_go_on(node->state)))) {
            eng_node_unblock(node);
            any = true;
        }
    }
    return any;
}

static void read_events(struct eng_worker *worker, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(worker->epoll_fd, events, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++) {
        struct eng_watch *watch = events[i].data.ptr;
        if (watch == NULL) {
            eventfd_t ignored;
            eventfd_read(worker->event_fd, &ignored);
            continue;
        }
        watch->is_ready = true;
        eng_worker_mark_ready(worker, watch->node->idx);
    }
}

/* The ready node that is farthest from the sources, or -1. */
static int64_t deepest_ready(const struct eng_worker *worker)
{
    for (uint32_t word = (worker->node_count + 63) / 64; word > 0; word--) {
        uint64_t bits = worker->ready[word - 1];
        if (bits != 0) {
            return (int64_t)(word - 1) * 64 + 63 - __builtin_clzll(bits);
        }
    }
    return -1;
}

static enum sl_status run_ready(struct eng_worker *worker, bool *progressed, struct sl_error *err)
{
    for (int64_t idx = deepest_ready(worker); idx >= 0; idx = deepest_ready(worker)) {
        worker->ready[idx / 64] &= ~(UINT64_C(1) << (idx % 64));
        bool moved = false;
        SL_TRY(eng_node_step(worker->nodes[idx], false, &moved, err));
        if (moved) {
            *progressed = true;
            eng_worker_mark_ready(worker, (uint32_t)idx);
        }
        if (ENG_LOAD(worker->query->exit)) {
            return SL_OK;
        }
    }
    return SL_OK;
}

/* Polls once; goes on with a ring that holds more, because its messages are mostly watermarks: one
 * a round, beside a batch that is read, would let it run full and stop the worker at its other end.
 */
static enum sl_status poll_node(struct eng_worker *worker, struct eng_node *node, bool *progressed,
                                struct sl_error *err)
{
    bool moved = true;
    bool has_more = true;
    for (uint32_t i = 0; i < POLLS_MAX && moved && has_more && !ENG_LOAD(worker->query->exit);
         i++) {
        SL_TRY(eng_node_step(node, true, &moved, err));
        if (moved) {
            *progressed = true;
            eng_worker_mark_ready(worker, node->idx);
            SL_TRY(run_ready(worker, progressed, err));
        }
        has_more = node->def.can_go_on != NULL && node->def.can_go_on(node->state);
    }
    return SL_OK;
}

static enum sl_status poll_round(struct eng_worker *worker, bool *progressed, struct sl_error *err)
{
    for (uint32_t i = 0; i < worker->poller_count; i++) {
        SL_TRY(poll_node(worker, worker->pollers[i], progressed, err));
    }
    return SL_OK;
}

static int64_t sleep_us(const struct eng_worker *worker, int64_t limit_us)
{
    int64_t until = SL_MIN(limit_us, SLEEP_MAX_US);
    for (uint32_t i = 0; i < worker->node_count; i++) {
        const struct eng_node *node = worker->nodes[i];
        if (node->clock_timers.count > 0 && !node->is_ended) {
            int64_t time = node->clock_timers.items[0].time;
            until = SL_MIN(until, time <= worker->now_us ? RETRY_US : time - worker->now_us);
        }
        if (is_blocked(node) && node->def.poll == NULL) {
            until = SL_MIN(until, RETRY_US);
        }
    }
    return SL_MAX(until, 0);
}

/* Nothing can be moved: waits for a descriptor, a timer, a peer or a request. */
static void sleep_until_work(struct eng_worker *worker, int64_t limit_us)
{
    const struct sl_clock *clock = worker->query->engine->config.clock;
    ENG_STORE(worker->is_sleeping, 1);
    worker->now_us = sl_clock_steady_us(clock);
    if (!has_requests(worker) && !unblock_due(worker, false)) {
        read_events(worker, (int)((sleep_us(worker, limit_us) + 999) / 1000));
    }
    ENG_STORE(worker->is_sleeping, 0);
}

/* Once a second. */
static void set_gauges(struct eng_worker *worker)
{
    int64_t passed_us = worker->now_us - worker->gauged_us;
    if (passed_us < GAUGE_US) {
        return;
    }
    worker->gauged_us = worker->now_us;
    for (uint32_t i = 0; i < worker->node_count; i++) {
        struct eng_node *node = worker->nodes[i];
        sl_metric_set_value(node->memory_bytes, sl_account_used(&node->account));
        sl_metric_set_value(node->state_bytes, sl_account_used(&node->state_account));
    }
}

/* One round; true in *progressed when something moved. */
static enum sl_status run_round(struct eng_worker *worker, bool retry_all, bool *progressed,
                                struct sl_error *err)
{
    const struct sl_clock *clock = worker->query->engine->config.clock;
    worker->now_us = sl_clock_steady_us(clock);
    set_gauges(worker);
    SL_TRY(read_requests(worker, err));
    if (worker->watch_count > 0) {
        read_events(worker, 0);
    }
    unblock_due(worker, retry_all);
    SL_TRY(run_ready(worker, progressed, err));
    return poll_round(worker, progressed, err);
}

void eng_worker_run(struct eng_worker *worker)
{
    struct sl_query *query = worker->query;
    struct sl_error err = {.status = SL_OK};
    bool retry_all = false;
    while (!ENG_LOAD(query->exit)) {
        bool progressed = false;
        enum sl_status status = run_round(worker, retry_all, &progressed, &err);
        if (status != SL_OK) {
            eng_query_fail(query, status, &err);
            return;
        }
        int64_t limit_us = query->worker_count == 1 ? eng_coordinator_tick(query) : SLEEP_MAX_US;
        retry_all = !progressed;
        if (!progressed) {
            sleep_until_work(worker, limit_us);
        }
    }
}
