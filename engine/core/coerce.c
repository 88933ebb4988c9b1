/* SPDX-License-Identifier: Apache-2.0
 *
 * Which types are taken for which without a CAST.
 * Always true: what sl_type_common answers, both of its arguments coerce to. */
#include "sluice/catalog.h"
#include "sluice/decimal.h"

/* Place in the chain TINYINT < SMALLINT < INT < BIGINT < DECIMAL < FLOAT < DOUBLE; 0 = not in it.
 */
static uint32_t numeric_rank(enum sl_type_id id)
{
    switch (id) {
    case SL_TYPE_TINYINT:
        return 1;
    case SL_TYPE_SMALLINT:
        return 2;
    case SL_TYPE_INT:
        return 3;
    case SL_TYPE_BIGINT:
        return 4;
    case SL_TYPE_DECIMAL:
        return 5;
    case SL_TYPE_FLOAT:
        return 6;
    case SL_TYPE_DOUBLE:
        return 7;
    default:
        return 0;
    }
}

static bool is_nested(enum sl_type_id id)
{
    return id == SL_TYPE_ARRAY || id == SL_TYPE_MAP || id == SL_TYPE_MULTISET || id == SL_TYPE_ROW;
}

bool sl_type_coerces(const struct sl_type *from, const struct sl_type *to)
{
    uint32_t rank = numeric_rank(from->id);
    if (from->id == SL_TYPE_NULL) {
        return true;
    }
    if (is_nested(from->id)) {
        return sl_type_equal(from, to, false);
    }
    if (from->id == to->id) {
        return true;
    }
    if (rank != 0) {
        return rank < numeric_rank(to->id);
    }
    return (from->id == SL_TYPE_CHAR && to->id == SL_TYPE_VARCHAR) ||
           (from->id == SL_TYPE_BINARY && to->id == SL_TYPE_VARBINARY) ||
           (from->id == SL_TYPE_DATE && to->id == SL_TYPE_TIMESTAMP);
}

/* Holds the digits of both before and behind the point; past 38 digits the fraction gives way. */
static struct sl_type common_decimal(const struct sl_type *a, const struct sl_type *b)
{
    struct sl_type x = sl_decimal_type_for(a);
    struct sl_type y = sl_decimal_type_for(b);
    uint32_t scale = SL_MAX(x.scale, y.scale);
    uint32_t whole = SL_MAX((uint32_t)x.precision - x.scale, (uint32_t)y.precision - y.scale);
    if (whole + scale > SL_DECIMAL_PRECISION_MAX) {
        scale = SL_DECIMAL_PRECISION_MAX - whole;
    }
    return sl_type_decimal(whole + scale, scale);
}

static struct sl_type common_numeric(const struct sl_type *a, const struct sl_type *b)
{
    const struct sl_type *higher = numeric_rank(a->id) >= numeric_rank(b->id) ? a : b;
    const struct sl_type *lower = higher == a ? b : a;
    if (higher->id == SL_TYPE_DECIMAL) {
        return common_decimal(a, b);
    }
    if (higher->id == SL_TYPE_FLOAT && lower->id == SL_TYPE_DECIMAL) {
        return sl_type_of(SL_TYPE_DOUBLE); /* as Flink: FLOAT would drop digits of most decimals */
    }
    return sl_type_of(higher->id);
}

/* CHAR stays CHAR only when both have one length, so that nothing is padded. */
static struct sl_type common_varying(const struct sl_type *a, const struct sl_type *b,
                                     enum sl_type_id fixed, enum sl_type_id varying)
{
    bool stays_fixed = a->id == fixed && b->id == fixed && a->length == b->length;
    struct sl_type type = sl_type_of(stays_fixed ? fixed : varying);
    type.length = SL_MAX(a->length, b->length);
    return type;
}

static struct sl_type common_precision(const struct sl_type *a, const struct sl_type *b)
{
    struct sl_type type = *a;
    type.precision = SL_MAX(a->precision, b->precision);
    return type;
}

bool sl_type_common(const struct sl_type *a, const struct sl_type *b, struct sl_type *result)
{
    bool nullable = a->nullable || b->nullable;
    if (a->id == SL_TYPE_NULL || b->id == SL_TYPE_NULL) {
        *result = a->id == SL_TYPE_NULL ? *b : *a;
        nullable = true;
    } else if (sl_type_equal(a, b, false)) {
        *result = *a;
    } else if (numeric_rank(a->id) != 0 && numeric_rank(b->id) != 0) {
        *result = common_numeric(a, b);
    } else if (sl_type_is_string(a->id) && sl_type_is_string(b->id)) {
        *result = common_varying(a, b, SL_TYPE_CHAR, SL_TYPE_VARCHAR);
    } else if (sl_type_is_binary(a->id) && sl_type_is_binary(b->id)) {
        *result = common_varying(a, b, SL_TYPE_BINARY, SL_TYPE_VARBINARY);
    } else if (a->id == b->id && !is_nested(a->id)) {
        *result = common_precision(a, b);
    } else if (a->id == SL_TYPE_DATE && b->id == SL_TYPE_TIMESTAMP) {
        *result = *b;
    } else if (a->id == SL_TYPE_TIMESTAMP && b->id == SL_TYPE_DATE) {
        *result = *a;
    } else {
        return false;
    }
    result->nullable = nullable;
    return true;
}
