/* SPDX-License-Identifier: Apache-2.0
 *
 * Civil dates against a calendar that counts day by day, conversions at the ends of int64, and the
 * fixed text forms. */
#include "sluice/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t month_days(int32_t year, uint32_t month)
{
    if (month == 2) {
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    }
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static void test_calendar(void **state)
{
    (void)state;
    assert_int_equal(sl_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(sl_days_from_civil(2000, 3, 1), 11017);
    int32_t year = -410;
    uint32_t month = 1;
    uint32_t day = 1;
    for (int64_t days = sl_days_from_civil(year, 1, 1); year < 2450; days++) {
        int32_t got_year;
        uint32_t got_month;
        uint32_t got_day;
        sl_civil_from_days(days, &got_year, &got_month, &got_day);
        if (got_year != year || got_month != month || got_day != day ||
            sl_days_from_civil(year, month, day) != days) {
            fail_msg("%d-%u-%u: got %d-%u-%u", year, month, day, got_year, got_month, got_day);
        }
        if (++day > month_days(year, month)) {
            day = 1;
            month++;
        }
        if (month > 12) {
            month = 1;
            year++;
        }
    }
}

static void test_civil_ends(void **state)
{
    (void)state;
    static const int64_t VALUES[] = {INT64_MIN, INT64_MIN + 1,   -1000000001,   -1,       0, 1, 999,
                                     1000,      253402300799999, INT64_MAX - 1, INT64_MAX};
    for (size_t i = 0; i < SL_COUNT_OF(VALUES); i++) {
        for (uint32_t precision = 3; precision <= 9; precision += 3) {
            struct sl_civil civil;
            int64_t back = 0;
            sl_civil_from_timestamp(VALUES[i], precision, &civil);
            assert_true(sl_timestamp_from_civil(&civil, precision, &back));
            assert_true(back == VALUES[i]);
        }
    }
    struct sl_civil civil;
    int64_t timestamp;
    sl_civil_from_timestamp(-1, 3, &civil);
    assert_int_equal(civil.year, 1969);
    assert_int_equal(civil.second, 59);
    assert_int_equal(civil.nanosecond, 999000000);
    civil = (struct sl_civil){.year = 2262, .month = 4, .day = 12};
    assert_false(sl_timestamp_from_civil(&civil, 9, &timestamp));
    assert_true(sl_timestamp_from_civil(&civil, 6, &timestamp));
    civil.year = INT32_MAX;
    assert_false(sl_timestamp_from_civil(&civil, 3, &timestamp));
    civil.year = INT32_MIN;
    assert_false(sl_timestamp_from_civil(&civil, 3, &timestamp));
}

static void test_civil_fields(void **state)
{
    (void)state;
    static const struct {
        struct sl_civil civil;
        bool ok;
    } ROWS[] = {
        {{2024, 2, 29, 0, 0, 0, 0}, true},
        {{2023, 2, 29, 0, 0, 0, 0}, false},
        {{1900, 2, 29, 0, 0, 0, 0}, false},
        {{2000, 2, 29, 0, 0, 0, 0}, true},
        {{2024, 2, 30, 0, 0, 0, 0}, false},
        {{2024, 4, 31, 0, 0, 0, 0}, false},
        {{2024, 0, 1, 0, 0, 0, 0}, false},
        {{2024, 13, 1, 0, 0, 0, 0}, false},
        {{2024, 1, 0, 0, 0, 0, 0}, false},
        {{2024, 1, 32, 0, 0, 0, 0}, false},
        {{2024, 1, 1, 24, 0, 0, 0}, false},
        {{2024, 1, 1, 23, 60, 0, 0}, false},
        {{2024, 1, 1, 23, 59, 60, 0}, false},
        {{2024, 1, 1, 0, 0, 0, 1000000000}, false},
        {{2024, 12, 31, 23, 59, 59, 999999999}, true},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t timestamp;
        assert_int_equal(sl_timestamp_from_civil(&ROWS[i].civil, 3, &timestamp), ROWS[i].ok);
    }
}

static const struct {
    const char *text;
    uint32_t precision;
    bool ok;
    int64_t timestamp;
    bool has_zone;
} TIMESTAMPS[] = {
    {"1970-01-01 00:00:00", 3, true, 0, false},
    {"1970-01-01", 3, true, 0, false},
    {"1970-01-01T00:00", 3, true, 0, false},
    {"2026-11-21 22:00:00.123", 3, true, 1795298400123, false},
    {"2026-11-21T22:00:00.123", 3, true, 1795298400123, false},
    {"2026-11-21T22:00:00.123Z", 3, true, 1795298400123, true},
    {"2026-11-21 22:00:00.123+01:00", 3, true, 1795294800123, true},
    {"2026-11-21 22:00:00.123-05:30", 3, true, 1795318200123, true},
    {"2026-11-21 22:00+00:00", 3, true, 1795298400000, true},
    {"2026-11-21 22:00:00.1", 3, true, 1795298400100, false},
    {"2026-11-21 22:00:00.123456789", 9, true, 1795298400123456789, false},
    {"2026-11-21 22:00:00.123456789", 6, true, 1795298400123456, false},
    {"2026-11-21 22:00:00.129", 2, true, 1795298400120, false},
    {"2026-11-21 22:00:00.999", 0, true, 1795298400000, false},
    {"1969-12-31 23:59:59.999", 3, true, -1, false},
    {"0000-01-01 00:00:00", 3, true, -62167219200000, false},
    {"9999-12-31 23:59:59.999", 3, true, 253402300799999, false},
    {"+10000-01-01", 3, true, 253402300800000, false},
    {"-0001-12-31", 3, true, -62167305600000, false},
    {"2262-04-11 23:47:16.854775807", 9, true, INT64_MAX, false},
    {"2262-04-11 23:47:16.854775808", 9, false, 0, false},
    {"1677-09-21 00:12:43.145224192", 9, true, INT64_MIN, false},
    {"1677-09-21 00:12:43.145224191", 9, false, 0, false},
    {"2262-04-11 23:47:16.854775807-00:01", 9, false, 0, false},
    {"", 3, false, 0, false},
    {"2026", 3, false, 0, false},
    {"2026-11-21 ", 3, false, 0, false},
    {"2026-11-21 22", 3, false, 0, false},
    {"2026-11-21 22:00:", 3, false, 0, false},
    {"2026-11-21 22:00:00.", 3, false, 0, false},
    {"2026-11-21 22:00:00.1234567891", 9, false, 0, false},
    {"2026-11-21x22:00:00", 3, false, 0, false},
    {"2026-11-21 22:00:00 ", 3, false, 0, false},
    {"2026-11-21 22:00:00z", 3, false, 0, false},
    {"2026-11-21 22:00:00+1:00", 3, false, 0, false},
    {"2026-11-21 22:00:00+19:00", 3, false, 0, false},
    {"2026-11-21 22:00:00+01:60", 3, false, 0, false},
    {"2026-11-21 22:00:00ZZ", 3, false, 0, false},
    {"2026-11-21Z", 3, false, 0, false},
    {"2026-13-21 22:00:00", 3, false, 0, false},
    {"2026-02-30 22:00:00", 3, false, 0, false},
    {"2026-11-21 24:00:00", 3, false, 0, false},
    {"2026-1-21 22:00:00", 3, false, 0, false},
    {"26-11-21 22:00:00", 3, false, 0, false},
    {"20266-11-21 22:00:00", 3, false, 0, false},
    {"2026/11/21 22:00:00", 3, false, 0, false},
    {" 2026-11-21", 3, false, 0, false},
    {"not a date", 3, false, 0, false},
};

static void test_timestamp_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(TIMESTAMPS); i++) {
        int64_t timestamp = 0;
        bool has_zone = false;
        size_t length = strlen(TIMESTAMPS[i].text);
        char *copy = malloc(length + (length == 0));
        assert_non_null(copy);
        memcpy(copy, TIMESTAMPS[i].text, length);
        bool ok = sl_timestamp_parse(copy, length, TIMESTAMPS[i].precision, &timestamp, &has_zone);
        if (ok != TIMESTAMPS[i].ok || (ok && timestamp != TIMESTAMPS[i].timestamp)) {
            fail_msg("'%s': %d, %lld", TIMESTAMPS[i].text, ok, (long long)timestamp);
        }
        if (ok) {
            assert_int_equal(has_zone, TIMESTAMPS[i].has_zone);
            assert_true(
                sl_timestamp_parse(copy, length, TIMESTAMPS[i].precision, &timestamp, NULL));
        }
        free(copy);
    }
}

static void test_timestamp_format(void **state)
{
    (void)state;
    static const struct {
        int64_t timestamp;
        uint32_t precision;
        enum sl_datetime_style style;
        bool with_zone;
        const char *text;
    } ROWS[] = {
        {0, 0, SL_DATETIME_SQL, false, "1970-01-01 00:00:00"},
        {1795298400123, 3, SL_DATETIME_SQL, false, "2026-11-21 22:00:00.123"},
        {1795298400120, 2, SL_DATETIME_SQL, true, "2026-11-21 22:00:00.12Z"},
        {1795298400000, 3, SL_DATETIME_ISO8601, true, "2026-11-21T22:00:00.000Z"},
        {1795298400123456, 6, SL_DATETIME_SQL, false, "2026-11-21 22:00:00.123456"},
        {1795298400123456789, 9, SL_DATETIME_ISO8601, false, "2026-11-21T22:00:00.123456789"},
        {-1, 3, SL_DATETIME_SQL, false, "1969-12-31 23:59:59.999"},
        {253402300800000, 3, SL_DATETIME_SQL, false, "+10000-01-01 00:00:00.000"},
        {-62167305600000, 3, SL_DATETIME_SQL, false, "-0001-12-31 00:00:00.000"},
        {INT64_MAX, 3, SL_DATETIME_SQL, true, "+292278994-08-17 07:12:55.807Z"},
        {INT64_MIN, 3, SL_DATETIME_SQL, true, "-292275055-05-16 16:47:04.192Z"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char text[49];
        size_t length = sl_timestamp_format(ROWS[i].timestamp, ROWS[i].precision, ROWS[i].style,
                                            ROWS[i].with_zone, text);
        assert_true(length <= 40);
        text[length] = '\0';
        assert_string_equal(text, ROWS[i].text);
        int64_t back = 0;
        assert_true(sl_timestamp_parse(text, length, ROWS[i].precision, &back, NULL));
        assert_true(back == ROWS[i].timestamp);
    }
}

static void test_date_and_time(void **state)
{
    (void)state;
    static const int32_t DAYS[] = {0, -1, 1, 20778, -719528, 2932896, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < SL_COUNT_OF(DAYS); i++) {
        char text[16];
        int32_t back = 0;
        size_t length = sl_date_format(DAYS[i], text);
        assert_true(length <= sizeof(text));
        assert_true(sl_date_parse(text, length, &back));
        assert_int_equal(back, DAYS[i]);
    }
    char text[17];
    text[sl_date_format(20778, text)] = '\0';
    assert_string_equal(text, "2026-11-21");
    static const char *const BAD_DATES[] = {
        "", "2026-11", "2026-02-29", "2026-11-21 ", "x", "2026-11-21T00:00", "+99999999-01-01"};
    int32_t value;
    for (size_t i = 0; i < SL_COUNT_OF(BAD_DATES); i++) {
        assert_false(sl_date_parse(BAD_DATES[i], strlen(BAD_DATES[i]), &value));
    }

    static const struct {
        const char *text;
        bool ok;
        int32_t ms;
    } TIMES[] = {
        {"00:00", true, 0},          {"23:59:59.999", true, 86399999},
        {"01:02:03", true, 3723000}, {"01:02:03.4567", true, 3723456},
        {"24:00", false, 0},         {"1:02", false, 0},
        {"01:02:03Z", false, 0},     {"", false, 0},
        {"01:02:60", false, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(TIMES); i++) {
        int32_t ms = 0;
        assert_int_equal(sl_time_parse(TIMES[i].text, strlen(TIMES[i].text), &ms), TIMES[i].ok);
        assert_int_equal(ms, TIMES[i].ms);
    }
    text[sl_time_format(86399999, 3, text)] = '\0';
    assert_string_equal(text, "23:59:59.999");
    text[sl_time_format(3723456, 0, text)] = '\0';
    assert_string_equal(text, "01:02:03");
}

static void test_rescale(void **state)
{
    (void)state;
    static const struct {
        int64_t timestamp;
        uint32_t from;
        uint32_t to;
        bool ok;
        int64_t result;
    } ROWS[] = {
        {1234, 3, 3, true, 1234},
        {1234, 3, 6, true, 1234000},
        {1234, 3, 9, true, 1234000000},
        {1234567, 6, 3, true, 1234},
        {-1, 6, 3, true, -1},
        {-1001, 6, 3, true, -2},
        {-1, 9, 0, true, -1000},
        {1999, 3, 0, true, 1000},
        {-1, 3, 0, true, -1000},
        {1239, 3, 2, true, 1230},
        {1230, 2, 3, true, 1230},
        {1234567, 6, 5, true, 1234560},
        {INT64_MAX, 3, 6, false, 0},
        {INT64_MIN, 3, 9, false, 0},
        {INT64_MIN, 3, 0, false, 0},
        {INT64_MIN, 9, 3, true, -9223372036855},
        {INT64_MAX, 9, 9, true, INT64_MAX},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t result = 0;
        assert_int_equal(sl_timestamp_rescale(ROWS[i].timestamp, ROWS[i].from, ROWS[i].to, &result),
                         ROWS[i].ok);
        assert_true(!ROWS[i].ok || result == ROWS[i].result);
    }
}

static void test_add_months(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t months;
        const char *result;
    } ROWS[] = {
        {"2023-01-31 10:00:00.5", 1, "2023-02-28 10:00:00.500"},
        {"2024-01-31 10:00:00", 1, "2024-02-29 10:00:00.000"},
        {"2024-02-29 00:00:00", 12, "2025-02-28 00:00:00.000"},
        {"2024-03-31 00:00:00", -1, "2024-02-29 00:00:00.000"},
        {"2024-01-15 00:00:00", -1, "2023-12-15 00:00:00.000"},
        {"2024-12-15 00:00:00", 1, "2025-01-15 00:00:00.000"},
        {"1970-01-31 23:59:59.999", -25, "1967-12-31 23:59:59.999"},
        {"2024-05-31 00:00:00", 0, "2024-05-31 00:00:00.000"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        int64_t timestamp = 0;
        char text[49];
        assert_true(sl_timestamp_parse(ROWS[i].text, strlen(ROWS[i].text), 3, &timestamp, NULL));
        assert_true(sl_timestamp_add_months(timestamp, 3, ROWS[i].months, &timestamp));
        text[sl_timestamp_format(timestamp, 3, SL_DATETIME_SQL, false, text)] = '\0';
        assert_string_equal(text, ROWS[i].result);
    }
    int64_t result;
    assert_false(sl_timestamp_add_months(INT64_MAX, 3, 1, &result));
    assert_false(sl_timestamp_add_months(INT64_MIN, 3, -1, &result));
    assert_false(sl_timestamp_add_months(INT64_MAX, 9, INT32_MAX, &result));
    assert_false(sl_timestamp_add_months(INT64_MIN, 9, INT32_MIN, &result));
    assert_true(sl_timestamp_add_months(123456, 2, 0, &result) && result == 123456);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar),         cmocka_unit_test(test_civil_ends),
        cmocka_unit_test(test_civil_fields),     cmocka_unit_test(test_timestamp_parse),
        cmocka_unit_test(test_timestamp_format), cmocka_unit_test(test_date_and_time),
        cmocka_unit_test(test_rescale),          cmocka_unit_test(test_add_months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
