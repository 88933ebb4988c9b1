/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 4. Keyed state: declared by operators, owned by the engine. An operator never writes a
 * snapshot; checkpoints, restore on another number of workers, limits and (later) spill, TTL and
 * changelog are written once, behind this header.
 *
 * A table maps (namespace, key) to a fixed-size value. The namespace is an int64 (a window's pane
 * end, 0 where there is none): each has a hash of its own over pages of its own, so a fired window
 * is scanned in page order and dropped whole. Pages are addressed by offset, so that they can be
 * written and read as they are; strings are copied into page heaps. */
#ifndef SLUICE_STATE_H
#define SLUICE_STATE_H

#include "sluice/hash.h"
#include "sluice/row.h"

SL_EXTERN_C_BEGIN

enum { SL_STATE_FIELDS_MAX = 32, SL_ACCUMULATOR_FIELDS_MAX = 4 };

enum sl_state_kind {
    SL_STATE_HASH,    /* (namespace, key) -> value */
    SL_STATE_ORDERED, /* the same, and next() walks namespaces in ascending order: timers, sorted
                         buffers */
    SL_STATE_LIST     /* (namespace, key) -> rows appended to a chain */
};

enum sl_state_scope {
    SL_STATE_KEYED, /* a key lives on the worker that owns its key group; restore deals key groups
                       out */
    SL_STATE_UNION  /* every worker gets every entry at restore (positions and watermarks by split)
                     */
};

/* One field of a value: W1-W16 are stored in place (aligned to their width), VIEW as struct
 * sl_state_string. Where each lies depends on all of them: the widest come first. */
struct sl_state_field {
    const char *name;
    enum sl_physical physical;
};

/* A string in a table's page heap. 0 length needs no heap. Set only by sl_state_string_set. */
struct sl_state_string {
    uint32_t length;
    uint32_t capacity;
    uint64_t offset;
};

struct sl_state_def {
    const char *name; /* unique in the operator: "panes", "rows" */
    enum sl_state_kind kind;
    enum sl_state_scope scope;
    uint32_t field_count;
    struct sl_state_field fields[SL_STATE_FIELDS_MAX];
    uint32_t version; /* a snapshot with another version is refused */
};

struct sl_state_table;

/* account bounds it. Used by the driver (and tests); operators get their tables from their env. */
enum sl_status sl_state_table_create(const struct sl_state_def *def, struct sl_account *account,
                                     struct sl_state_table **table, struct sl_error *err);
void sl_state_table_destroy(struct sl_state_table *table);
/* The type that carries a field between operators: W1 TINYINT, W2 SMALLINT, W4 INT, W8 BIGINT, W16
 * DECIMAL(38, 0), VIEW VARBINARY. */
struct sl_type sl_state_field_type(const struct sl_state_field *field);
/* Writes field field_idx of values[0..count) into a flat vector of that type; views borrow the
 * table's heap. */
void sl_state_read_field(const struct sl_state_table *table, uint32_t field_idx,
                         const void *const *values, uint32_t count, struct sl_vector *out);
/* Byte offset of a field in a value, and the size of a value. */
uint32_t sl_state_field_offset(const struct sl_state_def *def, uint32_t field_idx);
uint32_t sl_state_value_bytes(const struct sl_state_def *def);

/* Finds or adds one entry a key, batched: values[i] points to the value (zeroed when new; is_new[i]
 * tells, may be NULL) of keys [rows[i]] of `keys` in name_space (rows NULL: 0..count-1). Pointers
 * stay valid until the namespace is dropped or the entry removed. SL_LIMIT at the byte limit,
 * naming the table and its size; entries up to *done (may be NULL) were served. */
enum sl_status sl_state_find_or_add(struct sl_state_table *table, int64_t name_space,
                                    const struct sl_row_keys *keys, const uint32_t *rows,
                                    uint32_t count, void **values, bool *is_new, uint32_t *done,
                                    struct sl_error *err);
/* One key: NULL when absent. */
void *sl_state_find(struct sl_state_table *table, int64_t name_space, const char *key,
                    size_t key_bytes, uint64_t hash);
/* One key, added when absent (*is_new, may be NULL). */
enum sl_status sl_state_add(struct sl_state_table *table, int64_t name_space, const char *key,
                            size_t key_bytes, uint64_t hash, void **value, bool *is_new,
                            struct sl_error *err);
void sl_state_remove(struct sl_state_table *table, int64_t name_space, const char *key,
                     size_t key_bytes, uint64_t hash);
/* Drops a whole namespace and its memory. */
void sl_state_drop(struct sl_state_table *table, int64_t name_space);

/* SL_STATE_LIST: appends a row (sl_row_encode bytes) to the key's chain; weight is a signed
 * multiplicity: the same bytes again add up, and a chain entry whose weight comes to 0 is taken
 * out. */
enum sl_status sl_state_list_add(struct sl_state_table *table, int64_t name_space, const char *key,
                                 size_t key_bytes, uint64_t hash, const char *row, size_t row_bytes,
                                 int64_t weight, struct sl_error *err);
/* Walks a key's chain: start with *cursor 0; false at the end. */
bool sl_state_list_next(struct sl_state_table *table, int64_t name_space, const char *key,
                        size_t key_bytes, uint64_t hash, uint64_t *cursor, const char **row,
                        size_t *row_bytes, int64_t *weight);

/* The smallest namespace >= from that has entries; false when there is none. Any kind of table. */
bool sl_state_next_namespace(struct sl_state_table *table, int64_t from, int64_t *name_space);

struct sl_state_entry {
    const char *key;
    uint32_t key_bytes;
    uint64_t hash;
    void *value;
};
/* Entries of a namespace in page order: start with *cursor 0; fills up to limit entries and returns
 * how many, 0 at the end. Adding or removing in that namespace ends the walk. */
uint32_t sl_state_scan(struct sl_state_table *table, int64_t name_space, uint64_t *cursor,
                       struct sl_state_entry *entries, uint32_t limit);

/* Copies bytes into the table's heap as a value's string field (replacing what it held). */
enum sl_status sl_state_string_set(struct sl_state_table *table, struct sl_state_string *string,
                                   const char *data, size_t length, struct sl_error *err);
const char *sl_state_string_data(const struct sl_state_table *table,
                                 const struct sl_state_string *string);

/* Numbers for people and limits. */
struct sl_state_stats {
    uint64_t entry_count;
    uint64_t used_bytes;
    uint32_t namespace_count;
    uint32_t page_count;
    uint32_t dirty_page_count; /* since the last snapshot */
};
struct sl_state_stats sl_state_stats(const struct sl_state_table *table);

/* Snapshot: appends the table's entries of key groups [first, last] in the frozen form (def digest,
 * then per entry: key group, namespace, key bytes, value fields, row weights) to out, and clears
 * the dirty bits. */
enum sl_status sl_state_snapshot(struct sl_state_table *table, uint32_t first_key_group,
                                 uint32_t last_key_group, struct sl_text *out,
                                 struct sl_error *err);
/* Restoring: adds the entries of a snapshot whose key group lies in [first, last] (all of them for
 * SL_STATE_UNION; an entry that is there is kept as the later one says). SL_CORRUPT or SL_FORMAT
 * with a reason when it is not this table's. */
enum sl_status sl_state_restore(struct sl_state_table *table, uint32_t first_key_group,
                                uint32_t last_key_group, const char *data, size_t length,
                                struct sl_error *err);

/* What an aggregate function works with: where its accumulator lies in the value, and whose heap
 * keeps its strings. */
struct sl_aggregate_env {
    struct sl_type argument_type; /* of COUNT(*): BIGINT */
    struct sl_type result_type;
    struct sl_state_table *table; /* NULL when accumulators are not in state and hold no strings */
    uint32_t field_offset_bytes[SL_ACCUMULATOR_FIELDS_MAX]; /* of each field, behind the pointer
                                                               handed in */
};

SL_EXTERN_C_END

#endif
