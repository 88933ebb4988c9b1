/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of varying length for state tables: power-of-two blocks cut from pages, with a free list a
 * size. A block larger than a page has a page of its own, which goes back to the account when it is
 * freed. */
#include "state_internal.h"

#include <string.h>

enum { RESERVED_BYTES = 16 }; /* of page 0: block 0 is no block */

static uint32_t class_of(size_t size_bytes)
{
    uint32_t class_idx = 0;
    while (((size_t)16 << class_idx) < size_bytes) {
        class_idx++;
    }
    return class_idx;
}

size_t state_heap_capacity(size_t size_bytes)
{
    return (size_t)16 << class_of(size_bytes);
}

void state_heap_init(struct state_heap *heap, struct sl_account *account)
{
    memset(heap, 0, sizeof *heap);
    heap->account = account;
}

void state_heap_deinit(struct state_heap *heap)
{
    for (uint32_t i = 0; i < heap->page_count; i++) {
        sl_memory_free(heap->account, heap->pages[i].data, heap->pages[i].size_bytes);
    }
    sl_memory_free(heap->account, heap->pages, heap->page_capacity * sizeof *heap->pages);
    memset(heap->free_blocks, 0, sizeof heap->free_blocks);
    heap->pages = NULL;
    heap->page_count = 0;
    heap->page_capacity = 0;
    heap->last_page = 0;
    heap->spare_end = 0;
}

void state_heap_reset(struct state_heap *heap)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->page_count; i++) {
        struct state_heap_page page = heap->pages[i];
        if (i == 0 || page.size_bytes == STATE_HEAP_PAGE_BYTES) {
            heap->pages[kept++] = page;
        } else {
            sl_memory_free(heap->account, page.data, page.size_bytes);
        }
    }
    heap->page_count = kept;
    heap->spare_end = kept;
    heap->last_page = kept > 0;
    heap->used_bytes = RESERVED_BYTES;
    memset(heap->free_blocks, 0, sizeof heap->free_blocks);
}

char *state_heap_at(const struct state_heap *heap, uint64_t block)
{
    return heap->pages[block >> STATE_HEAP_OFFSET_BITS].data + (uint32_t)block;
}

/* Index of a new page, or UINT32_MAX. */
static uint32_t add_page(struct state_heap *heap, size_t size_bytes)
{
    if (heap->page_count == heap->page_capacity) {
        uint32_t capacity = heap->page_capacity == 0 ? 4 : heap->page_capacity * 2;
        void *pages =
            sl_memory_resize(heap->account, heap->pages, heap->page_capacity * sizeof *heap->pages,
                             capacity * sizeof *heap->pages);
        if (pages == NULL) {
            return UINT32_MAX;
        }
        heap->pages = pages;
        heap->page_capacity = capacity;
    }
    char *data = sl_memory_alloc(heap->account, size_bytes);
    if (data == NULL) {
        return UINT32_MAX;
    }
    heap->pages[heap->page_count] = (struct state_heap_page){data, (uint32_t)size_bytes};
    return heap->page_count++;
}

/* Index of an ordinary page without blocks, or UINT32_MAX. */
static uint32_t next_page(struct state_heap *heap, size_t block_bytes)
{
    bool is_small = heap->page_count == 0 && block_bytes <= STATE_HEAP_FIRST_PAGE_BYTES / 2;
    if (heap->last_page < heap->spare_end) {
        return heap->last_page;
    }
    return add_page(heap, is_small ? STATE_HEAP_FIRST_PAGE_BYTES : STATE_HEAP_PAGE_BYTES);
}

static uint64_t alloc_large(struct state_heap *heap, size_t size_bytes)
{
    for (uint32_t i = 1; i < heap->page_count;
         i++) { /* large blocks are few; a freed one leaves its number behind */
        if (heap->pages[i].data == NULL) {
            heap->pages[i].data = sl_memory_alloc(heap->account, size_bytes);
            heap->pages[i].size_bytes = heap->pages[i].data == NULL ? 0 : (uint32_t)size_bytes;
            return heap->pages[i].data == NULL ? 0 : (uint64_t)i << STATE_HEAP_OFFSET_BITS;
        }
    }
    if (heap->page_count == 0 && add_page(heap, STATE_HEAP_FIRST_PAGE_BYTES) == UINT32_MAX) {
        return 0; /* page 0 is an ordinary one, so that block number 0 can mean none */
    }
    uint32_t page = add_page(heap, size_bytes);
    return page == UINT32_MAX ? 0 : (uint64_t)page << STATE_HEAP_OFFSET_BITS;
}

uint64_t state_heap_alloc(struct state_heap *heap, size_t size_bytes)
{
    uint32_t class_idx = class_of(size_bytes);
    size_t block_bytes = (size_t)16 << class_idx;
    if (block_bytes > STATE_HEAP_PAGE_BYTES / 2) {
        return alloc_large(heap, block_bytes);
    }
    uint64_t block = heap->free_blocks[class_idx];
    if (block != 0) {
        memcpy(&heap->free_blocks[class_idx], state_heap_at(heap, block), sizeof block);
        return block;
    }
    if (heap->last_page == 0 ||
        heap->used_bytes + block_bytes > heap->pages[heap->last_page - 1].size_bytes) {
        uint32_t page = next_page(heap, block_bytes);
        if (page == UINT32_MAX) {
            return 0;
        }
        heap->last_page = page + 1;
        heap->used_bytes = page == 0 ? RESERVED_BYTES : 0;
    }
    block = (uint64_t)(heap->last_page - 1) << STATE_HEAP_OFFSET_BITS | heap->used_bytes;
    heap->used_bytes += (uint32_t)block_bytes;
    return block;
}

void state_heap_free(struct state_heap *heap, uint64_t block, size_t size_bytes)
{
    uint32_t class_idx = class_of(size_bytes);
    if (((size_t)16 << class_idx) > STATE_HEAP_PAGE_BYTES / 2) {
        struct state_heap_page *page = &heap->pages[block >> STATE_HEAP_OFFSET_BITS];
        sl_memory_free(heap->account, page->data, page->size_bytes);
        *page = (struct state_heap_page){NULL, 0};
        return;
    }
    memcpy(state_heap_at(heap, block), &heap->free_blocks[class_idx], sizeof block);
    heap->free_blocks[class_idx] = block;
}
