/* SPDX-License-Identifier: Apache-2.0
 *
 * Which worker owns a row's key. Always true: a key has the owner that the hash of its encoding
 * says; one that was seen lately is not encoded again. */
#ifndef ENGINE_KEY_OWNER_H
#define ENGINE_KEY_OWNER_H

#include "sluice/plan.h"
#include "sluice/row.h"

struct eng_key_owners {
    struct sl_account *account;
    const uint32_t *columns;
    uint32_t column_count;
    uint32_t worker_count; /* at most 255 */
    struct sl_row_keys row_keys;
    struct eng_known_key *known; /* NULL: keys are encoded always */
};

/* The columns are borrowed; schema is the input's. Without memory for keys that were seen it works
 * all the same. */
void eng_key_owners_open(struct eng_key_owners *owners, const struct sl_schema *schema,
                         const uint32_t *columns, uint32_t column_count, uint32_t worker_count,
                         struct sl_account *account);
void eng_key_owners_close(struct eng_key_owners *owners);
/* workers[i] = the owner of the i-th selected row. */
enum sl_status eng_key_owners_find(struct eng_key_owners *owners, const struct sl_batch *batch,
                                   uint8_t *workers, struct sl_error *err);

#endif
