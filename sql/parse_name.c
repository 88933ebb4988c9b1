/* SPDX-License-Identifier: Apache-2.0
 *
 * Names, paths, aliases, strings, option lists and hints: the small pieces that every statement is
 * made of. */
#include "parser.h"

#include "parse.h"

#include <string.h>

static enum sl_status take_name(struct sql_parser *parser, struct sql_name *name)
{
    const struct sql_token token = *sql_peek(parser, 0);
    sql_take(parser);
    name->span = token.span;
    if (token.kind == SQL_TOKEN_WORD) {
        name->text = sl_arena_copy(parser->arena, token.text, token.span.length);
        return name->text != NULL ? SL_OK : sql_no_memory(parser);
    }
    size_t length = 0;
    SL_TRY(sql_token_decode(&token, 0, parser->arena, &name->text, &length, parser->err));
    if (length == 0) {
        return sql_fail_span(parser, SL_SYNTAX, token.span, "empty name");
    }
    return SL_OK;
}

enum sl_status sql_parse_any_name(struct sql_parser *parser, const char *expected,
                                  struct sql_name *name)
{
    if (!sql_at(parser, SQL_TOKEN_WORD) && !sql_at(parser, SQL_TOKEN_QUOTED)) {
        return sql_unexpected(parser, expected);
    }
    return take_name(parser, name);
}

enum sl_status sql_parse_name(struct sql_parser *parser, const char *expected,
                              struct sql_name *name)
{
    const struct sql_token *token = sql_peek(parser, 0);
    bool refused = token->kind == SQL_TOKEN_WORD &&
                   (sql_word_flags(token->text, token->span.length) & SQL_WORD_NOT_NAME) != 0;
    return refused ? sql_unexpected(parser, expected) : sql_parse_any_name(parser, expected, name);
}

enum sl_status sql_parse_upper_name(struct sql_parser *parser, struct sql_name *name)
{
    SL_TRY(sql_parse_any_name(parser, "a name", name));
    char *text = sl_arena_string(parser->arena, name->text);
    if (text == NULL) {
        return sql_no_memory(parser);
    }
    for (char *c = text; *c != '\0'; c++) {
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    name->text = text;
    return SL_OK;
}

enum sl_status sql_parse_path(struct sql_parser *parser, const char *expected,
                              struct sql_path *path)
{
    *path = (struct sql_path){.span = sql_span_here(parser)};
    struct sql_name name = {0};
    SL_TRY(sql_parse_name(parser, expected, &name));
    SQL_APPEND(parser, path->parts, path->count, name);
    while (sql_accept(parser, SQL_TOKEN_DOT)) {
        SL_TRY(sql_parse_name(parser, "a name after '.'", &name));
        SQL_APPEND(parser, path->parts, path->count, name);
    }
    path->span = sql_span_from(parser, path->span);
    return SL_OK;
}

enum sl_status sql_parse_alias(struct sql_parser *parser, struct sql_name *alias)
{
    *alias = (struct sql_name){0};
    if (sql_accept_word(parser, "AS")) {
        return sql_parse_name(parser, "an alias after 'AS'", alias);
    }
    const struct sql_token *token = sql_peek(parser, 0);
    bool is_alias = token->kind == SQL_TOKEN_QUOTED ||
                    (token->kind == SQL_TOKEN_WORD &&
                     (sql_word_flags(token->text, token->span.length) & SQL_WORD_NOT_ALIAS) == 0);
    return is_alias ? take_name(parser, alias) : SL_OK;
}

enum sl_status sql_parse_name_list(struct sql_parser *parser, struct sql_name_list *names)
{
    *names = (struct sql_name_list){0};
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    do {
        struct sql_name name = {0};
        SL_TRY(sql_parse_any_name(parser, "a column name", &name));
        SQL_APPEND(parser, names->items, names->count, name);
    } while (sql_accept(parser, SQL_TOKEN_COMMA));
    return sql_accept(parser, SQL_TOKEN_CLOSE) ? SL_OK : sql_unexpected(parser, "',' or ')'");
}

/* UESCAPE 'c' behind U&'..'. */
static enum sl_status parse_escape_character(struct sql_parser *parser, char *escape)
{
    const struct sql_token token = *sql_peek(parser, 0);
    bool usable = token.kind == SQL_TOKEN_STRING && token.span.length == 3;
    char c = usable ? token.text[1] : '\0';
    if (!usable || strchr("0123456789abcdefABCDEF+'\" ", c) != NULL ||
        ((unsigned char)c & 0x80) != 0) {
        return sql_unexpected(parser, "a string with one escape character after 'UESCAPE'");
    }
    sql_take(parser);
    *escape = c;
    return SL_OK;
}

enum sl_status sql_parse_string(struct sql_parser *parser, const char **text, size_t *length)
{
    const struct sql_token token = *sql_peek(parser, 0);
    if (!sql_token_is_string(&token)) {
        return sql_unexpected(parser, "a string in single quotes");
    }
    sql_take(parser);
    char escape = '\\';
    if (token.kind == SQL_TOKEN_UNICODE_STRING && sql_accept_word(parser, "UESCAPE")) {
        SL_TRY(parse_escape_character(parser, &escape));
    }
    return sql_token_decode(&token, escape, parser->arena, text, length, parser->err);
}

enum sl_status sql_parse_plain_string(struct sql_parser *parser, const char **text)
{
    struct sql_span span = sql_span_here(parser);
    size_t length = 0;
    SL_TRY(sql_parse_string(parser, text, &length));
    if (strlen(*text) != length) {
        return sql_fail_span(parser, SL_SYNTAX, span, "a NUL character is not allowed here");
    }
    return SL_OK;
}

static enum sl_status refuse_repeated_key(struct sql_parser *parser,
                                          const struct sql_option_list *options,
                                          const struct sql_option *option)
{
    for (uint32_t i = 0; i < options->count; i++) {
        if (strcmp(options->items[i].key, option->key) == 0) {
            return sql_fail_span(parser, SL_OPTION, option->key_span,
                                 "option '%s' is given twice (first in line %u)", option->key,
                                 options->items[i].key_span.line);
        }
    }
    if (options->count == SQL_OPTIONS_MAX) {
        return sql_fail_span(parser, SL_LIMIT, option->key_span, "more than %d options",
                             SQL_OPTIONS_MAX);
    }
    return SL_OK;
}

enum sl_status sql_parse_options(struct sql_parser *parser, struct sql_option_list *options)
{
    *options = (struct sql_option_list){0};
    SL_TRY(sql_expect(parser, SQL_TOKEN_OPEN));
    while (!sql_at(parser, SQL_TOKEN_CLOSE)) {
        struct sql_option option = {.key_span = sql_span_here(parser)};
        SL_TRY(sql_parse_plain_string(parser, &option.key));
        SL_TRY(refuse_repeated_key(parser, options, &option));
        SL_TRY(sql_expect(parser, SQL_TOKEN_EQUAL));
        option.value_span = sql_span_here(parser);
        SL_TRY(sql_parse_plain_string(parser, &option.value));
        SQL_APPEND(parser, options->items, options->count, option);
        if (!sql_accept(parser, SQL_TOKEN_COMMA) && !sql_at(parser, SQL_TOKEN_CLOSE)) {
            return sql_unexpected(parser, "',' or ')'");
        }
    }
    return sql_expect(parser, SQL_TOKEN_CLOSE);
}

/* Whatever stands in the parentheses of a hint that is not a list of options: it is ignored. */
static enum sl_status skip_parentheses(struct sql_parser *parser)
{
    uint32_t open = 0;
    do {
        if (sql_at(parser, SQL_TOKEN_END) || sql_at(parser, SQL_TOKEN_HINT_CLOSE) ||
            sql_at(parser, SQL_TOKEN_UNTERMINATED)) {
            return sql_unexpected(parser, "')'");
        }
        open += sql_at(parser, SQL_TOKEN_OPEN);
        open -= sql_at(parser, SQL_TOKEN_CLOSE);
        sql_take(parser);
    } while (open > 0);
    return SL_OK;
}

static enum sl_status parse_hint(struct sql_parser *parser, struct sql_hint *hint)
{
    SL_TRY(sql_parse_upper_name(parser, &hint->name));
    if (!sql_at(parser, SQL_TOKEN_OPEN)) {
        return SL_OK;
    }
    bool has_options =
        strcmp(hint->name.text, "OPTIONS") == 0 ||
        (sql_token_is_string(sql_peek(parser, 1)) && sql_peek(parser, 2)->kind == SQL_TOKEN_EQUAL);
    return has_options ? sql_parse_options(parser, &hint->options) : skip_parentheses(parser);
}

enum sl_status sql_parse_hints(struct sql_parser *parser, struct sql_hint_list *hints)
{
    *hints = (struct sql_hint_list){0};
    while (sql_accept(parser, SQL_TOKEN_HINT_OPEN)) {
        do {
            struct sql_hint hint = {0};
            SL_TRY(parse_hint(parser, &hint));
            SQL_APPEND(parser, hints->items, hints->count, hint);
            sql_accept(parser, SQL_TOKEN_COMMA);
        } while (!sql_accept(parser, SQL_TOKEN_HINT_CLOSE));
    }
    return SL_OK;
}
