/* SPDX-License-Identifier: Apache-2.0
 *
 * Bound expressions as text: what EXPLAIN shows of them, close to what was written. */
#include "logical.h"

#include <inttypes.h>
#include <string.h>

#include "sluice/datetime.h"
#include "sluice/decimal.h"
#include "unparse.h"

enum shape { BETWEEN_ARGUMENTS, BEFORE, BEHIND };

struct symbol {
    const char *function;
    const char *text;
    enum shape shape;
};

static const struct symbol SYMBOLS[] = {
    {"PLUS", "+", BETWEEN_ARGUMENTS},
    {"MINUS", "-", BETWEEN_ARGUMENTS},
    {"TIMES", "*", BETWEEN_ARGUMENTS},
    {"DIVIDE", "/", BETWEEN_ARGUMENTS},
    {"MODULO", "%", BETWEEN_ARGUMENTS},
    {"EQ", "=", BETWEEN_ARGUMENTS},
    {"NE", "<>", BETWEEN_ARGUMENTS},
    {"LT", "<", BETWEEN_ARGUMENTS},
    {"LE", "<=", BETWEEN_ARGUMENTS},
    {"GT", ">", BETWEEN_ARGUMENTS},
    {"GE", ">=", BETWEEN_ARGUMENTS},
    {"LIKE", "LIKE", BETWEEN_ARGUMENTS},
    {"NEGATE", "-", BEFORE},
    {"NOT", "NOT ", BEFORE},
    {"IS_NULL", "IS NULL", BEHIND},
    {"IS_NOT_NULL", "IS NOT NULL", BEHIND},
    {"IS_TRUE", "IS TRUE", BEHIND},
    {"IS_NOT_TRUE", "IS NOT TRUE", BEHIND},
    {"IS_FALSE", "IS FALSE", BEHIND},
    {"IS_NOT_FALSE", "IS NOT FALSE", BEHIND},
};

const char *sql_operator_symbol(const char *function)
{
    for (size_t i = 0; i < SL_COUNT_OF(SYMBOLS); i++) {
        if (strcmp(SYMBOLS[i].function, function) == 0) {
            return SYMBOLS[i].text;
        }
    }
    return NULL;
}

static sl_int128 constant_integer(const struct sl_constant *constant)
{
    sl_int128 value = 0;
    if (constant->byte_count > 0 && constant->byte_count <= sizeof value) {
        bool negative = (constant->bytes[constant->byte_count - 1] & 0x80) != 0;
        memset(&value, negative ? 0xff : 0, sizeof value);
        memcpy(&value, constant->bytes, constant->byte_count);
    }
    return value;
}

static void print_interval(struct sl_text *text, int64_t value_ms)
{
    if (value_ms % 1000 == 0) {
        sl_text_printf(text, "INTERVAL '%" PRId64 "' SECOND", value_ms / 1000);
        return;
    }
    int64_t magnitude = value_ms < 0 ? -(value_ms + 1) : value_ms; /* INT64_MIN has no negative */
    magnitude += value_ms < 0 ? 1 : 0;
    sl_text_printf(text, "INTERVAL '%s%" PRId64 ".%03d' SECOND", value_ms < 0 ? "-" : "",
                   magnitude / 1000, (int)(magnitude % 1000));
}

static void print_real(struct sl_text *text, const struct sql_bound *bound)
{
    if (bound->type.id == SL_TYPE_FLOAT) {
        float value = 0;
        memcpy(&value, bound->constant.bytes, sizeof value);
        sl_text_append_float(text, value);
        return;
    }
    double value = 0;
    memcpy(&value, bound->constant.bytes, sizeof value);
    sl_text_append_double(text, value);
}

static void print_moment(struct sl_text *text, const struct sql_bound *bound, int64_t value)
{
    char buffer[48];
    size_t length = 0;
    if (bound->type.id == SL_TYPE_DATE) {
        length = sl_date_format((int32_t)value, buffer);
    } else if (bound->type.id == SL_TYPE_TIME) {
        length = sl_time_format((int32_t)value, bound->type.precision, buffer);
    } else {
        length = sl_timestamp_format(value, bound->type.precision, SL_DATETIME_SQL,
                                     bound->type.id == SL_TYPE_TIMESTAMP_LTZ, buffer);
    }
    sl_text_append_char(text, '\'');
    sl_text_append(text, buffer, length);
    sl_text_append_char(text, '\'');
}

static void print_constant(struct sl_text *text, const struct sql_bound *bound)
{
    if (bound->constant.is_null) {
        sl_text_append_string(text, "NULL");
        return;
    }
    sl_int128 value = constant_integer(&bound->constant);
    char digits[48];
    switch (bound->type.id) {
    case SL_TYPE_BOOLEAN:
        sl_text_append_string(text, value != 0 ? "TRUE" : "FALSE");
        break;
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        print_real(text, bound);
        break;
    case SL_TYPE_DECIMAL:
        sl_text_append(text, digits, sl_decimal_format(value, bound->type.scale, digits));
        break;
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        sql_unparse_string(text, bound->constant.bytes, bound->constant.byte_count);
        break;
    case SL_TYPE_DATE:
    case SL_TYPE_TIME:
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        print_moment(text, bound, (int64_t)value);
        break;
    case SL_TYPE_INTERVAL_DAY_TIME:
        print_interval(text, (int64_t)value);
        break;
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        sl_text_printf(text, "INTERVAL '%" PRId64 "' MONTH", (int64_t)value);
        break;
    default:
        sl_text_append_int64(text, (int64_t)value);
        break;
    }
}

static void print_list(struct sl_text *text, const struct sql_bound *bound,
                       const struct sql_names *names, const char *separator)
{
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        sl_text_append_string(text, i == 0 ? "" : separator);
        sql_bound_print(text, bound->arguments[i], names);
    }
}

static void print_call(struct sl_text *text, const struct sql_bound *bound,
                       const struct sql_names *names)
{
    const char *name = bound->function->name;
    const struct symbol *symbol = NULL;
    for (size_t i = 0; i < SL_COUNT_OF(SYMBOLS); i++) {
        uint32_t expected = SYMBOLS[i].shape == BETWEEN_ARGUMENTS ? 2 : 1;
        if (bound->argument_count == expected && strcmp(SYMBOLS[i].function, name) == 0) {
            symbol = &SYMBOLS[i];
        }
    }
    if (symbol == NULL) {
        sl_text_printf(text, "%s(", name);
        print_list(text, bound, names, ", ");
        sl_text_append_char(text, ')');
        return;
    }
    sl_text_append_string(text, symbol->shape == BEFORE ? symbol->text : "(");
    sql_bound_print(text, bound->arguments[0], names);
    if (symbol->shape != BEFORE) {
        sl_text_printf(text, " %s", symbol->text);
    }
    if (symbol->shape == BETWEEN_ARGUMENTS) {
        sl_text_append_char(text, ' ');
        sql_bound_print(text, bound->arguments[1], names);
    }
    sl_text_append_string(text, symbol->shape == BEFORE ? "" : ")");
}

static void print_case(struct sl_text *text, const struct sql_bound *bound,
                       const struct sql_names *names)
{
    sl_text_append_string(text, "CASE");
    for (uint32_t i = 0; i + 1 < bound->argument_count; i += 2) {
        sl_text_append_string(text, " WHEN ");
        sql_bound_print(text, bound->arguments[i], names);
        sl_text_append_string(text, " THEN ");
        sql_bound_print(text, bound->arguments[i + 1], names);
    }
    sl_text_append_string(text, " ELSE ");
    sql_bound_print(text, bound->arguments[bound->argument_count - 1], names);
    sl_text_append_string(text, " END");
}

static void print_cast(struct sl_text *text, const struct sql_bound *bound,
                       const struct sql_names *names)
{
    char type[SL_TYPE_TEXT_BYTES];
    struct sl_type target = bound->type;
    target.nullable = true; /* CAST does not change nullability */
    sl_text_append_string(text, bound->try_cast ? "TRY_CAST(" : "CAST(");
    sql_bound_print(text, bound->arguments[0], names);
    sl_text_printf(text, " AS %s)", sl_type_format(&target, type, sizeof type));
}

void sql_bound_print(struct sl_text *text, const struct sql_bound *bound,
                     const struct sql_names *names)
{
    switch (bound->kind) {
    case SQL_BOUND_COLUMN:
        sl_text_append_string(text, names->schema->columns[names->map[bound->column]].name);
        break;
    case SQL_BOUND_CONSTANT:
        print_constant(text, bound);
        break;
    case SQL_BOUND_CALL:
        print_call(text, bound, names);
        break;
    case SQL_BOUND_CAST:
        print_cast(text, bound, names);
        break;
    case SQL_BOUND_AND:
    case SQL_BOUND_OR:
        sl_text_append_char(text, '(');
        print_list(text, bound, names, bound->kind == SQL_BOUND_AND ? " AND " : " OR ");
        sl_text_append_char(text, ')');
        break;
    case SQL_BOUND_CASE:
        print_case(text, bound, names);
        break;
    case SQL_BOUND_AGGREGATE:
        sl_text_append_string(text, bound->aggregate->name);
        break;
    }
}
