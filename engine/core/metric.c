/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry of counters and gauges: an append-only list.
 * Always true: a metric that a reader can see is complete and stays where it is until destroy, so
 * readers take no lock. */
#include "sluice/metric.h"
#include "sluice/arena.h"

#include <pthread.h>
#include <string.h>

struct node {
    struct sl_metric metric;
    struct node *next; /* written once, by the adder, read by anyone */
};

/* Nodes are a cache line apart, so that the workers' counters do not share one. */
_Static_assert(sizeof(struct node) <= SL_CACHE_LINE_BYTES, "a metric fits in a cache line");

struct sl_metric_set {
    struct sl_account *account;
    pthread_mutex_t lock; /* held by adders only */
    struct sl_arena arena;
    struct node *first;
    struct node **last_next;
};

struct sl_metric_set *sl_metric_set_create(struct sl_account *account)
{
    struct sl_metric_set *set = sl_memory_alloc(account, sizeof(*set));
    if (set == NULL) {
        return NULL;
    }
    set->account = account;
    pthread_mutex_init(&set->lock, NULL);
    sl_arena_init(&set->arena, account, 16 * 1024);
    set->last_next = &set->first;
    return set;
}

void sl_metric_set_destroy(struct sl_metric_set *set)
{
    if (set != NULL) {
        sl_arena_deinit(&set->arena);
        pthread_mutex_destroy(&set->lock);
        sl_memory_free(set->account, set, sizeof(*set));
    }
}

static struct node *load(struct node *const *next)
{
    return __atomic_load_n(next, __ATOMIC_ACQUIRE);
}

static struct sl_metric *find(const struct sl_metric_set *set, const struct sl_metric *wanted)
{
    for (struct node *node = load(&set->first); node != NULL; node = load(&node->next)) {
        struct sl_metric *metric = &node->metric;
        if (metric->worker_idx == wanted->worker_idx && metric->kind == wanted->kind &&
            strcmp(metric->name, wanted->name) == 0 && strcmp(metric->label, wanted->label) == 0 &&
            strcmp(metric->reason, wanted->reason) == 0) {
            return metric;
        }
    }
    return NULL;
}

static struct sl_metric *add(struct sl_metric_set *set, const struct sl_metric *wanted)
{
    struct node *node = sl_arena_alloc(&set->arena, SL_CACHE_LINE_BYTES);
    char *name = sl_arena_string(&set->arena, wanted->name);
    char *label = sl_arena_string(&set->arena, wanted->label);
    char *reason = sl_arena_string(&set->arena, wanted->reason);
    if (node == NULL || name == NULL || label == NULL || reason == NULL) {
        return NULL;
    }
    node->metric = (struct sl_metric){.name = name,
                                      .label = label,
                                      .reason = reason,
                                      .worker_idx = wanted->worker_idx,
                                      .kind = wanted->kind};
    __atomic_store_n(set->last_next, node, __ATOMIC_RELEASE);
    set->last_next = &node->next;
    return &node->metric;
}

struct sl_metric *sl_metric_find_or_add(struct sl_metric_set *set, enum sl_metric_kind kind,
                                        const char *name, const char *label, const char *reason,
                                        uint32_t worker_idx)
{
    struct sl_metric wanted = {.name = name,
                               .label = label == NULL ? "" : label,
                               .reason = reason == NULL ? "" : reason,
                               .worker_idx = worker_idx,
                               .kind = kind};
    pthread_mutex_lock(&set->lock);
    struct sl_metric *metric = find(set, &wanted);
    if (metric == NULL) {
        metric = add(set, &wanted);
    }
    pthread_mutex_unlock(&set->lock);
    return metric;
}

void sl_metric_set_visit(struct sl_metric_set *set,
                         void (*visit)(void *user, const struct sl_metric *metric), void *user)
{
    for (struct node *node = load(&set->first); node != NULL; node = load(&node->next)) {
        visit(user, &node->metric);
    }
}

int64_t sl_metric_set_sum(struct sl_metric_set *set, const char *name, const char *reason)
{
    int64_t sum = 0;
    for (struct node *node = load(&set->first); node != NULL; node = load(&node->next)) {
        if (strcmp(node->metric.name, name) == 0 &&
            (reason == NULL || strcmp(node->metric.reason, reason) == 0)) {
            sum += sl_metric_get(&node->metric);
        }
    }
    return sum;
}
