/* SPDX-License-Identifier: Apache-2.0
 *
 * Result types of decimal arithmetic, as Flink's LogicalTypeMerging defines them. A result that
 * would need more than 38 digits keeps its integral digits and loses fraction digits, but never
 * below 6. Integer operands count as the decimal that holds them. */
#include "sluice/decimal.h"

enum { SCALE_KEPT_MIN = 6 };

struct sl_type sl_decimal_type_for(const struct sl_type *a)
{
    struct sl_type type = *a;
    switch (a->id) {
    case SL_TYPE_TINYINT:
        type = sl_type_decimal(3, 0);
        break;
    case SL_TYPE_SMALLINT:
        type = sl_type_decimal(5, 0);
        break;
    case SL_TYPE_INT:
        type = sl_type_decimal(10, 0);
        break;
    case SL_TYPE_BIGINT:
        type = sl_type_decimal(19, 0);
        break;
    default:
        break;
    }
    type.nullable = a->nullable;
    return type;
}

static struct sl_type adjusted(uint32_t precision, uint32_t scale, bool nullable)
{
    if (precision > SL_DECIMAL_PRECISION_MAX) {
        uint32_t integral = precision - scale;
        uint32_t room =
            integral < SL_DECIMAL_PRECISION_MAX ? SL_DECIMAL_PRECISION_MAX - integral : 0;
        uint32_t scale_min = SL_MIN(scale, (uint32_t)SCALE_KEPT_MIN);
        precision = SL_DECIMAL_PRECISION_MAX;
        scale = SL_MAX(room, scale_min);
    }
    struct sl_type type = sl_type_decimal(precision, scale);
    type.nullable = nullable;
    return type;
}

struct operands {
    uint32_t p1, s1, p2, s2;
    bool nullable;
};

static struct operands operands_of(const struct sl_type *a, const struct sl_type *b)
{
    struct sl_type left = sl_decimal_type_for(a);
    struct sl_type right = sl_decimal_type_for(b);
    SL_ASSERT(left.id == SL_TYPE_DECIMAL && right.id == SL_TYPE_DECIMAL);
    return (struct operands){left.precision, left.scale, right.precision, right.scale,
                             left.nullable || right.nullable};
}

struct sl_type sl_decimal_add_type(const struct sl_type *a, const struct sl_type *b)
{
    struct operands o = operands_of(a, b);
    uint32_t scale = SL_MAX(o.s1, o.s2);
    uint32_t precision = SL_MAX(o.p1 - o.s1, o.p2 - o.s2) + scale + 1;
    return adjusted(precision, scale, o.nullable);
}

struct sl_type sl_decimal_multiply_type(const struct sl_type *a, const struct sl_type *b)
{
    struct operands o = operands_of(a, b);
    return adjusted(o.p1 + o.p2, o.s1 + o.s2, o.nullable);
}

struct sl_type sl_decimal_divide_type(const struct sl_type *a, const struct sl_type *b)
{
    struct operands o = operands_of(a, b);
    uint32_t scale = SL_MAX(6U, o.s1 + o.p2 + 1);
    return adjusted(o.p1 - o.s1 + o.s2 + scale, scale, o.nullable);
}

struct sl_type sl_decimal_modulo_type(const struct sl_type *a, const struct sl_type *b)
{
    struct operands o = operands_of(a, b);
    uint32_t scale = SL_MAX(o.s1, o.s2);
    uint32_t precision = SL_MIN(o.p1 - o.s1, o.p2 - o.s2) + scale;
    return adjusted(SL_MAX(precision, 1U), scale, o.nullable);
}

struct sl_type sl_decimal_sum_type(const struct sl_type *a)
{
    return adjusted(SL_DECIMAL_PRECISION_MAX, sl_decimal_type_for(a).scale, a->nullable);
}

struct sl_type sl_decimal_avg_type(const struct sl_type *a)
{
    uint32_t scale = SL_MAX((uint32_t)sl_decimal_type_for(a).scale, 6U);
    return adjusted(SL_DECIMAL_PRECISION_MAX, scale, a->nullable);
}
