/* SPDX-License-Identifier: Apache-2.0
 *
 * Keyed state as operators see it: (namespace, key) -> value, batched or one by one. */
#include "state_internal.h"

#include <string.h>

enum { PREFETCH_DISTANCE = 8 };

static uint32_t align_up(uint32_t value, uint32_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

static uint32_t field_bytes(const struct sl_state_field *field)
{
    return field->physical == SL_VIEW ? (uint32_t)sizeof(struct sl_state_string)
                                      : sl_physical_width(field->physical);
}

static uint32_t field_alignment(const struct sl_state_field *field)
{
    return field->physical == SL_VIEW ? 8 : sl_physical_width(field->physical);
}

/* Fields lie in order of their alignment, the widest first, so that there are no gaps. */
uint32_t sl_state_field_offset(const struct sl_state_def *def, uint32_t field_idx)
{
    uint32_t alignment = field_alignment(&def->fields[field_idx]);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < def->field_count; i++) {
        uint32_t other = field_alignment(&def->fields[i]);
        bool is_before = other > alignment || (other == alignment && i < field_idx);
        offset += is_before ? field_bytes(&def->fields[i]) : 0;
    }
    return offset;
}

uint32_t sl_state_value_bytes(const struct sl_state_def *def)
{
    if (def->kind == SL_STATE_LIST) {
        return sizeof(struct state_list);
    }
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < def->field_count; i++) {
        bytes += field_bytes(&def->fields[i]);
    }
    return bytes;
}

/* From one value to the next: values of up to a cache line lie in one. */
static uint32_t value_distance(uint32_t value_bytes)
{
    uint32_t distance = 16;
    while (distance < value_bytes && distance < SL_CACHE_LINE_BYTES) {
        distance *= 2;
    }
    return distance >= value_bytes ? distance : align_up(value_bytes, SL_CACHE_LINE_BYTES / 2);
}

struct sl_type sl_state_field_type(const struct sl_state_field *field)
{
    static const enum sl_type_id ids[] = {SL_TYPE_TINYINT, SL_TYPE_SMALLINT, SL_TYPE_INT,
                                          SL_TYPE_BIGINT};
    if (field->physical == SL_W16) {
        return sl_type_decimal(SL_DECIMAL_PRECISION_MAX, 0);
    }
    if (field->physical == SL_VIEW) {
        struct sl_type bytes = sl_type_of(SL_TYPE_VARBINARY);
        bytes.length = SL_LENGTH_MAX;
        return bytes;
    }
    SL_ASSERT(field->physical <= SL_W8);
    return sl_type_of(ids[field->physical]);
}

enum sl_status state_limit_error(const struct sl_state_table *table, struct sl_error *err)
{
    struct sl_state_stats stats = sl_state_stats(table);
    return sl_fail(err, SL_LIMIT,
                   "state '%s' reached its memory limit with %llu bytes in %llu entries",
                   table->def.name, (unsigned long long)stats.used_bytes,
                   (unsigned long long)stats.entry_count);
}

enum sl_status sl_state_table_create(const struct sl_state_def *def, struct sl_account *account,
                                     struct sl_state_table **table, struct sl_error *err)
{
    SL_ASSERT(def->field_count <= SL_STATE_FIELDS_MAX);
    struct sl_state_table *made = sl_memory_alloc(account, sizeof *made);
    if (made == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for state '%s'", def->name);
    }
    made->def = *def;
    made->account = account;
    made->value_bytes = value_distance(sl_state_value_bytes(def));
    uint32_t entry_bytes = made->value_bytes + (uint32_t)sizeof(struct state_entry_header);
    while ((entry_bytes << (made->page_shift + 1)) <= STATE_PAGE_BYTES) {
        made->page_shift++;
    }
    made->page_bytes = align_up(entry_bytes << made->page_shift, SL_CACHE_LINE_BYTES);
    state_heap_init(&made->strings, account);
    *table = made;
    return SL_OK;
}

void sl_state_table_destroy(struct sl_state_table *table)
{
    if (table == NULL) {
        return;
    }
    for (uint32_t i = 0; i < table->space_count; i++) {
        state_space_destroy(table, table->spaces[i]);
    }
    state_spares_release(table);
    sl_memory_free(table->account, table->spaces, table->space_capacity * sizeof *table->spaces);
    state_heap_deinit(&table->strings);
    sl_memory_free(table->account, table, sizeof *table);
}

/* NULL when memory is refused. */
static void *try_find_or_add(struct sl_state_table *table, struct state_space *space,
                             const char *key, size_t key_bytes, uint64_t hash, bool *is_new)
{
    if (!state_index_grow(table, space)) {
        return NULL;
    }
    uint32_t position = state_index_find(table, space, key, key_bytes, hash);
    *is_new = space->index[position] == 0;
    if (*is_new && state_entry_add(table, space, position, key, key_bytes, hash) == NULL) {
        return NULL;
    }
    uint32_t number = (uint32_t)space->index[position] - 1;
    sl_bitmap_set(space->dirty, number >> table->page_shift);
    return state_value_at(table, space, number);
}

/* Finds or adds; marks the entry's page dirty, since the caller is about to write. NULL when memory
 * is refused. */
static void *find_or_add(struct sl_state_table *table, struct state_space *space, const char *key,
                         size_t key_bytes, uint64_t hash, bool *is_new)
{
    void *value = try_find_or_add(table, space, key, key_bytes, hash, is_new);
    if (SL_UNLIKELY(value == NULL) && state_spares_release(table)) {
        value = try_find_or_add(table, space, key, key_bytes, hash, is_new);
    }
    return value;
}

enum sl_status sl_state_find_or_add(struct sl_state_table *table, int64_t name_space,
                                    const struct sl_row_keys *keys, const uint32_t *rows,
                                    uint32_t count, void **values, bool *is_new, uint32_t *done,
                                    struct sl_error *err)
{
    struct state_space *space = count == 0 ? NULL : state_space_add(table, name_space);
    uint32_t served = 0;
    for (; space != NULL && served < count; served++) {
        uint32_t row = rows == NULL ? served : rows[served];
        if (served + PREFETCH_DISTANCE < count) {
            uint32_t ahead =
                rows == NULL ? served + PREFETCH_DISTANCE : rows[served + PREFETCH_DISTANCE];
            __builtin_prefetch(
                &space->index[(uint32_t)keys->hashes[ahead] & (space->index_capacity - 1)]);
        }
        bool added = false;
        const char *key = keys->bytes.data + keys->offsets[row];
        values[served] = find_or_add(table, space, key, keys->offsets[row + 1] - keys->offsets[row],
                                     keys->hashes[row], &added);
        if (values[served] == NULL) {
            break;
        }
        if (is_new != NULL) {
            is_new[served] = added;
        }
    }
    if (done != NULL) {
        *done = served;
    }
    return served == count ? SL_OK : state_limit_error(table, err);
}

void *sl_state_find(struct sl_state_table *table, int64_t name_space, const char *key,
                    size_t key_bytes, uint64_t hash)
{
    struct state_space *space = state_space_find(table, name_space);
    if (space == NULL) {
        return NULL;
    }
    uint64_t slot = space->index[state_index_find(table, space, key, key_bytes, hash)];
    if (slot == 0) {
        return NULL;
    }
    sl_bitmap_set(space->dirty, ((uint32_t)slot - 1) >> table->page_shift);
    return state_value_at(table, space, (uint32_t)slot - 1);
}

enum sl_status sl_state_add(struct sl_state_table *table, int64_t name_space, const char *key,
                            size_t key_bytes, uint64_t hash, void **value, bool *is_new,
                            struct sl_error *err)
{
    struct state_space *space = state_space_add(table, name_space);
    bool added = false;
    *value = space == NULL ? NULL : find_or_add(table, space, key, key_bytes, hash, &added);
    if (is_new != NULL) {
        *is_new = added;
    }
    return *value == NULL ? state_limit_error(table, err) : SL_OK;
}

/* Gives back what a value holds in the table's heap. */
static void release_value(struct sl_state_table *table, void *value)
{
    if (table->def.kind == SL_STATE_LIST) {
        state_list_clear(table, value);
        return;
    }
    for (uint32_t i = 0; i < table->def.field_count; i++) {
        if (table->def.fields[i].physical == SL_VIEW) {
            struct sl_state_string *string =
                (void *)((char *)value + sl_state_field_offset(&table->def, i));
            if (string->capacity > 0) {
                state_heap_free(&table->strings, string->offset, string->capacity);
            }
        }
    }
}

static bool holds_heap_blocks(const struct sl_state_table *table)
{
    bool holds = table->def.kind == SL_STATE_LIST;
    for (uint32_t i = 0; i < table->def.field_count; i++) {
        holds |= table->def.fields[i].physical == SL_VIEW;
    }
    return holds;
}

void sl_state_remove(struct sl_state_table *table, int64_t name_space, const char *key,
                     size_t key_bytes, uint64_t hash)
{
    struct state_space *space = state_space_find(table, name_space);
    uint32_t position = space == NULL ? 0 : state_index_find(table, space, key, key_bytes, hash);
    if (space == NULL || space->index[position] == 0) {
        return;
    }
    uint32_t number = (uint32_t)space->index[position] - 1;
    struct state_entry_header *entry = state_entry_at(table, space, number);
    release_value(table, state_value_at(table, space, number));
    if (entry->key_bytes > 0) {
        state_heap_free(&space->keys, entry->key, entry->key_bytes);
    }
    state_index_remove(space, position);
    sl_bitmap_set(space->dirty, number >> table->page_shift);
    *entry = (struct state_entry_header){.key = space->first_free};
    space->first_free = number + 1;
    space->entry_count--;
}

void sl_state_drop(struct sl_state_table *table, int64_t name_space)
{
    struct state_space *space = state_space_find(table, name_space);
    if (space == NULL) {
        return;
    }
    for (uint32_t i = 0; holds_heap_blocks(table) && i < space->entry_end; i++) {
        struct state_entry_header *entry = state_entry_at(table, space, i);
        if (entry->is_live) {
            release_value(table, state_value_at(table, space, i));
        }
    }
    uint32_t position = state_space_position(table, name_space);
    table->space_count--;
    memmove(&table->spaces[position], &table->spaces[position + 1],
            (table->space_count - position) * sizeof *table->spaces);
    table->recent = NULL;
    state_space_retire(table, space);
}

bool sl_state_next_namespace(struct sl_state_table *table, int64_t from, int64_t *name_space)
{
    for (uint32_t i = state_space_position(table, from); i < table->space_count; i++) {
        if (table->spaces[i]->entry_count > 0) {
            *name_space = table->spaces[i]->name_space;
            return true;
        }
    }
    return false;
}

uint32_t sl_state_scan(struct sl_state_table *table, int64_t name_space, uint64_t *cursor,
                       struct sl_state_entry *entries, uint32_t limit)
{
    struct state_space *space = state_space_find(table, name_space);
    uint32_t count = 0;
    while (space != NULL && *cursor < space->entry_end && count < limit) {
        struct state_entry_header *entry = state_entry_at(table, space, (uint32_t)*cursor);
        if (entry->is_live) {
            const char *key = entry->key_bytes == 0 ? "" : state_heap_at(&space->keys, entry->key);
            entries[count++] =
                (struct sl_state_entry){key, entry->key_bytes, entry->hash,
                                        state_value_at(table, space, (uint32_t)*cursor)};
        }
        (*cursor)++;
    }
    return count;
}

struct sl_state_stats sl_state_stats(const struct sl_state_table *table)
{
    struct sl_state_stats stats = {.namespace_count = table->space_count};
    for (uint32_t i = 0; i < table->strings.page_count; i++) {
        stats.used_bytes += table->strings.pages[i].size_bytes;
    }
    for (uint32_t i = 0; i < table->space_count; i++) {
        const struct state_space *space = table->spaces[i];
        uint32_t page_end = (space->entry_end + (1u << table->page_shift) - 1) >> table->page_shift;
        stats.entry_count += space->entry_count;
        stats.page_count += page_end;
        stats.used_bytes += state_space_bytes(table, space);
        for (uint32_t page = 0; page < page_end; page++) {
            stats.dirty_page_count += sl_bitmap_get(space->dirty, page);
        }
    }
    for (uint32_t i = 0; i < table->spare_count; i++) {
        stats.used_bytes += state_space_bytes(table, table->spares[i]);
    }
    return stats;
}
