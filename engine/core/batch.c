/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches that own their rows.
 * Always true: all memory that does not depend on the rows is taken by init, so that filling and
 * resetting a builder allocates for long strings and list elements only. */
#include "sluice/batch.h"

#include "gather.h"

const char *sl_row_kind_text(enum sl_row_kind kind)
{
    static const char *const TEXTS[] = {"+I", "-U", "+U", "-D"};
    return (uint32_t)kind < SL_COUNT_OF(TEXTS) ? TEXTS[kind] : "??";
}

static size_t bitmap_bytes(uint32_t capacity)
{
    return (size_t)SL_MAX(sl_bitmap_words(capacity), 1u) * sizeof(uint64_t);
}

/* Fields keep a bitmap for good: rows of a NULL struct are marked in them too. */
static enum sl_status ensure_field_validity(struct sl_vector *vector, struct sl_arena *arena,
                                            struct sl_error *err)
{
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        SL_TRY(sl_vector_ensure_validity(&vector->children[i], arena, err));
        SL_TRY(ensure_field_validity(&vector->children[i], arena, err));
    }
    return SL_OK;
}

static enum sl_status init_columns(struct sl_batch_builder *builder, struct sl_error *err)
{
    const struct sl_schema *schema = builder->batch.schema;
    struct sl_arena *arena = &builder->fixed;
    builder->batch.columns = SL_ARENA_ARRAY(arena, struct sl_vector, schema->column_count);
    builder->validity_storage = SL_ARENA_ARRAY(arena, uint64_t *, schema->column_count);
    builder->kinds_storage = sl_arena_alloc(arena, builder->capacity);
    if (builder->batch.columns == NULL || builder->validity_storage == NULL ||
        builder->kinds_storage == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a batch of %u columns", schema->column_count);
    }
    for (uint32_t i = 0; i < schema->column_count; i++) {
        struct sl_vector *column = &builder->batch.columns[i];
        SL_TRY(sl_vector_init(column, &schema->columns[i].type, builder->capacity, arena, err));
        SL_TRY(ensure_field_validity(column, arena, err));
        builder->validity_storage[i] = sl_arena_alloc(arena, bitmap_bytes(builder->capacity));
        if (builder->validity_storage[i] == NULL) {
            return sl_fail(err, SL_MEMORY, "no memory for column '%s' of a batch",
                           schema->columns[i].name);
        }
    }
    return SL_OK;
}

enum sl_status sl_batch_builder_init(struct sl_batch_builder *builder,
                                     const struct sl_schema *schema, uint32_t capacity,
                                     struct sl_account *account, struct sl_error *err)
{
    memset(builder, 0, sizeof *builder);
    SL_ASSERT(capacity <= UINT16_MAX);
    sl_arena_init(&builder->fixed, account, 0);
    sl_arena_init(&builder->strings, account, 0);
    builder->batch.schema = schema;
    builder->capacity = capacity;
    enum sl_status status = init_columns(builder, err);
    if (status != SL_OK) {
        sl_batch_builder_deinit(builder);
    }
    return status;
}

void sl_batch_builder_deinit(struct sl_batch_builder *builder)
{
    sl_arena_deinit(&builder->fixed);
    sl_arena_deinit(&builder->strings);
    memset(builder, 0, sizeof *builder);
}

static void forget_room(struct sl_vector *vector)
{
    vector->validity = NULL;
    vector->data = NULL;
    vector->capacity = 0;
    for (uint32_t i = 0; i < vector->child_count; i++) {
        forget_room(&vector->children[i]);
    }
}

/* Lists let go of their elements, whose room is in the strings arena; bitmaps that stay attached
 * are all valid again. */
static void reset_vector(struct sl_vector *vector, uint32_t capacity)
{
    if (vector->validity != NULL) {
        memset(vector->validity, 0xFF, bitmap_bytes(capacity));
    }
    for (uint32_t i = 0; i < vector->child_count; i++) {
        if (vector->physical == SL_LIST) {
            forget_room(&vector->children[i]);
        } else {
            reset_vector(&vector->children[i], capacity);
        }
    }
}

void sl_batch_builder_reset(struct sl_batch_builder *builder)
{
    for (uint32_t i = 0; i < builder->batch.schema->column_count; i++) {
        struct sl_vector *column = &builder->batch.columns[i];
        if (column->validity == builder->validity_storage[i]) {
            column->validity = NULL;
        }
        column->encoding = SL_FLAT;
        reset_vector(column, builder->capacity);
    }
    sl_arena_reset(&builder->strings);
    builder->batch.row_count = 0;
    builder->batch.selected_count = 0;
    builder->batch.selection = NULL;
    builder->batch.kinds = NULL;
    builder->batch.runs = NULL;
    builder->batch.run_count = 0;
}

uint64_t *sl_batch_builder_validity(struct sl_batch_builder *builder, uint32_t column)
{
    struct sl_vector *vector = &builder->batch.columns[column];
    if (vector->validity == NULL) {
        vector->validity = builder->validity_storage[column];
        memset(vector->validity, 0xFF, bitmap_bytes(builder->capacity));
    }
    return vector->validity;
}

static uint8_t *materialise_kinds(struct sl_batch_builder *builder)
{
    if (builder->batch.kinds == NULL) {
        memset(builder->kinds_storage, SL_INSERT, builder->capacity);
        builder->batch.kinds = builder->kinds_storage;
    }
    return builder->batch.kinds;
}

static void append_kinds(struct sl_batch_builder *builder, const struct sl_batch *from,
                         const uint16_t *rows, uint32_t row_count)
{
    if (from->kinds == NULL && builder->batch.kinds == NULL) {
        return;
    }
    uint8_t *kinds = materialise_kinds(builder) + builder->batch.row_count;
    for (uint32_t i = 0; i < row_count; i++) {
        kinds[i] = (uint8_t)sl_batch_kind(from, rows == NULL ? i : rows[i]);
    }
}

/* Nobody filled it: a column that was pruned away. */
static bool is_unread(const struct sl_vector *vector)
{
    if (vector->physical == SL_STRUCT) {
        return vector->child_count > 0 && is_unread(&vector->children[0]);
    }
    return vector->data == NULL;
}

static enum sl_status append_column(struct sl_batch_builder *builder, uint32_t column,
                                    const struct sl_vector *from, const struct sl_gather *gather,
                                    struct sl_error *err)
{
    struct sl_vector *to = &builder->batch.columns[column];
    SL_ASSERT(to->physical == from->physical);
    if (is_unread(from)) {
        sl_batch_builder_validity(builder, column);
        for (uint32_t i = 0; i < gather->count; i++) {
            sl_vector_set_null(to, gather->first_row + i);
        }
        return SL_OK;
    }
    if (sl_gather_first_null(from, gather) < gather->count) {
        sl_batch_builder_validity(builder, column);
    }
    return sl_gather_column(to, from, gather, err);
}

enum sl_status sl_batch_append(struct sl_batch_builder *builder, const struct sl_batch *from,
                               const uint16_t *rows, uint32_t row_count, struct sl_error *err)
{
    struct sl_batch *batch = &builder->batch;
    SL_ASSERT(row_count <= builder->capacity - batch->row_count);
    struct sl_gather gather = {rows, row_count, batch->row_count, &builder->strings};
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        SL_TRY(append_column(builder, i, &from->columns[i], &gather, err));
    }
    append_kinds(builder, from, rows, row_count);
    batch->row_count += row_count;
    batch->selected_count = batch->row_count;
    return SL_OK;
}

/* One value that all rows have, and no NULL. */
static bool is_one_value(const struct sl_vector *vector)
{
    return vector->encoding == SL_CONST && vector->physical <= SL_VIEW && !is_unread(vector) &&
           sl_vector_is_valid(vector, 0);
}

enum sl_status sl_batch_copy(struct sl_batch_builder *builder, const struct sl_batch *from,
                             const uint16_t *rows, uint32_t row_count, struct sl_error *err)
{
    struct sl_batch *batch = &builder->batch;
    SL_ASSERT(batch->row_count == 0 && row_count > 0 && row_count <= builder->capacity);
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        bool is_one = is_one_value(&from->columns[i]);
        struct sl_gather gather = {rows, is_one ? 1 : row_count, 0, &builder->strings};
        SL_TRY(append_column(builder, i, &from->columns[i], &gather, err));
        batch->columns[i].encoding = is_one ? SL_CONST : SL_FLAT;
    }
    append_kinds(builder, from, rows, row_count);
    batch->row_count = row_count;
    batch->selected_count = row_count;
    return SL_OK;
}

void sl_batch_builder_set_kind(struct sl_batch_builder *builder, uint32_t row,
                               enum sl_row_kind kind)
{
    if (kind != SL_INSERT || builder->batch.kinds != NULL) {
        materialise_kinds(builder)[row] = (uint8_t)kind;
    }
}

void sl_batch_share_rows(struct sl_batch *out, const struct sl_batch *in)
{
    out->row_count = in->row_count;
    out->selection = in->selection;
    out->selected_count = in->selected_count;
    out->kinds = in->kinds;
    out->runs = in->runs;
    out->run_count = in->run_count;
}
