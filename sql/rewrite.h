/* SPDX-License-Identifier: Apache-2.0
 *
 * The same logical plan, cheaper. */
#ifndef SQL_REWRITE_H
#define SQL_REWRITE_H

#include "logical.h"

/* Moves filters down, through projections, windows and aggregates' keys, to the scan where they
 * are simple enough, and joins projections that stand on each other. */
enum sl_status sql_rewrite_push(struct sql_context *context, struct sql_logical *node,
                                struct sql_logical **result);

#endif
