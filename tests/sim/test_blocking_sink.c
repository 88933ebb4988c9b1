/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: a sink that blocks at random and for long, with or without a wake-up, holds back what must
 * wait for it and nothing else; every row and every checkpoint comes through. */
#include "support_sim.h"

enum { ROWS_MAX = 120, KEYS_MAX = 40, BLOCKED_CALLS_MAX = 30, UNARMED_ROWS = 20 };

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    uint32_t row_count = (uint32_t)sim_between(sim, 0, ROWS_MAX);
    sim->block_permille = (uint32_t)sim_between(sim, 200, 950);
    sim->block_calls = (uint32_t)sim_between(sim, 1, BLOCKED_CALLS_MAX);
    if (sim_chance(sim, 20)) { /* each costs the 10 ms after which the driver tries again */
        row_count = UNARMED_ROWS;
        sim->block_calls = 1;
        sim->unarmed_permille = 100;
    }
    sim_plan_init(&plan, sim);
    sim_fill_input(sim, 0, row_count, KEYS_MAX, false);
    int source = sim_add_source(&plan, 0);
    uint32_t sinks = (uint32_t)sim_between(sim, 1, 3);
    for (uint32_t i = 0; i < sinks; i++) {
        int end = sim_chance(sim, 500) ? sim_add_exchange(&plan, source, SIM_KEY) : source;
        sim_add_sink(&plan, end, true);
    }
    sim_run(&plan, NULL, false);
    struct sim_records expected = sim_records_of_input(sim, 0, (int32_t)sinks, NULL, NULL);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
    if (sim->stats.checkpoint < 1) {
        sim_complain(sim, "the query ended without a checkpoint");
    }
}

int main(void)
{
    return sim_main("blocking_sink", prove);
}
