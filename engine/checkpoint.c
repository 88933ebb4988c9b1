/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints of positions alone: a query without a checkpoint directory. Always true: nothing is
 * written; the sinks' acknowledgement is what decides. */
#include "checkpoint.h"

struct eng_checkpoint {
    struct sl_query *query;
};

enum sl_status eng_checkpoint_open(struct sl_query *query, const char *resume, struct sl_error *err)
{
    if (resume != NULL) {
        return sl_fail(err, SL_UNSUPPORTED, "resume: checkpoints are not supported yet");
    }
    query->checkpoint = sl_arena_alloc(&query->arena, sizeof(*query->checkpoint));
    if (query->checkpoint == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for checkpoints");
    }
    query->checkpoint->query = query;
    return SL_OK;
}

void eng_checkpoint_close(struct eng_checkpoint *checkpoint)
{
    (void)checkpoint;
}

int64_t eng_checkpoint_restored(const struct eng_checkpoint *checkpoint)
{
    (void)checkpoint;
    return 0;
}

enum sl_status eng_checkpoint_restore_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                           struct sl_error *err)
{
    (void)checkpoint;
    (void)err;
    node->env.restored_watermark = INT64_MIN;
    return SL_OK;
}

const char *eng_checkpoint_position(const struct eng_checkpoint *checkpoint,
                                    const struct sl_plan_node *source, const char *split)
{
    (void)checkpoint;
    (void)source;
    (void)split;
    return NULL;
}

enum sl_status eng_checkpoint_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                   int64_t number, struct sl_error *err)
{
    (void)checkpoint;
    (void)node;
    (void)number;
    (void)err;
    return SL_OK;
}

enum sl_status eng_checkpoint_decide(struct eng_checkpoint *checkpoint, int64_t number,
                                     struct sl_error *err)
{
    (void)checkpoint;
    (void)number;
    (void)err;
    return SL_OK;
}
