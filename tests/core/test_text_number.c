/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers from and to text: edges of the grammar, correct rounding against the C library, and
 * every printed value reads back to its own bits. */
#include "sluice/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void test_parse_int64(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } ROWS[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+7", true, 7},
        {"00012", true, 12},
        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"0000000000000000000000009223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"9999999999999999999", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+", false, 0},
        {"--1", false, 0},
        {"1 ", false, 0},
        {" 1", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
        {"1e3", false, 0},
        {"1\xC2\xB2", false, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t value = 0;
        assert_int_equal(sl_parse_int64(ROWS[i].text, strlen(ROWS[i].text), &value), ROWS[i].ok);
        assert_true(value == ROWS[i].value);
    }
    int64_t value = 0;
    assert_true(sl_parse_int64("12345", 3, &value));
    assert_int_equal(value, 123);
    assert_false(sl_parse_int64(NULL, 0, &value));
}

static void test_parse_bool(void **state)
{
    (void)state;
    bool value = false;
    assert_true(sl_parse_bool("TrUe", 4, &value) && value);
    assert_true(sl_parse_bool("FALSE", 5, &value) && !value);
    assert_false(sl_parse_bool("true ", 5, &value));
    assert_false(sl_parse_bool("t", 1, &value));
    assert_false(sl_parse_bool("", 0, &value));
    assert_false(sl_parse_bool("1", 1, &value));
}

static void test_parse_double_grammar(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",    ".",       "-",    "+",   "e5",   "1e",       "1e+",          "1.2.3", "0x1p3",
        "1 ",  " 1",      "1f",   "1d",  "nan",  "infinity", "Inf",          "--1",   "1e5.5",
        "1,5", "Infinit", "NaN1", "- 1", "1e5 ", "1_000",    "\xEF\xBC\x91",
    };
    for (size_t i = 0; i < SL_COUNT_OF(BAD); i++) {
        double value;
        assert_false(sl_parse_double(BAD[i], strlen(BAD[i]), &value));
    }
    double value = 0;
    assert_true(sl_parse_double("NaN", 3, &value) && isnan(value));
    assert_true(sl_parse_double("Infinity", 8, &value) && isinf(value) && value > 0);
    assert_true(sl_parse_double("-Infinity", 9, &value) && isinf(value) && value < 0);
    assert_true(sl_parse_double("-0", 2, &value) && value == 0 && signbit(value));
    assert_true(sl_parse_double("1.59", 3, &value) && value == 1.5);
    assert_true(sl_parse_double("1e5", 1, &value) && value == 1);
    assert_false(sl_parse_double(NULL, 0, &value));
}

static void assert_reads_as_strtod(const char *text)
{
    double value = 0;
    double expected = strtod(text, NULL);
    assert_true(sl_parse_double(text, strlen(text), &value));
    if (memcmp(&value, &expected, sizeof(value)) != 0) {
        fail_msg("%s: %.17g is not %.17g", text, value, expected);
    }
}

static void test_parse_double_rounding(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "0",
        "0.0",
        "00.100",
        ".5",
        "5.",
        "1e22",
        "1e23",
        "-1e22",
        "9007199254740993",
        "9007199254740992",
        "9007199254740991e22",
        "123456789012345678",
        "1e-22",
        "1e-23",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e400",
        "-1e400",
        "1e-400",
        "0e999999999999999999999",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "0.1",
        "0.2",
        "0.3",
        "23.456",
        "1.00000000000000000000000",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017"
        "977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273"
        "854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704"
        "342711559699508093042880",
        "9007199254740993.00000000000000000000000000000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < SL_COUNT_OF(TEXTS); i++) {
        assert_reads_as_strtod(TEXTS[i]);
    }
    uint64_t seed = 88172645463325252U;
    for (int i = 0; i < 50000; i++) {
        char text[64];
        uint64_t digits = next_random(&seed) >> (next_random(&seed) % 64);
        int exponent = (int)(next_random(&seed) % 640) - 330;
        exponent = i % 2 == 0 ? exponent : exponent % 30;
        snprintf(text, sizeof(text), "%llue%d", (unsigned long long)digits, exponent);
        assert_reads_as_strtod(text);
    }
}

/* 2^-1 + 2^-54 is a midpoint; a digit far behind decides it. */
static void test_parse_double_long(void **state)
{
    (void)state;
    enum { ZEROS = 3000 };
    static char text[ZEROS + 128];
    static const char MIDPOINT[] = "0.500000000000000055511151231257827021181583404541015625";
    size_t start = sizeof(MIDPOINT) - 1;
    memcpy(text, MIDPOINT, start);
    memset(text + start, '0', ZEROS);
    double low = 0;
    double high = 0;
    assert_true(sl_parse_double(text, start + ZEROS, &low));
    text[start + ZEROS] = '1';
    assert_true(sl_parse_double(text, start + ZEROS + 1, &high));
    assert_true(low == 0.5);
    assert_true(high == nextafter(0.5, 1));

    memset(text, '0', ZEROS);
    memcpy(text + ZEROS, "1.5e2", 5);
    assert_true(sl_parse_double(text, ZEROS + 5, &low));
    assert_true(low == 150);
    memset(text, '1', ZEROS);
    memcpy(text + ZEROS, "e-2999", 6);
    assert_true(sl_parse_double(text, ZEROS + 6, &low));
    assert_true(low == 10.0 / 9 || fabs(low - 10.0 / 9) < 1e-15);
}

static void test_append_double(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } ROWS[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {25, "25.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {0.001, "0.001"},
        {0.00099, "9.9E-4"},
        {0.0123, "0.0123"},
        {9999999, "9999999.0"},
        {1e7, "1.0E7"},
        {12345678, "1.2345678E7"},
        {1e10, "1.0E10"},
        {1e22, "1.0E22"},
        {1e23, "1.0E23"},
        {100, "100.0"},
        {1234567.125, "1234567.125"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {4.9406564584124654e-324, "4.9E-324"},
        {1.7976931348623157e308, "1.7976931348623157E308"},
        {2.2250738585072014e-308, "2.2250738585072014E-308"},
        {0x1p-44, "5.684341886080802E-14"},
        {9007199254740992, "9.007199254740992E15"},
        {123456789012345680, "1.2345678901234568E17"},
        {-INFINITY, "-Infinity"},
        {INFINITY, "Infinity"},
        {NAN, "NaN"},
    };
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_text_reset(&text);
        sl_text_append_double(&text, ROWS[i].value);
        sl_text_append_char(&text, '\0');
        assert_string_equal(text.data, ROWS[i].text);
    }
    sl_text_deinit(&text);
}

static void test_append_float(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } ROWS[] = {
        {0.1F, "0.1"},
        {25.0F, "25.0"},
        {3.4028235e38F, "3.4028235E38"},
        {1.4e-45F, "1.4E-45"},
        {16777216.0F, "1.6777216E7"},
        {0.3F, "0.3"},
        {1.1754944e-38F, "1.17549435E-38"},
        {-2.5F, "-2.5"},
        {1.0F / 3, "0.33333334"},
        {NAN, "NaN"},
    };
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_text_reset(&text);
        sl_text_append_float(&text, ROWS[i].value);
        sl_text_append_char(&text, '\0');
        float back = strtof(text.data, NULL);
        assert_true(isnan(back) || back == ROWS[i].value);
        /* The smallest normal has two shortest forms; either is right. */
        if (strcmp(ROWS[i].text, "1.17549435E-38") != 0) {
            assert_string_equal(text.data, ROWS[i].text);
        }
    }
    sl_text_deinit(&text);
}

static void assert_round_trip(struct sl_text *text, double value)
{
    double back = 0;
    sl_text_reset(text);
    sl_text_append_double(text, value);
    assert_true(text->length <= 25);
    assert_true(sl_parse_double(text->data, text->length, &back));
    assert_memory_equal(&back, &value, sizeof(value));
}

static void test_round_trip(void **state)
{
    (void)state;
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    uint64_t seed = 1181783497276652981U;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&seed);
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (isfinite(value)) {
            assert_round_trip(&text, value);
        }
        assert_round_trip(&text, (double)(int64_t)(bits % 100000000) / 1000);
    }
    for (int exponent = -1074; exponent < 1024; exponent++) {
        assert_round_trip(&text, ldexp(1, exponent));
    }
    sl_text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_int64),          cmocka_unit_test(test_parse_bool),
        cmocka_unit_test(test_parse_double_grammar), cmocka_unit_test(test_parse_double_rounding),
        cmocka_unit_test(test_parse_double_long),    cmocka_unit_test(test_append_double),
        cmocka_unit_test(test_append_float),         cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
