/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions as a projection evaluates them, with failed rows in their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/text.h"

#include "operators/room.h"
#include "support_operator.h"

static const struct sl_operator_def *find(const char *kind)
{
    for (const struct sl_operator_def *const *def = op_operators; *def != NULL; ++def) {
        if (strcmp((*def)->kind, kind) == 0) {
            return *def;
        }
    }
    return NULL;
}

/* Writes values of the rows that came out, and reasons for those that did not. */
static void append_outputs(struct support *support, struct sl_text *text,
                           const struct sl_batch *batch, const struct sl_batch *out,
                           const struct sl_batch *rejected)
{
    uint32_t out_idx = 0;
    uint32_t rejected_idx = 0;
    for (uint32_t idx = 0; idx < batch->selected_count; ++idx) {
        const uint32_t row = sl_batch_row(batch, idx);
        sl_text_append_string(text, idx == 0 ? "" : ",");
        if (out != NULL && out_idx < out->selected_count && sl_batch_row(out, out_idx) == row) {
            sl_text_append_string(text, support_value(support, &out->columns[0], row));
            out_idx++;
            continue;
        }
        assert_non_null(rejected);
        assert_true(rejected_idx < rejected->selected_count);
        sl_text_append_char(text, '!');
        sl_text_append_string(text, support_value(support, &rejected->columns[0], rejected_idx++));
    }
}

static enum sl_status eval(struct support *support, const struct sl_batch *batch,
                           const char *expression, struct sl_text *text)
{
    struct sl_expr *expr = SL_ARENA_NEW(&support->arena, struct sl_expr);
    SL_TRY(support_try_expr(support, batch->schema, expression, expr));
    const struct sl_operator_def *def = find("project");
    struct sl_column column = {.name = "c", .type = expr->steps[expr->step_count - 1].type};
    const struct sl_schema schema = {.column_count = 1, .columns = &column};
    support_node(support, "project", batch->schema, &schema);
    struct sl_param *param = support_param(support, "projections", SL_PARAM_EXPRS);
    param->exprs = expr;
    param->count = 1;
    void *state = NULL;
    enum sl_status status = def->open(&support->env, &state, &support->err);
    struct sl_outs outs = {.signal.kind = SL_SIGNAL_NONE};
    enum sl_flow flow = SL_DONE;
    if (status == SL_OK) {
        status = def->process(state, 0, batch, &outs, &flow, &support->err);
    }
    if (status == SL_OK) {
        assert_int_equal(flow, SL_DONE);
        append_outputs(support, text, batch, outs.batches[SL_OUT_MAIN],
                       outs.batches[SL_OUT_REJECTED]);
    }
    def->close(state);
    return status;
}

const char *support_eval(struct support *support, const struct sl_batch *batch, const char *text)
{
    struct sl_text values;
    sl_text_init(&values, NULL, 0);
    if (eval(support, batch, text, &values) != SL_OK) {
        sl_text_reset(&values);
        sl_text_append_char(&values, '?');
        sl_text_append_string(&values, support->err.text);
    }
    const char *result = sl_arena_copy(&support->arena, values.data, values.length);
    sl_text_deinit(&values);
    return result;
}

void support_check_cases(struct support *support, const char *schema, const char *rows,
                         const struct support_case *cases, size_t count)
{
    const struct sl_batch *batch = support_batch(support, support_schema(support, schema), rows);
    size_t wrong_count = 0;
    for (size_t idx = 0; idx < count; ++idx) {
        const char *found = support_eval(support, batch, cases[idx].expression);
        const bool is_refusal = cases[idx].values[0] == '?';
        const size_t length = is_refusal ? strlen(cases[idx].values) : SIZE_MAX;
        if (strncmp(found, cases[idx].values, length) != 0) {
            print_error("%s\n  expected %s\n  found    %s\n", cases[idx].expression,
                        cases[idx].values, found);
            wrong_count++;
        }
    }
    assert_int_equal(wrong_count, 0);
}
