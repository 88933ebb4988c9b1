/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: their kinds, positions and values, and that malformed text is a token with a message. */
#include "sql/lex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *kind_name(enum sql_token_kind kind)
{
    static const char *const NAMES[] = {
#define X(name, text) #name,
        SQL_TOKEN_LIST(X)
#undef X
    };
    return NAMES[kind];
}

/* "KIND:text KIND:text ..." up to END. */
static void describe(const char *sql, char *out, size_t size_bytes)
{
    struct sql_lexer lexer = {.text = sql, .length = strlen(sql), .line = 1};
    size_t length = 0;
    out[0] = '\0';
    for (;;) {
        struct sql_token token = sql_lex_next(&lexer);
        if (token.kind == SQL_TOKEN_END) {
            return;
        }
        assert_ptr_equal(token.text, sql + token.span.offset);
        length +=
            (size_t)snprintf(out + length, size_bytes - length, "%s%s:%.*s", length > 0 ? " " : "",
                             kind_name(token.kind), (int)token.span.length, token.text);
        assert_true(length < size_bytes);
    }
}

static void test_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *tokens;
    } ROWS[] = {
        {"", ""},
        {"  \t\r\n\f ", ""},
        {"select a", "WORD:select WORD:a"},
        {"a1_$b _x", "WORD:a1_$b WORD:_x"},
        {"Gr\xC3\xB6\xC3\x9F"
         "e x",
         "WORD:Gr\xC3\xB6\xC3\x9F"
         "e WORD:x"},
        {"`a b``c`", "QUOTED:`a b``c`"},
        {"'it''s'", "STRING:'it''s'"},
        {"''", "STRING:''"},
        {"'a''' 'b'", "STRING:'a''' STRING:'b'"},
        {"e'a\\'b' E''", "ESCAPED_STRING:e'a\\'b' ESCAPED_STRING:E''"},
        {"U&'\\263A' u & 'x'", "UNICODE_STRING:U&'\\263A' WORD:u MALFORMED:& STRING:'x'"},
        {"X'45F0' x 'a'", "BYTES:X'45F0' WORD:x STRING:'a'"},
        {"1 1.5 .5 1. 1e3 1.5E-3 1e", "INTEGER:1 DECIMAL:1.5 DECIMAL:.5 DECIMAL:1. DOUBLE:1e3 "
                                      "DOUBLE:1.5E-3 MALFORMED:1e"},
        {"12ab", "MALFORMED:12ab"},
        {"1.x", "MALFORMED:1.x"},
        {"a.b[1]", "WORD:a DOT:. WORD:b OPEN_BRACKET:[ INTEGER:1 CLOSE_BRACKET:]"},
        {"a<>b!=c", "WORD:a NOT_EQUAL:<> WORD:b NOT_EQUAL:!= WORD:c"},
        {"<=>=", "LESS_EQUAL:<= GREATER_EQUAL:>="},
        {"a=>1", "WORD:a ARROW:=> INTEGER:1"},
        {"a||b|c", "WORD:a CONCAT:|| WORD:b MALFORMED:| WORD:c"},
        {"+ - * / % = < > ( ) , ;", "PLUS:+ MINUS:- STAR:* SLASH:/ PERCENT:% EQUAL:= LESS:< "
                                    "GREATER:> OPEN:( CLOSE:) COMMA:, SEMICOLON:;"},
        {"a -- b\nc", "WORD:a WORD:c"},
        {"a --", "WORD:a"},
        {"a /* b\n * c */ d", "WORD:a WORD:d"},
        {"a /**/ b", "WORD:a WORD:b"},
        {"a /* b", "WORD:a UNTERMINATED:/* b"},
        {"a /*+ x */ b */ c", "WORD:a HINT_OPEN:/*+ WORD:x HINT_CLOSE:*/ WORD:b STAR:* SLASH:/ "
                              "WORD:c"},
        {"'abc", "UNTERMINATED:'abc"},
        {"'abc''", "UNTERMINATED:'abc''"},
        {"`abc", "UNTERMINATED:`abc"},
        {"e'abc\\", "UNTERMINATED:e'abc\\"},
        {"\"a\"", "MALFORMED:\" WORD:a MALFORMED:\""},
        {"a ? b", "WORD:a MALFORMED:? WORD:b"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char tokens[512];
        describe(ROWS[i].sql, tokens, sizeof(tokens));
        assert_string_equal(tokens, ROWS[i].tokens);
    }
}

static void test_positions(void **state)
{
    (void)state;
    const char *sql = "a\n  bc -- x\n\n'd\ne' f";
    static const struct sql_span EXPECTED[] = {
        {1, 1, 0, 1}, {2, 3, 4, 2}, {4, 1, 13, 5}, {5, 4, 19, 1}, {5, 5, 20, 0}};
    struct sql_lexer lexer = {.text = sql, .length = strlen(sql), .line = 1};
    for (size_t i = 0; i < SL_COUNT_OF(EXPECTED); i++) {
        struct sql_token token = sql_lex_next(&lexer);
        assert_int_equal(token.span.line, EXPECTED[i].line);
        assert_int_equal(token.span.column, EXPECTED[i].column);
        assert_int_equal(token.span.offset, EXPECTED[i].offset);
        assert_int_equal(token.span.length, EXPECTED[i].length);
    }
    assert_int_equal(sql_lex_next(&lexer).kind, SQL_TOKEN_END);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t flags;
    } ROWS[] = {
        {"select", 7},
        {"From", 7},
        {"lateral", 7},
        {"AND", 7},
        {"WITH", 7},
        {"order", 6},
        {"WINDOW", 6},
        {"end", 6},
        {"all", 6},
        {"timestamp", 4},
        {"CURRENT_TIMESTAMP", 4},
        {"LOCALTIMESTAMP", 4},
        {"key", 0},
        {"value", 0},
        {"user", 0},
        {"starttime", 0},
        {"a_word_that_is_longer_than_any_keyword", 0},
        {"", 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        assert_int_equal(sql_word_flags(ROWS[i].text, strlen(ROWS[i].text)), ROWS[i].flags);
    }
}

/* Decodes the only token of sql; the status, and the value when it is SL_OK. */
static enum sl_status decode(const char *sql, char escape, struct sl_arena *arena,
                             const char **text, size_t *length, struct sl_error *err)
{
    struct sql_lexer lexer = {.text = sql, .length = strlen(sql), .line = 1};
    struct sql_token token = sql_lex_next(&lexer);
    return sql_token_decode(&token, escape, arena, text, length, err);
}

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        char escape;
        const char *value;
        size_t length;
    } ROWS[] = {
        {"'it''s'", 0, "it's", 4},
        {"''", 0, "", 0},
        {"'a\\n'", 0, "a\\n", 3},
        {"`a``b`", 0, "a`b", 3},
        {"e'a\\tb\\n\\r\\b\\f\\\\\\''''", 0, "a\tb\n\r\b\f\\''", 10},
        {"e'\\101\\x41\\x4a\\u0041\\U00000041'", 0, "AAJAA", 5},
        {"e'\\u263A\\xe4'", 0, "\xE2\x98\xBA\xC3\xA4", 5},
        {"e'\\0a\\q'", 0, "\0aq", 3},
        {"e'\\377'", 0, "\xC3\xBF", 2},
        {"U&'\\263Ax\\+01F600'", '\\', "\xE2\x98\xBAx\xF0\x9F\x98\x80", 8},
        {"U&'#263A##\\'", '#', "\xE2\x98\xBA#\\", 5},
        {"X''", 0, "", 0},
        {"x'45f0AB'", 0, "\x45\xF0\xAB", 3},
    };
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        const char *text = NULL;
        size_t length = 0;
        struct sl_error err = {0};
        assert_int_equal(decode(ROWS[i].sql, ROWS[i].escape, &arena, &text, &length, &err), SL_OK);
        assert_int_equal(length, ROWS[i].length);
        assert_memory_equal(text, ROWS[i].value, length + 1);
    }
    sl_arena_deinit(&arena);
}

static void test_bad_values(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *message;
    } ROWS[] = {
        {"e'\\x'", "malformed escape sequence in string, 4 bytes after its start"},
        {"e'\\u12'", "malformed escape sequence in string, 6 bytes after its start"},
        {"e'\\uD800'", "malformed escape sequence in string, 8 bytes after its start"},
        {"e'\\U00110000'", "malformed escape sequence in string, 12 bytes after its start"},
        {"e'\\UFFFFFFFF'", "malformed escape sequence in string, 10 bytes after its start"},
        {"U&'\\26'", "malformed escape sequence in string, 6 bytes after its start"},
        {"U&'\\'", "malformed escape sequence in string, 4 bytes after its start"},
        {"X'4'", "binary literal has an odd number of hex digits"},
        {"X'4G'", "binary literal has a character that is not a hex digit"},
    };
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        const char *text = NULL;
        size_t length = 0;
        struct sl_error err = {0};
        assert_int_equal(decode(ROWS[i].sql, '\\', &arena, &text, &length, &err), SL_SYNTAX);
        assert_string_equal(err.text, ROWS[i].message);
        assert_int_equal(err.line, 1);
    }
    sl_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),     cmocka_unit_test(test_positions),
        cmocka_unit_test(test_words),      cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
