/* SPDX-License-Identifier: Apache-2.0
 *
 * Types: defaults, physical kinds, equality, deep copies and SQL spelling. */
#include "sluice/type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_physical(void **state)
{
    (void)state;
    static const struct {
        enum sl_type_id id;
        enum sl_physical physical;
        uint32_t width;
    } ROWS[] = {
        {SL_TYPE_BOOLEAN, SL_W1, 1},    {SL_TYPE_TINYINT, SL_W1, 1},
        {SL_TYPE_SMALLINT, SL_W2, 2},   {SL_TYPE_INT, SL_W4, 4},
        {SL_TYPE_FLOAT, SL_W4, 4},      {SL_TYPE_DATE, SL_W4, 4},
        {SL_TYPE_TIME, SL_W4, 4},       {SL_TYPE_INTERVAL_YEAR_MONTH, SL_W4, 4},
        {SL_TYPE_BIGINT, SL_W8, 8},     {SL_TYPE_DOUBLE, SL_W8, 8},
        {SL_TYPE_TIMESTAMP, SL_W8, 8},  {SL_TYPE_TIMESTAMP_LTZ, SL_W8, 8},
        {SL_TYPE_DECIMAL, SL_W8, 8},    {SL_TYPE_INTERVAL_DAY_TIME, SL_W8, 8},
        {SL_TYPE_CHAR, SL_VIEW, 16},    {SL_TYPE_VARCHAR, SL_VIEW, 16},
        {SL_TYPE_BINARY, SL_VIEW, 16},  {SL_TYPE_VARBINARY, SL_VIEW, 16},
        {SL_TYPE_ARRAY, SL_LIST, 8},    {SL_TYPE_MAP, SL_LIST, 8},
        {SL_TYPE_MULTISET, SL_LIST, 8}, {SL_TYPE_ROW, SL_STRUCT, 0},
    };
    for (size_t i = 0; i < SL_COUNT_OF(ROWS); i++) {
        struct sl_type type = sl_type_of(ROWS[i].id);
        assert_true(type.nullable);
        assert_int_equal(sl_type_physical(&type), ROWS[i].physical);
        assert_int_equal(sl_physical_width(ROWS[i].physical), ROWS[i].width);
    }
    struct sl_type narrow = sl_type_decimal(18, 4);
    struct sl_type wide = sl_type_decimal(19, 4);
    assert_int_equal(sl_type_physical(&narrow), SL_W8);
    assert_int_equal(sl_type_physical(&wide), SL_W16);
}

static void test_format(void **state)
{
    (void)state;
    struct sl_type_field row_fields[] = {
        {"a", sl_type_not_null(sl_type_of(SL_TYPE_INT))},
        {"b`c", sl_type_string()},
    };
    struct sl_type row = sl_type_of(SL_TYPE_ROW);
    row.field_count = 2;
    row.fields = row_fields;
    struct sl_type_field map_fields[] = {{"", sl_type_string()}, {"", row}};
    struct sl_type map = sl_type_of(SL_TYPE_MAP);
    map.field_count = 2;
    map.fields = map_fields;
    struct sl_type varchar = sl_type_of(SL_TYPE_VARCHAR);
    varchar.length = 7;
    const struct {
        struct sl_type type;
        const char *text;
    } rows[] = {
        {sl_type_decimal(10, 2), "DECIMAL(10, 2)"},
        {sl_type_of(SL_TYPE_DECIMAL), "DECIMAL(10, 0)"},
        {sl_type_not_null(sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3)),
         "TIMESTAMP_LTZ(3) NOT NULL"},
        {sl_type_of(SL_TYPE_TIMESTAMP), "TIMESTAMP(6)"},
        {sl_type_of(SL_TYPE_TIME), "TIME(0)"},
        {sl_type_string(), "STRING"},
        {varchar, "VARCHAR(7)"},
        {sl_type_of(SL_TYPE_VARBINARY), "BYTES"},
        {sl_type_of(SL_TYPE_CHAR), "CHAR(1)"},
        {sl_type_of(SL_TYPE_NULL), "NULL"},
        {sl_type_of(SL_TYPE_INTERVAL_DAY_TIME), "INTERVAL DAY TO SECOND"},
        {row, "ROW<`a` INT NOT NULL, `b``c` STRING>"},
        {map, "MAP<STRING, ROW<`a` INT NOT NULL, `b``c` STRING>>"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(rows); i++) {
        char text[SL_TYPE_TEXT_BYTES];
        assert_string_equal(sl_type_format(&rows[i].type, text, sizeof(text)), rows[i].text);
        char small[6];
        assert_true(strlen(sl_type_format(&rows[i].type, small, sizeof(small))) <= 5);
        assert_memory_equal(small, rows[i].text, strlen(small));
    }
}

static void test_equal_and_copy(void **state)
{
    (void)state;
    char name[] = "a";
    struct sl_type_field field = {name, sl_type_of(SL_TYPE_INT)};
    struct sl_type row = sl_type_of(SL_TYPE_ROW);
    row.field_count = 1;
    row.fields = &field;
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    struct sl_type copy = sl_type_copy(&arena, &row);
    assert_true(sl_type_equal(&row, &copy, true));
    name[0] = 'b';
    assert_string_equal(copy.fields[0].name, "a");
    assert_false(sl_type_equal(&row, &copy, true));
    name[0] = 'a';
    field.type.nullable = false;
    assert_false(sl_type_equal(&row, &copy, true));
    assert_true(sl_type_equal(&row, &copy, false));
    struct sl_type a = sl_type_decimal(10, 2);
    struct sl_type b = sl_type_decimal(10, 3);
    assert_false(sl_type_equal(&a, &b, false));
    sl_arena_deinit(&arena);

    struct sl_account account = {.name = "tiny", .limit_bytes = 1};
    sl_arena_init(&arena, &account, 0);
    assert_int_equal(sl_type_copy(&arena, &row).id, SL_TYPE_NULL);
    sl_arena_deinit(&arena);
}

static void test_ticks(void **state)
{
    (void)state;
    static const int64_t TICKS[10] = {1000,    1000,    1000,       1000,       1000000,
                                      1000000, 1000000, 1000000000, 1000000000, 1000000000};
    for (uint32_t i = 0; i < 10; i++) {
        assert_true(sl_timestamp_ticks_per_second(i) == TICKS[i]);
    }
}

static void test_families(void **state)
{
    (void)state;
    for (int id = 0; id < SL_TYPE_COUNT; id++) {
        bool is_integer = id >= SL_TYPE_TINYINT && id <= SL_TYPE_BIGINT;
        bool is_other_number = id == SL_TYPE_DECIMAL || id == SL_TYPE_FLOAT || id == SL_TYPE_DOUBLE;
        enum sl_type_id type_id = (enum sl_type_id)id;
        assert_int_equal(sl_type_is_integer(type_id), is_integer);
        assert_int_equal(sl_type_is_numeric(type_id), is_integer || is_other_number);
        assert_int_equal(sl_type_is_string(type_id), id == SL_TYPE_CHAR || id == SL_TYPE_VARCHAR);
        assert_int_equal(sl_type_is_binary(type_id),
                         id == SL_TYPE_BINARY || id == SL_TYPE_VARBINARY);
        assert_int_equal(sl_type_is_timestamp(type_id),
                         id == SL_TYPE_TIMESTAMP || id == SL_TYPE_TIMESTAMP_LTZ);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_physical),       cmocka_unit_test(test_format),
        cmocka_unit_test(test_equal_and_copy), cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
