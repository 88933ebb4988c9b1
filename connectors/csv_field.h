/* SPDX-License-Identifier: Apache-2.0
 *
 * One CSV field: finding it, taking its escapes out, and putting quotes around it. */
#ifndef CONNECTORS_CSV_FIELD_H
#define CONNECTORS_CSV_FIELD_H

#include "sluice/arena.h"
#include "sluice/text.h"

/* '\0' = there is no such character. */
struct conn_csv_style {
    char delimiter;
    char quote;
    char escape;
};

struct conn_csv_field {
    const char *data; /* without its quotes */
    size_t length;
    bool is_quoted;
    bool has_escapes; /* doubled quotes or escape characters */
};

/* Reads the field at `at`. Returns the byte behind the delimiter that ends it, or NULL when it is
 * the last one; *error is set (static text) when it is malformed. */
const char *conn_csv_next(const struct conn_csv_style *style, const char *at, const char *end,
                          struct conn_csv_field *field, const char **error);
/* Makes the field plain text, in arena when that changes it; false: no memory. */
bool conn_csv_unescape(const struct conn_csv_style *style, struct sl_arena *arena,
                       struct conn_csv_field *field);
/* Quotes (or escapes) what stands in out from begin on, when it needs that. */
void conn_csv_protect(const struct conn_csv_style *style, struct sl_text *out, size_t begin);

#endif
