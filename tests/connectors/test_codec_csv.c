/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats csv and raw: bytes in, rows or rejects out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_decode.h"

#define CSV "format=csv"

static void test_good(void **state)
{
    static const struct decode_case CASES[] = {
        {"a INT, b STRING, c DOUBLE", CSV, "1,x,2.5\n-2,,\n,y z,1e3",
         "1|\"x\"|2.5\n-2|\"\"|null\nnull|\"y z\"|1000.0\n"},
        {"a STRING, b STRING", CSV, "\"a,b\",\"say \"\"hi\"\"\"\n\"\",x\"y\n\"\xc3\xa4\",\"\"",
         "\"a,b\"|\"say \\\"hi\\\"\"\n\"\"|\"x\\\"y\"\n\"\xc3\xa4\"|\"\"\n"},
        {"a STRING, b INT", "format=csv\ncsv.field-delimiter=;", "x,y;1", "\"x,y\"|1\n"},
        {"a STRING, b INT", "format=csv\ncsv.field-delimiter=\\t", "x\t1", "\"x\"|1\n"},
        {"a STRING, b INT", "format=csv\ncsv.quote-character='", "'it''s, so',1",
         "\"it's, so\"|1\n"},
        {"a STRING, b INT", "format=csv\ncsv.disable-quote-character=true", "\"x,1",
         "\"\\\"x\"|1\n"},
        {"a STRING, b INT", "format=csv\ncsv.escape-character=\\", "x\\,y,1\n\"p\\\"q\",2",
         "\"x,y\"|1\n\"p\\\"q\"|2\n"},
        {"a STRING, b INT", "format=csv\ncsv.null-literal=n/a", "n/a,n/a\n,1",
         "null|null\n\"\"|1\n"},
        {"a STRING, b INT", "format=csv\ncsv.allow-comments=true", "# c\nx,1\n\ny,2",
         "\"x\"|1\n\"y\"|2\n"},
        {"a STRING", CSV, "x\n\"\"\ny", "\"x\"\n\"\"\n\"y\"\n"},
        {"a ARRAY<INT>, b ARRAY<STRING>", CSV, "1;2;3,x;y\n,\n7,z",
         "[1,2,3]|[\"x\",\"y\"]\n"
         "null|null\n[7]|[\"z\"]\n"},
        {"d DATE, t TIMESTAMP(3), b BOOLEAN, n DECIMAL(6,2), y BYTES", CSV,
         "2026-11-21,2026-11-21 22:00:00,true,12.5,aGk=",
         "\"2026-11-21\"|\"2026-11-21 22:00:00.000\"|true|12.50|\"aGk=\"\n"},
        {"a INT, b INT", "format=csv\ncsv.ignore-parse-errors=true", "x,1\n2\n3,4,5",
         "null|1\n2|null\n3|4\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void test_bad(void **state)
{
    static const struct decode_case CASES[] = {
        {"a INT, b INT", CSV, "1\n1,2,3\n1,2",
         "1|2\n!missing field: 1 fields where the table has 2 columns\n"
         "!too many fields: more fields than the table's 2 columns\n"},
        {"a INT, b INT", CSV, "1,2,", "!too many fields: more fields than the table's 2 columns\n"},
        {"a INT", CSV, "12x", "!value of the wrong type: column 'a': not INT\n"},
        {"a INT", CSV, "1 2", "!value of the wrong type: column 'a': not INT\n"},
        {"a INT", CSV, "99999999999", "!value out of range: column 'a': not in the range of INT\n"},
        {"a DOUBLE", CSV, "1.5.5", "!value of the wrong type: column 'a': not DOUBLE\n"},
        {"a STRING", CSV, "\"x", "!invalid syntax: a quote without end in field 1\n"},
        {"a STRING", CSV, "\"x\"y", "!invalid syntax: text behind a closing quote in field 1\n"},
        {"a STRING", CSV, "x\xff", "!invalid UTF-8: bytes that are not UTF-8 at byte 1\n"},
        {"a INT NOT NULL", CSV, "\"\"\n1",
         "1\n!value of the wrong type: column 'a': not INT NOT "
         "NULL\n"},
        {"a INT NOT NULL, b INT", CSV, ",1", "!null in a not null column: column 'a' is null\n"},
        {"a ARRAY<INT>, b INT", CSV, "1;x,1\n1,1",
         "[1]|1\n!value of the wrong type: column 'a': not ARRAY<INT>\n"},
        {"a ROW<x INT>", CSV, "1", "?column 'a': format 'csv' cannot carry ROW<`x` INT>\n"},
        {"a INT", "format=csv\ncsv.field-delimiter=ab", "1",
         "?'csv.field-delimiter' must be one ASCII character\n"},
        {"a INT", "format=csv\ncsv.field-delimiter=\"", "1",
         "?'csv.field-delimiter' must differ from the quote and escape characters\n"},
        {"a INT", "format=nosuch", "1", "?unknown format 'nosuch' in 'format'\n"},
        {"a INT", "path=x", "1", "?option 'format' is missing\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void test_raw(void **state)
{
    static const struct decode_case CASES[] = {
        {"a STRING", "format=raw", "any {text},\n\xc3\xa4\nx\xff",
         "\"any {text},\"\n\"\xc3\xa4\"\n!invalid UTF-8: column 'a': bytes that are not UTF-8\n"},
        {"a BYTES", "format=raw", "hi\xff", "\"aGn/\"\n"},
        {"a INT", "format=raw", "AAAA\nAA",
         "1094795585\n!row too large: column 'a': 2 bytes where its type has 4\n"},
        {"a SMALLINT", "format=raw\nraw.endianness=little-endian", "A\x01", "321\n"},
        {"a INT, b INT", "format=raw", "x",
         "?format 'raw' takes exactly one physical column, this table has 2\n"},
        {"a DATE", "format=raw", "x", "?column 'a': format 'raw' cannot carry DATE\n"},
        {"a STRING", "format=raw\nraw.charset=UTF-16", "x",
         "?'raw.charset' = 'UTF-16': only UTF-8 is supported\n"},
    };
    (void)state;
    support_check_decode(CASES, SL_COUNT_OF(CASES));
}

static void test_encode(void **state)
{
    static const struct {
        const char *schema;
        const char *options;
        const char *input;
        const char *output;
    } CASES[] = {
        {"a INT, b STRING, c ARRAY<INT>", CSV, "1,\"x,y\",1;2\n,\"q\"\"r\",",
         "1,\"x,y\",1;2\n,\"q\"\"r\",\n"},
        {"a STRING, b INT", "format=csv\ncsv.null-literal=N", "N,1\nx,N", "N,1\nx,N\n"},
        {"a STRING, b INT", "format=csv\ncsv.disable-quote-character=true\ncsv.escape-character=\\",
         "x\\,\\\\,1", "x\\,\\\\,1\n"},
        {"a STRING, b INT", "format=csv\ncsv.escape-character=\\", "\"x\\\",\",1",
         "\"x\\\",\",1\n"},
        {"a STRING", "format=raw", "x,\"y", "x,\"y\n"},
        {"a INT", "format=raw", "ABCD", "ABCD\n"},
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
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_encode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
