/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory by lifetime: a pointer bump in chunks.
 * Always true: bytes of a chunk from dirty_bytes on are still zero, as sl_memory_alloc gave them,
 * so fresh memory is not zeroed twice. */
#include "sluice/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES_DEFAULT = 64 * 1024, SMALL_ALIGN_BYTES = 16 };

struct sl_arena_chunk {
    struct sl_arena_chunk *next;
    size_t size_bytes;  /* of the block, this head included */
    size_t used_bytes;  /* from the start of the block, this head included */
    size_t dirty_bytes; /* the most that was ever used, by the same count */
    char padding[SL_CACHE_LINE_BYTES - 4 * sizeof(size_t)];
};

_Static_assert(sizeof(struct sl_arena_chunk) == SL_CACHE_LINE_BYTES, "data starts aligned");
_Static_assert(sizeof(void *) == sizeof(size_t), "the padding counts the pointer as a size");

void sl_arena_init(struct sl_arena *arena, struct sl_account *account, size_t chunk_bytes)
{
    *arena = (struct sl_arena){.account = account, .chunk_bytes = chunk_bytes};
}

/* What is not handed out may not be touched (seen by the address sanitizer only). */
static void poison_contents(struct sl_arena_chunk *chunk)
{
    SL_POISON((char *)chunk + sizeof(*chunk), chunk->size_bytes - sizeof(*chunk));
}

static void free_chunks(struct sl_arena *arena, struct sl_arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct sl_arena_chunk *next = chunk->next;
        sl_memory_free(arena->account, chunk, chunk->size_bytes);
        chunk = next;
    }
}

void sl_arena_deinit(struct sl_arena *arena)
{
    free_chunks(arena, arena->first);
    arena->first = NULL;
    arena->current = NULL;
}

void sl_arena_reset(struct sl_arena *arena)
{
    if (arena->first != NULL) {
        free_chunks(arena, arena->first->next);
        arena->first->next = NULL;
        poison_contents(arena->first);
        arena->first->used_bytes = sizeof(struct sl_arena_chunk);
        arena->current = arena->first;
    }
}

static size_t align_up(size_t value, size_t align)
{
    return (value + align - 1) & ~(align - 1);
}

/* Adds a chunk with room for size_bytes. A large one serves only its request, so that the room left
 * in the current one is not lost. */
static struct sl_arena_chunk *add_chunk(struct sl_arena *arena, size_t size_bytes)
{
    size_t usual_bytes = arena->chunk_bytes == 0 ? CHUNK_BYTES_DEFAULT : arena->chunk_bytes;
    size_t needed_bytes = sizeof(struct sl_arena_chunk) + size_bytes;
    size_t chunk_bytes = SL_MAX(usual_bytes, needed_bytes);
    struct sl_arena_chunk *chunk = sl_memory_alloc(arena->account, chunk_bytes);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->size_bytes = chunk_bytes;
    chunk->used_bytes = sizeof(struct sl_arena_chunk);
    chunk->dirty_bytes = sizeof(struct sl_arena_chunk);
    poison_contents(chunk);
    if (arena->current == NULL) {
        arena->first = chunk;
        arena->current = chunk;
        return chunk;
    }
    chunk->next = arena->current->next;
    arena->current->next = chunk;
    if (chunk_bytes == usual_bytes) {
        arena->current = chunk;
    }
    return chunk;
}

/* Reserves size_bytes; *dirty_bytes says how many of them, from the start, may be non-zero. */
static void *bump(struct sl_arena *arena, size_t size_bytes, size_t *dirty_bytes)
{
    if (SL_UNLIKELY(size_bytes > SIZE_MAX / 4)) {
        return NULL;
    }
    size_t align = size_bytes >= SL_CACHE_LINE_BYTES ? SL_CACHE_LINE_BYTES : SMALL_ALIGN_BYTES;
    struct sl_arena_chunk *chunk = arena->current;
    size_t offset = chunk == NULL ? 0 : align_up(chunk->used_bytes, align);
    if (SL_UNLIKELY(chunk == NULL || offset > chunk->size_bytes ||
                    size_bytes > chunk->size_bytes - offset)) {
        chunk = add_chunk(arena, size_bytes);
        if (chunk == NULL) {
            return NULL;
        }
        offset = chunk->used_bytes;
    }
    chunk->used_bytes = offset + size_bytes;
    *dirty_bytes =
        chunk->dirty_bytes > offset ? SL_MIN(chunk->dirty_bytes - offset, size_bytes) : 0;
    chunk->dirty_bytes = SL_MAX(chunk->dirty_bytes, chunk->used_bytes);
    char *memory = (char *)chunk + offset;
    SL_UNPOISON(memory, size_bytes);
    return memory;
}

void *sl_arena_alloc(struct sl_arena *arena, size_t size_bytes)
{
    size_t dirty_bytes = 0;
    void *memory = bump(arena, size_bytes, &dirty_bytes);
    if (memory != NULL && dirty_bytes > 0) {
        memset(memory, 0, dirty_bytes);
    }
    return memory;
}

void *sl_arena_alloc_raw(struct sl_arena *arena, size_t size_bytes)
{
    size_t dirty_bytes = 0;
    return bump(arena, size_bytes, &dirty_bytes);
}

char *sl_arena_copy(struct sl_arena *arena, const char *data, size_t length)
{
    char *copy = length == SIZE_MAX ? NULL : sl_arena_alloc_raw(arena, length + 1);
    if (copy != NULL) {
        if (length > 0) {
            memcpy(copy, data, length);
        }
        copy[length] = '\0';
    }
    return copy;
}

char *sl_arena_string(struct sl_arena *arena, const char *string)
{
    return sl_arena_copy(arena, string, strlen(string));
}

char *sl_arena_printf(struct sl_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        return NULL;
    }
    char *text = sl_arena_alloc_raw(arena, (size_t)length + 1);
    if (text != NULL) {
        va_start(args, format);
        vsnprintf(text, (size_t)length + 1, format, args);
        va_end(args);
    }
    return text;
}

size_t sl_arena_used(const struct sl_arena *arena)
{
    size_t used_bytes = 0;
    for (const struct sl_arena_chunk *chunk = arena->first; chunk != NULL; chunk = chunk->next) {
        used_bytes += chunk->used_bytes - sizeof(*chunk);
    }
    return used_bytes;
}
