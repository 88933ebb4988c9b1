/* SPDX-License-Identifier: Apache-2.0
 *
 * Sinks: they take columns by position, so what reaches them has exactly theirs. */
#include <string.h>

#include "physical.h"
#include "table_check.h"

/* A projection that only picks and orders, when the columns do not lie as the sink takes them. */
static enum sl_status arrange(struct sql_physical *physical, const struct sql_logical *sink,
                              struct sql_emitted *out)
{
    struct sql_context *context = physical->context;
    const struct sl_schema *schema = &physical->nodes[out->node].schema;
    bool in_order = schema->column_count == sink->field_count;
    for (uint32_t i = 0; i < sink->field_count; i++) {
        in_order = in_order && out->map[i] == i;
    }
    if (in_order) {
        return SL_OK;
    }
    struct sql_bounds exprs = {0};
    for (uint32_t i = 0; i < sink->field_count; i++) {
        struct sql_bound *column;
        SL_TRY(sql_make_column(context, sink->span, sink->input->fields, i, &column));
        SL_TRY(sql_bounds_add(context, &exprs, column));
    }
    SL_TRY(sql_emit_projection(physical, exprs, sink->input->fields, out->map, sink->input->span,
                               &out->node));
    SQL_NEW(context, out->map, sink->field_count);
    for (uint32_t i = 0; i < sink->field_count; i++) {
        out->map[i] = i;
    }
    return SL_OK;
}

static enum sl_status add_table(struct sql_context *context, const struct sql_logical *sink,
                                struct sql_node *node)
{
    const struct sl_catalog_table *table = sink->table;
    struct sl_schema physical;
    uint32_t *primary_key;
    SL_TRY(sql_physical_schema(context, table, &physical));
    SQL_NEW(context, primary_key, table->primary_key_count);
    for (uint32_t i = 0; i < table->primary_key_count; i++) {
        const char *name = table->columns[table->primary_key[i]].name;
        primary_key[i] = (uint32_t)sl_schema_find(&physical, name);
    }
    struct sl_text metadata;
    sl_text_init(&metadata, context->arena->account, 0);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct sl_catalog_column *column = &table->columns[i];
        if (column->kind == SL_COLUMN_METADATA && !column->is_virtual) {
            sl_text_printf(&metadata, "%s%s", metadata.length == 0 ? "" : ",",
                           column->metadata_key);
        }
    }
    const char *keys;
    SL_TRY(sql_text_take(context, &metadata, &keys));
    sql_node_string(node, "table", table->name);
    sql_node_string(node, "connector", table->connector->name);
    sql_node_options(node, "options", &sink->options);
    sql_node_schema(node, "physical", &physical);
    sql_node_columns(node, "primary_key", primary_key, table->primary_key_count);
    if (keys[0] != '\0') {
        sql_node_string(node, "metadata", keys);
    }
    sql_node_string(node, "guarantee", table->connector->sink_guarantee);
    return SL_OK;
}

static void add_result(struct sql_node *node)
{
    const struct sl_options none = {0};
    sql_node_string(node, "table", "result");
    sql_node_string(node, "connector", "result");
    sql_node_options(node, "options", &none);
    sql_node_schema(node, "physical", &node->node.schema);
    sql_node_columns(node, "primary_key", NULL, 0);
    sql_node_string(node, "guarantee", "none");
}

enum sl_status sql_emit_sink(struct sql_physical *physical, const struct sql_logical *sink,
                             struct sql_emitted *out)
{
    SL_TRY(arrange(physical, sink, out));
    if (sink->table == NULL) {
        SL_TRY(sql_emit_exchange(physical, out->node, 0, sink->span, &out->node));
    }
    struct sql_node node;
    sql_node_begin(physical, &node, "sink", out->node, sink->span);
    SL_TRY(sql_physical_of_fields(physical->context, sink->fields, sink->field_count,
                                  &node.node.schema));
    if (sink->table == NULL) {
        add_result(&node);
    } else {
        SL_TRY(add_table(physical->context, sink, &node));
    }
    return sql_node_end(physical, &node, &out->node);
}
