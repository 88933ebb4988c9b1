/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics as Prometheus reads them: text format 0.0.4,
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef SERVER_PROMETHEUS_H
#define SERVER_PROMETHEUS_H

#include "sluice/engine.h"
#include "sluice/text.h"

#define SERVER_PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Appends every metric of set (NULL = none), those of one name together. numRecordsIn becomes
 * sluice_num_records_in_total, a gauge has no "_total", a watermark ends in "_ms" and stands there
 * only once it is known; at the end of time it is +Inf. Labels: operator, worker, reason. */
void server_prometheus_metrics(struct sl_text *out, struct sl_metric_set *set);
/* Appends what is known of a query as a whole. */
void server_prometheus_query(struct sl_text *out, const struct sl_query_stats *stats);
/* Appends what is known of the program: sluice_build_info. */
void server_prometheus_program(struct sl_text *out);

#endif
