/* SPDX-License-Identifier: Apache-2.0
 *
 * What is parsed and how it is written back: canonical text is a fixed point of parse and unparse,
 * and it shows the tree that was parsed. */
#include "sql/parse.h"
#include "sql/unparse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The canonical text of one expression, or of a script with "; " between its statements. */
static void canonical(const char *sql, bool is_expr, struct sl_text *out)
{
    struct sl_arena arena;
    struct sl_error err = {0};
    enum sl_status status = SL_OK;
    sl_arena_init(&arena, NULL, 0);
    sl_text_reset(out);
    if (is_expr) {
        struct sql_expr *expr = NULL;
        status = sql_parse_expression(sql, strlen(sql), &arena, &expr, &err);
        if (status == SL_OK) {
            sql_unparse_expr(out, expr);
        }
    } else {
        struct sql_script script = {0};
        status = sql_parse_script(sql, strlen(sql), &arena, &script, &err);
        for (uint32_t i = 0; status == SL_OK && i < script.count; i++) {
            sl_text_append_string(out, i > 0 ? "; " : "");
            sql_unparse_statement(out, &script.statements[i]);
        }
    }
    if (status != SL_OK) {
        print_error("%s\n  %u:%u: %s\n", sql, err.line, err.column, err.text);
    }
    assert_int_equal(status, SL_OK);
    sl_text_append_char(out, '\0');
    assert_false(out->failed);
    sl_arena_deinit(&arena);
}

static void check(const char *sql, const char *expected, bool is_expr)
{
    struct sl_text first;
    struct sl_text second;
    sl_text_init(&first, NULL, 0);
    sl_text_init(&second, NULL, 0);
    canonical(sql, is_expr, &first);
    assert_string_equal(first.data, expected != NULL ? expected : sql);
    canonical(first.data, is_expr, &second);
    assert_string_equal(second.data, first.data);
    sl_text_deinit(&first);
    sl_text_deinit(&second);
}

struct row {
    const char *sql;
    const char *expected; /* NULL: sql is canonical */
};

static const struct row EXPRESSIONS[] = {
    {"a", NULL},
    {"a.b.c", NULL},
    {"`a b`.`select`.order", "`a b`.`select`.`order`"},
    {"`plain`", "plain"},
    {"key + value * user", NULL},
    {"a.`x``y`", NULL},
    /* precedence */
    {"a + b * c", NULL},
    {"(a + b) * c", NULL},
    {"a - (b - c)", NULL},
    {"(a - b) - c", "a - b - c"},
    {"a OR b AND NOT c = d", NULL},
    {"(a OR b) AND c", NULL},
    {"NOT (a AND b)", NULL},
    {"(NOT a) AND b", "NOT a AND b"},
    {"(NOT a) = b", NULL},
    {"NOT NOT a", NULL},
    {"a = b IS NULL", NULL},
    {"a = (b IS NULL)", NULL},
    {"a || b || c", NULL},
    {"a || (b + c)", NULL},
    {"a % 2 / 3", NULL},
    {"a != b", "a <> b"},
    {"a<=b", "a <= b"},
    {"-a * b", NULL},
    {"-(a * b)", NULL},
    {"- - a", "-(-a)"},
    {"-(5)", NULL},
    {"- 5", "-5"},
    {"a - -5", NULL},
    {"+a", "a"},
    {"a BETWEEN 1 AND 2 AND c", NULL},
    {"a NOT BETWEEN SYMMETRIC b + 1 AND (c = d)", NULL},
    {"a BETWEEN ASYMMETRIC 1 AND 2", "a BETWEEN 1 AND 2"},
    {"a in (1, 2, 'x')", "a IN (1, 2, 'x')"},
    {"a NOT IN (SELECT b FROM t)", NULL},
    {"a LIKE 'x%' ESCAPE '!' OR b NOT LIKE c", NULL},
    {"a SIMILAR TO 'x' AND a NOT SIMILAR TO 'y'", NULL},
    {"a IS NOT NULL AND b IS TRUE OR c IS NOT FALSE AND d IS UNKNOWN", NULL},
    {"a IS NOT TRUE OR b IS FALSE OR c IS NOT UNKNOWN OR d IS NULL", NULL},
    {"a IS NOT DISTINCT FROM b = c", NULL},
    {"(a IS NULL) IN (TRUE)", NULL},
    /* literals */
    {"1", NULL},
    {"007", "7"},
    {"-2147483648", NULL},
    {"2147483648", NULL},
    {"-9223372036854775808", NULL},
    {"9223372036854775808", NULL},
    {"99999999999999999999999999999999999999", NULL},
    {"0.908", NULL},
    {".5", NULL},
    {"-.50", NULL},
    {"1.", "1"},
    {"1.0", NULL},
    {"1e3", "1000.0E0"},
    {"1.5E-30", NULL},
    {"'it''s'", NULL},
    {"e'a\\nb'", "'a\nb'"},
    {"e'\\0\\\\'", "e'\\000\\\\'"},
    {"U&'\\00e4'", "'\xC3\xA4'"},
    {"U&'#00e4' UESCAPE '#'", "'\xC3\xA4'"},
    {"x'45f0ab'", "X'45F0AB'"},
    {"true AND false OR null", "TRUE AND FALSE OR NULL"},
    {"date '2024-02-29'", "DATE '2024-02-29'"},
    {"TIME '10:11:12.125'", NULL},
    {"TIME '10:11:12'", NULL},
    {"TIMESTAMP '2020-01-01 00:00:00.123'", NULL},
    {"TIMESTAMP '2020-01-01 00:00:00'", NULL},
    {"TIMESTAMP '2020-01-01 00:00:00.123456789'", NULL},
    {"INTERVAL '10' SECOND", NULL},
    {"INTERVAL '0.001' SECOND", NULL},
    {"INTERVAL '10' MINUTES", "INTERVAL '10' MINUTE"},
    {"INTERVAL '60' MINUTE", "INTERVAL '1' HOUR"},
    {"INTERVAL '100' SECOND(3)", "INTERVAL '100' SECOND"},
    {"INTERVAL '2' WEEKS", "INTERVAL '14' DAY"},
    {"INTERVAL '10 00:00:00.004' DAY TO SECOND", "INTERVAL '864000.004' SECOND"},
    {"INTERVAL '1:30' HOUR TO MINUTE", "INTERVAL '90' MINUTE"},
    {"INTERVAL '2-10' YEAR TO MONTH", "INTERVAL '34' MONTH"},
    {"INTERVAL '2' YEAR", NULL},
    {"INTERVAL '1' QUARTER", "INTERVAL '3' MONTH"},
    {"INTERVAL -'5' DAY", "INTERVAL '-5' DAY"},
    {"INTERVAL '-0.5' SECOND", "INTERVAL '-0.500' SECOND"},
    {"INTERVAL '0' DAY", "INTERVAL '0' SECOND"},
    /* calls and special syntaxes */
    {"f()", "F()"},
    {"count(*)", "COUNT(*)"},
    {"count(distinct a) filter (where b > 1)", "COUNT(DISTINCT a) FILTER (WHERE b > 1)"},
    {"sum(all a)", "SUM(a)"},
    {"cast(a as int)", "CAST(a AS INT)"},
    {"TRY_CAST(a AS DECIMAL(10, 2))", NULL},
    {"extract(year from a)", "EXTRACT(YEAR FROM a)"},
    {"SUBSTRING(a FROM 2 FOR 3)", "SUBSTRING(a, 2, 3)"},
    {"SUBSTRING(a FROM 2)", "SUBSTRING(a, 2)"},
    {"SUBSTRING(a, 2, 3)", NULL},
    {"OVERLAY(a PLACING b FROM 2 FOR 3)", "OVERLAY(a, b, 2, 3)"},
    {"POSITION('a' IN b)", NULL},
    {"POSITION(a, b)", "POSITION(a IN b)"},
    {"TRIM(a)", "TRIM(BOTH ' ' FROM a)"},
    {"TRIM(LEADING FROM a)", "TRIM(LEADING ' ' FROM a)"},
    {"TRIM(TRAILING 'x' FROM a)", NULL},
    {"TRIM('x' FROM a)", "TRIM(BOTH 'x' FROM a)"},
    {"TRIM(both || 'x')", "TRIM(BOTH ' ' FROM both || 'x')"},
    {"FLOOR(a)", NULL},
    {"FLOOR(a TO DAYS)", "FLOOR(a TO DAY)"},
    {"CEIL(a TO hour)", "CEIL(a TO HOUR)"},
    {"TIMESTAMPADD(MINUTE, 5, a)", NULL},
    {"timestampdiff(day, a, b)", "TIMESTAMPDIFF(DAY, a, b)"},
    {"current_timestamp", "CURRENT_TIMESTAMP"},
    {"left(a, 2) || right(b, 3)", "LEFT(a, 2) || RIGHT(b, 3)"},
    {"mod(a, 2)", "MOD(a, 2)"},
    {"if(a, b, c)", "IF(a, b, c)"},
    {"case when a then b else c end", "CASE WHEN a THEN b ELSE c END"},
    {"CASE a WHEN 1 THEN 'x' WHEN 2 THEN CASE WHEN b THEN c END END", NULL},
    {"array[1, 2][1]", "ARRAY[1, 2][1]"},
    {"ARRAY[]", NULL},
    {"map['a', 1]['a']", "MAP['a', 1]['a']"},
    {"a[1].b.c[2]", NULL},
    {"(a).b", NULL},
    {"(1, a)", "ROW(1, a)"},
    {"row(1)", "ROW(1)"},
    {"EXISTS (SELECT 1)", NULL},
    {"(SELECT 1) + 1", NULL},
    {"((SELECT 1) + 1)", "(SELECT 1) + 1"},
    {"((SELECT 1 UNION ALL SELECT 2))", "(SELECT 1 UNION ALL SELECT 2)"},
    {"((SELECT 1) UNION ALL (SELECT 2))", "(SELECT 1 UNION ALL SELECT 2)"},
    {"SUM(a) OVER (PARTITION BY b, c ORDER BY d DESC NULLS LAST ROWS BETWEEN 2 PRECEDING AND "
     "CURRENT ROW)",
     NULL},
    {"SUM(a) OVER (ORDER BY d RANGE INTERVAL '1' HOUR PRECEDING)",
     "SUM(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)"},
    {"SUM(a) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)", NULL},
    {"SUM(a) OVER w + SUM(b) OVER (w)", "SUM(a) OVER w + SUM(b) OVER w"},
    {"ROW_NUMBER() OVER ()", NULL},
    {"f(SIZE => 1, `offset` => 2)", "F(SIZE => 1, `OFFSET` => 2)"},
    {"tumble(table t, descriptor(ts), interval '1' hour)",
     "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR)"},
    {"SESSION(TABLE t PARTITION BY a, b, DESCRIPTOR(ts), INTERVAL '5' MINUTE)",
     "SESSION(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '5' MINUTE)"},
    {"SESSION(DATA => TABLE t PARTITION BY (a), TIMECOL => DESCRIPTOR(ts), GAP => 1)", NULL},
    /* words that are names where nothing else is meant */
    {"timestamp + date + time + interval + row + array + map",
     "`timestamp` + `date` + `time` + `interval` + `row` + `array` + `map`"},
    {"order + group + values + table + end + start + day + count + rank + window + offset",
     "`order` + `group` + `values` + `table` + `end` + start + day + count + rank + `window` + "
     "`offset`"},
    {"DATE(a)", "`DATE`(a)"},
    {"`CURRENT_DATE`", NULL},
    {"`ROW`(a)", NULL},
};

static const struct row TYPES[] = {
    {"CHAR", "CHAR(1)"},
    {"CHARACTER(5)", "CHAR(5)"},
    {"VARCHAR", "STRING"},
    {"VARCHAR(20) NOT NULL", NULL},
    {"string", "STRING"},
    {"BINARY(3)", NULL},
    {"VARBINARY(3)", NULL},
    {"BYTES", NULL},
    {"BOOLEAN", NULL},
    {"TINYINT NULL", "TINYINT"},
    {"SMALLINT", NULL},
    {"INTEGER", "INT"},
    {"BIGINT NOT NULL", NULL},
    {"FLOAT", NULL},
    {"DOUBLE PRECISION", "DOUBLE"},
    {"DECIMAL", "DECIMAL(10, 0)"},
    {"DEC(5)", "DECIMAL(5, 0)"},
    {"NUMERIC(38, 38)", "DECIMAL(38, 38)"},
    {"DATE", NULL},
    {"TIME", "TIME(0)"},
    {"TIME(3) WITHOUT TIME ZONE", "TIME(3)"},
    {"TIMESTAMP", "TIMESTAMP(6)"},
    {"TIMESTAMP(3) WITHOUT TIME ZONE", "TIMESTAMP(3)"},
    {"TIMESTAMP(3) WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(3)"},
    {"TIMESTAMP_LTZ", "TIMESTAMP_LTZ(6)"},
    {"INTERVAL YEAR", "INTERVAL YEAR TO MONTH"},
    {"INTERVAL DAY(3) TO SECOND(3)", "INTERVAL DAY TO SECOND"},
    {"ARRAY<INT NOT NULL>", NULL},
    {"INT NOT NULL ARRAY MULTISET NOT NULL", "MULTISET<ARRAY<INT NOT NULL>> NOT NULL"},
    {"MAP<STRING, ARRAY<ROW<a INT, `b c` STRING>>>", NULL},
    {"ROW(a INT NOT NULL 'the a', b ROW<c DATE>) NOT NULL",
     "ROW<a INT NOT NULL, b ROW<c DATE>> NOT NULL"},
};

static const struct row STATEMENTS[] = {
    {"", NULL},
    {" ; ;; -- nothing\n;", ""},
    {"\xEF\xBB\xBFSELECT 1", "SELECT 1"},
    {"select 1; select 2;", "SELECT 1; SELECT 2"},
    {"(SELECT 1)", "SELECT 1"},
    {"SELECT *, t.*, `T`.x.*, a AS b, c d FROM t", "SELECT *, t.*, T.x.*, a AS b, c AS d FROM t"},
    {"SELECT DISTINCT a FROM c.d.t AS x (a, b) WHERE a > 1 GROUP BY a, b HAVING COUNT(*) > 1",
     NULL},
    {"SELECT ALL a FROM t", "SELECT a FROM t"},
    {"SELECT a FROM t WINDOW w AS (PARTITION BY b), v AS (ORDER BY c)", NULL},
    {"SELECT a FROM t ORDER BY a, b DESC NULLS FIRST LIMIT 10 OFFSET 5", NULL},
    {"SELECT a FROM t LIMIT ALL", "SELECT a FROM t"},
    {"SELECT a FROM t OFFSET 5 ROWS FETCH NEXT 3 ROWS ONLY", "SELECT a FROM t LIMIT 3 OFFSET 5"},
    {"SELECT a FROM t FETCH FIRST ROW ONLY", "SELECT a FROM t LIMIT 1"},
    {"VALUES (1, 'a'), ROW(2, 'b'), ((3, 4))", "VALUES (1, 'a'), (2, 'b'), (ROW(3, 4))"},
    {"WITH a (x) AS (SELECT 1), b AS (VALUES (2)) SELECT * FROM a, b",
     "WITH a (x) AS (SELECT 1), b AS (VALUES (2)) SELECT * FROM a CROSS JOIN b"},
    {"SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT ALL SELECT 5", NULL},
    {"(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3", NULL},
    {"SELECT 1 UNION ALL (SELECT 2 UNION DISTINCT SELECT 3)",
     "SELECT 1 UNION ALL (SELECT 2 UNION SELECT 3)"},
    {"(SELECT 1 LIMIT 1) UNION ALL (SELECT 2 ORDER BY a)", NULL},
    {"SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y) NATURAL JOIN d CROSS "
     "JOIN e",
     "SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (x, y) NATURAL JOIN d CROSS JOIN e"},
    {"SELECT * FROM a INNER JOIN b ON TRUE RIGHT JOIN c ON TRUE FULL OUTER JOIN d ON TRUE",
     "SELECT * FROM a JOIN b ON TRUE RIGHT JOIN c ON TRUE FULL JOIN d ON TRUE"},
    {"SELECT * FROM a, b JOIN c ON TRUE", "SELECT * FROM a CROSS JOIN (b JOIN c ON TRUE)"},
    {"SELECT * FROM ((SELECT 1) AS x JOIN b ON TRUE)",
     "SELECT * FROM (SELECT 1) AS x JOIN b ON TRUE"},
    {"SELECT * FROM ((SELECT 1) UNION ALL SELECT 2) x (a)",
     "SELECT * FROM (SELECT 1 UNION ALL SELECT 2) AS x (a)"},
    {"SELECT * FROM (VALUES (1, 2)) AS t (a, b)", NULL},
    {"SELECT * FROM t /*+ OPTIONS('scan.startup.mode'='earliest-offset', 'a'='b') */ AS x",
     "SELECT * FROM t /*+ OPTIONS('scan.startup.mode' = 'earliest-offset', 'a' = 'b') */ AS x"},
    {"SELECT /*+ BROADCAST(t, u), STATE_TTL('a'='1d') */ * FROM t",
     "SELECT /*+ BROADCAST, STATE_TTL('a' = '1d') */ * FROM t"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(dateTime), INTERVAL '10' SECOND))", NULL},
    {"SELECT * FROM HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND) h",
     "SELECT * FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' "
     "SECOND)) AS h"},
    {"SELECT * FROM TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' DAY)",
     "SELECT * FROM TABLE(TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL "
     "'1' DAY))"},
    {"SELECT * FROM b JOIN side FOR SYSTEM_TIME AS OF b.p_time AS s ON b.k = s.key", NULL},
    {"SELECT * FROM t LEFT JOIN LATERAL TABLE(f(x)) AS u(a, b) ON TRUE",
     "SELECT * FROM t LEFT JOIN LATERAL TABLE(F(x)) AS u (a, b) ON TRUE"},
    {"SELECT * FROM t, LATERAL (SELECT 1), UNNEST(arr) WITH ORDINALITY AS u (a, n)",
     "SELECT * FROM t CROSS JOIN LATERAL (SELECT 1) CROSS JOIN UNNEST(arr) WITH ORDINALITY AS u "
     "(a, n)"},
    {"SELECT a FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY c DESC) AS rn FROM t) "
     "WHERE rn <= 3",
     NULL},
    {"SELECT starttime, key, value, rank, day FROM t GROUP BY (a, b)",
     "SELECT starttime, key, value, rank, day FROM t GROUP BY ROW(a, b)"},
    {"insert into t select * from s", "INSERT INTO t SELECT * FROM s"},
    {"INSERT INTO c.d.t (a, b) VALUES (1, 2)", NULL},
    {"INSERT INTO t (SELECT 1)", "INSERT INTO t SELECT 1"},
    {"EXECUTE INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"},
    {"EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2 END",
     "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;\nEND"},
    {"BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END; SELECT 2",
     "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nEND; SELECT 2"},
    {"EXPLAIN SELECT 1", NULL},
    {"EXPLAIN PLAN FOR INSERT INTO t SELECT 1", "EXPLAIN INSERT INTO t SELECT 1"},
    {"EXPLAIN json_execution_plan, estimated_cost SELECT 1",
     "EXPLAIN ESTIMATED_COST, JSON_EXECUTION_PLAN SELECT 1"},
    {"EXPLAIN STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nEND", NULL},
    {"SET 'a.b' = 'it''s'", NULL},
    {"SET table.exec.mini-batch.enabled = true;", "SET 'table.exec.mini-batch.enabled' = 'true'"},
    {"SET a=10s; SET b = file:///tmp/x y ;", "SET 'a' = '10s'; SET 'b' = 'file:///tmp/x y'"},
    {"SET;RESET;RESET 'a'; RESET a.b-c", "SET; RESET; RESET 'a'; RESET 'a.b-c'"},
    {"SHOW TABLES; show views; SHOW CREATE TABLE a.b; SHOW CREATE VIEW v; DESC t; DESCRIBE t",
     "SHOW TABLES; SHOW VIEWS; SHOW CREATE TABLE a.b; SHOW CREATE VIEW v; DESCRIBE t; DESCRIBE t"},
    {"DROP TABLE IF EXISTS t; DROP TEMPORARY VIEW v",
     "DROP TABLE IF EXISTS t; DROP TEMPORARY VIEW v"},
    {"CREATE TEMPORARY VIEW IF NOT EXISTS v (a, b) COMMENT 'c' AS SELECT 1, 2", NULL},
    {"CREATE TABLE t (a INT, PRIMARY KEY (a) NOT ENFORCED,) WITH ('connector'='print',)",
     "CREATE TABLE t (\n  a INT,\n  PRIMARY KEY (a) NOT ENFORCED\n) WITH (\n  'connector' = "
     "'print'\n)"},
    {"CREATE TEMPORARY TABLE IF NOT EXISTS c.d.t (\n"
     "  id STRING NOT NULL CONSTRAINT pk PRIMARY KEY NOT ENFORCED COMMENT 'the id',\n"
     "  `offset` BIGINT METADATA VIRTUAL, p INT METADATA FROM 'partition',\n"
     "  bid ROW<auction BIGINT, price BIGINT>,\n"
     "  dateTime AS CASE WHEN a = 0 THEN person.dateTime ELSE bid.dateTime END COMMENT 'x',\n"
     "  timestamp TIMESTAMP(3), date DATE, end INT,\n"
     "  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND\n"
     ") COMMENT 'events' PARTITIONED BY (p) WITH ('a' = 'b', 'c' = '')",
     "CREATE TEMPORARY TABLE IF NOT EXISTS c.d.t (\n"
     "  id STRING NOT NULL COMMENT 'the id',\n"
     "  `offset` BIGINT METADATA VIRTUAL,\n"
     "  p INT METADATA FROM 'partition',\n"
     "  bid ROW<auction BIGINT, price BIGINT>,\n"
     "  dateTime AS CASE WHEN a = 0 THEN person.dateTime ELSE bid.dateTime END COMMENT 'x',\n"
     "  `timestamp` TIMESTAMP(3),\n"
     "  `date` DATE,\n"
     "  `end` INT,\n"
     "  WATERMARK FOR dateTime AS dateTime - INTERVAL '4' SECOND,\n"
     "  PRIMARY KEY (id) NOT ENFORCED\n"
     ") COMMENT 'events' PARTITIONED BY (p) WITH (\n  'a' = 'b',\n  'c' = ''\n)"},
};

static void test_expressions(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(EXPRESSIONS); i++) {
        check(EXPRESSIONS[i].sql, EXPRESSIONS[i].expected, true);
    }
}

static void test_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(TYPES); i++) {
        const char *expected = TYPES[i].expected != NULL ? TYPES[i].expected : TYPES[i].sql;
        char sql[256];
        char canonical_sql[256];
        snprintf(sql, sizeof(sql), "CAST(a AS %s)", TYPES[i].sql);
        snprintf(canonical_sql, sizeof(canonical_sql), "CAST(a AS %s)", expected);
        check(sql, canonical_sql, true);
    }
}

static void test_statements(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(STATEMENTS); i++) {
        check(STATEMENTS[i].sql, STATEMENTS[i].expected, false);
    }
}

/* The longest chain and the deepest nesting that are accepted are written without harm. */
static void test_large(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        const char *middle;
        const char *after;
        size_t count;
    } ROWS[] = {
        {"", "a", " AND a", 4096}, {"", "a", " - a", 4096},     {"F(", "a", ")", 63},
        {"-F(", "a", ")", 31},     {"", "a", " IS NULL", 4096}, {"", "a[1]", ".b", 4095},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_text sql;
        sl_text_init(&sql, NULL, 0);
        for (size_t k = 0; k < ROWS[i].count; k++) {
            sl_text_append_string(&sql, ROWS[i].before);
        }
        sl_text_append_string(&sql, ROWS[i].middle);
        for (size_t k = 0; k < ROWS[i].count; k++) {
            sl_text_append_string(&sql, ROWS[i].after);
        }
        sl_text_append_char(&sql, '\0');
        check(sql.data, NULL, true);
        sl_text_deinit(&sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
