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

#include "key_slots.h"

enum { OP_KEY_SPACES = 32 }; /* namespaces known at a time */

struct op_key_space {
    int64_t name_space;
    uint64_t used_at; /* the greater, the later */
    struct op_key_slots slots;
};

struct op_key_cache {
    struct sl_account *account;
    struct sl_state_table *table;
    const uint32_t *columns; /* of the key; borrowed */
    uint32_t column_count;
    struct sl_row_keys row_keys; /* of rows that are not known */
    bool is_caching;             /* false = keys of another kind: nothing is kept */
    struct op_key_space
        spaces[OP_KEY_SPACES]; /* those behind space_count keep memory for the next */
    uint32_t space_count;
    uint64_t use_count;
};

/* The key are columns[0..column_count) of schema; table and columns are borrowed. */
void op_key_cache_open(struct op_key_cache *cache, struct sl_state_table *table,
                       const struct sl_schema *schema, const uint32_t *columns,
                       uint32_t column_count, struct sl_account *account);
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
