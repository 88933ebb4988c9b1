/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources. All reads of a table in a job share one, so a message is fetched and decoded once. */
#include <string.h>

#include "physical.h"
#include "table_check.h"

static bool same_options(const struct sl_options *a, const struct sl_options *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i].name, b->items[i].name) != 0 ||
            strcmp(a->items[i].value, b->items[i].value) != 0) {
            return false;
        }
    }
    return true;
}

static struct sql_scan_group *find_group(const struct sql_physical *physical,
                                         const struct sql_logical *scan)
{
    struct sql_scan_group *group = physical->groups;
    while (group != NULL && (group->scan->table != scan->table ||
                             !same_options(&group->scan->options, &scan->options))) {
        group = group->next;
    }
    return group;
}

static bool contains(const struct sql_bounds *list, const struct sql_bound *bound)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (sql_bound_equal(list->items[i], bound)) {
            return true;
        }
    }
    return false;
}

enum sl_status sql_scan_note(struct sql_physical *physical, const struct sql_logical *scan,
                             const bool *needed, const struct sql_logical *watermark)
{
    struct sql_context *context = physical->context;
    struct sql_scan_group *group = find_group(physical, scan);
    if (group == NULL) {
        SQL_NEW(context, group, 1);
        SQL_NEW(context, group->needed, scan->field_count);
        SQL_NEW(context, group->watermark_columns, scan->field_count);
        SQL_NEW(context, group->map, scan->field_count);
        group->scan = scan;
        group->predicates = scan->exprs;
        group->next = physical->groups;
        physical->groups = group;
    }
    struct sql_bounds common = {0};
    for (uint32_t i = 0; i < group->predicates.count; i++) {
        if (contains(&scan->exprs, group->predicates.items[i])) {
            SL_TRY(sql_bounds_add(context, &common, group->predicates.items[i]));
        }
    }
    group->predicates = common;
    group->reader_count++;
    for (uint32_t i = 0; i < scan->field_count; i++) {
        group->needed[i] = group->needed[i] || needed[i];
    }
    for (uint32_t i = 0; i < scan->exprs.count; i++) {
        sql_bound_columns(scan->exprs.items[i], group->needed);
    }
    if (watermark != NULL) {
        sql_bound_columns(watermark->exprs.items[0], group->watermark_columns);
    }
    return SL_OK;
}

/* Output columns of the source: the needed physical ones, then the needed METADATA columns. */
static enum sl_status choose_columns(struct sql_context *context, struct sql_scan_group *group,
                                     struct sql_node *node)
{
    const struct sql_logical *scan = group->scan;
    struct sql_field *fields;
    uint32_t *columns;
    SQL_NEW(context, fields, scan->field_count);
    SQL_NEW(context, columns, scan->field_count);
    struct sl_text metadata;
    sl_text_init(&metadata, context->arena->account, 0);
    uint32_t count = 0;
    uint32_t physical_count = 0;
    for (uint32_t i = 0; i < scan->field_count; i++) {
        if (!group->needed[i]) {
            continue;
        }
        if (i < scan->physical_count) {
            columns[physical_count++] = i;
        } else {
            uint32_t m = 0; /* the (i - physical_count)-th METADATA column of the table */
            uint32_t left = i - scan->physical_count;
            while (scan->table->columns[m].kind != SL_COLUMN_METADATA || left-- > 0) {
                m++;
            }
            sl_text_printf(&metadata, "%s%s", metadata.length == 0 ? "" : ",",
                           scan->table->columns[m].metadata_key);
        }
        group->map[i] = count;
        fields[count++] = scan->fields[i];
    }
    const char *keys;
    SL_TRY(sql_text_take(context, &metadata, &keys));
    sql_node_columns(node, "columns", columns, physical_count);
    if (keys[0] != '\0') {
        sql_node_string(node, "metadata", keys);
    }
    return sql_physical_of_fields(context, fields, count, &node->node.schema);
}

static enum sl_status add_watermark_columns(struct sql_context *context,
                                            const struct sql_scan_group *group,
                                            struct sql_node *node)
{
    uint32_t *columns;
    uint32_t count = 0;
    SQL_NEW(context, columns, group->scan->field_count);
    for (uint32_t i = 0; i < group->scan->field_count; i++) {
        if (group->watermark_columns[i]) {
            columns[count++] = group->map[i];
        }
    }
    sql_node_columns(node, "watermark_columns", columns, count);
    return SL_OK;
}

static enum sl_status make_source(struct sql_physical *physical, struct sql_scan_group *group)
{
    struct sql_context *context = physical->context;
    const struct sql_logical *scan = group->scan;
    const struct sl_connector_def *connector = scan->table->connector;
    struct sql_node node;
    struct sl_schema declared;
    const struct sl_expr *predicates;
    sql_node_begin(physical, &node, "source", -1, scan->span);
    SL_TRY(sql_physical_schema(context, scan->table, &declared));
    sql_node_string(&node, "table", scan->table->name);
    sql_node_string(&node, "connector", connector->name);
    sql_node_options(&node, "options", &scan->options);
    sql_node_schema(&node, "physical", &declared);
    SL_TRY(choose_columns(context, group, &node));
    SL_TRY(sql_flatten_all(context, group->predicates, group->map, &node.node.schema, &predicates));
    sql_node_exprs(&node, "predicates", predicates, group->predicates.count);
    SL_TRY(add_watermark_columns(context, group, &node));
    bool is_bounded = connector->is_bounded != NULL && connector->is_bounded(&scan->options);
    sql_node_int64(&node, "bounded", is_bounded ? 1 : 0);
    sql_node_string(&node, "guarantee", connector->source_guarantee);
    group->is_made = true;
    return sql_node_end(physical, &node, &group->node);
}

static int64_t idle_timeout_ms(const struct sql_context *context)
{
    int64_t value = 0;
    for (uint32_t i = 0; i < context->settings.count; i++) {
        const struct sl_option *setting = &context->settings.items[i];
        if (strcmp(setting->name, "table.exec.source.idle-timeout") == 0 &&
            !sl_parse_duration_ms(setting->value, strlen(setting->value), &value)) {
            value = 0; /* SET has refused it already */
        }
    }
    return value;
}

static enum sl_status make_watermark(struct sql_physical *physical,
                                     const struct sql_logical *watermark,
                                     const struct sql_scan_group *group, struct sql_emitted *out)
{
    struct sql_context *context = physical->context;
    struct sql_node node;
    const struct sl_expr *exprs;
    struct sl_state_def *state;
    bool is_read = watermark->rowtime >= 0 && group->needed[watermark->rowtime];
    int32_t rowtime = is_read ? (int32_t)out->map[watermark->rowtime] : -1;
    sql_node_begin(physical, &node, "watermark", out->node, watermark->span);
    node.node.rowtime = rowtime;
    if (rowtime >= 0) {
        sql_node_int64(&node, "rowtime", rowtime);
    }
    SL_TRY(sql_flatten_all(context, watermark->exprs, out->map, &node.node.schema, &exprs));
    sql_node_exprs(&node, "expression", exprs, watermark->exprs.count);
    sql_node_int64(&node, "idle_timeout_ms", idle_timeout_ms(context));
    SQL_NEW(context, state, 1);
    *state = (struct sl_state_def){.name = "splits",
                                   .kind = SL_STATE_HASH,
                                   .scope = SL_STATE_UNION,
                                   .field_count = 1,
                                   .fields = {{.name = "watermark", .physical = SL_W8}},
                                   .version = 1};
    node.node.states = state;
    node.node.state_count = 1;
    return sql_node_end(physical, &node, &out->node);
}

enum sl_status sql_emit_scan(struct sql_physical *physical, const struct sql_logical *node,
                             struct sql_emitted *out)
{
    const struct sql_logical *scan = node->kind == SQL_LOGICAL_SCAN ? node : node->input;
    struct sql_scan_group *group = find_group(physical, scan);
    if (!group->is_made) {
        SL_TRY(make_source(physical, group));
    }
    out->node = group->node;
    out->map = group->map;
    if (node->kind == SQL_LOGICAL_WATERMARK) {
        SL_TRY(make_watermark(physical, node, group, out));
    }
    struct sql_bounds rest = {0};
    for (uint32_t i = 0; i < scan->exprs.count; i++) {
        if (!contains(&group->predicates, scan->exprs.items[i])) {
            SL_TRY(sql_bounds_add(physical->context, &rest, scan->exprs.items[i]));
        }
    }
    return sql_emit_filter(physical, rest, out);
}
