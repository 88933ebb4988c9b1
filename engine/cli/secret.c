/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds secrets in scripts and keeps them out of messages. Always true: it reads any bytes, because
 * the errors that it cleans are those of scripts that do not parse. */
#include <string.h>
#include <strings.h>

#include "secret.h"
#include "sluice/json.h"

enum { BARE_BYTES_MIN = 4 };

static const char MASK[] = "******";

static void note(struct cli_secrets *secrets, const char *value)
{
    if (value != NULL && *value != '\0' && secrets->count < CLI_SECRETS_MAX) {
        secrets->values[secrets->count++] = value;
    }
}

/* Also as a JSON log shows it. */
static void note_value(struct cli_secrets *secrets, struct sl_arena *arena, const char *value)
{
    struct sl_text text;
    if (value == NULL) {
        return;
    }
    note(secrets, value);
    sl_text_init(&text, NULL, 0);
    sl_json_append_string(&text, value, strlen(value));
    if (!text.failed && text.length != strlen(value) + 2) {
        note(secrets, sl_arena_copy(arena, text.data + 1, text.length - 2));
    }
    sl_text_deinit(&text);
}

static bool is_secret(const char *name)
{
    const struct sl_option option = {.name = name, .value = ""};
    return sl_option_masked(NULL, &option) != option.value;
}

void cli_secrets_add(struct cli_secrets *secrets, struct sl_arena *arena, const char *name,
                     const char *value)
{
    if (is_secret(name)) {
        note_value(secrets, arena, sl_arena_string(arena, value));
    }
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* A literal's bytes between its quotes. */
struct literal {
    size_t start;
    size_t end;
};

/* From an opening quote to behind its closing one; doubled quotes stand for one. */
static size_t read_literal(const char *text, size_t length, size_t at, struct literal *literal)
{
    char quote = text[at++];
    literal->start = at;
    while (at < length && (text[at] != quote || (at + 1 < length && text[at + 1] == quote))) {
        at += text[at] == quote ? 2 : 1;
    }
    literal->end = SL_MIN(at, length);
    return SL_MIN(at + 1, length);
}

static size_t skip_comment(const char *text, size_t length, size_t at)
{
    bool is_block = text[at] == '/';
    const char *end = is_block ? "*/" : "\n";
    const char *found = memmem(text + at + 2, length - at - 2, end, strlen(end));
    return found == NULL ? length : (size_t)(found - text) + strlen(end);
}

static bool at_comment(const char *text, size_t length, size_t at)
{
    return at + 1 < length &&
           ((text[at] == '-' && text[at + 1] == '-') || (text[at] == '/' && text[at + 1] == '*'));
}

/* The value as the SQL means it: doubled quotes are one. */
static char *decode(struct sl_arena *arena, const char *text, const struct literal *literal)
{
    char *value = sl_arena_copy(arena, text + literal->start, literal->end - literal->start);
    if (value == NULL) {
        return NULL;
    }
    size_t length = 0;
    for (size_t i = literal->start; i < literal->end; i++) {
        value[length++] = text[i];
        i += text[i] == '\'' && i + 1 < literal->end && text[i + 1] == '\'' ? 1 : 0;
    }
    value[length] = '\0';
    return value;
}

static void take_value(struct cli_secrets *secrets, struct sl_arena *arena, const char *text,
                       const struct literal *literal, char *masked)
{
    char *raw = sl_arena_copy(arena, text + literal->start, literal->end - literal->start);
    char *value = decode(arena, text, literal);
    note_value(secrets, arena, value);
    if (raw != NULL && value != NULL && strcmp(raw, value) != 0) {
        note(secrets, raw);
    }
    for (size_t i = literal->start; i < literal->end; i++) {
        masked[i] = text[i] == '\n' ? '\n' : '*';
    }
}

/* A word without quotes. */
static size_t read_word(const char *text, size_t length, size_t at, struct literal *literal)
{
    literal->start = at;
    while (at < length && strchr(" \t\r\n;,()='\"`", text[at]) == NULL) {
        at++;
    }
    literal->end = at;
    return SL_MAX(at, literal->start + 1);
}

/* The value of SET k = v may be anything up to the statement's end. */
static size_t read_setting(const char *text, size_t length, size_t at, struct literal *literal)
{
    const char *end = memchr(text + at, ';', length - at);
    literal->start = at;
    literal->end = end == NULL ? length : (size_t)(end - text);
    size_t next = literal->end;
    while (literal->end > at && is_blank(text[literal->end - 1])) {
        literal->end--;
    }
    return SL_MAX(next, at + 1);
}

/* What was read last. A bare word is a key behind SET only: columns may be called 'token'. */
enum seen { OTHER, SET, KEY, KEY_OF_SET };

static enum seen classify(struct sl_arena *arena, const char *text, const struct literal *literal,
                          bool quoted, enum seen before)
{
    char *name = quoted || before == SET || literal->end - literal->start == 3
                     ? decode(arena, text, literal)
                     : NULL;
    if (name == NULL) {
        return OTHER;
    }
    if (!quoted && strcasecmp(name, "SET") == 0) {
        return SET;
    }
    if (!is_secret(name)) {
        return OTHER;
    }
    return before == SET ? KEY_OF_SET : quoted ? KEY : OTHER;
}

char *cli_secrets_scan(struct cli_secrets *secrets, struct sl_arena *arena, const char *text,
                       size_t length)
{
    char *masked = sl_arena_copy(arena, text, length);
    enum seen seen = OTHER;
    for (size_t at = 0; masked != NULL && at < length;) {
        if (at_comment(text, length, at)) {
            at = skip_comment(text, length, at);
            continue;
        }
        if (text[at] == '=' || is_blank(text[at])) {
            at++;
            continue;
        }
        struct literal literal;
        bool quoted = text[at] == '\'' || text[at] == '"' || text[at] == '`';
        at = quoted               ? read_literal(text, length, at, &literal)
             : seen == KEY_OF_SET ? read_setting(text, length, at, &literal)
                                  : read_word(text, length, at, &literal);
        if (seen == KEY_OF_SET || (seen == KEY && quoted)) {
            take_value(secrets, arena, text, &literal, masked);
            seen = OTHER;
        } else {
            seen = classify(arena, text, &literal, quoted, seen);
        }
    }
    return masked;
}

static bool is_quote(char character)
{
    return character == '\'' || character == '"' || character == '`';
}

/* The length of a secret that stands at message + at, 0 when there is none; the longest wins. */
static size_t secret_at(const struct cli_secrets *secrets, const char *message, size_t length,
                        size_t at)
{
    size_t longest = 0;
    for (uint32_t i = 0; i < secrets->count; i++) {
        size_t bytes = strlen(secrets->values[i]);
        if (bytes <= longest || bytes > length - at ||
            memcmp(message + at, secrets->values[i], bytes) != 0) {
            continue;
        }
        bool in_quotes = at > 0 && is_quote(message[at - 1]) && at + bytes < length &&
                         is_quote(message[at + bytes]);
        longest = bytes >= BARE_BYTES_MIN || in_quotes ? bytes : longest;
    }
    return longest;
}

void cli_secrets_star(const struct cli_secrets *secrets, char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t bytes = secret_at(secrets, text, length, at);
        memset(text + at, '*', bytes);
        at += SL_MAX(bytes, (size_t)1);
    }
}

void cli_secrets_mask(const struct cli_secrets *secrets, const char *message, size_t length,
                      struct sl_text *out)
{
    for (size_t at = 0; at < length;) {
        size_t bytes = secret_at(secrets, message, length, at);
        if (bytes > 0) {
            sl_text_append_string(out, MASK);
        } else {
            sl_text_append_char(out, message[at]);
        }
        at += SL_MAX(bytes, (size_t)1);
    }
}
