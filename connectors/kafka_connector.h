/* SPDX-License-Identifier: Apache-2.0
 *
 * The halves of the kafka connector, and what they ask of its options. */
#ifndef CONNECTORS_KAFKA_CONNECTOR_H
#define CONNECTORS_KAFKA_CONNECTOR_H

#include "sluice/catalog.h"

extern const struct sl_source_def conn_kafka_source_def;
extern const struct sl_sink_def conn_kafka_sink_def;

/* More than option types can say: modes with their offsets, and what is not supported yet. */
enum sl_status conn_kafka_check(const struct sl_options *options, bool as_sink,
                                struct sl_error *err);
bool conn_kafka_is_bounded(const struct sl_options *options);

#endif
