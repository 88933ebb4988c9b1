/* SPDX-License-Identifier: Apache-2.0
 *
 * COUNT, SUM, AVG, MIN and MAX over every type, each case both over raw rows and through partial
 * accumulators: the results must be the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"

struct aggregate_case {
    const char *type;
    const char *aggregates;
    const char *values;   /* separated by ' '; a leading '-' row is written as it is */
    const char *expected; /* results, or "rejected REASON" */
};

static const struct aggregate_case CASES[] = {
    {"BIGINT", "COUNT(*) COUNT(v)", "1 NULL 3", "3|2"},
    {"BIGINT", "COUNT(*) COUNT(v) SUM(v) AVG(v) MIN(v) MAX(v)", "NULL", "1|0|NULL|NULL|NULL|NULL"},
    {"TINYINT", "SUM(v) AVG(v) MIN(v) MAX(v)", "100 -100 27 100", "127|31|-100|100"},
    {"TINYINT", "SUM(v)", "100 100 -100 27", "127"},
    {"TINYINT", "SUM(v)", "100 28", "rejected numeric overflow"},
    {"TINYINT", "AVG(v)", "100 100 101", "100"},
    {"SMALLINT", "SUM(v) MIN(v) MAX(v)", "32767 -1", "32766|-1|32767"},
    {"SMALLINT", "SUM(v)", "-32768 -1", "rejected numeric overflow"},
    {"INT", "SUM(v) AVG(v)", "-7 -8", "-15|-7"},
    {"INT", "SUM(v)", "2147483647 1", "rejected numeric overflow"},
    {"BIGINT", "SUM(v) AVG(v)", "9223372036854775807 9223372036854775807 -9223372036854775807",
     "9223372036854775807|3074457345618258602"},
    {"BIGINT", "SUM(v)", "9223372036854775807 1", "rejected numeric overflow"},
    {"BIGINT", "SUM(v)", "-9223372036854775808 -1", "rejected numeric overflow"},
    {"BIGINT", "AVG(v)", "9223372036854775807 9223372036854775807", "9223372036854775807"},
    {"BIGINT", "MIN(v) MAX(v)", "0 -9223372036854775808 9223372036854775807",
     "-9223372036854775808|9223372036854775807"},
    {"DOUBLE", "SUM(v) AVG(v) MIN(v) MAX(v)", "1.5 2.5 -1.0", "3.0|1.0|-1.0|2.5"},
    {"DOUBLE", "MIN(v) MAX(v)", "0.0 -0.0 NULL", "-0.0|0.0"},
    {"DOUBLE", "MIN(v) MAX(v)", "NaN 1.0 -Infinity", "-Infinity|NaN"},
    {"DOUBLE", "SUM(v)", "1e308 1e308", "Infinity"},
    {"FLOAT", "SUM(v) AVG(v) MIN(v) MAX(v)", "1.5 2.0", "3.5|1.75|1.5|2.0"},
    {"DECIMAL(10,2)", "SUM(v) AVG(v) MIN(v) MAX(v)", "1.25 2.50 0.00", "3.75|1.250000|0.00|2.50"},
    {"DECIMAL(10,2)", "AVG(v)", "0.01 0.00 0.01", "0.006667"},
    {"DECIMAL(10,2)", "AVG(v)", "-0.01 0.00 -0.01", "-0.006667"},
    {"DECIMAL(38,0)", "SUM(v) MAX(v)", "99999999999999999999999999999999999998 1",
     "99999999999999999999999999999999999999|99999999999999999999999999999999999998"},
    {"DECIMAL(38,0)", "SUM(v)", "99999999999999999999999999999999999999 1",
     "rejected numeric overflow"},
    {"STRING", "MIN(v) MAX(v)", "pear apple a-string-longer-than-twelve-bytes NULL zoo",
     "a-string-longer-than-twelve-bytes|zoo"},
    {"STRING", "MIN(v) MAX(v)", "prefix-of-many-strings-2 prefix-of-many-strings-10",
     "prefix-of-many-strings-10|prefix-of-many-strings-2"},
    {"BOOLEAN", "MIN(v) MAX(v)", "TRUE FALSE", "false|true"},
    {"DATE", "MIN(v) MAX(v)", "2026-01-02 1969-12-31", "1969-12-31|2026-01-02"},
    {"BIGINT", "COUNT(*) COUNT(*)?f SUM(v)?f MIN(v)?f", "1 NULL 3", "3|0|NULL|NULL"},
};

enum { INPUT_BYTES = 1024 };

/* Rows "1970-01-01 00:00:01.000|VALUE|NULL". */
static void rows_of(const struct aggregate_case *item, char *rows)
{
    const char *at = item->values;
    size_t length = 0;
    while (*at != '\0') {
        size_t value_bytes = strcspn(at, " ");
        length += (size_t)snprintf(rows + length, INPUT_BYTES - length,
                                   "1970-01-01 00:00:01.000|%.*s|NULL\n", (int)value_bytes, at);
        assert_true(length < INPUT_BYTES);
        at += value_bytes + (at[value_bytes] == ' ');
    }
}

static void specs_of(const struct aggregate_case *item, char *schema, struct drive_spec *local,
                     struct drive_spec *global)
{
    snprintf(schema, INPUT_BYTES, "ts TIMESTAMP(3), v %s, f BOOLEAN", item->type);
    *local = (struct drive_spec){.kind = "local_window_aggregate",
                                 .input = schema,
                                 .aggregates = item->aggregates,
                                 .assigner = "TUMBLE",
                                 .size_ms = 10000};
    *global = *local;
    global->kind = "global_window_aggregate";
}

static void check_log(struct drive *drive, const struct aggregate_case *item, const char *how)
{
    char expected[INPUT_BYTES];
    size_t length = strlen(item->expected);
    bool is_rejected = strncmp(item->expected, "rejected", 8) == 0;
    snprintf(expected, sizeof expected, "%s%s", item->expected, is_rejected ? ":" : "|1970");
    length = strlen(expected);
    if (drive->log.length < length || memcmp(drive->log.data, expected, length) != 0) {
        sl_text_append_char(&drive->log, '\0');
        fail_msg("%s %s of %s (%s): expected %s, got %s", item->type, item->aggregates,
                 item->values, how, item->expected, drive->log.data);
    }
    sl_text_reset(&drive->log);
}

static void check_case(const struct aggregate_case *item)
{
    char schema[INPUT_BYTES];
    char rows[INPUT_BYTES];
    struct drive_spec local_spec;
    struct drive_spec global_spec;
    static struct drive local;
    static struct drive global;
    rows_of(item, rows);
    specs_of(item, schema, &local_spec, &global_spec);

    drive_init(&global, &global_spec);
    drive_open(&global);
    drive_rows(&global, rows);
    drive_signal(&global, SL_SIGNAL_WATERMARK, INT64_MAX);
    check_log(&global, item, "raw");
    drive_close(&global);

    global_spec.is_partial_input = true;
    drive_init(&global, &global_spec);
    drive_open(&global);
    drive_init(&local, &local_spec);
    local.next = &global;
    drive_open(&local);
    char *second = strchr(rows, '\n') + 1;
    char kept = *second;
    *second = '\0';
    drive_rows(&local, rows);
    drive_signal(&local, SL_SIGNAL_BARRIER, 1);
    *second = kept;
    if (kept != '\0') {
        drive_rows(&local, second);
    }
    drive_signal(&local, SL_SIGNAL_WATERMARK, INT64_MAX);
    check_log(&global, item, "partial");
    drive_close(&local);
    drive_close(&global);
}

static void test_cases(void **test_state)
{
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        check_case(&CASES[i]);
    }
}

/* Functions over one column work together: every set of them, with and without NULL, tells what
 * each says alone. A second SUM, or one over rows that FILTER passes, stays by itself. */
static void test_every_set_over_one_column(void **test_state)
{
    static const char *const functions[] = {"COUNT(*)", "AVG(v)", "MIN(v)",  "MAX(v)",
                                            "COUNT(v)", "SUM(v)", "SUM(v)?f"};
    static const struct {
        const char *type;
        const char *values;
        const char *results[7];
    } columns[] = {
        {"DOUBLE", "2.5 0.5 -3.0", {"3", "0.0", "-3.0", "2.5", "3", "0.0", "NULL"}},
        {"DOUBLE", "0.0 -0.0 NaN", {"3", "NaN", "-0.0", "NaN", "3", "NaN", "NULL"}},
        {"DOUBLE", "NULL 0.5 1.0", {"3", "0.75", "0.5", "1.0", "2", "1.5", "NULL"}},
        {"BIGINT", "7 -9 -4", {"3", "-2", "-9", "7", "3", "-6", "NULL"}},
        {"INT", "7 -9 -4", {"3", "-2", "-9", "7", "3", "-6", "NULL"}},
        {"SMALLINT", "7 -9 -4", {"3", "-2", "-9", "7", "3", "-6", "NULL"}},
    };
    (void)test_state;
    for (uint32_t idx = 0; idx < SL_COUNT_OF(columns) * 128; idx++) {
        char aggregates[INPUT_BYTES] = "";
        char expected[INPUT_BYTES] = "";
        uint32_t column = idx / 128;
        for (uint32_t i = 0; i < SL_COUNT_OF(functions); i++) {
            if (idx & 1u << i) {
                const char *gap = aggregates[0] == '\0' ? "" : " ";
                size_t length = strlen(aggregates);
                snprintf(aggregates + length, INPUT_BYTES - length, "%s%s", gap, functions[i]);
                length = strlen(expected);
                snprintf(expected + length, INPUT_BYTES - length, "%s%s", gap[0] == '\0' ? "" : "|",
                         columns[column].results[i]);
            }
        }
        if (idx % 128 != 0) {
            check_case(&(struct aggregate_case){columns[column].type, aggregates,
                                                columns[column].values, expected});
        }
    }
}

static const struct {
    const char *function;
    const char *argument;
    const char *result; /* NULL: refused */
} TYPES[] = {
    {"COUNT", "STRING", "BIGINT NOT NULL"},
    {"SUM", "TINYINT NOT NULL", "TINYINT"},
    {"SUM", "BIGINT", "BIGINT"},
    {"SUM", "FLOAT", "FLOAT"},
    {"SUM", "DECIMAL(10,2)", "DECIMAL(38, 2)"},
    {"SUM", "STRING", NULL},
    {"AVG", "INT", "INT"},
    {"AVG", "DECIMAL(10,2)", "DECIMAL(38, 6)"},
    {"AVG", "DECIMAL(10,8)", "DECIMAL(38, 8)"},
    {"AVG", "BOOLEAN", NULL},
    {"MIN", "STRING", "STRING"},
    {"MAX", "TIMESTAMP(3) NOT NULL", "TIMESTAMP(3)"},
};

static void test_result_types(void **test_state)
{
    struct support support;
    (void)test_state;
    support_open(&support);
    for (size_t i = 0; i < SL_COUNT_OF(TYPES); i++) {
        char text[SL_TYPE_TEXT_BYTES];
        struct sl_type argument = support_type(&support, TYPES[i].argument);
        struct sl_type result;
        const struct sl_aggregate_def *def =
            sl_catalog_aggregate(&support.catalog, TYPES[i].function);
        assert_non_null(def);
        enum sl_status status = def->result_type(&argument, NULL, 1, &result, &support.err);
        if (TYPES[i].result == NULL) {
            assert_int_equal(status, SL_SEMANTIC);
            continue;
        }
        assert_int_equal(status, SL_OK);
        assert_string_equal(sl_type_format(&result, text, sizeof text), TYPES[i].result);
        assert_int_equal(def->result_type(&argument, NULL, 2, &result, &support.err), SL_SEMANTIC);
    }
    support_close(&support);
}

/* A sum that passes 128 bits is noticed while rows are added, and that row is rejected. */
static void test_accumulator_overflow(void **test_state)
{
    static struct drive drive;
    const struct drive_spec spec = {
        .kind = "group_aggregate", .input = "v DECIMAL(38,0)", .aggregates = "SUM(v) COUNT(*)"};
    (void)test_state;
    drive_init(&drive, &spec);
    drive_open(&drive);
    drive_rows(&drive, "99999999999999999999999999999999999999\n"
                       "99999999999999999999999999999999999999\n");
    drive_expect(&drive,
                 "99999999999999999999999999999999999999|2\n"
                 "rejected numeric overflow: {\"v\":99999999999999999999999999999999999999}\n");
    drive_close(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_every_set_over_one_column),
        cmocka_unit_test(test_result_types),
        cmocka_unit_test(test_accumulator_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
