/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar counted year by year and month by month, time zones asked of the C library, and
 * texts of dates and times read a field at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support_tree.h"

enum { DAYS_OF_400_YEARS = 146097, SECONDS_OF_DAY = 86400 };

static bool has_zone_set;

void interpreter_set_zone(const char *posix_or_name)
{
    has_zone_set = posix_or_name != NULL;
    setenv("TZ", posix_or_name == NULL ? "UTC0" : posix_or_name, 1);
    tzset();
}

int64_t calendar_ticks(int precision)
{
    return precision <= 3 ? 1000 : precision <= 6 ? 1000000 : 1000000000;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static sl_int128 floor_divide(sl_int128 a, sl_int128 b)
{
    return a / b - (a % b < 0);
}

int64_t calendar_days(int64_t year, int month, int day)
{
    const int64_t cycles = (int64_t)floor_divide(year - 1970, 400);
    int64_t days = cycles * DAYS_OF_400_YEARS;
    for (int64_t at = 1970; at < year - 400 * cycles; at++) {
        days += is_leap(at) ? 366 : 365;
    }
    for (int at = 1; at < month; at++) {
        days += days_of_month(year, at);
    }
    return days + day - 1;
}

struct calendar calendar_of(sl_int128 timestamp, int precision)
{
    const int64_t ticks = calendar_ticks(precision);
    const sl_int128 seconds = floor_divide(timestamp, ticks);
    int64_t days = (int64_t)floor_divide(seconds, SECONDS_OF_DAY);
    const int second = (int)(seconds - (sl_int128)days * SECONDS_OF_DAY);
    struct calendar result = {.month = 1};
    const int64_t cycles = (int64_t)floor_divide(days, DAYS_OF_400_YEARS);
    result.year = 1970 + 400 * cycles;
    days -= cycles * DAYS_OF_400_YEARS;
    while (days >= (is_leap(result.year) ? 366 : 365)) {
        days -= is_leap(result.year) ? 366 : 365;
        result.year++;
    }
    while (days >= days_of_month(result.year, result.month)) {
        days -= days_of_month(result.year, result.month);
        result.month++;
    }
    result.day = (int)days + 1;
    result.hour = second / 3600;
    result.minute = second / 60 % 60;
    result.second = second % 60;
    result.nanosecond = (int)((timestamp - seconds * ticks) * (1000000000 / ticks));
    return result;
}

static bool is_int64(sl_int128 value)
{
    return value >= INT64_MIN && value <= INT64_MAX;
}

static int64_t power10(int exponent)
{
    int64_t power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

bool calendar_timestamp(const struct calendar *calendar, int precision, sl_int128 *timestamp)
{
    if (calendar->month < 1 || calendar->month > 12 || calendar->day < 1 ||
        calendar->day > days_of_month(calendar->year, calendar->month) || calendar->hour > 23 ||
        calendar->minute > 59 || calendar->second > 59) {
        return false;
    }
    const int64_t ticks = calendar_ticks(precision);
    const int64_t unit = power10(9 - precision);
    const int64_t nanosecond = calendar->nanosecond / unit * unit;
    const int64_t days = calendar_days(calendar->year, calendar->month, calendar->day);
    const int second = calendar->hour * 3600 + calendar->minute * 60 + calendar->second;
    *timestamp =
        ((sl_int128)days * SECONDS_OF_DAY + second) * ticks + nanosecond / (1000000000 / ticks);
    return is_int64(*timestamp);
}

bool calendar_rescale(sl_int128 timestamp, int from, int to, sl_int128 *result)
{
    const sl_int128 nanoseconds = timestamp * (1000000000 / calendar_ticks(from));
    const int64_t unit = to < from ? power10(9 - to) : 1; /* up, nothing is cut */
    *result = floor_divide(nanoseconds, unit) * unit / (1000000000 / calendar_ticks(to));
    return is_int64(*result);
}

bool calendar_add_months(sl_int128 timestamp, int precision, sl_int128 months, sl_int128 *result)
{
    struct calendar calendar = calendar_of(timestamp, precision);
    const sl_int128 count = (sl_int128)calendar.year * 12 + calendar.month - 1 + months;
    calendar.year = (int64_t)floor_divide(count, 12);
    calendar.month = (int)(count - (sl_int128)calendar.year * 12) + 1;
    const int last = days_of_month(calendar.year, calendar.month);
    calendar.day = calendar.day < last ? calendar.day : last;
    return calendar_timestamp(&calendar, precision <= 3 ? 3 : precision <= 6 ? 6 : 9, result);
}

/* The C library does not know the zones' rules in the millions of years; they repeat every 400. */
static int64_t offset_at(sl_int128 seconds)
{
    const int64_t cycle = (int64_t)DAYS_OF_400_YEARS * SECONDS_OF_DAY;
    if (seconds > 20 * cycle) {
        seconds = seconds % cycle + 19 * cycle;
    }
    const time_t time = (time_t)seconds;
    struct tm tm;
    return localtime_r(&time, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

/* What would leave int64 stays as it is. */
static sl_int128 moved(sl_int128 timestamp, sl_int128 seconds, int64_t ticks)
{
    const sl_int128 result = timestamp + seconds * ticks;
    return is_int64(result) ? result : timestamp;
}

sl_int128 calendar_to_local(sl_int128 timestamp, int precision)
{
    const int64_t ticks = calendar_ticks(precision);
    return has_zone_set ? moved(timestamp, offset_at(floor_divide(timestamp, ticks)), ticks)
                        : timestamp;
}

/* A time that a clock shows twice is the first; one that it skips counts as if it had not. */
sl_int128 calendar_to_utc(sl_int128 timestamp, int precision)
{
    const int64_t ticks = calendar_ticks(precision);
    const sl_int128 local = floor_divide(timestamp, ticks);
    if (!has_zone_set) {
        return timestamp;
    }
    const int64_t before = offset_at(local - SECONDS_OF_DAY);
    const int64_t after = offset_at(local + SECONDS_OF_DAY);
    const bool is_before = offset_at(local - before) == before;
    const bool is_after = offset_at(local - after) == after;
    return moved(timestamp, -(is_after && !is_before ? after : before), ticks);
}

/* Takes min to max digits from *data. */
static bool take_number(const char **data, const char *end, int min, int max, int64_t *value)
{
    int count = 0;
    *value = 0;
    while (count < max && *data < end && **data >= '0' && **data <= '9') {
        *value = *value * 10 + (**data - '0');
        (*data)++;
        count++;
    }
    return count >= min;
}

static bool take(const char **data, const char *end, char wanted)
{
    if (*data == end || **data != wanted) {
        return false;
    }
    (*data)++;
    return true;
}

static bool take_two(const char **data, const char *end, int *value)
{
    int64_t number;
    const bool is_number = take_number(data, end, 2, 2, &number);
    *value = (int)number;
    return is_number;
}

/* HH:mm[:ss[.f{1,9}]] */
static bool take_time(const char **data, const char *end, struct calendar *calendar)
{
    if (!take_two(data, end, &calendar->hour) || !take(data, end, ':') ||
        !take_two(data, end, &calendar->minute)) {
        return false;
    }
    if (!take(data, end, ':')) {
        return true;
    }
    if (!take_two(data, end, &calendar->second)) {
        return false;
    }
    if (!take(data, end, '.')) {
        return true;
    }
    const char *start = *data;
    int64_t fraction;
    if (!take_number(data, end, 1, 9, &fraction)) {
        return false;
    }
    calendar->nanosecond = (int)(fraction * power10(9 - (int)(*data - start)));
    return true;
}

static bool take_date(const char **data, const char *end, struct calendar *calendar)
{
    const bool is_negative = *data < end && **data == '-';
    const bool is_signed = take(data, end, '-') || take(data, end, '+');
    if (!take_number(data, end, 4, is_signed ? 9 : 4, &calendar->year)) {
        return false;
    }
    calendar->year = is_negative ? -calendar->year : calendar->year;
    return take(data, end, '-') && take_two(data, end, &calendar->month) && take(data, end, '-') &&
           take_two(data, end, &calendar->day);
}

/* yyyy-MM-dd[[ T]time[Z|+hh:mm]] */
bool calendar_parse(const char *data, size_t length, struct calendar *calendar,
                    int64_t *offset_seconds, bool *has_zone)
{
    const char *end = data + length;
    *calendar = (struct calendar){0};
    *offset_seconds = 0;
    *has_zone = false;
    if (!take_date(&data, end, calendar)) {
        return false;
    }
    if (data == end) {
        return true;
    }
    if ((!take(&data, end, ' ') && !take(&data, end, 'T')) || !take_time(&data, end, calendar)) {
        return false;
    }
    *has_zone = data < end;
    if (data == end || take(&data, end, 'Z')) {
        return data == end;
    }
    const bool is_negative = *data == '-';
    int hours;
    int minutes;
    if ((!take(&data, end, '-') && !take(&data, end, '+')) || !take_two(&data, end, &hours) ||
        !take(&data, end, ':') || !take_two(&data, end, &minutes) || hours > 18 || minutes > 59) {
        return false;
    }
    *offset_seconds = (is_negative ? -1 : 1) * (hours * 3600 + minutes * 60);
    return data == end;
}

bool calendar_parse_time(const char *data, size_t length, int *ms_of_day)
{
    const char *end = data + length;
    struct calendar calendar = {0};
    const bool is_time = take_time(&data, end, &calendar) && data == end && calendar.hour < 24 &&
                         calendar.minute < 60 && calendar.second < 60;
    *ms_of_day = (calendar.hour * 3600 + calendar.minute * 60 + calendar.second) * 1000 +
                 calendar.nanosecond / 1000000;
    return is_time;
}

static void print_year(struct sl_text *out, int64_t year)
{
    const char *sign = year < 0 ? "-" : year > 9999 ? "+" : "";
    sl_text_printf(out, "%s%04lld", sign, (long long)(year < 0 ? -year : year));
}

void calendar_print(struct sl_text *out, const struct calendar *calendar, int precision,
                    bool with_date, bool with_time)
{
    if (with_date) {
        print_year(out, calendar->year);
        sl_text_printf(out, "-%02d-%02d%s", calendar->month, calendar->day, with_time ? " " : "");
    }
    if (with_time) {
        sl_text_printf(out, "%02d:%02d:%02d", calendar->hour, calendar->minute, calendar->second);
    }
    if (with_time && precision > 0) {
        sl_text_printf(out, ".%0*d", precision,
                       (int)(calendar->nanosecond / power10(9 - precision)));
    }
}

/* The field of a letter, NULL for other characters. */
static const int *field_of(const struct calendar *calendar, char letter)
{
    return letter == 'M'   ? &calendar->month
           : letter == 'd' ? &calendar->day
           : letter == 'H' ? &calendar->hour
           : letter == 'm' ? &calendar->minute
           : letter == 's' ? &calendar->second
                           : NULL;
}

/* Formats of yyyy, fields of two letters, fractions and punctuation. */
void calendar_print_format(struct sl_text *out, const struct calendar *calendar, const char *format,
                           size_t length)
{
    for (size_t at = 0; at < length;) {
        const char letter = format[at];
        size_t count = 1;
        while (at + count < length && format[at + count] == letter) {
            count++;
        }
        const int *field = field_of(calendar, letter);
        if (letter == 'y') {
            print_year(out, calendar->year);
        } else if (letter == 'S') {
            sl_text_printf(out, "%0*d", (int)count,
                           (int)(calendar->nanosecond / power10(9 - (int)count)));
        } else if (field != NULL) {
            sl_text_printf(out, "%02d", *field);
        } else {
            sl_text_append(out, format + at, count);
        }
        at += count;
    }
}

bool calendar_parse_format(const char *data, size_t length, const char *format,
                           size_t format_length, struct calendar *calendar)
{
    const char *end = data + length;
    *calendar = (struct calendar){.year = 1970, .month = 1, .day = 1};
    for (size_t at = 0; at < format_length;) {
        const char letter = format[at];
        size_t count = 1;
        while (at + count < format_length && format[at + count] == letter) {
            count++;
        }
        int *field = (int *)(uintptr_t)field_of(calendar, letter);
        int64_t number;
        bool is_taken = true;
        if (letter == 'y') {
            const bool is_negative = data < end && *data == '-';
            const bool is_signed = take(&data, end, '-') || take(&data, end, '+');
            is_taken = take_number(&data, end, 4, is_signed ? 9 : 4, &number);
            calendar->year = is_negative ? -number : number;
        } else if (letter == 'S') {
            is_taken = take_number(&data, end, (int)count, (int)count, &number);
            calendar->nanosecond = (int)(number * power10(9 - (int)count));
        } else if (field != NULL) {
            is_taken = take_two(&data, end, field);
        } else {
            for (size_t byte = 0; byte < count && is_taken; byte++) {
                is_taken = take(&data, end, letter);
            }
        }
        if (!is_taken) {
            return false;
        }
        at += count;
    }
    return data == end && length > 0;
}
