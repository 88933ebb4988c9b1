/* SPDX-License-Identifier: Apache-2.0
 *
 * TUMBLE and HOP in FROM. Sizes are constants of whole milliseconds; the time column must be a time
 * attribute, or windows would never close. */
#include <string.h>
#include <strings.h>

#include "bind.h"

enum slot { DATA, TIMECOL, SLIDE, SIZE, OFFSET, SLOT_COUNT };

struct shape {
    const char *name;
    enum slot order[SLOT_COUNT]; /* of positional arguments */
    uint32_t required;
    uint32_t count;
};

static const struct shape SHAPES[] = {
    {"TUMBLE", {DATA, TIMECOL, SIZE, OFFSET}, 3, 4},
    {"HOP", {DATA, TIMECOL, SLIDE, SIZE, OFFSET}, 4, 5},
};

static const char *const SLOT_NAMES[] = {[DATA] = "DATA",
                                         [TIMECOL] = "TIMECOL",
                                         [SLIDE] = "SLIDE",
                                         [SIZE] = "SIZE",
                                         [OFFSET] = "OFFSET"};

struct arguments {
    const struct sql_expr *slots[SLOT_COUNT];
};

static enum sl_status find_slot(struct sql_context *context, const struct shape *shape,
                                const struct sql_name *name, enum slot *slot)
{
    const char *names[SLOT_COUNT];
    for (uint32_t i = 0; i < shape->count; i++) {
        names[i] = SLOT_NAMES[shape->order[i]];
        if (strcasecmp(names[i], name->text) == 0) {
            *slot = shape->order[i];
            return SL_OK;
        }
    }
    return sql_fail(context, name->span, SL_SEMANTIC, "%s has no argument '%s'%s", shape->name,
                    name->text, sql_did_you_mean(context, name->text, names, shape->count));
}

static enum sl_status sort_arguments(struct sql_context *context, const struct shape *shape,
                                     const struct sql_expr *expr, struct arguments *arguments)
{
    const struct sql_call *call = &expr->call;
    if (call->arg_count > shape->count) {
        return sql_fail(context, expr->span, SL_SEMANTIC, "%s takes at most %u arguments",
                        shape->name, shape->count);
    }
    for (uint32_t i = 0; i < call->arg_count; i++) {
        enum slot slot = shape->order[i];
        if (call->args[i].name.text != NULL) {
            SL_TRY(find_slot(context, shape, &call->args[i].name, &slot));
        }
        if (arguments->slots[slot] != NULL) {
            return sql_fail(context, call->args[i].value->span, SL_SEMANTIC,
                            "%s: argument %s is given twice", shape->name, SLOT_NAMES[slot]);
        }
        arguments->slots[slot] = call->args[i].value;
    }
    for (uint32_t i = 0; i < shape->required; i++) {
        if (arguments->slots[shape->order[i]] == NULL) {
            return sql_fail(context, expr->span, SL_SEMANTIC, "%s: argument %s is missing",
                            shape->name, SLOT_NAMES[shape->order[i]]);
        }
    }
    return SL_OK;
}

static enum sl_status interval_ms(struct sql_context *context, const struct sql_expr *expr,
                                  enum slot slot, int64_t *value)
{
    const struct sql_scope nothing = {0};
    struct sql_binder binder = {
        .context = context, .scope = &nothing, .no_aggregates = "a window's argument"};
    struct sql_bound *bound;
    SL_TRY(sql_bind_expr(&binder, expr, &bound));
    if (bound->kind != SQL_BOUND_CONSTANT || bound->type.id != SL_TYPE_INTERVAL_DAY_TIME ||
        bound->constant.is_null) {
        return sql_fail(context, expr->span, SL_SEMANTIC,
                        "%s must be a literal like INTERVAL '10' SECOND", SLOT_NAMES[slot]);
    }
    memcpy(value, bound->constant.bytes, sizeof *value);
    if (slot != OFFSET && *value <= 0) {
        return sql_fail(context, expr->span, SL_SEMANTIC, "%s must be longer than 0",
                        SLOT_NAMES[slot]);
    }
    return SL_OK;
}

static enum sl_status find_rowtime(struct sql_context *context, const struct shape *shape,
                                   const struct sql_expr *expr, const struct sql_logical *input,
                                   const char *table, uint32_t *rowtime)
{
    if (expr->kind != SQL_EXPR_DESCRIPTOR || expr->descriptor.count != 1) {
        return sql_fail(context, expr->span, SL_SEMANTIC,
                        "%s: expected DESCRIPTOR(column) with one time column", shape->name);
    }
    const struct sql_name *name = &expr->descriptor.names[0];
    struct sql_scope scope = {
        .alias = table, .fields = input->fields, .field_count = input->field_count};
    SL_TRY(sql_scope_find_name(context, &scope, name, rowtime));
    enum sql_role role = input->fields[*rowtime].role;
    if (role != SQL_ROLE_ROWTIME && role != SQL_ROLE_WINDOW_TIME) {
        return sql_fail(context, name->span, SL_SEMANTIC,
                        "%s needs a time attribute, which column '%s' is not: declare WATERMARK "
                        "FOR %s in its table",
                        shape->name, name->text, name->text);
    }
    return SL_OK;
}

/* Two columns of one name would let GROUP BY window_start mean the old window. */
static enum sl_status add_field(struct sql_context *context, struct sql_logical *node,
                                const char *name, struct sl_type type, enum sql_role role)
{
    for (uint32_t i = 0; i < node->field_count; i++) {
        if (strcmp(node->fields[i].name, name) == 0) {
            return sql_fail(context, node->span, SL_SEMANTIC,
                            "the windowed table has a column '%s' already: rename it in a view, "
                            "as the window adds one of that name",
                            name);
        }
    }
    node->fields[node->field_count++] = (struct sql_field){name, type, role};
    return SL_OK;
}

static enum sl_status make_window(struct sql_context *context, struct sql_logical *input,
                                  const struct sql_window_spec *spec, struct sql_span span,
                                  struct sql_logical **result)
{
    struct sl_type plain = sl_type_not_null(sl_type_timestamp(SL_TYPE_TIMESTAMP, 3));
    struct sl_type time = sl_type_not_null(input->fields[spec->rowtime].type);
    uint32_t count = input->field_count;
    struct sql_logical *node;
    SL_TRY(sql_logical_new(context, SQL_LOGICAL_WINDOW, input, &node));
    SQL_NEW(context, node->fields, count + 3);
    for (uint32_t i = 0; i < count; i++) {
        node->fields[i] = input->fields[i];
        node->fields[i].role = SQL_ROLE_NONE; /* window_time is the time from here on */
    }
    node->field_count = count;
    node->span = sql_position(context, span);
    SL_TRY(add_field(context, node, "window_start", plain, SQL_ROLE_WINDOW_START));
    SL_TRY(add_field(context, node, "window_end", plain, SQL_ROLE_WINDOW_END));
    SL_TRY(add_field(context, node, "window_time", time, SQL_ROLE_WINDOW_TIME));
    node->is_windowed = true;
    node->window = *spec;
    *result = node;
    return SL_OK;
}

static const struct shape *find_shape(const char *name)
{
    for (size_t i = 0; i < SL_COUNT_OF(SHAPES); i++) {
        if (strcmp(SHAPES[i].name, name) == 0) {
            return &SHAPES[i];
        }
    }
    return NULL;
}

static enum sl_status bind_sizes(struct sql_context *context, const struct arguments *arguments,
                                 struct sql_window_spec *spec)
{
    SL_TRY(interval_ms(context, arguments->slots[SIZE], SIZE, &spec->size_ms));
    spec->slide_ms = spec->size_ms;
    if (arguments->slots[SLIDE] != NULL) {
        SL_TRY(interval_ms(context, arguments->slots[SLIDE], SLIDE, &spec->slide_ms));
        if (spec->size_ms % spec->slide_ms != 0) {
            return sql_fail(context, arguments->slots[SIZE]->span, SL_SEMANTIC,
                            "HOP: SIZE must be a multiple of SLIDE");
        }
    }
    if (arguments->slots[OFFSET] != NULL) {
        int64_t offset = 0;
        SL_TRY(interval_ms(context, arguments->slots[OFFSET], OFFSET, &offset));
        spec->offset_ms = (offset % spec->slide_ms + spec->slide_ms) % spec->slide_ms;
    }
    return SL_OK;
}

enum sl_status sql_bind_window(struct sql_context *context, const struct sql_expr *expr,
                               struct sql_logical **result, const char **name)
{
    const struct shape *shape = find_shape(expr->call.name.text);
    if (shape == NULL) {
        return sql_fail(context, expr->span, SL_UNSUPPORTED,
                        "table function %s is not supported yet", expr->call.name.text);
    }
    struct arguments arguments = {{NULL}};
    SL_TRY(sort_arguments(context, shape, expr, &arguments));
    const struct sql_expr *data = arguments.slots[DATA];
    if (data->kind != SQL_EXPR_TABLE) {
        return sql_fail(context, data->span, SL_SEMANTIC, "%s: expected TABLE name", shape->name);
    }
    if (data->table.partition_by.count > 0) {
        return sql_refuse(context, data->span, "PARTITION BY here");
    }
    struct sql_logical *input;
    SL_TRY(sql_bind_named(context, &data->table.path, NULL, &input, name));
    if (input->changelog != SL_APPEND) {
        return sql_refuse(context, data->span, "a window over an updating input");
    }
    struct sql_window_spec spec = {.assigner = shape->name};
    SL_TRY(find_rowtime(context, shape, arguments.slots[TIMECOL], input, *name, &spec.rowtime));
    SL_TRY(bind_sizes(context, &arguments, &spec));
    return make_window(context, input, &spec, expr->span, result);
}
