/* SPDX-License-Identifier: Apache-2.0
 *
 * The value of a quoted token: doubled quotes, the escapes of e'..' and U&'..', and hex digits.
 * What comes out is valid UTF-8 whenever the script is, but for X'..'. */
#include "lex.h"

#include "sluice/text.h"

struct decoder {
    const struct sql_token *token;
    size_t position; /* in token->text */
    size_t end;      /* of the closing quote */
    char *out;
    size_t out_length;
    struct sl_error *err;
};

static int32_t hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum sl_status bad_escape(struct decoder *decoder)
{
    const struct sql_span *span = &decoder->token->span;
    return sl_fail_at(decoder->err, SL_SYNTAX, span->line, span->column,
                      "malformed escape sequence in string, %zu bytes after its start",
                      decoder->position);
}

/* Reads min..max digits of base 8 or 16 at the position as a code point and writes it. */
static enum sl_status put_code_point(struct decoder *decoder, uint32_t base, uint32_t min,
                                     uint32_t max)
{
    uint32_t code_point = 0;
    uint32_t count = 0;
    while (count < max && decoder->position < decoder->end) {
        int32_t digit = hex_value(decoder->token->text[decoder->position]);
        if (digit < 0 || (uint32_t)digit >= base || code_point > 0x10FFFF) {
            break;
        }
        code_point = code_point * base + (uint32_t)digit;
        decoder->position++;
        count++;
    }
    char bytes[4];
    size_t size = count < min || code_point > 0x10FFFF ? 0 : sl_utf8_encode(code_point, bytes);
    if (size == 0) {
        return bad_escape(decoder);
    }
    for (size_t i = 0; i < size; i++) {
        decoder->out[decoder->out_length++] = bytes[i];
    }
    return SL_OK;
}

/* Behind the backslash of e'..'. An escape with its backslash is always longer than the UTF-8 that
 * it stands for, so out never overflows. */
static enum sl_status decode_backslash(struct decoder *decoder)
{
    if (decoder->position >= decoder->end) {
        return bad_escape(decoder);
    }
    char c = decoder->token->text[decoder->position];
    if (c >= '0' && c <= '7') {
        return put_code_point(decoder, 8, 1, 3);
    }
    decoder->position++;
    switch (c) {
    case 'x':
        return put_code_point(decoder, 16, 1, 2);
    case 'u':
        return put_code_point(decoder, 16, 4, 4);
    case 'U':
        return put_code_point(decoder, 16, 8, 8);
    case 'b':
        c = '\b';
        break;
    case 'f':
        c = '\f';
        break;
    case 'n':
        c = '\n';
        break;
    case 'r':
        c = '\r';
        break;
    case 't':
        c = '\t';
        break;
    default: /* any other character stands for itself */
        break;
    }
    decoder->out[decoder->out_length++] = c;
    return SL_OK;
}

/* Behind the escape character of U&'..': itself, four hex digits, or + and six. */
static enum sl_status decode_unicode(struct decoder *decoder, char escape)
{
    if (decoder->position >= decoder->end) {
        return bad_escape(decoder);
    }
    char c = decoder->token->text[decoder->position];
    if (c == escape) {
        decoder->position++;
        decoder->out[decoder->out_length++] = escape;
        return SL_OK;
    }
    if (c == '+') {
        decoder->position++;
        return put_code_point(decoder, 16, 6, 6);
    }
    return put_code_point(decoder, 16, 4, 4);
}

static enum sl_status decode_characters(struct decoder *decoder, char quote, char escape)
{
    enum sql_token_kind kind = decoder->token->kind;
    while (decoder->position < decoder->end) {
        char c = decoder->token->text[decoder->position++];
        if (kind == SQL_TOKEN_ESCAPED_STRING && c == '\\') {
            SL_TRY(decode_backslash(decoder));
        } else if (kind == SQL_TOKEN_UNICODE_STRING && c == escape) {
            SL_TRY(decode_unicode(decoder, escape));
        } else {
            decoder->out[decoder->out_length++] = c;
            decoder->position += c == quote; /* it is doubled */
        }
    }
    return SL_OK;
}

static enum sl_status decode_hex(struct decoder *decoder)
{
    const char *text = decoder->token->text;
    const struct sql_span *span = &decoder->token->span;
    if ((decoder->end - decoder->position) % 2 != 0) {
        return sl_fail_at(decoder->err, SL_SYNTAX, span->line, span->column,
                          "binary literal has an odd number of hex digits");
    }
    for (; decoder->position < decoder->end; decoder->position += 2) {
        int32_t high = hex_value(text[decoder->position]);
        int32_t low = hex_value(text[decoder->position + 1]);
        if (high < 0 || low < 0) {
            return sl_fail_at(decoder->err, SL_SYNTAX, span->line, span->column,
                              "binary literal has a character that is not a hex digit");
        }
        decoder->out[decoder->out_length++] = (char)(high * 16 + low);
    }
    return SL_OK;
}

enum sl_status sql_token_decode(const struct sql_token *token, char escape, struct sl_arena *arena,
                                const char **text, size_t *length, struct sl_error *err)
{
    size_t prefix = token->kind == SQL_TOKEN_UNICODE_STRING                                     ? 3
                    : token->kind == SQL_TOKEN_ESCAPED_STRING || token->kind == SQL_TOKEN_BYTES ? 2
                                                                                                : 1;
    struct decoder decoder = {
        .token = token,
        .position = prefix,
        .end = token->span.length - 1,
        .err = err,
        .out = sl_arena_alloc_raw(arena, (size_t)token->span.length + 1),
    };
    if (decoder.out == NULL) {
        return sl_fail_at(err, SL_MEMORY, token->span.line, token->span.column,
                          "no memory left for the syntax tree");
    }
    if (token->kind == SQL_TOKEN_BYTES) {
        SL_TRY(decode_hex(&decoder));
    } else {
        char quote = token->kind == SQL_TOKEN_QUOTED ? '`' : '\'';
        SL_TRY(decode_characters(&decoder, quote, escape));
    }
    decoder.out[decoder.out_length] = '\0';
    *text = decoder.out;
    *length = decoder.out_length;
    return SL_OK;
}
