/* SPDX-License-Identifier: Apache-2.0
 *
 * Bound expressions to a plan's flat steps. What is shared in the expression is computed once. */
#include <string.h>

#include "physical.h"

struct slot {
    const struct sql_bound *bound;
    uint32_t step;
};

struct flatten {
    struct sql_context *context;
    const uint32_t *map;
    struct sl_step *steps;
    uint32_t step_count;
    struct slot *slots;  /* from a part to its step; open addressing */
    uint32_t slot_count; /* a power of two */
};

static struct slot *find_slot(struct flatten *flatten, const struct sql_bound *bound)
{
    uint64_t hash = (uint64_t)(uintptr_t)bound * 0x9e3779b97f4a7c15u;
    uint32_t mask = flatten->slot_count - 1;
    uint32_t i = (uint32_t)(hash >> 32) & mask;
    while (flatten->slots[i].bound != NULL && flatten->slots[i].bound != bound) {
        i = (i + 1) & mask;
    }
    return &flatten->slots[i];
}

/* "PLUS(BIGINT,BIGINT)": the types' names without their parameters. */
static enum sl_status signature(struct sql_context *context, const struct sql_bound *bound,
                                const char **text)
{
    struct sl_text out;
    sl_text_init(&out, context->arena->account, 0);
    sl_text_printf(&out, "%s(", bound->function->name);
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        char type[SL_TYPE_TEXT_BYTES];
        struct sl_type argument = sl_type_of(bound->arguments[i]->type.id);
        sl_type_format(&argument, type, sizeof type);
        type[strcspn(type, "(")] = '\0';
        sl_text_printf(&out, "%s%s", i == 0 ? "" : ",", type);
    }
    sl_text_append_char(&out, ')');
    return sql_text_take(context, &out, text);
}

static enum sl_status add_step(struct flatten *flatten, const struct sql_bound *bound,
                               uint32_t *idx)
{
    struct sql_context *context = flatten->context;
    struct slot *slot = find_slot(flatten, bound);
    if (slot->bound != NULL) {
        *idx = slot->step;
        return SL_OK;
    }
    uint32_t *arguments;
    SQL_NEW(context, arguments, bound->argument_count);
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        SL_TRY(add_step(flatten, bound->arguments[i], &arguments[i]));
    }
    struct sl_step step = {.kind = (enum sl_step_kind)bound->kind,
                           .type = bound->type,
                           .constant = bound->constant,
                           .try_cast = bound->try_cast,
                           .argument_count = bound->argument_count,
                           .arguments = arguments,
                           .line = bound->span.line,
                           .column_number = bound->span.column};
    if (bound->kind == SQL_BOUND_COLUMN) {
        step.column = flatten->map[bound->column];
    }
    if (bound->kind == SQL_BOUND_CALL) {
        SL_TRY(signature(context, bound, &step.function));
        step.function_version = bound->function->version;
    }
    slot = find_slot(flatten, bound); /* the arguments may have taken the place found before */
    *idx = flatten->step_count++;
    *slot = (struct slot){.bound = bound, .step = *idx};
    flatten->steps[*idx] = step;
    return SL_OK;
}

static enum sl_status print(struct sql_context *context, const struct sql_bound *bound,
                            const uint32_t *map, const struct sl_schema *schema, const char **text)
{
    struct sl_text out;
    struct sql_names names = {.map = map, .schema = schema};
    sl_text_init(&out, context->arena->account, 0);
    sql_bound_print(&out, bound, &names);
    return sql_text_take(context, &out, text);
}

enum sl_status sql_flatten(struct sql_context *context, const struct sql_bound *bound,
                           const uint32_t *map, const struct sl_schema *schema,
                           struct sl_expr *expr)
{
    struct flatten flatten = {.context = context, .map = map, .slot_count = 2};
    while (flatten.slot_count < 2 * bound->size) {
        flatten.slot_count *= 2;
    }
    SQL_NEW(context, flatten.steps, bound->size);
    SQL_NEW(context, flatten.slots, flatten.slot_count);
    uint32_t last;
    SL_TRY(add_step(&flatten, bound, &last));
    expr->steps = flatten.steps;
    expr->step_count = flatten.step_count;
    return print(context, bound, map, schema, &expr->text);
}

enum sl_status sql_flatten_all(struct sql_context *context, struct sql_bounds bounds,
                               const uint32_t *map, const struct sl_schema *schema,
                               const struct sl_expr **exprs)
{
    struct sl_expr *items;
    SQL_NEW(context, items, bounds.count);
    for (uint32_t i = 0; i < bounds.count; i++) {
        SL_TRY(sql_flatten(context, bounds.items[i], map, schema, &items[i]));
    }
    *exprs = items;
    return SL_OK;
}

enum sl_status sql_physical_of_fields(struct sql_context *context, const struct sql_field *fields,
                                      uint32_t count, struct sl_schema *schema)
{
    struct sl_column *columns;
    SQL_NEW(context, columns, count);
    for (uint32_t i = 0; i < count; i++) {
        columns[i] = (struct sl_column){.name = fields[i].name, .type = fields[i].type};
    }
    *schema = (struct sl_schema){.column_count = count, .columns = columns};
    return SL_OK;
}
