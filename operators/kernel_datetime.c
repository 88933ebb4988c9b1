/* SPDX-License-Identifier: Apache-2.0
 *
 * Points in time from text and numbers, to text, and their fields. A TIMESTAMP_LTZ is shown as the
 * session's clock shows it: the state of its kernels begins with the zone. */
#include "sluice/memory.h"

#include "kernel_cast.h"

enum { DAY_MS = 86400000, FORMATTED_BYTES_MAX = 512 };

/* A format compiled once, or again whenever it changes. */
struct format {
    struct sl_time_zone *zone;
    struct sl_datetime_pattern *pattern;
    struct sl_account *account;
    bool is_constant;
};

static enum sl_status format_open(const struct sl_vector *constant, struct sl_account *account,
                                  void **state, struct sl_error *err)
{
    struct format *format = sl_memory_alloc(account, sizeof *format);
    if (format == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a date format");
    }
    format->account = account;
    *state = format;
    if (constant == NULL || !sl_vector_is_valid(constant, 0)) {
        return SL_OK;
    }
    const struct sl_view *view = op_view(constant, 0);
    format->is_constant = true;
    return sl_datetime_pattern_create(sl_view_data(view), view->length, &format->pattern, err);
}

static enum sl_status plain_format_open(const struct sl_type *result_type,
                                        const struct sl_type *argument_types,
                                        const struct sl_vector *const *constants,
                                        uint32_t argument_count, struct sl_account *account,
                                        void **state, struct sl_error *err)
{
    (void)result_type;
    (void)argument_types;
    (void)argument_count;
    return format_open(constants[1], account, state, err);
}

static enum sl_status zoned_format_open(const struct sl_type *result_type,
                                        const struct sl_type *argument_types,
                                        const struct sl_vector *const *constants,
                                        uint32_t argument_count, struct sl_account *account,
                                        void **state, struct sl_error *err)
{
    void *zone = NULL;
    SL_TRY(format_open(constants[1], account, state, err));
    const enum sl_status status = op_zone_kernel_open(result_type, argument_types, constants,
                                                      argument_count, account, &zone, err);
    ((struct format *)*state)->zone = zone;
    return status;
}

static void format_close(void *state)
{
    struct format *format = state;
    if (format != NULL) {
        sl_datetime_pattern_destroy(format->pattern);
        sl_time_zone_unload(format->zone);
        sl_memory_free(format->account, format, sizeof *format);
    }
}

/* NULL when the row's format is none. */
static const struct sl_datetime_pattern *pattern_for(struct sl_kernel_call *call, uint32_t row)
{
    struct format *format = call->state;
    if (format->is_constant) {
        return format->pattern;
    }
    const struct sl_view *view = op_view(call->arguments[1], row);
    sl_datetime_pattern_destroy(format->pattern);
    format->pattern = NULL;
    if (sl_datetime_pattern_create(sl_view_data(view), view->length, &format->pattern, NULL) !=
        SL_OK) {
        format->pattern = NULL;
    }
    return format->pattern;
}

/* Text that is no timestamp gives NULL, as in Flink. */
static void to_timestamp(struct sl_kernel_call *call)
{
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        if (!sl_timestamp_parse(sl_view_data(view), view->length, 3, &result[row], NULL)) {
            op_set_null(call, row);
        }
    }
}

static void to_timestamp_by_format(struct sl_kernel_call *call)
{
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        const struct sl_datetime_pattern *pattern = pattern_for(call, row);
        if (pattern == NULL) {
            op_set_error(call, row, SL_ROW_ARGUMENT);
        } else if (!sl_datetime_pattern_parse(pattern, sl_view_data(view), view->length, 3,
                                              &result[row])) {
            op_set_null(call, row);
        }
    }
}

/* The unit of a number: milliseconds (3, also when not given) or seconds (0). */
static int64_t unit_ms(const struct sl_kernel_call *call, uint32_t row)
{
    const int64_t precision =
        call->argument_count == 1 ? 3 : op_load_integer(call->arguments[1], row);
    return precision == 3 ? 1 : precision == 0 ? 1000 : 0;
}

static void integer_to_ltz(struct sl_kernel_call *call)
{
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t unit = unit_ms(call, row);
        if (unit == 0) {
            op_set_error(call, row, SL_ROW_ARGUMENT);
        } else if (__builtin_mul_overflow(op_load_integer(call->arguments[0], row), unit,
                                          &result[row])) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void double_to_ltz(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const double limit = 9223372036854775808.0; /* 2^63 */
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t unit = unit_ms(call, row);
        const double value = ((const double *)argument->data)[sl_vector_index(argument, row)] *
                             (double)(unit == 0 ? 1 : unit);
        if (unit == 0) {
            op_set_error(call, row, SL_ROW_ARGUMENT);
        } else if (!(value >= -limit && value < limit)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        } else {
            result[row] = (int64_t)value;
        }
    }
}

static void store_formatted(struct sl_kernel_call *call, uint32_t row, int64_t local,
                            uint32_t precision)
{
    const struct sl_datetime_pattern *pattern = pattern_for(call, row);
    char text[FORMATTED_BYTES_MAX];
    const size_t length =
        pattern == NULL ? 0
                        : sl_datetime_pattern_format(pattern, local, precision, text, sizeof text);
    if (length == 0 && op_view(call->arguments[1], row)->length > 0) {
        op_set_error(call, row, SL_ROW_ARGUMENT);
    }
    op_store_copy(call, row, text, length);
}

static void date_format(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    const struct format *format = call->state;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t local =
            op_zone_to_local(format->zone, op_load_integer(argument, row), precision);
        store_formatted(call, row, local, precision);
    }
}

/* As fine as its time can be kept: nanoseconds end in the year 2262. */
static bool parse_finest(const struct sl_view *view, int64_t *timestamp, uint32_t *precision)
{
    for (*precision = 9; *precision > 3; *precision -= 3) {
        if (sl_timestamp_parse(sl_view_data(view), view->length, *precision, timestamp, NULL)) {
            return true;
        }
    }
    return sl_timestamp_parse(sl_view_data(view), view->length, *precision, timestamp, NULL);
}

static void date_format_of_string(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        int64_t timestamp;
        uint32_t precision;
        if (parse_finest(view, &timestamp, &precision)) {
            store_formatted(call, row, timestamp, precision);
        } else {
            op_set_null(call, row);
        }
    }
}

enum field {
    FIELD_YEAR,
    FIELD_QUARTER,
    FIELD_MONTH,
    FIELD_DAY,
    FIELD_DAY_OF_YEAR,
    FIELD_DAY_OF_WEEK,
    FIELD_HOUR,
    FIELD_MINUTE,
    FIELD_SECOND
};

static int64_t field_of(const struct sl_civil *civil, enum field field)
{
    const int64_t days = sl_days_from_civil(civil->year, civil->month, civil->day);
    switch (field) {
    case FIELD_YEAR:
        return civil->year;
    case FIELD_QUARTER:
        return (civil->month + 2) / 3;
    case FIELD_MONTH:
        return civil->month;
    case FIELD_DAY:
        return civil->day;
    case FIELD_DAY_OF_YEAR:
        return days - sl_days_from_civil(civil->year, 1, 1) + 1;
    case FIELD_DAY_OF_WEEK: /* Sunday is 1; the epoch was a Thursday */
        return ((days + 4) % 7 + 7) % 7 + 1;
    case FIELD_HOUR:
        return civil->hour;
    case FIELD_MINUTE:
        return civil->minute;
    case FIELD_SECOND:
        return civil->second;
    }
    return 0;
}

/* Of any date or time: a DATE is its midnight, a TIME is on the day of the epoch. */
static void extract(struct sl_kernel_call *call, enum field field)
{
    const struct sl_vector *argument = call->arguments[0];
    const bool is_timestamp = sl_type_is_timestamp(argument->type.id);
    const uint32_t precision = is_timestamp ? argument->type.precision : 3;
    const int64_t unit = argument->type.id == SL_TYPE_DATE ? DAY_MS : 1;
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t value = op_load_integer(argument, row);
        struct sl_civil civil;
        sl_civil_from_timestamp(
            op_zone_to_local(call->state, is_timestamp ? value : value * unit, precision),
            precision, &civil);
        result[row] = field_of(&civil, field);
    }
}

#define EXTRACT_KERNEL(name, field)               \
    static void name(struct sl_kernel_call *call) \
    {                                             \
        extract(call, field);                     \
    }

EXTRACT_KERNEL(extract_year, FIELD_YEAR)
EXTRACT_KERNEL(extract_quarter, FIELD_QUARTER)
EXTRACT_KERNEL(extract_month, FIELD_MONTH)
EXTRACT_KERNEL(extract_day, FIELD_DAY)
EXTRACT_KERNEL(extract_day_of_year, FIELD_DAY_OF_YEAR)
EXTRACT_KERNEL(extract_day_of_week, FIELD_DAY_OF_WEEK)
EXTRACT_KERNEL(extract_hour, FIELD_HOUR)
EXTRACT_KERNEL(extract_minute, FIELD_MINUTE)
EXTRACT_KERNEL(extract_second, FIELD_SECOND)

static const struct sl_kernel_def to_timestamp_by_format_kernel = {
    .name = "to_timestamp_by_format",
    .is_strict = true,
    .open = plain_format_open,
    .call = to_timestamp_by_format,
    .close = format_close,
};

static const struct sl_kernel_def date_format_kernel = {
    .name = "date_format",
    .is_strict = true,
    .open = plain_format_open,
    .call = date_format,
    .close = format_close,
};

static const struct sl_kernel_def date_format_of_ltz_kernel = {
    .name = "date_format_of_ltz",
    .is_strict = true,
    .takes_time_zone = true,
    .open = zoned_format_open,
    .call = date_format,
    .close = format_close,
};

static const struct sl_kernel_def date_format_of_string_kernel = {
    .name = "date_format_of_string",
    .is_strict = true,
    .open = plain_format_open,
    .call = date_format_of_string,
    .close = format_close,
};

/* DATE stands first: it would be taken for a TIMESTAMP otherwise. */
#define EXTRACT_DATE(name, kernel)                                                         \
    OP_FUNCTION(name, op_type_bigint, OP_STRICT_KERNEL(kernel), 1, SL_TYPE_DATE),          \
        OP_FUNCTION(name, op_type_bigint, OP_STRICT_KERNEL(kernel), 1, SL_TYPE_TIMESTAMP), \
        OP_FUNCTION(name, op_type_bigint, OP_ZONED_KERNEL(kernel), 1, SL_TYPE_TIMESTAMP_LTZ)
#define EXTRACT_TIME(name, kernel) \
    EXTRACT_DATE(name, kernel),    \
        OP_FUNCTION(name, op_type_bigint, OP_STRICT_KERNEL(kernel), 1, SL_TYPE_TIME)

const struct sl_function_def *const op_functions_datetime[] = {
    OP_FUNCTION("TO_TIMESTAMP", op_type_timestamp3_nullable, OP_STRICT_KERNEL(to_timestamp), 1,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("TO_TIMESTAMP", op_type_timestamp3_nullable, &to_timestamp_by_format_kernel, 2,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    OP_FUNCTION("TO_TIMESTAMP_LTZ", op_type_timestamp_ltz3, OP_STRICT_KERNEL(integer_to_ltz), 1,
                SL_TYPE_BIGINT),
    OP_FUNCTION("TO_TIMESTAMP_LTZ", op_type_timestamp_ltz3, OP_STRICT_KERNEL(integer_to_ltz), 2,
                SL_TYPE_BIGINT, SL_TYPE_INT),
    OP_FUNCTION("TO_TIMESTAMP_LTZ", op_type_timestamp_ltz3, OP_STRICT_KERNEL(double_to_ltz), 1,
                SL_TYPE_DOUBLE),
    OP_FUNCTION("TO_TIMESTAMP_LTZ", op_type_timestamp_ltz3, OP_STRICT_KERNEL(double_to_ltz), 2,
                SL_TYPE_DOUBLE, SL_TYPE_INT),
    OP_FUNCTION("DATE_FORMAT", op_type_string, &date_format_kernel, 2, SL_TYPE_TIMESTAMP,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("DATE_FORMAT", op_type_string, &date_format_of_ltz_kernel, 2, SL_TYPE_TIMESTAMP_LTZ,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("DATE_FORMAT", op_type_string_nullable, &date_format_of_string_kernel, 2,
                SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    EXTRACT_DATE("YEAR", extract_year),
    EXTRACT_DATE("QUARTER", extract_quarter),
    EXTRACT_DATE("MONTH", extract_month),
    EXTRACT_DATE("DAYOFMONTH", extract_day),
    EXTRACT_DATE("DAYOFYEAR", extract_day_of_year),
    EXTRACT_DATE("DAYOFWEEK", extract_day_of_week),
    EXTRACT_TIME("HOUR", extract_hour),
    EXTRACT_TIME("MINUTE", extract_minute),
    EXTRACT_TIME("SECOND", extract_second),
    NULL,
};
