/* SPDX-License-Identifier: Apache-2.0
 *
 * Slots for each of the namespaces that were used last. Always true: what stands in the slots of a
 * namespace is of the time since it was taken. */
#include "key_cache.h"

enum {
    SLOTS_MAX = 1 << 21, /* of all namespaces */
    SPARSE_FACTOR = 64   /* slots that hold so many times fewer keys are given back */
};

void op_key_cache_open(struct op_key_cache *cache, struct sl_state_table *table,
                       const struct sl_schema *schema, const uint32_t *columns,
                       uint32_t column_count, struct sl_account *account)
{
    bool is_wide = false;
    *cache = (struct op_key_cache){
        .account = account, .table = table, .columns = columns, .column_count = column_count};
    sl_row_keys_init(&cache->row_keys, account);
    cache->is_caching =
        column_count == 1 && op_key_slots_take(&schema->columns[columns[0]].type, &is_wide);
    for (uint32_t i = 0; i < OP_KEY_SPACES; i++) {
        cache->spaces[i].slots.is_wide = is_wide;
    }
}

void op_key_cache_close(struct op_key_cache *cache)
{
    sl_row_keys_deinit(&cache->row_keys);
    for (uint32_t i = 0; i < OP_KEY_SPACES; i++) {
        op_key_slots_release(&cache->spaces[i].slots, cache->account);
    }
}

static void swap(struct op_key_space *a, struct op_key_space *b)
{
    struct op_key_space kept = *a;
    *a = *b;
    *b = kept;
}

/* Memory that was of little use is given back; the rest serves the next namespace. */
static void forget_space(struct op_key_cache *cache, uint32_t idx)
{
    struct op_key_space *space = &cache->spaces[idx];
    if ((uint64_t)space->slots.key_count * SPARSE_FACTOR < UINT64_C(1) << space->slots.bits) {
        op_key_slots_release(&space->slots, cache->account);
    }
    swap(space, &cache->spaces[--cache->space_count]);
}

void op_key_cache_forget(struct op_key_cache *cache, int64_t last)
{
    for (uint32_t i = cache->space_count; i > 0; i--) {
        if (cache->spaces[i - 1].name_space <= last) {
            forget_space(cache, i - 1);
        }
    }
}

static uint32_t least_recent(const struct op_key_cache *cache)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < cache->space_count; i++) {
        least = cache->spaces[i].used_at < cache->spaces[least].used_at ? i : least;
    }
    return least;
}

/* NULL when there is no memory for it. */
static struct op_key_slots *slots_of(struct op_key_cache *cache, int64_t name_space)
{
    for (uint32_t i = 0; i < cache->space_count; i++) {
        if (cache->spaces[i].name_space == name_space) {
            cache->spaces[i].used_at = ++cache->use_count;
            return &cache->spaces[i].slots;
        }
    }
    if (cache->space_count == OP_KEY_SPACES) {
        forget_space(cache, least_recent(cache));
    }
    struct op_key_space *space = &cache->spaces[cache->space_count];
    space->name_space = name_space;
    space->used_at = ++cache->use_count;
    if (!op_key_slots_reserve(&space->slots, cache->account)) {
        return NULL;
    }
    cache->space_count++;
    return &space->slots;
}

static void grow_if_crowded(struct op_key_cache *cache, struct op_key_slots *slots)
{
    uint64_t slot_count = UINT64_C(1) << slots->bits;
    if (!op_key_slots_is_crowded(slots)) {
        return;
    }
    for (uint32_t i = 0; i < OP_KEY_SPACES; i++) {
        const struct op_key_slots *other = &cache->spaces[i].slots;
        slot_count += other->slots == NULL ? 0 : UINT64_C(1) << other->bits;
    }
    if (slot_count <= SLOTS_MAX) {
        op_key_slots_grow(slots, cache->account);
    }
}

static void miss_all(struct op_key_block *block, uint32_t count)
{
    block->missed_count = count;
    for (uint32_t i = 0; i < count; i++) {
        block->missed[i] = (uint16_t)i;
    }
}

/* Asks the table for the rows that were missed. slots may be NULL. */
static enum sl_status find_missed(struct op_key_cache *cache, const struct sl_batch *batch,
                                  int64_t name_space, const uint16_t *rows,
                                  const struct op_key_block *block, void **found,
                                  struct sl_error *err)
{
    uint16_t selection[OP_KEY_BLOCK_ROWS];
    struct sl_batch missed = *batch;
    missed.selection = selection;
    missed.selected_count = block->missed_count;
    for (uint32_t i = 0; i < block->missed_count; i++) {
        selection[i] = rows[block->missed[i]];
    }
    SL_TRY(sl_row_keys_encode(&cache->row_keys, &missed, cache->columns, cache->column_count, err));
    return sl_state_find_or_add(cache->table, name_space, &cache->row_keys, NULL,
                                block->missed_count, found, NULL, NULL, err);
}

enum sl_status op_key_cache_find(struct op_key_cache *cache, const struct sl_batch *batch,
                                 int64_t name_space, const uint16_t *rows, uint32_t count,
                                 void **values, struct sl_error *err)
{
    struct op_key_block block;
    void *found[OP_KEY_BLOCK_ROWS];
    struct op_key_slots *slots = cache->is_caching ? slots_of(cache, name_space) : NULL;
    for (uint32_t first = 0; first < count; first += OP_KEY_BLOCK_ROWS) {
        uint32_t row_count = SL_MIN(count - first, (uint32_t)OP_KEY_BLOCK_ROWS);
        if (slots != NULL) {
            grow_if_crowded(cache, slots);
            op_key_slots_find(slots, &batch->columns[cache->columns[0]], rows + first, row_count,
                              &block, values + first);
        } else {
            miss_all(&block, row_count);
        }
        if (block.missed_count == 0) {
            continue;
        }
        SL_TRY(find_missed(cache, batch, name_space, rows + first, &block, found, err));
        for (uint32_t i = 0; i < block.missed_count; i++) {
            values[first + block.missed[i]] = found[i];
            if (slots != NULL) {
                op_key_slots_put(slots, &block, block.missed[i], found[i]);
            }
        }
    }
    return SL_OK;
}
