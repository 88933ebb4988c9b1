/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions by PCRE2 with its JIT.
 * Always true: PCRE2's memory is charged to the account, and no match takes more than a bounded
 * number of steps. Where PCRE2 10.42 cannot follow Java: (?i) folds case beyond ASCII, and . does
 * not match vertical tab and form feed either. */
#include "sluice/regex.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "regex_java.h"

enum {
    PATTERN_BYTES_MAX = 64 * 1024,
    STEP_COUNT_MAX = 1000 * 1000,
    HEAP_KIB_MAX = 8 * 1024,
    JIT_STACK_START_BYTES = 32 * 1024,
    JIT_STACK_BYTES_MAX = 1024 * 1024,
};

struct sl_regex {
    struct sl_account *account;
    pcre2_general_context *general;
    pcre2_code *code;
    pcre2_match_context *match_context;
    pcre2_match_data *match;
    pcre2_jit_stack *jit_stack;
    uint32_t group_count;
    bool has_jit;
};

/* PCRE2 frees without telling the size, so that it is kept in front of each of its blocks. */
union block_head {
    size_t size_bytes;
    char padding[16];
};

static void *charged_alloc(size_t size_bytes, void *account)
{
    if (size_bytes > SIZE_MAX - sizeof(union block_head)) {
        return NULL;
    }
    size_bytes += sizeof(union block_head);
    union block_head *head = sl_memory_alloc(account, size_bytes);
    if (head == NULL) {
        return NULL;
    }
    head->size_bytes = size_bytes;
    return head + 1;
}

static void charged_free(void *memory, void *account)
{
    if (memory != NULL) {
        union block_head *head = (union block_head *)memory - 1;
        sl_memory_free(account, head, head->size_bytes);
    }
}

static enum sl_status fail_compile(const char *pattern, size_t length, int code, size_t out_offset,
                                   char *scratch, struct sl_error *err)
{
    if (code == PCRE2_ERROR_HEAP_FAILED) {
        return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
    }
    PCRE2_UCHAR reason[160] = "";
    pcre2_get_error_message(code, reason, sizeof(reason));
    return sl_fail(err, SL_SEMANTIC, "regular expression: %s at offset %zu", (const char *)reason,
                   sl_regex_java_offset(pattern, length, out_offset, scratch));
}

/* Java ends a line at any Unicode line terminator, and its classes \d, \s, \w are ASCII (no UCP).
 */
static enum sl_status compile(struct sl_regex *regex, const char *pattern, size_t length,
                              char *scratch, struct sl_error *err)
{
    size_t out_length = 0;
    SL_TRY(sl_regex_java_translate(pattern, length, scratch, &out_length, err));
    pcre2_compile_context *context = pcre2_compile_context_create(regex->general);
    if (context == NULL) {
        return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
    }
    pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
    int code = 0;
    PCRE2_SIZE offset = 0;
    regex->code = pcre2_compile((PCRE2_SPTR)scratch, out_length,
                                PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF,
                                &code, &offset, context);
    pcre2_compile_context_free(context);
    if (regex->code == NULL) {
        return fail_compile(pattern, length, code, offset, scratch, err);
    }
    return SL_OK;
}

static enum sl_status prepare_match(struct sl_regex *regex, struct sl_error *err)
{
    pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &regex->group_count);
    regex->match = pcre2_match_data_create_from_pattern(regex->code, regex->general);
    regex->match_context = pcre2_match_context_create(regex->general);
    if (regex->match == NULL || regex->match_context == NULL) {
        return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
    }
    pcre2_set_match_limit(regex->match_context, STEP_COUNT_MAX);
    pcre2_set_heap_limit(regex->match_context, HEAP_KIB_MAX);
    /* Without executable memory the interpreter gives the same answers. */
    regex->has_jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
    if (regex->has_jit) {
        regex->jit_stack =
            pcre2_jit_stack_create(JIT_STACK_START_BYTES, JIT_STACK_BYTES_MAX, regex->general);
        if (regex->jit_stack == NULL) {
            return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
        }
        pcre2_jit_stack_assign(regex->match_context, NULL, regex->jit_stack);
    }
    return SL_OK;
}

static enum sl_status create(struct sl_regex *regex, const char *pattern, size_t length,
                             struct sl_error *err)
{
    regex->general = pcre2_general_context_create(charged_alloc, charged_free, regex->account);
    size_t room = sl_regex_java_room(length);
    char *scratch = regex->general == NULL ? NULL : sl_memory_alloc(regex->account, room);
    if (scratch == NULL) {
        return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
    }
    enum sl_status status = compile(regex, pattern, length, scratch, err);
    sl_memory_free(regex->account, scratch, room);
    SL_TRY(status);
    return prepare_match(regex, err);
}

enum sl_status sl_regex_create(const char *pattern, size_t length, struct sl_account *account,
                               struct sl_regex **regex, struct sl_error *err)
{
    *regex = NULL;
    if (length > PATTERN_BYTES_MAX) {
        return sl_fail(err, SL_LIMIT, "regular expression: it has %zu bytes, %d are allowed",
                       length, PATTERN_BYTES_MAX);
    }
    struct sl_regex *made = sl_memory_alloc(account, sizeof(*made));
    if (made == NULL) {
        return sl_fail(err, SL_LIMIT, "no memory for a regular expression");
    }
    made->account = account;
    enum sl_status status = create(made, pattern, length, err);
    if (status != SL_OK) {
        sl_regex_destroy(made);
        return status;
    }
    *regex = made;
    return SL_OK;
}

void sl_regex_destroy(struct sl_regex *regex)
{
    if (regex != NULL) {
        pcre2_jit_stack_free(regex->jit_stack);
        pcre2_match_context_free(regex->match_context);
        pcre2_match_data_free(regex->match);
        pcre2_code_free(regex->code);
        pcre2_general_context_free(regex->general);
        sl_memory_free(regex->account, regex, sizeof(*regex));
    }
}

static int match(struct sl_regex *regex, const char *data, size_t length)
{
    PCRE2_SPTR subject = (PCRE2_SPTR)(length == 0 ? "" : data);
    return regex->has_jit ? pcre2_jit_match(regex->code, subject, length, 0, 0, regex->match,
                                            regex->match_context)
                          : pcre2_match(regex->code, subject, length, 0, 0, regex->match,
                                        regex->match_context);
}

bool sl_regex_find(struct sl_regex *regex, const char *data, size_t length, bool *gave_up)
{
    int count = match(regex, data, length);
    if (gave_up != NULL) {
        *gave_up = count < 0 && count != PCRE2_ERROR_NOMATCH;
    }
    return count >= 0;
}

bool sl_regex_group(struct sl_regex *regex, const char *data, size_t length, uint32_t group,
                    size_t *start, size_t *end)
{
    *start = SIZE_MAX;
    *end = SIZE_MAX;
    if (group > regex->group_count || match(regex, data, length) < 0) {
        return false;
    }
    _Static_assert(PCRE2_UNSET == SIZE_MAX, "a group that took no part is SIZE_MAX in both worlds");
    const PCRE2_SIZE *bounds = pcre2_get_ovector_pointer(regex->match);
    *start = bounds[2 * (size_t)group];
    *end = bounds[2 * (size_t)group + 1];
    return true;
}

uint32_t sl_regex_group_count(const struct sl_regex *regex)
{
    return regex->group_count;
}
