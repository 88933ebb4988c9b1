/* SPDX-License-Identifier: Apache-2.0
 *
 * The headline job: IoT JSON -> temp > 20 -> 10 s tumbling count and average by device, from a
 * file, on one worker, from the first poll to END in this process. bench/headline.sh runs it beside
 * the yardstick. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/wire/room.h"
#include "sluice/engine.h"
#include "sql/room.h"

static const char script[] =
    "CREATE TABLE readings (device STRING, ts BIGINT, temp DOUBLE,"
    " event_time AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR event_time AS event_time)"
    " WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'json');"
    "CREATE TABLE averages (window_start TIMESTAMP(3), device STRING, readings BIGINT, average "
    "DOUBLE)"
    " WITH ('connector' = 'blackhole');"
    "INSERT INTO averages SELECT window_start, device, COUNT(*), AVG(temp)"
    " FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '10' SECOND))"
    " WHERE temp > 20 GROUP BY window_start, window_end, device;";

static int fail(const struct sl_error *err)
{
    fprintf(stderr, "bench_headline: %s\n", err->text);
    return 1;
}

static int run_once(struct sl_engine *engine, const struct sl_plan *plan, uint32_t workers)
{
    struct sl_error err = {0};
    struct sl_query *query = NULL;
    struct sl_query_options options = {.worker_count = workers};
    const struct sl_clock *clock = sl_clock_system();
    if (sl_query_create(engine, plan, &options, &query, &err) != SL_OK) {
        return fail(&err);
    }
    int64_t start_ns = clock->monotonic_ns(clock);
    if (sl_query_run(query, &err) != SL_OK) {
        return fail(&err);
    }
    double seconds = (double)(clock->monotonic_ns(clock) - start_ns) * 1e-9;
    struct sl_query_stats stats = sl_query_stats(query);
    printf("%.3f M events/s  rows %lld out %lld late %lld rejected %lld\n",
           (double)stats.rows_in / seconds / 1e6, (long long)stats.rows_in,
           (long long)stats.rows_out, (long long)stats.rows_late, (long long)stats.rows_rejected);
    fflush(stdout);
    sl_query_destroy(query);
    return 0;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 2) {
        printf("usage: bench_engine_headline FILE [RUNS [WORKERS]]; see bench/headline.sh\n");
        return 0;
    }
    int runs = argument_count > 2 ? (int)strtol(arguments[2], NULL, 10) : 1;
    uint32_t workers = argument_count > 3 ? (uint32_t)strtoul(arguments[3], NULL, 10) : 1;
    char text[8192];
    snprintf(text, sizeof text, script, arguments[1]);
    struct sl_error err = {0};
    struct sl_engine *engine = NULL;
    struct sl_script compiled = {0};
    struct sl_engine_config config = {.builtins = wire_builtins(), .planner = &sql_planner};
    if (sl_engine_create(&config, &engine, &err) != SL_OK ||
        sl_engine_compile(engine, text, strlen(text), NULL, &compiled, &err) != SL_OK) {
        return fail(&err);
    }
    int failed = 0;
    for (int i = 0; i < runs && !failed; i++) {
        failed = run_once(engine, compiled.jobs[0].plan, workers);
    }
    sl_engine_destroy(engine);
    return failed;
}
