/* SPDX-License-Identifier: Apache-2.0
 *
 * Java's DateTimeFormatter patterns, the letters that people use. A pattern is cut once into fields
 * and literal text; reading and writing walk the same list. What a pattern does not name is
 * 1970-01-01 00:00:00. */
#include "datetime_text.h"
#include "sluice/datetime.h"
#include "sluice/memory.h"

#include <string.h>
#include <strings.h>

enum { PATTERN_LENGTH_MAX = 1024, FIELD_BYTES_MAX = 16, NANOSECOND_DIGITS = 9 };

/* letter is 0 for literal text. */
struct field {
    char letter;
    uint32_t count;  /* of the letter, or bytes of text */
    uint32_t offset; /* of the text */
};

struct sl_datetime_pattern {
    size_t size_bytes;
    uint32_t field_count;
    struct field *fields;
    char *text;
};

/* What reading collects before it is a date. */
struct parsed {
    struct sl_civil civil;
    uint32_t half_day_hour; /* 1-12, 0 = not given */
    bool is_afternoon;
    int32_t weekday; /* 0 = Monday, -1 = not given */
};

static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const WEEKDAYS[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

static const uint32_t POWERS[NANOSECOND_DIGITS + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
};

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* How many repetitions of a letter have a meaning here; 0 for letters that have none. */
static uint32_t count_max(char letter)
{
    switch (letter) {
    case 'y':
    case 'u':
    case 'M':
    case 'L':
    case 'E':
        return 4;
    case 'd':
    case 'H':
    case 'h':
    case 'm':
    case 's':
        return 2;
    case 'S':
        return NANOSECOND_DIGITS;
    case 'a':
        return 1;
    default:
        return 0;
    }
}

static bool is_numeric(const struct field *field)
{
    bool is_month = field->letter == 'M' || field->letter == 'L';
    return field->letter != 0 && field->letter != 'a' && field->letter != 'E' &&
           (!is_month || field->count <= 2);
}

static void add_text(struct sl_datetime_pattern *pattern, uint32_t *used, char character)
{
    struct field *last =
        pattern->field_count > 0 ? &pattern->fields[pattern->field_count - 1] : NULL;
    if (last == NULL || last->letter != 0) {
        last = &pattern->fields[pattern->field_count++];
        *last = (struct field){.offset = *used};
    }
    pattern->text[(*used)++] = character;
    last->count++;
}

/* Takes a quoted text whose opening quote is at *i and leaves *i at the closing one. */
static bool add_quoted(struct sl_datetime_pattern *pattern, uint32_t *used, const char *source,
                       size_t length, size_t *i)
{
    size_t at = *i + 1;
    if (at < length && source[at] == '\'') {
        add_text(pattern, used, '\'');
        *i = at;
        return true;
    }
    for (; at < length; at++) {
        if (source[at] == '\'' && (at + 1 == length || source[at + 1] != '\'')) {
            *i = at;
            return true;
        }
        add_text(pattern, used, source[at]);
        at += source[at] == '\'';
    }
    return false;
}

static enum sl_status compile(struct sl_datetime_pattern *pattern, const char *source,
                              size_t length, struct sl_error *err)
{
    uint32_t used = 0;
    for (size_t i = 0; i < length; i++) {
        char character = source[i];
        if (character == '\'') {
            if (!add_quoted(pattern, &used, source, length, &i)) {
                return sl_fail(err, SL_FORMAT, "date pattern '%.*s': a quote is not closed",
                               (int)length, source);
            }
            continue;
        }
        if (strchr("[]{}#", character) != NULL) {
            return sl_fail(err, SL_UNSUPPORTED, "date pattern '%.*s': '%c' is not supported yet",
                           (int)length, source, character);
        }
        if (!is_letter(character)) {
            add_text(pattern, &used, character);
            continue;
        }
        size_t start = i;
        while (i + 1 < length && source[i + 1] == character) {
            i++;
        }
        uint32_t count = (uint32_t)(i - start + 1);
        if (count > count_max(character)) {
            return sl_fail(err, SL_UNSUPPORTED, "date pattern '%.*s': '%.*s' is not supported yet",
                           (int)length, source, (int)count, source + start);
        }
        pattern->fields[pattern->field_count++] = (struct field){character, count, 0};
    }
    return SL_OK;
}

enum sl_status sl_datetime_pattern_create(const char *pattern, size_t length,
                                          struct sl_datetime_pattern **result, struct sl_error *err)
{
    *result = NULL;
    if (length == 0 || length > PATTERN_LENGTH_MAX || memchr(pattern, '\0', length) != NULL) {
        return sl_fail(err, SL_FORMAT, "date pattern must have 1 to %d bytes, none of them zero",
                       PATTERN_LENGTH_MAX);
    }
    size_t fields_bytes = length * sizeof(struct field);
    size_t size_bytes = sizeof(struct sl_datetime_pattern) + fields_bytes + length;
    struct sl_datetime_pattern *created =
        (struct sl_datetime_pattern *)sl_memory_alloc(NULL, size_bytes);
    if (created == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a date pattern");
    }
    created->size_bytes = size_bytes;
    created->fields = (struct field *)(created + 1);
    created->text = (char *)created->fields + fields_bytes;
    enum sl_status status = compile(created, pattern, length, err);
    if (status != SL_OK) {
        sl_datetime_pattern_destroy(created);
        return status;
    }
    *result = created;
    return SL_OK;
}

void sl_datetime_pattern_destroy(struct sl_datetime_pattern *pattern)
{
    if (pattern != NULL) {
        sl_memory_free(NULL, pattern, pattern->size_bytes);
    }
}

/* The name at the cursor, whole or its first three letters; any case. */
static bool read_name(struct sl_cursor *cursor, const char *const *names, uint32_t count,
                      bool is_short, uint32_t *idx)
{
    for (uint32_t i = 0; i < count; i++) {
        size_t length = is_short ? 3 : strlen(names[i]);
        if ((size_t)(cursor->end - cursor->at) >= length &&
            strncasecmp(cursor->at, names[i], length) == 0) {
            cursor->at += length;
            *idx = i;
            return true;
        }
    }
    return false;
}

/* yy is 2000 to 2099, yyyy four digits (more behind a sign), y as many as there are. */
static bool read_year(struct sl_cursor *cursor, uint32_t count, bool is_adjacent, int32_t *year)
{
    uint32_t value;
    if (count == 2) {
        if (!sl_cursor_number(cursor, 2, 2, &value, NULL)) {
            return false;
        }
        *year = (int32_t)value + 2000;
        return true;
    }
    bool negative = sl_cursor_take(cursor, '-');
    bool is_long = (negative || sl_cursor_take(cursor, '+') || count < 4) && !is_adjacent;
    if (!sl_cursor_number(cursor, count, is_long ? 9 : 4, &value, NULL)) {
        return false;
    }
    *year = negative ? -(int32_t)value : (int32_t)value;
    return true;
}

static bool read_fraction(struct sl_cursor *cursor, uint32_t count, uint32_t *nanosecond)
{
    if (!sl_cursor_number(cursor, count, count, nanosecond, NULL)) {
        return false;
    }
    *nanosecond *= POWERS[NANOSECOND_DIGITS - count];
    return true;
}

static bool read_month(struct sl_cursor *cursor, const struct field *field, uint32_t digits_max,
                       uint32_t *month)
{
    if (field->count <= 2) {
        return sl_cursor_number(cursor, field->count, digits_max, month, NULL);
    }
    bool found = read_name(cursor, MONTHS, 12, field->count == 3, month);
    *month += 1;
    return found;
}

static bool read_half(struct sl_cursor *cursor, bool *is_afternoon)
{
    static const char *const HALVES[] = {"AM ", "PM "};
    uint32_t idx = 0;
    for (; idx < 2; idx++) {
        if (cursor->end - cursor->at >= 2 && strncasecmp(cursor->at, HALVES[idx], 2) == 0) {
            cursor->at += 2;
            *is_afternoon = idx == 1;
            return true;
        }
    }
    return false;
}

/* A single letter takes one or two digits, unless digits of the next field follow at once. */
static bool read_field(struct sl_cursor *cursor, const struct field *field, bool is_adjacent,
                       struct parsed *parsed)
{
    struct sl_civil *civil = &parsed->civil;
    uint32_t digits_max = is_adjacent ? field->count : 2;
    uint32_t idx = 0;
    switch (field->letter) {
    case 'y':
    case 'u':
        return read_year(cursor, field->count, is_adjacent, &civil->year);
    case 'M':
    case 'L':
        return read_month(cursor, field, digits_max, &civil->month);
    case 'd':
        return sl_cursor_number(cursor, field->count, digits_max, &civil->day, NULL);
    case 'H':
        return sl_cursor_number(cursor, field->count, digits_max, &civil->hour, NULL);
    case 'h':
        return sl_cursor_number(cursor, field->count, digits_max, &parsed->half_day_hour, NULL) &&
               parsed->half_day_hour >= 1 && parsed->half_day_hour <= 12;
    case 'm':
        return sl_cursor_number(cursor, field->count, digits_max, &civil->minute, NULL);
    case 's':
        return sl_cursor_number(cursor, field->count, digits_max, &civil->second, NULL);
    case 'S':
        return read_fraction(cursor, field->count, &civil->nanosecond);
    case 'a':
        return read_half(cursor, &parsed->is_afternoon);
    default:
        if (!read_name(cursor, WEEKDAYS, 7, field->count < 4, &idx)) {
            return false;
        }
        parsed->weekday = (int32_t)idx;
        return true;
    }
}

static int32_t weekday_of(const struct sl_civil *civil)
{
    /* 1970-01-01 was a Thursday. */
    int64_t days = sl_days_from_civil(civil->year, civil->month, civil->day) + 3;
    return (int32_t)(((days % 7) + 7) % 7);
}

static bool read_fields(const struct sl_datetime_pattern *pattern, struct sl_cursor *cursor,
                        struct parsed *parsed)
{
    for (uint32_t i = 0; i < pattern->field_count; i++) {
        const struct field *field = &pattern->fields[i];
        if (field->letter == 0) {
            if ((size_t)(cursor->end - cursor->at) < field->count ||
                memcmp(cursor->at, pattern->text + field->offset, field->count) != 0) {
                return false;
            }
            cursor->at += field->count;
            continue;
        }
        bool is_adjacent = i + 1 < pattern->field_count && is_numeric(&pattern->fields[i + 1]);
        if (!read_field(cursor, field, is_adjacent, parsed)) {
            return false;
        }
    }
    return cursor->at == cursor->end;
}

bool sl_datetime_pattern_parse(const struct sl_datetime_pattern *pattern, const char *data,
                               size_t length, uint32_t precision, int64_t *timestamp)
{
    struct parsed parsed = {.civil = {.year = 1970, .month = 1, .day = 1}, .weekday = -1};
    if (length == 0) {
        return false;
    }
    struct sl_cursor cursor = {data, data + length};
    if (!read_fields(pattern, &cursor, &parsed)) {
        return false;
    }
    if (parsed.half_day_hour > 0) {
        parsed.civil.hour = parsed.half_day_hour % 12 + (parsed.is_afternoon ? 12 : 0);
    }
    return sl_timestamp_from_civil(&parsed.civil, precision, timestamp) &&
           (parsed.weekday < 0 || parsed.weekday == weekday_of(&parsed.civil));
}

static char *put_padded(char *out, uint32_t value, uint32_t count)
{
    return sl_put_number(out, value, value >= 10 ? 2 : count);
}

static char *put_name(char *out, const char *name, bool is_short)
{
    size_t length = is_short ? 3 : strlen(name);
    memcpy(out, name, length);
    return out + length;
}

static char *put_year(char *out, int32_t year, uint32_t count)
{
    if (count == 2) {
        return sl_put_number(out, (uint32_t)(((year % 100) + 100) % 100), 2);
    }
    if (count == 4 || year < 0 || year > 9999) {
        return sl_put_year(out, year);
    }
    uint32_t width = count;
    while (width < 4 && (uint32_t)year >= POWERS[width]) {
        width++;
    }
    return sl_put_number(out, (uint32_t)year, width);
}

/* Writes a field of at most FIELD_BYTES_MAX bytes. */
static char *put_field(char *out, const struct field *field, const struct sl_civil *civil)
{
    uint32_t half_day_hour = (civil->hour + 11) % 12 + 1;
    switch (field->letter) {
    case 'y':
    case 'u':
        return put_year(out, civil->year, field->count);
    case 'M':
    case 'L':
        return field->count <= 2 ? put_padded(out, civil->month, field->count)
                                 : put_name(out, MONTHS[civil->month - 1], field->count == 3);
    case 'd':
        return put_padded(out, civil->day, field->count);
    case 'H':
        return put_padded(out, civil->hour, field->count);
    case 'h':
        return put_padded(out, half_day_hour, field->count);
    case 'm':
        return put_padded(out, civil->minute, field->count);
    case 's':
        return put_padded(out, civil->second, field->count);
    case 'S':
        return sl_put_number(out, civil->nanosecond / POWERS[NANOSECOND_DIGITS - field->count],
                             field->count);
    case 'a':
        return put_name(out, civil->hour < 12 ? "AM" : "PM", false);
    default:
        return put_name(out, WEEKDAYS[weekday_of(civil)], field->count < 4);
    }
}

size_t sl_datetime_pattern_format(const struct sl_datetime_pattern *pattern, int64_t timestamp,
                                  uint32_t precision, char *out, size_t size_bytes)
{
    struct sl_civil civil;
    size_t length = 0;
    sl_civil_from_timestamp(timestamp, precision, &civil);
    for (uint32_t i = 0; i < pattern->field_count; i++) {
        const struct field *field = &pattern->fields[i];
        char buffer[FIELD_BYTES_MAX];
        const char *text = pattern->text + field->offset;
        size_t count = field->count;
        if (field->letter != 0) {
            text = buffer;
            count = (size_t)(put_field(buffer, field, &civil) - buffer);
        }
        if (count > size_bytes - length) {
            return 0;
        }
        memcpy(out + length, text, count);
        length += count;
    }
    return length;
}
