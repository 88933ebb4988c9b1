/* SPDX-License-Identifier: Apache-2.0
 *
 * Output batches made from state entries: key columns decoded from the entries' key bytes, and
 * other columns that the operator fills in. */
#ifndef OPERATORS_ENTRY_BATCH_H
#define OPERATORS_ENTRY_BATCH_H

#include "sluice/operator.h"
#include "sluice/row.h"

struct op_entry_batch {
    struct sl_schema key_schema; /* both borrow the node's columns */
    struct sl_schema rest_schema;
    struct sl_batch_builder keys;
    struct sl_batch_builder rest;
    struct sl_batch batch; /* handed out: columns of keys, then of rest */
    struct sl_state_entry *entries;
    const void **values; /* of entries, for aggregates */
    uint16_t *selection;
    uint8_t *errors; /* by row, zeroed by op_entry_batch_fill */
    uint32_t capacity;
};

/* close bears a zeroed or half-opened object. */
enum sl_status op_entry_batch_open(struct op_entry_batch *out, struct sl_env *env,
                                   uint32_t key_count, struct sl_error *err);
void op_entry_batch_close(struct op_entry_batch *out);
/* Takes the next entries of a namespace, up to the capacity, and decodes their keys. 0 in *count at
 * the end. The rest is empty; the caller writes rows 0..count-1 of it. */
enum sl_status op_entry_batch_fill(struct op_entry_batch *out, struct sl_state_table *table,
                                   int64_t name_space, uint64_t *cursor, uint32_t *count,
                                   struct sl_error *err);
/* Puts the columns together; rows with an error are deselected. */
struct sl_batch *op_entry_batch_finish(struct op_entry_batch *out, uint32_t count);

#endif
