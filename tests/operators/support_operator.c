/* SPDX-License-Identifier: Apache-2.0
 *
 * An environment for operators, and batches from and to text. */
#include "support_operator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/datetime.h"
#include "sluice/decimal.h"
#include "sluice/text.h"

#include "operators/room.h"

void support_open(struct support *support)
{
    memset(support, 0, sizeof *support);
    support->account.name = "test";
    sl_arena_init(&support->arena, NULL, 0);
    support->builtins.functions = op_function_lists;
    support->builtins.operators = op_operators;
    support->builtins.aggregates = op_aggregates;
    sl_catalog_init(&support->catalog, &support->builtins, NULL);
    support->metrics = sl_metric_set_create(NULL);
    support->now_us = 1000000;
    support->clock = sl_clock_fake(&support->now_us);
    support->plan.version = SL_PLAN_VERSION;
    support->plan.name = "test";
    support->plan.settings.items = support->settings;
    support->plan.nodes = &support->node;
    support->plan.node_count = 1;
    support->node.params = support->params;
    support->node.rowtime = -1;
    support->node.placement = "cpu";
    support->node.placement_reason = "";
    support->env = (struct sl_env){
        .plan = &support->plan,
        .node = &support->node,
        .catalog = &support->catalog,
        .inputs = support->inputs,
        .worker_count = 1,
        .batch_rows = SL_BATCH_ROWS_MAX,
        .account = &support->account,
        .arena = &support->arena,
        .clock = &support->clock,
        .metrics = support->metrics,
        .label = "test[0]",
        .states = support->states,
        .restored_watermark = INT64_MIN,
    };
}

void support_close(struct support *support)
{
    for (uint32_t idx = 0; idx < support->node.state_count; ++idx) {
        sl_state_table_destroy(support->states[idx]);
    }
    sl_metric_set_destroy(support->metrics);
    sl_catalog_deinit(&support->catalog);
    sl_arena_deinit(&support->arena);
    assert_int_equal(sl_account_used(&support->account), 0);
}

void support_set(struct support *support, const char *key, const char *value)
{
    assert_true(support->plan.settings.count < SUPPORT_SETTINGS_MAX);
    support->settings[support->plan.settings.count++] =
        (struct sl_option){.name = key, .value = value};
}

static const struct {
    const char *name;
    enum sl_type_id id;
} type_names[] = {
    {"BOOLEAN", SL_TYPE_BOOLEAN},
    {"TINYINT", SL_TYPE_TINYINT},
    {"SMALLINT", SL_TYPE_SMALLINT},
    {"INT", SL_TYPE_INT},
    {"BIGINT", SL_TYPE_BIGINT},
    {"FLOAT", SL_TYPE_FLOAT},
    {"DOUBLE", SL_TYPE_DOUBLE},
    {"DECIMAL", SL_TYPE_DECIMAL},
    {"CHAR", SL_TYPE_CHAR},
    {"VARCHAR", SL_TYPE_VARCHAR},
    {"STRING", SL_TYPE_VARCHAR},
    {"BINARY", SL_TYPE_BINARY},
    {"VARBINARY", SL_TYPE_VARBINARY},
    {"BYTES", SL_TYPE_VARBINARY},
    {"DATE", SL_TYPE_DATE},
    {"TIME", SL_TYPE_TIME},
    {"TIMESTAMP", SL_TYPE_TIMESTAMP},
    {"TIMESTAMP_LTZ", SL_TYPE_TIMESTAMP_LTZ},
    {"INTERVAL_YEAR_MONTH", SL_TYPE_INTERVAL_YEAR_MONTH},
    {"INTERVAL_DAY_TIME", SL_TYPE_INTERVAL_DAY_TIME},
};

struct sl_type support_type(struct support *support, const char *text)
{
    const size_t length = strcspn(text, "( ");
    (void)support;
    for (size_t idx = 0; idx < SL_COUNT_OF(type_names); ++idx) {
        if (strlen(type_names[idx].name) != length ||
            strncmp(type_names[idx].name, text, length) != 0) {
            continue;
        }
        struct sl_type type = sl_type_of(type_names[idx].id);
        unsigned first = 0;
        unsigned second = 0;
        const int count = sscanf(text + length, "(%u,%u)", &first, &second);
        if (count >= 1 && type.id == SL_TYPE_DECIMAL) {
            type = sl_type_decimal(first, second);
        } else if (count >= 1 && (sl_type_is_timestamp(type.id) || type.id == SL_TYPE_TIME)) {
            type.precision = (uint8_t)first;
        } else if (count >= 1) {
            type.length = first;
        }
        type.nullable = strstr(text, "NOT NULL") == NULL;
        return type;
    }
    fail_msg("unknown type '%s'", text);
    abort();
}

struct sl_schema *support_schema(struct support *support, const char *text)
{
    struct sl_schema *schema = SL_ARENA_NEW(&support->arena, struct sl_schema);
    struct sl_column *columns = SL_ARENA_ARRAY(&support->arena, struct sl_column, 64);
    schema->columns = columns;
    while (*text != '\0') {
        const char *end = text;
        for (int depth = 0; *end != '\0' && (*end != ',' || depth > 0); ++end) {
            depth += (*end == '(') - (*end == ')');
        }
        const char *column = sl_arena_copy(&support->arena, text, (size_t)(end - text));
        const size_t name_length = strcspn(column, " ");
        columns[schema->column_count].name = sl_arena_copy(&support->arena, column, name_length);
        columns[schema->column_count].type = support_type(support, column + name_length + 1);
        schema->column_count++;
        text = end + (*end == ',');
        text += strspn(text, " ");
    }
    return schema;
}

static void put_bytes(struct sl_vector *vector, uint32_t row, const void *value)
{
    const size_t width = sl_physical_width(vector->physical);
    memcpy((char *)vector->data + row * width, value, width);
}

static bool parse_integer(struct sl_vector *vector, uint32_t row, const char *text, size_t length)
{
    int64_t value;
    if (!sl_parse_int64(text, length, &value)) {
        return false;
    }
    put_bytes(vector, row, &value); /* little-endian: the low bytes come first */
    return true;
}

static bool parse_float(struct sl_vector *vector, uint32_t row, const char *text, size_t length)
{
    double value;
    if (!sl_parse_double(text, length, &value)) {
        return false;
    }
    const float narrow = (float)value;
    put_bytes(vector, row, vector->physical == SL_W4 ? (const void *)&narrow : &value);
    return true;
}

static bool parse_cell(struct support *support, struct sl_vector *vector, uint32_t row,
                       const char *text, size_t length)
{
    const struct sl_type *type = &vector->type;
    sl_int128 decimal;
    int64_t timestamp;
    int32_t days;
    bool boolean;
    switch (type->id) {
    case SL_TYPE_BOOLEAN:
        return sl_parse_bool(text, length, &boolean) &&
               (put_bytes(vector, row, &(uint8_t){boolean}), true);
    case SL_TYPE_FLOAT:
    case SL_TYPE_DOUBLE:
        return parse_float(vector, row, text, length);
    case SL_TYPE_DECIMAL:
        return sl_decimal_parse(text, length, type->precision, type->scale, &decimal) &&
               (put_bytes(vector, row, &decimal), true);
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        ((struct sl_view *)vector->data)[row] =
            sl_view_of(sl_arena_copy(&support->arena, text, length), length);
        return true;
    case SL_TYPE_DATE:
        return sl_date_parse(text, length, &days) && (put_bytes(vector, row, &days), true);
    case SL_TYPE_TIME:
        return sl_time_parse(text, length, &days) && (put_bytes(vector, row, &days), true);
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return sl_timestamp_parse(text, length, type->precision, &timestamp, NULL) &&
               (put_bytes(vector, row, &timestamp), true);
    default:
        return parse_integer(vector, row, text, length);
    }
}

static void put_cell(struct support *support, struct sl_vector *vector, uint32_t row,
                     const char *text, size_t length)
{
    if (length == 4 && memcmp(text, "NULL", 4) == 0) {
        assert_int_equal(sl_vector_ensure_validity(vector, &support->arena, &support->err), SL_OK);
        sl_bitmap_clear(vector->validity, row);
        return;
    }
    if (!parse_cell(support, vector, row, text, length)) {
        fail_msg("'%.*s' is no value of the column's type", (int)length, text);
    }
}

static enum sl_row_kind kind_of(const char **row)
{
    for (unsigned kind = SL_INSERT; kind <= SL_DELETE; ++kind) {
        if (strncmp(*row, sl_row_kind_text((enum sl_row_kind)kind), 2) == 0 && (*row)[2] == ' ') {
            *row += 3;
            return (enum sl_row_kind)kind;
        }
    }
    return SL_INSERT;
}

/* Not strcspn, which the address sanitizer has measure all the text that follows. */
static size_t cell_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0' && text[length] != '|' && text[length] != '\n') {
        length++;
    }
    return length;
}

static void put_row(struct support *support, struct sl_batch *batch, uint32_t row, const char *text)
{
    const enum sl_row_kind kind = kind_of(&text);
    if (kind != SL_INSERT && batch->kinds == NULL) {
        batch->kinds = SL_ARENA_ARRAY(&support->arena, uint8_t, batch->row_count);
    }
    if (batch->kinds != NULL) {
        batch->kinds[row] = (uint8_t)kind;
    }
    for (uint32_t idx = 0; idx < batch->schema->column_count; ++idx) {
        const size_t length = cell_length(text);
        put_cell(support, &batch->columns[idx], row, text, length);
        text += length + (text[length] == '|');
    }
}

struct sl_batch *support_batch(struct support *support, const struct sl_schema *schema,
                               const char *rows)
{
    struct sl_batch *batch = SL_ARENA_NEW(&support->arena, struct sl_batch);
    batch->schema = schema;
    batch->columns = SL_ARENA_ARRAY(&support->arena, struct sl_vector, schema->column_count);
    for (const char *at = rows; *at != '\0'; ++at) {
        batch->row_count += *at == '\n' || at[1] == '\0';
    }
    batch->selected_count = batch->row_count;
    for (uint32_t idx = 0; idx < schema->column_count; ++idx) {
        assert_int_equal(sl_vector_init(&batch->columns[idx], &schema->columns[idx].type,
                                        SL_MAX(batch->row_count, 1u), &support->arena,
                                        &support->err),
                         SL_OK);
    }
    for (uint32_t row = 0; row < batch->row_count; ++row) {
        put_row(support, batch, row, rows);
        rows += strcspn(rows, "\n");
        rows += *rows == '\n';
    }
    return batch;
}

void support_select(struct support *support, struct sl_batch *batch, const char *rows)
{
    batch->selection = SL_ARENA_ARRAY(&support->arena, uint16_t, batch->row_count + 1);
    batch->selected_count = 0;
    for (char *end; *rows != '\0'; rows = end + (*end == ' ')) {
        batch->selection[batch->selected_count++] = (uint16_t)strtoul(rows, &end, 10);
    }
}

static int64_t get_integer(const struct sl_vector *vector, uint32_t idx)
{
    switch (vector->physical) {
    case SL_W1:
        return ((const int8_t *)vector->data)[idx];
    case SL_W2:
        return ((const int16_t *)vector->data)[idx];
    case SL_W4:
        return ((const int32_t *)vector->data)[idx];
    default:
        return ((const int64_t *)vector->data)[idx];
    }
}

static void append_value(struct sl_text *text, const struct sl_vector *vector, uint32_t idx)
{
    const struct sl_type *type = &vector->type;
    char buffer[64];
    switch (type->id) {
    case SL_TYPE_BOOLEAN:
        sl_text_append_string(text, ((const uint8_t *)vector->data)[idx] ? "true" : "false");
        return;
    case SL_TYPE_FLOAT:
        sl_text_append_float(text, ((const float *)vector->data)[idx]);
        return;
    case SL_TYPE_DOUBLE:
        sl_text_append_double(text, ((const double *)vector->data)[idx]);
        return;
    case SL_TYPE_DECIMAL: {
        const sl_int128 value = vector->physical == SL_W8 ? get_integer(vector, idx)
                                                          : ((const sl_int128 *)vector->data)[idx];
        sl_text_append(text, buffer, sl_decimal_format(value, type->scale, buffer));
        return;
    }
    case SL_TYPE_DATE:
        sl_text_append(text, buffer, sl_date_format((int32_t)get_integer(vector, idx), buffer));
        return;
    case SL_TYPE_TIME:
        sl_text_append(text, buffer,
                       sl_time_format((int32_t)get_integer(vector, idx), type->precision, buffer));
        return;
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        sl_text_append(text, buffer,
                       sl_timestamp_format(get_integer(vector, idx), type->precision,
                                           SL_DATETIME_SQL, false, buffer));
        return;
    default:
        break;
    }
    if (vector->physical == SL_VIEW) {
        const struct sl_view *view = &((const struct sl_view *)vector->data)[idx];
        sl_text_append(text, sl_view_data(view), view->length);
    } else {
        sl_text_append_int64(text, get_integer(vector, idx));
    }
}

static const char *finish(struct support *support, struct sl_text *text)
{
    assert_false(text->failed);
    const char *string = sl_arena_copy(&support->arena, text->data, text->length);
    sl_text_deinit(text);
    return string;
}

const char *support_value(struct support *support, const struct sl_vector *vector, uint32_t row)
{
    struct sl_text text;
    if (!sl_vector_is_valid(vector, row)) {
        return "NULL";
    }
    sl_text_init(&text, NULL, 0);
    append_value(&text, vector, sl_vector_index(vector, row));
    return finish(support, &text);
}

const char *support_rows(struct support *support, const struct sl_batch *batch)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (uint32_t idx = 0; batch != NULL && idx < batch->selected_count; ++idx) {
        const uint32_t row = sl_batch_row(batch, idx);
        const enum sl_row_kind kind = sl_batch_kind(batch, row);
        if (kind != SL_INSERT) {
            sl_text_append_string(&text, sl_row_kind_text(kind));
            sl_text_append_char(&text, ' ');
        }
        for (uint32_t column = 0; column < batch->schema->column_count; ++column) {
            sl_text_append_string(&text, column == 0 ? "" : "|");
            sl_text_append_string(&text, support_value(support, &batch->columns[column], row));
        }
        sl_text_append_char(&text, '\n');
    }
    return finish(support, &text);
}

struct sl_param *support_param(struct support *support, const char *name, enum sl_param_kind kind)
{
    assert_true(support->node.param_count < SUPPORT_PARAMS_MAX);
    struct sl_param *param = &support->params[support->node.param_count++];
    *param = (struct sl_param){.name = name, .kind = kind};
    return param;
}

void support_node(struct support *support, const char *kind, const struct sl_schema *input,
                  const struct sl_schema *output)
{
    support->node.kind = kind;
    support->node.param_count = 0;
    support->node.schema = *output;
    support->inputs[0] = input;
    support->env.input_count = 1;
}

void support_states(struct support *support, const struct sl_state_def *states, uint32_t count)
{
    support->node.states = states;
    support->node.state_count = count;
    for (uint32_t idx = 0; idx < count; ++idx) {
        assert_int_equal(
            sl_state_table_create(&states[idx], NULL, &support->states[idx], &support->err), SL_OK);
    }
}
