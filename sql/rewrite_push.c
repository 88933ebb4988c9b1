/* SPDX-License-Identifier: Apache-2.0
 *
 * Predicate push-down. A conjunct passes a node when it means the same below it and nothing is
 * computed twice for it. Below a watermark only what a source may evaluate: a source deselects
 * rows, whose time the watermark still sees; a filter operator would hide it. */
#include "rewrite.h"

#include "physical.h"
#include "sluice/predicate.h"

static enum sl_status push(struct sql_context *context, struct sql_logical *node,
                           struct sql_bounds conjuncts, struct sql_logical **result);

static enum sl_status copy_node(struct sql_context *context, const struct sql_logical *node,
                                struct sql_logical *input, struct sql_logical **result)
{
    struct sql_logical *copy;
    SQL_NEW(context, copy, 1);
    *copy = *node;
    copy->input = input;
    *result = copy;
    return SL_OK;
}

/* Whether the conjunct reads only columns with a replacement. One that reads none stays above an
 * aggregate: below, it would say which groups there are. */
static enum sl_status can_replace(struct sql_context *context, const struct sql_bound *conjunct,
                                  struct sql_bound *const *replacements,
                                  const struct sql_logical *node, bool *can)
{
    const uint32_t count = node->field_count;
    bool *used;
    bool any = false;
    bool all = true;
    SQL_NEW(context, used, count);
    sql_bound_columns(conjunct, used);
    for (uint32_t i = 0; i < count; i++) {
        any = any || used[i];
        all = all && (!used[i] || replacements[i] != NULL);
    }
    *can = all && (any || node->kind != SQL_LOGICAL_AGGREGATE);
    return SL_OK;
}

/* What each output column is below the node, NULL where it is not simply there. */
static enum sl_status replacements_below(struct sql_context *context,
                                         const struct sql_logical *node,
                                         struct sql_bound ***replacements)
{
    SQL_NEW(context, *replacements, node->field_count);
    struct sql_bound **items = *replacements;
    for (uint32_t i = 0; i < node->field_count; i++) {
        if (node->kind == SQL_LOGICAL_PROJECT) {
            struct sql_bound *expr = node->exprs.items[i];
            bool is_simple = expr->kind == SQL_BOUND_COLUMN || expr->kind == SQL_BOUND_CONSTANT;
            items[i] = is_simple ? expr : NULL;
        } else if (node->kind == SQL_LOGICAL_AGGREGATE && i < node->key_count) {
            SL_TRY(sql_make_column(context, node->span, node->input->fields, node->keys[i],
                                   &items[i]));
        } else if (node->kind == SQL_LOGICAL_WINDOW && i < node->input->field_count) {
            SL_TRY(sql_make_column(context, node->span, node->input->fields, i, &items[i]));
        }
    }
    return SL_OK;
}

static uint32_t count_column(const struct sql_bound *bound, uint32_t column)
{
    uint32_t count = bound->kind == SQL_BOUND_COLUMN && bound->column == column ? 1 : 0;
    for (uint32_t i = 0; i < bound->argument_count; i++) {
        count += count_column(bound->arguments[i], column);
    }
    return count;
}

/* Two projections are one when nothing that the lower computes is used twice. */
static bool can_join(const struct sql_logical *upper, const struct sql_logical *lower)
{
    for (uint32_t i = 0; i < lower->exprs.count; i++) {
        uint32_t uses = 0;
        if (lower->exprs.items[i]->argument_count == 0) {
            continue;
        }
        for (uint32_t j = 0; j < upper->exprs.count && uses < 2; j++) {
            uses += count_column(upper->exprs.items[j], i);
        }
        if (uses > 1) {
            return false;
        }
    }
    return true;
}

static enum sl_status join_projections(struct sql_context *context, struct sql_logical *upper,
                                       struct sql_logical **result)
{
    const struct sql_logical *lower = upper->input;
    *result = upper;
    if (lower->kind != SQL_LOGICAL_PROJECT || !can_join(upper, lower)) {
        return SL_OK;
    }
    struct sql_bounds exprs = {0};
    for (uint32_t i = 0; i < upper->exprs.count; i++) {
        struct sql_bound *expr;
        SL_TRY(sql_substitute(context, upper->exprs.items[i], lower->exprs.items, &expr));
        SL_TRY(sql_bounds_add(context, &exprs, expr));
    }
    SL_TRY(copy_node(context, upper, lower->input, result));
    (*result)->exprs = exprs;
    return SL_OK;
}

static enum sl_status push_through(struct sql_context *context, struct sql_logical *node,
                                   struct sql_bounds conjuncts, struct sql_logical **result)
{
    struct sql_bound **replacements;
    struct sql_bounds below = {0};
    struct sql_bounds kept = {0};
    struct sql_logical *input;
    SL_TRY(replacements_below(context, node, &replacements));
    for (uint32_t i = 0; i < conjuncts.count; i++) {
        struct sql_bound *conjunct = conjuncts.items[i];
        bool passes = false;
        SL_TRY(can_replace(context, conjunct, replacements, node, &passes));
        if (passes) {
            SL_TRY(sql_substitute(context, conjunct, replacements, &conjunct));
        }
        SL_TRY(sql_bounds_add(context, passes ? &below : &kept, conjunct));
    }
    SL_TRY(push(context, node->input, below, &input));
    SL_TRY(copy_node(context, node, input, result));
    if (node->kind == SQL_LOGICAL_PROJECT) {
        SL_TRY(join_projections(context, *result, result));
    }
    return sql_logical_filter(context, *result, kept, result);
}

static enum sl_status push_filter(struct sql_context *context, struct sql_logical *node,
                                  struct sql_bounds conjuncts, struct sql_logical **result)
{
    struct sql_bounds all = {0};
    for (uint32_t i = 0; i < node->exprs.count; i++) {
        SL_TRY(sql_bounds_add(context, &all, node->exprs.items[i]));
    }
    for (uint32_t i = 0; i < conjuncts.count; i++) {
        SL_TRY(sql_bounds_add(context, &all, conjuncts.items[i]));
    }
    return push(context, node->input, all, result);
}

static enum sl_status is_for_source(struct sql_context *context, const struct sql_logical *scan,
                                    struct sql_bound *conjunct, bool *answer)
{
    bool *used;
    struct sl_expr expr;
    SQL_NEW(context, used, scan->field_count);
    sql_bound_columns(conjunct, used);
    struct sl_schema physical;
    uint32_t *identity;
    SQL_NEW(context, identity, scan->field_count);
    for (uint32_t i = 0; i < scan->field_count; i++) {
        identity[i] = i;
    }
    SL_TRY(sql_physical_of_fields(context, scan->fields, scan->field_count, &physical));
    SL_TRY(sql_flatten(context, conjunct, identity, &physical, &expr));
    *answer = sl_predicate_is_simple(&expr);
    for (uint32_t i = 0; i < scan->field_count; i++) {
        *answer = *answer && (!used[i] || i < scan->physical_count);
    }
    return SL_OK;
}

/* node is a scan, or a watermark right above one. */
static enum sl_status push_to_scan(struct sql_context *context, struct sql_logical *node,
                                   struct sql_bounds conjuncts, struct sql_logical **result)
{
    struct sql_logical *scan = node->kind == SQL_LOGICAL_SCAN ? node : node->input;
    struct sql_bounds kept = {0};
    SL_TRY(copy_node(context, scan, NULL, &scan));
    for (uint32_t i = 0; i < conjuncts.count; i++) {
        bool goes = false;
        SL_TRY(is_for_source(context, scan, conjuncts.items[i], &goes));
        SL_TRY(sql_bounds_add(context, goes ? &scan->exprs : &kept, conjuncts.items[i]));
    }
    *result = scan;
    if (node->kind == SQL_LOGICAL_WATERMARK) {
        SL_TRY(copy_node(context, node, scan, result));
    }
    return sql_logical_filter(context, *result, kept, result);
}

static enum sl_status push(struct sql_context *context, struct sql_logical *node,
                           struct sql_bounds conjuncts, struct sql_logical **result)
{
    switch (node->kind) {
    case SQL_LOGICAL_SCAN:
    case SQL_LOGICAL_WATERMARK:
        return push_to_scan(context, node, conjuncts, result);
    case SQL_LOGICAL_FILTER:
        return push_filter(context, node, conjuncts, result);
    case SQL_LOGICAL_PROJECT:
    case SQL_LOGICAL_WINDOW:
    case SQL_LOGICAL_AGGREGATE:
        return push_through(context, node, conjuncts, result);
    case SQL_LOGICAL_SINK:
        break;
    }
    struct sql_logical *input;
    SL_TRY(push(context, node->input, conjuncts, &input));
    return copy_node(context, node, input, result);
}

enum sl_status sql_rewrite_push(struct sql_context *context, struct sql_logical *node,
                                struct sql_logical **result)
{
    return push(context, node, (struct sql_bounds){0}, result);
}
