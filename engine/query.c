/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a query: made, run, stopped, destroyed. Always true: whatever was made half is
 * destroyed whole. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "build.h"
#include "checkpoint.h"
#include "nodes.h"

enum { STACK_BYTES = 2 * 1024 * 1024 };

const char *eng_query_setting(const struct sl_query *query, const char *name)
{
    return sl_option_text(&query->plan->settings, sl_engine_options, name);
}

bool eng_query_setting_is_set(const struct sl_query *query, const char *name)
{
    return sl_option_is_set(&query->plan->settings, name);
}

static enum sl_status read_settings(struct sl_query *query, struct sl_error *err)
{
    const struct sl_options *settings = &query->plan->settings;
    struct sl_query_options *options = &query->options;
    SL_TRY(eng_settings_check(settings, NULL, err));
    int64_t workers = options->worker_count > 0
                          ? (int64_t)options->worker_count
                          : sl_option_int64(settings, sl_engine_options, "parallelism.default");
    int64_t rows = options->batch_rows > 0
                       ? (int64_t)options->batch_rows
                       : sl_option_int64(settings, sl_engine_options, "sluice.batch.rows");
    if (workers > SL_KEY_GROUP_COUNT || rows > SL_BATCH_ROWS_MAX) {
        return sl_fail(err, SL_OPTION, "at most %d workers and batches of %d rows",
                       SL_KEY_GROUP_COUNT, SL_BATCH_ROWS_MAX);
    }
    query->worker_count = (uint32_t)workers;
    options->batch_rows = (uint32_t)rows;
    options->ring_slots = options->ring_slots > 0 ? options->ring_slots : ENG_RING_SLOTS;
    options->seed = options->seed != 0 ? options->seed : sl_random_seed();
    const char *cores = eng_query_setting(query, "sluice.worker.cores");
    SL_TRY(eng_cores_parse(cores == NULL ? "" : cores, &query->cores, err));
    query->is_one_phase =
        strcmp(eng_query_setting(query, "table.optimizer.agg-phase-strategy"), "ONE_PHASE") == 0;
    query->dead_letter_path = eng_query_setting(query, "sluice.dead-letter.path");
    query->account.limit_bytes =
        sl_option_int64(settings, sl_engine_options, "sluice.memory.limit");
    for (uint32_t i = 0; i < query->plan->node_count; i++) {
        const struct sl_plan_node *node = &query->plan->nodes[i];
        for (uint32_t s = 0; s < node->state_count; s++) {
            query->has_keyed_state =
                query->has_keyed_state || node->states[s].scope == SL_STATE_KEYED;
        }
    }
    return SL_OK;
}

static enum sl_status make_workers(struct sl_query *query, struct sl_error *err)
{
    query->metrics = sl_metric_set_create(&query->account);
    query->workers = SL_ARENA_ARRAY(&query->arena, struct eng_worker, query->worker_count);
    if (query->metrics == NULL || query->workers == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u workers", query->worker_count);
    }
    query->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (query->event_fd < 0) {
        return sl_fail(err, SL_IO, "the query gets no eventfd: %s", strerror(errno));
    }
    for (uint32_t i = 0; i < query->worker_count; i++) {
        SL_TRY(eng_worker_init(&query->workers[i], query, i, err));
    }
    return SL_OK;
}

static enum sl_status set_up(struct sl_query *query, struct sl_error *err)
{
    SL_TRY(read_settings(query, err));
    SL_TRY(make_workers(query, err));
    SL_TRY(eng_checkpoint_open(query, query->options.resume, err));
    SL_TRY(eng_build(query, err));
    SL_TRY(eng_open(query, err));
    eng_coordinator_init(query);
    return SL_OK;
}

enum sl_status sl_query_create(struct sl_engine *engine, const struct sl_plan *plan,
                               const struct sl_query_options *options, struct sl_query **query,
                               struct sl_error *err)
{
    struct sl_query *made = sl_memory_alloc(&engine->account, sizeof(*made));
    if (made == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a query");
    }
    made->engine = engine;
    made->plan = plan;
    made->options = options == NULL ? (struct sl_query_options){.resume = NULL} : *options;
    made->account = (struct sl_account){.name = "query", .parent = &engine->account};
    made->queue_account = (struct sl_account){.name = "rings", .parent = &made->account};
    made->event_fd = -1;
    sl_arena_init(&made->arena, &made->account, 0);
    enum sl_status status = set_up(made, err);
    if (status != SL_OK) {
        if (err != NULL && (status == SL_MEMORY || status == SL_LIMIT)) {
            eng_query_name_holders(made, err);
        }
        sl_query_destroy(made);
        return status;
    }
    *query = made;
    return SL_OK;
}

void eng_query_poke_coordinator(struct sl_query *query)
{
    if (query->worker_count > 1) {
        eventfd_write(query->event_fd, 1);
    }
}

/* On the worker's core, if it has one. */
static void run_worker(struct eng_worker *worker)
{
    struct sl_query *query = worker->query;
    struct sl_error err;
    cpu_set_t before;
    enum sl_status status = eng_cores_enter(&query->cores, worker->idx, &before, &err);
    if (status != SL_OK) {
        eng_query_fail(query, status, &err);
        return;
    }
    eng_worker_run(worker);
    eng_cores_leave(&query->cores, &before);
}

static void *thread_main(void *user)
{
    run_worker(user);
    return NULL;
}

/* The caller's thread, while the workers have theirs. */
static void coordinate(struct sl_query *query)
{
    while (!ENG_LOAD(query->exit)) {
        int64_t wait_us = eng_coordinator_tick(query);
        if (ENG_LOAD(query->exit)) {
            break;
        }
        struct pollfd wanted = {.fd = query->event_fd, .events = POLLIN};
        int wait_ms = (int)SL_MIN((SL_MAX(wait_us, 0) + 999) / 1000, 100);
        if (poll(&wanted, 1, wait_ms) > 0) {
            eventfd_t ignored;
            eventfd_read(query->event_fd, &ignored);
        }
    }
}

static enum sl_status run_threads(struct sl_query *query, struct sl_error *err)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    uint32_t started = 0;
    int failed = 0;
    for (; started < query->worker_count && failed == 0; started++) {
        struct eng_worker *worker = &query->workers[started];
        failed = pthread_create(&worker->thread, &attributes, thread_main, worker);
    }
    pthread_attr_destroy(&attributes);
    enum sl_status status = SL_OK;
    if (failed != 0) {
        started--;
        status = sl_fail(err, SL_LIMIT, "worker %u gets no thread: %s", started, strerror(failed));
        eng_query_exit(query);
    }
    coordinate(query);
    for (uint32_t i = 0; i < started; i++) {
        pthread_join(query->workers[i].thread, NULL);
    }
    return status;
}

enum sl_status sl_query_run(struct sl_query *query, struct sl_error *err)
{
    if (query->worker_count == 1) {
        run_worker(&query->workers[0]);
    } else {
        SL_TRY(run_threads(query, err));
    }
    if (query->failure_claimed == 0 || query->failure.status == SL_OK) {
        return SL_OK;
    }
    if (err != NULL) {
        *err = query->failure;
    }
    return query->failure.status;
}

void sl_query_stop(struct sl_query *query, bool drain)
{
    uint32_t stop = ENG_LOAD(query->stop);
    uint32_t wanted;
    do {
        if (drain) {
            wanted = SL_MAX(stop, (uint32_t)ENG_STOP_DRAIN);
        } else {
            wanted = stop >= ENG_STOP_CHECKPOINT ? ENG_STOP_NOW : ENG_STOP_CHECKPOINT;
        }
    } while (!__atomic_compare_exchange_n(&query->stop, &stop, wanted, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    for (uint32_t i = 0; i < query->worker_count; i++) {
        eng_worker_interrupt(&query->workers[i]);
    }
    eng_query_poke_coordinator(query);
}

void sl_query_destroy(struct sl_query *query)
{
    if (query == NULL) {
        return;
    }
    for (uint32_t i = 0; query->workers != NULL && i < query->worker_count; i++) {
        eng_worker_deinit(&query->workers[i]);
    }
    while (query->exchanges != NULL) {
        struct eng_exchange *next = query->exchanges->next;
        eng_exchange_destroy(query, query->exchanges);
        query->exchanges = next;
    }
    eng_checkpoint_close(query->checkpoint);
    sl_metric_set_destroy(query->metrics);
    if (query->event_fd >= 0) {
        close(query->event_fd);
    }
    sl_arena_deinit(&query->arena);
    sl_memory_free(&query->engine->account, query, sizeof(*query));
}
