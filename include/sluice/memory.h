/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. The only door to the heap, so that every byte is charged to an account with a limit.
 * Accounts form a tree: operator -> worker -> query; a charge must fit in every account up to the
 * root. Charges are atomic, so workers may share a root. */
#ifndef SLUICE_MEMORY_H
#define SLUICE_MEMORY_H

#include "sluice/status.h"

SL_EXTERN_C_BEGIN

struct sl_account {
    const char *name; /* borrowed; must outlive the account */
    struct sl_account *parent;
    int64_t limit_bytes; /* 0 = no limit of its own */
    int64_t used_bytes;  /* atomic; read with sl_account_used */
    int64_t peak_bytes;  /* atomic, approximate */
};

/* Charges size_bytes to account and all its parents; false (nothing charged) when a limit would be
 * passed. NULL account: no accounting. */
bool sl_account_charge(struct sl_account *account, size_t size_bytes);
void sl_account_refund(struct sl_account *account, size_t size_bytes);
int64_t sl_account_used(const struct sl_account *account);

/* Allocates zeroed memory, 64-byte aligned when size_bytes >= 64; NULL when the account's limit or
 * the machine refuses. The size must be given back on free and resize, which is what makes
 * accounting exact. */
void *sl_memory_alloc(struct sl_account *account, size_t size_bytes);
/* Grows or shrinks; content up to the smaller size is kept, new bytes are zero. On NULL the old
 * block stands. */
void *sl_memory_resize(struct sl_account *account, void *memory, size_t old_bytes,
                       size_t new_bytes);
void sl_memory_free(struct sl_account *account, void *memory, size_t size_bytes);

SL_EXTERN_C_END

#endif
