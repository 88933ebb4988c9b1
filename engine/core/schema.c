/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and types of columns.
 * Always true: names are compared byte by byte, as the dialect's identifiers are. */
#include "sluice/schema.h"

#include <string.h>

int32_t sl_schema_find(const struct sl_schema *schema, const char *name)
{
    for (uint32_t i = 0; i < schema->column_count; i++) {
        if (strcmp(schema->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

struct sl_schema sl_schema_copy(struct sl_arena *arena, const struct sl_schema *schema)
{
    struct sl_schema copy = {0, NULL};
    struct sl_column *columns = SL_ARENA_ARRAY(arena, struct sl_column, schema->column_count);
    if (columns == NULL) {
        return copy;
    }
    for (uint32_t i = 0; i < schema->column_count; i++) {
        columns[i].name = sl_arena_string(arena, schema->columns[i].name);
        columns[i].type = sl_type_copy(arena, &schema->columns[i].type);
    }
    copy.column_count = schema->column_count;
    copy.columns = columns;
    return copy;
}

bool sl_schema_equal(const struct sl_schema *a, const struct sl_schema *b)
{
    if (a->column_count != b->column_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->column_count; i++) {
        if (strcmp(a->columns[i].name, b->columns[i].name) != 0 ||
            !sl_type_equal(&a->columns[i].type, &b->columns[i].type, true)) {
            return false;
        }
    }
    return true;
}
