/* SPDX-License-Identifier: Apache-2.0
 *
 * Late and rejected rows, noted first and handed out later.
 * Always true: a row that was noted goes out exactly once. */
#include "reject_queue.h"

enum { FIRST_CAPACITY = 64 };

enum sl_status op_reject_queue_open(struct op_reject_queue *queue, struct sl_env *env, uint32_t out,
                                    struct sl_error *err)
{
    memset(queue, 0, sizeof *queue);
    queue->account = env->account;
    queue->out = out;
    return sl_rejects_open(&queue->rejects, env, err);
}

void op_reject_queue_close(struct op_reject_queue *queue)
{
    sl_memory_free(queue->account, queue->items, queue->capacity * sizeof *queue->items);
    queue->items = NULL;
    queue->capacity = 0;
    sl_rejects_close(&queue->rejects);
}

static enum sl_status grow(struct op_reject_queue *queue, struct sl_error *err)
{
    uint32_t capacity = queue->capacity == 0 ? FIRST_CAPACITY : queue->capacity * 2;
    struct op_reject *items = sl_memory_resize(
        queue->account, queue->items, queue->capacity * sizeof *items, capacity * sizeof *items);
    if (items == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u rejected rows", capacity);
    }
    queue->items = items;
    queue->capacity = capacity;
    return SL_OK;
}

enum sl_status op_reject_queue_push(struct op_reject_queue *queue, enum sl_row_error reason,
                                    const char *detail, uint32_t row, struct sl_error *err)
{
    if (queue->count == queue->capacity) {
        SL_TRY(grow(queue, err));
    }
    queue->items[queue->count++] = (struct op_reject){detail, reason, row};
    return SL_OK;
}

enum sl_status op_reject_queue_flush(struct op_reject_queue *queue, const struct sl_batch *batch,
                                     struct sl_outs *outs, bool *is_done, struct sl_error *err)
{
    *is_done = true;
    for (; queue->cursor < queue->count; queue->cursor++) {
        if (sl_rejects_is_full(&queue->rejects)) {
            outs->batches[queue->out] = sl_rejects_take(&queue->rejects);
            *is_done = false;
            return SL_OK;
        }
        const struct op_reject *item = &queue->items[queue->cursor];
        SL_TRY(
            sl_rejects_add_row(&queue->rejects, item->reason, item->detail, batch, item->row, err));
    }
    if (queue->count > 0) {
        outs->batches[queue->out] = sl_rejects_take(&queue->rejects);
        queue->count = 0;
        queue->cursor = 0;
    }
    return SL_OK;
}
