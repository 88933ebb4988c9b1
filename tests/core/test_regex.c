/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions: Java's syntax and find semantics, refusals, the step limit, accounting. */
#include "sluice/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct sl_regex *create(const char *pattern)
{
    struct sl_regex *regex = NULL;
    struct sl_error err = {.text = ""};
    if (sl_regex_create(pattern, strlen(pattern), NULL, &regex, &err) != SL_OK) {
        fail_msg("%s: %s", pattern, err.text);
    }
    return regex;
}

static const struct {
    const char *pattern;
    const char *text;
    bool found;
} FIND_CASES[] = {
    {"", "", true},
    {"", "x", true},
    {"b", "abc", true},
    {"^b", "abc", false},
    {"a.c",
     "a\xC3\xA9"
     "c",
     true},
    {"^a.c$",
     "a\xF0\x9F\x98\x80"
     "c",
     true},
    {"a.c", "a\nc", false},
    {"a.c", "a\rc", false},
    {"a.c",
     "a\xE2\x80\xA8"
     "c",
     false},
    {"(?s)a.c", "a\nc", true},
    {"c$", "abc\n", true},
    {"c$", "abc\r\n", true},
    {"c$", "abc\nd", false},
    {"(?m)c$", "abc\nd", true},
    {"c\\z", "abc\n", false},
    {"c\\Z", "abc\n", true},
    {"(?i)ERROR", "an error", true},
    {"(?i:ERR)or", "errOR", false},
    {"ERR|timeout", "a timeout", true},
    {"\\d+", "no digits: \xD9\xA3", false}, /* ASCII only */
    {"\\w", "\xC3\xA9", false},
    {"\\s", "\xC2\xA0", false},
    {"\\h", "\xC2\xA0", true},
    {"[^a]", "\xC3\xA9", true},
    {"^[]a]+$", "a]", true},
    {"^[^]a]+$", "a]", false},
    {"\\p{L}", "\xC3\xA9", true},
    {"\\p{Alpha}", "\xC3\xA9", false},
    {"^[\\p{Alpha}_]+$", "a_B", true},
    {"^[\\P{Alpha}]+$", "a", false},
    {"\\P{Alpha}", "1", true},
    {"\\p{XDigit}{2}", "fE", true},
    {"\\p{IsGreek}", "\xCE\xB1", true},
    {"\\p{IsGreek}", "a", false},
    {"^\\u0041\\u00e9$", "A\xC3\xA9", true},
    {"^\\uD83D\\uDE00$", "\xF0\x9F\x98\x80", true},
    {"[\\u0041-\\u0043]", "B", true},
    {"\\x41\\x{1F600}", "A\xF0\x9F\x98\x80", true},
    {"^\\0101\\07$", "A\x07", true},
    {"^\\0400$", " 0", true},
    {"\\Qa.b(\\E", "a.b(", true},
    {"\\Q[x&&y", "[x&&y", true},
    {"\\Qa.b\\E.", "aXbc", false},
    {"a\\.b", "a.b", true},
    {"a\\.b", "axb", false},
    {"\\[\\]\\(", "[](", true},
    {"[\\]\\[&(?*]", "*", true},
    {"a&&b", "a&&b", true},
    {"(a)(?:b)(?<n>c)\\k<n>\\1", "abcca", true},
    {"a(?=b)", "ac", false},
    {"(?<!a)b", "ab", false},
    {"(?<=a)b", "ab", true},
    {"(?>a+)a", "aaa", false},
    {"a++a", "aaa", false},
    {"\\bfoo\\b", "a foo b", true},
    {"a{2,3}?", "aa", true},
};

static void finds_as_java_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(FIND_CASES); i++) {
        struct sl_regex *regex = create(FIND_CASES[i].pattern);
        bool gave_up = true;
        if (sl_regex_find(regex, FIND_CASES[i].text, strlen(FIND_CASES[i].text), &gave_up) !=
            FIND_CASES[i].found) {
            fail_msg("%s in %s", FIND_CASES[i].pattern, FIND_CASES[i].text);
        }
        assert_false(gave_up);
        sl_regex_destroy(regex);
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        enum sl_status status;
        const char *text;
    } cases[] = {
        {"(a", SL_SEMANTIC, "missing closing parenthesis at offset 2"},
        {"a)", SL_SEMANTIC, "at offset 1"},
        {"[a", SL_SEMANTIC, "missing terminating ] for character class at offset 2"},
        {"\\u0041\\u0042(", SL_SEMANTIC, "at offset 13"},
        {"*a", SL_SEMANTIC, "at offset 0"},
        {"a\\", SL_SEMANTIC, "\\ at end of pattern at offset 1"},
        {"\\y", SL_SEMANTIC, "unknown escape at offset 0"},
        {"ab\\K", SL_SEMANTIC, "unknown escape at offset 2"},
        {"\\C", SL_SEMANTIC, "unknown escape"},
        {"\\N", SL_SEMANTIC, "unknown escape"},
        {"\\g{1}", SL_SEMANTIC, "unknown escape"},
        {"\\u12", SL_SEMANTIC, "four hexadecimal digits"},
        {"\\uD83D", SL_SEMANTIC, "regular expression"},
        {"\\08", SL_SEMANTIC, "octal digits"},
        {"[\\b]", SL_SEMANTIC, "no meaning here"},
        {"(*UTF)a", SL_SEMANTIC, "nothing to repeat"},
        {"(*LIMIT_MATCH=1)a", SL_SEMANTIC, "nothing to repeat"},
        {"(?R)", SL_SEMANTIC, "unknown group"},
        {"(?1)", SL_SEMANTIC, "unknown group"},
        {"(?P<a>b)", SL_SEMANTIC, "unknown group"},
        {"(?|a)", SL_SEMANTIC, "unknown group"},
        {"(?#x)", SL_SEMANTIC, "unknown group"},
        {"(?", SL_SEMANTIC, "unknown group"},
        {"(?xx)", SL_SEMANTIC, "unknown group"},
        {"(?U)a", SL_UNSUPPORTED, "not supported yet at offset 0"},
        {"[a-z&&[^b]]", SL_UNSUPPORTED, "not supported yet at offset 4"},
        {"[a[bc]]", SL_UNSUPPORTED, "not supported yet at offset 2"},
        {"[[:alpha:]]", SL_UNSUPPORTED, "not supported yet"},
        {"\\p{Nonsense}", SL_SEMANTIC, "unknown property"},
        {"((((a{1000}){1000}){1000}){1000})", SL_SEMANTIC, "too large"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        struct sl_account account = {.name = "test"};
        struct sl_error err = {.text = ""};
        struct sl_regex *regex = NULL;
        const char *pattern = cases[i].pattern;
        enum sl_status status = sl_regex_create(pattern, strlen(pattern), &account, &regex, &err);
        if (status != cases[i].status || strstr(err.text, cases[i].text) == NULL) {
            fail_msg("%s: %s: %s", pattern, sl_status_text(status), err.text);
        }
        assert_null(regex);
        assert_int_equal(sl_account_used(&account), 0);
    }
}

static void groups_have_bounds(void **state)
{
    (void)state;
    struct sl_regex *regex = create("(\\d+)-(x)?([a-z]*)");
    assert_int_equal(sl_regex_group_count(regex), 3);
    static const struct {
        uint32_t group;
        bool found;
        size_t start;
        size_t end;
    } cases[] = {{0, true, 3, 9},
                 {1, true, 3, 5},
                 {2, true, SIZE_MAX, SIZE_MAX},
                 {3, true, 6, 9},
                 {4, false, SIZE_MAX, SIZE_MAX}};
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        size_t start = 1;
        size_t end = 1;
        assert_int_equal(sl_regex_group(regex, "id 42-abc!", 10, cases[i].group, &start, &end),
                         cases[i].found);
        assert_int_equal(start, cases[i].start);
        assert_int_equal(end, cases[i].end);
    }
    size_t start = 1;
    size_t end = 1;
    assert_false(sl_regex_group(regex, "none", 4, 0, &start, &end));
    assert_int_equal(start, SIZE_MAX);
    sl_regex_destroy(regex);
}

static void empty_and_foreign_input(void **state)
{
    (void)state;
    struct sl_regex *regex = create("a*$");
    assert_true(sl_regex_find(regex, NULL, 0, NULL));
    sl_regex_destroy(regex);
    regex = create("[^x]+z");
    assert_false(sl_regex_find(regex, "\xF0\x9F", 2, NULL)); /* not UTF-8: no crash, no match */
    assert_false(sl_regex_find(regex, "\xFFz", 2, NULL));
    assert_true(sl_regex_find(regex, "a\0z", 3, NULL));
    sl_regex_destroy(regex);
}

static void endless_matches_are_given_up(void **state)
{
    (void)state;
    static const char *const patterns[] = {"(a+)+$", "(a|aa)+$", "(.*)*x(.*)*y(.*)*z"};
    size_t length = 100000;
    char *text = malloc(length);
    memset(text, 'a', length);
    text[length - 1] = 'b';
    for (size_t i = 0; i < SL_COUNT_OF(patterns); i++) {
        struct sl_regex *regex = create(patterns[i]);
        bool gave_up = false;
        assert_false(sl_regex_find(regex, text, length, &gave_up));
        if (i < 2) { /* the last one ends early: PCRE2 knows that x must occur */
            assert_true(gave_up);
        }
        assert_false(sl_regex_find(regex, "x", 1, &gave_up));
        assert_false(gave_up);
        sl_regex_destroy(regex);
    }
    free(text);
}

static void memory_is_charged_and_bounded(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_regex *regex = NULL;
    const char *pattern = "(abc|def)+[0-9]{3}";
    struct sl_account account = {.name = "test"};
    assert_int_equal(sl_regex_create(pattern, strlen(pattern), &account, &regex, &err), SL_OK);
    assert_true(sl_account_used(&account) > 200);
    sl_regex_destroy(regex);
    sl_regex_destroy(NULL);
    assert_int_equal(sl_account_used(&account), 0);
    int64_t needed = account.peak_bytes;
    for (int64_t limit = 1; limit < needed; limit += 16) { /* fails at each allocation in turn */
        account.limit_bytes = limit;
        enum sl_status status = sl_regex_create(pattern, strlen(pattern), &account, &regex, &err);
        assert_true(status == SL_LIMIT || status == SL_OK); /* OK: without its JIT */
        assert_int_equal(regex != NULL, status == SL_OK);
        sl_regex_destroy(regex);
        assert_int_equal(sl_account_used(&account), 0);
    }
    char *huge = malloc(70000);
    memset(huge, 'a', 70000);
    assert_int_equal(sl_regex_create(huge, 70000, NULL, &regex, &err), SL_LIMIT);
    free(huge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_as_java_does),
        cmocka_unit_test(refuses),
        cmocka_unit_test(groups_have_bounds),
        cmocka_unit_test(empty_and_foreign_input),
        cmocka_unit_test(endless_matches_are_given_up),
        cmocka_unit_test(memory_is_charged_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
