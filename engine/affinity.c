/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of cores, and threads on them. */
#include "affinity.h"

#include <string.h>

#include "sluice/text.h"

static enum sl_status fail_list(const char *text, struct sl_error *err)
{
    return sl_fail(err, SL_OPTION,
                   "sluice.worker.cores is '%s', expected cores below %d, each once, such as 0-3,6",
                   text, CPU_SETSIZE);
}

/* "3" or "0-3", of length bytes. */
static bool parse_range(const char *text, size_t length, int64_t *first, int64_t *last)
{
    const char *dash = memchr(text, '-', length);
    size_t first_length = dash == NULL ? length : (size_t)(dash - text);
    if (!sl_parse_int64(text, first_length, first)) {
        return false;
    }
    *last = *first;
    if (dash != NULL && !sl_parse_int64(dash + 1, length - first_length - 1, last)) {
        return false;
    }
    return *first >= 0 && *first <= *last && *last < CPU_SETSIZE;
}

enum sl_status eng_cores_parse(const char *text, struct eng_cores *cores, struct sl_error *err)
{
    cpu_set_t seen;
    CPU_ZERO(&seen);
    cores->count = 0;
    for (const char *at = text; text[0] != '\0';) {
        size_t length = strcspn(at, ",");
        int64_t first;
        int64_t last;
        if (!parse_range(at, length, &first, &last)) {
            return fail_list(text, err);
        }
        for (int64_t core = first; core <= last; core++) {
            if (CPU_ISSET((size_t)core, &seen)) {
                return fail_list(text, err);
            }
            CPU_SET((size_t)core, &seen);
            cores->items[cores->count++] = (uint16_t)core;
        }
        if (at[length] == '\0') {
            break;
        }
        at += length + 1;
    }
    return SL_OK;
}

enum sl_status eng_cores_enter(const struct eng_cores *cores, uint32_t worker_idx,
                               cpu_set_t *before, struct sl_error *err)
{
    if (cores->count == 0) {
        return SL_OK;
    }
    uint16_t core = cores->items[worker_idx % cores->count];
    cpu_set_t wanted;
    CPU_ZERO(&wanted);
    CPU_SET(core, &wanted);
    if (sched_getaffinity(0, sizeof *before, before) != 0 ||
        sched_setaffinity(0, sizeof wanted, &wanted) != 0) {
        return sl_fail(err, SL_OPTION,
                       "sluice.worker.cores: this process cannot use core %u for worker %u", core,
                       worker_idx);
    }
    return SL_OK;
}

void eng_cores_leave(const struct eng_cores *cores, const cpu_set_t *before)
{
    if (cores->count > 0) {
        sched_setaffinity(0, sizeof *before, before);
    }
}
