/* SPDX-License-Identifier: Apache-2.0
 *
 * The binary heap behind timer.h. */
#include "timer.h"

void eng_timers_init(struct eng_timers *timers, struct sl_account *account)
{
    *timers = (struct eng_timers){.account = account};
}

void eng_timers_deinit(struct eng_timers *timers)
{
    sl_memory_free(timers->account, timers->items, timers->capacity * sizeof(*timers->items));
    eng_timers_init(timers, timers->account);
}

static bool is_before(const struct eng_timer *a, const struct eng_timer *b)
{
    return a->time != b->time ? a->time < b->time : a->order < b->order;
}

static enum sl_status grow(struct eng_timers *timers, struct sl_error *err)
{
    uint32_t capacity = timers->capacity == 0 ? 8 : timers->capacity * 2;
    struct eng_timer *items =
        sl_memory_resize(timers->account, timers->items, timers->capacity * sizeof(*items),
                         (size_t)capacity * sizeof(*items));
    if (items == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u timers", capacity);
    }
    timers->items = items;
    timers->capacity = capacity;
    return SL_OK;
}

enum sl_status eng_timers_add(struct eng_timers *timers, int64_t time, int64_t token,
                              struct sl_error *err)
{
    if (timers->count == timers->capacity) {
        SL_TRY(grow(timers, err));
    }
    struct eng_timer timer = {.time = time, .order = timers->next_order++, .token = token};
    uint32_t at = timers->count++;
    while (at > 0 && is_before(&timer, &timers->items[(at - 1) / 2])) {
        timers->items[at] = timers->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    timers->items[at] = timer;
    return SL_OK;
}

bool eng_timers_is_due(const struct eng_timers *timers, int64_t time)
{
    return timers->count > 0 && timers->items[0].time <= time;
}

struct eng_timer eng_timers_pop(struct eng_timers *timers)
{
    struct eng_timer top = timers->items[0];
    struct eng_timer last = timers->items[--timers->count];
    uint32_t at = 0;
    for (uint32_t child = 1; child < timers->count; child = at * 2 + 1) {
        if (child + 1 < timers->count &&
            is_before(&timers->items[child + 1], &timers->items[child])) {
            child++;
        }
        if (!is_before(&timers->items[child], &last)) {
            break;
        }
        timers->items[at] = timers->items[child];
        at = child;
    }
    timers->items[at] = last;
    return top;
}
