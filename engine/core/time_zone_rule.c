/* SPDX-License-Identifier: Apache-2.0
 *
 * POSIX TZ rules (with RFC 8536's wider hours): read from text, and asked for the offset at an
 * instant. */
#include "time_zone.h"

#include "datetime_text.h"
#include "sluice/datetime.h"

enum { HOURS_MAX = 167, SECONDS_PER_DAY = 86400 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* CET or <+03> */
static bool read_name(struct sl_cursor *cursor)
{
    const char *start = cursor->at;
    if (sl_cursor_take(cursor, '<')) {
        while (cursor->at < cursor->end && *cursor->at != '>') {
            cursor->at++;
        }
        return sl_cursor_take(cursor, '>');
    }
    while (cursor->at < cursor->end && is_letter(*cursor->at)) {
        cursor->at++;
    }
    return cursor->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool read_duration(struct sl_cursor *cursor, int32_t *seconds)
{
    bool negative = sl_cursor_take(cursor, '-');
    if (!negative) {
        sl_cursor_take(cursor, '+');
    }
    uint32_t parts[3] = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        if (i > 0 && !sl_cursor_take(cursor, ':')) {
            break;
        }
        if (!sl_cursor_number(cursor, 1, 3, &parts[i], NULL)) {
            return false;
        }
    }
    if (parts[0] > HOURS_MAX || parts[1] > 59 || parts[2] > 59) {
        return false;
    }
    int32_t total = (int32_t)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    *seconds = negative ? -total : total;
    return true;
}

static bool read_change(struct sl_cursor *cursor, struct sl_time_zone_change *change)
{
    *change = (struct sl_time_zone_change){.form = 'N', .time_seconds = 7200};
    bool good;
    if (sl_cursor_take(cursor, 'M')) {
        change->form = 'M';
        good = sl_cursor_number(cursor, 1, 2, &change->month, NULL) &&
               sl_cursor_take(cursor, '.') && sl_cursor_number(cursor, 1, 1, &change->week, NULL) &&
               sl_cursor_take(cursor, '.') && sl_cursor_number(cursor, 1, 1, &change->day, NULL) &&
               change->month >= 1 && change->month <= 12 && change->week >= 1 &&
               change->week <= 5 && change->day <= 6;
    } else {
        change->form = sl_cursor_take(cursor, 'J') ? 'J' : 'N';
        good = sl_cursor_number(cursor, 1, 3, &change->day, NULL) && change->day <= 365 &&
               (change->form == 'N' || change->day >= 1);
    }
    if (good && sl_cursor_take(cursor, '/')) {
        good = read_duration(cursor, &change->time_seconds);
    }
    return good;
}

bool sl_time_zone_rule_parse(const char *data, size_t length, struct sl_time_zone_rule *rule)
{
    *rule = (struct sl_time_zone_rule){.has_summer = false};
    if (length == 0) {
        return false;
    }
    struct sl_cursor cursor = {data, data + length};
    int32_t west;
    if (!read_name(&cursor) || !read_duration(&cursor, &west)) {
        return false;
    }
    rule->standard_offset = -west;
    rule->summer_offset = rule->standard_offset + 3600;
    if (cursor.at == cursor.end) {
        return true;
    }
    rule->has_summer = true;
    if (!read_name(&cursor)) {
        return false;
    }
    if (cursor.at < cursor.end && *cursor.at != ',') {
        if (!read_duration(&cursor, &west)) {
            return false;
        }
        rule->summer_offset = -west;
    }
    return sl_cursor_take(&cursor, ',') && read_change(&cursor, &rule->start) &&
           sl_cursor_take(&cursor, ',') && read_change(&cursor, &rule->end) &&
           cursor.at == cursor.end;
}

/* The day of a year's change, counted from the epoch. */
static int64_t change_day(const struct sl_time_zone_change *change, int32_t year)
{
    int64_t january = sl_days_from_civil(year, 1, 1);
    bool is_leap = sl_days_from_civil(year, 3, 1) - january == 60;
    if (change->form == 'N') {
        return january + change->day;
    }
    if (change->form == 'J') {
        return january + change->day - 1 + (is_leap && change->day >= 60);
    }
    int64_t first = sl_days_from_civil(year, change->month, 1);
    int64_t next = change->month == 12 ? sl_days_from_civil(year + 1, 1, 1)
                                       : sl_days_from_civil(year, change->month + 1, 1);
    /* Weekdays count from Sunday; the epoch was a Thursday. */
    int64_t weekday = ((first + 4) % 7 + 7) % 7;
    int64_t day =
        first + ((int64_t)change->day - weekday + 7) % 7 + 7 * ((int64_t)change->week - 1);
    return day >= next ? day - 7 : day;
}

int32_t sl_time_zone_rule_offset_at(const struct sl_time_zone_rule *rule, int64_t epoch_seconds)
{
    if (!rule->has_summer) {
        return rule->standard_offset;
    }
    int64_t local = epoch_seconds + rule->standard_offset;
    int64_t days = local / SECONDS_PER_DAY - (local % SECONDS_PER_DAY < 0);
    int32_t year;
    uint32_t month;
    uint32_t day;
    sl_civil_from_days(days, &year, &month, &day);
    int64_t start = change_day(&rule->start, year) * SECONDS_PER_DAY + rule->start.time_seconds -
                    rule->standard_offset;
    int64_t end = change_day(&rule->end, year) * SECONDS_PER_DAY + rule->end.time_seconds -
                  rule->summer_offset;
    bool is_summer = start < end ? epoch_seconds >= start && epoch_seconds < end
                                 : epoch_seconds >= start || epoch_seconds < end;
    return is_summer ? rule->summer_offset : rule->standard_offset;
}
