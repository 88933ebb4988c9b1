/* SPDX-License-Identifier: Apache-2.0
 *
 * The kafka source and sink over librdkafka's mock cluster. What the mock does not know (offsets by
 * time, transactions) is for the integration tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef SLUICE_WITH_KAFKA

#include "support_kafka.h"

static struct market market;

/* ---- reading ---- */

enum { SEEN_MAX = 4, OFFSETS_MAX = 4096 };

/* What came out, by partition and offset; metadata columns are offset (2) and partition (3). */
struct seen {
    uint8_t counts[SEEN_MAX][OFFSETS_MAX];
    uint32_t rows;
    uint32_t rejected;
    uint32_t ended;
};

static void check_runs(const struct sl_batch *batch)
{
    const int64_t *offsets = batch->columns[2].data;
    const int32_t *partitions = batch->columns[3].data;
    uint32_t run = 0;
    assert_true(batch->run_count > 0 && batch->runs[0].first_row == 0);
    for (uint32_t row = 0; row < batch->row_count; row++) {
        while (run + 1 < batch->run_count && batch->runs[run + 1].first_row <= row) {
            run++;
        }
        const struct sl_run *at = &batch->runs[run];
        assert_int_equal(at->position + (row - at->first_row), offsets[row]);
        assert_int_equal(at->split, partitions[row]); /* ids are dealt in order here */
    }
}

static void take(struct seen *seen, const struct sl_outs *outs)
{
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    if (batch != NULL) {
        check_runs(batch);
        for (uint32_t i = 0; i < batch->selected_count; i++) {
            uint32_t row = sl_batch_row(batch, i);
            int64_t offset = ((const int64_t *)batch->columns[2].data)[row];
            int32_t partition = ((const int32_t *)batch->columns[3].data)[row];
            assert_in_range(offset, 0, OFFSETS_MAX - 1);
            assert_in_range(partition, 0, SEEN_MAX - 1);
            seen->counts[partition][offset]++;
            seen->rows++;
        }
    }
    if (outs->batches[SL_OUT_REJECTED] != NULL) {
        seen->rejected += outs->batches[SL_OUT_REJECTED]->selected_count;
    }
    seen->ended += outs->signal.kind == SL_SIGNAL_SPLIT_ENDED;
}

static void read_all(struct table *table, struct seen *seen)
{
    struct sl_outs outs;
    while (table_poll(table, &outs) != SL_DONE) {
        assert_true(outs.batches[SL_OUT_MAIN] != NULL || outs.batches[SL_OUT_REJECTED] != NULL ||
                    outs.signal.kind != SL_SIGNAL_NONE);
        take(seen, &outs);
    }
}

static void assert_seen_once(const struct seen *seen, int partition, int first, int count)
{
    for (int offset = 0; offset < OFFSETS_MAX; offset++) {
        int expected = offset >= first && offset < first + count;
        if (seen->counts[partition][offset] != expected) {
            fail_msg("partition %d, offset %d came %d times", partition, offset,
                     seen->counts[partition][offset]);
        }
    }
}

/* Two partitions with count readings each, and a third that stays empty. */
static void fill_topic(const char *topic, int count)
{
    market_topic(&market, topic, 3);
    for (int i = 0; i < 2 * count; i++) {
        char value[64];
        snprintf(value, sizeof value, "{\"device\":\"d%d\",\"temp\":%d.5}", i % 10, i);
        market_produce(&market, topic, i % 2, NULL, value);
    }
    market_flush(&market);
}

static void test_reads_until_end(void **state)
{
    (void)state;
    struct table table;
    struct seen *seen = calloc(1, sizeof *seen);
    fill_topic("until-end", 1500);
    table_init(&table, market.servers, "until-end", "offset,partition,topic");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    assert_int_equal(table_open(&table), SL_OK);
    assert_int_equal(table_assign(&table, NULL), 3);
    read_all(&table, seen);
    assert_seen_once(seen, 0, 0, 1500);
    assert_seen_once(seen, 1, 0, 1500);
    assert_int_equal(seen->rows, 3000);
    assert_int_equal(seen->ended, 3);
    char position[32];
    table_position(&table, 1, position);
    assert_string_equal(position, "1500");
    table_position(&table, 2, position);
    assert_string_equal(position, "0");
    table_close(&table);
    free(seen);
}

/* Closed after every few batches and opened again at its positions: nothing twice, nothing lost. */
static void test_resumes(void **state)
{
    (void)state;
    struct table table;
    struct seen *seen = calloc(1, sizeof *seen);
    char positions[3][32] = {"0", "0", "0"};
    fill_topic("resumed", 700);
    table_init(&table, market.servers, "resumed", "offset,partition");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    table.env.batch_rows = 50;
    assert_int_equal(table_open(&table), SL_OK);
    for (int round = 0; round < 5; round++) {
        struct sl_outs outs;
        table_assign(&table, positions);
        for (int batch = 0; batch < 4; batch++) {
            assert_int_equal(table_poll(&table, &outs), SL_MORE);
            take(seen, &outs);
        }
        for (uint32_t split = 0; split < 3; split++) {
            table_position(&table, split, positions[split]);
        }
        table_reopen(&table);
    }
    table_assign(&table, positions);
    read_all(&table, seen);
    assert_seen_once(seen, 0, 0, 700);
    assert_seen_once(seen, 1, 0, 700);
    table_close(&table);
    free(seen);
}

static void test_bad_and_empty_messages(void **state)
{
    (void)state;
    struct table table;
    struct seen *seen = calloc(1, sizeof *seen);
    static const char *const VALUES[] = {"{\"device\":\"a\",\"temp\":1}", NULL, "not json", NULL,
                                         "{\"device\":\"b\",\"temp\":2}", "",   NULL};
    market_topic(&market, "mixed", 1);
    for (size_t i = 0; i < SL_COUNT_OF(VALUES); i++) {
        market_produce(&market, "mixed", 0, NULL, VALUES[i]);
    }
    market_flush(&market);
    table_init(&table, market.servers, "mixed", "offset,partition");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    read_all(&table, seen);
    assert_int_equal(seen->rows, 2);
    assert_int_equal(seen->counts[0][0], 1);
    assert_int_equal(seen->counts[0][4], 1);
    char position[32];
    table_position(&table, 0, position);
    assert_string_equal(position, "7");
    table_close(&table);
    free(seen);
}

/* A message that holds several rows, more than fit into a batch. */
static void test_position_within_message(void **state)
{
    (void)state;
    struct table table;
    struct sl_outs outs;
    char positions[1][32];
    market_topic(&market, "arrays", 1);
    market_produce(&market, "arrays", 0, NULL,
                   "[{\"device\":\"a\",\"temp\":0},{\"device\":\"a\",\"temp\":1},"
                   "{\"device\":\"a\",\"temp\":2},{\"device\":\"a\",\"temp\":3},"
                   "{\"device\":\"a\",\"temp\":4}]");
    market_flush(&market);
    table_init(&table, market.servers, "arrays", "");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    table.env.batch_rows = 2;
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    assert_int_equal(table_poll(&table, &outs), SL_MORE);
    assert_int_equal(outs.batches[SL_OUT_MAIN]->selected_count, 2);
    table_position(&table, 0, positions[0]);
    assert_string_equal(positions[0], "0+2");
    table_reopen(&table);
    table_assign(&table, positions);
    double sum = 0;
    while (table_poll(&table, &outs) != SL_DONE) {
        const struct sl_batch *batch = outs.batches[SL_OUT_MAIN];
        for (uint32_t i = 0; batch != NULL && i < batch->selected_count; i++) {
            sum += ((const double *)batch->columns[1].data)[sl_batch_row(batch, i)];
        }
    }
    assert_int_equal((int)sum, 2 + 3 + 4);
    table_close(&table);
}

static void check_metadata_row(const struct sl_batch *batch, uint32_t row)
{
    char text[64];
    assert_string_equal(table_string(batch, 0, row, text, sizeof text), "k1");
    assert_string_equal(table_string(batch, 2, row, text, sizeof text), "meta");
    assert_int_equal(((const int64_t *)batch->columns[3].data)[row], 1700000000123);
    assert_string_equal(table_string(batch, 4, row, text, sizeof text), "CreateTime");
    const struct sl_vector *epoch = &batch->columns[5];
    assert_int_equal(((const int32_t *)epoch->data)[sl_vector_index(epoch, row)], -1);
    const struct sl_vector *headers = &batch->columns[6];
    const uint32_t *offsets = headers->data;
    assert_int_equal(offsets[row + 1] - offsets[row], 2);
    const struct sl_view *names = headers->children[0].data;
    const struct sl_view *values = headers->children[1].data;
    uint32_t first = offsets[row];
    assert_memory_equal(sl_view_data(&names[first]), "trace", 5);
    assert_memory_equal(sl_view_data(&values[first]), "abc", 3);
    assert_memory_equal(sl_view_data(&names[first + 1]), "void", 4);
    assert_false(sl_vector_is_valid(&headers->children[1], first + 1));
}

static void test_keys_and_metadata(void **state)
{
    (void)state;
    struct table table;
    struct sl_outs outs;
    uint32_t rows = 0;
    market_topic(&market, "meta", 1);
    for (int i = 0; i < 10; i++) {
        market_produce(&market, "meta", 0, "k1", "{\"temp\":1}");
    }
    market_flush(&market);
    table_init(&table, market.servers, "meta",
               "topic,timestamp,timestamp-type,leader-epoch,headers");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    table_option(&table, "key.format", "raw");
    table_option(&table, "key.fields", "device");
    table_option(&table, "value.fields-include", "EXCEPT_KEY");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    while (table_poll(&table, &outs) != SL_DONE) {
        const struct sl_batch *batch = outs.batches[SL_OUT_MAIN];
        for (uint32_t row = 0; batch != NULL && row < batch->row_count; row++) {
            check_metadata_row(batch, row);
            rows++;
        }
    }
    assert_int_equal(rows, 10);
    table_close(&table);
}

/* An unbounded source says BLOCKED, and every new message wakes it. */
static void test_waits_for_messages(void **state)
{
    (void)state;
    struct table table;
    struct seen *seen = calloc(1, sizeof *seen);
    struct sl_outs outs;
    fill_topic("quiet", 0);
    table_init(&table, market.servers, "quiet", "offset,partition");
    table_option(&table, "scan.startup.mode", "latest-offset");
    table_option(&table, "properties.fetch.max.wait.ms", "50");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    for (int i = 0; i < 20; i++) {
        market_produce(&market, "quiet", i % 3, NULL, "{\"device\":\"x\",\"temp\":7}");
        market_flush(&market);
        assert_int_equal(table_poll(&table, &outs), SL_MORE);
        take(seen, &outs);
    }
    assert_int_equal(seen->rows, 20);
    table_close(&table);
    free(seen);
}

static void test_lag(void **state)
{
    (void)state;
    struct table table;
    struct sl_outs outs;
    fill_topic("behind", 1500);
    table_init(&table, market.servers, "behind", "");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    for (int64_t rest = 3000; rest > 0;) {
        assert_int_equal(table_poll(&table, &outs), SL_MORE);
        rest -= outs.batches[SL_OUT_MAIN]->selected_count;
        conn_kafka_connector.source->wake(table.state, 2, &table.error);
        int64_t pending = sl_metric_set_sum(table.metrics, "pendingRecords", NULL);
        assert_true(pending == rest || pending == rest - 1500); /* a partition yet unheard of */
    }
    table_close(&table);
}

static void test_finds_new_partitions(void **state)
{
    (void)state;
    struct table table;
    table_init(&table, market.servers, "found", "");
    market_topic(&market, "found", 1);
    table_option(&table, "scan.topic-partition-discovery.interval", "200 ms");
    assert_int_equal(table_open(&table), SL_OK);
    assert_int_equal(table_assign(&table, NULL), 1);
    /* The mock cannot add partitions, so only the round is seen: timer, answer, timer. */
    for (int i = 0; i < 3; i++) {
        struct sl_outs outs = {0};
        enum sl_flow flow = SL_DONE;
        assert_int_equal(conn_kafka_connector.source->poll(table.state, &outs, &flow, &table.error),
                         SL_OK);
        assert_int_equal(flow, SL_BLOCKED);
        assert_true(table_wait(&table, 5000));
        assert_false(conn_kafka_connector.source->has_new_splits(table.state));
    }
    table_close(&table);
}

/* ---- where to start ---- */

static void check_first(const char *topic, const char *const (*options)[2], int partition,
                        int first, int count)
{
    struct table table;
    struct seen *seen = calloc(1, sizeof *seen);
    table_init(&table, market.servers, topic, "offset,partition");
    for (; (*options)[0] != NULL; options++) {
        table_option(&table, (*options)[0], (*options)[1]);
    }
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    read_all(&table, seen);
    assert_seen_once(seen, partition, first, count);
    assert_int_equal(seen->ended, 3);
    table_close(&table);
    free(seen);
}

static void commit(const char *topic, const char *group, const char *first, const char *second)
{
    struct table table;
    table_init(&table, market.servers, topic, "");
    table_option(&table, "properties.group.id", group);
    assert_int_equal(table_open(&table), SL_OK);
    char names[2][64];
    snprintf(names[0], sizeof names[0], "%s/0", topic);
    snprintf(names[1], sizeof names[1], "%s/1", topic);
    struct sl_split splits[2] = {{.name = names[0], .id = 0}, {.name = names[1], .id = 1}};
    const char *positions[2] = {first, second};
    assert_int_equal(
        conn_kafka_connector.source->commit(table.state, splits, positions, 2, &table.error),
        SL_OK);
    table_close(&table); /* waits for the answer */
}

static void test_startup_and_bounds(void **state)
{
    (void)state;
    static const char *const SPECIFIC[][2] = {
        {"scan.startup.mode", "specific-offsets"},
        {"scan.startup.specific-offsets", "partition:0,offset:40;partition:1,offset:95"},
        {"scan.bounded.mode", "specific-offsets"},
        {"scan.bounded.specific-offsets", "partition:0,offset:60;partition:1,offset:95"},
        {NULL, NULL}};
    static const char *const GROUP[][2] = {{"scan.startup.mode", "group-offsets"},
                                           {"properties.group.id", "readers"},
                                           {"scan.bounded.mode", "latest-offset"},
                                           {NULL, NULL}};
    static const char *const OTHER[][2] = {{"scan.startup.mode", "group-offsets"},
                                           {"properties.group.id", "strangers"},
                                           {"scan.bounded.mode", "latest-offset"},
                                           {NULL, NULL}};
    static const char *const LATEST[][2] = {{"scan.startup.mode", "group-offsets"},
                                            {"properties.group.id", "strangers"},
                                            {"properties.auto.offset.reset", "latest"},
                                            {"scan.bounded.mode", "latest-offset"},
                                            {NULL, NULL}};
    static const char *const TO_GROUP[][2] = {
        {"properties.group.id", "readers"}, {"scan.bounded.mode", "group-offsets"}, {NULL, NULL}};
    fill_topic("starts", 100);
    commit("starts", "readers", "30", "100+2");
    check_first("starts", SPECIFIC, 0, 40, 20);
    check_first("starts", SPECIFIC, 1, 0, 0);
    check_first("starts", GROUP, 0, 30, 70);
    check_first("starts", GROUP, 1, 0, 0);
    check_first("starts", OTHER, 0, 0, 100);
    assert_non_null(strstr(log_text(), "group 'strangers' has no committed offset"));
    check_first("starts", LATEST, 1, 0, 0);
    check_first("starts", TO_GROUP, 0, 0, 30);
}

/* ---- what goes wrong ---- */

static void test_no_broker(void **state)
{
    (void)state;
    struct table table;
    const char **names = NULL;
    uint32_t count = 0;
    table_init(&table, "127.0.0.1:1", "absent", "");
    table_option(&table, "connect-timeout", "4 s");
    assert_int_equal(table_open(&table), SL_OK);
    assert_int_equal(conn_kafka_connector.source->discover(table.state, &table.arena, &names,
                                                           &count, &table.error),
                     SL_NETWORK);
    assert_non_null(strstr(table.error.text, "no broker of '127.0.0.1:1' answered within 4000 ms"));
    assert_non_null(strstr(log_text(), "waiting for a broker of '127.0.0.1:1'"));
    table_close(&table);
}

static void test_no_topic(void **state)
{
    (void)state;
    struct table table;
    const char **names = NULL;
    uint32_t count = 0;
    rd_kafka_mock_topic_set_error(market.cluster, "no-such",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    table_init(&table, market.servers, "no-such", "");
    assert_int_equal(table_open(&table), SL_OK);
    assert_int_equal(conn_kafka_connector.source->discover(table.state, &table.arena, &names,
                                                           &count, &table.error),
                     SL_NOT_FOUND);
    assert_non_null(strstr(table.error.text, "topic 'no-such' does not exist"));
    table_close(&table);
}

/* The position lies behind the end of the log: not silently somewhere else. */
static void test_offset_is_gone(void **state)
{
    (void)state;
    struct table table;
    struct sl_outs outs = {0};
    enum sl_flow flow = SL_BLOCKED;
    enum sl_status status = SL_OK;
    char positions[3][32] = {"900", "0", "0"};
    fill_topic("gone", 5);
    table_init(&table, market.servers, "gone", "");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, positions);
    while (status == SL_OK) {
        memset(&outs, 0, sizeof outs);
        status = conn_kafka_connector.source->poll(table.state, &outs, &flow, &table.error);
        if (status == SL_OK && flow == SL_BLOCKED) {
            assert_true(table_wait(&table, 10000));
        }
    }
    assert_int_equal(status, SL_NOT_FOUND);
    assert_non_null(strstr(table.error.text, "gone/0: offset 900"));
    table_close(&table);
}

/* name, value, side, what the error says; NULL = none. */
static const struct {
    const char *name;
    const char *value;
    bool as_sink;
    const char *error;
} CHECKS[] = {
    {"properties.security.protocol", "SASL_SSL", false, NULL},
    {"properties.fetch.max.bytes", "1000000", false, NULL},
    {"properties.max.poll.records", "500", false, NULL},
    {"properties.auto.offset.reset", "none", false, NULL},
    {"properties.auto.offset.reset", "sometimes", false, "auto.offset.reset"},
    {"properties.key.deserializer", "org.x", false,
     "'properties.key.deserializer' is a property of the Java client; use 'key.format'"},
    {"properties.transactional.id", "x", true, "transactions are not supported yet"},
    {"properties.nonsense", "1", false,
     "'properties.nonsense' is not a property of the Kafka client"},
    {"properties.queued.min.messages", "many", false, "'properties.queued.min.messages': "},
    {"properties.ssl.truststore.location", "/x/trust.jks", false, "Java client"},
    {"properties.sasl.jaas.config", "com.sun.Krb5LoginModule required;", false,
     "expected a PlainLoginModule or a ScramLoginModule"},
    {"properties.sasl.jaas.config", "o.PlainLoginModule required password=\"unclosed", false,
     "expected username"},
    {"properties.plugin.library.paths", "/tmp/evil.so", false, "not loaded from SQL"},
    {"topic-pattern", "a.*", false, "not supported yet"},
    {"topic", "", false, "missing option 'topic'"},
    {"topic", "a;b", false, NULL},
    {"topic", "a;b", true, "single topic"},
    {"sink.delivery-guarantee", "exactly-once", true, "not supported yet"},
    {"sink.delivery-guarantee", "none", true, NULL},
    {"sink.partitioner", "org.x.P", true, "classes are not supported"},
    {"scan.startup.mode", "timestamp", false, "needs 'scan.startup.timestamp-millis'"},
    {"scan.startup.mode", "specific-offsets", false, "needs 'scan.startup.specific-offsets'"},
    {"scan.startup.specific-offsets", "partition:0,offset:-1", false, "expected 'partition:0"},
    {"scan.startup.specific-offsets", "partition:0;offset:1", false, "expected 'partition:0"},
    {"scan.startup.specific-offsets", "", false, "expected 'partition:0"},
    {"scan.startup.specific-offsets", "partition:0,offset:1;", false, NULL},
    {"scan.bounded.mode", "group-offsets", false, "needs 'properties.group.id'"},
};

static void test_checks(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CHECKS); i++) {
        struct table table;
        table_init(&table, "127.0.0.1:1", "t", "");
        table_option(&table, CHECKS[i].name, CHECKS[i].value);
        struct sl_options options = {.items = table.options, .count = table.option_count};
        enum sl_status status =
            conn_kafka_connector.check(&options, NULL, CHECKS[i].as_sink, &table.error);
        if ((status == SL_OK) != (CHECKS[i].error == NULL) ||
            (status != SL_OK && strstr(table.error.text, CHECKS[i].error) == NULL)) {
            fail_msg("'%s' = '%s': %s", CHECKS[i].name, CHECKS[i].value, table.error.text);
        }
        assert_null(strstr(table.error.text, "unclosed"));
        table_close(&table);
    }
}

/* ---- writing ---- */

static struct sl_batch_builder builder;

/* count readings of device d0, d1, ...; every tenth has no temperature. */
static struct sl_batch *make_rows(struct table *table, uint32_t count)
{
    static char names[2048][8];
    assert_int_equal(
        sl_batch_builder_init(&builder, &table->node.schema, 2048, &table->account, &table->error),
        SL_OK);
    uint64_t *validity = sl_batch_builder_validity(&builder, 1);
    for (uint32_t row = 0; row < count; row++) {
        snprintf(names[row], sizeof names[row], "d%u", row);
        ((struct sl_view *)builder.batch.columns[0].data)[row] =
            sl_view_of(names[row], strlen(names[row]));
        ((double *)builder.batch.columns[1].data)[row] = row;
        if (row % 10 == 0) {
            sl_bitmap_clear(validity, row);
        }
    }
    builder.batch.row_count = count;
    builder.batch.selected_count = count;
    return &builder.batch;
}

/* Counts of what a sink gave; BLOCKED waits for a wake-up. */
struct written {
    uint32_t rejected;
    uint32_t blocked;
};

static enum sl_status drive(struct table *table, const struct sl_batch *batch,
                            struct written *written)
{
    const struct sl_sink_def *sink = conn_kafka_connector.sink;
    for (;;) {
        struct sl_outs outs = {0};
        enum sl_flow flow = SL_BLOCKED;
        enum sl_status status = batch != NULL
                                    ? sink->write(table->state, batch, &outs, &flow, &table->error)
                                    : sink->prepare(table->state, 1, &outs, &flow, &table->error);
        if (status != SL_OK) {
            return status;
        }
        written->rejected += outs.batches[SL_OUT_REJECTED] == NULL
                                 ? 0
                                 : outs.batches[SL_OUT_REJECTED]->selected_count;
        if (flow == SL_DONE) {
            return SL_OK;
        }
        written->blocked += flow == SL_BLOCKED;
        if (flow == SL_BLOCKED) {
            assert_null(outs.batches[SL_OUT_REJECTED]);
            assert_true(table_wait(table, 20000));
        }
    }
}

static void sink_init(struct table *table, const char *topic, const char *metadata)
{
    table_init(table, market.servers, topic, metadata);
    table->node.kind = "sink";
}

static void sink_close(struct table *table)
{
    sl_batch_builder_deinit(&builder);
    table_close(table);
}

/* Reads what the sink wrote: rows of temp by number of the device. */
static uint32_t read_back(const char *topic, uint8_t *counts)
{
    struct table table;
    struct sl_outs outs;
    uint32_t rows = 0;
    table_init(&table, market.servers, topic, "");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    while (table_poll(&table, &outs) != SL_DONE) {
        const struct sl_batch *batch = outs.batches[SL_OUT_MAIN];
        for (uint32_t row = 0; batch != NULL && row < batch->row_count; row++) {
            char text[32];
            table_string(batch, 0, row, text, sizeof text);
            int number = (int)strtol(text + 1, NULL, 10);
            bool is_valid = sl_vector_is_valid(&batch->columns[1], row);
            assert_int_equal(is_valid, number % 10 != 0);
            if (is_valid) {
                assert_int_equal(((const double *)batch->columns[1].data)[row], number);
            }
            counts[number]++;
            rows++;
        }
        assert_null(outs.batches[SL_OUT_REJECTED]);
    }
    table_close(&table);
    return rows;
}

static void check_written(const char *topic, const char *const (*options)[2], bool must_block)
{
    struct table table;
    struct written written = {0};
    uint8_t counts[2048] = {0};
    market_topic(&market, topic, 3);
    sink_init(&table, topic, "");
    for (; (*options)[0] != NULL; options++) {
        table_option(&table, (*options)[0], (*options)[1]);
    }
    assert_int_equal(table_open(&table), SL_OK);
    struct sl_batch *batch = make_rows(&table, 1000);
    uint16_t odd[500];
    for (uint32_t i = 0; i < 500; i++) {
        odd[i] = (uint16_t)(2 * i + 1);
    }
    assert_int_equal(drive(&table, batch, &written), SL_OK);
    batch->selection = odd;
    batch->selected_count = 500;
    assert_int_equal(drive(&table, batch, &written), SL_OK);
    assert_int_equal(drive(&table, NULL, &written), SL_OK);
    assert_true(written.blocked > 0 || !must_block);
    sink_close(&table);
    assert_int_equal(written.rejected, 0);
    assert_int_equal(read_back(topic, counts), 1500);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(counts[i], 1 + i % 2);
    }
}

static void test_writes(void **state)
{
    (void)state;
    static const char *const NOTHING[][2] = {{NULL, NULL}};
    static const char *const SMALL[][2] = {{"properties.queue.buffering.max.messages", "40"},
                                           {"properties.linger.ms", "0"},
                                           {"sink.partitioner", "round-robin"},
                                           {NULL, NULL}};
    static const char *const KEYED[][2] = {
        {"key.format", "raw"}, {"key.fields", "device"}, {NULL, NULL}};
    check_written("written", NOTHING, false);
    rd_kafka_mock_broker_set_rtt(market.cluster, 1, 30);
    check_written("written-small", SMALL, true);
    rd_kafka_mock_broker_set_rtt(market.cluster, 1, 0);
    check_written("written-keyed", KEYED, false);
}

static void test_too_large_rows(void **state)
{
    (void)state;
    struct table table;
    struct written written = {0};
    static char large[5000];
    memset(large, 'x', sizeof large);
    market_topic(&market, "large", 1);
    sink_init(&table, "large", "");
    table_option(&table, "properties.message.max.bytes", "2000");
    assert_int_equal(table_open(&table), SL_OK);
    struct sl_batch *batch = make_rows(&table, 100);
    for (uint32_t row = 0; row < 100; row += 2) {
        ((struct sl_view *)batch->columns[0].data)[row] = sl_view_of(large, sizeof large);
    }
    assert_int_equal(drive(&table, batch, &written), SL_OK);
    assert_int_equal(drive(&table, NULL, &written), SL_OK);
    assert_int_equal(written.rejected, 50);
    sink_close(&table);
}

/* The broker refuses: what is the message's fault is rejected, the rest ends the query, unless the
 * guarantee is none. */
static void check_refusal(rd_kafka_resp_err_t code, const char *guarantee, enum sl_status status,
                          uint32_t rejected)
{
    struct table table;
    struct written written = {0};
    sink_init(&table, "refusing", "");
    table_option(&table, "sink.delivery-guarantee", guarantee);
    table_option(&table, "properties.enable.idempotence", "false");
    table_option(&table, "properties.linger.ms", "2000"); /* all rows in the request that fails */
    assert_int_equal(table_open(&table), SL_OK);
    struct sl_batch *batch = make_rows(&table, 10);
    rd_kafka_mock_push_request_errors(market.cluster, 0 /* Produce */, 1, code);
    enum sl_status got = drive(&table, batch, &written);
    got = got == SL_OK ? drive(&table, NULL, &written) : got;
    assert_int_equal(got, status);
    assert_int_equal(written.rejected, rejected);
    sink_close(&table);
}

static void test_refusals(void **state)
{
    (void)state;
    market_topic(&market, "refusing", 1);
    check_refusal(RD_KAFKA_RESP_ERR_INVALID_RECORD, "at-least-once", SL_OK, 10);
    check_refusal(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "at-least-once", SL_NETWORK, 0);
    check_refusal(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "none", SL_OK, 10);
    check_refusal(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, "at-least-once", SL_OK, 0);
}

static void test_writes_timestamps(void **state)
{
    (void)state;
    struct table table;
    struct written written = {0};
    struct sl_outs outs;
    market_topic(&market, "stamped", 1);
    sink_init(&table, "stamped", "timestamp");
    assert_int_equal(table_open(&table), SL_OK);
    struct sl_batch *batch = make_rows(&table, 3);
    int64_t *timestamps = batch->columns[2].data;
    timestamps[0] = 1600000000000;
    timestamps[1] = -5;
    timestamps[2] = 1600000000002;
    assert_int_equal(drive(&table, batch, &written), SL_OK);
    assert_int_equal(drive(&table, NULL, &written), SL_OK);
    assert_int_equal(written.rejected, 1);
    sink_close(&table);
    table_init(&table, market.servers, "stamped", "timestamp");
    table_option(&table, "scan.bounded.mode", "latest-offset");
    assert_int_equal(table_open(&table), SL_OK);
    table_assign(&table, NULL);
    int64_t sum = 0;
    while (table_poll(&table, &outs) != SL_DONE) {
        const struct sl_batch *read = outs.batches[SL_OUT_MAIN];
        for (uint32_t row = 0; read != NULL && row < read->row_count; row++) {
            sum += ((const int64_t *)read->columns[2].data)[row];
        }
    }
    assert_int_equal(sum, 3200000000002);
    table_close(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_reads_until_end),
        cmocka_unit_test(test_resumes),
        cmocka_unit_test(test_bad_and_empty_messages),
        cmocka_unit_test(test_position_within_message),
        cmocka_unit_test(test_keys_and_metadata),
        cmocka_unit_test(test_waits_for_messages),
        cmocka_unit_test(test_lag),
        cmocka_unit_test(test_finds_new_partitions),
        cmocka_unit_test(test_startup_and_bounds),
        cmocka_unit_test(test_no_broker),
        cmocka_unit_test(test_no_topic),
        cmocka_unit_test(test_offset_is_gone),
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_too_large_rows),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_writes_timestamps),
    };
    market_open(&market);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    market_close(&market);
    return failed;
}

#else

int main(void)
{
    puts("skipped: built without librdkafka");
    return 0;
}

#endif
