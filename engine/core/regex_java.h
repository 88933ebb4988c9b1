/* SPDX-License-Identifier: Apache-2.0
 *
 * Java's regular expression syntax as PCRE2's. */
#ifndef SLUICE_CORE_REGEX_JAVA_H
#define SLUICE_CORE_REGEX_JAVA_H

#include "sluice/status.h"

/* Room that the translation of a pattern of this length can need. */
static inline size_t sl_regex_java_room(size_t length)
{
    return length * 2 + 16;
}

/* Writes into out (of sl_regex_java_room bytes) the PCRE2 pattern that means what pattern means in
 * Java, and its size into *out_length. SL_SEMANTIC for what Java refuses too, SL_UNSUPPORTED for
 * what Java knows and PCRE2 would read otherwise. */
enum sl_status sl_regex_java_translate(const char *pattern, size_t length, char *out,
                                       size_t *out_length, struct sl_error *err);
/* The offset in a translatable pattern that an offset in its translation came from; scratch is as
 * out above. */
size_t sl_regex_java_offset(const char *pattern, size_t length, size_t out_offset, char *scratch);

#endif
