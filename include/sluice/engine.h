/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 8. The public interface of the engine: compile SQL, run queries, watch them. */
#ifndef SLUICE_ENGINE_H
#define SLUICE_ENGINE_H

#include "sluice/catalog.h"

SL_EXTERN_C_BEGIN

struct sl_engine;
struct sl_query;

/* What one statement (or all INSERTs of a script) came to. */
enum sl_job_kind {
    SL_JOB_INSERTS, /* plan with the script's sinks */
    SL_JOB_SELECT,  /* plan ending in the "result" sink */
    SL_JOB_TEXT     /* text: EXPLAIN, SHOW, DESCRIBE; already rendered */
};

struct sl_job {
    enum sl_job_kind kind;
    const struct sl_plan *plan;
    const char *text;
};

/* In script order; a job of kind INSERTS stands where the last INSERT stood. */
struct sl_script {
    const struct sl_job *jobs;
    uint32_t job_count;
    struct sl_options settings; /* SET keys in force at the end */
};

/* The planner as the engine sees it; sql/room.h provides one. */
struct sl_planner_def {
    /* Compiles a script against catalog (which DDL changes) with the settings given (SET adds to
     * them). Everything in *script lives in arena. err has line and column in text. */
    enum sl_status (*compile)(struct sl_catalog *catalog, const char *text, size_t length,
                              const struct sl_options *settings, struct sl_log *log,
                              struct sl_arena *arena, struct sl_script *script,
                              struct sl_error *err);
};

struct sl_engine_config {
    const struct sl_builtins *builtins;
    const struct sl_planner_def *planner;
    const struct sl_clock *clock; /* NULL = the machine's */
    struct sl_io *io;             /* NULL = the machine's */
    struct sl_log *log;           /* NULL = warnings to standard error */
    int64_t memory_limit_bytes;   /* of everything together; 0 = none but the queries' own */
};

/* config is copied. */
enum sl_status sl_engine_create(const struct sl_engine_config *config, struct sl_engine **engine,
                                struct sl_error *err);
void sl_engine_destroy(struct sl_engine *engine);
/* Compiles a whole script; nothing is run. settings are SET keys from outside (-D), NULL = none;
 * the script's SET wins. *script lives until the engine is destroyed. Tables stay in the engine's
 * catalog for the next compile. */
enum sl_status sl_engine_compile(struct sl_engine *engine, const char *text, size_t length,
                                 const struct sl_options *settings, struct sl_script *script,
                                 struct sl_error *err);

struct sl_query_options {
    /* For SL_JOB_SELECT: called on one worker's thread with each batch of result rows (rows of the
     * plan's last node's input). A status of SL_CLOSED ends the query well. */
    enum sl_status (*result)(void *user, const struct sl_batch *batch, struct sl_error *err);
    void *user;
    uint32_t worker_count; /* 0 = parallelism.default */
    const char *resume;    /* NULL = start anew, "latest", or a path to a checkpoint (chk-N) */
    uint64_t seed;         /* 0 = from the machine */
    uint32_t ring_slots;   /* capacity of rings between workers in batches; 0 = 16. For tests */
    uint32_t batch_rows;   /* rows a batch; 0 = SL_BATCH_ROWS_MAX. For tests */
};

/* plan must outlive the query. Opens every instance, restores, but runs nothing. */
enum sl_status sl_query_create(struct sl_engine *engine, const struct sl_plan *plan,
                               const struct sl_query_options *options, struct sl_query **query,
                               struct sl_error *err);
/* Starts the workers and returns when the query has ended: SL_OK for END of input, a stop, or a
 * result callback that said SL_CLOSED. With several workers each is a thread; with one the caller's
 * thread is the worker. */
enum sl_status sl_query_run(struct sl_query *query, struct sl_error *err);
/* Asks a running query to end: a last checkpoint, no window is closed; with drain, sources stop,
 * windows are closed and all is flushed. A stop without drain that is asked for again ends the
 * query at once, without the checkpoint; it also overtakes a drain. From any thread, and from a
 * signal handler. */
void sl_query_stop(struct sl_query *query, bool drain);
void sl_query_destroy(struct sl_query *query);

/* Sums over workers; from any thread while the query lives. */
struct sl_query_stats {
    int64_t rows_in;  /* rows that sources decoded (rejected ones not included) */
    int64_t rows_out; /* rows that sinks took */
    int64_t rows_late;
    int64_t rows_rejected;
    int64_t rejected_by_reason[SL_ROW_ERROR_COUNT];
    int64_t watermark_ms; /* the lowest of all sources, INT64_MIN before the first */
    int64_t state_bytes;
    int64_t memory_bytes;
    int64_t checkpoint;         /* number of the last that was decided, 0 = none */
    int64_t failed_checkpoints; /* that could not be written */
};
struct sl_query_stats sl_query_stats(struct sl_query *query);
struct sl_metric_set *sl_query_metrics(struct sl_query *query);

/* The settings that the engine reads (SET and -D), with types, defaults and help; ends with name
 * NULL. */
extern const struct sl_option_def sl_engine_options[];

SL_EXTERN_C_END

#endif
