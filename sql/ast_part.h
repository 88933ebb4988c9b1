/* SPDX-License-Identifier: Apache-2.0
 *
 * The small parts that the syntax tree is made of: positions, names, options, hints, operators and
 * literals. */
#ifndef SQL_AST_PART_H
#define SQL_AST_PART_H

#include "sluice/type.h"

/* Where in the script a node was written: line and column are 1-based (column in bytes). */
struct sql_span {
    uint32_t line;
    uint32_t column;
    uint32_t offset; /* bytes from the start of the script */
    uint32_t length; /* bytes, from the node's first to its last token */
};

/* One identifier, unquoted and with its case kept. */
struct sql_name {
    const char *text;
    struct sql_span span;
};

/* a, a.b, a.b.c, ... count >= 1. */
struct sql_path {
    struct sql_name *parts;
    uint32_t count;
    struct sql_span span;
};

struct sql_name_list {
    struct sql_name *items;
    uint32_t count;
};

struct sql_option {
    const char *key;
    const char *value;
    struct sql_span key_span;
    struct sql_span value_span;
};

struct sql_option_list {
    struct sql_option *items;
    uint32_t count;
};

/* One of the hints in a comment that starts with a plus: OPTIONS('k'='v') has options,
 * BROADCAST(a, b) and the like only a name: what stands in the parentheses is
 * skipped. */
struct sql_hint {
    struct sql_name name; /* upper case */
    struct sql_option_list options;
};

struct sql_hint_list {
    struct sql_hint *items;
    uint32_t count;
};

enum sql_unary {
    SQL_NOT,
    SQL_NEGATE,
    SQL_IS_NULL,
    SQL_IS_NOT_NULL,
    SQL_IS_TRUE,
    SQL_IS_NOT_TRUE,
    SQL_IS_FALSE,
    SQL_IS_NOT_FALSE,
    SQL_IS_UNKNOWN,
    SQL_IS_NOT_UNKNOWN
};

enum sql_binary {
    SQL_OR,
    SQL_AND,
    SQL_EQUAL,
    SQL_NOT_EQUAL,
    SQL_LESS,
    SQL_LESS_EQUAL,
    SQL_GREATER,
    SQL_GREATER_EQUAL,
    SQL_IS_DISTINCT,
    SQL_IS_NOT_DISTINCT,
    SQL_ADD,
    SQL_SUBTRACT,
    SQL_MULTIPLY,
    SQL_DIVIDE,
    SQL_MODULO,
    SQL_CONCAT
};

/* The type (never nullable, but for NULL) says which member holds the value, in the physical form
 * of type.h:
 *   BOOLEAN, INT, BIGINT, DATE, TIME, TIMESTAMP(p), INTERVAL_*  integer
 *   DECIMAL(p, s)  decimal (unscaled)      DOUBLE  real      CHAR(n), BINARY(n)  text and length
 * A whole number is INT, else BIGINT, else DECIMAL(p, 0), by what it fits. A sign that stands right
 * before a number is part of the literal. An empty string is CHAR with length 0. */
struct sql_literal {
    struct sl_type type;
    int64_t integer;
    sl_int128 decimal;
    double real;
    const char *text; /* NUL-terminated, may contain NUL for e'..' and X'..' */
    size_t length;    /* bytes */
};

#endif
