/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: a join of two changelogs, either port into state at any time, gives out a changelog that
 * materialises to the join of the materialised inputs. */
#include "support_sim.h"

enum { ROWS_MAX = 150, KEYS_MAX = 30 };

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    uint32_t key_count = (uint32_t)sim_between(sim, 1, KEYS_MAX);
    int sides[2];
    sim_plan_init(&plan, sim);
    for (uint32_t i = 0; i < 2; i++) {
        sim_fill_input(sim, i, (uint32_t)sim_between(sim, 0, ROWS_MAX), key_count, true);
        int source = sim_add_source(&plan, i);
        sides[i] = sim_add_exchange(&plan, source, SIM_KEY);
    }
    int join = sim_add_join(&plan, sides[0], sides[1]);
    sim_add_sink(&plan, join, false);
    sim_run(&plan, NULL, false);
    struct sim_records expected = sim_join_reference(sim);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("retracting_join", prove);
}
