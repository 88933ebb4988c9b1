/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY without a window: changes, retraction, halves, restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"

static const struct drive_spec GROUP = {
    .kind = "group_aggregate",
    .input = "k STRING, v BIGINT",
    .keys = "k",
    .aggregates = "COUNT(*) SUM(v)",
};

static void test_changes(void **test_state)
{
    static struct drive drive;
    static const struct {
        const char *rows;
        const char *expected;
    } steps[] = {
        {"a|1\nb|2\na|3\n", "a|2|4\nb|1|2\n"},
        {"b|5\n", "-U b|1|2\n+U b|2|7\n"},
        {"-D b|5\nb|5\n", ""},
        {"-D b|5\n-D b|2\n", "-D b|2|7\n"},
        {"-U a|1\n+U a|2\n", "-U a|2|4\n+U a|2|5\n"},
        {"b|NULL\n", "b|1|NULL\n"},
        {"c|1\n-D c|1\n", ""},
        {"NULL|1\nNULL|2\n", "NULL|2|3\n"},
        {"d|9223372036854775807\n", "d|1|9223372036854775807\n"},
        {"d|1\n", "rejected numeric overflow: {\"k\":\"d\",\"COUNT(*)\":2,\"SUM(v)\":null}\n"
                  "-D d|1|9223372036854775807\n"},
        {"d|1\n", "rejected numeric overflow: {\"k\":\"d\",\"COUNT(*)\":3,\"SUM(v)\":null}\n"},
        {"d|-5\n", "d|4|9223372036854775804\n"},
    };
    (void)test_state;
    drive_init(&drive, &GROUP);
    drive_open(&drive);
    for (size_t i = 0; i < SL_COUNT_OF(steps); i++) {
        drive_rows(&drive, steps[i].rows);
        drive_expect(&drive, steps[i].expected);
    }
    drive_close(&drive);
}

/* Tiny output batches: every pair stays together and nothing is lost. */
static void test_small_batches(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    drive_init(&drive, &GROUP);
    drive.support.env.batch_rows = 1;
    drive_open(&drive);
    drive_rows(&drive, "a|1\nb|2\nc|3\n");
    drive_expect(&drive, "a|1|1\nb|1|2\nc|1|3\n");
    drive_rows(&drive, "c|3\nb|2\na|9223372036854775807\nc|1\n");
    drive_expect(&drive, "-U c|1|3\n+U c|2|6\n-U b|1|2\n+U b|2|4\n"
                         "rejected numeric overflow: "
                         "{\"k\":\"a\",\"COUNT(*)\":2,\"SUM(v)\":null}\n"
                         "-D a|1|1\n-U c|2|6\n+U c|3|7\n");
    drive_close(&drive);
}

static void test_no_keys(void **test_state)
{
    static struct drive drive;
    const struct drive_spec spec = {
        .kind = "group_aggregate", .input = "v STRING", .aggregates = "COUNT(*) MIN(v) MAX(v)"};
    (void)test_state;
    drive_init(&drive, &spec);
    drive_open(&drive);
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 5);
    drive_expect(&drive, "watermark 5\n");
    drive_rows(&drive, "a-string-that-is-not-inline\nb\n");
    drive_expect(&drive, "2|a-string-that-is-not-inline|b\n");
    drive_rows(&drive, "c-string-that-is-not-inline\n");
    drive_expect(&drive, "-U 2|a-string-that-is-not-inline|b\n"
                         "+U 3|a-string-that-is-not-inline|c-string-that-is-not-inline\n");
    drive_rows(&drive, "d-string-that-is-much-longer-than-the-one-before\n");
    drive_expect(&drive, "-U 3|a-string-that-is-not-inline|c-string-that-is-not-inline\n"
                         "+U 4|a-string-that-is-not-inline|"
                         "d-string-that-is-much-longer-than-the-one-before\n");
    drive_close(&drive);
}

static void test_halves(void **test_state)
{
    static struct drive local;
    static struct drive global;
    struct drive_spec spec = GROUP;
    (void)test_state;
    spec.is_partial_input = true;
    drive_init(&global, &spec);
    drive_open(&global);
    spec.kind = "local_group_aggregate";
    spec.is_partial_input = false;
    drive_init(&local, &spec);
    local.next = &global;
    drive_open(&local);
    drive_rows(&local, "a|1\nb|2\na|3\n");
    drive_expect(&global, "a|2|4\nb|1|2\n");
    drive_rows(&local, "-U a|3\n+U a|4\n-D b|2\n");
    drive_expect(&global, "-U a|2|4\n+U a|2|5\n-D b|1|2\n");
    drive_rows(&local, "-D a|1\n-D a|4\n");
    drive_expect(&global, "-D a|2|5\n");
    assert_int_equal(sl_state_stats(global.support.states[0]).entry_count, 0);
    drive_close(&local);
    drive_close(&global);
}

/* Each of two new instances continues the groups whose key groups it owns. */
static void test_restore(void **test_state)
{
    static struct drive before;
    static struct drive after[2];
    (void)test_state;
    drive_init(&before, &GROUP);
    drive_open(&before);
    drive_rows(&before, "a|1\nb|2\nc|3\nd|4\n");
    drive_expect(&before, "a|1|1\nb|1|2\nc|1|3\nd|1|4\n");
    drive_signal(&before, SL_SIGNAL_BARRIER, 1);
    uint64_t entries = 0;
    for (uint32_t i = 0; i < 2; i++) {
        drive_init(&after[i], &GROUP);
        drive_restore(&after[i], &before, i * 64, i * 64 + 63);
        drive_open(&after[i]);
        entries += sl_state_stats(after[i].support.states[0]).entry_count;
    }
    assert_int_equal(entries, 4);
    for (uint32_t i = 0; i < 2; i++) {
        drive_rows(&after[i], "a|10\nb|10\nc|10\nd|10\n");
    }
    sl_text_append(&after[0].log, after[1].log.data, after[1].log.length);
    drive_expect_unordered(&after[0], "-U a|1|1\n+U a|2|11\n-U b|1|2\n+U b|2|12\n"
                                      "-U c|1|3\n+U c|2|13\n-U d|1|4\n+U d|2|14\n"
                                      "a|1|10\nb|1|10\nc|1|10\nd|1|10\n");
    drive_close(&before);
    drive_close(&after[0]);
    drive_close(&after[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes), cmocka_unit_test(test_small_batches),
        cmocka_unit_test(test_no_keys), cmocka_unit_test(test_halves),
        cmocka_unit_test(test_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
