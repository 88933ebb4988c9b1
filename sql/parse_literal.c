/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers, strings, dates and times as typed values. What is malformed or out of range is an error
 * here, at its position, and never a wrong value later. */
#include "parser.h"

#include "sluice/datetime.h"
#include "sluice/decimal.h"
#include "sluice/text.h"

#include <math.h>
#include <string.h>

static enum sl_status parse_double(struct sql_parser *parser, const struct sql_token *token,
                                   bool negative, struct sql_literal *literal)
{
    literal->type = sl_type_not_null(sl_type_of(SL_TYPE_DOUBLE));
    if (!sl_parse_double(token->text, token->span.length, &literal->real) ||
        !isfinite(literal->real)) {
        return sql_fail_span(parser, SL_SYNTAX, token->span,
                             "number is out of the range of DOUBLE");
    }
    literal->real = negative ? -literal->real : literal->real;
    return SL_OK;
}

/* INT, BIGINT or DECIMAL by what is written, as Flink does: 0.908 is DECIMAL(4, 3). */
static enum sl_status parse_exact(struct sql_parser *parser, const struct sql_token *token,
                                  bool negative, struct sql_literal *literal)
{
    const char *text = token->text;
    size_t length = token->span.length;
    while (length > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
        text++;
        length--;
    }
    const char *dot = memchr(text, '.', length);
    uint32_t digit_count = (uint32_t)length - (dot != NULL);
    uint32_t scale = dot != NULL ? (uint32_t)(text + length - dot - 1) : 0;
    if (digit_count > SL_DECIMAL_PRECISION_MAX) {
        return sql_fail_span(parser, SL_SYNTAX, token->span,
                             "number has more than %d digits; write it with an exponent (1e40) for "
                             "a DOUBLE",
                             SL_DECIMAL_PRECISION_MAX);
    }
    sl_int128 value = 0;
    for (size_t i = 0; i < length; i++) {
        value = text[i] == '.' ? value : value * 10 + (text[i] - '0');
    }
    value = negative ? -value : value;
    if (scale == 0 && value >= INT64_MIN && value <= INT64_MAX) {
        literal->integer = (int64_t)value;
        bool is_int = value >= INT32_MIN && value <= INT32_MAX;
        literal->type = sl_type_not_null(sl_type_of(is_int ? SL_TYPE_INT : SL_TYPE_BIGINT));
        return SL_OK;
    }
    literal->decimal = value;
    literal->type = sl_type_not_null(sl_type_decimal(digit_count, scale));
    return SL_OK;
}

enum sl_status sql_parse_number(struct sql_parser *parser, bool negative, struct sql_expr **expr)
{
    const struct sql_token token = *sql_peek(parser, 0);
    sql_take(parser);
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, token.span, expr));
    return token.kind == SQL_TOKEN_DOUBLE
               ? parse_double(parser, &token, negative, &(*expr)->literal)
               : parse_exact(parser, &token, negative, &(*expr)->literal);
}

enum sl_status sql_parse_string_literal(struct sql_parser *parser, struct sql_expr **expr)
{
    const struct sql_token token = *sql_peek(parser, 0);
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, token.span, expr));
    struct sql_literal *literal = &(*expr)->literal;
    if (token.kind == SQL_TOKEN_BYTES) {
        sql_take(parser);
        literal->type = sl_type_not_null(sl_type_of(SL_TYPE_BINARY));
        SL_TRY(sql_token_decode(&token, 0, parser->arena, &literal->text, &literal->length,
                                parser->err));
        literal->type.length = (uint32_t)literal->length;
        return SL_OK;
    }
    SL_TRY(sql_parse_string(parser, &literal->text, &literal->length));
    literal->type = sl_type_not_null(sl_type_of(SL_TYPE_CHAR));
    literal->type.length = (uint32_t)sl_utf8_count(literal->text, literal->length);
    return SL_OK;
}

/* Digits behind the last point: they are the precision of TIME and TIMESTAMP literals. */
static uint32_t fraction_digits(const char *text)
{
    const char *point = strrchr(text, '.');
    return point == NULL ? 0 : (uint32_t)strspn(point + 1, "0123456789");
}

static bool read_time_value(enum sl_type_id id, const char *text, size_t length,
                            struct sql_literal *literal)
{
    uint32_t precision = SL_MIN(fraction_digits(text), 9);
    int32_t value = 0;
    bool has_zone = false;
    switch (id) {
    case SL_TYPE_DATE:
        literal->type = sl_type_of(id);
        if (!sl_date_parse(text, length, &value)) {
            return false;
        }
        literal->integer = value;
        return true;
    case SL_TYPE_TIME:
        literal->type = sl_type_of(id);
        literal->type.precision = (uint8_t)SL_MIN(precision, 3);
        if (!sl_time_parse(text, length, &value)) {
            return false;
        }
        literal->integer = value;
        return true;
    default:
        literal->type = sl_type_timestamp(id, precision);
        return sl_timestamp_parse(text, length, precision, &literal->integer, &has_zone) &&
               !has_zone;
    }
}

enum sl_status sql_parse_time_literal(struct sql_parser *parser, struct sql_expr **expr)
{
    enum sl_type_id id = sql_at_word(parser, "DATE")   ? SL_TYPE_DATE
                         : sql_at_word(parser, "TIME") ? SL_TYPE_TIME
                                                       : SL_TYPE_TIMESTAMP;
    const char *form = id == SL_TYPE_DATE   ? "DATE 'yyyy-MM-dd'"
                       : id == SL_TYPE_TIME ? "TIME 'HH:mm:ss[.f]'"
                                            : "TIMESTAMP 'yyyy-MM-dd HH:mm:ss[.f]'";
    struct sql_span start = sql_span_here(parser);
    SL_TRY(sql_new_expr(parser, SQL_EXPR_LITERAL, start, expr));
    sql_take(parser);
    const char *text = NULL;
    SL_TRY(sql_parse_plain_string(parser, &text));
    if (!read_time_value(id, text, strlen(text), &(*expr)->literal)) {
        return sql_fail_span(parser, SL_SYNTAX, parser->last.span, "expected %s but found '%.40s'",
                             form, text);
    }
    (*expr)->literal.type.nullable = false;
    return SL_OK;
}
