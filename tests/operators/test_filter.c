/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter and projection operators as the driver sees them: selections, kinds, rejected rows and
 * the three ways to treat rows that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "operators/room.h"
#include "support_operator.h"

struct instance {
    const struct sl_operator_def *def;
    void *state;
    struct sl_outs outs;
    enum sl_flow flow;
};

static void open_operator(struct support *support, struct instance *instance, const char *kind)
{
    memset(instance, 0, sizeof *instance);
    for (const struct sl_operator_def *const *def = op_operators; *def != NULL; ++def) {
        if (strcmp((*def)->kind, kind) == 0) {
            instance->def = *def;
        }
    }
    assert_non_null(instance->def);
    if (instance->def->open(&support->env, &instance->state, &support->err) != SL_OK) {
        fail_msg("%s", support->err.text);
    }
}

static enum sl_status process(struct support *support, struct instance *instance,
                              const struct sl_batch *in)
{
    memset(&instance->outs, 0, sizeof instance->outs);
    return instance->def->process(instance->state, 0, in, &instance->outs, &instance->flow,
                                  &support->err);
}

/* Two expressions as the parameter of that name. */
static void set_exprs(struct support *support, const char *name, const struct sl_schema *schema,
                      const char *first, const char *second)
{
    struct sl_expr *exprs = SL_ARENA_ARRAY(&support->arena, struct sl_expr, 2);
    exprs[0] = *support_expr(support, schema, first);
    exprs[1] = *support_expr(support, schema, second);
    struct sl_param *param = support_param(support, name, SL_PARAM_EXPRS);
    param->exprs = exprs;
    param->count = 2;
}

static const char rows[] = "10|2|a\n-U 7|0|b\n+U 30|3|c\nNULL|4|d\n50|5|NULL\n";

static const struct sl_schema *open_filter(struct support *support, struct instance *instance)
{
    const struct sl_schema *schema = support_schema(support, "a BIGINT, b BIGINT, s STRING");
    support_node(support, "filter", schema, schema);
    set_exprs(support, "predicates", schema, "a b DIVIDE/2 5L GE/2", "s 'c' LE/2");
    open_operator(support, instance, "filter");
    return schema;
}

static void test_filter_rejects(void **state)
{
    struct support support;
    struct instance filter;
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = open_filter(&support, &filter);
    struct sl_batch *in = support_batch(&support, schema, rows);
    for (int round = 0; round < 2; ++round) {
        assert_int_equal(process(&support, &filter, in), SL_OK);
        assert_int_equal(filter.flow, SL_DONE);
        assert_string_equal(support_rows(&support, filter.outs.batches[SL_OUT_MAIN]),
                            "10|2|a\n+U 30|3|c\n");
        const struct sl_batch *rejected = filter.outs.batches[SL_OUT_REJECTED];
        assert_non_null(rejected);
        assert_int_equal(rejected->row_count, 1);
        assert_string_equal(support_value(&support, &rejected->columns[0], 0), "division by zero");
    }
    support_select(&support, in, "0 3 4");
    assert_int_equal(process(&support, &filter, in), SL_OK);
    assert_string_equal(support_rows(&support, filter.outs.batches[SL_OUT_MAIN]), "10|2|a\n");
    assert_null(filter.outs.batches[SL_OUT_REJECTED]);
    support_select(&support, in, "3");
    assert_int_equal(process(&support, &filter, in), SL_OK);
    assert_null(filter.outs.batches[SL_OUT_MAIN]);
    filter.def->close(filter.state);
    support_close(&support);
}

/* a / b >= 5 fails in both rows; s <= 'c' is FALSE for the second, which is dropped and no failure.
 */
static void test_filter_hides_failures(void **state)
{
    struct support support;
    struct instance filter;
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = open_filter(&support, &filter);
    struct sl_batch *in = support_batch(&support, schema, "7|0|b\n7|0|d\n");
    assert_int_equal(process(&support, &filter, in), SL_OK);
    assert_null(filter.outs.batches[SL_OUT_MAIN]);
    const struct sl_batch *rejected = filter.outs.batches[SL_OUT_REJECTED];
    assert_non_null(rejected);
    assert_int_equal(rejected->row_count, 1);
    filter.def->close(filter.state);
    support_close(&support);
}

static void test_filter_null_and_fail(void **state)
{
    struct support support;
    struct instance filter;
    (void)state;
    support_open(&support);
    support_set(&support, "table.exec.expression-error", "null");
    const struct sl_schema *schema = open_filter(&support, &filter);
    const struct sl_batch *in = support_batch(&support, schema, rows);
    assert_int_equal(process(&support, &filter, in), SL_OK);
    assert_string_equal(support_rows(&support, filter.outs.batches[SL_OUT_MAIN]),
                        "10|2|a\n+U 30|3|c\n");
    assert_null(filter.outs.batches[SL_OUT_REJECTED]);
    filter.def->close(filter.state);

    support.settings[0].value = "fail";
    open_filter(&support, &filter);
    assert_int_equal(process(&support, &filter, in), SL_FORMAT);
    assert_non_null(strstr(support.err.text, "division by zero"));
    filter.def->close(filter.state);
    support_close(&support);
}

/* More rejected rows than a batch of them holds: MORE, until all are out. */
static void test_many_rejects(void **state)
{
    struct support support;
    struct instance filter;
    (void)state;
    support_open(&support);
    support.env.batch_rows = 2;
    const struct sl_schema *schema = open_filter(&support, &filter);
    const struct sl_batch *in =
        support_batch(&support, schema, "1|0|a\n2|0|a\n3|0|a\n10|1|a\n4|0|a\n5|0|a\n");
    uint32_t rejected_count = 0;
    int call_count = 0;
    do {
        assert_int_equal(process(&support, &filter, in), SL_OK);
        const struct sl_batch *rejected = filter.outs.batches[SL_OUT_REJECTED];
        rejected_count += rejected == NULL ? 0 : rejected->row_count;
        assert_true(++call_count < 10);
    } while (filter.flow == SL_MORE);
    assert_int_equal(rejected_count, 5);
    assert_int_equal(call_count, 3);
    assert_string_equal(support_rows(&support, filter.outs.batches[SL_OUT_MAIN]), "10|1|a\n");
    filter.def->close(filter.state);
    support_close(&support);
}

/* Errors of a long batch do not come back after a short one. */
static void test_batches_of_many_lengths(void **state)
{
    static const struct {
        const char *rows;
        const char *passed;
        uint32_t rejected_count;
    } batches[] = {
        {"10|1|a\n10|1|a\n10|1|a\n10|0|a\n", "10|1|a\n10|1|a\n10|1|a\n", 1},
        {"10|2|a\n", "10|2|a\n", 0},
        {"10|0|a\n10|1|a\n10|1|a\n10|2|a\n", "10|1|a\n10|1|a\n10|2|a\n", 1},
    };
    struct support support;
    struct instance filter;
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = open_filter(&support, &filter);
    for (size_t idx = 0; idx < SL_COUNT_OF(batches); ++idx) {
        const struct sl_batch *in = support_batch(&support, schema, batches[idx].rows);
        assert_int_equal(process(&support, &filter, in), SL_OK);
        assert_string_equal(support_rows(&support, filter.outs.batches[SL_OUT_MAIN]),
                            batches[idx].passed);
        const struct sl_batch *rejected = filter.outs.batches[SL_OUT_REJECTED];
        assert_int_equal(rejected == NULL ? 0 : rejected->row_count, batches[idx].rejected_count);
    }
    filter.def->close(filter.state);
    support_close(&support);
}

static void open_project(struct support *support, struct instance *instance)
{
    const struct sl_schema *schema = support_schema(support, "a BIGINT, b BIGINT, s STRING");
    support_node(support, "project", schema, support_schema(support, "q BIGINT, s STRING"));
    set_exprs(support, "projections", schema, "a b DIVIDE/2", "s");
    open_operator(support, instance, "project");
}

static void test_project(void **state)
{
    struct support support;
    struct instance project;
    (void)state;
    support_open(&support);
    open_project(&support, &project);
    struct sl_batch *in = support_batch(&support, support.inputs[0], rows);
    assert_int_equal(process(&support, &project, in), SL_OK);
    const struct sl_batch *out = project.outs.batches[SL_OUT_MAIN];
    assert_string_equal(support_rows(&support, out), "5|a\n+U 10|c\nNULL|d\n10|NULL\n");
    assert_ptr_equal(out->columns[1].data, in->columns[2].data); /* shared, not copied */
    assert_int_equal(project.outs.batches[SL_OUT_REJECTED]->row_count, 1);
    support_select(&support, in, "2 4");
    assert_int_equal(process(&support, &project, in), SL_OK);
    assert_string_equal(support_rows(&support, project.outs.batches[SL_OUT_MAIN]),
                        "+U 10|c\n10|NULL\n");
    project.def->close(project.state);
    support_close(&support);
}

static void test_project_null_and_fail(void **state)
{
    struct support support;
    struct instance project;
    (void)state;
    support_open(&support);
    support_set(&support, "table.exec.expression-error", "null");
    open_project(&support, &project);
    const struct sl_batch *in = support_batch(&support, support.inputs[0], rows);
    assert_int_equal(process(&support, &project, in), SL_OK);
    assert_string_equal(support_rows(&support, project.outs.batches[SL_OUT_MAIN]),
                        "5|a\n-U NULL|b\n+U 10|c\nNULL|d\n10|NULL\n");
    assert_null(project.outs.batches[SL_OUT_REJECTED]);
    project.def->close(project.state);
    support.settings[0].value = "fail";
    open_project(&support, &project);
    assert_int_equal(process(&support, &project, in), SL_FORMAT);
    project.def->close(project.state);
    support.settings[0].value = "ignore";
    assert_int_equal(project.def->open(&support.env, &project.state, &support.err), SL_OPTION);
    project.def->close(project.state);
    support_close(&support);
}

/* Plans that no planner makes are refused, not run. */
static void test_bad_plans(void **state)
{
    struct support support;
    struct sl_step steps[2];
    (void)state;
    support_open(&support);
    const struct sl_schema *schema = support_schema(&support, "a BIGINT");
    const uint32_t itself = 1;
    const struct sl_step bad[] = {
        {.kind = SL_STEP_COLUMN, .type = sl_type_of(SL_TYPE_BIGINT), .column = 1},
        {.kind = SL_STEP_COLUMN, .type = sl_type_of(SL_TYPE_INT), .column = 0},
        {.kind = SL_STEP_AND, .type = sl_type_of(SL_TYPE_BOOLEAN)},
        {.kind = SL_STEP_CASE, .type = sl_type_of(SL_TYPE_BOOLEAN)},
        {.kind = SL_STEP_CAST,
         .type = sl_type_of(SL_TYPE_INT),
         .argument_count = 1,
         .arguments = &itself},
        {.kind = SL_STEP_CALL, .type = sl_type_of(SL_TYPE_INT), .function = "NOSUCH()"},
        {.kind = SL_STEP_CONSTANT,
         .type = sl_type_of(SL_TYPE_INT),
         .constant = {.bytes = "12", .byte_count = 2}},
    };
    const struct sl_operator_def *const *def = op_operators;
    while (strcmp((*def)->kind, "filter") != 0) {
        ++def;
    }
    for (size_t idx = 0; idx < SL_COUNT_OF(bad); ++idx) {
        const struct sl_expr expr = {.steps = steps, .step_count = 2, .text = "bad"};
        void *filter = NULL;
        steps[0] = (struct sl_step){.kind = SL_STEP_COLUMN, .type = schema->columns[0].type};
        steps[1] = bad[idx];
        support_node(&support, "filter", schema, schema);
        struct sl_param *param = support_param(&support, "predicates", SL_PARAM_EXPRS);
        param->exprs = &expr;
        param->count = 1;
        assert_int_not_equal((*def)->open(&support.env, &filter, &support.err), SL_OK);
        (*def)->close(filter);
    }
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter_rejects),
        cmocka_unit_test(test_filter_hides_failures),
        cmocka_unit_test(test_filter_null_and_fail),
        cmocka_unit_test(test_many_rejects),
        cmocka_unit_test(test_batches_of_many_lengths),
        cmocka_unit_test(test_project),
        cmocka_unit_test(test_project_null_and_fail),
        cmocka_unit_test(test_bad_plans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
