/* SPDX-License-Identifier: Apache-2.0
 *
 * Failed rows on their way to the rejected output. Each is noted at most once a batch. */
#include "row_errors.h"

enum sl_status op_row_errors_open(struct op_row_errors *errors, struct sl_env *env,
                                  struct sl_error *err)
{
    const char *policy = sl_option_text(&env->plan->settings, NULL, "table.exec.expression-error");
    memset(errors, 0, sizeof *errors);
    sl_arena_init(&errors->arena, env->account, 0);
    if (policy == NULL || strcmp(policy, "reject") == 0) {
        errors->policy = OP_ERROR_REJECT;
    } else if (strcmp(policy, "null") == 0) {
        errors->policy = OP_ERROR_NULL;
    } else if (strcmp(policy, "fail") == 0) {
        errors->policy = OP_ERROR_FAIL;
    } else {
        return sl_fail(err, SL_OPTION,
                       "'table.exec.expression-error' is '%s', expected reject, null or fail",
                       policy);
    }
    return sl_rejects_open(&errors->rejects, env, err);
}

void op_row_errors_close(struct op_row_errors *errors)
{
    sl_rejects_close(&errors->rejects);
    sl_arena_deinit(&errors->arena);
}

enum sl_status op_row_errors_begin(struct op_row_errors *errors, uint32_t row_count,
                                   struct sl_error *err)
{
    errors->count = 0;
    errors->cursor = 0;
    if (row_count <= errors->capacity) {
        return SL_OK;
    }
    const uint32_t capacity = row_count <= SL_BATCH_ROWS_MAX ? SL_BATCH_ROWS_MAX : UINT16_MAX;
    sl_arena_reset(&errors->arena);
    errors->capacity = 0;
    errors->rows = SL_ARENA_ARRAY(&errors->arena, uint16_t, capacity);
    errors->reasons = SL_ARENA_ARRAY(&errors->arena, uint8_t, capacity);
    errors->texts = SL_ARENA_ARRAY(&errors->arena, const char *, capacity);
    if (errors->rows == NULL || errors->reasons == NULL || errors->texts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the failed rows of a batch");
    }
    errors->capacity = capacity;
    return SL_OK;
}

enum sl_status op_row_errors_note(struct op_row_errors *errors, uint32_t row, uint8_t reason,
                                  const char *text, struct sl_error *err)
{
    if (errors->policy == OP_ERROR_FAIL) {
        return sl_fail(err, SL_FORMAT, "%s in '%s' ('table.exec.expression-error' is 'fail')",
                       sl_row_error_text((enum sl_row_error)reason), text);
    }
    SL_ASSERT(errors->count < errors->capacity);
    errors->rows[errors->count] = (uint16_t)row;
    errors->reasons[errors->count] = reason;
    errors->texts[errors->count] = text;
    errors->count++;
    return SL_OK;
}

enum sl_status op_row_errors_reject(struct op_row_errors *errors, const struct sl_batch *in,
                                    struct sl_outs *outs, bool *is_done, struct sl_error *err)
{
    *is_done = false;
    for (; errors->cursor < errors->count; errors->cursor++) {
        if (sl_rejects_is_full(&errors->rejects)) {
            outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&errors->rejects);
            return SL_OK;
        }
        const uint32_t idx = errors->cursor;
        SL_TRY(sl_rejects_add_row(&errors->rejects, (enum sl_row_error)errors->reasons[idx],
                                  errors->texts[idx], in, errors->rows[idx], err));
    }
    outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&errors->rejects);
    *is_done = true;
    return SL_OK;
}
