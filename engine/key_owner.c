/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that were seen lately, in slots by a hash of their bits: equal bits have equal encodings.
 * Always true: a slot names the owner of exactly its key; the next key of that place takes it. */
#include "key_owner.h"

#include "sluice/hash.h"

enum { SLOT_BITS = 11, BLOCK_ROWS = 256 };

struct eng_known_key {
    uint64_t words[2];
    uint32_t length; /* of strings */
    uint32_t owner;  /* + 1; 0 = empty */
};

static bool is_taken(enum sl_physical physical)
{
    return physical == SL_W4 || physical == SL_W8 || physical == SL_VIEW;
}

void eng_key_owners_open(struct eng_key_owners *owners, const struct sl_schema *schema,
                         const uint32_t *columns, uint32_t column_count, uint32_t worker_count,
                         struct sl_account *account)
{
    *owners = (struct eng_key_owners){.account = account,
                                      .columns = columns,
                                      .column_count = column_count,
                                      .worker_count = worker_count};
    sl_row_keys_init(&owners->row_keys, account);
    if (column_count == 1 && is_taken(sl_type_physical(&schema->columns[columns[0]].type))) {
        owners->known = sl_memory_alloc(account, sizeof(*owners->known) << SLOT_BITS);
    }
}

void eng_key_owners_close(struct eng_key_owners *owners)
{
    sl_row_keys_deinit(&owners->row_keys);
    sl_memory_free(owners->account, owners->known, sizeof(*owners->known) << SLOT_BITS);
}

static inline uint32_t slot_of(const struct eng_known_key *key)
{
    uint64_t mixed = key->words[0] ^ (key->words[1] * UINT64_C(0xd6e8feb86659fd93));
    return (uint32_t)(mixed * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOT_BITS));
}

static inline bool is_same(const struct eng_known_key *a, const struct eng_known_key *b)
{
    return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->length ^ b->length)) ==
           0;
}

/* The row's key; false when it cannot be known: a NULL, or a long string. */
static inline bool key_of(const struct sl_vector *column, enum sl_physical physical, uint32_t row,
                          struct eng_known_key *key)
{
    *key = (struct eng_known_key){.owner = 0};
    if (column->validity != NULL && !sl_bitmap_get(column->validity, row)) {
        return false;
    }
    if (physical == SL_VIEW) {
        const struct sl_view *view = (const struct sl_view *)column->data + row;
        key->length = view->length;
        return sl_view_words(view, key->words);
    }
    key->words[0] = physical == SL_W4 ? ((const uint32_t *)column->data)[row]
                                      : ((const uint64_t *)column->data)[row];
    return true;
}

/* Positions of selected rows in [first, first + count). */
struct block {
    uint32_t first;
    uint32_t count;
    uint16_t missed[BLOCK_ROWS]; /* positions behind first of those whose key is not known */
    uint32_t missed_count;
};

static inline void look_up(const struct eng_known_key *known, const struct sl_batch *batch,
                           const struct sl_vector *column, enum sl_physical physical,
                           struct block *block, uint8_t *workers)
{
    uint32_t missed_count = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        struct eng_known_key key;
        uint32_t row = sl_batch_row(batch, block->first + i);
        const struct eng_known_key *slot = known;
        bool is_known = key_of(column, physical, row, &key);
        slot += slot_of(&key);
        is_known = is_known && slot->owner != 0 && is_same(slot, &key);
        workers[block->first + i] = (uint8_t)(slot->owner - 1);
        block->missed[missed_count] = (uint16_t)i;
        missed_count += !is_known;
    }
    block->missed_count = missed_count;
}

/* A loop for each physical type. */
static void look_up_block(const struct eng_known_key *known, const struct sl_batch *batch,
                          const struct sl_vector *column, struct block *block, uint8_t *workers)
{
    switch (column->physical) {
    case SL_W4:
        look_up(known, batch, column, SL_W4, block, workers);
        break;
    case SL_W8:
        look_up(known, batch, column, SL_W8, block, workers);
        break;
    default:
        look_up(known, batch, column, SL_VIEW, block, workers);
        break;
    }
}

static uint8_t owner_of(const struct eng_key_owners *owners, uint64_t hash)
{
    return (uint8_t)sl_key_group_worker(sl_key_group(hash), owners->worker_count);
}

static enum sl_status encode_missed(struct eng_key_owners *owners, const struct sl_batch *batch,
                                    const struct sl_vector *column, const struct block *block,
                                    uint8_t *workers, struct sl_error *err)
{
    uint16_t rows[BLOCK_ROWS];
    struct sl_batch missed = *batch;
    missed.selection = rows;
    missed.selected_count = block->missed_count;
    for (uint32_t i = 0; i < block->missed_count; i++) {
        rows[i] = (uint16_t)sl_batch_row(batch, block->first + block->missed[i]);
    }
    SL_TRY(sl_row_keys_encode(&owners->row_keys, &missed, owners->columns, 1, err));
    for (uint32_t i = 0; i < block->missed_count; i++) {
        struct eng_known_key key;
        uint8_t owner = owner_of(owners, owners->row_keys.hashes[i]);
        workers[block->first + block->missed[i]] = owner;
        if (key_of(column, column->physical, rows[i], &key)) {
            key.owner = owner + 1u;
            owners->known[slot_of(&key)] = key;
        }
    }
    return SL_OK;
}

static enum sl_status encode_all(struct eng_key_owners *owners, const struct sl_batch *batch,
                                 uint8_t *workers, struct sl_error *err)
{
    SL_TRY(
        sl_row_keys_encode(&owners->row_keys, batch, owners->columns, owners->column_count, err));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        workers[i] = owner_of(owners, owners->row_keys.hashes[i]);
    }
    return SL_OK;
}

enum sl_status eng_key_owners_find(struct eng_key_owners *owners, const struct sl_batch *batch,
                                   uint8_t *workers, struct sl_error *err)
{
    const struct sl_vector *column =
        owners->known == NULL ? NULL : &batch->columns[owners->columns[0]];
    struct block block;
    if (column == NULL || column->encoding == SL_CONST) {
        return encode_all(owners, batch, workers, err);
    }
    for (uint32_t first = 0; first < batch->selected_count; first += BLOCK_ROWS) {
        block.first = first;
        block.count = SL_MIN(batch->selected_count - first, (uint32_t)BLOCK_ROWS);
        look_up_block(owners->known, batch, column, &block, workers);
        if (block.missed_count > 0) {
            SL_TRY(encode_missed(owners, batch, column, &block, workers, err));
        }
    }
    return SL_OK;
}
