/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the kafka source: splits and where they start and end (kafka_offset.c), messages as
 * spans (kafka_input.c), partitions that are new (kafka_discovery.c), how far behind
 * it is (kafka_lag.c), and the source itself (source_kafka.c). */
#ifndef CONNECTORS_SOURCE_KAFKA_H
#define CONNECTORS_SOURCE_KAFKA_H

#include <pthread.h>

#include "decode.h"
#include "kafka_client.h"

enum { CONN_KAFKA_TOPICS_MAX = 256 };

/* Wake-ups; 0 is the client's. */
enum { CONN_KAFKA_TOKEN_DISCOVERY = 1, CONN_KAFKA_TOKEN_LAG = 2 };

struct conn_kafka_split {
    struct sl_split split;
    struct conn_kafka_topic *topic;
    int32_t partition;
    int64_t next;          /* offset behind what was handed out */
    uint32_t partial_rows; /* rows of message `next` that were handed out */
    uint32_t skip_rows;    /* rows of message `next` to drop: they came out before a restore */
    int64_t end;           /* the first offset that is not wanted; INT64_MAX = none */
    bool is_running;       /* the client fetches it */
    bool has_ended;        /* all of it was fetched */
    bool is_told;          /* and its end was told */
};

struct conn_kafka_topic {
    const char *name;
    rd_kafka_topic_t *handle;
    struct conn_kafka_split **splits; /* by partition; NULL = not read here */
    int32_t split_count;
    int32_t known_count; /* partitions that discover has named */
};

/* Messages of one input, copied out of the client's memory. */
struct conn_kafka_input {
    struct conn_input input;
    struct sl_span *values;
    struct sl_span *keys;
    int64_t *positions;
    int64_t *timestamps; /* ms */
    uint8_t *timestamp_types;
    struct conn_kafka_split **splits; /* of each message */
    struct conn_kafka_headers *headers;
    struct conn_input_run *runs;
    char *slab; /* the bytes, with 64 readable ones behind */
    size_t slab_bytes;
    size_t slab_used;
    struct sl_arena header_arena;
    struct sl_error error;         /* of filling a metadata column */
    rd_kafka_message_t **messages; /* taken from the queue */
    uint32_t message_count;
    uint32_t message_next; /* the first that was not looked at */
    bool wants_keys;
    bool wants_headers;
    const uint8_t *metadata; /* enum conn_kafka_metadata, by metadata column */
    uint32_t metadata_count;
};

/* A metadata request on its own thread, as the client can only ask and wait. */
struct conn_kafka_discovery {
    pthread_t thread;
    bool is_running;
    bool is_done;    /* atomic; from the thread to the instance */
    int32_t *counts; /* by topic; of the thread while it runs; -1 = no answer */
    bool has_new;
};

struct conn_kafka_source {
    struct conn_kafka_client client;
    const struct sl_options *options;
    struct conn_kafka_topic *topics;
    uint32_t topic_count;
    struct conn_kafka_split **splits;
    uint32_t split_count;
    uint32_t split_capacity;
    bool is_bounded;
    rd_kafka_queue_t *queue; /* of all partitions */
    struct conn_decoder *decoder;
    struct conn_kafka_input input;
    struct conn_kafka_discovery discovery;
    struct sl_metric *pending;
    uint32_t commits_in_flight;
    bool is_warned; /* that the group has no offset */
};

/* kafka_offset.c */

/* Checks the options that name offsets. */
enum sl_status conn_kafka_offset_check(const struct sl_options *options, struct sl_error *err);
/* Sets next, skip_rows and end of a split by position (NULL = by the options). */
enum sl_status conn_kafka_offset_resolve(struct conn_kafka_source *source,
                                         struct conn_kafka_split *split, const char *position,
                                         bool is_new, struct sl_error *err);

/* kafka_input.c */

/* What a metadata column holds. */
enum conn_kafka_metadata {
    CONN_KAFKA_TOPIC,
    CONN_KAFKA_PARTITION,
    CONN_KAFKA_OFFSET,
    CONN_KAFKA_TIMESTAMP,
    CONN_KAFKA_TIMESTAMP_TYPE,
    CONN_KAFKA_LEADER_EPOCH,
    CONN_KAFKA_HEADERS,
    CONN_KAFKA_METADATA_COUNT
};
extern const struct sl_metadata_def conn_kafka_metadata[];

/* Makes room for env->batch_rows messages, and the source's decoder. */
enum sl_status conn_kafka_input_open(struct conn_kafka_source *source, struct sl_error *err);
void conn_kafka_input_close(struct conn_kafka_source *source);
/* Takes messages from the queue: input.span_count says how many wait now. False when the queue was
 * empty; true with span_count 0 when only news came, such as the end of a split. */
enum sl_status conn_kafka_input_fetch(struct conn_kafka_source *source, bool *has_fetched,
                                      struct sl_error *err);

/* kafka_discovery.c */

/* Asks in the background how many partitions the topics have; wakes the instance when it knows. */
void conn_kafka_discovery_start(struct conn_kafka_source *source);
/* Takes the answer if it is there: sets has_new, and counts for discover. */
bool conn_kafka_discovery_take(struct conn_kafka_source *source);
/* Waits for a request that runs. */
void conn_kafka_discovery_close(struct conn_kafka_source *source);

/* kafka_lag.c */

/* Makes the gauge, and has it updated twice a second: update answers CONN_KAFKA_TOKEN_LAG. */
enum sl_status conn_kafka_lag_open(struct conn_kafka_source *source, struct sl_error *err);
enum sl_status conn_kafka_lag_update(struct conn_kafka_source *source, struct sl_error *err);

#endif
