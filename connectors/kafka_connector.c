/* SPDX-License-Identifier: Apache-2.0
 *
 * The kafka connector's options and its definition. Options: Flink's kafka connector, but for
 * 'connect-timeout', which is ours. */
#include "kafka_connector.h"

#include <string.h>

#include "decode.h"
#include "kafka_client.h"
#include "kafka_conf.h"
#include "room.h"
#include "source_kafka.h"

#define START_MODES "earliest-offset|latest-offset|group-offsets|timestamp|specific-offsets"
#define END_MODES "unbounded|latest-offset|group-offsets|timestamp|specific-offsets"

const struct sl_option_def conn_kafka_options[] = {
    CONN_DECODE_OPTIONS,
    {.name = "topic",
     .type = SL_OPTION_STRING,
     .help = "topic, or to read from: several, with semicolons between them"},
    {.name = "topic-pattern", .type = SL_OPTION_STRING, .help = "not supported yet"},
    {.name = "properties.bootstrap.servers",
     .type = SL_OPTION_STRING,
     .required = true,
     .help = "brokers to begin with, host:port with commas between them"},
    {.name = "properties.*",
     .type = SL_OPTION_STRING,
     .help = "properties of librdkafka, and those of the Java client that mean the same"},
    {.name = "connect-timeout",
     .type = SL_OPTION_DURATION,
     .default_text = "60 s",
     .help = "how long to wait for a broker at the start"},
    {.name = "format", .type = SL_OPTION_STRING, .help = "format of the value"},
    {.name = "value.format", .type = SL_OPTION_STRING, .help = "format of the value"},
    {.name = "key.format", .type = SL_OPTION_STRING, .help = "format of the key"},
    {.name = "key.fields",
     .type = SL_OPTION_STRING,
     .help = "columns of the key, with semicolons between them"},
    {.name = "key.fields-prefix",
     .type = SL_OPTION_STRING,
     .help = "what the names of key columns begin with in the table"},
    {.name = "value.fields-include",
     .type = SL_OPTION_ENUM,
     .default_text = "ALL",
     .choices = "ALL|EXCEPT_KEY",
     .help = "whether the key's columns are in the value, too"},
    {.name = "scan.startup.mode",
     .type = SL_OPTION_ENUM,
     .default_text = "group-offsets",
     .choices = START_MODES,
     .help = "where reading starts"},
    {.name = "scan.startup.specific-offsets",
     .type = SL_OPTION_STRING,
     .help = "partition:0,offset:42;partition:1,offset:300"},
    {.name = "scan.startup.timestamp-millis",
     .type = SL_OPTION_INT64,
     .help = "time in ms since the epoch"},
    {.name = "scan.bounded.mode",
     .type = SL_OPTION_ENUM,
     .default_text = "unbounded",
     .choices = END_MODES,
     .help = "where reading ends"},
    {.name = "scan.bounded.specific-offsets",
     .type = SL_OPTION_STRING,
     .help = "partition:0,offset:42;partition:1,offset:300"},
    {.name = "scan.bounded.timestamp-millis",
     .type = SL_OPTION_INT64,
     .help = "time in ms since the epoch"},
    {.name = "scan.topic-partition-discovery.interval",
     .type = SL_OPTION_DURATION,
     .default_text = "5 min",
     .help = "how often to look for new partitions, 0 = never"},
    {.name = "scan.parallelism",
     .type = SL_OPTION_INT64,
     .help = "accepted; a query has one parallelism"},
    {.name = "sink.partitioner",
     .type = SL_OPTION_STRING,
     .default_text = "default",
     .help = "default (by the key as the Java client does), fixed or round-robin"},
    {.name = "sink.delivery-guarantee",
     .type = SL_OPTION_ENUM,
     .default_text = "at-least-once",
     .choices = "at-least-once|exactly-once|none",
     .help = "none: rows that cannot be delivered are rejected and do not end the query"},
    {.name = "sink.transactional-id-prefix",
     .type = SL_OPTION_STRING,
     .help = "only for exactly-once"},
    {.name = "sink.parallelism",
     .type = SL_OPTION_INT64,
     .help = "accepted; a query has one parallelism"},
    {.name = NULL},
};

bool conn_kafka_is_bounded(const struct sl_options *options)
{
    return strcmp(sl_option_text(options, conn_kafka_options, "scan.bounded.mode"), "unbounded") !=
           0;
}

/* Fails at the option's place in the SQL text. */
static enum sl_status refuse(const struct sl_options *options, enum sl_status status,
                             const char *name, const char *text, struct sl_error *err)
{
    for (uint32_t i = 0; i < options->count; i++) {
        const struct sl_option *option = &options->items[i];
        if (strcmp(option->name, name) == 0) {
            return sl_fail_at(err, status, option->line, option->column, "'%s' = '%s': %s", name,
                              option->value, text);
        }
    }
    return sl_fail(err, status, "'%s': %s", name, text);
}

static enum sl_status check_sink(const struct sl_options *options, struct sl_error *err)
{
    const char *partitioner = sl_option_text(options, conn_kafka_options, "sink.partitioner");
    const char *guarantee = sl_option_text(options, conn_kafka_options, "sink.delivery-guarantee");
    if (strcmp(guarantee, "exactly-once") == 0) {
        return refuse(options, SL_UNSUPPORTED, "sink.delivery-guarantee", "not supported yet", err);
    }
    if (strcmp(partitioner, "default") != 0 && strcmp(partitioner, "fixed") != 0 &&
        strcmp(partitioner, "round-robin") != 0) {
        return refuse(options, SL_UNSUPPORTED, "sink.partitioner",
                      "expected default, fixed or round-robin; classes are not supported", err);
    }
    if (strchr(sl_option_text(options, NULL, "topic"), ';') != NULL) {
        return refuse(options, SL_OPTION, "topic", "a sink writes to a single topic", err);
    }
    return SL_OK;
}

enum sl_status conn_kafka_check(const struct sl_options *options, bool as_sink,
                                struct sl_error *err)
{
    if (sl_option_is_set(options, "topic-pattern")) {
        return refuse(options, SL_UNSUPPORTED, "topic-pattern", "not supported yet", err);
    }
    const char *topic = sl_option_text(options, NULL, "topic");
    if (topic == NULL || *topic == '\0') {
        return sl_fail(err, SL_OPTION, "missing option 'topic' of connector 'kafka'");
    }
    return as_sink ? check_sink(options, err) : conn_kafka_offset_check(options, err);
}

static enum sl_status check(const struct sl_options *options, const struct sl_schema *physical,
                            bool as_sink, struct sl_error *err)
{
    (void)physical;
    rd_kafka_conf_t *conf = NULL;
    SL_TRY(conn_kafka_check(options, as_sink, err));
    SL_TRY(conn_kafka_conf_make(options, as_sink ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, 1, NULL,
                                &conf, err));
    rd_kafka_conf_destroy(conf);
    return SL_OK;
}

const struct sl_connector_def conn_kafka_connector = {
    .name = "kafka",
    .options = conn_kafka_options,
    .source = &conn_kafka_source_def,
    .sink = &conn_kafka_sink_def,
    .metadata = conn_kafka_metadata,
    .takes_format = true,
    .is_bounded = conn_kafka_is_bounded,
    .source_guarantee = "exactly once",
    .sink_guarantee = "at least once",
    .check = check,
};
