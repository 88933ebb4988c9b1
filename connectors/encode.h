/* SPDX-License-Identifier: Apache-2.0
 *
 * The piece between a sink and a codec: a batch of the sink's input to the bytes of one part, row
 * by row. */
#ifndef CONNECTORS_ENCODE_H
#define CONNECTORS_ENCODE_H

#include "part.h"

struct conn_encoder {
    struct conn_part part;
    void *codec;           /* state of part.codec */
    struct sl_batch batch; /* the part's columns of the batch at hand */
};

/* part is copied; the encoder must not move while it is open. A part without codec gives an encoder
 * whose rows are empty. Close is safe on a zeroed encoder. */
enum sl_status conn_encoder_open(struct conn_encoder *encoder, const struct conn_part *part,
                                 struct sl_env *env, struct sl_error *err);
void conn_encoder_close(struct conn_encoder *encoder);
/* Takes the batch whose rows come next; borrowed until the next call. */
void conn_encoder_start(struct conn_encoder *encoder, const struct sl_batch *batch);
/* Appends the part of one physical row, without line end. out->failed = it did not fit. */
enum sl_status conn_encoder_row(struct conn_encoder *encoder, uint32_t row, struct sl_text *out,
                                struct sl_error *err);

#endif
