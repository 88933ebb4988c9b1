/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: the offload operator over a device that answers late, out of order, has little room and
 * dies with batches in flight (or is not there) gives what the filter on the CPU gives, row for row
 * at every barrier, in order; what the CPU took over is counted and logged. */
#include "support_sim.h"

enum { ROWS_MAX = 400, KEYS_MAX = 40, IN_FLIGHT_MAX = 10 };

static bool is_positive(const struct sim_row *row)
{
    return !row->value_is_null && row->value > 0;
}

static void check_counters(struct sim *sim)
{
    int64_t failures = sim->told[SIM_TELL_DEVICE_FAILURES];
    if (failures == 0 && sim->metric != 0) {
        sim_complain(sim, "%lld batches fell back from a device that lives",
                     (long long)sim->metric);
    }
    if (failures > 0 && sim->log_line[0] == '\0') {
        sim_complain(sim, "a device failed and nobody says so");
    }
}

static void prove(struct sim *sim)
{
    struct sim_plan plan;
    sim_choose(sim, 3);
    sim->metric_name = "offloadFallbacks";
    sim_plan_init(&plan, sim);
    bool changelog = sim_chance(sim, 300);
    sim_fill_input(sim, 0, (uint32_t)sim_between(sim, 0, ROWS_MAX), KEYS_MAX, changelog);
    int at = sim_add_source(&plan, 0);
    at = changelog ? at : sim_add_watermark(&plan, at);
    if (sim_chance(sim, 300)) {
        at = sim_add_exchange(&plan, at, SIM_KEY);
    }
    int device = sim_add_filter(&plan, at, "sim", sim_between(sim, 1, IN_FLIGHT_MAX));
    int cpu = sim_add_filter(&plan, at, NULL, 0);
    int meet = sim_add_meet(&plan, device, cpu, true);
    sim_add_sink(&plan, device, !changelog);
    sim_add_sink(&plan, meet, false);
    sim_run(&plan, NULL, false);
    struct sim_records expected = sim_records_of_input(sim, 0, 3, is_positive, NULL);
    sim_expect(sim, &sim->taken, &expected);
    sim_records_free(&expected);
    check_counters(sim);
}

int main(void)
{
    return sim_main("offload", prove);
}
