/* SPDX-License-Identifier: Apache-2.0
 *
 * The builtin lists as a whole: names that the catalog looks up are there once, and what is listed
 * can be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "engine/wire/room.h"

static void connectors_have_distinct_names(void **unused)
{
    (void)unused;
    const struct sl_builtins *builtins = wire_builtins();
    assert_ptr_equal(builtins, wire_builtins());
    for (uint32_t i = 0; builtins->connectors[i] != NULL; i++) {
        const struct sl_connector_def *def = builtins->connectors[i];
        assert_true(def->source != NULL || def->sink != NULL);
        assert_non_null(def->options);
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(def->name, builtins->connectors[j]->name);
        }
        for (uint32_t j = 0; builtins->missing_connectors[j] != NULL; j++) {
            assert_string_not_equal(def->name, builtins->missing_connectors[j]);
        }
    }
}

static void codecs_have_distinct_names(void **unused)
{
    (void)unused;
    const struct sl_builtins *builtins = wire_builtins();
    for (uint32_t i = 0; builtins->codecs[i] != NULL; i++) {
        assert_true(builtins->codecs[i]->decode != NULL || builtins->codecs[i]->encode != NULL);
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(builtins->codecs[i]->name, builtins->codecs[j]->name);
        }
    }
}

static void operators_have_distinct_kinds(void **unused)
{
    (void)unused;
    const struct sl_builtins *builtins = wire_builtins();
    for (uint32_t i = 0; builtins->operators[i] != NULL; i++) {
        const struct sl_operator_def *def = builtins->operators[i];
        assert_true(def->open != NULL && def->process != NULL && def->close != NULL);
        assert_true(def->port_count > 0);
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(def->kind, builtins->operators[j]->kind);
        }
    }
}

static void the_catalog_finds_them(void **unused)
{
    (void)unused;
    struct sl_catalog catalog;
    sl_catalog_init(&catalog, wire_builtins(), NULL);
    assert_non_null(sl_catalog_connector(&catalog, "result"));
    assert_non_null(sl_catalog_operator(&catalog, "filter"));
    assert_non_null(sl_catalog_codec(&catalog, "json"));
    sl_catalog_deinit(&catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connectors_have_distinct_names),
        cmocka_unit_test(codecs_have_distinct_names),
        cmocka_unit_test(operators_have_distinct_kinds),
        cmocka_unit_test(the_catalog_finds_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
