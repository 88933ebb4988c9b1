/* SPDX-License-Identifier: Apache-2.0
 *
 * Values as JSON and as text. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "sluice/json.h"
#include "sluice/value.h"
#include "support_batch.h"

/* Both spellings of one value; the text is skipped when expected is NULL. */
static void assert_spelling(const struct sl_vector *vector, uint32_t row, const char *json,
                            const char *bare)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_value_append_json(&text, vector, row);
    sl_text_append_char(&text, '\0');
    assert_string_equal(text.data, json);
    sl_text_reset(&text);
    sl_value_append_text(&text, vector, row);
    sl_text_append_char(&text, '\0');
    assert_string_equal(text.data, bare);
    sl_text_deinit(&text);
}

static void assert_scalar(struct sl_type type, const void *data, const char *json, const char *bare)
{
    char copy[16];
    memcpy(copy, data, sl_physical_width(sl_type_physical(&type)));
    _Alignas(16) char aligned[16];
    memcpy(aligned, copy, sizeof copy);
    struct sl_vector vector = {.type = type,
                               .physical = sl_type_physical(&type),
                               .encoding = SL_CONST,
                               .capacity = 1,
                               .data = aligned};
    assert_spelling(&vector, 5, json, bare);
    uint64_t none = 0;
    vector.validity = &none;
    assert_spelling(&vector, 5, "null", "");
}

static void assert_int(struct sl_type type, int64_t value, const char *json, const char *bare)
{
    sl_int128 wide = value;
    assert_scalar(type, &wide, json, bare);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_int(sl_type_of(SL_TYPE_BOOLEAN), 1, "true", "true");
    assert_int(sl_type_of(SL_TYPE_BOOLEAN), 0, "false", "false");
    assert_int(sl_type_of(SL_TYPE_TINYINT), -128, "-128", "-128");
    assert_int(sl_type_of(SL_TYPE_SMALLINT), -32768, "-32768", "-32768");
    assert_int(sl_type_of(SL_TYPE_INT), INT32_MIN, "-2147483648", "-2147483648");
    assert_int(sl_type_of(SL_TYPE_BIGINT), INT64_MIN, "-9223372036854775808",
               "-9223372036854775808");
    assert_int(sl_type_decimal(10, 2), -1250, "-12.50", "-12.50");
    assert_int(sl_type_decimal(30, 4), 5, "0.0005", "0.0005");
    assert_int(sl_type_of(SL_TYPE_NULL), 0, "null", "");
    assert_scalar(sl_type_of(SL_TYPE_DOUBLE), &(double){25}, "25.0", "25.0");
    assert_scalar(sl_type_of(SL_TYPE_DOUBLE), &(double){(double)NAN}, "null", "NaN");
    assert_scalar(sl_type_of(SL_TYPE_DOUBLE), &(double){-(double)INFINITY}, "null", "-Infinity");
    assert_scalar(sl_type_of(SL_TYPE_FLOAT), &(float){0.1f}, "0.1", "0.1");
    assert_scalar(sl_type_of(SL_TYPE_FLOAT), &(float){INFINITY}, "null", "Infinity");
}

static void test_times(void **state)
{
    (void)state;
    const int64_t moment_ms = INT64_C(1795298400123); /* 2026-11-21 22:00:00.123 */
    assert_int(sl_type_of(SL_TYPE_DATE), 20778, "\"2026-11-21\"", "2026-11-21");
    assert_int(sl_type_of(SL_TYPE_TIME), 79200000, "\"22:00:00\"", "22:00:00");
    assert_int(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3), moment_ms, "\"2026-11-21 22:00:00.123\"",
               "2026-11-21 22:00:00.123");
    assert_int(sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3), moment_ms,
               "\"2026-11-21 22:00:00.123Z\"", "2026-11-21 22:00:00.123Z");
    assert_int(sl_type_timestamp(SL_TYPE_TIMESTAMP, 6), moment_ms * 1000,
               "\"2026-11-21 22:00:00.123000\"", "2026-11-21 22:00:00.123000");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_YEAR_MONTH), 14, "\"+1-02\"", "+1-02");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_YEAR_MONTH), -3, "\"-0-03\"", "-0-03");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_YEAR_MONTH), INT32_MIN, "\"-178956970-08\"",
               "-178956970-08");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_DAY_TIME), 5000, "\"+0 00:00:05.000\"",
               "+0 00:00:05.000");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_DAY_TIME), -90061001, "\"-1 01:01:01.001\"",
               "-1 01:01:01.001");
    assert_int(sl_type_of(SL_TYPE_INTERVAL_DAY_TIME), INT64_MIN, "\"-106751991167 07:12:55.808\"",
               "-106751991167 07:12:55.808");
}

static void test_strings(void **state)
{
    (void)state;
    struct sl_type bytes = sl_type_of(SL_TYPE_VARBINARY);
    struct sl_view view = sl_view_of("say \"hi\"\n", 9);
    assert_scalar(sl_type_string(), &view, "\"say \\\"hi\\\"\\n\"", "say \"hi\"\n");
    view = sl_view_of("", 0);
    assert_scalar(sl_type_string(), &view, "\"\"", "");
    assert_scalar(bytes, &view, "\"\"", "");
    static const char *const BASE64[][2] = {{"f", "Zg=="},           {"fo", "Zm8="},
                                            {"foo", "Zm9v"},         {"foob", "Zm9vYg=="},
                                            {"fooba", "Zm9vYmE="},   {"foobar", "Zm9vYmFy"},
                                            {"\xFF\xFE\xFD", "//79"}};
    for (uint32_t i = 0; i < SL_COUNT_OF(BASE64); i++) {
        char json[16];
        snprintf(json, sizeof json, "\"%s\"", BASE64[i][1]);
        view = sl_view_of(BASE64[i][0], strlen(BASE64[i][0]));
        assert_scalar(bytes, &view, json, BASE64[i][1]);
    }
}

static void test_nested(void **state)
{
    (void)state;
    struct sl_error err;
    struct sl_batch_builder builder;
    const struct sl_schema *schema = support_wide_schema();
    assert_int_equal(sl_batch_builder_init(&builder, schema, 2, NULL, &err), SL_OK);
    struct sl_vector *list = &builder.batch.columns[sl_schema_find(schema, "list")];
    struct sl_vector *map = &builder.batch.columns[sl_schema_find(schema, "map")];
    struct sl_vector *record = &builder.batch.columns[sl_schema_find(schema, "record")];
    assert_spelling(list, 0, "[]", "[]");
    assert_spelling(map, 0, "{}", "{}");
    assert_int_equal(sl_vector_reserve_elements(list, 2, &builder.strings, &err), SL_OK);
    assert_int_equal(sl_vector_reserve_elements(map, 2, &builder.strings, &err), SL_OK);
    ((struct sl_view *)list->children[0].data)[0] = sl_view_of("a", 1);
    sl_vector_set_null(&list->children[0], 1);
    ((uint32_t *)list->data)[1] = 2;
    ((uint32_t *)list->data)[2] = 2;
    assert_spelling(list, 0, "[\"a\",null]", "[\"a\",null]");
    ((struct sl_view *)map->children[0].data)[0] = sl_view_of("k\"", 2);
    sl_vector_set_null(&map->children[0], 1);
    ((int64_t *)map->children[1].data)[0] = 7;
    sl_vector_set_null(&map->children[1], 1);
    ((uint32_t *)map->data)[1] = 2;
    assert_spelling(map, 0, "{\"k\\\"\":7,\"\":null}", "{\"k\\\"\":7,\"\":null}");
    ((int32_t *)record->children[0].data)[1] = 3;
    sl_vector_set_null(&record->children[1], 1);
    assert_spelling(record, 1, "{\"a\":3,\"b\":null,\"c\":[]}", "{\"a\":3,\"b\":null,\"c\":[]}");
    sl_batch_builder_deinit(&builder);
}

/* Random values of every type give JSON that our reader takes. */
static void test_well_formed(void **state)
{
    (void)state;
    enum { ROWS = 100 };
    struct sl_error err;
    struct sl_batch_builder builder;
    struct sl_text text;
    const struct sl_schema *schema = support_wide_schema();
    uint64_t seed = 41;
    sl_text_init(&text, NULL, 0);
    assert_int_equal(sl_batch_builder_init(&builder, schema, ROWS, NULL, &err), SL_OK);
    support_fill(&builder, ROWS, &seed);
    for (uint32_t i = 0; i < schema->column_count * ROWS; i++) {
        struct sl_json_reader reader;
        struct sl_json_token token;
        enum sl_json_kind kind;
        sl_text_reset(&text);
        sl_value_append_json(&text, &builder.batch.columns[i / ROWS], i % ROWS);
        sl_json_reader_init(&reader, text.data, text.length, 64);
        do {
            kind = sl_json_next(&reader, &token);
        } while (kind != SL_JSON_END && kind != SL_JSON_ERROR);
        assert_int_equal(kind, SL_JSON_END);
    }
    sl_text_deinit(&text);
    sl_batch_builder_deinit(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_times),
        cmocka_unit_test(test_strings),     cmocka_unit_test(test_nested),
        cmocka_unit_test(test_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
