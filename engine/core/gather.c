/* SPDX-License-Identifier: Apache-2.0
 *
 * The copy loops of sl_batch_append, one a width.
 * Always true: a NULL row's value is not looked into; its place becomes an empty view or any
 * number. */
#include "gather.h"

#define GATHER_LEAF(name, ctype)                                                         \
    static void name(ctype *to, const ctype *from, const uint16_t *rows, uint32_t count) \
    {                                                                                    \
        for (uint32_t i = 0; i < count; i++) {                                           \
            to[i] = from[rows[i]];                                                       \
        }                                                                                \
    }
#define FILL_LEAF(name, ctype)                               \
    static void name(ctype *to, ctype value, uint32_t count) \
    {                                                        \
        for (uint32_t i = 0; i < count; i++) {               \
            to[i] = value;                                   \
        }                                                    \
    }

GATHER_LEAF(gather_w1, uint8_t)
GATHER_LEAF(gather_w2, uint16_t)
GATHER_LEAF(gather_w4, uint32_t)
GATHER_LEAF(gather_w8, uint64_t)
GATHER_LEAF(gather_w16, sl_int128)
GATHER_LEAF(gather_view, struct sl_view)
FILL_LEAF(fill_w1, uint8_t)
FILL_LEAF(fill_w2, uint16_t)
FILL_LEAF(fill_w4, uint32_t)
FILL_LEAF(fill_w8, uint64_t)
FILL_LEAF(fill_w16, sl_int128)
FILL_LEAF(fill_view, struct sl_view)

static void gather_values(enum sl_physical physical, void *to, const void *from,
                          const uint16_t *rows, uint32_t count)
{
    if (rows == NULL) {
        memcpy(to, from, (size_t)count * sl_physical_width(physical));
        return;
    }
    switch (physical) {
    case SL_W1:
        gather_w1(to, from, rows, count);
        break;
    case SL_W2:
        gather_w2(to, from, rows, count);
        break;
    case SL_W4:
        gather_w4(to, from, rows, count);
        break;
    case SL_W8:
        gather_w8(to, from, rows, count);
        break;
    case SL_W16:
        gather_w16(to, from, rows, count);
        break;
    default:
        gather_view(to, from, rows, count);
        break;
    }
}

static void fill_values(enum sl_physical physical, void *to, const void *value, uint32_t count)
{
    switch (physical) {
    case SL_W1:
        fill_w1(to, *(const uint8_t *)value, count);
        break;
    case SL_W2:
        fill_w2(to, *(const uint16_t *)value, count);
        break;
    case SL_W4:
        fill_w4(to, *(const uint32_t *)value, count);
        break;
    case SL_W8:
        fill_w8(to, *(const uint64_t *)value, count);
        break;
    case SL_W16:
        fill_w16(to, *(const sl_int128 *)value, count);
        break;
    default:
        fill_view(to, *(const struct sl_view *)value, count);
        break;
    }
}

/* Clears the bits of NULL rows and sets the others. */
static void gather_bits(uint64_t *to, uint32_t first_row, const uint64_t *from,
                        const uint16_t *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = first_row + i;
        uint64_t bit = sl_bitmap_get(from, rows == NULL ? i : rows[i]);
        uint64_t mask = UINT64_C(1) << (row % 64);
        to[row / 64] = (to[row / 64] & ~mask) | (bit << (row % 64));
    }
}

static void clear_null_views(struct sl_view *views, const uint64_t *validity, uint32_t first_row,
                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!sl_bitmap_get(validity, first_row + i)) {
            memset(&views[i], 0, sizeof views[i]);
        }
    }
}

static size_t long_bytes(const struct sl_view *views, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += views[i].length > SL_VIEW_INLINE_BYTES ? views[i].length : 0;
    }
    return bytes;
}

/* Gives the long ones of views bytes of their own. */
static enum sl_status own_views(struct sl_view *views, uint32_t count, struct sl_arena *strings,
                                struct sl_error *err)
{
    size_t size_bytes = long_bytes(views, count);
    if (size_bytes == 0) {
        return SL_OK;
    }
    char *at = sl_arena_alloc_raw(strings, size_bytes);
    if (at == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %zu bytes of strings", size_bytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (views[i].length > SL_VIEW_INLINE_BYTES) {
            memcpy(at, views[i].tail.data, views[i].length);
            views[i].tail.data = at;
            at += views[i].length;
        }
    }
    return SL_OK;
}

uint32_t sl_gather_first_null(const struct sl_vector *from, const struct sl_gather *gather)
{
    if (from->validity == NULL) {
        return gather->count;
    }
    if (from->encoding == SL_CONST) {
        return sl_bitmap_get(from->validity, 0) ? gather->count : 0;
    }
    for (uint32_t i = 0; i < gather->count; i++) {
        if (!sl_bitmap_get(from->validity, gather->rows == NULL ? i : gather->rows[i])) {
            return i;
        }
    }
    return gather->count;
}

/* One row after the other: lists, and structs that may be NULL. */
static enum sl_status gather_nested(struct sl_vector *to, const struct sl_vector *from,
                                    const struct sl_gather *gather, struct sl_error *err)
{
    for (uint32_t i = 0; i < gather->count; i++) {
        uint32_t row = gather->rows == NULL ? i : gather->rows[i];
        SL_TRY(sl_vector_copy_value(to, gather->first_row + i, from, row, gather->strings, err));
    }
    return SL_OK;
}

/* The value of all rows; a long string's bytes are copied once. */
static enum sl_status gather_const(struct sl_vector *to, const struct sl_vector *from,
                                   const struct sl_gather *gather, struct sl_error *err)
{
    SL_TRY(sl_vector_copy_value(to, gather->first_row, from, 0, gather->strings, err));
    if (!sl_vector_is_valid(from, 0)) {
        for (uint32_t i = 0; i < gather->count; i++) {
            sl_vector_set_null(to, gather->first_row + i);
        }
        return SL_OK;
    }
    if (to->validity != NULL) {
        for (uint32_t i = 0; i < gather->count; i++) {
            sl_bitmap_set(to->validity, gather->first_row + i);
        }
    }
    uint32_t width = sl_physical_width(to->physical);
    char *first = (char *)to->data + (size_t)gather->first_row * width;
    fill_values(to->physical, first + width, first, gather->count - 1);
    return SL_OK;
}

static enum sl_status gather_fields(struct sl_vector *to, const struct sl_vector *from,
                                    const struct sl_gather *gather, struct sl_error *err)
{
    for (uint32_t i = 0; i < to->child_count; i++) {
        SL_TRY(sl_gather_column(&to->children[i], &from->children[i], gather, err));
    }
    return SL_OK;
}

enum sl_status sl_gather_column(struct sl_vector *to, const struct sl_vector *from,
                                const struct sl_gather *gather, struct sl_error *err)
{
    bool is_nested = to->physical == SL_LIST || to->physical == SL_STRUCT;
    if (gather->count == 0) {
        return SL_OK;
    }
    if (is_nested && (to->physical == SL_LIST || to->validity != NULL || from->validity != NULL ||
                      from->encoding == SL_CONST)) {
        return gather_nested(to, from, gather, err);
    }
    if (is_nested) {
        return gather_fields(to, from, gather, err);
    }
    if (from->encoding == SL_CONST) {
        return gather_const(to, from, gather, err);
    }
    char *first = (char *)to->data + (size_t)gather->first_row * sl_physical_width(to->physical);
    gather_values(to->physical, first, from->data, gather->rows, gather->count);
    if (to->validity != NULL && from->validity != NULL) {
        gather_bits(to->validity, gather->first_row, from->validity, gather->rows, gather->count);
    } else if (to->validity != NULL) {
        for (uint32_t i = 0; i < gather->count; i++) {
            sl_bitmap_set(to->validity, gather->first_row + i);
        }
    }
    if (to->physical != SL_VIEW) {
        return SL_OK;
    }
    struct sl_view *views = (struct sl_view *)(void *)first;
    if (to->validity != NULL) {
        clear_null_views(views, to->validity, gather->first_row, gather->count);
    }
    return own_views(views, gather->count, gather->strings, err);
}
