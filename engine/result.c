/* SPDX-License-Identifier: Apache-2.0
 *
 * The sink of a bare SELECT: hands each batch to the query's result callback. Always true: it keeps
 * nothing. */
#include "nodes.h"

static enum sl_status result_open(struct sl_env *env, void **state, struct sl_error *err)
{
    (void)err;
    *state = env->user;
    return SL_OK;
}

static enum sl_status result_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    const struct sl_query_options *options = state;
    (void)outs;
    *flow = SL_DONE;
    return options->result == NULL ? SL_OK : options->result(options->user, batch, err);
}

static enum sl_status result_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                     enum sl_flow *flow, struct sl_error *err)
{
    (void)state;
    (void)epoch;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    return SL_OK;
}

static const struct sl_option_def no_options[] = {{.name = NULL}};

static const struct sl_sink_def result_sink = {
    .open = result_open, .write = result_write, .prepare = result_prepare};

const struct sl_connector_def eng_result_connector = {.name = "result",
                                                      .options = no_options,
                                                      .sink = &result_sink,
                                                      .takes_updates = true,
                                                      .sink_guarantee = "none"};
