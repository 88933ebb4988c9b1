/* SPDX-License-Identifier: Apache-2.0
 *
 * The token window of the parser and its two bounds. Every syntax error is worded here. */
#include "parser.h"

#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct sql_token *sql_peek(struct sql_parser *parser, uint32_t ahead)
{
    while (parser->ahead_count <= ahead) {
        parser->ahead[parser->ahead_count++] = sql_lex_next(&parser->lexer);
    }
    return &parser->ahead[ahead];
}

void sql_take(struct sql_parser *parser)
{
    parser->last = *sql_peek(parser, 0);
    parser->ahead_count--;
    for (uint32_t i = 0; i < parser->ahead_count; i++) {
        parser->ahead[i] = parser->ahead[i + 1];
    }
}

bool sql_at(struct sql_parser *parser, enum sql_token_kind kind)
{
    return sql_peek(parser, 0)->kind == kind;
}

bool sql_at_word(struct sql_parser *parser, const char *word)
{
    return sql_token_is_word(sql_peek(parser, 0), word);
}

bool sql_at_words(struct sql_parser *parser, const char *first, const char *second)
{
    return sql_at_word(parser, first) && sql_token_is_word(sql_peek(parser, 1), second);
}

bool sql_accept(struct sql_parser *parser, enum sql_token_kind kind)
{
    if (!sql_at(parser, kind)) {
        return false;
    }
    sql_take(parser);
    return true;
}

bool sql_accept_word(struct sql_parser *parser, const char *word)
{
    if (!sql_at_word(parser, word)) {
        return false;
    }
    sql_take(parser);
    return true;
}

bool sql_accept_words(struct sql_parser *parser, const char *first, const char *second)
{
    if (!sql_at_words(parser, first, second)) {
        return false;
    }
    sql_take(parser);
    sql_take(parser);
    return true;
}

enum sl_status sql_expect(struct sql_parser *parser, enum sql_token_kind kind)
{
    return sql_accept(parser, kind) ? SL_OK : sql_unexpected(parser, sql_token_kind_text(kind));
}

enum sl_status sql_expect_word(struct sql_parser *parser, const char *word)
{
    if (sql_accept_word(parser, word)) {
        return SL_OK;
    }
    char expected[40];
    snprintf(expected, sizeof(expected), "'%s'", word);
    return sql_unexpected(parser, expected);
}

enum sl_status sql_fail_span(struct sql_parser *parser, enum sl_status status, struct sql_span span,
                             const char *format, ...)
{
    char text[SL_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    sl_fail_at(parser->err, status, span.line, span.column, "%s", text);
    if (parser->err != NULL) {
        parser->err->length = span.length;
    }
    return status;
}

/* Bytes of a token that a message shows: at most 40, and no cut inside a character. */
static int shown_bytes(const struct sql_token *token)
{
    uint32_t shown = SL_MIN(token->span.length, 40);
    while (shown < token->span.length && shown > 0 &&
           ((unsigned char)token->text[shown] & 0xC0) == 0x80) {
        shown--;
    }
    return (int)shown;
}

enum sl_status sql_unexpected(struct sql_parser *parser, const char *expected)
{
    const struct sql_token *token = sql_peek(parser, 0);
    int shown = shown_bytes(token);
    const char *dots = (uint32_t)shown < token->span.length ? "..." : "";
    switch (token->kind) {
    case SQL_TOKEN_END:
        return sql_fail_span(parser, SL_SYNTAX, token->span,
                             "expected %s but found the end of the text", expected);
    case SQL_TOKEN_UNTERMINATED:
        return sql_fail_span(parser, SL_SYNTAX, token->span, "%s", token->message);
    case SQL_TOKEN_MALFORMED:
        return sql_fail_span(parser, SL_SYNTAX, token->span, "%s '%.*s%s'", token->message, shown,
                             token->text, dots);
    case SQL_TOKEN_STRING:
    case SQL_TOKEN_ESCAPED_STRING:
    case SQL_TOKEN_UNICODE_STRING:
    case SQL_TOKEN_BYTES:
        return sql_fail_span(parser, SL_SYNTAX, token->span, "expected %s but found string %.*s%s",
                             expected, shown, token->text, dots);
    default:
        return sql_fail_span(parser, SL_SYNTAX, token->span, "expected %s but found '%.*s%s'",
                             expected, shown, token->text, dots);
    }
}

enum sl_status sql_unsupported(struct sql_parser *parser, struct sql_span span, const char *what)
{
    return sql_fail_span(parser, SL_UNSUPPORTED, span, "%s is not supported yet", what);
}

enum sl_status sql_no_memory(struct sql_parser *parser)
{
    return sql_fail_span(parser, SL_MEMORY, parser->last.span,
                         "no memory left for the syntax tree");
}

struct sql_span sql_span_here(struct sql_parser *parser)
{
    return sql_peek(parser, 0)->span;
}

struct sql_span sql_span_from(const struct sql_parser *parser, struct sql_span start)
{
    const struct sql_span *last = &parser->last.span;
    start.length = last->offset + last->length - start.offset;
    return start;
}

enum sl_status sql_enter(struct sql_parser *parser)
{
    if (parser->depth == SQL_DEPTH_MAX) {
        return sql_fail_span(parser, SL_LIMIT, sql_span_here(parser),
                             "nested deeper than %d levels", SQL_DEPTH_MAX);
    }
    parser->depth++;
    return SL_OK;
}

void sql_leave(struct sql_parser *parser)
{
    parser->depth--;
}

enum sl_status sql_count_operator(struct sql_parser *parser)
{
    if (parser->operator_count == SQL_OPERATORS_MAX) {
        return sql_fail_span(parser, SL_LIMIT, sql_span_here(parser),
                             "more than %d operators in one expression", SQL_OPERATORS_MAX);
    }
    parser->operator_count++;
    return SL_OK;
}

void *sql_grow(struct sql_parser *parser, void *items, uint32_t count, size_t item_bytes)
{
    /* Capacity is 4, 8, 16, ...: full when count is 0 or such a power. */
    if (count != 0 && (count < 4 || (count & (count - 1)) != 0)) {
        return items;
    }
    size_t capacity = count == 0 ? 4 : (size_t)count * 2;
    void *grown = sl_arena_alloc(parser->arena, capacity * item_bytes);
    if (grown != NULL && count != 0) {
        memcpy(grown, items, count * item_bytes);
    }
    return grown;
}
