/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: every snapshot that a run ever took can be gone on from, on one, two and three workers,
 * and what was committed up to it and what comes then is exactly what an uninterrupted run gives.
 */
#include "support_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROWS_MIN = 500,
    ROWS_MAX = 600,
    SNAPSHOTS_MIN = 100,
    WORKERS_MAX = 3,
    PATH_BYTES = 128,
    COST = 250
};

struct job {
    struct sim *sim;
    struct sim_plan plan;
    char directory[PATH_BYTES];
    char again[PATH_BYTES];   /* where resumed runs take theirs */
    struct sim_records taken; /* by the first run, with its epochs */
    struct sim_records expected;
};

static struct {
    uint64_t snapshots;
    uint64_t resumed;
} totals;

/* In memory where there is such a directory: thousands of files are synced. */
static void open_directory(struct job *job)
{
    const char *parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(job->directory, sizeof job->directory, "%s/sluice-snapshots-XXXXXX", parent);
    SL_ASSERT(mkdtemp(job->directory) != NULL);
    SL_ASSERT(snprintf(job->again, sizeof job->again, "%.100s/again", job->directory) < PATH_BYTES);
}

static void close_directory(const struct job *job)
{
    char command[PATH_BYTES + 16];
    snprintf(command, sizeof command, "rm -rf %s", job->directory);
    if (system(command) != 0) {
        sim_complain(job->sim, "cannot remove %s", job->directory);
    }
}

/* A checkpoint whenever there can be one, and all of them stay. */
static int64_t run_once(struct job *job)
{
    struct sim *sim = job->sim;
    sim_choose(sim, WORKERS_MAX);
    sim->worker_count = sim->seed % 3 == 0 ? (uint32_t)sim_between(sim, 2, WORKERS_MAX) : 1;
    sim->batch_rows = (uint32_t)sim_between(sim, 1, 2);
    sim_run(&job->plan, NULL, false);
    for (uint32_t i = 0; i < sim->taken.count; i++) {
        sim_records_add(&job->taken, &sim->taken.items[i]);
    }
    sim_expect(sim, &sim->taken, &job->expected);
    return sim->stats.checkpoint;
}

/* The world as it was when the snapshot had been decided: its last epoch is committed, or only
 * prepared, and what was prepared above it is still there. */
static void go_back(struct job *job, int64_t snapshot)
{
    struct sim *sim = job->sim;
    bool is_committed = sim_chance(sim, 500);
    sim->taken.count = 0;
    sim->prepared.count = 0;
    for (uint32_t i = 0; i < job->taken.count; i++) {
        const struct sim_record *record = &job->taken.items[i];
        if (record->epoch < snapshot || (record->epoch == snapshot && is_committed)) {
            sim_records_add(&sim->taken, record);
        } else if (record->epoch <= snapshot + 1) {
            sim_records_add(&sim->prepared, record);
        }
    }
}

static void resume(struct job *job, int64_t snapshot, uint32_t worker_count)
{
    struct sim *sim = job->sim;
    char path[2 * PATH_BYTES];
    snprintf(path, sizeof path, "%s/chk-%lld", job->directory, (long long)snapshot);
    go_back(job, snapshot);
    sim_choose(sim, WORKERS_MAX);
    sim->worker_count = worker_count;
    snprintf(job->plan.interval, sizeof job->plan.interval, "%lld ms",
             (long long)sim_between(sim, 1, 50));
    sim_run(&job->plan, path, false);
    sim_expect(sim, &sim->taken, &job->expected);
    if (sim->stats.rows_late > 0 || sim->stats.rows_rejected > 0 || sim->prepared.count > 0) {
        sim_complain(sim, "%lld rows were late, %lld rejected, %u prepared and never committed",
                     (long long)sim->stats.rows_late, (long long)sim->stats.rows_rejected,
                     sim->prepared.count);
    }
    if (sim->complaint[0] != '\0') {
        fprintf(stderr, "resumed from chk-%lld on %u workers\n", (long long)snapshot, worker_count);
    }
    totals.resumed++;
    sim_progress();
}

static void prove(struct sim *sim)
{
    static struct job job;
    job = (struct job){.sim = sim};
    open_directory(&job);
    sim->transactional = true;
    sim->interval_ms = 1;
    sim_plan_init(&job.plan, sim);
    sim_set(&job.plan, "execution.checkpointing.num-retained", "1000000");
    sim_set(&job.plan, "execution.checkpointing.dir", job.directory);
    sim_add_job(&job.plan, ROWS_MIN, ROWS_MAX, &job.expected);
    int64_t count = run_once(&job);
    bool is_single = sim->worker_count == 1; /* several are asked less often between their rows */
    totals.snapshots += (uint64_t)count;
    if (count < (is_single ? SNAPSHOTS_MIN : 1)) {
        sim_complain(sim, "only %lld snapshots were taken", (long long)count);
    }
    struct sl_option *directory = &job.plan.settings[job.plan.plan.settings.count - 1];
    directory->value = job.again;
    for (int64_t snapshot = 1; snapshot <= count; snapshot++) {
        /* Most resumed runs have no directory: they commit positions alone. */
        bool is_durable = snapshot % 10 == 0;
        job.plan.plan.settings.count -= is_durable ? 0 : 1;
        for (uint32_t workers = 1; workers <= WORKERS_MAX && sim->complaint[0] == '\0'; workers++) {
            resume(&job, snapshot, workers);
        }
        job.plan.plan.settings.count += is_durable ? 0 : 1;
    }
    sim_records_free(&job.taken);
    sim_records_free(&job.expected);
    close_directory(&job);
}

int main(void)
{
    int failures = sim_main_costly("snapshots", prove, COST);
    printf("snapshots: %llu snapshots, %llu runs resumed from them\n",
           (unsigned long long)totals.snapshots, (unsigned long long)totals.resumed);
    return failures;
}
