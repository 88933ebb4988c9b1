/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole queries with state of every kind, for the proofs that stop and resume them, with the rows
 * that must come out. Always true: each sink's rows carry its tag, so that they cannot be mixed up.
 */
#include "support_sim.h"

enum { KEYS_MAX = 20, WINDOW_TAG = 1, GROUP_TAG = 2, JOIN_TAG = 3 };

static void expect(struct sim_records *expected, struct sim_records results, int64_t tag)
{
    for (uint32_t i = 0; i < results.count; i++) {
        results.items[i].fields[SIM_TAG_FIELD] = tag;
        sim_records_add(expected, &results.items[i]);
    }
    sim_records_free(&results);
}

static void add_windows_and_groups(struct sim_plan *plan, uint32_t rows_min, uint32_t rows_max,
                                   struct sim_records *expected)
{
    static const int64_t slides[][2] = {{100, 100}, {1000, 1000}, {200, 100}, {300, 200}};
    struct sim *sim = plan->sim;
    const int64_t *slide = slides[sl_random_below(&sim->random, SL_COUNT_OF(slides))];
    uint32_t key_count = (uint32_t)sim_between(sim, 1, KEYS_MAX);
    sim_fill_input(sim, 0, (uint32_t)sim_between(sim, rows_min, rows_max), key_count, false);
    int at = sim_add_watermark(plan, sim_add_source(plan, 0));
    at = sim_chance(sim, 300) ? sim_add_lookup(plan, at) : at;
    at = sim_chance(sim, 200) ? sim_add_exchange(plan, at, SIM_ID) : at;
    int window = sim_add_window(plan, at, slide[0], slide[1]);
    sim_tag_sink(plan, sim_add_sink(plan, window, false), WINDOW_TAG);
    expect(expected, sim_window_reference(sim, 0, slide[0], slide[1]), WINDOW_TAG);
    if (sim_chance(sim, 500)) {
        int group = sim_add_group(plan, at);
        sim_tag_sink(plan, sim_add_sink(plan, group, false), GROUP_TAG);
        expect(expected, sim_group_reference(sim, 0), GROUP_TAG);
    }
}

static void add_changelogs(struct sim_plan *plan, uint32_t rows_min, uint32_t rows_max,
                           struct sim_records *expected)
{
    struct sim *sim = plan->sim;
    uint32_t key_count = (uint32_t)sim_between(sim, 1, KEYS_MAX);
    int sides[2];
    for (uint32_t i = 0; i < 2; i++) {
        sim_fill_input(sim, i, (uint32_t)sim_between(sim, SL_MAX(rows_min / 3, 1U), rows_max / 3),
                       key_count, true);
        int source = sim_add_source(plan, i);
        sides[i] = sim_add_exchange(plan, source, SIM_KEY);
    }
    int join = sim_add_join(plan, sides[0], sides[1]);
    sim_tag_sink(plan, sim_add_sink(plan, join, false), JOIN_TAG);
    expect(expected, sim_join_reference(sim), JOIN_TAG);
    if (sim_chance(sim, 500)) {
        int group = sim_add_group(plan, sides[0]);
        sim_tag_sink(plan, sim_add_sink(plan, group, false), GROUP_TAG);
        expect(expected, sim_group_reference(sim, 0), GROUP_TAG);
    }
}

void sim_add_job(struct sim_plan *plan, uint32_t rows_min, uint32_t rows_max,
                 struct sim_records *expected)
{
    if (sim_chance(plan->sim, 650)) {
        add_windows_and_groups(plan, rows_min, rows_max, expected);
    } else {
        add_changelogs(plan, rows_min, rows_max, expected);
    }
}
