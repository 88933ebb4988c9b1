/* SPDX-License-Identifier: Apache-2.0
 *
 * Written plans hold no secrets, and all else as it was. */
#include "sluice/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void secrets_are_not_written(void **state)
{
    (void)state;
    static const char secret[] = "hunter2";
    const struct sl_option options[] = {
        {.name = "topic", .value = "events"},
        {.name = "properties.sasl.password", .value = secret},
    };
    const struct sl_option settings[] = {{.name = "some.token", .value = secret}};
    const struct sl_param params[] = {
        {.name = "options", .kind = SL_PARAM_OPTIONS, .options = {options, 2}}};
    const struct sl_plan_node node = {.kind = "source",
                                      .params = params,
                                      .param_count = 1,
                                      .rowtime = -1,
                                      .placement = "cpu",
                                      .placement_reason = ""};
    const struct sl_plan plan = {.version = SL_PLAN_VERSION,
                                 .name = "job",
                                 .settings = {settings, 1},
                                 .nodes = &node,
                                 .node_count = 1};
    struct sl_error err = {.text = ""};
    struct sl_text text;
    struct sl_arena arena;
    struct sl_plan *copy = NULL;
    sl_text_init(&text, NULL, 0);
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sl_plan_write(&plan, &text, &err), SL_OK);
    assert_null(memmem(text.data, text.length, secret, strlen(secret)));
    assert_int_equal(sl_plan_read(text.data, text.length, &arena, &copy, &err), SL_OK);
    const struct sl_options *read = &sl_plan_param(&copy->nodes[0], "options")->options;
    assert_string_equal(sl_option_text(read, NULL, "topic"), "events");
    assert_string_equal(sl_option_text(read, NULL, "properties.sasl.password"), "******");
    sl_arena_deinit(&arena);
    sl_text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(secrets_are_not_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
