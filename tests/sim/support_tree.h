/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL expressions as trees with types, written down from the dialect's specification and without
 * the engine's parser, binder and kernels: the generator makes them, prints them as SQL and the
 * interpreter evaluates them a row at a time. */
#ifndef TESTS_SIM_SUPPORT_TREE_H
#define TESTS_SIM_SUPPORT_TREE_H

#include "sluice/clock.h"
#include "sluice/kernel.h"
#include "sluice/text.h"
#include "sluice/type.h"

enum tree_kind {
    TREE_LITERAL, /* value; text */
    TREE_COLUMN,  /* column; text */
    TREE_PLUS,
    TREE_MINUS,
    TREE_TIMES,
    TREE_DIVIDE,
    TREE_MODULO, /* also MOD(a, b) */
    TREE_NEGATE,
    TREE_ABS,
    TREE_FLOOR,
    TREE_CEIL,
    TREE_EQ,
    TREE_NE,
    TREE_LT,
    TREE_LE,
    TREE_GT,
    TREE_GE,
    TREE_AND,
    TREE_OR,
    TREE_NOT,
    TREE_IS_NULL, /* IS [NOT] ...: is_negated */
    TREE_IS_TRUE,
    TREE_IS_FALSE,
    TREE_IS_UNKNOWN,
    TREE_IS_DISTINCT,
    TREE_BETWEEN, /* is_negated, is_symmetric */
    TREE_IN,
    TREE_LIKE,        /* two or three children */
    TREE_CASE,        /* condition, value, ..., else */
    TREE_SIMPLE_CASE, /* subject, then as TREE_CASE */
    TREE_COALESCE,
    TREE_NULLIF,
    TREE_IF,
    TREE_GREATEST,
    TREE_LEAST,
    TREE_CAST, /* is_try */
    TREE_CONCAT,
    TREE_UPPER,
    TREE_LOWER,
    TREE_CHAR_LENGTH,
    TREE_SUBSTRING,
    TREE_TRIM,
    TREE_LTRIM,
    TREE_RTRIM,
    TREE_REPLACE,
    TREE_POSITION,
    TREE_SPLIT_INDEX,
    TREE_REGEXP,
    TREE_REGEXP_EXTRACT,
    TREE_TO_TIMESTAMP,
    TREE_TO_TIMESTAMP_LTZ,
    TREE_DATE_FORMAT,
    TREE_EXTRACT, /* field */
};

enum tree_field {
    TREE_YEAR,
    TREE_QUARTER,
    TREE_MONTH,
    TREE_DAY,
    TREE_DAY_OF_YEAR,
    TREE_DAY_OF_WEEK,
    TREE_HOUR,
    TREE_MINUTE,
    TREE_SECOND,
    TREE_FIELD_COUNT
};

struct value {
    bool is_null;
    enum sl_row_error error; /* SL_ROW_NONE: it has a value, or is NULL */
    sl_int128 integer;       /* BOOLEAN, integers, unscaled DECIMAL, dates, times, intervals */
    double real;             /* FLOAT (exactly) and DOUBLE */
    const char *data;        /* strings and bytes */
    size_t length;
};

struct tree {
    enum tree_kind kind;
    struct sl_type type; /* what the specification says that it has */
    bool is_negated;
    bool is_symmetric;
    bool is_try;
    bool is_infix; /* how it prints, where there are two spellings */
    enum tree_field field;
    uint32_t column;
    struct value value;
    const char *text;
    uint32_t child_count;
    struct tree **children;
};

/* Types: the tree's own from its children's, which are set. */
struct sl_type tree_type_of(const struct tree *tree);
struct sl_type tree_common_type(const struct sl_type *a, const struct sl_type *b);
/* The type in which two operands of + - * / % or of a comparison are computed; their own precision
 * and scale stay when that is DECIMAL. */
enum sl_type_id tree_operand_type(const struct sl_type *a, const struct sl_type *b);

void tree_print(const struct tree *tree, struct sl_text *out);

/* What the interpreter is given. Strings that it makes live in arena. */
struct interpreter {
    struct sl_arena *arena;
    const struct value *row; /* one a column */
};
struct value interpret(struct interpreter *interpreter, const struct tree *tree);
/* The session's zone for everything that is interpreted and generated: sets TZ of the process. */
void interpreter_set_zone(const char *posix_or_name);

/* support_decimal.c: exact decimals, digit by digit. False when the result has too many digits. */
bool digits_rescale(sl_int128 value, int from_scale, const struct sl_type *to, sl_int128 *result);
bool digits_compute(enum tree_kind operator, sl_int128 a, int a_scale, sl_int128 b, int b_scale,
                    const struct sl_type *type, sl_int128 *result);
int digits_compare(sl_int128 a, int a_scale, sl_int128 b, int b_scale);
size_t digits_format(sl_int128 value, int scale, char out[64]);
/* "[+-]digits[.digits][e[+-]digits]"; 0 when it is no such text, else 1, or -1 when it does not
 * fit.
 */
int digits_parse(const char *data, size_t length, const struct sl_type *type, sl_int128 *result);

/* support_calendar.c: seconds and days since the epoch, the calendar year by year. */
struct calendar {
    int64_t year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int nanosecond;
};
int64_t calendar_ticks(int precision); /* a second: 1000, 1000000 or 1000000000 */
int64_t calendar_days(int64_t year, int month, int day);
struct calendar calendar_of(sl_int128 timestamp, int precision);
/* False when it is outside of int64 ticks. */
bool calendar_timestamp(const struct calendar *calendar, int precision, sl_int128 *timestamp);
bool calendar_rescale(sl_int128 timestamp, int from, int to, sl_int128 *result);
bool calendar_add_months(sl_int128 timestamp, int precision, sl_int128 months, sl_int128 *result);
sl_int128 calendar_to_local(sl_int128 timestamp, int precision);
sl_int128 calendar_to_utc(sl_int128 timestamp, int precision);
bool calendar_parse(const char *data, size_t length, struct calendar *calendar,
                    int64_t *offset_seconds, bool *has_zone);
bool calendar_parse_time(const char *data, size_t length, int *ms_of_day);
void calendar_print(struct sl_text *out, const struct calendar *calendar, int precision,
                    bool with_date, bool with_time);
void calendar_print_format(struct sl_text *out, const struct calendar *calendar, const char *format,
                           size_t length);
bool calendar_parse_format(const char *data, size_t length, const char *format,
                           size_t format_length, struct calendar *calendar);

/* support_casts.c: a value of one type as another, as CAST does. */
struct value value_cast(struct interpreter *interpreter, struct value value,
                        const struct sl_type *from, const struct sl_type *to);
/* A string of the interpreter's arena. */
struct value value_string(struct interpreter *interpreter, const char *data, size_t length);
struct value value_error(enum sl_row_error error);
struct value value_null(void);
struct value value_integer(sl_int128 integer);
void value_print(const struct value *value, const struct sl_type *type, struct sl_text *out);
bool integer_fits(sl_int128 value, enum sl_type_id id);

/* support_strings.c: functions of strings over values that are there. */
struct value string_function(struct interpreter *interpreter, const struct tree *tree,
                             const struct value *values);
size_t utf8_next(const char *data, size_t length);
size_t utf8_length(const char *data, size_t length);

/* support_generator.c */
struct tree_columns {
    uint32_t count;
    const char **names;
    const struct sl_type *types;
};
enum tree_family {
    FAMILY_BOOLEAN,
    FAMILY_NUMBER,
    FAMILY_STRING,
    FAMILY_BYTES,
    FAMILY_DATE,
    FAMILY_TIME,
    FAMILY_TIMESTAMP,
    FAMILY_LTZ,
    FAMILY_MONTHS,
    FAMILY_DURATION,
    FAMILY_COUNT
};
struct generator {
    struct sl_random random;
    struct sl_arena *arena;
    const struct tree_columns *columns;
};
struct tree *generate(struct generator *generator, enum tree_family family, int depth);
uint64_t generator_below(struct generator *generator, uint64_t bound);
/* A value of a column of that type; edges are likely. */
struct value generate_value(struct generator *generator, const struct sl_type *type);
const char *generate_string(struct generator *generator);

#endif
