/* SPDX-License-Identifier: Apache-2.0
 *
 * LIKE and regular expressions. A constant pattern is compiled once, at open, where a broken one is
 * refused (by the planner already, when it is a literal); a pattern that comes with the rows is
 * compiled whenever it changes, and a broken one fails its row. */
#include <string.h>

#include "sluice/regex.h"
#include "sluice/text.h"

#include "kernel_support.h"

struct pattern {
    struct sl_account *account;
    struct sl_text text; /* of what is compiled */
    char escape;
    bool is_constant;
    bool is_broken;
    struct sl_like *like;
    struct sl_regex *regex;
};

static void forget(struct pattern *pattern)
{
    sl_like_destroy(pattern->like);
    sl_regex_destroy(pattern->regex);
    pattern->like = NULL;
    pattern->regex = NULL;
}

static void pattern_close(void *state)
{
    struct pattern *pattern = state;
    if (pattern == NULL) {
        return;
    }
    forget(pattern);
    sl_text_deinit(&pattern->text);
    sl_memory_free(pattern->account, pattern, sizeof *pattern);
}

static enum sl_status pattern_create(struct sl_account *account, struct pattern **result,
                                     struct sl_error *err)
{
    struct pattern *pattern = sl_memory_alloc(account, sizeof *pattern);
    if (pattern == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a pattern");
    }
    pattern->account = account;
    sl_text_init(&pattern->text, account, 0);
    *result = pattern;
    return SL_OK;
}

static bool has_value(const struct sl_vector *constant)
{
    return constant != NULL && sl_vector_is_valid(constant, 0);
}

/* The escape character: one ASCII character, 0 when it is none. */
static char escape_of(const struct sl_view *view)
{
    const char *data = sl_view_data(view);
    return view->length == 1 && (unsigned char)data[0] < 0x80 ? data[0] : 0;
}

static enum sl_status like_open(const struct sl_type *result_type,
                                const struct sl_type *argument_types,
                                const struct sl_vector *const *constants, uint32_t argument_count,
                                struct sl_account *account, void **state, struct sl_error *err)
{
    struct pattern *pattern = NULL;
    (void)result_type;
    (void)argument_types;
    SL_TRY(pattern_create(account, &pattern, err));
    *state = pattern;
    const bool has_escape = argument_count == 3;
    if (has_escape && has_value(constants[2])) {
        pattern->escape = escape_of(op_view(constants[2], 0));
        if (pattern->escape == 0) {
            return sl_fail(err, SL_SEMANTIC, "ESCAPE expects one ASCII character");
        }
    }
    if (!has_value(constants[1]) || (has_escape && !has_value(constants[2]))) {
        return SL_OK;
    }
    const struct sl_view *view = op_view(constants[1], 0);
    pattern->is_constant = true;
    return sl_like_create(sl_view_data(view), view->length, pattern->escape, account,
                          &pattern->like, err);
}

static enum sl_status regex_open(const struct sl_type *result_type,
                                 const struct sl_type *argument_types,
                                 const struct sl_vector *const *constants, uint32_t argument_count,
                                 struct sl_account *account, void **state, struct sl_error *err)
{
    struct pattern *pattern = NULL;
    (void)result_type;
    (void)argument_types;
    (void)argument_count;
    SL_TRY(pattern_create(account, &pattern, err));
    *state = pattern;
    if (!has_value(constants[1])) {
        return SL_OK;
    }
    const struct sl_view *view = op_view(constants[1], 0);
    pattern->is_constant = true;
    return sl_regex_create(sl_view_data(view), view->length, account, &pattern->regex, err);
}

/* Whether what is compiled is not for this text; notes the text then. */
static bool begin_change(struct pattern *pattern, const char *data, size_t length)
{
    const bool is_compiled = pattern->is_broken || pattern->like != NULL || pattern->regex != NULL;
    if (is_compiled && pattern->text.length == length &&
        (length == 0 || memcmp(pattern->text.data, data, length) == 0)) {
        return false;
    }
    forget(pattern);
    sl_text_reset(&pattern->text);
    sl_text_append(&pattern->text, data, length);
    return true;
}

static struct sl_like *like_for(struct sl_kernel_call *call, uint32_t row)
{
    struct pattern *pattern = call->state;
    if (pattern->is_constant) {
        return pattern->like;
    }
    char escape = 0;
    if (call->argument_count == 3) {
        escape = escape_of(op_view(call->arguments[2], row));
        if (escape == 0) {
            return NULL;
        }
    }
    const struct sl_view *view = op_view(call->arguments[1], row);
    if (begin_change(pattern, sl_view_data(view), view->length) || escape != pattern->escape) {
        forget(pattern);
        pattern->escape = escape;
        pattern->is_broken = sl_like_create(sl_view_data(view), view->length, escape,
                                            pattern->account, &pattern->like, NULL) != SL_OK;
    }
    return pattern->like;
}

static struct sl_regex *regex_for(struct sl_kernel_call *call, uint32_t row)
{
    struct pattern *pattern = call->state;
    if (pattern->is_constant) {
        return pattern->regex;
    }
    const struct sl_view *view = op_view(call->arguments[1], row);
    if (begin_change(pattern, sl_view_data(view), view->length)) {
        pattern->is_broken = sl_regex_create(sl_view_data(view), view->length, pattern->account,
                                             &pattern->regex, NULL) != SL_OK;
    }
    return pattern->regex;
}

static void like(struct sl_kernel_call *call)
{
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        const struct sl_like *compiled = like_for(call, row);
        result[row] = 0;
        if (compiled == NULL) {
            op_set_error(call, row, SL_ROW_ARGUMENT);
        } else {
            result[row] = sl_like_match(compiled, sl_view_data(view), view->length);
        }
    }
}

/* Nothing is found by an empty pattern, as in Flink. */
static void regexp(struct sl_kernel_call *call)
{
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const struct sl_view *view = op_view(call->arguments[0], row);
        bool gave_up = false;
        result[row] = 0;
        if (op_view(call->arguments[1], row)->length == 0) {
            continue;
        }
        struct sl_regex *regex = regex_for(call, row);
        if (regex == NULL) {
            op_set_error(call, row, SL_ROW_ARGUMENT);
            continue;
        }
        result[row] = sl_regex_find(regex, sl_view_data(view), view->length, &gave_up);
        if (gave_up) {
            op_set_error(call, row, SL_ROW_REGEX_LIMIT);
        }
    }
}

/* NULL when nothing is found, or the group is none or took no part. */
static void extract_row(struct sl_kernel_call *call, uint32_t row, int64_t group)
{
    const struct sl_view *view = op_view(call->arguments[0], row);
    struct sl_regex *regex = regex_for(call, row);
    size_t start;
    size_t end;
    if (regex == NULL) {
        op_set_error(call, row, SL_ROW_ARGUMENT);
    } else if (group < 0 || group > sl_regex_group_count(regex) ||
               !sl_regex_group(regex, sl_view_data(view), view->length, (uint32_t)group, &start,
                               &end) ||
               start == SIZE_MAX) {
        op_set_null(call, row);
    } else {
        op_store_borrowed(call, row, sl_view_data(view) + start, end - start);
    }
}

static void regexp_extract(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t group =
            call->argument_count == 3 ? op_load_integer(call->arguments[2], row) : 0;
        extract_row(call, row, group);
    }
}

/* ---- What the planner asks: a literal pattern is tried, so that its error has a place in the SQL.
 */

static enum sl_status like_type(const struct sl_type *arguments, const char *const *literals,
                                uint32_t argument_count, struct sl_type *result,
                                struct sl_error *err)
{
    struct sl_like *like = NULL;
    char escape = 0;
    SL_TRY(op_type_boolean(arguments, literals, argument_count, result, err));
    if (argument_count == 3) {
        if (literals[2] == NULL) {
            return SL_OK;
        }
        struct sl_view view = sl_view_of(literals[2], strlen(literals[2]));
        escape = escape_of(&view);
        if (escape == 0) {
            return sl_fail(err, SL_SEMANTIC, "ESCAPE expects one ASCII character");
        }
    }
    if (literals[1] == NULL) {
        return SL_OK;
    }
    SL_TRY(sl_like_create(literals[1], strlen(literals[1]), escape, NULL, &like, err));
    sl_like_destroy(like);
    return SL_OK;
}

static enum sl_status check_regex(const char *pattern, struct sl_error *err)
{
    struct sl_regex *regex = NULL;
    if (pattern == NULL) {
        return SL_OK;
    }
    SL_TRY(sl_regex_create(pattern, strlen(pattern), NULL, &regex, err));
    sl_regex_destroy(regex);
    return SL_OK;
}

static enum sl_status regexp_type(const struct sl_type *arguments, const char *const *literals,
                                  uint32_t argument_count, struct sl_type *result,
                                  struct sl_error *err)
{
    SL_TRY(check_regex(literals[1], err));
    return op_type_boolean(arguments, literals, argument_count, result, err);
}

static enum sl_status regexp_extract_type(const struct sl_type *arguments,
                                          const char *const *literals, uint32_t argument_count,
                                          struct sl_type *result, struct sl_error *err)
{
    SL_TRY(check_regex(literals[1], err));
    return op_type_string_nullable(arguments, literals, argument_count, result, err);
}

static const struct sl_kernel_def like_kernel = {
    .name = "like",
    .is_strict = true,
    .open = like_open,
    .call = like,
    .close = pattern_close,
};

static const struct sl_kernel_def regexp_kernel = {
    .name = "regexp",
    .is_strict = true,
    .open = regex_open,
    .call = regexp,
    .close = pattern_close,
};

static const struct sl_kernel_def regexp_extract_kernel = {
    .name = "regexp_extract",
    .is_strict = true,
    .open = regex_open,
    .call = regexp_extract,
    .close = pattern_close,
};

const struct sl_function_def *const op_functions_pattern[] = {
    OP_FUNCTION("LIKE", like_type, &like_kernel, 2, SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    OP_FUNCTION("LIKE", like_type, &like_kernel, 3, SL_TYPE_VARCHAR, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("REGEXP", regexp_type, &regexp_kernel, 2, SL_TYPE_VARCHAR, SL_TYPE_VARCHAR),
    OP_FUNCTION("REGEXP_EXTRACT", regexp_extract_type, &regexp_extract_kernel, 2, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR),
    OP_FUNCTION("REGEXP_EXTRACT", regexp_extract_type, &regexp_extract_kernel, 3, SL_TYPE_VARCHAR,
                SL_TYPE_VARCHAR, SL_TYPE_INT),
    NULL,
};
