/* SPDX-License-Identifier: Apache-2.0
 *
 * A heap of one-shot timers. Always true: the earliest is on top; of equal times the one that was
 * armed first. */
#ifndef ENGINE_TIMER_H
#define ENGINE_TIMER_H

#include "sluice/memory.h"

struct eng_timer {
    int64_t time;
    uint64_t order;
    int64_t token;
};

struct eng_timers {
    struct sl_account *account;
    struct eng_timer *items;
    uint32_t count;
    uint32_t capacity;
    uint64_t next_order;
};

void eng_timers_init(struct eng_timers *timers, struct sl_account *account);
void eng_timers_deinit(struct eng_timers *timers);
enum sl_status eng_timers_add(struct eng_timers *timers, int64_t time, int64_t token,
                              struct sl_error *err);
/* Whether the earliest is due at time. */
bool eng_timers_is_due(const struct eng_timers *timers, int64_t time);
/* The earliest, which is taken out; there must be one. */
struct eng_timer eng_timers_pop(struct eng_timers *timers);

#endif
