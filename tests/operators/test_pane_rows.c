/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows dealt to panes in runs beside each row's pane by itself: times around borders, and at the
 * ends of what a timestamp holds, in and between stretches of one pane. */
#include "operators/pane_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sluice/clock.h"

enum { ROWS = 1000, ROUNDS = 300, PANE_MS = 10000 };

struct fixture {
    struct sl_arena arena;
    struct sl_arena scratch;
    struct sl_column column;
    struct sl_schema schema;
    struct sl_vector times;
    struct sl_batch batch;
    struct op_window_spec spec;
    struct op_reject_queue rejected; /* only pushed to */
};

static void open_fixture(struct fixture *f)
{
    struct sl_error err;
    *f = (struct fixture){.column = {"ts", sl_type_timestamp(SL_TYPE_TIMESTAMP, 3)},
                          .spec = {PANE_MS, PANE_MS, 0, PANE_MS}};
    sl_arena_init(&f->arena, NULL, 0);
    sl_arena_init(&f->scratch, NULL, 0);
    f->schema = (struct sl_schema){1, &f->column};
    assert_int_equal(sl_vector_init(&f->times, &f->column.type, ROWS, &f->arena, &err), SL_OK);
    f->batch = (struct sl_batch){
        .schema = &f->schema, .columns = &f->times, .row_count = ROWS, .selected_count = ROWS};
}

static void close_fixture(struct fixture *f)
{
    op_reject_queue_close(&f->rejected);
    sl_arena_deinit(&f->scratch);
    sl_arena_deinit(&f->arena);
}

/* Mostly within one pane; sometimes its neighbours, and far away in both directions. */
static int64_t draw_time(struct sl_random *random, int64_t start, bool is_wild)
{
    static const int64_t FAR[] = {
        INT64_MIN,       INT64_MIN + 1,   INT64_MAX,     INT64_MAX - 1, OP_TIME_MIN, OP_TIME_MAX,
        OP_TIME_MIN - 1, OP_TIME_MAX + 1, INT64_MIN / 2, INT64_MAX / 2, 0,           -1};
    uint64_t choice = sl_random_below(random, is_wild ? 40 : 100000);
    if (choice < 2) {
        return FAR[sl_random_below(random, SL_COUNT_OF(FAR))];
    }
    if (choice < 4) {
        return start + (choice == 2 ? -1 : PANE_MS);
    }
    return start + (int64_t)sl_random_below(random, PANE_MS);
}

static void check(struct fixture *f)
{
    struct sl_error err;
    struct op_pane_rows panes;
    struct op_pane_input in = {.spec = &f->spec,
                               .batch = &f->batch,
                               .watermark = INT64_MIN,
                               .rejected = &f->rejected,
                               .scratch = &f->scratch};
    uint32_t run = 0;
    uint32_t at = 0;
    sl_arena_reset(&f->scratch);
    assert_int_equal(op_pane_rows_deal(&panes, &in, &err), SL_OK);
    for (uint32_t i = 0; i < f->batch.selected_count; i++) {
        uint32_t row = sl_batch_row(&f->batch, i);
        int64_t time = ((const int64_t *)f->times.data)[row];
        if (time < OP_TIME_MIN || time > OP_TIME_MAX) {
            continue;
        }
        while (at == panes.runs[run].first + panes.runs[run].count) {
            run++;
        }
        assert_int_equal(panes.rows[at], row);
        assert_true(panes.runs[run].pane_end == op_pane_start(&f->spec, time) + PANE_MS);
        at++;
    }
    assert_int_equal(panes.count, at);
}

static void test_random_times(void **state)
{
    (void)state;
    struct fixture f;
    struct sl_random random;
    uint16_t selection[ROWS];
    sl_random_init(&random, 9);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        open_fixture(&f);
        int64_t start = ((int64_t)sl_random_below(&random, 2000) - 1000) * PANE_MS;
        for (uint32_t row = 0; row < ROWS; row++) {
            ((int64_t *)f.times.data)[row] = draw_time(&random, start, round % 2 == 0);
        }
        if (round % 3 == 0) {
            f.batch.selection = selection;
            f.batch.selected_count = 0;
            for (uint32_t row = 0; row < ROWS; row += 1 + (row % 5 == 0)) {
                selection[f.batch.selected_count++] = (uint16_t)row;
            }
        }
        check(&f);
        close_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
