/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. Memory by lifetime: everything allocated in an arena ends together (query, batch).
 * Allocation is a pointer bump in chunks charged to an account. */
#ifndef SLUICE_ARENA_H
#define SLUICE_ARENA_H

#include "sluice/memory.h"

SL_EXTERN_C_BEGIN

struct sl_arena_chunk;

struct sl_arena {
    struct sl_account *account; /* may be NULL */
    struct sl_arena_chunk *first;
    struct sl_arena_chunk *current;
    size_t chunk_bytes;
};

/* In place, allocates nothing yet. chunk_bytes 0 = 64 KiB. */
void sl_arena_init(struct sl_arena *arena, struct sl_account *account, size_t chunk_bytes);
/* Frees all chunks. Safe on a zeroed or deinitialised arena. */
void sl_arena_deinit(struct sl_arena *arena);
/* Forgets the contents but keeps the first chunk for reuse: the per-batch scratch arena does this
 * per batch. */
void sl_arena_reset(struct sl_arena *arena);
/* Zeroed, 16-byte aligned memory (64 when size_bytes >= 64). NULL only at the account's limit. size
 * 0 gives a valid pointer. */
void *sl_arena_alloc(struct sl_arena *arena, size_t size_bytes);
/* Like alloc, not zeroed: for buffers that are written in full. */
void *sl_arena_alloc_raw(struct sl_arena *arena, size_t size_bytes);
/* A NUL-terminated copy of length bytes. */
char *sl_arena_copy(struct sl_arena *arena, const char *data, size_t length);
char *sl_arena_string(struct sl_arena *arena, const char *string);
char *sl_arena_printf(struct sl_arena *arena, const char *format, ...) SL_PRINTF(2, 3);
/* Bytes handed out since init or reset. */
size_t sl_arena_used(const struct sl_arena *arena);

#define SL_ARENA_NEW(arena, type) ((type *)sl_arena_alloc((arena), sizeof(type)))
#define SL_ARENA_ARRAY(arena, type, count) \
    ((type *)sl_arena_alloc((arena), sizeof(type) * (size_t)(count)))

SL_EXTERN_C_END

#endif
