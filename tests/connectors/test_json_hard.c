/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines that are made to hurt: very deep, very long. Each gets its reason, costs no memory to speak
 * of, and the lines behind it come out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/cpu_level.h"
#include "support_connector.h"

enum {
    DEPTH = 10000,
    LONG_BYTES = 100 << 20,
    READABLE_BYTES = 64,
    GOOD = 4,
    MEMORY_BYTES = 1 << 20
};

static const char GOOD_LINE[] = "{\"a\":1,\"s\":\"x\",\"l\":[1],\"u\":{\"k\":[]}}";

struct stream {
    struct sl_span spans[2 * GOOD + 1]; /* good ones, the bad one, good ones */
    char *good;
    char *bad;
};

static struct sl_span make_span(char *data, size_t length)
{
    memset(data + length, '"', READABLE_BYTES);
    return (struct sl_span){.data = data, .length = (uint32_t)length};
}

/* Takes bad, length bytes and READABLE_BYTES more. */
static void make_stream(struct stream *stream, char *bad, size_t length)
{
    stream->good = malloc(sizeof GOOD_LINE + READABLE_BYTES);
    assert_non_null(stream->good);
    memcpy(stream->good, GOOD_LINE, sizeof GOOD_LINE);
    stream->bad = bad;
    for (uint32_t i = 0; i < 2 * GOOD + 1; i++) {
        stream->spans[i] = make_span(stream->good, sizeof GOOD_LINE - 1);
    }
    stream->spans[GOOD] = make_span(bad, length);
}

/* Checks that all lines but the bad one give rows, and that it gives detail; NULL = a row, too. */
static void check_stream(struct stream *stream, const char *detail)
{
    static const uint32_t WANTED[] = {0, 1, 2};
    struct support support;
    struct sl_vector vectors[3];
    struct sl_reject rejects[2];
    uint16_t row_spans[2 * GOOD + 1];
    void *codec = NULL;
    support_open(&support, "a INT, s STRING, l ARRAY<INT>", "format=json");
    struct sl_options options = {0};
    struct sl_codec_env env = {.physical = support.physical,
                               .columns = WANTED,
                               .column_count = 3,
                               .options = &options,
                               .option_prefix = "",
                               .account = &support.account};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(sl_vector_init(&vectors[i], &support.physical->columns[i].type,
                                        2 * GOOD + 1, &support.arena, &support.err),
                         SL_OK);
        assert_int_equal(sl_vector_ensure_validity(&vectors[i], &support.arena, &support.err),
                         SL_OK);
    }
    struct sl_decode decode = {.spans = stream->spans,
                               .span_count = 2 * GOOD + 1,
                               .columns = vectors,
                               .row_capacity = 2 * GOOD + 1,
                               .row_spans = row_spans,
                               .strings = &support.arena,
                               .rejects = rejects,
                               .reject_capacity = 2};
    assert_int_equal(conn_codecs[0]->open(&env, &codec, &support.err), SL_OK);
    assert_int_equal(conn_codecs[0]->decode(codec, &decode, &support.err), SL_OK);
    assert_int_equal(decode.done, 2 * GOOD + 1);
    assert_int_equal(decode.row_count, 2 * GOOD + (detail == NULL));
    assert_int_equal(decode.reject_count, detail != NULL);
    if (detail != NULL) {
        assert_int_equal(rejects[0].span_idx, GOOD);
        assert_string_equal(rejects[0].detail, detail);
    }
    assert_true(sl_account_used(&support.account) < MEMORY_BYTES);
    conn_codecs[0]->close(codec);
    support_close(&support);
    free(stream->good);
    free(stream->bad);
}

/* Containers open where nobody wants them, where a number is wanted, and where a list is. */
static void test_deep(void **state)
{
    static const struct {
        const char *begin;
        const char *open;
        const char *detail;
    } CASES[] = {
        {"{\"a\":1,\"u\":", "{\"k\":", "nested deeper than 64 at byte 326"},
        {"{\"a\":1,\"u\":", "[", "nested deeper than 64 at byte 74"},
        {"{\"a\":", "[", "nested deeper than 64 at byte 68"},
        {"{\"l\":", "[", "nested deeper than 64 at byte 68"},
        {"", "[", "nested deeper than 64 at byte 64"},
        {"", "{\"a\":", "nested deeper than 64 at byte 320"},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct stream stream;
        size_t length = strlen(CASES[i].begin);
        char *bad = malloc(length + strlen(CASES[i].open) * DEPTH + READABLE_BYTES);
        assert_non_null(bad);
        memcpy(bad, CASES[i].begin, length);
        for (uint32_t depth = 0; depth < DEPTH; depth++) {
            memcpy(bad + length, CASES[i].open, strlen(CASES[i].open));
            length += strlen(CASES[i].open);
        }
        make_stream(&stream, bad, length);
        check_stream(&stream, CASES[i].detail);
    }
}

/* 100 MB between begin and end. Strings are borrowed from the line, so they cost nothing. */
static void test_long(void **state)
{
    static const struct {
        const char *begin;
        char filler;
        const char *end;
        const char *detail;
    } CASES[] = {
        {"{\"a\":1,\"s\":\"", 'x', "\",\"l\":[1],\"u\":{\"k\":[]}}", NULL},
        {"{\"a\":1,\"s\":\"x\",\"l\":[1],\"u\":{\"k\":[]},\"v\":\"", 'x', "\"}", NULL},
        {"{\"a\":1,\"s\":\"", 'x', "", "the string does not end at byte 12"},
        {"{\"a\":1,\"s\":\"", 'x', "\x01\"}", "control character in a string at byte 104857612"},
        {"{\"a\":1,\"s\":", ' ', "\"x\"}", NULL},
        {"{\"a\":", '1', "}", "column 'a': out of the range of INT at byte 5"},
        {"{\"a\":1,\"", 'k', "\":1}", NULL},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct stream stream;
        size_t begin = strlen(CASES[i].begin);
        size_t end = strlen(CASES[i].end);
        char *bad = malloc(begin + LONG_BYTES + end + READABLE_BYTES);
        assert_non_null(bad);
        memcpy(bad, CASES[i].begin, begin);
        memset(bad + begin, CASES[i].filler, LONG_BYTES);
        memcpy(bad + begin + LONG_BYTES, CASES[i].end, end);
        make_stream(&stream, bad, begin + LONG_BYTES + end);
        check_stream(&stream, CASES[i].detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_deep), cmocka_unit_test(test_long)};
    int failed = 0;
    for (uint32_t level = 0; level < CONN_CPU_LEVELS; level++) {
        if (conn_cpu_level_force((enum conn_cpu_level)level)) {
            failed += cmocka_run_group_tests(tests, NULL, NULL);
        }
    }
    return failed;
}
