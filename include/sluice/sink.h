/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 6. Where rows go. Between two checkpoints a sink collects; prepare makes everything that was
 * written before the barrier durable or acknowledged; commit makes it visible where the sink can
 * hide it. */
#ifndef SLUICE_SINK_H
#define SLUICE_SINK_H

#include "sluice/operator.h"

SL_EXTERN_C_BEGIN

struct sl_sink_def {
    enum sl_status (*open)(struct sl_env *env, void **state, struct sl_error *err);
    /* Rows that the sink cannot take (too large, null in a NOT NULL column) go to outs REJECTED.
     * BLOCKED = no room now. SL_CLOSED: whoever read is gone; ends a bare SELECT with exit code 0.
     */
    enum sl_status (*write)(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                            enum sl_flow *flow, struct sl_error *err);
    /* Everything written so far belongs to epoch; DONE when it is acknowledged or durable. Rows
     * that failed meanwhile go to outs REJECTED. Also called before END with the last epoch. */
    enum sl_status (*prepare)(void *state, int64_t epoch, struct sl_outs *outs, enum sl_flow *flow,
                              struct sl_error *err);
    /* epoch is decided (and so are all before it). May be NULL. */
    enum sl_status (*commit)(void *state, int64_t epoch, struct sl_error *err);
    /* After a restore: what was prepared above epoch never happened. May be NULL. */
    enum sl_status (*abort)(void *state, int64_t epoch, struct sl_error *err);
    /* WAKE only. May be NULL. */
    enum sl_status (*wake)(void *state, int64_t token, struct sl_error *err);
    void (*close)(void *state);
};

SL_EXTERN_C_END

#endif
