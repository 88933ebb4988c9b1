/* SPDX-License-Identifier: Apache-2.0
 *
 * Pushed-down predicates against a naive evaluation, over every type, with NULLs, selections and
 * CONST columns; and which expressions are simple. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "sluice/predicate.h"
#include "support_batch.h"

enum { ROWS = 400 };

static const char *const COMPARES[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};

/* One predicate with room for its parts. */
struct predicate {
    struct sl_step steps[3];
    uint32_t arguments[2];
    char signature[64];
    struct sl_expr expr;
};

static void make_compare(struct predicate *predicate, uint32_t column, const struct sl_type *type,
                         struct sl_constant constant, const char *name)
{
    memset(predicate, 0, sizeof *predicate);
    snprintf(predicate->signature, sizeof predicate->signature, "%s(ANY,ANY)", name);
    predicate->arguments[1] = 1;
    predicate->steps[0] = (struct sl_step){.kind = SL_STEP_COLUMN, .type = *type, .column = column};
    predicate->steps[1] =
        (struct sl_step){.kind = SL_STEP_CONSTANT, .type = *type, .constant = constant};
    predicate->steps[2] = (struct sl_step){.kind = SL_STEP_CALL,
                                           .type = sl_type_of(SL_TYPE_BOOLEAN),
                                           .function = predicate->signature,
                                           .argument_count = 2,
                                           .arguments = predicate->arguments};
    predicate->expr = (struct sl_expr){predicate->steps, 3, ""};
}

static void make_null_test(struct predicate *predicate, uint32_t column, const struct sl_type *type,
                           const char *signature)
{
    memset(predicate, 0, sizeof *predicate);
    predicate->steps[0] = (struct sl_step){.kind = SL_STEP_COLUMN, .type = *type, .column = column};
    predicate->steps[1] = (struct sl_step){.kind = SL_STEP_CALL,
                                           .type = sl_type_of(SL_TYPE_BOOLEAN),
                                           .function = signature,
                                           .argument_count = 1,
                                           .arguments = predicate->arguments};
    predicate->expr = (struct sl_expr){predicate->steps, 2, ""};
}

/* Constant first, column second. */
static void swap_sides(struct predicate *predicate)
{
    struct sl_step first = predicate->steps[0];
    predicate->steps[0] = predicate->steps[1];
    predicate->steps[1] = first;
}

/* -1, 0, 1, or 2 when they have no order (NaN). */
static int naive_order(const struct sl_vector *column, uint32_t row, const void *constant)
{
    const struct sl_vector *c = column;
#define ORDER(ctype)                                    \
    do {                                                \
        ctype x = ((const ctype *)c->data)[row];        \
        ctype y;                                        \
        memcpy(&y, constant, sizeof y);                 \
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2; \
    } while (0)
    if (c->type.id == SL_TYPE_DOUBLE) {
        ORDER(double);
    }
    if (c->type.id == SL_TYPE_FLOAT) {
        ORDER(float);
    }
    switch (c->physical) {
    case SL_W1:
        ORDER(int8_t);
    case SL_W2:
        ORDER(int16_t);
    case SL_W4:
        ORDER(int32_t);
    case SL_W8:
        ORDER(int64_t);
    case SL_W16:
        ORDER(sl_int128);
    default: {
        struct sl_view view;
        memcpy(&view, constant, sizeof view);
        int order = sl_view_compare((const struct sl_view *)c->data + row, &view);
        return (order > 0) - (order < 0);
    }
    }
#undef ORDER
}

static bool naive_passes(uint32_t compare, int order)
{
    const bool passes[] = {order == 0,  order != 0,
                           order == -1, order == -1 || order == 0,
                           order == 1,  order == 1 || order == 0};
    return passes[compare];
}

/* Checks the batch's selection against the naive one. */
static void assert_selected(const struct sl_batch *batch, const uint16_t *expected, uint32_t count)
{
    assert_int_equal(batch->selected_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(sl_batch_row(batch, i), expected[i]);
    }
}

static void check_compare(struct sl_batch batch, uint32_t column_idx, uint32_t compare,
                          uint64_t *seed)
{
    const struct sl_vector *column = &batch.columns[column_idx];
    uint32_t constant_row = support_random(seed, ROWS);
    if (!sl_vector_is_valid(column, constant_row)) {
        return;
    }
    uint32_t width = sl_physical_width(column->physical);
    const char *value = (const char *)column->data + (size_t)constant_row * width;
    struct sl_constant constant = {false, value, width};
    if (column->physical == SL_VIEW) {
        const struct sl_view *view = (const struct sl_view *)column->data + constant_row;
        constant = (struct sl_constant){false, sl_view_data(view), view->length};
    }
    struct predicate predicate;
    uint16_t storage[ROWS];
    uint16_t expected[ROWS];
    uint32_t count = 0;
    bool is_swapped = support_random(seed, 2) == 0;
    static const uint32_t MIRRORED[] = {0, 1, 4, 5, 2, 3};
    make_compare(&predicate, column_idx, &column->type, constant,
                 COMPARES[is_swapped ? MIRRORED[compare] : compare]);
    if (is_swapped) {
        swap_sides(&predicate);
    }
    if (support_random(seed, 2) == 0) {
        batch.selection = storage;
        batch.selected_count = 0;
        for (uint32_t row = 0; row < ROWS; row += 1 + support_random(seed, 3)) {
            storage[batch.selected_count++] = (uint16_t)row;
        }
    }
    for (uint32_t i = 0; i < batch.selected_count; i++) {
        uint32_t row = sl_batch_row(&batch, i);
        if (sl_vector_is_valid(column, row) &&
            naive_passes(compare, naive_order(column, row, value))) {
            expected[count++] = (uint16_t)row;
        }
    }
    assert_true(sl_predicate_is_simple(&predicate.expr));
    sl_predicate_apply(&predicate.expr, 1, &batch, storage);
    assert_selected(&batch, expected, count);
}

static void test_compare(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_batch_builder builder;
    const struct sl_schema *schema = support_wide_schema();
    uint64_t seed = 53;
    assert_int_equal(sl_batch_builder_init(&builder, schema, ROWS, NULL, &err), SL_OK);
    support_fill(&builder, ROWS, &seed);
    for (uint32_t i = 0; i < schema->column_count; i++) {
        enum sl_type_id id = schema->columns[i].type.id;
        bool is_pushable = !sl_type_is_binary(id) && builder.batch.columns[i].physical < SL_LIST;
        for (uint32_t round = 0; is_pushable && round < 120; round++) {
            check_compare(builder.batch, i, round % 6, &seed);
        }
        uint64_t *validity = builder.batch.columns[i].validity;
        if (is_pushable && builder.batch.columns[i].physical != SL_VIEW) {
            builder.batch.columns[i].validity = NULL;
            check_compare(builder.batch, i, 2, &seed);
            builder.batch.columns[i].validity = validity;
        }
    }
    sl_batch_builder_deinit(&builder);
}

static void test_null_tests_and_conjuncts(void **state)
{
    (void)state;
    int32_t values[] = {1, 2, 3, 4, 5, 6};
    uint64_t validity = 0x2D; /* rows 0, 2, 3, 5 */
    struct sl_column column = {"n", sl_type_of(SL_TYPE_INT)};
    struct sl_schema schema = {1, &column};
    struct sl_vector vector = {.type = column.type,
                               .physical = SL_W4,
                               .capacity = 6,
                               .validity = &validity,
                               .data = values};
    const struct sl_batch all = {
        .schema = &schema, .columns = &vector, .row_count = 6, .selected_count = 6};
    uint16_t storage[SL_BATCH_ROWS_MAX];
    struct predicate is_null;
    struct predicate is_not_null;
    struct predicate above;
    int32_t limit = 3;
    make_null_test(&is_null, 0, &column.type, "IS_NULL(INT)");
    make_null_test(&is_not_null, 0, &column.type, "IS_NOT_NULL(INT)");
    make_compare(&above, 0, &column.type, (struct sl_constant){false, (char *)&limit, 4}, "GE");
    struct sl_batch batch = all;
    sl_predicate_apply(&is_null.expr, 1, &batch, storage);
    assert_selected(&batch, (const uint16_t[]){1, 4}, 2);
    batch = all;
    sl_predicate_apply(&is_not_null.expr, 1, &batch, storage);
    assert_selected(&batch, (const uint16_t[]){0, 2, 3, 5}, 4);
    batch = all;
    struct sl_expr both[] = {above.expr, is_not_null.expr, above.expr};
    sl_predicate_apply(both, 3, &batch, storage);
    assert_selected(&batch, (const uint16_t[]){2, 3, 5}, 3);
    batch = all;
    struct sl_expr never[] = {above.expr, is_null.expr};
    sl_predicate_apply(never, 2, &batch, storage);
    assert_int_equal(batch.selected_count, 0);
    vector.validity = NULL;
    batch = all;
    sl_predicate_apply(&is_not_null.expr, 1, &batch, storage);
    assert_null(batch.selection);
    assert_int_equal(batch.selected_count, 6);
    sl_predicate_apply(&is_null.expr, 1, &batch, storage);
    assert_int_equal(batch.selected_count, 0);
}

static void test_const_column(void **state)
{
    (void)state;
    int64_t value = 10;
    uint64_t none = 0;
    struct sl_column column = {"n", sl_type_of(SL_TYPE_BIGINT)};
    struct sl_schema schema = {1, &column};
    struct sl_vector vector = {.type = column.type,
                               .physical = SL_W8,
                               .encoding = SL_CONST,
                               .capacity = 1,
                               .data = &value};
    uint16_t storage[SL_BATCH_ROWS_MAX] = {1, 3};
    struct sl_batch all = {.schema = &schema,
                           .columns = &vector,
                           .row_count = 5,
                           .selection = storage,
                           .selected_count = 2};
    struct predicate predicate;
    struct sl_constant ten = {false, (char *)&value, 8};
    make_compare(&predicate, 0, &column.type, ten, "EQ");
    struct sl_batch batch = all;
    sl_predicate_apply(&predicate.expr, 1, &batch, storage);
    assert_selected(&batch, (const uint16_t[]){1, 3}, 2);
    vector.validity = &none;
    sl_predicate_apply(&predicate.expr, 1, &batch, storage);
    assert_int_equal(batch.selected_count, 0);
    vector.validity = NULL;
    batch = all;
    make_compare(&predicate, 0, &column.type, (struct sl_constant){true, NULL, 0}, "NE");
    sl_predicate_apply(&predicate.expr, 1, &batch, storage);
    assert_int_equal(batch.selected_count, 0);
}

static void test_is_simple(void **state)
{
    (void)state;
    struct predicate predicate;
    struct sl_type type = sl_type_decimal(10, 2);
    struct sl_constant constant = {false, "12345678", 8};
    make_compare(&predicate, 0, &type, constant, "GT");
    assert_true(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[2].function = "GT";
    assert_true(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[2].function = "GTX(INT)";
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[2].function = "PLUS(INT,INT)";
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[2].function = "G";
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[2].function = "GT(A,B)";
    predicate.steps[1].type = sl_type_decimal(10, 3);
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].type = sl_type_decimal(12, 2);
    assert_true(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].type = sl_type_decimal(30, 2);
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].type = type;
    predicate.arguments[1] = 0;
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.arguments[1] = 1;
    predicate.steps[1].kind = SL_STEP_COLUMN;
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].kind = SL_STEP_CONSTANT;
    predicate.steps[0].kind = SL_STEP_CONSTANT;
    assert_false(sl_predicate_is_simple(&predicate.expr));
    struct sl_type bytes = sl_type_of(SL_TYPE_VARBINARY);
    make_compare(&predicate, 0, &bytes, constant, "EQ");
    assert_false(sl_predicate_is_simple(&predicate.expr));
    struct sl_type moment = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    make_compare(&predicate, 0, &moment, constant, "EQ");
    predicate.steps[1].type.precision = 6;
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].type.precision = 0;
    assert_true(sl_predicate_is_simple(&predicate.expr));
    make_null_test(&predicate, 0, &bytes, "IS_NULL(VARBINARY)");
    assert_true(sl_predicate_is_simple(&predicate.expr));
    predicate.steps[1].function = "NOT(BOOLEAN)";
    assert_false(sl_predicate_is_simple(&predicate.expr));
    predicate.expr.step_count = 1;
    assert_false(sl_predicate_is_simple(&predicate.expr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_null_tests_and_conjuncts),
        cmocka_unit_test(test_const_column),
        cmocka_unit_test(test_is_simple),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
