/* SPDX-License-Identifier: Apache-2.0
 *
 * The cores that workers run on. Always true: threads that a client library makes while an instance
 * is opened, or later, run where its worker does, because a thread is born with its maker's cores.
 * That keeps messages in one core's cache: librdkafka is up to twice as fast so. */
#ifndef ENGINE_AFFINITY_H
#define ENGINE_AFFINITY_H

#include <sched.h>

#include "sluice/status.h"

/* In the order of the list; worker i has items[i % count]. count 0 = wherever the system likes. */
struct eng_cores {
    uint16_t items[CPU_SETSIZE];
    uint32_t count;
};

/* Reads "0-3,6": numbers and ranges, each core once. SL_OPTION with what is wrong. */
enum sl_status eng_cores_parse(const char *text, struct eng_cores *cores, struct sl_error *err);
/* Moves this thread to a worker's core; *before is for leave. SL_OPTION when this process may not
 * use the core. */
enum sl_status eng_cores_enter(const struct eng_cores *cores, uint32_t worker_idx,
                               cpu_set_t *before, struct sl_error *err);
void eng_cores_leave(const struct eng_cores *cores, const cpu_set_t *before);

#endif
