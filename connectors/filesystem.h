/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two halves of the filesystem connector share. */
#ifndef CONNECTORS_FILESYSTEM_H
#define CONNECTORS_FILESYSTEM_H

#include "sluice/catalog.h"

extern const struct sl_option_def conn_filesystem_options[];
extern const struct sl_source_def conn_filesystem_source;
extern const struct sl_sink_def conn_filesystem_sink;
extern const struct sl_metadata_def conn_filesystem_metadata[];

/* The option 'path' without a leading "file://"; NULL when it is missing. */
const char *conn_file_path(const struct sl_options *options);

#endif
