/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch of a sink's input to the bytes of one part. The part's batch shares the input's vectors.
 */
#include "encode.h"

#include <string.h>

enum sl_status conn_encoder_open(struct conn_encoder *encoder, const struct conn_part *part,
                                 struct sl_env *env, struct sl_error *err)
{
    memset(encoder, 0, sizeof *encoder);
    encoder->part = *part;
    if (part->codec == NULL) {
        return SL_OK;
    }
    if (part->codec->encode == NULL) {
        return sl_fail(err, SL_UNSUPPORTED, "format '%s' can only be read", part->codec->name);
    }
    struct sl_column *columns = SL_ARENA_ARRAY(env->arena, struct sl_column, part->column_count);
    struct sl_schema *schema = SL_ARENA_NEW(env->arena, struct sl_schema);
    encoder->batch.columns = SL_ARENA_ARRAY(env->arena, struct sl_vector, part->column_count);
    if (columns == NULL || schema == NULL || encoder->batch.columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a sink's columns");
    }
    for (uint32_t i = 0; i < part->column_count; i++) {
        columns[i] = part->physical.columns[part->columns[i]];
    }
    *schema = (struct sl_schema){.column_count = part->column_count, .columns = columns};
    encoder->batch.schema = schema;
    return conn_part_open(&encoder->part, env, &encoder->codec, err);
}

void conn_encoder_close(struct conn_encoder *encoder)
{
    conn_part_close(&encoder->part, encoder->codec);
    memset(encoder, 0, sizeof *encoder);
}

void conn_encoder_start(struct conn_encoder *encoder, const struct sl_batch *batch)
{
    sl_batch_share_rows(&encoder->batch, batch);
    for (uint32_t i = 0; i < encoder->part.column_count; i++) {
        encoder->batch.columns[i] = batch->columns[encoder->part.batch_columns[i]];
    }
}

enum sl_status conn_encoder_row(struct conn_encoder *encoder, uint32_t row, struct sl_text *out,
                                struct sl_error *err)
{
    if (encoder->part.codec == NULL) {
        return SL_OK;
    }
    return encoder->part.codec->encode(encoder->codec, &encoder->batch, row, out, err);
}
