/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of connectors/: what engine/wire puts into the builtin lists. Lists end with NULL. */
#ifndef CONNECTORS_ROOM_H
#define CONNECTORS_ROOM_H

#include "sluice/catalog.h"

SL_EXTERN_C_BEGIN

/* All connectors that need no optional library, and all formats. */
extern const struct sl_connector_def *const conn_connectors[];
extern const struct sl_codec_def *const conn_codecs[];

/* There only when librdkafka was found; so it is listed by engine/wire, not by conn_connectors. */
extern const struct sl_connector_def conn_kafka_connector;

SL_EXTERN_C_END

#endif
