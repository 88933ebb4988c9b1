/* SPDX-License-Identifier: Apache-2.0
 *
 * Options: what is accepted, what each refusal says, typed values, defaults and masks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sluice/option.h"

static const struct sl_option_def CONNECTOR[] = {
    {.name = "topic", .type = SL_OPTION_STRING, .required = true, .help = "the topic to read"},
    {.name = "scan.startup.mode",
     .type = SL_OPTION_ENUM,
     .default_text = "group-offsets",
     .choices = "group-offsets|earliest-offset|latest-offset"},
    {.name = "scan.interval", .type = SL_OPTION_DURATION, .default_text = "5 s"},
    {.name = "buffer.size", .type = SL_OPTION_BYTES, .default_text = "1 mb"},
    {.name = "rows", .type = SL_OPTION_INT64},
    {.name = "rate", .type = SL_OPTION_DOUBLE, .default_text = "0.5"},
    {.name = "loud", .type = SL_OPTION_BOOL, .default_text = "true"},
    {.name = "code", .type = SL_OPTION_INT64, .secret = true},
    {.name = "properties.*", .type = SL_OPTION_STRING},
    {0}};
static const struct sl_option_def FORMAT[] = {
    {.name = "json.strict", .type = SL_OPTION_BOOL},
    {.name = "properties.number", .type = SL_OPTION_INT64},
    {0}};
static const struct sl_option_def *const TABLES[] = {CONNECTOR, FORMAT, NULL};

struct check_case {
    const char *name;
    const char *value;
    const char *error; /* NULL = accepted */
};

static void test_check(void **state)
{
    (void)state;
    static const struct check_case CASES[] = {
        {"scan.startup.mode", "earliest-offset", NULL},
        {"scan.startup.mode", "earliest",
         "option 'scan.startup.mode' of connector 'kafka': expected "
         "group-offsets|earliest-offset|latest-offset, found 'earliest'"},
        {"scan.startup.mode", "",
         "option 'scan.startup.mode' of connector 'kafka': expected "
         "group-offsets|earliest-offset|latest-offset, found ''"},
        {"scan.startup.mode", "group-offsets|earliest-offset",
         "option 'scan.startup.mode' of connector 'kafka': expected "
         "group-offsets|earliest-offset|latest-offset, found 'group-offsets|earliest-offset'"},
        {"scan.interval", "10 sec", NULL},
        {"scan.interval", "soon",
         "option 'scan.interval' of connector 'kafka': expected a "
         "duration such as '5 s', found 'soon'"},
        {"buffer.size", "12 kb", NULL},
        {"buffer.size", "much",
         "option 'buffer.size' of connector 'kafka': expected a size such as '128 mb', found "
         "'much'"},
        {"rows", "-12", NULL},
        {"rows", "1.5", "option 'rows' of connector 'kafka': expected an integer, found '1.5'"},
        {"rate", "1e-3", NULL},
        {"rate", "fast", "option 'rate' of connector 'kafka': expected a number, found 'fast'"},
        {"loud", "FALSE", NULL},
        {"loud", "yes", "option 'loud' of connector 'kafka': expected true or false, found 'yes'"},
        {"code", "hunter2",
         "option 'code' of connector 'kafka': expected an integer, found '******'"},
        {"json.strict", "true", NULL},
        {"properties.group.id", "anything", NULL},
        {"properties.number", "12", NULL},
        {"properties.number", "twelve",
         "option 'properties.number' of connector 'kafka': expected an integer, found 'twelve'"},
        {"properties.", "x", "unknown option 'properties.' of connector 'kafka'"},
        {"topik", "x", "unknown option 'topik' of connector 'kafka'; did you mean 'topic'?"},
        {"scan.startup.mod", "x",
         "unknown option 'scan.startup.mod' of connector 'kafka'; did you mean "
         "'scan.startup.mode'?"},
        {"completely.different", "x", "unknown option 'completely.different' of connector 'kafka'"},
    };
    for (uint32_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct sl_option items[] = {{"topic", "t", 1, 1}, {CASES[i].name, CASES[i].value, 7, 12}};
        struct sl_options options = {items, 2};
        struct sl_error err = {0};
        enum sl_status status = sl_options_check(&options, TABLES, "connector 'kafka'", &err);
        assert_int_equal(status, CASES[i].error == NULL ? SL_OK : SL_OPTION);
        if (CASES[i].error != NULL) {
            assert_string_equal(err.text, CASES[i].error);
            assert_int_equal(err.line, 7);
            assert_int_equal(err.column, 12);
        }
    }
}

static void test_required(void **state)
{
    (void)state;
    struct sl_options none = {NULL, 0};
    struct sl_error err = {0};
    assert_int_equal(sl_options_check(&none, TABLES, "connector 'kafka'", &err), SL_OPTION);
    assert_string_equal(err.text, "missing option 'topic' of connector 'kafka': the topic to read");
    assert_int_equal(sl_options_check(&none, TABLES + 1, "format 'json'", &err), SL_OK);
    assert_int_equal(sl_options_check(&none, TABLES + 2, "nothing", NULL), SL_OK);
}

static void test_typed(void **state)
{
    (void)state;
    struct sl_option items[] = {
        {"scan.interval", "1min", 1, 1}, {"rows", "42", 1, 1}, {"loud", "False", 1, 1}};
    struct sl_options set = {items, 3};
    struct sl_options none = {NULL, 0};
    assert_int_equal(sl_option_int64(&set, CONNECTOR, "scan.interval"), 60000);
    assert_int_equal(sl_option_int64(&none, CONNECTOR, "scan.interval"), 5000);
    assert_int_equal(sl_option_int64(&none, CONNECTOR, "buffer.size"), 1 << 20);
    assert_int_equal(sl_option_int64(&set, CONNECTOR, "rows"), 42);
    assert_int_equal(sl_option_int64(&set, NULL, "rows"), 42);
    assert_int_equal(sl_option_int64(&none, CONNECTOR, "rows"), 0);
    assert_int_equal(sl_option_int64(&none, CONNECTOR, "no such"), 0);
    assert_true(sl_option_double(&none, CONNECTOR, "rate") == 0.5);
    assert_false(sl_option_bool(&set, CONNECTOR, "loud"));
    assert_true(sl_option_bool(&none, CONNECTOR, "loud"));
    assert_string_equal(sl_option_text(&none, CONNECTOR, "scan.startup.mode"), "group-offsets");
    assert_null(sl_option_text(&none, CONNECTOR, "topic"));
    assert_null(sl_option_text(&none, NULL, "topic"));
    assert_true(sl_option_is_set(&set, "rows"));
    assert_false(sl_option_is_set(&none, "rows"));
}

static void test_masked(void **state)
{
    (void)state;
    static const char *const SECRETS[] = {
        "code",          "properties.sasl.password",    "properties.sasl.jaas.config",
        "client-SECRET", "properties.ssl.key.location", "auth.Token"};
    for (uint32_t i = 0; i < SL_COUNT_OF(SECRETS); i++) {
        struct sl_option option = {SECRETS[i], "hunter2", 0, 0};
        assert_string_equal(sl_option_masked(TABLES, &option), "******");
    }
    struct sl_option topic = {"topic", "events", 0, 0};
    struct sl_option code = {"code", "1", 0, 0};
    assert_string_equal(sl_option_masked(TABLES, &topic), "events");
    assert_string_equal(sl_option_masked(NULL, &code), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_typed),
        cmocka_unit_test(test_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
