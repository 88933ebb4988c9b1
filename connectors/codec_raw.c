/* SPDX-License-Identifier: Apache-2.0
 *
 * The format 'raw': the whole message is the value of the table's one column. Strings are UTF-8,
 * numbers their bytes in 'raw.endianness'. */
#include "builtin.h"
#include "codec_options.h"

#include "sluice/text.h"
#include "sluice/value.h"

#include <strings.h>

static const struct sl_option_def OPTIONS[] = {
    {.name = "raw.charset",
     .type = SL_OPTION_STRING,
     .default_text = "UTF-8",
     .help = "only UTF-8"},
    {.name = "raw.endianness",
     .type = SL_OPTION_ENUM,
     .default_text = "big-endian",
     .choices = "big-endian|little-endian",
     .help = "order of a number's bytes"},
    {0},
};

struct codec {
    struct sl_account *account;
    struct sl_column column;
    bool is_wanted; /* a query may look at metadata columns only */
    bool is_big_endian;
};

static bool is_carried(const struct sl_type *type)
{
    return sl_type_is_string(type->id) || sl_type_is_binary(type->id) ||
           sl_type_is_integer(type->id) || type->id == SL_TYPE_BOOLEAN ||
           type->id == SL_TYPE_FLOAT || type->id == SL_TYPE_DOUBLE;
}

static enum sl_status raw_check(const struct sl_schema *physical, struct sl_error *err)
{
    if (physical->column_count != 1) {
        return sl_fail(err, SL_SEMANTIC,
                       "format 'raw' takes exactly one physical column, this table has %u",
                       physical->column_count);
    }
    if (!is_carried(&physical->columns[0].type)) {
        char text[SL_TYPE_TEXT_BYTES];
        return sl_fail(err, SL_UNSUPPORTED, "column '%s': format 'raw' cannot carry %s",
                       physical->columns[0].name,
                       sl_type_format(&physical->columns[0].type, text, sizeof text));
    }
    return SL_OK;
}

static enum sl_status raw_open(const struct sl_codec_env *env, void **state, struct sl_error *err)
{
    *state = NULL;
    SL_TRY(raw_check(env->physical, err));
    const char *charset = conn_codec_text(env, OPTIONS, "raw.charset");
    if (strcasecmp(charset, "UTF-8") != 0 && strcasecmp(charset, "US-ASCII") != 0) {
        return sl_fail(err, SL_UNSUPPORTED, "'raw.charset' = '%s': only UTF-8 is supported",
                       charset);
    }
    struct codec *codec = sl_memory_alloc(env->account, sizeof *codec);
    *state = codec;
    if (codec == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for format 'raw'");
    }
    codec->account = env->account;
    codec->column = env->physical->columns[0];
    codec->is_wanted = env->column_count > 0;
    codec->is_big_endian =
        strcmp(conn_codec_text(env, OPTIONS, "raw.endianness"), "big-endian") == 0;
    return SL_OK;
}

static void raw_close(void *state)
{
    struct codec *codec = state;
    if (codec != NULL) {
        sl_memory_free(codec->account, codec, sizeof *codec);
    }
}

static void copy_ordered(char *to, const char *from, uint32_t width, bool is_big_endian)
{
    for (uint32_t i = 0; i < width; i++) {
        to[i] = from[is_big_endian ? width - 1 - i : i];
    }
}

static bool decode_fixed(const struct codec *codec, struct sl_vector *vector, uint32_t row,
                         const struct sl_span *span)
{
    uint32_t width = sl_physical_width(vector->physical);
    if (span->length != width) {
        return false;
    }
    char *to = (char *)vector->data + (size_t)row * width;
    copy_ordered(to, span->data, width, codec->is_big_endian);
    if (vector->type.id == SL_TYPE_BOOLEAN) {
        *to = *to != 0;
    }
    return true;
}

static bool decode_value(const struct codec *codec, struct sl_decode *decode)
{
    const struct sl_span *span = &decode->spans[decode->done];
    bool is_string = sl_type_is_string(codec->column.type.id);
    if (is_string && sl_utf8_check(span->data, span->length) < span->length) {
        conn_add_reject(decode, SL_ROW_UTF8, "column '%.40s': bytes that are not UTF-8",
                        codec->column.name);
        return false;
    }
    if (!codec->is_wanted) {
        return true;
    }
    struct sl_vector *vector = &decode->columns[0];
    if (is_string || sl_type_is_binary(codec->column.type.id)) {
        ((struct sl_view *)vector->data)[decode->row_count] = sl_view_of(span->data, span->length);
        return true;
    }
    if (decode_fixed(codec, vector, decode->row_count, span)) {
        return true;
    }
    conn_add_reject(decode, SL_ROW_SIZE, "column '%.40s': %u bytes where its type has %u",
                    codec->column.name, span->length, sl_physical_width(vector->physical));
    return false;
}

static enum sl_status raw_decode(void *state, struct sl_decode *decode, struct sl_error *err)
{
    const struct codec *codec = state;
    (void)err;
    while (decode->done < decode->span_count && conn_decode_has_room(decode)) {
        if (decode_value(codec, decode)) {
            decode->row_spans[decode->row_count++] = (uint16_t)decode->done;
        }
        decode->done++;
    }
    return SL_OK;
}

static enum sl_status raw_encode(void *state, const struct sl_batch *batch, uint32_t row,
                                 struct sl_text *out, struct sl_error *err)
{
    const struct codec *codec = state;
    const struct sl_vector *vector = &batch->columns[0];
    (void)err;
    if (!sl_vector_is_valid(vector, row)) {
        return SL_OK; /* NULL is an empty message */
    }
    uint32_t idx = sl_vector_index(vector, row);
    if (vector->physical == SL_VIEW) {
        const struct sl_view *view = &((const struct sl_view *)vector->data)[idx];
        sl_text_append(out, sl_view_data(view), view->length);
        return SL_OK;
    }
    uint32_t width = sl_physical_width(vector->physical);
    char bytes[16];
    copy_ordered(bytes, (const char *)vector->data + (size_t)idx * width, width,
                 codec->is_big_endian);
    sl_text_append(out, bytes, width);
    return SL_OK;
}

const struct sl_codec_def conn_raw_codec = {
    .name = "raw",
    .options = OPTIONS,
    .check = raw_check,
    .open = raw_open,
    .decode = raw_decode,
    .encode = raw_encode,
    .close = raw_close,
};
