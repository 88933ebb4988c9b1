/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading lines by shape, compiled for x86-64-v3 (cpu_level.h). */
#define JSON_READ_ROWS conn_json_read_rows_v3
#include "json_rows.h"
