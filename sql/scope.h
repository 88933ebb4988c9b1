/* SPDX-License-Identifier: Apache-2.0
 *
 * The columns that an expression may name: those of what stands in FROM. */
#ifndef SQL_SCOPE_H
#define SQL_SCOPE_H

#include "logical.h"

struct sql_scope {
    const char *alias; /* of the table in FROM, NULL = it has none */
    const struct sql_field *fields;
    uint32_t field_count;
};

/* The ordinal of column or table.column. */
enum sl_status sql_scope_find(struct sql_context *context, const struct sql_scope *scope,
                              const struct sql_path *path, uint32_t *column);
/* The ordinal of a column by its name alone. */
enum sl_status sql_scope_find_name(struct sql_context *context, const struct sql_scope *scope,
                                   const struct sql_name *name, uint32_t *column);

#endif
