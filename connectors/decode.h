/* SPDX-License-Identifier: Apache-2.0
 *
 * The piece between a source and its codecs: spans of bytes in, a batch of the source's output
 * schema out (decoded columns, metadata columns, runs, pushed-down predicates applied) and rejected
 * rows with their split and position. A source only finds messages and knows positions. */
#ifndef CONNECTORS_DECODE_H
#define CONNECTORS_DECODE_H

#include "part.h"

/* Messages [first_span, next run's first_span) come from split. */
struct conn_input_run {
    const struct sl_split *split;
    uint32_t first_span;
    uint32_t skip_rows; /* rows of the run's first message that came out before a restore */
};

/* Messages that lie ready. All memory is the source's and must stay until the source is polled
 * again: strings of the batch point into it. */
struct conn_input {
    const struct sl_span *values;      /* data NULL: the message has no value and gives no row */
    const struct sl_span *keys;        /* NULL = none; a span with data NULL = a NULL key */
    const int64_t *positions;          /* of each message in its split */
    uint32_t span_count;               /* at most env->batch_rows */
    const struct conn_input_run *runs; /* ascending, the first at span 0; at least one */
    uint32_t run_count;
    uint32_t done;         /* in and out: messages finished; start with 0 */
    uint32_t partial_rows; /* out: rows of message `done` that came out already (it holds several,
                              and the batch was full); in: start with 0 */
};

struct conn_decoder_config {
    /* true: neighbours differ by 1, as Kafka's offsets; a gap begins a new run. false: positions
     * are only those of the runs' first rows (byte offsets). */
    bool counts_by_one;
    uint32_t limit_bytes;   /* longer values are rejected with SIZE; 0 = no limit */
    const char *limit_name; /* what the limit is called where a user can change it; NULL = fixed */
    /* Fills metadata column metadata_idx (see conn_decoder_metadata): value of row i is that of
     * message row_spans[i]. column is flat with room for row_count rows, all valid; it may be
     * turned into SL_CONST (value 0). Strings must live as long as the input. NULL = the table has
     * no metadata columns. */
    void (*fill_metadata)(void *user, uint32_t metadata_idx, struct sl_vector *column,
                          const uint16_t *row_spans, uint32_t row_count);
    void *user;
};

struct conn_decoder;

/* Options that every source with a format knows; put them first into its table. */
#define CONN_DECODE_OPTIONS                                                           \
    {                                                                                 \
        .name = "bad-rows", .type = SL_OPTION_ENUM, .default_text = "reject",         \
        .choices = "reject|fail",                                                     \
        .help = "what a row that cannot be decoded does: go to the rejected output, " \
                "or stop the query"                                                   \
    }

/* Opens the codecs of env->node and checks that the output schema is what the parts and metadata
 * columns give. config is copied. */
enum sl_status conn_decoder_open(struct sl_env *env, const struct conn_decoder_config *config,
                                 struct conn_decoder **decoder, struct sl_error *err);
/* Accepts NULL and half-opened decoders. */
void conn_decoder_close(struct conn_decoder *decoder);

/* Metadata keys of the output, in the order of metadata_idx ("offset", "timestamp"), and their
 * columns' types. */
uint32_t conn_decoder_metadata(const struct conn_decoder *decoder, const char *const **keys,
                               const struct sl_column **columns);

/* Decodes from input->done on, until the input is finished or the batch or the rejects are full,
 * and sets outs' MAIN and REJECTED (either may stay NULL). Call again, at the next poll, as long as
 * input->done < input->span_count. A status only for limits, and for a bad row under 'bad-rows' =
 * 'fail'. What came out stays valid until the next call. */
enum sl_status conn_decoder_decode(struct conn_decoder *decoder, struct conn_input *input,
                                   struct sl_outs *outs, struct sl_error *err);

#endif
