/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimals: rounding half away from zero, overflow exactly at the precision, 256-bit intermediates,
 * and Flink's result types. */
#include "sluice/decimal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An unscaled value from its digits. */
static sl_int128 unscaled(const char *text)
{
    sl_int128 value = 0;
    bool negative = *text == '-';
    for (text += negative; *text != '\0'; text++) {
        value = value * 10 + (*text - '0');
    }
    return negative ? -value : value;
}

#define NINES38 "99999999999999999999999999999999999999"

static void assert_value(sl_int128 value, const char *expected, const char *what)
{
    if (value != unscaled(expected)) {
        char text[48];
        size_t length = sl_decimal_format(value, 0, text);
        fail_msg("%s: got %.*s, expected %s", what, (int)length, text, expected);
    }
}

static void test_power_and_fits(void **state)
{
    (void)state;
    sl_int128 power = 1;
    for (uint32_t i = 0; i <= 38; i++) {
        assert_true(sl_decimal_power10(i) == power);
        assert_true(sl_decimal_fits(power - 1, i));
        assert_true(sl_decimal_fits(-(power - 1), i));
        assert_false(sl_decimal_fits(power, i));
        assert_false(sl_decimal_fits(-power, i));
        power = i < 38 ? power * 10 : power;
    }
    sl_int128 min = -power - (((sl_int128)1 << 126) - power + ((sl_int128)1 << 126));
    assert_false(sl_decimal_fits(min, 38));
}

static void test_rescale(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t from;
        uint32_t to;
        uint32_t precision;
        const char *result; /* NULL = does not fit */
    } ROWS[] = {
        {"125", 2, 1, 10, "13"},
        {"-125", 2, 1, 10, "-13"},
        {"124", 2, 1, 10, "12"},
        {"-124", 2, 1, 10, "-12"},
        {"5", 1, 0, 10, "1"},
        {"-5", 1, 0, 10, "-1"},
        {"4", 1, 0, 10, "0"},
        {"49", 2, 0, 10, "0"},
        {"995", 1, 0, 2, NULL},
        {"994", 1, 0, 2, "99"},
        {"12", 0, 3, 5, "12000"},
        {"12", 0, 3, 4, NULL},
        {"1", 0, 37, 38, "10000000000000000000000000000000000000"},
        {"1", 0, 38, 38, NULL},
        {"10", 0, 37, 38, NULL},
        {"17014118346046923173168730371588410572", 0, 38, 38, NULL},
        {NINES38, 0, 1, 38, NULL},
        {NINES38, 38, 0, 38, "1"},
        {"49999999999999999999999999999999999999", 38, 0, 38, "0"},
        {"50000000000000000000000000000000000000", 38, 0, 38, "1"},
        {NINES38, 38, 1, 38, "10"},
        {"7", 300, 2, 38, "0"},
        {"7", 2, 300, 38, NULL},
        {"0", 2, 300, 38, "0"},
        {"1234", 2, 2, 4, "1234"},
        {"1234", 2, 2, 3, NULL},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_int128 result = 0;
        bool ok = sl_decimal_rescale(unscaled(ROWS[i].value), ROWS[i].from, ROWS[i].to,
                                     ROWS[i].precision, &result);
        assert_int_equal(ok, ROWS[i].result != NULL);
        if (ok) {
            assert_value(result, ROWS[i].result, ROWS[i].value);
        }
    }
}

struct operation_row {
    const char *a;
    uint32_t a_scale;
    const char *b;
    uint32_t b_scale;
    uint32_t precision;
    uint32_t scale;
    const char *result;
};

typedef bool (*operation)(sl_int128, uint32_t, sl_int128, uint32_t, uint32_t, uint32_t,
                          sl_int128 *);

static void run_rows(operation apply, const struct operation_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct operation_row *row = &rows[i];
        for (int signs = 0; signs < 4; signs++) {
            sl_int128 a = unscaled(row->a) * ((signs & 1) != 0 ? -1 : 1);
            sl_int128 b = unscaled(row->b) * ((signs & 2) != 0 ? -1 : 1);
            sl_int128 result = 0;
            bool ok = apply(a, row->a_scale, b, row->b_scale, row->precision, row->scale, &result);
            assert_int_equal(ok, row->result != NULL);
            if (ok) {
                result = signs == 1 || signs == 2 ? -result : result;
                assert_value(result, row->result, row->a);
            }
        }
    }
}

static void test_multiply(void **state)
{
    (void)state;
    static const struct operation_row ROWS[] = {
        {"125", 2, "20", 1, 10, 3, "2500"},
        {"908", 3, "1234", 0, 23, 3, "1120472"},
        {"15", 1, "15", 1, 4, 1, "23"},
        {"15", 1, "15", 1, 4, 0, "2"},
        {"0", 2, NINES38, 0, 38, 30, "0"},
        {NINES38, 0, "1", 0, 38, 0, NINES38},
        {NINES38, 0, "10", 0, 38, 0, NULL},
        {NINES38, 0, NINES38, 0, 38, 0, NULL},
        {NINES38, 38, NINES38, 38, 38, 38, "99999999999999999999999999999999999998"},
        {NINES38, 38, NINES38, 38, 38, 0, "1"},
        {NINES38, 20, NINES38, 20, 38, 2, "99999999999999999999999999999999999998"},
        {NINES38, 20, NINES38, 20, 38, 3, NULL},
        {"1", 38, "1", 38, 38, 38, "0"},
        {"5", 38, "1", 1, 38, 38, "1"},
        {"70710678118654752440084436210484903928", 38, "70710678118654752440084436210484903928", 38,
         38, 38, "49999999999999999999999999999999999999"},
        {"99999", 0, "99999", 0, 9, 0, NULL},
        {"99999", 0, "99999", 0, 10, 0, "9999800001"},
        {"12", 0, "3", 0, 10, 4, "360000"},
        {NINES38, 0, NINES38, 0, 38, 38, NULL},
    };
    run_rows(sl_decimal_multiply, ROWS, SL_COUNT_OF(ROWS));
}

static void test_divide(void **state)
{
    (void)state;
    static const struct operation_row ROWS[] = {
        {"1", 0, "3", 0, 38, 6, "333333"},
        {"2", 0, "3", 0, 38, 6, "666667"},
        {"1", 0, "8", 0, 38, 2, "13"},
        {"10", 0, "4", 0, 38, 0, "3"},
        {"7", 0, "1", 0, 38, 0, "7"},
        {"100", 2, "50", 2, 10, 2, "200"},
        {NINES38, 0, "1", 0, 38, 0, NINES38},
        {NINES38, 0, NINES38, 0, 38, 37, "10000000000000000000000000000000000000"},
        {NINES38, 0, NINES38, 0, 38, 38, NULL},
        {NINES38, 38, NINES38, 0, 38, 38, "1"},
        {NINES38, 0, NINES38, 38, 38, 0, NULL},
        {"1", 0, NINES38, 38, 38, 20, "100000000000000000000"},
        {"1", 0, "1", 38, 38, 38, NULL},
        {NINES38, 0, "1", 38, 38, 38, NULL},
        {NINES38, 0, "3", 0, 38, 0, "33333333333333333333333333333333333333"},
        {NINES38, 10, "30000000000000000000000000000000000000", 10, 38, 10, "33333333333"},
        {"12345678901234567890123456789", 9, "98765432109876543210987654321", 9, 38, 38,
         "12499999886093750001423828124982202148"},
        {"1", 38, "9", 0, 38, 0, "0"},
        {NINES38, 38, NINES38, 0, 38, 0, "0"},
        {NINES38, 38, "1", 0, 38, 0, "1"},
        {NINES38, 38, "2", 0, 38, 0, "0"},
        {"1", 38, NINES38, 38, 38, 0, "0"},
        {"0", 10, "7", 3, 38, 38, "0"},
        {"123", 2, "7", 20, 38, 10, "175714285714285714285714285714"},
    };
    run_rows(sl_decimal_divide, ROWS, SL_COUNT_OF(ROWS));
}

/* (a * b) / b is a again, whichever path the sizes take. */
/* Scales so far apart that the terms at one scale have more than 38 digits. */
static void test_add_and_modulo(void **state)
{
    (void)state;
    static const struct operation_row SUMS[] = {
        {"1", 0, "2", 0, 38, 0, "3"},
        {NINES38, 0, "1", 38, 38, 0, NINES38},
        {NINES38, 0, "5", 1, 38, 0, NULL},
        {"10", 0, "5", 38, 38, 6, "10000000"},
        {NINES38, 38, "12", 0, 38, 6, "13000000"},
        {NINES38, 0, NINES38, 38, 38, 38, NULL},
        {"0", 0, NINES38, 38, 38, 38, NINES38},
    };
    static const struct operation_row RESTS[] = {
        {"7", 0, "3", 0, 38, 0, "1"},           {"7", 0, "3", 38, 38, 38, "1"},
        {NINES38, 0, "12", 13, 38, 13, "0"},    {NINES38, 0, "7", 38, 38, 38, "2"},
        {"123", 38, NINES38, 0, 38, 38, "123"}, {NINES38, 0, NINES38, 37, 38, 37, "0"},
    };
    sl_int128 result = 0;
    for (size_t i = 0; i < SL_COUNT_OF(SUMS); i++) {
        const struct operation_row *row = &SUMS[i];
        sl_int128 a = unscaled(row->a);
        sl_int128 b = unscaled(row->b);
        bool fits =
            sl_decimal_add(a, row->a_scale, b, row->b_scale, row->precision, row->scale, &result);
        assert_int_equal(fits, row->result != NULL);
        if (fits) {
            assert_value(result, row->result, row->a);
            assert_true(sl_decimal_add(-a, row->a_scale, -b, row->b_scale, row->precision,
                                       row->scale, &result));
            assert_value(-result, row->result, row->a);
        }
        assert_true(sl_decimal_add(a, row->a_scale, -a, row->a_scale, 38, 0, &result));
        assert_true(result == 0);
    }
    for (size_t i = 0; i < SL_COUNT_OF(RESTS); i++) {
        const struct operation_row *row = &RESTS[i];
        for (int signs = 0; signs < 4; signs++) {
            sl_int128 a = unscaled(row->a) * ((signs & 1) != 0 ? -1 : 1);
            sl_int128 b = unscaled(row->b) * ((signs & 2) != 0 ? -1 : 1);
            assert_true(sl_decimal_modulo(a, row->a_scale, b, row->b_scale, row->precision,
                                          row->scale, &result));
            assert_value((signs & 1) != 0 ? -result : result, row->result, row->a);
        }
    }
}

static void test_divide_inverts_multiply(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        sl_int128 parts[2];
        for (int j = 0; j < 2; j++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            sl_uint128 high = seed;
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            sl_uint128 bits = (high << 64 | seed) >> 66;
            parts[j] = (sl_int128)(bits >> (seed >> 33) % 60) + 1;
        }
        sl_int128 product = parts[0] * parts[1];
        bool small = parts[0] < (sl_int128)1 << 62 && parts[1] < (sl_int128)1 << 62;
        sl_int128 result = 0;
        if (small) {
            assert_true(sl_decimal_divide(product, 0, parts[1], 0, 38, 0, &result));
            assert_true(result == parts[0]);
        }
        assert_true(sl_decimal_divide(parts[0], 0, parts[1], 0, 38, 19, &result) ==
                    (parts[0] / parts[1] < sl_decimal_power10(19)));
    }
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t precision;
        uint32_t scale;
        const char *result;
    } ROWS[] = {
        {"-12.50", 10, 2, "-1250"},
        {"1e3", 10, 0, "1000"},
        {"1E+3", 10, 2, "100000"},
        {"1.5e-1", 10, 2, "15"},
        {"+.5", 10, 1, "5"},
        {"5.", 10, 1, "50"},
        {"0.125", 10, 2, "13"},
        {"-0.125", 10, 2, "-13"},
        {"0.1249999999999999999999999999999999999999999999", 10, 2, "12"},
        {"99.995", 4, 2, NULL},
        {"99.994", 4, 2, "9999"},
        {"0.5", 10, 0, "1"},
        {"0.49", 10, 0, "0"},
        {"0.05", 10, 0, "0"},
        {"0.0000000000000000000000000000000000000000000000005", 10, 0, "0"},
        {"0e999999999999999999999", 10, 0, "0"},
        {"1e-999999999999999999999", 10, 0, "0"},
        {"1e999999999999999999999", 10, 0, NULL},
        {"000000000000000000000000000000000000000000012", 2, 0, "12"},
        {NINES38, 38, 0, NINES38},
        {"0." NINES38, 38, 38, NINES38},
        {"0." NINES38 "4", 38, 38, NINES38},
        {"0." NINES38 "5", 38, 38, NULL},
        {NINES38 "0", 38, 0, NULL},
        {NINES38 "0e-1", 38, 0, NINES38},
        {"12345678901234567890.12345678901234567", 38, 17, "1234567890123456789012345678901234567"},
        {"", 10, 0, NULL},
        {"-", 10, 0, NULL},
        {".", 10, 0, NULL},
        {"1e", 10, 0, NULL},
        {" 1", 10, 0, NULL},
        {"NaN", 10, 0, NULL},
        {"1.2.3", 10, 0, NULL},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_int128 result = 0;
        bool ok = sl_decimal_parse(ROWS[i].text, strlen(ROWS[i].text), ROWS[i].precision,
                                   ROWS[i].scale, &result);
        if (ok != (ROWS[i].result != NULL)) {
            fail_msg("'%s' parsed: %d", ROWS[i].text, ok);
        }
        if (ok) {
            assert_value(result, ROWS[i].result, ROWS[i].text);
        }
    }
}

static void test_double(void **state)
{
    (void)state;
    static const struct {
        double value;
        uint32_t precision;
        uint32_t scale;
        const char *result;
    } ROWS[] = {
        {1.005, 10, 2, "101"}, /* printed as 1.005, though a little less in binary */
        {-1.005, 10, 2, "-101"},  {23.456, 10, 3, "23456"},
        {0, 5, 2, "0"},           {1e10, 11, 0, "10000000000"},
        {1e10, 10, 0, NULL},      {1e300, 38, 0, NULL},
        {1e-300, 38, 38, "0"},    {1e37, 38, 0, "10000000000000000000000000000000000000"},
        {NAN, 38, 0, NULL},       {INFINITY, 38, 0, NULL},
        {-INFINITY, 38, 0, NULL},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_int128 result = 0;
        bool ok = sl_decimal_from_double(ROWS[i].value, ROWS[i].precision, ROWS[i].scale, &result);
        assert_int_equal(ok, ROWS[i].result != NULL);
        if (ok) {
            assert_value(result, ROWS[i].result, "double");
        }
    }
    assert_true(sl_decimal_to_double(1250, 2) == 12.5);
    assert_true(sl_decimal_to_double(-1, 1) == -0.1);
    assert_true(sl_decimal_to_double(0, 38) == 0);
    assert_true(sl_decimal_to_double(unscaled(NINES38), 38) == 1);
    assert_true(sl_decimal_to_double(unscaled(NINES38), 0) == 1e38);
    assert_true(sl_decimal_to_double(unscaled("9007199254740993"), 1) == 900719925474099.3);
    assert_true(sl_decimal_to_double(unscaled("12345678901234567890123"), 30) ==
                12345678901234567890123e-30);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t scale;
        const char *text;
    } ROWS[] = {
        {"0", 0, "0"},
        {"0", 3, "0.000"},
        {"-1250", 2, "-12.50"},
        {"5", 3, "0.005"},
        {"-5", 1, "-0.5"},
        {"10000000000000000000", 0, "10000000000000000000"},
        {"10000000000000000000", 19, "1.0000000000000000000"},
        {"10000000000000000000", 20, "0.10000000000000000000"},
        {NINES38, 0, NINES38},
        {"-" NINES38, 38, "-0." NINES38},
        {"1", 38, "0.00000000000000000000000000000000000001"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char text[49];
        size_t length = sl_decimal_format(unscaled(ROWS[i].value), ROWS[i].scale, text);
        assert_true(length <= 41);
        text[length] = '\0';
        assert_string_equal(text, ROWS[i].text);
    }
}

typedef struct sl_type (*type_rule)(const struct sl_type *, const struct sl_type *);

static void test_types(void **state)
{
    (void)state;
    static const struct {
        type_rule rule;
        uint32_t p1, s1, p2, s2;
        uint32_t precision, scale;
    } ROWS[] = {
        {sl_decimal_add_type, 10, 2, 10, 2, 11, 2},
        {sl_decimal_add_type, 10, 2, 5, 4, 13, 4},
        {sl_decimal_add_type, 38, 10, 38, 10, 38, 9},
        {sl_decimal_add_type, 38, 0, 38, 0, 38, 0},
        {sl_decimal_add_type, 38, 4, 38, 30, 38, 6},
        {sl_decimal_multiply_type, 3, 3, 19, 0, 22, 3},
        {sl_decimal_multiply_type, 20, 10, 20, 10, 38, 18},
        {sl_decimal_multiply_type, 38, 10, 38, 10, 38, 6},
        {sl_decimal_multiply_type, 38, 2, 38, 2, 38, 4},
        {sl_decimal_divide_type, 10, 2, 10, 2, 23, 13},
        {sl_decimal_divide_type, 5, 0, 2, 0, 11, 6},
        {sl_decimal_divide_type, 38, 10, 38, 10, 38, 6},
        {sl_decimal_divide_type, 20, 0, 19, 0, 38, 18},
        {sl_decimal_modulo_type, 10, 2, 5, 3, 5, 3},
        {sl_decimal_modulo_type, 10, 0, 3, 3, 3, 3},
        {sl_decimal_modulo_type, 38, 0, 38, 10, 38, 10},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_type a = sl_type_decimal(ROWS[i].p1, ROWS[i].s1);
        struct sl_type b = sl_type_not_null(sl_type_decimal(ROWS[i].p2, ROWS[i].s2));
        struct sl_type type = ROWS[i].rule(&a, &b);
        assert_int_equal(type.id, SL_TYPE_DECIMAL);
        assert_int_equal(type.precision, ROWS[i].precision);
        assert_int_equal(type.scale, ROWS[i].scale);
        assert_true(type.nullable);
        a.nullable = false;
        assert_false(ROWS[i].rule(&a, &b).nullable);
    }
}

static void test_aggregate_and_integer_types(void **state)
{
    (void)state;
    struct sl_type money = sl_type_decimal(10, 2);
    struct sl_type fine = sl_type_decimal(20, 9);
    assert_int_equal(sl_decimal_sum_type(&money).precision, 38);
    assert_int_equal(sl_decimal_sum_type(&money).scale, 2);
    assert_int_equal(sl_decimal_avg_type(&money).scale, 6);
    assert_int_equal(sl_decimal_avg_type(&fine).scale, 9);
    static const struct {
        enum sl_type_id id;
        uint32_t precision;
    } ROWS[] = {
        {SL_TYPE_TINYINT, 3}, {SL_TYPE_SMALLINT, 5}, {SL_TYPE_INT, 10}, {SL_TYPE_BIGINT, 19}};
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_type type = sl_type_not_null(sl_type_of(ROWS[i].id));
        struct sl_type decimal = sl_decimal_type_for(&type);
        assert_int_equal(decimal.precision, ROWS[i].precision);
        assert_int_equal(decimal.scale, 0);
        assert_false(decimal.nullable);
    }
    struct sl_type same = sl_decimal_type_for(&fine);
    assert_true(sl_type_equal(&same, &fine, true));
    struct sl_type price = sl_type_of(SL_TYPE_BIGINT);
    struct sl_type rate = sl_type_decimal(3, 3);
    assert_int_equal(sl_decimal_multiply_type(&rate, &price).precision, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_and_fits),
        cmocka_unit_test(test_rescale),
        cmocka_unit_test(test_multiply),
        cmocka_unit_test(test_divide),
        cmocka_unit_test(test_add_and_modulo),
        cmocka_unit_test(test_divide_inverts_multiply),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_double),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_aggregate_and_integer_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
