/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing buffer: limits are exact, a refused append changes nothing and is final until reset.
 */
#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct sl_text *text, const char *expected)
{
    assert_int_equal(text->length, strlen(expected));
    assert_memory_equal(text->data, expected, strlen(expected));
}

static void test_appends(void **state)
{
    (void)state;
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_text_append(&text, NULL, 0);
    sl_text_append(&text, "ab", 2);
    sl_text_append_char(&text, '-');
    sl_text_append_string(&text, "cd");
    sl_text_printf(&text, "[%d:%s]", 7, "x");
    sl_text_append_int64(&text, INT64_MIN);
    sl_text_append_int64(&text, 0);
    assert_text(&text, "ab-cd[7:x]-92233720368547758080");
    assert_false(text.failed);
    sl_text_reset(&text);
    assert_int_equal(text.length, 0);
    sl_text_deinit(&text);
    sl_text_deinit(&text);
}

static void test_grows(void **state)
{
    (void)state;
    struct sl_account account = {.name = "text"};
    struct sl_text text;
    sl_text_init(&text, &account, 0);
    for (int i = 0; i < 100000; i++) {
        sl_text_append_char(&text, (char)('a' + i % 26));
    }
    assert_int_equal(text.length, 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(text.data[i], 'a' + i % 26);
    }
    assert_true(sl_account_used(&account) >= 100000);
    sl_text_deinit(&text);
    assert_int_equal(sl_account_used(&account), 0);
}

static void test_long_printf(void **state)
{
    (void)state;
    char word[1001];
    memset(word, 'x', 1000);
    word[1000] = '\0';
    struct sl_text text;
    sl_text_init(&text, NULL, 1002);
    sl_text_printf(&text, "<%s>", word);
    assert_false(text.failed);
    assert_int_equal(text.length, 1002);
    assert_int_equal(text.data[1001], '>');
    sl_text_deinit(&text);
}

static void test_limit(void **state)
{
    (void)state;
    struct sl_text text;
    sl_text_init(&text, NULL, 5);
    sl_text_append(&text, "abc", 3);
    sl_text_append(&text, "def", 3);
    assert_true(text.failed);
    assert_text(&text, "abc");
    sl_text_append(&text, "d", 1);
    assert_text(&text, "abc");
    sl_text_reset(&text);
    sl_text_append(&text, "abcde", 5);
    assert_false(text.failed);
    assert_null(sl_text_reserve(&text, 1));
    sl_text_reset(&text);
    assert_null(sl_text_reserve(&text, SIZE_MAX));
    assert_true(text.failed);
    sl_text_deinit(&text);
}

static void test_account_limit(void **state)
{
    (void)state;
    struct sl_account account = {.name = "text", .limit_bytes = 200};
    struct sl_text text;
    sl_text_init(&text, &account, 0);
    sl_text_append_string(&text, "kept");
    assert_null(sl_text_reserve(&text, 1000));
    assert_true(text.failed);
    assert_text(&text, "kept");
    sl_text_deinit(&text);
    assert_int_equal(sl_account_used(&account), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appends),       cmocka_unit_test(test_grows),
        cmocka_unit_test(test_long_printf),   cmocka_unit_test(test_limit),
        cmocka_unit_test(test_account_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
