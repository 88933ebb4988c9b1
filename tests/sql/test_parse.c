/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parser refuses, with line, column and message; the values and types of literals;
 * positions; limits; and reading a script statement by statement. */
#include "sql/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bad {
    const char *sql;
    enum sl_status status;
    uint32_t line;
    uint32_t column;
    const char *message;
};

static const struct bad BAD[] = {
    {"SELEC 1", SL_SYNTAX, 1, 1, "expected a statement but found 'SELEC'; did you mean 'SELECT'?"},
    {"foo", SL_SYNTAX, 1, 1, "expected a statement but found 'foo'"},
    {"'x'", SL_SYNTAX, 1, 1, "expected a statement but found string 'x'"},
    {"SELECT", SL_SYNTAX, 1, 7, "expected an expression but found the end of the text"},
    {"SELECT FROM t", SL_SYNTAX, 1, 8, "expected an expression but found 'FROM'"},
    {"SELECT a, FROM t", SL_SYNTAX, 1, 11, "expected an expression but found 'FROM'"},
    {"SELECT a, ORDER BY b", SL_SYNTAX, 1, 11, "expected an expression but found 'ORDER'"},
    {"SELECT (a + 1 FROM t", SL_SYNTAX, 1, 15, "expected ')' but found 'FROM'"},
    {"SELECT (a, 1 FROM t", SL_SYNTAX, 1, 14, "expected ',' or ')' but found 'FROM'"},
    {"SELECT f(a b) FROM t", SL_SYNTAX, 1, 12, "expected ',' or ')' but found 'b'"},
    {"SELECT a\nFROM t\nWHERE a >", SL_SYNTAX, 3, 10,
     "expected an expression but found the end of the text"},
    {"SELECT a FROM WHERE a", SL_SYNTAX, 1, 15, "expected a table but found 'WHERE'"},
    {"SELECT a FROM WHERE (a)", SL_SYNTAX, 1, 15, "expected a table but found 'WHERE'"},
    {"SELECT a FROM t GROUP a", SL_SYNTAX, 1, 17,
     "expected ';' or the end of the statement but found 'GROUP'"},
    {"SELECT a b c FROM t", SL_SYNTAX, 1, 12,
     "expected ';' or the end of the statement but found 'c'"},
    {"SELECT a AS FROM t", SL_SYNTAX, 1, 13, "expected an alias after 'AS' but found 'FROM'"},
    {"SELECT t. FROM t", SL_SYNTAX, 1, 11, "expected a name after '.' but found 'FROM'"},
    {"SELECT a.1 FROM t", SL_SYNTAX, 1, 9,
     "expected ';' or the end of the statement but found '.1'"},
    {"SELECT 12ab", SL_SYNTAX, 1, 8, "malformed number '12ab'"},
    {"SELECT \"a\"", SL_SYNTAX, 1, 8,
     "double quotes do not quote: use `name` for names and 'text' for strings '\"'"},
    {"SELECT a ? b", SL_SYNTAX, 1, 10, "unexpected character '?'"},
    {"SELECT 'abc", SL_SYNTAX, 1, 8, "string without a closing quote"},
    {"SELECT `abc", SL_SYNTAX, 1, 8, "quoted name without a closing backtick"},
    {"SELECT 1 /* x", SL_SYNTAX, 1, 10, "comment without a closing */"},
    {"SELECT ``", SL_SYNTAX, 1, 8, "empty name"},
    {"SELECT e'\\x'", SL_SYNTAX, 1, 8,
     "malformed escape sequence in string, 4 bytes after its start"},
    {"SELECT X'123'", SL_SYNTAX, 1, 8, "binary literal has an odd number of hex digits"},
    {"SELECT U&'a' UESCAPE 'ab'", SL_SYNTAX, 1, 22,
     "expected a string with one escape character after 'UESCAPE' but found string 'ab'"},
    {"SELECT 123456789012345678901234567890123456789", SL_SYNTAX, 1, 8,
     "number has more than 38 digits; write it with an exponent (1e40) for a DOUBLE"},
    {"SELECT 1e999", SL_SYNTAX, 1, 8, "number is out of the range of DOUBLE"},
    {"SELECT DATE '2024-02-30'", SL_SYNTAX, 1, 13,
     "expected DATE 'yyyy-MM-dd' but found '2024-02-30'"},
    {"SELECT TIME 'x'", SL_SYNTAX, 1, 13, "expected TIME 'HH:mm:ss[.f]' but found 'x'"},
    {"SELECT TIMESTAMP '2024-01-01 25:00:00'", SL_SYNTAX, 1, 18,
     "expected TIMESTAMP 'yyyy-MM-dd HH:mm:ss[.f]' but found '2024-01-01 25:00:00'"},
    {"SELECT TIMESTAMP '2024-01-01 20:00:00Z'", SL_SYNTAX, 1, 18,
     "expected TIMESTAMP 'yyyy-MM-dd HH:mm:ss[.f]' but found '2024-01-01 20:00:00Z'"},
    {"SELECT INTERVAL '5'", SL_SYNTAX, 1, 20,
     "expected an interval unit (SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER or YEAR) but "
     "found the end of the text"},
    {"SELECT INTERVAL 'x' SECOND", SL_SYNTAX, 1, 17, "'x' is not an interval of SECOND"},
    {"SELECT INTERVAL '1.5' HOUR", SL_SYNTAX, 1, 17, "'1.5' is not an interval of HOUR"},
    {"SELECT INTERVAL '1:99' HOUR TO MINUTE", SL_SYNTAX, 1, 17,
     "'1:99' is not an interval of HOUR TO MINUTE"},
    {"SELECT INTERVAL '1-2' MONTH TO YEAR", SL_SYNTAX, 1, 23,
     "an interval cannot run from MONTH to YEAR"},
    {"SELECT INTERVAL '1' DAY TO MONTH", SL_SYNTAX, 1, 21,
     "an interval cannot run from DAY to MONTH"},
    {"SELECT INTERVAL '99999999999999999999' DAY", SL_SYNTAX, 1, 17,
     "'99999999999999999999' is not an interval of DAY"},
    {"SELECT INTERVAL '999999999' YEAR", SL_SYNTAX, 1, 17, "interval '999999999' is too long"},
    {"SELECT EXTRACT(FOO FROM a)", SL_SYNTAX, 1, 16,
     "expected a time unit (SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, ...) but found 'FOO'"},
    {"SELECT EXTRACT(DAY a)", SL_SYNTAX, 1, 20, "expected 'FROM' but found 'a'"},
    {"SELECT CAST(a INT)", SL_SYNTAX, 1, 15, "expected 'AS' but found 'INT'"},
    {"SELECT CAST(a AS INTT)", SL_SYNTAX, 1, 18, "unknown type 'INTT'; did you mean 'INT'?"},
    {"SELECT CAST(a AS 5)", SL_SYNTAX, 1, 18, "expected a type but found '5'"},
    {"SELECT CAST(a AS DECIMAL(39))", SL_SYNTAX, 1, 26,
     "the precision of DECIMAL must be between 1 and 38"},
    {"SELECT CAST(a AS DECIMAL(5, 6))", SL_SYNTAX, 1, 29,
     "the scale of DECIMAL must be between 0 and 5"},
    {"SELECT CAST(a AS VARCHAR(0))", SL_SYNTAX, 1, 26, "a length must be between 1 and 2147483647"},
    {"SELECT CAST(a AS TIMESTAMP(10))", SL_SYNTAX, 1, 28,
     "a precision of time must be between 0 and 9"},
    {"SELECT CAST(a AS TIMESTAMP WITH TIME ZONE)", SL_UNSUPPORTED, 1, 28,
     "WITH TIME ZONE is not supported yet"},
    {"SELECT CAST(a AS RAW('x'))", SL_UNSUPPORTED, 1, 18, "type RAW is not supported yet"},
    {"SELECT CAST(a AS ARRAY<INT)", SL_SYNTAX, 1, 27, "expected '>' but found ')'"},
    {"SELECT CAST(a AS ROW)", SL_SYNTAX, 1, 21, "expected '<' or '(' after 'ROW' but found ')'"},
    {"SELECT CASE a END", SL_SYNTAX, 1, 15, "expected 'WHEN' but found 'END'"},
    {"SELECT CASE WHEN a THEN END", SL_SYNTAX, 1, 25, "expected an expression but found 'END'"},
    {"SELECT CASE WHEN a THEN b", SL_SYNTAX, 1, 26,
     "expected 'WHEN', 'ELSE' or 'END' of CASE but found the end of the text"},
    {"SELECT a IS 5", SL_SYNTAX, 1, 13,
     "expected NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM after 'IS' but found '5'"},
    {"SELECT a IS JSON", SL_UNSUPPORTED, 1, 13, "IS JSON is not supported yet"},
    {"SELECT a BETWEEN 1 OR 2", SL_SYNTAX, 1, 20, "expected 'AND' but found 'OR'"},
    {"SELECT a IN ()", SL_SYNTAX, 1, 14, "expected an expression but found ')'"},
    {"SELECT a IN 5", SL_SYNTAX, 1, 13, "expected '(' but found '5'"},
    {"SELECT a = NOT b", SL_SYNTAX, 1, 12, "expected an expression but found 'NOT'"},
    {"SELECT MAP['a']", SL_SYNTAX, 1, 8,
     "MAP[...] needs pairs of key and value, found 1 expressions"},
    {"SELECT a[1", SL_SYNTAX, 1, 11, "expected ']' but found the end of the text"},
    {"SELECT LISTAGG(a) WITHIN GROUP (ORDER BY b)", SL_UNSUPPORTED, 1, 19,
     "WITHIN GROUP is not supported yet"},
    {"SELECT SUM(a) OVER (ROWS a) FROM t", SL_SYNTAX, 1, 27,
     "expected 'PRECEDING' or 'FOLLOWING' but found ')'"},
    {"SELECT a FROM t GROUP BY CUBE (a)", SL_UNSUPPORTED, 1, 26,
     "GROUPING SETS, CUBE or ROLLUP is not supported yet"},
    {"SELECT a FROM t GROUP BY GROUPING SETS ((a))", SL_UNSUPPORTED, 1, 26,
     "GROUPING SETS, CUBE or ROLLUP is not supported yet"},
    {"SELECT * FROM t MATCH_RECOGNIZE (x)", SL_UNSUPPORTED, 1, 17,
     "MATCH_RECOGNIZE is not supported yet"},
    {"SELECT * FROM a JOIN b", SL_SYNTAX, 1, 23,
     "expected 'ON' or 'USING' of the join but found the end of the text"},
    {"SELECT * FROM a LEFT b ON TRUE", SL_SYNTAX, 1, 22, "expected 'JOIN' but found 'b'"},
    {"SELECT * FROM TABLE(t)", SL_SYNTAX, 1, 21,
     "expected a table function such as TUMBLE(...) but found 't'"},
    {"SELECT * FROM (SELECT 1", SL_SYNTAX, 1, 24, "expected ')' but found the end of the text"},
    {"SELECT 1 LIMIT 1 FETCH FIRST 2 ROWS ONLY", SL_SYNTAX, 1, 18,
     "LIMIT and FETCH exclude each other"},
    {"SELECT 1 UNION", SL_SYNTAX, 1, 15,
     "expected a query (SELECT, VALUES or WITH) but found the end of the text"},
    {"VALUES 1", SL_SYNTAX, 1, 8, "expected '(' but found '1'"},
    {"WITH a AS SELECT 1 SELECT 2", SL_SYNTAX, 1, 11, "expected '(' but found 'SELECT'"},
    {"WITH RECURSIVE a AS (SELECT 1) SELECT 2", SL_UNSUPPORTED, 1, 6,
     "WITH RECURSIVE is not supported yet"},
    {"INSERT t SELECT 1", SL_SYNTAX, 1, 8, "expected 'INTO' but found 't'"},
    {"INSERT OVERWRITE t SELECT 1", SL_UNSUPPORTED, 1, 8, "INSERT OVERWRITE is not supported yet"},
    {"INSERT INTO t", SL_SYNTAX, 1, 14,
     "expected a query (SELECT, VALUES or WITH) but found the end of the text"},
    {"INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING", SL_UNSUPPORTED, 1, 24,
     "ON CONFLICT is not supported yet"},
    {"EXECUTE STATEMENT SET BEGIN END", SL_SYNTAX, 1, 29,
     "expected 'INSERT' in the statement set but found 'END'"},
    {"EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;", SL_SYNTAX, 1, 52,
     "expected 'INSERT' in the statement set but found the end of the text"},
    {"BEGIN STATEMENT SET INSERT INTO t SELECT 1; END", SL_SYNTAX, 1, 21,
     "expected ';' but found 'INSERT'"},
    {"EXPLAIN CREATE TABLE t (a INT)", SL_SYNTAX, 1, 9,
     "expected a query, 'INSERT' or 'STATEMENT SET' after 'EXPLAIN' but found 'CREATE'"},
    {"SHOW JOBS", SL_SYNTAX, 1, 6,
     "expected 'TABLES', 'VIEWS', 'CREATE TABLE' or 'CREATE VIEW' but found 'JOBS'"},
    {"SET 'a' 'b'", SL_SYNTAX, 1, 12, "expected '=' but found the end of the text"},
    {"SET a =", SL_SYNTAX, 1, 8, "expected an option value but found the end of the text"},
    {"SET = b", SL_SYNTAX, 1, 5, "expected an option key but found '='"},
    {"ALTER TABLE t RENAME TO u", SL_UNSUPPORTED, 1, 1, "ALTER is not supported yet"},
    {"use catalog c", SL_UNSUPPORTED, 1, 1, "USE is not supported yet"},
    {"CREATE TEMPORARY FUNCTION f AS 'x'", SL_UNSUPPORTED, 1, 1,
     "CREATE FUNCTION is not supported yet"},
    {"DROP DATABASE d", SL_UNSUPPORTED, 1, 1, "DROP DATABASE is not supported yet"},
    {"CREATE INDEX i", SL_SYNTAX, 1, 8, "expected 'TABLE' or 'VIEW' but found 'INDEX'"},
    {"CREATE VIEW v SELECT 1", SL_SYNTAX, 1, 15, "expected 'AS' but found 'SELECT'"},
    {"CREATE TABLE t", SL_SYNTAX, 1, 15, "expected '(' but found the end of the text"},
    {"CREATE TABLE t AS SELECT 1", SL_UNSUPPORTED, 1, 16,
     "CREATE TABLE ... AS is not supported yet"},
    {"CREATE TABLE t (a INT) WITH ('a'='b') LIKE u", SL_UNSUPPORTED, 1, 39,
     "CREATE TABLE ... LIKE is not supported yet"},
    {"CREATE TABLE t (a INT) DISTRIBUTED INTO 3 BUCKETS", SL_UNSUPPORTED, 1, 24,
     "DISTRIBUTED is not supported yet"},
    {"CREATE TABLE t ()", SL_SYNTAX, 1, 17, "expected a column name but found ')'"},
    {"CREATE TABLE t (\n  a INT\n  b INT\n)", SL_SYNTAX, 3, 3, "expected ',' or ')' but found 'b'"},
    {"CREATE TABLE t (a)", SL_SYNTAX, 1, 18, "expected a type but found ')'"},
    {"CREATE TABLE t (a INT PRIMARY KEY)", SL_SYNTAX, 1, 34,
     "expected 'NOT ENFORCED' (a primary key is not checked) but found ')'"},
    {"CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED,\n PRIMARY KEY (a) NOT ENFORCED)", SL_SYNTAX,
     2, 2, "a second primary key (the first is in line 1)"},
    {"CREATE TABLE t (a INT, UNIQUE (a))", SL_UNSUPPORTED, 1, 24, "UNIQUE is not supported yet"},
    {"CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b)", SL_SYNTAX, 1, 46,
     "a second watermark (the first is in line 1)"},
    {"CREATE TABLE t (a INT, WATERMARK FOR a)", SL_SYNTAX, 1, 39, "expected 'AS' but found ')'"},
    {"CREATE TABLE t (a INT) WITH (connector = 'x')", SL_SYNTAX, 1, 30,
     "expected a string in single quotes but found 'connector'"},
    {"CREATE TABLE t (a INT) WITH ('rows' = 5)", SL_SYNTAX, 1, 39,
     "expected a string in single quotes but found '5'"},
    {"CREATE TABLE t (a INT) WITH ('a' = 'b' 'c' = 'd')", SL_SYNTAX, 1, 40,
     "expected ',' or ')' but found string 'c'"},
    {"CREATE TABLE t (a INT) WITH ('a' = 'b',\n 'a' = 'd')", SL_OPTION, 2, 2,
     "option 'a' is given twice (first in line 1)"},
    {"CREATE TABLE t (a INT) WITH (e'\\0' = 'b')", SL_SYNTAX, 1, 30,
     "a NUL character is not allowed here"},
    {"SELECT * FROM t /*+ OPTIONS(a) */", SL_SYNTAX, 1, 29,
     "expected a string in single quotes but found 'a'"},
    {"SELECT * FROM t /*+ BROADCAST(a */", SL_SYNTAX, 1, 33, "expected ')' but found '*/'"},
    {"SELECT 1;\nSELECT a\xC3\xA4 b c", SL_SYNTAX, 2, 14,
     "expected ';' or the end of the statement but found 'c'"},
    {"SELECT 1;\n  'a\xFF'", SL_SYNTAX, 2, 5, "SQL text has a byte that is not UTF-8 here"},
    {"SELECT \xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
     "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4 a "
     "'0123456789012345678901234567890123456789'",
     SL_SYNTAX, 1, 53,
     "expected ';' or the end of the statement but found string "
     "'012345678901234567890123456789012345678..."},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(BAD); i++) {
        struct sl_arena arena;
        struct sl_error err = {0};
        struct sql_script script = {0};
        sl_arena_init(&arena, NULL, 0);
        enum sl_status status =
            sql_parse_script(BAD[i].sql, strlen(BAD[i].sql), &arena, &script, &err);
        if (status != BAD[i].status || err.line != BAD[i].line || err.column != BAD[i].column ||
            strcmp(err.text, BAD[i].message) != 0) {
            print_error("%s\n  %s %u:%u: %s\n", BAD[i].sql, sl_status_text(status), err.line,
                        err.column, err.text);
        }
        assert_int_equal(status, BAD[i].status);
        assert_string_equal(err.text, BAD[i].message);
        assert_int_equal(err.line, BAD[i].line);
        assert_int_equal(err.column, BAD[i].column);
        sl_arena_deinit(&arena);
    }
}

static const struct sql_expr *parse_expr(const char *sql, struct sl_arena *arena)
{
    struct sl_error err = {0};
    struct sql_expr *expr = NULL;
    assert_int_equal(sql_parse_expression(sql, strlen(sql), arena, &expr, &err), SL_OK);
    assert_non_null(expr);
    return expr;
}

static void test_literals(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *type;
        int64_t value; /* integer or decimal; length of strings */
    } ROWS[] = {
        {"NULL", "NULL", 0},
        {"TRUE", "BOOLEAN NOT NULL", 1},
        {"2147483647", "INT NOT NULL", INT32_MAX},
        {"2147483648", "BIGINT NOT NULL", INT64_C(2147483648)},
        {"-2147483648", "INT NOT NULL", INT32_MIN},
        {"-9223372036854775808", "BIGINT NOT NULL", INT64_MIN},
        {"0.908", "DECIMAL(4, 3) NOT NULL", 908},
        {"-1.50", "DECIMAL(3, 2) NOT NULL", -150},
        {".5", "DECIMAL(1, 1) NOT NULL", 5},
        {"'a\xC3\xA4'", "CHAR(2) NOT NULL", 3},
        {"''", "CHAR(0) NOT NULL", 0},
        {"X'0102'", "BINARY(2) NOT NULL", 2},
        {"DATE '1970-01-02'", "DATE NOT NULL", 1},
        {"TIME '00:00:01.5'", "TIME(1) NOT NULL", 1500},
        {"TIMESTAMP '1970-01-01 00:00:01'", "TIMESTAMP(0) NOT NULL", 1000},
        {"TIMESTAMP '1970-01-01 00:00:01.123'", "TIMESTAMP(3) NOT NULL", 1123},
        {"TIMESTAMP '1970-01-01 00:00:01.1234'", "TIMESTAMP(4) NOT NULL", 1123400},
        {"INTERVAL '10' SECOND", "INTERVAL DAY TO SECOND NOT NULL", 10000},
        {"INTERVAL '0.001' SECOND", "INTERVAL DAY TO SECOND NOT NULL", 1},
        {"INTERVAL '0.0019' SECOND", "INTERVAL DAY TO SECOND NOT NULL", 1},
        {"INTERVAL '-1 01:00:00.5' DAY TO SECOND", "INTERVAL DAY TO SECOND NOT NULL", -90000500},
        {"INTERVAL -'-5' MINUTES", "INTERVAL DAY TO SECOND NOT NULL", 300000},
        {"INTERVAL '2-10' YEAR TO MONTH", "INTERVAL YEAR TO MONTH NOT NULL", 34},
        {"INTERVAL '3' QUARTERS", "INTERVAL YEAR TO MONTH NOT NULL", 9},
    };
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        char type[SL_TYPE_TEXT_BYTES];
        const struct sql_expr *expr = parse_expr(ROWS[i].sql, &arena);
        assert_int_equal(expr->kind, SQL_EXPR_LITERAL);
        const struct sql_literal *literal = &expr->literal;
        assert_string_equal(sl_type_format(&literal->type, type, sizeof(type)), ROWS[i].type);
        int64_t value = literal->type.id == SL_TYPE_DECIMAL ? (int64_t)literal->decimal
                        : literal->type.id == SL_TYPE_CHAR || literal->type.id == SL_TYPE_BINARY
                            ? (int64_t)literal->length
                            : literal->integer;
        assert_true(value == ROWS[i].value);
    }
    assert_true(parse_expr("1.5e3", &arena)->literal.real == 1500.0);
    sl_arena_deinit(&arena);
}

static void assert_span(const struct sql_span *span, const char *sql, const char *part)
{
    assert_int_equal(span->length, strlen(part));
    assert_memory_equal(sql + span->offset, part, span->length);
}

static void test_spans(void **state)
{
    (void)state;
    const char *sql = "SELECT  (a + b) * f(c ,1) AS x\nFROM t AS u JOIN v ON u.k = v.k ; SET";
    struct sl_arena arena;
    struct sl_error err = {0};
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sql_parse_script(sql, strlen(sql), &arena, &script, &err), SL_OK);
    assert_int_equal(script.count, 2);
    assert_span(&script.statements[0].span, sql,
                "SELECT  (a + b) * f(c ,1) AS x\nFROM t AS u JOIN v ON u.k = v.k");
    assert_span(&script.statements[1].span, sql, "SET");
    const struct sql_select *select = script.statements[0].query->body->select;
    const struct sql_expr *expr = select->items[0].expr;
    assert_span(&expr->span, sql, "(a + b) * f(c ,1)");
    assert_span(&expr->binary.op_span, sql, "*");
    assert_span(&expr->binary.right->span, sql, "f(c ,1)");
    assert_span(&expr->binary.right->call.name.span, sql, "f");
    assert_span(&select->items[0].alias.span, sql, "x");
    assert_span(&select->from->span, sql, "t AS u JOIN v ON u.k = v.k");
    assert_span(&select->from->join.span, sql, "JOIN");
    assert_span(&select->from->join.on->span, sql, "u.k = v.k");
    assert_int_equal(select->from->join.on->span.line, 2);
    assert_int_equal(select->from->join.on->span.column, 23);
    sl_arena_deinit(&arena);
}

static char *put_string(char *end, const char *string)
{
    size_t length = strlen(string);
    memcpy(end, string, length + 1);
    return end + length;
}

/* before repeated, then middle, then after repeated. */
static char *repeated(const char *before, const char *middle, const char *after, size_t count)
{
    size_t length = (strlen(before) + strlen(after)) * count + strlen(middle) + 1;
    char *text = malloc(length);
    char *end = text;
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        end = put_string(end, before);
    }
    end = put_string(end, middle);
    for (size_t i = 0; i < count; i++) {
        end = put_string(end, after);
    }
    return text;
}

static enum sl_status parse_status(const char *sql, bool is_expr, struct sl_error *err)
{
    struct sl_arena arena;
    struct sql_expr *expr = NULL;
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    enum sl_status status = is_expr ? sql_parse_expression(sql, strlen(sql), &arena, &expr, err)
                                    : sql_parse_script(sql, strlen(sql), &arena, &script, err);
    sl_arena_deinit(&arena);
    return status;
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *middle;
        const char *after;
        size_t count;
        bool is_expr;
        enum sl_status status;
    } ROWS[] = {
        {"(", "a", ")", SQL_DEPTH_MAX - 1, true, SL_OK},
        {"(", "a", ")", SQL_DEPTH_MAX, true, SL_LIMIT},
        {"(", "a", ")", 1000000, true, SL_LIMIT},
        {"f(", "a", ")", 100000, true, SL_LIMIT},
        {"NOT ", "a", "", 100000, true, SL_LIMIT},
        {"- ", "a", "", 100000, true, SL_LIMIT},
        {"CASE ", "", "", 100000, true, SL_LIMIT},
        {"a[", "a", "]", 100000, true, SL_LIMIT},
        {"(SELECT ", "a", ")", 100000, true, SL_LIMIT},
        {"((SELECT ", "a", "))", 100000, true, SL_LIMIT},
        {"CAST(", "a", " AS INT)", 100000, true, SL_LIMIT},
        {"", "CAST(a AS INT", " ARRAY", 100000, true, SL_LIMIT},
        {"a.b[", "1", "]", 100000, true, SL_LIMIT},
        {"ARRAY[", "", "]", 100000, true, SL_LIMIT},
        {"", "a", " + a", 4096, true, SL_OK},
        {"", "a", " + a", 4097, true, SL_LIMIT},
        {"", "a", ".b[1]", 100000, true, SL_LIMIT},
        {"", "a", " IS NULL", 100000, true, SL_LIMIT},
        {"f(a + b, ", "a", ")", 50, true, SL_OK},
        {"", "ROW(a + b", ", a + b", 100000, true, SL_SYNTAX},
        {"SELECT * FROM (", "t", ")", 100000, false, SL_LIMIT},
        {"", "SELECT * FROM t", ", t", 100000, false, SL_LIMIT},
        {"", "SELECT * FROM t", " CROSS JOIN t", 100000, false, SL_LIMIT},
        {"", "SELECT 1", " UNION ALL SELECT 1", 100000, false, SL_LIMIT},
        {"", "SELECT a + b", ", a + b", 20000, false, SL_OK},
        {"", "VALUES (1)", ", (1 + 1)", 4000, false, SL_OK},
        {"(", "SELECT 1", ")", 100000, false, SL_LIMIT},
        {"EXPLAIN ", "SELECT 1", "", 100000, false, SL_SYNTAX},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_error err = {0};
        char *sql = repeated(ROWS[i].before, ROWS[i].middle, ROWS[i].after, ROWS[i].count);
        enum sl_status status = parse_status(sql, ROWS[i].is_expr, &err);
        if (status != ROWS[i].status) {
            print_error("row %zu: %u:%u: %s\n", i, err.line, err.column, err.text);
        }
        assert_int_equal(status, ROWS[i].status);
        free(sql);
    }
}

static void test_nesting(void **state)
{
    (void)state;
    char cast[1024];
    struct sl_error err = {0};
    char *sql = repeated("ARRAY<", "INT", ">", SQL_DEPTH_MAX);
    snprintf(cast, sizeof(cast), "CAST(a AS %s)", sql);
    assert_int_equal(parse_status(cast, true, &err), SL_LIMIT);
    free(sql);
    sql = repeated("(", "a", ")", SQL_DEPTH_MAX);
    assert_int_equal(parse_status(sql, true, &err), SL_LIMIT);
    assert_string_equal(err.text, "nested deeper than 64 levels");
    assert_int_equal(err.column, SQL_DEPTH_MAX + 1);
    free(sql);
}

static void test_memory_limit(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 128 * 1024};
    struct sl_arena arena;
    struct sl_error err = {0};
    struct sql_script script = {0};
    char *sql = repeated("", "SELECT a", ", a", 10000);
    sl_arena_init(&arena, &account, 0);
    assert_int_equal(sql_parse_script(sql, strlen(sql), &arena, &script, &err), SL_MEMORY);
    assert_string_equal(err.text, "no memory left for the syntax tree");
    sl_arena_deinit(&arena);
    assert_int_equal(sl_account_used(&account), 0);
    free(sql);
}

static void test_text_limits(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_error err = {0};
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sql_parse_script(NULL, 0, &arena, &script, &err), SL_OK);
    assert_int_equal(script.count, 0);
    assert_int_equal(sql_parse_script("SELECT\n \0 1", 11, &arena, &script, &err), SL_SYNTAX);
    assert_string_equal(err.text, "SQL text has a NUL byte here");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 2);
    char *blanks = repeated(" ", "", "", (size_t)SQL_SCRIPT_BYTES_MAX + 1);
    assert_int_equal(
        sql_parse_script(blanks, (size_t)SQL_SCRIPT_BYTES_MAX + 1, &arena, &script, &err),
        SL_LIMIT);
    assert_int_equal(sql_parse_script(blanks, SQL_SCRIPT_BYTES_MAX, &arena, &script, &err), SL_OK);
    free(blanks);
    /* Without an error to write to. */
    assert_int_equal(sql_parse_script("SELECT", 6, &arena, &script, NULL), SL_SYNTAX);
    sl_arena_deinit(&arena);
}

static void test_reader(void **state)
{
    (void)state;
    static const struct {
        enum sl_status status;
        enum sql_statement_kind kind;
        uint32_t line;
    } EXPECTED[] = {
        {SL_OK, SQL_STATEMENT_QUERY, 1}, {SL_SYNTAX, SQL_STATEMENT_QUERY, 2},
        {SL_OK, SQL_STATEMENT_SET, 3},   {SL_UNSUPPORTED, SQL_STATEMENT_QUERY, 3},
        {SL_OK, SQL_STATEMENT_QUERY, 4}, {SL_SYNTAX, SQL_STATEMENT_QUERY, 5},
    };
    const char *sql = "SELECT 1;;\nSELECT (1 FROM t;\nSET 'a' = 'b'; USE x;\nSELECT ';' ;\n"
                      "SELECT 'x";
    struct sql_reader reader;
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    sql_reader_init(&reader, sql, strlen(sql));
    for (size_t i = 0; i < SL_COUNT_OF(EXPECTED); i++) {
        struct sl_error err = {0};
        struct sql_statement *statement = NULL;
        enum sl_status status = sql_parse_next(&reader, &arena, &statement, &err);
        assert_int_equal(status, EXPECTED[i].status);
        assert_int_equal(statement != NULL, status == SL_OK);
        if (statement != NULL) {
            assert_int_equal(statement->kind, EXPECTED[i].kind);
        }
        assert_int_equal(statement != NULL ? statement->span.line : err.line, EXPECTED[i].line);
    }
    struct sql_statement *statement = NULL;
    assert_int_equal(sql_parse_next(&reader, &arena, &statement, NULL), SL_OK);
    assert_null(statement);
    sl_arena_deinit(&arena);
}

static void test_hints_and_keys(void **state)
{
    (void)state;
    const char *sql = "CREATE TABLE t (a INT, b STRING CONSTRAINT k PRIMARY KEY NOT ENFORCED)\n"
                      "WITH ('x' = 'y');\n"
                      "SELECT * FROM t /*+ options('a'='b') */ , u";
    struct sl_arena arena;
    struct sl_error err = {0};
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sql_parse_script(sql, strlen(sql), &arena, &script, &err), SL_OK);
    const struct sql_create_table *create = &script.statements[0].create_table;
    assert_int_equal(create->primary_key.count, 1);
    assert_string_equal(create->primary_key.items[0].text, "b");
    assert_span(&create->primary_key_span, sql, "CONSTRAINT k PRIMARY KEY NOT ENFORCED");
    assert_span(&create->options_span, sql, "WITH ('x' = 'y')");
    assert_span(&create->options.items[0].value_span, sql, "'y'");
    const struct sql_table *from = script.statements[1].query->body->select->from;
    assert_int_equal(from->join.kind, SQL_JOIN_CROSS);
    const struct sql_hint *hint = &from->join.left->named.hints.items[0];
    assert_string_equal(hint->name.text, "OPTIONS");
    assert_string_equal(hint->options.items[0].key, "a");
    assert_string_equal(hint->options.items[0].value, "b");
    sl_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_text_limits),
        cmocka_unit_test(test_reader),
        cmocka_unit_test(test_hints_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
