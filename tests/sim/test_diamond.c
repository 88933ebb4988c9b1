/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: one source fanned out to branches of unequal length that meet again, once or twice, never
 * stands still; where they meet, barriers and the end cut both at the same row, watermarks never
 * overtake rows, and every row comes out once a path. */
#include "support_sim.h"

enum { ROWS_MAX = 300, KEYS_MAX = 40 };

static int add_branch(struct sim_plan *plan, int input, bool crosses)
{
    int end = sim_add_chain(plan, input, crosses);
    return crosses ? sim_add_exchange(plan, end, SIM_KEY) : end;
}

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    sim_plan_init(&plan, sim);
    sim_fill_input(sim, 0, (uint32_t)sim_between(sim, 0, ROWS_MAX), KEYS_MAX, false);
    int at = sim_add_watermark(&plan, sim_add_source(&plan, 0));
    bool crosses = sim_chance(sim, 500);
    bool is_tapped = sim_chance(sim, 300);
    uint32_t depth = (uint32_t)sim_between(sim, 1, 2);
    int tapped = at;
    for (uint32_t i = 0; i < depth; i++) {
        int left = add_branch(&plan, at, crosses);
        int right = add_branch(&plan, at, crosses);
        if (left == at && right == at) {
            right = sim_add(&plan, "sim_pass", at, -1);
        }
        at = sim_add_meet(&plan, left, right, true);
    }
    sim_add_sink(&plan, at, false);
    if (is_tapped) {
        sim_add_sink(&plan, tapped, true);
    }
    sim_run(&plan, NULL, false);
    int32_t paths = (1 << depth) + is_tapped;
    struct sim_records expected = sim_records_of_input(sim, 0, paths, NULL, NULL);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("diamond", prove);
}
