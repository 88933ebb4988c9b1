/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that pass the local half of a window aggregate one by one: when they do, and that results
 * are those of raw rows whatever way each batch took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"

enum { BATCH_ROWS = 1024, BATCHES = 30, FEW_KEYS = 7 };

static const char INPUT[] = "ts TIMESTAMP(3), k STRING, f BOOLEAN, a TINYINT, b SMALLINT, c INT, "
                            "d BIGINT, e FLOAT, g DOUBLE, h DECIMAL(10, 2), i DECIMAL(30, 2), "
                            "s STRING";

static const struct drive_spec SPEC = {.kind = "local_window_aggregate",
                                       .input = INPUT,
                                       .keys = "k",
                                       .assigner = "HOP",
                                       .size_ms = 10000,
                                       .slide_ms = 5000};

/* The local half, the global half behind it, and one over raw rows. */
struct trio {
    struct drive local;
    struct drive global;
    struct drive raw;
    struct sl_batch_builder copy; /* as an exchange makes it */
    bool is_copying;
    uint32_t out_rows; /* of the local half */
};

static void trio_open(struct trio *trio, const char *aggregates, const char *strategy)
{
    struct drive_spec spec = SPEC;
    memset(trio, 0, sizeof *trio);
    spec.aggregates = aggregates;
    drive_init(&trio->local, &spec);
    if (strategy != NULL) {
        support_set(&trio->local.support, "table.optimizer.agg-phase-strategy", strategy);
    }
    drive_open(&trio->local);
    spec.kind = "global_window_aggregate";
    drive_init(&trio->raw, &spec);
    drive_open(&trio->raw);
    spec.is_partial_input = true;
    drive_init(&trio->global, &spec);
    drive_open(&trio->global);
    assert_int_equal(sl_batch_builder_init(&trio->copy, trio->global.support.inputs[0],
                                           SL_BATCH_ROWS_MAX, NULL, &trio->local.support.err),
                     SL_OK);
}

static void trio_close(struct trio *trio)
{
    sl_batch_builder_deinit(&trio->copy);
    drive_close(&trio->local);
    drive_close(&trio->global);
    drive_close(&trio->raw);
}

static void hand_over(struct trio *trio, const struct sl_outs *outs)
{
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    if (outs->batches[SL_OUT_REJECTED] != NULL) {
        for (uint32_t i = 0; i < outs->batches[SL_OUT_REJECTED]->selected_count; i++) {
            sl_text_append_string(&trio->global.log, "rejected\n");
        }
    }
    if (batch == NULL) {
        return;
    }
    trio->out_rows += batch->selected_count;
    if (trio->is_copying) {
        sl_batch_builder_reset(&trio->copy);
        assert_int_equal(sl_batch_copy(&trio->copy, batch, batch->selection, batch->selected_count,
                                       &trio->local.support.err),
                         SL_OK);
        batch = &trio->copy.batch;
    }
    drive_batch(&trio->global, batch);
}

static void trio_batch(struct trio *trio, const struct sl_batch *batch)
{
    struct drive *local = &trio->local;
    enum sl_flow flow = SL_MORE;
    while (flow == SL_MORE) {
        struct sl_outs outs = {0};
        assert_int_equal(
            local->def->process(local->state, 0, batch, &outs, &flow, &local->support.err), SL_OK);
        hand_over(trio, &outs);
    }
    drive_batch(&trio->raw, batch);
}

static void trio_signal(struct trio *trio, enum sl_signal_kind kind, int64_t value)
{
    struct drive *local = &trio->local;
    struct sl_signal signal = {kind, value};
    enum sl_flow flow = SL_MORE;
    while (flow == SL_MORE) {
        struct sl_outs outs = {0};
        assert_int_equal(
            local->def->signal(local->state, &signal, &outs, &flow, &local->support.err), SL_OK);
        hand_over(trio, &outs);
    }
    drive_signal(&trio->global, kind, value);
    drive_signal(&trio->raw, kind, value);
}

/* What the rows of a batch are like. */
struct rows_kind {
    bool has_few_keys;
    bool has_nulls;
    bool has_several_panes;
    bool has_bad_times;
    bool is_selected; /* every third row is not */
};

/* Values are such that sums of doubles are exact. */
static struct sl_batch *make_rows(struct trio *trio, struct rows_kind kind, uint32_t seed)
{
    struct sl_text text;
    struct sl_text selection;
    sl_text_init(&text, NULL, 0);
    sl_text_init(&selection, NULL, 0);
    for (uint32_t i = 0; i < BATCH_ROWS; i++) {
        uint32_t id = seed * BATCH_ROWS + i;
        uint32_t key = kind.has_few_keys ? id % FEW_KEYS : (id * 2654435761u) % 20000;
        int value = (int)(id % 201) - 100;
        uint32_t second = kind.has_several_panes ? 10 + id % 3 * 5 : 12;
        if (kind.has_bad_times && i % 5 == 0) {
            sl_text_append_string(&text, "NULL");
        } else {
            sl_text_printf(&text, "1970-01-01 00:00:%u.000", second);
        }
        sl_text_printf(&text, "|key number %u|%s|", key, id % 2 == 0 ? "TRUE" : "FALSE");
        if (kind.has_nulls && i % 3 == 0) {
            sl_text_append_string(&text, "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n");
        } else {
            sl_text_printf(&text, "%d|%d|%d|%d|%d.5|%d.25|%d.75|%d.25|a string of number %u\n",
                           value, value * 100, value * 10000, value * 100000, value, value, value,
                           value * 1000, id);
        }
        if (i % 3 != 0) {
            sl_text_printf(&selection, "%u ", i);
        }
    }
    sl_text_append_char(&text, '\0');
    sl_text_append_char(&selection, '\0');
    struct sl_batch *batch = support_batch(&trio->local.support, trio->local.raw, text.data);
    if (kind.is_selected) {
        support_select(&trio->local.support, batch, selection.data);
    }
    sl_text_deinit(&text);
    sl_text_deinit(&selection);
    return batch;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The log's lines in order; a rejected row is the word alone. */
static char **lines_of(struct drive *drive, size_t *count)
{
    size_t capacity = 1;
    sl_text_append_char(&drive->log, '\0');
    for (const char *at = drive->log.data; *at != '\0'; at++) {
        capacity += *at == '\n';
    }
    char **lines = malloc(capacity * sizeof *lines);
    *count = 0;
    for (char *at = drive->log.data; *at != '\0';) {
        char *end = at;
        while (*end != '\n') { /* each line ends with one */
            end++;
        }
        *(memcmp(at, "rejected", 8) == 0 ? at + 8 : end) = '\0';
        lines[(*count)++] = at;
        at = end + 1;
    }
    qsort(lines, *count, sizeof *lines, compare_lines);
    return lines;
}

static void trio_compare(struct trio *trio)
{
    size_t count;
    size_t raw_count;
    char **lines = lines_of(&trio->global, &count);
    char **raw_lines = lines_of(&trio->raw, &raw_count);
    assert_int_equal(count, raw_count);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(lines[i], raw_lines[i]);
    }
    free(lines);
    free(raw_lines);
}

/* Rows out of the local half for one batch, at once. */
static uint32_t rows_at_once(struct trio *trio, struct rows_kind kind, uint32_t seed)
{
    uint32_t before = trio->out_rows;
    trio_batch(trio, make_rows(trio, kind, seed));
    return trio->out_rows - before;
}

/* Many keys, then a barrier that lets the local half see what it has put together. */
static void begin_passing(struct trio *trio)
{
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(rows_at_once(trio, (struct rows_kind){0}, i), 0);
    }
    trio_signal(trio, SL_SIGNAL_BARRIER, 1);
}

static void test_switches(void **test_state)
{
    static struct trio trio;
    struct rows_kind few = {.has_few_keys = true};
    struct rows_kind few_nulls = {.has_few_keys = true, .has_nulls = true};
    (void)test_state;
    trio_open(&trio, "COUNT(*) SUM(d) MAX(s)", NULL);
    begin_passing(&trio);
    assert_int_equal(rows_at_once(&trio, (struct rows_kind){0}, 10), BATCH_ROWS);
    assert_int_equal(rows_at_once(&trio, few, 11), BATCH_ROWS);
    assert_int_equal(rows_at_once(&trio, (struct rows_kind){.is_selected = true}, 12),
                     BATCH_ROWS - (BATCH_ROWS + 2) / 3);
    assert_int_equal(rows_at_once(&trio, (struct rows_kind){.has_bad_times = true}, 13),
                     BATCH_ROWS - (BATCH_ROWS + 4) / 5);
    /* A NULL is nothing that SUM passes; rows that are put together meanwhile are judged too. */
    for (uint32_t i = 20; i < 25; i++) {
        assert_int_equal(rows_at_once(&trio, few_nulls, i), 0);
    }
    trio_signal(&trio, SL_SIGNAL_BARRIER, 2);
    assert_int_equal(rows_at_once(&trio, few, 30), 0);
    trio_signal(&trio, SL_SIGNAL_WATERMARK, INT64_MAX);
    trio_compare(&trio);
    trio_close(&trio);
}

/* Without a signal it shows too, and after a while they are put together again. */
static void test_early(void **test_state)
{
    static struct trio trio;
    uint32_t held_batches = 0;
    (void)test_state;
    trio_open(&trio, "COUNT(*)", "AUTO");
    const struct sl_batch *batch = make_rows(&trio, (struct rows_kind){0}, 1);
    struct sl_batch *many[16];
    for (uint32_t i = 0; i < 16; i++) {
        many[i] = make_rows(&trio, (struct rows_kind){0}, i);
        trio_batch(&trio, many[i]);
    }
    assert_true(trio.out_rows > 16 * BATCH_ROWS / 2);
    for (uint32_t i = 0; i < 260; i++) {
        uint32_t before = trio.out_rows;
        trio_batch(&trio, batch);
        held_batches += trio.out_rows == before;
    }
    assert_int_equal(held_batches, 260 - 256);
    trio_signal(&trio, SL_SIGNAL_WATERMARK, INT64_MAX);
    trio_compare(&trio);
    trio_close(&trio);
}

/* What keeps rows from passing. */
static void test_never(void **test_state)
{
    static const struct {
        const char *aggregates;
        const char *strategy;
    } cases[] = {{"COUNT(*) SUM(d)", "TWO_PHASE"}, {"COUNT(*) SUM(d)?f", "AUTO"}};
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        static struct trio trio;
        trio_open(&trio, cases[i].aggregates, cases[i].strategy);
        begin_passing(&trio);
        for (uint32_t k = 0; k < 20; k++) {
            assert_int_equal(rows_at_once(&trio, (struct rows_kind){0}, 10 + k), 0);
        }
        trio_signal(&trio, SL_SIGNAL_WATERMARK, INT64_MAX);
        trio_compare(&trio);
        trio_close(&trio);
    }
}

/* All functions and types, with all kinds of batches in turn. */
static void test_results(void **test_state)
{
    static const char *const AGGREGATES[] = {
        "COUNT(*) COUNT(a) SUM(a) AVG(a) MIN(a) MAX(a)", "COUNT(b) SUM(b) AVG(b) MIN(b) MAX(b)",
        "COUNT(*) COUNT(c) SUM(c) AVG(c) MIN(c) MAX(c)", "COUNT(d) SUM(d) AVG(d) MIN(d) MAX(d)",
        "COUNT(*) COUNT(e) SUM(e) AVG(e) MIN(e) MAX(e)", "COUNT(g) SUM(g) AVG(g) MIN(g) MAX(g)",
        "COUNT(*) COUNT(h) SUM(h) AVG(h) MIN(h) MAX(h)", "COUNT(i) SUM(i) AVG(i) MIN(i) MAX(i)",
        "COUNT(*) COUNT(s) MIN(s) MAX(s) MIN(f) MAX(ts)"};
    (void)test_state;
    for (size_t i = 0; i < SL_COUNT_OF(AGGREGATES); i++) {
        static struct trio trio;
        trio_open(&trio, AGGREGATES[i], NULL);
        begin_passing(&trio);
        for (uint32_t k = 0; k < BATCHES; k++) {
            struct rows_kind kind = {k % 4 == 3, k % 5 == 4, k % 2 == 1, k % 7 == 6, k % 3 == 2};
            trio.is_copying = k % 8 >= 4;
            trio_batch(&trio, make_rows(&trio, kind, 100 + k));
        }
        assert_true(trio.out_rows > BATCHES / 2 * BATCH_ROWS / 2);
        trio_signal(&trio, SL_SIGNAL_WATERMARK, INT64_MAX);
        trio_compare(&trio);
        trio_close(&trio);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switches),
        cmocka_unit_test(test_early),
        cmocka_unit_test(test_never),
        cmocka_unit_test(test_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
