/* SPDX-License-Identifier: Apache-2.0
 *
 * Text to a typed value in a column: what CSV fields and JSON strings share. */
#ifndef CONNECTORS_CONVERT_H
#define CONNECTORS_CONVERT_H

#include "sluice/kernel.h"

enum conn_timestamp_style {
    CONN_TIMESTAMP_ANY,
    CONN_TIMESTAMP_SQL,    /* 2026-11-21 22:00:00 */
    CONN_TIMESTAMP_ISO8601 /* 2026-11-21T22:00:00 */
};

struct conn_conversion {
    enum conn_timestamp_style style;
    struct sl_arena *strings; /* bytes that are not in the text itself */
};

/* The value of "json.timestamp-format.standard" and its like; ANY for NULL. */
enum conn_timestamp_style conn_timestamp_style(const char *option);

/* Stores at row what the whole text spells, in the vector's type: numbers in Java's forms, base64
 * for bytes; strings borrow data. NONE, or why not: TYPE, RANGE, SIZE (no memory). Not for nested
 * types. */
enum sl_row_error conn_store_text(const struct conn_conversion *conversion,
                                  struct sl_vector *vector, uint32_t row, const char *data,
                                  size_t length);
/* Stores an integer in a column of an integer or interval type. RANGE when it does not fit; TYPE
 * when the column is of another type. */
enum sl_row_error conn_store_int64(struct sl_vector *vector, uint32_t row, int64_t value);

#endif
