/* SPDX-License-Identifier: Apache-2.0
 *
 * Implicit coercion: common types both ways round, and what coerces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "sluice/catalog.h"

static struct sl_type sized(enum sl_type_id id, uint32_t length)
{
    struct sl_type type = sl_type_of(id);
    type.length = length;
    return type;
}

static void assert_common(struct sl_type a, struct sl_type b, const char *expected)
{
    char text[SL_TYPE_TEXT_BYTES];
    struct sl_type result;
    for (int turn = 0; turn < 2; turn++) {
        const struct sl_type *first = turn == 0 ? &a : &b;
        const struct sl_type *second = turn == 0 ? &b : &a;
        bool found = sl_type_common(first, second, &result);
        assert_int_equal(found, expected != NULL);
        if (found) {
            assert_string_equal(sl_type_format(&result, text, sizeof text), expected);
            assert_true(sl_type_coerces(&a, &result));
            assert_true(sl_type_coerces(&b, &result));
        }
    }
}

static void test_common_numeric(void **state)
{
    (void)state;
    assert_common(sl_type_of(SL_TYPE_INT), sl_type_of(SL_TYPE_INT), "INT");
    assert_common(sl_type_of(SL_TYPE_TINYINT), sl_type_of(SL_TYPE_BIGINT), "BIGINT");
    assert_common(sl_type_of(SL_TYPE_BIGINT), sl_type_of(SL_TYPE_FLOAT), "FLOAT");
    assert_common(sl_type_of(SL_TYPE_FLOAT), sl_type_of(SL_TYPE_DOUBLE), "DOUBLE");
    assert_common(sl_type_decimal(5, 2), sl_type_of(SL_TYPE_FLOAT), "DOUBLE");
    assert_common(sl_type_decimal(5, 2), sl_type_of(SL_TYPE_DOUBLE), "DOUBLE");
    assert_common(sl_type_decimal(5, 2), sl_type_of(SL_TYPE_INT), "DECIMAL(12, 2)");
    assert_common(sl_type_decimal(5, 2), sl_type_of(SL_TYPE_TINYINT), "DECIMAL(5, 2)");
    assert_common(sl_type_decimal(10, 0), sl_type_decimal(6, 6), "DECIMAL(16, 6)");
    assert_common(sl_type_decimal(38, 0), sl_type_decimal(38, 30), "DECIMAL(38, 0)");
    assert_common(sl_type_of(SL_TYPE_INT), sl_type_string(), NULL);
    assert_common(sl_type_of(SL_TYPE_INT), sl_type_of(SL_TYPE_BOOLEAN), NULL);
    assert_common(sl_type_not_null(sl_type_of(SL_TYPE_INT)),
                  sl_type_not_null(sl_type_of(SL_TYPE_BIGINT)), "BIGINT NOT NULL");
    assert_common(sl_type_not_null(sl_type_of(SL_TYPE_INT)), sl_type_of(SL_TYPE_INT), "INT");
}

static void test_common_others(void **state)
{
    (void)state;
    struct sl_type null = sl_type_of(SL_TYPE_NULL);
    assert_common(null, sl_type_not_null(sl_type_of(SL_TYPE_DATE)), "DATE");
    assert_common(sized(SL_TYPE_CHAR, 3), sized(SL_TYPE_CHAR, 3), "CHAR(3)");
    assert_common(sized(SL_TYPE_CHAR, 3), sized(SL_TYPE_CHAR, 5), "VARCHAR(5)");
    assert_common(sized(SL_TYPE_CHAR, 3), sized(SL_TYPE_VARCHAR, 2), "VARCHAR(3)");
    assert_common(sized(SL_TYPE_BINARY, 3), sized(SL_TYPE_VARBINARY, 2), "VARBINARY(3)");
    assert_common(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3), sl_type_timestamp(SL_TYPE_TIMESTAMP, 9),
                  "TIMESTAMP(9)");
    assert_common(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3), sl_type_of(SL_TYPE_DATE),
                  "TIMESTAMP(3)");
    assert_common(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3),
                  sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3), NULL);
    assert_common(sl_type_of(SL_TYPE_DATE), sl_type_of(SL_TYPE_TIME), NULL);
    struct sl_type_field ints = {"", sl_type_of(SL_TYPE_INT)};
    struct sl_type_field longs = {"", sl_type_of(SL_TYPE_BIGINT)};
    struct sl_type of_ints = sl_type_of(SL_TYPE_ARRAY);
    struct sl_type of_longs = sl_type_of(SL_TYPE_ARRAY);
    of_ints.field_count = of_longs.field_count = 1;
    of_ints.fields = &ints;
    of_longs.fields = &longs;
    assert_common(of_ints, of_ints, "ARRAY<INT>");
    assert_common(of_ints, of_longs, NULL);
}

static void test_coerces(void **state)
{
    (void)state;
    static const struct {
        enum sl_type_id from;
        enum sl_type_id to;
        bool expected;
    } CASES[] = {
        {SL_TYPE_NULL, SL_TYPE_DATE, true},           {SL_TYPE_INT, SL_TYPE_BIGINT, true},
        {SL_TYPE_BIGINT, SL_TYPE_INT, false},         {SL_TYPE_BIGINT, SL_TYPE_DECIMAL, true},
        {SL_TYPE_DECIMAL, SL_TYPE_FLOAT, true},       {SL_TYPE_DOUBLE, SL_TYPE_DECIMAL, false},
        {SL_TYPE_DOUBLE, SL_TYPE_FLOAT, false},       {SL_TYPE_CHAR, SL_TYPE_VARCHAR, true},
        {SL_TYPE_VARCHAR, SL_TYPE_CHAR, false},       {SL_TYPE_VARCHAR, SL_TYPE_INT, false},
        {SL_TYPE_INT, SL_TYPE_VARCHAR, false},        {SL_TYPE_BOOLEAN, SL_TYPE_INT, false},
        {SL_TYPE_DATE, SL_TYPE_TIMESTAMP, true},      {SL_TYPE_TIMESTAMP, SL_TYPE_DATE, false},
        {SL_TYPE_DATE, SL_TYPE_TIMESTAMP_LTZ, false}, {SL_TYPE_BINARY, SL_TYPE_VARBINARY, true},
    };
    for (uint32_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct sl_type from = sl_type_of(CASES[i].from);
        struct sl_type to = sl_type_of(CASES[i].to);
        assert_int_equal(sl_type_coerces(&from, &to), CASES[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common_numeric),
        cmocka_unit_test(test_common_others),
        cmocka_unit_test(test_coerces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
