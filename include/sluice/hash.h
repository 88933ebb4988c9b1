/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. The frozen hash and the frozen key groups. Changing any of this loses every state that
 * was ever written. */
#ifndef SLUICE_HASH_H
#define SLUICE_HASH_H

#include "sluice/base.h"

SL_EXTERN_C_BEGIN

enum { SL_KEY_GROUP_COUNT = 128 };

/* XXH3, 64 bits, seed 0 (libxxhash) over canonical key bytes (row.h). */
uint64_t sl_hash_bytes(const void *data, size_t length);
/* CRC32C (Castagnoli), as in Kafka record batches and the checkpoint files; start with crc 0. */
uint32_t sl_crc32c(uint32_t crc, const void *data, size_t length);

/* Key group of a hash: its top 7 bits. Its low bits index tables. */
static inline uint32_t sl_key_group(uint64_t hash)
{
    return (uint32_t)(hash >> 57);
}

/* The worker that owns a key group, of worker_count; ranges are contiguous. */
static inline uint32_t sl_key_group_worker(uint32_t key_group, uint32_t worker_count)
{
    return key_group * worker_count / SL_KEY_GROUP_COUNT;
}

SL_EXTERN_C_END

#endif
