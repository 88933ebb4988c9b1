/* SPDX-License-Identifier: Apache-2.0
 *
 * Proof: a query that takes checkpoints at random, some to a disk that is full just then, and is
 * stopped, killed or loses its power at random, and goes on from its latest checkpoint on another
 * number of workers, gives every result exactly once, and the right one: windows and groups over a
 * lookup, and joins. What a decided checkpoint holds is never lost. */
#include "support_lossy_io.h"
#include "support_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROWS_MAX = 300,
    ATTEMPTS_MAX = 8,
    CALLS_MAX = 250,
    DIRECTORY_BYTES = 128,
    ON_DISK_PERMILLE = 10
};

struct job {
    struct sim *sim;
    struct sim_plan plan;
    char directory[DIRECTORY_BYTES];
    bool is_on_disk;
    struct lossy_io lossy;
    struct sim_records expected;
};

static struct {
    uint64_t attempts;
    uint64_t resumed;
    uint64_t fresh; /* restarts without a checkpoint to go on from */
    uint64_t outages;
    uint64_t refused; /* writes of checkpoints that found the disk full */
    uint64_t failed;  /* checkpoints that were left out because of that */
} totals;

static struct sl_io *io_of(const struct job *job)
{
    return job->is_on_disk ? sl_io_system() : job->sim->io;
}

/* Whether something is there that a resume must be able to go on from. */
static bool has_checkpoint(const struct job *job)
{
    struct sl_io *io = io_of(job);
    struct sl_arena arena;
    const char **names = NULL;
    uint32_t count = 0;
    bool found = false;
    sl_arena_init(&arena, NULL, 0);
    if (io->list(io, job->directory, &arena, &names, &count, NULL) != SL_OK) {
        count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct sl_io_info info;
        char path[2 * DIRECTORY_BYTES];
        snprintf(path, sizeof path, "%s/%s/MANIFEST", job->directory, names[i]);
        found = found || io->stat(io, path, &info, NULL) == SL_OK;
    }
    sl_arena_deinit(&arena);
    return found;
}

/* Every run has its own workers, batches and rings, and its own end. */
static void choose_run(struct job *job, bool is_last)
{
    struct sim *sim = job->sim;
    int64_t interval_ms = sim->interval_ms;
    sim_choose(sim, 3);
    sim->interval_ms = interval_ms; /* stands in the plan */
    sim->faults_after = -1;
    sim->rows_to_stop = 0;
    job->lossy.full_permille = 0;
    if (is_last) {
        return;
    }
    job->lossy.full_permille = sim_chance(sim, 300) ? 200 : 0;
    int64_t rows = sim_between(sim, 1, (int64_t)job->expected.count + 10);
    switch (sl_random_below(&sim->random, job->is_on_disk ? 3 : 4)) {
    case 0: /* the sink fails */
        sim->faults_after = rows;
        sim->fault_is_stop = false;
        break;
    case 1: /* the process is killed */
        sim->faults_after = rows;
        sim->fault_is_stop = true;
        break;
    case 2: /* it is stopped as it should be */
        sim->rows_to_stop = sim->taken.count + rows;
        break;
    default:
        lossy_io_kill_after(&job->lossy, sim_between(sim, 1, CALLS_MAX));
        break;
    }
}

/* True when the query has finished. */
static bool run_once(struct job *job, bool is_last)
{
    struct sim *sim = job->sim;
    uint32_t faults = sim->fault_count;
    uint64_t refused = job->lossy.refused_writes;
    const char *resume = has_checkpoint(job) ? "latest" : NULL;
    if (resume == NULL) {
        if (sim->taken.count > 0) {
            sim_complain(sim, "rows are committed, and no checkpoint is left that knows of them");
        }
        sim->prepared.count = 0; /* a new start, not a recovery */
    }
    choose_run(job, is_last);
    totals.attempts++;
    totals.resumed += resume != NULL;
    totals.fresh += resume == NULL && sim->attempt > 0;
    enum sl_status status = sim_run(&job->plan, resume, true);
    bool is_out = !job->is_on_disk && job->lossy.is_dead;
    bool was_stopped = sim->fault_count > faults;
    bool was_full = job->lossy.refused_writes > refused; /* a last one cannot be left out */
    totals.outages += is_out;
    totals.refused += job->lossy.refused_writes - refused;
    totals.failed += (uint64_t)sim->stats.failed_checkpoints;
    if (status != SL_OK && !is_out && !was_stopped && !was_full) {
        sim_complain(sim, "the query failed in run %u: %s", sim->attempt, sim->error.text);
    }
    if (sim->stats.rows_late > 0 || sim->stats.rows_rejected > 0) {
        sim_complain(sim, "%lld rows were late and %lld rejected in run %u",
                     (long long)sim->stats.rows_late, (long long)sim->stats.rows_rejected,
                     sim->attempt);
    }
    if (!job->is_on_disk) {
        lossy_io_crash(&job->lossy);
    }
    return status == SL_OK && !is_out && !was_stopped;
}

static void open_directory(struct job *job)
{
    struct sim *sim = job->sim;
    job->is_on_disk = sim_chance(sim, ON_DISK_PERMILLE);
    snprintf(job->directory, sizeof job->directory, "/data/checkpoints");
    if (job->is_on_disk) {
        snprintf(job->directory, sizeof job->directory, "/tmp/sluice-restart-XXXXXX");
        SL_ASSERT(mkdtemp(job->directory) != NULL);
    } else {
        lossy_io_init(&job->lossy, sim->seed);
        sim->io = &job->lossy.io;
    }
}

static void close_directory(struct job *job)
{
    char command[DIRECTORY_BYTES + 16];
    if (!job->is_on_disk) {
        lossy_io_deinit(&job->lossy);
        return;
    }
    snprintf(command, sizeof command, "rm -rf %s", job->directory);
    if (system(command) != 0) {
        sim_complain(job->sim, "cannot remove %s", job->directory);
    }
}

static void prove(struct sim *sim)
{
    static const int64_t intervals[] = {1, 1, 2, 5, 10};
    static struct job job;
    job = (struct job){.sim = sim};
    open_directory(&job);
    sim->transactional = true;
    sim->interval_ms = intervals[sl_random_below(&sim->random, SL_COUNT_OF(intervals))];
    sim_plan_init(&job.plan, sim);
    sim_set(&job.plan, "execution.checkpointing.dir", job.directory);
    sim_add_job(&job.plan, 1, ROWS_MAX, &job.expected);
    bool is_finished = false;
    for (uint32_t i = 1; i <= ATTEMPTS_MAX && !is_finished && sim->complaint[0] == '\0'; i++) {
        is_finished = run_once(&job, i == ATTEMPTS_MAX);
        sim_progress();
    }
    if (!is_finished) {
        sim_complain(sim, "the query did not finish");
    }
    if (sim->prepared.count > 0) {
        sim_complain(sim, "%u rows were prepared and never committed", sim->prepared.count);
    }
    sim_expect(sim, &sim->taken, &job.expected);
    sim_records_free(&job.expected);
    close_directory(&job);
}

int main(void)
{
    int failures = sim_main("restart", prove);
    printf(
        "restart: %llu runs, %llu of them resumed, %llu began again, %llu power cuts, %llu writes "
        "to a full disk, %llu checkpoints left out\n",
        (unsigned long long)totals.attempts, (unsigned long long)totals.resumed,
        (unsigned long long)totals.fresh, (unsigned long long)totals.outages,
        (unsigned long long)totals.refused, (unsigned long long)totals.failed);
    return failures;
}
