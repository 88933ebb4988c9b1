/* SPDX-License-Identifier: Apache-2.0
 *
 * A bounded queue of batches and signals from one worker to one other (or itself), and the way back
 * for emptied batches.
 * Always true: one thread pushes, one pops; a batch belongs to the pusher until it is pushed, then
 * to the popper until it is given back. */
#ifndef ENGINE_RING_H
#define ENGINE_RING_H

#include <stdalign.h>

#include "worker.h"

enum { ENG_RING_SLOTS = 16 };

struct eng_message {
    struct sl_batch_builder *batch; /* NULL: a signal */
    struct sl_signal signal;
};

/* Positions only grow; their difference is what is inside. */
struct eng_ring {
    struct sl_account *account;
    const struct sl_schema *schema;
    uint32_t slot_count;
    uint32_t batch_rows;
    struct eng_worker *producer;
    struct eng_worker *consumer;
    struct eng_message *slots;
    struct sl_batch_builder **free_slots; /* the way back; has room for all builders */
    struct sl_batch_builder *builders;    /* slot_count + 2, initialised when first needed */
    uint32_t builder_count;               /* producer's */
    struct sl_batch_builder *spare;       /* producer's: taken, not yet pushed */
    alignas(SL_CACHE_LINE_BYTES) uint64_t pushed; /* atomic; written by the producer */
    uint64_t free_taken;                          /* the same */
    uint32_t wants_room;                          /* atomic; the producer waits */
    alignas(SL_CACHE_LINE_BYTES) uint64_t popped; /* atomic; written by the consumer */
    uint64_t free_given;                          /* the same */
};

enum sl_status eng_ring_init(struct eng_ring *ring, const struct sl_schema *schema,
                             uint32_t slot_count, uint32_t batch_rows, struct sl_error *err);
/* Both sides are at rest. */
void eng_ring_deinit(struct eng_ring *ring);

/* Producer. An empty batch to fill; the same one again until it is pushed. There is always one: the
 * consumer gives back what it holds before it pops the next. */
enum sl_status eng_ring_take(struct eng_ring *ring, struct sl_batch_builder **builder,
                             struct sl_error *err);
/* False: full. */
bool eng_ring_push(struct eng_ring *ring, struct eng_message message);
bool eng_ring_can_push(const struct eng_ring *ring);

/* Consumer. False: empty. */
bool eng_ring_pop(struct eng_ring *ring, struct eng_message *message);
bool eng_ring_can_pop(const struct eng_ring *ring);
void eng_ring_give_back(struct eng_ring *ring, struct sl_batch_builder *builder);

#endif
