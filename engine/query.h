/* SPDX-License-Identifier: Apache-2.0
 *
 * One query: its workers and what they share. Always true: after sl_query_create the shared fields
 * are read-only, but for those marked atomic. */
#ifndef ENGINE_QUERY_H
#define ENGINE_QUERY_H

#include "sluice/engine.h"

#include "affinity.h"
#include "worker.h"

struct sl_engine {
    struct sl_engine_config config;
    struct sl_log log; /* used when config has none */
    struct sl_account account;
    struct sl_catalog catalog;
    struct sl_arena arena; /* scripts */
};

enum eng_stop { ENG_STOP_NONE, ENG_STOP_DRAIN, ENG_STOP_CHECKPOINT, ENG_STOP_NOW };

/* Decides on checkpoints and on the end of the query (coordinator.c). Runs on one thread. */
struct eng_coordinator {
    enum { ENG_PHASE_WAITING, ENG_PHASE_REPORTING, ENG_PHASE_COMMITTING } phase;
    int64_t interval_us;
    int64_t next_us; /* monotonic */
    int64_t stop_deadline_us;
    int64_t number; /* last begun */
    bool is_last;
    uint32_t failures_in_row; /* checkpoints that could not be written since the last that was */
};

struct eng_exchange;
struct eng_checkpoint;

struct sl_query {
    struct sl_engine *engine;
    const struct sl_plan *plan;
    struct sl_query_options options; /* with defaults filled in */
    struct sl_account account;
    struct sl_account queue_account; /* of what crosses workers */
    struct sl_arena arena;           /* written by sl_query_create only */
    struct sl_metric_set *metrics;
    struct eng_worker *workers;
    uint32_t worker_count;
    struct eng_cores cores;
    struct eng_exchange *exchanges; /* list */
    struct eng_checkpoint *checkpoint;
    struct eng_coordinator coordinator;
    bool has_keyed_state;
    bool is_one_phase; /* aggregates have no local halves */
    bool is_durable; /* checkpoints are written to a directory */
    const char *dead_letter_path;
    int event_fd;         /* wakes the coordinator when it has a thread of its own */
    uint32_t split_count; /* splits dealt so far; changed by worker 0 only */
    /* Atomic: */
    uint32_t stop;     /* enum eng_stop; from any thread or signal handler */
    int64_t requested; /* checkpoint that is to be taken */
    int64_t last;      /* nothing is read behind the barrier of this one; 0 = not known yet */
    int64_t decided;   /* checkpoint whose COMMITTED is to be sent */
    int64_t committed; /* checkpoint that every worker has seen COMMITTED */
    int64_t failed_checkpoints;
    uint32_t exit; /* workers return */
    uint32_t failure_claimed;
    struct sl_error failure; /* of the first that failed; read after all workers returned */
};

/* failure.c. Keeps the first failure. All workers stop. */
void eng_query_fail(struct sl_query *query, enum sl_status status, const struct sl_error *err);
void eng_query_exit(struct sl_query *query);
/* Appends to err how much memory the query and its largest operators hold. */
void eng_query_name_holders(const struct sl_query *query, struct sl_error *err);
/* Wakes whoever coordinates. From any thread. */
void eng_query_poke_coordinator(struct sl_query *query);
/* setting.c: every key must be known and parse as its type. */
enum sl_status eng_settings_check(const struct sl_options *settings, struct sl_log *log,
                                  struct sl_error *err);
const char *eng_query_setting(const struct sl_query *query, const char *name);
bool eng_query_setting_is_set(const struct sl_query *query, const char *name);

/* coordinator.c. tick returns the time in microseconds until it wants to be called again. */
void eng_coordinator_init(struct sl_query *query);
int64_t eng_coordinator_tick(struct sl_query *query);

#define ENG_LOAD(field) __atomic_load_n(&(field), __ATOMIC_SEQ_CST)
#define ENG_STORE(field, value) __atomic_store_n(&(field), (value), __ATOMIC_SEQ_CST)

#endif
