/* SPDX-License-Identifier: Apache-2.0
 *
 * Table options to a configuration of librdkafka. */
#ifndef CONNECTORS_KAFKA_CONF_H
#define CONNECTORS_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>

#include "sluice/log.h"
#include "sluice/option.h"

/* Makes a configuration from every 'properties.*' of options: properties of librdkafka are passed
 * on as they are, those of the Java client become librdkafka's where one means the same, and the
 * rest is refused by name. Settings that the connector depends on are not the user's. worker_count
 * instances share the buffers' sizes. log may be NULL. Give *conf to rd_kafka_new or to
 * rd_kafka_conf_destroy. */
enum sl_status conn_kafka_conf_make(const struct sl_options *options, rd_kafka_type_t type,
                                    uint32_t worker_count, struct sl_log *log,
                                    rd_kafka_conf_t **conf, struct sl_error *err);

#endif
