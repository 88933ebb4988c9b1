/* SPDX-License-Identifier: Apache-2.0
 *
 * The definition of every operator and aggregate function, named for builtin.c. */
#ifndef OPERATORS_BUILTIN_H
#define OPERATORS_BUILTIN_H

#include "sluice/operator.h"

extern const struct sl_operator_def op_filter_def;
extern const struct sl_operator_def op_project_def;

#endif
