/* SPDX-License-Identifier: Apache-2.0
 *
 * Which columns of a table travel in which part of a message. Rules: Flink's kafka connector ("Key
 * and Value Formats"). */
#include "part.h"

#include <string.h>

enum { KEY_FIELDS_MAX = 64 };

const struct sl_options *conn_table_options(const struct sl_env *env)
{
    static const struct sl_options NONE;
    const struct sl_param *param = sl_plan_param(env->node, "options");
    return param == NULL ? &NONE : &param->options;
}

/* What the node says, and the columns that belong to the key. */
struct layout {
    const struct sl_env *env;
    const struct sl_options *options;
    const struct sl_schema *physical;
    const uint32_t *wanted; /* physical columns in batch order; NULL = all */
    uint32_t wanted_count;
    uint32_t keys[KEY_FIELDS_MAX]; /* physical columns, in key.fields order */
    uint32_t key_count;
    const char *prefix; /* cut off the key columns' names */
    bool except_key;
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for the layout of a table");
}

static enum sl_status add_key_field(struct layout *layout, const char *name, size_t length,
                                    struct sl_error *err)
{
    for (uint32_t i = 0; i < layout->physical->column_count; i++) {
        const char *column = layout->physical->columns[i].name;
        if (strlen(column) != length || memcmp(column, name, length) != 0) {
            continue;
        }
        size_t prefix_length = strlen(layout->prefix);
        if (length <= prefix_length || strncmp(column, layout->prefix, prefix_length) != 0) {
            return sl_fail(err, SL_OPTION, "key field '%s' does not begin with '%s'", column,
                           layout->prefix);
        }
        if (layout->key_count == KEY_FIELDS_MAX) {
            return sl_fail(err, SL_LIMIT, "'key.fields' names more than %d columns",
                           KEY_FIELDS_MAX);
        }
        layout->keys[layout->key_count++] = i;
        return SL_OK;
    }
    return sl_fail(err, SL_OPTION, "'key.fields' names '%.*s', which is not a physical column",
                   (int)length, name);
}

static enum sl_status read_key_fields(struct layout *layout, struct sl_error *err)
{
    const struct sl_options *options = layout->options;
    const char *prefix = sl_option_text(options, NULL, "key.fields-prefix");
    layout->prefix = prefix == NULL ? "" : prefix;
    const char *include = sl_option_text(options, NULL, "value.fields-include");
    layout->except_key = include != NULL && strcmp(include, "EXCEPT_KEY") == 0;
    if (layout->prefix[0] != '\0' && !layout->except_key) {
        return sl_fail(err, SL_OPTION,
                       "'key.fields-prefix' needs 'value.fields-include' = 'EXCEPT_KEY'");
    }
    const char *fields = sl_option_text(options, NULL, "key.fields");
    if (fields == NULL || fields[0] == '\0') {
        return sl_fail(err, SL_OPTION, "'key.format' needs 'key.fields'");
    }
    for (;;) {
        size_t length = strcspn(fields, ";");
        SL_TRY(add_key_field(layout, fields, length, err));
        if (fields[length] == '\0') {
            return SL_OK;
        }
        fields += length + 1;
    }
}

static int32_t key_index(const struct layout *layout, uint32_t column)
{
    for (uint32_t i = 0; i < layout->key_count; i++) {
        if (layout->keys[i] == column) {
            return (int32_t)i;
        }
    }
    return -1;
}

static enum sl_status allocate(struct conn_part *part, const struct layout *layout, uint32_t count,
                               struct sl_error *err)
{
    struct sl_arena *arena = layout->env->arena;
    part->physical.columns = SL_ARENA_ARRAY(arena, struct sl_column, count);
    part->columns = SL_ARENA_ARRAY(arena, uint32_t, count);
    part->batch_columns = SL_ARENA_ARRAY(arena, uint32_t, count);
    return part->physical.columns == NULL || part->columns == NULL || part->batch_columns == NULL
               ? fail_memory(err)
               : SL_OK;
}

/* Adds a physical column of the table to the part, and to what is decoded when the batch has it. */
static void add_column(struct conn_part *part, const struct layout *layout, uint32_t column,
                       size_t prefix_length, bool is_used)
{
    struct sl_column *to = (struct sl_column *)&part->physical.columns[part->physical.column_count];
    *to = layout->physical->columns[column];
    to->name += prefix_length;
    for (uint32_t i = 0; is_used && i < layout->wanted_count; i++) {
        if (layout->wanted == NULL ? i == column : layout->wanted[i] == column) {
            part->columns[part->column_count] = part->physical.column_count;
            part->batch_columns[part->column_count++] = i;
        }
    }
    part->physical.column_count++;
}

/* Codecs decode in the order of the batch. */
static void sort_by_batch(struct conn_part *part)
{
    for (uint32_t i = 1; i < part->column_count; i++) {
        uint32_t column = part->columns[i];
        uint32_t batch_column = part->batch_columns[i];
        uint32_t at = i;
        for (; at > 0 && part->batch_columns[at - 1] > batch_column; at--) {
            part->columns[at] = part->columns[at - 1];
            part->batch_columns[at] = part->batch_columns[at - 1];
        }
        part->columns[at] = column;
        part->batch_columns[at] = batch_column;
    }
}

static enum sl_status find_codec(struct conn_part *part, const struct layout *layout,
                                 const char *option, const char *option_prefix,
                                 struct sl_error *err)
{
    const char *name = sl_option_text(layout->options, NULL, option);
    part->option_prefix = option_prefix;
    part->codec = sl_catalog_codec(layout->env->catalog, name);
    if (part->codec == NULL) {
        return sl_fail(err, SL_OPTION, "unknown format '%s' in '%s'", name, option);
    }
    return part->codec->check == NULL ? SL_OK : part->codec->check(&part->physical, err);
}

static enum sl_status make_value(const struct layout *layout, struct conn_part *value,
                                 struct sl_error *err)
{
    SL_TRY(allocate(value, layout, layout->physical->column_count, err));
    for (uint32_t i = 0; i < layout->physical->column_count; i++) {
        if (!layout->except_key || key_index(layout, i) < 0) {
            add_column(value, layout, i, 0, true);
        }
    }
    sort_by_batch(value);
    bool is_prefixed = sl_option_is_set(layout->options, "value.format");
    if (!is_prefixed && !sl_option_is_set(layout->options, "format")) {
        return sl_fail(err, SL_OPTION, "option 'format' is missing");
    }
    return find_codec(value, layout, is_prefixed ? "value.format" : "format",
                      is_prefixed ? "value." : "", err);
}

static enum sl_status make_key(const struct layout *layout, struct conn_part *key,
                               struct sl_error *err)
{
    bool is_sink = layout->wanted == NULL;
    SL_TRY(allocate(key, layout, layout->key_count, err));
    for (uint32_t i = 0; i < layout->key_count; i++) {
        add_column(key, layout, layout->keys[i], strlen(layout->prefix),
                   is_sink || layout->except_key);
    }
    if (is_sink) {
        return find_codec(key, layout, "key.format", "key.", err);
    }
    sort_by_batch(key);
    return key->column_count == 0 ? SL_OK : find_codec(key, layout, "key.format", "key.", err);
}

enum sl_status conn_parts_make(const struct sl_env *env, struct conn_part *value,
                               struct conn_part *key, struct sl_error *err)
{
    memset(value, 0, sizeof *value);
    memset(key, 0, sizeof *key);
    const struct sl_param *physical = sl_plan_param(env->node, "physical");
    if (physical == NULL) {
        return sl_fail(err, SL_INTERNAL, "plan node '%s' has no physical schema", env->node->kind);
    }
    const struct sl_param *columns = sl_plan_param(env->node, "columns");
    static const uint32_t NO_COLUMN;
    struct layout layout = {
        .env = env,
        .options = conn_table_options(env),
        .physical = &physical->schema,
        .wanted = columns == NULL            ? NULL
                  : columns->columns == NULL ? &NO_COLUMN
                                             : columns->columns,
        .wanted_count = columns == NULL ? physical->schema.column_count : columns->count,
        .prefix = "",
    };
    if (!sl_option_is_set(layout.options, "key.format")) {
        return make_value(&layout, value, err);
    }
    SL_TRY(read_key_fields(&layout, err));
    SL_TRY(make_value(&layout, value, err));
    return make_key(&layout, key, err);
}

enum sl_status conn_part_open(const struct conn_part *part, const struct sl_env *env, void **state,
                              struct sl_error *err)
{
    *state = NULL;
    if (part->codec == NULL) {
        return SL_OK;
    }
    struct sl_codec_env codec_env = {
        .physical = &part->physical,
        .columns = part->columns,
        .column_count = part->column_count,
        .options = conn_table_options(env),
        .option_prefix = part->option_prefix,
        .account = env->account,
        .log = env->log,
    };
    return part->codec->open(&codec_env, state, err);
}

void conn_part_close(const struct conn_part *part, void *state)
{
    if (part->codec != NULL && state != NULL) {
        part->codec->close(state);
    }
}
