/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. Log lines for people (text) or machines (JSON) to one writer. Thread safe: a line is
 * written whole. */
#ifndef SLUICE_LOG_H
#define SLUICE_LOG_H

#include "sluice/clock.h"

SL_EXTERN_C_BEGIN

enum sl_log_level { SL_LOG_ERROR, SL_LOG_WARN, SL_LOG_INFO, SL_LOG_DEBUG };

struct sl_log {
    enum sl_log_level level; /* lines above it are dropped */
    bool json;               /* one JSON object a line: time, level, room, message */
    const struct sl_clock *clock;
    /* Receives one whole line without its newline; NULL = standard error. May be called from
     * several threads at once. */
    void (*write)(void *user, enum sl_log_level level, const char *line, size_t length);
    void *user;
};

/* room is the prefix people grep for: "kafka", "json", "checkpoint". log NULL = dropped. */
void sl_log_line(struct sl_log *log, enum sl_log_level level, const char *room, const char *format,
                 ...) SL_PRINTF(4, 5);

#define sl_log_error(log, room, ...) sl_log_line((log), SL_LOG_ERROR, (room), __VA_ARGS__)
#define sl_log_warn(log, room, ...) sl_log_line((log), SL_LOG_WARN, (room), __VA_ARGS__)
#define sl_log_info(log, room, ...) sl_log_line((log), SL_LOG_INFO, (room), __VA_ARGS__)
#define sl_log_debug(log, room, ...) sl_log_line((log), SL_LOG_DEBUG, (room), __VA_ARGS__)

SL_EXTERN_C_END

#endif
