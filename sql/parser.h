/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files parse*.c share: the token window, "expected X but found Y", growing arrays and the
 * bounds on nesting. A parser that has failed is never used further, so nothing is undone. */
#ifndef SQL_PARSER_H
#define SQL_PARSER_H

#include "lex.h"

enum {
    SQL_AHEAD_MAX = 3,
    SQL_OPERATORS_MAX = 4096 /* operators, joins and set operations on one path of the tree */
};

struct sql_parser {
    struct sql_lexer lexer;
    struct sql_token ahead[SQL_AHEAD_MAX];
    uint32_t ahead_count;
    struct sql_token last; /* the token taken last */
    struct sl_arena *arena;
    struct sl_error *err;
    uint32_t depth;
    uint32_t case_depth;     /* END is a name only outside CASE */
    uint32_t operator_count; /* never less than the height of the tree under construction */
};

/* The token ahead places after the next one, ahead < SQL_AHEAD_MAX. Valid until the next take. */
const struct sql_token *sql_peek(struct sql_parser *parser, uint32_t ahead);
void sql_take(struct sql_parser *parser);
bool sql_at(struct sql_parser *parser, enum sql_token_kind kind);
bool sql_at_word(struct sql_parser *parser, const char *word);
/* The next two tokens are these words. */
bool sql_at_words(struct sql_parser *parser, const char *first, const char *second);
/* Takes what it names and returns true, or leaves everything. */
bool sql_accept(struct sql_parser *parser, enum sql_token_kind kind);
bool sql_accept_word(struct sql_parser *parser, const char *word);
bool sql_accept_words(struct sql_parser *parser, const char *first, const char *second);
/* Takes what it names or fails. */
enum sl_status sql_expect(struct sql_parser *parser, enum sql_token_kind kind);
enum sl_status sql_expect_word(struct sql_parser *parser, const char *word);

/* "expected <expected> but found <next token>". */
enum sl_status sql_unexpected(struct sql_parser *parser, const char *expected);
/* "<what> is not supported yet". */
enum sl_status sql_unsupported(struct sql_parser *parser, struct sql_span span, const char *what);
enum sl_status sql_fail_span(struct sql_parser *parser, enum sl_status status, struct sql_span span,
                             const char *format, ...) SL_PRINTF(4, 5);
enum sl_status sql_no_memory(struct sql_parser *parser);

/* Where the next token is; and from there to the end of the token taken last. */
struct sql_span sql_span_here(struct sql_parser *parser);
struct sql_span sql_span_from(const struct sql_parser *parser, struct sql_span start);

/* One level of nesting deeper: SL_LIMIT when it is too deep. */
enum sl_status sql_enter(struct sql_parser *parser);
void sql_leave(struct sql_parser *parser);
/* One operator more on the path: SL_LIMIT when they are too many. */
enum sl_status sql_count_operator(struct sql_parser *parser);

/* Room for one more behind count items; NULL without memory. */
void *sql_grow(struct sql_parser *parser, void *items, uint32_t count, size_t item_bytes);

#define SQL_APPEND(parser, items, count, item)                                    \
    do {                                                                          \
        void *sql_grown = sql_grow((parser), (items), (count), sizeof(*(items))); \
        if (sql_grown == NULL) {                                                  \
            return sql_no_memory(parser);                                         \
        }                                                                         \
        (items) = sql_grown;                                                      \
        (items)[(count)++] = (item);                                              \
    } while (0)

/* Names (parse_name.c). */
/* A bare or quoted name; expected says what in the message, e.g. "a column name". */
enum sl_status sql_parse_name(struct sql_parser *parser, const char *expected,
                              struct sql_name *name);
/* The same, but no word is refused: where the place alone says that it is a name. */
enum sl_status sql_parse_any_name(struct sql_parser *parser, const char *expected,
                                  struct sql_name *name);
/* The same in upper case: functions and hints. */
enum sl_status sql_parse_upper_name(struct sql_parser *parser, struct sql_name *name);
enum sl_status sql_parse_path(struct sql_parser *parser, const char *expected,
                              struct sql_path *path);
/* [AS] alias, or nothing: then alias->text is NULL. */
enum sl_status sql_parse_alias(struct sql_parser *parser, struct sql_name *alias);
/* (a, b, ...) */
enum sl_status sql_parse_name_list(struct sql_parser *parser, struct sql_name_list *names);
/* A string literal of any kind; it may contain NUL bytes. */
enum sl_status sql_parse_string(struct sql_parser *parser, const char **text, size_t *length);
/* A string literal without NUL bytes, for names, keys and comments. */
enum sl_status sql_parse_plain_string(struct sql_parser *parser, const char **text);
/* ('key' = 'value', ...); a key given twice is refused. */
enum sl_status sql_parse_options(struct sql_parser *parser, struct sql_option_list *options);
/* Any number of hint comments, or nothing. */
enum sl_status sql_parse_hints(struct sql_parser *parser, struct sql_hint_list *hints);

/* Expressions (parse_expr.c, parse_primary.c, parse_literal.c, parse_call.c). */
enum sl_status sql_parse_expr(struct sql_parser *parser, struct sql_expr **expr);
/* An expression without comparison and logic: x in x BETWEEN .., bounds, patterns. */
enum sl_status sql_parse_operand(struct sql_parser *parser, struct sql_expr **expr);
enum sl_status sql_parse_expr_list(struct sql_parser *parser, struct sql_expr_list *list);
enum sl_status sql_parse_primary(struct sql_parser *parser, struct sql_expr **expr);
enum sl_status sql_parse_number(struct sql_parser *parser, bool negative, struct sql_expr **expr);
enum sl_status sql_parse_string_literal(struct sql_parser *parser, struct sql_expr **expr);
/* DATE '..', TIME '..', TIMESTAMP '..' at its word. */
enum sl_status sql_parse_time_literal(struct sql_parser *parser, struct sql_expr **expr);
/* INTERVAL '..' unit [TO unit] at its word. */
enum sl_status sql_parse_interval_literal(struct sql_parser *parser, struct sql_expr **expr);
/* A time unit, singular or plural, as its singular in upper case. */
enum sl_status sql_parse_unit(struct sql_parser *parser, struct sql_expr **symbol);
/* name(args) [FILTER ..] [OVER ..] at its name. */
enum sl_status sql_parse_call(struct sql_parser *parser, struct sql_expr **expr);
/* [name] [PARTITION BY ..] [ORDER BY ..] [frame] in parentheses. */
enum sl_status sql_parse_window(struct sql_parser *parser, struct sql_window *window);
enum sl_status sql_parse_order_list(struct sql_parser *parser, struct sql_order_list *list);
/* Fails when there is no memory: then *expr is NULL. */
enum sl_status sql_new_expr(struct sql_parser *parser, enum sql_expr_kind kind,
                            struct sql_span span, struct sql_expr **expr);

/* Types, queries, statements. */
enum sl_status sql_parse_type(struct sql_parser *parser, struct sl_type *type,
                              struct sql_span *span);
/* The next tokens start a query, in parentheses or not. */
bool sql_at_query(struct sql_parser *parser);
enum sl_status sql_parse_query(struct sql_parser *parser, struct sql_query **query);
enum sl_status sql_parse_from(struct sql_parser *parser, struct sql_table **table);
enum sl_status sql_parse_create(struct sql_parser *parser, struct sql_statement *statement);
enum sl_status sql_parse_drop(struct sql_parser *parser, struct sql_statement *statement);
enum sl_status sql_parse_statement(struct sql_parser *parser, struct sql_statement *statement);

#endif
