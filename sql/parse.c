/* SPDX-License-Identifier: Apache-2.0
 *
 * The doors of the parser: a script, the next statement of one, an expression. Text is checked once
 * for size, UTF-8 and NUL, so that nothing behind this file has to. */
#include "parse.h"

#include "parser.h"

#include "sluice/text.h"

#include <string.h>

static void position_at(const char *text, size_t offset, uint32_t *line, uint32_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        *column += 1;
        if (text[i] == '\n') {
            *line += 1;
            *column = 1;
        }
    }
}

static enum sl_status check_text(const char *text, size_t length, struct sl_error *err)
{
    if (length > SQL_SCRIPT_BYTES_MAX) {
        return sl_fail(err, SL_LIMIT, "SQL text of %zu bytes is longer than %d bytes", length,
                       SQL_SCRIPT_BYTES_MAX);
    }
    const char *nul = length == 0 ? NULL : memchr(text, '\0', length);
    size_t valid = length == 0 ? 0 : sl_utf8_check(text, length);
    if (nul == NULL && valid == length) {
        return SL_OK;
    }
    bool nul_first = nul != NULL && (size_t)(nul - text) <= valid;
    uint32_t line = 0;
    uint32_t column = 0;
    position_at(text, nul_first ? (size_t)(nul - text) : valid, &line, &column);
    return sl_fail_at(err, SL_SYNTAX, line, column, "SQL text has %s here",
                      nul_first ? "a NUL byte" : "a byte that is not UTF-8");
}

void sql_reader_init(struct sql_reader *reader, const char *text, size_t length)
{
    text = length == 0 ? "" : text;
    *reader = (struct sql_reader){.text = text, .length = length, .line = 1, .column = 1};
    bool has_mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    reader->offset = has_mark ? 3 : 0; /* a byte order mark is not part of the first line */
}

static struct sql_parser parser_at(const struct sql_reader *reader, struct sl_arena *arena,
                                   struct sl_error *err)
{
    return (struct sql_parser){
        .lexer = {.text = reader->text,
                  .length = reader->length,
                  .offset = reader->offset,
                  .line = reader->line,
                  .line_start = reader->offset - (reader->column - 1)},
        .arena = arena,
        .err = err,
    };
}

/* The reader continues at the parser's next token. */
static void follow(struct sql_reader *reader, struct sql_parser *parser)
{
    struct sql_span span = sql_span_here(parser);
    reader->offset = span.offset;
    reader->line = span.line;
    reader->column = span.column;
}

static enum sl_status parse_one(struct sql_parser *parser, struct sql_statement **statement)
{
    *statement = NULL;
    while (sql_accept(parser, SQL_TOKEN_SEMICOLON)) {
    }
    if (sql_at(parser, SQL_TOKEN_END)) {
        return SL_OK;
    }
    struct sql_statement *parsed = SL_ARENA_NEW(parser->arena, struct sql_statement);
    if (parsed == NULL) {
        return sql_no_memory(parser);
    }
    SL_TRY(sql_parse_statement(parser, parsed));
    if (!sql_at(parser, SQL_TOKEN_SEMICOLON) && !sql_at(parser, SQL_TOKEN_END)) {
        return sql_unexpected(parser, "';' or the end of the statement");
    }
    *statement = parsed;
    return SL_OK;
}

/* The next statement of a checked text; after an error the reader stands where it was found. */
static enum sl_status parse_checked(struct sql_reader *reader, struct sl_arena *arena,
                                    struct sql_statement **statement, struct sl_error *err)
{
    struct sql_parser parser = parser_at(reader, arena, err);
    enum sl_status status = parse_one(&parser, statement);
    if (status == SL_OK) {
        sql_accept(&parser, SQL_TOKEN_SEMICOLON);
    }
    follow(reader, &parser);
    return status;
}

/* To behind the next semicolon. What is not terminated reaches to the end of the text. */
static void skip_statement(struct sql_reader *reader)
{
    struct sql_parser parser = parser_at(reader, NULL, NULL);
    while (!sql_accept(&parser, SQL_TOKEN_SEMICOLON) && !sql_at(&parser, SQL_TOKEN_END)) {
        sql_take(&parser);
    }
    follow(reader, &parser);
}

static enum sl_status check_once(struct sql_reader *reader, struct sl_error *err)
{
    if (!reader->checked) {
        SL_TRY(check_text(reader->text, reader->length, err));
        reader->checked = true;
    }
    return SL_OK;
}

enum sl_status sql_parse_next(struct sql_reader *reader, struct sl_arena *arena,
                              struct sql_statement **statement, struct sl_error *err)
{
    *statement = NULL;
    SL_TRY(check_once(reader, err));
    enum sl_status status = parse_checked(reader, arena, statement, err);
    if (status != SL_OK) {
        skip_statement(reader);
    }
    return status;
}

enum sl_status sql_parse_script(const char *text, size_t length, struct sl_arena *arena,
                                struct sql_script *script, struct sl_error *err)
{
    struct sql_reader reader;
    struct sql_parser memory = {.arena = arena, .err = err};
    *script = (struct sql_script){0};
    sql_reader_init(&reader, text, length);
    SL_TRY(check_once(&reader, err));
    for (;;) {
        struct sql_statement *statement = NULL;
        SL_TRY(parse_checked(&reader, arena, &statement, err));
        if (statement == NULL) {
            return SL_OK;
        }
        SQL_APPEND(&memory, script->statements, script->count, *statement);
    }
}

enum sl_status sql_parse_expression(const char *text, size_t length, struct sl_arena *arena,
                                    struct sql_expr **expr, struct sl_error *err)
{
    struct sql_reader reader;
    *expr = NULL;
    SL_TRY(check_text(text, length, err));
    sql_reader_init(&reader, text, length);
    struct sql_parser parser = parser_at(&reader, arena, err);
    struct sql_expr *parsed = NULL;
    SL_TRY(sql_parse_expr(&parser, &parsed));
    if (!sql_at(&parser, SQL_TOKEN_END)) {
        return sql_unexpected(&parser, "the end of the expression");
    }
    *expr = parsed;
    return SL_OK;
}
