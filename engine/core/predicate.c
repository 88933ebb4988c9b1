/* SPDX-License-Identifier: Apache-2.0
 *
 * Pushed-down predicates over columns.
 * Always true: each leaf keeps the rows it wants in order and writes no further than it has read,
 * so it may work in place. */
#include "sluice/predicate.h"

enum compare { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

enum shape { SHAPE_NONE, SHAPE_COMPARE, SHAPE_IS_NULL, SHAPE_IS_NOT_NULL };

struct simple {
    enum shape shape;
    enum compare compare; /* column <compare> constant */
    const struct sl_step *column;
    const struct sl_step *constant;
};

/* Whether a signature like "GT(DOUBLE,DOUBLE)" is of that function. */
static bool is_function(const struct sl_step *call, const char *name)
{
    size_t length = call->function == NULL ? 0 : strcspn(call->function, "(");
    return length == strlen(name) && length > 0 && memcmp(call->function, name, length) == 0;
}

static bool find_compare(const struct sl_step *call, enum compare *compare)
{
    static const char *const NAMES[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    for (uint32_t i = 0; i < SL_COUNT_OF(NAMES); i++) {
        if (is_function(call, NAMES[i])) {
            *compare = (enum compare)i;
            return true;
        }
    }
    return false;
}

/* The comparison with its sides exchanged. */
static enum compare mirror(enum compare compare)
{
    static const enum compare MIRRORED[] = {COMPARE_EQ, COMPARE_NE, COMPARE_GT,
                                            COMPARE_GE, COMPARE_LT, COMPARE_LE};
    return MIRRORED[compare];
}

static bool is_comparable(const struct sl_type *column, const struct sl_type *constant)
{
    if (sl_type_is_string(column->id)) {
        return sl_type_is_string(constant->id);
    }
    if (column->id != constant->id || column->scale != constant->scale ||
        sl_type_physical(column) != sl_type_physical(constant)) {
        return false;
    }
    if (sl_type_is_timestamp(column->id)) {
        return sl_timestamp_ticks_per_second(column->precision) ==
               sl_timestamp_ticks_per_second(constant->precision);
    }
    return sl_type_is_numeric(column->id) || column->id == SL_TYPE_BOOLEAN ||
           column->id == SL_TYPE_DATE || column->id == SL_TYPE_TIME;
}

static struct simple match_compare(const struct sl_expr *expr)
{
    struct simple simple = {SHAPE_NONE, COMPARE_EQ, NULL, NULL};
    const struct sl_step *call = &expr->steps[2];
    if (call->kind != SL_STEP_CALL || call->argument_count != 2 || call->arguments[0] > 1 ||
        call->arguments[1] != 1 - call->arguments[0] || !find_compare(call, &simple.compare)) {
        return simple;
    }
    simple.column = &expr->steps[call->arguments[0]];
    simple.constant = &expr->steps[call->arguments[1]];
    if (simple.column->kind == SL_STEP_CONSTANT) {
        const struct sl_step *constant = simple.column;
        simple.column = simple.constant;
        simple.constant = constant;
        simple.compare = mirror(simple.compare);
    }
    if (simple.column->kind == SL_STEP_COLUMN && simple.constant->kind == SL_STEP_CONSTANT &&
        is_comparable(&simple.column->type, &simple.constant->type)) {
        simple.shape = SHAPE_COMPARE;
    }
    return simple;
}

static struct simple match(const struct sl_expr *expr)
{
    struct simple simple = {SHAPE_NONE, COMPARE_EQ, NULL, NULL};
    if (expr->step_count == 3) {
        return match_compare(expr);
    }
    if (expr->step_count != 2 || expr->steps[0].kind != SL_STEP_COLUMN ||
        expr->steps[1].kind != SL_STEP_CALL || expr->steps[1].argument_count != 1 ||
        expr->steps[1].arguments[0] != 0) {
        return simple;
    }
    simple.column = &expr->steps[0];
    if (is_function(&expr->steps[1], "IS_NULL")) {
        simple.shape = SHAPE_IS_NULL;
    } else if (is_function(&expr->steps[1], "IS_NOT_NULL")) {
        simple.shape = SHAPE_IS_NOT_NULL;
    }
    return simple;
}

bool sl_predicate_is_simple(const struct sl_expr *expr)
{
    return match(expr).shape != SHAPE_NONE;
}

/* The rows that are still selected, of a column. */
struct rows {
    const uint16_t *rows; /* NULL = 0..count-1 */
    uint32_t count;
    uint16_t *out; /* rows that pass; may be the same as rows */
};

static uint32_t select_valid(const uint64_t *validity, bool wanted, struct rows rows)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t row = rows.rows == NULL ? i : rows.rows[i];
        rows.out[kept] = (uint16_t)row;
        kept += sl_bitmap_get(validity, row) == wanted;
    }
    return kept;
}

#define SELECT_LOOP(op)                                      \
    for (uint32_t i = 0; i < rows.count; i++) {              \
        uint32_t row = rows.rows == NULL ? i : rows.rows[i]; \
        rows.out[kept] = (uint16_t)row;                      \
        kept += values[row] op constant;                     \
    }                                                        \
    break;

#define SELECT_LEAF(name, ctype)                                                                \
    static uint32_t name(const ctype *values, const char *constant_bytes, enum compare compare, \
                         struct rows rows)                                                      \
    {                                                                                           \
        uint32_t kept = 0;                                                                      \
        ctype constant;                                                                         \
        memcpy(&constant, constant_bytes, sizeof constant);                                     \
        switch (compare) {                                                                      \
        case COMPARE_EQ:                                                                        \
            SELECT_LOOP(==)                                                                     \
        case COMPARE_NE:                                                                        \
            SELECT_LOOP(!=)                                                                     \
        case COMPARE_LT:                                                                        \
            SELECT_LOOP(<)                                                                      \
        case COMPARE_LE:                                                                        \
            SELECT_LOOP(<=)                                                                     \
        case COMPARE_GT:                                                                        \
            SELECT_LOOP(>)                                                                      \
        case COMPARE_GE:                                                                        \
            SELECT_LOOP(>=)                                                                     \
        }                                                                                       \
        return kept;                                                                            \
    }

SELECT_LEAF(select_int8, int8_t)
SELECT_LEAF(select_int16, int16_t)
SELECT_LEAF(select_int32, int32_t)
SELECT_LEAF(select_int64, int64_t)
SELECT_LEAF(select_int128, sl_int128)
SELECT_LEAF(select_float, float)
SELECT_LEAF(select_double, double)

static uint32_t select_equal_views(const struct sl_view *values, const struct sl_view *constant,
                                   bool wanted, struct rows rows)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t row = rows.rows == NULL ? i : rows.rows[i];
        rows.out[kept] = (uint16_t)row;
        kept += sl_view_equal(&values[row], constant) == wanted;
    }
    return kept;
}

/* Keeps rows whose order against the constant is one of two (-1, 0, 1). */
static uint32_t select_ordered_views(const struct sl_view *values, const struct sl_view *constant,
                                     int order, int other_order, struct rows rows)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t row = rows.rows == NULL ? i : rows.rows[i];
        int found = sl_view_compare(&values[row], constant);
        int sign = (found > 0) - (found < 0);
        rows.out[kept] = (uint16_t)row;
        kept += sign == order || sign == other_order;
    }
    return kept;
}

static uint32_t select_views(const struct sl_view *values, const struct sl_constant *constant,
                             enum compare compare, struct rows rows)
{
    struct sl_view view = sl_view_of(constant->bytes, constant->byte_count);
    switch (compare) {
    case COMPARE_LT:
        return select_ordered_views(values, &view, -1, -1, rows);
    case COMPARE_LE:
        return select_ordered_views(values, &view, -1, 0, rows);
    case COMPARE_GT:
        return select_ordered_views(values, &view, 1, 1, rows);
    case COMPARE_GE:
        return select_ordered_views(values, &view, 1, 0, rows);
    default:
        return select_equal_views(values, &view, compare == COMPARE_EQ, rows);
    }
}

static uint32_t select_compared(const struct sl_vector *column, const struct sl_constant *constant,
                                enum compare compare, struct rows rows)
{
    const char *bytes = constant->bytes;
    switch (column->physical) {
    case SL_W1:
        return select_int8(column->data, bytes, compare, rows);
    case SL_W2:
        return select_int16(column->data, bytes, compare, rows);
    case SL_W4:
        return column->type.id == SL_TYPE_FLOAT ? select_float(column->data, bytes, compare, rows)
                                                : select_int32(column->data, bytes, compare, rows);
    case SL_W8:
        return column->type.id == SL_TYPE_DOUBLE ? select_double(column->data, bytes, compare, rows)
                                                 : select_int64(column->data, bytes, compare, rows);
    case SL_W16:
        return select_int128(column->data, bytes, compare, rows);
    default:
        return select_views(column->data, constant, compare, rows);
    }
}

static uint32_t keep_all(struct rows rows)
{
    for (uint32_t i = 0; i < rows.count; i++) {
        rows.out[i] = (uint16_t)(rows.rows == NULL ? i : rows.rows[i]);
    }
    return rows.count;
}

static uint32_t select_flat(const struct sl_vector *column, const struct simple *simple,
                            struct rows rows)
{
    if (simple->shape == SHAPE_IS_NULL) {
        return column->validity == NULL ? 0 : select_valid(column->validity, false, rows);
    }
    if (simple->shape == SHAPE_IS_NOT_NULL) {
        return column->validity == NULL ? keep_all(rows)
                                        : select_valid(column->validity, true, rows);
    }
    if (simple->constant->constant.is_null) {
        return 0;
    }
    if (column->validity != NULL) {
        rows.count = select_valid(column->validity, true, rows);
        rows.rows = rows.out;
    }
    return select_compared(column, &simple->constant->constant, simple->compare, rows);
}

/* All rows of a CONST column pass, or none. */
static uint32_t select_const(const struct sl_vector *column, const struct simple *simple,
                             struct rows rows)
{
    uint16_t only = 0;
    struct rows one = {NULL, 1, &only};
    return select_flat(column, simple, one) == 1 ? keep_all(rows) : 0;
}

void sl_predicate_apply(const struct sl_expr *predicates, uint32_t predicate_count,
                        struct sl_batch *batch, uint16_t *selection_storage)
{
    for (uint32_t i = 0; i < predicate_count && batch->selected_count > 0; i++) {
        struct simple simple = match(&predicates[i]);
        SL_ASSERT(simple.shape != SHAPE_NONE);
        const struct sl_vector *column = &batch->columns[simple.column->column];
        struct rows rows = {batch->selection, batch->selected_count, selection_storage};
        uint32_t kept = column->encoding == SL_CONST ? select_const(column, &simple, rows)
                                                     : select_flat(column, &simple, rows);
        if (kept < batch->selected_count) {
            batch->selection = selection_storage;
            batch->selected_count = kept;
        }
    }
}
