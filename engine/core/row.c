/* SPDX-License-Identifier: Apache-2.0
 *
 * The row encoding, one row at a time, to and fro.
 * Always true: equal rows have equal bytes, and no byte is read past the given length. */
#include "sluice/row.h"

#include "row_value.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "values are copied as they lie in memory");

enum { COUNT_BYTES = sizeof(uint32_t) };

static size_t list_size(const struct sl_vector *list, uint32_t idx)
{
    const uint32_t *offsets = list->data;
    size_t size = 1 + COUNT_BYTES;
    for (uint32_t i = 0; i < list->child_count; i++) {
        for (uint32_t element = offsets[idx]; element < offsets[idx + 1]; element++) {
            size += sl_row_value_size(&list->children[i], element);
        }
    }
    return size;
}

size_t sl_row_value_size(const struct sl_vector *vector, uint32_t row)
{
    if (!sl_vector_is_valid(vector, row)) {
        return 1;
    }
    uint32_t idx = sl_vector_index(vector, row);
    if (vector->physical == SL_VIEW) {
        return 1 + COUNT_BYTES + ((const struct sl_view *)vector->data)[idx].length;
    }
    if (vector->physical == SL_LIST) {
        return list_size(vector, idx);
    }
    size_t size = 1 + sl_physical_width(vector->physical);
    for (uint32_t i = 0; i < vector->child_count; i++) {
        size += sl_row_value_size(&vector->children[i], idx);
    }
    return size;
}

static char *write_u32(char *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

/* Elements stand together: all values of element 0 (a map's key and value), then of element 1. */
static char *write_list(char *at, const struct sl_vector *list, uint32_t idx)
{
    const uint32_t *offsets = list->data;
    at = write_u32(at, offsets[idx + 1] - offsets[idx]);
    for (uint32_t element = offsets[idx]; element < offsets[idx + 1]; element++) {
        for (uint32_t i = 0; i < list->child_count; i++) {
            at = sl_row_value_write(at, &list->children[i], element);
        }
    }
    return at;
}

static char *write_fixed(char *at, const struct sl_vector *vector, uint32_t idx)
{
    uint32_t width = sl_physical_width(vector->physical);
    memcpy(at, (const char *)vector->data + (size_t)idx * width, width);
    if (vector->type.id == SL_TYPE_DOUBLE) {
        uint64_t bits;
        memcpy(&bits, at, sizeof bits);
        bits = sl_row_double_bits(bits);
        memcpy(at, &bits, sizeof bits);
    } else if (vector->type.id == SL_TYPE_FLOAT) {
        uint32_t bits;
        memcpy(&bits, at, sizeof bits);
        bits = sl_row_float_bits(bits);
        memcpy(at, &bits, sizeof bits);
    }
    return at + width;
}

char *sl_row_value_write(char *at, const struct sl_vector *vector, uint32_t row)
{
    bool is_valid = sl_vector_is_valid(vector, row);
    *at++ = is_valid ? 1 : 0;
    if (!is_valid) {
        return at;
    }
    uint32_t idx = sl_vector_index(vector, row);
    if (vector->physical == SL_VIEW) {
        const struct sl_view *view = &((const struct sl_view *)vector->data)[idx];
        at = write_u32(at, view->length);
        memcpy(at, sl_view_data(view), view->length);
        return at + view->length;
    }
    if (vector->physical == SL_LIST) {
        return write_list(at, vector, idx);
    }
    if (vector->physical != SL_STRUCT) {
        return write_fixed(at, vector, idx);
    }
    for (uint32_t i = 0; i < vector->child_count; i++) {
        at = sl_row_value_write(at, &vector->children[i], idx);
    }
    return at;
}

void sl_row_encode(struct sl_text *out, const struct sl_batch *batch, const uint32_t *columns,
                   uint32_t column_count, uint32_t row)
{
    size_t size = 0;
    for (uint32_t i = 0; i < column_count; i++) {
        size += sl_row_value_size(&batch->columns[columns[i]], row);
    }
    char *at = sl_text_reserve(out, size);
    if (at == NULL) {
        return;
    }
    for (uint32_t i = 0; i < column_count; i++) {
        at = sl_row_value_write(at, &batch->columns[columns[i]], row);
    }
    out->length += size;
}

struct decoder {
    const char *at;
    const char *end;
    struct sl_arena *strings;
    struct sl_error *err;
};

static enum sl_status cut_short(const struct decoder *decoder, const char *what)
{
    return sl_fail(decoder->err, SL_CORRUPT, "encoded row: expected %s, found its end", what);
}

static size_t bytes_left(const struct decoder *decoder)
{
    return (size_t)(decoder->end - decoder->at);
}

static enum sl_status decode_u32(struct decoder *decoder, uint32_t *value)
{
    if (bytes_left(decoder) < sizeof *value) {
        return cut_short(decoder, "a length");
    }
    memcpy(value, decoder->at, sizeof *value);
    decoder->at += sizeof *value;
    return SL_OK;
}

static enum sl_status decode_value(struct decoder *decoder, struct sl_vector *to, uint32_t row);

static enum sl_status decode_view(struct decoder *decoder, struct sl_vector *to, uint32_t row)
{
    uint32_t length = 0;
    SL_TRY(decode_u32(decoder, &length));
    if (bytes_left(decoder) < length) {
        return cut_short(decoder, "the bytes of a string");
    }
    const char *bytes = decoder->at;
    if (length > SL_VIEW_INLINE_BYTES) {
        bytes = sl_arena_copy(decoder->strings, decoder->at, length);
        if (bytes == NULL) {
            return sl_fail(decoder->err, SL_MEMORY, "no memory for a string of %u bytes", length);
        }
    }
    ((struct sl_view *)to->data)[row] = sl_view_of(bytes, length);
    decoder->at += length;
    return SL_OK;
}

static enum sl_status decode_list(struct decoder *decoder, struct sl_vector *to, uint32_t row)
{
    uint32_t *offsets = to->data;
    uint32_t count = 0;
    SL_TRY(decode_u32(decoder, &count));
    uint32_t start = offsets[row];
    if (bytes_left(decoder) / SL_MAX(to->child_count, 1u) < count || count > INT32_MAX - start) {
        return cut_short(decoder, "the elements of a list");
    }
    SL_TRY(sl_vector_reserve_elements(to, start + count, decoder->strings, decoder->err));
    for (uint32_t element = 0; element < count; element++) {
        for (uint32_t i = 0; i < to->child_count; i++) {
            SL_TRY(decode_value(decoder, &to->children[i], start + element));
        }
    }
    offsets[row + 1] = start + count;
    return SL_OK;
}

static enum sl_status decode_fixed(struct decoder *decoder, struct sl_vector *to, uint32_t row)
{
    uint32_t width = sl_physical_width(to->physical);
    if (bytes_left(decoder) < width) {
        return cut_short(decoder, "a value");
    }
    if (to->type.id == SL_TYPE_BOOLEAN && (uint8_t)*decoder->at > 1) {
        return sl_fail(decoder->err, SL_CORRUPT, "encoded row: expected a boolean, found %u",
                       (unsigned)(uint8_t)*decoder->at);
    }
    memcpy((char *)to->data + (size_t)row * width, decoder->at, width);
    decoder->at += width;
    return SL_OK;
}

static enum sl_status decode_value(struct decoder *decoder, struct sl_vector *to, uint32_t row)
{
    if (bytes_left(decoder) == 0) {
        return cut_short(decoder, "a value's null byte");
    }
    uint8_t is_valid = (uint8_t)*decoder->at++;
    if (is_valid > 1) {
        return sl_fail(decoder->err, SL_CORRUPT, "encoded row: expected a null byte, found %u",
                       (unsigned)is_valid);
    }
    if (is_valid == 0) {
        sl_vector_set_null(to, row);
        return SL_OK;
    }
    if (to->validity != NULL) {
        sl_bitmap_set(to->validity, row);
    }
    if (to->physical == SL_VIEW) {
        return decode_view(decoder, to, row);
    }
    if (to->physical == SL_LIST) {
        return decode_list(decoder, to, row);
    }
    if (to->physical != SL_STRUCT) {
        return decode_fixed(decoder, to, row);
    }
    for (uint32_t i = 0; i < to->child_count; i++) {
        SL_TRY(decode_value(decoder, &to->children[i], row));
    }
    return SL_OK;
}

enum sl_status sl_row_decode(struct sl_batch_builder *builder, const char *data, size_t length,
                             size_t *used, struct sl_error *err)
{
    struct sl_batch *batch = &builder->batch;
    uint32_t row = batch->row_count;
    SL_ASSERT(row < builder->capacity);
    struct decoder decoder = {data, data + length, &builder->strings, err};
    *used = 0;
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        if (decoder.at < decoder.end && *decoder.at == 0) {
            sl_batch_builder_validity(builder, i);
        }
        SL_TRY(decode_value(&decoder, &batch->columns[i], row));
    }
    if (batch->kinds != NULL) {
        batch->kinds[row] = SL_INSERT;
    }
    batch->row_count = row + 1;
    batch->selected_count = row + 1;
    *used = (size_t)(decoder.at - data);
    return SL_OK;
}
