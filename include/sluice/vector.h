/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. A column of values. The physical kind is apart from the logical type; validity is a
 * bitmap (absent = all valid). Layouts follow Apache Arrow where they can: LSB-first bitmaps,
 * 32-bit list offsets, and VIEW is Arrow's variable-size binary view with a pointer in place of
 * buffer index and offset. */
#ifndef SLUICE_VECTOR_H
#define SLUICE_VECTOR_H

#include <string.h>

#include "sluice/type.h"

SL_EXTERN_C_BEGIN

enum {
    SL_VIEW_INLINE_BYTES = 12,
    SL_VIEW_WORDS_BYTES = 16 /* of a string that two words hold */
};

/* 16 bytes. length <= 12: the bytes are inline, zero-padded. Longer: the first four bytes and a
 * pointer, which may point into a source's buffer for as long as the batch travels. */
struct sl_view {
    uint32_t length;
    char prefix[4]; /* inline: bytes 0-3 */
    union {
        char rest[8]; /* inline: bytes 4-11 */
        const char *data;
    } tail;
};

enum sl_encoding {
    SL_FLAT, /* one value a row */
    SL_CONST /* one value, at index 0, for all rows */
};

struct sl_vector {
    struct sl_type type;
    enum sl_physical physical;
    enum sl_encoding encoding;
    uint32_t capacity;  /* rows that data and validity have room for */
    uint64_t *validity; /* bit per row, 1 = valid; NULL = all valid */
    void *data; /* capacity values of the physical width; LIST: uint32_t offsets[capacity + 1];
                   STRUCT: NULL */
    uint32_t child_count; /* LIST: 1 (MAP: 2), STRUCT: one a field */
    struct sl_vector *children;
};

/* Words of a bitmap for row_count rows. */
static inline uint32_t sl_bitmap_words(uint32_t row_count)
{
    return (row_count + 63) / 64;
}

static inline bool sl_bitmap_get(const uint64_t *bitmap, uint32_t row)
{
    return (bitmap[row / 64] >> (row % 64)) & 1;
}

static inline void sl_bitmap_set(uint64_t *bitmap, uint32_t row)
{
    bitmap[row / 64] |= UINT64_C(1) << (row % 64);
}

static inline void sl_bitmap_clear(uint64_t *bitmap, uint32_t row)
{
    bitmap[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

/* Index of row's value: 0 in a CONST vector. */
static inline uint32_t sl_vector_index(const struct sl_vector *vector, uint32_t row)
{
    return vector->encoding == SL_CONST ? 0 : row;
}

static inline bool sl_vector_is_valid(const struct sl_vector *vector, uint32_t row)
{
    return vector->validity == NULL ||
           sl_bitmap_get(vector->validity, sl_vector_index(vector, row));
}

static inline const char *sl_view_data(const struct sl_view *view)
{
    return view->length <= SL_VIEW_INLINE_BYTES ? view->prefix : view->tail.data;
}

/* A string of at most SL_VIEW_WORDS_BYTES as two words, which with its length tell it from any
 * other: zero-padded, or of more than 12 bytes the first and the last eight. False when it is
 * longer, and then the words are 0. Each word is made in one piece: one that is put together in
 * memory is waited for. */
static inline bool sl_view_words(const struct sl_view *view, uint64_t words[2])
{
    uint64_t first = 0;
    uint64_t second = 0;
    if (view->length <= SL_VIEW_INLINE_BYTES) {
        uint32_t rest;
        memcpy(&first, (const char *)view + offsetof(struct sl_view, prefix), sizeof first);
        memcpy(&rest, (const char *)view + sizeof *view - sizeof rest, sizeof rest);
        second = rest;
    } else if (view->length <= SL_VIEW_WORDS_BYTES) {
        memcpy(&first, view->tail.data, sizeof first);
        memcpy(&second, view->tail.data + view->length - sizeof second, sizeof second);
    }
    words[0] = first;
    words[1] = second;
    return view->length <= SL_VIEW_WORDS_BYTES;
}

/* A view of length bytes at data (inline when short: copied; else borrowed). */
static inline struct sl_view sl_view_of(const char *data, size_t length)
{
    struct sl_view view;
    memset(&view, 0, sizeof view);
    view.length = (uint32_t)length;
    if (length <= SL_VIEW_INLINE_BYTES) {
        if (length > 0) {
            memcpy((char *)&view + 4, data, length);
        }
    } else {
        memcpy(view.prefix, data, 4);
        view.tail.data = data;
    }
    return view;
}

bool sl_view_equal(const struct sl_view *a, const struct sl_view *b);
/* Byte order: negative, 0, positive. */
int sl_view_compare(const struct sl_view *a, const struct sl_view *b);

/* Makes a flat vector of type with room for capacity rows (the fields of a STRUCT too) in arena;
 * validity is NULL until sl_vector_ensure_validity. Data bytes are zeroed. The elements of a LIST
 * start without room: sl_vector_reserve_elements. SL_MEMORY at the limit. */
enum sl_status sl_vector_init(struct sl_vector *vector, const struct sl_type *type,
                              uint32_t capacity, struct sl_arena *arena, struct sl_error *err);
/* Gives the vector an all-valid bitmap when it has none. */
enum sl_status sl_vector_ensure_validity(struct sl_vector *vector, struct sl_arena *arena,
                                         struct sl_error *err);
/* Gives the elements of a LIST room for element_count in arena (at least doubling), keeping those
 * that are there; the old room is left to its arena. Elements that were not set before are valid,
 * and have a bitmap. */
enum sl_status sl_vector_reserve_elements(struct sl_vector *list, uint32_t element_count,
                                          struct sl_arena *arena, struct sl_error *err);
/* Sets the row NULL in a vector that has validity; in a LIST (in row order) it takes no elements,
 * in a STRUCT its fields become NULL where they can. */
void sl_vector_set_null(struct sl_vector *vector, uint32_t row);
/* Copies one value (and nested values; NULL too) between vectors of one type. Bytes longer than a
 * view's inline space are copied into arena unless arena is NULL (then borrowed). The destination
 * must have validity if the source may be NULL. LIST destinations must be filled in row order;
 * room for their elements comes from arena, which must be there for them. */
enum sl_status sl_vector_copy_value(struct sl_vector *to, uint32_t to_row,
                                    const struct sl_vector *from, uint32_t from_row,
                                    struct sl_arena *arena, struct sl_error *err);

SL_EXTERN_C_END

#endif
