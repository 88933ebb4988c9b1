/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of state tables.
 *
 *   table -> spaces, sorted by namespace -> index (open addressing) -> entries in pages, cut from
 * extents -> keys in a heap of the space
 *         -> strings: the heap of VIEW fields and list chains, one a table
 *         -> spares: spaces that were dropped, whose memory serves the next ones
 *
 * A page holds the values of its entries, each in as few cache lines as can be, then their headers.
 *
 * Entries and heap blocks are addressed by number, never by pointer, so that pages can be written
 * and read as they are. */
#ifndef CORE_STATE_INTERNAL_H
#define CORE_STATE_INTERNAL_H

#include "sluice/state.h"

enum {
    STATE_HEAP_CLASSES = 28, /* blocks of 16 << class bytes */
    STATE_HEAP_FIRST_PAGE_BYTES = 4096,
    STATE_HEAP_PAGE_BYTES = 65536,
    STATE_HEAP_OFFSET_BITS = 32,  /* block number = page << 32 | byte offset; 0 is no block */
    STATE_PAGE_BYTES = 8192,      /* of entries, about */
    STATE_EXTENT_BYTES = 2 << 20, /* of pages, at most about */
    STATE_SPARES = 8
};

struct state_heap_page {
    char *data;
    uint32_t size_bytes;
};

struct state_heap {
    struct sl_account *account;
    struct state_heap_page *pages;
    uint32_t page_count;
    uint32_t page_capacity;
    uint32_t used_bytes; /* of the last ordinary page */
    uint32_t last_page;  /* index of that page + 1; 0 = none */
    uint32_t spare_end;  /* pages from last_page up to here are ordinary ones without blocks */
    uint64_t free_blocks[STATE_HEAP_CLASSES];
};

void state_heap_init(struct state_heap *heap, struct sl_account *account);
void state_heap_deinit(struct state_heap *heap);
/* Frees all blocks, and keeps the ordinary pages. */
void state_heap_reset(struct state_heap *heap);
/* Block of at least size bytes (16-byte aligned), 0 when memory is refused. */
uint64_t state_heap_alloc(struct state_heap *heap, size_t size_bytes);
/* size_bytes as given to alloc. */
void state_heap_free(struct state_heap *heap, uint64_t block, size_t size_bytes);
char *state_heap_at(const struct state_heap *heap, uint64_t block);
/* What alloc really reserves for size bytes. */
size_t state_heap_capacity(size_t size_bytes);

struct state_entry_header {
    uint64_t hash;
    uint64_t key; /* block in the space's key heap; entries that are free link through it */
    uint32_t key_bytes;
    uint32_t is_live;
};

/* Value of a list table: its chain. */
struct state_list {
    uint64_t first;
    uint64_t count;
};

struct state_list_node {
    uint64_t next;
    int64_t weight;
    uint32_t row_bytes;
    uint32_t unused;
};

/* Some pages that follow each other. */
struct state_extent {
    char *memory;
    uint32_t page_count;
};

struct state_space {
    int64_t name_space;
    uint64_t *index; /* entry number + 1 in the low half, low half of the hash in the high half; 0 =
                        empty */
    uint32_t index_capacity; /* power of two */
    uint32_t entry_count;    /* live ones */
    uint32_t entry_end;      /* numbers handed out so far */
    uint32_t first_free;     /* entry number + 1 */
    char **pages;
    uint64_t *dirty; /* bit a page */
    uint32_t page_count;
    uint32_t page_capacity;
    struct state_extent *extents;
    uint32_t extent_count;
    uint32_t extent_capacity;
    struct state_heap keys;
};

struct sl_state_table {
    struct sl_state_def def;
    struct sl_account *account;
    uint32_t value_bytes; /* from one value to the next */
    uint32_t page_shift;  /* log2 of entries a page */
    uint32_t page_bytes;
    struct state_space **spaces;
    uint32_t space_count;
    uint32_t space_capacity;
    struct state_space *recent;
    struct state_space *spares[STATE_SPARES];
    uint32_t spare_count;
    uint32_t
        index_hint; /* index capacity that the space dropped last needed; 0 = used or unknown */
    struct state_heap strings;
};

struct state_entry_header *state_entry_at(const struct sl_state_table *table,
                                          const struct state_space *space, uint32_t number);
void *state_value_at(const struct sl_state_table *table, const struct state_space *space,
                     uint32_t number);
/* Position of the first space >= name_space in table->spaces. */
uint32_t state_space_position(const struct sl_state_table *table, int64_t name_space);
/* Finds or makes; NULL when memory is refused. */
struct state_space *state_space_add(struct sl_state_table *table, int64_t name_space);
void state_space_destroy(struct sl_state_table *table, struct state_space *space);
/* Destroys the space, or keeps it empty for state_space_add. */
void state_space_retire(struct sl_state_table *table, struct state_space *space);
/* Gives the memory of spares back; false when there are none. */
bool state_spares_release(struct sl_state_table *table);
uint64_t state_space_bytes(const struct sl_state_table *table, const struct state_space *space);
/* Makes room for one more entry. */
bool state_index_grow(struct sl_state_table *table, struct state_space *space);
/* Index position of the key, or of the empty slot where it would stand. */
uint32_t state_index_find(const struct sl_state_table *table, const struct state_space *space,
                          const char *key, size_t key_bytes, uint64_t hash);
void state_index_remove(struct state_space *space, uint32_t gap);
struct state_entry_header *state_entry_add(struct sl_state_table *table, struct state_space *space,
                                           uint32_t position, const char *key, size_t key_bytes,
                                           uint64_t hash);
struct state_space *state_space_find(struct sl_state_table *table, int64_t name_space);
void state_list_clear(struct sl_state_table *table, struct state_list *list);
enum sl_status state_limit_error(const struct sl_state_table *table, struct sl_error *err);

#endif
