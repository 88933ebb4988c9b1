/* SPDX-License-Identifier: Apache-2.0
 *
 * Time zones: fixed offsets, refused names, and named zones against the C library. Named zones are
 * skipped where the machine has no zone files. */
#include "sluice/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void test_fixed(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t offset_seconds;
    } ROWS[] = {
        {"UTC", 0},         {"Z", 0},          {"GMT", 0},           {"+02:00", 7200},
        {"-05:30", -19800}, {"+2", 7200},      {"UTC+2", 7200},      {"GMT+08:00", 28800},
        {"-00:00", 0},      {"+18:00", 64800}, {"UTC-3:30", -12600},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_time_zone *zone = NULL;
        assert_int_equal(sl_time_zone_load(ROWS[i].name, &zone, NULL), SL_OK);
        assert_int_equal(sl_time_zone_offset_at(zone, 0), ROWS[i].offset_seconds);
        assert_int_equal(sl_time_zone_offset_at(zone, INT64_MIN), ROWS[i].offset_seconds);
        assert_int_equal(sl_time_zone_offset_at(zone, INT64_MAX), ROWS[i].offset_seconds);
        sl_time_zone_unload(zone);
    }
    sl_time_zone_unload(NULL);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "",
        "Europe/Atlantis",
        "../../../etc/passwd",
        "/etc/localtime",
        "Europe",
        "+19:00",
        "+02:60",
        "UTC+",
        "UTC2",
        "a b",
        "+02:0",
        "Europe/../UTC",
        "zone.tab",
        "+02:000",
    };
    for (size_t i = 0; i < SL_COUNT_OF(NAMES); i++) {
        struct sl_time_zone *zone = NULL;
        struct sl_error err = {.text = ""};
        assert_int_not_equal(sl_time_zone_load(NAMES[i], &zone, &err), SL_OK);
        assert_null(zone);
        assert_true(err.text[0] != '\0');
    }
}

static int32_t library_offset(int64_t epoch_seconds)
{
    time_t instant = (time_t)epoch_seconds;
    struct tm fields;
    assert_non_null(localtime_r(&instant, &fields));
    return (int32_t)fields.tm_gmtoff;
}

static void compare_with_library(const char *name)
{
    struct sl_time_zone *zone = NULL;
    struct sl_error err = {.text = ""};
    if (sl_time_zone_load(name, &zone, &err) != SL_OK) {
        fail_msg("%s", err.text);
    }
    assert_int_equal(setenv("TZ", name, 1), 0);
    tzset();
    /* From 1900 to 2120, 7 hours and a bit apart. */
    for (int64_t at = -2208988800; at < 4733510400; at += 25 * 1013) {
        if (sl_time_zone_offset_at(zone, at) != library_offset(at)) {
            fail_msg("%s at %lld: %d is not %d", name, (long long)at,
                     sl_time_zone_offset_at(zone, at), library_offset(at));
        }
    }
    assert_int_equal(sl_time_zone_offset_at(zone, INT64_MAX),
                     sl_time_zone_offset_at(zone, INT64_MAX - 1));
    sl_time_zone_offset_at(zone, INT64_MIN);
    sl_time_zone_unload(zone);
}

static void test_named(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Africa/Casablanca",
        "Asia/Kathmandu",
        "America/Sao_Paulo",
        "America/Nuuk",
        "Pacific/Chatham",
        "Asia/Gaza",
        "Antarctica/Troll",
        "America/St_Johns",
        "Pacific/Auckland",
        "Etc/GMT+5",
        "Asia/Tehran",
        "America/Argentina/Buenos_Aires",
    };
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        skip();
    }
    for (size_t i = 0; i < SL_COUNT_OF(NAMES); i++) {
        compare_with_library(NAMES[i]);
    }
}

/* Both sides of a change, to the second, in the table and behind it. */
static void test_changes(void **state)
{
    (void)state;
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) {
        skip();
    }
    static const struct {
        int64_t at_seconds;
        int32_t before;
        int32_t after;
    } ROWS[] = {
        {1774746000, 3600, 7200}, /* 2026-03-29 01:00 UTC */
        {1792890000, 7200, 3600}, /* 2026-10-25 01:00 UTC */
        {3812922000, 7200, 3600}, /* 2090-10-29 01:00 UTC, by the rule */
    };
    struct sl_time_zone *zone = NULL;
    assert_int_equal(sl_time_zone_load("Europe/Berlin", &zone, NULL), SL_OK);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        assert_int_equal(sl_time_zone_offset_at(zone, ROWS[i].at_seconds - 1), ROWS[i].before);
        assert_int_equal(sl_time_zone_offset_at(zone, ROWS[i].at_seconds), ROWS[i].after);
    }
    sl_time_zone_unload(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_named),
        cmocka_unit_test(test_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
