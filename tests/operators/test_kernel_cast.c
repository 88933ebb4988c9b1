/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts among numbers, strings, dates and times, in a zone with summer time. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"
static void test_numbers(void **state)
{
    static const struct support_case cases[] = {
        {"i CAST:TINYINT", "1,!numeric overflow,!numeric overflow,0,NULL"},
        {"i CAST:SMALLINT", "1,-200,!numeric overflow,0,NULL"},
        {"l CAST:INT", "128,!numeric overflow,!numeric overflow,0,NULL"},
        {"i CAST:BIGINT", "1,-200,2147483647,0,NULL"},
        {"i CAST:DOUBLE", "1.0,-200.0,2.147483647E9,0.0,NULL"},
        {"d CAST:INT", "1,-1,!numeric overflow,!numeric overflow,NULL"},
        {"d CAST:BIGINT", "1,-1,!numeric overflow,!numeric overflow,NULL"},
        {"f CAST:BIGINT", "0,-2,!numeric overflow,!numeric overflow,NULL"},
        {"d CAST:FLOAT", "1.9,-1.9,Infinity,NaN,NULL"},
        {"f CAST:DOUBLE", "0.5,-2.5,3.0000000054977558E38,Infinity,NULL"},
        {"e CAST:INT", "12,-12,999999999,0,NULL"},
        {"e CAST:TINYINT", "12,-12,!numeric overflow,0,NULL"},
        {"e CAST:DOUBLE", "12.345,-12.999,9.99999999999E8,0.0,NULL"},
        {"e CAST:DECIMAL(5,2)", "12.35,-13.00,!numeric overflow,0.00,NULL"},
        {"e CAST:DECIMAL(38,10)",
         "12.3450000000,-12.9990000000,999999999.9990000000,0.0000000000,NULL"},
        {"l CAST:DECIMAL(19,0)", "128,-9223372036854775808,9223372036854775807,0,NULL"},
        {"l CAST:DECIMAL(5,2)", "128.00,!numeric overflow,!numeric overflow,0.00,NULL"},
        {"d CAST:DECIMAL(5,1)", "1.9,-1.9,!numeric overflow,!numeric overflow,NULL"},
        {"i CAST:BOOLEAN", "true,true,true,false,NULL"},
        {"b CAST:INT", "1,0,1,0,NULL"},
        {"b CAST:DOUBLE", "1.0,0.0,1.0,0.0,NULL"},
        {"e CAST:BOOLEAN", "true,true,true,false,NULL"},
        {"b CAST:DECIMAL(3,1)", "1.0,0.0,1.0,0.0,NULL"},
        {"i TRY_CAST:TINYINT", "1,NULL,NULL,0,NULL"},
        {"d TRY_CAST:INT", "1,-1,NULL,NULL,NULL"},
        {"i 0 DIVIDE/2 TRY_CAST:TINYINT",
         "!division by zero,!division by zero,!division by zero,!division by zero,NULL"},
        {"l CAST:TIMESTAMP(3)", "?CAST TIMESTAMP over BIGINT is not supported yet"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "i INT, l BIGINT, d DOUBLE, f FLOAT, e DECIMAL(12,3), b BOOLEAN",
                        "1|128|1.9|0.5|12.345|true\n"
                        "-200|-9223372036854775808|-1.9|-2.5|-12.999|false\n"
                        "2147483647|9223372036854775807|1e300|3e38|999999999.999|true\n"
                        "0|0|NaN|Infinity|0|false\n"
                        "NULL|NULL|NULL|NULL|NULL|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_to_string(void **state)
{
    static const struct support_case cases[] = {
        {"i CAST:STRING", "1,NULL"},
        {"l CAST:STRING", "-9223372036854775808,NULL"},
        {"d CAST:STRING", "25.0,NULL"},
        {"f CAST:STRING", "0.1,NULL"},
        {"e CAST:STRING", "12.345,NULL"},
        {"b CAST:STRING", "TRUE,NULL"},
        {"t CAST:STRING", "2020-02-29,NULL"},
        {"m CAST:STRING", "10:11:12.123,NULL"},
        {"s CAST:STRING", "2020-01-02 03:04:05.678,NULL"},
        {"z CAST:STRING", "2020-07-01 02:00:00.000,NULL"},
        {"z CAST:TIMESTAMP(3)", "2020-07-01 02:00:00.000,NULL"},
        {"x CAST:STRING", "abc,NULL"},
        {"y CAST:STRING", "+1 01:01:01.001,NULL"},
        {"l CAST:VARCHAR(3)", "-92,NULL"},
        {"i CAST:CHAR(3) 'x' CONCAT/2", "1  x,NULL"},
        {"i CAST:CHAR(20) CHAR_LENGTH/1", "20,NULL"},
        {"'Größe' CAST:VARCHAR(3)", "Grö,Grö"},
        {"'ab' CAST:VARCHAR(5)", "ab,ab"},
        {"x CAST:STRING CAST:BYTES", "abc,NULL"},
        {"b CAST:CHAR(2)", "TR,NULL"},
        {"x CAST:BINARY(2) CAST:STRING", "ab,NULL"},
        {"x CAST:BINARY(5) x CAST:BYTES EQ/2", "false,NULL"},
        {"x x CAST:BINARY(3) EQ/2", "true,NULL"},
        {"y CAST:INTERVAL_DAY_TIME CAST:BIGINT", "90061001,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_set(&support, "table.local-time-zone", "Europe/Berlin");
    support_check_cases(&support,
                        "i INT, l BIGINT, d DOUBLE, f FLOAT, e DECIMAL(12,3), b BOOLEAN, t DATE, m "
                        "TIME(3), s TIMESTAMP(3), z TIMESTAMP_LTZ(3), x BYTES, y INTERVAL_DAY_TIME",
                        "1|-9223372036854775808|25|0.1|12.345|true|2020-02-29|10:11:12.123|2020-01-"
                        "02 03:04:05.678|2020-07-01 00:00:00|abc|90061001\n"
                        "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_from_string(void **state)
{
    static const struct support_case cases[] = {
        {"s TRY_CAST:INT", "12,-7,12,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s CAST:INT", "12,-7,12,!failed cast,!failed cast,!failed cast,!failed cast,!failed "
                       "cast,!failed cast,!failed cast,NULL"},
        {"s TRY_CAST:DOUBLE", "12.0,-7.0,12.9,1000.0,NULL,NULL,NULL,NULL,NULL,1.0E20,NULL"},
        {"s TRY_CAST:DECIMAL(6,1)", "12.0,-7.0,12.9,1000.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s TRY_CAST:BOOLEAN", "NULL,NULL,NULL,NULL,true,NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s TRY_CAST:DATE", "NULL,NULL,NULL,NULL,NULL,2020-02-29,2020-02-29,NULL,NULL,NULL,NULL"},
        {"s TRY_CAST:TIME(3)", "NULL,NULL,NULL,NULL,NULL,NULL,NULL,10:20:30.000,NULL,NULL,NULL"},
        {"s TRY_CAST:TIMESTAMP(3)", "NULL,NULL,NULL,NULL,NULL,2020-02-29 00:00:00.000,2020-02-29 "
                                    "23:59:59.500,NULL,NULL,NULL,NULL"},
        {"s TRY_CAST:TIMESTAMP_LTZ(3)", "NULL,NULL,NULL,NULL,NULL,2020-02-28 "
                                        "23:00:00.000,2020-02-29 22:59:59.500,NULL,NULL,NULL,NULL"},
        {"'yes' CAST:BOOLEAN s IS_NULL/1 OR",
         "true,true,true,true,true,true,true,true,true,true,true"},
        {"'2' CAST:BOOLEAN",
         "!failed cast,!failed cast,!failed cast,!failed cast,!failed cast,!failed cast,!failed "
         "cast,!failed cast,!failed cast,!failed cast,!failed cast"},
        {"s TRY_CAST:TINYINT", "12,-7,12,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_set(&support, "table.local-time-zone", "Europe/Berlin");
    support_check_cases(&support, "s STRING",
                        "12\n"
                        " -7 \n"
                        "12.9\n"
                        "1e3\n"
                        "true\n"
                        "2020-02-29\n"
                        "2020-02-29 23:59:59.5\n"
                        "10:20:30\n"
                        "\n"
                        "99999999999999999999\n"
                        "NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_datetime(void **state)
{
    static const struct support_case cases[] = {
        {"d CAST:TIMESTAMP(3)", "2020-03-29 00:00:00.000,1969-12-31 00:00:00.000,NULL"},
        {"s CAST:DATE", "2020-03-29,1969-12-31,NULL"},
        {"s CAST:TIME(3)", "02:30:00.123,23:59:59.999,NULL"},
        {"t CAST:TIMESTAMP(3)", "1970-01-01 01:02:03.000,1970-01-01 00:00:00.000,NULL"},
        {"u CAST:TIMESTAMP(3)", "2020-10-25 02:30:00.123,1969-12-31 23:59:59.999,NULL"},
        {"s CAST:TIMESTAMP(9)", "2020-03-29 02:30:00.123000000,1969-12-31 23:59:59.999000000,NULL"},
        /* 02:30 does not exist on that day: an hour later. 02:30 in October comes twice: the first.
         */
        {"s CAST:TIMESTAMP_LTZ(3)", "2020-03-29 01:30:00.123,1969-12-31 22:59:59.999,NULL"},
        {"u CAST:TIMESTAMP_LTZ(6)", "2020-10-25 00:30:00.123456,1969-12-31 22:59:59.999999,NULL"},
        {"z CAST:TIMESTAMP(3)", "2020-03-29 03:30:00.000,1970-01-01 00:30:00.000,NULL"},
        {"z CAST:DATE", "2020-03-29,1970-01-01,NULL"},
        {"z CAST:TIME(0)", "03:30:00,00:30:00,NULL"},
        {"d CAST:TIMESTAMP_LTZ(3)", "2020-03-28 23:00:00.000,1969-12-30 23:00:00.000,NULL"},
        {"z CAST:TIMESTAMP_LTZ(0)", "2020-03-29 01:30:00,1969-12-31 23:30:00,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_set(&support, "table.local-time-zone", "Europe/Berlin");
    support_check_cases(&support,
                        "d DATE, t TIME, s TIMESTAMP(3), u TIMESTAMP(6), z TIMESTAMP_LTZ(3)",
                        "2020-03-29|01:02:03|2020-03-29 02:30:00.123|2020-10-25 "
                        "02:30:00.123456|2020-03-29 01:30:00\n"
                        "1969-12-31|00:00:00|1969-12-31 23:59:59.999|1969-12-31 "
                        "23:59:59.999999|1969-12-31 23:30:00\n"
                        "NULL|NULL|NULL|NULL|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_to_string),
        cmocka_unit_test(test_from_string),
        cmocka_unit_test(test_datetime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
