/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the json format: it must end, stay inside its input, and give a row exactly for
 * those lines that the hall's reader of tokens, an independent implementation, finds well-formed.
 */
#include "connectors/room.h"

#include "sluice/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 8, READABLE_BYTES = 64, SPANS_MAX = 16, COLUMNS = 5 };

/* The reader leaves surrogates to whoever unescapes. */
static bool is_good_text(const struct sl_json_token *token)
{
    bool is_text = token->kind == SL_JSON_STRING || token->kind == SL_JSON_KEY;
    if (!is_text || !token->escaped) {
        return true;
    }
    char *plain = malloc(token->length);
    bool is_good = sl_json_unescape(token->data, token->length, plain) != SIZE_MAX;
    free(plain);
    return is_good;
}

/* Whether the line is one object with at most 64 levels. */
static bool is_object(const char *line, size_t length)
{
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, line, length, 64);
    bool is_first_object = sl_json_next(&reader, &token) == SL_JSON_OBJECT;
    while (token.kind != SL_JSON_END && token.kind != SL_JSON_ERROR && is_good_text(&token)) {
        sl_json_next(&reader, &token);
    }
    return is_first_object && token.kind == SL_JSON_END;
}

static bool is_about_text(enum sl_row_error reason)
{
    return reason == SL_ROW_SYNTAX || reason == SL_ROW_UTF8 || reason == SL_ROW_DEPTH;
}

struct target {
    struct sl_arena arena;
    struct sl_schema schema;
    struct sl_column columns[COLUMNS];
    struct sl_vector vectors[COLUMNS];
    struct sl_reject rejects[ROWS];
    uint16_t row_spans[ROWS];
    struct sl_decode decode;
};

static void make_columns(struct target *target, bool is_nested)
{
    static struct sl_type_field element = {.name = ""};
    static struct sl_type_field fields[2] = {{.name = "x"}, {.name = "l"}};
    element.type = sl_type_of(SL_TYPE_INT);
    fields[0].type = sl_type_string();
    fields[1].type = (struct sl_type){
        .id = SL_TYPE_ARRAY, .nullable = true, .field_count = 1, .fields = &element};
    target->columns[0] = (struct sl_column){"a", sl_type_of(SL_TYPE_BIGINT)};
    target->columns[1] = (struct sl_column){"b", sl_type_string()};
    target->columns[2] = (struct sl_column){"c", sl_type_of(SL_TYPE_DOUBLE)};
    target->columns[3] = (struct sl_column){"d", sl_type_of(SL_TYPE_DECIMAL)};
    target->columns[4] = (struct sl_column){
        "r",
        (struct sl_type){.id = SL_TYPE_ROW, .nullable = true, .field_count = 2, .fields = fields}};
    target->schema.columns = target->columns;
    target->schema.column_count = is_nested ? COLUMNS : COLUMNS - 1;
}

static void make_ready(struct sl_vector *vector, struct sl_arena *arena)
{
    struct sl_error err;
    SL_ASSERT(sl_vector_ensure_validity(vector, arena, &err) == SL_OK);
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        make_ready(&vector->children[i], arena);
    }
}

static void decode_all(const struct sl_codec_def *codec, struct target *target)
{
    static const uint32_t WANTED[] = {0, 1, 2, 3, 4};
    struct sl_options options = {0};
    struct sl_codec_env env = {.physical = &target->schema,
                               .columns = WANTED,
                               .column_count = target->schema.column_count,
                               .options = &options,
                               .option_prefix = ""};
    struct sl_decode *decode = &target->decode;
    struct sl_error err;
    void *state = NULL;
    SL_ASSERT(codec->open(&env, &state, &err) == SL_OK);
    while (decode->done < decode->span_count) {
        for (uint32_t i = 0; i < target->schema.column_count; i++) {
            struct sl_vector *vector = &target->vectors[i];
            SL_ASSERT(sl_vector_init(vector, &target->columns[i].type, ROWS, &target->arena,
                                     &err) == SL_OK);
            make_ready(vector, &target->arena);
        }
        decode->row_count = 0;
        decode->reject_count = 0;
        SL_ASSERT(codec->decode(state, decode, &err) == SL_OK);
        for (uint32_t i = 0; i < decode->row_count; i++) {
            const struct sl_span *span = &decode->spans[decode->row_spans[i]];
            SL_ASSERT(memchr(span->data, '[', span->length) != NULL ||
                      is_object(span->data, span->length));
        }
        for (uint32_t i = 0; i < decode->reject_count; i++) {
            const struct sl_span *span = &decode->spans[decode->rejects[i].span_idx];
            SL_ASSERT(!is_about_text(decode->rejects[i].reason) ||
                      memchr(span->data, '[', span->length) != NULL ||
                      !is_object(span->data, span->length));
        }
    }
    codec->close(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target target;
    struct sl_span spans[SPANS_MAX];
    uint32_t count = 0;
    if (size == 0) {
        return 0;
    }
    memset(&target, 0, sizeof target);
    sl_arena_init(&target.arena, NULL, 0);
    make_columns(&target, (data[0] & 1) != 0);
    const char *at = (const char *)data + 1;
    const char *end = (const char *)data + size;
    while (at < end && count < SPANS_MAX) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline == NULL ? end : newline) - at);
        char *line = sl_arena_alloc(&target.arena, length + READABLE_BYTES);
        memcpy(line, at, length);
        memset(line + length, (int)data[0], READABLE_BYTES);
        spans[count++] = (struct sl_span){.data = line, .length = (uint32_t)length};
        at += length + 1;
    }
    target.decode = (struct sl_decode){.spans = spans,
                                       .span_count = count,
                                       .columns = target.vectors,
                                       .row_capacity = ROWS,
                                       .row_spans = target.row_spans,
                                       .strings = &target.arena,
                                       .rejects = target.rejects,
                                       .reject_capacity = ROWS};
    decode_all(conn_codecs[0], &target);
    sl_arena_deinit(&target.arena);
    return 0;
}
