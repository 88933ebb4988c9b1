/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations and memory sizes as options write them: a whole number, optional spaces, a unit in any
 * case. White space around is ignored; the unit names are Flink's. */
#include "sluice/text.h"

#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    int64_t multiplier;
    int64_t divisor; /* 1 unless the unit is smaller than the result's */
};

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000 };

static const struct unit DURATIONS[] = {
    {"", 1, 1},
    {"ms", 1, 1},
    {"milli", 1, 1},
    {"millis", 1, 1},
    {"millisecond", 1, 1},
    {"milliseconds", 1, 1},
    {"s", MS_PER_SECOND, 1},
    {"sec", MS_PER_SECOND, 1},
    {"secs", MS_PER_SECOND, 1},
    {"second", MS_PER_SECOND, 1},
    {"seconds", MS_PER_SECOND, 1},
    {"m", MS_PER_MINUTE, 1},
    {"min", MS_PER_MINUTE, 1},
    {"minute", MS_PER_MINUTE, 1},
    {"minutes", MS_PER_MINUTE, 1},
    {"h", MS_PER_HOUR, 1},
    {"hour", MS_PER_HOUR, 1},
    {"hours", MS_PER_HOUR, 1},
    {"d", MS_PER_DAY, 1},
    {"day", MS_PER_DAY, 1},
    {"days", MS_PER_DAY, 1},
    {"us", 1, 1000},
    {"\xC2\xB5s", 1, 1000}, /* the micro sign */
    {"micro", 1, 1000},
    {"micros", 1, 1000},
    {"microsecond", 1, 1000},
    {"microseconds", 1, 1000},
    {"ns", 1, 1000000},
    {"nano", 1, 1000000},
    {"nanos", 1, 1000000},
    {"nanosecond", 1, 1000000},
    {"nanoseconds", 1, 1000000},
};

#define KIB ((int64_t)1024)

static const struct unit SIZES[] = {
    {"", 1, 1},
    {"b", 1, 1},
    {"bytes", 1, 1},
    {"k", KIB, 1},
    {"kb", KIB, 1},
    {"kib", KIB, 1},
    {"kibibytes", KIB, 1},
    {"m", KIB *KIB, 1},
    {"mb", KIB *KIB, 1},
    {"mib", KIB *KIB, 1},
    {"mebibytes", KIB *KIB, 1},
    {"g", KIB *KIB *KIB, 1},
    {"gb", KIB *KIB *KIB, 1},
    {"gib", KIB *KIB *KIB, 1},
    {"gibibytes", KIB *KIB *KIB, 1},
    {"t", KIB *KIB *KIB *KIB, 1},
    {"tb", KIB *KIB *KIB *KIB, 1},
    {"tib", KIB *KIB *KIB *KIB, 1},
    {"tebibytes", KIB *KIB *KIB *KIB, 1},
};

static bool is_space(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static const struct unit *find_unit(const struct unit *units, size_t count, const char *name,
                                    size_t length)
{
    for (size_t i = 0; i < count; i++) {
        bool is_same =
            strlen(units[i].name) == length && strncasecmp(units[i].name, name, length) == 0;
        if (is_same) {
            return &units[i];
        }
    }
    return NULL;
}

static bool parse_with_unit(const char *data, size_t length, const struct unit *units, size_t count,
                            int64_t *value)
{
    size_t start = 0;
    while (start < length && is_space(data[start])) {
        start++;
    }
    while (length > start && is_space(data[length - 1])) {
        length--;
    }
    size_t digits_end = start;
    while (digits_end < length && data[digits_end] >= '0' && data[digits_end] <= '9') {
        digits_end++;
    }
    int64_t number;
    if (digits_end == start || !sl_parse_int64(data + start, digits_end - start, &number)) {
        return false;
    }
    size_t unit_start = digits_end;
    while (unit_start < length && is_space(data[unit_start])) {
        unit_start++;
    }
    const struct unit *unit = find_unit(units, count, data + unit_start, length - unit_start);
    int64_t product;
    if (unit == NULL || __builtin_mul_overflow(number, unit->multiplier, &product)) {
        return false;
    }
    *value = product / unit->divisor;
    return true;
}

bool sl_parse_duration_ms(const char *data, size_t length, int64_t *value_ms)
{
    return parse_with_unit(data, length, DURATIONS, SL_COUNT_OF(DURATIONS), value_ms);
}

bool sl_parse_bytes(const char *data, size_t length, int64_t *value_bytes)
{
    return parse_with_unit(data, length, SIZES, SL_COUNT_OF(SIZES), value_bytes);
}
