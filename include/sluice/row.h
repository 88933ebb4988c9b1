/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. The one row encoding: canonical bytes of some columns of a row. It serves keys (hashing,
 * equality), snapshots and, later, spill, changelogs and repartition topics. Frozen.
 *
 * Per column in order: one byte 0 = NULL, 1 = value; then the value: W1-W16 little-endian at their
 * width (-0.0 as +0.0, every NaN as one), VIEW as u32 length and bytes, LIST as u32 count and
 * elements, STRUCT as its fields. */
#ifndef SLUICE_ROW_H
#define SLUICE_ROW_H

#include "sluice/batch.h"
#include "sluice/text.h"

SL_EXTERN_C_BEGIN

/* Appends the encoding of columns[0..column_count) (indices into batch->columns) of physical row
 * `row` to out. */
void sl_row_encode(struct sl_text *out, const struct sl_batch *batch, const uint32_t *columns,
                   uint32_t column_count, uint32_t row);
/* Reads a row of schema's columns from data and appends it to builder; *used = bytes consumed.
 * SL_CORRUPT when malformed. */
enum sl_status sl_row_decode(struct sl_batch_builder *builder, const char *data, size_t length,
                             size_t *used, struct sl_error *err);

/* Canonical key bytes of a whole batch at once: keys[i] and hashes[i] for the i-th selected row.
 * Valid until the next call. */
struct sl_row_keys {
    struct sl_text bytes;
    uint32_t *offsets; /* selected_count + 1 */
    uint64_t *hashes;  /* sl_hash_bytes of each key */
    uint32_t capacity; /* rows that offsets and hashes have room for */
    struct sl_account *account;
};
void sl_row_keys_init(struct sl_row_keys *keys, struct sl_account *account);
void sl_row_keys_deinit(struct sl_row_keys *keys);
/* Encodes and hashes the key columns of the selected rows. No key columns: every key is empty. */
enum sl_status sl_row_keys_encode(struct sl_row_keys *keys, const struct sl_batch *batch,
                                  const uint32_t *columns, uint32_t column_count,
                                  struct sl_error *err);

SL_EXTERN_C_END

#endif
