/* SPDX-License-Identifier: Apache-2.0
 *
 * CAST, a value at a time: every type goes its own plain way. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support_tree.h"

enum { DAY_MS = 86400000, NUMBER_BYTES = 2048 };

struct value value_error(enum sl_row_error error)
{
    return (struct value){.error = error};
}

struct value value_null(void)
{
    return (struct value){.is_null = true};
}

struct value value_integer(sl_int128 integer)
{
    return (struct value){.integer = integer};
}

struct value value_string(struct interpreter *interpreter, const char *data, size_t length)
{
    char *copy = sl_arena_alloc(interpreter->arena, length + 1);
    if (length > 0) {
        memcpy(copy, data, length);
    }
    return (struct value){.data = copy, .length = length};
}

static struct value take_text(struct interpreter *interpreter, struct sl_text *text)
{
    const struct value value = value_string(interpreter, text->data, text->length);
    sl_text_deinit(text);
    return value;
}

static bool is_real(enum sl_type_id id)
{
    return id == SL_TYPE_FLOAT || id == SL_TYPE_DOUBLE;
}

bool integer_fits(sl_int128 value, enum sl_type_id id)
{
    switch (id) {
    case SL_TYPE_TINYINT:
        return value >= INT8_MIN && value <= INT8_MAX;
    case SL_TYPE_SMALLINT:
        return value >= INT16_MIN && value <= INT16_MAX;
    case SL_TYPE_INT:
    case SL_TYPE_DATE:
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        return value >= INT32_MIN && value <= INT32_MAX;
    default:
        return value >= INT64_MIN && value <= INT64_MAX;
    }
}

/* The fewest digits that read back, but two at least, in Java's layout. */
static void print_real(struct sl_text *out, double value, bool is_float)
{
    char text[64];
    if (isnan(value) || isinf(value)) {
        sl_text_append_string(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
        return;
    }
    if (signbit(value)) {
        sl_text_append_char(out, '-');
        value = -value;
    }
    if (value == 0) {
        sl_text_append_string(out, "0.0");
        return;
    }
    for (int count = 2; count <= 17; count++) {
        snprintf(text, sizeof text, "%.*e", count - 1, value);
        if (is_float ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value) {
            break;
        }
    }
    char digits[32];
    int digit_count = 0;
    for (const char *at = text; *at != 'e'; at++) {
        if (*at != '.') {
            digits[digit_count++] = *at;
        }
    }
    while (digit_count > 1 && digits[digit_count - 1] == '0') {
        digit_count--;
    }
    const int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    const bool is_plain = exponent >= -3 && exponent < 7;
    const int point = is_plain ? exponent + 1 : 1; /* digits before the point */
    for (int at = point < 1 ? point - 1 : 0; at < digit_count || at < point + 1; at++) {
        if (at == point) {
            sl_text_append_char(out, '.');
        }
        sl_text_append_char(out, at < 0 || at >= digit_count ? '0' : digits[at]);
    }
    if (!is_plain) {
        sl_text_printf(out, "E%d", exponent);
    }
}

void value_print(const struct value *value, const struct sl_type *type, struct sl_text *out)
{
    char digits[64];
    struct calendar calendar;
    const long long integer = (long long)value->integer;
    const unsigned long long magnitude =
        integer < 0 ? 0 - (unsigned long long)integer : (unsigned long long)integer;
    switch (type->id) {
    case SL_TYPE_BOOLEAN:
        sl_text_append_string(out, integer != 0 ? "TRUE" : "FALSE");
        return;
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        print_real(out, value->real, type->id == SL_TYPE_FLOAT);
        return;
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        sl_text_append(out, value->data, value->length);
        return;
    case SL_TYPE_DATE:
        calendar = calendar_of(value->integer * DAY_MS, 3);
        calendar_print(out, &calendar, 0, true, false);
        return;
    case SL_TYPE_TIME:
        calendar = calendar_of(value->integer, 3);
        calendar_print(out, &calendar, SL_MIN(type->precision, 3), false, true);
        return;
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        calendar = calendar_of(type->id == SL_TYPE_TIMESTAMP_LTZ
                                   ? calendar_to_local(value->integer, type->precision)
                                   : value->integer,
                               type->precision);
        calendar_print(out, &calendar, type->precision, true, true);
        return;
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        sl_text_printf(out, "%c%llu-%02llu", integer < 0 ? '-' : '+', magnitude / 12,
                       magnitude % 12);
        return;
    case SL_TYPE_INTERVAL_DAY_TIME:
        sl_text_printf(out, "%c%llu %02llu:%02llu:%02llu.%03llu", integer < 0 ? '-' : '+',
                       magnitude / DAY_MS, magnitude / 3600000 % 24, magnitude / 60000 % 60,
                       magnitude / 1000 % 60, magnitude % 1000);
        return;
    default:
        sl_text_append(
            out, digits,
            digits_format(value->integer, type->id == SL_TYPE_DECIMAL ? type->scale : 0, digits));
        return;
    }
}

/* Cut to the type's characters, and padded for CHAR. */
static struct value to_length(struct interpreter *interpreter, struct value value,
                              const struct sl_type *to)
{
    size_t at = 0;
    uint32_t count = 0;
    while (at < value.length && count < to->length) {
        at += utf8_next(value.data + at, value.length - at);
        count++;
    }
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_text_append(&text, value.data, at);
    for (; to->id == SL_TYPE_CHAR && count < to->length; count++) {
        sl_text_append_char(&text, ' ');
    }
    return take_text(interpreter, &text);
}

static struct value to_string(struct interpreter *interpreter, struct value value,
                              const struct sl_type *from, const struct sl_type *to)
{
    if (sl_type_is_binary(from->id) && sl_utf8_check(value.data, value.length) != value.length) {
        return value_error(SL_ROW_CAST);
    }
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    value_print(&value, from, &text);
    return to_length(interpreter, take_text(interpreter, &text), to);
}

static struct value to_bytes(struct interpreter *interpreter, struct value value,
                             const struct sl_type *to)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_text_append(&text, value.data, value.length < to->length ? value.length : to->length);
    while (to->id == SL_TYPE_BINARY && text.length < to->length) {
        sl_text_append_char(&text, '\0');
    }
    return take_text(interpreter, &text);
}

static struct value trimmed(struct value value)
{
    while (value.length > 0 && (unsigned char)value.data[0] <= ' ') {
        value.data++;
        value.length--;
    }
    while (value.length > 0 && (unsigned char)value.data[value.length - 1] <= ' ') {
        value.length--;
    }
    return value;
}

static struct value string_to_boolean(struct value text)
{
    static const char *const words[] = {"f", "false", "n", "no", "0", "t", "true", "y", "yes", "1"};
    for (size_t idx = 0; idx < 10; idx++) {
        if (strlen(words[idx]) == text.length &&
            strncasecmp(words[idx], text.data, text.length) == 0) {
            return value_integer(idx >= 5);
        }
    }
    return value_error(SL_ROW_CAST);
}

/* [+-]digits[.digits], with digits on one side at least; the fraction is dropped. */
static struct value string_to_integer(struct value text, enum sl_type_id id)
{
    const bool is_negative = text.length > 0 && text.data[0] == '-';
    size_t at = text.length > 0 && (text.data[0] == '-' || text.data[0] == '+');
    sl_int128 value = 0;
    bool has_point = false;
    size_t digit_count = 0;
    for (; at < text.length; at++) {
        const char byte = text.data[at];
        if (byte == '.' && !has_point) {
            has_point = true;
        } else if (byte < '0' || byte > '9') {
            return value_error(SL_ROW_CAST);
        } else {
            digit_count++;
            value = has_point || value > INT64_MAX ? value : value * 10 + (byte - '0');
        }
    }
    value = is_negative ? -value : value;
    return digit_count > 0 && integer_fits(value, id) ? value_integer(value)
                                                      : value_error(SL_ROW_CAST);
}

static struct value string_to_real(struct value text, bool is_float)
{
    char copy[NUMBER_BYTES];
    snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.data);
    const char *unsigned_text = copy + (copy[0] == '-' || copy[0] == '+');
    struct value value = {.is_null = false};
    sl_int128 ignored;
    const struct sl_type any = sl_type_decimal(38, 0);
    if (strcmp(unsigned_text, "NaN") == 0) {
        value.real = (double)NAN;
    } else if (strcmp(unsigned_text, "Infinity") == 0) {
        value.real = copy[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    } else if (digits_parse(text.data, text.length, &any, &ignored) == 0) {
        return value_error(SL_ROW_CAST);
    } else {
        value.real = is_float ? (double)strtof(copy, NULL) : strtod(copy, NULL);
    }
    return value;
}

static struct value string_to_time(struct value text, const struct sl_type *to)
{
    static const int units[] = {1000, 100, 10, 1};
    int ms;
    if (!calendar_parse_time(text.data, text.length, &ms)) {
        return value_error(SL_ROW_CAST);
    }
    return value_integer(ms - ms % units[SL_MIN(to->precision, 3)]);
}

static struct value string_to_date(struct value text)
{
    struct calendar calendar;
    int64_t offset;
    bool has_zone;
    sl_int128 timestamp;
    if (!calendar_parse(text.data, text.length, &calendar, &offset, &has_zone) ||
        !calendar_timestamp(&calendar, 3, &timestamp)) {
        return value_error(SL_ROW_CAST);
    }
    const int64_t days = calendar_days(calendar.year, calendar.month, calendar.day);
    return integer_fits(days, SL_TYPE_DATE) ? value_integer(days) : value_error(SL_ROW_CAST);
}

static struct value string_to_timestamp(struct value text, const struct sl_type *to)
{
    struct calendar calendar;
    int64_t offset;
    bool has_zone;
    sl_int128 timestamp;
    if (!calendar_parse(text.data, text.length, &calendar, &offset, &has_zone) ||
        !calendar_timestamp(&calendar, to->precision, &timestamp)) {
        return value_error(SL_ROW_CAST);
    }
    timestamp -= (sl_int128)offset * calendar_ticks(to->precision);
    if (to->id == SL_TYPE_TIMESTAMP_LTZ && !has_zone) {
        timestamp = calendar_to_utc(timestamp, to->precision);
    }
    return timestamp >= INT64_MIN && timestamp <= INT64_MAX ? value_integer(timestamp)
                                                            : value_error(SL_ROW_CAST);
}

static struct value from_string(struct interpreter *interpreter, struct value value,
                                const struct sl_type *to)
{
    const struct value text = trimmed(value);
    sl_int128 decimal = 0;
    switch (to->id) {
    case SL_TYPE_BOOLEAN:
        return string_to_boolean(text);
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        return string_to_real(text, to->id == SL_TYPE_FLOAT);
    case SL_TYPE_DECIMAL:
        return digits_parse(text.data, text.length, to, &decimal) == 1 ? value_integer(decimal)
                                                                       : value_error(SL_ROW_CAST);
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        return to_bytes(interpreter, value, to);
    case SL_TYPE_DATE:
        return string_to_date(text);
    case SL_TYPE_TIME:
        return string_to_time(text, to);
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return string_to_timestamp(text, to);
    default:
        return string_to_integer(text, to->id);
    }
}

static struct value real_to_number(struct value value, const struct sl_type *to)
{
    if (to->id == SL_TYPE_BOOLEAN) {
        return value_integer(value.real != 0);
    }
    if (is_real(to->id)) {
        value.real = to->id == SL_TYPE_FLOAT ? (double)(float)value.real : value.real;
        return value;
    }
    if (isnan(value.real) || fabs(value.real) > 1e39) {
        return value_error(SL_ROW_OVERFLOW);
    }
    if (to->id != SL_TYPE_DECIMAL) {
        const double whole = trunc(value.real);
        return fabs(whole) < 1e20 && integer_fits((sl_int128)whole, to->id)
                   ? value_integer((sl_int128)whole)
                   : value_error(SL_ROW_OVERFLOW);
    }
    /* The number that a DOUBLE prints as. */
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    print_real(&text, value.real, false);
    sl_int128 decimal = 0;
    const int result = digits_parse(text.data, text.length, to, &decimal);
    sl_text_deinit(&text);
    return result == 1 ? value_integer(decimal) : value_error(SL_ROW_OVERFLOW);
}

static struct value exact_to_number(struct value value, const struct sl_type *from,
                                    const struct sl_type *to)
{
    const int scale = from->id == SL_TYPE_DECIMAL ? from->scale : 0;
    char text[64];
    sl_int128 decimal = 0;
    if (to->id == SL_TYPE_BOOLEAN) {
        return value_integer(value.integer != 0);
    }
    if (is_real(to->id)) {
        text[digits_format(value.integer, scale, text)] = '\0';
        const double real = strtod(text, NULL);
        const bool is_direct = to->id == SL_TYPE_FLOAT && from->id != SL_TYPE_DECIMAL;
        return (struct value){.real = is_direct                 ? (double)strtof(text, NULL)
                                      : to->id == SL_TYPE_FLOAT ? (double)(float)real
                                                                : real};
    }
    if (to->id == SL_TYPE_DECIMAL) {
        return digits_rescale(value.integer, scale, to, &decimal) ? value_integer(decimal)
                                                                  : value_error(SL_ROW_OVERFLOW);
    }
    for (int digit = 0; digit < scale; digit++) {
        value.integer /= 10;
    }
    return integer_fits(value.integer, to->id) ? value : value_error(SL_ROW_OVERFLOW);
}

/* A local time as ms since the epoch, of a DATE or a TIME. */
static struct value from_local(sl_int128 timestamp, int precision, const struct sl_type *to)
{
    if (to->id == SL_TYPE_TIMESTAMP_LTZ) {
        timestamp = calendar_to_utc(timestamp, precision);
    }
    return calendar_rescale(timestamp, precision, to->precision, &timestamp)
               ? value_integer(timestamp)
               : value_error(SL_ROW_OVERFLOW);
}

static struct value time_to_time(struct value value, const struct sl_type *from,
                                 const struct sl_type *to)
{
    static const int units[] = {1000, 100, 10, 1};
    if (from->id == SL_TYPE_DATE) {
        return from_local(value.integer * DAY_MS, 3, to);
    }
    if (from->id == SL_TYPE_TIME && to->id != SL_TYPE_TIME) {
        return from_local(value.integer, 3, to);
    }
    if (from->id == to->id && from->id != SL_TYPE_TIME) {
        return calendar_rescale(value.integer, from->precision, to->precision, &value.integer)
                   ? value
                   : value_error(SL_ROW_OVERFLOW);
    }
    if (from->id == SL_TYPE_TIMESTAMP_LTZ) {
        value.integer = calendar_to_local(value.integer, from->precision);
    }
    if (to->id == SL_TYPE_TIMESTAMP || to->id == SL_TYPE_TIMESTAMP_LTZ) {
        return from_local(value.integer, from->precision, to);
    }
    const int precision = from->id == SL_TYPE_TIME ? 3 : from->precision;
    const struct calendar calendar = calendar_of(value.integer, precision);
    if (to->id == SL_TYPE_DATE) {
        const int64_t days = calendar_days(calendar.year, calendar.month, calendar.day);
        return integer_fits(days, SL_TYPE_DATE) ? value_integer(days)
                                                : value_error(SL_ROW_OVERFLOW);
    }
    const int ms = (calendar.hour * 3600 + calendar.minute * 60 + calendar.second) * 1000 +
                   calendar.nanosecond / 1000000;
    return value_integer(ms - ms % units[SL_MIN(to->precision, 3)]);
}

struct value value_cast(struct interpreter *interpreter, struct value value,
                        const struct sl_type *from, const struct sl_type *to)
{
    if (value.is_null || value.error != SL_ROW_NONE || sl_type_equal(from, to, false)) {
        return value;
    }
    if (sl_type_is_string(to->id)) {
        return to_string(interpreter, value, from, to);
    }
    if (sl_type_is_string(from->id)) {
        return from_string(interpreter, value, to);
    }
    if (sl_type_is_binary(from->id)) {
        return to_bytes(interpreter, value, to);
    }
    if (is_real(from->id)) {
        return real_to_number(value, to);
    }
    if (from->id == SL_TYPE_BOOLEAN || sl_type_is_numeric(from->id)) {
        return exact_to_number(value, from, to);
    }
    return time_to_time(value, from, to);
}
