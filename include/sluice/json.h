/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. JSON (RFC 8259) at the level of tokens: what the row codec, CAST and the result printer
 * share. Strict: UTF-8 and syntax are checked, depth is bounded. Documents for people (manifests)
 * use a library instead. */
#ifndef SLUICE_JSON_H
#define SLUICE_JSON_H

#include "sluice/text.h"

SL_EXTERN_C_BEGIN

enum sl_json_kind {
    SL_JSON_NULL,
    SL_JSON_TRUE,
    SL_JSON_FALSE,
    SL_JSON_NUMBER,
    SL_JSON_STRING,
    SL_JSON_OBJECT,
    SL_JSON_ARRAY,
    SL_JSON_KEY, /* an object key; the colon behind it is consumed */
    SL_JSON_OBJECT_END,
    SL_JSON_ARRAY_END,
    SL_JSON_END, /* end of input after one whole value and white space */
    SL_JSON_ERROR
};

/* A pull reader over one value. data need not be NUL-terminated and is never written. */
struct sl_json_reader {
    const char *data;
    size_t length;
    size_t offset;
    uint32_t depth;
    uint32_t depth_limit; /* at most 64 * 16 = 1024 */
    const char *error;    /* why SL_JSON_ERROR, static text; offset says where */
    uint64_t is_object[16];
    uint8_t state; /* private */
};

/* Text of a token. Strings and keys: the bytes between the quotes, still escaped when escaped is
 * set. Numbers: their digits. */
struct sl_json_token {
    enum sl_json_kind kind;
    const char *data;
    size_t length;
    bool escaped;
};

void sl_json_reader_init(struct sl_json_reader *reader, const char *data, size_t length,
                         uint32_t depth_limit);
/* Next token, in order; after SL_JSON_ERROR it stays there. */
enum sl_json_kind sl_json_next(struct sl_json_reader *reader, struct sl_json_token *token);
/* Called right after a value's first token (a KEY's value not yet read, or an OBJECT or ARRAY just
 * opened): consumes the rest of that value, checking it. False on error. */
bool sl_json_skip(struct sl_json_reader *reader, const struct sl_json_token *token);
/* Writes the unescaped bytes of a string token (never more than length) and returns their count;
 * SIZE_MAX for a bad escape or a lone surrogate. */
size_t sl_json_unescape(const char *data, size_t length, char *out);
/* Appends "..." with everything escaped that RFC 8259 demands; bytes that are not UTF-8 become
 * U+FFFD. */
void sl_json_append_string(struct sl_text *text, const char *data, size_t length);
/* NaN and infinities become null. */
void sl_json_append_double(struct sl_text *text, double value);

SL_EXTERN_C_END

#endif
