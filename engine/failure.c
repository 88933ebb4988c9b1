/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a query, wanted or not. Always true: of all failures the first is the query's, and one
 * for lack of memory tells who holds how much. */
#include <stdio.h>
#include <string.h>

#include "query.h"

enum { HOLDERS_MAX = 3, BYTES_A_KIB = 1024 };

void eng_query_exit(struct sl_query *query)
{
    ENG_STORE(query->exit, 1);
    for (uint32_t i = 0; i < query->worker_count; i++) {
        eng_worker_interrupt(&query->workers[i]);
    }
    eng_query_poke_coordinator(query);
}

/* The account that holds most of what holds less than below; NULL when there is none. */
static const struct sl_account *next_holder(const struct sl_query *query, int64_t below)
{
    const struct sl_account *found = NULL;
    uint32_t worker_count = query->workers == NULL ? 0 : query->worker_count; /* not made yet */
    for (uint32_t w = 0; w < worker_count; w++) {
        for (uint32_t i = 0; i < query->workers[w].node_count; i++) {
            const struct sl_account *account = &query->workers[w].nodes[i]->account;
            int64_t used = sl_account_used(account);
            if (used < below && (found == NULL || used > sl_account_used(found))) {
                found = account;
            }
        }
    }
    return found;
}

static void append(struct sl_error *err, const char *format, const char *name, int64_t bytes)
{
    size_t length = strlen(err->text);
    snprintf(err->text + length, sizeof(err->text) - length, format, name,
             (long long)(bytes / BYTES_A_KIB));
}

void eng_query_name_holders(const struct sl_query *query, struct sl_error *err)
{
    append(err, "; the %s holds %lld KiB", query->account.name, sl_account_used(&query->account));
    append(err, " (%s: %lld KiB)", "sluice.memory.limit", query->account.limit_bytes);
    int64_t below = INT64_MAX;
    for (uint32_t i = 0; i < HOLDERS_MAX; i++) {
        const struct sl_account *holder = next_holder(query, below);
        if (holder == NULL) {
            return;
        }
        below = sl_account_used(holder);
        append(err, i == 0 ? ", most in %s: %lld KiB" : ", %s: %lld KiB", holder->name, below);
    }
}

void eng_query_fail(struct sl_query *query, enum sl_status status, const struct sl_error *err)
{
    if (__atomic_exchange_n(&query->failure_claimed, 1, __ATOMIC_SEQ_CST) == 0) {
        query->failure = *err;
        query->failure.status = status;
        if (status == SL_MEMORY || status == SL_LIMIT) {
            eng_query_name_holders(query, &query->failure);
        }
    }
    eng_query_exit(query);
}
