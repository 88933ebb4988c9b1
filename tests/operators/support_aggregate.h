/* SPDX-License-Identifier: Apache-2.0
 *
 * Drives one operator (or a chain of them) as the driver would, and logs what comes out as text, a
 * line each:
 *   rows of the main output as support_rows writes them
 *   "late REASON: ROW" and "rejected REASON: ROW"
 *   "watermark 42" and "idle": signals that the operator made or let pass
 * Time parameters are in ms. */
#ifndef TESTS_SUPPORT_AGGREGATE_H
#define TESTS_SUPPORT_AGGREGATE_H

#include "support_operator.h"

enum { DRIVE_CALLS_MAX = 8, DRIVE_KEYS_MAX = 8 };

/* What the plan says of an aggregating node. */
struct drive_spec {
    const char *kind;
    const char *input;      /* schema of raw rows */
    const char *keys;       /* column names, separated by ' ' */
    const char *aggregates; /* "COUNT(*) SUM(b) MAX(c)?f": ?f is FILTER (WHERE f) */
    const char *assigner;   /* NULL: no window; rowtime is the column "ts" */
    int64_t size_ms;
    int64_t slide_ms;
    int64_t offset_ms;
    bool is_partial_input; /* the input is what the local half emits */
};

struct drive {
    struct support support;
    const struct sl_operator_def *def;
    void *state;
    struct drive *next; /* takes the main output and signals, if not NULL */
    struct sl_text log;
    struct sl_state_def states[1];
    struct sl_aggregate_call calls[DRIVE_CALLS_MAX];
    uint32_t call_count;
    uint32_t keys[DRIVE_KEYS_MAX];
    uint32_t key_count;
    struct sl_schema *raw;
};

/* Makes node, state and environment, and opens the operator unless restored data is to be loaded
 * first (drive_open). */
void drive_init(struct drive *drive, const struct drive_spec *spec);
void drive_open(struct drive *drive);
void drive_close(struct drive *drive);
void drive_batch(struct drive *drive, const struct sl_batch *batch);
/* Rows as support_batch reads them, in the input's schema. */
void drive_rows(struct drive *drive, const char *rows);
void drive_signal(struct drive *drive, enum sl_signal_kind kind, int64_t value);
/* The log must be this; it is then emptied. */
void drive_expect(struct drive *drive, const char *expected);
/* The same lines in any order. */
void drive_expect_unordered(struct drive *drive, const char *expected);
/* Copies the state of key groups [first, last] of from into drive, before drive_open. */
void drive_restore(struct drive *drive, struct drive *from, uint32_t first, uint32_t last);

#endif
