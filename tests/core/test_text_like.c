/* SPDX-License-Identifier: Apache-2.0
 *
 * LIKE against a table of cases and against a naive recursive matcher on random texts. */
#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool match(const char *pattern, char escape, const char *text)
{
    struct sl_like *like = NULL;
    struct sl_account account = {.name = "like"};
    assert_int_equal(sl_like_create(pattern, strlen(pattern), escape, &account, &like, NULL),
                     SL_OK);
    bool result = sl_like_match(like, text, strlen(text));
    sl_like_destroy(like);
    assert_int_equal(sl_account_used(&account), 0);
    return result;
}

static void test_table(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        char escape;
        const char *text;
        bool matches;
    } ROWS[] = {
        {"", 0, "", true},
        {"", 0, "a", false},
        {"%", 0, "", true},
        {"%%", 0, "abc", true},
        {"_", 0, "", false},
        {"_", 0, "a", true},
        {"_", 0, "\xC3\xA9", true},
        {"__", 0, "\xC3\xA9", false},
        {"_", 0, "\xF0\x9F\x98\x80", true},
        {"abc", 0, "abc", true},
        {"abc", 0, "ABC", false},
        {"abc", 0, "abcd", false},
        {"abc%", 0, "abcd", true},
        {"abc%", 0, "ab", false},
        {"%abc", 0, "xxabc", true},
        {"%abc", 0, "abcx", false},
        {"%abc", 0, "abcabc", true},
        {"%b%", 0, "abc", true},
        {"%b%", 0, "", false},
        {"a%c", 0, "ac", true},
        {"a%a", 0, "a", false},
        {"ab%ba", 0, "aba", false},
        {"a_c", 0, "abc", true},
        {"a_c", 0,
         "a\xC3\xA9"
         "c",
         true},
        {"%_", 0, "", false},
        {"%_", 0, "x", true},
        {"_%_", 0, "x", false},
        {"_%_", 0, "xy", true},
        {"%a_b%", 0, "xaab", true},
        {"%a_b%", 0, "aaXaYb", true},
        {"%\xC3\xA9_", 0, "caf\xC3\xA9\xC3\xA9", true},
        {"%_\xC3\xA9", 0, "\xC3\xA9", false},
        {"10\\%", '\\', "10%", true},
        {"10\\%", '\\', "100", false},
        {"10\\%%", '\\', "10% off", true},
        {"a\\_c", '\\', "abc", false},
        {"a\\_c", '\\', "a_c", true},
        {"a\\\\", '\\', "a\\", true},
        {"a\\_c", 0, "a\\bc", true},
        {"a#%", '#', "a%", true},
        {"%#%", '#', "50%", true},
        {"error%timeout%ms", 0, "error: x timeout after 5 ms", true},
        {"error%timeout%ms", 0, "error: x timeout after 5 s", false},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        if (match(ROWS[i].pattern, ROWS[i].escape, ROWS[i].text) != ROWS[i].matches) {
            fail_msg("'%s' LIKE '%s'", ROWS[i].text, ROWS[i].pattern);
        }
    }
}

static void test_bad_patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        enum sl_status status;
    } ROWS[] = {
        {"a\\", SL_SEMANTIC},
        {"\\a", SL_SEMANTIC},
        {"a\xFF", SL_FORMAT},
        {"\xC3", SL_FORMAT},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_like *like = NULL;
        struct sl_error err = {.status = SL_OK};
        assert_int_equal(
            sl_like_create(ROWS[i].pattern, strlen(ROWS[i].pattern), '\\', NULL, &like, &err),
            ROWS[i].status);
        assert_null(like);
        assert_int_equal(err.status, ROWS[i].status);
        assert_true(err.text[0] != '\0');
    }
    sl_like_destroy(NULL);
}

static bool naive(const char *pattern, const char *text)
{
    if (*pattern == '\0') {
        return *text == '\0';
    }
    if (*pattern == '%') {
        return naive(pattern + 1, text) || (*text != '\0' && naive(pattern, text + 1));
    }
    return *text != '\0' && (*pattern == '_' || *pattern == *text) && naive(pattern + 1, text + 1);
}

static void test_against_naive(void **state)
{
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 200000; i++) {
        char pattern[9];
        char text[13];
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        uint64_t bits = seed >> 20;
        size_t pattern_length = bits % 9;
        size_t text_length = bits / 9 % 13;
        bits = seed ^ seed >> 29;
        for (size_t j = 0; j < pattern_length; j++) {
            pattern[j] = "ab%_"[bits >> (2 * j) & 3];
        }
        for (size_t j = 0; j < text_length; j++) {
            text[j] = "ab"[bits >> (20 + j) & 1];
        }
        pattern[pattern_length] = '\0';
        text[text_length] = '\0';
        if (match(pattern, 0, text) != naive(pattern, text)) {
            fail_msg("'%s' LIKE '%s'", text, pattern);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_bad_patterns),
        cmocka_unit_test(test_against_naive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
