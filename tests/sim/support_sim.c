/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop over seeds, the watchdog and the clock. Always true: the clock moves by being read, so
 * that waiting costs no time, and never goes back; but with every fourth seed somebody sets the
 * wall clock, by up to a day either way, which nothing may notice. */
#include "support_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { STALL_S = 10, CLOCK_STEP_US = 1000, FIRST_US = 1000000, JUMPING_SEEDS = 4, JUMP_READS = 16 };
static const int64_t DAY_US = INT64_C(86400000000);

static struct {
    const char *name;
    sim_proof *proof;
    uint64_t cost;
    uint64_t seed;
    uint64_t moved; /* atomic */
} running;

void sim_progress(void)
{
    __atomic_fetch_add(&running.moved, 1, __ATOMIC_RELAXED);
}

static void on_alarm(int signal)
{
    static uint64_t seen;
    static int stalled_s;
    (void)signal;
    uint64_t moved = __atomic_load_n(&running.moved, __ATOMIC_RELAXED);
    stalled_s = moved == seen ? stalled_s + 1 : 0;
    seen = moved;
    if (stalled_s < STALL_S) {
        return;
    }
    char line[256];
    int length = snprintf(
        line, sizeof line, "%s: seed %llu: no progress for %d s; replay with SLUICE_SEED=%llu\n",
        running.name, (unsigned long long)running.seed, STALL_S, (unsigned long long)running.seed);
    if (write(STDERR_FILENO, line, (size_t)length) < 0) {
        _exit(3);
    }
    abort();
}

static void start_watchdog(void)
{
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval every = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

void sim_complain(struct sim *sim, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&sim->lock);
    if (sim->complaint[0] == '\0') {
        vsnprintf(sim->complaint, sizeof sim->complaint, format, arguments);
    }
    pthread_mutex_unlock(&sim->lock);
    va_end(arguments);
}

void sim_tell(struct sim *sim, enum sim_tell what, int64_t delta)
{
    __atomic_fetch_add(&sim->told[what], delta, __ATOMIC_RELAXED);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static int64_t read_clock(const struct sl_clock *clock)
{
    struct sim *sim = clock->state;
    uint64_t reads = __atomic_add_fetch(&sim->clock_reads, 1, __ATOMIC_RELAXED);
    int64_t step = (int64_t)(mix(sim->seed * UINT64_C(0x9E3779B97F4A7C15) + reads) % CLOCK_STEP_US);
    return __atomic_add_fetch(&sim->now_us, step, __ATOMIC_SEQ_CST);
}

static int64_t read_wall(const struct sl_clock *clock)
{
    struct sim *sim = clock->state;
    int64_t now_us = read_clock(clock);
    if (sim->seed % JUMPING_SEEDS != 0) {
        return now_us;
    }
    uint64_t turn = __atomic_load_n(&sim->clock_reads, __ATOMIC_RELAXED) / JUMP_READS;
    return now_us + (int64_t)(mix(sim->seed + turn) % (uint64_t)(2 * DAY_US)) - DAY_US;
}

static int64_t read_clock_ns(const struct sl_clock *clock)
{
    return read_clock(clock) * 1000;
}

static void keep_log_line(void *user, enum sl_log_level level, const char *line, size_t length)
{
    struct sim *sim = user;
    (void)level;
    pthread_mutex_lock(&sim->lock);
    snprintf(sim->log_line, sizeof sim->log_line, "%.*s", (int)length, line);
    pthread_mutex_unlock(&sim->lock);
}

int64_t sim_between(struct sim *sim, int64_t low, int64_t high)
{
    return low + (int64_t)sl_random_below(&sim->random, (uint64_t)(high - low + 1));
}

bool sim_chance(struct sim *sim, uint32_t permille)
{
    return sl_random_below(&sim->random, 1000) < permille;
}

void sim_choose(struct sim *sim, uint32_t workers_max)
{
    static const uint32_t rows[] = {1, 2, 3, 7, 16, 64, 256};
    static const uint32_t permille[] = {0, 0, 50, 200, 500};
    static const int64_t intervals[] = {0, 1, 2, 5, 20};
    sim->worker_count = (uint32_t)sim_between(sim, 1, workers_max);
    sim->ring_slots = (uint32_t)sim_between(sim, 1, 4);
    sim->batch_rows = rows[sl_random_below(&sim->random, SL_COUNT_OF(rows))];
    sim->block_permille = permille[sl_random_below(&sim->random, SL_COUNT_OF(permille))];
    sim->block_calls = (uint32_t)sim_between(sim, 1, 3);
    sim->interval_ms = intervals[sl_random_below(&sim->random, SL_COUNT_OF(intervals))];
}

void sim_dice_init(struct sim_dice *dice, struct sl_env *env)
{
    dice->sim = sim_of(env);
    dice->env = env;
    dice->blocked_calls = 0;
    sl_random_init(&dice->random, env->seed);
}

uint64_t sim_dice_below(struct sim_dice *dice, uint64_t bound)
{
    return sl_random_below(&dice->random, bound);
}

enum sl_status sim_dice_blocks(struct sim_dice *dice, bool *blocks, struct sl_error *err)
{
    *blocks = false;
    if (dice->blocked_calls == 0) {
        if (sim_dice_below(dice, 1000) < dice->sim->block_permille) {
            dice->blocked_calls = 1 + (uint32_t)sim_dice_below(dice, dice->sim->block_calls);
        }
    } else if (--dice->blocked_calls == 0) {
        return SL_OK;
    }
    if (dice->blocked_calls == 0) {
        return SL_OK;
    }
    *blocks = true;
    if (sim_dice_below(dice, 1000) < dice->sim->unarmed_permille) {
        return SL_OK; /* the driver tries again by itself */
    }
    const struct sl_clock *clock = dice->env->clock;
    return sl_wake_at(dice->env, SL_WAKE_CLOCK,
                      sl_clock_steady_us(clock) + (int64_t)sim_dice_below(dice, 500),
                      SIM_DICE_TOKEN, err);
}

static void free_world(struct sim *sim)
{
    for (uint32_t i = 0; i < SIM_INPUTS_MAX; i++) {
        for (uint32_t s = 0; s < SIM_SPLITS_MAX; s++) {
            free(sim->inputs[i].splits[s].rows);
        }
    }
    sim_records_free(&sim->taken);
    sim_records_free(&sim->prepared);
    pthread_mutex_destroy(&sim->lock);
}

/* True when the seed holds. */
static bool run_seed(uint64_t seed)
{
    static struct sim sim;
    memset(&sim, 0, sizeof sim);
    running.seed = seed;
    sim.proof = running.name;
    sim.seed = seed;
    sim.now_us = FIRST_US;
    sim.faults_after = -1;
    sim.clock =
        (struct sl_clock){.wall_us = read_wall, .monotonic_ns = read_clock_ns, .state = &sim};
    sim.log = (struct sl_log){
        .level = SL_LOG_WARN, .clock = &sim.clock, .write = keep_log_line, .user = &sim};
    sim.builtins = &sim_builtins;
    memset(sim.burst_fds, -1, sizeof sim.burst_fds);
    pthread_mutex_init(&sim.lock, NULL);
    sl_random_init(&sim.random, seed);
    running.proof(&sim);
    sim_progress();
    bool holds = sim.complaint[0] == '\0';
    if (!holds) {
        fprintf(stderr,
                "%s: seed %llu (%u workers, rings of %u, batches of %u): %s\nlast warning: %s\n"
                "replay with SLUICE_SEED=%llu\n",
                running.name, (unsigned long long)seed, sim.worker_count, sim.ring_slots,
                sim.batch_rows, sim.complaint, sim.log_line, (unsigned long long)seed);
    }
    free_world(&sim);
    return holds;
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static void every_seed_equals_the_reference(void **unused)
{
    (void)unused;
    uint64_t only = number_of("SLUICE_SEED", 0);
    uint64_t count = SL_MAX(number_of("SLUICE_SEEDS", 1000) / running.cost, 1U);
    if (only != 0) {
        assert_true(run_seed(only));
        return;
    }
    for (uint64_t seed = 1; seed <= count; seed++) {
        assert_true(run_seed(seed));
    }
}

int sim_main(const char *name, sim_proof *proof)
{
    return sim_main_costly(name, proof, 1);
}

int sim_main_costly(const char *name, sim_proof *proof, uint64_t cost)
{
    running.cost = cost;
    running.name = name;
    running.proof = proof;
    sim_builtins_fill();
    start_watchdog();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed_equals_the_reference)};
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}
