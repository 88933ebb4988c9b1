/* SPDX-License-Identifier: Apache-2.0
 *
 * Connectors, formats and their options. Every message says which option of which table is meant,
 * at its place in the CREATE TABLE statement. */
#include "table_check.h"

#include <string.h>

/* What every table may say, besides its connector's and formats' own options. */
static const struct sl_option_def TABLE_OPTIONS[] = {
    {.name = "connector", .type = SL_OPTION_STRING, .required = true, .help = "the connector"},
    {.name = NULL},
};
static const struct sl_option_def FORMAT_OPTIONS[] = {
    {.name = "format", .type = SL_OPTION_STRING, .help = "format of a row"},
    {.name = "value.format", .type = SL_OPTION_STRING, .help = "the same as 'format'"},
    {.name = NULL},
};

enum { OPTION_TABLES_MAX = 6 };

struct check {
    struct sql_context *context;
    struct sql_span span;
    const struct sl_catalog_table *table;
    const struct sl_options *options;
    const struct sl_option_def *tables[OPTION_TABLES_MAX]; /* ends with NULL */
    uint32_t table_count;
};

struct sql_span sql_catalog_span(uint32_t line, uint32_t column)
{
    return (struct sql_span){.line = line, .column = column};
}

static const struct sl_option *find_option(const struct sl_options *options, const char *name)
{
    for (uint32_t i = 0; i < options->count; i++) {
        if (strcmp(options->items[i].name, name) == 0) {
            return &options->items[i];
        }
    }
    return NULL;
}

enum sl_status sql_table_options(struct sql_context *context, const struct sl_catalog_table *table,
                                 const struct sql_hint_list *hints, struct sl_options *options)
{
    uint32_t capacity = table->options.count;
    uint32_t hint_count = hints == NULL ? 0 : hints->count;
    for (uint32_t i = 0; i < hint_count; i++) {
        capacity += hints->items[i].options.count;
    }
    struct sl_option *items;
    SQL_NEW(context, items, capacity);
    if (table->options.count > 0) {
        memcpy(items, table->options.items, sizeof(*items) * table->options.count);
    }
    *options = (struct sl_options){.items = items, .count = table->options.count};
    for (uint32_t i = 0; i < hint_count; i++) {
        for (uint32_t j = 0; j < hints->items[i].options.count; j++) {
            const struct sql_option *hint = &hints->items[i].options.items[j];
            if (strcmp(hint->key, "connector") == 0) {
                return sql_fail(context, hint->key_span, SL_OPTION,
                                "option 'connector' cannot be changed by a hint");
            }
            struct sl_option *item = (struct sl_option *)find_option(options, hint->key);
            if (item == NULL) {
                item = &items[options->count++];
            }
            struct sql_span position = sql_position(context, hint->key_span);
            *item = (struct sl_option){.name = hint->key,
                                       .value = hint->value,
                                       .line = position.line,
                                       .column = position.column};
        }
    }
    return SL_OK;
}

enum sl_status sql_physical_schema(struct sql_context *context,
                                   const struct sl_catalog_table *table, struct sl_schema *schema)
{
    struct sl_column *columns;
    SQL_NEW(context, columns, table->column_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].kind == SL_COLUMN_PHYSICAL) {
            columns[count++] =
                (struct sl_column){.name = table->columns[i].name, .type = table->columns[i].type};
        }
    }
    *schema = (struct sl_schema){.column_count = count, .columns = columns};
    return SL_OK;
}

static struct sql_span option_span(const struct check *check, const struct sl_option *option)
{
    bool has_position = option != NULL && option->line > 0;
    return has_position ? sql_catalog_span(option->line, option->column)
                        : sql_catalog_span(check->table->line, check->table->column);
}

static enum sl_status fail_connector(struct check *check, const struct sl_option *option)
{
    struct sql_context *context = check->context;
    const struct sl_builtins *builtins = context->catalog->builtins;
    const char *const *missing = builtins->missing_connectors;
    for (; missing != NULL && *missing != NULL; missing++) {
        if (strcmp(*missing, option->value) == 0) {
            return sql_fail(context, option_span(check, option), SL_OPTION,
                            "connector '%s' was left out of this build: its library was not found",
                            option->value);
        }
    }
    uint32_t count = 0;
    while (builtins->connectors[count] != NULL) {
        count++;
    }
    const char **names;
    SQL_NEW(context, names, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = builtins->connectors[i]->name;
    }
    return sql_fail(context, option_span(check, option), SL_OPTION,
                    "table '%s': unknown connector '%s'%s", check->table->name, option->value,
                    sql_did_you_mean(context, option->value, names, count));
}

static enum sl_status fail_format(struct check *check, const struct sl_option *option)
{
    const struct sl_codec_def *const *codecs = check->context->catalog->builtins->codecs;
    uint32_t count = 0;
    while (codecs[count] != NULL) {
        count++;
    }
    const char **names;
    SQL_NEW(check->context, names, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = codecs[i]->name;
    }
    return sql_fail(check->context, option_span(check, option), SL_OPTION,
                    "table '%s': unknown format '%s'%s", check->table->name, option->value,
                    sql_did_you_mean(check->context, option->value, names, count));
}

/* Adds the format's options under the prefix that goes with the key that named it. */
static enum sl_status add_format(struct check *check, const struct sl_option *option,
                                 const char *prefix, const struct sl_codec_def **codec)
{
    struct sql_context *context = check->context;
    *codec = sl_catalog_codec(context->catalog, option->value);
    if (*codec == NULL) {
        return fail_format(check, option);
    }
    if ((*codec)->options == NULL) {
        return SL_OK;
    }
    uint32_t count = 0;
    while ((*codec)->options[count].name != NULL) {
        count++;
    }
    struct sl_option_def *defs;
    SQL_NEW(context, defs, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        defs[i] = (*codec)->options[i];
        SQL_FORMAT(context, defs[i].name, "%s%s", prefix, (*codec)->options[i].name);
    }
    check->tables[check->table_count++] = defs;
    return SL_OK;
}

static enum sl_status check_formats(struct check *check, const struct sl_schema *physical,
                                    bool as_sink)
{
    struct sql_context *context = check->context;
    const struct sl_option *value = find_option(check->options, "format");
    const char *prefix = "";
    if (value == NULL) {
        value = find_option(check->options, "value.format");
        prefix = "value.";
    }
    if (value == NULL) {
        return sql_fail(context, option_span(check, NULL), SL_OPTION,
                        "table '%s': option 'format' is required", check->table->name);
    }
    const struct sl_codec_def *codec;
    SL_TRY(add_format(check, value, prefix, &codec));
    if ((as_sink && codec->encode == NULL) || (!as_sink && codec->decode == NULL)) {
        return sql_fail(context, option_span(check, value), SL_OPTION,
                        "table '%s': format '%s' cannot be %s", check->table->name, codec->name,
                        as_sink ? "written" : "read");
    }
    const struct sl_option *key = find_option(check->options, "key.format");
    const struct sl_codec_def *key_codec;
    if (key != NULL) {
        SL_TRY(add_format(check, key, "key.", &key_codec));
    }
    return codec->check == NULL ? SL_OK
                                : sql_fail_as(context, option_span(check, value),
                                              codec->check(physical, context->err));
}

enum sl_status sql_check_table(struct sql_context *context, struct sql_span span,
                               const struct sl_catalog_table *table,
                               const struct sl_options *options, bool as_sink)
{
    struct check check = {.context = context, .span = span, .table = table, .options = options};
    const struct sl_option *name = find_option(options, "connector");
    if (name == NULL) {
        return sql_fail(context, option_span(&check, NULL), SL_OPTION,
                        "table '%s': option 'connector' is required", table->name);
    }
    const struct sl_connector_def *connector = sl_catalog_connector(context->catalog, name->value);
    if (connector == NULL) {
        return fail_connector(&check, name);
    }
    if (as_sink ? connector->sink == NULL : connector->source == NULL) {
        return sql_fail(context, span, SL_SEMANTIC, "table '%s' (connector '%s') cannot be %s",
                        table->name, connector->name, as_sink ? "written" : "read");
    }
    check.tables[check.table_count++] = TABLE_OPTIONS;
    if (connector->options != NULL) {
        check.tables[check.table_count++] = connector->options;
    }
    struct sl_schema physical;
    SL_TRY(sql_physical_schema(context, table, &physical));
    if (connector->takes_format) {
        check.tables[check.table_count++] = FORMAT_OPTIONS;
        SL_TRY(check_formats(&check, &physical, as_sink));
    }
    const char *owner;
    SQL_FORMAT(context, owner, "table '%s' (connector '%s')", table->name, connector->name);
    enum sl_status status = sl_options_check(options, check.tables, owner, context->err);
    if (status != SL_OK && context->err->line == 0) { /* a missing option has no place of its own */
        return sql_fail_as(context, option_span(&check, NULL), status);
    }
    SL_TRY(status);
    return connector->check == NULL
               ? SL_OK
               : sql_fail_as(context, option_span(&check, name),
                             connector->check(options, &physical, as_sink, context->err));
}

enum sl_status sql_find_metadata(struct sql_context *context, const struct sl_catalog_table *table,
                                 const struct sl_catalog_column *column,
                                 const struct sl_metadata_def **metadata)
{
    const struct sl_metadata_def *defs = table->connector->metadata;
    uint32_t count = 0;
    while (defs != NULL && defs[count].key != NULL) {
        if (strcmp(defs[count].key, column->metadata_key) == 0) {
            *metadata = &defs[count];
            return SL_OK;
        }
        count++;
    }
    const char **names;
    SQL_NEW(context, names, count);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = defs[i].key;
    }
    return sql_fail(context, sql_catalog_span(column->line, column->column), SL_SEMANTIC,
                    "connector '%s' has no metadata '%s' for column '%s'%s", table->connector->name,
                    column->metadata_key, column->name,
                    sql_did_you_mean(context, column->metadata_key, names, count));
}
