/* SPDX-License-Identifier: Apache-2.0
 *
 * Window arithmetic, checked against a search over all windows, and the window table functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "operators/window_time.h"
#include "support_aggregate.h"

static const struct {
    const char *assigner;
    int64_t size_ms;
    int64_t slide_ms;
    int64_t offset_ms;
} SPECS[] = {
    {"TUMBLE", 10, 0, 0}, {"TUMBLE", 10, 0, 3}, {"TUMBLE", 10, 0, -3}, {"HOP", 10, 5, 0},
    {"HOP", 10, 4, 1},    {"HOP", 6, 10, 0},    {"HOP", 7, 3, -2},     {"TUMBLE", 1, 0, 0},
};

static struct op_window_spec spec_of(size_t idx)
{
    struct sl_param params[] = {
        {.name = "assigner", .kind = SL_PARAM_STRING, .string = SPECS[idx].assigner},
        {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = SPECS[idx].size_ms},
        {.name = "slide_ms", .kind = SL_PARAM_INT64, .integer = SPECS[idx].slide_ms},
        {.name = "offset_ms", .kind = SL_PARAM_INT64, .integer = SPECS[idx].offset_ms},
    };
    struct sl_plan_node node = {.params = params, .param_count = SL_COUNT_OF(params)};
    struct op_window_spec spec;
    struct sl_error err;
    assert_int_equal(op_window_spec_read(&spec, &node, &err), SL_OK);
    return spec;
}

static bool is_start(const struct op_window_spec *spec, int64_t time_ms)
{
    return (time_ms - spec->offset_ms) % spec->slide_ms == 0;
}

static void check_pane(const struct op_window_spec *spec, int64_t time_ms)
{
    int64_t pane_start = op_pane_start(spec, time_ms);
    int64_t pane_end = pane_start + spec->pane_ms;
    int64_t found;
    assert_true(pane_start <= time_ms && time_ms < pane_end);
    int64_t last = INT64_MIN;
    for (int64_t start = time_ms - spec->size_ms - spec->pane_ms; start <= pane_start; start++) {
        int64_t end = start + spec->size_ms;
        if (!is_start(spec, start) || end < pane_end) {
            continue;
        }
        assert_true(op_pane_next_window(spec, pane_end, end - 1, &found));
        assert_int_equal(found, end);
        if (last == INT64_MIN) {
            assert_true(op_pane_next_window(spec, pane_end, INT64_MIN, &found));
            assert_int_equal(found, end);
        }
        last = end;
    }
    assert_int_equal(op_pane_last_window(spec, pane_end, &found), last != INT64_MIN);
    if (last != INT64_MIN) {
        assert_int_equal(found, last);
        assert_false(op_pane_next_window(spec, pane_end, last, &found));
    }
}

static void test_panes(void **test_state)
{
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(SPECS); i++) {
        struct op_window_spec spec = spec_of(i);
        for (int64_t time_ms = -40; time_ms <= 40; time_ms++) {
            check_pane(&spec, time_ms);
        }
        int64_t end;
        op_pane_start(&spec, OP_TIME_MIN);
        op_pane_last_window(&spec, op_pane_start(&spec, OP_TIME_MAX) + spec.pane_ms, &end);
        assert_false(op_pane_next_window(&spec, 10, INT64_MAX, &end));
    }
}

static void test_bad_specs(void **test_state)
{
    static const struct sl_param bad[][2] = {
        {{.name = "assigner", .kind = SL_PARAM_STRING, .string = "SESSION"},
         {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = 1}},
        {{.name = "assigner", .kind = SL_PARAM_STRING, .string = "TUMBLE"},
         {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = 0}},
        {{.name = "assigner", .kind = SL_PARAM_STRING, .string = "HOP"},
         {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = 5}},
        {{.name = "assigner", .kind = SL_PARAM_STRING, .string = "TUMBLE"},
         {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = INT64_MAX}},
    };
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(bad); i++) {
        struct sl_plan_node node = {.params = bad[i], .param_count = 2};
        struct op_window_spec spec;
        struct sl_error err;
        assert_int_not_equal(op_window_spec_read(&spec, &node, &err), SL_OK);
    }
}

static void run(const struct drive_spec *spec, const char *rows, const char *expected)
{
    static struct drive drive;
    drive_init(&drive, spec);
    drive_open(&drive);
    drive_rows(&drive, rows);
    drive_expect(&drive, expected);
    drive_close(&drive);
}

#define T(second) "1970-01-01 00:00:" second
#define WINDOW(start, end, time) "|" T(start) ".000|" T(end) ".000|" T(time) ".999\n"

static void test_functions(void **test_state)
{
    struct drive_spec spec = {.kind = "window",
                              .input = "ts TIMESTAMP(3), v INT",
                              .assigner = "TUMBLE",
                              .size_ms = 10000};
    (void)test_state;
    run(&spec, T("01.000") "|1\n" T("10.000") "|2\n" T("09.999") "|3\n",
        T("01.000") "|1" WINDOW("00", "10", "09") T("10.000") "|2" WINDOW("10", "20", "19")
            T("09.999") "|3" WINDOW("00", "10", "09"));
    run(&spec, "NULL|1\n1969-12-31 23:59:59.999|2\n",
        "rejected null in a not null column: {\"ts\":null,\"v\":1}\n"
        "1969-12-31 23:59:59.999|2|1969-12-31 23:59:50.000|1970-01-01 00:00:00.000|1969-12-31 "
        "23:59:59.999\n");
    spec.assigner = "HOP";
    spec.slide_ms = 5000;
    run(&spec, T("11.000") "|1\n" T("14.000") "|2\n",
        T("11.000") "|1" WINDOW("10", "20", "19") T("14.000") "|2" WINDOW("10", "20", "19")
            T("11.000") "|1" WINDOW("05", "15", "14") T("14.000") "|2" WINDOW("05", "15", "14"));
    spec.size_ms = 2000; /* windows with gaps */
    run(&spec, T("11.000") "|1\n" T("14.000") "|2\n", T("11.000") "|1" WINDOW("10", "12", "11"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panes),
        cmocka_unit_test(test_bad_specs),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
