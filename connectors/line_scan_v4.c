/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, found 64 bytes at a time, for x86-64-v4 (cpu_level.h). */
#define SCAN_LINES conn_scan_lines_v4
#include "line_leaf.h"
