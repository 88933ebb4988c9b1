/* SPDX-License-Identifier: Apache-2.0
 *
 * A table over librdkafka's mock cluster, and a loop that stands for the driver. */
#ifndef TESTS_CONNECTORS_SUPPORT_KAFKA_H
#define TESTS_CONNECTORS_SUPPORT_KAFKA_H

#ifdef SLUICE_WITH_KAFKA

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "connectors/room.h"

enum { MARKET_OPTIONS_MAX = 32, LOG_BYTES = 65536 };

/* A mock cluster with a plain producer. */
struct market {
    rd_kafka_t *producer;
    rd_kafka_mock_cluster_t *cluster;
    const char *servers;
};
void market_open(struct market *market);
void market_close(struct market *market);
void market_topic(struct market *market, const char *topic, int partition_count);
/* NULL key or value = none. Waits for its acknowledgement only in market_flush. */
void market_produce(struct market *market, const char *topic, int partition, const char *key,
                    const char *value);
void market_flush(struct market *market);

/* A source or sink instance of the table
 *   device STRING, temp DOUBLE, metadata... */
struct table {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_catalog catalog;
    struct sl_builtins builtins;
    struct sl_log log;
    struct sl_env env;
    struct sl_plan plan;
    struct sl_plan_node node;
    struct sl_param params[4];
    struct sl_option options[MARKET_OPTIONS_MAX];
    uint32_t option_count;
    struct sl_column columns[16];
    const struct sl_schema *inputs[1];
    struct sl_metric_set *metrics;
    void *state;
    struct sl_error error;
};
/* metadata: "offset,partition", or "". is_sink: the metadata columns are those of the input. */
void table_init(struct table *table, const char *servers, const char *topic, const char *metadata);
void table_option(struct table *table, const char *name, const char *value);
enum sl_status table_open(struct table *table);
void table_close(struct table *table);
/* Closes the instance, and opens another of the same options. */
void table_reopen(struct table *table);
/* Names and assigns all splits; positions NULL, or one a split in order of discovery. */
uint32_t table_assign(struct table *table, char positions[][32]);
/* Polls until it gives something or is done; waits up to a time for wake-ups, which must come. */
enum sl_flow table_poll(struct table *table, struct sl_outs *outs);
/* Waits for the wake-up after a BLOCKED; false when none came in that time. */
bool table_wait(struct table *table, int wait_ms);
void table_position(struct table *table, uint32_t split_id, char position[32]);

const char *table_string(const struct sl_batch *batch, uint32_t column, uint32_t row, char *text,
                         size_t text_bytes);
/* What was logged since the last table_init. */
const char *log_text(void);

#endif
#endif
