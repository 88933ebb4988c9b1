/* SPDX-License-Identifier: Apache-2.0
 *
 * The operators and aggregate functions there are: one line each. */
#include "builtin.h"

#include "room.h"

const struct sl_operator_def *const op_operators[] = {
    &op_filter_def,
    &op_project_def,
    &op_watermark_def,
    &op_window_def,
    &op_local_window_aggregate_def,
    &op_global_window_aggregate_def,
    &op_local_group_aggregate_def,
    &op_group_aggregate_def,
    &op_offload_def,
    NULL,
};

const struct sl_aggregate_def *const op_aggregates[] = {
    &op_count_def, &op_sum_def, &op_avg_def, &op_min_def, &op_max_def, NULL,
};
