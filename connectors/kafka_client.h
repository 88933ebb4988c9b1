/* SPDX-License-Identifier: Apache-2.0
 *
 * What the kafka source and sink share: one client of librdkafka with its log, its errors, its
 * wake-up and the waiting for brokers. All calls from the thread that owns the instance. */
#ifndef CONNECTORS_KAFKA_CLIENT_H
#define CONNECTORS_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

#include "sluice/operator.h"

enum { CONN_KAFKA_TROUBLE_BYTES = 256 };

struct conn_kafka_client {
    struct sl_env *env;
    rd_kafka_t *handle;
    rd_kafka_queue_t *events; /* errors, delivery reports and results of commits */
    int event_fd;             /* readable when a watched queue got its first element; -1 = none */
    const char *servers;
    int64_t connect_timeout_ms;
    int64_t complained_ns; /* when the log was last told about trouble; 0 = never */
    bool is_cut_off;       /* no broker answers at the moment */
    char trouble[CONN_KAFKA_TROUBLE_BYTES]; /* the last error of a connection */
};

/* Options that source and sink read. */
extern const struct sl_option_def conn_kafka_options[];

/* Makes a client of the table's options and arms the wake-up (token 0). Connects in the background.
 * events: RD_KAFKA_EVENT_* to receive besides errors. Zeroed before; close after a failure, too. */
enum sl_status conn_kafka_client_open(struct conn_kafka_client *client, struct sl_env *env,
                                      rd_kafka_type_t type, int events, struct sl_error *err);
/* Topics, queues and messages of the client must be gone. */
void conn_kafka_client_close(struct conn_kafka_client *client);
/* Makes the first element of queue wake the instance. */
void conn_kafka_client_watch(struct conn_kafka_client *client, rd_kafka_queue_t *queue);
/* Answers the wake-up. */
void conn_kafka_client_quiet(struct conn_kafka_client *client);

/* Takes an error event: trouble with connections is logged now and then, and librdkafka goes on
 * trying; only a fatal error is a status. */
enum sl_status conn_kafka_client_error(struct conn_kafka_client *client, rd_kafka_event_t *event,
                                       struct sl_error *err);
/* A broker has answered. */
void conn_kafka_client_is_alive(struct conn_kafka_client *client);

/* A request that is repeated until it succeeds or the time is over. */
struct conn_kafka_wait {
    int64_t deadline_ns;
    int64_t reported_ns;
    uint32_t unknown_count; /* answers that the topic does not exist */
};
void conn_kafka_wait_begin(struct conn_kafka_client *client, struct conn_kafka_wait *wait);
/* Milliseconds that the next try may take. */
int conn_kafka_wait_try_ms(struct conn_kafka_client *client, const struct conn_kafka_wait *wait);
/* The request about topic (NULL = none) failed with code. SL_OK: some time has gone by, try again.
 * SL_NETWORK: the time is over; SL_NOT_FOUND: the topic is not there. */
enum sl_status conn_kafka_wait_again(struct conn_kafka_client *client, struct conn_kafka_wait *wait,
                                     rd_kafka_resp_err_t code, const char *topic,
                                     struct sl_error *err);

/* The number of the topic's partitions; waits for a broker. */
enum sl_status conn_kafka_partition_count(struct conn_kafka_client *client, rd_kafka_topic_t *topic,
                                          int32_t *count, struct sl_error *err);

#endif
