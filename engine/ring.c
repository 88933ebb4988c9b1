/* SPDX-License-Identifier: Apache-2.0
 *
 * The ring behind ring.h. Always true: whoever sleeps has said so before it looked at the ring for
 * the last time, and whoever moves the ring looks at that afterwards (all in one order, hence the
 * sequentially consistent accesses), so no wake-up is lost and none is sent to the awake. */
#include "ring.h"

#include "query.h"

static uint32_t builder_limit(const struct eng_ring *ring)
{
    return ring->slot_count + 2; /* in the slots, one being read, one being filled */
}

enum sl_status eng_ring_init(struct eng_ring *ring, const struct sl_schema *schema,
                             uint32_t slot_count, uint32_t batch_rows, struct sl_error *err)
{
    ring->schema = schema;
    ring->slot_count = slot_count;
    ring->batch_rows = batch_rows;
    uint32_t limit = builder_limit(ring);
    ring->slots = sl_memory_alloc(ring->account, slot_count * sizeof(*ring->slots));
    ring->free_slots = sl_memory_alloc(ring->account, limit * sizeof(struct sl_batch_builder *));
    ring->builders = sl_memory_alloc(ring->account, limit * sizeof(*ring->builders));
    if (ring->slots == NULL || ring->free_slots == NULL || ring->builders == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a ring of %u batches between workers",
                       slot_count);
    }
    return SL_OK;
}

void eng_ring_deinit(struct eng_ring *ring)
{
    uint32_t limit = builder_limit(ring);
    for (uint32_t i = 0; i < ring->builder_count; i++) {
        sl_batch_builder_deinit(&ring->builders[i]);
    }
    sl_memory_free(ring->account, ring->slots, ring->slot_count * sizeof(*ring->slots));
    sl_memory_free(ring->account, ring->free_slots, limit * sizeof(struct sl_batch_builder *));
    sl_memory_free(ring->account, ring->builders, limit * sizeof(*ring->builders));
}

enum sl_status eng_ring_take(struct eng_ring *ring, struct sl_batch_builder **builder,
                             struct sl_error *err)
{
    *builder = ring->spare;
    if (ring->spare != NULL) {
        return SL_OK;
    }
    if (ENG_LOAD(ring->free_given) > ring->free_taken) {
        *builder = ring->free_slots[ring->free_taken % builder_limit(ring)];
        ring->free_taken++;
        sl_batch_builder_reset(*builder);
    } else {
        SL_ASSERT(ring->builder_count < builder_limit(ring));
        *builder = &ring->builders[ring->builder_count];
        SL_TRY(sl_batch_builder_init(*builder, ring->schema, ring->batch_rows, ring->account, err));
        ring->builder_count++;
    }
    ring->spare = *builder;
    return SL_OK;
}

bool eng_ring_can_push(const struct eng_ring *ring)
{
    return ENG_LOAD(ring->pushed) - ENG_LOAD(ring->popped) < ring->slot_count;
}

bool eng_ring_push(struct eng_ring *ring, struct eng_message message)
{
    if (!eng_ring_can_push(ring)) {
        ENG_STORE(ring->wants_room, 1);
        if (!eng_ring_can_push(ring)) { /* looked at again, now that the consumer can know */
            return false;
        }
    }
    if (message.batch != NULL) {
        SL_ASSERT(message.batch == ring->spare);
        ring->spare = NULL;
    }
    ring->slots[ring->pushed % ring->slot_count] = message;
    ENG_STORE(ring->pushed, ring->pushed + 1);
    eng_worker_poke(ring->consumer);
    return true;
}

bool eng_ring_can_pop(const struct eng_ring *ring)
{
    return ENG_LOAD(ring->pushed) > ENG_LOAD(ring->popped);
}

bool eng_ring_pop(struct eng_ring *ring, struct eng_message *message)
{
    if (!eng_ring_can_pop(ring)) {
        return false;
    }
    *message = ring->slots[ring->popped % ring->slot_count];
    ENG_STORE(ring->popped, ring->popped + 1);
    if (ENG_LOAD(ring->wants_room)) {
        ENG_STORE(ring->wants_room, 0);
        eng_worker_poke(ring->producer);
    }
    return true;
}

void eng_ring_give_back(struct eng_ring *ring, struct sl_batch_builder *builder)
{
    ring->free_slots[ring->free_given % builder_limit(ring)] = builder;
    ENG_STORE(ring->free_given, ring->free_given + 1);
}
