/* SPDX-License-Identifier: Apache-2.0
 *
 * Rejected rows: their schema, cutting, positions from runs, and the life of a taken batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "sluice/operator.h"
#include "support_batch.h"

static void assert_text(const struct sl_batch *batch, const char *name, uint32_t row,
                        const char *expected)
{
    const struct sl_vector *column = &batch->columns[sl_schema_find(batch->schema, name)];
    assert_int_equal(sl_vector_is_valid(column, row), expected != NULL);
    if (expected != NULL) {
        const struct sl_view *view = (const struct sl_view *)column->data + row;
        assert_int_equal(view->length, strlen(expected));
        assert_memory_equal(sl_view_data(view), expected, view->length);
    }
}

static int64_t position_of(const struct sl_batch *batch, uint32_t row)
{
    return ((const int64_t *)batch->columns[sl_schema_find(batch->schema, "position")].data)[row];
}

static void test_schema(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"reason", "detail", "split", "position", "row"};
    const struct sl_schema *schema = sl_rejected_schema();
    assert_int_equal(schema->column_count, SL_COUNT_OF(NAMES));
    for (uint32_t i = 0; i < SL_COUNT_OF(NAMES); i++) {
        assert_string_equal(schema->columns[i].name, NAMES[i]);
    }
    assert_int_equal(schema->columns[3].type.id, SL_TYPE_BIGINT);
    assert_int_equal(schema->columns[4].type.id, SL_TYPE_VARBINARY);
    assert_string_equal(sl_row_error_text(SL_ROW_DIVISION_BY_ZERO), "division by zero");
    assert_string_equal(sl_row_error_text(SL_ROW_SINK), "refused by the sink");
}

static void test_add_and_take(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test"};
    struct sl_env env = {.batch_rows = 2, .account = &account, .label = "source[0]"};
    struct sl_rejects rejects;
    struct sl_error err = {0};
    char row[5000];
    memset(row, 'x', sizeof row);
    assert_int_equal(sl_rejects_open(&rejects, &env, &err), SL_OK);
    for (uint32_t round = 0; round < 3; round++) {
        assert_null(sl_rejects_take(&rejects));
        assert_int_equal(sl_rejects_add(&rejects, SL_ROW_SYNTAX, "column 'temp': expected DOUBLE",
                                        "topic-0", 17, row, sizeof row, &err),
                         SL_OK);
        assert_false(sl_rejects_is_full(&rejects));
        assert_int_equal(sl_rejects_add(&rejects, SL_ROW_LATE, NULL, NULL, 18, NULL, 0, &err),
                         SL_OK);
        assert_true(sl_rejects_is_full(&rejects));
        assert_int_equal(sl_rejects_add(&rejects, SL_ROW_LATE, NULL, NULL, 19, NULL, 0, &err),
                         SL_INTERNAL);
        const struct sl_batch *batch = sl_rejects_take(&rejects);
        assert_non_null(batch);
        assert_null(sl_rejects_take(&rejects));
        assert_false(sl_rejects_is_full(&rejects));
        assert_int_equal(batch->selected_count, 2);
        assert_text(batch, "reason", 0, "invalid syntax");
        assert_text(batch, "detail", 0, "column 'temp': expected DOUBLE");
        assert_text(batch, "split", 0, "topic-0");
        assert_text(batch, "reason", 1, "late");
        assert_text(batch, "detail", 1, NULL);
        assert_text(batch, "split", 1, NULL);
        assert_text(batch, "row", 1, NULL);
        assert_int_equal(position_of(batch, 0), 17);
        assert_int_equal(position_of(batch, 1), 18);
        assert_int_equal(((const struct sl_view *)batch->columns[4].data)[0].length, 4096);
    }
    sl_rejects_close(&rejects);
    sl_rejects_close(&rejects);
    assert_int_equal(sl_account_used(&account), 0);
}

static void test_close_half_open(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 100};
    struct sl_env env = {.batch_rows = 2, .account = &account};
    struct sl_rejects rejects = {0};
    struct sl_error err = {0};
    sl_rejects_close(&rejects);
    assert_int_equal(sl_rejects_open(&rejects, &env, &err), SL_MEMORY);
    assert_null(sl_rejects_take(&rejects));
    sl_rejects_close(&rejects);
}

static void test_add_row(void **state)
{
    (void)state;
    struct sl_column columns[] = {{"id", sl_type_of(SL_TYPE_INT)},
                                  {"unread", sl_type_of(SL_TYPE_INT)},
                                  {"name", sl_type_string()}};
    struct sl_schema schema = {3, columns};
    int32_t ids[] = {1, 2, 3};
    struct sl_view names[] = {sl_view_of("a", 1), sl_view_of("b\"", 2), sl_view_of("", 0)};
    uint64_t validity = 3;
    struct sl_vector vectors[] = {
        {.type = columns[0].type, .physical = SL_W4, .capacity = 3, .data = ids},
        {.type = columns[1].type, .physical = SL_W4},
        {.type = columns[2].type,
         .physical = SL_VIEW,
         .capacity = 3,
         .validity = &validity,
         .data = names}};
    struct sl_run runs[] = {{4, 0, 100}, {9, 1, 7}};
    struct sl_batch batch = {.schema = &schema,
                             .columns = vectors,
                             .row_count = 3,
                             .selected_count = 3,
                             .runs = runs,
                             .run_count = 2};
    struct sl_env env = {.batch_rows = 8};
    struct sl_rejects rejects;
    struct sl_error err;
    assert_int_equal(sl_rejects_open(&rejects, &env, &err), SL_OK);
    for (uint32_t row = 0; row < 3; row++) {
        assert_int_equal(sl_rejects_add_row(&rejects, SL_ROW_OVERFLOW, "SUM", &batch, row, &err),
                         SL_OK);
    }
    batch.runs = NULL;
    assert_int_equal(sl_rejects_add_row(&rejects, SL_ROW_OVERFLOW, "SUM", &batch, 0, &err), SL_OK);
    const struct sl_batch *out = sl_rejects_take(&rejects);
    assert_text(out, "row", 0, "{\"id\":1,\"name\":\"a\"}");
    assert_text(out, "row", 1, "{\"id\":2,\"name\":\"b\\\"\"}");
    assert_text(out, "row", 2, "{\"id\":3,\"name\":null}");
    assert_text(out, "split", 0, "4");
    assert_text(out, "split", 2, "9");
    assert_text(out, "split", 3, NULL);
    assert_int_equal(position_of(out, 0), 100);
    assert_int_equal(position_of(out, 1), 7);
    assert_int_equal(position_of(out, 2), 8);
    sl_rejects_close(&rejects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_add_and_take),
        cmocka_unit_test(test_close_half_open),
        cmocka_unit_test(test_add_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
