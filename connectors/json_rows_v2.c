/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading lines by shape, compiled for what everything is compiled for. */
#define JSON_READ_ROWS conn_json_read_rows_v2
#include "json_rows.h"
