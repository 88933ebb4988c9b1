/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan to bytes. Writing never fails half-way: the text buffer remembers that it overflowed and
 * is asked once at the end. */
#include "plan_codec.h"

#include <string.h>

#include "sluice/hash.h"

static void put_u8(struct sl_text *out, uint8_t value)
{
    sl_text_append(out, (const char *)&value, 1);
}

static void put_u32(struct sl_text *out, uint32_t value)
{
    char bytes[4];
    for (uint32_t i = 0; i < 4; i++) {
        bytes[i] = (char)(value >> (8 * i));
    }
    sl_text_append(out, bytes, sizeof bytes);
}

static void put_u64(struct sl_text *out, uint64_t value)
{
    put_u32(out, (uint32_t)value);
    put_u32(out, (uint32_t)(value >> 32));
}

static void put_bytes(struct sl_text *out, const char *bytes, uint32_t length)
{
    put_u32(out, length);
    if (length > 0) {
        sl_text_append(out, bytes, length);
    }
}

static void put_string(struct sl_text *out, const char *string)
{
    if (string == NULL) {
        put_u32(out, UINT32_MAX);
    } else {
        put_bytes(out, string, (uint32_t)strlen(string));
    }
}

static void put_type(struct sl_text *out, const struct sl_type *type)
{
    put_u8(out, (uint8_t)type->id);
    put_u8(out, type->nullable);
    put_u8(out, type->precision);
    put_u8(out, type->scale);
    put_u32(out, type->length);
    put_u32(out, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++) {
        put_string(out, type->fields[i].name);
        put_type(out, &type->fields[i].type);
    }
}

static void put_schema(struct sl_text *out, const struct sl_schema *schema)
{
    put_u32(out, schema->column_count);
    for (uint32_t i = 0; i < schema->column_count; i++) {
        put_string(out, schema->columns[i].name);
        put_type(out, &schema->columns[i].type);
    }
}

static void put_columns(struct sl_text *out, const uint32_t *columns, uint32_t count)
{
    put_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_u32(out, columns[i]);
    }
}

static void put_step(struct sl_text *out, const struct sl_step *step, bool for_digest)
{
    put_u8(out, (uint8_t)step->kind);
    put_type(out, &step->type);
    put_u32(out, step->column);
    put_u8(out, step->constant.is_null);
    put_bytes(out, step->constant.bytes, step->constant.byte_count);
    put_string(out, step->function);
    put_u32(out, step->function_version);
    put_u8(out, step->try_cast);
    put_columns(out, step->arguments, step->argument_count);
    if (!for_digest) {
        put_u32(out, step->line);
        put_u32(out, step->column_number);
    }
}

static void put_expr(struct sl_text *out, const struct sl_expr *expr, bool for_digest)
{
    put_u32(out, expr->step_count);
    for (uint32_t i = 0; i < expr->step_count; i++) {
        put_step(out, &expr->steps[i], for_digest);
    }
    if (!for_digest) {
        put_string(out, expr->text);
    }
}

static void put_aggregate(struct sl_text *out, const struct sl_aggregate_call *call,
                          bool for_digest)
{
    put_string(out, call->function);
    put_u32(out, (uint32_t)call->argument);
    put_u32(out, (uint32_t)call->filter);
    put_u8(out, call->distinct);
    put_type(out, &call->argument_type);
    put_type(out, &call->result_type);
    put_u32(out, call->version);
    if (!for_digest) {
        put_string(out, call->text);
    }
}

static void put_options(struct sl_text *out, const struct sl_options *options, bool for_digest)
{
    static const char client_prefix[] = "properties.";
    uint32_t kept = 0;
    for (uint32_t i = 0; i < options->count; i++) {
        kept += !for_digest ||
                strncmp(options->items[i].name, client_prefix, sizeof client_prefix - 1) != 0;
    }
    put_u32(out, kept);
    for (uint32_t i = 0; i < options->count; i++) {
        const struct sl_option *option = &options->items[i];
        if (for_digest && strncmp(option->name, client_prefix, sizeof client_prefix - 1) == 0) {
            continue; /* where the broker is and how to log in is not what the query means */
        }
        put_string(out, option->name);
        put_string(out, for_digest ? option->value : sl_option_masked(NULL, option));
        if (!for_digest) {
            put_u32(out, option->line);
            put_u32(out, option->column);
        }
    }
}

static void put_param(struct sl_text *out, const struct sl_param *param, bool for_digest)
{
    put_string(out, param->name);
    put_u8(out, (uint8_t)param->kind);
    switch (param->kind) {
    case SL_PARAM_INT64:
        put_u64(out, (uint64_t)param->integer);
        break;
    case SL_PARAM_STRING:
        put_string(out, param->string);
        break;
    case SL_PARAM_EXPRS:
        put_u32(out, param->count);
        for (uint32_t i = 0; i < param->count; i++) {
            put_expr(out, &param->exprs[i], for_digest);
        }
        break;
    case SL_PARAM_COLUMNS:
        put_columns(out, param->columns, param->count);
        break;
    case SL_PARAM_AGGREGATES:
        put_u32(out, param->count);
        for (uint32_t i = 0; i < param->count; i++) {
            put_aggregate(out, &param->aggregates[i], for_digest);
        }
        break;
    case SL_PARAM_OPTIONS:
        put_options(out, &param->options, for_digest);
        break;
    case SL_PARAM_SCHEMA:
        put_schema(out, &param->schema);
        break;
    }
}

static void put_state(struct sl_text *out, const struct sl_state_def *def)
{
    put_string(out, def->name);
    put_u8(out, (uint8_t)def->kind);
    put_u8(out, (uint8_t)def->scope);
    put_u32(out, def->version);
    put_u32(out, def->field_count);
    for (uint32_t i = 0; i < def->field_count; i++) {
        put_string(out, def->fields[i].name);
        put_u8(out, (uint8_t)def->fields[i].physical);
    }
}

void plan_write_node(struct sl_text *out, const struct sl_plan_node *node, bool for_digest)
{
    put_string(out, node->kind);
    put_u32(out, node->param_count);
    for (uint32_t i = 0; i < node->param_count; i++) {
        put_param(out, &node->params[i], for_digest);
    }
    put_schema(out, &node->schema);
    put_u8(out, (uint8_t)node->distribution);
    put_u8(out, (uint8_t)node->changelog);
    put_columns(out, node->upsert_keys, node->upsert_keys == NULL ? 0 : node->upsert_key_count);
    put_u32(out, (uint32_t)node->rowtime);
    put_u32(out, node->state_count);
    for (uint32_t i = 0; i < node->state_count; i++) {
        put_state(out, &node->states[i]);
    }
    put_columns(out, node->input_outputs, node->input_count);
    if (!for_digest) {
        put_columns(out, node->inputs, node->input_count);
        put_u64(out, node->uid);
        put_string(out, node->placement);
        put_string(out, node->placement_reason);
        put_u32(out, node->line);
        put_u32(out, node->column);
    }
}

uint64_t sl_plan_node_uid(const struct sl_plan *plan, const struct sl_plan_node *node)
{
    struct sl_text bytes;
    sl_text_init(&bytes, NULL, 0);
    plan_write_node(&bytes, node, true);
    for (uint32_t i = 0; i < node->input_count; i++) {
        put_u64(&bytes, plan->nodes[node->inputs[i]].uid);
    }
    SL_ASSERT(!bytes.failed);
    uint64_t uid = sl_hash_bytes(bytes.data, bytes.length);
    sl_text_deinit(&bytes);
    return uid;
}

static void put_body(struct sl_text *out, const struct sl_plan *plan)
{
    put_string(out, plan->name);
    put_u64(out, plan->sql_digest);
    put_options(out, &plan->settings, false);
    put_u32(out, plan->node_count);
    for (uint32_t i = 0; i < plan->node_count; i++) {
        plan_write_node(out, &plan->nodes[i], false);
    }
}

enum sl_status sl_plan_write(const struct sl_plan *plan, struct sl_text *out, struct sl_error *err)
{
    struct sl_text body;
    sl_text_init(&body, out->account, 0);
    put_body(&body, plan);
    put_u32(out, PLAN_MAGIC);
    put_u32(out, SL_PLAN_VERSION);
    put_u32(out, (uint32_t)body.length);
    put_u32(out, sl_crc32c(0, body.data, body.length));
    sl_text_append(out, body.data, body.length);
    bool failed = body.failed || out->failed;
    sl_text_deinit(&body);
    return failed ? sl_fail(err, SL_MEMORY, "no memory to write the plan") : SL_OK;
}
