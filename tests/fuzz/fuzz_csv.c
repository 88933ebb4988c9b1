/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the csv format, under some of its options: it must end, stay inside its input,
 * and read back every row that it writes. */
#include "connectors/room.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 1, COLUMNS = 3 };

struct target {
    struct sl_arena arena;
    struct sl_column columns[COLUMNS];
    struct sl_schema schema;
    struct sl_vector vectors[COLUMNS];
    struct sl_reject rejects[1];
    uint16_t row_spans[ROWS];
};

static void *open_codec(const struct sl_codec_def *codec, struct target *target, uint8_t style)
{
    static const uint32_t WANTED[] = {0, 1, 2};
    struct sl_option items[4];
    struct sl_options options = {.items = items};
    if (style & 1) {
        items[options.count++] = (struct sl_option){.name = "csv.escape-character", .value = "\\"};
    }
    if (style & 2) {
        items[options.count++] =
            (struct sl_option){.name = "csv.ignore-parse-errors", .value = "true"};
    }
    if (style & 4) {
        items[options.count++] = (struct sl_option){.name = "csv.null-literal", .value = "N"};
    }
    struct sl_codec_env env = {.physical = &target->schema,
                               .columns = WANTED,
                               .column_count = COLUMNS,
                               .options = &options,
                               .option_prefix = ""};
    struct sl_error err;
    void *state = NULL;
    SL_ASSERT(codec->open(&env, &state, &err) == SL_OK);
    return state;
}

static uint32_t decode_line(const struct sl_codec_def *codec, void *state, struct target *target,
                            const char *line, size_t length)
{
    char *copy = sl_arena_alloc(&target->arena, length + 64);
    struct sl_error err;
    memcpy(copy, line, length);
    for (uint32_t i = 0; i < COLUMNS; i++) {
        SL_ASSERT(sl_vector_init(&target->vectors[i], &target->columns[i].type, ROWS,
                                 &target->arena, &err) == SL_OK);
        SL_ASSERT(sl_vector_ensure_validity(&target->vectors[i], &target->arena, &err) == SL_OK);
    }
    struct sl_span span = {.data = copy, .length = (uint32_t)length};
    struct sl_decode decode = {.spans = &span,
                               .span_count = 1,
                               .columns = target->vectors,
                               .row_capacity = ROWS,
                               .row_spans = target->row_spans,
                               .strings = &target->arena,
                               .rejects = target->rejects,
                               .reject_capacity = 1};
    SL_ASSERT(codec->decode(state, &decode, &err) == SL_OK);
    SL_ASSERT(decode.done == 1 && decode.row_count + decode.reject_count <= 1);
    return decode.row_count;
}

static void encode_row(const struct sl_codec_def *codec, void *state, struct target *target,
                       struct sl_text *out)
{
    struct sl_batch batch = {
        .schema = &target->schema, .columns = target->vectors, .row_count = 1, .selected_count = 1};
    struct sl_error err;
    sl_text_reset(out);
    SL_ASSERT(codec->encode(state, &batch, 0, out, &err) == SL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sl_codec_def *codec = conn_codecs[1];
    static struct target target;
    struct sl_text first;
    struct sl_text second;
    if (size == 0) {
        return 0;
    }
    memset(&target, 0, sizeof target);
    sl_arena_init(&target.arena, NULL, 0);
    sl_text_init(&first, NULL, 0);
    sl_text_init(&second, NULL, 0);
    target.columns[0] = (struct sl_column){"a", sl_type_of(SL_TYPE_INT)};
    target.columns[1] = (struct sl_column){"b", sl_type_string()};
    target.columns[2] = (struct sl_column){"c", sl_type_of(SL_TYPE_DOUBLE)};
    target.schema = (struct sl_schema){.column_count = COLUMNS, .columns = target.columns};
    void *state = open_codec(codec, &target, data[0]);
    if (decode_line(codec, state, &target, (const char *)data + 1, size - 1) == 1) {
        encode_row(codec, state, &target, &first);
        SL_ASSERT(decode_line(codec, state, &target, first.data, first.length) == 1);
        encode_row(codec, state, &target, &second);
        SL_ASSERT(first.length == second.length &&
                  memcmp(first.data, second.data, first.length) == 0);
    }
    codec->close(state);
    sl_text_deinit(&first);
    sl_text_deinit(&second);
    sl_arena_deinit(&target.arena);
    return 0;
}
