/* SPDX-License-Identifier: Apache-2.0
 *
 * The format 'json'. One object a message or line; a top-level array gives a row for each of its
 * objects; a blank line gives none. Always true: a row comes out only when its whole text is JSON
 * and UTF-8, wanted or not. */
#include "builtin.h"
#include "codec_options.h"
#include "json_shape.h"

#include "sluice/arena.h"
#include "sluice/datetime.h"
#include "sluice/json.h"
#include "sluice/value.h"

static const struct sl_option_def OPTIONS[] = {
    {.name = "json.fail-on-missing-field",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "refuse a row that lacks a column's field, instead of taking NULL"},
    {.name = "json.ignore-parse-errors",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "take NULL for a field of the wrong type; rows that are no JSON are still rejected"},
    {.name = "json.timestamp-format.standard",
     .type = SL_OPTION_ENUM,
     .default_text = "SQL",
     .choices = "SQL|ISO-8601|ISO-8601-WITH-OFFSET",
     .help = "how timestamps are written"},
    {.name = "json.encode.decimal-as-plain-number",
     .type = SL_OPTION_BOOL,
     .default_text = "true",
     .help = "decimals are always written without an exponent"},
    {.name = "json.encode.ignore-null-fields",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "leave fields out that are NULL"},
    {.name = "json.map-null-key.mode",
     .type = SL_OPTION_ENUM,
     .default_text = "FAIL",
     .choices = "FAIL|DROP|LITERAL",
     .help = "accepted; keys of maps are never NULL"},
    {.name = "json.map-null-key.literal",
     .type = SL_OPTION_STRING,
     .default_text = "null",
     .help = "accepted; keys of maps are never NULL"},
    {0},
};

struct codec {
    struct sl_account *account;
    struct sl_arena arena;
    struct json_decoder decoder;
    struct json_object *row;
    struct json_shape shape;
    json_read_rows *read_rows; /* for this machine */
    size_t resume_offset;      /* of the next element in the array that is not finished; 0 = none */
    bool ignores_nulls;
    bool writes_iso;
    uint32_t column_count;
    struct sl_text keys;   /* `"name":` of each column */
    uint32_t *key_offsets; /* column_count + 1 */
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for format 'json'");
}

/* ---- check and open ---- */

static enum sl_status check_type(const char *column, const struct sl_type *type,
                                 struct sl_error *err)
{
    if (type->id == SL_TYPE_MULTISET ||
        (type->id == SL_TYPE_MAP && !sl_type_is_string(type->fields[0].type.id))) {
        char text[SL_TYPE_TEXT_BYTES];
        return sl_fail(err, SL_UNSUPPORTED, "column '%s': format 'json' cannot carry %s", column,
                       sl_type_format(type, text, sizeof text));
    }
    for (uint32_t i = 0; i < type->field_count; i++) {
        SL_TRY(check_type(column, &type->fields[i].type, err));
    }
    return SL_OK;
}

static enum sl_status json_check(const struct sl_schema *physical, struct sl_error *err)
{
    for (uint32_t i = 0; i < physical->column_count; i++) {
        SL_TRY(check_type(physical->columns[i].name, &physical->columns[i].type, err));
    }
    return SL_OK;
}

static enum sl_status make_keys(struct codec *codec, const struct sl_codec_env *env,
                                struct sl_error *err)
{
    codec->key_offsets = SL_ARENA_ARRAY(&codec->arena, uint32_t, env->column_count + 1);
    if (codec->key_offsets == NULL) {
        return fail_memory(err);
    }
    for (uint32_t i = 0; i < env->column_count; i++) {
        const char *name = env->physical->columns[env->columns[i]].name;
        sl_json_append_string(&codec->keys, name, strlen(name));
        sl_text_append_char(&codec->keys, ':');
        codec->key_offsets[i + 1] = (uint32_t)codec->keys.length;
    }
    return codec->keys.failed ? fail_memory(err) : SL_OK;
}

static enum sl_status json_open(const struct sl_codec_env *env, void **state, struct sl_error *err)
{
    struct codec *codec = sl_memory_alloc(env->account, sizeof *codec);
    *state = codec;
    if (codec == NULL) {
        return fail_memory(err);
    }
    codec->account = env->account;
    codec->column_count = env->column_count;
    sl_arena_init(&codec->arena, env->account, 0);
    sl_text_init(&codec->keys, env->account, 0);
    struct json_decoder *decoder = &codec->decoder;
    decoder->ignores_errors = conn_codec_bool(env, OPTIONS, "json.ignore-parse-errors");
    decoder->fails_on_missing = conn_codec_bool(env, OPTIONS, "json.fail-on-missing-field");
    decoder->conversion.style =
        conn_timestamp_style(conn_codec_text(env, OPTIONS, "json.timestamp-format.standard"));
    codec->writes_iso = decoder->conversion.style == CONN_TIMESTAMP_ISO8601;
    codec->ignores_nulls = conn_codec_bool(env, OPTIONS, "json.encode.ignore-null-fields");
    if (decoder->ignores_errors && decoder->fails_on_missing) {
        return sl_fail(err, SL_OPTION,
                       "'json.fail-on-missing-field' and 'json.ignore-parse-errors' cannot both "
                       "be true");
    }
    conn_json_shape_init(&codec->shape);
    codec->read_rows = conn_json_read_rows(conn_cpu_level());
    codec->row = conn_json_object_make(&codec->arena, env->physical->columns, env->columns,
                                       env->column_count);
    return codec->row == NULL ? fail_memory(err) : make_keys(codec, env, err);
}

static void json_close(void *state)
{
    struct codec *codec = state;
    if (codec == NULL) {
        return;
    }
    sl_text_deinit(&codec->keys);
    sl_arena_deinit(&codec->arena);
    sl_memory_free(codec->account, codec, sizeof *codec);
}

/* ---- decode ---- */

/* Makes the place of a row that did not come out fit for the next one. */
static void restore_row(struct codec *codec, struct sl_decode *decode)
{
    for (uint32_t i = 0; i < codec->column_count; i++) {
        conn_json_restore(&decode->columns[i], decode->row_count);
    }
}

/* Reports the row at hand. */
static void reject_row(struct codec *codec, struct sl_decode *decode)
{
    char text[SL_REJECT_DETAIL_BYTES];
    conn_json_describe(&codec->decoder, decode->spans[decode->done].data, text, sizeof text);
    conn_add_reject(decode, codec->decoder.error.reason, "%s", text);
    restore_row(codec, decode);
}

static const char *expect_end(struct codec *codec, const char *at)
{
    struct json_decoder *decoder = &codec->decoder;
    at = json_skip_space(at, decoder->end);
    if (at > decoder->end) {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "the text ends within a value",
                         decoder->end);
    }
    return at == decoder->end
               ? at
               : json_fail(&decoder->error, SL_ROW_SYNTAX, "expected nothing more", at);
}

/* Decodes one object into the next row; the byte behind it, or NULL. */
static const char *decode_row(struct codec *codec, struct sl_decode *decode, const char *at,
                              uint32_t depth)
{
    struct json_decoder *decoder = &codec->decoder;
    decoder->culprit = NULL;
    if (*at != '{') {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected an object", at);
    }
    return conn_json_decode_object(decoder, codec->row, decode->columns, decode->row_count, at,
                                   depth);
}

static void accept_row(struct sl_decode *decode)
{
    decode->row_spans[decode->row_count++] = (uint16_t)decode->done;
}

static void decode_line(struct codec *codec, struct sl_decode *decode, const char *at)
{
    const struct sl_span *span = &decode->spans[decode->done];
    at = decode_row(codec, decode, at, 0);
    if (at != NULL) {
        at = expect_end(codec, at);
    }
    if (SL_LIKELY(at != NULL)) {
        accept_row(decode);
        if (conn_json_shape_miss(&codec->shape, codec->row, span->data, at)) {
            conn_json_shape_bind(&codec->shape, codec->row, decode->columns);
        }
    } else {
        reject_row(codec, decode);
    }
    decode->done++;
}

/* The next element of an array that is known to be well-formed. */
static const char *decode_element(struct codec *codec, struct sl_decode *decode, const char *at)
{
    const char *behind = decode_row(codec, decode, at, 1);
    if (behind != NULL) {
        accept_row(decode);
        return behind;
    }
    reject_row(codec, decode);
    return json_skip_value(at, codec->decoder.end, 1, &codec->decoder.error);
}

/* A row for each object of an array. Checks all of it first: a broken array gives no rows. Returns
 * early, to be resumed, when rows or rejects are full. */
static void decode_array(struct codec *codec, struct sl_decode *decode, const char *begin)
{
    struct json_decoder *decoder = &codec->decoder;
    const char *at = begin + codec->resume_offset;
    if (codec->resume_offset == 0) {
        decoder->culprit = NULL;
        const char *behind = conn_json_skip_container(begin, decoder->end, 0, &decoder->error);
        if (behind == NULL || expect_end(codec, behind) == NULL) {
            reject_row(codec, decode);
            decode->done++;
            return;
        }
        at = json_skip_space(begin + 1, decoder->end);
    }
    while (*at != ']') {
        if (!conn_decode_has_room(decode)) {
            codec->resume_offset = (size_t)(at - begin);
            return;
        }
        at = json_skip_space(decode_element(codec, decode, at), decoder->end);
        if (*at == ',') {
            at = json_skip_space(at + 1, decoder->end);
        }
    }
    codec->resume_offset = 0;
    decode->done++;
}

/* Decodes the lines from done on that look like the ones before. */
static void decode_alike(struct codec *codec, struct sl_decode *decode)
{
    struct json_run run = {.decoder = &codec->decoder,
                           .shape = &codec->shape,
                           .spans = decode->spans,
                           .span = decode->done,
                           .span_count = decode->span_count,
                           .row_spans = decode->row_spans,
                           .row = decode->row_count,
                           .row_capacity = decode->row_capacity};
    codec->read_rows(&run);
    conn_json_shape_hits(&codec->shape, run.row - decode->row_count);
    decode->done = run.span;
    decode->row_count = run.row;
    if (run.span < run.span_count && run.row < run.row_capacity) {
        restore_row(codec, decode); /* of the line that did not fit */
    }
}

/* Decodes the span at done. */
static void decode_span(struct codec *codec, struct sl_decode *decode)
{
    struct json_decoder *decoder = &codec->decoder;
    const struct sl_span *span = &decode->spans[decode->done];
    decoder->end = span->data + span->length;
    const char *at = json_skip_space(span->data, decoder->end);
    if (SL_UNLIKELY(at == decoder->end)) {
        decode->done++;
    } else if (SL_UNLIKELY(*at == '[')) {
        decode_array(codec, decode, at);
    } else {
        decode_line(codec, decode, at);
    }
}

static enum sl_status json_decode(void *state, struct sl_decode *decode, struct sl_error *err)
{
    struct codec *codec = state;
    struct json_decoder *decoder = &codec->decoder;
    decoder->strings = decode->strings;
    decoder->conversion.strings = decode->strings;
    decoder->err = err;
    conn_json_shape_bind(&codec->shape, codec->row, decode->columns);
    while (decode->done < decode->span_count && conn_decode_has_room(decode)) {
        if (codec->shape.step_count > 0 && codec->resume_offset == 0) {
            decode_alike(codec, decode);
        }
        if (decode->done < decode->span_count && conn_decode_has_room(decode)) {
            decode_span(codec, decode);
        }
        if (SL_UNLIKELY(decoder->status != SL_OK)) {
            return decoder->status;
        }
    }
    return SL_OK;
}

/* ---- encode ---- */

static void append_timestamp(struct sl_text *out, const struct sl_vector *vector, uint32_t row)
{
    char text[48];
    int64_t value = ((const int64_t *)vector->data)[sl_vector_index(vector, row)];
    size_t length = sl_timestamp_format(value, vector->type.precision, SL_DATETIME_ISO8601,
                                        vector->type.id == SL_TYPE_TIMESTAMP_LTZ, text);
    sl_text_append_char(out, '"');
    sl_text_append(out, text, length);
    sl_text_append_char(out, '"');
}

static enum sl_status json_encode(void *state, const struct sl_batch *batch, uint32_t row,
                                  struct sl_text *out, struct sl_error *err)
{
    struct codec *codec = state;
    char separator = '{';
    (void)err;
    for (uint32_t i = 0; i < codec->column_count; i++) {
        const struct sl_vector *vector = &batch->columns[i];
        bool is_valid = sl_vector_is_valid(vector, row);
        if (!is_valid && codec->ignores_nulls) {
            continue;
        }
        uint32_t key = codec->key_offsets[i];
        sl_text_append_char(out, separator);
        sl_text_append(out, codec->keys.data + key, codec->key_offsets[i + 1] - key);
        if (is_valid && codec->writes_iso && sl_type_is_timestamp(vector->type.id)) {
            append_timestamp(out, vector, row);
        } else {
            sl_value_append_json(out, vector, row);
        }
        separator = ',';
    }
    sl_text_append_string(out, separator == '{' ? "{}" : "}");
    return SL_OK;
}

const struct sl_codec_def conn_json_codec = {
    .name = "json",
    .options = OPTIONS,
    .check = json_check,
    .open = json_open,
    .decode = json_decode,
    .encode = json_encode,
    .close = json_close,
};
