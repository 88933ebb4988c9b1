/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of rows whose expression failed: table.exec.expression-error = reject | null |
 * fail. Failed rows are noted while a batch is computed and rejected afterwards, as many calls as
 * the rejected output needs. */
#ifndef OPERATORS_ROW_ERRORS_H
#define OPERATORS_ROW_ERRORS_H

#include "sluice/operator.h"

enum op_error_policy { OP_ERROR_REJECT, OP_ERROR_NULL, OP_ERROR_FAIL };

struct op_row_errors {
    enum op_error_policy policy;
    struct sl_rejects rejects;
    struct sl_arena arena;
    uint16_t *rows; /* noted rows of the batch, with their reason and expression */
    uint8_t *reasons;
    const char **texts;
    uint32_t count;
    uint32_t cursor; /* the first that is not yet rejected */
    uint32_t capacity;
};

/* close bears a half-opened or zeroed object. */
enum sl_status op_row_errors_open(struct op_row_errors *errors, struct sl_env *env,
                                  struct sl_error *err);
void op_row_errors_close(struct op_row_errors *errors);
/* Before a new batch of row_count physical rows. */
enum sl_status op_row_errors_begin(struct op_row_errors *errors, uint32_t row_count,
                                   struct sl_error *err);
/* Notes that row failed in the expression of that text. Under `fail` the failure itself. */
enum sl_status op_row_errors_note(struct op_row_errors *errors, uint32_t row, uint8_t reason,
                                  const char *text, struct sl_error *err);
/* Rejects the noted rows of in. True in *is_done when all are out; else outs has a full batch of
 * them, answer MORE and call again. */
enum sl_status op_row_errors_reject(struct op_row_errors *errors, const struct sl_batch *in,
                                    struct sl_outs *outs, bool *is_done, struct sl_error *err);

#endif
