/* SPDX-License-Identifier: Apache-2.0
 *
 * The definitions that builtin.c lists. */
#ifndef CONNECTORS_BUILTIN_H
#define CONNECTORS_BUILTIN_H

#include "room.h"

extern const struct sl_codec_def conn_json_codec;
extern const struct sl_codec_def conn_csv_codec;
extern const struct sl_codec_def conn_raw_codec;

extern const struct sl_connector_def conn_filesystem_connector;
extern const struct sl_connector_def conn_datagen_connector;
extern const struct sl_connector_def conn_print_connector;
extern const struct sl_connector_def conn_blackhole_connector;

#endif
