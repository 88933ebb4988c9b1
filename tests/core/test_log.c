/* SPDX-License-Identifier: Apache-2.0
 *
 * Log lines: exact texts in both forms, one whole line whatever the message holds. */
#include "sluice/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct capture {
    char line[8192];
    size_t length;
    int count;
    enum sl_log_level level;
};

static void keep_line(void *user, enum sl_log_level level, const char *line, size_t length)
{
    struct capture *capture = user;
    assert_true(length < sizeof(capture->line));
    memcpy(capture->line, line, length);
    capture->line[length] = '\0';
    capture->length = length;
    capture->level = level;
    capture->count++;
}

static int64_t now_us = 1795298400123456; /* 2026-11-21T22:00:00.123456Z */

static void lines_have_these_forms(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        const char *text;
        const char *json;
    } cases[] = {
        {"broker down", "broker down", "broker down"},
        {"", "", ""},
        {"say \"hi\" \\", "say \"hi\" \\", "say \\\"hi\\\" \\\\"},
        {"a\nb\tc\x01\x7F", "a\\nb\\tc\\u0001\\u007f", "a\\nb\\tc\\u0001\\u007f"},
        {"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
         "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"},
        {"bad \xFF\xC3", "bad \xEF\xBF\xBD\xEF\xBF\xBD", "bad \xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    struct sl_clock clock = sl_clock_fake(&now_us);
    struct capture capture = {.count = 0};
    struct sl_log log = {
        .level = SL_LOG_DEBUG, .clock = &clock, .write = keep_line, .user = &capture};
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        char expected[512];
        log.json = false;
        sl_log_warn(&log, "kafka", "%s", cases[i].message);
        snprintf(expected, sizeof(expected), "2026-11-21T22:00:00.123Z warn  kafka: %s",
                 cases[i].text);
        assert_string_equal(capture.line, expected);
        log.json = true;
        sl_log_error(&log, "kafka", "%s", cases[i].message);
        snprintf(expected, sizeof(expected),
                 "{\"time\":\"2026-11-21T22:00:00.123Z\",\"level\":\"error\",\"room\":\"kafka\","
                 "\"message\":\"%s\"}",
                 cases[i].json);
        assert_string_equal(capture.line, expected);
    }
    assert_int_equal(capture.level, SL_LOG_ERROR);
}

static void times_before_the_epoch(void **state)
{
    (void)state;
    int64_t early_us = -1;
    struct sl_clock clock = sl_clock_fake(&early_us);
    struct capture capture = {.count = 0};
    struct sl_log log = {
        .level = SL_LOG_INFO, .clock = &clock, .write = keep_line, .user = &capture};
    sl_log_info(&log, "x", "y");
    assert_string_equal(capture.line, "1969-12-31T23:59:59.999Z info  x: y");
}

static void levels_above_are_dropped(void **state)
{
    (void)state;
    struct capture capture = {.count = 0};
    struct sl_log log = {.level = SL_LOG_WARN, .write = keep_line, .user = &capture};
    sl_log_error(&log, "x", "1");
    sl_log_warn(&log, "x", "2");
    sl_log_info(&log, "x", "3");
    sl_log_debug(&log, "x", "4");
    assert_int_equal(capture.count, 2);
    sl_log_error(NULL, "x", "nobody listens");
}

static void long_messages_are_cut_and_closed(void **state)
{
    (void)state;
    struct capture capture = {.count = 0};
    struct sl_log log = {.level = SL_LOG_INFO, .json = true, .write = keep_line, .user = &capture};
    static const char fillers[] = {'x', '"', '\x01', '\xFF'};
    for (size_t i = 0; i < sizeof(fillers); i++) {
        char message[6000];
        memset(message, fillers[i], sizeof(message) - 1);
        message[sizeof(message) - 1] = '\0';
        sl_log_info(&log, "json", "%s", message);
        assert_true(capture.length > 2000 && capture.length < 4096);
        assert_string_equal(capture.line + capture.length - 2, "\"}");
    }
}

static void without_a_writer_it_is_standard_error(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    struct sl_log log = {.level = SL_LOG_INFO};
    sl_log_info(&log, "engine", "started");
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    char text[256] = "";
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    close(ends[0]);
    assert_non_null(strstr(text, " info  engine: started\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_these_forms),
        cmocka_unit_test(times_before_the_epoch),
        cmocka_unit_test(levels_above_are_dropped),
        cmocka_unit_test(long_messages_are_cut_and_closed),
        cmocka_unit_test(without_a_writer_it_is_standard_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
