/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. Bytes and characters: a bounded growing buffer, UTF-8, numbers from and to text, LIKE.
 * Parsing never reads past data + length and never depends on the locale. */
#ifndef SLUICE_TEXT_H
#define SLUICE_TEXT_H

#include "sluice/memory.h"

SL_EXTERN_C_BEGIN

/* A growing buffer with a hard maximum. An append that does not fit sets failed and changes nothing
 * else; until reset all later ones are refused too, so check once at the end. */
struct sl_text {
    struct sl_account *account;
    char *data; /* not NUL-terminated */
    size_t length;
    size_t capacity;
    size_t limit_bytes; /* 0 = none */
    bool failed;
};

void sl_text_init(struct sl_text *text, struct sl_account *account, size_t limit_bytes);
void sl_text_deinit(struct sl_text *text);
/* Empties and clears failed; keeps the memory. */
void sl_text_reset(struct sl_text *text);
/* Room for extra more bytes; NULL when refused. The pointer is to data + length; add to length what
 * was written. */
char *sl_text_reserve(struct sl_text *text, size_t extra_bytes);
void sl_text_append(struct sl_text *text, const char *data, size_t length);
void sl_text_append_string(struct sl_text *text, const char *string);
void sl_text_append_char(struct sl_text *text, char character);
void sl_text_printf(struct sl_text *text, const char *format, ...) SL_PRINTF(2, 3);
void sl_text_append_int64(struct sl_text *text, int64_t value);
/* Shortest decimal that reads back to the same double, with ".0" when integral ("25.0", "1.0E10" as
 * Java prints it). */
void sl_text_append_double(struct sl_text *text, double value);
void sl_text_append_float(struct sl_text *text, float value);

/* Index of the first byte that is not well-formed UTF-8 (RFC 3629: no surrogates, no overlong
 * forms), or length. */
size_t sl_utf8_check(const char *data, size_t length);
/* Number of characters in well-formed UTF-8. */
size_t sl_utf8_count(const char *data, size_t length);
/* Writes the encoding of code point (1-4 bytes) and returns its size; 0 for surrogates and above
 * 0x10FFFF. */
size_t sl_utf8_encode(uint32_t code_point, char out[4]);

/* Whole input must be a decimal integer with optional sign; false on anything else or overflow. */
bool sl_parse_int64(const char *data, size_t length, int64_t *value);
/* Whole input must be a number (decimal or exponent form; also NaN, Infinity, -Infinity as Java
 * writes them). Correctly rounded; what is too large becomes an infinity, as in Java. */
bool sl_parse_double(const char *data, size_t length, double *value);
/* The same, rounded once, to the nearest float. */
bool sl_parse_float(const char *data, size_t length, float *value);
/* "true" / "false" in any case. */
bool sl_parse_bool(const char *data, size_t length, bool *value);
/* A duration as options write it: "5 s", "1min", "200" (= ms), "10 sec", "1 h", "2 d", "100 ms",
 * "5us" rounds to 0 ms. */
bool sl_parse_duration_ms(const char *data, size_t length, int64_t *value_ms);
/* A memory size: "128MB", "128 kb", "1g", "4096" (= bytes); binary multiples, as Flink. */
bool sl_parse_bytes(const char *data, size_t length, int64_t *value_bytes);

/* SQL LIKE, prepared once: % any run, _ one character, escape character optional (0 = none; else
 * ASCII, and it must stand before %, _ or itself). */
struct sl_like;
enum sl_status sl_like_create(const char *pattern, size_t length, char escape,
                              struct sl_account *account, struct sl_like **like,
                              struct sl_error *err);
void sl_like_destroy(struct sl_like *like);
bool sl_like_match(const struct sl_like *like, const char *data, size_t length);

/* Damerau-Levenshtein distance, capped at 255; used for "did you mean". */
uint32_t sl_edit_distance(const char *a, const char *b);
/* The candidate nearest to name within a third of its length (rounded up; one that differs in case
 * only is nearest of all), or NULL. */
const char *sl_nearest_name(const char *name, const char *const *candidates, size_t count);

SL_EXTERN_C_END

#endif
