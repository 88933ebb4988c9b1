/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns of values: making them, growing lists, copying single values.
 * Always true: a row that is NULL is never looked into, so its bytes may be anything. */
#include "sluice/vector.h"

_Static_assert(sizeof(struct sl_view) == 16, "a view is 16 bytes");

enum { ELEMENTS_MIN = 16 };

bool sl_view_equal(const struct sl_view *a, const struct sl_view *b)
{
    return a->length == b->length && memcmp(a->prefix, b->prefix, sizeof a->prefix) == 0 &&
           memcmp(sl_view_data(a), sl_view_data(b), a->length) == 0;
}

int sl_view_compare(const struct sl_view *a, const struct sl_view *b)
{
    uint32_t shorter = SL_MIN(a->length, b->length);
    int order = memcmp(sl_view_data(a), sl_view_data(b), shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static enum sl_status out_of_memory(struct sl_error *err, uint32_t row_count)
{
    return sl_fail(err, SL_MEMORY, "no memory for a column of %u rows", row_count);
}

static uint32_t child_count_of(const struct sl_type *type, enum sl_physical physical)
{
    return physical == SL_LIST || physical == SL_STRUCT ? type->field_count : 0;
}

static size_t data_bytes(const struct sl_vector *vector, uint32_t capacity)
{
    size_t values = vector->physical == SL_LIST ? (size_t)capacity + 1 : capacity;
    size_t width =
        vector->physical == SL_LIST ? sizeof(uint32_t) : sl_physical_width(vector->physical);
    return values * width;
}

enum sl_status sl_vector_init(struct sl_vector *vector, const struct sl_type *type,
                              uint32_t capacity, struct sl_arena *arena, struct sl_error *err)
{
    memset(vector, 0, sizeof *vector);
    vector->type = *type;
    vector->physical = sl_type_physical(type);
    vector->encoding = SL_FLAT;
    vector->capacity = capacity;
    if (vector->physical != SL_STRUCT) {
        vector->data = sl_arena_alloc(arena, data_bytes(vector, capacity));
        if (vector->data == NULL) {
            return out_of_memory(err, capacity);
        }
    }
    uint32_t child_count = child_count_of(type, vector->physical);
    if (child_count == 0) {
        return SL_OK;
    }
    vector->children = SL_ARENA_ARRAY(arena, struct sl_vector, child_count);
    if (vector->children == NULL) {
        return out_of_memory(err, capacity);
    }
    uint32_t child_capacity = vector->physical == SL_LIST ? 0 : capacity;
    for (uint32_t i = 0; i < child_count; i++) {
        SL_TRY(sl_vector_init(&vector->children[i], &type->fields[i].type, child_capacity, arena,
                              err));
    }
    vector->child_count = child_count;
    return SL_OK;
}

static uint64_t *new_bitmap(struct sl_arena *arena, uint32_t row_count)
{
    size_t size_bytes = (size_t)SL_MAX(sl_bitmap_words(row_count), 1u) * sizeof(uint64_t);
    uint64_t *bitmap = sl_arena_alloc_raw(arena, size_bytes);
    if (bitmap != NULL) {
        memset(bitmap, 0xFF, size_bytes);
    }
    return bitmap;
}

enum sl_status sl_vector_ensure_validity(struct sl_vector *vector, struct sl_arena *arena,
                                         struct sl_error *err)
{
    if (vector->validity == NULL) {
        vector->validity = new_bitmap(arena, vector->capacity);
    }
    return vector->validity == NULL ? out_of_memory(err, vector->capacity) : SL_OK;
}

/* Moves the first rows of an old bitmap into a new one; all others are valid. */
static void copy_bitmap(uint64_t *to, const uint64_t *from, uint32_t row_count)
{
    uint32_t words = row_count / 64;
    if (words > 0) {
        memcpy(to, from, words * sizeof(uint64_t));
    }
    if (row_count % 64 != 0) {
        to[words] = from[words] | (~UINT64_C(0) << (row_count % 64));
    }
}

static enum sl_status grow(struct sl_vector *vector, uint32_t capacity, struct sl_arena *arena,
                           struct sl_error *err)
{
    uint32_t old_capacity = vector->capacity;
    uint64_t *validity = new_bitmap(arena, capacity);
    if (validity == NULL) {
        return out_of_memory(err, capacity);
    }
    if (vector->validity != NULL) {
        copy_bitmap(validity, vector->validity, old_capacity);
    }
    if (vector->physical != SL_STRUCT) {
        char *data = sl_arena_alloc(arena, data_bytes(vector, capacity));
        if (data == NULL) {
            return out_of_memory(err, capacity);
        }
        if (vector->data != NULL) {
            memcpy(data, vector->data, data_bytes(vector, old_capacity));
        }
        vector->data = data;
    }
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        SL_TRY(grow(&vector->children[i], capacity, arena, err));
    }
    vector->validity = validity;
    vector->capacity = capacity;
    return SL_OK;
}

enum sl_status sl_vector_reserve_elements(struct sl_vector *list, uint32_t element_count,
                                          struct sl_arena *arena, struct sl_error *err)
{
    for (uint32_t i = 0; i < list->child_count; i++) {
        struct sl_vector *child = &list->children[i];
        bool is_ready = child->validity != NULL || element_count == 0;
        if (child->capacity >= element_count && is_ready) {
            continue;
        }
        uint64_t doubled = SL_MIN((uint64_t)child->capacity * 2, (uint64_t)INT32_MAX);
        uint32_t capacity = SL_MAX(SL_MAX((uint32_t)doubled, element_count), ELEMENTS_MIN);
        if (element_count > INT32_MAX) {
            return sl_fail(err, SL_LIMIT, "a list column of more than 2147483647 elements");
        }
        SL_TRY(grow(child, capacity, arena, err));
    }
    return SL_OK;
}

void sl_vector_set_null(struct sl_vector *vector, uint32_t row)
{
    if (vector->validity != NULL) {
        sl_bitmap_clear(vector->validity, row);
    }
    if (vector->physical == SL_LIST) {
        uint32_t *offsets = vector->data;
        offsets[row + 1] = offsets[row];
    } else if (vector->physical == SL_STRUCT) {
        for (uint32_t i = 0; i < vector->child_count; i++) {
            sl_vector_set_null(&vector->children[i], row);
        }
    }
}

static enum sl_status copy_view(struct sl_vector *to, uint32_t to_row, const struct sl_view *view,
                                struct sl_arena *arena, struct sl_error *err)
{
    struct sl_view copy = *view;
    if (arena != NULL && copy.length > SL_VIEW_INLINE_BYTES) {
        char *bytes = sl_arena_alloc_raw(arena, copy.length);
        if (bytes == NULL) {
            return sl_fail(err, SL_MEMORY, "no memory for a string of %u bytes", copy.length);
        }
        memcpy(bytes, copy.tail.data, copy.length);
        copy.tail.data = bytes;
    }
    ((struct sl_view *)to->data)[to_row] = copy;
    return SL_OK;
}

static enum sl_status copy_list(struct sl_vector *to, uint32_t to_row, const struct sl_vector *from,
                                uint32_t from_idx, struct sl_arena *arena, struct sl_error *err)
{
    const uint32_t *from_offsets = from->data;
    uint32_t *offsets = to->data;
    uint32_t first = from_offsets[from_idx];
    uint32_t count = from_offsets[from_idx + 1] - first;
    uint32_t start = offsets[to_row];
    if (count > INT32_MAX - start) {
        return sl_fail(err, SL_LIMIT, "a list column of more than 2147483647 elements");
    }
    SL_TRY(sl_vector_reserve_elements(to, start + count, arena, err));
    for (uint32_t i = 0; i < to->child_count; i++) {
        for (uint32_t element = 0; element < count; element++) {
            SL_TRY(sl_vector_copy_value(&to->children[i], start + element, &from->children[i],
                                        first + element, arena, err));
        }
    }
    offsets[to_row + 1] = start + count;
    return SL_OK;
}

enum sl_status sl_vector_copy_value(struct sl_vector *to, uint32_t to_row,
                                    const struct sl_vector *from, uint32_t from_row,
                                    struct sl_arena *arena, struct sl_error *err)
{
    if (!sl_vector_is_valid(from, from_row)) {
        sl_vector_set_null(to, to_row);
        return SL_OK;
    }
    if (to->validity != NULL) {
        sl_bitmap_set(to->validity, to_row);
    }
    uint32_t from_idx = sl_vector_index(from, from_row);
    if (to->physical == SL_VIEW) {
        return copy_view(to, to_row, &((const struct sl_view *)from->data)[from_idx], arena, err);
    }
    if (to->physical == SL_LIST) {
        return copy_list(to, to_row, from, from_idx, arena, err);
    }
    for (uint32_t i = 0; i < to->child_count; i++) {
        SL_TRY(sl_vector_copy_value(&to->children[i], to_row, &from->children[i], from_idx, arena,
                                    err));
    }
    uint32_t width = sl_physical_width(to->physical);
    if (width > 0) {
        memcpy((char *)to->data + (size_t)to_row * width,
               (const char *)from->data + (size_t)from_idx * width, width);
    }
    return SL_OK;
}
