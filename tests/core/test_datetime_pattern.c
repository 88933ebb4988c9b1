/* SPDX-License-Identifier: Apache-2.0
 *
 * Java date patterns: read, written, and refused. */
#include "sluice/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct sl_datetime_pattern *prepare(const char *pattern)
{
    struct sl_datetime_pattern *result = NULL;
    struct sl_error err = {.text = ""};
    if (sl_datetime_pattern_create(pattern, strlen(pattern), &result, &err) != SL_OK) {
        fail_msg("%s", err.text);
    }
    return result;
}

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
        const char *result; /* NULL = refused */
    } ROWS[] = {
        {"yyyy-MM-dd HH:mm:ss", "2026-11-21 22:01:02", "2026-11-21 22:01:02.000"},
        {"yyyy-MM-dd HH:mm:ss.SSS", "2026-11-21 22:01:02.345", "2026-11-21 22:01:02.345"},
        {"yyyy-MM-dd'T'HH:mm:ss'Z'", "2026-11-21T22:01:02Z", "2026-11-21 22:01:02.000"},
        {"uuuu-MM-dd", "2026-11-21", "2026-11-21 00:00:00.000"},
        {"yyyyMMddHHmmssSSS", "20261121220102345", "2026-11-21 22:01:02.345"},
        {"dd/MM/yy", "21/11/26", "2026-11-21 00:00:00.000"},
        {"d.M.yyyy H:m:s", "1.2.2026 3:4:5", "2026-02-01 03:04:05.000"},
        {"d.M.yyyy H:m:s", "21.12.2026 23:44:55", "2026-12-21 23:44:55.000"},
        {"dd MMM yyyy", "21 nov 2026", "2026-11-21 00:00:00.000"},
        {"MMMM d, yyyy", "November 21, 2026", "2026-11-21 00:00:00.000"},
        {"EEE, dd MMM yyyy", "Sat, 21 Nov 2026", "2026-11-21 00:00:00.000"},
        {"EEEE yyyy-MM-dd", "Saturday 2026-11-21", "2026-11-21 00:00:00.000"},
        {"EEE, dd MMM yyyy", "Sun, 21 Nov 2026", NULL},
        {"hh:mm a", "12:30 AM", "1970-01-01 00:30:00.000"},
        {"hh:mm a", "12:30 PM", "1970-01-01 12:30:00.000"},
        {"hh:mm a", "11:59 pm", "1970-01-01 23:59:00.000"},
        {"hh:mm a", "13:00 PM", NULL},
        {"hh:mm a", "00:00 AM", NULL},
        {"yyyy", "2026", "2026-01-01 00:00:00.000"},
        {"HH 'o''clock'", "07 o'clock", "1970-01-01 07:00:00.000"},
        {"''yy''", "'26'", "2026-01-01 00:00:00.000"},
        {"y", "12026", "+12026-01-01 00:00:00.000"},
        {"S", "7", "1970-01-01 00:00:00.700"},
        {"yyyy-MM-dd", "2026-11-21 ", NULL},
        {"yyyy-MM-dd", "2026-11-2", NULL},
        {"yyyy-MM-dd", "2026-02-30", NULL},
        {"yyyy-MM-dd", "2026-13-01", NULL},
        {"yyyy-MM-dd", "26-11-21", NULL},
        {"yyyy-MM-dd", "2026/11/21", NULL},
        {"yyyy-MM-dd", "", NULL},
        {"dd MMM yyyy", "21 xyz 2026", NULL},
        {"dd MMM", "21 no", NULL},
        {"HH:mm", "7:30", NULL},
        {"HH:mm", "25:00", NULL},
        {"ss.SSS", "01.23", NULL},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_datetime_pattern *pattern = prepare(ROWS[i].pattern);
        int64_t timestamp = 0;
        char text[49];
        bool ok =
            sl_datetime_pattern_parse(pattern, ROWS[i].text, strlen(ROWS[i].text), 3, &timestamp);
        if (ok != (ROWS[i].result != NULL)) {
            fail_msg("'%s' by '%s': %d", ROWS[i].text, ROWS[i].pattern, ok);
        }
        if (ok) {
            text[sl_timestamp_format(timestamp, 3, SL_DATETIME_SQL, false, text)] = '\0';
            assert_string_equal(text, ROWS[i].result);
        }
        sl_datetime_pattern_destroy(pattern);
    }
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *text;
    } ROWS[] = {
        {"yyyy-MM-dd HH:mm:ss.SSS", "2026-02-03 15:04:05.678"},
        {"yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "2026-02-03 15:04:05.678000000"},
        {"yyyyMMdd", "20260203"},
        {"d/M/yy h:m:s a", "3/2/26 3:4:5 PM"},
        {"dd MMM yyyy", "03 Feb 2026"},
        {"EEEE, d. MMMM y", "Tuesday, 3. February 2026"},
        {"EEE E", "Tue Tue"},
        {"hh 'o''clock' ''a''", "03 o'clock 'PM'"},
        {"S SS", "6 67"},
        {"H'h'", "15h"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_datetime_pattern *pattern = prepare(ROWS[i].pattern);
        char text[64];
        size_t length =
            sl_datetime_pattern_format(pattern, 1770131045678, 3, text, sizeof(text) - 1);
        text[length] = '\0';
        assert_string_equal(text, ROWS[i].text);
        assert_int_equal(sl_datetime_pattern_format(pattern, 1770131045678, 3, text, length),
                         length);
        assert_int_equal(sl_datetime_pattern_format(pattern, 1770131045678, 3, text, length - 1),
                         0);
        sl_datetime_pattern_destroy(pattern);
    }
}

static void test_format_years(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        const char *date;
        const char *text;
    } ROWS[] = {
        {"yyyy", "0007-01-01", "0007"},     {"y", "0007-01-01", "7"},  {"yy", "1999-01-01", "99"},
        {"yyyy", "+12026-01-01", "+12026"}, {"h", "2000-01-01", "12"}, {"y", "2026-01-01", "2026"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_datetime_pattern *pattern = prepare(ROWS[i].pattern);
        int64_t timestamp = 0;
        char text[32];
        assert_true(sl_timestamp_parse(ROWS[i].date, strlen(ROWS[i].date), 3, &timestamp, NULL));
        text[sl_datetime_pattern_format(pattern, timestamp, 3, text, sizeof(text) - 1)] = '\0';
        assert_string_equal(text, ROWS[i].text);
        sl_datetime_pattern_destroy(pattern);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        enum sl_status status;
    } ROWS[] = {
        {"", SL_FORMAT},
        {"yyyy 'open", SL_FORMAT},
        {"yyyy'", SL_FORMAT},
        {"yyyy[-MM]", SL_UNSUPPORTED},
        {"ddd", SL_UNSUPPORTED},
        {"VV", SL_UNSUPPORTED},
        {"X", SL_UNSUPPORTED},
        {"Q", SL_UNSUPPORTED},
        {"SSSSSSSSSS", SL_UNSUPPORTED},
        {"yyyyy", SL_UNSUPPORTED},
        {"YYYY", SL_UNSUPPORTED},
        {"D", SL_UNSUPPORTED},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_datetime_pattern *pattern = NULL;
        struct sl_error err = {.text = ""};
        assert_int_equal(
            sl_datetime_pattern_create(ROWS[i].pattern, strlen(ROWS[i].pattern), &pattern, &err),
            ROWS[i].status);
        assert_null(pattern);
        assert_true(err.text[0] != '\0');
    }
    sl_datetime_pattern_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_format_years),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
