/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. Single values as text, for rows that leave the engine: the JSON and CSV codecs, result
 * tables, print, rejected rows. One spelling for all of them. */
#ifndef SLUICE_VALUE_H
#define SLUICE_VALUE_H

#include "sluice/text.h"
#include "sluice/vector.h"

SL_EXTERN_C_BEGIN

/* Appends the value of row as JSON: NULL, NaN and infinities null; DECIMAL a plain number; BYTES
 * base64; dates, times and timestamps strings in SQL form with the type's precision
 * ("2026-11-21 22:00:00.000"), TIMESTAMP_LTZ with a Z behind it; intervals strings as below; ARRAY
 * and MULTISET an array; MAP an object whose keys are the keys' text; ROW an object. */
void sl_value_append_json(struct sl_text *text, const struct sl_vector *vector, uint32_t row);

/* Appends the value as bare text, for CSV, tables and people: strings as they are, numbers, dates
 * and bytes as in JSON but without quotes, NaN and infinities as Java writes them, intervals as
 * "+1-02" and "+0 00:00:05.000", nested values as JSON. NULL appends nothing: the caller has a
 * spelling of its own. */
void sl_value_append_text(struct sl_text *text, const struct sl_vector *vector, uint32_t row);

/* Appends standard base64 (RFC 4648, with padding). */
void sl_base64_append(struct sl_text *text, const char *data, size_t length);

SL_EXTERN_C_END

#endif
