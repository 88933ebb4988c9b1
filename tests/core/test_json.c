/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON reader, token by token, on good and bad texts of exact size; skipping; unescaping; and
 * the writer. */
#include "sluice/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One letter a token, in the order of enum sl_json_kind. */
static const char LETTERS[] = "ntf#s{[k}].!";

/* Tokens of the text as letters; the text is copied to a block of its exact size. */
static void read_letters(const char *text, size_t length, char *letters, const char **error)
{
    char *copy = malloc(length + (length == 0));
    assert_non_null(copy);
    memcpy(copy, text, length);
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, copy, length, 64);
    do {
        sl_json_next(&reader, &token);
        *letters++ = LETTERS[token.kind];
    } while (token.kind != SL_JSON_END && token.kind != SL_JSON_ERROR);
    *letters = '\0';
    *error = reader.error;
    enum sl_json_kind last = token.kind;
    assert_int_equal(sl_json_next(&reader, &token), last);
    free(copy);
}

static void test_good(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *letters;
    } ROWS[] = {
        {"null", "n."},
        {" true ", "t."},
        {"\t\r\n false", "f."},
        {"0", "#."},
        {"-0", "#."},
        {"-12.5e+10", "#."},
        {"1E5", "#."},
        {"0.0e-0", "#."},
        {"\"\"", "s."},
        {"\"a\\n\\u00e9\\ud83d\\ude00\"", "s."},
        {"\"\\ud800\"", "s."},
        {"\"\xC3\xA9\xF0\x9F\x98\x80\"", "s."},
        {"\"\x7F\"", "s."},
        {"{}", "{}."},
        {"[]", "[]."},
        {"[ ]", "[]."},
        {"{ }", "{}."},
        {"[1,\"a\",null,true,false,{},[]]", "[#sntf{}[]]."},
        {"{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":null}]},\"e\":\"x\"}", "{k#k{k[##{kn}]}ks}."},
        {" { \"a\" : 1 , \"a\" : 2 } ", "{k#k#}."},
        {"{\"\":0}", "{k#}."},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char letters[64];
        const char *error;
        read_letters(ROWS[i].text, strlen(ROWS[i].text), letters, &error);
        assert_string_equal(letters, ROWS[i].letters);
        assert_null(error);
    }
}

static const struct {
    const char *text;
    const char *letters;
} BAD_TEXTS[] = {
    {"", "!"},
    {"   ", "!"},
    {"nul", "!"},
    {"nulL", "!"},
    {"True", "!"},
    {"nullx", "n!"},
    {"01", "!"},
    {"-", "!"},
    {"+1", "!"},
    {".5", "!"},
    {"1.", "!"},
    {"1.e5", "!"},
    {"1e", "!"},
    {"1e+", "!"},
    {"-a", "!"},
    {"0x10", "#!"},
    {"12a", "#!"},
    {"NaN", "!"},
    {"Infinity", "!"},
    {"1 2", "#!"},
    {"\"", "!"},
    {"\"abc", "!"},
    {"\"abc\\", "!"},
    {"\"abc\\\"", "!"},
    {"\"\\x\"", "!"},
    {"\"\\u12\"", "!"},
    {"\"\\u12g4\"", "!"},
    {"\"a\nb\"", "!"},
    {"\"a\tb\"", "!"},
    {"\"a\x1F"
     "b\"",
     "!"},
    {"\"\xFF\"", "!"},
    {"\"\xC3\"", "!"},
    {"\"\xED\xA0\x80\"", "!"},
    {"\"12345678901234567\xC0\x80\"", "!"},
    {"'a'", "!"},
    {"{", "{!"},
    {"[", "[!"},
    {"}", "!"},
    {"]", "!"},
    {"[}", "[!"},
    {"{]", "{!"},
    {"[1,]", "[#!"},
    {"[,1]", "[!"},
    {"[1 2]", "[#!"},
    {"[1", "[#!"},
    {"[1,", "[#!"},
    {"{a:1}", "{!"},
    {"{\"a\"}", "{!"},
    {"{\"a\" 1}", "{!"},
    {"{\"a\":}", "{k!"},
    {"{\"a\":1,}", "{k#!"},
    {"{\"a\":1 \"b\":2}", "{k#!"},
    {"{\"a\":1", "{k#!"},
    {"{1:2}", "{!"},
    {"{,}", "{!"},
    {"[]]", "[]!"},
    {"{}{}", "{}!"},
    {"// x\n1", "!"},
    {"\xEF\xBB\xBF"
     "1",
     "!"},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(BAD_TEXTS); i++) {
        char letters[64];
        const char *error = NULL;
        read_letters(BAD_TEXTS[i].text, strlen(BAD_TEXTS[i].text), letters, &error);
        if (strcmp(letters, BAD_TEXTS[i].letters) != 0) {
            fail_msg("'%s': got %s, expected %s", BAD_TEXTS[i].text, letters, BAD_TEXTS[i].letters);
        }
        assert_non_null(error);
    }
    char letters[64];
    const char *error = NULL;
    read_letters("\"a\0b\"", 5, letters, &error);
    assert_string_equal(letters, "!");
    read_letters("1\0", 2, letters, &error);
    assert_string_equal(letters, "#!");
    read_letters("\"\\\0\"", 4, letters, &error);
    assert_string_equal(letters, "!");
}

/* Every position of every special byte relative to the 8-byte steps. */
static void test_string_positions(void **state)
{
    (void)state;
    static const char SPECIALS[] = {'\x00', '\x01', '\x1F', '\n', '\\', '\x80', '\xFF'};
    for (size_t length = 1; length < 30; length++) {
        for (size_t position = 0; position < length; position++) {
            for (size_t i = 0; i < sizeof(SPECIALS); i++) {
                char text[40];
                char letters[8];
                const char *error;
                memset(text, i % 2 == 0 ? 'z' : '!', sizeof(text));
                text[0] = '"';
                text[length + 1] = '"';
                read_letters(text, length + 2, letters, &error);
                assert_string_equal(letters, "s.");
                text[1 + position] = SPECIALS[i];
                read_letters(text, length + 2, letters, &error);
                assert_string_equal(letters, "!");
            }
        }
    }
}

static void test_tokens(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"na\\u006de\": [\"v\", -1.50 ]}";
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, TEXT, sizeof(TEXT) - 1, 64);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_OBJECT);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_KEY);
    assert_true(token.escaped);
    assert_int_equal(token.length, 9);
    assert_memory_equal(token.data, "na\\u006de", 9);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_ARRAY);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_STRING);
    assert_false(token.escaped);
    assert_int_equal(token.length, 1);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_NUMBER);
    assert_int_equal(token.length, 5);
    assert_memory_equal(token.data, "-1.50", 5);
}

static void test_error_offsets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } ROWS[] = {
        {"{\"a\" 1}", 5}, {"[1, x]", 4},   {"\"ab\xFF\"", 3},
        {"[1", 2},        {"\"a\\q\"", 2}, {"{\"a\":01}", 5},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_json_reader reader;
        struct sl_json_token token;
        sl_json_reader_init(&reader, ROWS[i].text, strlen(ROWS[i].text), 64);
        while (sl_json_next(&reader, &token) != SL_JSON_ERROR) {
            assert_int_not_equal(token.kind, SL_JSON_END);
        }
        assert_int_equal(reader.offset, ROWS[i].offset);
    }
}

static void test_depth(void **state)
{
    (void)state;
    enum { DEEP = 1024 };
    char text[2 * DEEP + 2];
    for (size_t limit = 1; limit <= DEEP + 1; limit += limit < 70 ? 1 : 318) {
        for (size_t depth = limit > 1 ? limit - 1 : 1; depth <= limit + 1 && depth <= DEEP;
             depth++) {
            memset(text, '[', depth);
            memset(text + depth, ']', depth);
            struct sl_json_reader reader;
            struct sl_json_token token;
            sl_json_reader_init(&reader, text, 2 * depth, (uint32_t)limit);
            sl_json_next(&reader, &token);
            assert_int_equal(sl_json_skip(&reader, &token), depth <= limit);
        }
    }
    struct sl_json_reader reader;
    struct sl_json_token token;
    memset(text, '[', DEEP + 1);
    sl_json_reader_init(&reader, text, DEEP + 1, UINT32_MAX);
    sl_json_next(&reader, &token);
    assert_false(sl_json_skip(&reader, &token));
    assert_string_equal(reader.error, "nesting is too deep");
    sl_json_reader_init(&reader, "[1]", 3, 0);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_ERROR);
}

/* Objects and arrays in turn, so that each bit of the stack matters. */
static void test_mixed_depth(void **state)
{
    (void)state;
    enum { LEVELS = 500 };
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (int i = 0; i < LEVELS; i++) {
        sl_text_append_string(&text, i % 3 == 0 ? "[" : "{\"k\":");
    }
    sl_text_append_char(&text, '1');
    for (int i = LEVELS - 1; i >= 0; i--) {
        sl_text_append_char(&text, i % 3 == 0 ? ']' : '}');
    }
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, text.data, text.length, 1024);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_ARRAY);
    assert_true(sl_json_skip(&reader, &token));
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_END);
    sl_text_deinit(&text);
}

static void test_skip(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":[[],{}],\"c\":5,\"d\":\"s\"}";
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, TEXT, sizeof(TEXT) - 1, 64);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_OBJECT);
    for (char name = 'a'; name <= 'd'; name++) {
        assert_int_equal(sl_json_next(&reader, &token), SL_JSON_KEY);
        assert_int_equal(token.data[0], name);
        assert_true(sl_json_skip(&reader, &token));
    }
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_OBJECT_END);
    assert_int_equal(sl_json_next(&reader, &token), SL_JSON_END);

    sl_json_reader_init(&reader, "{\"a\":{\"x\":[1,}}", 15, 64);
    sl_json_next(&reader, &token);
    sl_json_next(&reader, &token);
    assert_false(sl_json_skip(&reader, &token));
    assert_false(sl_json_skip(&reader, &token));
}

static void test_unescape(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *plain; /* NULL = refused */
        size_t length;
    } ROWS[] = {
        {"", "", 0},
        {"abc", "abc", 3},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8},
        {"a\\u0041b", "aAb", 3},
        {"\\u0000", "\0", 1},
        {"\\u00e9\\u00E9", "\xC3\xA9\xC3\xA9", 4},
        {"\\u20ac", "\xE2\x82\xAC", 3},
        {"\\ud83d\\ude00!", "\xF0\x9F\x98\x80!", 5},
        {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", 4},
        {"\\ud83d", NULL, 0},
        {"\\ude00", NULL, 0},
        {"\\ud83dx", NULL, 0},
        {"\\ud83d\\n12345", NULL, 0},
        {"\\ud83d\\u0041", NULL, 0},
        {"\\ud83d\\ud83d", NULL, 0},
        {"\\", NULL, 0},
        {"\\x", NULL, 0},
        {"\\u12", NULL, 0},
        {"\\uzzzz", NULL, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char out[64];
        size_t length = strlen(ROWS[i].text);
        size_t written = sl_json_unescape(ROWS[i].text, length, out);
        assert_true(written == (ROWS[i].plain == NULL ? SIZE_MAX : ROWS[i].length));
        if (written != SIZE_MAX && written > 0) {
            assert_memory_equal(out, ROWS[i].plain, written);
        }
        /* In place, too. */
        char same[64];
        memcpy(same, ROWS[i].text, length + 1);
        assert_true(sl_json_unescape(same, length, same) == written);
    }
}

static void test_write(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t length;
        const char *json;
    } ROWS[] = {
        {"", 0, "\"\""},
        {"plain", 5, "\"plain\""},
        {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
        {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
        {"\x00\x01\x1F\x7F", 4, "\"\\u0000\\u0001\\u001f\x7F\""},
        {"\xC3\xA9\xF0\x9F\x98\x80", 6, "\"\xC3\xA9\xF0\x9F\x98\x80\""},
        {"a\xFF"
         "b",
         3,
         "\"a\xEF\xBF\xBD"
         "b\""},
        {"\xC3", 1, "\"\xEF\xBF\xBD\""},
        {"\xFF\xFE\n", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\\n\""},
    };
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        sl_text_reset(&text);
        sl_json_append_string(&text, ROWS[i].data, ROWS[i].length);
        sl_text_append_char(&text, '\0');
        assert_string_equal(text.data, ROWS[i].json);
    }
    sl_text_reset(&text);
    sl_json_append_double(&text, NAN);
    sl_json_append_double(&text, -INFINITY);
    sl_json_append_double(&text, 1e10);
    sl_json_append_double(&text, 25);
    assert_memory_equal(text.data, "nullnull1.0E1025.0", text.length);
    sl_text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_string_positions),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_error_offsets),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_mixed_depth),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_unescape),
        cmocka_unit_test(test_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
