/* SPDX-License-Identifier: Apache-2.0
 *
 * When a checkpoint is taken and when the query ends. With one worker it is asked between the
 * worker's rounds, with several it has the caller's thread. Always true: one checkpoint is in
 * flight at a time, and the query ends well only behind a last one. One that cannot be written is
 * left out: what it would have decided stays undecided until the next one is. */
#include "checkpoint.h"

enum { INTERVAL_MS = 1000, DURABLE_INTERVAL_MS = 10 * 1000, US_A_MS = 1000 };

static int64_t now_us(const struct sl_query *query)
{
    const struct sl_clock *clock = query->engine->config.clock;
    return sl_clock_steady_us(clock);
}

void eng_coordinator_init(struct sl_query *query)
{
    int64_t interval_ms = query->is_durable ? DURABLE_INTERVAL_MS : INTERVAL_MS;
    if (eng_query_setting_is_set(query, "execution.checkpointing.interval")) {
        interval_ms = sl_option_int64(&query->plan->settings, sl_engine_options,
                                      "execution.checkpointing.interval");
    }
    query->coordinator.interval_us = SL_MAX(interval_ms, 1) * US_A_MS;
    query->coordinator.number =
        SL_MAX(eng_checkpoint_restored(query->checkpoint), eng_checkpoint_last(query->checkpoint));
    query->coordinator.next_us = now_us(query) + query->coordinator.interval_us;
}

static void poke_workers(struct sl_query *query)
{
    for (uint32_t i = 0; i < query->worker_count; i++) {
        eng_worker_poke(&query->workers[i]);
    }
}

static bool all_finished(struct sl_query *query)
{
    for (uint32_t i = 0; i < query->worker_count; i++) {
        if (!ENG_LOAD(query->workers[i].is_finished)) {
            return false;
        }
    }
    return true;
}

static bool all_reported(struct sl_query *query, int64_t number)
{
    for (uint32_t i = 0; i < query->worker_count; i++) {
        if (ENG_LOAD(query->workers[i].reported) < number) {
            return false;
        }
    }
    return true;
}

static bool all_committed(struct sl_query *query, int64_t number)
{
    for (uint32_t i = 0; i < query->worker_count; i++) {
        if (ENG_LOAD(query->workers[i].committed) < number) {
            return false;
        }
    }
    return true;
}

static void begin(struct sl_query *query, bool is_last)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    coordinator->phase = ENG_PHASE_REPORTING;
    coordinator->number++;
    coordinator->is_last = is_last;
    if (is_last) {
        ENG_STORE(query->last, coordinator->number);
    }
    ENG_STORE(query->requested, coordinator->number);
    poke_workers(query);
}

/* A full or missing disk is no reason to stop: state and positions are in memory, sinks keep back
 * what they have prepared, and a resume goes on from the checkpoint before. Said for the 1st, 2nd,
 * 4th, 8th, ... in a row. */
static void skip(struct sl_query *query, const struct sl_error *err)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    ENG_STORE(query->failed_checkpoints, query->failed_checkpoints + 1);
    coordinator->failures_in_row++;
    if ((coordinator->failures_in_row & (coordinator->failures_in_row - 1)) == 0) {
        sl_log_warn(query->engine->config.log, "checkpoint",
                    "checkpoint %lld could not be written (%u in a row); the query goes on and "
                    "will try again: %s",
                    (long long)coordinator->number, coordinator->failures_in_row, err->text);
    }
    coordinator->phase = ENG_PHASE_WAITING;
    coordinator->next_us = now_us(query) + coordinator->interval_us;
}

static void decide(struct sl_query *query)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    struct sl_error err = {.status = SL_OK};
    enum sl_status status = eng_checkpoint_decide(query->checkpoint, coordinator->number, &err);
    if (status != SL_OK && coordinator->is_last) {
        eng_query_fail(query, status, &err);
        return;
    }
    if (status != SL_OK) {
        skip(query, &err);
        return;
    }
    if (coordinator->failures_in_row > 0) {
        sl_log_warn(query->engine->config.log, "checkpoint",
                    "checkpoint %lld was written, after %u that could not be",
                    (long long)coordinator->number, coordinator->failures_in_row);
    }
    coordinator->failures_in_row = 0;
    coordinator->phase = ENG_PHASE_COMMITTING;
    ENG_STORE(query->decided, coordinator->number);
    poke_workers(query);
}

static void complete(struct sl_query *query, int64_t now)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    ENG_STORE(query->committed, coordinator->number);
    coordinator->phase = ENG_PHASE_WAITING;
    coordinator->next_us = now + coordinator->interval_us;
    if (coordinator->is_last) {
        eng_query_exit(query);
    }
}

/* A stop waits for its last checkpoint, but not for ever. */
static void check_stop(struct sl_query *query, enum eng_stop stop, int64_t now)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    if (stop == ENG_STOP_NOW) {
        eng_query_exit(query);
    } else if (stop == ENG_STOP_CHECKPOINT && coordinator->stop_deadline_us == 0) {
        int64_t timeout_ms =
            sl_option_int64(&query->plan->settings, sl_engine_options, "sluice.stop.timeout");
        coordinator->stop_deadline_us = now + timeout_ms * US_A_MS;
    } else if (stop == ENG_STOP_CHECKPOINT && now > coordinator->stop_deadline_us) {
        sl_log_warn(query->engine->config.log, "query",
                    "stopped without its last checkpoint %lld: it took too long",
                    (long long)coordinator->number);
        eng_query_exit(query);
    }
}

int64_t eng_coordinator_tick(struct sl_query *query)
{
    struct eng_coordinator *coordinator = &query->coordinator;
    int64_t now = now_us(query);
    enum eng_stop stop = (enum eng_stop)ENG_LOAD(query->stop);
    if (stop != ENG_STOP_NONE) {
        check_stop(query, stop, now);
    }
    if (ENG_LOAD(query->exit)) {
        return 0;
    }
    if (coordinator->phase == ENG_PHASE_REPORTING && all_reported(query, coordinator->number)) {
        decide(query);
    }
    if (coordinator->phase == ENG_PHASE_COMMITTING && all_committed(query, coordinator->number)) {
        complete(query, now);
    }
    if (coordinator->phase == ENG_PHASE_WAITING) {
        bool is_last = stop == ENG_STOP_CHECKPOINT || all_finished(query);
        if (is_last || now >= coordinator->next_us) {
            begin(query, is_last);
        }
    }
    return coordinator->phase == ENG_PHASE_WAITING ? coordinator->next_us - now
                                                   : coordinator->interval_us;
}
