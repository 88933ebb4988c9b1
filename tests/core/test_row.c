/* SPDX-License-Identifier: Apache-2.0
 *
 * The row encoding: its frozen bytes, round trips of random rows, keys of whole batches, and what
 * it makes of broken bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sluice/hash.h"
#include "sluice/row.h"
#include "support_batch.h"

enum { ROWS = 150, COLUMNS_MAX = 32 };

static uint32_t all_columns(const struct sl_schema *schema, uint32_t columns[COLUMNS_MAX])
{
    for (uint32_t i = 0; i < schema->column_count; i++) {
        columns[i] = i;
    }
    return schema->column_count;
}

static void test_frozen_bytes(void **state)
{
    (void)state;
    static const struct sl_type_field ELEMENT[] = {{"", {.id = SL_TYPE_TINYINT, .nullable = true}}};
    struct sl_column columns[] = {{"b", sl_type_of(SL_TYPE_BIGINT)},
                                  {"s", sl_type_string()},
                                  {"n", sl_type_of(SL_TYPE_INT)},
                                  {"d", sl_type_of(SL_TYPE_DOUBLE)},
                                  {"l", sl_type_of(SL_TYPE_ARRAY)}};
    columns[4].type.field_count = 1;
    columns[4].type.fields = ELEMENT;
    struct sl_schema schema = {SL_COUNT_OF(columns), columns};
    struct sl_batch_builder builder;
    struct sl_error err;
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 2, NULL, &err), SL_OK);
    struct sl_vector *vectors = builder.batch.columns;
    ((int64_t *)vectors[0].data)[0] = 0x0102030405060708;
    ((struct sl_view *)vectors[1].data)[0] = sl_view_of("hi", 2);
    sl_bitmap_clear(sl_batch_builder_validity(&builder, 2), 0);
    ((double *)vectors[3].data)[0] = -0.0;
    assert_int_equal(sl_vector_reserve_elements(&vectors[4], 2, &builder.strings, &err), SL_OK);
    ((int8_t *)vectors[4].children[0].data)[0] = -1;
    sl_vector_set_null(&vectors[4].children[0], 1);
    ((uint32_t *)vectors[4].data)[1] = 2;
    static const char EXPECTED[] = "\1\x08\7\6\5\4\3\2\1"
                                   "\1\2\0\0\0hi"
                                   "\0"
                                   "\1\0\0\0\0\0\0\0\0"
                                   "\1\2\0\0\0\1\xFF\0";
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_row_encode(&text, &builder.batch, (const uint32_t[]){0, 1, 2, 3, 4}, 5, 0);
    assert_int_equal(text.length, sizeof EXPECTED - 1);
    assert_memory_equal(text.data, EXPECTED, sizeof EXPECTED - 1);
    sl_text_deinit(&text);
    sl_batch_builder_deinit(&builder);
}

static void test_round_trip(void **state)
{
    (void)state;
    const struct sl_schema *schema = support_wide_schema();
    uint32_t columns[COLUMNS_MAX];
    uint32_t column_count = all_columns(schema, columns);
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    struct sl_error err;
    struct sl_text text;
    uint64_t seed = 23;
    sl_text_init(&text, NULL, 0);
    assert_int_equal(sl_batch_builder_init(&from, schema, ROWS, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, schema, ROWS, NULL, &err), SL_OK);
    for (uint32_t round = 0; round < 10; round++) {
        sl_batch_builder_reset(&from);
        sl_batch_builder_reset(&to);
        sl_text_reset(&text);
        support_fill(&from, ROWS, &seed);
        for (uint32_t row = 0; row < ROWS; row++) {
            sl_row_encode(&text, &from.batch, columns, column_count, row);
        }
        assert_false(text.failed);
        size_t offset = 0;
        for (uint32_t row = 0; row < ROWS; row++) {
            size_t used = 0;
            assert_int_equal(
                sl_row_decode(&to, text.data + offset, text.length - offset, &used, &err), SL_OK);
            offset += used;
            for (uint32_t i = 0; i < column_count; i++) {
                assert_true(
                    support_values_equal(&to.batch.columns[i], row, &from.batch.columns[i], row));
            }
        }
        assert_int_equal(offset, text.length);
    }
    sl_text_deinit(&text);
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

/* Every cut is refused, and a builder that saw a broken row still takes good ones. Bytes that are
 * changed at random are refused or read, but never crash. */
static void test_broken(void **state)
{
    (void)state;
    const struct sl_schema *schema = support_wide_schema();
    uint32_t columns[COLUMNS_MAX];
    uint32_t column_count = all_columns(schema, columns);
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    struct sl_error err;
    struct sl_text text;
    size_t used = 0;
    uint64_t seed = 29;
    sl_text_init(&text, NULL, 0);
    assert_int_equal(sl_batch_builder_init(&from, schema, ROWS, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, schema, 2, NULL, &err), SL_OK);
    support_fill(&from, ROWS, &seed);
    for (uint32_t row = 0; row < ROWS; row++) {
        sl_text_reset(&text);
        sl_row_encode(&text, &from.batch, columns, column_count, row);
        for (size_t length = 0; length < text.length; length++) {
            char *exact = malloc(length + 1);
            memcpy(exact, text.data, length);
            exact = realloc(exact, length > 0 ? length : 1);
            assert_int_equal(sl_row_decode(&to, exact, length, &used, &err), SL_CORRUPT);
            assert_int_equal(used, 0);
            free(exact);
        }
        assert_int_equal(to.batch.row_count, 0);
        assert_int_equal(sl_row_decode(&to, text.data, text.length, &used, &err), SL_OK);
        for (uint32_t i = 0; i < column_count; i++) {
            assert_true(support_values_equal(&to.batch.columns[i], 0, &from.batch.columns[i], row));
        }
        for (uint32_t round = 0; round < 50; round++) {
            sl_batch_builder_reset(&to);
            text.data[support_random(&seed, (uint32_t)text.length)] =
                (char)support_random(&seed, 256);
            (void)sl_row_decode(&to, text.data, text.length, &used, &err);
        }
        sl_batch_builder_reset(&to);
    }
    sl_text_deinit(&text);
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

/* Keys of a batch are what sl_row_encode gives row by row. */
static void assert_keys(struct sl_row_keys *keys, const struct sl_batch *batch,
                        const uint32_t *columns, uint32_t column_count)
{
    struct sl_error err;
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    assert_int_equal(sl_row_keys_encode(keys, batch, columns, column_count, &err), SL_OK);
    assert_int_equal(keys->offsets[0], 0);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        sl_text_reset(&text);
        sl_row_encode(&text, batch, columns, column_count, sl_batch_row(batch, i));
        uint32_t length = keys->offsets[i + 1] - keys->offsets[i];
        assert_int_equal(length, text.length);
        if (length > 0) {
            assert_memory_equal(keys->bytes.data + keys->offsets[i], text.data, length);
        }
        assert_true(keys->hashes[i] == sl_hash_bytes(keys->bytes.data + keys->offsets[i], length));
    }
    assert_int_equal(keys->bytes.length, keys->offsets[batch->selected_count]);
    sl_text_deinit(&text);
}

static uint32_t random_selection(uint16_t selection[ROWS], uint64_t *seed)
{
    uint32_t count = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        selection[count] = (uint16_t)row;
        count += support_random(seed, 2);
    }
    return count;
}

/* NULLs become zeros and empty strings. */
static void make_valid(struct sl_vector *column)
{
    uint32_t width = sl_physical_width(column->physical);
    for (uint32_t row = 0; row < ROWS; row++) {
        if (!sl_bitmap_get(column->validity, row)) {
            memset((char *)column->data + (size_t)row * width, 0, width);
            sl_bitmap_set(column->validity, row);
        }
    }
}

static void test_keys(void **state)
{
    (void)state;
    const struct sl_schema *schema = support_wide_schema();
    struct sl_account account = {.name = "test"};
    struct sl_batch_builder builder;
    struct sl_error err;
    struct sl_row_keys keys;
    uint16_t selection[ROWS];
    uint32_t columns[COLUMNS_MAX];
    uint64_t seed = 31;
    sl_row_keys_init(&keys, &account);
    assert_int_equal(sl_batch_builder_init(&builder, schema, ROWS, NULL, &err), SL_OK);
    for (uint32_t round = 0; round < 400; round++) {
        sl_batch_builder_reset(&builder);
        support_fill(&builder, ROWS, &seed);
        struct sl_batch batch = builder.batch;
        if (support_random(&seed, 2) == 0) {
            batch.selection = selection;
            batch.selected_count = random_selection(selection, &seed);
        }
        uint32_t column_count = support_random(&seed, 4);
        for (uint32_t i = 0; i < column_count; i++) {
            columns[i] = support_random(&seed, schema->column_count);
        }
        bool no_nulls = support_random(&seed, 2) == 0;
        for (uint32_t i = 0; i < schema->column_count; i++) {
            struct sl_vector *column = &batch.columns[i];
            if (no_nulls && column->physical < SL_LIST) {
                make_valid(column);
            }
            column->encoding = support_random(&seed, 4) == 0 ? SL_CONST : SL_FLAT;
        }
        assert_keys(&keys, &batch, columns, column_count);
        for (uint32_t i = 0; i < schema->column_count; i++) {
            batch.columns[i].encoding = SL_FLAT;
        }
    }
    sl_row_keys_deinit(&keys);
    sl_row_keys_deinit(&keys);
    assert_int_equal(sl_account_used(&account), 0);
    sl_batch_builder_deinit(&builder);
}

static void test_canonical_floats(void **state)
{
    (void)state;
    struct sl_column column[] = {{"d", sl_type_of(SL_TYPE_DOUBLE)},
                                 {"f", sl_type_of(SL_TYPE_FLOAT)}};
    struct sl_schema schema = {2, column};
    struct sl_batch_builder builder;
    struct sl_row_keys keys;
    struct sl_error err;
    uint64_t odd_nan = UINT64_C(0xFFF0000000000001);
    uint32_t odd_float_nan = 0xFF800001u;
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 8, NULL, &err), SL_OK);
    double *doubles = builder.batch.columns[0].data;
    float *floats = builder.batch.columns[1].data;
    doubles[0] = 0.0, floats[0] = 0.0f;
    doubles[1] = -0.0, floats[1] = -0.0f;
    doubles[2] = (double)NAN, floats[2] = NAN;
    memcpy(&doubles[3], &odd_nan, 8);
    memcpy(&floats[3], &odd_float_nan, 4);
    doubles[4] = (double)INFINITY, floats[4] = INFINITY;
    doubles[5] = -(double)INFINITY, floats[5] = -INFINITY;
    builder.batch.row_count = 6;
    builder.batch.selected_count = 6;
    sl_row_keys_init(&keys, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sl_row_keys_encode(&keys, &builder.batch, &i, 1, &err), SL_OK);
        const uint64_t *hashes = keys.hashes;
        assert_true(hashes[0] == hashes[1]);
        assert_true(hashes[2] == hashes[3]);
        assert_true(hashes[0] != hashes[2] && hashes[2] != hashes[4] && hashes[4] != hashes[5]);
    }
    sl_row_keys_deinit(&keys);
    sl_batch_builder_deinit(&builder);
}

static void test_keys_at_limit(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 1024};
    struct sl_row_keys keys;
    struct sl_error err = {0};
    struct sl_batch batch = {.schema = support_wide_schema(), .row_count = 9, .selected_count = 9};
    sl_row_keys_init(&keys, &account);
    assert_int_equal(sl_row_keys_encode(&keys, &batch, NULL, 0, &err), SL_MEMORY);
    account.limit_bytes = 0;
    assert_int_equal(sl_row_keys_encode(&keys, &batch, NULL, 0, &err), SL_OK);
    assert_int_equal(keys.offsets[9], 0);
    assert_true(keys.hashes[8] == sl_hash_bytes("", 0));
    sl_row_keys_deinit(&keys);
    assert_int_equal(sl_account_used(&account), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frozen_bytes),     cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_broken),           cmocka_unit_test(test_keys),
        cmocka_unit_test(test_canonical_floats), cmocka_unit_test(test_keys_at_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
