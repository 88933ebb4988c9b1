/* SPDX-License-Identifier: Apache-2.0
 *
 * One namespace of a state table: an open-addressing index of entry numbers at a load of at most
 * one half, over entries in pages. Values never move while they live, so pointers to them stay good
 * until they are removed. */
#include "state_internal.h"

#include <string.h>

enum {
    INDEX_FIRST_CAPACITY = 64,
    INDEX_GROWTH = 4, /* of small ones; large ones are doubled */
    INDEX_SMALL_CAPACITY = 1 << 16,
    SPARSE_FACTOR = 16,       /* an index so many times larger than its entries is not kept */
    SPARE_BYTES_MAX = 1 << 20 /* of one spare */
};

struct state_entry_header *state_entry_at(const struct sl_state_table *table,
                                          const struct state_space *space, uint32_t number)
{
    uint32_t in_page = number & ((1u << table->page_shift) - 1);
    char *headers = space->pages[number >> table->page_shift] +
                    ((size_t)table->value_bytes << table->page_shift);
    return (struct state_entry_header *)(void *)headers + in_page;
}

void *state_value_at(const struct sl_state_table *table, const struct state_space *space,
                     uint32_t number)
{
    uint32_t in_page = number & ((1u << table->page_shift) - 1);
    return space->pages[number >> table->page_shift] + (size_t)in_page * table->value_bytes;
}

uint64_t state_space_bytes(const struct sl_state_table *table, const struct state_space *space)
{
    uint64_t bytes = (uint64_t)space->page_count * table->page_bytes +
                     space->index_capacity * sizeof *space->index;
    for (uint32_t page = 0; page < space->keys.page_count; page++) {
        bytes += space->keys.pages[page].size_bytes;
    }
    return bytes;
}

void state_space_destroy(struct sl_state_table *table, struct state_space *space)
{
    for (uint32_t i = 0; i < space->extent_count; i++) {
        sl_memory_free(table->account, space->extents[i].memory,
                       (size_t)space->extents[i].page_count * table->page_bytes);
    }
    sl_memory_free(table->account, space->extents, space->extent_capacity * sizeof *space->extents);
    sl_memory_free(table->account, space->pages, space->page_capacity * sizeof *space->pages);
    sl_memory_free(table->account, space->dirty,
                   sl_bitmap_words(space->page_capacity) * sizeof *space->dirty);
    sl_memory_free(table->account, space->index, space->index_capacity * sizeof *space->index);
    state_heap_deinit(&space->keys);
    sl_memory_free(table->account, space, sizeof *space);
}

bool state_spares_release(struct sl_state_table *table)
{
    bool is_any = table->spare_count > 0;
    while (table->spare_count > 0) {
        state_space_destroy(table, table->spares[--table->spare_count]);
    }
    return is_any;
}

/* Whether the memory is of a size that the next space may need, and is not much. */
static bool is_worth_keeping(const struct sl_state_table *table, const struct state_space *space)
{
    return table->spare_count < STATE_SPARES &&
           space->entry_count >= space->index_capacity / SPARSE_FACTOR &&
           state_space_bytes(table, space) <= SPARE_BYTES_MAX;
}

void state_space_retire(struct sl_state_table *table, struct state_space *space)
{
    table->index_hint = space->index_capacity;
    while (table->index_hint > INDEX_FIRST_CAPACITY &&
           space->entry_count < table->index_hint / SPARSE_FACTOR) {
        table->index_hint /= 2;
    }
    if (!is_worth_keeping(table, space)) {
        state_space_destroy(table, space);
        return;
    }
    memset(space->index, 0, space->index_capacity * sizeof *space->index);
    if (space->page_capacity > 0) {
        memset(space->dirty, 0, sl_bitmap_words(space->page_capacity) * sizeof *space->dirty);
    }
    state_heap_reset(&space->keys);
    space->entry_count = 0;
    space->entry_end = 0;
    space->first_free = 0;
    table->spares[table->spare_count++] = space;
}

/* Position of the first space >= name_space. */
uint32_t state_space_position(const struct sl_state_table *table, int64_t name_space)
{
    uint32_t low = 0;
    uint32_t high = table->space_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table->spaces[middle]->name_space < name_space) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct state_space *state_space_find(struct sl_state_table *table, int64_t name_space)
{
    if (table->recent != NULL && table->recent->name_space == name_space) {
        return table->recent;
    }
    uint32_t position = state_space_position(table, name_space);
    if (position == table->space_count || table->spaces[position]->name_space != name_space) {
        return NULL;
    }
    table->recent = table->spaces[position];
    return table->recent;
}

static bool reserve_spaces(struct sl_state_table *table)
{
    if (table->space_count < table->space_capacity) {
        return true;
    }
    uint32_t capacity = table->space_capacity == 0 ? 8 : table->space_capacity * 2;
    void *spaces = sl_memory_resize(table->account, table->spaces,
                                    table->space_capacity * sizeof *table->spaces,
                                    capacity * sizeof *table->spaces);
    if (spaces == NULL) {
        return false;
    }
    table->spaces = spaces;
    table->space_capacity = capacity;
    return true;
}

/* Empty, with an index. */
static struct state_space *space_make(struct sl_state_table *table)
{
    if (table->spare_count > 0) {
        return table->spares[--table->spare_count];
    }
    struct state_space *space = sl_memory_alloc(table->account, sizeof *space);
    if (space == NULL) {
        return NULL;
    }
    space->index_capacity = SL_MAX(table->index_hint, (uint32_t)INDEX_FIRST_CAPACITY);
    table->index_hint = 0;
    space->index = sl_memory_alloc(table->account, space->index_capacity * sizeof *space->index);
    if (space->index == NULL) {
        space->index_capacity = INDEX_FIRST_CAPACITY;
        space->index =
            sl_memory_alloc(table->account, space->index_capacity * sizeof *space->index);
    }
    if (space->index == NULL) {
        sl_memory_free(table->account, space, sizeof *space);
        return NULL;
    }
    state_heap_init(&space->keys, table->account);
    return space;
}

struct state_space *state_space_add(struct sl_state_table *table, int64_t name_space)
{
    struct state_space *space = state_space_find(table, name_space);
    if (space != NULL || !reserve_spaces(table)) {
        return space;
    }
    space = space_make(table);
    if (space == NULL) {
        return NULL;
    }
    space->name_space = name_space;
    uint32_t position = state_space_position(table, name_space);
    memmove(&table->spaces[position + 1], &table->spaces[position],
            (table->space_count - position) * sizeof *table->spaces);
    table->spaces[position] = space;
    table->space_count++;
    table->recent = space;
    return space;
}

static void index_put(uint64_t *index, uint32_t capacity, uint64_t slot)
{
    uint32_t position = (uint32_t)(slot >> 32) & (capacity - 1);
    while (index[position] != 0) {
        position = (position + 1) & (capacity - 1);
    }
    index[position] = slot;
}

bool state_index_grow(struct sl_state_table *table, struct state_space *space)
{
    if (space->entry_count < space->index_capacity / 2) {
        return true;
    }
    uint32_t capacity =
        space->index_capacity * (space->index_capacity < INDEX_SMALL_CAPACITY ? INDEX_GROWTH : 2);
    uint64_t *index = sl_memory_alloc(table->account, capacity * sizeof *index);
    if (index == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < space->index_capacity; i++) {
        if (space->index[i] != 0) {
            index_put(index, capacity, space->index[i]);
        }
    }
    sl_memory_free(table->account, space->index, space->index_capacity * sizeof *space->index);
    space->index = index;
    space->index_capacity = capacity;
    return true;
}

/* Makes room in pages and dirty, which are counted by one capacity. */
static bool pages_reserve(struct sl_state_table *table, struct state_space *space, uint32_t count)
{
    uint32_t capacity = SL_MAX(space->page_capacity, 4u);
    while (capacity < count) {
        capacity *= 2;
    }
    if (capacity == space->page_capacity) {
        return true;
    }
    void *pages =
        sl_memory_resize(table->account, space->pages, space->page_capacity * sizeof *space->pages,
                         capacity * sizeof *space->pages);
    if (pages == NULL) {
        return false;
    }
    space->pages = pages;
    void *dirty = sl_memory_resize(table->account, space->dirty,
                                   sl_bitmap_words(space->page_capacity) * sizeof *space->dirty,
                                   sl_bitmap_words(capacity) * sizeof *space->dirty);
    if (dirty == NULL) { /* give the larger one back */
        space->pages = sl_memory_resize(table->account, pages, capacity * sizeof *space->pages,
                                        space->page_capacity * sizeof *space->pages);
        return false;
    }
    space->dirty = dirty;
    space->page_capacity = capacity;
    return true;
}

static bool extents_reserve(struct sl_state_table *table, struct state_space *space)
{
    if (space->extent_count < space->extent_capacity) {
        return true;
    }
    uint32_t capacity = space->extent_capacity == 0 ? 4 : space->extent_capacity * 2;
    void *extents = sl_memory_resize(table->account, space->extents,
                                     space->extent_capacity * sizeof *space->extents,
                                     capacity * sizeof *space->extents);
    if (extents == NULL) {
        return false;
    }
    space->extents = extents;
    space->extent_capacity = capacity;
    return true;
}

static bool extent_add(struct sl_state_table *table, struct state_space *space, uint32_t page_count)
{
    if (!pages_reserve(table, space, space->page_count + page_count) ||
        !extents_reserve(table, space)) {
        return false;
    }
    char *memory = sl_memory_alloc(table->account, (size_t)page_count * table->page_bytes);
    if (memory == NULL) {
        return false;
    }
    space->extents[space->extent_count++] = (struct state_extent){memory, page_count};
    for (uint32_t i = 0; i < page_count; i++) {
        space->pages[space->page_count++] = memory + (size_t)i * table->page_bytes;
    }
    return true;
}

/* As many pages as there are, so that large spaces get large pieces of memory; one when that much
 * is refused. */
static bool pages_add(struct sl_state_table *table, struct state_space *space)
{
    uint32_t most = SL_MAX(STATE_EXTENT_BYTES / table->page_bytes, 1u);
    uint32_t page_count = SL_MIN(SL_MAX(space->page_count, 1u), most);
    return extent_add(table, space, page_count) || (page_count > 1 && extent_add(table, space, 1));
}

/* Number of an entry whose value is zeroed, or UINT32_MAX. */
static uint32_t entry_take(struct sl_state_table *table, struct state_space *space)
{
    uint32_t number = space->entry_end;
    if (space->first_free != 0) {
        number = space->first_free - 1;
        space->first_free = (uint32_t)state_entry_at(table, space, number)->key;
    } else if (number == space->page_count << table->page_shift && !pages_add(table, space)) {
        return UINT32_MAX;
    } else {
        space->entry_end++;
    }
    memset(state_value_at(table, space, number), 0, table->value_bytes);
    return number;
}

static bool entry_matches(const struct sl_state_table *table, const struct state_space *space,
                          uint32_t number, const char *key, size_t key_bytes, uint64_t hash)
{
    const struct state_entry_header *entry = state_entry_at(table, space, number);
    return entry->hash == hash && entry->key_bytes == key_bytes &&
           (key_bytes == 0 || memcmp(state_heap_at(&space->keys, entry->key), key, key_bytes) == 0);
}

/* Index position of the key, or of the empty slot where it would stand. */
uint32_t state_index_find(const struct sl_state_table *table, const struct state_space *space,
                          const char *key, size_t key_bytes, uint64_t hash)
{
    uint32_t mask = space->index_capacity - 1;
    uint32_t tag = (uint32_t)hash;
    uint32_t position = tag & mask;
    while (space->index[position] != 0) {
        uint64_t slot = space->index[position];
        if ((uint32_t)(slot >> 32) == tag &&
            entry_matches(table, space, (uint32_t)slot - 1, key, key_bytes, hash)) {
            break;
        }
        position = (position + 1) & mask;
    }
    return position;
}

struct state_entry_header *state_entry_add(struct sl_state_table *table, struct state_space *space,
                                           uint32_t position, const char *key, size_t key_bytes,
                                           uint64_t hash)
{
    uint64_t block = key_bytes == 0 ? 0 : state_heap_alloc(&space->keys, key_bytes);
    if (key_bytes > 0 && block == 0) {
        return NULL;
    }
    uint32_t number = entry_take(table, space);
    if (number == UINT32_MAX) {
        if (block != 0) {
            state_heap_free(&space->keys, block, key_bytes);
        }
        return NULL;
    }
    struct state_entry_header *entry = state_entry_at(table, space, number);
    *entry = (struct state_entry_header){
        .hash = hash, .key = block, .key_bytes = (uint32_t)key_bytes, .is_live = 1};
    if (key_bytes > 0) {
        memcpy(state_heap_at(&space->keys, block), key, key_bytes);
    }
    space->index[position] = (hash & UINT32_MAX) << 32 | (number + 1);
    space->entry_count++;
    return entry;
}

/* Closes the gap so that probing needs no tombstones (Knuth 6.4, algorithm R). */
void state_index_remove(struct state_space *space, uint32_t gap)
{
    uint32_t mask = space->index_capacity - 1;
    for (uint32_t next = (gap + 1) & mask; space->index[next] != 0; next = (next + 1) & mask) {
        uint32_t home = (uint32_t)(space->index[next] >> 32) & mask;
        if (((next - home) & mask) >= ((next - gap) & mask)) {
            space->index[gap] = space->index[next];
            gap = next;
        }
    }
    space->index[gap] = 0;
}
