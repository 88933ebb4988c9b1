/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver end to end on toy plans: linear, fan-out, diamond, blocking, wake-ups, stops, drains
 * and failures, each on one worker and on several with rings down to one slot.
 * Always true: every row comes out exactly once, whatever blocks. */
#include "support_toy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum shape { LINEAR, FAN_OUT, DIAMOND, TWO_SOURCES, SHUFFLED, SHAPE_COUNT };

/* Returns how often each id is expected. */
static uint32_t make_shape(struct toy_plan *plan, struct toy *toy, enum shape shape)
{
    int source = (int)toy_add(plan, toy, "source", "toy", -1, -1);
    int time = (int)toy_add(plan, toy, "watermark", NULL, source, -1);
    if (shape == LINEAR) {
        int slow = (int)toy_add(plan, toy, "slow", NULL, time, -1);
        toy_add(plan, toy, "sink", "toy", slow, -1);
        return 1;
    }
    if (shape == FAN_OUT) {
        toy_add(plan, toy, "sink", "toy", time, -1);
        int slow = (int)toy_add(plan, toy, "slow", NULL, time, -1);
        toy_add(plan, toy, "sink", "toy", slow, -1);
        return 2;
    }
    if (shape == SHUFFLED) {
        int local = (int)toy_add(plan, toy, "local_pass", NULL, time, -1);
        int exchange = (int)toy_add_exchange(plan, toy, local, false);
        int pass = (int)toy_add(plan, toy, "pass", NULL, exchange, -1);
        int single = (int)toy_add_exchange(plan, toy, pass, true);
        int trace = (int)toy_add(plan, toy, "trace", NULL, single, -1);
        toy_add(plan, toy, "sink", "toy", trace, -1);
        return 1;
    }
    int other = time;
    if (shape == TWO_SOURCES) {
        int second = (int)toy_add(plan, toy, "source", "toy", -1, -1);
        other = (int)toy_add(plan, toy, "watermark", NULL, second, -1);
    }
    int slow = (int)toy_add(plan, toy, "slow", NULL, time, -1);
    int pass = (int)toy_add(plan, toy, "pass", NULL, other, -1);
    int merge = (int)toy_add(plan, toy, "merge", NULL, slow, pass);
    int trace = (int)toy_add(plan, toy, "trace", NULL, merge, -1);
    toy_add(plan, toy, "sink", "toy", trace, -1);
    return 2;
}

struct variant {
    uint32_t workers;
    uint32_t ring_slots;
    uint32_t blocks_each;
    bool pauses;
    const char *interval;
};

static const struct variant variants[] = {
    {1, 0, 0, false, NULL},   {1, 0, 1, false, "1 ms"}, {1, 0, 2, true, "1 ms"},
    {2, 1, 0, false, "1 ms"}, {2, 1, 1, true, "1 ms"},  {3, 2, 0, false, "1 ms"},
    {3, 0, 1, false, NULL},
};

static void run_variant(enum shape shape, const struct variant *variant)
{
    static struct toy toy;
    static struct toy_plan plan;
    toy_init(&toy);
    toy_plan_init(&plan);
    toy.blocks_each = variant->blocks_each;
    toy.pauses = variant->pauses;
    uint32_t times = make_shape(&plan, &toy, shape);
    if (variant->interval != NULL) {
        toy_set(&plan, "execution.checkpointing.interval", variant->interval);
    }
    struct sl_query_options options = {.worker_count = variant->workers,
                                       .ring_slots = variant->ring_slots,
                                       .batch_rows = 128,
                                       .seed = 1};
    struct sl_query_stats stats;
    struct sl_error err = {.status = SL_OK};
    enum sl_status status = toy_run(&plan, &toy, options, &stats, &err);
    if (status != SL_OK) {
        fail_msg("%s", err.text);
    }
    toy_assert_each_id(&toy, toy.split_count * toy.rows_per_split, times);
    assert_int_equal(stats.rows_out, toy.row_count);
    assert_int_equal(stats.rows_rejected, 0);
    assert_int_equal(toy.barriers_out_of_order, 0);
    assert_int_equal(toy.committed, stats.checkpoint);
    assert_true(stats.checkpoint >= 1);
    for (uint32_t i = 0; i < toy.split_count; i++) {
        assert_int_equal(toy.committed_positions[i], toy.rows_per_split);
    }
    if (shape == DIAMOND || shape == TWO_SOURCES || shape == SHUFFLED) {
        assert_true(toy.last_watermark == INT64_MAX);
        assert_int_equal(toy.late_wakes, 0);
    }
    pthread_mutex_destroy(&toy.lock);
}

static void every_row_comes_out_once(void **unused)
{
    (void)unused;
    for (uint32_t shape = 0; shape < SHAPE_COUNT; shape++) {
        for (uint32_t i = 0; i < SL_COUNT_OF(variants); i++) {
            run_variant((enum shape)shape, &variants[i]);
        }
    }
}

static struct toy toy;
static struct toy_plan plan;

static int set_up(void **unused)
{
    (void)unused;
    toy_init(&toy);
    toy_plan_init(&plan);
    return 0;
}

static int tear_down(void **unused)
{
    (void)unused;
    pthread_mutex_destroy(&toy.lock);
    return 0;
}

static void run_ok(uint32_t workers, struct sl_query_stats *stats)
{
    struct sl_query_options options = {.worker_count = workers, .ring_slots = 1, .batch_rows = 64};
    struct sl_error err = {.status = SL_OK};
    if (toy_run(&plan, &toy, options, stats, &err) != SL_OK) {
        fail_msg("%s", err.text);
    }
}

static void time_goes_on_without_selected_rows(void **unused)
{
    (void)unused;
    toy.deselect_modulo = 1; /* all of them */
    int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
    int time = (int)toy_add(&plan, &toy, "watermark", NULL, source, -1);
    int trace = (int)toy_add(&plan, &toy, "trace", NULL, time, -1);
    toy_add(&plan, &toy, "sink", "toy", trace, -1);
    struct sl_query_stats stats;
    run_ok(1, &stats);
    assert_int_equal(toy.row_count, 0);
    assert_int_equal(stats.rows_in, 2000);
    assert_true(toy.wakes > 10); /* event time moved step by step, not in one leap */
    assert_string_equal(toy.events + toy.event_count - 3, "wec");
}

static void an_instance_without_splits_is_idle(void **unused)
{
    (void)unused;
    toy.split_count = 1;
    int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
    int time = (int)toy_add(&plan, &toy, "watermark", NULL, source, -1);
    int exchange = (int)toy_add_exchange(&plan, &toy, time, true);
    int trace = (int)toy_add(&plan, &toy, "trace", NULL, exchange, -1);
    toy_add(&plan, &toy, "sink", "toy", trace, -1);
    run_ok(2, NULL);
    toy_assert_each_id(&toy, 1000, 1);
    assert_true(toy.wakes > 5); /* worker 1's idle port did not hold time back */
    for (uint32_t i = 0; i < toy.row_count; i++) {
        assert_int_equal(toy.workers[i], 0);
    }
}

static void stop_takes_a_last_checkpoint(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        set_up(NULL);
        toy.rows_per_split = 20000;
        toy.unbounded = true;
        toy.stop_at_rows = 500;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int trace = (int)toy_add(&plan, &toy, "trace", NULL, source, -1);
        toy_add(&plan, &toy, "sink", "toy", trace, -1);
        run_ok(workers, NULL);
        assert_null(memchr(toy.events, 'e', toy.event_count));
        assert_non_null(memchr(toy.events, 'b', toy.event_count));
        assert_int_equal(toy.prepared, toy.committed);
        assert_int_equal(toy.committed_positions[0] + toy.committed_positions[1], toy.row_count);
        assert_true(workers == 2 || toy.row_count < 40000);
    }
}

static void drain_closes_time(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        set_up(NULL);
        toy.unbounded = true;
        toy.stop_at_rows = 2000;
        toy.stop_drains = true;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int exchange = (int)toy_add_exchange(&plan, &toy, source, true);
        int trace = (int)toy_add(&plan, &toy, "trace", NULL, exchange, -1);
        toy_add(&plan, &toy, "sink", "toy", trace, -1);
        run_ok(workers, NULL);
        toy_assert_each_id(&toy, 2000, 1);
        if (workers == 1) {
            assert_string_equal(toy.events, "ssdwec");
        }
        assert_int_equal(toy.event_count, workers == 1 ? 6 : 8);
        assert_true(toy.last_watermark == INT64_MAX);
    }
}

static void the_first_failure_ends_all_workers(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        set_up(NULL);
        toy.rows_per_split = 20000;
        toy.unbounded = true;
        toy.fail_at_id = 5;
        toy.fail_worker = 1 % workers;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int fragile = (int)toy_add(&plan, &toy, "fragile", NULL, source, -1);
        int exchange = (int)toy_add_exchange(&plan, &toy, fragile, false);
        toy_add(&plan, &toy, "sink", "toy", exchange, -1);
        struct sl_error err = {.status = SL_OK};
        struct sl_query_options options = {.worker_count = workers};
        assert_int_equal(toy_run(&plan, &toy, options, NULL, &err), SL_NETWORK);
        assert_string_equal(err.text, "the toy broke at 5");
        assert_int_equal(err.status, SL_NETWORK);
    }
}

static void new_splits_are_dealt_while_running(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        set_up(NULL);
        toy.split_count = 5;
        toy.hidden_splits = 3;
        toy.unbounded = true;
        toy.stop_at_rows = 5000;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        toy_add(&plan, &toy, "sink", "toy", source, -1);
        run_ok(workers, NULL);
        toy_assert_each_id(&toy, 5000, 1);
        for (uint32_t i = 0; i < toy.row_count && workers == 3; i++) {
            assert_int_equal(toy.workers[i], "\0\1\2\0\1"[toy.ids[i] % 5]);
        }
    }
}

static void a_descriptor_wakes_its_operator(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        set_up(NULL);
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int answering = (int)toy_add(&plan, &toy, "answering", NULL, source, -1);
        toy_add(&plan, &toy, "sink", "toy", answering, -1);
        run_ok(workers, NULL);
        toy_assert_each_id(&toy, 2000, 1);
    }
}

static void take_line(void *user, enum sl_log_level level, const char *line, size_t length)
{
    uint32_t *count = user;
    (void)level;
    (void)line;
    (void)length;
    (*count)++;
}

static void rejected_and_late_rows_are_counted(void **unused)
{
    (void)unused;
    char path[] = "/tmp/dead-letters-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    uint32_t line_count = 0;
    struct sl_log log = {
        .level = SL_LOG_WARN, .clock = sl_clock_system(), .write = take_line, .user = &line_count};
    toy.log = &log;
    toy_set(&plan, "sluice.dead-letter.path", path);
    int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
    int picky = (int)toy_add(&plan, &toy, "picky", NULL, source, -1);
    toy_add(&plan, &toy, "sink", "toy", picky, -1);
    struct sl_query_stats stats;
    run_ok(1, &stats);
    assert_int_equal(stats.rows_rejected, 200);
    assert_int_equal(stats.rejected_by_reason[SL_ROW_CAST], 200);
    assert_int_equal(stats.rows_late, 200);
    assert_int_equal(stats.rows_out, 1600);
    assert_int_equal(line_count, 20); /* ten of each reason */
    FILE *file = fdopen(fd, "r");
    char line[1000];
    uint32_t count = 0;
    for (; fgets(line, sizeof(line), file) != NULL; count++) {
        if (strstr(line, "failed cast") != NULL) {
            assert_non_null(strstr(line, "{\"operator\":\"picky[1]\",\"reason\":\"failed cast\","
                                         "\"detail\":\"a \\\"3\\\"\",\"split\":\"toy\","));
        }
    }
    assert_int_equal(count, 400);
    fclose(file);
    unlink(path);
}

/* Stops from another thread after a while. */
struct stopper {
    struct sl_query *query;
    uint32_t times;
};

static void *stop_later(void *user)
{
    struct stopper *stopper = user;
    for (uint32_t i = 0; i < stopper->times; i++) {
        usleep(150 * 1000);
        sl_query_stop(stopper->query, false);
    }
    return NULL;
}

static double run_stopped(uint32_t workers, uint32_t stops)
{
    struct sl_engine_config config = {.builtins = &toy_builtins};
    struct sl_query_options options = {.worker_count = workers};
    struct sl_engine *engine;
    struct stopper stopper = {.times = stops};
    struct sl_error err;
    pthread_t thread;
    assert_int_equal(sl_engine_create(&config, &engine, &err), SL_OK);
    assert_int_equal(sl_query_create(engine, &plan.plan, &options, &stopper.query, &err), SL_OK);
    assert_int_equal(pthread_create(&thread, NULL, stop_later, &stopper), 0);
    clock_t before = clock();
    assert_int_equal(sl_query_run(stopper.query, &err), SL_OK);
    clock_t used = clock() - before;
    pthread_join(thread, NULL);
    sl_query_destroy(stopper.query);
    sl_engine_destroy(engine);
    return (double)used / CLOCKS_PER_SEC;
}

static void a_quiet_query_sleeps_and_can_be_stopped(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        set_up(NULL);
        toy.unbounded = true;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int exchange = (int)toy_add_exchange(&plan, &toy, source, false);
        toy_add(&plan, &toy, "sink", "toy", exchange, -1);
        double used_seconds = run_stopped(workers, 1);
        assert_true(used_seconds < 0.1);
        toy_assert_each_id(&toy, 2000, 1);
        assert_int_equal(toy.committed, toy.prepared);
    }
}

static void a_stuck_query_can_be_stopped(void **unused)
{
    (void)unused;
    toy.blocks_each = UINT32_MAX; /* the sink never takes a row */
    toy.never_wakes = true;
    int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
    toy_add(&plan, &toy, "sink", "toy", source, -1);
    assert_true(run_stopped(1, 2) < 0.1);
    set_up(NULL);
    toy.blocks_each = UINT32_MAX;
    toy.never_wakes = true;
    toy_set(&plan, "sluice.stop.timeout", "100 ms");
    source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
    toy_add(&plan, &toy, "sink", "toy", source, -1);
    assert_true(run_stopped(2, 1) < 0.1);
    assert_int_equal(toy.row_count, 0);
}

static enum sl_status take_result(void *user, const struct sl_batch *batch, struct sl_error *err)
{
    struct toy *told = user;
    if (told->row_count >= 100) {
        return sl_fail(err, SL_CLOSED, "enough");
    }
    told->row_count += batch->selected_count;
    return SL_OK;
}

static void a_closed_result_ends_well(void **unused)
{
    (void)unused;
    for (uint32_t workers = 1; workers <= 2; workers++) {
        set_up(NULL);
        toy.unbounded = true;
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        int exchange = (int)toy_add_exchange(&plan, &toy, source, true);
        toy_add(&plan, &toy, "sink", "result", exchange, -1);
        struct sl_query_options options = {
            .worker_count = workers, .result = take_result, .user = &toy};
        struct sl_error err = {.status = SL_OK};
        assert_int_equal(toy_run(&plan, &toy, options, NULL, &err), SL_OK);
        assert_in_range(toy.row_count, 100, 163);
    }
}

static void bad_plans_are_refused(void **unused)
{
    static const struct {
        const char *kind;
        const char *connector;
        const char *setting;
        const char *value;
        enum sl_status expected;
    } cases[] = {
        {"nonsense", NULL, NULL, NULL, SL_NOT_FOUND},
        {"merge", NULL, NULL, NULL, SL_FORMAT},
        {"sink", "nonsense", NULL, NULL, SL_NOT_FOUND},
        {"sink", "toy", "parallelism.defualt", "2", SL_OPTION},
        {"sink", "toy", "parallelism.default", "two", SL_OPTION},
        {"sink", "toy", "parallelism.default", "0", SL_OPTION},
        {"sink", "toy", "parallelism.default", "129", SL_OPTION},
        {"sink", "toy", "sluice.batch.rows", "4096", SL_OPTION},
        {"sink", "toy", "sluice.memory.limit", "100 kb", SL_MEMORY},
    };
    (void)unused;
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        set_up(NULL);
        int source = (int)toy_add(&plan, &toy, "source", "toy", -1, -1);
        toy_add(&plan, &toy, cases[i].kind, cases[i].connector, source, -1);
        if (cases[i].setting != NULL) {
            toy_set(&plan, cases[i].setting, cases[i].value);
        }
        struct sl_error err = {.status = SL_OK};
        struct sl_query_options options = {.seed = 1};
        assert_int_equal(toy_run(&plan, &toy, options, NULL, &err), cases[i].expected);
        assert_true(err.text[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_comes_out_once),
        cmocka_unit_test_setup_teardown(time_goes_on_without_selected_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_instance_without_splits_is_idle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stop_takes_a_last_checkpoint, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drain_closes_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_failure_ends_all_workers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(new_splits_are_dealt_while_running, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_descriptor_wakes_its_operator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rejected_and_late_rows_are_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_quiet_query_sleeps_and_can_be_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stuck_query_can_be_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_result_ends_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_plans_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
