/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables by name, builtin lists by name, and overload resolution. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sluice/catalog.h"

#define F(function_name, number, count, ...)       \
    static const struct sl_function_def number = { \
        .name = function_name, .parameter_count = count, .parameters = {__VA_ARGS__}}

F("PLUS", PLUS_INT, 2, SL_TYPE_INT, SL_TYPE_INT);
F("PLUS", PLUS_BIGINT, 2, SL_TYPE_BIGINT, SL_TYPE_BIGINT);
F("PLUS", PLUS_DECIMAL, 2, SL_TYPE_DECIMAL, SL_TYPE_DECIMAL);
F("PLUS", PLUS_DOUBLE, 2, SL_TYPE_DOUBLE, SL_TYPE_DOUBLE);
F("PLUS", PLUS_TIME, 2, SL_TYPE_TIMESTAMP, SL_TYPE_INTERVAL_DAY_TIME);
F("LT", LT_TIME, 2, SL_TYPE_TIMESTAMP, SL_TYPE_TIMESTAMP);
F("UPPER", UPPER, 1, SL_TYPE_VARCHAR);
F("COALESCE", COALESCE, 2, SL_TYPE_COUNT, SL_TYPE_COUNT);
F("IS_NULL", IS_NULL, 1, SL_TYPE_COUNT);
F("PI", PI, 0, SL_TYPE_NULL);

static const struct sl_function_def *const NUMBERS[] = {&PLUS_INT,    &PLUS_BIGINT, &PLUS_DECIMAL,
                                                        &PLUS_DOUBLE, &PLUS_TIME,   NULL};
static const struct sl_function_def *const NONE[] = {NULL};
static const struct sl_function_def *const OTHERS[] = {&LT_TIME, &UPPER, &COALESCE,
                                                       &IS_NULL, &PI,    NULL};
static const struct sl_function_def *const *const FUNCTIONS[] = {NONE, NUMBERS, NONE, OTHERS, NULL};
static const struct sl_aggregate_def SUM = {.name = "SUM"};
static const struct sl_aggregate_def *const AGGREGATES[] = {&SUM, NULL};
static const struct sl_connector_def KAFKA = {.name = "kafka"};
static const struct sl_connector_def *const CONNECTORS[] = {&KAFKA, NULL};
static const struct sl_codec_def JSON = {.name = "json"};
static const struct sl_codec_def *const CODECS[] = {&JSON, NULL};
static const struct sl_operator_def FILTER = {.kind = "filter"};
static const struct sl_operator_def *const OPERATORS[] = {&FILTER, NULL};
static const struct sl_builtins BUILTINS = {.connectors = CONNECTORS,
                                            .codecs = CODECS,
                                            .operators = OPERATORS,
                                            .functions = FUNCTIONS,
                                            .aggregates = AGGREGATES};
static const struct sl_builtins EMPTY = {0};

static struct sl_catalog catalog;

static int setup(void **state)
{
    (void)state;
    sl_catalog_init(&catalog, &BUILTINS, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sl_catalog_deinit(&catalog);
    return 0;
}

static const struct sl_catalog_table *table_of(const char *name, uint32_t line)
{
    struct sl_catalog_table *table = SL_ARENA_NEW(&catalog.arena, struct sl_catalog_table);
    table->name = sl_arena_string(&catalog.arena, name);
    table->line = line;
    table->column = 3;
    return table;
}

static void test_tables(void **state)
{
    (void)state;
    struct sl_error err = {0};
    char name[16];
    for (uint32_t i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "t%u", i);
        assert_int_equal(sl_catalog_add(&catalog, table_of(name, i), false, &err), SL_OK);
    }
    assert_int_equal(catalog.table_count, 100);
    assert_int_equal(sl_catalog_find(&catalog, "t57")->line, 57);
    assert_null(sl_catalog_find(&catalog, "T57"));
    assert_int_equal(sl_catalog_add(&catalog, table_of("t57", 9), false, &err), SL_SEMANTIC);
    assert_string_equal(err.text, "table 't57' already exists");
    assert_int_equal(err.line, 9);
    assert_int_equal(err.column, 3);
    assert_int_equal(sl_catalog_add(&catalog, table_of("t57", 9), true, &err), SL_OK);
    assert_int_equal(catalog.table_count, 100);
    assert_int_equal(sl_catalog_find(&catalog, "t57")->line, 9);
    assert_string_equal(catalog.tables[99]->name, "t57");
    assert_true(sl_catalog_remove(&catalog, "t0"));
    assert_false(sl_catalog_remove(&catalog, "t0"));
    assert_null(sl_catalog_find(&catalog, "t0"));
    assert_string_equal(catalog.tables[0]->name, "t1");
}

static void test_builtins(void **state)
{
    (void)state;
    struct sl_catalog empty;
    struct sl_type type;
    const struct sl_function_def *def;
    struct sl_error err;
    assert_ptr_equal(sl_catalog_connector(&catalog, "kafka"), &KAFKA);
    assert_ptr_equal(sl_catalog_codec(&catalog, "json"), &JSON);
    assert_ptr_equal(sl_catalog_operator(&catalog, "filter"), &FILTER);
    assert_ptr_equal(sl_catalog_aggregate(&catalog, "sum"), &SUM);
    assert_null(sl_catalog_connector(&catalog, "Kafka"));
    assert_null(sl_catalog_codec(&catalog, ""));
    sl_catalog_init(&empty, &EMPTY, NULL);
    assert_null(sl_catalog_connector(&empty, "kafka"));
    assert_null(sl_catalog_codec(&empty, "json"));
    assert_null(sl_catalog_operator(&empty, "filter"));
    assert_null(sl_catalog_aggregate(&empty, "SUM"));
    assert_int_equal(sl_catalog_resolve(&empty, "PI", NULL, 0, &def, &type, &err), SL_NOT_FOUND);
    sl_catalog_deinit(&empty);
}

struct resolve_case {
    const char *name;
    struct sl_type arguments[2];
    uint32_t argument_count;
    const struct sl_function_def *expected;
    const char *coerced[2];
};

/* clang-format off */
#define T(name) {.id = SL_TYPE_##name, .nullable = true}
#define CHARS(n) {.id = SL_TYPE_CHAR, .nullable = true, .length = n}
#define DECIMAL(p, s) {.id = SL_TYPE_DECIMAL, .nullable = true, .precision = p, .scale = s}
#define TIMESTAMP(p) {.id = SL_TYPE_TIMESTAMP, .nullable = true, .precision = p}
/* clang-format on */

static void test_resolve(void **state)
{
    (void)state;
    static const struct resolve_case CASES[] = {
        {"PLUS", {T(INT), T(INT)}, 2, &PLUS_INT, {"INT", "INT"}},
        {"plus", {T(TINYINT), T(INT)}, 2, &PLUS_INT, {"INT", "INT"}},
        {"PLUS", {T(INT), T(BIGINT)}, 2, &PLUS_BIGINT, {"BIGINT", "BIGINT"}},
        {"PLUS", {T(INT), DECIMAL(5, 2)}, 2, &PLUS_DECIMAL, {"DECIMAL(10, 0)", "DECIMAL(5, 2)"}},
        {"PLUS", {T(DOUBLE), DECIMAL(5, 2)}, 2, &PLUS_DOUBLE, {"DOUBLE", "DOUBLE"}},
        {"PLUS", {T(NULL), T(BIGINT)}, 2, &PLUS_BIGINT, {"BIGINT", "BIGINT"}},
        {"PLUS",
         {T(DATE), T(INTERVAL_DAY_TIME)},
         2,
         &PLUS_TIME,
         {"TIMESTAMP(3)", "INTERVAL DAY TO SECOND"}},
        {"LT", {TIMESTAMP(4), TIMESTAMP(6)}, 2, &LT_TIME, {"TIMESTAMP(6)", "TIMESTAMP(6)"}},
        {"LT", {TIMESTAMP(3), TIMESTAMP(6)}, 2, &LT_TIME, {"TIMESTAMP(3)", "TIMESTAMP(6)"}},
        {"LT", {T(DATE), TIMESTAMP(9)}, 2, &LT_TIME, {"TIMESTAMP(3)", "TIMESTAMP(9)"}},
        {"UPPER", {CHARS(3)}, 1, &UPPER, {"VARCHAR(3)", NULL}},
        {"COALESCE", {T(INT), T(DOUBLE)}, 2, &COALESCE, {"DOUBLE", "DOUBLE"}},
        {"COALESCE", {CHARS(2), T(NULL)}, 2, &COALESCE, {"CHAR(2)", "CHAR(2)"}},
        {"IS_NULL", {T(BOOLEAN)}, 1, &IS_NULL, {"BOOLEAN", NULL}},
        {"PI", {T(NULL)}, 0, &PI, {NULL, NULL}},
    };
    for (uint32_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        const struct resolve_case *test = &CASES[i];
        const struct sl_function_def *def = NULL;
        struct sl_type coerced[2];
        char text[SL_TYPE_TEXT_BYTES];
        struct sl_error err;
        assert_int_equal(sl_catalog_resolve(&catalog, test->name, test->arguments,
                                            test->argument_count, &def, coerced, &err),
                         SL_OK);
        assert_ptr_equal(def, test->expected);
        for (uint32_t k = 0; k < test->argument_count; k++) {
            coerced[k].nullable = true;
            assert_string_equal(sl_type_format(&coerced[k], text, sizeof text), test->coerced[k]);
        }
        assert_ptr_equal(sl_catalog_function(&catalog, test->name, coerced, test->argument_count),
                         def);
    }
}

static void test_resolve_refuses(void **state)
{
    (void)state;
    struct sl_type arguments[2] = {sl_type_of(SL_TYPE_BOOLEAN), sl_type_of(SL_TYPE_INT)};
    const struct sl_function_def *def;
    struct sl_type coerced[8];
    struct sl_error err;
    assert_int_equal(sl_catalog_resolve(&catalog, "UPPER", arguments, 1, &def, coerced, &err),
                     SL_SEMANTIC);
    assert_string_equal(err.text, "UPPER does not take (BOOLEAN); expected (STRING)");
    assert_int_equal(sl_catalog_resolve(&catalog, "PLUS", arguments, 2, &def, coerced, &err),
                     SL_SEMANTIC);
    assert_string_equal(err.text,
                        "PLUS does not take (BOOLEAN, INT); expected (INT, INT) or (BIGINT, "
                        "BIGINT) or (DECIMAL, DECIMAL) or (DOUBLE, DOUBLE) or (TIMESTAMP, "
                        "INTERVAL DAY TO SECOND)");
    assert_int_equal(sl_catalog_resolve(&catalog, "COALESCE", arguments, 2, &def, coerced, &err),
                     SL_SEMANTIC);
    assert_string_equal(err.text, "COALESCE does not take (BOOLEAN, INT); expected (any, any)");
    assert_int_equal(sl_catalog_resolve(&catalog, "COALESCE", arguments, 1, &def, coerced, &err),
                     SL_SEMANTIC);
    assert_int_equal(sl_catalog_resolve(&catalog, "uper", arguments, 1, &def, coerced, &err),
                     SL_NOT_FOUND);
    assert_string_equal(err.text, "unknown function 'uper'; did you mean 'UPPER'?");
    assert_int_equal(sl_catalog_resolve(&catalog, "sun", arguments, 1, &def, coerced, &err),
                     SL_NOT_FOUND);
    assert_string_equal(err.text, "unknown function 'sun'; did you mean 'SUM'?");
    assert_int_equal(sl_catalog_resolve(&catalog, "NOTHING_LIKE_IT", NULL, 0, &def, coerced, &err),
                     SL_NOT_FOUND);
    assert_string_equal(err.text, "unknown function 'NOTHING_LIKE_IT'");
    assert_null(sl_catalog_function(&catalog, "PLUS", arguments, 2));
    assert_null(sl_catalog_function(&catalog, "COALESCE", arguments, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_builtins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resolve, setup, teardown),
        cmocka_unit_test_setup_teardown(test_resolve_refuses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
