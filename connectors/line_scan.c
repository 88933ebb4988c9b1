/* SPDX-License-Identifier: Apache-2.0
 *
 * Picks the leaf for this machine. */
#include "line_scan.h"

#include "cpu_level.h"

uint32_t conn_scan_lines(const char *data, size_t length, struct sl_span *spans, int64_t *starts,
                         uint32_t span_capacity, size_t *used)
{
    switch (conn_cpu_level()) {
    case CONN_CPU_V4:
        return conn_scan_lines_v4(data, length, spans, starts, span_capacity, used);
    case CONN_CPU_V3:
        return conn_scan_lines_v3(data, length, spans, starts, span_capacity, used);
    default:
        return conn_scan_lines_v2(data, length, spans, starts, span_capacity, used);
    }
}
