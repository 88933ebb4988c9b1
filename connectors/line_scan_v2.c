/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, found 64 bytes at a time, as everything is compiled. */
#define SCAN_LINES conn_scan_lines_v2
#include "line_leaf.h"
