/* SPDX-License-Identifier: Apache-2.0
 *
 * Options of formats: the same table serves 'json.x', 'value.json.x' and 'key.json.x'. */
#ifndef CONNECTORS_CODEC_OPTIONS_H
#define CONNECTORS_CODEC_OPTIONS_H

#include "sluice/codec.h"

/* The option's text under the codec's prefix, else its default in table (may be NULL there). */
const char *conn_codec_text(const struct sl_codec_env *env, const struct sl_option_def *table,
                            const char *name);
bool conn_codec_bool(const struct sl_codec_env *env, const struct sl_option_def *table,
                     const char *name);

/* Adds a reject with a printed detail; the caller has seen that there is room. */
void conn_add_reject(struct sl_decode *decode, enum sl_row_error reason, const char *format, ...)
    SL_PRINTF(3, 4);

static inline bool conn_decode_has_room(const struct sl_decode *decode)
{
    return decode->row_count < decode->row_capacity &&
           decode->reject_count < decode->reject_capacity;
}

#endif
