/* SPDX-License-Identifier: Apache-2.0
 *
 * What every stage of the planner shares while one script is compiled. Whatever a stage makes lies
 * in the arena and is never freed by itself. */
#ifndef SQL_CONTEXT_H
#define SQL_CONTEXT_H

#include "ast.h"
#include "sluice/catalog.h"

enum {
    SQL_EXPR_SIZE_MAX = 50000, /* nodes of one bound expression, shared parts counted each time */
    SQL_EXPR_HEIGHT_MAX = 3000,
    SQL_VIEW_DEPTH_MAX = 32
};

/* WITH items in sight, innermost first. An item sees those before it and around its query. */
struct sql_with {
    const struct sql_with_item *item;
    const struct sql_with *outer;
};

struct sql_used_table {
    const struct sl_catalog_table *table;
    struct sql_used_table *next;
};

struct sql_context {
    struct sl_catalog *catalog;
    struct sl_arena *arena;
    struct sl_log *log;
    struct sl_options settings; /* in force at the statement at hand */
    struct sl_error *err;
    /* While the stored text of a view or a computed column is bound, its own positions mean
     * nothing: errors and steps then point here. NULL otherwise. */
    const struct sql_span *within;
    const struct sql_with *with;
    uint32_t view_depth;
    uint32_t expr_depth;
    struct sql_used_table *used; /* tables and views that the job at hand reads or writes */
};

/* A zeroed array of count elements, or return SL_MEMORY from the function. */
#define SQL_NEW(context, pointer, count)                                                    \
    do {                                                                                    \
        (pointer) = sl_arena_alloc((context)->arena, sizeof(*(pointer)) * (size_t)(count)); \
        if ((pointer) == NULL) {                                                            \
            return sql_fail_memory(context);                                                \
        }                                                                                   \
    } while (0)

/* A formatted string in the arena, or return SL_MEMORY from the function. */
#define SQL_FORMAT(context, pointer, ...)                           \
    do {                                                            \
        (pointer) = sl_arena_printf((context)->arena, __VA_ARGS__); \
        if ((pointer) == NULL) {                                    \
            return sql_fail_memory(context);                        \
        }                                                           \
    } while (0)

enum sl_status sql_fail_memory(struct sql_context *context);
/* Where a node stands in the script: its own span, or the one that `within` says. */
struct sql_span sql_position(const struct sql_context *context, struct sql_span span);
/* Fails at a position of the script. */
enum sl_status sql_fail(struct sql_context *context, struct sql_span span, enum sl_status status,
                        const char *format, ...) SL_PRINTF(4, 5);
/* "WHAT is not supported yet". */
enum sl_status sql_refuse(struct sql_context *context, struct sql_span span, const char *what);
/* Gives an error that a hall function wrote without a position that of span; returns status. */
enum sl_status sql_fail_as(struct sql_context *context, struct sql_span span,
                           enum sl_status status);
/* "; did you mean 'x'?", or "" when no candidate is near. In the arena. */
const char *sql_did_you_mean(struct sql_context *context, const char *name,
                             const char *const *candidates, size_t count);
/* The last part of a table's path; the parts before it must be the default catalog and database. */
enum sl_status sql_table_name(struct sql_context *context, const struct sql_path *path,
                              const char **name);
/* Notes that the job reads or writes the table. */
enum sl_status sql_use_table(struct sql_context *context, const struct sl_catalog_table *table);
/* The text that was collected, in the arena; ends text. */
enum sl_status sql_text_take(struct sql_context *context, struct sl_text *text,
                             const char **string);

#endif
