/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. Counters and gauges with one writer each (the worker that owns the instance) and any
 * number of readers. Names follow Flink's (numRecordsIn, numLateRecordsDropped,
 * currentInputWatermark). */
#ifndef SLUICE_METRIC_H
#define SLUICE_METRIC_H

#include "sluice/memory.h"

SL_EXTERN_C_BEGIN

enum sl_metric_kind { SL_METRIC_COUNTER, SL_METRIC_GAUGE };

struct sl_metric {
    const char *name;   /* copied by the registry */
    const char *label;  /* "" or the operator's name, e.g. "window_aggregate[3]"; copied */
    const char *reason; /* "" or a second label, e.g. the reason of a rejection; copied */
    uint32_t worker_idx;
    enum sl_metric_kind kind;
    int64_t value; /* atomic; use sl_metric_add, sl_metric_set, sl_metric_get */
};

struct sl_metric_set;

struct sl_metric_set *sl_metric_set_create(struct sl_account *account);
void sl_metric_set_destroy(struct sl_metric_set *set);
/* Finds or makes; the pointer stays valid until destroy. Takes a lock: fetch at open, never on the
 * hot path. NULL at the account's limit; add, set and get accept NULL. */
struct sl_metric *sl_metric_find_or_add(struct sl_metric_set *set, enum sl_metric_kind kind,
                                        const char *name, const char *label, const char *reason,
                                        uint32_t worker_idx);
/* Calls visit for each metric in order of creation. */
void sl_metric_set_visit(struct sl_metric_set *set,
                         void (*visit)(void *user, const struct sl_metric *metric), void *user);
/* Sum of value over all metrics of that name (and reason, unless NULL). */
int64_t sl_metric_set_sum(struct sl_metric_set *set, const char *name, const char *reason);

static inline void sl_metric_add(struct sl_metric *metric, int64_t delta)
{
    if (metric != NULL) { /* one writer: a relaxed load and store, not a locked add */
        __atomic_store_n(&metric->value, __atomic_load_n(&metric->value, __ATOMIC_RELAXED) + delta,
                         __ATOMIC_RELAXED);
    }
}

static inline void sl_metric_set_value(struct sl_metric *metric, int64_t value)
{
    if (metric != NULL) {
        __atomic_store_n(&metric->value, value, __ATOMIC_RELAXED);
    }
}

static inline int64_t sl_metric_get(const struct sl_metric *metric)
{
    return metric == NULL ? 0 : __atomic_load_n(&metric->value, __ATOMIC_RELAXED);
}

SL_EXTERN_C_END

#endif
