/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY window and keys: raw input, local and global halves, late rows, overlapping windows,
 * restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"

static const struct drive_spec TUMBLE = {
    .kind = "global_window_aggregate",
    .input = "ts TIMESTAMP(3), k STRING, v BIGINT",
    .keys = "k",
    .aggregates = "COUNT(*) AVG(v)",
    .assigner = "TUMBLE",
    .size_ms = 10000,
};

#define T(second) "1970-01-01 00:00:" second ".000"

static void test_tumble(void **test_state)
{
    struct drive drive;
    (void)test_state;
    drive_init(&drive, &TUMBLE);
    drive_open(&drive);
    drive_rows(&drive, T("01") "|a|1\n" T("09") "|b|5\n" T("02") "|a|4\n" T("11") "|a|7\n");
    drive_expect(&drive, "");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9998);
    drive_expect(&drive, "watermark 9998\n");
    drive_rows(&drive, T("03") "|b|NULL\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9999);
    drive_expect(&drive, "a|2|2|1970-01-01 00:00:00.000|1970-01-01 00:00:10.000|1970-01-01 "
                         "00:00:09.999\n"
                         "b|2|5|1970-01-01 00:00:00.000|1970-01-01 00:00:10.000|1970-01-01 "
                         "00:00:09.999\n"
                         "watermark 9999\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    drive_expect(&drive, "a|1|7|1970-01-01 00:00:10.000|1970-01-01 00:00:20.000|1970-01-01 "
                         "00:00:19.999\n"
                         "watermark 9223372036854775807\n");
    assert_int_equal(sl_state_stats(drive.support.states[0]).namespace_count, 0);
    drive_close(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tumble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
