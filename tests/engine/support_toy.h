/* SPDX-License-Identifier: Apache-2.0
 *
 * Toy sources, operators and sinks, and plans built by hand, to drive the driver.
 * Always true: every row is (id, value) of BIGINT; ids are distinct over all splits. */
#ifndef TESTS_ENGINE_SUPPORT_TOY_H
#define TESTS_ENGINE_SUPPORT_TOY_H

#include <pthread.h>

#include "sluice/engine.h"

enum { TOY_ROWS_MAX = 200000, TOY_NODES_MAX = 16, TOY_SPLITS_MAX = 8, TOY_EVENTS_MAX = 4096 };

/* What a test sets, and what the toys tell. Shared by all workers, under lock. */
struct toy {
    /* source */
    uint32_t split_count;
    uint32_t hidden_splits; /* of them, found only when worker 0's source woke */
    int64_t rows_per_split;
    uint32_t rows_per_batch;
    bool unbounded;          /* after the last row: BLOCKED instead of DONE */
    bool pauses;             /* answers BLOCKED with a clock wake-up between batches */
    int64_t deselect_modulo; /* rows whose id is a multiple are deselected; 0 = none */
    int64_t watermark_step;  /* >0: the "clockmaker" operator emits watermark = max id */
    /* operators and sinks */
    uint32_t blocks_each;   /* "slow" and the sink answer BLOCKED so often before each batch */
    bool never_wakes;       /* and they arm no wake-up */
    int64_t fail_at_id;     /* "fragile" fails at this id */
    uint32_t fail_worker;   /* only there */
    int64_t close_at_rows;  /* the result callback says SL_CLOSED from then on */
    struct sl_query *query; /* for stops from inside */
    int64_t stop_at_rows;   /* the sink stops the query when it has so many */
    bool stop_drains;
    struct sl_log *log; /* NULL = standard error */
    /* told */
    pthread_mutex_t lock;
    int64_t ids[TOY_ROWS_MAX]; /* rows as the sinks took them */
    int64_t values[TOY_ROWS_MAX];
    uint32_t workers[TOY_ROWS_MAX];
    uint32_t row_count;
    char events[TOY_EVENTS_MAX]; /* one letter a signal, in order, of the node with "trace" */
    uint32_t event_count;
    int64_t last_watermark;
    int64_t prepared;
    int64_t committed;
    uint32_t barriers_out_of_order;
    int64_t committed_positions[TOY_SPLITS_MAX]; /* by split number, as the source was told */
    uint32_t ended_sinks;
    uint32_t wakes;
    uint32_t late_wakes;  /* event wake-ups seen after their watermark */
    int64_t barrier_rows; /* rows behind the last barrier at the sink */
};

/* A plan under construction. */
struct toy_plan {
    struct sl_plan plan;
    struct sl_plan_node nodes[TOY_NODES_MAX];
    uint32_t inputs[TOY_NODES_MAX][2];
    struct sl_param params[TOY_NODES_MAX][4];
    struct sl_option settings[8];
};

extern const struct sl_schema toy_schema;
extern const struct sl_builtins toy_builtins;

void toy_init(struct toy *toy);
void toy_plan_init(struct toy_plan *plan);
/* Adds a node whose inputs are the nodes first and second (-1 = none); returns its index. Every
 * node gets the toy as parameter "toy". */
uint32_t toy_add(struct toy_plan *plan, struct toy *toy, const char *kind, const char *connector,
                 int first, int second);
/* Adds an exchange by hash of id. */
uint32_t toy_add_exchange(struct toy_plan *plan, struct toy *toy, int input, bool singleton);
void toy_set(struct toy_plan *plan, const char *name, const char *value);

/* Creates an engine and a query, runs it, destroys both. */
enum sl_status toy_run(struct toy_plan *plan, struct toy *toy, struct sl_query_options options,
                       struct sl_query_stats *stats, struct sl_error *err);
/* Fails unless each id of [0, count) was taken exactly `times` times. */
void toy_assert_each_id(const struct toy *toy, int64_t count, uint32_t times);

#endif
