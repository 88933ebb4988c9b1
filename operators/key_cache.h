/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows to their state by key, with a cache in front of the state table: (namespace, key) ->
 * pointer, so that canonical key bytes and their hash, and the walk through the table, are paid
 * only for rows it does not know. It knows keys of one column of integers, times or strings of at
 * most 16 bytes; all other rows go to the table.
 * Always true: it hands out only pointers that the table gave since the namespace was last
 * forgotten. */
#ifndef OPERATORS_KEY_CACHE_H
#define OPERATORS_KEY_CACHE_H

#include "sluice/operator.h"
#include "sluice/row.h"

enum { OP_KEY_SPACES = 8 }; /* namespaces known at a time */

struct op_key_slot {
    uint64_t words[2]; /* the key's bytes, zero-padded; longer than 12: its first and last eight */
    uint64_t tag;      /* number of the namespace's time in the cache << 8 | length; 0 = empty */
    void *value;
};

struct op_key_space {
    int64_t name_space;
    uint64_t number; /* never used again once the namespace is forgotten */
};

struct op_key_cache {
    struct sl_account *account;
    struct sl_state_table *table;
    const uint32_t *columns; /* of the key; borrowed */
    uint32_t column_count;
    struct sl_row_keys row_keys; /* of rows that are not known */
    struct op_key_slot *slots;   /* NULL = keys of another kind: nothing is cached */
    uint32_t value_bytes;        /* of the table's values */
    uint32_t slot_bits;          /* log2 of the places where a key may start */
    uint32_t conflict_count;     /* keys that found their place taken since it grew or forgot */
    struct op_key_space spaces[OP_KEY_SPACES];
    uint32_t space_count;
    uint64_t space_number; /* the last one given */
};

/* columns of schema are the key. */
enum sl_status op_key_cache_open(struct op_key_cache *cache, const struct sl_env *env,
                                 const struct sl_schema *schema, const uint32_t *columns,
                                 uint32_t column_count, struct sl_error *err);
/* close bears a zeroed or half-opened object. */
void op_key_cache_close(struct op_key_cache *cache);

/* Finds or adds the state of physical rows rows[0..count) (ascending) of batch: values[i]. Fails as
 * sl_state_find_or_add does. */
enum sl_status op_key_cache_find(struct op_key_cache *cache, const struct sl_batch *batch,
                                 int64_t name_space, const uint16_t *rows, uint32_t count,
                                 void **values, struct sl_error *err);
/* Forgets namespaces up to and including last. To be called before one is dropped or a key removed
 * from it, and at each barrier: the first touch after a snapshot is then the table's, which marks
 * the page. */
void op_key_cache_forget(struct op_key_cache *cache, int64_t last);

#endif
