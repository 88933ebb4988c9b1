/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the json format: it must end, stay inside its input, and give a row exactly for
 * those lines that the hall's reader of tokens, an independent implementation, finds well-formed.
 * Rows and rejects must be the same on every CPU level, and those of lines that are each the first
 * which a decoder sees, so that no line's outcome depends on the lines before it. */
#include "connectors/cpu_level.h"
#include "connectors/room.h"

#include "sluice/json.h"
#include "sluice/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 8, READABLE_BYTES = 64, SPANS_MAX = 16, COLUMNS = 9, LEADING = 3 };

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
    target->columns[4] = (struct sl_column){"i", sl_type_of(SL_TYPE_INT)};
    target->columns[5] = (struct sl_column){"o", sl_type_of(SL_TYPE_BOOLEAN)};
    target->columns[6] = (struct sl_column){"t", sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3)};
    target->columns[7] = (struct sl_column){"s", sl_type_string()};
    target->columns[8] = (struct sl_column){
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

/* The independent reader's opinion of what came out. */
static void check_opinions(const struct sl_decode *decode)
{
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

/* What came out, as text: rows and rejects of each span apart, so that their order is one. */
static void print(const struct target *target, uint32_t first_span, struct sl_text *parts)
{
    const struct sl_decode *decode = &target->decode;
    for (uint32_t row = 0; row < decode->row_count; row++) {
        struct sl_text *out = &parts[2 * (first_span + decode->row_spans[row])];
        for (uint32_t i = 0; i < target->schema.column_count; i++) {
            sl_value_append_json(out, &target->vectors[i], row);
            sl_text_append_char(out, '|');
        }
    }
    for (uint32_t i = 0; i < decode->reject_count; i++) {
        struct sl_text *out = &parts[2 * (first_span + decode->rejects[i].span_idx) + 1];
        sl_text_append_string(out, decode->rejects[i].detail);
        sl_text_append_char(out, '!');
    }
}

/* Decodes count spans with a new codec. */
static void decode_all(struct target *target, const struct sl_span *spans, uint32_t count,
                       uint32_t first_span, struct sl_text *parts)
{
    static const uint32_t WANTED[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    const struct sl_codec_def *codec = conn_codecs[0];
    struct sl_options options = {0};
    struct sl_codec_env env = {.physical = &target->schema,
                               .columns = WANTED,
                               .column_count = target->schema.column_count,
                               .options = &options,
                               .option_prefix = ""};
    struct sl_decode *decode = &target->decode;
    struct sl_error err;
    void *state = NULL;
    *decode = (struct sl_decode){.spans = spans,
                                 .span_count = count,
                                 .columns = target->vectors,
                                 .row_capacity = ROWS,
                                 .row_spans = target->row_spans,
                                 .strings = &target->arena,
                                 .rejects = target->rejects,
                                 .reject_capacity = ROWS};
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
        check_opinions(decode);
        print(target, first_span, parts);
    }
    codec->close(state);
}

/* Cuts the input into lines, each in a block of its own. The first one comes LEADING times, so that
 * those behind it meet a decoder that knows its shape. */
static uint32_t cut(struct target *target, const uint8_t *data, size_t size, struct sl_span *spans)
{
    uint32_t count = 0;
    const char *at = (const char *)data + 1;
    const char *end = (const char *)data + size;
    while (at < end && count < SPANS_MAX) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline == NULL ? end : newline) - at);
        char *line = sl_arena_alloc(&target->arena, length + READABLE_BYTES);
        memcpy(line, at, length);
        memset(line + length, (int)data[0], READABLE_BYTES);
        spans[count++] = (struct sl_span){.data = line, .length = (uint32_t)length};
        at += count < LEADING ? 0 : length + 1;
    }
    return count;
}

static void compare(struct sl_text *parts, const struct sl_text *expected, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bool is_same =
            parts[i].length == expected[i].length &&
            (parts[i].length == 0 || memcmp(parts[i].data, expected[i].data, parts[i].length) == 0);
        if (!is_same) {
            fprintf(stderr, "span %u: expected %.*s, got %.*s\n", i / 2, (int)expected[i].length,
                    expected[i].data, (int)parts[i].length, parts[i].data);
        }
        SL_ASSERT(is_same);
        parts[i].length = 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct target target;
    struct sl_span spans[SPANS_MAX];
    struct sl_text expected[2 * SPANS_MAX];
    struct sl_text parts[2 * SPANS_MAX];
    if (size == 0) {
        return 0;
    }
    memset(&target, 0, sizeof target);
    sl_arena_init(&target.arena, NULL, 0);
    make_columns(&target, (data[0] & 1) != 0);
    uint32_t count = cut(&target, data, size, spans);
    for (uint32_t i = 0; i < 2 * count; i++) {
        sl_text_init(&expected[i], NULL, 0);
        sl_text_init(&parts[i], NULL, 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        decode_all(&target, &spans[i], 1, i, expected);
    }
    for (uint32_t level = 0; level < CONN_CPU_LEVELS; level++) {
        if (conn_cpu_level_force((enum conn_cpu_level)level)) {
            decode_all(&target, spans, count, 0, parts);
            compare(parts, expected, 2 * count);
        }
    }
    for (uint32_t i = 0; i < 2 * count; i++) {
        sl_text_deinit(&expected[i]);
        sl_text_deinit(&parts[i]);
    }
    sl_arena_deinit(&target.arena);
    return 0;
}
