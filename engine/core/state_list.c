/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies behind a value: strings of VIEW fields, rows chained under a list key, and reading
 * fields back as columns. */
#include "state_internal.h"

#include <string.h>

/* 0 when memory is refused, though the spares gave theirs. */
static uint64_t alloc_block(struct sl_state_table *table, size_t size_bytes)
{
    uint64_t block = state_heap_alloc(&table->strings, size_bytes);
    if (block == 0 && state_spares_release(table)) {
        block = state_heap_alloc(&table->strings, size_bytes);
    }
    return block;
}

enum sl_status sl_state_string_set(struct sl_state_table *table, struct sl_state_string *string,
                                   const char *data, size_t length, struct sl_error *err)
{
    if (length > string->capacity) {
        uint64_t block = alloc_block(table, length);
        if (block == 0) {
            return state_limit_error(table, err);
        }
        if (string->capacity > 0) {
            state_heap_free(&table->strings, string->offset, string->capacity);
        }
        string->offset = block;
        string->capacity = (uint32_t)state_heap_capacity(length);
    }
    if (length > 0) {
        memcpy(state_heap_at(&table->strings, string->offset), data, length);
    }
    string->length = (uint32_t)length;
    return SL_OK;
}

const char *sl_state_string_data(const struct sl_state_table *table,
                                 const struct sl_state_string *string)
{
    return string->length == 0 ? "" : state_heap_at(&table->strings, string->offset);
}

static size_t node_bytes(uint32_t row_bytes)
{
    return sizeof(struct state_list_node) + row_bytes;
}

static struct state_list_node *node_at(const struct sl_state_table *table, uint64_t block)
{
    return (struct state_list_node *)(void *)state_heap_at(&table->strings, block);
}

static const char *node_row(const struct state_list_node *node)
{
    return (const char *)(node + 1);
}

void state_list_clear(struct sl_state_table *table, struct state_list *list)
{
    uint64_t block = list->first;
    while (block != 0) {
        struct state_list_node *node = node_at(table, block);
        uint64_t next = node->next;
        state_heap_free(&table->strings, block, node_bytes(node->row_bytes));
        block = next;
    }
    *list = (struct state_list){0};
}

/* The link that points to the node with these bytes, or to nothing. */
static uint64_t *find_link(struct sl_state_table *table, struct state_list *list, const char *row,
                           size_t row_bytes)
{
    uint64_t *link = &list->first;
    while (*link != 0) {
        struct state_list_node *node = node_at(table, *link);
        if (node->row_bytes == row_bytes && memcmp(node_row(node), row, row_bytes) == 0) {
            break;
        }
        link = &node->next;
    }
    return link;
}

/* Leaves the list as it was when it fails. */
static enum sl_status add_weight(struct sl_state_table *table, struct state_list *list,
                                 const char *row, size_t row_bytes, int64_t weight,
                                 struct sl_error *err)
{
    uint64_t *link = find_link(table, list, row, row_bytes);
    if (weight == 0) {
        return SL_OK;
    }
    if (*link == 0) {
        uint64_t block = alloc_block(table, node_bytes((uint32_t)row_bytes));
        if (block == 0) {
            return state_limit_error(table, err);
        }
        struct state_list_node *node = node_at(table, block);
        *node = (struct state_list_node){.weight = weight, .row_bytes = (uint32_t)row_bytes};
        memcpy(node + 1, row, row_bytes);
        *link = block; /* heap pages do not move, so the link found above still stands */
        list->count++;
        return SL_OK;
    }
    struct state_list_node *node = node_at(table, *link);
    int64_t sum;
    if (__builtin_add_overflow(node->weight, weight, &sum)) {
        return sl_fail(err, SL_CORRUPT, "state '%s': the weights of a row add up to too much",
                       table->def.name);
    }
    node->weight = sum;
    if (sum == 0) {
        uint64_t block = *link;
        *link = node->next;
        state_heap_free(&table->strings, block, node_bytes(node->row_bytes));
        list->count--;
    }
    return SL_OK;
}

enum sl_status sl_state_list_add(struct sl_state_table *table, int64_t name_space, const char *key,
                                 size_t key_bytes, uint64_t hash, const char *row, size_t row_bytes,
                                 int64_t weight, struct sl_error *err)
{
    SL_ASSERT(table->def.kind == SL_STATE_LIST);
    void *value = NULL;
    SL_TRY(sl_state_add(table, name_space, key, key_bytes, hash, &value, NULL, err));
    struct state_list *list = value;
    enum sl_status status = add_weight(table, list, row, row_bytes, weight, err);
    if (list->count == 0) {
        sl_state_remove(table, name_space, key, key_bytes, hash);
    }
    return status;
}

bool sl_state_list_next(struct sl_state_table *table, int64_t name_space, const char *key,
                        size_t key_bytes, uint64_t hash, uint64_t *cursor, const char **row,
                        size_t *row_bytes, int64_t *weight)
{
    uint64_t block = 0;
    if (*cursor == 0) {
        const struct state_list *list = sl_state_find(table, name_space, key, key_bytes, hash);
        block = list == NULL ? 0 : list->first;
    } else if (*cursor != UINT64_MAX) {
        block = *cursor;
    }
    if (block == 0) {
        return false;
    }
    const struct state_list_node *node = node_at(table, block);
    *row = node_row(node);
    *row_bytes = node->row_bytes;
    *weight = node->weight;
    *cursor = node->next == 0 ? UINT64_MAX : node->next;
    return true;
}

/* Fixed width fields of scattered values into a dense column. */
static void gather(char *out, uint32_t width, uint32_t offset, const void *const *values,
                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        memcpy(out + (size_t)i * width, (const char *)values[i] + offset, width);
    }
}

void sl_state_read_field(const struct sl_state_table *table, uint32_t field_idx,
                         const void *const *values, uint32_t count, struct sl_vector *out)
{
    uint32_t offset = sl_state_field_offset(&table->def, field_idx);
    if (table->def.fields[field_idx].physical != SL_VIEW) {
        gather(out->data, sl_physical_width(table->def.fields[field_idx].physical), offset, values,
               count);
        return;
    }
    struct sl_view *views = out->data;
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_state_string *string = (const void *)((const char *)values[i] + offset);
        views[i] = sl_view_of(sl_state_string_data(table, string), string->length);
    }
}
