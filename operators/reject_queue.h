/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of one batch that are on their way to the late or the rejected output. They are noted while
 * the batch is worked on and go out afterwards, in as many calls as it takes. */
#ifndef OPERATORS_REJECT_QUEUE_H
#define OPERATORS_REJECT_QUEUE_H

#include "sluice/operator.h"

struct op_reject {
    const char *detail; /* static */
    enum sl_row_error reason;
    uint32_t row; /* physical */
};

struct op_reject_queue {
    struct sl_rejects rejects;
    struct sl_account *account;
    uint32_t out; /* SL_OUT_LATE or SL_OUT_REJECTED */
    struct op_reject *items;
    uint32_t count;
    uint32_t cursor; /* the first that is not out yet */
    uint32_t capacity;
};

/* close bears a zeroed or half-opened queue. */
enum sl_status op_reject_queue_open(struct op_reject_queue *queue, struct sl_env *env, uint32_t out,
                                    struct sl_error *err);
void op_reject_queue_close(struct op_reject_queue *queue);
enum sl_status op_reject_queue_push(struct op_reject_queue *queue, enum sl_row_error reason,
                                    const char *detail, uint32_t row, struct sl_error *err);
/* Sets outs to noted rows of batch. False in *is_done: answer MORE and call again. */
enum sl_status op_reject_queue_flush(struct op_reject_queue *queue, const struct sl_batch *batch,
                                     struct sl_outs *outs, bool *is_done, struct sl_error *err);

#endif
