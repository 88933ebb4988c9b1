/* SPDX-License-Identifier: Apache-2.0
 *
 * How many messages wait in the partitions that an instance reads (gauge pendingRecords). Always
 * true: only what the last fetches have told is looked at, so no broker is asked and nobody waits.
 */
#include "source_kafka.h"

enum { EVERY_US = 500000 };

static enum sl_status arm(struct conn_kafka_source *source, struct sl_error *err)
{
    struct sl_env *env = source->client.env;
    return sl_wake_at(env, SL_WAKE_CLOCK, sl_clock_steady_us(env->clock) + EVERY_US,
                      CONN_KAFKA_TOKEN_LAG, err);
}

static int64_t pending_of(rd_kafka_t *handle, const struct conn_kafka_split *split)
{
    int64_t low = 0;
    int64_t high = 0;
    if (!split->is_running ||
        rd_kafka_get_watermark_offsets(handle, split->topic->name, split->partition, &low, &high) !=
            RD_KAFKA_RESP_ERR_NO_ERROR) {
        return 0;
    }
    return SL_MAX(SL_MIN(high, split->end) - split->next, (int64_t)0);
}

enum sl_status conn_kafka_lag_open(struct conn_kafka_source *source, struct sl_error *err)
{
    struct sl_env *env = source->client.env;
    source->pending = sl_metric_find_or_add(env->metrics, SL_METRIC_GAUGE, "pendingRecords",
                                            env->label, "", env->worker_idx);
    return arm(source, err);
}

enum sl_status conn_kafka_lag_update(struct conn_kafka_source *source, struct sl_error *err)
{
    int64_t pending = 0;
    for (uint32_t i = 0; i < source->split_count; i++) {
        pending += pending_of(source->client.handle, source->splits[i]);
    }
    sl_metric_set_value(source->pending, pending);
    return arm(source, err);
}
