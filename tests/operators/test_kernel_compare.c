/* SPDX-License-Identifier: Apache-2.0
 *
 * Comparison of strings, dates and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"
static void test_strings(void **state)
{
    static const struct support_case cases[] = {
        {"a b EQ/2", "true,false,false,false,false,NULL,true"},
        {"a b NE/2", "false,true,true,true,true,NULL,false"},
        {"a b LT/2", "false,true,true,false,true,NULL,false"},
        {"a b LE/2", "true,true,true,false,true,NULL,true"},
        {"a b GT/2", "false,false,false,true,false,NULL,false"},
        {"a b GE/2", "true,false,false,true,false,NULL,true"},
        {"a 'abc' EQ/2", "false,true,false,false,false,NULL,false"},
        {"a CHAR(3)\"abc\" EQ/2", "false,true,false,false,false,NULL,false"},
        {"'b' a LT/2", "false,false,false,true,false,NULL,false"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a STRING, b STRING",
                        "a|a\n"
                        "abc|abd\n"
                        "a long common prefix 1|a long common prefix 2\n"
                        "short|a long common prefix 2\n"
                        "abcdefghijkl|abcdefghijklm\n"
                        "NULL|x\n"
                        "|\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_times(void **state)
{
    static const struct support_case cases[] = {
        {"d DATE\"2020-01-02\" EQ/2", "true,false,NULL"},
        {"t TIME\"12:00:00\" LT/2", "true,false,NULL"},
        {"s u EQ/2", "true,false,NULL"},
        {"s u LT/2", "false,true,NULL"},
        {"u s GE/2", "true,true,NULL"},
        {"s u NE/2", "false,true,NULL"},
        {"z TIMESTAMP_LTZ(3)\"1970-01-01 00:00:00\" LE/2", "false,true,NULL"},
        {"s d EQ/2", "true,false,NULL"},
        {"d s LE/2", "true,true,NULL"},
        {"INTERVAL_DAY_TIME\"5\" INTERVAL_DAY_TIME\"6\" LT/2", "true,true,true"},
        {"d t EQ/2", "?EQ does not take"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(
        &support, "d DATE, t TIME, s TIMESTAMP(3), u TIMESTAMP(6), z TIMESTAMP_LTZ(3)",
        "2020-01-02|10:00:00|2020-01-02 00:00:00|2020-01-02 00:00:00|2020-01-02 00:00:00\n"
        "1969-12-31|23:59:59|1969-12-31 23:59:59.999|1969-12-31 23:59:59.999001|1970-01-01 "
        "00:00:00\n"
        "NULL|NULL|NULL|NULL|NULL\n",
        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
