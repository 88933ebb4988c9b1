/* SPDX-License-Identifier: Apache-2.0
 *
 * COUNT(*), SUM, MIN and MAX of a DOUBLE by a BIGINT key and by a string key of 14 bytes, through
 * the operators that serve GROUP BY: rows a second of CPU time, new groups included, at so many
 * groups, drawn evenly. Prints the median of some rounds; usage: bench_operators_group_by GROUPS
 * [ROUNDS [OPERATOR]]. */
#include "operators/room.h"

#include "sluice/catalog.h"
#include "sluice/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    BATCHES = 2048,
    BATCH_ROWS = SL_BATCH_ROWS_MAX,
    PASSES = 4, /* over the batches, a round */
    ROUNDS_MAX = 101,
    KEY_BYTES = 14,
    CALLS = 4
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
    struct sl_column columns[3]; /* ts, key, value */
    struct sl_batch *batches;
};

static void fill_batch(struct rows *rows, struct sl_batch *batch, struct sl_random *random,
                       uint32_t groups, const char *names)
{
    struct sl_error err;
    *batch = (struct sl_batch){
        .schema = &rows->schema, .row_count = BATCH_ROWS, .selected_count = BATCH_ROWS};
    batch->columns = SL_ARENA_ARRAY(&rows->arena, struct sl_vector, 3);
    for (uint32_t i = 0; i < 3; i++) {
        check(sl_vector_init(&batch->columns[i], &rows->columns[i].type, BATCH_ROWS, &rows->arena,
                             &err),
              &err);
    }
    for (uint32_t row = 0; row < BATCH_ROWS; row++) {
        uint64_t group = sl_random_below(random, groups);
        if (names == NULL) {
            ((int64_t *)batch->columns[1].data)[row] = (int64_t)group * 1000003;
        } else {
            ((struct sl_view *)batch->columns[1].data)[row] =
                sl_view_of(names + group * (KEY_BYTES + 1), KEY_BYTES);
        }
        ((double *)batch->columns[2].data)[row] = (double)sl_random_below(random, 1 << 24);
    }
}

static void make_rows(struct rows *rows, uint32_t groups, bool is_string)
{
    struct sl_random random;
    char *names = NULL;
    sl_random_init(&random, 7);
    sl_arena_init(&rows->arena, NULL, 1 << 20);
    rows->columns[0] = (struct sl_column){"ts", sl_type_timestamp(SL_TYPE_TIMESTAMP, 3)};
    rows->columns[1] =
        (struct sl_column){"key", is_string ? sl_type_string() : sl_type_of(SL_TYPE_BIGINT)};
    rows->columns[2] = (struct sl_column){"value", sl_type_of(SL_TYPE_DOUBLE)};
    rows->schema = (struct sl_schema){3, rows->columns};
    if (is_string) {
        names = sl_arena_alloc(&rows->arena, (size_t)groups * (KEY_BYTES + 1));
        for (uint32_t i = 0; i < groups; i++) {
            snprintf(names + (size_t)i * (KEY_BYTES + 1), KEY_BYTES + 1, "sensor-%07u",
                     i % 10000000);
        }
    }
    rows->batches = SL_ARENA_ARRAY(&rows->arena, struct sl_batch, BATCHES);
    for (uint32_t i = 0; i < BATCHES; i++) {
        fill_batch(rows, &rows->batches[i], &random, groups, names);
    }
}

/* One operator in its environment. */
struct bench {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    struct sl_param params[6];
    struct sl_aggregate_call calls[CALLS];
    struct sl_column columns[8];
    struct sl_state_def state_def;
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

static void set_calls(struct bench *bench)
{
    struct sl_type value = sl_type_of(SL_TYPE_DOUBLE);
    struct sl_type count = sl_type_not_null(sl_type_of(SL_TYPE_BIGINT));
    const struct sl_aggregate_call calls[CALLS] = {
        {"COUNT", -1, -1, false, count, count, 1, "COUNT"},
        {"SUM", 2, -1, false, value, value, 1, "SUM"},
        {"MIN", 2, -1, false, value, value, 1, "MIN"},
        {"MAX", 2, -1, false, value, value, 1, "MAX"},
    };
    memcpy(bench->calls, calls, sizeof calls);
    for (uint32_t i = 0; i < CALLS; i++) {
        struct sl_state_def *def = &bench->state_def;
        def->field_count +=
            sl_catalog_aggregate(&bench->catalog, calls[i].function)
                ->accumulator(&calls[i].argument_type, def->fields + def->field_count);
    }
}

static void set_schema(struct bench *bench, bool is_window)
{
    struct sl_type time = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    uint32_t count = 0;
    bench->columns[count++] = bench->inputs[0]->columns[1];
    for (uint32_t i = 0; i < CALLS; i++) {
        bench->columns[count++] =
            (struct sl_column){bench->calls[i].function, bench->calls[i].result_type};
    }
    if (is_window) {
        bench->columns[count++] = (struct sl_column){"window_start", time};
        bench->columns[count++] = (struct sl_column){"window_end", time};
        bench->columns[count++] = (struct sl_column){"window_time", time};
    }
    bench->node.schema = (struct sl_schema){count, bench->columns};
}

static void set_node(struct bench *bench, const struct rows *rows, const char *kind)
{
    const struct sl_param params[] = {
        {.name = "keys", .kind = SL_PARAM_COLUMNS, .columns = KEYS, .count = 1},
        {.name = "aggregates",
         .kind = SL_PARAM_AGGREGATES,
         .aggregates = bench->calls,
         .count = CALLS},
        {.name = "input", .kind = SL_PARAM_SCHEMA, .schema = rows->schema},
        {.name = "assigner", .kind = SL_PARAM_STRING, .string = "TUMBLE"},
        {.name = "size_ms", .kind = SL_PARAM_INT64, .integer = 10000},
        {.name = "rowtime", .kind = SL_PARAM_INT64, .integer = 0},
    };
    memcpy(bench->params, params, sizeof params);
    bench->node = (struct sl_plan_node){.kind = kind,
                                        .params = bench->params,
                                        .param_count = SL_COUNT_OF(params),
                                        .states = &bench->state_def,
                                        .state_count = 1};
}

static void bench_open(struct bench *bench, const struct rows *rows, const char *kind)
{
    struct sl_error err;
    bool is_window = strcmp(kind, "global_window_aggregate") == 0;
    *bench = (struct bench){.account = {.name = "bench"}};
    sl_arena_init(&bench->arena, NULL, 0);
    bench->builtins.aggregates = op_aggregates;
    bench->builtins.operators = op_operators;
    sl_catalog_init(&bench->catalog, &bench->builtins, NULL);
    bench->state_def = (struct sl_state_def){.name = "groups", .kind = SL_STATE_HASH, .version = 1};
    if (!is_window) {
        bench->state_def.fields[bench->state_def.field_count++] =
            (struct sl_state_field){"row_count", SL_W8};
    }
    set_calls(bench);
    bench->inputs[0] = &rows->schema;
    set_node(bench, rows, kind);
    set_schema(bench, is_window);
    check(sl_state_table_create(&bench->state_def, &bench->account, &bench->state, &err), &err);
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

static void run_round(struct bench *bench, const struct rows *rows)
{
    struct sl_error err;
    for (uint32_t i = 0; i < PASSES * BATCHES; i++) {
        enum sl_flow flow = SL_MORE;
        while (flow == SL_MORE) {
            struct sl_outs outs = {0};
            check(bench->def->process(bench->instance, 0, &rows->batches[i % BATCHES], &outs, &flow,
                                      &err),
                  &err);
            bench->rows_out +=
                outs.batches[SL_OUT_MAIN] == NULL ? 0 : outs.batches[SL_OUT_MAIN]->selected_count;
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Of this process: other load on the machine does less harm than to wall time. */
static double cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void measure(const struct rows *rows, const char *kind, uint32_t groups, uint32_t rounds)
{
    static struct bench bench;
    double figures[ROUNDS_MAX];
    double row_count = (double)PASSES * BATCHES * BATCH_ROWS;
    for (uint32_t round = 0; round < rounds; round++) {
        bench_open(&bench, rows, kind);
        double start = cpu_ns();
        run_round(&bench, rows);
        figures[round] = (cpu_ns() - start) / row_count;
        bench_close(&bench);
    }
    qsort(figures, rounds, sizeof figures[0], compare_doubles);
    printf("G=%-9u %-7s %-24s med %7.1f Mrows/s best %7.1f  (%.2f ns/row)\n", groups,
           rows->columns[1].type.id == SL_TYPE_BIGINT ? "int64" : "str14", kind,
           1e3 / figures[rounds / 2], 1e3 / figures[0], figures[rounds / 2]);
    fflush(stdout);
}

static void measure_all(uint32_t groups, uint32_t rounds, const char *only)
{
    static const char *const kinds[] = {"global_window_aggregate", "group_aggregate"};
    for (uint32_t is_string = 0; is_string < 2; is_string++) {
        struct rows rows;
        make_rows(&rows, groups, is_string != 0);
        for (uint32_t i = 0; i < SL_COUNT_OF(kinds); i++) {
            if (only == NULL || strcmp(only, kinds[i]) == 0) {
                measure(&rows, kinds[i], groups, rounds);
            }
        }
        sl_arena_deinit(&rows.arena);
    }
}

int main(int argc, char **argv)
{
    int64_t groups = 0;
    int64_t rounds = 5;
    if (argc < 2 || !sl_parse_int64(argv[1], strlen(argv[1]), &groups) ||
        (argc > 2 && !sl_parse_int64(argv[2], strlen(argv[2]), &rounds)) || groups < 1 ||
        groups > 100000000) {
        printf(
            "usage: bench_operators_group_by GROUPS [ROUNDS [OPERATOR]]; see bench/group_by.sh\n");
        return 0;
    }
    rounds = SL_MIN(SL_MAX(rounds, 1), ROUNDS_MAX);
    measure_all((uint32_t)groups, (uint32_t)rounds, argc > 3 ? argv[3] : NULL);
    return 0;
}
