/* SPDX-License-Identifier: Apache-2.0
 *
 * The format 'csv' (RFC 4180 with Flink's options). Fields come in the order of the physical
 * columns; there is no header. Always true: a row comes out only when its line is UTF-8, its quotes
 * are closed and it has exactly as many fields as the table has columns. */
#include "builtin.h"
#include "codec_options.h"
#include "convert.h"
#include "csv_field.h"

#include "sluice/arena.h"
#include "sluice/text.h"
#include "sluice/value.h"

static const struct sl_option_def OPTIONS[] = {
    {.name = "csv.field-delimiter",
     .type = SL_OPTION_STRING,
     .default_text = ",",
     .help = "one ASCII character between fields; \\t is a tab"},
    {.name = "csv.disable-quote-character",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "quotes are characters like others"},
    {.name = "csv.quote-character",
     .type = SL_OPTION_STRING,
     .default_text = "\"",
     .help = "one ASCII character around fields"},
    {.name = "csv.escape-character",
     .type = SL_OPTION_STRING,
     .help = "the character behind it is taken as it is"},
    {.name = "csv.null-literal", .type = SL_OPTION_STRING, .help = "a field of this text is NULL"},
    {.name = "csv.array-element-delimiter",
     .type = SL_OPTION_STRING,
     .default_text = ";",
     .help = "one ASCII character between the elements of an ARRAY"},
    {.name = "csv.allow-comments",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "lines that begin with # are skipped"},
    {.name = "csv.ignore-parse-errors",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "take NULL for fields that do not fit their column or are missing"},
    {0},
};

struct codec {
    struct sl_account *account;
    struct sl_arena arena;
    struct conn_csv_style style;
    struct conn_conversion conversion;
    const char *null_literal; /* NULL = none */
    size_t null_length;
    char array_delimiter;
    bool allows_comments;
    bool ignores_errors;
    const struct sl_schema *physical; /* ours, in arena */
    int32_t *outputs;                 /* by physical column: its decoded column, or -1 */
    uint32_t column_count;            /* decoded or encoded */
};

/* ---- open ---- */

static enum sl_status check_column(const struct sl_column *column, struct sl_error *err)
{
    const struct sl_type *type = &column->type;
    const struct sl_type *element = type->id == SL_TYPE_ARRAY ? &type->fields[0].type : type;
    if (element->field_count > 0) {
        char text[SL_TYPE_TEXT_BYTES];
        return sl_fail(err, SL_UNSUPPORTED, "column '%s': format 'csv' cannot carry %s",
                       column->name, sl_type_format(type, text, sizeof text));
    }
    return SL_OK;
}

static enum sl_status csv_check(const struct sl_schema *physical, struct sl_error *err)
{
    for (uint32_t i = 0; i < physical->column_count; i++) {
        SL_TRY(check_column(&physical->columns[i], err));
    }
    return SL_OK;
}

/* One ASCII character, or \t. *character is 0 when the option is not set. */
static enum sl_status read_character(const struct sl_codec_env *env, const char *name,
                                     char *character, struct sl_error *err)
{
    const char *text = conn_codec_text(env, OPTIONS, name);
    *character = '\0';
    if (text == NULL) {
        return SL_OK;
    }
    *character = strcmp(text, "\\t") == 0 ? '\t' : text[0];
    bool is_one = strcmp(text, "\\t") == 0 || (text[0] != '\0' && text[1] == '\0');
    if (!is_one || (unsigned char)*character >= 0x80 || *character == '\n' || *character == '\r') {
        return sl_fail(err, SL_OPTION, "'%s%s' must be one ASCII character", env->option_prefix,
                       name);
    }
    return SL_OK;
}

static enum sl_status read_options(struct codec *codec, const struct sl_codec_env *env,
                                   struct sl_error *err)
{
    struct conn_csv_style *style = &codec->style;
    SL_TRY(read_character(env, "csv.field-delimiter", &style->delimiter, err));
    SL_TRY(read_character(env, "csv.quote-character", &style->quote, err));
    SL_TRY(read_character(env, "csv.escape-character", &style->escape, err));
    SL_TRY(read_character(env, "csv.array-element-delimiter", &codec->array_delimiter, err));
    if (conn_codec_bool(env, OPTIONS, "csv.disable-quote-character")) {
        style->quote = '\0';
    }
    if (style->delimiter == style->quote || style->delimiter == style->escape) {
        return sl_fail(err, SL_OPTION,
                       "'csv.field-delimiter' must differ from the quote and "
                       "escape characters");
    }
    codec->allows_comments = conn_codec_bool(env, OPTIONS, "csv.allow-comments");
    codec->ignores_errors = conn_codec_bool(env, OPTIONS, "csv.ignore-parse-errors");
    const char *literal = conn_codec_text(env, OPTIONS, "csv.null-literal");
    if (literal != NULL) {
        codec->null_literal = sl_arena_string(&codec->arena, literal);
        codec->null_length = strlen(literal);
    }
    return SL_OK;
}

static enum sl_status csv_open(const struct sl_codec_env *env, void **state, struct sl_error *err)
{
    struct codec *codec = sl_memory_alloc(env->account, sizeof *codec);
    *state = codec;
    if (codec == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for format 'csv'");
    }
    codec->account = env->account;
    codec->column_count = env->column_count;
    sl_arena_init(&codec->arena, env->account, 0);
    SL_TRY(csv_check(env->physical, err));
    SL_TRY(read_options(codec, env, err));
    codec->physical = env->physical;
    codec->outputs = SL_ARENA_ARRAY(&codec->arena, int32_t, env->physical->column_count);
    if (codec->outputs == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for format 'csv'");
    }
    memset(codec->outputs, 0xFF, sizeof(int32_t) * env->physical->column_count);
    for (uint32_t i = 0; i < env->column_count; i++) {
        codec->outputs[env->columns[i]] = (int32_t)i;
    }
    return SL_OK;
}

static void csv_close(void *state)
{
    struct codec *codec = state;
    if (codec != NULL) {
        sl_arena_deinit(&codec->arena);
        sl_memory_free(codec->account, codec, sizeof *codec);
    }
}

/* ---- decode ---- */

/* Stores the elements of an array's field; SIZE = no memory. */
static enum sl_row_error store_array(struct codec *codec, struct sl_vector *vector, uint32_t row,
                                     const struct conn_csv_field *field)
{
    uint32_t *offsets = vector->data;
    uint32_t count = 0;
    const char *at = field->data;
    const char *end = field->data + field->length;
    while (field->length > 0) {
        const char *stop = memchr(at, codec->array_delimiter, (size_t)(end - at));
        const char *behind = stop == NULL ? end : stop;
        uint32_t element = offsets[row] + count;
        struct sl_error ignored;
        if (sl_vector_reserve_elements(vector, element + 1, codec->conversion.strings, &ignored) !=
            SL_OK) {
            return SL_ROW_SIZE;
        }
        sl_bitmap_set(vector->children[0].validity, element);
        enum sl_row_error error = conn_store_text(&codec->conversion, &vector->children[0], element,
                                                  at, (size_t)(behind - at));
        if (error != SL_ROW_NONE) {
            return error;
        }
        count++;
        if (stop == NULL) {
            break;
        }
        at = stop + 1;
    }
    offsets[row + 1] = offsets[row] + count;
    return SL_ROW_NONE;
}

static bool is_null(const struct codec *codec, const struct sl_type *type,
                    const struct conn_csv_field *field)
{
    if (codec->null_literal != NULL) {
        return field->length == codec->null_length &&
               memcmp(field->data, codec->null_literal, field->length) == 0;
    }
    return field->length == 0 && !field->is_quoted && !sl_type_is_string(type->id);
}

static enum sl_row_error store_null(struct sl_vector *vector, uint32_t row)
{
    if (!vector->type.nullable) {
        return SL_ROW_NOT_NULL;
    }
    sl_vector_set_null(vector, row);
    return SL_ROW_NONE;
}

static enum sl_row_error store_field(struct codec *codec, struct sl_vector *vector, uint32_t row,
                                     const struct conn_csv_field *field)
{
    if (is_null(codec, &vector->type, field)) {
        return store_null(vector, row);
    }
    enum sl_row_error error =
        vector->type.id == SL_TYPE_ARRAY
            ? store_array(codec, vector, row, field)
            : conn_store_text(&codec->conversion, vector, row, field->data, field->length);
    bool is_ignored = codec->ignores_errors && (error == SL_ROW_TYPE || error == SL_ROW_RANGE);
    return is_ignored ? store_null(vector, row) : error;
}

static bool reject_field(struct codec *codec, struct sl_decode *decode, uint32_t column,
                         enum sl_row_error error)
{
    const struct sl_column *of = &codec->physical->columns[column];
    char type[SL_TYPE_TEXT_BYTES];
    if (error == SL_ROW_NOT_NULL) {
        conn_add_reject(decode, error, "column '%.60s' is null", of->name);
    } else {
        conn_add_reject(decode, error, "column '%.40s': not %s%.40s", of->name,
                        error == SL_ROW_RANGE ? "in the range of " : "",
                        sl_type_format(&of->type, type, sizeof type));
    }
    return false;
}

/* The columns behind the last field. */
static bool fill_missing(struct codec *codec, struct sl_decode *decode, uint32_t column)
{
    if (!codec->ignores_errors) {
        conn_add_reject(decode, SL_ROW_MISSING_FIELD, "%u fields where the table has %u columns",
                        column, codec->physical->column_count);
        return false;
    }
    for (; column < codec->physical->column_count; column++) {
        if (codec->outputs[column] >= 0 && store_null(&decode->columns[codec->outputs[column]],
                                                      decode->row_count) != SL_ROW_NONE) {
            return reject_field(codec, decode, column, SL_ROW_NOT_NULL);
        }
    }
    return true;
}

static bool decode_line(struct codec *codec, struct sl_decode *decode)
{
    const struct sl_span *span = &decode->spans[decode->done];
    const char *at = span->data;
    const char *end = at + span->length;
    size_t good = sl_utf8_check(at, span->length);
    if (good < span->length) {
        conn_add_reject(decode, SL_ROW_UTF8, "bytes that are not UTF-8 at byte %zu", good);
        return false;
    }
    uint32_t column = 0;
    for (; at != NULL && column < codec->physical->column_count; column++) {
        struct conn_csv_field field;
        const char *error = NULL;
        at = conn_csv_next(&codec->style, at, end, &field, &error);
        if (error != NULL || !conn_csv_unescape(&codec->style, decode->strings, &field)) {
            conn_add_reject(decode, error != NULL ? SL_ROW_SYNTAX : SL_ROW_SIZE, "%s in field %u",
                            error != NULL ? error : "no memory", column + 1);
            return false;
        }
        int32_t output = codec->outputs[column];
        if (output < 0) {
            continue;
        }
        enum sl_row_error reason =
            store_field(codec, &decode->columns[output], decode->row_count, &field);
        if (reason != SL_ROW_NONE) {
            return reject_field(codec, decode, column, reason);
        }
    }
    if (at != NULL && !codec->ignores_errors) {
        conn_add_reject(decode, SL_ROW_EXTRA_FIELD, "more fields than the table's %u columns",
                        codec->physical->column_count);
        return false;
    }
    return column == codec->physical->column_count || fill_missing(codec, decode, column);
}

/* Blank lines carry no row, unless an empty field is a whole row. */
static bool is_skipped(const struct codec *codec, const struct sl_span *span)
{
    return span->length == 0 ? codec->physical->column_count > 1
                             : codec->allows_comments && span->data[0] == '#';
}

static enum sl_status csv_decode(void *state, struct sl_decode *decode, struct sl_error *err)
{
    struct codec *codec = state;
    (void)err;
    codec->conversion.strings = decode->strings;
    for (; decode->done < decode->span_count && conn_decode_has_room(decode); decode->done++) {
        if (is_skipped(codec, &decode->spans[decode->done])) {
            continue;
        }
        if (decode_line(codec, decode)) {
            decode->row_spans[decode->row_count++] = (uint16_t)decode->done;
            continue;
        }
        for (uint32_t i = 0; i < codec->column_count; i++) { /* NULLs of the broken row */
            sl_bitmap_set(decode->columns[i].validity, decode->row_count);
        }
    }
    return SL_OK;
}

/* ---- encode ---- */

static void append_value(struct codec *codec, struct sl_text *out, const struct sl_vector *vector,
                         uint32_t row)
{
    uint32_t idx = sl_vector_index(vector, row);
    if (vector->type.id != SL_TYPE_ARRAY) {
        sl_value_append_text(out, vector, row);
        return;
    }
    const uint32_t *offsets = vector->data;
    for (uint32_t i = offsets[idx]; i < offsets[idx + 1]; i++) {
        if (i > offsets[idx]) {
            sl_text_append_char(out, codec->array_delimiter);
        }
        sl_value_append_text(out, &vector->children[0], i);
    }
}

static enum sl_status csv_encode(void *state, const struct sl_batch *batch, uint32_t row,
                                 struct sl_text *out, struct sl_error *err)
{
    struct codec *codec = state;
    (void)err;
    for (uint32_t i = 0; i < codec->column_count; i++) {
        const struct sl_vector *vector = &batch->columns[i];
        if (i > 0) {
            sl_text_append_char(out, codec->style.delimiter);
        }
        if (!sl_vector_is_valid(vector, row)) {
            sl_text_append(out, codec->null_literal == NULL ? "" : codec->null_literal,
                           codec->null_length);
            continue;
        }
        size_t begin = out->length;
        append_value(codec, out, vector, row);
        conn_csv_protect(&codec->style, out, begin);
    }
    return SL_OK;
}

const struct sl_codec_def conn_csv_codec = {
    .name = "csv",
    .options = OPTIONS,
    .check = csv_check,
    .open = csv_open,
    .decode = csv_decode,
    .encode = csv_encode,
    .close = csv_close,
};
