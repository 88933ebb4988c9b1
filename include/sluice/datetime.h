/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. Civil dates and times (proleptic Gregorian, UTC inside; a session time zone is applied
 * only at the edges). Algorithms: Howard Hinnant, "chrono-compatible low-level date algorithms". */
#ifndef SLUICE_DATETIME_H
#define SLUICE_DATETIME_H

#include "sluice/status.h"

SL_EXTERN_C_BEGIN

struct sl_civil {
    int32_t year;
    uint32_t month; /* 1-12 */
    uint32_t day;   /* 1-31 */
    uint32_t hour;
    uint32_t minute;
    uint32_t second;
    uint32_t nanosecond;
};

int64_t sl_days_from_civil(int32_t year, uint32_t month, uint32_t day);
void sl_civil_from_days(int64_t days, int32_t *year, uint32_t *month, uint32_t *day);
/* timestamp is in the ticks of precision (type.h). */
void sl_civil_from_timestamp(int64_t timestamp, uint32_t precision, struct sl_civil *civil);
/* False when a field is out of range (month 13, 30 February) or the result overflows. */
bool sl_timestamp_from_civil(const struct sl_civil *civil, uint32_t precision, int64_t *timestamp);

enum sl_datetime_style {
    SL_DATETIME_SQL,    /* 2026-11-21 22:00:00.123 */
    SL_DATETIME_ISO8601 /* 2026-11-21T22:00:00.123 */
};

/* Reads "yyyy-MM-dd[ T]HH:mm[:ss[.f{1,9}]][Z|+hh:mm]" (the date alone is midnight); either style is
 * accepted. A zone suffix is applied when present; has_zone (may be NULL) tells. Digits beyond
 * precision are cut. Years outside 0-9999 carry a sign. */
bool sl_timestamp_parse(const char *data, size_t length, uint32_t precision, int64_t *timestamp,
                        bool *has_zone);
/* Writes with exactly precision fraction digits (none for 0), then "Z" when with_zone. Returns the
 * length, at most 40. */
size_t sl_timestamp_format(int64_t timestamp, uint32_t precision, enum sl_datetime_style style,
                           bool with_zone, char out[48]);
bool sl_date_parse(const char *data, size_t length, int32_t *days);
size_t sl_date_format(int32_t days, char out[16]);
bool sl_time_parse(const char *data, size_t length, int32_t *ms_of_day);
size_t sl_time_format(int32_t ms_of_day, uint32_t precision, char out[16]);
/* Changes precision: down cuts towards minus infinity, up multiplies; false on overflow. */
bool sl_timestamp_rescale(int64_t timestamp, uint32_t from_precision, uint32_t to_precision,
                          int64_t *result);
/* Adds months, clamping the day to the month's end (31 January + 1 month = 28 or 29 February). */
bool sl_timestamp_add_months(int64_t timestamp, uint32_t precision, int32_t months,
                             int64_t *result);

/* A Java DateTimeFormatter pattern (y u M L d H h m s S a E and quoted text), prepared once; other
 * letters are SL_UNSUPPORTED. What it does not name reads as 1970-01-01 00:00:00. */
struct sl_datetime_pattern;
enum sl_status sl_datetime_pattern_create(const char *pattern, size_t length,
                                          struct sl_datetime_pattern **result,
                                          struct sl_error *err);
void sl_datetime_pattern_destroy(struct sl_datetime_pattern *pattern);
bool sl_datetime_pattern_parse(const struct sl_datetime_pattern *pattern, const char *data,
                               size_t length, uint32_t precision, int64_t *timestamp);
/* Returns the length, 0 when it does not fit. */
size_t sl_datetime_pattern_format(const struct sl_datetime_pattern *pattern, int64_t timestamp,
                                  uint32_t precision, char *out, size_t size_bytes);

/* Offset of a zone ("UTC", "+02:00", "Europe/Berlin") from UTC in seconds at an instant. Named
 * zones need the machine's zone files (tzdata). */
struct sl_time_zone;
enum sl_status sl_time_zone_load(const char *name, struct sl_time_zone **zone,
                                 struct sl_error *err);
void sl_time_zone_unload(struct sl_time_zone *zone);
int32_t sl_time_zone_offset_at(const struct sl_time_zone *zone, int64_t epoch_seconds);

SL_EXTERN_C_END

#endif
