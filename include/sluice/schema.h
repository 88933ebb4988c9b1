/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. The columns of a batch: names, types and where the time attribute is. Read-only once
 * built. */
#ifndef SLUICE_SCHEMA_H
#define SLUICE_SCHEMA_H

#include "sluice/type.h"

SL_EXTERN_C_BEGIN

struct sl_column {
    const char *name;
    struct sl_type type;
};

struct sl_schema {
    uint32_t column_count;
    const struct sl_column *columns;
};

/* Index of the column of that exact name, or -1. */
int32_t sl_schema_find(const struct sl_schema *schema, const char *name);
/* Deep copy into arena. */
struct sl_schema sl_schema_copy(struct sl_arena *arena, const struct sl_schema *schema);
bool sl_schema_equal(const struct sl_schema *a, const struct sl_schema *b);

SL_EXTERN_C_END

#endif
