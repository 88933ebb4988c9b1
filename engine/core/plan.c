/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking up a plan node's parameters by name. */
#include "sluice/plan.h"

#include <string.h>

const struct sl_param *sl_plan_param(const struct sl_plan_node *node, const char *name)
{
    for (uint32_t i = 0; i < node->param_count; i++) {
        if (strcmp(node->params[i].name, name) == 0) {
            return &node->params[i];
        }
    }
    return NULL;
}

int64_t sl_plan_int64(const struct sl_plan_node *node, const char *name, int64_t otherwise)
{
    const struct sl_param *param = sl_plan_param(node, name);
    return param == NULL || param->kind != SL_PARAM_INT64 ? otherwise : param->integer;
}

const char *sl_plan_string(const struct sl_plan_node *node, const char *name, const char *otherwise)
{
    const struct sl_param *param = sl_plan_param(node, name);
    return param == NULL || param->kind != SL_PARAM_STRING || param->string == NULL ? otherwise
                                                                                    : param->string;
}
