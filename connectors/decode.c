/* SPDX-License-Identifier: Apache-2.0
 *
 * Spans of bytes to a batch. Always true: every message of the input either gave rows, or a reject,
 * or had no value; and `done` counts only messages that are finished, so a position that a source
 * derives from it never skips one. */
#include "decode.h"

#include "sluice/arena.h"
#include "sluice/predicate.h"

#include <stdio.h>
#include <string.h>

enum { REJECTS_AT_ONCE = 64, NO_KEY_ROW = UINT16_MAX, METADATA_MAX = 32, LIMIT_DETAIL_BYTES = 96 };

struct conn_decoder {
    struct sl_env *env;
    struct conn_decoder_config config;
    struct sl_arena arena;   /* as long as the decoder */
    struct sl_arena strings; /* as long as the batch */
    struct conn_part value;
    struct conn_part key;
    void *value_codec;
    void *key_codec;
    bool fails_on_bad_rows;
    char limit_detail[LIMIT_DETAIL_BYTES]; /* why a row is too long */

    struct sl_batch batch;           /* what goes out */
    struct sl_vector *value_columns; /* one a column of the value part, lent to the batch */
    uint16_t *row_spans;             /* of the batch's rows */
    uint16_t *selection;
    struct sl_run *runs;
    uint32_t run_capacity;

    const char **metadata_keys;
    uint32_t metadata_count;
    uint32_t metadata_first; /* its first column in the batch */
    struct sl_vector *metadata_columns;

    struct sl_vector *key_columns; /* rows of the input's keys */
    uint16_t *key_rows;            /* by message: its row in key_columns, or NO_KEY_ROW */
    uint64_t *bad_keys;            /* bit by message */
    struct sl_arena key_strings;   /* as long as the input */

    struct sl_rejects rejects;
    uint32_t reject_room;                      /* rows that rejects can still take in this call */
    struct sl_reject pending[REJECTS_AT_ONCE]; /* from the codec */
    uint32_t pending_count;
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory to decode a batch");
}

/* ---- columns ---- */

/* Lists give their elements a bitmap with their room; the fields of a struct need theirs now. */
static enum sl_status ensure_validity(struct sl_vector *column, struct sl_arena *arena,
                                      struct sl_error *err)
{
    SL_TRY(sl_vector_ensure_validity(column, arena, err));
    for (uint32_t i = 0; column->physical == SL_STRUCT && i < column->child_count; i++) {
        SL_TRY(ensure_validity(&column->children[i], arena, err));
    }
    return SL_OK;
}

/* A new vector that may hold NULLs on every level. */
static enum sl_status init_column(struct sl_vector *column, const struct sl_type *type,
                                  uint32_t rows, struct sl_arena *arena, struct sl_error *err)
{
    SL_TRY(sl_vector_init(column, type, rows, arena, err));
    return ensure_validity(column, arena, err);
}

/* Makes columns ready for decoding from row 0. Nested ones are made anew, because their elements
 * live in the batch's arena. */
static enum sl_status reset_columns(struct conn_decoder *decoder, struct sl_vector *columns,
                                    uint32_t column_count, struct sl_arena *strings,
                                    struct sl_error *err)
{
    uint32_t rows = decoder->env->batch_rows;
    for (uint32_t i = 0; i < column_count; i++) {
        struct sl_vector *column = &columns[i];
        column->encoding = SL_FLAT;
        if (column->physical == SL_LIST || column->physical == SL_STRUCT) {
            struct sl_type type = column->type;
            SL_TRY(init_column(column, &type, rows, strings, err));
        } else {
            memset(column->validity, 0xFF, sl_bitmap_words(rows) * sizeof(uint64_t));
        }
    }
    return SL_OK;
}

/* ---- opening ---- */

static enum sl_status init_columns(struct conn_decoder *decoder, const struct conn_part *part,
                                   struct sl_vector **columns, struct sl_error *err)
{
    *columns = SL_ARENA_ARRAY(&decoder->arena, struct sl_vector, part->column_count);
    if (*columns == NULL) {
        return fail_memory(err);
    }
    for (uint32_t i = 0; i < part->column_count; i++) {
        const struct sl_type *type = &part->physical.columns[part->columns[i]].type;
        SL_TRY(init_column(&(*columns)[i], type, decoder->env->batch_rows, &decoder->arena, err));
    }
    return SL_OK;
}

/* Cuts the node's "metadata" at its commas. */
static enum sl_status init_metadata(struct conn_decoder *decoder, struct sl_error *err)
{
    struct sl_arena *arena = &decoder->arena;
    char *names = sl_arena_string(arena, sl_plan_string(decoder->env->node, "metadata", ""));
    decoder->metadata_keys = SL_ARENA_ARRAY(arena, const char *, METADATA_MAX);
    decoder->metadata_columns = SL_ARENA_ARRAY(arena, struct sl_vector, METADATA_MAX);
    if (names == NULL || decoder->metadata_keys == NULL || decoder->metadata_columns == NULL) {
        return fail_memory(err);
    }
    while (*names != '\0') {
        if (decoder->metadata_count == METADATA_MAX) {
            return sl_fail(err, SL_LIMIT, "a table has more than %d metadata columns",
                           METADATA_MAX);
        }
        decoder->metadata_keys[decoder->metadata_count++] = names;
        names += strcspn(names, ",");
        if (*names == ',') {
            *names++ = '\0';
        }
    }
    const struct sl_schema *schema = &decoder->env->node->schema;
    if (decoder->metadata_count > schema->column_count ||
        (decoder->metadata_count > 0 && decoder->config.fill_metadata == NULL)) {
        return sl_fail(err, SL_INTERNAL, "%s: metadata columns that the source does not have",
                       decoder->env->label);
    }
    decoder->metadata_first = schema->column_count - decoder->metadata_count;
    for (uint32_t i = 0; i < decoder->metadata_count; i++) {
        const struct sl_type *type = &schema->columns[decoder->metadata_first + i].type;
        struct sl_vector *column = &decoder->metadata_columns[i];
        SL_TRY(init_column(column, type, decoder->env->batch_rows, arena, err));
    }
    return SL_OK;
}

static enum sl_status init_batch(struct conn_decoder *decoder, struct sl_error *err)
{
    struct sl_arena *arena = &decoder->arena;
    const struct sl_schema *schema = &decoder->env->node->schema;
    uint32_t rows = decoder->env->batch_rows;
    if (decoder->value.column_count + decoder->key.column_count + decoder->metadata_count !=
        schema->column_count) {
        return sl_fail(err, SL_INTERNAL, "%s: its schema is not columns and metadata",
                       decoder->env->label);
    }
    decoder->batch.schema = schema;
    decoder->batch.columns = SL_ARENA_ARRAY(arena, struct sl_vector, schema->column_count);
    decoder->row_spans = SL_ARENA_ARRAY(arena, uint16_t, rows);
    decoder->selection = SL_ARENA_ARRAY(arena, uint16_t, SL_MAX(rows, SL_BATCH_ROWS_MAX));
    decoder->runs = SL_ARENA_ARRAY(arena, struct sl_run, rows);
    decoder->key_rows = SL_ARENA_ARRAY(arena, uint16_t, rows);
    decoder->bad_keys = SL_ARENA_ARRAY(arena, uint64_t, sl_bitmap_words(rows));
    return decoder->batch.columns == NULL || decoder->row_spans == NULL ||
                   decoder->selection == NULL || decoder->runs == NULL ||
                   decoder->key_rows == NULL || decoder->bad_keys == NULL
               ? fail_memory(err)
               : SL_OK;
}

enum sl_status conn_decoder_open(struct sl_env *env, const struct conn_decoder_config *config,
                                 struct conn_decoder **decoder, struct sl_error *err)
{
    struct conn_decoder *made = sl_memory_alloc(env->account, sizeof *made);
    *decoder = made;
    if (made == NULL) {
        return fail_memory(err);
    }
    made->env = env;
    made->config = *config;
    sl_arena_init(&made->arena, env->account, 0);
    sl_arena_init(&made->strings, env->account, 0);
    sl_arena_init(&made->key_strings, env->account, 0);
    snprintf(made->limit_detail, sizeof made->limit_detail, "longer than %u bytes%s%s",
             config->limit_bytes, config->limit_name == NULL ? "" : ", the limit ",
             config->limit_name == NULL ? "" : config->limit_name);
    const char *bad_rows = sl_option_text(conn_table_options(env), NULL, "bad-rows");
    made->fails_on_bad_rows = bad_rows != NULL && strcmp(bad_rows, "fail") == 0;
    SL_TRY(conn_parts_make(env, &made->value, &made->key, err));
    if (made->value.codec->decode == NULL ||
        (made->key.codec != NULL && made->key.codec->decode == NULL)) {
        return sl_fail(err, SL_UNSUPPORTED, "format '%s' can only be written",
                       made->value.codec->name);
    }
    SL_TRY(init_metadata(made, err));
    SL_TRY(init_batch(made, err));
    SL_TRY(init_columns(made, &made->value, &made->value_columns, err));
    SL_TRY(init_columns(made, &made->key, &made->key_columns, err));
    SL_TRY(conn_part_open(&made->value, env, &made->value_codec, err));
    SL_TRY(conn_part_open(&made->key, env, &made->key_codec, err));
    return sl_rejects_open(&made->rejects, env, err);
}

void conn_decoder_close(struct conn_decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    if (decoder->rejects.is_open) {
        sl_rejects_close(&decoder->rejects);
    }
    conn_part_close(&decoder->value, decoder->value_codec);
    conn_part_close(&decoder->key, decoder->key_codec);
    sl_arena_deinit(&decoder->key_strings);
    sl_arena_deinit(&decoder->strings);
    sl_arena_deinit(&decoder->arena);
    sl_memory_free(decoder->env->account, decoder, sizeof *decoder);
}

uint32_t conn_decoder_metadata(const struct conn_decoder *decoder, const char *const **keys,
                               const struct sl_column **columns)
{
    *keys = decoder->metadata_keys;
    *columns = decoder->env->node->schema.columns + decoder->metadata_first;
    return decoder->metadata_count;
}

/* ---- rejects ---- */

static const struct conn_input_run *run_of(const struct conn_input *input, uint32_t span)
{
    uint32_t low = 0;
    uint32_t high = input->run_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (input->runs[middle].first_span <= span) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &input->runs[low];
}

/* Moves what the codec rejected into the rejected output. */
static enum sl_status take_pending(struct conn_decoder *decoder, const struct conn_input *input,
                                   struct sl_error *err)
{
    for (uint32_t i = 0; i < decoder->pending_count; i++) {
        const struct sl_reject *reject = &decoder->pending[i];
        const char *split = run_of(input, reject->span_idx)->split->name;
        int64_t position = input->positions[reject->span_idx];
        if (decoder->fails_on_bad_rows) {
            return sl_fail(err, SL_FORMAT, "%s at %lld: %s: %s", split, (long long)position,
                           sl_row_error_text(reject->reason), reject->detail);
        }
        struct sl_span span = input->values[reject->span_idx];
        SL_TRY(sl_rejects_add(&decoder->rejects, reject->reason, reject->detail, split, position,
                              span.data, span.length, err));
    }
    decoder->reject_room -= decoder->pending_count;
    decoder->pending_count = 0;
    return SL_OK;
}

static void add_reject(struct conn_decoder *decoder, uint32_t span_idx, enum sl_row_error reason,
                       const char *detail)
{
    struct sl_reject *reject = &decoder->pending[decoder->pending_count++];
    reject->span_idx = span_idx;
    reject->reason = reason;
    size_t length = SL_MIN(strlen(detail), (size_t)SL_REJECT_DETAIL_BYTES - 1);
    memcpy(reject->detail, detail, length);
    reject->detail[length] = '\0';
}

/* ---- keys ---- */

static void mark_keys(struct conn_decoder *decoder, const struct sl_decode *decode)
{
    for (uint32_t row = 0; row < decode->row_count; row++) {
        decoder->key_rows[decode->row_spans[row]] = (uint16_t)row;
    }
    for (uint32_t i = 0; i < decode->reject_count; i++) {
        sl_bitmap_set(decoder->bad_keys, decode->rejects[i].span_idx);
    }
}

/* Decodes the keys of all messages of a new input, one row each; what cannot be decoded is marked
 * in bad_keys and rejected when the message's turn comes. */
static enum sl_status decode_keys(struct conn_decoder *decoder, const struct conn_input *input,
                                  struct sl_error *err)
{
    uint32_t rows = decoder->env->batch_rows;
    sl_arena_reset(&decoder->key_strings);
    SL_TRY(reset_columns(decoder, decoder->key_columns, decoder->key.column_count,
                         &decoder->key_strings, err));
    memset(decoder->key_rows, 0xFF, rows * sizeof(uint16_t));
    memset(decoder->bad_keys, 0, sl_bitmap_words(rows) * sizeof(uint64_t));
    uint16_t *row_spans = SL_ARENA_ARRAY(&decoder->key_strings, uint16_t, rows);
    struct sl_reject *rejects =
        SL_ARENA_ARRAY(&decoder->key_strings, struct sl_reject, REJECTS_AT_ONCE);
    if (row_spans == NULL || rejects == NULL) {
        return fail_memory(err);
    }
    struct sl_decode decode = {.spans = input->keys,
                               .columns = decoder->key_columns,
                               .row_capacity = rows,
                               .row_spans = row_spans,
                               .strings = &decoder->key_strings,
                               .rejects = rejects,
                               .reject_capacity = REJECTS_AT_ONCE};
    while (decode.done < input->span_count && decode.row_count < rows) {
        if (input->keys[decode.done].data == NULL) {
            decode.done++;
            continue;
        }
        decode.span_count = decode.done + 1;
        while (decode.span_count < input->span_count &&
               input->keys[decode.span_count].data != NULL) {
            decode.span_count++;
        }
        SL_TRY(decoder->key.codec->decode(decoder->key_codec, &decode, err));
        mark_keys(decoder, &decode);
        decode.reject_count = 0;
    }
    for (; decode.done < input->span_count; decode.done++) { /* keys of several rows each */
        sl_bitmap_set(decoder->bad_keys, decode.done);
    }
    return SL_OK;
}

/* Gives the batch its key columns: those of the message that each row came from. */
static enum sl_status spread_keys(struct conn_decoder *decoder, struct sl_error *err)
{
    uint32_t rows = decoder->env->batch_rows;
    for (uint32_t i = 0; i < decoder->key.column_count; i++) {
        const struct sl_vector *from = &decoder->key_columns[i];
        struct sl_vector *to = &decoder->batch.columns[decoder->key.batch_columns[i]];
        struct sl_type type = from->type;
        SL_TRY(init_column(to, &type, rows, &decoder->strings, err));
        for (uint32_t row = 0; row < decoder->batch.row_count; row++) {
            uint16_t key_row = decoder->key_rows[decoder->row_spans[row]];
            if (key_row == NO_KEY_ROW) {
                sl_vector_set_null(to, row);
            } else {
                SL_TRY(sl_vector_copy_value(to, row, from, key_row, &decoder->strings, err));
            }
        }
    }
    return SL_OK;
}

/* ---- values ---- */

/* Whether message span goes to the value codec; when it does not, why: NULL = it gives no row. */
static bool is_decodable(const struct conn_decoder *decoder, const struct conn_input *input,
                         uint32_t span, enum sl_row_error *reason, const char **detail)
{
    const struct sl_span *value = &input->values[span];
    *detail = NULL;
    if (value->data == NULL) {
        return false;
    }
    if (decoder->config.limit_bytes != 0 && value->length > decoder->config.limit_bytes) {
        *reason = SL_ROW_SIZE;
        *detail = decoder->limit_detail;
        return false;
    }
    if (decoder->key.codec != NULL && sl_bitmap_get(decoder->bad_keys, span)) {
        *reason = SL_ROW_SYNTAX;
        *detail = "the key cannot be decoded";
        return false;
    }
    return true;
}

/* Decodes the decodable messages from decode->done on, or rejects the one there. */
static enum sl_status decode_some(struct conn_decoder *decoder, const struct conn_input *input,
                                  struct sl_decode *decode, struct sl_error *err)
{
    enum sl_row_error reason = SL_ROW_NONE;
    const char *detail = NULL;
    uint32_t end = decode->done;
    while (end < input->span_count && is_decodable(decoder, input, end, &reason, &detail)) {
        end++;
    }
    if (end == decode->done) {
        if (detail != NULL) {
            add_reject(decoder, end, reason, detail);
        }
        decode->done++;
        return SL_OK;
    }
    decode->span_count = end;
    decode->rejects = decoder->pending;
    decode->reject_count = 0;
    decode->reject_capacity = SL_MIN(decoder->reject_room, (uint32_t)REJECTS_AT_ONCE);
    SL_TRY(decoder->value.codec->decode(decoder->value_codec, decode, err));
    decoder->pending_count = decode->reject_count;
    return SL_OK;
}

static enum sl_status decode_values(struct conn_decoder *decoder, struct conn_input *input,
                                    struct sl_error *err)
{
    struct sl_decode decode = {
        .spans = input->values,
        .done = input->done,
        .columns = decoder->value_columns,
        .row_capacity = decoder->env->batch_rows,
        .row_spans = decoder->row_spans,
        .strings = &decoder->strings,
    };
    decoder->pending_count = 0;
    decoder->reject_room = decoder->rejects.builder.capacity; /* all were taken by the last call */
    while (decode.done < input->span_count && decode.row_count < decode.row_capacity &&
           decoder->reject_room > 0) {
        SL_TRY(decode_some(decoder, input, &decode, err));
        SL_TRY(take_pending(decoder, input, err));
    }
    decoder->batch.row_count = decode.row_count;
    if (decode.done != input->done) {
        input->partial_rows = 0;
    }
    input->done = decode.done;
    return SL_OK;
}

/* ---- rows ---- */

/* Counts the batch's last rows that come from a message which is not finished. */
static uint32_t count_partial(const struct conn_decoder *decoder, const struct conn_input *input)
{
    uint32_t row = decoder->batch.row_count;
    while (row > 0 && decoder->row_spans[row - 1] == input->done) {
        row--;
    }
    return decoder->batch.row_count - row;
}

static void append_run(struct conn_decoder *decoder, const struct conn_input *input, uint32_t run,
                       uint32_t row)
{
    decoder->runs[decoder->batch.run_count++] =
        (struct sl_run){.split = input->runs[run].split->id,
                        .first_row = row,
                        .position = input->positions[decoder->row_spans[row]]};
}

static void make_runs(struct conn_decoder *decoder, const struct conn_input *input)
{
    struct sl_batch *batch = &decoder->batch;
    const uint16_t *row_spans = decoder->row_spans;
    batch->run_count = 0;
    batch->runs = decoder->runs;
    uint32_t run = 0;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        bool is_new = row == 0;
        while (run + 1 < input->run_count && input->runs[run + 1].first_span <= row_spans[row]) {
            run++;
            is_new = true;
        }
        if (!is_new && decoder->config.counts_by_one) {
            const struct sl_run *last = &batch->runs[batch->run_count - 1];
            is_new = input->positions[row_spans[row]] != last->position + (row - last->first_row);
        } else if (!is_new && run + 1 == input->run_count) {
            return;
        }
        if (is_new) {
            append_run(decoder, input, run, row);
        }
    }
}

/* Deselects rows that had come out before a restore: the first skip_rows of a run's first message.
 * before = rows of the first message that came out in earlier batches. */
static void skip_rows(struct conn_decoder *decoder, const struct conn_input *input, uint32_t first,
                      uint32_t before)
{
    struct sl_batch *batch = &decoder->batch;
    uint32_t kept = 0;
    uint32_t rank = before;
    bool has_skips = false;
    for (uint32_t i = 0; i < input->run_count; i++) {
        has_skips |= input->runs[i].skip_rows > 0;
    }
    if (!has_skips) {
        return;
    }
    for (uint32_t row = 0; row < batch->row_count; row++) {
        uint32_t span = decoder->row_spans[row];
        bool is_same = row > 0 ? decoder->row_spans[row - 1] == span : span == first;
        rank = row == 0 && is_same ? before : is_same ? rank + 1 : 0;
        const struct conn_input_run *run = run_of(input, span);
        if (span != run->first_span || rank >= run->skip_rows) {
            decoder->selection[kept++] = (uint16_t)row;
        }
    }
    batch->selection = decoder->selection;
    batch->selected_count = kept;
}

static void fill_metadata(struct conn_decoder *decoder)
{
    for (uint32_t i = 0; i < decoder->metadata_count; i++) {
        struct sl_vector *column = &decoder->batch.columns[decoder->metadata_first + i];
        *column = decoder->metadata_columns[i];
        decoder->config.fill_metadata(decoder->config.user, i, column, decoder->row_spans,
                                      decoder->batch.row_count);
    }
}

static void apply_predicates(struct conn_decoder *decoder)
{
    const struct sl_param *predicates = sl_plan_param(decoder->env->node, "predicates");
    if (predicates != NULL && predicates->count > 0) {
        sl_predicate_apply(predicates->exprs, predicates->count, &decoder->batch,
                           decoder->selection);
    }
}

static enum sl_status begin_batch(struct conn_decoder *decoder, const struct conn_input *input,
                                  struct sl_error *err)
{
    sl_arena_reset(&decoder->strings);
    decoder->batch.row_count = 0;
    decoder->batch.selection = NULL;
    SL_TRY(reset_columns(decoder, decoder->value_columns, decoder->value.column_count,
                         &decoder->strings, err));
    SL_TRY(reset_columns(decoder, decoder->metadata_columns, decoder->metadata_count,
                         &decoder->strings, err));
    bool is_new_input = input->done == 0 && input->partial_rows == 0;
    return decoder->key.codec != NULL && is_new_input ? decode_keys(decoder, input, err) : SL_OK;
}

/* Everything about the batch's rows that is not in the values. */
static enum sl_status finish_batch(struct conn_decoder *decoder, const struct conn_input *input,
                                   uint32_t first, uint32_t before, struct sl_error *err)
{
    struct sl_batch *batch = &decoder->batch;
    batch->selected_count = batch->row_count;
    for (uint32_t i = 0; i < decoder->value.column_count; i++) {
        batch->columns[decoder->value.batch_columns[i]] = decoder->value_columns[i];
    }
    SL_TRY(spread_keys(decoder, err));
    fill_metadata(decoder);
    make_runs(decoder, input);
    skip_rows(decoder, input, first, before);
    apply_predicates(decoder);
    return SL_OK;
}

enum sl_status conn_decoder_decode(struct conn_decoder *decoder, struct conn_input *input,
                                   struct sl_outs *outs, struct sl_error *err)
{
    SL_ASSERT(input->span_count <= decoder->env->batch_rows && input->run_count > 0);
    uint32_t first = input->done;
    uint32_t before = input->partial_rows;
    SL_TRY(begin_batch(decoder, input, err));
    SL_TRY(decode_values(decoder, input, err));
    if (decoder->batch.row_count > 0) {
        SL_TRY(finish_batch(decoder, input, first, before, err));
        input->partial_rows += count_partial(decoder, input);
        outs->batches[SL_OUT_MAIN] = &decoder->batch;
    }
    outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&decoder->rejects);
    return SL_OK;
}
