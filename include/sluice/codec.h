/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 6. Formats: spans of bytes (one message or line each) to columns, and rows to bytes. */
#ifndef SLUICE_CODEC_H
#define SLUICE_CODEC_H

#include "sluice/operator.h"

SL_EXTERN_C_BEGIN

struct sl_span {
    const char *data; /* at least 64 readable bytes follow the span's end (any content) */
    uint32_t length;
};

enum { SL_REJECT_DETAIL_BYTES = 96 };

struct sl_reject {
    uint32_t span_idx;
    enum sl_row_error reason;
    char detail[SL_REJECT_DETAIL_BYTES]; /* "column 'temp': expected DOUBLE, found string at byte
                                            17" */
};

struct sl_codec_env {
    const struct sl_schema *physical; /* all physical columns that the table declares */
    const uint32_t *columns; /* which of them to decode (or: which come in the batch to encode), in
                                order; in decode order of output columns */
    uint32_t column_count;
    const struct sl_options *options; /* of the table */
    const char *option_prefix;        /* "" , "value." or "key." */
    struct sl_account *account;
    struct sl_log *log;
};

/* One decode call. Decoding stops early when rows or rejects are full: done < span_count, call
 * again with the rest after taking them. */
struct sl_decode {
    const struct sl_span *spans;
    uint32_t span_count;
    uint32_t done;             /* in and out: spans finished */
    struct sl_vector *columns; /* one a decoded column, flat, with data for row_capacity rows;
                                  validity storage present and all valid up to row_capacity */
    uint32_t row_count;        /* in and out: rows filled; a span may give none or several */
    uint32_t row_capacity;
    uint16_t *row_spans; /* out: the span that each row came from */
    struct sl_arena
        *strings; /* bytes that had to be unescaped; plain strings borrow from the span */
    struct sl_reject *rejects;
    uint32_t reject_count; /* in and out */
    uint32_t reject_capacity;
};

struct sl_codec_def {
    const char *name; /* "json" */
    const struct sl_option_def
        *options; /* names with their own prefix: "json.ignore-parse-errors" */
    /* Checks that the schema can be carried: "raw" takes one column, ... (schema with all physical
     * columns). May be NULL. */
    enum sl_status (*check)(const struct sl_schema *physical, struct sl_error *err);
    enum sl_status (*open)(const struct sl_codec_env *env, void **state, struct sl_error *err);
    /* NULL when the format can only be written. Never fails on data: bad spans become rejects. A
     * status is for limits only. */
    enum sl_status (*decode)(void *state, struct sl_decode *decode, struct sl_error *err);
    /* Appends one physical row, without line end. batch columns are in the order of env->columns.
     * NULL when it can only be read. */
    enum sl_status (*encode)(void *state, const struct sl_batch *batch, uint32_t row,
                             struct sl_text *out, struct sl_error *err);
    void (*close)(void *state);
};

SL_EXTERN_C_END

#endif
