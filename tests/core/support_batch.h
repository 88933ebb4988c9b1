/* SPDX-License-Identifier: Apache-2.0
 *
 * Random batches of any type and a naive comparison of values, for tests of what carries rows. */
#ifndef SLUICE_TESTS_SUPPORT_BATCH_H
#define SLUICE_TESTS_SUPPORT_BATCH_H

#include "sluice/batch.h"

/* A schema with every physical kind, NULLs allowed, and nested types down to a list of rows. */
const struct sl_schema *support_wide_schema(void);
uint32_t support_random(uint64_t *seed, uint32_t limit);
/* Fills rows [row_count, row_count + rows) of the builder with random values. */
void support_fill(struct sl_batch_builder *builder, uint32_t rows, uint64_t *seed);
/* Equal values or both NULL; floats by bits after canonicalisation of -0 and NaN. */
bool support_values_equal(const struct sl_vector *a, uint32_t a_row, const struct sl_vector *b,
                          uint32_t b_row);

#endif
