/* SPDX-License-Identifier: Apache-2.0
 *
 * Plans that keep what plan.h promises: order, registers, uids, schemas between the halves of an
 * aggregate, and the same plan after writing and reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_catalog.h"

#define TUMBLE "TABLE(TUMBLE(TABLE sensors, DESCRIPTOR(ts), INTERVAL '10' SECOND))"

static const char *const SCRIPTS[] = {
    "SELECT * FROM sensors",
    "SELECT COUNT(*) FROM clicks",
    "SELECT temp, temp, device FROM sensors WHERE temp > 1 AND part IS NOT NULL",
    "INSERT INTO alerts SELECT device, temp FROM sensors WHERE hits BETWEEN 1 AND 5",
    "SELECT device, SUM(price), MIN(device), AVG(hits) FROM " TUMBLE
    " GROUP BY device, window_end, window_start",
    "SELECT hits % 3, SUM(hits) FILTER (WHERE temp > 3) FROM sensors GROUP BY hits % 3",
    "SELECT window_start, COUNT(*) FROM " TUMBLE " GROUP BY window_start",
    "SELECT n, COUNT(*) FROM (SELECT device, COUNT(*) AS n FROM sensors GROUP BY device) GROUP BY "
    "n",
    "INSERT INTO alerts SELECT device, temp FROM sensors WHERE temp > 3;"
    "INSERT INTO totals SELECT device, COUNT(*) FROM sensors GROUP BY device",
};

static void check_expr(const struct sl_expr *expr, const struct sl_schema *input)
{
    assert_true(expr->step_count > 0);
    assert_non_null(expr->text);
    for (uint32_t i = 0; i < expr->step_count; i++) {
        const struct sl_step *step = &expr->steps[i];
        for (uint32_t a = 0; a < step->argument_count; a++) {
            assert_true(step->arguments[a] < i);
        }
        if (step->kind == SL_STEP_COLUMN) {
            assert_true(step->column < input->column_count);
            assert_true(sl_type_equal(&step->type, &input->columns[step->column].type, true));
        }
        if (step->kind == SL_STEP_CALL) {
            assert_non_null(strchr(step->function, '('));
        }
    }
}

static void check_params(const struct sl_plan *plan, const struct sl_plan_node *node)
{
    const struct sl_schema *input =
        node->input_count == 0 ? &node->schema : &plan->nodes[node->inputs[0]].schema;
    for (uint32_t p = 0; p < node->param_count; p++) {
        const struct sl_param *param = &node->params[p];
        for (uint32_t i = 0; param->kind == SL_PARAM_EXPRS && i < param->count; i++) {
            check_expr(&param->exprs[i], input);
        }
    }
    const struct sl_param *projections = sl_plan_param(node, "projections");
    for (uint32_t i = 0; projections != NULL && i < projections->count; i++) {
        const struct sl_expr *expr = &projections->exprs[i];
        assert_int_equal(projections->count, node->schema.column_count);
        assert_true(sl_type_equal(&expr->steps[expr->step_count - 1].type,
                                  &node->schema.columns[i].type, true));
    }
}

/* A global half finds its raw input in "input", and what arrives in its state's fields. */
static void check_aggregate(const struct sl_plan *plan, const struct sl_plan_node *node)
{
    const struct sl_plan_node *exchange = &plan->nodes[node->inputs[0]];
    assert_string_equal(exchange->kind, "exchange");
    const struct sl_plan_node *local = &plan->nodes[exchange->inputs[0]];
    const struct sl_param *raw = sl_plan_param(node, "input");
    const struct sl_param *keys = sl_plan_param(node, "keys");
    const struct sl_param *calls = sl_plan_param(node, "aggregates");
    assert_true(sl_schema_equal(&raw->schema, &plan->nodes[local->inputs[0]].schema));
    assert_int_equal(exchange->distribution, keys->count > 0 ? SL_HASH : SL_SINGLETON);
    uint32_t first =
        node->states[0].field_count > 0 && strcmp(node->states[0].fields[0].name, "row_count") == 0
            ? 1
            : 0;
    assert_int_equal(local->schema.column_count,
                     keys->count + 1 + node->states[0].field_count - first);
    for (uint32_t f = first; f < node->states[0].field_count; f++) {
        struct sl_type type = sl_state_field_type(&node->states[0].fields[f]);
        const struct sl_column *column = &local->schema.columns[keys->count + 1 + f - first];
        assert_true(sl_type_equal(&type, &column->type, true));
    }
    for (uint32_t i = 0; i < calls->count; i++) {
        const struct sl_aggregate_call *call = &calls->aggregates[i];
        if (call->argument >= 0) {
            assert_true(sl_type_equal(&call->argument_type,
                                      &raw->schema.columns[call->argument].type, true));
        }
        if (call->filter >= 0) {
            assert_int_equal(raw->schema.columns[call->filter].type.id, SL_TYPE_BOOLEAN);
        }
        assert_true(
            sl_type_equal(&call->result_type, &node->schema.columns[keys->count + i].type, true));
    }
}

static void check_plan(const struct sl_plan *plan)
{
    assert_true(plan->node_count > 0);
    for (uint32_t i = 0; i < plan->node_count; i++) {
        const struct sl_plan_node *node = &plan->nodes[i];
        for (uint32_t j = 0; j < i; j++) {
            assert_true(plan->nodes[j].uid != node->uid);
        }
        for (uint32_t j = 0; j < node->input_count; j++) {
            assert_true(node->inputs[j] < i);
            assert_int_equal(node->input_outputs[j], 0);
        }
        if (node->rowtime >= 0) {
            assert_true(sl_type_is_timestamp(node->schema.columns[node->rowtime].type.id));
        }
        for (uint32_t j = 0; j < node->upsert_key_count; j++) {
            assert_true(node->upsert_keys[j] < node->schema.column_count);
        }
        check_params(plan, node);
        if (strcmp(node->kind, "global_window_aggregate") == 0 ||
            strcmp(node->kind, "group_aggregate") == 0) {
            check_aggregate(plan, node);
        }
    }
}

static void check_round_trip(const struct sl_plan *plan)
{
    struct sl_arena arena;
    struct sl_text written;
    struct sl_text explained[2];
    struct sl_plan *copy;
    struct sl_error err;
    sl_arena_init(&arena, NULL, 0);
    sl_text_init(&written, NULL, 0);
    sl_text_init(&explained[0], NULL, 0);
    sl_text_init(&explained[1], NULL, 0);
    assert_int_equal(sl_plan_write(plan, &written, &err), SL_OK);
    assert_int_equal(sl_plan_read(written.data, written.length, &arena, &copy, &err), SL_OK);
    assert_int_equal(sl_plan_explain(plan, &explained[0], &err), SL_OK);
    assert_int_equal(sl_plan_explain(copy, &explained[1], &err), SL_OK);
    assert_int_equal(explained[0].length, explained[1].length);
    assert_memory_equal(explained[0].data, explained[1].data, explained[0].length);
    sl_text_deinit(&explained[0]);
    sl_text_deinit(&explained[1]);
    sl_text_deinit(&written);
    sl_arena_deinit(&arena);
}

static void test_plans_keep_the_contract(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(SCRIPTS); i++) {
        struct support_planner planner;
        support_planner_init(&planner);
        assert_int_equal(support_compile(&planner, support_tables), SL_OK);
        if (support_compile(&planner, SCRIPTS[i]) != SL_OK) {
            fail_msg("%s: %s", SCRIPTS[i], planner.err.text);
        }
        assert_int_equal(planner.script.job_count, 1);
        check_plan(planner.script.jobs[0].plan);
        check_round_trip(planner.script.jobs[0].plan);
        support_planner_deinit(&planner);
    }
}

static uint64_t digest_of(const char *before, const char *sql)
{
    struct support_planner planner;
    support_planner_init(&planner);
    assert_int_equal(support_compile(&planner, support_tables), SL_OK);
    assert_int_equal(support_compile(&planner, before), SL_OK);
    assert_int_equal(support_compile(&planner, sql), SL_OK);
    assert_int_equal(planner.script.job_count, 1);
    uint64_t digest = planner.script.jobs[0].plan->sql_digest;
    support_planner_deinit(&planner);
    return digest;
}

/* The digest is of what the SQL means to the reader: not of its spaces, nor of SET. */
static void test_digest(void **state)
{
    (void)state;
    static const char view[] = "CREATE VIEW v AS SELECT temp FROM sensors;";
    static const char sql[] = "SELECT temp FROM v WHERE temp > 1";
    uint64_t digest = digest_of(view, sql);
    assert_true(digest == digest_of(view, "select  temp -- x\n FROM v WHERE (temp) > 1;"));
    assert_true(digest == digest_of(view, "SET 'parallelism.default' = '2'; SELECT temp FROM v "
                                          "WHERE temp > 1"));
    assert_true(digest != digest_of(view, "SELECT temp FROM v WHERE temp > 2"));
    assert_true(digest !=
                digest_of("CREATE VIEW v AS SELECT temp FROM sensors WHERE hits > 1;", sql));
}

/* INSERTs are one job, where the last of them stood; SELECTs are jobs of their own. */
static void test_jobs(void **state)
{
    (void)state;
    struct support_planner planner;
    support_planner_init(&planner);
    assert_int_equal(support_compile(&planner, support_tables), SL_OK);
    assert_int_equal(planner.script.job_count, 0);
    assert_int_equal(support_compile(&planner,
                                     "INSERT INTO alerts SELECT device, temp FROM sensors;"
                                     "SELECT temp FROM sensors; SET 'pipeline.name' = 'mine';"
                                     "INSERT INTO alerts SELECT device, temp + 1 FROM sensors;"
                                     "SHOW VIEWS"),
                     SL_OK);
    assert_int_equal(planner.script.job_count, 3);
    assert_int_equal(planner.script.jobs[0].kind, SL_JOB_SELECT);
    assert_int_equal(planner.script.jobs[1].kind, SL_JOB_INSERTS);
    assert_int_equal(planner.script.jobs[2].kind, SL_JOB_TEXT);
    assert_string_equal(planner.script.jobs[0].plan->name, "result");
    assert_string_equal(planner.script.jobs[1].plan->name, "mine");
    assert_int_equal(planner.script.settings.count, 1);
    support_planner_deinit(&planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans_keep_the_contract),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
