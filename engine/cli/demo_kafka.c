/* SPDX-License-Identifier: Apache-2.0
 *
 * `sluice demo`: librdkafka's mock cluster in this process, a thread that produces readings and log
 * lines, and examples/iot.sql over them. Event time runs twenty times as fast as the clock; a few
 * readings come late and a few are broken, as in real life. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "cli.h"

enum {
    DEMO_SECONDS = 15,
    DEMO_SPEED = 20,
    DEMO_TICK_MS = 20,
    READINGS_A_TICK = 40,
    DEVICES = 5,
    PARTITIONS = 4,
    LATE_ONE_IN = 400,
    BROKEN_ONE_IN = 500,
    LATE_BY_MS = 60000
};

extern const char cli_demo_sql[]; /* examples/iot.sql, by the build */

struct producer {
    rd_kafka_t *client;
    struct sl_random random;
    int64_t event_time_ms;
    struct sl_query *query;
    atomic_bool is_cancelled;
};

static void produce(struct producer *producer, const char *topic, int32_t partition,
                    const char *text)
{
    /* The local queue is never near full at this rate; a failure would only thin the demo out. */
    (void)rd_kafka_producev(producer->client, RD_KAFKA_V_TOPIC(topic),
                            RD_KAFKA_V_PARTITION(partition),
                            RD_KAFKA_V_VALUE((void *)text, strlen(text)),
                            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
}

static void produce_reading(struct producer *producer)
{
    static const char *const broken[] = {
        "{\"device\":\"sensor-1\",\"ts\":17",
        "{\"device\":\"sensor-2\",\"ts\":\"yesterday\",\"temp\":21.5,\"hum\":40.0}",
        "{\"device\":\"sensor-\xff\",\"ts\":1,\"temp\":21.5,\"hum\":40.0}",
    };
    char text[160];
    struct sl_random *random = &producer->random;
    uint32_t device = (uint32_t)sl_random_below(random, DEVICES) + 1;
    if (sl_random_below(random, BROKEN_ONE_IN) == 0) {
        produce(producer, "readings", (int32_t)(device % PARTITIONS),
                broken[sl_random_below(random, SL_COUNT_OF(broken))]);
        return;
    }
    int64_t event_time_ms = producer->event_time_ms - (int64_t)sl_random_below(random, 2000);
    if (sl_random_below(random, LATE_ONE_IN) == 0) {
        event_time_ms -= LATE_BY_MS;
    }
    snprintf(text, sizeof text, "{\"device\":\"sensor-%u\",\"ts\":%lld,\"temp\":%.2f,\"hum\":%.1f}",
             device, (long long)event_time_ms, 16.0 + device + 6.0 * sl_random_unit(random),
             30.0 + 40.0 * sl_random_unit(random));
    produce(producer, "readings", (int32_t)(device % PARTITIONS), text);
}

static void produce_log_line(struct producer *producer)
{
    static const char *const events[] = {
        "link up, 1000 Mbit/s",        "self test passed",    "battery at 82 %",
        "configuration reloaded",      "heartbeat",           "clock synchronised",
        "reading published",           "firmware is current", "overheating, fan at full speed",
        "write failed: no space left",
    };
    char text[160];
    uint64_t event = sl_random_below(&producer->random, 60);
    snprintf(text, sizeof text, "sensor-%u: %s",
             (uint32_t)sl_random_below(&producer->random, DEVICES) + 1,
             events[event %
                    (event < SL_COUNT_OF(events) ? SL_COUNT_OF(events) : SL_COUNT_OF(events) - 2)]);
    produce(producer, "device-log", 0, text);
}

static void *produce_all(void *user)
{
    struct producer *producer = user;
    const struct timespec tick = {.tv_nsec = DEMO_TICK_MS * 1000000L};
    for (uint32_t i = 0;
         i < DEMO_SECONDS * 1000 / DEMO_TICK_MS && !producer->is_cancelled && !cli_stop_requested();
         i++) {
        for (uint32_t k = 0; k < READINGS_A_TICK; k++) {
            produce_reading(producer);
        }
        produce_log_line(producer);
        producer->event_time_ms += (int64_t)DEMO_TICK_MS * DEMO_SPEED;
        rd_kafka_poll(producer->client, 0);
        nanosleep(&tick, NULL);
    }
    rd_kafka_flush(producer->client, 2000);
    const struct timespec settle = {.tv_nsec = 300000000L};
    nanosleep(&settle, NULL);
    sl_query_stop(producer->query, true);
    return NULL;
}

/* A producer that brings a mock cluster of one broker with it. */
static rd_kafka_t *create_client(char *text, size_t size_bytes)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text, size_bytes);
    rd_kafka_conf_set(conf, "linger.ms", "5", text, size_bytes);
    rd_kafka_conf_set(conf, "log_level", "3", text, size_bytes);
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, size_bytes);
}

/* The script with the embedded cluster's address in place of the example's. */
static char *script_for(struct sl_arena *arena, const char *bootstrap)
{
    static const char example_address[] = "localhost:9092";
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    const char *rest = cli_demo_sql;
    for (const char *found = strstr(rest, example_address); found != NULL;
         found = strstr(rest, example_address)) {
        sl_text_append(&text, rest, (size_t)(found - rest));
        sl_text_append_string(&text, bootstrap);
        rest = found + strlen(example_address);
    }
    sl_text_append_string(&text, rest);
    char *script = sl_arena_copy(arena, text.data, text.length);
    sl_text_deinit(&text);
    return script;
}

static enum cli_exit run_job(struct cli_session *session, rd_kafka_t *client)
{
    struct sl_error err = {0};
    pthread_t thread;
    struct sl_query_options options = {0};
    struct producer producer = {.client = client, .event_time_ms = 1760000000000};
    sl_random_init(&producer.random, sl_random_seed());
    enum sl_status status = sl_query_create(session->engine, session->script.jobs[0].plan, &options,
                                            &producer.query, &err);
    if (status == SL_OK && pthread_create(&thread, NULL, produce_all, &producer) == 0) {
        cli_stop_set(producer.query);
        status = sl_query_run(producer.query, &err);
        cli_stop_set(NULL);
        producer.is_cancelled = true;
        pthread_join(thread, NULL);
        struct sl_query_stats stats = sl_query_stats(producer.query);
        fflush(stdout);
        fputs("\nDone: ", stderr);
        cli_summary_print(&session->log, &stats);
    }
    sl_query_destroy(producer.query);
    if (status != SL_OK) {
        fprintf(stderr, "sluice: %s\n", err.text);
    }
    return status == SL_OK ? CLI_OK : CLI_RUNTIME;
}

static enum cli_exit run_with(const struct cli_arguments *args, rd_kafka_t *client,
                              const char *bootstrap)
{
    struct cli_session session = {0};
    fprintf(
        stderr,
        "An embedded Kafka at %s, %d sensors producing, event time %d times as fast as the clock.\n"
        "Running examples/iot.sql over it for %d s: ten-second windows by device, and alerts from "
        "the log.\n\n",
        bootstrap, DEVICES, DEMO_SPEED, DEMO_SECONDS);
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    char *script = script_for(&arena, bootstrap);
    enum cli_exit result =
        cli_session_compile(&session, args, "examples/iot.sql", script, strlen(script));
    if (result == CLI_OK) {
        result = run_job(&session, client);
    }
    cli_session_close(&session);
    sl_arena_deinit(&arena);
    return result;
}

enum cli_exit cli_demo(const struct cli_arguments *args)
{
    char text[512];
    struct cli_arguments quiet = *args;
    quiet.log_level =
        SL_MIN(args->log_level, SL_LOG_ERROR); /* late and broken rows are in the summary */
    cli_stop_install(true);
    rd_kafka_t *client = create_client(text, sizeof text);
    rd_kafka_mock_cluster_t *cluster = client == NULL ? NULL : rd_kafka_handle_mock_cluster(client);
    if (cluster == NULL) {
        fprintf(stderr, "sluice: the embedded Kafka does not start: %s\n", text);
        return CLI_RUNTIME;
    }
    rd_kafka_mock_topic_create(cluster, "readings", PARTITIONS, 1);
    rd_kafka_mock_topic_create(cluster, "device-log", 1, 1);
    enum cli_exit result = run_with(&quiet, client, rd_kafka_mock_cluster_bootstraps(cluster));
    rd_kafka_destroy(client);
    return result;
}
