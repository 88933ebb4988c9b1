/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations, sizes and the distance between names, as users write them. */
#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct unit_row {
    const char *text;
    bool ok;
    int64_t value;
};

static void test_durations(void **state)
{
    (void)state;
    static const struct unit_row ROWS[] = {
        {"5 s", true, 5000},
        {"1min", true, 60000},
        {"1 min", true, 60000},
        {"200", true, 200},
        {"10 sec", true, 10000},
        {"1 h", true, 3600000},
        {"2 d", true, 172800000},
        {"100 ms", true, 100},
        {"5us", true, 0},
        {"2500 us", true, 2},
        {"0", true, 0},
        {"  7 MINUTES ", true, 420000},
        {"1\xC2\xB5s", true, 0},
        {"3000000 ns", true, 3},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775807 s", false, 0},
        {"9223372036854775808", false, 0},
        {"", false, 0},
        {" ", false, 0},
        {"s", false, 0},
        {"-5 s", false, 0},
        {"+5 s", false, 0},
        {"1.5 s", false, 0},
        {"5 parsecs", false, 0},
        {"5 s s", false, 0},
        {"5 se", false, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t value = 0;
        assert_int_equal(sl_parse_duration_ms(ROWS[i].text, strlen(ROWS[i].text), &value),
                         ROWS[i].ok);
        assert_true(value == ROWS[i].value);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct unit_row ROWS[] = {
        {"128MB", true, 134217728},
        {"128 kb", true, 131072},
        {"1g", true, 1073741824},
        {"4096", true, 4096},
        {"1 bytes", true, 1},
        {"2 TB", true, 2199023255552},
        {"3 mebibytes", true, 3145728},
        {"9999999 tb", false, 0},
        {"1 pb", false, 0},
        {"mb", false, 0},
        {"-1", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t value = 0;
        assert_int_equal(sl_parse_bytes(ROWS[i].text, strlen(ROWS[i].text), &value), ROWS[i].ok);
        assert_true(value == ROWS[i].value);
    }
}

static void test_distance(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        uint32_t distance;
    } ROWS[] = {
        {"", "", 0},         {"", "abc", 3},
        {"abc", "", 3},      {"tmp", "temp", 1},
        {"abc", "abc", 0},   {"ab", "ba", 1},
        {"abcd", "acbd", 1}, {"kitten", "sitting", 3},
        {"ca", "abc", 3},    {"device_id", "devcie_id", 1},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        assert_int_equal(sl_edit_distance(ROWS[i].a, ROWS[i].b), ROWS[i].distance);
        assert_int_equal(sl_edit_distance(ROWS[i].b, ROWS[i].a), ROWS[i].distance);
    }
    char longer[400];
    memset(longer, 'x', sizeof(longer));
    longer[399] = '\0';
    assert_int_equal(sl_edit_distance(longer, "x"), 255);
    assert_int_equal(sl_edit_distance(longer, longer), 0);
    longer[255] = '\0';
    assert_int_equal(sl_edit_distance(longer, ""), 255);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"device", "temp", "ts", "Humidity"};
    size_t count = SL_COUNT_OF(NAMES);
    assert_string_equal(sl_nearest_name("tmp", NAMES, count), "temp");
    assert_string_equal(sl_nearest_name("humidity", NAMES, count), "Humidity");
    assert_string_equal(sl_nearest_name("HUMIDITY", NAMES, count), "Humidity");
    assert_string_equal(sl_nearest_name("devcie", NAMES, count), "device");
    assert_null(sl_nearest_name("pressure", NAMES, count));
    assert_null(sl_nearest_name("x", NAMES, 0));
    assert_null(sl_nearest_name("", NAMES, count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
