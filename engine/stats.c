/* SPDX-License-Identifier: Apache-2.0
 *
 * What a query tells of itself while it runs. Always true: only atomic values are read, so any
 * thread may ask. */
#include "build.h"

static void add_node(struct sl_query_stats *stats, const struct eng_node *node)
{
    if (eng_plan_node_is(node->plan_node, "source")) {
        stats->rows_in += sl_metric_get(node->rows_in);
    }
    if (eng_plan_node_is(node->plan_node, "sink")) {
        stats->rows_out += sl_metric_get(node->rows_out);
    }
    if (node->plan_node->state_count > 0) {
        stats->state_bytes += sl_account_used(&node->state_account);
    }
}

/* The lowest of all sources that are not idle: as their watermark operators say. */
static void add_watermark(struct sl_query_stats *stats, const struct eng_node *node, bool *any)
{
    if (!eng_plan_node_is(node->plan_node, "watermark") || sl_metric_get(node->idle_out) != 0) {
        return;
    }
    int64_t watermark = sl_metric_get(node->watermark_out);
    stats->watermark_ms = *any ? SL_MIN(stats->watermark_ms, watermark) : watermark;
    *any = true;
}

struct sl_query_stats sl_query_stats(struct sl_query *query)
{
    struct sl_query_stats stats = {.watermark_ms = INT64_MIN};
    bool any_watermark = false;
    for (uint32_t w = 0; w < query->worker_count; w++) {
        const struct eng_worker *worker = &query->workers[w];
        for (uint32_t i = 0; i < worker->node_count; i++) {
            if (worker->nodes[i]->plan_node != NULL) {
                add_node(&stats, worker->nodes[i]);
                add_watermark(&stats, worker->nodes[i], &any_watermark);
            }
        }
    }
    for (uint32_t reason = 0; reason < SL_ROW_ERROR_COUNT; reason++) {
        const char *text = sl_row_error_text((enum sl_row_error)reason);
        stats.rejected_by_reason[reason] =
            sl_metric_set_sum(query->metrics, "numRecordsRejected", text);
    }
    stats.rows_rejected = sl_metric_set_sum(query->metrics, "numRecordsRejected", NULL);
    stats.rows_late = sl_metric_set_sum(query->metrics, "numLateRecordsDropped", NULL);
    stats.memory_bytes = sl_account_used(&query->account);
    stats.checkpoint = ENG_LOAD(query->committed);
    stats.failed_checkpoints = ENG_LOAD(query->failed_checkpoints);
    return stats;
}

struct sl_metric_set *sl_query_metrics(struct sl_query *query)
{
    return query->metrics;
}
