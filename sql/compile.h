/* SPDX-License-Identifier: Apache-2.0
 *
 * The statements that are no queries, as compile.c calls them. */
#ifndef SQL_COMPILE_H
#define SQL_COMPILE_H

#include "context.h"

/* ddl.c: CREATE TABLE, CREATE VIEW and DROP change the catalog at once. */
enum sl_status sql_create_table(struct sql_context *context, const struct sql_create_table *create);
enum sl_status sql_create_view(struct sql_context *context, const struct sql_create_view *create);
enum sl_status sql_drop(struct sql_context *context, const struct sql_drop *drop, bool is_view);

/* show.c: rendered text. */
enum sl_status sql_show(struct sql_context *context, const struct sql_statement *statement,
                        const char **text);
enum sl_status sql_describe(struct sql_context *context, const struct sql_statement *statement,
                            const char **text);
/* show_create.c: the statement that would make this table or view: for people with comments and
 * masked secrets, else without comments and with options as they are. */
void sql_print_create(struct sl_text *text, const struct sl_catalog_table *table,
                      bool is_for_people);
/* A table or view by name, or an error. */
enum sl_status sql_find_table(struct sql_context *context, const struct sql_path *path,
                              const struct sl_catalog_table **table);

#endif
