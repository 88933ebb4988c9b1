/* SPDX-License-Identifier: Apache-2.0
 *
 * Views, bitmaps, growing lists and copies of single values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sluice/schema.h"
#include "support_batch.h"

static void test_view(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "",  "a",   "ab", "abcdefghijkl", "abcdefghijklm", "abcdefghijklmn", "abcdefghijkln",
        "b", "\xFF"};
    for (uint32_t i = 0; i < SL_COUNT_OF(TEXTS); i++) {
        for (uint32_t k = 0; k < SL_COUNT_OF(TEXTS); k++) {
            struct sl_view a = sl_view_of(TEXTS[i], strlen(TEXTS[i]));
            struct sl_view b = sl_view_of(TEXTS[k], strlen(TEXTS[k]));
            int order = sl_view_compare(&a, &b);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
            assert_int_equal(sl_view_equal(&a, &b), i == k);
        }
    }
    struct sl_view empty = sl_view_of(NULL, 0);
    assert_int_equal(empty.length, 0);
}

static void test_zero_bytes_count(void **state)
{
    (void)state;
    struct sl_view a = sl_view_of("a\0b", 3);
    struct sl_view b = sl_view_of("a\0c", 3);
    struct sl_view shorter = sl_view_of("a", 1);
    assert_false(sl_view_equal(&a, &b));
    assert_true(sl_view_compare(&a, &b) < 0);
    assert_false(sl_view_equal(&a, &shorter));
    assert_true(sl_view_compare(&a, &shorter) > 0);
}

static void test_init_layout(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_error err;
    sl_arena_init(&arena, NULL, 0);
    const struct sl_schema *schema = support_wide_schema();
    for (uint32_t i = 0; i < schema->column_count; i++) {
        struct sl_vector vector;
        const struct sl_type *type = &schema->columns[i].type;
        assert_int_equal(sl_vector_init(&vector, type, 70, &arena, &err), SL_OK);
        assert_int_equal(vector.encoding, SL_FLAT);
        assert_int_equal(vector.capacity, 70);
        assert_null(vector.validity);
        assert_int_equal(vector.child_count, type->field_count);
        assert_int_equal(vector.data == NULL, vector.physical == SL_STRUCT);
        assert_int_equal(sl_vector_ensure_validity(&vector, &arena, &err), SL_OK);
        for (uint32_t row = 0; row < 70; row++) {
            assert_true(sl_vector_is_valid(&vector, row));
        }
        uint64_t *bitmap = vector.validity;
        sl_bitmap_clear(bitmap, 69);
        assert_int_equal(sl_vector_ensure_validity(&vector, &arena, &err), SL_OK);
        assert_ptr_equal(vector.validity, bitmap);
        assert_false(sl_vector_is_valid(&vector, 69));
    }
    sl_arena_deinit(&arena);
}

static void test_memory_limit(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 70000};
    struct sl_arena arena;
    struct sl_error err = {0};
    struct sl_vector vector;
    struct sl_type type = sl_type_of(SL_TYPE_BIGINT);
    sl_arena_init(&arena, &account, 0);
    assert_int_equal(sl_vector_init(&vector, &type, 60000, &arena, &err), SL_MEMORY);
    assert_int_equal(err.status, SL_MEMORY);
    sl_arena_deinit(&arena);
    assert_int_equal(sl_account_used(&account), 0);
}

static void test_list_growth_keeps(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_error err;
    struct sl_vector list;
    struct sl_type_field element = {"", sl_type_of(SL_TYPE_INT)};
    struct sl_type type = sl_type_of(SL_TYPE_ARRAY);
    type.field_count = 1;
    type.fields = &element;
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sl_vector_init(&list, &type, 4, &arena, &err), SL_OK);
    for (uint32_t count = 1; count <= 500; count++) {
        assert_int_equal(sl_vector_reserve_elements(&list, count, &arena, &err), SL_OK);
        struct sl_vector *child = &list.children[0];
        assert_true(sl_vector_is_valid(child, count - 1));
        ((int32_t *)child->data)[count - 1] = (int32_t)count;
        if (count % 3 == 0) {
            sl_bitmap_clear(child->validity, count - 1);
        }
        for (uint32_t i = 0; i < count; i++) {
            assert_int_equal(((int32_t *)child->data)[i], i + 1);
            assert_int_equal(sl_vector_is_valid(child, i), (i + 1) % 3 != 0);
        }
    }
    assert_int_equal(sl_vector_reserve_elements(&list, UINT32_MAX, &arena, &err), SL_LIMIT);
    sl_arena_deinit(&arena);
}

/* Random values of every type survive a copy in row order, from FLAT and from CONST. */
static void test_copy_value(void **state)
{
    (void)state;
    enum { ROWS = 200 };
    struct sl_error err;
    uint64_t seed = 7;
    struct sl_batch_builder from;
    struct sl_batch_builder to;
    const struct sl_schema *schema = support_wide_schema();
    assert_int_equal(sl_batch_builder_init(&from, schema, ROWS, NULL, &err), SL_OK);
    assert_int_equal(sl_batch_builder_init(&to, schema, 2 * ROWS, NULL, &err), SL_OK);
    support_fill(&from, ROWS, &seed);
    for (uint32_t i = 0; i < schema->column_count; i++) {
        struct sl_vector *column = &to.batch.columns[i];
        struct sl_vector constant = from.batch.columns[i];
        constant.encoding = SL_CONST;
        sl_batch_builder_validity(&to, i);
        for (uint32_t row = 0; row < ROWS; row++) {
            assert_int_equal(sl_vector_copy_value(column, 2 * row, &from.batch.columns[i],
                                                  ROWS - 1 - row, &to.strings, &err),
                             SL_OK);
            assert_int_equal(
                sl_vector_copy_value(column, 2 * row + 1, &constant, row, &to.strings, &err),
                SL_OK);
        }
        for (uint32_t row = 0; row < ROWS; row++) {
            assert_true(
                support_values_equal(column, 2 * row, &from.batch.columns[i], ROWS - 1 - row));
            assert_true(support_values_equal(column, 2 * row + 1, &from.batch.columns[i], 0));
        }
    }
    sl_batch_builder_deinit(&from);
    sl_batch_builder_deinit(&to);
}

static void test_copy_borrows_without_arena(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_error err;
    struct sl_vector from;
    struct sl_vector to;
    struct sl_type type = sl_type_string();
    const char *text = "longer than twelve bytes";
    sl_arena_init(&arena, NULL, 0);
    assert_int_equal(sl_vector_init(&from, &type, 1, &arena, &err), SL_OK);
    assert_int_equal(sl_vector_init(&to, &type, 1, &arena, &err), SL_OK);
    ((struct sl_view *)from.data)[0] = sl_view_of(text, strlen(text));
    assert_int_equal(sl_vector_copy_value(&to, 0, &from, 0, NULL, &err), SL_OK);
    assert_ptr_equal(((struct sl_view *)to.data)[0].tail.data, text);
    assert_int_equal(sl_vector_copy_value(&to, 0, &from, 0, &arena, &err), SL_OK);
    assert_ptr_not_equal(((struct sl_view *)to.data)[0].tail.data, text);
    assert_true(sl_view_equal(to.data, from.data));
    sl_arena_deinit(&arena);
}

static void test_schema(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    const struct sl_schema *schema = support_wide_schema();
    struct sl_schema copy = sl_schema_copy(&arena, schema);
    assert_true(sl_schema_equal(schema, &copy));
    assert_ptr_not_equal(copy.columns[0].name, schema->columns[0].name);
    assert_int_equal(sl_schema_find(&copy, "flag"), 0);
    assert_int_equal(sl_schema_find(&copy, "records"), (int)copy.column_count - 1);
    assert_int_equal(sl_schema_find(&copy, "Flag"), -1);
    struct sl_column changed = {"flag", sl_type_not_null(sl_type_of(SL_TYPE_BOOLEAN))};
    struct sl_schema one = {1, &changed};
    struct sl_schema first = {1, schema->columns};
    assert_false(sl_schema_equal(&one, &first));
    assert_false(sl_schema_equal(schema, &first));
    struct sl_schema none = {0, NULL};
    struct sl_schema none_copy = sl_schema_copy(&arena, &none);
    assert_true(sl_schema_equal(&none, &none_copy));
    sl_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_zero_bytes_count),
        cmocka_unit_test(test_init_layout),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_list_growth_keeps),
        cmocka_unit_test(test_copy_value),
        cmocka_unit_test(test_copy_borrows_without_arena),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
