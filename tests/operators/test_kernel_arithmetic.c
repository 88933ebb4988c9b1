/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic and comparison of numbers on their edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"
static void test_tinyint(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2", "!numeric overflow,-127,!numeric overflow,9,-5,7,NULL,!numeric overflow"},
        {"a b MINUS/2", "126,!numeric overflow,-127,5,-9,7,NULL,0"},
        {"a b TIMES/2", "127,-128,!numeric overflow,14,-14,0,NULL,!numeric overflow"},
        {"a b DIVIDE/2", "127,-128,!numeric overflow,3,-3,!division by zero,NULL,1"},
        {"a b MODULO/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a b MOD/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a NEGATE/1", "-127,!numeric overflow,!numeric overflow,-7,7,-7,NULL,-127"},
        {"a ABS/1", "127,!numeric overflow,!numeric overflow,7,7,7,NULL,127"},
        {"a FLOOR/1", "127,-128,-128,7,-7,7,NULL,127"},
        {"a CEIL/1", "127,-128,-128,7,-7,7,NULL,127"},
        {"a 1 CAST:TINYINT PLUS/2", "!numeric overflow,-127,-127,8,-6,8,NULL,!numeric overflow"},
        {"1 CAST:TINYINT a MINUS/2", "-126,!numeric overflow,!numeric overflow,-6,8,-6,NULL,-126"},
        {"a b EQ/2", "false,false,false,false,false,false,NULL,true"},
        {"a b NE/2", "true,true,true,true,true,true,NULL,false"},
        {"a b LT/2", "false,true,true,false,true,false,NULL,false"},
        {"a b LE/2", "false,true,true,false,true,false,NULL,true"},
        {"a b GT/2", "true,false,false,true,false,true,NULL,false"},
        {"a b GE/2", "true,false,false,true,false,true,NULL,true"},
        {"a 7 CAST:TINYINT EQ/2", "false,false,false,true,false,true,NULL,false"},
        {"7 CAST:TINYINT a LT/2", "true,false,false,false,false,false,NULL,true"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a TINYINT, b TINYINT",
                        "127|1\n"
                        "-128|1\n"
                        "-128|-1\n"
                        "7|2\n"
                        "-7|2\n"
                        "7|0\n"
                        "NULL|0\n"
                        "127|127\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_smallint(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2", "!numeric overflow,-32767,!numeric overflow,9,-5,7,NULL,!numeric overflow"},
        {"a b MINUS/2", "32766,!numeric overflow,-32767,5,-9,7,NULL,0"},
        {"a b TIMES/2", "32767,-32768,!numeric overflow,14,-14,0,NULL,!numeric overflow"},
        {"a b DIVIDE/2", "32767,-32768,!numeric overflow,3,-3,!division by zero,NULL,1"},
        {"a b MODULO/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a b MOD/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a NEGATE/1", "-32767,!numeric overflow,!numeric overflow,-7,7,-7,NULL,-32767"},
        {"a ABS/1", "32767,!numeric overflow,!numeric overflow,7,7,7,NULL,32767"},
        {"a FLOOR/1", "32767,-32768,-32768,7,-7,7,NULL,32767"},
        {"a CEIL/1", "32767,-32768,-32768,7,-7,7,NULL,32767"},
        {"a 1 CAST:SMALLINT PLUS/2",
         "!numeric overflow,-32767,-32767,8,-6,8,NULL,!numeric overflow"},
        {"1 CAST:SMALLINT a MINUS/2",
         "-32766,!numeric overflow,!numeric overflow,-6,8,-6,NULL,-32766"},
        {"a b EQ/2", "false,false,false,false,false,false,NULL,true"},
        {"a b NE/2", "true,true,true,true,true,true,NULL,false"},
        {"a b LT/2", "false,true,true,false,true,false,NULL,false"},
        {"a b LE/2", "false,true,true,false,true,false,NULL,true"},
        {"a b GT/2", "true,false,false,true,false,true,NULL,false"},
        {"a b GE/2", "true,false,false,true,false,true,NULL,true"},
        {"a 7 CAST:SMALLINT EQ/2", "false,false,false,true,false,true,NULL,false"},
        {"7 CAST:SMALLINT a LT/2", "true,false,false,false,false,false,NULL,true"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a SMALLINT, b SMALLINT",
                        "32767|1\n"
                        "-32768|1\n"
                        "-32768|-1\n"
                        "7|2\n"
                        "-7|2\n"
                        "7|0\n"
                        "NULL|0\n"
                        "32767|32767\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_int(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2",
         "!numeric overflow,-2147483647,!numeric overflow,9,-5,7,NULL,!numeric overflow"},
        {"a b MINUS/2", "2147483646,!numeric overflow,-2147483647,5,-9,7,NULL,0"},
        {"a b TIMES/2", "2147483647,-2147483648,!numeric overflow,14,-14,0,NULL,!numeric overflow"},
        {"a b DIVIDE/2", "2147483647,-2147483648,!numeric overflow,3,-3,!division by zero,NULL,1"},
        {"a b MODULO/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a b MOD/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a NEGATE/1", "-2147483647,!numeric overflow,!numeric overflow,-7,7,-7,NULL,-2147483647"},
        {"a ABS/1", "2147483647,!numeric overflow,!numeric overflow,7,7,7,NULL,2147483647"},
        {"a FLOOR/1", "2147483647,-2147483648,-2147483648,7,-7,7,NULL,2147483647"},
        {"a CEIL/1", "2147483647,-2147483648,-2147483648,7,-7,7,NULL,2147483647"},
        {"a 1 CAST:INT PLUS/2",
         "!numeric overflow,-2147483647,-2147483647,8,-6,8,NULL,!numeric overflow"},
        {"1 CAST:INT a MINUS/2",
         "-2147483646,!numeric overflow,!numeric overflow,-6,8,-6,NULL,-2147483646"},
        {"a b EQ/2", "false,false,false,false,false,false,NULL,true"},
        {"a b NE/2", "true,true,true,true,true,true,NULL,false"},
        {"a b LT/2", "false,true,true,false,true,false,NULL,false"},
        {"a b LE/2", "false,true,true,false,true,false,NULL,true"},
        {"a b GT/2", "true,false,false,true,false,true,NULL,false"},
        {"a b GE/2", "true,false,false,true,false,true,NULL,true"},
        {"a 7 CAST:INT EQ/2", "false,false,false,true,false,true,NULL,false"},
        {"7 CAST:INT a LT/2", "true,false,false,false,false,false,NULL,true"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a INT, b INT",
                        "2147483647|1\n"
                        "-2147483648|1\n"
                        "-2147483648|-1\n"
                        "7|2\n"
                        "-7|2\n"
                        "7|0\n"
                        "NULL|0\n"
                        "2147483647|2147483647\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_bigint(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2",
         "!numeric overflow,-9223372036854775807,!numeric overflow,9,-5,7,NULL,!numeric overflow"},
        {"a b MINUS/2", "9223372036854775806,!numeric overflow,-9223372036854775807,5,-9,7,NULL,0"},
        {"a b TIMES/2", "9223372036854775807,-9223372036854775808,!numeric "
                        "overflow,14,-14,0,NULL,!numeric overflow"},
        {"a b DIVIDE/2", "9223372036854775807,-9223372036854775808,!numeric "
                         "overflow,3,-3,!division by zero,NULL,1"},
        {"a b MODULO/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a b MOD/2", "0,0,0,1,-1,!division by zero,NULL,0"},
        {"a NEGATE/1", "-9223372036854775807,!numeric overflow,!numeric "
                       "overflow,-7,7,-7,NULL,-9223372036854775807"},
        {"a ABS/1",
         "9223372036854775807,!numeric overflow,!numeric overflow,7,7,7,NULL,9223372036854775807"},
        {"a FLOOR/1", "9223372036854775807,-9223372036854775808,-9223372036854775808,7,-7,7,NULL,"
                      "9223372036854775807"},
        {"a CEIL/1", "9223372036854775807,-9223372036854775808,-9223372036854775808,7,-7,7,NULL,"
                     "9223372036854775807"},
        {"a 1 CAST:BIGINT PLUS/2",
         "!numeric overflow,-9223372036854775807,-9223372036854775807,8,-6,8,NULL,!numeric "
         "overflow"},
        {"1 CAST:BIGINT a MINUS/2", "-9223372036854775806,!numeric overflow,!numeric "
                                    "overflow,-6,8,-6,NULL,-9223372036854775806"},
        {"a b EQ/2", "false,false,false,false,false,false,NULL,true"},
        {"a b NE/2", "true,true,true,true,true,true,NULL,false"},
        {"a b LT/2", "false,true,true,false,true,false,NULL,false"},
        {"a b LE/2", "false,true,true,false,true,false,NULL,true"},
        {"a b GT/2", "true,false,false,true,false,true,NULL,false"},
        {"a b GE/2", "true,false,false,true,false,true,NULL,true"},
        {"a 7 CAST:BIGINT EQ/2", "false,false,false,true,false,true,NULL,false"},
        {"7 CAST:BIGINT a LT/2", "true,false,false,false,false,false,NULL,true"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a BIGINT, b BIGINT",
                        "9223372036854775807|1\n"
                        "-9223372036854775808|1\n"
                        "-9223372036854775808|-1\n"
                        "7|2\n"
                        "-7|2\n"
                        "7|0\n"
                        "NULL|0\n"
                        "9223372036854775807|9223372036854775807\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_floating(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2", "3.5,-5.0,1.0,NaN,NULL"},
        {"a b MINUS/2", "-0.5,-9.0,1.0,NaN,NULL"},
        {"a b TIMES/2", "3.0,-14.0,0.0,NaN,NULL"},
        {"a b DIVIDE/2", "0.75,-3.5,Infinity,NaN,NULL"},
        {"a b MODULO/2", "1.5,-1.0,NaN,NaN,NULL"},
        {"a NEGATE/1", "-1.5,7.0,-1.0,NaN,NULL"},
        {"a ABS/1", "1.5,7.0,1.0,NaN,NULL"},
        {"a FLOOR/1", "1.0,-7.0,1.0,NaN,NULL"},
        {"f CEIL/1", "1.0,-2.0,3.0,NaN,NULL"},
        {"f FLOOR/1", "0.0,-3.0,3.0,NaN,NULL"},
        {"a f PLUS/2", "2.0,-9.5,4.0,NaN,NULL"},
        {"f 2 TIMES/2", "1.0,-5.0,6.0,NaN,NULL"},
        {"a a EQ/2", "true,true,true,false,NULL"},
        {"a 1 GE/2", "true,false,true,false,NULL"},
        {"f a LT/2", "true,false,false,false,NULL"},
        {"a 1.5 EQ/2", "true,false,false,false,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a DOUBLE, b DOUBLE, f FLOAT",
                        "1.5|2|0.5\n"
                        "-7|2|-2.5\n"
                        "1|0|3\n"
                        "NaN|1|NaN\n"
                        "NULL|1|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_decimal(void **state)
{
    static const struct support_case cases[] = {
        {"a b PLUS/2", "11.750,-0.050,100000009.989,NULL"},
        {"a b MINUS/2", "9.250,-0.050,99999989.991,NULL"},
        {"a b TIMES/2", "13.12500,0.00000,999899999.90001,NULL"},
        {"a i PLUS/2", "13.50,-0.05,2247483646.99,NULL"},
        {"a c EQ/2", "false,false,false,NULL"},
        {"a c LT/2", "true,false,true,NULL"},
        {"c a LE/2", "false,true,false,NULL"},
        {"a 10.5 EQ/2", "true,false,false,NULL"},
        {"a NEGATE/1", "-10.50,0.05,-99999999.99,NULL"},
        {"a ABS/1", "10.50,0.05,99999999.99,NULL"},
        {"a FLOOR/1", "10,-1,99999999,NULL"},
        {"a CEIL/1", "11,0,100000000,NULL"},
        {"c a PLUS/2", "110.50001,-1.05000,10000000000000000099999999.98999,NULL"},
        {"a i GT/2", "true,false,false,NULL"},
        {"a 2 MODULO/2", "0.50,-0.05,1.99,NULL"},
        {"a i MODULO/2", "1.50,!division by zero,99999999.99,NULL"},
        {"a b DIVIDE/2 0.001 GT/2", "true,!division by zero,true,NULL"},
        {"c c TIMES/2", "10000.002000,1.000000,!numeric overflow,NULL"},
        {"a 1e0 PLUS/2", "11.5,0.95,1.0000000099E8,NULL"},
        {"NULL CAST:DECIMAL(5,1) a PLUS/2", "NULL,NULL,NULL,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a DECIMAL(10,2), b DECIMAL(4,3), c DECIMAL(30,5), i INT",
                        "10.50|1.250|100.00001|3\n"
                        "-0.05|0.000|-1|0\n"
                        "99999999.99|9.999|9999999999999999999999999.99999|2147483647\n"
                        "NULL|1|NULL|1\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tinyint),  cmocka_unit_test(test_smallint),
        cmocka_unit_test(test_int),      cmocka_unit_test(test_bigint),
        cmocka_unit_test(test_floating), cmocka_unit_test(test_decimal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
