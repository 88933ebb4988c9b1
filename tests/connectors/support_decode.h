/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of codec tests: messages in, rows and rejects out. */
#ifndef TESTS_SUPPORT_DECODE_H
#define TESTS_SUPPORT_DECODE_H

#include "support_connector.h"

struct decode_case {
    const char *schema;
    const char *options; /* lines; "format=json" */
    const char *input;   /* one message a line; NUL bytes cannot be in it */
    const char *output;  /* see support_connector.h */
};

/* Decodes in batches of batch_rows; the text lives in support's arena. Open, with all columns
 * wanted unless support_want was called. */
const char *support_decode(struct support *support, const char *input, uint32_t batch_rows);
void support_check_decode(const struct decode_case *cases, size_t count);
/* Encodes every row that the input decodes to: one a line. */
const char *support_round_trip(struct support *support, const char *input);

#endif
