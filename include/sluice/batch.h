/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. What travels between operators: columns, a selection, row kinds and runs.
 *
 * Lifetime: borrow for the trip, copy to keep. A batch that an operator or source hands out belongs
 * to that operator and stays valid and unchanged until the driver calls the same operator again;
 * the driver calls it again only when every consumer is DONE. A consumer may therefore point into
 * its input for as long as it answers MORE or BLOCKED for it, and into its own output the same way;
 * whoever keeps rows longer copies them (sl_batch_append, a state table). Consumers never write
 * into their input. */
#ifndef SLUICE_BATCH_H
#define SLUICE_BATCH_H

#include "sluice/schema.h"
#include "sluice/vector.h"

SL_EXTERN_C_BEGIN

enum { SL_BATCH_ROWS_MAX = 2048 };

enum sl_row_kind { SL_INSERT, SL_UPDATE_BEFORE, SL_UPDATE_AFTER, SL_DELETE }; /* +I -U +U -D */

/* Rows [first_row, next run's first_row) come from split; row i of them stands at position + (i -
 * first_row) * step in it. position and step are the source's own measure: Kafka offsets (step 1),
 * file line numbers (step 1), 0 when it has none. split is the source's split id, which is unique
 * in the query. */
struct sl_run {
    uint32_t split;
    uint32_t first_row;
    int64_t position;
};

struct sl_batch {
    const struct sl_schema *schema;
    struct sl_vector
        *columns;       /* schema->column_count of them; a column nobody reads may have data NULL */
    uint32_t row_count; /* physical rows, at most 65,535 */
    uint16_t *selection;     /* ascending row indices; NULL = all rows */
    uint32_t selected_count; /* = row_count when selection is NULL */
    uint8_t *kinds;          /* enum sl_row_kind by physical row; NULL = all +I */
    struct sl_run *runs; /* ascending first_row, the first at 0; NULL past the first operator that
                            loses them */
    uint32_t run_count;
};

/* The row that the idx-th selected row is. */
static inline uint32_t sl_batch_row(const struct sl_batch *batch, uint32_t idx)
{
    return batch->selection == NULL ? idx : batch->selection[idx];
}

static inline enum sl_row_kind sl_batch_kind(const struct sl_batch *batch, uint32_t row)
{
    return batch->kinds == NULL ? SL_INSERT : (enum sl_row_kind)batch->kinds[row];
}

static inline bool sl_kind_is_retract(enum sl_row_kind kind)
{
    return kind == SL_UPDATE_BEFORE || kind == SL_DELETE;
}

/* "+I", "-U", "+U", "-D". */
const char *sl_row_kind_text(enum sl_row_kind kind);

/* An owned batch: the container in which rows are collected, kept or sent. Fixed columns live in
 * one arena, long strings in another that reset empties. Whoever writes rows straight into the
 * columns sets batch.row_count and batch.selected_count; columns have no bitmap until
 * sl_batch_builder_validity (or an appended NULL) attaches one. */
struct sl_batch_builder {
    struct sl_batch batch; /* filled rows; flat columns (but see sl_batch_copy), no selection; hand
                              out &builder->batch */
    struct sl_arena fixed; /* columns */
    struct sl_arena strings; /* bytes of views, list elements */
    uint32_t capacity;
    uint8_t *kinds_storage;
    uint64_t **validity_storage; /* one bitmap a column */
};

/* schema must outlive the builder. capacity in rows, at most 65,535. */
enum sl_status sl_batch_builder_init(struct sl_batch_builder *builder,
                                     const struct sl_schema *schema, uint32_t capacity,
                                     struct sl_account *account, struct sl_error *err);
void sl_batch_builder_deinit(struct sl_batch_builder *builder);
void sl_batch_builder_reset(struct sl_batch_builder *builder);
/* The bitmap of a column, attached (all valid) on the first call after init or reset. */
uint64_t *sl_batch_builder_validity(struct sl_batch_builder *builder, uint32_t column);
/* Deep-copies row_count rows of from (physical indices in rows; NULL = rows 0..row_count-1) behind
 * the rows that are there, with their kinds. The caller sees to it that they fit the capacity. */
enum sl_status sl_batch_append(struct sl_batch_builder *builder, const struct sl_batch *from,
                               const uint16_t *rows, uint32_t row_count, struct sl_error *err);
/* The same into an empty builder, of one row or more, except that columns of one CONST value that
 * is not NULL and not nested stay CONST. Nothing may be appended behind before the next reset. */
enum sl_status sl_batch_copy(struct sl_batch_builder *builder, const struct sl_batch *from,
                             const uint16_t *rows, uint32_t row_count, struct sl_error *err);
/* Sets the kind of a filled row; materialises kinds on the first that is not +I. */
void sl_batch_builder_set_kind(struct sl_batch_builder *builder, uint32_t row,
                               enum sl_row_kind kind);

/* Columns of an output batch that shares its input's vectors: copies the header fields (row_count,
 * selection, kinds, runs) but not schema and columns. */
void sl_batch_share_rows(struct sl_batch *out, const struct sl_batch *in);

SL_EXTERN_C_END

#endif
