/* SPDX-License-Identifier: Apache-2.0
 *
 * Any pattern over any text, divided by the first zero byte: it is refused with a reason, or finds
 * parts inside the text in bounded time, and gives all its memory back. */
#include "sluice/regex.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_groups(struct sl_regex *regex, const char *text, size_t length)
{
    bool gave_up = false;
    const bool is_found = sl_regex_find(regex, text, length, &gave_up);
    const uint32_t group_count = sl_regex_group_count(regex);
    for (uint32_t group = 0; group <= group_count && group < 8; group++) {
        size_t start = 0;
        size_t end = 0;
        const bool has_group = sl_regex_group(regex, text, length, group, &start, &end);
        SL_ASSERT(gave_up || has_group == is_found);
        SL_ASSERT(!has_group || (start == SIZE_MAX && end == SIZE_MAX && group > 0) ||
                  (start <= length && end <= length));
        if (group == 0 && has_group) {
            SL_ASSERT(start <= end);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *pattern = (const char *)data;
    const char *zero = size == 0 ? NULL : memchr(pattern, '\0', size);
    const size_t pattern_length = zero == NULL ? size : (size_t)(zero - pattern);
    const char *text = zero == NULL ? "" : zero + 1;
    const size_t length = zero == NULL ? 0 : size - pattern_length - 1;
    struct sl_account account = {.name = "fuzz", .limit_bytes = 64 << 20};
    struct sl_regex *regex = NULL;
    struct sl_error err = {0};
    const enum sl_status status = sl_regex_create(pattern, pattern_length, &account, &regex, &err);
    if (status == SL_OK) {
        check_groups(regex, text, length);
        sl_regex_destroy(regex);
    } else {
        SL_ASSERT(regex == NULL && err.status == status && err.text[0] != '\0');
    }
    SL_ASSERT(sl_account_used(&account) == 0);
    return 0;
}
