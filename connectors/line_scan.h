/* SPDX-License-Identifier: Apache-2.0
 *
 * The leaf that cuts bytes into lines. */
#ifndef CONNECTORS_LINE_SCAN_H
#define CONNECTORS_LINE_SCAN_H

#include "sluice/codec.h"

/* Writes the first span_capacity lines that end in '\n' within data[0, length): without the newline
 * and a '\r' before it; starts[i] = index of line i's first byte. Returns their count; *used =
 * bytes behind the last one's newline. At least 64 bytes behind data + length are readable. Lines
 * above 4 GiB - 1 are cut to that length. */
typedef uint32_t conn_scan_lines_leaf(const char *data, size_t length, struct sl_span *spans,
                                      int64_t *starts, uint32_t span_capacity, size_t *used);
conn_scan_lines_leaf conn_scan_lines; /* as the best of these for this machine (cpu_level.h) */
conn_scan_lines_leaf conn_scan_lines_v2;
conn_scan_lines_leaf conn_scan_lines_v3;
conn_scan_lines_leaf conn_scan_lines_v4;

#endif
