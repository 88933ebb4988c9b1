/* SPDX-License-Identifier: Apache-2.0
 *
 * The scanner: one token a call, found by its first character. It reads text[offset..length) only
 * and always advances, or returns END. */
#include "lex.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of UTF-8 sequences count as letters: any script may be used for names. */
static bool is_word_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_word_part(char c)
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* The character ahead bytes further, or NUL at the end. */
static char char_at(const struct sql_lexer *lexer, size_t ahead)
{
    size_t offset = lexer->offset + ahead;
    return offset < lexer->length ? lexer->text[offset] : '\0';
}

static void advance(struct sql_lexer *lexer, size_t count)
{
    size_t end = SL_MIN(lexer->offset + count, lexer->length);
    while (lexer->offset < end) {
        if (lexer->text[lexer->offset++] == '\n') {
            lexer->line++;
            lexer->line_start = lexer->offset;
        }
    }
}

static struct sql_token token_here(const struct sql_lexer *lexer)
{
    return (struct sql_token){
        .kind = SQL_TOKEN_END,
        .text = lexer->text + lexer->offset,
        .span = {.line = lexer->line,
                 .column = (uint32_t)(lexer->offset - lexer->line_start + 1),
                 .offset = (uint32_t)lexer->offset},
    };
}

static void finish(struct sql_lexer *lexer, struct sql_token *token, enum sql_token_kind kind,
                   size_t count)
{
    advance(lexer, count);
    token->kind = kind;
    token->span.length = (uint32_t)(lexer->offset - token->span.offset);
}

/* Skips one comment; false when it does not end. */
static bool skip_comment(struct sql_lexer *lexer)
{
    if (char_at(lexer, 0) == '-') {
        while (lexer->offset < lexer->length && char_at(lexer, 0) != '\n') {
            advance(lexer, 1);
        }
        return true;
    }
    advance(lexer, 2);
    while (lexer->offset < lexer->length) {
        if (char_at(lexer, 0) == '*' && char_at(lexer, 1) == '/') {
            advance(lexer, 2);
            return true;
        }
        advance(lexer, 1);
    }
    return false;
}

static bool at_comment(const struct sql_lexer *lexer)
{
    char c = char_at(lexer, 0);
    char next = char_at(lexer, 1);
    return (c == '-' && next == '-') || (c == '/' && next == '*' && char_at(lexer, 2) != '+');
}

/* False and an UNTERMINATED token when a comment does not end. */
static bool skip_blanks(struct sql_lexer *lexer, struct sql_token *token)
{
    for (;;) {
        char c = char_at(lexer, 0);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            advance(lexer, 1);
            continue;
        }
        if (!at_comment(lexer)) {
            return true;
        }
        *token = token_here(lexer);
        if (!skip_comment(lexer)) {
            finish(lexer, token, SQL_TOKEN_UNTERMINATED, 0);
            token->message = "comment without a closing */";
            return false;
        }
    }
}

/* Everything up to the closing quote; a doubled quote, or with backslash set an escaped one, does
 * not close. The opening quote is at prefix bytes from here. */
static void lex_quoted(struct sql_lexer *lexer, struct sql_token *token, enum sql_token_kind kind,
                       size_t prefix)
{
    char quote = char_at(lexer, prefix);
    advance(lexer, prefix + 1);
    while (lexer->offset < lexer->length) {
        char c = char_at(lexer, 0);
        if (c == '\\' && kind == SQL_TOKEN_ESCAPED_STRING) {
            advance(lexer, 2);
            continue;
        }
        if (c != quote) {
            advance(lexer, 1);
            continue;
        }
        if (char_at(lexer, 1) != quote) {
            finish(lexer, token, kind, 1);
            return;
        }
        advance(lexer, 2);
    }
    finish(lexer, token, SQL_TOKEN_UNTERMINATED, 0);
    token->message =
        quote == '`' ? "quoted name without a closing backtick" : "string without a closing quote";
}

static size_t digits_from(const struct sql_lexer *lexer, size_t from)
{
    while (is_digit(char_at(lexer, from))) {
        from++;
    }
    return from;
}

static void lex_number(struct sql_lexer *lexer, struct sql_token *token)
{
    enum sql_token_kind kind = SQL_TOKEN_INTEGER;
    size_t end = digits_from(lexer, 0);
    if (char_at(lexer, end) == '.') {
        kind = SQL_TOKEN_DECIMAL;
        end = digits_from(lexer, end + 1);
    }
    if (upper(char_at(lexer, end)) == 'E') {
        char sign = char_at(lexer, end + 1);
        size_t exponent = end + (sign == '+' || sign == '-' ? 2 : 1);
        if (is_digit(char_at(lexer, exponent))) {
            kind = SQL_TOKEN_DOUBLE;
            end = digits_from(lexer, exponent);
        }
    }
    if (is_word_part(char_at(lexer, end))) {
        while (is_word_part(char_at(lexer, end))) {
            end++;
        }
        kind = SQL_TOKEN_MALFORMED;
        token->message = "malformed number";
    }
    finish(lexer, token, kind, end);
}

static void lex_word(struct sql_lexer *lexer, struct sql_token *token)
{
    char first = upper(char_at(lexer, 0));
    char next = char_at(lexer, 1);
    if (first == 'E' && next == '\'') {
        lex_quoted(lexer, token, SQL_TOKEN_ESCAPED_STRING, 1);
        return;
    }
    if (first == 'X' && next == '\'') {
        lex_quoted(lexer, token, SQL_TOKEN_BYTES, 1);
        return;
    }
    if (first == 'U' && next == '&' && char_at(lexer, 2) == '\'') {
        lex_quoted(lexer, token, SQL_TOKEN_UNICODE_STRING, 2);
        return;
    }
    size_t end = 1;
    while (is_word_part(char_at(lexer, end))) {
        end++;
    }
    finish(lexer, token, SQL_TOKEN_WORD, end);
}

static const struct symbol {
    char text[4];
    enum sql_token_kind kind;
} symbols[] = {
    /* The longer ones first. */
    {"<>", SQL_TOKEN_NOT_EQUAL},    {"!=", SQL_TOKEN_NOT_EQUAL},     {"<=", SQL_TOKEN_LESS_EQUAL},
    {"=>", SQL_TOKEN_ARROW},        {">=", SQL_TOKEN_GREATER_EQUAL}, {"||", SQL_TOKEN_CONCAT},
    {"(", SQL_TOKEN_OPEN},          {")", SQL_TOKEN_CLOSE},          {"[", SQL_TOKEN_OPEN_BRACKET},
    {"]", SQL_TOKEN_CLOSE_BRACKET}, {",", SQL_TOKEN_COMMA},          {".", SQL_TOKEN_DOT},
    {";", SQL_TOKEN_SEMICOLON},     {"+", SQL_TOKEN_PLUS},           {"-", SQL_TOKEN_MINUS},
    {"*", SQL_TOKEN_STAR},          {"/", SQL_TOKEN_SLASH},          {"%", SQL_TOKEN_PERCENT},
    {"=", SQL_TOKEN_EQUAL},         {"<", SQL_TOKEN_LESS},           {">", SQL_TOKEN_GREATER},
};

static void lex_symbol(struct sql_lexer *lexer, struct sql_token *token)
{
    for (size_t i = 0; i < SL_COUNT_OF(symbols); i++) {
        const char *text = symbols[i].text;
        if (char_at(lexer, 0) == text[0] && (text[1] == '\0' || char_at(lexer, 1) == text[1])) {
            finish(lexer, token, symbols[i].kind, strlen(text));
            return;
        }
    }
    finish(lexer, token, SQL_TOKEN_MALFORMED, 1);
    token->message = token->text[0] == '"'
                         ? "double quotes do not quote: use `name` for names and 'text' for strings"
                         : "unexpected character";
}

struct sql_token sql_lex_next(struct sql_lexer *lexer)
{
    struct sql_token token;
    if (!skip_blanks(lexer, &token)) {
        return token;
    }
    token = token_here(lexer);
    if (lexer->offset >= lexer->length) {
        return token;
    }
    char c = char_at(lexer, 0);
    if (c == '/' && char_at(lexer, 1) == '*') {
        lexer->in_hint = true;
        finish(lexer, &token, SQL_TOKEN_HINT_OPEN, 3);
    } else if (lexer->in_hint && c == '*' && char_at(lexer, 1) == '/') {
        lexer->in_hint = false;
        finish(lexer, &token, SQL_TOKEN_HINT_CLOSE, 2);
    } else if (is_digit(c) || (c == '.' && is_digit(char_at(lexer, 1)))) {
        lex_number(lexer, &token);
    } else if (is_word_start(c)) {
        lex_word(lexer, &token);
    } else if (c == '\'' || c == '`') {
        lex_quoted(lexer, &token, c == '`' ? SQL_TOKEN_QUOTED : SQL_TOKEN_STRING, 0);
    } else {
        lex_symbol(lexer, &token);
    }
    return token;
}

bool sql_token_is_word(const struct sql_token *token, const char *word)
{
    if (token->kind != SQL_TOKEN_WORD) {
        return false;
    }
    for (size_t i = 0; i < token->span.length; i++) {
        if (upper(token->text[i]) != word[i]) {
            return false;
        }
    }
    return word[token->span.length] == '\0';
}

bool sql_token_is_string(const struct sql_token *token)
{
    return token->kind == SQL_TOKEN_STRING || token->kind == SQL_TOKEN_ESCAPED_STRING ||
           token->kind == SQL_TOKEN_UNICODE_STRING;
}

const char *sql_token_kind_text(enum sql_token_kind kind)
{
    static const char *const texts[] = {
#define X(name, text) text,
        SQL_TOKEN_LIST(X)
#undef X
    };
    return texts[kind];
}
