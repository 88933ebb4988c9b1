/* SPDX-License-Identifier: Apache-2.0
 *
 * Types as Flink spells them. Nested types are built in the parser's arena; a type is nullable
 * unless NOT NULL follows. */
#include "parser.h"

#include "sluice/text.h"

enum parameters { NONE, LENGTH, DECIMAL, PRECISION };

static const struct type_form {
    const char *word;
    enum sl_type_id id;
    enum parameters parameters;
    uint32_t initial; /* length or precision when it is not written */
} type_forms[] = {
    {"CHAR", SL_TYPE_CHAR, LENGTH, 1},
    {"CHARACTER", SL_TYPE_CHAR, LENGTH, 1},
    {"VARCHAR", SL_TYPE_VARCHAR, LENGTH, SL_LENGTH_MAX},
    {"STRING", SL_TYPE_VARCHAR, NONE, SL_LENGTH_MAX},
    {"BINARY", SL_TYPE_BINARY, LENGTH, 1},
    {"VARBINARY", SL_TYPE_VARBINARY, LENGTH, SL_LENGTH_MAX},
    {"BYTES", SL_TYPE_VARBINARY, NONE, SL_LENGTH_MAX},
    {"BOOLEAN", SL_TYPE_BOOLEAN, NONE, 0},
    {"TINYINT", SL_TYPE_TINYINT, NONE, 0},
    {"SMALLINT", SL_TYPE_SMALLINT, NONE, 0},
    {"INT", SL_TYPE_INT, NONE, 0},
    {"INTEGER", SL_TYPE_INT, NONE, 0},
    {"BIGINT", SL_TYPE_BIGINT, NONE, 0},
    {"FLOAT", SL_TYPE_FLOAT, NONE, 0},
    {"DOUBLE", SL_TYPE_DOUBLE, NONE, 0},
    {"DECIMAL", SL_TYPE_DECIMAL, DECIMAL, 10},
    {"DEC", SL_TYPE_DECIMAL, DECIMAL, 10},
    {"NUMERIC", SL_TYPE_DECIMAL, DECIMAL, 10},
    {"DATE", SL_TYPE_DATE, NONE, 0},
    {"TIME", SL_TYPE_TIME, PRECISION, 0},
    {"TIMESTAMP", SL_TYPE_TIMESTAMP, PRECISION, 6},
    {"TIMESTAMP_LTZ", SL_TYPE_TIMESTAMP_LTZ, PRECISION, 6},
    {"ARRAY", SL_TYPE_ARRAY, NONE, 0},
    {"MULTISET", SL_TYPE_MULTISET, NONE, 0},
    {"MAP", SL_TYPE_MAP, NONE, 0},
    {"ROW", SL_TYPE_ROW, NONE, 0},
    {"INTERVAL", SL_TYPE_INTERVAL_DAY_TIME, NONE, 0},
};

static enum sl_status parse_whole(struct sql_parser *parser, const char *what, uint32_t min,
                                  uint32_t max, uint32_t *value)
{
    const struct sql_token token = *sql_peek(parser, 0);
    if (token.kind != SQL_TOKEN_INTEGER) {
        return sql_unexpected(parser, what);
    }
    sql_take(parser);
    int64_t number = 0;
    if (!sl_parse_int64(token.text, token.span.length, &number) || number < min || number > max) {
        return sql_fail_span(parser, SL_SYNTAX, token.span, "%s must be between %u and %u", what,
                             min, max);
    }
    *value = (uint32_t)number;
    return SL_OK;
}

static enum sl_status parse_length(struct sql_parser *parser, struct sl_type *type)
{
    if (!sql_accept(parser, SQL_TOKEN_OPEN)) {
        return SL_OK;
    }
    SL_TRY(parse_whole(parser, "a length", 1, SL_LENGTH_MAX, &type->length));
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

static enum sl_status parse_decimal(struct sql_parser *parser, struct sl_type *type)
{
    uint32_t precision = 10;
    uint32_t scale = 0;
    if (sql_accept(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(parse_whole(parser, "the precision of DECIMAL", 1, SL_DECIMAL_PRECISION_MAX,
                           &precision));
        if (sql_accept(parser, SQL_TOKEN_COMMA)) {
            SL_TRY(parse_whole(parser, "the scale of DECIMAL", 0, precision, &scale));
        }
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    }
    *type = sl_type_decimal(precision, scale);
    return SL_OK;
}

/* (p) and WITH LOCAL / WITHOUT TIME ZONE. */
static enum sl_status parse_precision(struct sql_parser *parser, struct sl_type *type)
{
    uint32_t precision = type->precision;
    if (sql_accept(parser, SQL_TOKEN_OPEN)) {
        SL_TRY(parse_whole(parser, "a precision of time", 0, 9, &precision));
        SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
    }
    type->precision = (uint8_t)precision;
    if (type->id == SL_TYPE_TIMESTAMP_LTZ) {
        return SL_OK;
    }
    struct sql_span span = sql_span_here(parser);
    if (sql_accept_words(parser, "WITHOUT", "TIME")) {
        return sql_expect_word(parser, "ZONE");
    }
    if (sql_accept_words(parser, "WITH", "TIME")) {
        return sql_unsupported(parser, sql_span_from(parser, span), "WITH TIME ZONE");
    }
    if (type->id == SL_TYPE_TIMESTAMP && sql_accept_words(parser, "WITH", "LOCAL")) {
        type->id = SL_TYPE_TIMESTAMP_LTZ;
        SL_TRY(sql_expect_word(parser, "TIME"));
        return sql_expect_word(parser, "ZONE");
    }
    return SL_OK;
}

/* INTERVAL unit[(p)] [TO unit[(p)]]. */
static enum sl_status parse_interval_type(struct sql_parser *parser, struct sl_type *type)
{
    bool is_months = sql_at_word(parser, "YEAR") || sql_at_word(parser, "MONTH");
    *type = sl_type_of(is_months ? SL_TYPE_INTERVAL_YEAR_MONTH : SL_TYPE_INTERVAL_DAY_TIME);
    do {
        struct sql_expr *unit = NULL;
        SL_TRY(sql_parse_unit(parser, &unit));
        if (sql_accept(parser, SQL_TOKEN_OPEN)) {
            SL_TRY(sql_expect(parser, SQL_TOKEN_INTEGER));
            SL_TRY(sql_expect(parser, SQL_TOKEN_CLOSE));
        }
    } while (sql_accept_word(parser, "TO"));
    return SL_OK;
}

/* <t> of ARRAY and MULTISET, <k, v> of MAP. */
static enum sl_status parse_elements(struct sql_parser *parser, struct sl_type *type)
{
    struct sl_type_field *fields = SL_ARENA_ARRAY(parser->arena, struct sl_type_field, 2);
    if (fields == NULL) {
        return sql_no_memory(parser);
    }
    SL_TRY(sql_expect(parser, SQL_TOKEN_LESS));
    type->fields = fields;
    type->field_count = type->id == SL_TYPE_MAP ? 2 : 1;
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (i > 0) {
            SL_TRY(sql_expect(parser, SQL_TOKEN_COMMA));
        }
        fields[i].name = "";
        SL_TRY(sql_parse_type(parser, &fields[i].type, NULL));
    }
    return sql_expect(parser, SQL_TOKEN_GREATER);
}

/* <name type ['comment'], ...> or the same in parentheses. */
static enum sl_status parse_fields(struct sql_parser *parser, struct sl_type *type)
{
    enum sql_token_kind close =
        sql_at(parser, SQL_TOKEN_OPEN) ? SQL_TOKEN_CLOSE : SQL_TOKEN_GREATER;
    struct sl_type_field *fields = NULL;
    uint32_t count = 0;
    if (!sql_accept(parser, SQL_TOKEN_OPEN) && !sql_accept(parser, SQL_TOKEN_LESS)) {
        return sql_unexpected(parser, "'<' or '(' after 'ROW'");
    }
    do {
        struct sl_type_field field = {0};
        struct sql_name name = {0};
        const char *comment = NULL;
        SL_TRY(sql_parse_any_name(parser, "a field name", &name));
        field.name = name.text;
        SL_TRY(sql_parse_type(parser, &field.type, NULL));
        if (sql_token_is_string(sql_peek(parser, 0))) {
            SL_TRY(sql_parse_plain_string(parser, &comment));
        }
        SQL_APPEND(parser, fields, count, field);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    type->fields = fields;
    type->field_count = count;
    if (!sql_accept(parser, close)) {
        return sql_unexpected(parser, close == SQL_TOKEN_CLOSE ? "',' or ')'" : "',' or '>'");
    }
    return SL_OK;
}

static enum sl_status parse_parameters(struct sql_parser *parser, const struct type_form *form,
                                       struct sl_type *type)
{
    *type = sl_type_of(form->id);
    switch (form->parameters) {
    case LENGTH:
        type->length = form->initial;
        return parse_length(parser, type);
    case DECIMAL:
        return parse_decimal(parser, type);
    case PRECISION:
        type->precision = (uint8_t)form->initial;
        return parse_precision(parser, type);
    default:
        break;
    }
    switch (form->id) {
    case SL_TYPE_VARCHAR:
    case SL_TYPE_VARBINARY:
        type->length = form->initial;
        return SL_OK;
    case SL_TYPE_DOUBLE:
        sql_accept_word(parser, "PRECISION");
        return SL_OK;
    case SL_TYPE_ARRAY:
    case SL_TYPE_MULTISET:
    case SL_TYPE_MAP:
        return parse_elements(parser, type);
    case SL_TYPE_ROW:
        return parse_fields(parser, type);
    case SL_TYPE_INTERVAL_DAY_TIME:
        return parse_interval_type(parser, type);
    default:
        return SL_OK;
    }
}

static enum sl_status unknown_type(struct sql_parser *parser)
{
    const struct sql_token *token = sql_peek(parser, 0);
    if (token->kind != SQL_TOKEN_WORD || sql_token_is_word(token, "AS")) {
        return sql_unexpected(parser, "a type");
    }
    if (sql_at_word(parser, "RAW") || sql_at_word(parser, "VARIANT")) {
        char what[32] = "type ";
        for (uint32_t i = 0; i < token->span.length; i++) {
            what[5 + i] = token->text[i];
        }
        return sql_unsupported(parser, token->span, what);
    }
    char name[64] = {0};
    for (uint32_t i = 0; i < SL_MIN(token->span.length, sizeof(name) - 1); i++) {
        char c = token->text[i];
        name[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    const char *known[SL_COUNT_OF(type_forms)];
    for (size_t i = 0; i < SL_COUNT_OF(type_forms); i++) {
        known[i] = type_forms[i].word;
    }
    const char *nearest = sl_nearest_name(name, known, SL_COUNT_OF(known));
    return nearest == NULL ? sql_unexpected(parser, "a type")
                           : sql_fail_span(parser, SL_SYNTAX, token->span,
                                           "unknown type '%s'; did you mean '%s'?", name, nearest);
}

/* [NOT] NULL and the suffixes ARRAY and MULTISET, each of which may have its own [NOT] NULL. */
static enum sl_status parse_suffixes(struct sql_parser *parser, struct sl_type *type)
{
    for (;;) {
        bool is_array = sql_at_word(parser, "ARRAY");
        if (sql_accept_words(parser, "NOT", "NULL")) {
            type->nullable = false;
        } else if (sql_accept_word(parser, "NULL")) {
            type->nullable = true;
        } else if (is_array || sql_at_word(parser, "MULTISET")) {
            struct sl_type_field *field = SL_ARENA_NEW(parser->arena, struct sl_type_field);
            if (field == NULL) {
                return sql_no_memory(parser);
            }
            SL_TRY(sql_count_operator(parser));
            sql_take(parser);
            *field = (struct sl_type_field){.name = "", .type = *type};
            *type = sl_type_of(is_array ? SL_TYPE_ARRAY : SL_TYPE_MULTISET);
            type->fields = field;
            type->field_count = 1;
        } else {
            return SL_OK;
        }
    }
}

enum sl_status sql_parse_type(struct sql_parser *parser, struct sl_type *type,
                              struct sql_span *span)
{
    struct sql_span start = sql_span_here(parser);
    const struct type_form *form = NULL;
    for (size_t i = 0; i < SL_COUNT_OF(type_forms) && form == NULL; i++) {
        form = sql_at_word(parser, type_forms[i].word) ? &type_forms[i] : NULL;
    }
    if (form == NULL) {
        return unknown_type(parser);
    }
    SL_TRY(sql_enter(parser));
    sql_take(parser);
    SL_TRY(parse_parameters(parser, form, type));
    SL_TRY(parse_suffixes(parser, type));
    sql_leave(parser);
    if (span != NULL) {
        *span = sql_span_from(parser, start);
    }
    return SL_OK;
}
