/* SPDX-License-Identifier: Apache-2.0
 *
 * The shape of a line: its text with the scalars cut out. A line of the same shape is read in
 * steps, each a comparison with the text that stood before a value and the reading of that value,
 * and is JSON because the line was that the shape was learned from. Whatever differs is read again
 * from its first byte by json_decode.h, which says what is wrong, if anything is. */
#ifndef CONNECTORS_JSON_SHAPE_H
#define CONNECTORS_JSON_SHAPE_H

#include "cpu_level.h"
#include "json_decode.h"

enum { JSON_STEP_BYTES = 32, JSON_STEPS_MAX = 96, JSON_MISSING_MAX = 64 };

/* What comes behind a step's text. The usual text of a usual type is read in the step itself,
 * everything else by json_decode_value. */
enum json_step_op {
    JSON_STEP_END,
    JSON_STEP_TEXT, /* nothing: the text goes on in the next step */
    JSON_STEP_VALUE,
    JSON_STEP_STRING,
    JSON_STEP_INT64,
    JSON_STEP_INT32,
    JSON_STEP_DOUBLE,
    JSON_STEP_BOOLEAN,
    JSON_STEP_TIMESTAMP,
    JSON_STEP_SKIP, /* nobody wants it */
    JSON_STEP_SKIP_STRING,
    JSON_STEP_SKIP_NUMBER
};

/* The last timestamp of a step: in the same form on the same day only the time is read. */
struct json_date {
    char text[16]; /* date and separator, 11 bytes */
    int64_t base;  /* value of midnight */
    uint16_t tail; /* the quote behind it, or 'Z' and the quote */
    uint16_t tail_mask;
    uint32_t tail_length; /* 0 = nothing known */
};

/* What a step's text and value probably look like, taken from an earlier line: byte i is low[i] to
 * low[i] + high[i]. When that is so, everything is known without looking for where the value ends.
 */
struct json_guess {
    char low[JSON_STEP_BYTES];
    char high[JSON_STEP_BYTES];
    char join[16];         /* number: brings its digits to the right end of 16 bytes */
    double divisor;        /* number: its sign and power of ten */
    int64_t sign;          /* number: 0 or -1; true: 1, false: 0 */
    uint32_t body;         /* bit by byte that is neither quote nor backslash */
    uint32_t length;       /* of text and value; 0 = no guess */
    uint32_t value_length; /* string: without its quotes */
};

struct json_step {
    char text[JSON_STEP_BYTES];
    uint32_t text_mask; /* bit by byte of the text */
    uint32_t text_length;
    enum json_step_op op;
    uint32_t depth; /* open containers around the value */
    struct json_field *field;
    struct sl_vector *vector; /* the field's, in the call at hand */
    void *data;               /* the vector's */
    int64_t ticks_per_ms;     /* TIMESTAMP */
    struct json_date date;
    uint32_t misses; /* guesses that were wrong, in this period */
    uint32_t pause;  /* periods without guessing */
    bool guesses;    /* whether it tries to */
    char terminator; /* the byte behind the value */
    struct json_guess guess;
};

struct json_shape {
    uint32_t step_count; /* 0 = no shape is known */
    uint32_t missing_count;
    uint32_t period_rows; /* lines that did fit, in this period of guessing */
    uint32_t misses;      /* lines in a row that did not fit */
    uint32_t patience;    /* how many may be, before another shape is learned */
    struct json_field *missing[JSON_MISSING_MAX]; /* wanted, but not in the line */
    struct json_step steps[JSON_STEPS_MAX];
    /* By digits before the point * 16 + length in bytes: how a shuffle brings the digits of a
     * number to the right end of 16 bytes. */
    char joins[256][16];
};

/* A stretch of lines that is being decoded. */
struct json_run {
    struct json_decoder *decoder;
    struct json_shape *shape;
    const struct sl_span *spans;
    uint32_t span; /* in and out: the first that is not decoded */
    uint32_t span_count;
    uint16_t *row_spans;
    uint32_t row; /* in and out: the first that is free */
    uint32_t row_capacity;
};

void conn_json_shape_init(struct json_shape *shape);

/* Has the steps write to vectors, one a field of object; once a decode call. */
void conn_json_shape_bind(struct json_shape *shape, struct json_object *object,
                          struct sl_vector *vectors);

/* Counts a line that did not fit but was decoded as object's last one, and learns its shape when it
 * is time. Bind again when it says true. */
bool conn_json_shape_miss(struct json_shape *shape, struct json_object *object, const char *at,
                          const char *end);

/* Counts lines in a row that did fit. */
void conn_json_shape_hits(struct json_shape *shape, uint32_t rows);

/* Guesses that the step's next text and value look like those between begin and behind. */
void conn_json_guess_learn(struct json_step *step, const char *begin, const char *behind);
/* Gives up guessing, for a while, where it is mostly wrong; once a decode call. */
void conn_json_guess_review(struct json_shape *shape);

/* Decodes lines as long as they fit the shape and there is room. */
typedef void json_read_rows(struct json_run *run);
json_read_rows conn_json_read_rows_v2;
json_read_rows conn_json_read_rows_v3;
json_read_rows conn_json_read_rows_v4;
json_read_rows *conn_json_read_rows(enum conn_cpu_level level);

/* ---- what a step does when the text is not the usual one ---- */

/* NULL: the line does not fit. */
const char *conn_json_step_value(struct json_decoder *decoder, struct json_step *step, uint32_t row,
                                 const char *at);
const char *conn_json_step_skip(struct json_decoder *decoder, const struct json_step *step,
                                const char *at);
const char *conn_json_step_timestamp(struct json_decoder *decoder, struct json_step *step,
                                     uint32_t row, const char *at);

#endif
