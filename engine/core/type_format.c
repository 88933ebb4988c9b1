/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQL spelling of a type. The text is cut when the buffer is too small, and always ends in a
 * NUL. */
#include "sluice/type.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *text;
    size_t size_bytes;
    size_t length;
};

static const char *const NAMES[SL_TYPE_COUNT] = {
    [SL_TYPE_NULL] = "NULL",
    [SL_TYPE_BOOLEAN] = "BOOLEAN",
    [SL_TYPE_TINYINT] = "TINYINT",
    [SL_TYPE_SMALLINT] = "SMALLINT",
    [SL_TYPE_INT] = "INT",
    [SL_TYPE_BIGINT] = "BIGINT",
    [SL_TYPE_FLOAT] = "FLOAT",
    [SL_TYPE_DOUBLE] = "DOUBLE",
    [SL_TYPE_DECIMAL] = "DECIMAL",
    [SL_TYPE_CHAR] = "CHAR",
    [SL_TYPE_VARCHAR] = "VARCHAR",
    [SL_TYPE_BINARY] = "BINARY",
    [SL_TYPE_VARBINARY] = "VARBINARY",
    [SL_TYPE_DATE] = "DATE",
    [SL_TYPE_TIME] = "TIME",
    [SL_TYPE_TIMESTAMP] = "TIMESTAMP",
    [SL_TYPE_TIMESTAMP_LTZ] = "TIMESTAMP_LTZ",
    [SL_TYPE_INTERVAL_YEAR_MONTH] = "INTERVAL_YEAR_MONTH",
    [SL_TYPE_INTERVAL_DAY_TIME] = "INTERVAL_DAY_TIME",
    [SL_TYPE_ARRAY] = "ARRAY",
    [SL_TYPE_MAP] = "MAP",
    [SL_TYPE_MULTISET] = "MULTISET",
    [SL_TYPE_ROW] = "ROW",
};

const char *sl_type_id_name(enum sl_type_id id)
{
    return NAMES[id];
}

/* Intervals are written in words. */
static const char *spelling(enum sl_type_id id)
{
    if (id == SL_TYPE_INTERVAL_YEAR_MONTH) {
        return "INTERVAL YEAR TO MONTH";
    }
    return id == SL_TYPE_INTERVAL_DAY_TIME ? "INTERVAL DAY TO SECOND" : NAMES[id];
}

static void put(struct writer *writer, const char *string)
{
    for (; *string != '\0' && writer->length + 1 < writer->size_bytes; string++) {
        writer->text[writer->length++] = *string;
    }
}

static void put_number(struct writer *writer, uint32_t number)
{
    char digits[16];
    snprintf(digits, sizeof(digits), "%" PRIu32, number);
    put(writer, digits);
}

static void put_name(struct writer *writer, const char *name)
{
    put(writer, "`");
    for (; *name != '\0'; name++) {
        char character[3] = {*name, *name == '`' ? '`' : '\0', '\0'};
        put(writer, character);
    }
    put(writer, "` ");
}

static void put_type(struct writer *writer, const struct sl_type *type);

static void put_fields(struct writer *writer, const struct sl_type *type)
{
    put(writer, "<");
    for (uint32_t i = 0; i < type->field_count; i++) {
        put(writer, i > 0 ? ", " : "");
        if (type->id == SL_TYPE_ROW) {
            put_name(writer, type->fields[i].name);
        }
        put_type(writer, &type->fields[i].type);
    }
    put(writer, ">");
}

static void put_parameters(struct writer *writer, const struct sl_type *type)
{
    put(writer, "(");
    switch (type->id) {
    case SL_TYPE_DECIMAL:
        put_number(writer, type->precision);
        put(writer, ", ");
        put_number(writer, type->scale);
        break;
    case SL_TYPE_TIME:
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        put_number(writer, type->precision);
        break;
    default:
        put_number(writer, type->length);
        break;
    }
    put(writer, ")");
}

static bool has_parameters(enum sl_type_id id)
{
    return id == SL_TYPE_DECIMAL || id == SL_TYPE_TIME || sl_type_is_timestamp(id) ||
           sl_type_is_string(id) || sl_type_is_binary(id);
}

static void put_type(struct writer *writer, const struct sl_type *type)
{
    SL_ASSERT((unsigned)type->id < SL_TYPE_COUNT);
    if (type->id == SL_TYPE_VARCHAR && type->length == SL_LENGTH_MAX) {
        put(writer, "STRING");
    } else if (type->id == SL_TYPE_VARBINARY && type->length == SL_LENGTH_MAX) {
        put(writer, "BYTES");
    } else {
        put(writer, spelling(type->id));
        if (has_parameters(type->id)) {
            put_parameters(writer, type);
        }
    }
    if (type->id >= SL_TYPE_ARRAY) {
        put_fields(writer, type);
    }
    put(writer, type->nullable ? "" : " NOT NULL");
}

const char *sl_type_format(const struct sl_type *type, char *text, size_t size_bytes)
{
    struct writer writer = {.text = text, .size_bytes = size_bytes};
    SL_ASSERT(size_bytes > 0);
    put_type(&writer, type);
    text[writer.length] = '\0';
    return text;
}
