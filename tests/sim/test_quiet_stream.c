/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: rows come out of an asynchronous operator although nothing comes in behind them: the
 * source gives its next burst only when the sink has all rows of the last, and never ends; no
 * checkpoint flushes anything. */
#include "support_sim.h"

enum { ROWS_MAX = 60, KEYS_MAX = 40 };

static void add_answer(struct sim_record *record)
{
    bool is_null = (record->null_mask >> SIM_VALUE) & 1;
    record->fields[SIM_COLUMN_COUNT] =
        sim_lookup_answer(record->fields[SIM_KEY], is_null, record->fields[SIM_VALUE]);
}

/* The filter of the offload operator is to keep every row. */
static void make_positive(struct sim *sim)
{
    for (uint32_t s = 0; s < sim->inputs[0].split_count; s++) {
        for (uint32_t i = 0; i < sim->inputs[0].splits[s].count; i++) {
            struct sim_row *row = &sim->inputs[0].splits[s].rows[i];
            row->value_is_null = false;
            row->value = row->value > 0 ? row->value : 1 - row->value;
        }
    }
}

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    sim->interval_ms = 0;
    sim->quiet = true;
    sim->never_ends = true;
    sim->burst_rows = (uint32_t)sim_between(sim, 1, 30);
    sim->rows_to_stop = sim_between(sim, 1, ROWS_MAX);
    sim_plan_init(&plan, sim);
    sim_fill_input(sim, 0, (uint32_t)sim->rows_to_stop, KEYS_MAX, false);
    make_positive(sim);
    int at = sim_add_watermark(&plan, sim_add_source(&plan, 0));
    bool crosses = sim_chance(sim, 500);
    bool by_device = sim_chance(sim, 400);
    at = crosses ? sim_add_exchange(&plan, at, SIM_KEY) : at;
    at = by_device ? sim_add_filter(&plan, at, "sim", sim_between(sim, 1, 5))
                   : sim_add_lookup(&plan, at);
    at = sim_add_chain(&plan, at, crosses);
    sim_add_sink(&plan, at, false);
    sim_run(&plan, NULL, false);
    struct sim_records expected =
        sim_records_of_input(sim, 0, 1, NULL, by_device ? NULL : add_answer);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
}

int main(void)
{
    return sim_main("quiet_stream", prove);
}
