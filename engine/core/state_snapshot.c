/* SPDX-License-Identifier: Apache-2.0
 *
 * A table's entries as bytes and back. The form knows key groups and no memory layout, so a
 * snapshot may be dealt out to any number of workers. All numbers are little-endian:
 *
 *   u32 magic, u64 digest of the definition, u64 entry count, then per entry
 *   u8 key group, i64 namespace, u32 key bytes, key, and either each field (W1-W16 raw; VIEW u32
 * length and bytes) or u64 row count and per row i64 weight, u32 length, bytes. */
#include "state_internal.h"

#include <string.h>

enum { SNAPSHOT_MAGIC = 0x54534c53 }; /* "SLST" */

static void put(struct sl_text *out, const void *value, size_t size_bytes)
{
    sl_text_append(out, value, size_bytes);
}

static uint64_t definition_digest(const struct sl_state_def *def)
{
    char bytes[8 + SL_STATE_FIELDS_MAX];
    size_t length = 0;
    bytes[length++] = (char)def->kind;
    bytes[length++] = (char)def->scope;
    bytes[length++] = (char)def->version;
    for (uint32_t i = 0; i < def->field_count; i++) {
        bytes[length++] = (char)def->fields[i].physical;
    }
    return sl_hash_bytes(bytes, length);
}

static void put_list(struct sl_text *out, const struct sl_state_table *table,
                     const struct state_list *list)
{
    put(out, &list->count, sizeof list->count);
    for (uint64_t block = list->first; block != 0;) {
        const struct state_list_node *node = (const void *)state_heap_at(&table->strings, block);
        put(out, &node->weight, sizeof node->weight);
        put(out, &node->row_bytes, sizeof node->row_bytes);
        put(out, node + 1, node->row_bytes);
        block = node->next;
    }
}

static void put_value(struct sl_text *out, const struct sl_state_table *table, const char *value)
{
    if (table->def.kind == SL_STATE_LIST) {
        put_list(out, table, (const void *)value);
        return;
    }
    for (uint32_t i = 0; i < table->def.field_count; i++) {
        const char *field = value + sl_state_field_offset(&table->def, i);
        if (table->def.fields[i].physical == SL_VIEW) {
            const struct sl_state_string *string = (const void *)field;
            put(out, &string->length, sizeof string->length);
            put(out, sl_state_string_data(table, string), string->length);
        } else {
            put(out, field, sl_physical_width(table->def.fields[i].physical));
        }
    }
}

static void put_entry(struct sl_text *out, const struct sl_state_table *table, int64_t name_space,
                      const struct sl_state_entry *entry)
{
    uint8_t key_group = (uint8_t)sl_key_group(entry->hash);
    put(out, &key_group, sizeof key_group);
    put(out, &name_space, sizeof name_space);
    put(out, &entry->key_bytes, sizeof entry->key_bytes);
    put(out, entry->key, entry->key_bytes);
    put_value(out, table, entry->value);
}

static uint64_t put_space(struct sl_text *out, struct sl_state_table *table,
                          struct state_space *space, uint32_t first, uint32_t last)
{
    struct sl_state_entry entry;
    uint64_t cursor = 0;
    uint64_t count = 0;
    while (sl_state_scan(table, space->name_space, &cursor, &entry, 1) == 1) {
        uint32_t key_group = sl_key_group(entry.hash);
        if (key_group >= first && key_group <= last) {
            put_entry(out, table, space->name_space, &entry);
            count++;
        }
    }
    if (space->page_count > 0) {
        memset(space->dirty, 0, sl_bitmap_words(space->page_count) * sizeof *space->dirty);
    }
    return count;
}

enum sl_status sl_state_snapshot(struct sl_state_table *table, uint32_t first_key_group,
                                 uint32_t last_key_group, struct sl_text *out, struct sl_error *err)
{
    uint32_t magic = SNAPSHOT_MAGIC;
    uint64_t digest = definition_digest(&table->def);
    uint64_t count = 0;
    size_t count_offset = out->length + sizeof magic + sizeof digest;
    put(out, &magic, sizeof magic);
    put(out, &digest, sizeof digest);
    put(out, &count, sizeof count);
    for (uint32_t i = 0; i < table->space_count; i++) {
        count += put_space(out, table, table->spaces[i], first_key_group, last_key_group);
    }
    if (out->failed) {
        return sl_fail(err, SL_MEMORY, "no memory for the snapshot of state '%s'", table->def.name);
    }
    memcpy(out->data + count_offset, &count, sizeof count);
    return SL_OK;
}

struct cursor {
    const char *data;
    size_t length;
    size_t offset;
    bool failed;
};

static const char *take(struct cursor *in, size_t size_bytes)
{
    if (in->failed || in->length - in->offset < size_bytes) {
        in->failed = true;
        return NULL;
    }
    const char *bytes = in->data + in->offset;
    in->offset += size_bytes;
    return bytes;
}

static void get(struct cursor *in, void *value, size_t size_bytes)
{
    const char *bytes = take(in, size_bytes);
    if (bytes == NULL) {
        memset(value, 0, size_bytes);
    } else {
        memcpy(value, bytes, size_bytes);
    }
}

struct entry_key {
    int64_t name_space;
    const char *data;
    uint32_t length;
    uint64_t hash;
    bool is_mine;
};

static enum sl_status restore_list(struct sl_state_table *table, const struct entry_key *key,
                                   struct cursor *in, struct sl_error *err)
{
    uint64_t count = 0;
    get(in, &count, sizeof count);
    for (uint64_t i = 0; i < count && !in->failed; i++) {
        int64_t weight = 0;
        uint32_t row_bytes = 0;
        get(in, &weight, sizeof weight);
        get(in, &row_bytes, sizeof row_bytes);
        const char *row = take(in, row_bytes);
        if (row != NULL && key->is_mine) {
            SL_TRY(sl_state_list_add(table, key->name_space, key->data, key->length, key->hash, row,
                                     row_bytes, weight, err));
        }
    }
    return SL_OK;
}

/* Reads one field into value, or past it when value is NULL. */
static enum sl_status restore_field(struct sl_state_table *table, uint32_t field_idx, char *value,
                                    struct cursor *in, struct sl_error *err)
{
    char *field = value == NULL ? NULL : value + sl_state_field_offset(&table->def, field_idx);
    if (table->def.fields[field_idx].physical == SL_VIEW) {
        uint32_t length = 0;
        get(in, &length, sizeof length);
        const char *bytes = take(in, length);
        return bytes == NULL || field == NULL
                   ? SL_OK
                   : sl_state_string_set(table, (void *)field, bytes, length, err);
    }
    uint32_t width = sl_physical_width(table->def.fields[field_idx].physical);
    const char *bytes = take(in, width);
    if (bytes != NULL && field != NULL) {
        memcpy(field, bytes, width);
    }
    return SL_OK;
}

/* Of two snapshots of one split's watermark the later is the greater: it stays. */
static bool is_outdated(const struct sl_state_table *table, const char *value,
                        const struct cursor *in)
{
    int64_t held = 0;
    int64_t offered = 0;
    if (table->def.scope != SL_STATE_UNION || table->def.field_count == 0 ||
        in->length - in->offset < sizeof offered) {
        return false;
    }
    memcpy(&held, value + sl_state_field_offset(&table->def, 0), sizeof held);
    memcpy(&offered, in->data + in->offset, sizeof offered);
    return offered < held;
}

static enum sl_status restore_value(struct sl_state_table *table, const struct entry_key *key,
                                    struct cursor *in, struct sl_error *err)
{
    void *value = NULL;
    bool is_new = false;
    if (key->is_mine && !in->failed) {
        SL_TRY(sl_state_add(table, key->name_space, key->data, key->length, key->hash, &value,
                            &is_new, err));
        if (!is_new && is_outdated(table, value, in)) {
            value = NULL;
        }
    }
    for (uint32_t i = 0; i < table->def.field_count; i++) {
        SL_TRY(restore_field(table, i, value, in, err));
    }
    return SL_OK;
}

static enum sl_status restore_entry(struct sl_state_table *table, uint32_t first, uint32_t last,
                                    struct cursor *in, struct sl_error *err)
{
    uint8_t key_group = 0;
    struct entry_key key = {0};
    get(in, &key_group, sizeof key_group);
    get(in, &key.name_space, sizeof key.name_space);
    get(in, &key.length, sizeof key.length);
    key.data = take(in, key.length);
    if (in->failed) {
        return SL_OK;
    }
    key.is_mine = table->def.scope == SL_STATE_UNION || (key_group >= first && key_group <= last);
    key.hash = key.is_mine ? sl_hash_bytes(key.data, key.length) : 0;
    if (table->def.kind == SL_STATE_LIST) {
        return restore_list(table, &key, in, err);
    }
    return restore_value(table, &key, in, err);
}

enum sl_status sl_state_restore(struct sl_state_table *table, uint32_t first_key_group,
                                uint32_t last_key_group, const char *data, size_t length,
                                struct sl_error *err)
{
    struct cursor in = {.data = data, .length = length};
    uint32_t magic = 0;
    uint64_t digest = 0;
    uint64_t count = 0;
    get(&in, &magic, sizeof magic);
    get(&in, &digest, sizeof digest);
    get(&in, &count, sizeof count);
    if (in.failed || magic != SNAPSHOT_MAGIC) {
        return sl_fail(err, SL_CORRUPT, "state '%s': this is not a snapshot", table->def.name);
    }
    if (digest != definition_digest(&table->def)) {
        return sl_fail(
            err, SL_FORMAT,
            "state '%s': the snapshot was taken by a table with other fields or another version",
            table->def.name);
    }
    for (uint64_t i = 0; i < count && !in.failed; i++) {
        SL_TRY(restore_entry(table, first_key_group, last_key_group, &in, err));
    }
    if (in.failed || in.offset != length) {
        return sl_fail(err, SL_CORRUPT, "state '%s': the snapshot is damaged at byte %zu",
                       table->def.name, in.offset);
    }
    return SL_OK;
}
