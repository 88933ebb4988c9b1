/* SPDX-License-Identifier: Apache-2.0
 *
 * The nodes that the engine itself provides to the driver: adapters of sources and sinks, the two
 * halves of an exchange, the collector of rejected rows. */
#ifndef ENGINE_NODES_H
#define ENGINE_NODES_H

#include "query.h"
#include "ring.h"

/* source_node.c */
enum sl_status eng_source_open(struct eng_node *node, struct sl_error *err);
/* Names all splits there are and deals those that are new over the workers' instances. Called for
 * worker 0's instance, before the query runs. */
enum sl_status eng_source_discover(struct eng_node *node, struct sl_error *err);
/* The positions captured at the last barrier (or at the end): splits[i] stands at positions[i].
 * Valid until the next. */
uint32_t eng_source_positions(const struct eng_node *node, const struct sl_split **splits,
                              const char *const **positions);

/* sink_node.c */
enum sl_status eng_sink_open(struct eng_node *node, struct sl_error *err);

/* result.c */
extern const struct sl_connector_def eng_result_connector;

/* exchange.c: the rings between all workers at one place of the plan. */
struct eng_exchange {
    struct eng_exchange *next;
    uint32_t worker_count;
    struct eng_ring *rings; /* [from * worker_count + to] */
};
enum sl_status eng_exchange_create(struct sl_query *query, const struct sl_schema *schema,
                                   struct eng_exchange **exchange, struct sl_error *err);
void eng_exchange_destroy(struct sl_query *query, struct eng_exchange *exchange);
/* The out half of node's worker: hashes the key columns, or sends all to worker 0 when
 * is_singleton. */
enum sl_status eng_exchange_out_open(struct eng_node *node, struct eng_exchange *exchange,
                                     const struct sl_param *keys, bool is_singleton,
                                     struct sl_error *err);
/* What arrives from one worker; and the node that aligns them. */
enum sl_status eng_exchange_ring_open(struct eng_node *node, struct eng_exchange *exchange,
                                      uint32_t from, struct sl_error *err);
void eng_exchange_in_open(struct eng_node *node);

/* reject_node.c: one a worker; port i takes rows that producers[i] gave out. */
enum sl_status eng_reject_open(struct eng_node *node, struct sl_error *err);

#endif
