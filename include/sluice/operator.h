/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 6. The contract between the driver, which moves, and operators, which work. Operators do not
 * call each other; the driver hands each its batches and signals and takes what comes out. */
#ifndef SLUICE_OPERATOR_H
#define SLUICE_OPERATOR_H

#include "sluice/io.h"
#include "sluice/kernel.h"
#include "sluice/log.h"
#include "sluice/metric.h"
#include "sluice/plan.h"

SL_EXTERN_C_BEGIN

/* DONE: finished with this input; outs may be set.
 * MORE: outs are set; take them and call again with the same input.
 * BLOCKED: no progress possible now, outs are empty; a wake-up is armed (or memory, a ring, a
 * device will free itself). The driver goes on elsewhere and presents the same input again later.
 * The callee keeps its own cursor. */
enum sl_flow { SL_DONE, SL_MORE, SL_BLOCKED };

enum sl_signal_kind {
    SL_SIGNAL_NONE,      /* an operator sets this to swallow a signal */
    SL_SIGNAL_WATERMARK, /* value: event time in ms; the minimum over ports that are not idle,
                            strictly ascending */
    SL_SIGNAL_IDLE,      /* all inputs are idle; the watermark goes on at the next batch. A source
                            that waits and has no splits (left) says it, and a resumed one when it
                            has named its splits */
    SL_SIGNAL_WAKE,      /* value: the token of the wake-up. Never forwarded */
    SL_SIGNAL_BARRIER, /* value: checkpoint number. All rows before it must have come out, or be in
                          state tables, before DONE */
    SL_SIGNAL_COMMITTED, /* value: checkpoint number that is decided. Sent to every operator, in no
                            order with batches */
    SL_SIGNAL_SPLIT_ADDED, /* value: split id. From a source downstream, before the split's first
                              row: until it ends or idles, the split holds the watermark back, rows
                              or no rows */
    SL_SIGNAL_SPLIT_ENDED, /* value: split id. Behind the split's last row: it no longer holds the
                              watermark */
    SL_SIGNAL_DRAIN,       /* flush what is buffered, as if input ended */
    SL_SIGNAL_END /* no more input on any port; flush. A watermark of INT64_MAX came before it
                     unless the query was stopped */
};

struct sl_signal {
    enum sl_signal_kind kind;
    int64_t value;
};

enum { SL_OUT_MAIN, SL_OUT_LATE, SL_OUT_REJECTED, SL_OUT_COUNT };

/* Filled by the callee; zeroed by the driver before each call. Batches are delivered first, then
 * the signal, if its kind is not NONE: WATERMARK and IDLE from the operator that makes time,
 * SPLIT_ENDED from a source's poll. */
struct sl_outs {
    struct sl_batch *batches[SL_OUT_COUNT];
    struct sl_signal signal;
};

struct sl_catalog;
struct sl_waker;

/* What an instance (of an operator, source or sink) gets. Everything is borrowed and outlives the
 * instance. */
struct sl_env {
    const struct sl_plan *plan;
    const struct sl_plan_node *node;
    const struct sl_catalog *catalog;
    const struct sl_schema *const *inputs; /* schema that really arrives, by port */
    uint32_t input_count;
    uint32_t worker_idx;
    uint32_t worker_count;
    uint32_t batch_rows;        /* capacity to use for output batches, at most SL_BATCH_ROWS_MAX */
    struct sl_account *account; /* this operator's */
    struct sl_arena *arena;     /* as long as the instance */
    const struct sl_clock *clock;
    struct sl_log *log;
    struct sl_metric_set *metrics;
    const char *label; /* "filter[2]": for metrics and messages */
    struct sl_io *io;
    struct sl_state_table **states; /* one a node->states entry, restored before open */
    struct sl_waker *waker;
    const char *const *restored_splits; /* sources: names of the splits that the restored
                                           checkpoint has positions of, in no order */
    uint32_t restored_split_count;
    int64_t restored_watermark; /* the lowest of this operator's instances at the restored
                                   checkpoint, or INT64_MIN */
    uint64_t seed;
    void *user; /* of the query's result callback (engine.h); only the result sink reads it */
};

enum sl_wake_kind {
    SL_WAKE_CLOCK, /* time: microseconds of sl_clock_steady_us(env->clock) */
    SL_WAKE_EVENT  /* time: event time in ms; fires when the operator's input watermark reaches it,
                      before it sees that WATERMARK */
};

/* Arms one wake-up of this instance: signal WAKE with that token, on its own worker. */
enum sl_status sl_wake_at(struct sl_env *env, enum sl_wake_kind kind, int64_t time, int64_t token,
                          struct sl_error *err);
/* WAKE with that token whenever fd is readable (level-triggered), until removed. Threads of
 * libraries wake an operator by writing to an eventfd. */
enum sl_status sl_wake_fd(struct sl_env *env, int fd, int64_t token, struct sl_error *err);
void sl_wake_fd_remove(struct sl_env *env, int fd);

struct sl_operator_def {
    const char *kind; /* of plan nodes: "filter" */
    uint32_t port_count;
    /* *state may be set before a failure: close is then called with it (and must bear half-opened
     * objects and NULL). */
    enum sl_status (*open)(struct sl_env *env, void **state, struct sl_error *err);
    /* in has at least one selected row (but for the operator "watermark", which also sees what a
     * source has deselected). Input stays valid until what DONE gave out is consumed (batch.h). A
     * failed status ends the query with err. */
    enum sl_status (*process)(void *state, uint32_t port, const struct sl_batch *in,
                              struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err);
    /* Called once a signal is aligned over all ports. The driver forwards *signal after DONE; the
     * operator may change its value (hold a watermark back) or its kind to NONE. NULL = forward
     * everything. */
    enum sl_status (*signal)(void *state, struct sl_signal *signal, struct sl_outs *outs,
                             enum sl_flow *flow, struct sl_error *err);
    void (*close)(void *state);
};

/* The schema of every late or rejected row that nobody consumes by name:
 * reason STRING, detail STRING, split STRING, position BIGINT, row BYTES (what was received, or the
 * row as JSON). */
const struct sl_schema *sl_rejected_schema(void);

/* Collects rejected (or late) rows for outs.batches[SL_OUT_REJECTED or SL_OUT_LATE]. */
struct sl_rejects {
    struct sl_batch_builder builder;
    struct sl_env *env;
    bool is_open;
    bool is_taken; /* the next add starts afresh */
};
enum sl_status sl_rejects_open(struct sl_rejects *rejects, struct sl_env *env,
                               struct sl_error *err);
void sl_rejects_close(struct sl_rejects *rejects);
/* Adds one; the bytes are copied (row cut at 4,096 bytes). detail, split and row may be NULL. Look
 * at sl_rejects_is_full first and take the batch out when it says so: adding to a full one is
 * SL_INTERNAL. */
enum sl_status sl_rejects_add(struct sl_rejects *rejects, enum sl_row_error reason,
                              const char *detail, const char *split, int64_t position,
                              const char *row, size_t row_bytes, struct sl_error *err);
/* Adds a row of a batch, printed as a JSON object; split and position (with step 1) come from the
 * batch's runs when it has them. */
enum sl_status sl_rejects_add_row(struct sl_rejects *rejects, enum sl_row_error reason,
                                  const char *detail, const struct sl_batch *batch, uint32_t row,
                                  struct sl_error *err);
/* Whether env->batch_rows rows wait to be taken. */
bool sl_rejects_is_full(const struct sl_rejects *rejects);
/* The collected batch (then reset on the next add after the driver came back), or NULL when empty.
 */
struct sl_batch *sl_rejects_take(struct sl_rejects *rejects);

SL_EXTERN_C_END

#endif
