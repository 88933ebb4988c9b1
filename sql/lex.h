/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL text to tokens. The lexer allocates nothing and never fails: malformed text becomes a token
 * that carries its own message, so the parser reports it when, and only when, it gets there. */
#ifndef SQL_LEX_H
#define SQL_LEX_H

#include "ast.h"

/* kind, and how it is named in "expected X but found Y". */
#define SQL_TOKEN_LIST(X)              \
    X(END, "the end of the statement") \
    X(WORD, "a word")                  \
    X(QUOTED, "a quoted name")         \
    X(STRING, "a string")              \
    X(ESCAPED_STRING, "a string")      \
    X(UNICODE_STRING, "a string")      \
    X(BYTES, "a binary literal")       \
    X(INTEGER, "a whole number")       \
    X(DECIMAL, "a number")             \
    X(DOUBLE, "a number")              \
    X(OPEN, "'('")                     \
    X(CLOSE, "')'")                    \
    X(OPEN_BRACKET, "'['")             \
    X(CLOSE_BRACKET, "']'")            \
    X(COMMA, "','")                    \
    X(DOT, "'.'")                      \
    X(SEMICOLON, "';'")                \
    X(PLUS, "'+'")                     \
    X(MINUS, "'-'")                    \
    X(STAR, "'*'")                     \
    X(SLASH, "'/'")                    \
    X(PERCENT, "'%'")                  \
    X(EQUAL, "'='")                    \
    X(NOT_EQUAL, "'<>'")               \
    X(LESS, "'<'")                     \
    X(LESS_EQUAL, "'<='")              \
    X(GREATER, "'>'")                  \
    X(GREATER_EQUAL, "'>='")           \
    X(CONCAT, "'||'")                  \
    X(ARROW, "'=>'")                   \
    X(HINT_OPEN, "'/*+'")              \
    X(HINT_CLOSE, "'*/'")              \
    X(MALFORMED, "a malformed token")  \
    X(UNTERMINATED, "a token without end")

enum sql_token_kind {
#define X(name, text) SQL_TOKEN_##name,
    SQL_TOKEN_LIST(X)
#undef X
};

struct sql_token {
    enum sql_token_kind kind;
    struct sql_span span;
    const char *text;    /* as written, quotes included; span.length bytes of the script */
    const char *message; /* of MALFORMED and UNTERMINATED */
};

/* Plain data: a copy of it is a place to come back to. */
struct sql_lexer {
    const char *text;
    size_t length;
    size_t offset;
    uint32_t line;
    size_t line_start; /* offset of the first byte of the line; may lie before the text */
    bool in_hint;
};

/* Skips blanks and comments and returns the next token; END for ever at the end. */
struct sql_token sql_lex_next(struct sql_lexer *lexer);
/* A WORD that equals word (given in upper case) in any case. */
bool sql_token_is_word(const struct sql_token *token, const char *word);
const char *sql_token_kind_text(enum sql_token_kind kind);
/* The three kinds of character strings. */
bool sql_token_is_string(const struct sql_token *token);

/* The value of a string, binary literal or quoted name, without quotes and escapes, NUL-terminated
 * in arena. escape is the escape character of U&'..' (backslash unless UESCAPE says otherwise). */
enum sl_status sql_token_decode(const struct sql_token *token, char escape, struct sl_arena *arena,
                                const char **text, size_t *length, struct sl_error *err);

/* What a bare word may not be. */
enum sql_word_flag {
    SQL_WORD_NOT_NAME = 1,  /* a column, a table or an alias after AS */
    SQL_WORD_NOT_ALIAS = 2, /* an alias without AS */
    SQL_WORD_SPECIAL = 4    /* has a second meaning in expressions: unparse puts it in backticks */
};
uint32_t sql_word_flags(const char *text, size_t length);

#endif
