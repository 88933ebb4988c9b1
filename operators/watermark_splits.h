/* SPDX-License-Identifier: Apache-2.0
 *
 * The splits that one watermark operator reads, and the watermark that they allow: the minimum over
 * splits that count of the maximum that each has seen. A split that was added and has no row yet
 * holds everything back; an ended or idle one does not count. */
#ifndef OPERATORS_WATERMARK_SPLITS_H
#define OPERATORS_WATERMARK_SPLITS_H

#include "sluice/operator.h"

struct op_split {
    uint32_t id;
    bool is_idle;
    int64_t watermark;   /* ms; INT64_MIN before its first row */
    int64_t last_row_us; /* wall clock; kept only with an idle time-out */
};

struct op_splits {
    struct sl_account *account;
    struct sl_state_table *table; /* "splits": what was restored, and what a barrier saves */
    struct op_split *items;       /* ascending id */
    uint32_t count;
    uint32_t capacity;
};

void op_splits_init(struct op_splits *splits, struct sl_account *account,
                    struct sl_state_table *table);
void op_splits_deinit(struct op_splits *splits);
/* Finds the split, or adds it with its restored watermark. The pointer is good until the next
 * call. */
enum sl_status op_splits_add(struct op_splits *splits, uint32_t id, int64_t now_us,
                             struct op_split **split, struct sl_error *err);
void op_splits_remove(struct op_splits *splits, uint32_t id);
/* The minimum over splits that count; false when none does. */
bool op_splits_watermark(const struct op_splits *splits, int64_t *watermark);
/* Marks splits without a row since timeout_us as idle. The time when the next may become so, or
 * INT64_MAX. */
int64_t op_splits_expire(struct op_splits *splits, int64_t now_us, int64_t timeout_us);
/* Writes all of them to the table. are_all_named: no other split of the table will be added, so
 * those are left to whoever reads them; what was restored of them is old by now. */
enum sl_status op_splits_save(struct op_splits *splits, bool are_all_named, struct sl_error *err);

#endif
