/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: rings of one slot through which every row crosses to another worker, back, and to one
 * worker at last, on two and three workers and in both directions at once, never lock up. */
#include "support_sim.h"

#include <string.h>

enum { ROWS_MAX = 200 };

static uint32_t owner_of(int64_t key, uint32_t worker_count)
{
    char bytes[1 + sizeof key] = {1};
    memcpy(bytes + 1, &key, sizeof key);
    return sl_key_group_worker(sl_key_group(sl_hash_bytes(bytes, sizeof bytes)), worker_count);
}

/* Gives every row a key that lives on another worker than the one that reads the split: splits are
 * dealt in turn. */
static void send_abroad(struct sim *sim)
{
    for (uint32_t s = 0; s < sim->inputs[0].split_count; s++) {
        struct sim_split *split = &sim->inputs[0].splits[s];
        for (uint32_t i = 0; i < split->count; i++) {
            int64_t key = split->rows[i].key;
            while (owner_of(key, sim->worker_count) == s % sim->worker_count) {
                key++;
            }
            split->rows[i].key = key;
        }
    }
}

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 1);
    sim->worker_count = (uint32_t)sim_between(sim, 2, 3);
    sim->ring_slots = 1;
    sim_plan_init(&plan, sim);
    sim_fill_input(sim, 0, (uint32_t)sim_between(sim, 0, ROWS_MAX), 50, false);
    send_abroad(sim);
    int at = sim_add_watermark(&plan, sim_add_source(&plan, 0));
    at = sim_add_exchange(&plan, at, SIM_KEY);
    at = sim_add_chain(&plan, at, false);
    int there = at;
    at = sim_add_exchange(&plan, at, SIM_ID);
    at = sim_add_chain(&plan, at, false);
    bool meets = sim_chance(sim, 400);
    if (meets) {
        int other = sim_add_exchange(&plan, there, SIM_ID);
        at = sim_add_meet(&plan, at, other, true);
    }
    at = sim_add_exchange(&plan, at, -1);
    sim_add_sink(&plan, at, false);
    sim_run(&plan, NULL, false);
    struct sim_records expected = sim_records_of_input(sim, 0, meets ? 2 : 1, NULL, NULL);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("ring_of_one", prove);
}
