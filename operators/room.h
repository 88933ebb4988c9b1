/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of operators/: its definition tables, each ending with NULL. Only engine/wire,
 * engine/cli and tests come in here. */
#ifndef OPERATORS_ROOM_H
#define OPERATORS_ROOM_H

#include "sluice/function.h"
#include "sluice/operator.h"

extern const struct sl_function_def *const *const op_function_lists[];
extern const struct sl_operator_def *const op_operators[];
extern const struct sl_aggregate_def *const op_aggregates[];

#endif
