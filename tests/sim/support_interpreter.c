/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates a tree for one row, recursively. A node has a value, is NULL or has failed; of several
 * failures the leftmost counts, and a failure counts more than a NULL. */
#include <math.h>

#include "support_tree.h"

enum { DAY_MS = 86400000, CHILDREN_MAX = 16 };

static bool is_real(enum sl_type_id id)
{
    return id == SL_TYPE_FLOAT || id == SL_TYPE_DOUBLE;
}

static bool is_there(const struct value *value)
{
    return !value->is_null && value->error == SL_ROW_NONE;
}

static bool is_true(const struct value *value)
{
    return is_there(value) && value->integer != 0;
}

static bool is_false(const struct value *value)
{
    return is_there(value) && value->integer == 0;
}

static struct value cast_to(struct interpreter *interpreter, struct value value,
                            const struct sl_type *from, enum sl_type_id id)
{
    const struct sl_type to = sl_type_of(id);
    return from->id == id ? value : value_cast(interpreter, value, from, &to);
}

static struct value real_result(double real, enum sl_type_id id)
{
    return (struct value){.real = id == SL_TYPE_FLOAT ? (double)(float)real : real};
}

static struct value real_arithmetic(enum tree_kind kind, double a, double b, enum sl_type_id id)
{
    switch (kind) {
    case TREE_PLUS:
        return real_result(a + b, id);
    case TREE_MINUS:
        return real_result(a - b, id);
    case TREE_TIMES:
        return real_result(a * b, id);
    case TREE_DIVIDE:
        return real_result(a / b, id);
    default:
        return real_result(fmod(a, b), id);
    }
}

static struct value integer_result(sl_int128 value, enum sl_type_id id)
{
    return integer_fits(value, id) ? value_integer(value) : value_error(SL_ROW_OVERFLOW);
}

static struct value integer_arithmetic(enum tree_kind kind, sl_int128 a, sl_int128 b,
                                       enum sl_type_id id)
{
    if (b == 0 && (kind == TREE_DIVIDE || kind == TREE_MODULO)) {
        return value_error(SL_ROW_DIVISION_BY_ZERO);
    }
    return integer_result(kind == TREE_PLUS     ? a + b
                          : kind == TREE_MINUS  ? a - b
                          : kind == TREE_TIMES  ? a * b
                          : kind == TREE_DIVIDE ? a / b
                                                : a % b,
                          id);
}

static bool is_number(const struct sl_type *type)
{
    return sl_type_is_numeric(type->id);
}

static int scale_of(const struct sl_type *type)
{
    return type->id == SL_TYPE_DECIMAL ? type->scale : 0;
}

/* A point in time, or an interval, and an interval. */
static struct value move(const struct tree *tree, const struct value *values)
{
    const struct sl_type *a = &tree->children[0]->type;
    const struct sl_type *b = &tree->children[1]->type;
    if (tree->kind == TREE_TIMES) {
        return integer_result(values[0].integer * values[1].integer, tree->type.id);
    }
    const bool is_interval_first =
        a->id == SL_TYPE_INTERVAL_DAY_TIME || a->id == SL_TYPE_INTERVAL_YEAR_MONTH;
    const bool is_swapped = is_interval_first && b->id != a->id;
    const struct sl_type *time = is_swapped ? b : a;
    const struct sl_type *interval = is_swapped ? a : b;
    const sl_int128 start = values[is_swapped].integer;
    sl_int128 distance = values[!is_swapped].integer;
    distance = tree->kind == TREE_MINUS ? -distance : distance;
    sl_int128 result = 0;
    if (interval->id == SL_TYPE_INTERVAL_YEAR_MONTH && time->id == SL_TYPE_DATE) {
        return calendar_add_months(start * DAY_MS, 3, distance, &result)
                   ? integer_result(result / DAY_MS - (result % DAY_MS < 0), SL_TYPE_DATE)
                   : value_error(SL_ROW_OVERFLOW);
    }
    if (interval->id == SL_TYPE_INTERVAL_YEAR_MONTH && sl_type_is_timestamp(time->id)) {
        const bool is_local = time->id == SL_TYPE_TIMESTAMP_LTZ;
        const sl_int128 local = is_local ? calendar_to_local(start, time->precision) : start;
        if (distance < INT32_MIN || distance > INT32_MAX ||
            !calendar_add_months(local, time->precision, distance, &result)) {
            return value_error(SL_ROW_OVERFLOW);
        }
        return value_integer(is_local ? calendar_to_utc(result, time->precision) : result);
    }
    if (time->id == SL_TYPE_DATE) { /* only whole days move it */
        return integer_result(start + distance / DAY_MS, SL_TYPE_DATE);
    }
    if (time->id == SL_TYPE_TIME) { /* goes round at midnight */
        return value_integer(((start + distance) % DAY_MS + DAY_MS) % DAY_MS);
    }
    if (sl_type_is_timestamp(time->id)) {
        distance *= calendar_ticks(time->precision) / 1000;
    }
    return integer_result(start + distance, time->id);
}

static struct value arithmetic(struct interpreter *interpreter, const struct tree *tree,
                               const struct value *values)
{
    const struct sl_type *a = &tree->children[0]->type;
    const struct sl_type *b = &tree->children[1]->type;
    if (!is_number(a) || !is_number(b)) {
        return move(tree, values);
    }
    const enum sl_type_id id = tree_operand_type(a, b);
    if (is_real(id)) {
        return real_arithmetic(tree->kind, cast_to(interpreter, values[0], a, id).real,
                               cast_to(interpreter, values[1], b, id).real, id);
    }
    if (id != SL_TYPE_DECIMAL) {
        return integer_arithmetic(tree->kind, values[0].integer, values[1].integer, id);
    }
    sl_int128 result = 0;
    if (values[1].integer == 0 && (tree->kind == TREE_DIVIDE || tree->kind == TREE_MODULO)) {
        return value_error(SL_ROW_DIVISION_BY_ZERO);
    }
    return digits_compute(tree->kind, values[0].integer, scale_of(a), values[1].integer,
                          scale_of(b), &tree->type, &result)
               ? value_integer(result)
               : value_error(SL_ROW_OVERFLOW);
}

static struct value unary(const struct tree *tree, const struct value *values)
{
    const struct sl_type *type = &tree->children[0]->type;
    struct value value = values[0];
    const bool is_negated =
        tree->kind == TREE_NEGATE || (tree->kind == TREE_ABS && value.integer < 0);
    if (is_real(type->id)) {
        value.real = tree->kind == TREE_NEGATE  ? -value.real
                     : tree->kind == TREE_ABS   ? fabs(value.real)
                     : tree->kind == TREE_FLOOR ? floor(value.real)
                                                : ceil(value.real);
        return value;
    }
    if (tree->kind == TREE_NEGATE || tree->kind == TREE_ABS) {
        value.integer = is_negated ? -value.integer : value.integer;
        return type->id == SL_TYPE_DECIMAL ? value : integer_result(value.integer, type->id);
    }
    sl_int128 unit = 1;
    for (int digit = 0; digit < scale_of(type); digit++) {
        unit *= 10;
    }
    const sl_int128 floor = value.integer / unit - (value.integer % unit < 0);
    const sl_int128 result = floor + (tree->kind == TREE_CEIL && value.integer % unit != 0);
    return type->id != SL_TYPE_DECIMAL || digits_rescale(result, 0, &tree->type, &value.integer)
               ? value_integer(result)
               : value_error(SL_ROW_OVERFLOW);
}

/* IEEE 754 for floating numbers: NaN is neither less, equal nor greater. */
static bool decide(enum tree_kind kind, bool is_less, bool is_equal, bool is_greater)
{
    switch (kind) {
    case TREE_EQ:
        return is_equal;
    case TREE_NE:
        return !is_equal;
    case TREE_LT:
        return is_less;
    case TREE_LE:
        return is_less || is_equal;
    case TREE_GT:
        return is_greater;
    default:
        return is_greater || is_equal;
    }
}

static int compare_bytes(const struct value *a, const struct value *b)
{
    for (size_t at = 0; at < a->length && at < b->length; at++) {
        if (a->data[at] != b->data[at]) {
            return (unsigned char)a->data[at] < (unsigned char)b->data[at] ? -1 : 1;
        }
    }
    return a->length < b->length ? -1 : a->length > b->length;
}

/* Nanoseconds of a DATE and a TIMESTAMP, so that any two compare exactly. */
static sl_int128 comparable(const struct value *value, const struct sl_type *type)
{
    if (type->id == SL_TYPE_DATE) {
        return value->integer * DAY_MS * 1000000;
    }
    return sl_type_is_timestamp(type->id)
               ? value->integer * (1000000000 / calendar_ticks(type->precision))
               : value->integer;
}

/* Of values that are there. */
static struct value compare_values(struct interpreter *interpreter, enum tree_kind kind,
                                   const struct value *a, const struct sl_type *a_type,
                                   const struct value *b, const struct sl_type *b_type)
{
    if (is_number(a_type) && is_real(tree_operand_type(a_type, b_type))) {
        const enum sl_type_id id = tree_operand_type(a_type, b_type);
        const double x = cast_to(interpreter, *a, a_type, id).real;
        const double y = cast_to(interpreter, *b, b_type, id).real;
        return value_integer(decide(kind, x<y, x == y, x> y));
    }
    int sign;
    if (is_number(a_type)) {
        sign = digits_compare(a->integer, scale_of(a_type), b->integer, scale_of(b_type));
    } else if (sl_type_is_string(a_type->id) || sl_type_is_binary(a_type->id)) {
        sign = compare_bytes(a, b);
    } else {
        const sl_int128 x = comparable(a, a_type);
        const sl_int128 y = comparable(b, b_type);
        sign = x < y ? -1 : x > y;
    }
    return value_integer(decide(kind, sign<0, sign == 0, sign> 0));
}

static struct value compare(struct interpreter *interpreter, enum tree_kind kind,
                            const struct value *a, const struct sl_type *a_type,
                            const struct value *b, const struct sl_type *b_type)
{
    if (a->error != SL_ROW_NONE || b->error != SL_ROW_NONE) {
        return a->error != SL_ROW_NONE ? *a : *b;
    }
    return a->is_null || b->is_null ? value_null()
                                    : compare_values(interpreter, kind, a, a_type, b, b_type);
}

/* decisive: FALSE for AND, TRUE for OR; it hides a failure on either side. */
static struct value logic(bool decisive, const struct value *a, const struct value *b)
{
    if ((decisive ? is_true : is_false)(a) || (decisive ? is_true : is_false)(b)) {
        return value_integer(decisive);
    }
    if (a->error != SL_ROW_NONE || b->error != SL_ROW_NONE) {
        return a->error != SL_ROW_NONE ? *a : *b;
    }
    return a->is_null || b->is_null ? value_null() : value_integer(!decisive);
}

static struct value negate(bool is_negated, struct value value)
{
    value.integer = is_negated && is_there(&value) ? !value.integer : value.integer;
    return value;
}

static struct value range(struct interpreter *interpreter, const struct tree *tree,
                          const struct value *values, uint32_t low, uint32_t high)
{
    const struct value from = compare(interpreter, TREE_GE, &values[0], &tree->children[0]->type,
                                      &values[low], &tree->children[low]->type);
    const struct value to = compare(interpreter, TREE_LE, &values[0], &tree->children[0]->type,
                                    &values[high], &tree->children[high]->type);
    return logic(false, &from, &to);
}

static struct value between(struct interpreter *interpreter, const struct tree *tree,
                            const struct value *values)
{
    struct value result = range(interpreter, tree, values, 1, 2);
    if (tree->is_symmetric) {
        const struct value swapped = range(interpreter, tree, values, 2, 1);
        result = logic(true, &result, &swapped);
    }
    return negate(tree->is_negated, result);
}

/* In the common type of all. */
static struct value in_list(struct interpreter *interpreter, const struct tree *tree,
                            const struct value *values)
{
    struct sl_type type = tree->children[0]->type;
    for (uint32_t idx = 1; idx < tree->child_count; idx++) {
        type = tree_common_type(&type, &tree->children[idx]->type);
    }
    const struct value value = value_cast(interpreter, values[0], &tree->children[0]->type, &type);
    struct value result = value_integer(0);
    for (uint32_t idx = 1; idx < tree->child_count; idx++) {
        const struct value item =
            value_cast(interpreter, values[idx], &tree->children[idx]->type, &type);
        const struct value equal = compare(interpreter, TREE_EQ, &value, &type, &item, &type);
        result = logic(true, &result, &equal);
    }
    return negate(tree->is_negated, result);
}

static struct value distinct(struct interpreter *interpreter, const struct tree *tree,
                             const struct value *values)
{
    if (values[0].is_null || values[1].is_null) {
        return value_integer((values[0].is_null != values[1].is_null) != tree->is_negated);
    }
    return negate(tree->is_negated,
                  compare(interpreter, TREE_NE, &values[0], &tree->children[0]->type, &values[1],
                          &tree->children[1]->type));
}

/* A failure of the operand stays one. */
static struct value test(const struct tree *tree, const struct value *value)
{
    if (value->error != SL_ROW_NONE) {
        return *value;
    }
    const bool found = tree->kind == TREE_IS_TRUE    ? is_true(value)
                       : tree->kind == TREE_IS_FALSE ? is_false(value)
                                                     : value->is_null;
    return value_integer(found != tree->is_negated);
}

static struct value choose(struct interpreter *interpreter, const struct tree *tree,
                           const struct value *values, uint32_t first)
{
    uint32_t chosen = tree->child_count - 1;
    for (uint32_t idx = first; idx + 1 < tree->child_count; idx += 2) {
        const struct value condition =
            first == 0 ? values[idx]
                       : compare(interpreter, TREE_EQ, &values[0], &tree->children[0]->type,
                                 &values[idx], &tree->children[idx]->type);
        if (condition.error != SL_ROW_NONE) {
            return condition;
        }
        if (is_true(&condition)) {
            chosen = idx + 1;
            break;
        }
    }
    return value_cast(interpreter, values[chosen], &tree->children[chosen]->type, &tree->type);
}

static struct value coalesce(struct interpreter *interpreter, const struct tree *tree,
                             const struct value *values)
{
    uint32_t chosen = 0;
    while (chosen + 1 < tree->child_count && values[chosen].is_null) {
        chosen++;
    }
    return value_cast(interpreter, values[chosen], &tree->children[chosen]->type, &tree->type);
}

/* Over the common type. NULL when any is; a later one is taken only when it is greater, or less. */
static struct value extreme(struct interpreter *interpreter, const struct tree *tree,
                            const struct value *values)
{
    const enum tree_kind kind = tree->kind == TREE_GREATEST ? TREE_GT : TREE_LT;
    struct value result = value_null();
    bool has_null = false;
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        const struct value value =
            value_cast(interpreter, values[idx], &tree->children[idx]->type, &tree->type);
        if (value.error != SL_ROW_NONE) {
            return value;
        }
        has_null = has_null || value.is_null;
        if (has_null) {
            continue;
        }
        const struct value is_more =
            idx == 0 ? value_integer(1)
                     : compare_values(interpreter, kind, &value, &tree->type, &result, &tree->type);
        result = is_true(&is_more) ? value : result;
    }
    return has_null ? value_null() : result;
}

static struct value to_timestamp(const struct tree *tree, const struct value *values)
{
    struct calendar calendar;
    int64_t offset = 0;
    bool has_zone;
    sl_int128 timestamp;
    const bool is_parsed =
        tree->child_count == 2
            ? calendar_parse_format(values[0].data, values[0].length, values[1].data,
                                    values[1].length, &calendar)
            : calendar_parse(values[0].data, values[0].length, &calendar, &offset, &has_zone);
    if (!is_parsed || !calendar_timestamp(&calendar, 3, &timestamp)) {
        return value_null();
    }
    timestamp -= (sl_int128)offset * 1000;
    return timestamp < INT64_MIN || timestamp > INT64_MAX ? value_null() : value_integer(timestamp);
}

static struct value to_timestamp_ltz(struct interpreter *interpreter, const struct tree *tree,
                                     const struct value *values)
{
    const struct sl_type *type = &tree->children[0]->type;
    const sl_int128 precision = tree->child_count == 2 ? values[1].integer : 3;
    const int unit = precision == 3 ? 1 : 1000;
    if (precision != 0 && precision != 3) {
        return value_error(SL_ROW_ARGUMENT);
    }
    if (sl_type_is_integer(type->id)) {
        return integer_result(values[0].integer * unit, SL_TYPE_BIGINT);
    }
    const double real = cast_to(interpreter, values[0], type, SL_TYPE_DOUBLE).real * unit;
    return !isnan(real) && fabs(real) < 1e20
               ? integer_result((sl_int128)trunc(real), SL_TYPE_BIGINT)
               : value_error(SL_ROW_OVERFLOW);
}

/* What a clock of the session shows. */
static struct calendar shown(const struct value *value, const struct sl_type *type)
{
    switch (type->id) {
    case SL_TYPE_DATE:
        return calendar_of(value->integer * DAY_MS, 3);
    case SL_TYPE_TIMESTAMP_LTZ:
        return calendar_of(calendar_to_local(value->integer, type->precision), type->precision);
    default:
        return calendar_of(value->integer, type->id == SL_TYPE_TIME ? 3 : type->precision);
    }
}

static struct value date_format(struct interpreter *interpreter, const struct tree *tree,
                                const struct value *values)
{
    struct calendar calendar;
    int64_t offset = 0;
    bool has_zone;
    sl_int128 timestamp;
    if (sl_type_is_string(tree->children[0]->type.id)) {
        if (!calendar_parse(values[0].data, values[0].length, &calendar, &offset, &has_zone) ||
            !calendar_timestamp(&calendar, 3, &timestamp)) {
            return value_null();
        }
        const int nanosecond = calendar.nanosecond;
        calendar = calendar_of(timestamp - (sl_int128)offset * 1000, 3);
        calendar.nanosecond = nanosecond;
    } else {
        calendar = shown(&values[0], &tree->children[0]->type);
    }
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    calendar_print_format(&text, &calendar, values[1].data, values[1].length);
    const struct value result = value_string(interpreter, text.data, text.length);
    sl_text_deinit(&text);
    return result;
}

static struct value extract(const struct tree *tree, const struct value *value)
{
    const struct calendar calendar = shown(value, &tree->children[0]->type);
    const int64_t days = calendar_days(calendar.year, calendar.month, calendar.day);
    switch (tree->field) {
    case TREE_YEAR:
        return value_integer(calendar.year);
    case TREE_QUARTER:
        return value_integer((calendar.month - 1) / 3 + 1);
    case TREE_MONTH:
        return value_integer(calendar.month);
    case TREE_DAY:
        return value_integer(calendar.day);
    case TREE_DAY_OF_YEAR:
        return value_integer(days - calendar_days(calendar.year, 1, 1) + 1);
    case TREE_DAY_OF_WEEK: /* 1 is Sunday; the epoch was a Thursday */
        return value_integer(((days + 4) % 7 + 7) % 7 + 1);
    case TREE_HOUR:
        return value_integer(calendar.hour);
    case TREE_MINUTE:
        return value_integer(calendar.minute);
    default:
        return value_integer(calendar.second);
    }
}

static struct value cast(struct interpreter *interpreter, const struct tree *tree,
                         const struct value *value)
{
    const struct value result =
        value_cast(interpreter, *value, &tree->children[0]->type, &tree->type);
    return tree->is_try && result.error != SL_ROW_NONE ? value_null() : result;
}

/* Operators that look at NULLs and failures themselves. */
static bool is_lenient(const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_AND:
    case TREE_OR:
    case TREE_IS_NULL:
    case TREE_IS_TRUE:
    case TREE_IS_FALSE:
    case TREE_IS_UNKNOWN:
    case TREE_BETWEEN:
    case TREE_IN:
    case TREE_CASE:
    case TREE_SIMPLE_CASE:
    case TREE_COALESCE:
    case TREE_IF:
    case TREE_NULLIF:
    case TREE_GREATEST:
    case TREE_LEAST:
        return true;
    default:
        return false;
    }
}

static struct value lenient(struct interpreter *interpreter, const struct tree *tree,
                            const struct value *values)
{
    struct value equal;
    switch (tree->kind) {
    case TREE_AND:
    case TREE_OR:
        return logic(tree->kind == TREE_OR, &values[0], &values[1]);
    case TREE_BETWEEN:
        return between(interpreter, tree, values);
    case TREE_IN:
        return in_list(interpreter, tree, values);
    case TREE_CASE:
    case TREE_IF:
        return choose(interpreter, tree, values, 0);
    case TREE_SIMPLE_CASE:
        return choose(interpreter, tree, values, 1);
    case TREE_COALESCE:
        return coalesce(interpreter, tree, values);
    case TREE_GREATEST:
    case TREE_LEAST:
        return extreme(interpreter, tree, values);
    case TREE_NULLIF:
        equal = compare(interpreter, TREE_EQ, &values[0], &tree->children[0]->type, &values[1],
                        &tree->children[1]->type);
        return equal.error != SL_ROW_NONE ? equal : is_true(&equal) ? value_null() : values[0];
    default:
        return test(tree, &values[0]);
    }
}

static struct value strict(struct interpreter *interpreter, const struct tree *tree,
                           const struct value *values)
{
    switch (tree->kind) {
    case TREE_PLUS:
    case TREE_MINUS:
    case TREE_TIMES:
    case TREE_DIVIDE:
    case TREE_MODULO:
        return arithmetic(interpreter, tree, values);
    case TREE_NEGATE:
    case TREE_ABS:
    case TREE_FLOOR:
    case TREE_CEIL:
        return unary(tree, values);
    case TREE_EQ:
    case TREE_NE:
    case TREE_LT:
    case TREE_LE:
    case TREE_GT:
    case TREE_GE:
        return compare_values(interpreter, tree->kind, &values[0], &tree->children[0]->type,
                              &values[1], &tree->children[1]->type);
    case TREE_NOT:
        return value_integer(!values[0].integer);
    case TREE_LIKE:
        return negate(tree->is_negated, string_function(interpreter, tree, values));
    case TREE_TO_TIMESTAMP:
        return to_timestamp(tree, values);
    case TREE_TO_TIMESTAMP_LTZ:
        return to_timestamp_ltz(interpreter, tree, values);
    case TREE_DATE_FORMAT:
        return date_format(interpreter, tree, values);
    case TREE_EXTRACT:
        return extract(tree, &values[0]);
    default:
        return string_function(interpreter, tree, values);
    }
}

struct value interpret(struct interpreter *interpreter, const struct tree *tree)
{
    struct value values[CHILDREN_MAX];
    if (tree->kind == TREE_LITERAL || tree->kind == TREE_COLUMN) {
        return tree->kind == TREE_LITERAL ? tree->value : interpreter->row[tree->column];
    }
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        values[idx] = interpret(interpreter, tree->children[idx]);
    }
    if (is_lenient(tree)) {
        return lenient(interpreter, tree, values);
    }
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        if (values[idx].error != SL_ROW_NONE) {
            return values[idx];
        }
    }
    if (tree->kind == TREE_IS_DISTINCT) {
        return distinct(interpreter, tree, values);
    }
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        if (values[idx].is_null) {
            return value_null();
        }
    }
    return tree->kind == TREE_CAST ? cast(interpreter, tree, &values[0])
                                   : strict(interpreter, tree, values);
}
