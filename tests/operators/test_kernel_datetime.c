/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of dates and times, and intervals. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"
static void test_functions(void **state)
{
    static const struct support_case cases[] = {
        {"s TO_TIMESTAMP/1", "2020-02-29 12:34:56.789,NULL,NULL,NULL"},
        {"s 'dd/MM/yyyy' TO_TIMESTAMP/2", "NULL,2026-11-21 00:00:00.000,NULL,NULL"},
        {"'20200102' 'yyyyMMdd' TO_TIMESTAMP/2",
         "2020-01-02 00:00:00.000,2020-01-02 00:00:00.000,2020-01-02 00:00:00.000,2020-01-02 "
         "00:00:00.000"},
        {"n 0 TO_TIMESTAMP_LTZ/2",
         "2020-02-29 12:34:56.000,1969-12-31 23:59:59.000,!numeric overflow,NULL"},
        {"n 3 TO_TIMESTAMP_LTZ/2",
         "1970-01-19 07:42:59.696,1969-12-31 23:59:59.999,+292278994-08-17 07:12:55.807,NULL"},
        {"n 1 TO_TIMESTAMP_LTZ/2",
         "!argument out of range,!argument out of range,!argument out of range,NULL"},
        {"1.5e0 0 TO_TIMESTAMP_LTZ/2", "1970-01-01 00:00:01.500,1970-01-01 00:00:01.500,1970-01-01 "
                                       "00:00:01.500,1970-01-01 00:00:01.500"},
        {"t 'yyyy-MM-dd HH:mm' DATE_FORMAT/2",
         "2020-02-29 12:34,1969-12-31 23:59,0001-01-01 00:00,NULL"},
        {"z 'yyyyMMdd HH' DATE_FORMAT/2", "20200301 00,19700101 01,20200101 01,NULL"},
        {"s 'HH' DATE_FORMAT/2", "12,NULL,NULL,NULL"},
        {"t YEAR/1", "2020,1969,1,NULL"},
        {"t MONTH/1", "2,12,1,NULL"},
        {"t DAYOFMONTH/1", "29,31,1,NULL"},
        {"t HOUR/1", "12,23,0,NULL"},
        {"t MINUTE/1", "34,59,0,NULL"},
        {"t SECOND/1", "56,59,0,NULL"},
        {"t QUARTER/1", "1,4,1,NULL"},
        {"t DAYOFYEAR/1", "60,365,1,NULL"},
        {"t DAYOFWEEK/1", "7,4,2,NULL"},
        {"z HOUR/1", "0,1,1,NULL"},
        {"z DAYOFMONTH/1", "1,1,1,NULL"},
        {"d YEAR/1", "2020,1970,1600,NULL"},
        {"d QUARTER/1", "4,1,1,NULL"},
        {"d DAYOFYEAR/1", "366,1,61,NULL"},
        {"m HOUR/1", "23,0,12,NULL"},
        {"m SECOND/1", "0,1,0,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_set(&support, "table.local-time-zone", "Europe/Berlin");
    support_check_cases(
        &support, "s STRING, n BIGINT, t TIMESTAMP(3), z TIMESTAMP_LTZ(3), d DATE, m TIME",
        "2020-02-29 12:34:56.789|1582979696|2020-02-29 12:34:56.789|2020-02-29 "
        "23:34:56.789|2020-12-31|23:30:00\n"
        "21/11/2026|-1|1969-12-31 23:59:59.999|1970-01-01 00:00:00|1970-01-01|00:00:01\n"
        "nonsense|9223372036854775807|0001-01-01 00:00:00|2020-01-01 00:00:00|1600-03-01|12:00:00\n"
        "NULL|NULL|NULL|NULL|NULL|NULL\n",
        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_intervals(void **state)
{
    static const struct support_case cases[] = {
        {"t s PLUS/2", "2020-01-31 13:00:00.000,-292275055-05-16 16:47:04.192,NULL"},
        {"s t PLUS/2", "2020-01-31 13:00:00.000,-292275055-05-16 16:47:04.192,NULL"},
        {"t s MINUS/2", "2020-01-31 11:00:00.000,!numeric overflow,NULL"},
        {"u s PLUS/2", "2020-01-31 13:00:00.000000001,!numeric overflow,NULL"},
        {"t y PLUS/2", "2020-02-29 12:00:00.000,-178955001-05-01 00:00:00.000,NULL"},
        {"y t PLUS/2 YEAR/1", "2020,-178955001,NULL"},
        {"t y MINUS/2", "2019-12-31 12:00:00.000,!numeric overflow,NULL"},
        {"d y PLUS/2", "2020-02-29,!numeric overflow,NULL"},
        {"d INTERVAL_DAY_TIME\"86400000\" PLUS/2", "2020-02-01,1970-01-02,NULL"},
        {"d INTERVAL_DAY_TIME\"86400000\" MINUS/2", "2020-01-30,1969-12-31,NULL"},
        {"m s PLUS/2", "00:30:00,16:47:04,NULL"},
        {"m INTERVAL_DAY_TIME\"3600000\" MINUS/2", "22:30:00,23:00:00,NULL"},
        /* Across the start of summer time a month is counted by the local clock, a day-time by
           hours. */
        {"z INTERVAL_YEAR_MONTH\"1\" PLUS/2",
         "2020-04-28 11:00:00.000,1970-02-01 00:00:00.000,NULL"},
        {"z INTERVAL_DAY_TIME\"86400000\" PLUS/2",
         "2020-03-29 12:00:00.000,1970-01-02 00:00:00.000,NULL"},
        {"s s PLUS/2", "7200000,!numeric overflow,NULL"},
        {"s NEGATE/1", "-3600000,!numeric overflow,NULL"},
        {"s 2 TIMES/2", "7200000,!numeric overflow,NULL"},
        {"y 12 TIMES/2", "12,!numeric overflow,NULL"},
        {"2 y TIMES/2", "2,!numeric overflow,NULL"},
        {"y NEGATE/1", "-1,!numeric overflow,NULL"},
        {"s y PLUS/2", "?PLUS does not take"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_set(&support, "table.local-time-zone", "Europe/Berlin");
    support_check_cases(&support,
                        "t TIMESTAMP(3), u TIMESTAMP(9), z TIMESTAMP_LTZ(3), d DATE, m TIME, s "
                        "INTERVAL_DAY_TIME, y INTERVAL_YEAR_MONTH",
                        "2020-01-31 12:00:00|2020-01-31 12:00:00.000000001|2020-03-28 "
                        "12:00:00|2020-01-31|23:30:00|3600000|1\n"
                        "1970-01-01 00:00:00|1970-01-01 00:00:00|1970-01-01 "
                        "00:00:00|1970-01-01|00:00:00|-9223372036854775808|-2147483648\n"
                        "NULL|NULL|NULL|NULL|NULL|NULL|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
