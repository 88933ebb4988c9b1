/* SPDX-License-Identifier: Apache-2.0
 *
 * The DAG of node instances on one worker, and the one function that moves it by a step.
 * Always true: an edge holds at most one batch and the signals behind it; a node is never called
 * while anything that it gave out still lies on an edge. */
#ifndef ENGINE_PIPELINE_H
#define ENGINE_PIPELINE_H

#include "sluice/catalog.h"

#include "timer.h"

enum { ENG_LABEL_BYTES = 64, ENG_EDGE_SIGNALS_MAX = 2 };

struct eng_node;
struct eng_worker;

/* From one output of a node to one port of another, on the same worker. */
struct eng_edge {
    struct eng_node *producer;
    struct eng_node *consumer;
    uint32_t port;         /* of the consumer */
    struct eng_edge *next; /* of the same output: fan-out */
    bool rows_only;        /* carries no signals (to the reject node) */
    bool takes_deselected; /* also batches without a selected row (to the watermark operator) */
    const struct sl_batch *batch;                   /* is consumed before the signals */
    struct sl_signal signals[ENG_EDGE_SIGNALS_MAX]; /* one made by the producer, one forwarded */
    uint32_t signal_count;
};

/* One input of a node and what its signals have said so far (port.c). */
struct eng_port {
    struct eng_edge *edge;
    int64_t watermark;
    bool is_idle;
    bool has_barrier; /* it lies first on the edge, which is held until all ports have theirs */
    bool is_drained;
    bool is_ended;
};

/* What the driver calls; operators' own functions or those of the engine's nodes. A node with poll
 * has no ports. NULL signal: forward everything. Statuses and flows as in operator.h; poll may set
 * any signal, and its DONE is the end of the node. */
struct eng_node_def {
    enum sl_status (*process)(void *state, uint32_t port, const struct sl_batch *in,
                              struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err);
    enum sl_status (*signal)(void *state, struct sl_signal *signal, struct sl_outs *outs,
                             enum sl_flow *flow, struct sl_error *err);
    enum sl_status (*poll)(void *state, struct sl_outs *outs, enum sl_flow *flow,
                           struct sl_error *err);
    /* Whether a call that answered BLOCKED would get on now, for what no wake-up tells (rings).
     * May be NULL. */
    bool (*can_go_on)(void *state);
    void (*close)(void *state); /* accepts NULL and half-opened objects */
};

enum eng_call_kind { ENG_CALL_NONE, ENG_CALL_BATCH, ENG_CALL_SIGNAL, ENG_CALL_POLL };

/* A call that is not finished: presented again after MORE and BLOCKED. */
struct eng_call {
    enum eng_call_kind kind;
    uint32_t port;
    const struct sl_batch *batch;
    struct sl_signal signal;
    bool is_blocked;
    bool is_done; /* answered DONE, but its outs are still on edges */
};

/* A file descriptor that an instance waits for (wake.c). */
struct eng_watch {
    struct eng_watch *next;
    struct eng_node *node;
    int fd;
    int64_t token;
    bool is_ready;
};

struct sl_waker {
    struct eng_node *node;
};

/* One instance of a plan node, or one of the engine's own (exchange, rejects). */
struct eng_node {
    struct eng_worker *worker;
    uint32_t idx;                         /* in worker->nodes: producers before consumers */
    const struct sl_plan_node *plan_node; /* NULL: one of the engine's own */
    uint32_t plan_idx;
    struct eng_node_def def;
    void *state;
    char label[ENG_LABEL_BYTES];
    struct sl_env env;
    struct sl_waker waker;
    struct sl_account account;
    struct sl_account state_account; /* of the tables; a part of account */
    struct sl_arena arena;
    struct sl_state_table **tables; /* plan_node->state_count of them; env.states */
    struct eng_port *ports;
    uint32_t port_count;
    uint32_t next_port;
    struct eng_edge *outs[SL_OUT_COUNT]; /* lists */
    uint32_t undelivered;                /* out edges that hold something */
    struct eng_call main;                /* input: a batch, an aligned signal, a poll */
    struct eng_call aside;               /* WAKE or COMMITTED, between calls for the input */
    int64_t watermark;                   /* aligned, as last presented */
    bool is_idle;                        /* IDLE was presented and no row came since */
    bool is_drained;                     /* DRAIN was presented */
    bool is_ended;
    int64_t reported;  /* last checkpoint that this node has reported */
    int64_t committed; /* last COMMITTED that it has seen */
    struct eng_timers clock_timers;
    struct eng_timers event_timers;
    struct eng_watch *watches;
    int waking_fd; /* of the WAKE in aside, -1 = a timer's */
    struct sl_metric *rows_in;
    struct sl_metric *rows_out;
    struct sl_metric *watermark_in;
    struct sl_metric *watermark_out;
    struct sl_metric *idle_out;
    struct sl_metric *memory_bytes;
    struct sl_metric *state_bytes; /* NULL without tables */
};

/* Moves node by at most one call. *progressed is false when there was nothing to do or the answer
 * was BLOCKED. may_poll allows to poll for new input. */
enum sl_status eng_node_step(struct eng_node *node, bool may_poll, bool *progressed,
                             struct sl_error *err);
/* Lets a blocked call be tried again. */
void eng_node_unblock(struct eng_node *node);

/* deliver.c: puts what a call gave out on the edges: batches, then the signal that it made, then
 * the one that is forwarded (kind NONE: none). */
void eng_deliver(struct eng_node *node, const struct sl_outs *outs, struct sl_signal forwarded);
/* The consumer is done with the edge's batch, or has taken its first signal. */
void eng_edge_release_batch(struct eng_edge *edge);
struct sl_signal eng_edge_pop_signal(struct eng_edge *edge);

/* port.c: picks the node's next input into node->main: a batch, or a signal once it is aligned.
 * False when there is none. */
bool eng_ports_next(struct eng_node *node);

/* wake.c: the next WAKE (or COMMITTED) that is due for the node. */
bool eng_wake_next(struct eng_node *node, struct sl_signal *signal);
/* Called after a WAKE was handled: a file descriptor is watched again. */
void eng_wake_done(struct eng_node *node);
/* Ends all wake-ups of the node. */
void eng_wake_close(struct eng_node *node);

#endif
