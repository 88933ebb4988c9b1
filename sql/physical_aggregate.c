/* SPDX-License-Identifier: Apache-2.0
 *
 * Aggregates, always as local half, exchange and global half; one worker leaves the first two out.
 * Partial accumulators travel as columns, so the schema between the halves is made of them. */
#include "physical.h"

struct parts {
    const struct sql_logical *node;
    struct sql_emitted input;
    struct sl_schema raw; /* of the input */
    const uint32_t *keys; /* columns of raw */
    const struct sl_aggregate_call *calls;
    const struct sql_aggregate **asked; /* what each call was made of */
    uint32_t call_count;
    struct sl_schema partial; /* keys, pane_end or row_count, accumulator fields */
    struct sl_state_def *state;
};

static enum sl_status call_text(struct sql_context *context, const struct parts *parts,
                                const struct sl_aggregate_call *call, const char **text)
{
    struct sl_text out;
    sl_text_init(&out, context->arena->account, 0);
    const char *argument = call->argument < 0 ? "*" : parts->raw.columns[call->argument].name;
    sl_text_printf(&out, "%s(%s)", call->function, argument);
    if (call->filter >= 0) {
        sl_text_printf(&out, " FILTER (WHERE %s)", parts->raw.columns[call->filter].name);
    }
    return sql_text_take(context, &out, text);
}

static enum sl_status make_calls(struct sql_context *context, struct parts *parts,
                                 const bool *needed)
{
    const struct sql_logical *node = parts->node;
    const uint32_t *map = parts->input.map;
    struct sl_aggregate_call *calls;
    SQL_NEW(context, calls, node->aggregate_count);
    SQL_NEW(context, parts->asked, node->aggregate_count);
    for (uint32_t i = 0; i < node->aggregate_count; i++) {
        const struct sql_aggregate *asked = &node->aggregates[i];
        if (!needed[node->key_count + i]) {
            continue;
        }
        struct sl_aggregate_call *call = &calls[parts->call_count];
        parts->asked[parts->call_count++] = asked;
        call->function = asked->def->name;
        call->argument = asked->argument < 0 ? -1 : (int32_t)map[asked->argument];
        call->filter = asked->filter < 0 ? -1 : (int32_t)map[asked->filter];
        call->argument_type = asked->argument_type;
        call->result_type = asked->result_type;
        call->version = asked->def->version;
        SL_TRY(call_text(context, parts, call, &call->text));
    }
    parts->calls = calls;
    return SL_OK;
}

/* The state table's fields and the partial schema's columns, which are the same ones. */
static enum sl_status add_accumulators(struct sql_context *context, struct parts *parts,
                                       struct sl_column *columns, uint32_t column_count)
{
    struct sl_state_def *state = parts->state;
    for (uint32_t i = 0; i < parts->call_count; i++) {
        const struct sql_aggregate *asked = parts->asked[i];
        struct sl_state_field fields[SL_ACCUMULATOR_FIELDS_MAX];
        uint32_t count = asked->def->accumulator(&asked->argument_type, fields);
        if (state->field_count + count > SL_STATE_FIELDS_MAX) {
            return sql_fail(context, asked->span, SL_LIMIT,
                            "too many aggregates: their accumulators have more than %d fields",
                            SL_STATE_FIELDS_MAX);
        }
        for (uint32_t f = 0; f < count; f++) {
            SQL_FORMAT(context, fields[f].name, "%s_%u", fields[f].name, i);
            columns[column_count++] =
                (struct sl_column){.name = fields[f].name, .type = sl_state_field_type(&fields[f])};
            state->fields[state->field_count++] = fields[f];
        }
    }
    parts->partial = (struct sl_schema){.column_count = column_count, .columns = columns};
    return SL_OK;
}

static enum sl_status make_partial(struct sql_context *context, struct parts *parts)
{
    const struct sql_logical *node = parts->node;
    struct sl_column *columns;
    uint32_t *keys;
    SQL_NEW(context, parts->state, 1);
    SQL_NEW(context, keys, node->key_count);
    SQL_NEW(context, columns, node->key_count + 1 + SL_STATE_FIELDS_MAX);
    for (uint32_t i = 0; i < node->key_count; i++) {
        keys[i] = parts->input.map[node->keys[i]];
        columns[i] = parts->raw.columns[keys[i]];
    }
    parts->keys = keys;
    struct sl_type number = sl_type_not_null(sl_type_of(SL_TYPE_BIGINT));
    columns[node->key_count] =
        (struct sl_column){.name = node->is_windowed ? "pane_end" : "row_count", .type = number};
    *parts->state = (struct sl_state_def){.name = node->is_windowed ? "panes" : "groups",
                                          .kind = SL_STATE_HASH,
                                          .scope = SL_STATE_KEYED,
                                          .version = 1};
    if (!node->is_windowed) {
        parts->state->fields[0] = (struct sl_state_field){.name = "row_count", .physical = SL_W8};
        parts->state->field_count = 1;
    }
    return add_accumulators(context, parts, columns, node->key_count + 1);
}

static void add_params(const struct parts *parts, struct sql_node *node)
{
    if (parts->node->is_windowed) {
        sql_node_window(node, &parts->node->window, parts->input.map);
    }
    sql_node_columns(node, "keys", parts->keys, parts->node->key_count);
    sql_node_aggregates(node, "aggregates", parts->calls, parts->call_count);
    sql_node_schema(node, "input", &parts->raw);
}

/* Fields of the logical node that are there: keys, needed aggregates, the window's. */
static enum sl_status make_output(struct sql_context *context, const struct parts *parts,
                                  const bool *needed, struct sl_schema *schema, uint32_t **map)
{
    const struct sql_logical *node = parts->node;
    struct sl_column *columns;
    uint32_t count = 0;
    SQL_NEW(context, columns, node->field_count);
    SQL_NEW(context, *map, node->field_count);
    for (uint32_t i = 0; i < node->field_count; i++) {
        bool is_call = i >= node->key_count && i < node->key_count + node->aggregate_count;
        if (!is_call || needed[i]) {
            (*map)[i] = count;
            columns[count++] =
                (struct sl_column){.name = node->fields[i].name, .type = node->fields[i].type};
        }
    }
    *schema = (struct sl_schema){.column_count = count, .columns = columns};
    return SL_OK;
}

enum sl_status sql_emit_aggregate(struct sql_physical *physical, const struct sql_logical *node,
                                  const bool *needed, struct sql_emitted *out)
{
    struct sql_context *context = physical->context;
    struct parts parts = {.node = node, .input = *out};
    parts.raw = physical->nodes[out->node].schema;
    SL_TRY(make_calls(context, &parts, needed));
    SL_TRY(make_partial(context, &parts));
    struct sql_node made;
    uint32_t idx;
    sql_node_begin(physical, &made,
                   node->is_windowed ? "local_window_aggregate" : "local_group_aggregate",
                   out->node, node->span);
    made.node.schema = parts.partial;
    made.node.changelog = SL_APPEND; /* partial rows carry signs in their numbers */
    made.node.rowtime = -1;
    made.node.upsert_keys = NULL;
    made.node.upsert_key_count = 0;
    add_params(&parts, &made);
    SL_TRY(sql_node_end(physical, &made, &idx));
    SL_TRY(sql_emit_exchange(physical, idx, node->key_count, node->span, &idx));
    sql_node_begin(physical, &made,
                   node->is_windowed ? "global_window_aggregate" : "group_aggregate", idx,
                   node->span);
    SL_TRY(make_output(context, &parts, needed, &made.node.schema, &out->map));
    made.node.changelog = node->changelog;
    made.node.states = parts.state;
    made.node.state_count = 1;
    if (node->is_windowed) {
        made.node.rowtime = (int32_t)made.node.schema.column_count - 1;
    } else if (node->key_count > 0) {
        uint32_t *upsert_keys;
        SQL_NEW(context, upsert_keys, node->key_count);
        for (uint32_t i = 0; i < node->key_count; i++) {
            upsert_keys[i] = i;
        }
        made.node.upsert_keys = upsert_keys;
        made.node.upsert_key_count = node->key_count;
    }
    add_params(&parts, &made);
    return sql_node_end(physical, &made, &out->node);
}
