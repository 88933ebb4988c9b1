/* SPDX-License-Identifier: Apache-2.0
 *
 * Key -> pointer for keys of at most 16 bytes, by open addressing with a bounded search: what
 * op_key_cache keeps of one namespace. Always true: it may lose a key, but never gives a key
 * another's pointer. */
#ifndef OPERATORS_KEY_SLOTS_H
#define OPERATORS_KEY_SLOTS_H

#include "sluice/memory.h"
#include "sluice/vector.h"

enum { OP_KEY_BLOCK_ROWS = 256 };

struct op_key_slots {
    void *slots;     /* NULL = has no memory; all calls but reserve, grow and release need some */
    uint32_t bits;   /* log2 of the places where a key may start */
    bool is_wide;    /* keys of two words and a length; else of one word */
    bool is_settled; /* the last rows sought were all known: it pays to expect that of the next */
    uint32_t key_count;
    uint32_t conflict_count; /* keys that found their place taken since it grew */
};

/* Some rows on their way to their values. */
struct op_key_block {
    uint64_t words[2][OP_KEY_BLOCK_ROWS]; /* the key's bytes, zero-padded; of strings longer than
                                             12: the first and the last eight */
    uint32_t lengths[OP_KEY_BLOCK_ROWS];
    uint32_t places[OP_KEY_BLOCK_ROWS];
    uint16_t missed[OP_KEY_BLOCK_ROWS]; /* positions of rows that are not known */
    uint32_t missed_count;
};

/* Whether the column's values can be keys, and if so whether they are wide. */
bool op_key_slots_take(const struct sl_type *type, bool *is_wide);
/* Empties the slots, which get memory if they have none; false when memory is refused. */
bool op_key_slots_reserve(struct op_key_slots *slots, struct sl_account *account);
void op_key_slots_release(struct op_key_slots *slots, struct sl_account *account);
/* Whether keys get into each other's way often enough for more slots to pay. */
bool op_key_slots_is_crowded(const struct op_key_slots *slots);
/* Doubles the slots; without memory they stay as they are. */
void op_key_slots_grow(struct op_key_slots *slots, struct sl_account *account);

/* Values of the keys of rows[0..count), at most OP_KEY_BLOCK_ROWS, that are known, and
 * block->missed; the rest of the block is set if a row was missed. */
void op_key_slots_find(struct op_key_slots *slots, const struct sl_vector *column,
                       const uint16_t *rows, uint32_t count, struct op_key_block *block,
                       void **found);
/* Keeps the value of row idx of the block, which was sought in these slots; not of a NULL or a long
 * string. */
void op_key_slots_put(struct op_key_slots *slots, const struct op_key_block *block, uint32_t idx,
                      void *value);

#endif
