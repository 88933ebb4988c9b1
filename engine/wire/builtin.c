/* SPDX-License-Identifier: Apache-2.0
 *
 * The builtin lists of all rooms in one place. Always true: the only file that knows which optional
 * libraries this build has. */
#include "room.h"

#include <pthread.h>

#include "connectors/room.h"
#include "engine/room.h"
#include "operators/room.h"

enum { CONNECTORS_MAX = 64 };

static const struct sl_connector_def *connectors[CONNECTORS_MAX];

static const struct sl_connector_def *const engine_connectors[] = {&eng_result_connector,
#ifdef SLUICE_WITH_KAFKA
                                                                   &conn_kafka_connector,
#endif
                                                                   NULL};

static const char *const missing_connectors[] = {
#ifndef SLUICE_WITH_KAFKA
    "kafka",
#endif
    NULL};

static const struct sl_offload_def *const offloads[] = {NULL};

static const struct sl_builtins builtins = {.connectors = connectors,
                                            .codecs = conn_codecs,
                                            .operators = op_operators,
                                            .functions = op_function_lists,
                                            .aggregates = op_aggregates,
                                            .offloads = offloads,
                                            .missing_connectors = missing_connectors};

static void fill_connectors(void)
{
    const struct sl_connector_def *const *const lists[] = {conn_connectors, engine_connectors};
    uint32_t count = 0;
    for (size_t list = 0; list < SL_COUNT_OF(lists); list++) {
        for (const struct sl_connector_def *const *at = lists[list]; *at != NULL; at++) {
            SL_ASSERT(count + 1 < CONNECTORS_MAX);
            connectors[count++] = *at;
        }
    }
}

const struct sl_builtins *wire_builtins(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill_connectors);
    return &builtins;
}
