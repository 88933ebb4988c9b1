/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: an operator whose answers come late and out of order, from a thread or by the clock, loses
 * no row, keeps their order, lets no barrier or watermark overtake them, and holds its input across
 * BLOCKED when it is full. */
#include "support_sim.h"

enum { ROWS_MAX = 300, KEYS_MAX = 40 };

static void add_answer(struct sim_record *record)
{
    bool is_null = (record->null_mask >> SIM_VALUE) & 1;
    record->fields[SIM_COLUMN_COUNT] =
        sim_lookup_answer(record->fields[SIM_KEY], is_null, record->fields[SIM_VALUE]);
}

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    sim_plan_init(&plan, sim);
    sim_fill_input(sim, 0, (uint32_t)sim_between(sim, 0, ROWS_MAX), KEYS_MAX, false);
    int at = sim_add_watermark(&plan, sim_add_source(&plan, 0));
    if (sim_chance(sim, 300)) {
        at = sim_add_exchange(&plan, at, SIM_KEY);
    }
    int left = sim_add_lookup(&plan, at);
    int right = sim_add_lookup(&plan, at);
    int meet = sim_add_meet(&plan, left, right, true);
    sim_add_sink(&plan, left, true);
    sim_add_sink(&plan, meet, false);
    sim_run(&plan, NULL, false);
    struct sim_records expected = sim_records_of_input(sim, 0, 3, NULL, add_answer);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("async_lookup", prove);
}
