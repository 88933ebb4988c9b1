/* SPDX-License-Identifier: Apache-2.0
 *
 * Watermarks by split. Always true: a split's watermark never goes back. */
#include "watermark_splits.h"

#include "sluice/hash.h"

/* The row encoding of one INT that is not NULL. */
enum { KEY_BYTES = 5, FIRST_CAPACITY = 16 };

static void encode_key(uint32_t id, char key[KEY_BYTES])
{
    key[0] = 1;
    for (uint32_t i = 0; i < 4; i++) {
        key[1 + i] = (char)(id >> (8 * i));
    }
}

void op_splits_init(struct op_splits *splits, struct sl_account *account,
                    struct sl_state_table *table)
{
    memset(splits, 0, sizeof *splits);
    splits->account = account;
    splits->table = table;
}

void op_splits_deinit(struct op_splits *splits)
{
    sl_memory_free(splits->account, splits->items, splits->capacity * sizeof *splits->items);
    splits->items = NULL;
    splits->count = 0;
    splits->capacity = 0;
}

/* Position of the first split with an id >= id. */
static uint32_t position_of(const struct op_splits *splits, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = splits->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (splits->items[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool holds(const struct op_splits *splits, uint32_t position, uint32_t id)
{
    return position < splits->count && splits->items[position].id == id;
}

static int64_t restored_watermark(const struct op_splits *splits, uint32_t id)
{
    char key[KEY_BYTES];
    encode_key(id, key);
    const int64_t *value =
        sl_state_find(splits->table, 0, key, KEY_BYTES, sl_hash_bytes(key, KEY_BYTES));
    return value == NULL ? INT64_MIN : *value;
}

static enum sl_status grow(struct op_splits *splits, struct sl_error *err)
{
    uint32_t capacity = splits->capacity == 0 ? FIRST_CAPACITY : splits->capacity * 2;
    struct op_split *items = sl_memory_resize(
        splits->account, splits->items, splits->capacity * sizeof *items, capacity * sizeof *items);
    if (items == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the watermarks of %u splits", capacity);
    }
    splits->items = items;
    splits->capacity = capacity;
    return SL_OK;
}

enum sl_status op_splits_add(struct op_splits *splits, uint32_t id, int64_t now_us,
                             struct op_split **split, struct sl_error *err)
{
    uint32_t position = position_of(splits, id);
    if (!holds(splits, position, id)) {
        if (splits->count == splits->capacity) {
            SL_TRY(grow(splits, err));
        }
        struct op_split *items = splits->items;
        memmove(&items[position + 1], &items[position], (splits->count - position) * sizeof *items);
        items[position] = (struct op_split){id, false, restored_watermark(splits, id), now_us};
        splits->count++;
    }
    *split = &splits->items[position];
    return SL_OK;
}

void op_splits_remove(struct op_splits *splits, uint32_t id)
{
    uint32_t position = position_of(splits, id);
    if (holds(splits, position, id)) {
        struct op_split *items = splits->items;
        splits->count--;
        memmove(&items[position], &items[position + 1], (splits->count - position) * sizeof *items);
    }
}

bool op_splits_watermark(const struct op_splits *splits, int64_t *watermark)
{
    bool any = false;
    *watermark = INT64_MAX;
    for (uint32_t i = 0; i < splits->count; i++) {
        if (!splits->items[i].is_idle) {
            any = true;
            *watermark = SL_MIN(*watermark, splits->items[i].watermark);
        }
    }
    return any;
}

int64_t op_splits_expire(struct op_splits *splits, int64_t now_us, int64_t timeout_us)
{
    int64_t next = INT64_MAX;
    for (uint32_t i = 0; i < splits->count; i++) {
        struct op_split *split = &splits->items[i];
        int64_t end;
        if (split->is_idle || __builtin_add_overflow(split->last_row_us, timeout_us, &end)) {
            continue;
        }
        if (end <= now_us) {
            split->is_idle = true;
        } else {
            next = SL_MIN(next, end);
        }
    }
    return next;
}

enum sl_status op_splits_save(struct op_splits *splits, bool are_all_named, struct sl_error *err)
{
    if (are_all_named) {
        sl_state_drop(splits->table, 0);
    }
    for (uint32_t i = 0; i < splits->count; i++) {
        char key[KEY_BYTES];
        void *value;
        encode_key(splits->items[i].id, key);
        SL_TRY(sl_state_add(splits->table, 0, key, KEY_BYTES, sl_hash_bytes(key, KEY_BYTES), &value,
                            NULL, err));
        memcpy(value, &splits->items[i].watermark, sizeof splits->items[i].watermark);
    }
    return SL_OK;
}
