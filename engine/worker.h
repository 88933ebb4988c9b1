/* SPDX-License-Identifier: Apache-2.0
 *
 * One worker: one thread with its own nodes, timers and epoll.
 * Always true: only the worker's own thread touches its nodes while the query runs; other threads
 * reach it through the fields marked atomic, and through its eventfd when it sleeps. */
#ifndef ENGINE_WORKER_H
#define ENGINE_WORKER_H

#include <pthread.h>

#include "pipeline.h"

struct sl_query;

struct eng_worker {
    struct sl_query *query;
    uint32_t idx;
    struct eng_node **nodes;
    uint32_t node_count;
    uint32_t node_capacity;
    uint64_t *ready; /* bit a node: worth a step */
    struct eng_node **pollers;
    uint32_t poller_count;
    int epoll_fd;
    int event_fd;
    uint32_t watch_count;
    int64_t now_us;    /* steady clock, read once a round */
    int64_t gauged_us; /* steady clock when the gauges of memory were set */
    bool is_draining;
    uint32_t running_count;    /* nodes that have not ended */
    int64_t begun;             /* last checkpoint that was begun here */
    uint32_t unreported_count; /* plan nodes that have not reported it yet */
    int64_t committing;        /* last checkpoint whose COMMITTED goes to the nodes */
    uint32_t uncommitted_count;
    pthread_t thread;
    /* Written by this worker, read by the coordinator; atomic. */
    int64_t reported;     /* every node has reported this checkpoint */
    int64_t committed;    /* every node has seen this COMMITTED */
    uint32_t is_finished; /* every node has ended */
    /* Written by this worker, read by its peers; atomic. */
    uint32_t is_sleeping;
};

enum sl_status eng_worker_init(struct eng_worker *worker, struct sl_query *query, uint32_t idx,
                               struct sl_error *err);
/* Closes all nodes and descriptors; safe on a half-built worker. */
void eng_worker_deinit(struct eng_worker *worker);
/* Runs until the query says exit. Failures are told to the query. */
void eng_worker_run(struct eng_worker *worker);
/* Wakes the worker when it sleeps. From any thread. */
void eng_worker_poke(struct eng_worker *worker);
/* Wakes it in any case. Async-signal-safe. */
void eng_worker_interrupt(struct eng_worker *worker);

static inline void eng_worker_mark_ready(struct eng_worker *worker, uint32_t node_idx)
{
    worker->ready[node_idx / 64] |= UINT64_C(1) << (node_idx % 64);
}

/* A barrier lies before a node. It may have come from a peer before this worker has read the
 * coordinator's request; then the checkpoint begins here now. */
enum sl_status eng_worker_see_barrier(struct eng_worker *worker, int64_t number,
                                      struct sl_error *err);
/* checkpoint.h's hook for node, once a checkpoint; called when the node has handled its barrier or
 * has ended. */
enum sl_status eng_worker_report(struct eng_worker *worker, struct eng_node *node,
                                 struct sl_error *err);
/* The node saw COMMITTED. */
void eng_worker_committed(struct eng_worker *worker, struct eng_node *node);
/* The node has ended. */
enum sl_status eng_worker_ended(struct eng_worker *worker, struct eng_node *node,
                                struct sl_error *err);

#endif
