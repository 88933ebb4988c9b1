/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of connectors and formats that are always there. */
#include "builtin.h"

const struct sl_connector_def *const conn_connectors[] = {
    &conn_filesystem_connector, &conn_datagen_connector, &conn_print_connector,
    &conn_blackhole_connector, NULL};

const struct sl_codec_def *const conn_codecs[] = {&conn_json_codec, &conn_csv_codec,
                                                  &conn_raw_codec, NULL};
