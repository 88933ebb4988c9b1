/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL text to syntax tree: recursive descent with precedence climbing over the tokens of lex.h. The
 * first error ends it and is written with its position; nesting is bounded, so hostile text cannot
 * overrun the stack. */
#ifndef SQL_PARSE_H
#define SQL_PARSE_H

#include "ast.h"

enum {
    SQL_DEPTH_MAX = 64,                     /* nested expressions, subqueries and types */
    SQL_OPTIONS_MAX = 1024,                 /* in one WITH (...) */
    SQL_SCRIPT_BYTES_MAX = 16 * 1024 * 1024 /* SL_LIMIT above it */
};

/* A script read statement by statement. Fields are the parser's; create with
 * sql_reader_init. */
struct sql_reader {
    const char *text;
    size_t length;
    size_t offset; /* of the next statement */
    uint32_t line;
    uint32_t column;
    bool checked; /* size, UTF-8 and NUL */
};

/* text need not be NUL-terminated and must outlive the reader; the tree holds copies only. */
void sql_reader_init(struct sql_reader *reader, const char *text, size_t length);
/* The next statement, or *statement = NULL at the end of the text. Empty statements (";;") are
 * skipped. After an error the reader stands behind the next semicolon, so a shell may go on. */
enum sl_status sql_parse_next(struct sql_reader *reader, struct sl_arena *arena,
                              struct sql_statement **statement, struct sl_error *err);
/* All statements of a script; stops at the first error. SL_SYNTAX, SL_UNSUPPORTED, SL_LIMIT or
 * SL_MEMORY. */
enum sl_status sql_parse_script(const char *text, size_t length, struct sl_arena *arena,
                                struct sql_script *script, struct sl_error *err);
/* One expression and nothing after it: computed columns and predicates that are kept as text. */
enum sl_status sql_parse_expression(const char *text, size_t length, struct sl_arena *arena,
                                    struct sql_expr **expr, struct sl_error *err);

#endif
