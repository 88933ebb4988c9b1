/* SPDX-License-Identifier: Apache-2.0
 *
 * Which columns of a table travel in which part of a message, by the options 'format',
 * 'value.format', 'key.format', 'key.fields', 'key.fields-prefix' and 'value.fields-include'. A
 * connector without keys simply gets one part. */
#ifndef CONNECTORS_PART_H
#define CONNECTORS_PART_H

#include "sluice/catalog.h"

/* What one codec sees: the part's own columns, named as the format names them. */
struct conn_part {
    const struct sl_codec_def *codec; /* NULL = the table has no such part */
    const char *option_prefix;        /* "", "value." or "key." */
    struct sl_schema physical;        /* every column of the part */
    uint32_t *columns;                /* those of physical that are decoded or encoded */
    uint32_t *batch_columns;          /* and for each of them its column in the batch */
    uint32_t column_count;
};

/* Reads the parts from the plan node of a source or sink (a sink has no "columns": all are
 * written). Allocates in env->arena. The key part of a source holds only what the value part does
 * not bring (value.fields-include = ALL: the value's wins, the key is not looked at). */
enum sl_status conn_parts_make(const struct sl_env *env, struct conn_part *value,
                               struct conn_part *key, struct sl_error *err);

/* Opens the part's codec; *state is NULL when the part has none. Close with conn_part_close. */
enum sl_status conn_part_open(const struct conn_part *part, const struct sl_env *env, void **state,
                              struct sl_error *err);
void conn_part_close(const struct conn_part *part, void *state);

/* The table options of a source or sink node; never NULL. */
const struct sl_options *conn_table_options(const struct sl_env *env);

#endif
