/* SPDX-License-Identifier: Apache-2.0
 *
 * Random batches of any type and a naive comparison of values. */
#include "support_batch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define TYPE(type_id)                             \
    {                                             \
        .id = SL_TYPE_##type_id, .nullable = true \
    }
#define STRING_TYPE                                                      \
    {                                                                    \
        .id = SL_TYPE_VARCHAR, .nullable = true, .length = SL_LENGTH_MAX \
    }

const struct sl_schema *support_wide_schema(void)
{
    static const struct sl_type_field ELEMENT[] = {{"", STRING_TYPE}};
    static const struct sl_type_field ENTRY[] = {{"", STRING_TYPE}, {"", TYPE(BIGINT)}};
    static const struct sl_type_field FIELDS[] = {
        {"a", TYPE(INT)},
        {"b", STRING_TYPE},
        {"c", {.id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = ELEMENT}}};
    static const struct sl_type_field ROWS[] = {
        {"", {.id = SL_TYPE_ROW, .nullable = true, .field_count = 3, .fields = FIELDS}}};
    static const struct sl_column COLUMNS[] = {
        {"flag", TYPE(BOOLEAN)},
        {"tiny", TYPE(TINYINT)},
        {"small", TYPE(SMALLINT)},
        {"number", TYPE(INT)},
        {"big", TYPE(BIGINT)},
        {"single", TYPE(FLOAT)},
        {"twice", TYPE(DOUBLE)},
        {"short_decimal", {.id = SL_TYPE_DECIMAL, .nullable = true, .precision = 10, .scale = 2}},
        {"long_decimal", {.id = SL_TYPE_DECIMAL, .nullable = true, .precision = 30, .scale = 4}},
        {"string", STRING_TYPE},
        {"bytes", {.id = SL_TYPE_VARBINARY, .nullable = true, .length = SL_LENGTH_MAX}},
        {"moment", {.id = SL_TYPE_TIMESTAMP, .nullable = true, .precision = 3}},
        {"list", {.id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = ELEMENT}},
        {"map", {.id = SL_TYPE_MAP, .nullable = true, .field_count = 2, .fields = ENTRY}},
        {"record", {.id = SL_TYPE_ROW, .nullable = true, .field_count = 3, .fields = FIELDS}},
        {"records", {.id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = ROWS}},
    };
    static const struct sl_schema SCHEMA = {SL_COUNT_OF(COLUMNS), COLUMNS};
    return &SCHEMA;
}

uint32_t support_random(uint64_t *seed, uint32_t limit)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % limit);
}

static void fill_value(struct sl_vector *vector, uint32_t row, struct sl_arena *arena,
                       uint64_t *seed);

static void fill_view(struct sl_vector *vector, uint32_t row, struct sl_arena *arena,
                      uint64_t *seed)
{
    char bytes[40] = {0};
    uint32_t length = support_random(seed, sizeof bytes);
    for (uint32_t i = 0; i < length; i++) {
        bytes[i] = (char)support_random(seed, 3); /* few letters, so that some are equal */
    }
    const char *kept = sl_arena_copy(arena, bytes, length);
    ((struct sl_view *)vector->data)[row] = sl_view_of(kept, length);
}

static void fill_list(struct sl_vector *list, uint32_t row, struct sl_arena *arena, uint64_t *seed)
{
    struct sl_error err;
    uint32_t *offsets = list->data;
    uint32_t count = support_random(seed, 4);
    uint32_t end = offsets[row] + count;
    assert_int_equal(sl_vector_reserve_elements(list, end, arena, &err), SL_OK);
    for (uint32_t i = 0; i < list->child_count; i++) {
        for (uint32_t element = offsets[row]; element < end; element++) {
            fill_value(&list->children[i], element, arena, seed);
        }
    }
    offsets[row + 1] = end;
}

static void fill_number(struct sl_vector *vector, uint32_t row, uint64_t *seed)
{
    static const double DOUBLES[] = {0.0, -0.0, 1.5, -2.25e300, INFINITY, -INFINITY, NAN};
    uint32_t width = sl_physical_width(vector->physical);
    char *at = (char *)vector->data + (size_t)row * width;
    if (vector->type.id == SL_TYPE_DOUBLE) {
        memcpy(at, &DOUBLES[support_random(seed, SL_COUNT_OF(DOUBLES))], width);
    } else if (vector->type.id == SL_TYPE_FLOAT) {
        float value = (float)DOUBLES[support_random(seed, 3)];
        memcpy(at, &value, width);
    } else if (vector->type.id == SL_TYPE_BOOLEAN) {
        *at = (char)support_random(seed, 2);
    } else {
        sl_int128 value = (sl_int128)support_random(seed, 200) - 100;
        memcpy(at, &value, width);
    }
}

static void fill_value(struct sl_vector *vector, uint32_t row, struct sl_arena *arena,
                       uint64_t *seed)
{
    if (support_random(seed, 5) == 0) {
        sl_vector_set_null(vector, row);
        return;
    }
    if (vector->physical == SL_VIEW) {
        fill_view(vector, row, arena, seed);
    } else if (vector->physical == SL_LIST) {
        fill_list(vector, row, arena, seed);
    } else if (vector->physical != SL_STRUCT) {
        fill_number(vector, row, seed);
    }
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        fill_value(&vector->children[i], row, arena, seed);
    }
}

void support_fill(struct sl_batch_builder *builder, uint32_t rows, uint64_t *seed)
{
    struct sl_batch *batch = &builder->batch;
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        sl_batch_builder_validity(builder, i);
        for (uint32_t row = batch->row_count; row < batch->row_count + rows; row++) {
            fill_value(&batch->columns[i], row, &builder->strings, seed);
        }
    }
    batch->row_count += rows;
    batch->selected_count = batch->row_count;
}

static double number_of(const struct sl_vector *vector, uint32_t idx)
{
    return vector->type.id == SL_TYPE_FLOAT ? (double)((const float *)vector->data)[idx]
                                            : ((const double *)vector->data)[idx];
}

static bool lists_equal(const struct sl_vector *a, uint32_t a_idx, const struct sl_vector *b,
                        uint32_t b_idx)
{
    const uint32_t *a_at = (const uint32_t *)a->data + a_idx;
    const uint32_t *b_at = (const uint32_t *)b->data + b_idx;
    bool equal = a_at[1] - a_at[0] == b_at[1] - b_at[0];
    for (uint32_t i = 0; equal && i < a->child_count; i++) {
        for (uint32_t k = 0; equal && k < a_at[1] - a_at[0]; k++) {
            equal =
                support_values_equal(&a->children[i], a_at[0] + k, &b->children[i], b_at[0] + k);
        }
    }
    return equal;
}

bool support_values_equal(const struct sl_vector *a, uint32_t a_row, const struct sl_vector *b,
                          uint32_t b_row)
{
    if (!sl_vector_is_valid(a, a_row) || !sl_vector_is_valid(b, b_row)) {
        return sl_vector_is_valid(a, a_row) == sl_vector_is_valid(b, b_row);
    }
    uint32_t a_idx = sl_vector_index(a, a_row);
    uint32_t b_idx = sl_vector_index(b, b_row);
    uint32_t width = sl_physical_width(a->physical);
    if (a->physical == SL_LIST) {
        return lists_equal(a, a_idx, b, b_idx);
    }
    if (a->physical == SL_VIEW) {
        return sl_view_equal((const struct sl_view *)a->data + a_idx,
                             (const struct sl_view *)b->data + b_idx);
    }
    if (a->type.id == SL_TYPE_FLOAT || a->type.id == SL_TYPE_DOUBLE) {
        double x = number_of(a, a_idx);
        double y = number_of(b, b_idx);
        return x == y || (isnan(x) && isnan(y));
    }
    for (uint32_t i = 0; i < a->child_count; i++) {
        if (!support_values_equal(&a->children[i], a_idx, &b->children[i], b_idx)) {
            return false;
        }
    }
    return width == 0 || memcmp((const char *)a->data + (size_t)a_idx * width,
                                (const char *)b->data + (size_t)b_idx * width, width) == 0;
}
