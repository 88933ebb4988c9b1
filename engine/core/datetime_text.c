/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates, times and timestamps in their fixed SQL and ISO 8601 forms. A text is taken whole or not
 * at all. */
#include "datetime_text.h"
#include "sluice/datetime.h"
#include "sluice/type.h"

enum { MS_PER_SECOND = 1000, YEAR_DIGITS = 4, YEAR_DIGITS_MAX = 9 };

static const uint32_t POWERS[10] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
};

/* A year beyond four digits carries a sign, as ISO 8601 wants it. */
static bool read_year(struct sl_cursor *cursor, int32_t *year)
{
    bool negative = sl_cursor_take(cursor, '-');
    bool is_signed = negative || sl_cursor_take(cursor, '+');
    uint32_t value;
    uint32_t digits_max = is_signed ? YEAR_DIGITS_MAX : YEAR_DIGITS;
    if (!sl_cursor_number(cursor, YEAR_DIGITS, digits_max, &value, NULL)) {
        return false;
    }
    *year = negative ? -(int32_t)value : (int32_t)value;
    return true;
}

static bool read_date(struct sl_cursor *cursor, struct sl_civil *civil)
{
    return read_year(cursor, &civil->year) && sl_cursor_take(cursor, '-') &&
           sl_cursor_number(cursor, 2, 2, &civil->month, NULL) && sl_cursor_take(cursor, '-') &&
           sl_cursor_number(cursor, 2, 2, &civil->day, NULL);
}

/* HH:mm[:ss[.f{1,9}]] */
static bool read_time(struct sl_cursor *cursor, struct sl_civil *civil)
{
    if (!sl_cursor_number(cursor, 2, 2, &civil->hour, NULL) || !sl_cursor_take(cursor, ':') ||
        !sl_cursor_number(cursor, 2, 2, &civil->minute, NULL)) {
        return false;
    }
    if (!sl_cursor_take(cursor, ':')) {
        return true;
    }
    if (!sl_cursor_number(cursor, 2, 2, &civil->second, NULL)) {
        return false;
    }
    if (!sl_cursor_take(cursor, '.')) {
        return true;
    }
    uint32_t count;
    if (!sl_cursor_number(cursor, 1, 9, &civil->nanosecond, &count)) {
        return false;
    }
    civil->nanosecond *= POWERS[9 - count];
    return true;
}

/* [Z|+hh:mm] as seconds east of Greenwich. */
static bool read_zone(struct sl_cursor *cursor, int32_t *offset_seconds, bool *has_zone)
{
    *offset_seconds = 0;
    *has_zone = sl_cursor_take(cursor, 'Z');
    if (*has_zone || cursor->at == cursor->end) {
        return true;
    }
    bool negative = sl_cursor_take(cursor, '-');
    uint32_t hours;
    uint32_t minutes;
    *has_zone = negative || sl_cursor_take(cursor, '+');
    if (!*has_zone || !sl_cursor_number(cursor, 2, 2, &hours, NULL) ||
        !sl_cursor_take(cursor, ':') || !sl_cursor_number(cursor, 2, 2, &minutes, NULL) ||
        hours > 18 || minutes > 59) {
        return false;
    }
    int32_t seconds = (int32_t)(hours * 3600 + minutes * 60);
    *offset_seconds = negative ? -seconds : seconds;
    return true;
}

bool sl_timestamp_parse(const char *data, size_t length, uint32_t precision, int64_t *timestamp,
                        bool *has_zone)
{
    if (length == 0) {
        return false;
    }
    struct sl_cursor cursor = {data, data + length};
    struct sl_civil civil = {.year = 0};
    int32_t offset_seconds = 0;
    bool zoned = false;
    if (!read_date(&cursor, &civil)) {
        return false;
    }
    if (cursor.at < cursor.end) {
        bool separated = sl_cursor_take(&cursor, ' ') || sl_cursor_take(&cursor, 'T');
        if (!separated || !read_time(&cursor, &civil) ||
            !read_zone(&cursor, &offset_seconds, &zoned) || cursor.at < cursor.end) {
            return false;
        }
    }
    if (has_zone != NULL) {
        *has_zone = zoned;
    }
    int64_t local;
    return sl_timestamp_from_civil(&civil, precision, &local) &&
           !__builtin_sub_overflow(local, offset_seconds * sl_timestamp_ticks_per_second(precision),
                                   timestamp);
}

bool sl_date_parse(const char *data, size_t length, int32_t *days)
{
    if (length == 0) {
        return false;
    }
    struct sl_cursor cursor = {data, data + length};
    struct sl_civil civil = {.year = 0};
    int64_t timestamp;
    if (!read_date(&cursor, &civil) || cursor.at < cursor.end ||
        !sl_timestamp_from_civil(&civil, 3, &timestamp)) {
        return false;
    }
    int64_t result = sl_days_from_civil(civil.year, civil.month, civil.day);
    *days = (int32_t)result;
    return result == *days;
}

bool sl_time_parse(const char *data, size_t length, int32_t *ms_of_day)
{
    if (length == 0) {
        return false;
    }
    struct sl_cursor cursor = {data, data + length};
    struct sl_civil civil = {.year = 1970, .month = 1, .day = 1};
    int64_t timestamp;
    if (!read_time(&cursor, &civil) || cursor.at < cursor.end ||
        !sl_timestamp_from_civil(&civil, 3, &timestamp)) {
        return false;
    }
    *ms_of_day = (int32_t)timestamp;
    return true;
}

char *sl_put_year(char *out, int32_t year)
{
    uint32_t magnitude = year < 0 ? 0U - (uint32_t)year : (uint32_t)year;
    uint32_t width = YEAR_DIGITS;
    while (width < YEAR_DIGITS_MAX && magnitude >= POWERS[width]) {
        width++;
    }
    width += magnitude >= POWERS[YEAR_DIGITS_MAX];
    if (year < 0 || width > YEAR_DIGITS) {
        *out++ = year < 0 ? '-' : '+';
    }
    return sl_put_number(out, magnitude, width);
}

static char *put_date(char *out, const struct sl_civil *civil)
{
    out = sl_put_year(out, civil->year);
    *out++ = '-';
    out = sl_put_number(out, civil->month, 2);
    *out++ = '-';
    return sl_put_number(out, civil->day, 2);
}

static char *put_time(char *out, const struct sl_civil *civil, uint32_t precision)
{
    out = sl_put_number(out, civil->hour, 2);
    *out++ = ':';
    out = sl_put_number(out, civil->minute, 2);
    *out++ = ':';
    out = sl_put_number(out, civil->second, 2);
    if (precision > 0) {
        *out++ = '.';
        out = sl_put_number(out, civil->nanosecond / POWERS[9 - precision], precision);
    }
    return out;
}

size_t sl_timestamp_format(int64_t timestamp, uint32_t precision, enum sl_datetime_style style,
                           bool with_zone, char out[48])
{
    struct sl_civil civil;
    sl_civil_from_timestamp(timestamp, precision, &civil);
    char *at = put_date(out, &civil);
    *at++ = style == SL_DATETIME_SQL ? ' ' : 'T';
    at = put_time(at, &civil, precision);
    if (with_zone) {
        *at++ = 'Z';
    }
    return (size_t)(at - out);
}

size_t sl_date_format(int32_t days, char out[16])
{
    struct sl_civil civil = {.year = 0};
    sl_civil_from_days(days, &civil.year, &civil.month, &civil.day);
    return (size_t)(put_date(out, &civil) - out);
}

size_t sl_time_format(int32_t ms_of_day, uint32_t precision, char out[16])
{
    struct sl_civil civil;
    sl_civil_from_timestamp(ms_of_day, 3, &civil);
    return (size_t)(put_time(out, &civil, SL_MIN(precision, 3U)) - out);
}
