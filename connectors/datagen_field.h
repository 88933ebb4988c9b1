/* SPDX-License-Identifier: Apache-2.0
 *
 * How one column of 'datagen' is made. Row n of a column depends on the seed, the column and n
 * alone, so that a restored query goes on with the rows that it would have had. */
#ifndef CONNECTORS_DATAGEN_FIELD_H
#define CONNECTORS_DATAGEN_FIELD_H

#include "sluice/option.h"
#include "sluice/schema.h"
#include "sluice/vector.h"

struct conn_datagen_field {
    struct sl_type type;
    bool is_sequence;
    int64_t start; /* sequence: the first value and the last */
    int64_t end;
    int64_t least; /* random integers, and decimals unscaled */
    int64_t most;
    double least_real; /* FLOAT, DOUBLE */
    double most_real;
    int64_t past_ms; /* timestamps: now minus at most this */
    uint32_t length; /* strings and bytes */
    bool has_variable_length;
    double null_rate;
    uint64_t seed;
};

struct conn_datagen_row {
    uint64_t number; /* of the row in its split, from 0 */
    int64_t now_ms;
    struct sl_arena *strings;
};

/* Reads 'fields.NAME.*'. */
enum sl_status conn_datagen_field_make(const struct sl_options *options,
                                       const struct sl_column *column,
                                       struct conn_datagen_field *field, struct sl_error *err);
/* Rows that the field has, or INT64_MAX. */
int64_t conn_datagen_field_rows(const struct conn_datagen_field *field);
/* Makes the value of a row; false: no memory. The vector has validity. */
bool conn_datagen_field_store(const struct conn_datagen_field *field, struct sl_vector *vector,
                              uint32_t row, const struct conn_datagen_row *of);

#endif
