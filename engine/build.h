/* SPDX-License-Identifier: Apache-2.0
 *
 * From a plan to instances on every worker, in two steps: built, then opened. Always true: all
 * workers have the same nodes in the same order. */
#ifndef ENGINE_BUILD_H
#define ENGINE_BUILD_H

#include "query.h"

/* Makes all instances of all workers, with their edges and state tables, unopened. */
enum sl_status eng_build(struct sl_query *query, struct sl_error *err);
/* Restores and opens them and deals out the sources' splits. */
enum sl_status eng_open(struct sl_query *query, struct sl_error *err);

/* The rows that leave a plan node's place: its own, or those of what comes before where the node is
 * left out or passes rows as they are. */
const struct sl_schema *eng_schema_out(const struct sl_query *query, uint32_t plan_idx);
/* The key columns of what an exchange gets, NULL when it has none. */
const struct sl_param *eng_exchange_keys(const struct sl_query *query, uint32_t plan_idx);

bool eng_plan_node_is(const struct sl_plan_node *node, const char *kind);

#endif
