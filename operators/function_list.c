/* SPDX-License-Identifier: Apache-2.0
 *
 * Every scalar function there is, a list a family. Order matters: the binder takes the first
 * overload that the arguments coerce to, so exact numbers stand before floating ones. */
#include "room.h"

#include "kernel_support.h"

const struct sl_function_def *const *const op_function_lists[] = {
    op_functions_integer,        op_functions_decimal,
    op_functions_floating,       op_functions_compare,
    op_functions_predicate,      op_functions_string,
    op_functions_pattern,        op_functions_interval,
    op_functions_datetime,       op_functions_cast_number,
    op_functions_cast_to_string, op_functions_cast_from_string,
    op_functions_cast_datetime,  NULL,
};
