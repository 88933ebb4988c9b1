/* SPDX-License-Identifier: Apache-2.0
 *
 * Canonical key bytes of a whole batch: lengths of all rows first, then the bytes, a column at a
 * time, then the hashes. On the path of every GROUP BY and every exchange.
 * Always true: while columns are written, offsets[i + 1] is where row i's next byte goes, so that
 * it ends up being row i's end. */
#include "sluice/hash.h"
#include "sluice/row.h"

#include "row_value.h"

enum { VIEW_HEAD_BYTES = 1 + sizeof(uint32_t) };

void sl_row_keys_init(struct sl_row_keys *keys, struct sl_account *account)
{
    memset(keys, 0, sizeof *keys);
    keys->account = account;
    sl_text_init(&keys->bytes, account, 0);
}

void sl_row_keys_deinit(struct sl_row_keys *keys)
{
    sl_memory_free(keys->account, keys->offsets, ((size_t)keys->capacity + 1) * sizeof(uint32_t));
    sl_memory_free(keys->account, keys->hashes, (size_t)keys->capacity * sizeof(uint64_t));
    keys->offsets = NULL;
    keys->hashes = NULL;
    keys->capacity = 0;
    sl_text_deinit(&keys->bytes);
}

static enum sl_status reserve_rows(struct sl_row_keys *keys, uint32_t row_count,
                                   struct sl_error *err)
{
    if (keys->offsets != NULL && row_count <= keys->capacity) {
        return SL_OK;
    }
    struct sl_account *account = keys->account;
    uint32_t capacity = SL_MAX(row_count, (uint32_t)SL_BATCH_ROWS_MAX);
    uint32_t *offsets = sl_memory_alloc(account, ((size_t)capacity + 1) * sizeof(uint32_t));
    uint64_t *hashes = sl_memory_alloc(account, (size_t)capacity * sizeof(uint64_t));
    if (offsets == NULL || hashes == NULL) {
        sl_memory_free(account, offsets, ((size_t)capacity + 1) * sizeof(uint32_t));
        sl_memory_free(account, hashes, (size_t)capacity * sizeof(uint64_t));
        return sl_fail(err, SL_MEMORY, "no memory for the keys of %u rows", row_count);
    }
    sl_memory_free(account, keys->offsets, ((size_t)keys->capacity + 1) * sizeof(uint32_t));
    sl_memory_free(account, keys->hashes, (size_t)keys->capacity * sizeof(uint64_t));
    keys->offsets = offsets;
    keys->hashes = hashes;
    keys->capacity = capacity;
    return SL_OK;
}

/* Which rows a leaf goes over: rows[0..count), NULL = 0..count-1; mask is 0 for a CONST column (all
 * rows have index 0), else all ones. */
struct span {
    const uint16_t *rows;
    uint32_t count;
    uint32_t mask;
};

static inline uint32_t span_idx(const struct span *span, uint32_t i)
{
    return (span->rows == NULL ? i : span->rows[i]) & span->mask;
}

static struct span span_of(const struct sl_batch *batch, const struct sl_vector *column)
{
    return (struct span){batch->selection, batch->selected_count,
                         column->encoding == SL_CONST ? 0 : UINT32_MAX};
}

static bool is_fixed(const struct sl_vector *column)
{
    return column->physical <= SL_W16;
}

/* Whether no row of the column is NULL; sources attach bitmaps that are mostly full. */
static bool is_full(const struct sl_vector *column, const struct sl_batch *batch)
{
    if (column->validity == NULL || column->encoding == SL_CONST) {
        return sl_vector_is_valid(column, 0);
    }
    uint32_t words = batch->row_count / 64;
    uint32_t rest = batch->row_count % 64;
    uint64_t all = UINT64_MAX;
    for (uint32_t i = 0; i < words; i++) {
        all &= column->validity[i];
    }
    uint64_t last = rest == 0 ? UINT64_MAX : column->validity[words] | (UINT64_MAX << rest);
    return (all & last) == UINT64_MAX;
}

/* Lengths. */

static uint64_t add_view_lengths(uint32_t *lengths, const struct sl_view *views, struct span span)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < span.count; i++) {
        uint32_t length = VIEW_HEAD_BYTES + views[span_idx(&span, i)].length;
        lengths[i] += length;
        total += length;
    }
    return total;
}

static uint64_t add_lengths(uint32_t *lengths, const struct sl_vector *column,
                            const struct sl_batch *batch)
{
    uint64_t total = 0;
    if (column->physical == SL_VIEW && is_full(column, batch)) {
        return add_view_lengths(lengths, column->data, span_of(batch, column));
    }
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        size_t length = sl_row_value_size(column, sl_batch_row(batch, i));
        lengths[i] += (uint32_t)length;
        total += length;
    }
    return total;
}

/* Adds up the lengths of all key columns in offsets[1..]; false when the keys pass 4 GiB. */
static bool measure(struct sl_row_keys *keys, const struct sl_batch *batch, const uint32_t *columns,
                    uint32_t column_count)
{
    uint32_t fixed_bytes = 0;
    uint64_t total = 0;
    for (uint32_t i = 0; i < column_count; i++) {
        const struct sl_vector *column = &batch->columns[columns[i]];
        if (is_fixed(column) && is_full(column, batch)) {
            fixed_bytes += 1 + sl_physical_width(column->physical);
        }
    }
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        keys->offsets[i + 1] = fixed_bytes;
    }
    total = (uint64_t)fixed_bytes * batch->selected_count;
    for (uint32_t i = 0; i < column_count; i++) {
        const struct sl_vector *column = &batch->columns[columns[i]];
        if (!is_fixed(column) || !is_full(column, batch)) {
            total += add_lengths(keys->offsets + 1, column, batch);
        }
    }
    return total <= UINT32_MAX;
}

/* Turns lengths in offsets[1..] into the start of each row there; returns the whole size. */
static uint32_t lengths_to_starts(uint32_t *offsets, uint32_t count)
{
    uint32_t start = 0;
    offsets[0] = 0;
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t length = offsets[i];
        offsets[i] = start;
        start += length;
    }
    return start;
}

/* Bytes. */

static inline uint32_t same_bits32(uint32_t bits)
{
    return bits;
}

static inline uint64_t same_bits64(uint64_t bits)
{
    return bits;
}

#define WRITE_LEAF(name, ctype, canonical)                                               \
    static void name(char *bytes, uint32_t *ends, const ctype *values, struct span span) \
    {                                                                                    \
        for (uint32_t i = 0; i < span.count; i++) {                                      \
            ctype value = (ctype)canonical(values[span_idx(&span, i)]);                  \
            char *at = bytes + ends[i];                                                  \
            at[0] = 1;                                                                   \
            memcpy(at + 1, &value, sizeof value);                                        \
            ends[i] += 1 + (uint32_t)sizeof value;                                       \
        }                                                                                \
    }

WRITE_LEAF(write_w1, uint8_t, (uint8_t))
WRITE_LEAF(write_w2, uint16_t, (uint16_t))
WRITE_LEAF(write_w4, uint32_t, same_bits32)
WRITE_LEAF(write_w8, uint64_t, same_bits64)
WRITE_LEAF(write_w16, sl_uint128, (sl_uint128))
WRITE_LEAF(write_float, uint32_t, sl_row_float_bits)
WRITE_LEAF(write_double, uint64_t, sl_row_double_bits)

static void write_views(char *bytes, uint32_t *ends, const struct sl_view *views, struct span span)
{
    for (uint32_t i = 0; i < span.count; i++) {
        const struct sl_view *view = &views[span_idx(&span, i)];
        char *at = bytes + ends[i];
        at[0] = 1;
        memcpy(at + 1, &view->length, sizeof view->length);
        memcpy(at + VIEW_HEAD_BYTES, sl_view_data(view), view->length);
        ends[i] += VIEW_HEAD_BYTES + view->length;
    }
}

/* The only key column: rows follow each other, so a short string may be copied with the bytes
 * behind it, which the next row overwrites. bytes has SL_VIEW_INLINE_BYTES of slack at its end. */
static void write_only_view(char *bytes, uint32_t *ends, const struct sl_view *views,
                            struct span span)
{
    for (uint32_t i = 0; i < span.count; i++) {
        const struct sl_view *view = &views[span_idx(&span, i)];
        char *at = bytes + ends[i];
        at[0] = 1;
        memcpy(at + 1, &view->length, sizeof view->length);
        if (view->length <= SL_VIEW_INLINE_BYTES) {
            memcpy(at + VIEW_HEAD_BYTES, (const char *)view + 4, SL_VIEW_INLINE_BYTES);
        } else {
            memcpy(at + VIEW_HEAD_BYTES, view->tail.data, view->length);
        }
        ends[i] += VIEW_HEAD_BYTES + view->length;
    }
}

static void write_any(char *bytes, uint32_t *ends, const struct sl_vector *column,
                      const struct sl_batch *batch)
{
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        char *end = sl_row_value_write(bytes + ends[i], column, sl_batch_row(batch, i));
        ends[i] = (uint32_t)(end - bytes);
    }
}

static void write_fixed(char *bytes, uint32_t *ends, const struct sl_vector *column,
                        struct span span)
{
    switch (column->physical) {
    case SL_W1:
        write_w1(bytes, ends, column->data, span);
        break;
    case SL_W2:
        write_w2(bytes, ends, column->data, span);
        break;
    case SL_W4:
        if (column->type.id == SL_TYPE_FLOAT) {
            write_float(bytes, ends, column->data, span);
        } else {
            write_w4(bytes, ends, column->data, span);
        }
        break;
    case SL_W8:
        if (column->type.id == SL_TYPE_DOUBLE) {
            write_double(bytes, ends, column->data, span);
        } else {
            write_w8(bytes, ends, column->data, span);
        }
        break;
    default:
        write_w16(bytes, ends, column->data, span);
        break;
    }
}

static void write_column(char *bytes, uint32_t *ends, const struct sl_vector *column,
                         const struct sl_batch *batch, bool is_only)
{
    struct span span = span_of(batch, column);
    if (column->physical > SL_VIEW || !is_full(column, batch)) {
        write_any(bytes, ends, column, batch);
    } else if (column->physical != SL_VIEW) {
        write_fixed(bytes, ends, column, span);
    } else if (is_only) {
        write_only_view(bytes, ends, column->data, span);
    } else {
        write_views(bytes, ends, column->data, span);
    }
}

static void hash_keys(uint64_t *hashes, const char *bytes, const uint32_t *offsets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hashes[i] = sl_hash_bytes(bytes + offsets[i], offsets[i + 1] - offsets[i]);
    }
}

enum sl_status sl_row_keys_encode(struct sl_row_keys *keys, const struct sl_batch *batch,
                                  const uint32_t *columns, uint32_t column_count,
                                  struct sl_error *err)
{
    uint32_t count = batch->selected_count;
    SL_TRY(reserve_rows(keys, count, err));
    sl_text_reset(&keys->bytes);
    if (!measure(keys, batch, columns, column_count)) {
        return sl_fail(err, SL_LIMIT, "keys of a batch of %u rows take more than 4 GiB", count);
    }
    uint32_t size_bytes = lengths_to_starts(keys->offsets, count);
    char *bytes = sl_text_reserve(&keys->bytes, (size_t)size_bytes + SL_VIEW_INLINE_BYTES);
    if (bytes == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u bytes of keys", size_bytes);
    }
    for (uint32_t i = 0; i < column_count; i++) {
        write_column(bytes, keys->offsets + 1, &batch->columns[columns[i]], batch,
                     column_count == 1);
    }
    keys->bytes.length = size_bytes;
    hash_keys(keys->hashes, bytes, keys->offsets, count);
    return SL_OK;
}
