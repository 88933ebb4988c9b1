/* SPDX-License-Identifier: Apache-2.0
 *
 * A table over librdkafka's mock cluster. Always true: the loop here relies on wake-ups alone, as
 * the driver does. */
#ifdef SLUICE_WITH_KAFKA

#include "support_kafka.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/wake.h"

enum { WAKE_MS = 20000 };

/* ---- log ---- */

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char log_bytes[LOG_BYTES];
static size_t log_length;

static void take_line(void *user, enum sl_log_level level, const char *line, size_t length)
{
    (void)user;
    (void)level;
    pthread_mutex_lock(&log_lock);
    if (log_length + length + 2 < LOG_BYTES) {
        memcpy(log_bytes + log_length, line, length);
        log_length += length;
        log_bytes[log_length++] = '\n';
        log_bytes[log_length] = '\0';
    }
    pthread_mutex_unlock(&log_lock);
}

const char *log_text(void)
{
    return log_bytes;
}

/* ---- the cluster ---- */

void market_open(struct market *market)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text, sizeof text),
                     RD_KAFKA_CONF_OK);
    market->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    assert_non_null(market->producer);
    market->cluster = rd_kafka_handle_mock_cluster(market->producer);
    market->servers = rd_kafka_mock_cluster_bootstraps(market->cluster);
}

void market_close(struct market *market)
{
    rd_kafka_destroy(market->producer);
}

void market_topic(struct market *market, const char *topic, int partition_count)
{
    rd_kafka_resp_err_t code =
        rd_kafka_mock_topic_create(market->cluster, topic, partition_count, 1);
    assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

void market_produce(struct market *market, const char *topic, int partition, const char *key,
                    const char *value)
{
    size_t key_bytes = key == NULL ? 0 : strlen(key);
    size_t value_bytes = value == NULL ? 0 : strlen(value);
    void *payload = (void *)(uintptr_t)value;
    rd_kafka_resp_err_t code = rd_kafka_producev(
        market->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_bytes),
        RD_KAFKA_V_VALUE(payload, value_bytes), RD_KAFKA_V_TIMESTAMP(1700000000123),
        RD_KAFKA_V_HEADER("trace", "abc", 3), RD_KAFKA_V_HEADER("void", NULL, 0), RD_KAFKA_V_END);
    assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

void market_flush(struct market *market)
{
    assert_int_equal(rd_kafka_flush(market->producer, WAKE_MS), RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* ---- the table ---- */

static struct sl_type metadata_type(const char *name, size_t length)
{
    const struct sl_metadata_def *def = conn_kafka_connector.metadata;
    while (def->key != NULL &&
           (strlen(def->key) != length || memcmp(def->key, name, length) != 0)) {
        def++;
    }
    assert_non_null(def->key);
    return def->type;
}

void table_option(struct table *table, const char *name, const char *value)
{
    for (uint32_t i = 0; i < table->option_count; i++) {
        if (strcmp(table->options[i].name, name) == 0) {
            table->options[i].value = value;
            return;
        }
    }
    assert_true(table->option_count < MARKET_OPTIONS_MAX);
    table->options[table->option_count++] = (struct sl_option){.name = name, .value = value};
}

static void init_columns(struct table *table, const char *metadata)
{
    uint32_t count = 2;
    table->columns[0] = (struct sl_column){"device", sl_type_string()};
    table->columns[1] = (struct sl_column){"temp", sl_type_of(SL_TYPE_DOUBLE)};
    for (const char *at = metadata; *at != '\0';) {
        size_t length = strcspn(at, ",");
        table->columns[count++] =
            (struct sl_column){sl_arena_copy(&table->arena, at, length), metadata_type(at, length)};
        at += length + (at[length] == ',');
    }
    table->node.schema = (struct sl_schema){.column_count = count, .columns = table->columns};
    table->inputs[0] = &table->node.schema;
    table->params[1] = (struct sl_param){.name = "physical",
                                         .kind = SL_PARAM_SCHEMA,
                                         .schema = {.column_count = 2, .columns = table->columns}};
    table->params[2] =
        (struct sl_param){.name = "metadata", .kind = SL_PARAM_STRING, .string = metadata};
    table->node.params = table->params;
    table->node.param_count = 3;
}

void table_init(struct table *table, const char *servers, const char *topic, const char *metadata)
{
    memset(table, 0, sizeof *table);
    log_length = 0;
    log_bytes[0] = '\0';
    table->account.name = "test";
    sl_arena_init(&table->arena, &table->account, 0);
    table->builtins.codecs = conn_codecs;
    sl_catalog_init(&table->catalog, &table->builtins, &table->account);
    table->log =
        (struct sl_log){.level = SL_LOG_INFO, .clock = sl_clock_system(), .write = take_line};
    table->metrics = sl_metric_set_create(&table->account);
    init_columns(table, metadata);
    table->node.kind = "source";
    table_option(table, "connector", "kafka");
    table_option(table, "topic", topic);
    table_option(table, "format", "json");
    table_option(table, "properties.bootstrap.servers", servers);
    table_option(table, "connect-timeout", "5 s");
    table_option(table, "scan.startup.mode", "earliest-offset");
}

enum sl_status table_open(struct table *table)
{
    table->params[0] = (struct sl_param){
        .name = "options",
        .kind = SL_PARAM_OPTIONS,
        .options = {.items = table->options, .count = table->option_count},
    };
    table->env =
        (struct sl_env){.plan = &table->plan,
                        .node = &table->node,
                        .catalog = &table->catalog,
                        .inputs = table->inputs,
                        .input_count = 1,
                        .worker_count = 1,
                        .batch_rows = table->env.batch_rows == 0 ? 512 : table->env.batch_rows,
                        .account = &table->account,
                        .arena = &table->arena,
                        .clock = sl_clock_system(),
                        .log = &table->log,
                        .metrics = table->metrics,
                        .label = "kafka[0]",
                        .io = sl_io_system(),
                        .restored_watermark = INT64_MIN};
    memset(&table->error, 0, sizeof table->error);
    return strcmp(table->node.kind, "sink") == 0
               ? conn_kafka_connector.sink->open(&table->env, &table->state, &table->error)
               : conn_kafka_connector.source->open(&table->env, &table->state, &table->error);
}

static void close_state(struct table *table)
{
    if (strcmp(table->node.kind, "sink") == 0) {
        conn_kafka_connector.sink->close(table->state);
    } else {
        conn_kafka_connector.source->close(table->state);
    }
    table->state = NULL;
}

void table_reopen(struct table *table)
{
    close_state(table);
    assert_int_equal(table_open(table), SL_OK);
}

void table_close(struct table *table)
{
    close_state(table);
    assert_int_equal(armed_wake.fd, -1);
    sl_metric_set_destroy(table->metrics);
    sl_catalog_deinit(&table->catalog);
    sl_arena_deinit(&table->arena);
    assert_int_equal(sl_account_used(&table->account), 0);
}

uint32_t table_assign(struct table *table, char positions[][32])
{
    const char **names = NULL;
    uint32_t count = 0;
    enum sl_status status = conn_kafka_connector.source->discover(table->state, &table->arena,
                                                                  &names, &count, &table->error);
    if (status != SL_OK) {
        fail_msg("discover: %s", table->error.text);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct sl_split split = {.name = names[i], .id = i};
        status = conn_kafka_connector.source->assign(
            table->state, &split, positions == NULL ? NULL : positions[i], false, &table->error);
        if (status != SL_OK) {
            fail_msg("assign %s: %s", names[i], table->error.text);
        }
    }
    return count;
}

bool table_wait(struct table *table, int wait_ms)
{
    struct pollfd poll_fd = {.fd = armed_wake.fd, .events = POLLIN};
    if (armed_wake.time != 0) {
        int64_t left_ms = (armed_wake.time - sl_clock_steady_us(sl_clock_system())) / 1000;
        wait_ms = (int)SL_MIN((int64_t)wait_ms, SL_MAX(left_ms, 0));
    }
    bool has_come = poll(&poll_fd, 1, wait_ms) == 1;
    int64_t token = armed_wake.fd_token;
    if (!has_come && armed_wake.time != 0) {
        has_come = true;
        token = armed_wake.time_token;
        armed_wake.time = 0;
    }
    if (has_come && strcmp(table->node.kind, "sink") == 0) {
        assert_int_equal(conn_kafka_connector.sink->wake(table->state, token, &table->error), 0);
    } else if (has_come) {
        assert_int_equal(conn_kafka_connector.source->wake(table->state, token, &table->error), 0);
    }
    return has_come;
}

enum sl_flow table_poll(struct table *table, struct sl_outs *outs)
{
    for (;;) {
        enum sl_flow flow = SL_DONE;
        memset(outs, 0, sizeof *outs);
        enum sl_status status =
            conn_kafka_connector.source->poll(table->state, outs, &flow, &table->error);
        if (status != SL_OK) {
            fail_msg("poll: %s", table->error.text);
        }
        if (flow != SL_BLOCKED) {
            return flow;
        }
        if (!table_wait(table, WAKE_MS)) {
            fail_msg("no wake-up; the log:\n%s", log_text());
        }
    }
}

void table_position(struct table *table, uint32_t split_id, char position[32])
{
    struct sl_text text;
    sl_text_init(&text, &table->account, 0);
    assert_int_equal(
        conn_kafka_connector.source->position(table->state, split_id, &text, &table->error), SL_OK);
    assert_false(text.failed);
    snprintf(position, 32, "%.*s", (int)text.length, text.data);
    sl_text_deinit(&text);
}

const char *table_string(const struct sl_batch *batch, uint32_t column, uint32_t row, char *text,
                         size_t text_bytes)
{
    const struct sl_vector *vector = &batch->columns[column];
    if (!sl_vector_is_valid(vector, row)) {
        return NULL;
    }
    const struct sl_view *view =
        &((const struct sl_view *)vector->data)[sl_vector_index(vector, row)];
    snprintf(text, text_bytes, "%.*s", (int)view->length, sl_view_data(view));
    return text;
}

#else
int main_without_kafka(void);
#endif
