/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan node of one table without an engine. */
#include "support_connector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/value.h"
#include "support/wake.h"

/* ---- schemas ---- */

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
    {"STRING", SL_TYPE_VARCHAR},
    {"BYTES", SL_TYPE_VARBINARY},
    {"DATE", SL_TYPE_DATE},
    {"TIME", SL_TYPE_TIME},
    {"TIMESTAMP", SL_TYPE_TIMESTAMP},
    {"TIMESTAMP_LTZ", SL_TYPE_TIMESTAMP_LTZ},
    {"ARRAY", SL_TYPE_ARRAY},
    {"MAP", SL_TYPE_MAP},
    {"ROW", SL_TYPE_ROW},
};

static struct sl_type parse_type(struct support *support, const char **at);

static const char *parse_name(struct support *support, const char **at)
{
    size_t length = strcspn(*at, " <>,");
    const char *name = sl_arena_copy(&support->arena, *at, length);
    *at += length;
    *at += strspn(*at, " ");
    return name;
}

static void parse_fields(struct support *support, const char **at, struct sl_type *type)
{
    struct sl_type_field *fields = SL_ARENA_ARRAY(&support->arena, struct sl_type_field, 16);
    do {
        ++*at;
        *at += strspn(*at, " ");
        fields[type->field_count].name = type->id == SL_TYPE_ROW ? parse_name(support, at) : "";
        fields[type->field_count++].type = parse_type(support, at);
    } while (**at == ',');
    assert_int_equal(**at, '>');
    ++*at;
    type->fields = fields;
}

static struct sl_type parse_type(struct support *support, const char **at)
{
    size_t length = strcspn(*at, " (<>,");
    struct sl_type type = {.id = SL_TYPE_COUNT};
    for (size_t i = 0; i < SL_COUNT_OF(type_names); i++) {
        if (strlen(type_names[i].name) == length && strncmp(type_names[i].name, *at, length) == 0) {
            type = sl_type_of(type_names[i].id);
        }
    }
    assert_int_not_equal(type.id, SL_TYPE_COUNT);
    *at += length;
    if (**at == '(') {
        unsigned first = 0;
        unsigned second = 0;
        int used = 0;
        sscanf(*at, "(%u%n,%u%n", &first, &used, &second, &used);
        *at += used + 1;
        if (type.id == SL_TYPE_DECIMAL) {
            type = sl_type_decimal(first, second);
        } else if (type.id == SL_TYPE_CHAR) {
            type.length = first;
        } else {
            type.precision = (uint8_t)first;
        }
    }
    if (**at == '<') {
        parse_fields(support, at, &type);
    }
    if (strncmp(*at, " NOT NULL", 9) == 0) {
        type.nullable = false;
        *at += 9;
    }
    return type;
}

struct sl_schema *support_schema(struct support *support, const char *text)
{
    struct sl_schema *schema = SL_ARENA_NEW(&support->arena, struct sl_schema);
    struct sl_column *columns = SL_ARENA_ARRAY(&support->arena, struct sl_column, 80);
    schema->columns = columns;
    while (*text != '\0') {
        struct sl_column *column = &columns[schema->column_count++];
        column->name = parse_name(support, &text);
        column->type = parse_type(support, &text);
        text += strspn(text, ", ");
    }
    return schema;
}

/* ---- the node ---- */

static void parse_options(struct support *support, const char *text)
{
    while (*text != '\0') {
        size_t name_length = strcspn(text, "=");
        size_t value_length = strcspn(text + name_length + 1, "\n");
        assert_true(support->option_count < SUPPORT_OPTIONS_MAX);
        support->options[support->option_count++] = (struct sl_option){
            .name = sl_arena_copy(&support->arena, text, name_length),
            .value = sl_arena_copy(&support->arena, text + name_length + 1, value_length)};
        text += name_length + 1 + value_length;
        text += *text == '\n';
    }
}

static struct sl_param *add_param(struct support *support, const char *name,
                                  enum sl_param_kind kind)
{
    assert_true(support->node.param_count < SUPPORT_PARAMS_MAX);
    struct sl_param *param = &support->params[support->node.param_count++];
    *param = (struct sl_param){.name = name, .kind = kind};
    return param;
}

void support_open(struct support *support, const char *schema, const char *options)
{
    memset(support, 0, sizeof *support);
    support->account.name = "test";
    sl_arena_init(&support->arena, NULL, 0);
    sl_text_init(&support->out, NULL, 0);
    support->builtins.connectors = conn_connectors;
    support->builtins.codecs = conn_codecs;
    sl_catalog_init(&support->catalog, &support->builtins, NULL);
    support->metrics = sl_metric_set_create(NULL);
    support->now_us = 1700000000000000;
    support->clock = sl_clock_fake(&support->now_us);
    support->physical = support_schema(support, schema);
    parse_options(support, options);
    support->node.kind = "source";
    support->node.params = support->params;
    support->node.schema = *support->physical;
    add_param(support, "options", SL_PARAM_OPTIONS)->options =
        (struct sl_options){.items = support->options, .count = support->option_count};
    add_param(support, "physical", SL_PARAM_SCHEMA)->schema = *support->physical;
    support->plan.nodes = &support->node;
    support->plan.node_count = 1;
    support->inputs[0] = support->physical;
    support->env = (struct sl_env){
        .plan = &support->plan,
        .node = &support->node,
        .catalog = &support->catalog,
        .inputs = support->inputs,
        .input_count = 1,
        .worker_count = 1,
        .batch_rows = 64,
        .account = &support->account,
        .arena = &support->arena,
        .clock = &support->clock,
        .metrics = support->metrics,
        .label = "test[0]",
        .io = sl_io_system(),
        .restored_watermark = INT64_MIN,
        .seed = 42,
    };
}

void support_close(struct support *support)
{
    sl_text_deinit(&support->out);
    sl_metric_set_destroy(support->metrics);
    sl_catalog_deinit(&support->catalog);
    sl_arena_deinit(&support->arena);
    assert_int_equal(sl_account_used(&support->account), 0);
}

void support_want(struct support *support, const char *columns, const char *metadata)
{
    struct sl_schema *extra = support_schema(support, metadata);
    uint32_t *wanted = SL_ARENA_ARRAY(&support->arena, uint32_t, 80);
    struct sl_column *schema = SL_ARENA_ARRAY(&support->arena, struct sl_column, 160);
    struct sl_text names;
    uint32_t count = 0;
    while (*columns != '\0') {
        char *end;
        wanted[count] = (uint32_t)strtoul(columns, &end, 10);
        schema[count] = support->physical->columns[wanted[count]];
        count++;
        columns = end;
    }
    struct sl_param *param = add_param(support, "columns", SL_PARAM_COLUMNS);
    param->columns = wanted;
    param->count = count;
    sl_text_init(&names, NULL, 0);
    for (uint32_t i = 0; i < extra->column_count; i++) {
        schema[count + i] = extra->columns[i];
        sl_text_printf(&names, "%s%s", i == 0 ? "" : ",", extra->columns[i].name);
    }
    if (extra->column_count > 0) {
        add_param(support, "metadata", SL_PARAM_STRING)->string =
            sl_arena_copy(&support->arena, names.data, names.length);
    }
    sl_text_deinit(&names);
    support->node.schema.column_count = count + extra->column_count;
    support->node.schema.columns = schema;
}

/* ---- rows ---- */

static void print_view(struct sl_text *out, const struct sl_batch *batch, uint32_t column,
                       uint32_t row)
{
    const struct sl_view *view = &((const struct sl_view *)batch->columns[column].data)[row];
    sl_text_append(out, sl_view_data(view), view->length);
}

void support_take(struct support *support, const struct sl_outs *outs)
{
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    const struct sl_batch *rejected = outs->batches[SL_OUT_REJECTED];
    for (uint32_t i = 0; batch != NULL && i < batch->selected_count; i++) {
        for (uint32_t column = 0; column < batch->schema->column_count; column++) {
            sl_text_append_string(&support->out, column == 0 ? "" : "|");
            sl_value_append_json(&support->out, &batch->columns[column], sl_batch_row(batch, i));
        }
        sl_text_append_char(&support->out, '\n');
    }
    for (uint32_t row = 0; rejected != NULL && row < rejected->row_count; row++) {
        sl_text_append_char(&support->out, '!');
        print_view(&support->out, rejected, 0, row);
        sl_text_append_string(&support->out, ": ");
        print_view(&support->out, rejected, 1, row);
        sl_text_append_char(&support->out, '\n');
    }
}

const char *support_text(struct support *support)
{
    const char *text = sl_arena_copy(
        &support->arena, support->out.data == NULL ? "" : support->out.data, support->out.length);
    sl_text_reset(&support->out);
    return text;
}

struct sl_span support_span(struct support *support, const char *data, size_t length)
{
    static const char HOSTILE[] = "}]\"\\:,0123456789.e+-truefalsenull{[ \n\r\t\x80\xff\"}]}]}]";
    char *copy = sl_arena_alloc(&support->arena, length + 64);
    if (length > 0) {
        memcpy(copy, data, length);
    }
    memcpy(copy + length, HOSTILE, sizeof HOSTILE);
    return (struct sl_span){.data = copy, .length = (uint32_t)length};
}
