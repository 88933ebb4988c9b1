/* SPDX-License-Identifier: Apache-2.0
 *
 * The builtin lists of all proofs. Always true: operators and functions of the engine are the real
 * ones; only what a proof bends is a toy. */
#include "support_sim.h"

#include "engine/room.h"
#include "operators/room.h"

static const struct sl_operator_def *operators[64];
static const struct sl_connector_def *const connectors[] = {&sim_source_connector,
                                                            &eng_result_connector, NULL};
static const struct sl_codec_def *const codecs[] = {NULL};
static const struct sl_offload_def *const offloads[] = {&sim_device, NULL};
static const char *const missing[] = {NULL};

struct sl_builtins sim_builtins = {.connectors = connectors,
                                   .codecs = codecs,
                                   .operators = operators,
                                   .functions = NULL,
                                   .aggregates = NULL,
                                   .offloads = offloads,
                                   .missing_connectors = missing};

void sim_builtins_fill(void)
{
    static const struct sl_operator_def *const toys[] = {&sim_pass_operator, &sim_meet_operator,
                                                         &sim_join_operator, &sim_lookup_operator};
    uint32_t count = 0;
    for (uint32_t i = 0; i < SL_COUNT_OF(toys); i++) {
        operators[count++] = toys[i];
    }
    for (const struct sl_operator_def *const *at = op_operators; *at != NULL; at++) {
        SL_ASSERT(count + 1 < SL_COUNT_OF(operators));
        operators[count++] = *at;
    }
    sim_builtins.functions = op_function_lists;
    sim_builtins.aggregates = op_aggregates;
}
