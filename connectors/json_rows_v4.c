/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading lines by shape, compiled for x86-64-v4 (cpu_level.h). */
#define JSON_READ_ROWS conn_json_read_rows_v4
#include "json_rows.h"
