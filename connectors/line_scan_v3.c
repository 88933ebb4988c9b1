/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, found 64 bytes at a time, for x86-64-v3 (cpu_level.h). */
#define SCAN_LINES conn_scan_lines_v3
#include "line_leaf.h"
