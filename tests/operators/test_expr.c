/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps over rows: NULLs, errors and what hides them, constants, selections and batch sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"

static void test_logic(void **state)
{
    static const struct support_case cases[] = {
        {"a b AND", "true,false,NULL,false,false,false,NULL,false,NULL"},
        {"a b OR", "true,true,true,true,false,NULL,true,NULL,NULL"},
        {"a b AND NOT/1", "false,true,NULL,true,true,true,NULL,true,NULL"},
        {"a IS_TRUE/1", "true,true,true,false,false,false,false,false,false"},
        {"a IS_NOT_TRUE/1", "false,false,false,true,true,true,true,true,true"},
        {"a IS_FALSE/1", "false,false,false,true,true,true,false,false,false"},
        {"a IS_NOT_FALSE/1", "true,true,true,false,false,false,true,true,true"},
        {"a IS_NULL/1", "false,false,false,false,false,false,true,true,true"},
        {"a IS_NOT_UNKNOWN/1", "true,true,true,true,true,true,false,false,false"},
        {"TRUE b AND", "true,false,NULL,true,false,NULL,true,false,NULL"},
        {"NULL CAST:BOOLEAN b AND", "NULL,false,NULL,NULL,false,NULL,NULL,false,NULL"},
        {"a b EQ/2", "true,false,NULL,false,true,NULL,NULL,NULL,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a BOOLEAN, b BOOLEAN",
                        "true|true\ntrue|false\ntrue|NULL\nfalse|true\nfalse|false\nfalse|NULL\n"
                        "NULL|true\nNULL|false\nNULL|NULL\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

#define ZERO "!division by zero"

static void test_errors(void **state)
{
    static const struct support_case cases[] = {
        {"a b DIVIDE/2", "5," ZERO ",NULL,NULL,0"},
        {"a b DIVIDE/2 1 PLUS/2", "6," ZERO ",NULL,NULL,1"},
        {"a b DIVIDE/2 b PLUS/2", "7," ZERO ",NULL,NULL,3"},
        /* FALSE hides an error of the other side, TRUE does in OR; NULL does not. */
        {"b 0 NE/2 a b DIVIDE/2 0 GT/2 AND", "true,false,NULL,false,false"},
        {"a b DIVIDE/2 0 GT/2 b 0 NE/2 AND", "true,false,NULL,false,false"},
        {"b 0 EQ/2 a b DIVIDE/2 0 GT/2 OR", "true,true,NULL,true,false"},
        {"b 0 EQ/2 a b DIVIDE/2 0 GT/2 AND", "false," ZERO ",NULL,NULL,false"},
        {"NULL CAST:BOOLEAN a b DIVIDE/2 0 GT/2 AND", "NULL," ZERO ",NULL,NULL,false"},
        /* CASE drops the untaken branch's error, not a condition's. */
        {"b 0 NE/2 a b DIVIDE/2 -1 CASE/3", "5,-1,-1,-1,0"},
        {"b 0 EQ/2 -1 a b DIVIDE/2 CASE/3", "5,-1,NULL,-1,0"},
        {"a b DIVIDE/2 2 GT/2 1 0 CASE/3", "1," ZERO ",0,0,0"},
        {"b 0 EQ/2 7 a b DIVIDE/2 2 GT/2 1 0 CASE/5", "1,7,0,7,0"},
        {"b 0 EQ/2 NULL a CASE/3", "10,NULL,10,NULL,1"},
        {"a b DIVIDE/2 IS_NULL/1", "false," ZERO ",true,true,false"},
        {"1 0 DIVIDE/2", ZERO "," ZERO "," ZERO "," ZERO "," ZERO},
        {"FALSE 1 0 DIVIDE/2 1 GT/2 AND", "false,false,false,false,false"},
        {"b 0 EQ/2 a 0 DIVIDE/2 a CASE/3", "10," ZERO ",10,NULL,1"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a INT, b INT", "10|2\n7|0\n10|NULL\nNULL|0\n1|3\n", cases,
                        SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_constants(void **state)
{
    static const struct support_case cases[] = {
        {"5", "5,5"},
        {"1 2 PLUS/2 a PLUS/2", "4,5"},
        {"NULL CAST:BIGINT", "NULL,NULL"},
        {"NULL CAST:INT a PLUS/2", "NULL,NULL"},
        {"a NULL CAST:INT EQ/2", "NULL,NULL"},
        {"'x' 'x' EQ/2", "true,true"},
        {"s 'x' EQ/2", "true,NULL"},
        {"a", "1,2"},
        {"s", "x,NULL"},
        {"a CAST:INT", "1,2"},
        {"1 a EQ/2 'one' s CASE/3", "one,NULL"},
        {"a NOSUCH/1", "?unknown function 'NOSUCH'"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "a INT, s STRING", "1|x\n2|NULL\n", cases, SL_COUNT_OF(cases));
    support_close(&support);
}

/* Selected rows only are computed, and only theirs fail. */
static void test_selection(void **state)
{
    struct support support;
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = support_schema(&support, "a BIGINT, b BIGINT, s STRING");
    struct sl_batch *batch = support_batch(
        &support, schema, "1|1|a\n2|0|a long string of bytes\n3|3|b\n4|NULL|NULL\n5|0|c\n");
    support_select(&support, batch, "0 2 3");
    assert_string_equal(support_eval(&support, batch, "a b DIVIDE/2"), "1,1,NULL");
    assert_string_equal(support_eval(&support, batch, "a b LE/2"), "true,true,NULL");
    support_select(&support, batch, "1 3 4");
    assert_string_equal(support_eval(&support, batch, "a b DIVIDE/2"), ZERO ",NULL," ZERO);
    assert_string_equal(support_eval(&support, batch, "s 'a long string of bytes' EQ/2"),
                        "true,NULL,false");
    support_close(&support);
}

static void test_large_batch(void **state)
{
    struct support support;
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = support_schema(&support, "a BIGINT");
    char *rows = sl_arena_alloc(&support.arena, 65535 * 2 + 1);
    for (uint32_t row = 0; row < 65535; ++row) {
        rows[row * 2] = (char)('0' + row % 10);
        rows[row * 2 + 1] = '\n';
    }
    const struct sl_batch *batch = support_batch(&support, schema, rows);
    const char *values = support_eval(&support, batch, "a 1L PLUS/2 a GT/2 a 5L LT/2 AND");
    assert_int_equal(batch->row_count, 65535);
    assert_int_equal(strncmp(values, "true,true,true,true,true,false,false,", 37), 0);
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logic),       cmocka_unit_test(test_errors),
        cmocka_unit_test(test_constants),   cmocka_unit_test(test_selection),
        cmocka_unit_test(test_large_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
