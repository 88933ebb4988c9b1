/* SPDX-License-Identifier: Apache-2.0
 *
 * Implicit and written conversions. Widening is implicit, as sl_type_coerces says; INSERT also
 * lets lengths, precisions and time zones differ, as Flink does. */
#include "coerce.h"

#include <stdio.h>

/* The evaluator finds a cast as a function "CAST <TYPE>"; between strings, and between types of the
 * same form, it needs none. */
static enum sl_status require_kernel(struct sql_context *context, const struct sql_bound *bound,
                                     const struct sl_type *type)
{
    enum sl_type_id from = bound->type.id;
    bool same_form = from == type->id || from == SL_TYPE_NULL ||
                     (sl_type_is_string(from) && sl_type_is_string(type->id)) ||
                     (sl_type_is_binary(from) && sl_type_is_binary(type->id));
    char name[64];
    snprintf(name, sizeof name, "CAST %s", sl_type_id_name(type->id));
    if (same_form || sl_catalog_function(context->catalog, name, &bound->type, 1) != NULL) {
        return SL_OK;
    }
    char source[SL_TYPE_TEXT_BYTES];
    char target[SL_TYPE_TEXT_BYTES];
    return sql_fail(context, bound->span, SL_UNSUPPORTED, "a cast of %s to %s is not supported yet",
                    sl_type_format(&bound->type, source, sizeof source),
                    sl_type_format(type, target, sizeof target));
}

enum sl_status sql_convert(struct sql_context *context, struct sql_bound *bound,
                           const struct sl_type *type, struct sql_bound **result)
{
    *result = bound;
    if (sl_type_equal(&bound->type, type, false)) {
        return SL_OK;
    }
    if (bound->kind == SQL_BOUND_CONSTANT) {
        SL_TRY(sql_fold_cast(context, bound, type, result));
        if (*result != NULL) {
            return SL_OK;
        }
    }
    SL_TRY(require_kernel(context, bound, type));
    struct sql_bound cast = {
        .kind = SQL_BOUND_CAST, .type = *type, .span = bound->span, .argument_count = 1};
    cast.type.nullable = bound->type.nullable;
    SQL_NEW(context, cast.arguments, 1);
    cast.arguments[0] = bound;
    return sql_make(context, &cast, result);
}

enum family { NOTHING, BOOLEAN, NUMBER, STRING, BYTES, DATE, TIME, TIMESTAMP, INTERVAL, NESTED };

static enum family family_of(enum sl_type_id id)
{
    static const enum family families[SL_TYPE_COUNT] = {
        [SL_TYPE_NULL] = NOTHING,
        [SL_TYPE_BOOLEAN] = BOOLEAN,
        [SL_TYPE_TINYINT] = NUMBER,
        [SL_TYPE_SMALLINT] = NUMBER,
        [SL_TYPE_INT] = NUMBER,
        [SL_TYPE_BIGINT] = NUMBER,
        [SL_TYPE_FLOAT] = NUMBER,
        [SL_TYPE_DOUBLE] = NUMBER,
        [SL_TYPE_DECIMAL] = NUMBER,
        [SL_TYPE_CHAR] = STRING,
        [SL_TYPE_VARCHAR] = STRING,
        [SL_TYPE_BINARY] = BYTES,
        [SL_TYPE_VARBINARY] = BYTES,
        [SL_TYPE_DATE] = DATE,
        [SL_TYPE_TIME] = TIME,
        [SL_TYPE_TIMESTAMP] = TIMESTAMP,
        [SL_TYPE_TIMESTAMP_LTZ] = TIMESTAMP,
        [SL_TYPE_INTERVAL_YEAR_MONTH] = INTERVAL,
        [SL_TYPE_INTERVAL_DAY_TIME] = INTERVAL,
        [SL_TYPE_ARRAY] = NESTED,
        [SL_TYPE_MAP] = NESTED,
        [SL_TYPE_MULTISET] = NESTED,
        [SL_TYPE_ROW] = NESTED,
    };
    return families[id];
}

/* Flink's table of casts, without those between numbers and times, which it refuses too. */
static bool is_castable(enum sl_type_id from, enum sl_type_id to)
{
    enum family source = family_of(from);
    enum family target = family_of(to);
    switch (target) {
    case STRING:
        return source != NESTED;
    case BOOLEAN:
        return source == BOOLEAN || source == NUMBER || source == STRING;
    case NUMBER:
        return source == BOOLEAN || source == NUMBER || source == STRING;
    case BYTES:
        return source == BYTES || source == STRING;
    case DATE:
        return source == DATE || source == TIMESTAMP || source == STRING;
    case TIME:
        return source == TIME || source == TIMESTAMP || source == STRING;
    case TIMESTAMP:
        return source == DATE || source == TIME || source == TIMESTAMP || source == STRING;
    case INTERVAL:
        return from == to;
    default:
        return false;
    }
}

enum sl_status sql_cast(struct sql_context *context, struct sql_span span, struct sql_bound *bound,
                        const struct sl_type *type, bool is_try, struct sql_bound **result)
{
    bool is_null = bound->type.id == SL_TYPE_NULL;
    if (!is_null && !sl_type_equal(&bound->type, type, false) &&
        !is_castable(bound->type.id, type->id)) {
        char from[SL_TYPE_TEXT_BYTES];
        char to[SL_TYPE_TEXT_BYTES];
        return sql_fail(context, span, SL_SEMANTIC, "cannot cast %s to %s",
                        sl_type_format(&bound->type, from, sizeof from),
                        sl_type_format(type, to, sizeof to));
    }
    SL_TRY(sql_convert(context, bound, type, result));
    if (is_try && (*result)->kind == SQL_BOUND_CAST && *result != bound) {
        (*result)->try_cast = true;
        (*result)->type.nullable = true;
    }
    return SL_OK;
}

enum sl_status sql_convert_to_common(struct sql_context *context, struct sql_bound **items,
                                     uint32_t count, const char *what, struct sl_type *type)
{
    *type = items[0]->type;
    bool nullable = type->nullable;
    for (uint32_t i = 1; i < count; i++) {
        struct sl_type common;
        if (!sl_type_common(type, &items[i]->type, &common)) {
            char left[SL_TYPE_TEXT_BYTES];
            char right[SL_TYPE_TEXT_BYTES];
            return sql_fail(context, items[i]->span, SL_SEMANTIC,
                            "%s have no common type: %s and %s", what,
                            sl_type_format(type, left, sizeof left),
                            sl_type_format(&items[i]->type, right, sizeof right));
        }
        *type = common;
        nullable = nullable || items[i]->type.nullable;
    }
    type->nullable = nullable;
    for (uint32_t i = 0; i < count; i++) {
        SL_TRY(sql_convert(context, items[i], type, &items[i]));
    }
    return SL_OK;
}

bool sql_type_assignable(const struct sl_type *from, const struct sl_type *to)
{
    if (from->id == SL_TYPE_NULL || sl_type_equal(from, to, false) || sl_type_coerces(from, to)) {
        return true;
    }
    enum family family = family_of(from->id);
    bool same_family = family == family_of(to->id);
    return same_family &&
           (family == STRING || family == BYTES || family == TIMESTAMP ||
            (family == NUMBER && from->id == to->id) || (family == TIME && from->id == to->id));
}

enum sl_status sql_require_boolean(struct sql_context *context, const char *what,
                                   struct sql_bound **bound)
{
    struct sl_type boolean = sl_type_of(SL_TYPE_BOOLEAN);
    if ((*bound)->type.id == SL_TYPE_NULL) {
        return sql_convert(context, *bound, &boolean, bound);
    }
    char type[SL_TYPE_TEXT_BYTES];
    return (*bound)->type.id == SL_TYPE_BOOLEAN
               ? SL_OK
               : sql_fail(context, (*bound)->span, SL_SEMANTIC, "%s must be BOOLEAN, this is %s",
                          what, sl_type_format(&(*bound)->type, type, sizeof type));
}
