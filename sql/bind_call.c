/* SPDX-License-Identifier: Apache-2.0
 *
 * Function calls: resolved by the catalog, which knows every overload; only what is no function at
 * all (COALESCE and its like, aggregates) is known by name here. */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "coerce.h"

/* Functions of Flink that have no implementation here: "not supported yet" is more honest than
 * "unknown". Sorted. */
static const char *const KNOWN[] = {
    "ARRAY_AGG",
    "ARRAY_APPEND",
    "ARRAY_CONCAT",
    "ARRAY_CONTAINS",
    "ARRAY_DISTINCT",
    "ARRAY_JOIN",
    "ARRAY_MAX",
    "ARRAY_MIN",
    "ARRAY_POSITION",
    "ARRAY_SLICE",
    "ARRAY_SORT",
    "ASCII",
    "BIN",
    "BTRIM",
    "CARDINALITY",
    "CEIL",
    "CEILING",
    "CHR",
    "COLLECT",
    "CONCAT",
    "CONCAT_WS",
    "CONVERT_TZ",
    "CUBE",
    "CUME_DIST",
    "CUMULATE",
    "CURRENT_DATE",
    "CURRENT_ROW_TIMESTAMP",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_WATERMARK",
    "DATE_FORMAT",
    "DAYOFMONTH",
    "DAYOFWEEK",
    "DAYOFYEAR",
    "DECODE",
    "DENSE_RANK",
    "ELEMENT",
    "ELT",
    "ENCODE",
    "ENDSWITH",
    "EXTRACT",
    "FIRST_VALUE",
    "FLOOR",
    "FROM_BASE64",
    "FROM_UNIXTIME",
    "GREATEST",
    "GROUPING",
    "GROUPING_ID",
    "HEX",
    "HOP",
    "HOP_END",
    "HOP_PROCTIME",
    "HOP_ROWTIME",
    "HOP_START",
    "HOUR",
    "INITCAP",
    "INSTR",
    "IS_ALPHA",
    "IS_DECIMAL",
    "IS_DIGIT",
    "JSON_ARRAY",
    "JSON_EXISTS",
    "JSON_OBJECT",
    "JSON_QUERY",
    "JSON_STRING",
    "JSON_VALUE",
    "LAG",
    "LAST_VALUE",
    "LEAD",
    "LEAST",
    "LISTAGG",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "LOCATE",
    "LPAD",
    "LTRIM",
    "MAP_KEYS",
    "MAP_VALUES",
    "MD5",
    "MINUTE",
    "MONTH",
    "NOW",
    "NTILE",
    "OVERLAPS",
    "OVERLAY",
    "PARSE_URL",
    "PERCENTILE",
    "PERCENT_RANK",
    "POSITION",
    "PRINTF",
    "PROCTIME",
    "QUARTER",
    "RAND",
    "RAND_INTEGER",
    "RANK",
    "REGEXP_COUNT",
    "REGEXP_EXTRACT",
    "REGEXP_EXTRACT_ALL",
    "REGEXP_INSTR",
    "REGEXP_REPLACE",
    "REGEXP_SUBSTR",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "ROLLUP",
    "ROW_NUMBER",
    "RPAD",
    "RTRIM",
    "SECOND",
    "SESSION",
    "SESSION_END",
    "SESSION_ROWTIME",
    "SESSION_START",
    "SHA1",
    "SHA2",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "SIMILAR_TO",
    "SPLIT",
    "SPLIT_INDEX",
    "STARTSWITH",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "STR_TO_MAP",
    "TIMESTAMPADD",
    "TIMESTAMPDIFF",
    "TO_BASE64",
    "TO_DATE",
    "TO_TIMESTAMP",
    "TO_TIMESTAMP_LTZ",
    "TRANSLATE",
    "TRIM",
    "TRUNCATE",
    "TUMBLE",
    "TUMBLE_END",
    "TUMBLE_PROCTIME",
    "TUMBLE_ROWTIME",
    "TUMBLE_START",
    "TYPEOF",
    "UNHEX",
    "UNIX_TIMESTAMP",
    "URL_DECODE",
    "URL_ENCODE",
    "UUID",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
    "WEEK",
    "YEAR",
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static bool is_known(const char *name)
{
    return bsearch(name, KNOWN, SL_COUNT_OF(KNOWN), sizeof KNOWN[0], compare_names) != NULL;
}

/* Group windows are the old way to write a window; say what to write instead. */
static enum sl_status fail_unknown(struct sql_context *context, struct sql_span span,
                                   const char *name, enum sl_status status)
{
    if (strncmp(name, "TUMBLE", 6) == 0 || strncmp(name, "HOP", 3) == 0) {
        return sql_fail(context, span, SL_UNSUPPORTED,
                        "%s as a group window is not supported yet; write FROM TABLE(TUMBLE(TABLE "
                        "t, DESCRIPTOR(ts), size)) and GROUP BY window_start, window_end",
                        name);
    }
    if (is_known(name)) {
        return sql_fail(context, span, SL_UNSUPPORTED, "function %s is not supported yet", name);
    }
    return sql_fail_as(context, span, status);
}

/* The catalog lists every overload, which is too much to read for an operator. */
static enum sl_status fail_types(struct sql_context *context, struct sql_span span,
                                 const char *name, const struct sl_type *types, uint32_t count,
                                 enum sl_status status)
{
    const char *symbol = sql_operator_symbol(name);
    if (symbol == NULL || status != SL_SEMANTIC || count == 0) {
        return sql_fail_as(context, span, status);
    }
    char left[SL_TYPE_TEXT_BYTES];
    char right[SL_TYPE_TEXT_BYTES];
    struct sl_type first = types[0];
    struct sl_type last = types[count - 1];
    first.nullable = true; /* does not matter here */
    last.nullable = true;
    sl_type_format(&first, left, sizeof left);
    sl_type_format(&last, right, sizeof right);
    return count == 1 ? sql_fail(context, span, status, "'%s' does not take %s", symbol, left)
                      : sql_fail(context, span, status, "'%s' does not take %s and %s", symbol,
                                 left, right);
}

static const char *literal_text(struct sql_context *context, const struct sql_bound *argument)
{
    return argument->kind == SQL_BOUND_CONSTANT && !argument->constant.is_null &&
                   sl_type_is_string(argument->type.id)
               ? sl_arena_copy(context->arena, argument->constant.bytes,
                               argument->constant.byte_count)
               : NULL;
}

/* A constant takes the other side's ticks where it has room for them, so that the comparison can go
 * to the source. */
static enum sl_status refine_constants(struct sql_context *context, struct sql_bound **arguments,
                                       uint32_t count, struct sl_type *coerced)
{
    for (uint32_t i = 0; i < count && count == 2; i++) {
        const struct sl_type *other = &coerced[1 - i];
        struct sql_bound *refined = NULL;
        if (arguments[i]->kind != SQL_BOUND_CONSTANT || coerced[i].id != other->id ||
            !sl_type_is_timestamp(other->id) || coerced[i].precision >= other->precision) {
            continue;
        }
        struct sl_type type = *other;
        type.nullable = arguments[i]->type.nullable;
        SL_TRY(sql_fold_cast(context, arguments[i], &type, &refined));
        if (refined != NULL) {
            arguments[i] = refined;
            coerced[i] = type;
        }
    }
    return SL_OK;
}

enum sl_status sql_make_call(struct sql_context *context, struct sql_span span, const char *name,
                             struct sql_bound **arguments, uint32_t count,
                             struct sql_bound **result)
{
    struct sl_type types[SL_KERNEL_ARGUMENTS_MAX];
    struct sl_type coerced[SL_KERNEL_ARGUMENTS_MAX];
    const char *literals[SL_KERNEL_ARGUMENTS_MAX];
    if (count > SL_KERNEL_ARGUMENTS_MAX) {
        return sql_fail(context, span, SL_UNSUPPORTED,
                        "%s with more than %d arguments is not supported yet", name,
                        SL_KERNEL_ARGUMENTS_MAX);
    }
    for (uint32_t i = 0; i < count; i++) {
        types[i] = arguments[i]->type;
    }
    struct sql_bound call = {
        .kind = SQL_BOUND_CALL, .span = span, .argument_count = count, .arguments = arguments};
    enum sl_status status = sl_catalog_resolve(context->catalog, name, types, count, &call.function,
                                               coerced, context->err);
    if (status == SL_NOT_FOUND) {
        return fail_unknown(context, span, name, status);
    }
    if (status != SL_OK) {
        return fail_types(context, span, name, types, count, status);
    }
    SL_TRY(refine_constants(context, arguments, count, coerced));
    for (uint32_t i = 0; i < count; i++) {
        SL_TRY(sql_convert(context, arguments[i], &coerced[i], &arguments[i]));
        types[i] = arguments[i]->type;
        literals[i] = literal_text(context, arguments[i]);
    }
    status = call.function->result_type(types, literals, count, &call.type, context->err);
    return status == SL_OK ? sql_make(context, &call, result) : sql_fail_as(context, span, status);
}

enum sl_status sql_make_call1(struct sql_context *context, struct sql_span span, const char *name,
                              struct sql_bound *argument, struct sql_bound **result)
{
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, 1);
    arguments[0] = argument;
    return sql_make_call(context, span, name, arguments, 1, result);
}

enum sl_status sql_make_call2(struct sql_context *context, struct sql_span span, const char *name,
                              struct sql_bound *left, struct sql_bound *right,
                              struct sql_bound **result)
{
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, 2);
    arguments[0] = left;
    arguments[1] = right;
    return sql_make_call(context, span, name, arguments, 2, result);
}

enum sl_status sql_make_case(struct sql_context *context, struct sql_span span,
                             struct sql_bound **arguments, uint32_t count,
                             struct sql_bound **result)
{
    uint32_t value_count = count / 2 + 1;
    struct sql_bound **values;
    SQL_NEW(context, values, value_count);
    for (uint32_t i = 0; i < value_count; i++) {
        values[i] = arguments[i == value_count - 1 ? count - 1 : 2 * i + 1];
    }
    struct sql_bound choice = {
        .kind = SQL_BOUND_CASE, .span = span, .argument_count = count, .arguments = arguments};
    SL_TRY(sql_convert_to_common(context, values, value_count, "the values of CASE", &choice.type));
    for (uint32_t i = 0; i < value_count; i++) {
        arguments[i == value_count - 1 ? count - 1 : 2 * i + 1] = values[i];
    }
    return sql_make(context, &choice, result);
}

static enum sl_status make_if(struct sql_context *context, struct sql_span span,
                              struct sql_bound *condition, struct sql_bound *value,
                              struct sql_bound *otherwise, struct sql_bound **result)
{
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, 3);
    arguments[0] = condition;
    arguments[1] = value;
    arguments[2] = otherwise;
    return sql_make_case(context, span, arguments, 3, result);
}

/* COALESCE(a, b, c): CASE WHEN a IS NOT NULL THEN a WHEN b IS NOT NULL THEN b ELSE c END. */
static enum sl_status make_coalesce(struct sql_context *context, struct sql_span span,
                                    struct sql_bound **items, uint32_t count,
                                    struct sql_bound **result)
{
    struct sql_bound **arguments;
    bool nullable = true;
    if (count == 1) {
        *result = items[0];
        return SL_OK;
    }
    SQL_NEW(context, arguments, 2 * count);
    for (uint32_t i = 0; i < count; i++) {
        nullable = nullable && items[i]->type.nullable;
        if (i + 1 < count) {
            SL_TRY(sql_make_call1(context, span, "IS_NOT_NULL", items[i], &arguments[2 * i]));
        }
        arguments[i + 1 < count ? 2 * i + 1 : 2 * i] = items[i];
    }
    SL_TRY(sql_make_case(context, span, arguments, 2 * count - 1, result));
    (*result)->type.nullable = nullable;
    return SL_OK;
}

/* GREATEST and LEAST, NULL when any argument is, over their common type. As in Flink the later one
 * is taken only when it is greater, so that a NaN, which is neither, changes nothing: CASE WHEN a <
 * b THEN b WHEN (a < b) IS NOT NULL THEN a ELSE NULL END. */
static enum sl_status make_extreme(struct sql_context *context, struct sql_span span, bool greatest,
                                   struct sql_bound **items, uint32_t count,
                                   struct sql_bound **result)
{
    struct sl_type type;
    const char *what = greatest ? "the arguments of GREATEST" : "the arguments of LEAST";
    SL_TRY(sql_convert_to_common(context, items, count, what, &type));
    *result = items[0];
    for (uint32_t i = 1; i < count; i++) {
        struct sql_bound **arguments;
        SQL_NEW(context, arguments, 5);
        SL_TRY(sql_make_call2(context, span, greatest ? "LT" : "GT", *result, items[i],
                              &arguments[0]));
        arguments[1] = items[i];
        SL_TRY(sql_make_call1(context, span, "IS_NOT_NULL", arguments[0], &arguments[2]));
        arguments[3] = *result;
        SL_TRY(sql_make_null(context, span, sl_type_of(SL_TYPE_NULL), &arguments[4]));
        SL_TRY(sql_make_case(context, span, arguments, 5, result));
    }
    return SL_OK;
}

/* EXTRACT(unit FROM t): the function of that unit. */
static enum sl_status make_extract(struct sql_context *context, const struct sql_expr *expr,
                                   struct sql_bound **arguments, struct sql_bound **result)
{
    static const char *const functions[][2] = {
        {"DAY", "DAYOFMONTH"}, {"DOY", "DAYOFYEAR"}, {"DOW", "DAYOFWEEK"}};
    const struct sql_expr *unit = expr->call.args[0].value;
    const char *name = unit->kind == SQL_EXPR_SYMBOL ? unit->symbol : "EXTRACT";
    for (size_t i = 0; i < SL_COUNT_OF(functions); i++) {
        name = strcmp(name, functions[i][0]) == 0 ? functions[i][1] : name;
    }
    return sql_make_call1(context, expr->span, name, arguments[1], result);
}

/* TRIM(where, characters, string). */
static enum sl_status make_trim(struct sql_context *context, const struct sql_expr *expr,
                                struct sql_bound **arguments, struct sql_bound **result)
{
    const struct sql_expr *where = expr->call.args[0].value;
    const char *symbol = where->kind == SQL_EXPR_SYMBOL ? where->symbol : "BOTH";
    const char *name = strcmp(symbol, "LEADING") == 0    ? "LTRIM"
                       : strcmp(symbol, "TRAILING") == 0 ? "RTRIM"
                                                         : "TRIM";
    const struct sql_bound *characters = arguments[1];
    bool is_space = characters->kind == SQL_BOUND_CONSTANT &&
                    characters->constant.byte_count == 1 && characters->constant.bytes[0] == ' ';
    return is_space ? sql_make_call1(context, expr->span, name, arguments[2], result)
                    : sql_refuse(context, expr->span, "TRIM of other characters than spaces");
}

/* Calls that are no function of the catalog; *result stays NULL for any other name. */
static enum sl_status bind_conditional(struct sql_context *context, const struct sql_expr *expr,
                                       struct sql_bound **arguments, struct sql_bound **result)
{
    const char *name = expr->call.name.text;
    uint32_t count = expr->call.arg_count;
    if ((strcmp(name, "COALESCE") == 0 && count > 0) ||
        (strcmp(name, "IFNULL") == 0 && count == 2)) {
        return make_coalesce(context, expr->span, arguments, count, result);
    }
    if (strcmp(name, "IF") == 0 && count == 3) {
        SL_TRY(sql_require_boolean(context, "the first argument of IF", &arguments[0]));
        return make_if(context, expr->span, arguments[0], arguments[1], arguments[2], result);
    }
    if (strcmp(name, "NULLIF") == 0 && count == 2) {
        struct sql_bound *equal;
        struct sql_bound *null;
        SL_TRY(sql_make_call2(context, expr->span, "EQ", arguments[0], arguments[1], &equal));
        SL_TRY(sql_make_null(context, expr->span, sl_type_of(SL_TYPE_NULL), &null));
        return make_if(context, expr->span, equal, null, arguments[0], result);
    }
    if ((strcmp(name, "GREATEST") == 0 || strcmp(name, "LEAST") == 0) && count > 0) {
        return make_extreme(context, expr->span, name[0] == 'G', arguments, count, result);
    }
    if (strcmp(name, "EXTRACT") == 0 && count == 2) {
        return make_extract(context, expr, arguments, result);
    }
    if (strcmp(name, "TRIM") == 0 && count == 3) {
        return make_trim(context, expr, arguments, result);
    }
    if (count == 2 && expr->call.args[1].value->kind == SQL_EXPR_SYMBOL) {
        return sql_refuse(context, expr->span, "a function of a time and a unit");
    }
    return SL_OK;
}

static enum sl_status bind_filter(const struct sql_binder *inner, const struct sql_call *call,
                                  struct sql_bound **filter)
{
    if (call->filter == NULL) {
        return SL_OK;
    }
    SL_TRY(sql_bind_expr(inner, call->filter, filter));
    return sql_require_boolean(inner->context, "FILTER (WHERE ...)", filter);
}

static enum sl_status bind_aggregate_call(const struct sql_binder *binder,
                                          const struct sql_expr *expr,
                                          const struct sl_aggregate_def *def,
                                          struct sql_bound **result)
{
    struct sql_context *context = binder->context;
    const struct sql_call *call = &expr->call;
    if (binder->no_aggregates != NULL) {
        return sql_fail(context, expr->span, SL_SEMANTIC, "aggregate %s is not allowed in %s",
                        def->name, binder->no_aggregates);
    }
    bool ignores_distinct = strcmp(def->name, "MIN") == 0 || strcmp(def->name, "MAX") == 0;
    if (call->distinct && !ignores_distinct) {
        return sql_refuse(context, expr->span, "an aggregate with DISTINCT");
    }
    if (call->arg_count > 1) {
        return sql_refuse(context, expr->span, "an aggregate of several arguments");
    }
    struct sql_binder inner = *binder;
    inner.no_aggregates = "an aggregate";
    struct sql_bound bound = {.kind = SQL_BOUND_AGGREGATE, .span = expr->span, .aggregate = def};
    struct sl_type type = sl_type_of(SL_TYPE_BIGINT);
    if (call->arg_count == 1) {
        SQL_NEW(context, bound.arguments, 1);
        bound.argument_count = 1;
        SL_TRY(sql_bind_expr(&inner, call->args[0].value, &bound.arguments[0]));
        type = bound.arguments[0]->type;
    }
    SL_TRY(bind_filter(&inner, call, &bound.filter));
    const char *literals[1] = {NULL};
    enum sl_status status =
        def->result_type(&type, literals, bound.argument_count, &bound.type, context->err);
    if (strcmp(def->name, "COUNT") != 0) {
        bound.type.nullable = true; /* a filter may leave no row, and retractions none either */
    }
    return status == SL_OK ? sql_make(context, &bound, result)
                           : sql_fail_as(context, expr->span, status);
}

enum sl_status sql_bind_call(const struct sql_binder *binder, const struct sql_expr *expr,
                             struct sql_bound **result)
{
    struct sql_context *context = binder->context;
    const struct sql_call *call = &expr->call;
    if (call->over != NULL) {
        return sql_refuse(context, expr->span, "OVER");
    }
    const struct sl_aggregate_def *aggregate =
        sl_catalog_aggregate(context->catalog, call->name.text);
    if (aggregate != NULL) {
        return bind_aggregate_call(binder, expr, aggregate, result);
    }
    if (call->star || call->distinct || call->filter != NULL) {
        if (is_known(call->name.text)) {
            return fail_unknown(context, expr->span, call->name.text, SL_NOT_FOUND);
        }
        return sql_fail(context, expr->span, SL_SEMANTIC,
                        "%s is not an aggregate: it takes no *, DISTINCT or FILTER",
                        call->name.text);
    }
    struct sql_bound **arguments;
    SQL_NEW(context, arguments, call->arg_count);
    for (uint32_t i = 0; i < call->arg_count; i++) {
        if (call->args[i].name.text != NULL) {
            return sql_refuse(context, call->args[i].name.span, "a named argument here");
        }
        SL_TRY(sql_bind_expr(binder, call->args[i].value, &arguments[i]));
    }
    *result = NULL;
    SL_TRY(bind_conditional(context, expr, arguments, result));
    return *result != NULL ? SL_OK
                           : sql_make_call(context, expr->span, call->name.text, arguments,
                                           call->arg_count, result);
}
