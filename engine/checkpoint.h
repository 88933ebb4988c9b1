/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the driver and the checkpoints meet. The driver moves barriers and calls these; what is
 * written where, and what a resume reads, is theirs alone.
 *
 * One checkpoint is in flight at a time. Number n goes: the coordinator requests it; each source
 * captures its positions and sends BARRIER n; each plan node's instance is reported by
 * eng_checkpoint_node on its worker's thread, exactly once, when the barrier has passed it (or when
 * it has ended, or right away if it had); when all have, eng_checkpoint_decide runs on the
 * coordinator's thread; after SL_OK, COMMITTED n goes to every node: sinks commit, and sources
 * commit the positions that were captured. */
#ifndef ENGINE_CHECKPOINT_H
#define ENGINE_CHECKPOINT_H

#include "query.h"

/* Called by sl_query_create before eng_build. resume: NULL, "latest" or a path. Reads and checks
 * what is resumed, and puts the stored plan in the place of query->plan when this version would
 * plan the same SQL differently. Sets query->is_durable. */
enum sl_status eng_checkpoint_open(struct sl_query *query, const char *resume,
                                   struct sl_error *err);
/* Accepts NULL. */
void eng_checkpoint_close(struct eng_checkpoint *checkpoint);
/* The number that was resumed, 0 = a new start. Numbers go on from it; sinks abort what is above
 * it. */
int64_t eng_checkpoint_restored(const struct eng_checkpoint *checkpoint);
/* The greatest number that was in the directory at the start: new ones go on from it. */
int64_t eng_checkpoint_last(const struct eng_checkpoint *checkpoint);
/* Fills node->tables and node->env.restored_watermark of an instance that is not open yet. */
enum sl_status eng_checkpoint_restore_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                           struct sl_error *err);
/* The restored position of a split of a source by the split's name, and the id that it had; NULL
 * when there is none. */
const char *eng_checkpoint_position(const struct eng_checkpoint *checkpoint,
                                    const struct sl_plan_node *source, const char *split,
                                    uint32_t *split_id);
/* Snapshot of one instance, at its barrier: node->tables, node->watermark, and for a source
 * eng_source_positions. Several workers call it at once. */
enum sl_status eng_checkpoint_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                   int64_t number, struct sl_error *err);
/* Everything of the checkpoint is there: makes it the one that a resume finds. */
enum sl_status eng_checkpoint_decide(struct eng_checkpoint *checkpoint, int64_t number,
                                     struct sl_error *err);

#endif
