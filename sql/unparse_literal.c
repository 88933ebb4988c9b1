/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, strings, values and types as SQL text that reads back as the same thing. */
#include "unparse.h"

#include "lex.h"

#include "sluice/datetime.h"
#include "sluice/decimal.h"

#include <string.h>

static bool is_plain_name(const char *name)
{
    size_t length = strlen(name);
    struct sql_lexer lexer = {.text = name, .length = length};
    struct sql_token token = sql_lex_next(&lexer);
    return token.kind == SQL_TOKEN_WORD && token.span.offset == 0 && token.span.length == length &&
           sql_word_flags(name, length) == 0;
}

void sql_unparse_name(struct sl_text *text, const char *name)
{
    if (is_plain_name(name)) {
        sl_text_append_string(text, name);
        return;
    }
    sl_text_append_char(text, '`');
    for (; *name != '\0'; name++) {
        sl_text_append_char(text, *name);
        if (*name == '`') {
            sl_text_append_char(text, '`');
        }
    }
    sl_text_append_char(text, '`');
}

void sql_unparse_path(struct sl_text *text, const struct sql_path *path)
{
    for (uint32_t i = 0; i < path->count; i++) {
        sl_text_append_string(text, i > 0 ? "." : "");
        sql_unparse_name(text, path->parts[i].text);
    }
}

void sql_unparse_name_list(struct sl_text *text, const struct sql_name_list *names)
{
    sl_text_append_char(text, '(');
    for (uint32_t i = 0; i < names->count; i++) {
        sl_text_append_string(text, i > 0 ? ", " : "");
        sql_unparse_name(text, names->items[i].text);
    }
    sl_text_append_char(text, ')');
}

void sql_unparse_string(struct sl_text *text, const char *data, size_t length)
{
    bool escaped = length > 0 && memchr(data, '\0', length) != NULL;
    sl_text_append_string(text, escaped ? "e'" : "'");
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '\0') {
            sl_text_append_string(text, "\\000");
            continue;
        }
        if (data[i] == '\'' || (escaped && data[i] == '\\')) {
            sl_text_append_char(text, data[i]);
        }
        sl_text_append_char(text, data[i]);
    }
    sl_text_append_char(text, '\'');
}

static void put_bytes(struct sl_text *text, const char *data, size_t length)
{
    sl_text_append_string(text, "X'");
    for (size_t i = 0; i < length; i++) {
        sl_text_printf(text, "%02X", (unsigned char)data[i]);
    }
    sl_text_append_char(text, '\'');
}

/* A digit before the point only when the precision has room for it: .5 is DECIMAL(1, 1). */
static void put_decimal(struct sl_text *text, const struct sql_literal *literal)
{
    char digits[48];
    size_t length = sl_decimal_format(literal->decimal, literal->type.scale, digits);
    size_t sign = length > 0 && digits[0] == '-';
    bool drop_zero = literal->type.precision == literal->type.scale && digits[sign] == '0';
    sl_text_append(text, digits, sign);
    sl_text_append(text, digits + sign + drop_zero, length - sign - drop_zero);
}

/* With an exponent always, or it would read back as a DECIMAL. */
static void put_double(struct sl_text *text, double value)
{
    size_t start = text->length;
    sl_text_append_double(text, value);
    if (!text->failed && memchr(text->data + start, 'E', text->length - start) == NULL) {
        sl_text_append_string(text, "E0");
    }
}

static void put_time(struct sl_text *text, const struct sql_literal *literal)
{
    char digits[48];
    size_t length = 0;
    uint32_t precision = literal->type.precision;
    switch (literal->type.id) {
    case SL_TYPE_DATE:
        sl_text_append_string(text, "DATE '");
        length = sl_date_format((int32_t)literal->integer, digits);
        break;
    case SL_TYPE_TIME:
        sl_text_append_string(text, "TIME '");
        length = sl_time_format((int32_t)literal->integer, precision, digits);
        break;
    default:
        sl_text_append_string(text, "TIMESTAMP '");
        length = sl_timestamp_format(literal->integer, precision, SL_DATETIME_SQL, false, digits);
        break;
    }
    sl_text_append(text, digits, length);
    sl_text_append_char(text, '\'');
}

static void put_interval(struct sl_text *text, const struct sql_literal *literal)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400000, "DAY"}, {3600000, "HOUR"}, {60000, "MINUTE"}, {1000, "SECOND"}};
    int64_t value = literal->integer;
    bool is_months = literal->type.id == SL_TYPE_INTERVAL_YEAR_MONTH;
    if (is_months) {
        bool is_years = value != 0 && value % 12 == 0;
        sl_text_append_string(text, "INTERVAL '");
        sl_text_append_int64(text, is_years ? value / 12 : value);
        sl_text_append_string(text, is_years ? "' YEAR" : "' MONTH");
        return;
    }
    size_t unit = 0;
    while (unit + 1 < SL_COUNT_OF(units) && (value == 0 || value % units[unit].size != 0)) {
        unit++;
    }
    int64_t rest = value % units[unit].size;
    sl_text_append_string(text, value < 0 ? "INTERVAL '-" : "INTERVAL '");
    sl_text_append_int64(text, value < 0 ? -(value / units[unit].size) : value / units[unit].size);
    if (rest != 0) {
        sl_text_printf(text, ".%03d", (int)(rest < 0 ? -rest : rest));
    }
    sl_text_printf(text, "' %s", units[unit].name);
}

void sql_unparse_literal(struct sl_text *text, const struct sql_literal *literal)
{
    switch (literal->type.id) {
    case SL_TYPE_BOOLEAN:
        sl_text_append_string(text, literal->integer != 0 ? "TRUE" : "FALSE");
        break;
    case SL_TYPE_INT:
    case SL_TYPE_BIGINT:
        sl_text_append_int64(text, literal->integer);
        break;
    case SL_TYPE_DECIMAL:
        put_decimal(text, literal);
        break;
    case SL_TYPE_DOUBLE:
        put_double(text, literal->real);
        break;
    case SL_TYPE_CHAR:
        sql_unparse_string(text, literal->text, literal->length);
        break;
    case SL_TYPE_BINARY:
        put_bytes(text, literal->text, literal->length);
        break;
    case SL_TYPE_DATE:
    case SL_TYPE_TIME:
    case SL_TYPE_TIMESTAMP:
        put_time(text, literal);
        break;
    case SL_TYPE_INTERVAL_YEAR_MONTH:
    case SL_TYPE_INTERVAL_DAY_TIME:
        put_interval(text, literal);
        break;
    default:
        sl_text_append_string(text, "NULL");
        break;
    }
}

void sql_unparse_type(struct sl_text *text, const struct sl_type *type)
{
    if (type->field_count == 0) {
        char leaf[SL_TYPE_TEXT_BYTES];
        sl_text_append_string(text, sl_type_format(type, leaf, sizeof(leaf)));
        return;
    }
    sl_text_append_string(text, type->id == SL_TYPE_ARRAY      ? "ARRAY<"
                                : type->id == SL_TYPE_MULTISET ? "MULTISET<"
                                : type->id == SL_TYPE_MAP      ? "MAP<"
                                                               : "ROW<");
    for (uint32_t i = 0; i < type->field_count; i++) {
        sl_text_append_string(text, i > 0 ? ", " : "");
        if (type->id == SL_TYPE_ROW) {
            sql_unparse_name(text, type->fields[i].name);
            sl_text_append_char(text, ' ');
        }
        sql_unparse_type(text, &type->fields[i].type);
    }
    sl_text_append_string(text, type->nullable ? ">" : "> NOT NULL");
}
