/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions from postfix words to steps, with the casts that the binder would put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"

enum { STEPS_MAX = 256 };

struct builder {
    struct support *support;
    const struct sl_schema *schema;
    struct sl_step *steps;
    uint32_t step_count;
    uint32_t stack[STEPS_MAX];
    uint32_t depth;
};

static struct sl_step *add_step(struct builder *builder, enum sl_step_kind kind,
                                struct sl_type type)
{
    assert_true(builder->step_count < STEPS_MAX);
    builder->stack[builder->depth++] = builder->step_count;
    struct sl_step *step = &builder->steps[builder->step_count++];
    *step = (struct sl_step){.kind = kind, .type = type};
    return step;
}

static void add_constant(struct builder *builder, struct sl_type type, const char *text,
                         size_t length)
{
    struct sl_column column = {.name = "c", .type = type};
    const struct sl_schema schema = {.column_count = 1, .columns = &column};
    const char *row = sl_arena_copy(&builder->support->arena, text, length);
    const struct sl_batch *batch =
        support_batch(builder->support, &schema, length == 0 ? "\n" : row);
    const struct sl_vector *vector = &batch->columns[0];
    struct sl_step *step = add_step(builder, SL_STEP_CONSTANT, type);
    step->type.nullable = false;
    step->constant.bytes = vector->data;
    step->constant.byte_count = sl_physical_width(vector->physical);
    if (vector->physical == SL_VIEW) {
        step->constant.bytes = row;
        step->constant.byte_count = (uint32_t)length;
    }
}

static void add_number(struct builder *builder, const char *word, size_t length)
{
    const char *point = memchr(word, '.', length);
    if (memchr(word, 'e', length) != NULL) {
        add_constant(builder, sl_type_of(SL_TYPE_DOUBLE), word, length);
    } else if (point != NULL) {
        const uint32_t scale = (uint32_t)(word + length - point - 1);
        const uint32_t digits = (uint32_t)length - 1 - (*word == '-');
        add_constant(builder, sl_type_decimal(digits, scale), word, length);
    } else if (word[length - 1] == 'L') {
        add_constant(builder, sl_type_of(SL_TYPE_BIGINT), word, length - 1);
    } else {
        add_constant(builder, sl_type_of(SL_TYPE_INT), word, length);
    }
}

static void set_arguments(struct builder *builder, struct sl_step *step, const uint32_t *arguments,
                          uint32_t count)
{
    uint32_t *copy = SL_ARENA_ARRAY(&builder->support->arena, uint32_t, count);
    memcpy(copy, arguments, count * sizeof *copy);
    step->arguments = copy;
    step->argument_count = count;
}

/* Takes count arguments from the stack. */
static const uint32_t *pop(struct builder *builder, uint32_t count)
{
    assert_true(builder->depth >= count);
    builder->depth -= count;
    uint32_t *arguments = SL_ARENA_ARRAY(&builder->support->arena, uint32_t, count);
    memcpy(arguments, &builder->stack[builder->depth], count * sizeof *arguments);
    return arguments;
}

static uint32_t add_cast(struct builder *builder, uint32_t argument, struct sl_type type,
                         bool try_cast)
{
    struct sl_step *step = add_step(builder, SL_STEP_CAST, type);
    step->try_cast = try_cast;
    set_arguments(builder, step, &argument, 1);
    return builder->step_count - 1;
}

/* A cast that only an argument needs: not on the stack. */
static uint32_t coerce(struct builder *builder, uint32_t argument, const struct sl_type *type)
{
    if (sl_type_equal(&builder->steps[argument].type, type, false)) {
        return argument;
    }
    const uint32_t cast = add_cast(builder, argument, *type, false);
    builder->depth--;
    return cast;
}

static const char *signature(struct builder *builder, const char *name, const struct sl_type *types,
                             uint32_t count)
{
    char text[1024];
    int length = snprintf(text, sizeof text, "%s(", name);
    for (uint32_t idx = 0; idx < count; ++idx) {
        char type[SL_TYPE_TEXT_BYTES];
        length += snprintf(text + length, sizeof text - (size_t)length, "%s%s", idx == 0 ? "" : ",",
                           sl_type_format(&types[idx], type, sizeof type));
    }
    snprintf(text + length, sizeof text - (size_t)length, ")");
    return sl_arena_string(&builder->support->arena, text);
}

static enum sl_status add_call(struct builder *builder, const char *name, uint32_t count)
{
    struct sl_error *err = &builder->support->err;
    struct sl_type types[SL_KERNEL_ARGUMENTS_MAX];
    struct sl_type coerced[SL_KERNEL_ARGUMENTS_MAX];
    const char *literals[SL_KERNEL_ARGUMENTS_MAX] = {NULL};
    uint32_t arguments[SL_KERNEL_ARGUMENTS_MAX];
    const struct sl_function_def *def;
    struct sl_type result;
    assert_true(count < SL_KERNEL_ARGUMENTS_MAX);
    memcpy(arguments, pop(builder, count), count * sizeof *arguments);
    for (uint32_t idx = 0; idx < count; ++idx) {
        types[idx] = builder->steps[arguments[idx]].type;
    }
    SL_TRY(sl_catalog_resolve(&builder->support->catalog, name, types, count, &def, coerced, err));
    for (uint32_t idx = 0; idx < count; ++idx) {
        coerced[idx].nullable = types[idx].nullable;
        arguments[idx] = coerce(builder, arguments[idx], &coerced[idx]);
    }
    SL_TRY(def->result_type(coerced, literals, count, &result, err));
    struct sl_step *step = add_step(builder, SL_STEP_CALL, result);
    step->function = signature(builder, name, coerced, count);
    step->function_version = def->version;
    set_arguments(builder, step, arguments, count);
    return SL_OK;
}

static void add_logic(struct builder *builder, enum sl_step_kind kind)
{
    const uint32_t *arguments = pop(builder, 2);
    struct sl_step *step = add_step(builder, kind, sl_type_of(SL_TYPE_BOOLEAN));
    set_arguments(builder, step, arguments, 2);
}

static void add_case(struct builder *builder, uint32_t count)
{
    uint32_t arguments[STEPS_MAX];
    memcpy(arguments, pop(builder, count), count * sizeof *arguments);
    struct sl_type type = builder->steps[arguments[count - 1]].type;
    for (uint32_t idx = 1; idx < count; idx += 2) {
        const struct sl_type *value = &builder->steps[arguments[idx]].type;
        type = type.id == SL_TYPE_NULL ? *value : type;
    }
    type.nullable = true;
    for (uint32_t idx = 1; idx < count; idx += 2) {
        arguments[idx] = coerce(builder, arguments[idx], &type);
    }
    arguments[count - 1] = coerce(builder, arguments[count - 1], &type);
    set_arguments(builder, add_step(builder, SL_STEP_CASE, type), arguments, count);
}

static enum sl_status add_named(struct builder *builder, const char *word, size_t length)
{
    const char *name = sl_arena_copy(&builder->support->arena, word, length);
    const char *slash = strchr(name, '/');
    const int32_t column = sl_schema_find(builder->schema, name);
    if (column >= 0) {
        struct sl_step *step =
            add_step(builder, SL_STEP_COLUMN, builder->schema->columns[column].type);
        step->column = (uint32_t)column;
    } else if (strcmp(name, "NULL") == 0) {
        add_step(builder, SL_STEP_CONSTANT, sl_type_of(SL_TYPE_NULL))->constant.is_null = true;
    } else if (strcmp(name, "TRUE") == 0 || strcmp(name, "FALSE") == 0) {
        add_constant(builder, sl_type_of(SL_TYPE_BOOLEAN), name, length);
    } else if (strcmp(name, "AND") == 0 || strcmp(name, "OR") == 0) {
        add_logic(builder, *name == 'A' ? SL_STEP_AND : SL_STEP_OR);
    } else if (strncmp(name, "CASE/", 5) == 0) {
        add_case(builder, (uint32_t)strtoul(name + 5, NULL, 10));
    } else if (slash != NULL) {
        return add_call(builder,
                        sl_arena_copy(&builder->support->arena, name, (size_t)(slash - name)),
                        (uint32_t)strtoul(slash + 1, NULL, 10));
    } else {
        fail_msg("unknown word '%s' in an expression", name);
    }
    return SL_OK;
}

/* One word; *text is moved behind it. */
static enum sl_status add_word(struct builder *builder, const char **text)
{
    const char *word = *text;
    size_t length = strcspn(word, " \"");
    if (*word == '\'') {
        length = strcspn(word + 1, "'");
        *text = word + length + 2;
        struct sl_type type = sl_type_string();
        add_constant(builder, type, word + 1, length);
        return SL_OK;
    }
    *text = word + length;
    if (word[length] == '"') {
        const size_t value_length = strcspn(word + length + 1, "\"");
        const char *type = sl_arena_copy(&builder->support->arena, word, length);
        *text = word + length + value_length + 2;
        add_constant(builder, support_type(builder->support, type), word + length + 1,
                     value_length);
        return SL_OK;
    }
    const size_t cast = strncmp(word, "CAST:", 5) == 0       ? 5
                        : strncmp(word, "TRY_CAST:", 9) == 0 ? 9
                                                             : 0;
    if (cast > 0) {
        const char *type = sl_arena_copy(&builder->support->arena, word + cast, length - cast);
        add_cast(builder, *pop(builder, 1), support_type(builder->support, type), cast == 9);
        return SL_OK;
    }
    if ((*word >= '0' && *word <= '9') || (*word == '-' && length > 1)) {
        add_number(builder, word, length);
        return SL_OK;
    }
    return add_named(builder, word, length);
}

enum sl_status support_try_expr(struct support *support, const struct sl_schema *schema,
                                const char *text, struct sl_expr *expr)
{
    struct builder builder = {.support = support, .schema = schema};
    builder.steps = SL_ARENA_ARRAY(&support->arena, struct sl_step, STEPS_MAX);
    expr->text = text;
    while (*text != '\0') {
        SL_TRY(add_word(&builder, &text));
        text += strspn(text, " ");
    }
    assert_int_equal(builder.depth, 1);
    expr->steps = builder.steps;
    expr->step_count = builder.step_count;
    return SL_OK;
}

struct sl_expr *support_expr(struct support *support, const struct sl_schema *schema,
                             const char *text)
{
    struct sl_expr *expr = SL_ARENA_NEW(&support->arena, struct sl_expr);
    if (support_try_expr(support, schema, text, expr) != SL_OK) {
        fail_msg("%s: %s", text, support->err.text);
    }
    return expr;
}
