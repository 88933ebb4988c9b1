/* SPDX-License-Identifier: Apache-2.0
 *
 * A table's WITH (...) against its connector and formats, checked where the table is used: by then
 * it is known whether it is read or written. */
#ifndef SQL_TABLE_CHECK_H
#define SQL_TABLE_CHECK_H

#include "logical.h"

/* The table's options with those of a hint over them. */
enum sl_status sql_table_options(struct sql_context *context, const struct sl_catalog_table *table,
                                 const struct sql_hint_list *hints, struct sl_options *options);
/* Columns that the table declares as physical. */
enum sl_status sql_physical_schema(struct sql_context *context,
                                   const struct sl_catalog_table *table, struct sl_schema *schema);
/* Everything that can be known before it is opened; span is where the table is used. */
enum sl_status sql_check_table(struct sql_context *context, struct sql_span span,
                               const struct sl_catalog_table *table,
                               const struct sl_options *options, bool as_sink);
/* What the connector offers under a METADATA column's key. */
enum sl_status sql_find_metadata(struct sql_context *context, const struct sl_catalog_table *table,
                                 const struct sl_catalog_column *column,
                                 const struct sl_metadata_def **metadata);
/* Position of something that the catalog keeps. */
struct sql_span sql_catalog_span(uint32_t line, uint32_t column);

#endif
