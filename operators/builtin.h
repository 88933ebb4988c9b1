/* SPDX-License-Identifier: Apache-2.0
 *
 * The definition of every operator and aggregate function, named for builtin.c. */
#ifndef OPERATORS_BUILTIN_H
#define OPERATORS_BUILTIN_H

#include "sluice/function.h"
#include "sluice/operator.h"

extern const struct sl_operator_def op_filter_def;
extern const struct sl_operator_def op_project_def;
extern const struct sl_operator_def op_offload_def;
extern const struct sl_operator_def op_watermark_def;
extern const struct sl_operator_def op_window_def;
extern const struct sl_operator_def op_local_window_aggregate_def;
extern const struct sl_operator_def op_global_window_aggregate_def;
extern const struct sl_operator_def op_local_group_aggregate_def;
extern const struct sl_operator_def op_group_aggregate_def;

extern const struct sl_aggregate_def op_count_def;
extern const struct sl_aggregate_def op_sum_def;
extern const struct sl_aggregate_def op_avg_def;
extern const struct sl_aggregate_def op_min_def;
extern const struct sl_aggregate_def op_max_def;

#endif
