/* SPDX-License-Identifier: Apache-2.0
 *
 * struct sl_expr to an instance: kernels found by name and argument types, opened, and constant
 * steps computed. A cast is the function "CAST <TYPE>" of the catalog. */
#include "expr.h"

#include <stdio.h>

#include "sluice/catalog.h"

enum { NAME_BYTES_MAX = 64, CONSTANT_BYTES_MAX = 16, STEPS_MAX = 4096 };

static bool is_nested(const struct sl_type *type)
{
    const enum sl_physical physical = sl_type_physical(type);
    return physical == SL_LIST || physical == SL_STRUCT;
}

/* A NULL literal nobody gave a type lies in memory like a BOOLEAN that is NULL. */
static struct sl_type storable(struct sl_type type)
{
    return type.id == SL_TYPE_NULL ? sl_type_of(SL_TYPE_BOOLEAN) : type;
}

static enum sl_status constant_null(struct op_expr *expr, struct op_step *step,
                                    struct sl_error *err)
{
    const struct sl_type type = storable(step->plan->type);
    SL_TRY(sl_vector_init(&step->own, &type, 1, &expr->fixed, err));
    SL_TRY(sl_vector_ensure_validity(&step->own, &expr->fixed, err));
    sl_bitmap_clear(step->own.validity, 0);
    step->own.encoding = SL_CONST;
    step->is_constant = true;
    return SL_OK;
}

static enum sl_status open_constant(struct op_expr *expr, struct op_step *step,
                                    struct sl_error *err)
{
    const struct sl_constant *constant = &step->plan->constant;
    if (is_nested(&step->plan->type)) {
        return sl_fail(err, SL_UNSUPPORTED, "constants of nested types are not supported yet");
    }
    if (constant->is_null || step->plan->type.id == SL_TYPE_NULL) {
        return constant_null(expr, step, err);
    }
    SL_TRY(sl_vector_init(&step->own, &step->plan->type, 1, &expr->fixed, err));
    if (step->own.physical == SL_VIEW) {
        *(struct sl_view *)step->own.data = sl_view_of(constant->bytes, constant->byte_count);
    } else {
        if (constant->byte_count != sl_physical_width(step->own.physical)) {
            return sl_fail(err, SL_CORRUPT, "constant of %u bytes in '%s', expected %u",
                           constant->byte_count, expr->plan->text,
                           sl_physical_width(step->own.physical));
        }
        memcpy(step->own.data, constant->bytes, constant->byte_count);
    }
    step->own.encoding = SL_CONST;
    step->is_constant = true;
    return SL_OK;
}

static enum sl_status open_column(const struct sl_env *env, const struct op_expr *expr,
                                  const struct sl_step *plan, struct sl_error *err)
{
    const struct sl_schema *schema = env->input_count > 0 ? env->inputs[0] : NULL;
    if (schema == NULL || plan->column >= schema->column_count) {
        return sl_fail(err, SL_INTERNAL, "expression '%s' reads column %u, the input has %u",
                       expr->plan->text, plan->column, schema == NULL ? 0 : schema->column_count);
    }
    if (!sl_type_equal(&schema->columns[plan->column].type, &plan->type, false)) {
        char expected[SL_TYPE_TEXT_BYTES];
        char found[SL_TYPE_TEXT_BYTES];
        sl_type_format(&plan->type, expected, sizeof expected);
        sl_type_format(&schema->columns[plan->column].type, found, sizeof found);
        return sl_fail(err, SL_INTERNAL, "expression '%s' expects column %u as %s, it is %s",
                       expr->plan->text, plan->column, expected, found);
    }
    return SL_OK;
}

static bool has_precision(enum sl_type_id id)
{
    return id == SL_TYPE_DECIMAL || id == SL_TYPE_TIME || sl_type_is_timestamp(id);
}

/* A cast that changes no byte: the result points to the argument's values. */
static bool is_same_form(const struct sl_type *from, const struct sl_type *to)
{
    if (sl_type_is_string(to->id) || sl_type_is_binary(to->id)) {
        const bool pads = to->id == SL_TYPE_CHAR || to->id == SL_TYPE_BINARY;
        const bool is_one_kind = sl_type_is_string(from->id) == sl_type_is_string(to->id) &&
                                 sl_type_is_binary(from->id) == sl_type_is_binary(to->id);
        return is_one_kind && (pads ? from->id == to->id && from->length == to->length
                                    : from->length <= to->length);
    }
    return from->id == to->id && (!has_precision(to->id) ||
                                  (from->precision == to->precision && from->scale == to->scale));
}

/* The function's name in the catalog: before '(' of a call's signature, made up for a cast. */
static void function_name(const struct sl_step *plan, char name[NAME_BYTES_MAX])
{
    if (plan->kind == SL_STEP_CAST) {
        snprintf(name, NAME_BYTES_MAX, "CAST %s", sl_type_id_name(plan->type.id));
        return;
    }
    const size_t length = strcspn(plan->function, "(");
    snprintf(name, NAME_BYTES_MAX, "%.*s", (int)SL_MIN(length, NAME_BYTES_MAX - 1), plan->function);
}

static enum sl_status open_kernel(struct op_expr *expr, struct op_step *step,
                                  const struct sl_type *types, struct sl_error *err)
{
    const struct sl_vector *constants[SL_KERNEL_ARGUMENTS_MAX] = {NULL};
    const struct sl_step *plan = step->plan;
    for (uint32_t idx = 0; idx < plan->argument_count; ++idx) {
        const struct op_step *argument = &expr->steps[plan->arguments[idx]];
        constants[idx] = argument->is_constant ? &argument->own : NULL;
        step->uses_views |= sl_type_physical(&types[idx]) == SL_VIEW;
    }
    step->uses_views |= sl_type_physical(&plan->type) == SL_VIEW;
    if (step->kernel->takes_time_zone) {
        constants[plan->argument_count] = &expr->zone;
        step->arguments[plan->argument_count] = &expr->zone;
        step->argument_count = plan->argument_count + 1;
    }
    if (step->kernel->open == NULL) {
        return SL_OK;
    }
    return step->kernel->open(&plan->type, types, constants, step->argument_count, expr->account,
                              &step->kernel_state, err);
}

/* Values of one form: what a CASE chooses from is copied byte by byte. */
static bool is_one_form(const struct sl_type *a, const struct sl_type *b)
{
    return a->id == b->id && sl_type_physical(a) == sl_type_physical(b) && a->scale == b->scale;
}

static enum sl_status find_kernel(struct sl_env *env, struct op_expr *expr, struct op_step *step,
                                  struct sl_error *err)
{
    const struct sl_step *plan = step->plan;
    struct sl_type types[SL_KERNEL_ARGUMENTS_MAX];
    char name[NAME_BYTES_MAX];
    if (plan->argument_count >= SL_KERNEL_ARGUMENTS_MAX) {
        return sl_fail(err, SL_UNSUPPORTED, "a function takes at most %d arguments, '%s' has more",
                       SL_KERNEL_ARGUMENTS_MAX - 1, expr->plan->text);
    }
    for (uint32_t idx = 0; idx < plan->argument_count; ++idx) {
        types[idx] = expr->steps[plan->arguments[idx]].plan->type;
    }
    function_name(plan, name);
    types[plan->argument_count] = expr->zone.type;
    const struct sl_function_def *def =
        sl_catalog_function(env->catalog, name, types, plan->argument_count);
    if (def == NULL || def->kernel == NULL) {
        char type[SL_TYPE_TEXT_BYTES] = "";
        if (plan->argument_count > 0) {
            sl_type_format(&types[0], type, sizeof type);
        }
        return sl_fail_at(err, SL_UNSUPPORTED, plan->line, plan->column_number,
                          "%s over %s is not supported yet (in '%s')", name, type,
                          expr->plan->text);
    }
    if (plan->kind == SL_STEP_CALL && def->version != plan->function_version) {
        return sl_fail(err, SL_FORMAT, "the plan has version %u of %s, this program %u",
                       plan->function_version, plan->function, def->version);
    }
    struct sl_type result = plan->type;
    const char *literals[SL_KERNEL_ARGUMENTS_MAX] = {NULL};
    if (plan->kind == SL_STEP_CALL) {
        SL_TRY(def->result_type(types, literals, plan->argument_count, &result, err));
    }
    if (!is_one_form(&result, &plan->type)) {
        return sl_fail(err, SL_CORRUPT, "%s in '%s' does not give what the plan says",
                       plan->function, expr->plan->text);
    }
    step->kernel = def->kernel;
    step->is_deterministic = def->is_deterministic;
    return open_kernel(expr, step, types, err);
}

static enum sl_status open_call(struct sl_env *env, struct op_expr *expr, struct op_step *step,
                                struct sl_error *err)
{
    const struct sl_step *plan = step->plan;
    if (plan->kind == SL_STEP_CAST) {
        const struct sl_type *from = &expr->steps[plan->arguments[0]].plan->type;
        if (from->id == SL_TYPE_NULL && !is_nested(&plan->type)) {
            return constant_null(expr, step, err);
        }
        if (is_same_form(from, &plan->type) && !is_nested(&plan->type)) {
            return SL_OK;
        }
    }
    return find_kernel(env, expr, step, err);
}

/* Computes a step over constants once. One that fails is left to run, so that its rows fail. */
static enum sl_status fold(struct op_expr *expr, struct op_step *step, struct sl_error *err)
{
    const bool is_call = step->plan->kind == SL_STEP_CALL || step->plan->kind == SL_STEP_CAST;
    if (is_call && step->kernel != NULL && !step->is_deterministic) {
        return SL_OK;
    }
    for (uint32_t idx = 0; idx < step->plan->argument_count; ++idx) {
        if (!expr->steps[step->plan->arguments[idx]].is_constant) {
            return SL_OK;
        }
    }
    uint16_t rows_storage[1];
    uint16_t choices[1];
    const struct op_expr_run_env run = {
        .row_count = 1, .physical_count = 1, .scratch = &expr->fixed};
    SL_TRY(op_step_reserve(step, 1, &expr->fixed, err));
    expr->rows_storage = rows_storage;
    expr->choices = choices;
    op_step_run(expr, step, &run);
    expr->rows_storage = NULL;
    expr->choices = NULL;
    if (step->errors == NULL) {
        step->is_constant = true;
        step->own.encoding = SL_CONST;
        step->value = &step->own;
    }
    return SL_OK;
}

static bool has_possible_types(const struct op_expr *expr, const struct sl_step *plan)
{
    const bool is_logic = plan->kind == SL_STEP_AND || plan->kind == SL_STEP_OR;
    if (!is_logic && plan->kind != SL_STEP_CASE) {
        return true;
    }
    for (uint32_t idx = 0; idx < plan->argument_count; ++idx) {
        const struct sl_type *type = &expr->plan->steps[plan->arguments[idx]].type;
        const bool is_value =
            plan->kind == SL_STEP_CASE && (idx % 2 == 1 || idx + 1 == plan->argument_count);
        if (is_value ? !is_one_form(type, &plan->type) : type->id != SL_TYPE_BOOLEAN) {
            return false;
        }
    }
    return plan->kind == SL_STEP_CASE || plan->type.id == SL_TYPE_BOOLEAN;
}

static bool has_possible_arguments(const struct sl_step *plan, uint32_t step_idx)
{
    for (uint32_t idx = 0; idx < plan->argument_count; ++idx) {
        if (plan->arguments[idx] >= step_idx) {
            return false;
        }
    }
    switch (plan->kind) {
    case SL_STEP_CAST:
        return plan->argument_count == 1;
    case SL_STEP_AND:
    case SL_STEP_OR:
        return plan->argument_count == 2;
    case SL_STEP_CASE:
        return plan->argument_count >= 3 && plan->argument_count % 2 == 1 &&
               plan->argument_count <= STEPS_MAX;
    default:
        return true;
    }
}

static enum sl_status open_step(struct sl_env *env, struct op_expr *expr, uint32_t step_idx,
                                struct sl_error *err)
{
    struct op_step *step = &expr->steps[step_idx];
    const struct sl_step *plan = &expr->plan->steps[step_idx];
    step->plan = plan;
    step->value = &step->own;
    step->argument_count = plan->argument_count;
    if (plan->kind == SL_STEP_COLUMN) {
        return open_column(env, expr, plan, err);
    }
    if (plan->kind == SL_STEP_CONSTANT) {
        return open_constant(expr, step, err);
    }
    if (!has_possible_arguments(plan, step_idx) || !has_possible_types(expr, plan)) {
        return sl_fail(err, SL_CORRUPT, "step %u of '%s' has impossible arguments", step_idx,
                       expr->plan->text);
    }
    if (is_nested(&plan->type)) {
        return sl_fail(err, SL_UNSUPPORTED, "'%s' makes a nested type, which is not supported yet",
                       expr->plan->text);
    }
    step->arguments =
        SL_ARENA_ARRAY(&expr->fixed, const struct sl_vector *, plan->argument_count + 1);
    if (step->arguments == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for expression '%s'", expr->plan->text);
    }
    if (plan->kind == SL_STEP_CALL || plan->kind == SL_STEP_CAST) {
        SL_TRY(open_call(env, expr, step, err));
    }
    return step->is_constant ? SL_OK : fold(expr, step, err);
}

static enum sl_status open_zone(struct sl_env *env, struct op_expr *expr, struct sl_error *err)
{
    const char *zone = sl_option_text(&env->plan->settings, NULL, "table.local-time-zone");
    const struct sl_type type = sl_type_string();
    if (zone == NULL || strcmp(zone, "default") == 0) {
        zone = "UTC";
    }
    SL_TRY(sl_vector_init(&expr->zone, &type, 1, &expr->fixed, err));
    *(struct sl_view *)expr->zone.data = sl_view_of(zone, strlen(zone));
    expr->zone.encoding = SL_CONST;
    return SL_OK;
}

enum sl_status op_expr_open(struct sl_env *env, const struct sl_expr *source,
                            struct op_expr **result, struct sl_error *err)
{
    struct op_expr *expr = SL_ARENA_NEW(env->arena, struct op_expr);
    *result = expr;
    if (expr == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for expression '%s'", source->text);
    }
    expr->plan = source;
    expr->account = env->account;
    expr->batch_rows = env->batch_rows == 0 ? SL_BATCH_ROWS_MAX : env->batch_rows;
    sl_arena_init(&expr->fixed, env->account, 4096);
    sl_arena_init(&expr->results, env->account, 0);
    sl_arena_init(&expr->scratch, env->account, 0);
    if (source->step_count == 0 || source->step_count > STEPS_MAX) {
        return sl_fail(err, SL_UNSUPPORTED, "expression of %u steps, 1 to %d are possible",
                       source->step_count, STEPS_MAX);
    }
    expr->steps = SL_ARENA_ARRAY(&expr->fixed, struct op_step, source->step_count);
    if (expr->steps == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for expression '%s'", source->text);
    }
    expr->step_count = source->step_count;
    SL_TRY(open_zone(env, expr, err));
    for (uint32_t idx = 0; idx < source->step_count; ++idx) {
        SL_TRY(open_step(env, expr, idx, err));
    }
    return SL_OK;
}

void op_expr_close(struct op_expr *expr)
{
    if (expr == NULL) {
        return;
    }
    for (uint32_t idx = 0; idx < expr->step_count; ++idx) {
        struct op_step *step = &expr->steps[idx];
        if (step->kernel != NULL && step->kernel->close != NULL) {
            step->kernel->close(step->kernel_state);
        }
    }
    expr->step_count = 0;
    sl_arena_deinit(&expr->scratch);
    sl_arena_deinit(&expr->results);
    sl_arena_deinit(&expr->fixed);
}
