/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding columns. Names are matched with their case, as Flink does. */
#include "scope.h"

#include <string.h>

static uint32_t count_matches(const struct sql_scope *scope, const char *name, uint32_t *column)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scope->field_count; i++) {
        if (strcmp(scope->fields[i].name, name) == 0) {
            *column = i;
            count++;
        }
    }
    return count;
}

static enum sl_status fail_unknown(struct sql_context *context, const struct sql_scope *scope,
                                   const struct sql_name *name)
{
    const char **candidates;
    SQL_NEW(context, candidates, scope->field_count);
    for (uint32_t i = 0; i < scope->field_count; i++) {
        candidates[i] = scope->fields[i].name;
    }
    return sql_fail(context, name->span, SL_SEMANTIC, "unknown column '%s'%s", name->text,
                    sql_did_you_mean(context, name->text, candidates, scope->field_count));
}

enum sl_status sql_scope_find_name(struct sql_context *context, const struct sql_scope *scope,
                                   const struct sql_name *name, uint32_t *column)
{
    uint32_t count = count_matches(scope, name->text, column);
    if (count == 0) {
        return fail_unknown(context, scope, name);
    }
    return count == 1
               ? SL_OK
               : sql_fail(context, name->span, SL_SEMANTIC,
                          "column '%s' is ambiguous: %u columns have that name", name->text, count);
}

enum sl_status sql_scope_find(struct sql_context *context, const struct sql_scope *scope,
                              const struct sql_path *path, uint32_t *column)
{
    const struct sql_name *first = &path->parts[0];
    if (path->count == 1) {
        return sql_scope_find_name(context, scope, first, column);
    }
    bool is_alias = scope->alias != NULL && strcmp(scope->alias, first->text) == 0;
    if (is_alias && path->count == 2) {
        return sql_scope_find_name(context, scope, &path->parts[1], column);
    }
    if (is_alias || count_matches(scope, first->text, column) > 0) {
        return sql_refuse(context, path->span, "a field of a ROW column");
    }
    return sql_fail(
        context, first->span, SL_SEMANTIC, "unknown table '%s'%s", first->text,
        sql_did_you_mean(context, first->text, &scope->alias, scope->alias == NULL ? 0 : 1));
}
