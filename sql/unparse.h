/* SPDX-License-Identifier: Apache-2.0
 *
 * Syntax tree to canonical SQL text: keywords in upper case, identifiers in backticks only where
 * needed, parentheses only where precedence asks for them. Parsing the text gives an equal tree. */
#ifndef SQL_UNPARSE_H
#define SQL_UNPARSE_H

#include "ast.h"
#include "sluice/text.h"

/* Each appends to text; check text->failed at the end. */
void sql_unparse_statement(struct sl_text *text, const struct sql_statement *statement);
void sql_unparse_query(struct sl_text *text, const struct sql_query *query);
void sql_unparse_table(struct sl_text *text, const struct sql_table *table);
void sql_unparse_expr(struct sl_text *text, const struct sql_expr *expr);
/* In parentheses when it is a comparison or looser. */
void sql_unparse_operand(struct sl_text *text, const struct sql_expr *expr);
/* Separated by commas. */
void sql_unparse_expr_list(struct sl_text *text, const struct sql_expr_list *list);
void sql_unparse_order_list(struct sl_text *text, const struct sql_order_list *list);
/* In parentheses, or the name alone. */
void sql_unparse_window(struct sl_text *text, const struct sql_window *window);
void sql_unparse_literal(struct sl_text *text, const struct sql_literal *literal);
/* Of any depth, unlike sl_type_format. */
void sql_unparse_type(struct sl_text *text, const struct sl_type *type);
/* An identifier, in backticks where it would not read back as a name. */
void sql_unparse_name(struct sl_text *text, const char *name);
void sql_unparse_path(struct sl_text *text, const struct sql_path *path);
/* (a, b) */
void sql_unparse_name_list(struct sl_text *text, const struct sql_name_list *names);
/* A string literal with its quotes. */
void sql_unparse_string(struct sl_text *text, const char *data, size_t length);
/* 'key' = 'value' */
void sql_unparse_option(struct sl_text *text, const struct sql_option *option);
/* A hint comment with a blank before it, or nothing. */
void sql_unparse_hints(struct sl_text *text, const struct sql_hint_list *hints);

#endif
