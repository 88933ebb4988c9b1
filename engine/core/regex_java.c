/* SPDX-License-Identifier: Apache-2.0
 *
 * Java's regular expression syntax as PCRE2's: most of it is the same text.
 * Always true: what would be read differently is rewritten or refused, never passed on. */
#include "regex_java.h"

#include <stdio.h>
#include <string.h>

struct translation {
    const char *pattern;
    size_t length;
    size_t at;
    char *out;
    size_t out_length;
    size_t stop_at; /* stops once that much is written */
    bool in_class;
};

static int peek(const struct translation *tr, size_t ahead)
{
    size_t idx = tr->at + ahead;
    return idx < tr->length ? (unsigned char)tr->pattern[idx] : -1;
}

static bool starts_with(const struct translation *tr, const char *text)
{
    size_t size = strlen(text);
    return tr->length - tr->at >= size && memcmp(tr->pattern + tr->at, text, size) == 0;
}

static void put(struct translation *tr, const char *text, size_t size)
{
    memcpy(tr->out + tr->out_length, text, size);
    tr->out_length += size;
}

/* Copies the next count bytes of the pattern. */
static void copy(struct translation *tr, size_t count)
{
    count = SL_MIN(count, tr->length - tr->at);
    put(tr, tr->pattern + tr->at, count);
    tr->at += count;
}

static enum sl_status refuse(const struct translation *tr, enum sl_status status, const char *what,
                             struct sl_error *err)
{
    return sl_fail(err, status, "regular expression: %s%s at offset %zu", what,
                   status == SL_UNSUPPORTED ? " not supported yet" : "", tr->at);
}

static int hex_value(int digit)
{
    return digit >= '0' && digit <= '9'   ? digit - '0'
           : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
           : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                          : -1;
}

/* The value of \uXXXX at the cursor plus ahead, or -1. */
static int32_t unicode_unit(const struct translation *tr, size_t ahead)
{
    if (peek(tr, ahead) != '\\' || peek(tr, ahead + 1) != 'u') {
        return -1;
    }
    int32_t unit = 0;
    for (size_t i = 2; i < 6; i++) {
        int value = hex_value(peek(tr, ahead + i));
        if (value < 0) {
            return -1;
        }
        unit = unit * 16 + value;
    }
    return unit;
}

/* \uXXXX, and two of them that are the surrogates of one character, become \x{...}. */
static enum sl_status translate_unicode(struct translation *tr, struct sl_error *err)
{
    int32_t unit = unicode_unit(tr, 0);
    if (unit < 0) {
        return refuse(tr, SL_SEMANTIC, "four hexadecimal digits must follow \\u", err);
    }
    size_t size = 6;
    int32_t low = unicode_unit(tr, 6);
    if (unit >= 0xD800 && unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        unit = 0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00);
        size = 12;
    }
    char text[16];
    int written = snprintf(text, sizeof(text), "\\x{%x}", (unsigned)unit);
    put(tr, text, (size_t)written);
    tr->at += size;
    return SL_OK;
}

/* \0n, \0nn and \0mnn (m up to 3) are octal and become \x{...}. */
static enum sl_status translate_octal(struct translation *tr, struct sl_error *err)
{
    uint32_t value = 0;
    size_t digits = 0;
    while (digits < 3 && peek(tr, 2 + digits) >= '0' && peek(tr, 2 + digits) <= '7' &&
           value * 8 + (uint32_t)(peek(tr, 2 + digits) - '0') <= 0377) {
        value = value * 8 + (uint32_t)(peek(tr, 2 + digits) - '0');
        digits++;
    }
    if (digits == 0) {
        return refuse(tr, SL_SEMANTIC, "octal digits must follow \\0", err);
    }
    char text[16];
    int written = snprintf(text, sizeof(text), "\\x{%x}", (unsigned)value);
    put(tr, text, (size_t)written);
    tr->at += 2 + digits;
    return SL_OK;
}

/* \p{Alpha} and its like are ASCII classes in Java and have POSIX names in PCRE2; \p{IsGreek} loses
 * its prefix; other names are the same. */
static enum sl_status translate_property(struct translation *tr)
{
    static const char *const POSIX_NAMES[] = {"Lower", "Upper",  "ASCII", "Alpha", "Digit",
                                              "Alnum", "Punct",  "Graph", "Print", "Blank",
                                              "Cntrl", "XDigit", "Space"};
    bool negated = peek(tr, 1) == 'P';
    for (size_t i = 0; i < SL_COUNT_OF(POSIX_NAMES); i++) {
        char source[16];
        snprintf(source, sizeof(source), "\\%c{%s}", negated ? 'P' : 'p', POSIX_NAMES[i]);
        if (starts_with(tr, source)) {
            char text[24];
            int written = snprintf(text, sizeof(text), "%s[:%s%s:]%s", tr->in_class ? "" : "[",
                                   negated ? "^" : "", POSIX_NAMES[i], tr->in_class ? "" : "]");
            for (int c = 0; c < written; c++) { /* POSIX names are in small letters */
                text[c] = (char)(text[c] >= 'A' && text[c] <= 'Z' ? text[c] + 32 : text[c]);
            }
            put(tr, text, (size_t)written);
            tr->at += strlen(source);
            return SL_OK;
        }
    }
    bool has_prefix = peek(tr, 2) == '{' && peek(tr, 3) == 'I' && peek(tr, 4) == 's';
    copy(tr, peek(tr, 2) == '{' ? 3 : 2);
    tr->at += has_prefix ? 2 : 0;
    return SL_OK;
}

/* \Q...\E: the text between them is literal. */
static enum sl_status translate_quote(struct translation *tr)
{
    size_t size = 2;
    while (tr->at + size < tr->length && !(peek(tr, size) == '\\' && peek(tr, size + 1) == 'E')) {
        size++;
    }
    copy(tr, size + 2);
    return SL_OK;
}

static enum sl_status translate_escape(struct translation *tr, struct sl_error *err)
{
    int next = peek(tr, 1);
    bool is_letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    if (is_letter && strchr("tnrfaecxudDhHsSvVwWpPbBAGZzRXkQE", next) == NULL) {
        return refuse(tr, SL_SEMANTIC, "unknown escape", err);
    }
    if (next == 'b' && (tr->in_class || peek(tr, 2) == '{')) {
        return refuse(tr, SL_SEMANTIC, "\\b has no meaning here", err);
    }
    switch (next) {
    case -1:
        return refuse(tr, SL_SEMANTIC, "\\ at end of pattern", err);
    case 'u':
        return translate_unicode(tr, err);
    case '0':
        return translate_octal(tr, err);
    case 'p':
    case 'P':
        return translate_property(tr);
    case 'Q':
        return translate_quote(tr);
    case 'c': /* the character behind it may be a bracket */
        copy(tr, 3);
        return SL_OK;
    default:
        copy(tr, 2);
        return SL_OK;
    }
}

/* Of what may follow "(?", Java knows groups, looks and the flags i, m, s, x, d, u, U. */
static enum sl_status translate_group(struct translation *tr, struct sl_error *err)
{
    if (peek(tr, 1) == '*') {
        return refuse(tr, SL_SEMANTIC, "nothing to repeat before *", err);
    }
    if (peek(tr, 1) != '?') {
        copy(tr, 1);
        return SL_OK;
    }
    int kind = peek(tr, 2);
    if (kind == ':' || kind == '=' || kind == '!' || kind == '>' || kind == '<') {
        copy(tr, 3);
        return SL_OK;
    }
    size_t size = 2;
    for (; peek(tr, size) != ')' && peek(tr, size) != ':'; size++) {
        int flag = peek(tr, size);
        if (flag == 'd' || flag == 'u' || flag == 'U') {
            return refuse(tr, SL_UNSUPPORTED, "the flags d, u and U are", err);
        }
        if (flag == -1 || strchr("imsx-", flag) == NULL ||
            (size > 2 && peek(tr, size - 1) == flag)) {
            return refuse(tr, SL_SEMANTIC, "unknown group or flag", err);
        }
    }
    copy(tr, size + 1);
    return SL_OK;
}

static enum sl_status translate_in_class(struct translation *tr, struct sl_error *err)
{
    int character = peek(tr, 0);
    if (character == '[') {
        return refuse(tr, SL_UNSUPPORTED, "a character class inside another is", err);
    }
    if (character == '&' && peek(tr, 1) == '&') {
        return refuse(tr, SL_UNSUPPORTED, "intersection of character classes (&&) is", err);
    }
    tr->in_class = character != ']';
    copy(tr, 1);
    return SL_OK;
}

static enum sl_status translate_one(struct translation *tr, struct sl_error *err)
{
    int character = peek(tr, 0);
    if (character == '\\') {
        return translate_escape(tr, err);
    }
    if (tr->in_class) {
        return translate_in_class(tr, err);
    }
    if (character == '(') {
        return translate_group(tr, err);
    }
    copy(tr, 1);
    if (character == '[') { /* a ] that comes first is an ordinary character */
        tr->in_class = true;
        copy(tr, peek(tr, 0) == '^' ? 1 : 0);
        copy(tr, peek(tr, 0) == ']' ? 1 : 0);
    }
    return SL_OK;
}

static enum sl_status translate(struct translation *tr, struct sl_error *err)
{
    while (tr->at < tr->length && tr->out_length < tr->stop_at) {
        SL_TRY(translate_one(tr, err));
    }
    return SL_OK;
}

enum sl_status sl_regex_java_translate(const char *pattern, size_t length, char *out,
                                       size_t *out_length, struct sl_error *err)
{
    struct translation tr = {.pattern = pattern, .length = length, .out = out, .stop_at = SIZE_MAX};
    enum sl_status status = translate(&tr, err);
    *out_length = tr.out_length;
    return status;
}

size_t sl_regex_java_offset(const char *pattern, size_t length, size_t out_offset, char *scratch)
{
    struct translation tr = {
        .pattern = pattern, .length = length, .out = scratch, .stop_at = out_offset};
    (void)translate(&tr, NULL);
    return tr.at;
}
