/* SPDX-License-Identifier: Apache-2.0
 *
 * Syntax tree to canonical SQL text: keywords in upper case, identifiers in backticks only where
 * needed, parentheses only where precedence asks for them. Parsing the text gives an equal tree. */
#ifndef SQL_UNPARSE_H
#define SQL_UNPARSE_H

#include "ast.h"
#include "sluice/text.h"

/* Each appends to text; check text->failed at the end. */
void sql_unparse_expr(struct sl_text *text, const struct sql_expr *expr);
void sql_unparse_query(struct sl_text *text, const struct sql_query *query);
void sql_unparse_statement(struct sl_text *text, const struct sql_statement *statement);
/* An identifier, in backticks where it would not read back as a name. */
void sql_unparse_name(struct sl_text *text, const char *name);
/* A string literal with its quotes. */
void sql_unparse_string(struct sl_text *text, const char *data, size_t length);

#endif
