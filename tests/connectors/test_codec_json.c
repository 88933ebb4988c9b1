/* SPDX-License-Identifier: Apache-2.0
 *
 * The json format: bytes in, rows or rejects out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/cpu_level.h"
#include "support_decode.h"

#define JSON "format=json"
#define IGNORE "format=json\njson.ignore-parse-errors=true"

static void test_good(void **state)
{
    static const struct decode_case CASES[] = {
        {"a INT, b STRING", JSON, "{\"a\":1,\"b\":\"x\"}", "1|\"x\"\n"},
        {"a INT, b STRING", JSON, " { \"b\" : \"y\" , \"a\" : -7 } \t", "-7|\"y\"\n"},
        {"a INT, b STRING", JSON,
         "{\"a\":1,\"b\":\"x\"}\n{\"b\":\"z\",\"a\":2}\n{\"a\":3,\"b\":\"w\"}",
         "1|\"x\"\n2|\"z\"\n3|\"w\"\n"},
        {"a INT", JSON, "{}\n{\"a\":null}\n{\"b\":1}\n{\"a\":4}", "null\nnull\nnull\n4\n"},
        {"a INT", JSON, "", ""},
        {"a INT, b INT", JSON, "{\"a\":1,\"b\":2}\n{\"a\": 3,\"b\":\t4}\n{ \"a\" :5,\"b\":6 }",
         "1|2\n3|4\n5|6\n"},
        {"a INT", JSON, "{\"x\":{\"y\":[1,{\"z\":[]}]},\"a\":5,\"t\":[true,false,null,\"\",1e5]}",
         "5\n"},
        {"a BIGINT", JSON,
         "{\"a\":1714566896790}\n{\"a\":-9223372036854775808}\n{\"a\":9223372036854775807}\n"
         "{\"a\":123456789012345678}\n{\"a\":12345678}\n{\"a\":123456789}\n{\"a\":0}\n{\"a\":-0}",
         "1714566896790\n-9223372036854775808\n9223372036854775807\n123456789012345678\n"
         "12345678\n123456789\n0\n0\n"},
        {"a DOUBLE", JSON,
         "{\"a\":23.51}\n{\"a\":-0.0}\n{\"a\":1e-3}\n{\"a\":9007199254740993}\n"
         "{\"a\":0.1}\n{\"a\":123456789.12345678}\n{\"a\":1.7976931348623157e308}\n"
         "{\"a\":2.2250738585072011e-308}\n{\"a\":0.123456789123456789}\n{\"a\":1E+2}",
         "23.51\n-0.0\n0.001\n9.007199254740992E15\n0.1\n1.2345678912345678E8\n"
         "1.7976931348623157E308\n2.225073858507201E-308\n0.12345678912345678\n100.0\n"},
        {"a TINYINT, b SMALLINT, c FLOAT, d BOOLEAN", JSON,
         "{\"a\":-128,\"b\":32767,\"c\":1.5,\"d\":true}", "-128|32767|1.5|true\n"},
        {"a DECIMAL(10,2), b DECIMAL(30,5)", JSON,
         "{\"a\":12.345,\"b\":1234567890123456789012345.1}\n{\"a\":\"-1\",\"b\":1e3}",
         "12.35|1234567890123456789012345.10000\n-1.00|1000.00000\n"},
        {"a INT, b DOUBLE, c BOOLEAN, d STRING, e STRING, f STRING", JSON,
         "{\"a\":\" 12 \",\"b\":\"2.5\",\"c\":\"TRUE\",\"d\":1.50,\"e\":false,\"f\":{\"x\": [1]}}",
         "12|2.5|true|\"1.50\"|\"false\"|\"{\\\"x\\\": [1]}\"\n"},
        {"a STRING", JSON,
         "{\"a\":\"\"}\n{\"a\":\"123456789012\"}\n{\"a\":\"1234567890123\"}\n"
         "{\"a\":\"a string of more than thirty-two bytes, to be sure\"}\n"
         "{\"a\":\"\\u00e4\\ud83d\\ude00\\n\\\"\\\\\\/\"}\n{\"a\":\"\xc3\xa4\xf0\x9f\x98\x80\"}\n"
         "{\"a\":\"0123456789abcde\xc3\xa4\"}",
         "\"\"\n\"123456789012\"\n\"1234567890123\"\n"
         "\"a string of more than thirty-two bytes, to be sure\"\n"
         "\"\xc3\xa4\xf0\x9f\x98\x80\\n\\\"\\\\/\"\n\"\xc3\xa4\xf0\x9f\x98\x80\"\n"
         "\"0123456789abcde\xc3\xa4\"\n"},
        {"temp INT", JSON, "{\"te\\u006dp\":3}", "3\n"},
        {"a BYTES", JSON, "{\"a\":\"aGVsbG8=\"}\n{\"a\":\"\"}\n{\"a\":\"/+8=\"}",
         "\"aGVsbG8=\"\n\"\"\n\"/+8=\"\n"},
        {"d DATE, t TIME, s TIMESTAMP(3), l TIMESTAMP_LTZ(3)", JSON,
         "{\"d\":\"2026-11-21\",\"t\":\"22:00:01\",\"s\":\"2026-11-21 22:00:00.5\","
         "\"l\":\"2026-11-21 22:00:00Z\"}",
         "\"2026-11-21\"|\"22:00:01\"|\"2026-11-21 22:00:00.500\"|\"2026-11-21 22:00:00.000Z\"\n"},
        {"s TIMESTAMP(3)", "format=json\njson.timestamp-format.standard=ISO-8601",
         "{\"s\":\"2026-11-21T22:00:00\"}", "\"2026-11-21 22:00:00.000\"\n"},
        {"r ROW<x INT, y ARRAY<STRING>>, m MAP<STRING, INT>, z ARRAY<ROW<q DOUBLE>>", JSON,
         "{\"r\":{\"y\":[\"a\",null],\"x\":1},\"m\":{\"k\":1,\"l\":null},\"z\":[{\"q\":1.5},{}]}\n"
         "{\"r\":null,\"z\":[],\"m\":{}}\n{\"r\":{}}",
         "{\"x\":1,\"y\":[\"a\",null]}|{\"k\":1,\"l\":null}|[{\"q\":1.5},{\"q\":null}]\n"
         "null|{}|[]\n{\"x\":null,\"y\":null}|null|null\n"},
        {"a INT", JSON, "[{\"a\":1}, {\"a\":2} ,{\"a\":3},{\"a\":4}]\n[]\n{\"a\":5}",
         "1\n2\n3\n4\n5\n"},
        {"a INT, abcdefghijklmnopqrstuvwxyz0123456789 INT", JSON,
         "{\"abcdefghijklmnopqrstuvwxyz0123456789\":1,\"a\":2}\n"
         "{\"abcdefghijklmnopqrstuvwxyz0123456789\":3,\"a\":4}",
         "2|1\n4|3\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void test_bad_syntax(void **state)
{
    static const struct decode_case CASES[] = {
        {"a INT", JSON, "x", "!invalid syntax: expected an object at byte 0\n"},
        {"a INT", JSON, "42", "!invalid syntax: expected an object at byte 0\n"},
        {"a INT", JSON, "{", "!invalid syntax: expected a key at byte 1\n"},
        {"a INT", JSON, "{\"a\"", "!invalid syntax: expected ':' at byte 4\n"},
        {"a INT", JSON, "{\"a\":", "!invalid syntax: the text ends within an object at byte 5\n"},
        {"a INT", JSON, "{\"a\":1", "!invalid syntax: the text ends within an object at byte 6\n"},
        {"a INT", JSON, "{\"a\":1,", "!invalid syntax: expected a key at byte 7\n"},
        {"a INT", JSON, "{\"a\":1,}", "!invalid syntax: expected a key at byte 7\n"},
        {"a INT", JSON, "{\"a\":1}}", "!invalid syntax: expected nothing more at byte 7\n"},
        {"a INT", JSON, "{\"a\":1} x", "!invalid syntax: expected nothing more at byte 8\n"},
        {"a INT", JSON, "{\"a\":1 \"b\":2}", "!invalid syntax: expected ',' or '}' at byte 7\n"},
        {"a INT", JSON, "{a:1}", "!invalid syntax: expected a key at byte 1\n"},
        {"a INT", JSON, "{\"a\":01}", "!invalid syntax: a number begins with 0 at byte 5\n"},
        {"a INT", JSON, "{\"b\":01}", "!invalid syntax: a number begins with 0 at byte 5\n"},
        {"a INT", JSON, "{\"b\":1.}", "!invalid syntax: expected a digit at byte 7\n"},
        {"a INT", JSON, "{\"b\":-}", "!invalid syntax: expected a digit at byte 6\n"},
        {"a INT", JSON, "{\"b\":1e}", "!invalid syntax: expected a digit at byte 7\n"},
        {"a INT", JSON, "{\"b\":.5}", "!invalid syntax: expected a value at byte 5\n"},
        {"a INT", JSON, "{\"b\":+1}", "!invalid syntax: expected a value at byte 5\n"},
        {"a INT", JSON, "{\"b\":NaN}", "!invalid syntax: expected a value at byte 5\n"},
        {"a INT", JSON, "{\"b\":nul}", "!invalid syntax: expected a value at byte 5\n"},
        {"a INT", JSON, "{\"b\":truex}", "!invalid syntax: expected ',' or '}' at byte 9\n"},
        {"a INT", JSON, "{\"b\":'x'}", "!invalid syntax: expected a value at byte 5\n"},
        {"a INT", JSON, "{\"b\":[1,]}", "!invalid syntax: expected a value at byte 8\n"},
        {"a INT", JSON, "{\"b\":[1}", "!invalid syntax: expected ',' or ']' at byte 7\n"},
        {"a INT", JSON, "{\"b\":{\"c\"}}", "!invalid syntax: expected ':' at byte 9\n"},
        {"a INT", JSON, "{\"b\":[1", "!invalid syntax: the text ends within a value at byte 7\n"},
        {"a INT", JSON, "{\"b\":\"x",
         "!invalid syntax: the text ends within an object at byte 7\n"},
        {"a INT", JSON, "{\"b\":\"x\\", "!invalid syntax: the string does not end at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\\x\"}", "!invalid syntax: unknown escape at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\\u12g4\"}",
         "!invalid syntax: \\u without four hexadecimal digits at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\\ud800\"}", "!invalid syntax: lone surrogate at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\\ud800\\u0041\"}",
         "!invalid syntax: lone surrogate at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\\udc00\"}", "!invalid syntax: lone surrogate at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"a\tb\"}",
         "!invalid syntax: control character in a string at byte 7\n"},
        {"a INT", JSON, "{\"b\":\"\xff\"}", "!invalid UTF-8: bytes that are not UTF-8 at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\xed\xa0\x80\"}",
         "!invalid UTF-8: bytes that are not UTF-8 at byte 6\n"},
        {"a INT", JSON, "{\"b\":\"\xc0\x80\"}",
         "!invalid UTF-8: bytes that are not UTF-8 at byte 6\n"},
        {"a INT", JSON, "{\"\xe4\":1}", "!invalid UTF-8: bytes that are not UTF-8 at byte 2\n"},
        {"a INT", JSON, "{\"a\":1}\xc3\xa4", "!invalid syntax: expected nothing more at byte 7\n"},
        {"a INT", JSON, "[{\"a\":1},{\"a\":2}",
         "!invalid syntax: the text ends within a value at "
         "byte 16\n"},
        {"a INT", JSON, "[{\"a\":1},7,{\"a\":2}]",
         "1\n2\n!invalid syntax: expected an object at byte 9\n"},
        {"a INT", JSON, "{\"a\":1}\n{\"a\":}\n{\"a\":3}",
         "1\n3\n!invalid syntax: expected a value at byte 5\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void test_bad_values(void **state)
{
    static const struct decode_case CASES[] = {
        {"a INT", JSON, "{\"a\":2147483648}",
         "!value out of range: column 'a': out of the range of INT at byte 5\n"},
        {"a TINYINT", JSON, "{\"a\":-129}",
         "!value out of range: column 'a': out of the range of TINYINT at byte 5\n"},
        {"a BIGINT", JSON, "{\"a\":9223372036854775808}",
         "!value out of range: column 'a': out of the range of BIGINT at byte 5\n"},
        {"a BIGINT", JSON, "{\"a\":\"99999999999999999999\"}",
         "!value out of range: column 'a': out of the range of BIGINT at byte 5\n"},
        {"a DOUBLE", JSON, "{\"a\":1e999}",
         "!value out of range: column 'a': out of the range of DOUBLE at byte 5\n"},
        {"a FLOAT", JSON, "{\"a\":1e39}",
         "!value out of range: column 'a': out of the range of FLOAT at byte 5\n"},
        {"a DECIMAL(4,2)", JSON, "{\"a\":123.4}",
         "!value out of range: column 'a': out of the range of DECIMAL(4, 2) at byte 5\n"},
        {"a INT", JSON, "{\"a\":1.5}",
         "!value of the wrong type: column 'a': expected INT, found a number at byte 5\n"},
        {"a INT", JSON, "{\"a\":\"x\"}",
         "!value of the wrong type: column 'a': expected INT, found a string at byte 5\n"},
        {"a INT", JSON, "{\"a\":true}",
         "!value of the wrong type: column 'a': expected INT, found a boolean at byte 5\n"},
        {"a INT", JSON, "{\"a\":[1]}",
         "!value of the wrong type: column 'a': expected INT, found an array at byte 5\n"},
        {"a BOOLEAN", JSON, "{\"a\":1}",
         "!value of the wrong type: column 'a': expected BOOLEAN, found a number at byte 5\n"},
        {"a ARRAY<INT>", JSON, "{\"a\":{}}",
         "!value of the wrong type: column 'a': expected ARRAY<INT>, found an object at byte 5\n"},
        {"a ARRAY<INT>", JSON, "{\"a\":\"x\"}",
         "!value of the wrong type: column 'a': expected ARRAY<INT>, found a string at byte 5\n"},
        {"a BYTES", JSON, "{\"a\":\"abc\"}",
         "!value of the wrong type: column 'a': expected BYTES, found a string at byte 5\n"},
        {"a TIMESTAMP(3)", JSON, "{\"a\":\"2026-13-01 00:00:00\"}",
         "!value of the wrong type: column 'a': expected TIMESTAMP(3), found a string at byte "
         "5\n"},
        {"a TIMESTAMP(3)", JSON, "{\"a\":\"2026-11-01T00:00:00\"}",
         "!value of the wrong type: column 'a': expected TIMESTAMP(3), found a string at byte "
         "5\n"},
        {"a INT, b INT", JSON, "{\"a\":1,\"b\":2,\"a\":3}",
         "!duplicate key: column 'a' comes again at byte 17\n"},
        {"a INT", JSON, "{\"b\":1,\"b\":2,\"a\":3}", "3\n"},
        {"a INT NOT NULL", JSON, "{\"a\":null}\n{}\n{\"a\":1}",
         "1\n!null in a not null column: column 'a' is null\n"
         "!null in a not null column: column 'a' is null\n"},
        {"a INT, b INT", "format=json\njson.fail-on-missing-field=true",
         "{\"a\":1}\n{\"b\":1,\"a\":2}", "2|1\n!missing field: column 'b' is missing\n"},
        {"a INT, b STRING", IGNORE, "{\"a\":\"x\",\"b\":\"y\"}\n{\"a\":[1],\"b\":\"z\"}\n{\"a\":",
         "null|\"y\"\nnull|\"z\"\n!invalid syntax: the text ends within an object at byte 5\n"},
        {"a INT, r ROW<x INT, y INT>", IGNORE, "{\"r\":{\"x\":\"bad\",\"y\":2},\"a\":3}",
         "3|{\"x\":null,\"y\":2}\n"},
        {"a INT, b STRING", JSON, "{\"b\":null,\"a\":{}}\n{\"b\":\"x\",\"a\":1}",
         "1|\"x\"\n!value of the wrong type: column 'a': expected INT, found an object at byte "
         "14\n"},
        {"a INT, z ARRAY<INT>", JSON, "{\"z\":[1,null,2,\"x\"]}\n{\"z\":[3,4]}",
         "null|[3,4]\n!value of the wrong type: column 'z': expected INT, found a string at byte "
         "15\n"},
        {"a INT", "format=json\nbad-rows=fail", "{\"a\":1}\n{\"a\":x}",
         "?topic/0 at 101: invalid syntax: expected a value at byte 5\n"},
        {"a INT", "format=json\njson.fail-on-missing-field=true\njson.ignore-parse-errors=true",
         "{}",
         "?'json.fail-on-missing-field' and 'json.ignore-parse-errors' cannot both be true\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void append(char *text, const char *more)
{
    memcpy(text + strlen(text), more, strlen(more) + 1);
}

static void fill(char *text, const char *open, const char *middle, const char *close,
                 uint32_t depth)
{
    text[0] = '\0';
    for (uint32_t i = 0; i < depth; i++) {
        append(text, open);
    }
    append(text, middle);
    for (uint32_t i = 0; i < depth; i++) {
        append(text, close);
    }
}

static void test_depth(void **state)
{
    char nested[1024];
    char line[1100];
    (void)state;
    for (uint32_t depth = 62; depth < 68; depth++) {
        struct support support;
        fill(nested, depth % 2 == 0 ? "[" : "{\"k\":", "1", depth % 2 == 0 ? "]" : "}", depth);
        snprintf(line, sizeof line, "{\"b\":%s,\"a\":1}", nested);
        support_open(&support, "a INT", JSON);
        const char *text = support_decode(&support, line, 64);
        assert_int_equal(strcmp(text, "1\n") == 0, depth + 1 <= 64);
        if (depth + 1 > 64) {
            assert_non_null(strstr(text, "!nesting too deep: nested deeper than 64"));
        }
        support_close(&support);
    }
}

static void test_long_line(void **state)
{
    char line[2000];
    struct support support;
    (void)state;
    memset(line, ' ', sizeof line);
    memcpy(line, "{\"a\":1}", 7);
    line[1001] = '\0';
    support_open(&support, "a INT", JSON);
    assert_string_equal(support_decode(&support, line, 64),
                        "!row too large: longer than 1000 bytes\n");
    line[1000] = '\0';
    assert_string_equal(support_decode(&support, line, 64), "1\n");
    support_close(&support);
}

/* Whatever is cut off or changed, the decoder stays within the span and says so. */
static void test_every_prefix(void **state)
{
    static const char LINE[] =
        "{\"device\":\"sensor-00042\",\"ts\":1714566896790,\"temp\":23.51,\"ok\":true,\"n\":null,"
        "\"text\":\"\\u00e4 and \xc3\xa4\",\"l\":[1,{\"x\":[]}]}";
    char text[sizeof LINE * 2 + 2];
    (void)state;
    for (size_t length = 1; length < sizeof LINE - 1; length++) {
        struct support support;
        support_open(&support, "ts BIGINT, temp DOUBLE, device STRING, text STRING", JSON);
        snprintf(text, sizeof text, "%s\n%.*s", LINE, (int)length, LINE);
        const char *output = support_decode(&support, text, 64);
        const char *reject = strchr(output, '!');
        assert_non_null(reject);
        assert_non_null(strstr(output, "1714566896790|23.51|\"sensor-00042\"|"));
        assert_int_equal(strchr(reject, '\n') - output, (long)strlen(output) - 1);
        support_close(&support);
    }
}

/* A line that comes after alike ones, which give row each, is read by their shape: with the same
 * outcome as one that comes first. */
static void check_alike(const char *schema, const char *line, const char *row, const char *variant)
{
    char text[2048];
    char expected[2048];
    struct support support;
    support_open(&support, schema, JSON);
    snprintf(expected, sizeof expected, "%s%s%s%s", row, row, row,
             support_decode(&support, variant, 64));
    support_close(&support);
    support_open(&support, schema, JSON);
    snprintf(text, sizeof text, "%s\n%s\n%s\n%s", line, line, line, variant);
    const char *output = support_decode(&support, text, 64);
    if (strcmp(output, expected) != 0) {
        fail_msg("%s\n  after %s\n  expected: %s\n  got:      %s", variant, line, expected, output);
    }
    support_close(&support);
}

/* What the line gives when it comes first. */
static void decode_first(const char *schema, const char *line, char *row, size_t size_bytes)
{
    struct support support;
    support_open(&support, schema, JSON);
    snprintf(row, size_bytes, "%s", support_decode(&support, line, 64));
    support_close(&support);
}

/* Every byte changed into others, left out, and put in. */
static void check_changes(const char *schema, const char *line)
{
    static const char BYTES[] = "\"\\,}0-.e \x01\xc3";
    char variant[512];
    char row[512];
    size_t length = strlen(line);
    decode_first(schema, line, row, sizeof row);
    for (size_t at = 0; at <= length; at++) {
        for (size_t i = 0; i < sizeof BYTES - 1; i++) {
            snprintf(variant, sizeof variant, "%s", line);
            variant[at] = BYTES[i];
            variant[length + (at == length)] = '\0';
            check_alike(schema, line, row, variant);
            snprintf(variant, sizeof variant, "%.*s%c%s", (int)at, line, BYTES[i], line + at);
            check_alike(schema, line, row, variant);
        }
        if (at > 0) {
            snprintf(variant, sizeof variant, "%.*s%s", (int)at - 1, line, line + at);
            check_alike(schema, line, row, variant);
            snprintf(variant, sizeof variant, "%.*s", (int)at, line);
            check_alike(schema, line, row, variant);
        }
    }
}

static void test_alike(void **state)
{
    (void)state;
    check_changes("a STRING, i BIGINT, d DOUBLE, b BOOLEAN, n INT, m INT",
                  "{\"a\":\"x-1\",\"i\":-17,\"d\":20.5,\"u\":-1.5,\"t\":true,\"b\":false,\"n\":7,"
                  "\"v\":\"yz\"}");
    check_changes("a STRING, t TIMESTAMP(3), r ROW<x INT, y ROW<z DOUBLE, o INT>>, l ARRAY<INT>",
                  "{\"t\":\"2026-11-21 22:00:59.123\",\"r\":{\"y\":{\"z\":-0.0,\"u\":{\"k\":null}},"
                  "\"x\":12},\"l\":[1,2],\"e\":{},\"a\":\"thirteen byte\"}");
    check_changes("l TIMESTAMP_LTZ(3), s STRING, d DECIMAL(10,2)",
                  " {\"l\":\"2026-11-21 22:00:59.123Z\", \"s\" : \"0123456789abcdef0123456789\" ,"
                  "\"a key of more than thirty-two bytes, in two steps\":1,\"d\":1.25} ");
}

/* Values that change their form from line to line, in every order. */
static void test_forms(void **state)
{
    static const char *const VALUES[] = {"1",
                                         "-1",
                                         "10",
                                         "123456789012345",
                                         "0.5",
                                         "-0.5",
                                         "12.25",
                                         "1e3",
                                         "\"7\"",
                                         "null",
                                         "0",
                                         "1234567890123456789",
                                         "\"\xc3\xa4\"",
                                         "[1]",
                                         "true",
                                         "123456789.123456"};
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(VALUES); i++) {
        for (size_t j = 0; j < SL_COUNT_OF(VALUES); j++) {
            for (size_t type = 0; type < 5; type++) {
                static const char *const TYPES[] = {"a BIGINT", "a DOUBLE", "a STRING", "a INT",
                                                    "b INT"};
                char line[64];
                char variant[64];
                snprintf(line, sizeof line, "{\"a\":%s}", VALUES[i]);
                snprintf(variant, sizeof variant, "{\"a\":%s}", VALUES[j]);
                char row[256];
                decode_first(TYPES[type], line, row, sizeof row);
                if (row[0] != '!') {
                    check_alike(TYPES[type], line, row, variant);
                }
            }
        }
    }
}

static void test_times(void **state)
{
    static const char *const TIMES[] = {
        "2026-11-21 22:00:00.000", "2026-11-21 00:00:00.999",  "2026-11-21 24:00:00.000",
        "2026-11-21 23:60:00.000", "2026-11-21 23:59:60.000",  "2026-11-21 23:59:59.999",
        "2026-11-22 22:00:00.000", "2026-11-21T22:00:00.000",  "2026-11-21 22:00:00.0000",
        "2026-11-21 22:00:00.00",  "2026-11-21 22:00:00.000Z", "2026-11-21 2:00:00.000 ",
        "2026-11-21 22:0:00.000 ", " 2026-11-2 22:00:00.000",  "2026-02-29 22:00:00.000",
        "1969-12-31 23:59:59.999", "2026-11-21 22:00:00:000",  "2026-11-21 22.00.00.000",
        "2026-11-21 29:59:59.999", "2026-11-21 22:00:00.000z", "9999-12-31 23:59:59.999"};
    static const char *const TYPES[] = {"t TIMESTAMP(3)", "t TIMESTAMP_LTZ(3)", "t TIMESTAMP(6)",
                                        "t TIMESTAMP(0)"};
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(TIMES) * SL_COUNT_OF(TIMES); i++) {
        for (size_t type = 0; type < SL_COUNT_OF(TYPES); type++) {
            char line[64];
            char variant[64];
            snprintf(line, sizeof line, "{\"t\":\"%s\"}", TIMES[i / SL_COUNT_OF(TIMES)]);
            snprintf(variant, sizeof variant, "{\"t\":\"%s\"}", TIMES[i % SL_COUNT_OF(TIMES)]);
            char row[256];
            decode_first(TYPES[type], line, row, sizeof row);
            if (row[0] != '!') {
                check_alike(TYPES[type], line, row, variant);
            }
        }
    }
}

static void test_wanted_columns(void **state)
{
    struct support support;
    (void)state;
    support_open(&support, "a INT, b STRING, c DOUBLE", JSON);
    support_want(&support, "2 0", "");
    assert_string_equal(
        support_decode(&support, "{\"b\":5,\"c\":1.5,\"a\":3}\n{\"a\":1,\"b\":x}", 64),
        "1.5|3\n!invalid syntax: expected a value at byte 11\n");
    support_close(&support);
    support_open(&support, "a INT", JSON);
    support_want(&support, "", "");
    assert_string_equal(support_decode(&support, "{\"a\":\"x\"}\n{", 64),
                        "\n!invalid syntax: expected a key at byte 1\n");
    support_close(&support);
}

static void test_encode(void **state)
{
    static const struct {
        const char *schema;
        const char *options;
        const char *input;
        const char *output;
    } CASES[] = {
        {"a INT, b STRING, c DOUBLE", JSON, "{\"c\":1e2,\"b\":\"x\\n\\u0001\"}",
         "{\"a\":null,\"b\":\"x\\n\\u0001\",\"c\":100.0}\n"},
        {"a INT, b STRING", "format=json\njson.encode.ignore-null-fields=true", "{\"b\":\"y\"}\n{}",
         "{\"b\":\"y\"}\n{}\n"},
        {"t TIMESTAMP(3), l TIMESTAMP_LTZ(3)", JSON,
         "{\"t\":\"2026-11-21 22:00:00\",\"l\":\"2026-11-21 22:00:00Z\"}",
         "{\"t\":\"2026-11-21 22:00:00.000\",\"l\":\"2026-11-21 22:00:00.000Z\"}\n"},
        {"t TIMESTAMP(3), l TIMESTAMP_LTZ(3)",
         "format=json\njson.timestamp-format.standard=ISO-8601",
         "{\"t\":\"2026-11-21T22:00:00\",\"l\":\"2026-11-21T22:00:00Z\"}",
         "{\"t\":\"2026-11-21T22:00:00.000\",\"l\":\"2026-11-21T22:00:00.000Z\"}\n"},
        {"d DECIMAL(10,2), r ROW<x INT>, m MAP<STRING, INT>, b BYTES", JSON,
         "{\"d\":1,\"r\":{\"x\":2},\"m\":{\"k\":3},\"b\":\"AA==\"}",
         "{\"d\":1.00,\"r\":{\"x\":2},\"m\":{\"k\":3},\"b\":\"AA==\"}\n"},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct support support;
        support_open(&support, CASES[i].schema, CASES[i].options);
        assert_string_equal(support_round_trip(&support, CASES[i].input), CASES[i].output);
        support_close(&support);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),       cmocka_unit_test(test_bad_syntax),
        cmocka_unit_test(test_bad_values), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_long_line),  cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_alike),      cmocka_unit_test(test_forms),
        cmocka_unit_test(test_times),      cmocka_unit_test(test_wanted_columns),
        cmocka_unit_test(test_encode),
    };
    int failed = 0;
    for (uint32_t level = 0; level < CONN_CPU_LEVELS; level++) {
        if (conn_cpu_level_force((enum conn_cpu_level)level)) {
            print_message("x86-64-v%u\n", level + 2);
            failed += cmocka_run_group_tests(tests, NULL, NULL);
        }
    }
    return failed;
}
