/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as encoded rows of a schema that the first byte chooses: a row is refused, or is one
 * whose encoding reads back as the same row. */
#include "sluice/row.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 64, COLUMNS = 8, SCHEMAS = 3 };

static const struct sl_type_field numbers[] = {{"", {.id = SL_TYPE_INT, .nullable = true}}};
static const struct sl_type_field pairs[] = {
    {"", {.id = SL_TYPE_VARCHAR, .nullable = false, .length = SL_LENGTH_MAX}},
    {"", {.id = SL_TYPE_DOUBLE, .nullable = true}}};
static const struct sl_type_field fields[] = {
    {"a", {.id = SL_TYPE_SMALLINT, .nullable = true}},
    {"b", {.id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = numbers}}};

static const struct sl_column columns[SCHEMAS][COLUMNS] = {
    {{"a", {.id = SL_TYPE_BIGINT, .nullable = true}},
     {"b", {.id = SL_TYPE_VARCHAR, .nullable = true, .length = SL_LENGTH_MAX}},
     {"c", {.id = SL_TYPE_DOUBLE, .nullable = true}},
     {"d", {.id = SL_TYPE_DECIMAL, .nullable = true, .precision = 38, .scale = 10}},
     {"e", {.id = SL_TYPE_BOOLEAN, .nullable = false}},
     {"f", {.id = SL_TYPE_FLOAT, .nullable = true}},
     {"g", {.id = SL_TYPE_VARBINARY, .nullable = false, .length = SL_LENGTH_MAX}},
     {"h", {.id = SL_TYPE_TIMESTAMP, .nullable = true, .precision = 3}}},
    {{"a", {.id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = numbers}},
     {"b", {.id = SL_TYPE_MAP, .nullable = true, .field_count = 2, .fields = pairs}},
     {"c", {.id = SL_TYPE_ROW, .nullable = true, .field_count = 2, .fields = fields}},
     {"d", {.id = SL_TYPE_TINYINT, .nullable = true}}},
    {{"a", {.id = SL_TYPE_VARCHAR, .nullable = false, .length = 3}}},
};
static const struct sl_schema schemas[SCHEMAS] = {
    {8, columns[0]}, {4, columns[1]}, {1, columns[2]}};

/* Decodes what was encoded and encodes it again. */
static void check_again(const struct sl_schema *schema, const struct sl_text *encoded)
{
    static const uint32_t all[COLUMNS] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct sl_batch_builder builder;
    struct sl_text again;
    struct sl_error err = {0};
    size_t used = 0;
    sl_text_init(&again, NULL, 0);
    SL_ASSERT(sl_batch_builder_init(&builder, schema, 1, NULL, &err) == SL_OK);
    SL_ASSERT(sl_row_decode(&builder, encoded->data, encoded->length, &used, &err) == SL_OK);
    SL_ASSERT(used == encoded->length && builder.batch.row_count == 1);
    sl_row_encode(&again, &builder.batch, all, schema->column_count, 0);
    SL_ASSERT(again.length == encoded->length);
    SL_ASSERT(memcmp(again.data, encoded->data, again.length) == 0);
    sl_batch_builder_deinit(&builder);
    sl_text_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t all[COLUMNS] = {0, 1, 2, 3, 4, 5, 6, 7};
    if (size == 0) {
        return 0;
    }
    const struct sl_schema *schema = &schemas[data[0] % SCHEMAS];
    const char *at = (const char *)data + 1;
    size_t left = size - 1;
    struct sl_account account = {.name = "fuzz", .limit_bytes = 256 << 20};
    struct sl_batch_builder builder;
    struct sl_error err = {0};
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    SL_ASSERT(sl_batch_builder_init(&builder, schema, ROWS_MAX, &account, &err) == SL_OK);
    enum sl_status status = SL_OK;
    while (status == SL_OK && left > 0 && builder.batch.row_count < ROWS_MAX) {
        const uint32_t row = builder.batch.row_count;
        size_t used = 0;
        status = sl_row_decode(&builder, at, left, &used, &err);
        if (status != SL_OK) {
            SL_ASSERT(err.text[0] != '\0');
            break;
        }
        SL_ASSERT(used <= left && builder.batch.row_count == row + 1);
        sl_text_reset(&text);
        sl_row_encode(&text, &builder.batch, all, schema->column_count, row);
        check_again(schema, &text);
        at += used;
        left -= used;
    }
    sl_batch_builder_deinit(&builder);
    sl_text_deinit(&text);
    SL_ASSERT(sl_account_used(&account) == 0);
    return 0;
}
