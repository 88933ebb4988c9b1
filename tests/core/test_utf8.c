/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8: every code point, every ill-formed kind, at every distance from the wide ASCII steps. */
#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_all_code_points(void **state)
{
    (void)state;
    for (uint32_t code_point = 0; code_point <= 0x110010; code_point++) {
        char out[4];
        size_t size = sl_utf8_encode(code_point, out);
        bool is_valid = code_point <= 0x10FFFF && !(code_point >= 0xD800 && code_point <= 0xDFFF);
        size_t expected = code_point < 0x80      ? 1
                          : code_point < 0x800   ? 2
                          : code_point < 0x10000 ? 3
                                                 : 4;
        assert_int_equal(size, is_valid ? expected : 0);
        if (is_valid) {
            assert_int_equal(sl_utf8_check(out, size), size);
            assert_int_equal(sl_utf8_count(out, size), 1);
            assert_int_equal(sl_utf8_check(out, size - 1), 0);
        }
    }
}

static const char *const ILL_FORMED[] = {
    "\x80",         "\xBF",         "\xC0\x80",         "\xC1\xBF",         "\xC2",
    "\xC2\x20",     "\xE0\x80\x80", "\xE0\x9F\xBF",     "\xED\xA0\x80",     "\xED\xBF\xBF",
    "\xE1\x80",     "\xE1\x80\xC0", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
    "\xF5\x80\x80", "\xFF",         "\xF1\x80\x80",     "\xF1\x80\x80\x20", "\xFE",
};

/* The exact length is allocated, so that reading behind it is found by the sanitizer. */
static void test_ill_formed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(ILL_FORMED); i++) {
        for (size_t before = 0; before < 70; before++) {
            for (size_t after = 0; after < 3; after++) {
                size_t bad_length = strlen(ILL_FORMED[i]);
                size_t length = before + bad_length + after * 20;
                char *data = malloc(length);
                assert_non_null(data);
                memset(data, 'a', length);
                memcpy(data + before, ILL_FORMED[i], bad_length);
                assert_int_equal(sl_utf8_check(data, length), before);
                free(data);
            }
        }
    }
}

static void test_mixed(void **state)
{
    (void)state;
    static const char TEXT[] = "na\xC3\xAFve \xE2\x82\xAC 100 \xF0\x9F\x98\x80 and a long ASCII "
                               "tail, longer than one wide step \xC3\xA9";
    size_t length = sizeof(TEXT) - 1;
    assert_int_equal(sl_utf8_check(TEXT, length), length);
    assert_int_equal(sl_utf8_count(TEXT, length), length - 1 - 2 - 3 - 1);
    assert_int_equal(sl_utf8_check(TEXT, length - 1), length - 2);
    assert_int_equal(sl_utf8_check(NULL, 0), 0);
    assert_int_equal(sl_utf8_count(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_code_points),
        cmocka_unit_test(test_ill_formed),
        cmocka_unit_test(test_mixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
