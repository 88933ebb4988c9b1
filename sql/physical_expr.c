/* SPDX-License-Identifier: Apache-2.0
 *
 * Bound expressions to a plan's flat steps. Parts that are the same, shared or written again, are
 * one step and computed once. */
#include <string.h>

#include "physical.h"
#include "sluice/hash.h"

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
    uint32_t *contents;  /* from what a step does to its index + 1; the same */
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

static bool same_constant(const struct sl_constant *a, const struct sl_constant *b)
{
    return a->is_null == b->is_null && a->byte_count == b->byte_count &&
           (a->byte_count == 0 || memcmp(a->bytes, b->bytes, a->byte_count) == 0);
}

static bool same_step(const struct sl_step *a, const struct sl_step *b)
{
    return a->kind == b->kind && a->column == b->column && a->try_cast == b->try_cast &&
           a->argument_count == b->argument_count && sl_type_equal(&a->type, &b->type, true) &&
           (a->argument_count == 0 ||
            memcmp(a->arguments, b->arguments, a->argument_count * sizeof *a->arguments) == 0) &&
           (a->kind != SL_STEP_CONSTANT || same_constant(&a->constant, &b->constant)) &&
           (a->kind != SL_STEP_CALL || strcmp(a->function, b->function) == 0);
}

static uint64_t hash_step(const struct sl_step *step)
{
    uint64_t hash = (uint64_t)step->kind << 40 ^ (uint64_t)step->type.id << 32 ^ step->column;
    if (step->argument_count > 0) {
        hash ^= sl_hash_bytes(step->arguments, step->argument_count * sizeof *step->arguments);
    }
    if (step->kind == SL_STEP_CONSTANT && step->constant.byte_count > 0) {
        hash ^= sl_hash_bytes(step->constant.bytes, step->constant.byte_count);
    }
    if (step->kind == SL_STEP_CALL) {
        hash ^= sl_hash_bytes(step->function, strlen(step->function));
    }
    return hash;
}

/* The index of a step that does the same, or of this one, which is added then. */
static uint32_t place_step(struct flatten *flatten, const struct sl_step *step, bool can_share)
{
    uint32_t mask = flatten->slot_count - 1;
    uint32_t i = (uint32_t)(hash_step(step) * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (flatten->contents[i] != 0) {
        if (can_share && same_step(&flatten->steps[flatten->contents[i] - 1], step)) {
            return flatten->contents[i] - 1;
        }
        i = (i + 1) & mask;
    }
    flatten->steps[flatten->step_count++] = *step;
    flatten->contents[i] = flatten->step_count;
    return flatten->step_count - 1;
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
    *idx = place_step(flatten, &step,
                      bound->kind != SQL_BOUND_CALL || bound->function->is_deterministic);
    *slot = (struct slot){.bound = bound, .step = *idx};
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
    SQL_NEW(context, flatten.contents, flatten.slot_count);
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
