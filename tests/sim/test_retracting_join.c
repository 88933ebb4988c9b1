/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: a join of two changelogs, either port into state at any time, gives out a changelog that
 * materialises to the join of the materialised inputs. */
#include "support_sim.h"

enum { ROWS_MAX = 150, KEYS_MAX = 30 };

/* What is left of an input once its changelog is applied. */
static struct sim_records materialised_input(struct sim *sim, uint32_t input)
{
    struct sim_records rows = sim_records_of_input(sim, input, 1, NULL, NULL);
    sim_records_materialise(&rows);
    return rows;
}

static void put_side(struct sim_record *pair, uint32_t first, const struct sim_record *row)
{
    static const uint32_t columns[] = {SIM_ID, SIM_KEY, SIM_VALUE, SIM_TEXT};
    for (uint32_t c = 0; c < SL_COUNT_OF(columns); c++) {
        pair->fields[first + c] = row->fields[columns[c]];
        pair->null_mask |= ((row->null_mask >> columns[c]) & 1) << (first + c);
    }
}

static struct sim_records reference(struct sim *sim)
{
    struct sim_records left = materialised_input(sim, 0);
    struct sim_records right = materialised_input(sim, 1);
    struct sim_records pairs = {0};
    for (uint32_t i = 0; i < left.count; i++) {
        for (uint32_t j = 0; j < right.count; j++) {
            if (left.items[i].fields[SIM_KEY] != right.items[j].fields[SIM_KEY]) {
                continue;
            }
            struct sim_record pair = {.weight = 1};
            put_side(&pair, 0, &left.items[i]);
            put_side(&pair, 4, &right.items[j]);
            sim_records_add(&pairs, &pair);
        }
    }
    sim_records_free(&left);
    sim_records_free(&right);
    return pairs;
}

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
    struct sim_records expected = reference(sim);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("retracting_join", prove);
}
