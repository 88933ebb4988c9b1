/* SPDX-License-Identifier: Apache-2.0
 *
 * What the planner refuses: each bad script with its line, column and message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_catalog.h"

struct bad {
    const char *sql;
    uint32_t line;
    uint32_t column;
    enum sl_status status;
    const char *text;
};

#define WINDOW "FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '10' SECOND)) "

static const struct bad BAD[] = {
    /* names */
    {"SELECT tmp FROM sensors", 1, 8, SL_SEMANTIC, "unknown column 'tmp'; did you mean 'temp'?"},
    {"SELECT 1 FROM sensor", 1, 15, SL_SEMANTIC, "unknown table 'sensor'; did you mean 'sensors'?"},
    {"SELECT s.temp\nFROM sensors", 1, 8, SL_SEMANTIC, "unknown table 's'"},
    {"SELECT x.* FROM sensors AS other", 1, 8, SL_SEMANTIC, "unknown table 'x'"},
    {"SELECT Temp FROM sensors", 1, 8, SL_SEMANTIC, "unknown column 'Temp'; did you mean 'temp'?"},
    {"SELECT t FROM sensors AS s (a, b)", 1, 15, SL_SEMANTIC, "2 column names for 7 columns"},
    {"SELECT a FROM (SELECT temp a, hits a0 FROM sensors) WHERE other = 1", 1, 59, SL_SEMANTIC,
     "unknown column 'other'"},
    {"SELECT device FROM other.sensors", 1, 20, SL_UNSUPPORTED,
     "'other': only default_catalog.default_database is there; other catalogs and databases are "
     "not supported yet"},
    {"SELECT device.x FROM sensors", 1, 8, SL_UNSUPPORTED,
     "a field of a ROW column is not supported yet"},
    {"SELECT FOO(temp) FROM sensors", 1, 8, SL_NOT_FOUND, "unknown function 'FOO'"},
    {"SELECT LISTAGG(device) FROM sensors", 1, 8, SL_UNSUPPORTED,
     "function LISTAGG is not supported yet"},
    {"SELECT PROCTIME() FROM sensors", 1, 8, SL_UNSUPPORTED,
     "function PROCTIME is not supported yet"},
    /* types */
    {"SELECT device + 1 FROM sensors", 1, 15, SL_SEMANTIC, "'+' does not take STRING and INT"},
    {"SELECT device FROM sensors WHERE temp", 1, 34, SL_SEMANTIC,
     "WHERE must be BOOLEAN, this is DOUBLE"},
    {"SELECT device FROM sensors WHERE temp AND TRUE", 1, 34, SL_SEMANTIC,
     "each side of AND must be BOOLEAN, this is DOUBLE"},
    {"SELECT CAST(ts AS INT) FROM sensors", 1, 8, SL_SEMANTIC,
     "cannot cast TIMESTAMP_LTZ(3) to INT"},
    {"SELECT CASE WHEN hits > 1 THEN 1 ELSE 'x' END FROM sensors", 1, 39, SL_SEMANTIC,
     "the values of CASE have no common type: INT NOT NULL and CHAR(1) NOT NULL"},
    {"SELECT hits IN ('x') FROM sensors", 1, 17, SL_SEMANTIC,
     "the value and the list of IN have no common type: INT and CHAR(1) NOT NULL"},
    {"SELECT NULL AS x FROM sensors", 1, 1, SL_SEMANTIC,
     "column 'x' has no type: write CAST(NULL AS type)"},
    /* aggregates */
    {"SELECT COUNT(*) FROM sensors WHERE COUNT(*) > 1", 1, 36, SL_SEMANTIC,
     "aggregate COUNT is not allowed in WHERE"},
    {"SELECT SUM(COUNT(*)) FROM sensors", 1, 12, SL_SEMANTIC,
     "aggregate COUNT is not allowed in an aggregate"},
    {"SELECT device, temp FROM sensors GROUP BY device", 1, 16, SL_SEMANTIC,
     "column 'temp' must stand in GROUP BY or inside an aggregate"},
    {"SELECT device FROM sensors HAVING COUNT(*) > 1", 1, 8, SL_SEMANTIC,
     "column 'device' must stand in GROUP BY or inside an aggregate"},
    {"SELECT COUNT(DISTINCT device) FROM sensors", 1, 8, SL_UNSUPPORTED,
     "an aggregate with DISTINCT is not supported yet"},
    {"SELECT ABS(DISTINCT hits) FROM sensors", 1, 8, SL_SEMANTIC,
     "ABS is not an aggregate: it takes no *, DISTINCT or FILTER"},
    {"SELECT SUM(device) FROM sensors", 1, 8, SL_SEMANTIC, "SUM and AVG take a number"},
    {"SELECT COUNT(*) OVER (ORDER BY ts) FROM sensors", 1, 8, SL_UNSUPPORTED,
     "OVER is not supported yet"},
    {"SELECT MAX(n) FROM (SELECT device, COUNT(*) AS n FROM sensors GROUP BY device)", 1, 8,
     SL_UNSUPPORTED, "MAX over an updating input is not supported yet"},
    /* windows */
    {"SELECT * FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ms), INTERVAL '1' SECOND))", 1, 54,
     SL_SEMANTIC,
     "TUMBLE needs a time attribute, which column 'ms' is not: declare WATERMARK FOR ms in its "
     "table"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), 10))", 1, 59, SL_SEMANTIC,
     "SIZE must be a literal like INTERVAL '10' SECOND"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '0' SECOND))", 1, 59,
     SL_SEMANTIC, "SIZE must be longer than 0"},
    {"SELECT * FROM TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts)))", 1, 21, SL_SEMANTIC,
     "TUMBLE: argument SIZE is missing"},
    {"SELECT * FROM TABLE(HOP(TABLE sensors, DESCRIPTOR(ts), INTERVAL '3' SECOND, INTERVAL '10' "
     "SECOND))",
     1, 77, SL_SEMANTIC, "HOP: SIZE must be a multiple of SLIDE"},
    {"SELECT * FROM TABLE(TUMBLE(DATA => TABLE sensors, TIMECOL => DESCRIPTOR(ts), SIZ => "
     "INTERVAL '1' SECOND))",
     1, 78, SL_SEMANTIC, "TUMBLE has no argument 'SIZ'; did you mean 'SIZE'?"},
    {"SELECT * FROM TABLE(SESSION(TABLE sensors, DESCRIPTOR(ts), INTERVAL '1' SECOND))", 1, 21,
     SL_UNSUPPORTED, "table function SESSION is not supported yet"},
    {"CREATE VIEW v AS SELECT window_start, window_end, window_time, COUNT(*) AS n " WINDOW
     "GROUP BY window_start, window_end, window_time;\n"
     "SELECT * FROM TABLE(TUMBLE(TABLE v, DESCRIPTOR(window_time), INTERVAL '1' HOUR))",
     2, 21, SL_SEMANTIC,
     "the windowed table has a column 'window_start' already: rename it in a view, as the window "
     "adds one of that name"},
    {"SELECT MAX(window_start) " WINDOW "GROUP BY window_start, window_end", 1, 12, SL_UNSUPPORTED,
     "an aggregate over a window's own column is not supported yet"},
    {"SELECT COUNT(*) FROM sensors GROUP BY TUMBLE(ts, INTERVAL '1' SECOND)", 1, 39, SL_UNSUPPORTED,
     "TUMBLE as a group window is not supported yet; write FROM TABLE(TUMBLE(TABLE t, "
     "DESCRIPTOR(ts), size)) and GROUP BY window_start, window_end"},
    /* what is not there yet */
    {"SELECT 1", 1, 1, SL_UNSUPPORTED, "SELECT without FROM is not supported yet"},
    {"SELECT * FROM sensors, clicks", 1, 22, SL_UNSUPPORTED, "a join is not supported yet"},
    {"SELECT * FROM sensors a JOIN clicks b ON a.ms = b.n", 1, 25, SL_UNSUPPORTED,
     "a join is not supported yet"},
    {"SELECT device FROM sensors UNION ALL SELECT url FROM clicks", 1, 1, SL_UNSUPPORTED,
     "UNION is not supported yet"},
    {"SELECT device FROM sensors ORDER BY ts", 1, 37, SL_UNSUPPORTED,
     "ORDER BY is not supported yet"},
    {"SELECT device FROM sensors LIMIT 5", 1, 34, SL_UNSUPPORTED, "LIMIT is not supported yet"},
    {"SELECT device FROM sensors WHERE hits IN (SELECT n FROM clicks)", 1, 34, SL_UNSUPPORTED,
     "IN with a subquery is not supported yet"},
    {"INSERT INTO sink VALUES (1)", 1, 18, SL_UNSUPPORTED, "VALUES is not supported yet"},
    {"EXPLAIN JSON_EXECUTION_PLAN SELECT device FROM sensors", 1, 1, SL_UNSUPPORTED,
     "EXPLAIN JSON_EXECUTION_PLAN is not supported yet"},
    /* INSERT */
    {"INSERT INTO nowhere SELECT device FROM sensors", 1, 13, SL_SEMANTIC,
     "unknown table 'nowhere'"},
    {"INSERT INTO alerts SELECT device FROM sensors", 1, 20, SL_SEMANTIC,
     "table 'alerts' takes 2 columns here, the query gives 1"},
    {"INSERT INTO alerts (device, tmp) SELECT device, temp FROM sensors", 1, 29, SL_SEMANTIC,
     "unknown column 'tmp'; did you mean 'temp'?"},
    {"INSERT INTO alerts (temp, temp) SELECT temp, temp FROM sensors", 1, 27, SL_SEMANTIC,
     "column 'temp' is written twice"},
    {"INSERT INTO totals (n) SELECT ms FROM sensors", 1, 13, SL_SEMANTIC,
     "column 'device' of table 'totals' is NOT NULL and must be written"},
    {"INSERT INTO sink SELECT device FROM sensors", 1, 25, SL_SEMANTIC,
     "column 'n' of table 'sink' is BIGINT, the query gives STRING NOT NULL; write a CAST"},
    {"INSERT INTO sink SELECT temp FROM sensors", 1, 25, SL_SEMANTIC,
     "column 'n' of table 'sink' is BIGINT, the query gives DOUBLE; write a CAST"},
    {"INSERT INTO alerts SELECT device, SUM(temp) FROM sensors GROUP BY device", 1, 13, SL_SEMANTIC,
     "table 'alerts' (connector 'events') doesn't support consuming update changes"},
    {"SELECT * FROM sink", 1, 15, SL_SEMANTIC, "table 'sink' (connector 'void') cannot be read"},
    /* tables */
    {"CREATE TABLE sensors (a INT)", 1, 14, SL_SEMANTIC, "table 'sensors' exists already"},
    {"CREATE TABLE x (a INT, a INT)", 1, 24, SL_SEMANTIC, "column 'a' is declared twice"},
    {"CREATE TABLE x (a INT, b AS other + 1)", 1, 29, SL_SEMANTIC, "unknown column 'other'"},
    {"CREATE TABLE x (a INT, b AS SUM(a))", 1, 29, SL_SEMANTIC,
     "aggregate SUM is not allowed in CREATE TABLE"},
    {"CREATE TABLE x (a INT,\n  WATERMARK FOR a AS a)", 2, 17, SL_SEMANTIC,
     "WATERMARK needs a TIMESTAMP(3) or TIMESTAMP_LTZ(3) column, 'a' is INT"},
    {"CREATE TABLE x (a TIMESTAMP(3), WATERMARK FOR other AS a)", 1, 47, SL_SEMANTIC,
     "unknown column 'other'"},
    {"CREATE TABLE x (a INT, PRIMARY KEY (b) NOT ENFORCED)", 1, 37, SL_SEMANTIC,
     "PRIMARY KEY: 'b' is not a physical column of the table"},
    {"CREATE TABLE x (a INT) PARTITIONED BY (a) WITH ('connector' = 'void')", 1, 40, SL_UNSUPPORTED,
     "PARTITIONED BY is not supported yet"},
    {"CREATE TABLE x (a INT); SELECT * FROM x", 1, 14, SL_OPTION,
     "table 'x': option 'connector' is required"},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'event'); SELECT * FROM x", 1, 30, SL_OPTION,
     "table 'x': unknown connector 'event'; did you mean 'events'?"},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'rabbits'); SELECT * FROM x", 1, 30, SL_OPTION,
     "connector 'rabbits' was left out of this build: its library was not found"},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'events', 'topic' = 'x'); SELECT * FROM x", 1, 14,
     SL_OPTION, "table 'x': option 'format' is required"},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'events', 'topic' = 'x', 'format' = 'jsn');\n"
     "SELECT * FROM x",
     1, 69, SL_OPTION, "table 'x': unknown format 'jsn'; did you mean 'json'?"},
    {"CREATE TABLE x (a INT) WITH ('connector' = 'events', 'topic' = 'x', 'format' = 'lines');\n"
     "SELECT * FROM x",
     1, 69, SL_OPTION, "table 'x': format 'lines' cannot be read"},
    {"CREATE TABLE x (a INT, m INT METADATA FROM 'ofset') WITH ('connector' = 'events', 'topic' = "
     "'x', 'format' = 'json'); SELECT * FROM x",
     1, 24, SL_SEMANTIC,
     "connector 'events' has no metadata 'ofset' for column 'm'; did you mean 'offset'?"},
    {"SELECT * FROM sensors /*+ OPTIONS('connector' = 'void') */", 1, 35, SL_OPTION,
     "option 'connector' cannot be changed by a hint"},
    {"DROP TABLE nowhere", 1, 12, SL_SEMANTIC, "unknown table 'nowhere'"},
    {"CREATE VIEW v AS SELECT tmp FROM sensors", 1, 25, SL_SEMANTIC,
     "unknown column 'tmp'; did you mean 'temp'?"},
    {"CREATE VIEW v AS SELECT temp FROM sensors;\nDROP TABLE v", 2, 12, SL_SEMANTIC,
     "'v' is a view: write DROP VIEW"},
    {"CREATE VIEW v AS SELECT temp FROM sensors;\nINSERT INTO v SELECT 1 FROM sensors", 2, 13,
     SL_SEMANTIC, "'v' is a view and cannot be written"},
    {"CREATE VIEW v AS SELECT temp FROM sensors;\nDROP TABLE sensors;\nSELECT temp FROM v", 3, 18,
     SL_SEMANTIC, "unknown table 'sensors'"},
    {"SHOW CREATE VIEW sensors", 1, 18, SL_SEMANTIC, "'sensors' is a table"},
    {"DESCRIBE sensor", 1, 10, SL_SEMANTIC, "unknown table 'sensor'; did you mean 'sensors'?"},
};

static void test_bad_scripts(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(BAD); i++) {
        const struct bad *bad = &BAD[i];
        struct support_planner planner;
        support_planner_init(&planner);
        assert_int_equal(support_compile(&planner, support_tables), SL_OK);
        enum sl_status status = support_compile(&planner, bad->sql);
        const struct sl_error *err = &planner.err;
        if (status != bad->status || err->line != bad->line || err->column != bad->column ||
            strcmp(err->text, bad->text) != 0) {
            fail_msg("%s\n  expected %u:%u %s: %s\n  got      %u:%u %s: %s", bad->sql, bad->line,
                     bad->column, sl_status_text(bad->status), bad->text, err->line, err->column,
                     sl_status_text(status), status == SL_OK ? "" : err->text);
        }
        support_planner_deinit(&planner);
    }
}

/* Bad options go through sl_options_check, whose texts are tested with it. */
static void test_bad_options_have_positions(void **state)
{
    (void)state;
    struct support_planner planner;
    support_planner_init(&planner);
    assert_int_equal(support_compile(&planner,
                                     "CREATE TABLE x (a INT) WITH ('connector' = 'events',\n"
                                     "  'topc' = 'x', 'format' = 'json');\nSELECT * FROM x"),
                     SL_OPTION);
    assert_int_equal(planner.err.line, 2);
    assert_int_equal(planner.err.column, 3);
    assert_non_null(strstr(planner.err.text, "topic"));
    support_planner_deinit(&planner);
}

/* Deep and wide expressions end in an answer: a plan or SL_LIMIT. */
static void test_large_expressions(void **state)
{
    (void)state;
    static char sql[400000];
    static const struct {
        const char *head;
        const char *repeated;
        const char *tail;
        int count;
        enum sl_status status;
    } cases[] = {
        {"SELECT device FROM sensors WHERE hits IN (0", ", 17", ")", 9000, SL_OK},
        {"SELECT hits", " + 1", " FROM sensors", 1000, SL_OK},
        {"SELECT hits", " + 1", " FROM sensors", 60000, SL_LIMIT},
        {"SELECT device FROM sensors WHERE TRUE", " AND hits > 1", "", 1000, SL_OK},
        {"SELECT GREATEST(hits", ", ms", ") FROM sensors", 40, SL_LIMIT},
    };
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        size_t length = (size_t)snprintf(sql, sizeof sql, "%s", cases[i].head);
        for (int n = 0; n < cases[i].count; n++) {
            length += (size_t)snprintf(sql + length, sizeof sql - length, "%s", cases[i].repeated);
        }
        snprintf(sql + length, sizeof sql - length, "%s", cases[i].tail);
        struct support_planner planner;
        support_planner_init(&planner);
        assert_int_equal(support_compile(&planner, support_tables), SL_OK);
        enum sl_status status = support_compile(&planner, sql);
        if (status != cases[i].status) {
            fail_msg("case %zu: %s: %s", i, sl_status_text(status), planner.err.text);
        }
        support_planner_deinit(&planner);
    }
}

/* Whatever the memory limit, compiling ends with SL_MEMORY or a plan. */
static void test_memory_limits(void **state)
{
    (void)state;
    static const char sql[] =
        "CREATE VIEW v AS SELECT device, temp * 2 AS f, ts FROM sensors WHERE temp > 20;"
        "SELECT device, window_end, SUM(f), COUNT(*) FILTER (WHERE f BETWEEN 1 AND 2) FROM "
        "TABLE(TUMBLE(TABLE v, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, "
        "window_end, device HAVING COUNT(*) > 3; DESCRIBE v; SHOW CREATE TABLE sensors";
    bool succeeded = false;
    for (int64_t limit = 4096; !succeeded && limit < 16 * 1024 * 1024; limit += 4096) {
        struct sl_account account = {.name = "planner", .limit_bytes = limit};
        struct support_planner planner;
        support_planner_init(&planner);
        planner.arena.account = &account;
        planner.arena.chunk_bytes = 1024;
        enum sl_status status = support_compile(&planner, support_tables);
        if (status == SL_OK) {
            status = support_compile(&planner, sql);
        }
        assert_true(status == SL_OK || status == SL_MEMORY);
        succeeded = status == SL_OK;
        support_planner_deinit(&planner);
    }
    assert_true(succeeded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_scripts),
        cmocka_unit_test(test_bad_options_have_positions),
        cmocka_unit_test(test_large_expressions),
        cmocka_unit_test(test_memory_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
