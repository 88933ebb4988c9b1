/* SPDX-License-Identifier: Apache-2.0
 *
 * Cost of COUNT(*) and AVG(temp) by device in windows of 10 s, in ns a selected row, firing
 * included: the global half over raw rows (TUMBLE, then HOP), and the local half. 70 % of the rows
 * are selected. Prints the median of some rounds; usage: bench_operators_window_aggregate
 * [ROUNDS]. */
#include "operators/room.h"

#include "sluice/catalog.h"
#include "sluice/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    BATCHES = 256,
    BATCH_ROWS = SL_BATCH_ROWS_MAX,
    ROUNDS_MAX = 101,
    DEVICES = 1000,
    STEP_US = 500 /* of event time, from row to row */
};

static void check(enum sl_status status, const struct sl_error *err)
{
    if (status != SL_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

struct rows {
    struct sl_arena arena;
    struct sl_schema schema;
    struct sl_column columns[3];
    struct sl_batch *batches; /* ts, device, temp */
};

static void fill_batch(struct rows *rows, struct sl_batch *batch, struct sl_random *random)
{
    struct sl_error err;
    batch->schema = &rows->schema;
    batch->row_count = BATCH_ROWS;
    batch->columns = SL_ARENA_ARRAY(&rows->arena, struct sl_vector, 3);
    batch->selection = SL_ARENA_ARRAY(&rows->arena, uint16_t, BATCH_ROWS);
    for (uint32_t i = 0; i < 3; i++) {
        check(sl_vector_init(&batch->columns[i], &rows->columns[i].type, BATCH_ROWS, &rows->arena,
                             &err),
              &err);
    }
    for (uint32_t row = 0; row < BATCH_ROWS; row++) {
        char device[32];
        int length = snprintf(device, sizeof device, "sensor-%05u",
                              (unsigned)sl_random_below(random, DEVICES));
        ((struct sl_view *)batch->columns[1].data)[row] = sl_view_of(device, (size_t)length);
        ((double *)batch->columns[2].data)[row] = 15 + sl_random_unit(random) * 15;
        if (sl_random_below(random, 10) < 7) {
            batch->selection[batch->selected_count++] = (uint16_t)row;
        }
    }
}

static void make_rows(struct rows *rows)
{
    struct sl_random random;
    sl_random_init(&random, 7);
    sl_arena_init(&rows->arena, NULL, 1 << 20);
    rows->columns[0] = (struct sl_column){"ts", sl_type_timestamp(SL_TYPE_TIMESTAMP, 3)};
    rows->columns[1] = (struct sl_column){"device", sl_type_string()};
    rows->columns[2] = (struct sl_column){"temp", sl_type_of(SL_TYPE_DOUBLE)};
    rows->schema = (struct sl_schema){3, rows->columns};
    rows->batches = SL_ARENA_ARRAY(&rows->arena, struct sl_batch, BATCHES);
    for (uint32_t i = 0; i < BATCHES; i++) {
        fill_batch(rows, &rows->batches[i], &random);
    }
}

/* Rows of a round follow those of the round before. */
static void set_times(struct rows *rows, int64_t round)
{
    for (uint32_t i = 0; i < BATCHES; i++) {
        int64_t *times = rows->batches[i].columns[0].data;
        for (uint32_t row = 0; row < BATCH_ROWS; row++) {
            times[row] = ((round * BATCHES + i) * BATCH_ROWS + row) * STEP_US / 1000;
        }
    }
}

/* One operator in its environment. */
struct bench {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    struct sl_param params[8];
    struct sl_aggregate_call calls[2];
    struct sl_state_def panes;
    struct sl_state_table *state;
    struct sl_plan_node node;
    struct sl_plan plan;
    const struct sl_schema *inputs[1];
    struct sl_env env;
    const struct sl_operator_def *def;
    void *instance;
    uint64_t rows_out;
};

static const uint32_t KEYS[] = {1};

static void add_field_columns(struct sl_column *columns, uint32_t *count,
                              const struct sl_state_def *panes)
{
    columns[(*count)++] = (struct sl_column){"pane_end", sl_type_of(SL_TYPE_BIGINT)};
    for (uint32_t i = 0; i < panes->field_count; i++) {
        columns[(*count)++] =
            (struct sl_column){panes->fields[i].name, sl_state_field_type(&panes->fields[i])};
    }
}

static void set_schema(struct bench *bench, bool is_local)
{
    static struct sl_column columns[16];
    uint32_t count = 0;
    struct sl_type time = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    columns[count++] = bench->inputs[0]->columns[1];
    if (is_local) {
        add_field_columns(columns, &count, &bench->panes);
    } else {
        columns[count++] = (struct sl_column){"count", bench->calls[0].result_type};
        columns[count++] = (struct sl_column){"avg", bench->calls[1].result_type};
        columns[count++] = (struct sl_column){"window_start", time};
        columns[count++] = (struct sl_column){"window_end", time};
        columns[count++] = (struct sl_column){"window_time", time};
    }
    bench->node.schema = (struct sl_schema){count, columns};
}

static void set_calls(struct bench *bench)
{
    struct sl_type temp = sl_type_of(SL_TYPE_DOUBLE);
    struct sl_type count = sl_type_not_null(sl_type_of(SL_TYPE_BIGINT));
    bench->calls[0] = (struct sl_aggregate_call){"COUNT", -1, -1, false, count, count, 1, "COUNT"};
    bench->calls[1] = (struct sl_aggregate_call){"AVG", 2, -1, false, temp, temp, 1, "AVG"};
    bench->panes = (struct sl_state_def){.name = "panes", .kind = SL_STATE_HASH, .version = 1};
    for (uint32_t i = 0; i < 2; i++) {
        struct sl_state_def *panes = &bench->panes;
        panes->field_count +=
            sl_catalog_aggregate(&bench->catalog, bench->calls[i].function)
                ->accumulator(&bench->calls[i].argument_type, panes->fields + panes->field_count);
    }
}

static void bench_open(struct bench *bench, const struct rows *rows, const char *kind,
                       int64_t slide_ms)
{
    struct sl_error err;
    *bench = (struct bench){.account = {.name = "bench"}};
    sl_arena_init(&bench->arena, NULL, 0);
    bench->builtins.aggregates = op_aggregates;
    bench->builtins.operators = op_operators;
    sl_catalog_init(&bench->catalog, &bench->builtins, NULL);
    set_calls(bench);
    bench->inputs[0] = &rows->schema;
    const struct sl_param params[] = {
        {.name = "assigner", .kind = SL_PARAM_STRING, .string = slide_ms == 0 ? "TUMBLE" : "HOP"},
        {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = 10000},
        {.name = "slide_ms", .kind = SL_PARAM_INT64, .integer = slide_ms},
        {.name = "rowtime", .kind = SL_PARAM_INT64, .integer = 0},
        {.name = "keys", .kind = SL_PARAM_COLUMNS, .columns = KEYS, .count = 1},
        {.name = "aggregates", .kind = SL_PARAM_AGGREGATES, .aggregates = bench->calls, .count = 2},
        {.name = "input", .kind = SL_PARAM_SCHEMA, .schema = rows->schema},
    };
    memcpy(bench->params, params, sizeof params);
    bench->node = (struct sl_plan_node){.kind = kind,
                                        .params = bench->params,
                                        .param_count = SL_COUNT_OF(params),
                                        .states = &bench->panes,
                                        .state_count = 1};
    set_schema(bench, strcmp(kind, "local_window_aggregate") == 0);
    check(sl_state_table_create(&bench->panes, &bench->account, &bench->state, &err), &err);
    bench->plan = (struct sl_plan){.nodes = &bench->node, .node_count = 1};
    bench->env = (struct sl_env){.plan = &bench->plan,
                                 .node = &bench->node,
                                 .catalog = &bench->catalog,
                                 .inputs = bench->inputs,
                                 .input_count = 1,
                                 .worker_count = 1,
                                 .batch_rows = SL_BATCH_ROWS_MAX,
                                 .account = &bench->account,
                                 .arena = &bench->arena,
                                 .clock = sl_clock_system(),
                                 .label = kind,
                                 .states = &bench->state,
                                 .restored_watermark = INT64_MIN};
    bench->def = sl_catalog_operator(&bench->catalog, kind);
    check(bench->def->open(&bench->env, &bench->instance, &err), &err);
}

static void bench_close(struct bench *bench)
{
    bench->def->close(bench->instance);
    sl_state_table_destroy(bench->state);
    sl_catalog_deinit(&bench->catalog);
    sl_arena_deinit(&bench->arena);
}

static void count_out(struct bench *bench, const struct sl_outs *outs)
{
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    bench->rows_out += batch == NULL ? 0 : batch->selected_count;
}

static uint64_t run_round(struct bench *bench, const struct rows *rows)
{
    uint64_t row_count = 0;
    struct sl_error err;
    for (uint32_t i = 0; i < BATCHES; i++) {
        const struct sl_batch *batch = &rows->batches[i];
        enum sl_flow flow = SL_MORE;
        while (flow == SL_MORE) {
            struct sl_outs outs = {0};
            check(bench->def->process(bench->instance, 0, batch, &outs, &flow, &err), &err);
            count_out(bench, &outs);
        }
        row_count += batch->selected_count;
        int64_t last = ((const int64_t *)batch->columns[0].data)[BATCH_ROWS - 1];
        struct sl_signal signal = {SL_SIGNAL_WATERMARK, last - 1000};
        flow = SL_MORE;
        while (flow == SL_MORE) {
            struct sl_outs outs = {0};
            check(bench->def->signal(bench->instance, &signal, &outs, &flow, &err), &err);
            count_out(bench, &outs);
        }
    }
    return row_count;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void measure(struct rows *rows, const char *name, const char *kind, int64_t slide_ms,
                    uint32_t rounds)
{
    static struct bench bench;
    double figures[ROUNDS_MAX];
    const struct sl_clock *clock = sl_clock_system();
    bench_open(&bench, rows, kind, slide_ms);
    for (uint32_t round = 0; round < rounds; round++) {
        set_times(rows, round);
        int64_t start = clock->monotonic_ns(clock);
        uint64_t row_count = run_round(&bench, rows);
        figures[round] = (double)(clock->monotonic_ns(clock) - start) / (double)row_count;
    }
    qsort(figures, rounds, sizeof figures[0], compare_doubles);
    printf("%-24s %6.1f ns/row (least %.1f), %llu rows out\n", name, figures[rounds / 2],
           figures[0], (unsigned long long)bench.rows_out);
    bench_close(&bench);
}

int main(int argc, char **argv)
{
    static struct rows rows;
    int64_t rounds = 11;
    if (argc > 1 && !sl_parse_int64(argv[1], strlen(argv[1]), &rounds)) {
        fprintf(stderr, "usage: bench_operators_window_aggregate [ROUNDS]\n");
        return 2;
    }
    rounds = SL_MIN(SL_MAX(rounds, 1), ROUNDS_MAX);
    make_rows(&rows);
    measure(&rows, "global, raw, TUMBLE 10s", "global_window_aggregate", 0, (uint32_t)rounds);
    measure(&rows, "global, raw, HOP 10s/2s", "global_window_aggregate", 2000, (uint32_t)rounds);
    measure(&rows, "local, TUMBLE 10s", "local_window_aggregate", 0, (uint32_t)rounds);
    sl_arena_deinit(&rows.arena);
    return 0;
}
