/* SPDX-License-Identifier: Apache-2.0
 *
 * Logical types as small values: their defaults, physical kinds, equality and copies. Parameters
 * that a type does not have are always zero. */
#include "sluice/type.h"

#include <string.h>

/* What is fixed for a type id. */
struct type_traits {
    enum sl_physical physical;
    uint8_t precision;
    uint32_t length;
};

static const struct type_traits TRAITS[SL_TYPE_COUNT] = {
    [SL_TYPE_NULL] = {SL_W1, 0, 0},
    [SL_TYPE_BOOLEAN] = {SL_W1, 0, 0},
    [SL_TYPE_TINYINT] = {SL_W1, 0, 0},
    [SL_TYPE_SMALLINT] = {SL_W2, 0, 0},
    [SL_TYPE_INT] = {SL_W4, 0, 0},
    [SL_TYPE_BIGINT] = {SL_W8, 0, 0},
    [SL_TYPE_FLOAT] = {SL_W4, 0, 0},
    [SL_TYPE_DOUBLE] = {SL_W8, 0, 0},
    [SL_TYPE_DECIMAL] = {SL_W8, 10, 0},
    [SL_TYPE_CHAR] = {SL_VIEW, 0, 1},
    [SL_TYPE_VARCHAR] = {SL_VIEW, 0, SL_LENGTH_MAX},
    [SL_TYPE_BINARY] = {SL_VIEW, 0, 1},
    [SL_TYPE_VARBINARY] = {SL_VIEW, 0, SL_LENGTH_MAX},
    [SL_TYPE_DATE] = {SL_W4, 0, 0},
    [SL_TYPE_TIME] = {SL_W4, 0, 0},
    [SL_TYPE_TIMESTAMP] = {SL_W8, 6, 0},
    [SL_TYPE_TIMESTAMP_LTZ] = {SL_W8, 6, 0},
    [SL_TYPE_INTERVAL_YEAR_MONTH] = {SL_W4, 0, 0},
    [SL_TYPE_INTERVAL_DAY_TIME] = {SL_W8, 0, 0},
    [SL_TYPE_ARRAY] = {SL_LIST, 0, 0},
    [SL_TYPE_MAP] = {SL_LIST, 0, 0},
    [SL_TYPE_MULTISET] = {SL_LIST, 0, 0},
    [SL_TYPE_ROW] = {SL_STRUCT, 0, 0},
};

enum { DECIMAL_W8_PRECISION_MAX = 18 };

struct sl_type sl_type_of(enum sl_type_id id)
{
    SL_ASSERT((unsigned)id < SL_TYPE_COUNT);
    return (struct sl_type){
        .id = id,
        .nullable = true,
        .precision = TRAITS[id].precision,
        .length = TRAITS[id].length,
    };
}

struct sl_type sl_type_decimal(uint32_t precision, uint32_t scale)
{
    struct sl_type type = sl_type_of(SL_TYPE_DECIMAL);
    SL_ASSERT(precision >= 1 && precision <= SL_DECIMAL_PRECISION_MAX && scale <= precision);
    type.precision = (uint8_t)precision;
    type.scale = (uint8_t)scale;
    return type;
}

struct sl_type sl_type_timestamp(enum sl_type_id id, uint32_t precision)
{
    struct sl_type type = sl_type_of(id);
    SL_ASSERT(precision <= 9);
    type.precision = (uint8_t)precision;
    return type;
}

struct sl_type sl_type_string(void)
{
    return sl_type_of(SL_TYPE_VARCHAR);
}

struct sl_type sl_type_not_null(struct sl_type type)
{
    type.nullable = false;
    return type;
}

enum sl_physical sl_type_physical(const struct sl_type *type)
{
    SL_ASSERT((unsigned)type->id < SL_TYPE_COUNT);
    if (type->id == SL_TYPE_DECIMAL && type->precision > DECIMAL_W8_PRECISION_MAX) {
        return SL_W16;
    }
    return TRAITS[type->id].physical;
}

uint32_t sl_physical_width(enum sl_physical physical)
{
    static const uint8_t WIDTHS[] = {
        [SL_W1] = 1,   [SL_W2] = 2,    [SL_W4] = 4,   [SL_W8] = 8,
        [SL_W16] = 16, [SL_VIEW] = 16, [SL_LIST] = 8, [SL_STRUCT] = 0,
    };
    SL_ASSERT((unsigned)physical < SL_COUNT_OF(WIDTHS));
    return WIDTHS[physical];
}

static bool fields_equal(const struct sl_type *a, const struct sl_type *b, bool with_nullability)
{
    for (uint32_t i = 0; i < a->field_count; i++) {
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            !sl_type_equal(&a->fields[i].type, &b->fields[i].type, with_nullability)) {
            return false;
        }
    }
    return true;
}

bool sl_type_equal(const struct sl_type *a, const struct sl_type *b, bool with_nullability)
{
    if (a->id != b->id || a->precision != b->precision || a->scale != b->scale ||
        a->length != b->length || a->field_count != b->field_count) {
        return false;
    }
    if (with_nullability && a->nullable != b->nullable) {
        return false;
    }
    return fields_equal(a, b, with_nullability);
}

struct sl_type sl_type_copy(struct sl_arena *arena, const struct sl_type *type)
{
    struct sl_type copy = *type;
    if (type->field_count == 0) {
        copy.fields = NULL;
        return copy;
    }
    struct sl_type_field *fields = SL_ARENA_ARRAY(arena, struct sl_type_field, type->field_count);
    if (fields == NULL) {
        return sl_type_of(SL_TYPE_NULL);
    }
    for (uint32_t i = 0; i < type->field_count; i++) {
        fields[i].name = sl_arena_string(arena, type->fields[i].name);
        fields[i].type = sl_type_copy(arena, &type->fields[i].type);
        bool failed = fields[i].type.id == SL_TYPE_NULL && type->fields[i].type.id != SL_TYPE_NULL;
        if (fields[i].name == NULL || failed) {
            return sl_type_of(SL_TYPE_NULL);
        }
    }
    copy.fields = fields;
    return copy;
}

int64_t sl_timestamp_ticks_per_second(uint32_t precision)
{
    if (precision <= 3) {
        return 1000;
    }
    return precision <= 6 ? 1000000 : 1000000000;
}

bool sl_type_is_integer(enum sl_type_id id)
{
    return id >= SL_TYPE_TINYINT && id <= SL_TYPE_BIGINT;
}

bool sl_type_is_numeric(enum sl_type_id id)
{
    return id >= SL_TYPE_TINYINT && id <= SL_TYPE_DECIMAL;
}

bool sl_type_is_string(enum sl_type_id id)
{
    return id == SL_TYPE_CHAR || id == SL_TYPE_VARCHAR;
}

bool sl_type_is_binary(enum sl_type_id id)
{
    return id == SL_TYPE_BINARY || id == SL_TYPE_VARBINARY;
}

bool sl_type_is_timestamp(enum sl_type_id id)
{
    return id == SL_TYPE_TIMESTAMP || id == SL_TYPE_TIMESTAMP_LTZ;
}
