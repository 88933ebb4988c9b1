/* SPDX-License-Identifier: Apache-2.0
 *
 * The only caller of malloc and free, and the accounts that every byte is charged to.
 * Always true: a block that exists is charged in its account and in all parents, and nothing else
 * is. */
#include "sluice/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE_BYTES = 2 << 20 };

static void refund_up_to(struct sl_account *account, const struct sl_account *end, int64_t size)
{
    for (; account != end; account = account->parent) {
        __atomic_fetch_sub(&account->used_bytes, size, __ATOMIC_RELAXED);
    }
}

bool sl_account_charge(struct sl_account *account, size_t size_bytes)
{
    if (size_bytes > INT64_MAX / 4) {
        return false; /* keeps every sum far from overflow */
    }
    int64_t size = (int64_t)size_bytes;
    for (struct sl_account *at = account; at != NULL; at = at->parent) {
        int64_t used = __atomic_add_fetch(&at->used_bytes, size, __ATOMIC_RELAXED);
        if (SL_UNLIKELY(at->limit_bytes > 0 && used > at->limit_bytes)) {
            refund_up_to(account, at->parent, size);
            return false;
        }
        if (used > __atomic_load_n(&at->peak_bytes, __ATOMIC_RELAXED)) {
            __atomic_store_n(&at->peak_bytes, used, __ATOMIC_RELAXED);
        }
    }
    return true;
}

void sl_account_refund(struct sl_account *account, size_t size_bytes)
{
    refund_up_to(account, NULL, (int64_t)size_bytes);
}

int64_t sl_account_used(const struct sl_account *account)
{
    return account == NULL ? 0 : __atomic_load_n(&account->used_bytes, __ATOMIC_RELAXED);
}

/* Zeroed and aligned as promised, not charged. Size 0 gives a valid block. */
static void *alloc_zeroed(size_t size_bytes)
{
    if (size_bytes < SL_CACHE_LINE_BYTES) {
        return calloc(1, size_bytes == 0 ? 1 : size_bytes);
    }
    bool is_huge = size_bytes >= HUGE_PAGE_BYTES;
    void *memory = NULL;
    if (posix_memalign(&memory, is_huge ? HUGE_PAGE_BYTES : SL_CACHE_LINE_BYTES, size_bytes) != 0) {
        return NULL;
    }
    if (is_huge) {
        /* Only a hint: tables that are read here and there miss the TLB less. */
        (void)madvise(memory, size_bytes / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES, MADV_HUGEPAGE);
    }
    return memset(memory, 0, size_bytes);
}

void *sl_memory_alloc(struct sl_account *account, size_t size_bytes)
{
    if (!sl_account_charge(account, size_bytes)) {
        return NULL;
    }
    void *memory = alloc_zeroed(size_bytes);
    if (SL_UNLIKELY(memory == NULL)) {
        sl_account_refund(account, size_bytes);
    }
    return memory;
}

void *sl_memory_resize(struct sl_account *account, void *memory, size_t old_bytes, size_t new_bytes)
{
    if (memory == NULL) {
        return sl_memory_alloc(account, new_bytes);
    }
    if (new_bytes > old_bytes && !sl_account_charge(account, new_bytes - old_bytes)) {
        return NULL;
    }
    void *resized = alloc_zeroed(new_bytes);
    if (SL_UNLIKELY(resized == NULL)) {
        if (new_bytes > old_bytes) {
            sl_account_refund(account, new_bytes - old_bytes);
        }
        return NULL;
    }
    memcpy(resized, memory, SL_MIN(old_bytes, new_bytes));
    free(memory);
    if (new_bytes < old_bytes) {
        sl_account_refund(account, old_bytes - new_bytes);
    }
    return resized;
}

void sl_memory_free(struct sl_account *account, void *memory, size_t size_bytes)
{
    if (memory != NULL) {
        free(memory);
        sl_account_refund(account, size_bytes);
    }
}
