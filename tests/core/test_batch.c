/* SPDX-License-Identifier: Apache-2.0
 *
 * Builders: rows that are appended are deep copies with their NULLs and kinds, and reset leaves
 * nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "support_batch.h"

enum { ROWS = 300 };

static void assert_rows_equal(const struct sl_batch *a, uint32_t a_row, const struct sl_batch *b,
                              uint32_t b_row)
{
    for (uint32_t i = 0; i < a->schema->column_count; i++) {
        if (!support_values_equal(&a->columns[i], a_row, &b->columns[i], b_row)) {
            fail_msg("column %s, row %u and %u", a->schema->columns[i].name, a_row, b_row);
        }
    }
}

static void test_append_random(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    uint16_t rows[2 * ROWS];
    uint64_t seed = 11;
    assert_int_equal(sl_batch_builder_init(&from, support_wide_schema(), ROWS, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, support_wide_schema(), 3 * ROWS, NULL, &err),
                     SL_OK);
    for (uint32_t round = 0; round < 20; round++) {
        sl_batch_builder_reset(&from);
        sl_batch_builder_reset(&to);
        support_fill(&from, ROWS, &seed);
        uint32_t count = support_random(&seed, ROWS);
        for (uint32_t i = 0; i < count; i++) {
            rows[i] = (uint16_t)support_random(&seed, ROWS);
        }
        assert_int_equal(sl_batch_append(&to, &from.batch, rows, count, &err), SL_OK);
        assert_int_equal(sl_batch_append(&to, &from.batch, NULL, ROWS, &err), SL_OK);
        assert_int_equal(sl_batch_append(&to, &from.batch, rows, 0, &err), SL_OK);
        assert_int_equal(to.batch.row_count, count + ROWS);
        assert_int_equal(to.batch.selected_count, count + ROWS);
        assert_null(to.batch.kinds);
        struct sl_batch_builder kept = to;
        for (uint32_t i = 0; i < count; i++) {
            assert_rows_equal(&kept.batch, i, &from.batch, rows[i]);
        }
        for (uint32_t i = 0; i < ROWS; i++) {
            assert_rows_equal(&kept.batch, count + i, &from.batch, i);
        }
    }
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

/* Bytes are the builder's own: the source may be wiped. */
static void test_append_owns(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_column column = {"s", sl_type_string()};
    struct sl_schema schema = {1, &column};
    struct sl_batch_builder builder;
    char text[] = "a string that is not inline";
    struct sl_view view = sl_view_of(text, sizeof text - 1);
    struct sl_vector vector = {
        .type = column.type, .physical = SL_VIEW, .capacity = 1, .data = &view};
    struct sl_batch batch = {
        .schema = &schema, .columns = &vector, .row_count = 1, .selected_count = 1};
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 8, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_append(&builder, &batch, NULL, 1, &err), SL_OK);
    vector.encoding = SL_CONST;
    batch.row_count = 3;
    assert_int_equal(sl_batch_append(&builder, &batch, NULL, 3, &err), SL_OK);
    memset(text, 'x', sizeof text - 1);
    struct sl_view expected = sl_view_of("a string that is not inline", sizeof text - 1);
    for (uint32_t i = 0; i < 4; i++) {
        const struct sl_view *found = (const struct sl_view *)builder.batch.columns[0].data + i;
        assert_true(sl_view_equal(found, &expected));
    }
    assert_null(builder.batch.columns[0].validity);
    sl_batch_builder_deinit(&builder);
}

/* What lies under a NULL is not looked into: here it points nowhere. */
static void test_append_null_garbage(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_column column = {"s", sl_type_string()};
    struct sl_schema schema = {1, &column};
    struct sl_batch_builder builder;
    struct sl_view views[2];
    memset(views, 0xAB, sizeof views);
    views[1] = sl_view_of("fine", 4);
    uint64_t validity = 2;
    struct sl_vector vector = {.type = column.type,
                               .physical = SL_VIEW,
                               .capacity = 2,
                               .validity = &validity,
                               .data = views};
    struct sl_batch batch = {
        .schema = &schema, .columns = &vector, .row_count = 2, .selected_count = 2};
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 8, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_append(&builder, &batch, NULL, 2, &err), SL_OK);
    const struct sl_vector *copied = &builder.batch.columns[0];
    assert_false(sl_vector_is_valid(copied, 0));
    assert_true(sl_vector_is_valid(copied, 1));
    assert_int_equal(((const struct sl_view *)copied->data)[0].length, 0);
    vector.encoding = SL_CONST;
    assert_int_equal(sl_batch_append(&builder, &batch, NULL, 2, &err), SL_OK);
    assert_false(sl_vector_is_valid(copied, 2));
    assert_false(sl_vector_is_valid(copied, 3));
    sl_batch_builder_deinit(&builder);
}

/* A column that nobody reads arrives without data and becomes NULL. */
static void test_append_unread(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_column column = {"n", sl_type_of(SL_TYPE_INT)};
    struct sl_schema schema = {1, &column};
    struct sl_batch_builder builder;
    struct sl_vector vector = {.type = column.type, .physical = SL_W4};
    struct sl_batch batch = {
        .schema = &schema, .columns = &vector, .row_count = 2, .selected_count = 2};
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 8, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_append(&builder, &batch, NULL, 2, &err), SL_OK);
    assert_false(sl_vector_is_valid(&builder.batch.columns[0], 1));
    sl_batch_builder_deinit(&builder);
}

static void test_kinds(void **state)
{
    (void)state;
    struct sl_error err;
    uint64_t seed = 3;
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    const uint16_t rows[] = {3, 1, 0};
    assert_int_equal(sl_batch_builder_init(&from, support_wide_schema(), 4, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, support_wide_schema(), 16, NULL, &err), SL_OK);
    support_fill(&from, 4, &seed);
    sl_batch_builder_set_kind(&from, 2, SL_INSERT);
    assert_null(from.batch.kinds);
    assert_int_equal(sl_batch_append(&to, &from.batch, rows, 3, &err), SL_OK);
    sl_batch_builder_set_kind(&from, 1, SL_UPDATE_BEFORE);
    sl_batch_builder_set_kind(&from, 3, SL_DELETE);
    assert_int_equal(sl_batch_append(&to, &from.batch, rows, 3, &err), SL_OK);
    static const enum sl_row_kind EXPECTED[] = {SL_INSERT, SL_INSERT,        SL_INSERT,
                                                SL_DELETE, SL_UPDATE_BEFORE, SL_INSERT};
    for (uint32_t i = 0; i < SL_COUNT_OF(EXPECTED); i++) {
        assert_int_equal(sl_batch_kind(&to.batch, i), EXPECTED[i]);
    }
    sl_batch_builder_reset(&to);
    assert_null(to.batch.kinds);
    assert_string_equal(sl_row_kind_text(SL_INSERT), "+I");
    assert_string_equal(sl_row_kind_text(SL_UPDATE_BEFORE), "-U");
    assert_string_equal(sl_row_kind_text(SL_UPDATE_AFTER), "+U");
    assert_string_equal(sl_row_kind_text(SL_DELETE), "-D");
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

/* A copy has the rows that an appended one has, and keeps one value for all rows where it can. */
static void test_copy_keeps_const(void **state)
{
    (void)state;
    struct sl_error err;
    uint64_t seed = 5;
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    const uint16_t rows[] = {3, 1, 0};
    assert_int_equal(sl_batch_builder_init(&from, support_wide_schema(), 4, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, support_wide_schema(), 4, NULL, &err), SL_OK);
    uint32_t column_count = from.batch.schema->column_count;
    for (uint32_t round = 0; round < 50; round++) {
        sl_batch_builder_reset(&from);
        sl_batch_builder_reset(&to);
        support_fill(&from, 4, &seed);
        for (uint32_t i = 0; round % 2 == 1 && i < column_count; i++) {
            from.batch.columns[i].encoding = SL_CONST;
        }
        assert_int_equal(sl_batch_copy(&to, &from.batch, rows, 3, &err), SL_OK);
        assert_int_equal(to.batch.selected_count, 3);
        for (uint32_t i = 0; i < column_count; i++) {
            const struct sl_vector *column = &from.batch.columns[i];
            bool stays =
                round % 2 == 1 && column->physical <= SL_VIEW && sl_vector_is_valid(column, 0);
            assert_int_equal(to.batch.columns[i].encoding, stays ? SL_CONST : SL_FLAT);
        }
        for (uint32_t i = 0; i < 3; i++) {
            assert_rows_equal(&to.batch, i, &from.batch, rows[i]);
        }
    }
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

/* Filling and resetting for ever takes no more memory than the first few rounds. */
static void test_reset_is_bounded(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_account account = {.name = "test"};
    struct sl_batch_builder builder;
    uint64_t seed = 5;
    int64_t early_bytes = 0;
    assert_int_equal(sl_batch_builder_init(&builder, support_wide_schema(), ROWS, &account, &err),
                     SL_OK);
    for (uint32_t round = 0; round < 200; round++) {
        sl_batch_builder_reset(&builder);
        for (uint32_t i = 0; i < builder.batch.schema->column_count; i++) {
            assert_null(builder.batch.columns[i].validity);
        }
        support_fill(&builder, ROWS, &seed);
        early_bytes = SL_MAX(early_bytes, round < 20 ? sl_account_used(&account) : 0);
    }
    assert_true(sl_account_used(&account) <= early_bytes + (256 << 10));
    sl_batch_builder_deinit(&builder);
    assert_int_equal(sl_account_used(&account), 0);
    sl_batch_builder_deinit(&builder);
}

/* A bitmap that was attached from outside stays, all valid again. */
static void test_reset_foreign_bitmap(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_column column = {"n", sl_type_of(SL_TYPE_INT)};
    struct sl_schema schema = {1, &column};
    struct sl_batch_builder builder;
    assert_int_equal(sl_batch_builder_init(&builder, &schema, 100, NULL, &err), SL_OK);
    struct sl_vector *vector = &builder.batch.columns[0];
    assert_int_equal(sl_vector_ensure_validity(vector, &builder.fixed, &err), SL_OK);
    uint64_t *bitmap = vector->validity;
    sl_bitmap_clear(bitmap, 99);
    sl_batch_builder_reset(&builder);
    assert_ptr_equal(vector->validity, bitmap);
    assert_true(sl_bitmap_get(bitmap, 99));
    sl_batch_builder_deinit(&builder);
}

static void test_init_at_limit(void **state)
{
    (void)state;
    struct sl_error err = {0};
    struct sl_account account = {.name = "test", .limit_bytes = 100000};
    struct sl_batch_builder builder;
    assert_int_equal(sl_batch_builder_init(&builder, support_wide_schema(), 2048, &account, &err),
                     SL_MEMORY);
    assert_int_equal(sl_account_used(&account), 0);
    sl_batch_builder_deinit(&builder);
}

static void test_share_rows(void **state)
{
    (void)state;
    uint16_t selection[] = {1};
    uint8_t kinds[] = {0, 3};
    struct sl_run runs[] = {{4, 0, 100}};
    struct sl_batch in = {.row_count = 2,
                          .selection = selection,
                          .selected_count = 1,
                          .kinds = kinds,
                          .runs = runs,
                          .run_count = 1};
    struct sl_batch out = {0};
    sl_batch_share_rows(&out, &in);
    assert_memory_equal(&in, &out, sizeof in);
    assert_int_equal(sl_batch_row(&out, 0), 1);
    assert_true(sl_kind_is_retract(sl_batch_kind(&out, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_random),
        cmocka_unit_test(test_append_owns),
        cmocka_unit_test(test_append_null_garbage),
        cmocka_unit_test(test_append_unread),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_copy_keeps_const),
        cmocka_unit_test(test_reset_is_bounded),
        cmocka_unit_test(test_reset_foreign_bitmap),
        cmocka_unit_test(test_init_at_limit),
        cmocka_unit_test(test_share_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
