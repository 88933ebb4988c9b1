/* SPDX-License-Identifier: Apache-2.0
 *
 * Cost of WHERE a > 500 AND b < 0.5 over a BIGINT and a DOUBLE column in L2, in M rows/s: as the
 * filter operator, and pushed down as a source applies it. A quarter of the rows pass. Prints the
 * median of some rounds; usage: bench_operators_filter [ROUNDS]. */
#include "operators/room.h"

#include <stdio.h>
#include <stdlib.h>

#include "sluice/catalog.h"
#include "sluice/clock.h"
#include "sluice/predicate.h"

enum { BATCHES = 16, BATCH_ROWS = SL_BATCH_ROWS_MAX, PASSES = 64, ROUNDS_MAX = 101, COLUMNS = 2 };

static const int64_t LIMIT_A = 500;
static const double LIMIT_B = 0.5;
static const uint32_t ARGUMENTS[] = {0, 1};

struct bench {
    struct sl_arena arena;
    struct sl_column columns[COLUMNS];
    struct sl_schema schema;
    struct sl_batch batches[BATCHES];
    struct sl_step steps[COLUMNS][3];
    struct sl_expr predicates[COLUMNS];
    struct sl_param param;
    struct sl_plan_node node;
    struct sl_plan plan;
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    const struct sl_schema *input;
    struct sl_env env;
    void *filter;
    uint16_t selection[BATCH_ROWS];
    uint64_t passed;
};

static void check(enum sl_status status, const struct sl_error *err)
{
    if (status != SL_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static void make_batches(struct bench *bench)
{
    struct sl_error err;
    struct sl_random random;
    sl_random_init(&random, 7);
    for (uint32_t i = 0; i < BATCHES; i++) {
        struct sl_batch *batch = &bench->batches[i];
        *batch = (struct sl_batch){
            .schema = &bench->schema, .row_count = BATCH_ROWS, .selected_count = BATCH_ROWS};
        batch->columns = SL_ARENA_ARRAY(&bench->arena, struct sl_vector, COLUMNS);
        for (uint32_t column = 0; column < COLUMNS; column++) {
            check(sl_vector_init(&batch->columns[column], &bench->columns[column].type, BATCH_ROWS,
                                 &bench->arena, &err),
                  &err);
        }
        for (uint32_t row = 0; row < BATCH_ROWS; row++) {
            ((int64_t *)batch->columns[0].data)[row] = (int64_t)sl_random_below(&random, 1000);
            ((double *)batch->columns[1].data)[row] = sl_random_unit(&random);
        }
    }
}

static void make_predicate(struct bench *bench, uint32_t column, const char *function,
                           const void *limit)
{
    struct sl_step *steps = bench->steps[column];
    struct sl_type type = bench->columns[column].type;
    steps[0] = (struct sl_step){.kind = SL_STEP_COLUMN, .type = type, .column = column};
    steps[1] = (struct sl_step){
        .kind = SL_STEP_CONSTANT, .type = type, .constant = {.bytes = limit, .byte_count = 8}};
    steps[2] = (struct sl_step){.kind = SL_STEP_CALL,
                                .type = sl_type_of(SL_TYPE_BOOLEAN),
                                .function = function,
                                .function_version = 1,
                                .argument_count = 2,
                                .arguments = ARGUMENTS};
    bench->predicates[column] = (struct sl_expr){.steps = steps, .step_count = 3, .text = function};
}

static void bench_open(struct bench *bench)
{
    struct sl_error err;
    sl_arena_init(&bench->arena, NULL, 1 << 20);
    bench->columns[0] = (struct sl_column){"a", sl_type_of(SL_TYPE_BIGINT)};
    bench->columns[1] = (struct sl_column){"b", sl_type_of(SL_TYPE_DOUBLE)};
    bench->schema = (struct sl_schema){COLUMNS, bench->columns};
    make_batches(bench);
    make_predicate(bench, 0, "GT(BIGINT,BIGINT)", &LIMIT_A);
    make_predicate(bench, 1, "LT(DOUBLE,DOUBLE)", &LIMIT_B);
    bench->param = (struct sl_param){
        .name = "predicates", .kind = SL_PARAM_EXPRS, .exprs = bench->predicates, .count = COLUMNS};
    bench->node = (struct sl_plan_node){
        .kind = "filter", .params = &bench->param, .param_count = 1, .schema = bench->schema};
    bench->plan = (struct sl_plan){.nodes = &bench->node, .node_count = 1};
    bench->builtins =
        (struct sl_builtins){.functions = op_function_lists, .operators = op_operators};
    sl_catalog_init(&bench->catalog, &bench->builtins, NULL);
    bench->input = &bench->schema;
    bench->env = (struct sl_env){.plan = &bench->plan,
                                 .node = &bench->node,
                                 .catalog = &bench->catalog,
                                 .inputs = &bench->input,
                                 .input_count = 1,
                                 .worker_count = 1,
                                 .batch_rows = SL_BATCH_ROWS_MAX,
                                 .arena = &bench->arena,
                                 .clock = sl_clock_system(),
                                 .label = "filter"};
    check(sl_catalog_operator(&bench->catalog, "filter")->open(&bench->env, &bench->filter, &err),
          &err);
}

static void run_operator(struct bench *bench, const struct sl_batch *batch)
{
    struct sl_error err;
    struct sl_outs outs = {0};
    enum sl_flow flow = SL_DONE;
    const struct sl_operator_def *def = sl_catalog_operator(&bench->catalog, "filter");
    check(def->process(bench->filter, 0, batch, &outs, &flow, &err), &err);
    bench->passed +=
        outs.batches[SL_OUT_MAIN] == NULL ? 0 : outs.batches[SL_OUT_MAIN]->selected_count;
}

static void run_pushed(struct bench *bench, const struct sl_batch *batch)
{
    struct sl_batch copy = *batch;
    sl_predicate_apply(bench->predicates, COLUMNS, &copy, bench->selection);
    bench->passed += copy.selected_count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *bench, const char *name,
                    void (*run)(struct bench *bench, const struct sl_batch *batch), int rounds)
{
    double rates[ROUNDS_MAX];
    const struct sl_clock *clock = sl_clock_system();
    for (int round = 0; round < rounds; round++) {
        bench->passed = 0;
        int64_t start_ns = clock->monotonic_ns(clock);
        for (uint32_t i = 0; i < PASSES * BATCHES; i++) {
            run(bench, &bench->batches[i % BATCHES]);
        }
        rates[round] = (double)PASSES * BATCHES * BATCH_ROWS * 1e3 /
                       (double)(clock->monotonic_ns(clock) - start_ns);
    }
    qsort(rates, (size_t)rounds, sizeof rates[0], compare);
    printf("%-10s %8.0f M rows/s (best %.0f), %.1f %% pass\n", name, rates[rounds / 2],
           rates[rounds - 1],
           100.0 * (double)bench->passed / (PASSES * BATCHES * (double)BATCH_ROWS));
}

int main(int argument_count, char **arguments)
{
    static struct bench bench;
    long rounds = argument_count > 1 ? strtol(arguments[1], NULL, 10) : 21;
    rounds = SL_MIN(SL_MAX(rounds, 1), ROUNDS_MAX);
    bench_open(&bench);
    measure(&bench, "operator", run_operator, (int)rounds);
    measure(&bench, "pushed", run_pushed, (int)rounds);
    sl_catalog_operator(&bench.catalog, "filter")->close(bench.filter);
    sl_catalog_deinit(&bench.catalog);
    sl_arena_deinit(&bench.arena);
    return 0;
}
