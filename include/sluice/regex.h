/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. Regular expressions with Java's syntax and find semantics, matched by PCRE2 with its JIT
 * in UTF mode. A compiled regex belongs to one thread. */
#ifndef SLUICE_REGEX_H
#define SLUICE_REGEX_H

#include "sluice/memory.h"

SL_EXTERN_C_BEGIN

struct sl_regex;

/* SL_SEMANTIC with the offset in the pattern and the reason when it does not compile;
 * SL_UNSUPPORTED for what only Java has (nested character classes, &&, the flags d, u and U). */
enum sl_status sl_regex_create(const char *pattern, size_t length, struct sl_account *account,
                               struct sl_regex **regex, struct sl_error *err);
void sl_regex_destroy(struct sl_regex *regex);
/* True when the pattern is found anywhere. Input must be UTF-8 (other bytes match nothing); a match
 * that exceeds the step limit counts as no match and sets *gave_up (may be NULL). */
bool sl_regex_find(struct sl_regex *regex, const char *data, size_t length, bool *gave_up);
/* Like find; on success *start and *end (byte offsets) bound the group, both SIZE_MAX when the
 * group took no part. */
bool sl_regex_group(struct sl_regex *regex, const char *data, size_t length, uint32_t group,
                    size_t *start, size_t *end);
/* Number of capturing groups. */
uint32_t sl_regex_group_count(const struct sl_regex *regex);

SL_EXTERN_C_END

#endif
