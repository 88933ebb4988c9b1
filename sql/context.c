/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors with their positions, and names of tables. */
#include "context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum sl_status sql_fail_memory(struct sql_context *context)
{
    return sl_fail(context->err, SL_MEMORY, "no memory left to plan the query");
}

struct sql_span sql_position(const struct sql_context *context, struct sql_span span)
{
    return context->within != NULL ? *context->within : span;
}

enum sl_status sql_fail(struct sql_context *context, struct sql_span span, enum sl_status status,
                        const char *format, ...)
{
    char text[SL_ERROR_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sl_fail(context->err, status, "%s", text);
    return sql_fail_as(context, span, status);
}

enum sl_status sql_refuse(struct sql_context *context, struct sql_span span, const char *what)
{
    return sql_fail(context, span, SL_UNSUPPORTED, "%s is not supported yet", what);
}

enum sl_status sql_fail_as(struct sql_context *context, struct sql_span span, enum sl_status status)
{
    struct sql_span position = sql_position(context, span);
    if (context->err != NULL && status != SL_OK) {
        context->err->line = position.line;
        context->err->column = position.column;
        context->err->length = position.length;
    }
    return status;
}

const char *sql_did_you_mean(struct sql_context *context, const char *name,
                             const char *const *candidates, size_t count)
{
    const char *nearest = sl_nearest_name(name, candidates, count);
    const char *text =
        nearest == NULL ? NULL : sl_arena_printf(context->arena, "; did you mean '%s'?", nearest);
    return text == NULL ? "" : text;
}

enum sl_status sql_table_name(struct sql_context *context, const struct sql_path *path,
                              const char **name)
{
    static const char *const defaults[] = {"default_catalog", "default_database"};
    uint32_t prefix = path->count - 1;
    if (prefix > 2) {
        return sql_fail(context, path->span, SL_SEMANTIC,
                        "a table's name has at most three parts: catalog.database.table");
    }
    for (uint32_t i = 0; i < prefix; i++) {
        const char *expected = defaults[2 - prefix + i];
        if (strcmp(path->parts[i].text, expected) != 0) {
            return sql_fail(context, path->parts[i].span, SL_UNSUPPORTED,
                            "'%s': only %s.%s is there; other catalogs and databases are not "
                            "supported yet",
                            path->parts[i].text, defaults[0], defaults[1]);
        }
    }
    *name = path->parts[prefix].text;
    return SL_OK;
}

enum sl_status sql_use_table(struct sql_context *context, const struct sl_catalog_table *table)
{
    struct sql_used_table **end = &context->used;
    for (; *end != NULL; end = &(*end)->next) {
        if ((*end)->table == table) {
            return SL_OK;
        }
    }
    SQL_NEW(context, *end, 1);
    (*end)->table = table;
    return SL_OK;
}

enum sl_status sql_text_take(struct sql_context *context, struct sl_text *text, const char **string)
{
    char *copy = text->failed ? NULL
                              : sl_arena_copy(context->arena, text->data == NULL ? "" : text->data,
                                              text->length);
    sl_text_deinit(text);
    if (copy == NULL) {
        return sql_fail_memory(context);
    }
    *string = copy;
    return SL_OK;
}
