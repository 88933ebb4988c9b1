/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule at the end of a time zone file, for all times behind its table. Private to
 * engine/core. */
#ifndef SLUICE_CORE_TIME_ZONE_H
#define SLUICE_CORE_TIME_ZONE_H

#include "sluice/base.h"

/* When daylight saving begins or ends, in one of POSIX's three forms. */
struct sl_time_zone_change {
    char form; /* 'M' month, week, weekday; 'J' day 1-365 without 29 February; 'N' day 0-365 */
    uint32_t month;
    uint32_t week;
    uint32_t day;
    int32_t time_seconds; /* of the day, local; may be negative or beyond 24 h */
};

/* POSIX TZ, e.g. "CET-1CEST,M3.5.0,M10.5.0/3". Offsets are seconds east of Greenwich. */
struct sl_time_zone_rule {
    int32_t standard_offset;
    int32_t summer_offset;
    bool has_summer;
    struct sl_time_zone_change start;
    struct sl_time_zone_change end;
};

bool sl_time_zone_rule_parse(const char *data, size_t length, struct sl_time_zone_rule *rule);
int32_t sl_time_zone_rule_offset_at(const struct sl_time_zone_rule *rule, int64_t epoch_seconds);

#endif
