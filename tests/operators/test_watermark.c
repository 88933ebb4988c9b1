/* SPDX-License-Identifier: Apache-2.0
 *
 * The watermark operator: splits, deselected rows, idleness, restore. Steps of a script are
 * separated by spaces: "+3" split 3 added, "-3" ended, "3:5000" a row of split 3 at 5,000 ms (a
 * trailing '!' deselects it, "3:null" has no time), "w600" the clock moves by 600 ms and the
 * wake-up fires if it is due, "b" a barrier, "max" the end of time, "idle" an idle input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"
#include "support/wake.h"

static const struct sl_state_def SPLITS = {.name = "splits",
                                           .kind = SL_STATE_HASH,
                                           .scope = SL_STATE_UNION,
                                           .field_count = 1,
                                           .fields = {{"watermark", SL_W8}},
                                           .version = 1};

/* WATERMARK FOR ts AS ts - INTERVAL '1' SECOND is left to the planner: here it is ts itself. */
static void watermark_init(struct drive *drive, int64_t idle_timeout_ms, bool has_rowtime)
{
    struct support *support = &drive->support;
    memset(drive, 0, sizeof *drive);
    support_open(support);
    armed_wake = (struct armed_wake){.fd = -1};
    sl_text_init(&drive->log, NULL, 0);
    drive->raw = support_schema(support, "ts TIMESTAMP(6)");
    support_node(support, "watermark", drive->raw, drive->raw);
    if (has_rowtime) {
        support_param(support, "rowtime", SL_PARAM_INT64)->integer = 0;
    }
    struct sl_param *expression = support_param(support, "expression", SL_PARAM_EXPRS);
    expression->exprs = support_expr(support, drive->raw, "ts");
    expression->count = 1;
    support_param(support, "idle_timeout_ms", SL_PARAM_INT64)->integer = idle_timeout_ms;
    support_states(support, &SPLITS, 1);
    drive->def = sl_catalog_operator(&support->catalog, "watermark");
    assert_non_null(drive->def);
}

static void send_row(struct drive *drive, const char *step)
{
    char *end;
    uint32_t split = (uint32_t)strtoul(step, &end, 10);
    struct sl_batch *batch = support_batch(&drive->support, drive->raw, "NULL\n");
    struct sl_run run = {.split = split, .first_row = 0};
    batch->runs = &run;
    batch->run_count = 1;
    if (strncmp(end, ":null", 5) != 0) {
        batch->columns[0].validity = NULL;
        ((int64_t *)batch->columns[0].data)[0] = strtoll(end + 1, NULL, 10) * 1000;
    }
    if (strchr(step, '!') != NULL) {
        support_select(&drive->support, batch, "");
    }
    drive_batch(drive, batch);
}

static void wait_ms(struct drive *drive, int64_t ms)
{
    drive->support.now_us += ms * 1000;
    if (armed_wake.time != 0 && armed_wake.time <= drive->support.now_us) {
        armed_wake.time = 0;
        drive_signal(drive, SL_SIGNAL_WAKE, armed_wake.time_token);
    }
}

static void run_step(struct drive *drive, const char *step)
{
    if (*step == '+') {
        drive_signal(drive, SL_SIGNAL_SPLIT_ADDED, strtoll(step + 1, NULL, 10));
    } else if (*step == '-') {
        drive_signal(drive, SL_SIGNAL_SPLIT_ENDED, strtoll(step + 1, NULL, 10));
    } else if (*step == 'w') {
        wait_ms(drive, strtoll(step + 1, NULL, 10));
    } else if (*step == 'b') {
        drive_signal(drive, SL_SIGNAL_BARRIER, 1);
    } else if (strcmp(step, "max") == 0) {
        drive_signal(drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    } else if (strcmp(step, "idle") == 0) {
        drive_signal(drive, SL_SIGNAL_IDLE, 0);
    } else {
        send_row(drive, step);
    }
}

static void run_script(struct drive *drive, const char *script)
{
    char step[64];
    while (*script != '\0') {
        size_t length = strcspn(script, " ");
        snprintf(step, sizeof step, "%.*s", (int)length, script);
        run_step(drive, step);
        script += length + (script[length] == ' ');
    }
}

#define ROW(ms) "1970-01-01 00:00:00." ms "000\n"

static const struct {
    const char *script;
    int64_t idle_timeout_ms;
    const char *expected;
} CASES[] = {
    {"1:500 1:400 1:600", 0, ROW("500") "watermark 500\n" ROW("400") ROW("600") "watermark 600\n"},
    /* the least of two splits */
    {"+1 +2 1:500", 0, ROW("500")},
    {"+1 +2 1:500 2:300", 0, ROW("500") ROW("300") "watermark 300\n"},
    {"+1 +2 1:500 2:300 -2", 0, ROW("500") ROW("300") "watermark 300\nwatermark 500\n"},
    /* a split that is added later holds back but never turns time back */
    {"+1 1:500 +2 1:700 2:600 2:800", 0,
     ROW("500") "watermark 500\n" ROW("700")
         ROW("600") "watermark 600\n" ROW("800") "watermark 700\n"},
    /* deselected rows carry time */
    {"+1 1:500! 1:400", 0, "watermark 500\n" ROW("400")},
    /* rows without time are rejected and ignored */
    {"+1 1:null 1:100", 0,
     "rejected null in a not null column: {\"ts\":null}\n" ROW("100") "watermark 100\n"},
    {"+1 1:null!", 0, ""},
    /* no split: idle, once */
    {"+1 -1 -1 idle", 0, "idle\n"},
    {"idle idle", 0, "idle\n"},
    {"+1 idle", 0, ""},
    {"+1 1:100 -1 idle +2 2:200", 0,
     ROW("100") "watermark 100\nidle\n" ROW("200") "watermark 200\n"},
    /* behind the last split nothing is said: the end may follow */
    {"+1 1:100 -1 max", 0, ROW("100") "watermark 100\nwatermark 9223372036854775807\n"},
    {"+1 1:100 -1 +2 2:200", 0, ROW("100") "watermark 100\n" ROW("200") "watermark 200\n"},
    /* the end of time */
    {"+1 1:100 max", 0, ROW("100") "watermark 100\nwatermark 9223372036854775807\n"},
    {"+1 1:100 max 1:200 max -1", 0,
     ROW("100") "watermark 100\nwatermark 9223372036854775807\n" ROW("200")},
    /* idle time-out */
    {"+1 +2 1:500 w600 1:600 w600 1:700 2:650", 1000,
     ROW("500") ROW("600") "watermark 600\n" ROW("700") "watermark 700\n" ROW("650")},
    {"+1 1:500 w1000 w1000 1:600", 1000,
     ROW("500") "watermark 500\nidle\n" ROW("600") "watermark 600\n"},
    {"+1 +2 w600 2:100 w600 -2", 1000, ROW("100") "watermark 100\nidle\n"},
    {"+1 w1000 +2 2:100", 1000, "idle\n" ROW("100") "watermark 100\n"},
    {"+1 1:500 w100000", 0, ROW("500") "watermark 500\n"},
};

static void test_cases(void **test_state)
{
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        static struct drive drive;
        watermark_init(&drive, CASES[i].idle_timeout_ms, true);
        drive_open(&drive);
        run_script(&drive, CASES[i].script);
        drive_expect(&drive, CASES[i].expected);
        drive_close(&drive);
    }
}

/* Several runs in one batch: each split keeps its own maximum. */
static void test_runs(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    watermark_init(&drive, 0, true);
    drive_open(&drive);
    run_script(&drive, "+1 +2");
    struct sl_batch *batch =
        support_batch(&drive.support, drive.raw, ROW("900") ROW("100") ROW("300") ROW("200"));
    struct sl_run runs[] = {{1, 0, 0}, {2, 1, 0}, {1, 3, 0}};
    batch->runs = runs;
    batch->run_count = 3;
    drive_batch(&drive, batch);
    drive_expect(&drive, ROW("900") ROW("100") ROW("300") ROW("200") "watermark 300\n");
    drive_close(&drive);
}

/* The time attribute is computed further down: rows without time pass. */
static void test_no_rowtime(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    watermark_init(&drive, 0, false);
    drive_open(&drive);
    run_script(&drive, "+1 1:null 1:100");
    drive_expect(&drive, "NULL\n" ROW("100") "watermark 100\n");
    drive_close(&drive);
}

/* Every worker gets every split's watermark back, uses those that it reads and saves no others;
 * none speaks before all are named, which the source's idleness tells, or a row. */
static void test_restore(void **test_state)
{
    static struct drive before;
    static struct drive after;
    (void)test_state;
    watermark_init(&before, 0, true);
    drive_open(&before);
    run_script(&before, "+1 +2 1:500 2:300 b 2:350");
    drive_expect(&before, ROW("500") ROW("300") "watermark 300\n" ROW("350") "watermark 350\n");
    watermark_init(&after, 0, true);
    drive_restore(&after, &before, 0, 0);
    after.support.env.restored_watermark = 200;
    drive_open(&after);
    run_script(&after, "+1 +2 idle 1:400 -1 2:200 2:310 2:360 b");
    drive_expect(&after, "watermark 300\n" ROW("400") ROW("200")
                             ROW("310") "watermark 310\n" ROW("360") "watermark 360\n");
    assert_int_equal(sl_state_stats(after.support.env.states[0]).entry_count, 1);
    drive_close(&before);
    drive_close(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_no_rowtime),
        cmocka_unit_test(test_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
