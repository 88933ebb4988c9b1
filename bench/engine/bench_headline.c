/* SPDX-License-Identifier: Apache-2.0
 *
 * The headline job: IoT JSON -> temp > 20 -> 10 s tumbling count and average by device, from a
 * file or a Kafka topic, from the first poll to END in this process. SETTINGS are SET statements.
 * bench/headline.sh and bench/kafka.sh run it beside the yardstick. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/wire/room.h"
#include "sluice/engine.h"
#include "sql/room.h"

static const char script[] =
    "%s CREATE TABLE readings (device STRING, ts BIGINT, temp DOUBLE,"
    " event_time AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR event_time AS event_time)"
    " WITH (%s'%s', 'format' = 'json');"
    "CREATE TABLE averages (window_start TIMESTAMP(3), device STRING, readings BIGINT, average "
    "DOUBLE)"
    " WITH ('connector' = 'blackhole');"
    "INSERT INTO averages SELECT window_start, device, COUNT(*), AVG(temp)"
    " FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '10' SECOND))"
    " WHERE temp > 20 GROUP BY window_start, window_end, device;";

static const char from_file[] = "'connector' = 'filesystem', 'path' = ";
static const char from_topic[] =
    "'connector' = 'kafka', 'topic' = 'readings', 'scan.startup.mode' = 'earliest-offset',"
    " 'scan.bounded.mode' = 'latest-offset', 'properties.queued.min.messages' = '2000000',"
    " 'properties.queued.max.messages.kbytes' = '1048576', 'properties.fetch.wait.max.ms' = '5',"
    " 'properties.bootstrap.servers' = ";

/* Processor time of all threads of this process, those of libraries included. */
static double cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

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
    double start_cpu = cpu_seconds();
    int64_t start_ns = clock->monotonic_ns(clock);
    if (sl_query_run(query, &err) != SL_OK) {
        return fail(&err);
    }
    double seconds = (double)(clock->monotonic_ns(clock) - start_ns) * 1e-9;
    struct sl_query_stats stats = sl_query_stats(query);
    printf("%.3f M events/s  rows %lld out %lld late %lld rejected %lld cpu %.1f ns/event\n",
           (double)stats.rows_in / seconds / 1e6, (long long)stats.rows_in,
           (long long)stats.rows_out, (long long)stats.rows_late, (long long)stats.rows_rejected,
           (cpu_seconds() - start_cpu) * 1e9 / (double)SL_MAX(stats.rows_in, (int64_t)1));
    fflush(stdout);
    sl_query_destroy(query);
    return 0;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 2) {
        printf("usage: bench_engine_headline FILE|kafka:SERVERS [RUNS [WORKERS [SETTINGS]]]; "
               "see bench/headline.sh and bench/kafka.sh\n");
        return 0;
    }
    int runs = argument_count > 2 ? (int)strtol(arguments[2], NULL, 10) : 1;
    uint32_t workers = argument_count > 3 ? (uint32_t)strtoul(arguments[3], NULL, 10) : 1;
    char text[8192];
    bool is_topic = strncmp(arguments[1], "kafka:", 6) == 0;
    const char *settings = argument_count > 4 ? arguments[4] : "";
    snprintf(text, sizeof text, script, settings, is_topic ? from_topic : from_file,
             arguments[1] + (is_topic ? 6 : 0));
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
