/* SPDX-License-Identifier: Apache-2.0
 *
 * Leaves of random trees and values of columns. A literal's value is what the interpreter makes of
 * its text, never what the engine does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support_generate.h"

#define PICK(generator, list) (list)[generator_below((generator), SL_COUNT_OF(list))]

static const char *const strings[] = {
    "",
    " ",
    "a",
    "é",
    "aÉa",
    "ß",
    "日本語",
    "😀",
    "it's",
    "a,b,,c",
    "%",
    "_",
    "a%b_c",
    "  padded  ",
    "Жук Σ Łódź",
    "exactly12byt",
    "thirteen byte",
    "a longer text, 12é34, with more than one view",
    "key=value&key2=value2",
    "12",
    "-7",
    "NaN",
    "TRUE",
    "2020-02-29",
};

static const char *const texts_of_booleans[] = {"true", "FALSE", " t ", "f",  "Yes", "no",
                                                "1",    "0",     "y",   "on", "",    "2"};
static const char *const texts_of_numbers[] = {
    "0",
    "-0.0",
    "1",
    "-1",
    "+7",
    " 42 ",
    "127",
    "128",
    "-129",
    "32768",
    "2147483647",
    "-2147483648",
    "2147483648",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "12.7",
    "-12.5",
    ".5",
    "5.",
    "1e3",
    "1E-3",
    "1.5e300",
    "1e400",
    "4.9e-324",
    "3.4028235e38",
    "NaN",
    "Infinity",
    "-Infinity",
    "99999999999999999999999999999999999999",
    "0.00000000000000000000000000000000000001",
    "1.00000017881393432617187499",
    "0.1",
    "2.675",
    "abc",
    "",
    "1 2",
    "--1",
    "1.2.3",
};
static const char *const texts_of_dates[] = {
    "1970-01-01", "1969-12-31", "2020-02-29",  "2021-02-29", "0001-01-01",
    "9999-12-31", "2000-13-01", "-0044-03-15", "today",      " 2024-06-30 "};
static const char *const texts_of_times[] = {"00:00:00", "23:59:59.999", "12:30",    "24:00:00",
                                             "7:00",     "12:34:56.7",   "10:00:60", ""};
static const char *const texts_of_timestamps[] = {
    "1970-01-01 00:00:00",
    "1969-12-31 23:59:59.999999999",
    "2020-02-29T12:34:56.789",
    "2024-03-31 02:30:00",
    "2024-10-27 02:30:00",
    "2026-11-21 22:00:00.123456",
    "2026-11-21 22:00:00Z",
    "2026-11-21 22:00:00+05:30",
    "2020-01-01",
    "9999-12-31 23:59:59.999",
    "1600-01-01 00:00:00",
    "2500-06-30 12:00:00.5",
    "2020-02-30 00:00:00",
    "2021/03/04",
    "12:34 05.06.2022",
    "20230708091011123",
    "not a time",
    "",
};
static const char *const patterns[] = {"%",  "",    "a%",   "%a",  "%é%", "_",   "__%",
                                       "a_", "%,%", "%b_c", "日%", "%__", "a%b%"};
static const char *const escaped_patterns[] = {"a!%b!_c", "%!%%", "!!%", "!_", "%!!", "_!%%"};
static const char *const regexes[] = {
    "",           "a",          "^a",      "[0-9]+",    "([a-z]+)=([a-z0-9]*)",
    "(a.?)(b*)c", "é",          ".$",      "^$",        "(\\d\\d?)é?(\\d*)",
    "\\w+ \\w+",  "[^a-z ]+?,", "^(.*),b", "^(.*?),(.)"};
static const char *const formats[] = {"yyyy-MM-dd HH:mm:ss", "yyyy/MM/dd", "HH:mm dd.MM.yyyy",
                                      "yyyyMMddHHmmssSSS",   "ss.SSSSSS",  "MM"};

static struct tree *literal(struct generator *generator, struct sl_type type, struct value value,
                            const char *text)
{
    struct tree *tree = generator_node(generator, TREE_LITERAL, 0);
    tree->type = type;
    tree->value = value;
    tree->text = text;
    return tree;
}

struct tree *generate_text(struct generator *generator, const char *text)
{
    struct interpreter interpreter = {.arena = generator->arena};
    struct sl_text quoted;
    sl_text_init(&quoted, NULL, 0);
    sl_text_append_char(&quoted, '\'');
    for (const char *at = text; *at != '\0'; at++) {
        sl_text_append(&quoted, at, 1);
        sl_text_append_string(&quoted, *at == '\'' ? "'" : "");
    }
    sl_text_append_char(&quoted, '\'');
    struct sl_type type = sl_type_of(SL_TYPE_CHAR);
    type.length = (uint32_t)utf8_length(text, strlen(text));
    struct tree *tree = literal(generator, type, value_string(&interpreter, text, strlen(text)),
                                sl_arena_copy(generator->arena, quoted.data, quoted.length));
    sl_text_deinit(&quoted);
    return tree;
}

struct tree *generate_text_of(struct generator *generator, enum tree_family family)
{
    switch (family) {
    case FAMILY_BOOLEAN:
        return generate_text(generator, PICK(generator, texts_of_booleans));
    case FAMILY_NUMBER:
        return generate_text(generator, PICK(generator, texts_of_numbers));
    case FAMILY_DATE:
        return generate_text(generator, generator_chance(generator, 80)
                                            ? PICK(generator, texts_of_dates)
                                            : PICK(generator, texts_of_timestamps));
    case FAMILY_TIME:
        return generate_text(generator, PICK(generator, texts_of_times));
    case FAMILY_TIMESTAMP:
    case FAMILY_LTZ:
        return generate_text(generator, PICK(generator, texts_of_timestamps));
    default:
        return generate_text(generator, PICK(generator, strings));
    }
}

struct tree *generate_pattern(struct generator *generator, bool has_escape)
{
    return generate_text(generator, has_escape ? PICK(generator, escaped_patterns)
                                               : PICK(generator, patterns));
}

struct tree *generate_regex(struct generator *generator)
{
    return generate_text(generator, PICK(generator, regexes));
}

struct tree *generate_format(struct generator *generator)
{
    return generate_text(generator, PICK(generator, formats));
}

struct tree *generate_integer(struct generator *generator, int value)
{
    return literal(generator, sl_type_of(SL_TYPE_INT), value_integer(value),
                   sl_arena_printf(generator->arena, "%d", value));
}

struct tree *generate_small_integer(struct generator *generator)
{
    static const int edges[] = {INT32_MAX, INT32_MIN, -1, 0};
    return generate_integer(generator, generator_chance(generator, 15)
                                           ? PICK(generator, edges)
                                           : (int)generator_below(generator, 16) - 5);
}

/* Digits with a point: DECIMAL of as many digits as are written. */
static struct tree *decimal_literal(struct generator *generator)
{
    static const char *const edges[] = {"0.0",
                                        "0.5",
                                        "2.675",
                                        "99999999999999999999999999999999999999",
                                        "-99999999999999999999999999999999999999",
                                        "9999999999999999999.9999999999999999999",
                                        "0.0000000000000000000000000000000000001",
                                        "-0.000000000000000000001",
                                        "9223372036854775808",
                                        "123456789012345678.9",
                                        "1.1"};
    const char *text = PICK(generator, edges);
    if (generator_chance(generator, 50)) {
        text = sl_arena_printf(generator->arena, "%d.%0*u", (int)generator_below(generator, 2001),
                               1 + (int)generator_below(generator, 5),
                               (unsigned)generator_below(generator, 10));
    }
    const char *point = strchr(text, '.');
    const uint32_t digits = (uint32_t)strlen(text) - (*text == '-') - (point != NULL);
    const struct sl_type type =
        sl_type_decimal(digits, point == NULL ? 0 : (uint32_t)strlen(point + 1));
    sl_int128 value = 0;
    digits_parse(text, strlen(text), &type, &value);
    return literal(generator, type, value_integer(value), text);
}

static struct tree *number_literal(struct generator *generator)
{
    static const char *const doubles[] = {"1e0",      "-2.5e0", "1.5e300",    "4.9e-324", "1e-3",
                                          "123456e2", "1e7",    "9.999999e6", "1.0e308",  "3.4e38"};
    static const char *const specials[] = {"NaN", "Infinity", "-Infinity", "-0.0", "0.1"};
    static const int64_t bigs[] = {INT64_MAX, INT64_MIN, 2147483648, -2147483649, 9007199254740993};
    const char *text;
    switch (generator_below(generator, 6)) {
    case 0:
        text = PICK(generator, doubles);
        return literal(generator, sl_type_of(SL_TYPE_DOUBLE),
                       (struct value){.real = strtod(text, NULL)}, text);
    case 1:
        return generator_cast(
            generator, generate_text(generator, PICK(generator, specials)),
            sl_type_of(generator_chance(generator, 50) ? SL_TYPE_FLOAT : SL_TYPE_DOUBLE), false);
    case 2: {
        const int64_t value = PICK(generator, bigs);
        return literal(generator, sl_type_of(SL_TYPE_BIGINT), value_integer(value),
                       sl_arena_printf(generator->arena, "%lld", (long long)value));
    }
    case 3:
        return decimal_literal(generator);
    default:
        return generate_small_integer(generator);
    }
}

/* DATE '...' and its like: the text must be a value. */
static struct tree *time_literal(struct generator *generator, enum tree_family family)
{
    static const char *const dates[] = {"1970-01-01", "1969-12-31", "2020-02-29",
                                        "2024-01-31", "9999-12-31", "1600-03-01"};
    static const char *const times[] = {"00:00:00", "23:59:59.999", "12:34:56.7", "08:00"};
    static const char *const timestamps[] = {
        "1970-01-01 00:00:00", "1969-12-31 23:59:59.999", "2020-02-29 12:34:56.789012",
        "2024-03-31 02:30:00", "2024-10-27 01:30:00.5",   "2262-04-11 23:47:16.854775807"};
    struct interpreter interpreter = {.arena = generator->arena};
    const char *word = family == FAMILY_DATE   ? "DATE"
                       : family == FAMILY_TIME ? "TIME"
                                               : "TIMESTAMP";
    const char *text = family == FAMILY_DATE   ? PICK(generator, dates)
                       : family == FAMILY_TIME ? PICK(generator, times)
                                               : PICK(generator, timestamps);
    const char *point = strchr(text, '.');
    struct sl_type type = sl_type_of(family == FAMILY_DATE   ? SL_TYPE_DATE
                                     : family == FAMILY_TIME ? SL_TYPE_TIME
                                                             : SL_TYPE_TIMESTAMP);
    const struct sl_type string = sl_type_string();
    type.precision = point == NULL ? 0 : (uint8_t)strlen(point + 1);
    const struct value value =
        value_cast(&interpreter, value_string(&interpreter, text, strlen(text)), &string, &type);
    struct tree *tree =
        literal(generator, type, value, sl_arena_printf(generator->arena, "%s '%s'", word, text));
    return family != FAMILY_LTZ
               ? tree
               : generator_cast(generator, tree, generator_type(generator, FAMILY_LTZ), false);
}

static struct tree *interval_literal(struct generator *generator, bool is_months)
{
    static const struct {
        const char *text;
        int64_t value;
    } months[] = {{"INTERVAL '1' MONTH", 1},       {"INTERVAL '13' MONTH", 13},
                  {"INTERVAL '1' YEAR", 12},       {"INTERVAL '2-10' YEAR TO MONTH", 34},
                  {"INTERVAL '-1' MONTH", -1},     {"INTERVAL '0' MONTH", 0},
                  {"INTERVAL '9999' YEAR", 119988}},
      durations[] = {{"INTERVAL '1' SECOND", 1000},
                     {"INTERVAL '0.001' SECOND", 1},
                     {"INTERVAL '-5' MINUTE", -300000},
                     {"INTERVAL '25' HOUR", 90000000},
                     {"INTERVAL '1' DAY", 86400000},
                     {"INTERVAL '10 00:00:00.004' DAY TO SECOND", 864000004},
                     {"INTERVAL '366' DAY", 31622400000}};
    const size_t idx = generator_below(generator, 7);
    return is_months ? literal(generator, sl_type_of(SL_TYPE_INTERVAL_YEAR_MONTH),
                               value_integer(months[idx].value), months[idx].text)
                     : literal(generator, sl_type_of(SL_TYPE_INTERVAL_DAY_TIME),
                               value_integer(durations[idx].value), durations[idx].text);
}

static struct tree *bytes_literal(struct generator *generator)
{
    static const char *const hex[] = {"X'00ff'", "X'61'", "X'c3a9'", "X'c3'"};
    static const char *const bytes[] = {"\0\xff", "a", "\xc3\xa9", "\xc3"};
    static const uint32_t lengths[] = {2, 1, 2, 1};
    struct interpreter interpreter = {.arena = generator->arena};
    const size_t idx = generator_below(generator, 4);
    struct sl_type type = sl_type_of(SL_TYPE_BINARY);
    type.length = lengths[idx];
    return literal(generator, type, value_string(&interpreter, bytes[idx], lengths[idx]), hex[idx]);
}

struct tree *generate_literal(struct generator *generator, enum tree_family family)
{
    if (generator_chance(generator, 6) && family != FAMILY_MONTHS && family != FAMILY_DURATION) {
        struct tree *null = literal(generator, sl_type_of(SL_TYPE_NULL), value_null(), "NULL");
        return generator_cast(generator, null, generator_type(generator, family), false);
    }
    const bool truth = generator_chance(generator, 50);
    switch (family) {
    case FAMILY_BOOLEAN:
        return literal(generator, sl_type_of(SL_TYPE_BOOLEAN), value_integer(truth),
                       truth ? "TRUE" : "FALSE");
    case FAMILY_NUMBER:
        return number_literal(generator);
    case FAMILY_STRING:
        return generate_text(generator, PICK(generator, strings));
    case FAMILY_BYTES:
        return bytes_literal(generator);
    case FAMILY_MONTHS:
    case FAMILY_DURATION:
        return interval_literal(generator, family == FAMILY_MONTHS);
    default:
        return time_literal(generator, family);
    }
}

const char *generate_string(struct generator *generator)
{
    return PICK(generator, strings);
}

static double generate_real(struct generator *generator, bool is_float)
{
    const double edges[] = {0.0,
                            -0.0,
                            1.0,
                            -1.0,
                            0.1,
                            (double)NAN,
                            (double)INFINITY,
                            -1e-310,
                            2147483648,
                            9.223372036854775807e18,
                            1e7,
                            0.5,
                            2.5,
                            -3.5};
    double value = PICK(generator, edges);
    if (generator_chance(generator, 40)) {
        value = (double)((int64_t)generator_below(generator, 2000001) - 1000000) / 64.0;
    }
    return is_float ? (double)(float)value : value;
}

/* A whole number within the limits; often near them, or near zero. */
static sl_int128 generate_whole(struct generator *generator, sl_int128 min, sl_int128 max)
{
    sl_int128 value;
    switch (generator_below(generator, 6)) {
    case 0:
        return min + (sl_int128)generator_below(generator, 2);
    case 1:
        return max - (sl_int128)generator_below(generator, 2);
    case 2:
        value = (sl_int128)(((sl_uint128)sl_random_next(&generator->random) << 64 |
                             sl_random_next(&generator->random)) >>
                            (1 + generator_below(generator, 126)));
        value = generator_chance(generator, 50) ? -value : value;
        break;
    default:
        value = (sl_int128)generator_below(generator, 25) - 8;
        break;
    }
    return value < min ? min : value > max ? max : value;
}

static sl_int128 power10(uint32_t exponent)
{
    sl_int128 power = 1;
    while (exponent-- > 0) {
        power *= 10;
    }
    return power;
}

static struct value generate_characters(struct generator *generator, const struct sl_type *type)
{
    struct interpreter interpreter = {.arena = generator->arena};
    const struct sl_type any = sl_type_string();
    const char *text = generator_chance(generator, 30) ? PICK(generator, texts_of_numbers)
                                                       : PICK(generator, strings);
    return value_cast(&interpreter, value_string(&interpreter, text, strlen(text)), &any, type);
}

static struct value generate_timestamp(struct generator *generator, const struct sl_type *type)
{
    const int64_t ticks = calendar_ticks(type->precision);
    const sl_int128 days = generate_whole(generator, -20000, 40000);
    sl_int128 timestamp = (days * 86400 + (sl_int128)generator_below(generator, 86400)) * ticks +
                          (sl_int128)generator_below(generator, (uint64_t)ticks);
    calendar_rescale(timestamp,
                     type->precision <= 3   ? 3
                     : type->precision <= 6 ? 6
                                            : 9,
                     type->precision, &timestamp);
    return value_integer(timestamp);
}

struct value generate_value(struct generator *generator, const struct sl_type *type)
{
    static const int units[] = {1000, 100, 10, 1};
    switch (type->id) {
    case SL_TYPE_BOOLEAN:
        return value_integer(generator_chance(generator, 50));
    case SL_TYPE_TINYINT:
        return value_integer(generate_whole(generator, INT8_MIN, INT8_MAX));
    case SL_TYPE_SMALLINT:
        return value_integer(generate_whole(generator, INT16_MIN, INT16_MAX));
    case SL_TYPE_INT:
        return value_integer(generate_whole(generator, INT32_MIN, INT32_MAX));
    case SL_TYPE_BIGINT:
        return value_integer(generate_whole(generator, INT64_MIN, INT64_MAX));
    case SL_TYPE_DECIMAL:
        return value_integer(
            generate_whole(generator, 1 - power10(type->precision), power10(type->precision) - 1));
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        return (struct value){.real = generate_real(generator, type->id == SL_TYPE_FLOAT)};
    case SL_TYPE_DATE:
        return value_integer(generate_whole(generator, -720000, 3000000));
    case SL_TYPE_TIME: {
        const int unit = units[type->precision];
        return value_integer(generate_whole(generator, 0, 86399999) / unit * unit);
    }
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return generate_timestamp(generator, type);
    default:
        return generate_characters(generator, type);
    }
}
