/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of one 'datagen' column: counting up, or splitmix64 of (seed, row) as in Steele, Lea and
 * Flood, "Fast splittable pseudorandom number generators". */
#include "datagen_field.h"

#include "sluice/arena.h"
#include "sluice/decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

enum { NAME_BYTES = 320, LENGTH_MAX = 16 * 1024 * 1024 };

/* ---- options ---- */

struct reader {
    const struct sl_options *options;
    const char *column;
    struct sl_error *err;
    bool has_failed;
};

static const char *text_of(const struct reader *reader, const char *key)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "fields.%s.%s", reader->column, key);
    return sl_option_text(reader->options, NULL, name);
}

static void fail(struct reader *reader, const char *key, const char *expected)
{
    reader->has_failed = true;
    sl_fail(reader->err, SL_OPTION, "'fields.%s.%s' = '%s': expected %s", reader->column, key,
            text_of(reader, key), expected);
}

static int64_t read_int64(struct reader *reader, const char *key, int64_t otherwise)
{
    const char *text = text_of(reader, key);
    int64_t value = otherwise;
    if (text != NULL && !sl_parse_int64(text, strlen(text), &value)) {
        fail(reader, key, "an integer");
    }
    return value;
}

static double read_double(struct reader *reader, const char *key, double otherwise)
{
    const char *text = text_of(reader, key);
    double value = otherwise;
    if (text != NULL && (!sl_parse_double(text, strlen(text), &value) || !isfinite(value))) {
        fail(reader, key, "a number");
    }
    return value;
}

static int64_t read_duration(struct reader *reader, const char *key)
{
    const char *text = text_of(reader, key);
    int64_t value = 0;
    if (text != NULL && (!sl_parse_duration_ms(text, strlen(text), &value) || value < 0)) {
        fail(reader, key, "a duration");
    }
    return value;
}

static bool read_bool(struct reader *reader, const char *key)
{
    const char *text = text_of(reader, key);
    bool value = false;
    if (text != NULL && !sl_parse_bool(text, strlen(text), &value)) {
        fail(reader, key, "true or false");
    }
    return value;
}

/* An unscaled decimal. */
static int64_t read_decimal(struct reader *reader, const char *key, const struct sl_type *type,
                            int64_t otherwise)
{
    const char *text = text_of(reader, key);
    sl_int128 value = otherwise;
    if (text != NULL &&
        (!sl_decimal_parse(text, strlen(text), SL_MIN(type->precision, 18), type->scale, &value))) {
        fail(reader, key, "a number of the column's type, of at most 18 digits");
    }
    return (int64_t)value;
}

/* The largest integer of a type; the least is its negation minus 1. */
static int64_t integer_max(enum sl_type_id id)
{
    switch (id) {
    case SL_TYPE_TINYINT:
        return INT8_MAX;
    case SL_TYPE_SMALLINT:
        return INT16_MAX;
    case SL_TYPE_INT:
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        return INT32_MAX;
    default:
        return INT64_MAX;
    }
}

static bool is_counted(const struct sl_type *type)
{
    return sl_type_is_numeric(type->id) || sl_type_is_string(type->id);
}

static void read_range(struct reader *reader, struct conn_datagen_field *field)
{
    const struct sl_type *type = &field->type;
    if (type->id == SL_TYPE_FLOAT || type->id == SL_TYPE_DOUBLE) {
        double most = type->id == SL_TYPE_FLOAT ? (double)FLT_MAX : DBL_MAX / 2;
        field->least_real = read_double(reader, "min", -most);
        field->most_real = read_double(reader, "max", most);
        if (field->least_real > field->most_real) {
            fail(reader, "min", "at most the value of max");
        }
        return;
    }
    int64_t most = integer_max(type->id);
    field->least = -most - 1;
    if (type->id == SL_TYPE_DECIMAL) {
        most = (int64_t)sl_decimal_power10(SL_MIN(type->precision, 18u)) - 1;
        field->least = read_decimal(reader, "min", type, -most);
        field->most = read_decimal(reader, "max", type, most);
    } else {
        field->least = read_int64(reader, "min", field->least);
        field->most = read_int64(reader, "max", most);
    }
    if (field->least > field->most || field->most > most || field->least < -most - 1) {
        fail(reader, text_of(reader, "min") != NULL ? "min" : "max",
             "a range within the column's type");
    }
}

static void read_random(struct reader *reader, struct conn_datagen_field *field)
{
    const struct sl_type *type = &field->type;
    if (sl_type_is_string(type->id) || sl_type_is_binary(type->id)) {
        int64_t otherwise = type->length == SL_LENGTH_MAX ? 100 : type->length;
        int64_t length = read_int64(reader, "length", otherwise);
        if (length < 1 || length > SL_MIN((int64_t)type->length, (int64_t)LENGTH_MAX)) {
            fail(reader, "length", "a length that the column can hold");
        }
        field->length = (uint32_t)length;
        field->has_variable_length = read_bool(reader, "var-len");
    } else if (sl_type_is_numeric(type->id) || type->id == SL_TYPE_INTERVAL_YEAR_MONTH ||
               type->id == SL_TYPE_INTERVAL_DAY_TIME) {
        read_range(reader, field);
    }
    field->past_ms = read_duration(reader, "max-past");
    field->null_rate = read_double(reader, "null-rate", 0);
    if (field->null_rate < 0 || field->null_rate > 1) {
        fail(reader, "null-rate", "a number between 0 and 1");
    }
}

static void read_sequence(struct reader *reader, struct conn_datagen_field *field)
{
    field->is_sequence = true;
    if (text_of(reader, "start") == NULL || text_of(reader, "end") == NULL) {
        reader->has_failed = true;
        sl_fail(reader->err, SL_OPTION, "a sequence needs 'fields.%s.start' and 'fields.%s.end'",
                reader->column, reader->column);
        return;
    }
    field->start = read_int64(reader, "start", 0);
    field->end = read_int64(reader, "end", 0);
    int64_t most = sl_type_is_integer(field->type.id) ? integer_max(field->type.id) : INT64_MAX;
    if (field->start > field->end || field->end > most || field->start < -most - 1) {
        fail(reader, "end", "at least the start, and within the column's type");
    }
}

enum sl_status conn_datagen_field_make(const struct sl_options *options,
                                       const struct sl_column *column,
                                       struct conn_datagen_field *field, struct sl_error *err)
{
    struct reader reader = {.options = options, .column = column->name, .err = err};
    *field = (struct conn_datagen_field){.type = column->type};
    if (column->type.field_count > 0) {
        return sl_fail(err, SL_UNSUPPORTED,
                       "column '%s': connector 'datagen' makes no nested "
                       "values",
                       column->name);
    }
    const char *kind = text_of(&reader, "kind");
    if (kind == NULL || strcmp(kind, "random") == 0) {
        read_random(&reader, field);
    } else if (strcmp(kind, "sequence") == 0 && is_counted(&column->type)) {
        read_sequence(&reader, field);
    } else {
        fail(&reader, "kind", "random, or sequence for numbers and strings");
    }
    return reader.has_failed ? SL_OPTION : SL_OK;
}

int64_t conn_datagen_field_rows(const struct conn_datagen_field *field)
{
    int64_t rows;
    bool is_endless = !field->is_sequence ||
                      __builtin_sub_overflow(field->end, field->start, &rows) || rows == INT64_MAX;
    return is_endless ? INT64_MAX : rows + 1;
}

/* ---- values ---- */

static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

/* The draw-th random number of a row. */
static uint64_t draw(const struct conn_datagen_field *field, uint64_t row_number, uint64_t idx)
{
    return mix(mix(field->seed + (row_number + 1) * UINT64_C(0x9E3779B97F4A7C15)) +
               (idx + 1) * UINT64_C(0x9E3779B97F4A7C15));
}

static double unit(uint64_t random)
{
    return (double)(random >> 11) * 0x1p-53;
}

/* Uniform in [least, most]. */
static int64_t between(uint64_t random, int64_t least, int64_t most)
{
    uint64_t count = (uint64_t)most - (uint64_t)least + 1;
    uint64_t offset = count == 0 ? random : (uint64_t)(((sl_uint128)random * count) >> 64);
    return (int64_t)((uint64_t)least + offset);
}

static bool store_bytes(const struct conn_datagen_field *field, struct sl_vector *vector,
                        uint32_t row, const struct conn_datagen_row *of)
{
    static const char DIGITS[] = "0123456789abcdef";
    bool is_text = sl_type_is_string(field->type.id);
    uint32_t length = field->length;
    if (field->has_variable_length) {
        length = (uint32_t)between(draw(field, of->number, 1), 1, length);
    }
    char *bytes = sl_arena_alloc_raw(of->strings, length);
    if (bytes == NULL) {
        return false;
    }
    uint64_t random = 0;
    for (uint32_t i = 0; i < length; i++) {
        random = i % 8 == 0 ? draw(field, of->number, 2 + i / 8) : random >> 8;
        bytes[i] = is_text ? DIGITS[random & 15] : (char)(random & 0xFF);
    }
    ((struct sl_view *)vector->data)[row] = sl_view_of(bytes, length);
    return true;
}

static void store_integer(struct sl_vector *vector, uint32_t row, int64_t value)
{
    switch (vector->physical) {
    case SL_W1:
        ((int8_t *)vector->data)[row] = (int8_t)value;
        return;
    case SL_W2:
        ((int16_t *)vector->data)[row] = (int16_t)value;
        return;
    case SL_W4:
        ((int32_t *)vector->data)[row] = (int32_t)value;
        return;
    case SL_W8:
        ((int64_t *)vector->data)[row] = value;
        return;
    default:
        ((sl_int128 *)vector->data)[row] = value;
    }
}

static void store_real(struct sl_vector *vector, uint32_t row, double value)
{
    if (vector->type.id == SL_TYPE_FLOAT) {
        ((float *)vector->data)[row] = (float)value;
    } else {
        ((double *)vector->data)[row] = value;
    }
}

/* A moment in the column's own unit. */
static int64_t time_value(const struct sl_type *type, int64_t ms)
{
    enum { DAY_MS = 86400000 };
    int64_t of_day = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
    if (type->id == SL_TYPE_DATE) {
        return (ms - of_day) / DAY_MS;
    }
    if (type->id == SL_TYPE_TIME) {
        return of_day;
    }
    return ms * (sl_timestamp_ticks_per_second(type->precision) / 1000);
}

static bool store_random(const struct conn_datagen_field *field, struct sl_vector *vector,
                         uint32_t row, const struct conn_datagen_row *of)
{
    const struct sl_type *type = &field->type;
    uint64_t random = draw(field, of->number, 1);
    if (vector->physical == SL_VIEW) {
        return store_bytes(field, vector, row, of);
    }
    if (type->id == SL_TYPE_FLOAT || type->id == SL_TYPE_DOUBLE) {
        double width = field->most_real - field->least_real;
        store_real(vector, row, field->least_real + unit(random) * width);
    } else if (type->id == SL_TYPE_BOOLEAN) {
        store_integer(vector, row, (int64_t)(random >> 63));
    } else if (type->id == SL_TYPE_DATE || type->id == SL_TYPE_TIME ||
               sl_type_is_timestamp(type->id)) {
        int64_t past_ms = field->past_ms == 0 ? 0 : between(random, 0, field->past_ms);
        store_integer(vector, row, time_value(type, of->now_ms - past_ms));
    } else {
        store_integer(vector, row, between(random, field->least, field->most));
    }
    return true;
}

static bool store_counted(const struct conn_datagen_field *field, struct sl_vector *vector,
                          uint32_t row, const struct conn_datagen_row *of)
{
    const struct sl_type *type = &field->type;
    int64_t value = (int64_t)((uint64_t)field->start + of->number);
    if (vector->physical == SL_VIEW) {
        char text[24];
        int length = snprintf(text, sizeof text, "%lld", (long long)value);
        char *copy = sl_arena_copy(of->strings, text, (size_t)length);
        if (copy == NULL) {
            return false;
        }
        ((struct sl_view *)vector->data)[row] = sl_view_of(copy, (size_t)length);
    } else if (type->id == SL_TYPE_FLOAT || type->id == SL_TYPE_DOUBLE) {
        store_real(vector, row, (double)value);
    } else if (type->id == SL_TYPE_DECIMAL) {
        sl_int128 unscaled = 0;
        if (!sl_decimal_rescale(value, 0, type->scale, type->precision, &unscaled)) {
            sl_vector_set_null(vector, row); /* it does not fit the type */
        }
        if (vector->physical == SL_W8) {
            ((int64_t *)vector->data)[row] = (int64_t)unscaled;
        } else {
            ((sl_int128 *)vector->data)[row] = unscaled;
        }
    } else {
        store_integer(vector, row, value);
    }
    return true;
}

bool conn_datagen_field_store(const struct conn_datagen_field *field, struct sl_vector *vector,
                              uint32_t row, const struct conn_datagen_row *of)
{
    if (field->null_rate > 0 && unit(draw(field, of->number, 0)) < field->null_rate) {
        sl_vector_set_null(vector, row);
        return true;
    }
    return field->is_sequence ? store_counted(field, vector, row, of)
                              : store_random(field, vector, row, of);
}
