/* SPDX-License-Identifier: Apache-2.0
 *
 * The operators and aggregate functions there are: one line each. */
#include "builtin.h"

#include "room.h"

const struct sl_operator_def *const op_operators[] = {
    &op_filter_def,
    &op_project_def,
    NULL,
};

const struct sl_aggregate_def *const op_aggregates[] = {
    NULL,
};
