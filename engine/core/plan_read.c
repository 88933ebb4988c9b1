/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes to a plan. Every count is checked against the bytes that are left before anything is
 * allocated, and every index against what it points into, so that a damaged file is refused and
 * never believed. */
#include "plan_codec.h"

#include <string.h>

#include "sluice/hash.h"

/* failed is sticky; readers return zeros after it. */
struct reader {
    const unsigned char *data;
    size_t length;
    size_t offset;
    struct sl_arena *arena;
    bool failed;
};

static const unsigned char *take(struct reader *in, size_t size_bytes)
{
    if (in->failed || in->length - in->offset < size_bytes) {
        in->failed = true;
        return NULL;
    }
    const unsigned char *bytes = in->data + in->offset;
    in->offset += size_bytes;
    return bytes;
}

static uint8_t get_u8(struct reader *in)
{
    const unsigned char *bytes = take(in, 1);
    return bytes == NULL ? 0 : bytes[0];
}

static uint32_t get_u32(struct reader *in)
{
    const unsigned char *bytes = take(in, 4);
    return bytes == NULL ? 0
                         : (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                               (uint32_t)bytes[3] << 24;
}

static uint64_t get_u64(struct reader *in)
{
    uint64_t low = get_u32(in);
    return low | (uint64_t)get_u32(in) << 32;
}

/* A number below limit: an enum value. */
static uint32_t get_below(struct reader *in, uint32_t limit)
{
    uint32_t value = get_u8(in);
    if (value >= limit) {
        in->failed = true;
        return 0;
    }
    return value;
}

/* A count of things that take at least least_bytes each. */
static uint32_t get_count(struct reader *in, size_t least_bytes)
{
    uint32_t count = get_u32(in);
    if (in->failed || count > (in->length - in->offset) / least_bytes) {
        in->failed = true;
        return 0;
    }
    return count;
}

static void *get_array(struct reader *in, uint32_t count, size_t size_bytes)
{
    void *array = in->failed || count == 0 ? NULL : sl_arena_alloc(in->arena, count * size_bytes);
    if (array == NULL && count > 0) {
        in->failed = true;
    }
    return array;
}

static const char *get_string(struct reader *in)
{
    uint32_t length = get_u32(in);
    if (in->failed || length == UINT32_MAX) {
        return NULL;
    }
    const unsigned char *bytes = take(in, length);
    return bytes == NULL ? NULL : sl_arena_copy(in->arena, (const char *)bytes, length);
}

/* For strings that are never absent. */
static const char *get_name(struct reader *in)
{
    const char *name = get_string(in);
    if (name == NULL) {
        in->failed = true;
        return "";
    }
    return name;
}

static bool is_possible_type(const struct sl_type *type)
{
    switch (type->id) {
    case SL_TYPE_DECIMAL:
        return type->precision >= 1 && type->precision <= SL_DECIMAL_PRECISION_MAX &&
               type->scale <= type->precision;
    case SL_TYPE_TIME:
    case SL_TYPE_TIMESTAMP:
    case SL_TYPE_TIMESTAMP_LTZ:
        return type->precision <= 9;
    case SL_TYPE_ARRAY:
    case SL_TYPE_MULTISET:
        return type->field_count == 1;
    case SL_TYPE_MAP:
        return type->field_count == 2;
    case SL_TYPE_ROW:
        return true;
    default:
        return type->field_count == 0;
    }
}

static struct sl_type get_type(struct reader *in, uint32_t depth)
{
    struct sl_type type = {0};
    if (depth > PLAN_TYPE_DEPTH_MAX) {
        in->failed = true;
        return type;
    }
    type.id = (enum sl_type_id)get_below(in, SL_TYPE_COUNT);
    type.nullable = get_below(in, 2);
    type.precision = get_u8(in);
    type.scale = get_u8(in);
    type.length = get_u32(in);
    type.field_count = get_count(in, 16);
    struct sl_type_field *fields = get_array(in, type.field_count, sizeof *fields);
    for (uint32_t i = 0; i < type.field_count && !in->failed; i++) {
        fields[i].name = get_name(in);
        fields[i].type = get_type(in, depth + 1);
    }
    type.fields = fields;
    in->failed |= !is_possible_type(&type);
    return type;
}

static struct sl_schema get_schema(struct reader *in)
{
    struct sl_schema schema = {.column_count = get_count(in, 16)};
    struct sl_column *columns = get_array(in, schema.column_count, sizeof *columns);
    for (uint32_t i = 0; i < schema.column_count && !in->failed; i++) {
        columns[i].name = get_name(in);
        columns[i].type = get_type(in, 0);
    }
    schema.columns = columns;
    return schema;
}

/* Indices, each below limit. */
static const uint32_t *get_columns(struct reader *in, uint32_t limit, uint32_t *count)
{
    *count = get_count(in, 4);
    uint32_t *columns = get_array(in, *count, sizeof *columns);
    for (uint32_t i = 0; i < *count && !in->failed; i++) {
        columns[i] = get_u32(in);
        in->failed |= columns[i] >= limit;
    }
    return columns;
}

static void get_step(struct reader *in, struct sl_step *step, uint32_t step_idx)
{
    step->kind = (enum sl_step_kind)get_below(in, SL_STEP_CASE + 1);
    step->type = get_type(in, 0);
    step->column = get_u32(in);
    step->constant.is_null = get_below(in, 2);
    step->constant.byte_count = get_count(in, 1);
    const unsigned char *bytes = take(in, step->constant.byte_count);
    step->constant.bytes =
        bytes == NULL ? ""
                      : sl_arena_copy(in->arena, (const char *)bytes, step->constant.byte_count);
    step->function = get_string(in);
    step->function_version = get_u32(in);
    step->try_cast = get_below(in, 2);
    step->arguments = get_columns(in, step_idx, &step->argument_count);
    step->line = get_u32(in);
    step->column_number = get_u32(in);
    in->failed |= step->kind == SL_STEP_CALL && step->function == NULL;
}

static void get_expr(struct reader *in, struct sl_expr *expr)
{
    expr->step_count = get_count(in, 40);
    struct sl_step *steps = get_array(in, expr->step_count, sizeof *steps);
    for (uint32_t i = 0; i < expr->step_count && !in->failed; i++) {
        get_step(in, &steps[i], i);
    }
    expr->steps = steps;
    expr->text = get_name(in);
}

static void get_aggregate(struct reader *in, struct sl_aggregate_call *call)
{
    call->function = get_name(in);
    call->argument = (int32_t)get_u32(in);
    call->filter = (int32_t)get_u32(in);
    call->distinct = get_below(in, 2);
    call->argument_type = get_type(in, 0);
    call->result_type = get_type(in, 0);
    call->version = get_u32(in);
    call->text = get_name(in);
}

static struct sl_options get_options(struct reader *in)
{
    struct sl_options options = {.count = get_count(in, 16)};
    struct sl_option *items = get_array(in, options.count, sizeof *items);
    for (uint32_t i = 0; i < options.count && !in->failed; i++) {
        items[i].name = get_name(in);
        items[i].value = get_name(in);
        items[i].line = get_u32(in);
        items[i].column = get_u32(in);
    }
    options.items = items;
    return options;
}

static const struct sl_expr *get_exprs(struct reader *in, uint32_t *count)
{
    *count = get_count(in, 8);
    struct sl_expr *exprs = get_array(in, *count, sizeof *exprs);
    for (uint32_t i = 0; i < *count && !in->failed; i++) {
        get_expr(in, &exprs[i]);
    }
    return exprs;
}

static const struct sl_aggregate_call *get_aggregates(struct reader *in, uint32_t *count)
{
    *count = get_count(in, 32);
    struct sl_aggregate_call *calls = get_array(in, *count, sizeof *calls);
    for (uint32_t i = 0; i < *count && !in->failed; i++) {
        get_aggregate(in, &calls[i]);
    }
    return calls;
}

static void get_param(struct reader *in, struct sl_param *param)
{
    param->name = get_name(in);
    param->kind = (enum sl_param_kind)get_below(in, SL_PARAM_SCHEMA + 1);
    switch (param->kind) {
    case SL_PARAM_INT64:
        param->integer = (int64_t)get_u64(in);
        break;
    case SL_PARAM_STRING:
        param->string = get_string(in);
        break;
    case SL_PARAM_EXPRS:
        param->exprs = get_exprs(in, &param->count);
        break;
    case SL_PARAM_COLUMNS:
        param->columns = get_columns(in, UINT32_MAX, &param->count);
        break;
    case SL_PARAM_AGGREGATES:
        param->aggregates = get_aggregates(in, &param->count);
        break;
    case SL_PARAM_OPTIONS:
        param->options = get_options(in);
        break;
    case SL_PARAM_SCHEMA:
        param->schema = get_schema(in);
        break;
    }
}

static void get_state(struct reader *in, struct sl_state_def *def)
{
    def->name = get_name(in);
    def->kind = (enum sl_state_kind)get_below(in, SL_STATE_LIST + 1);
    def->scope = (enum sl_state_scope)get_below(in, SL_STATE_UNION + 1);
    def->version = get_u32(in);
    def->field_count = get_count(in, 5);
    if (def->field_count > SL_STATE_FIELDS_MAX) {
        in->failed = true;
        def->field_count = 0;
    }
    for (uint32_t i = 0; i < def->field_count && !in->failed; i++) {
        def->fields[i].name = get_name(in);
        def->fields[i].physical = (enum sl_physical)get_below(in, SL_VIEW + 1);
    }
}

static void get_node(struct reader *in, struct sl_plan_node *node, uint32_t node_idx)
{
    node->kind = get_name(in);
    node->param_count = get_count(in, 6);
    struct sl_param *params = get_array(in, node->param_count, sizeof *params);
    for (uint32_t i = 0; i < node->param_count && !in->failed; i++) {
        get_param(in, &params[i]);
    }
    node->params = params;
    node->schema = get_schema(in);
    node->distribution = (enum sl_distribution)get_below(in, SL_SINGLETON + 1);
    node->changelog = (enum sl_changelog)get_below(in, SL_RETRACT + 1);
    node->upsert_keys = get_columns(in, node->schema.column_count, &node->upsert_key_count);
    node->rowtime = (int32_t)get_u32(in);
    in->failed |= node->rowtime < -1 || node->rowtime >= (int64_t)node->schema.column_count;
    node->state_count = get_count(in, 16);
    struct sl_state_def *states = get_array(in, node->state_count, sizeof *states);
    for (uint32_t i = 0; i < node->state_count && !in->failed; i++) {
        get_state(in, &states[i]);
    }
    node->states = states;
    uint32_t output_count = 0;
    node->input_outputs = get_columns(in, 8, &output_count);
    node->inputs = get_columns(in, node_idx, &node->input_count);
    in->failed |= output_count != node->input_count;
    node->uid = get_u64(in);
    node->placement = get_name(in);
    node->placement_reason = get_name(in);
    node->line = get_u32(in);
    node->column = get_u32(in);
}

static void get_body(struct reader *in, struct sl_plan *plan)
{
    plan->version = SL_PLAN_VERSION;
    plan->name = get_name(in);
    plan->sql_digest = get_u64(in);
    plan->settings = get_options(in);
    plan->node_count = get_count(in, 64);
    struct sl_plan_node *nodes = get_array(in, plan->node_count, sizeof *nodes);
    for (uint32_t i = 0; i < plan->node_count && !in->failed; i++) {
        get_node(in, &nodes[i], i);
    }
    plan->nodes = nodes;
}

enum sl_status sl_plan_read(const char *data, size_t length, struct sl_arena *arena,
                            struct sl_plan **plan, struct sl_error *err)
{
    struct reader in = {.data = (const unsigned char *)data, .length = length, .arena = arena};
    uint32_t magic = get_u32(&in);
    uint32_t version = get_u32(&in);
    uint32_t body_bytes = get_u32(&in);
    uint32_t crc = get_u32(&in);
    if (in.failed || magic != PLAN_MAGIC) {
        return sl_fail(err, SL_CORRUPT, "this is not a stored plan");
    }
    if (version != SL_PLAN_VERSION) {
        return sl_fail(err, SL_FORMAT, "the stored plan has version %u, expected %d", version,
                       SL_PLAN_VERSION);
    }
    if (body_bytes != length - PLAN_HEADER_BYTES ||
        crc != sl_crc32c(0, data + PLAN_HEADER_BYTES, body_bytes)) {
        return sl_fail(err, SL_CORRUPT,
                       "the stored plan is damaged: its length or checksum is wrong");
    }
    *plan = SL_ARENA_NEW(arena, struct sl_plan);
    if (*plan == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory to read the plan");
    }
    get_body(&in, *plan);
    if (in.failed || in.offset != length) {
        return sl_fail(err, SL_CORRUPT, "the stored plan is malformed at byte %zu", in.offset);
    }
    return SL_OK;
}
