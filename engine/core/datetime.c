/* SPDX-License-Identifier: Apache-2.0
 *
 * Civil dates and timestamps in the proleptic Gregorian calendar. All divisions floor, so instants
 * before the epoch need no case of their own. */
#include "sluice/datetime.h"

#include "sluice/type.h"

enum { SECONDS_PER_DAY = 86400, NANOSECONDS_PER_SECOND = 1000000000, YEAR_DAYS_400 = 146097 };

static const uint32_t POWERS[10] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
};

static int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

static int64_t floor_modulo(int64_t value, int64_t divisor)
{
    int64_t rest = value % divisor;
    return rest < 0 ? rest + divisor : rest;
}

/* Years begin in March, so that the leap day is the last day of one. */
int64_t sl_days_from_civil(int32_t year, uint32_t month, uint32_t day)
{
    int64_t shifted = (int64_t)year - (month <= 2);
    int64_t era = floor_divide(shifted, 400);
    int64_t year_of_era = shifted - era * 400;
    int64_t month_of_year = month > 2 ? (int64_t)month - 3 : (int64_t)month + 9;
    int64_t day_of_year = (153 * month_of_year + 2) / 5 + (int64_t)day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * YEAR_DAYS_400 + day_of_era - 719468;
}

void sl_civil_from_days(int64_t days, int32_t *year, uint32_t *month, uint32_t *day)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_divide(shifted, YEAR_DAYS_400);
    uint32_t day_of_era = (uint32_t)(shifted - era * YEAR_DAYS_400);
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_of_year = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_of_year + 2) / 5 + 1;
    *month = month_of_year < 10 ? month_of_year + 3 : month_of_year - 9;
    *year = (int32_t)(era * 400 + (int64_t)year_of_era + (*month <= 2));
}

static uint32_t days_in_month(int32_t year, uint32_t month)
{
    static const uint8_t DAYS[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return DAYS[month] + (month == 2 && is_leap);
}

void sl_civil_from_timestamp(int64_t timestamp, uint32_t precision, struct sl_civil *civil)
{
    int64_t ticks = sl_timestamp_ticks_per_second(precision);
    int64_t seconds = floor_divide(timestamp, ticks);
    int64_t rest = floor_modulo(timestamp, ticks);
    uint32_t second_of_day = (uint32_t)floor_modulo(seconds, SECONDS_PER_DAY);
    sl_civil_from_days(floor_divide(seconds, SECONDS_PER_DAY), &civil->year, &civil->month,
                       &civil->day);
    civil->hour = second_of_day / 3600;
    civil->minute = second_of_day / 60 % 60;
    civil->second = second_of_day % 60;
    civil->nanosecond = (uint32_t)(rest * (NANOSECONDS_PER_SECOND / ticks));
}

/* seconds * ticks + rest without passing beyond int64 on the way. */
static bool ticks_from_seconds(int64_t seconds, uint32_t nanosecond, uint32_t precision,
                               int64_t *timestamp)
{
    int64_t ticks = sl_timestamp_ticks_per_second(precision);
    uint32_t unit = POWERS[9 - SL_MIN(precision, 9U)];
    int64_t rest = nanosecond / unit * unit / (NANOSECONDS_PER_SECOND / ticks);
    if (seconds < 0) {
        seconds++;
        rest -= ticks;
    }
    int64_t product;
    return !__builtin_mul_overflow(seconds, ticks, &product) &&
           !__builtin_add_overflow(product, rest, timestamp);
}

bool sl_timestamp_from_civil(const struct sl_civil *civil, uint32_t precision, int64_t *timestamp)
{
    if (civil->month < 1 || civil->month > 12 || civil->day < 1 ||
        civil->day > days_in_month(civil->year, civil->month) || civil->hour > 23 ||
        civil->minute > 59 || civil->second > 59 || civil->nanosecond >= NANOSECONDS_PER_SECOND) {
        return false;
    }
    int64_t days = sl_days_from_civil(civil->year, civil->month, civil->day);
    int64_t second_of_day = (int64_t)civil->hour * 3600 + civil->minute * 60 + civil->second;
    return ticks_from_seconds(days * SECONDS_PER_DAY + second_of_day, civil->nanosecond, precision,
                              timestamp);
}

bool sl_timestamp_rescale(int64_t timestamp, uint32_t from_precision, uint32_t to_precision,
                          int64_t *result)
{
    int64_t from = sl_timestamp_ticks_per_second(from_precision);
    int64_t to = sl_timestamp_ticks_per_second(to_precision);
    if (to > from) {
        return !__builtin_mul_overflow(timestamp, to / from, result);
    }
    timestamp = floor_divide(timestamp, from / to);
    if (to_precision < from_precision) {
        /* Ticks may be finer than the precision: TIMESTAMP(0) still counts milliseconds. */
        int64_t unit = to / POWERS[to_precision];
        int64_t extra = floor_modulo(timestamp, unit);
        return !__builtin_sub_overflow(timestamp, extra, result);
    }
    *result = timestamp;
    return true;
}

bool sl_timestamp_add_months(int64_t timestamp, uint32_t precision, int32_t months, int64_t *result)
{
    struct sl_civil civil;
    sl_civil_from_timestamp(timestamp, precision, &civil);
    int64_t month_count = (int64_t)civil.year * 12 + (civil.month - 1) + months;
    int64_t year = floor_divide(month_count, 12);
    if (year < INT32_MIN || year > INT32_MAX) {
        return false;
    }
    civil.year = (int32_t)year;
    civil.month = (uint32_t)floor_modulo(month_count, 12) + 1;
    civil.day = SL_MIN(civil.day, days_in_month(civil.year, civil.month));
    /* Ticks below the precision, should there be any, are kept: nanoseconds go through whole. */
    uint32_t finest = precision <= 3 ? 3 : precision <= 6 ? 6 : 9;
    return sl_timestamp_from_civil(&civil, finest, result);
}
