/* SPDX-License-Identifier: Apache-2.0
 *
 * Time units and INTERVAL literals. A year-month interval becomes months, a day-time interval
 * milliseconds; digits below a millisecond are cut. */
#include "parser.h"

#include <string.h>

/* In falling order: a range runs from one to a later one of its family. */
static const struct unit {
    const char *name;
    const char *plural;
    bool is_months;
    bool is_ranged;      /* may stand in x TO y */
    int64_t size;        /* months or ms; 0: only a symbol, not in INTERVAL */
    int64_t field_limit; /* exclusive, of the value behind another one */
    char separator;      /* before the value behind another one */
} units[] = {
    {"YEAR", "YEARS", true, true, 12, 0, '\0'},
    {"QUARTER", "QUARTERS", true, false, 3, 0, '\0'},
    {"MONTH", "MONTHS", true, true, 1, 12, '-'},
    {"WEEK", "WEEKS", false, false, INT64_C(604800000), 0, '\0'},
    {"DAY", "DAYS", false, true, 86400000, 0, '\0'},
    {"HOUR", "HOURS", false, true, 3600000, 24, ' '},
    {"MINUTE", "MINUTES", false, true, 60000, 60, ':'},
    {"SECOND", "SECONDS", false, true, 1000, 60, ':'},
    {"MILLISECOND", "MILLISECONDS", false, false, 1, 0, '\0'},
    {"MICROSECOND", "MICROSECONDS", false, false, 0, 0, '\0'},
    {"NANOSECOND", "NANOSECONDS", false, false, 0, 0, '\0'},
    {"EPOCH", "", false, false, 0, 0, '\0'},
    {"DOW", "", false, false, 0, 0, '\0'},
    {"DOY", "", false, false, 0, 0, '\0'},
    {"ISODOW", "", false, false, 0, 0, '\0'},
    {"ISOYEAR", "", false, false, 0, 0, '\0'},
    {"DECADE", "DECADES", false, false, 0, 0, '\0'},
    {"CENTURY", "CENTURIES", false, false, 0, 0, '\0'},
    {"MILLENNIUM", "MILLENNIA", false, false, 0, 0, '\0'},
};

static const struct unit *find_unit(struct sql_parser *parser)
{
    for (size_t i = 0; i < SL_COUNT_OF(units); i++) {
        if (sql_at_word(parser, units[i].name) || sql_at_word(parser, units[i].plural)) {
            return &units[i];
        }
    }
    return NULL;
}

enum sl_status sql_parse_unit(struct sql_parser *parser, struct sql_expr **symbol)
{
    const struct unit *unit = find_unit(parser);
    if (unit == NULL) {
        return sql_unexpected(parser, "a time unit (SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, ...)");
    }
    SL_TRY(sql_new_expr(parser, SQL_EXPR_SYMBOL, sql_span_here(parser), symbol));
    (*symbol)->symbol = unit->name;
    sql_take(parser);
    return SL_OK;
}

/* A unit of an INTERVAL with its optional (precision), which nothing depends on. */
static enum sl_status parse_interval_unit(struct sql_parser *parser, const struct unit **unit)
{
    *unit = find_unit(parser);
    if (*unit == NULL || (*unit)->size == 0) {
        return sql_unexpected(
            parser, "an interval unit (SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER or YEAR)");
    }
    sql_take(parser);
    if (!sql_accept(parser, SQL_TOKEN_OPEN)) {
        return SL_OK;
    }
    SL_TRY(sql_expect(parser, SQL_TOKEN_INTEGER));
    if (sql_accept(parser, SQL_TOKEN_COMMA)) {
        SL_TRY(sql_expect(parser, SQL_TOKEN_INTEGER));
    }
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

/* Digits at *text as a number; false when there are none or it overflows. */
static bool read_digits(const char **text, int64_t *value)
{
    const char *start = *text;
    *value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, **text - '0', value)) {
            return false;
        }
    }
    return *text != start;
}

/* A fraction of a second as milliseconds. */
static bool read_fraction(const char **text, int64_t *value_ms)
{
    int64_t scale = 100;
    *value_ms = 0;
    (*text)++;
    const char *start = *text;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        *value_ms += (**text - '0') * scale;
        scale /= 10;
    }
    return *text != start;
}

/* The fields first..last of one family, e.g. "10 00:00:00.004" as DAY TO SECOND. */
static bool read_interval(const char *text, const struct unit *first, const struct unit *last,
                          int64_t *result)
{
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    *result = 0;
    for (const struct unit *unit = first; unit <= last; unit++) {
        if (unit != first && !unit->is_ranged) {
            continue;
        }
        int64_t value = 0;
        bool separated = unit == first || *text++ == unit->separator;
        if (!separated || !read_digits(&text, &value) ||
            (unit != first && value >= unit->field_limit) ||
            __builtin_mul_overflow(value, unit->size, &value) ||
            __builtin_add_overflow(*result, value, result)) {
            return false;
        }
    }
    int64_t fraction_ms = 0;
    if (*text == '.' && last->size == 1000 &&
        (!read_fraction(&text, &fraction_ms) ||
         __builtin_add_overflow(*result, fraction_ms, result))) {
        return false;
    }
    *result = negative ? -*result : *result;
    return *text == '\0';
}

static enum sl_status parse_interval_units(struct sql_parser *parser, const struct unit **first,
                                           const struct unit **last)
{
    struct sql_span span = sql_span_here(parser);
    SL_TRY(parse_interval_unit(parser, first));
    *last = *first;
    if (!sql_at_word(parser, "TO") || !(*first)->is_ranged) {
        return SL_OK;
    }
    sql_take(parser);
    SL_TRY(parse_interval_unit(parser, last));
    if (*last <= *first || (*last)->is_months != (*first)->is_months || !(*last)->is_ranged) {
        return sql_fail_span(parser, SL_SYNTAX, sql_span_from(parser, span),
                             "an interval cannot run from %s to %s", (*first)->name, (*last)->name);
    }
    return SL_OK;
}

enum sl_status sql_parse_interval_literal(struct sql_parser *parser, struct sql_expr **expr)
{
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, sql_span_here(parser), expr));
    struct sql_literal *literal = &(*expr)->literal;
    sql_take(parser);
    bool negative = sql_accept(parser, SQL_TOKEN_MINUS);
    if (!negative) {
        sql_accept(parser, SQL_TOKEN_PLUS);
    }
    const char *text = NULL;
    SL_TRY(sql_parse_plain_string(parser, &text));
    struct sql_span text_span = parser->last.span;
    const struct unit *first = NULL;
    const struct unit *last = NULL;
    SL_TRY(parse_interval_units(parser, &first, &last));
    if (!read_interval(text, first, last, &literal->integer)) {
        return sql_fail_span(parser, SL_SYNTAX, text_span, "'%.40s' is not an interval of %s%s%s",
                             text, first->name, last != first ? " TO " : "",
                             last != first ? last->name : "");
    }
    if (negative) {
        literal->integer = -literal->integer;
    }
    if (first->is_months &&
        (literal->integer > INT32_MAX || literal->integer < -(int64_t)INT32_MAX)) {
        return sql_fail_span(parser, SL_SYNTAX, text_span, "interval '%.40s' is too long", text);
    }
    literal->type = sl_type_not_null(
        sl_type_of(first->is_months ? SL_TYPE_INTERVAL_YEAR_MONTH : SL_TYPE_INTERVAL_DAY_TIME));
    return SL_OK;
}
