/* SPDX-License-Identifier: Apache-2.0
 *
 * The connector 'blackhole': takes every row and keeps none. */
#include "builtin.h"

static const struct sl_option_def OPTIONS[] = {{0}};

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    (void)env;
    (void)err;
    *state = NULL;
    return SL_OK;
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    (void)state;
    (void)batch;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    return SL_OK;
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    (void)state;
    (void)epoch;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    return SL_OK;
}

static void sink_close(void *state)
{
    (void)state;
}

static const struct sl_sink_def SINK = {
    .open = sink_open, .write = sink_write, .prepare = sink_prepare, .close = sink_close};

const struct sl_connector_def conn_blackhole_connector = {
    .name = "blackhole",
    .options = OPTIONS,
    .sink = &SINK,
    .takes_updates = true,
    .sink_guarantee = "none",
};
