/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversions of constants, done while planning: a comparison of a DOUBLE column with 20.0 must be
 * column-with-constant to go to the source. What cannot be converted exactly as at run time is left
 * to run time. */
#include <math.h>
#include <string.h>

#include "coerce.h"
#include "sluice/datetime.h"
#include "sluice/decimal.h"

static sl_int128 integer_of(const struct sql_bound *constant)
{
    sl_int128 value = 0;
    uint32_t width = constant->constant.byte_count;
    bool negative = (constant->constant.bytes[width - 1] & 0x80) != 0;
    memset(&value, negative ? 0xff : 0, sizeof value);
    memcpy(&value, constant->constant.bytes, width);
    return value;
}

static bool integer_fits(sl_int128 value, enum sl_type_id id)
{
    uint32_t bits = id == SL_TYPE_TINYINT ? 7 : id == SL_TYPE_SMALLINT ? 15 : 31;
    sl_int128 limit = (sl_int128)1 << (id == SL_TYPE_BIGINT ? 63 : bits);
    return value >= -limit && value < limit;
}

static enum sl_status make_wide(struct sql_context *context, const struct sql_bound *constant,
                                const struct sl_type *type, sl_int128 value,
                                struct sql_bound **result)
{
    SL_TRY(sql_make_integer(context, constant->span, *type, 0, result));
    char *bytes;
    SQL_NEW(context, bytes, sizeof value);
    memcpy(bytes, &value, sizeof value);
    (*result)->constant.bytes = bytes;
    return SL_OK;
}

static enum sl_status make_real(struct sql_context *context, const struct sql_bound *constant,
                                const struct sl_type *type, double value, struct sql_bound **result)
{
    int64_t bits = 0;
    if (type->id == SL_TYPE_FLOAT) {
        float narrow = (float)value;
        int32_t narrow_bits;
        memcpy(&narrow_bits, &narrow, sizeof narrow);
        bits = narrow_bits;
    } else {
        memcpy(&bits, &value, sizeof bits);
    }
    return sql_make_integer(context, constant->span, *type, bits, result);
}

static enum sl_status fold_number(struct sql_context *context, const struct sql_bound *constant,
                                  const struct sl_type *type, struct sql_bound **result)
{
    sl_int128 value = integer_of(constant);
    uint32_t scale = constant->type.id == SL_TYPE_DECIMAL ? constant->type.scale : 0;
    if (type->id == SL_TYPE_DOUBLE || type->id == SL_TYPE_FLOAT) {
        double real = sl_decimal_to_double(value, scale);
        return make_real(context, constant, type, real, result);
    }
    sl_int128 rescaled;
    if (type->id == SL_TYPE_DECIMAL) {
        return sl_decimal_rescale(value, scale, type->scale, type->precision, &rescaled)
                   ? make_wide(context, constant, type, rescaled, result)
                   : SL_OK;
    }
    return scale == 0 && sl_type_is_integer(type->id) && integer_fits(value, type->id)
               ? make_wide(context, constant, type, value, result)
               : SL_OK;
}

static enum sl_status fold_string(struct sql_context *context, const struct sql_bound *constant,
                                  const struct sl_type *type, struct sql_bound **result)
{
    const char *data = constant->constant.bytes;
    size_t length = constant->constant.byte_count;
    int64_t timestamp = 0;
    int32_t narrow = 0;
    bool has_zone = false;
    switch (type->id) {
    case SL_TYPE_VARCHAR:
        if (constant->type.length > type->length) {
            return SL_OK;
        }
        SL_TRY(sql_make_string(context, constant->span, data, length, result));
        (*result)->type = sl_type_not_null(*type);
        return SL_OK;
    case SL_TYPE_TIMESTAMP:
        return sl_timestamp_parse(data, length, type->precision, &timestamp, &has_zone) && !has_zone
                   ? sql_make_integer(context, constant->span, *type, timestamp, result)
                   : SL_OK;
    case SL_TYPE_DATE:
        return sl_date_parse(data, length, &narrow)
                   ? sql_make_integer(context, constant->span, *type, narrow, result)
                   : SL_OK;
    case SL_TYPE_TIME: /* whose precision may cut the value, as the kernel does */
        return type->precision >= 3 && sl_time_parse(data, length, &narrow)
                   ? sql_make_integer(context, constant->span, *type, narrow, result)
                   : SL_OK;
    default:
        return SL_OK;
    }
}

enum sl_status sql_fold_cast(struct sql_context *context, const struct sql_bound *constant,
                             const struct sl_type *type, struct sql_bound **result)
{
    enum sl_type_id from = constant->type.id;
    *result = NULL;
    if (constant->constant.is_null) {
        return sql_make_null(context, constant->span, *type, result);
    }
    if (sl_type_is_integer(from) || from == SL_TYPE_DECIMAL) {
        return fold_number(context, constant, type, result);
    }
    if (from == SL_TYPE_DOUBLE && type->id == SL_TYPE_FLOAT) {
        double value;
        memcpy(&value, constant->constant.bytes, sizeof value);
        return fabs(value) <= 3.0e38 ? make_real(context, constant, type, value, result) : SL_OK;
    }
    if (sl_type_is_string(from)) {
        return fold_string(context, constant, type, result);
    }
    int64_t rescaled;
    if (from == SL_TYPE_TIMESTAMP && type->id == SL_TYPE_TIMESTAMP &&
        sl_timestamp_rescale((int64_t)integer_of(constant), constant->type.precision,
                             type->precision, &rescaled)) {
        return sql_make_integer(context, constant->span, *type, rescaled, result);
    }
    return SL_OK;
}

enum sl_status sql_fold_negate(struct sql_context *context, const struct sql_bound *constant,
                               struct sql_bound **result)
{
    enum sl_type_id id = constant->type.id;
    *result = NULL;
    if (constant->constant.is_null) {
        return SL_OK;
    }
    if (id == SL_TYPE_DOUBLE) {
        double value;
        memcpy(&value, constant->constant.bytes, sizeof value);
        return make_real(context, constant, &constant->type, -value, result);
    }
    bool is_interval = id == SL_TYPE_INTERVAL_DAY_TIME || id == SL_TYPE_INTERVAL_YEAR_MONTH;
    if (!sl_type_is_integer(id) && id != SL_TYPE_DECIMAL && !is_interval) {
        return SL_OK;
    }
    enum sl_type_id range = id == SL_TYPE_INTERVAL_YEAR_MONTH ? SL_TYPE_INT
                            : id == SL_TYPE_INTERVAL_DAY_TIME ? SL_TYPE_BIGINT
                                                              : id;
    sl_int128 value = -integer_of(constant);
    return id == SL_TYPE_DECIMAL || integer_fits(value, range)
               ? make_wide(context, constant, &constant->type, value, result)
               : SL_OK;
}
