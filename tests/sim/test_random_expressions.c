/* SPDX-License-Identifier: Apache-2.0
 *
 * Random expressions as SQL text, through the planner and the vectorised operators, against a naive
 * interpreter of rows. SLUICE_SEEDS=n tries that many, SLUICE_SEED=n replays one; a difference is
 * reported for the smallest part of the expression that shows it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/engine.h"
#include "sluice/predicate.h"

#include "operators/room.h"
#include "sql/room.h"
#include "support_tree.h"

enum {
    SEEDS = 1000,
    COLUMNS_MAX = 32,
    ROWS_MAX = 120,
    BATCHES = 2,
    EXPRESSIONS = 3,
    DEPTH_MAX = 6,
    REPORTS_MAX = 25
};

static bool is_bounded(const struct sl_options *options)
{
    (void)options;
    return true;
}

static const struct sl_option_def no_options[] = {{.name = NULL}};
static const struct sl_source_def no_source;
static const struct sl_connector_def rows_connector = {.name = "rows",
                                                       .options = no_options,
                                                       .source = &no_source,
                                                       .is_bounded = is_bounded,
                                                       .source_guarantee = "exactly once"};
static const struct sl_connector_def *const connectors[] = {&rows_connector, NULL};
static const struct sl_codec_def *const codecs[] = {NULL};
static const struct sl_offload_def *const offloads[] = {NULL};
static const char *const missing[] = {NULL};

/* One seed: a table, its rows and the catalog that knows it. */
struct world {
    uint64_t seed;
    struct generator generator;
    struct sl_arena arena;   /* trees and rows */
    struct sl_arena results; /* of one evaluation */
    struct sl_account account;
    struct sl_builtins builtins;
    struct sl_catalog catalog;
    struct sl_schema schema;
    struct sl_column columns[COLUMNS_MAX];
    const char *names[COLUMNS_MAX];
    struct sl_type types[COLUMNS_MAX];
    struct tree_columns tree_columns;
    struct sl_batch batches[BATCHES];
    struct value *rows[BATCHES]; /* ROWS_MAX times column_count */
    struct sl_options settings;
    struct sl_option setting_items[2];
    bool null_errors; /* table.exec.expression-error is null */
    uint32_t batch_rows;
};

/* How many rows came out how, of all seeds: that the test looks at something. */
static struct {
    uint64_t values;
    uint64_t nulls;
    uint64_t errors;
    uint64_t dropped;
} tally;

/* What became of a row. */
enum fate { FATE_DROPPED, FATE_OUT, FATE_REJECTED };

struct outcome {
    enum fate fate[ROWS_MAX];
    struct value values[ROWS_MAX];
    const char *reasons[ROWS_MAX];
};

static uint64_t below(struct world *world, uint64_t bound)
{
    return generator_below(&world->generator, bound);
}

static void add_column(struct world *world, struct sl_type type)
{
    const uint32_t idx = world->schema.column_count++;
    type.nullable = below(world, 4) != 0;
    world->names[idx] = sl_arena_printf(&world->arena, "c%u", idx);
    world->types[idx] = type;
    world->columns[idx] = (struct sl_column){.name = world->names[idx], .type = type};
}

static void add_columns(struct world *world)
{
    static const enum sl_type_id plain[] = {SL_TYPE_BOOLEAN, SL_TYPE_TINYINT,  SL_TYPE_SMALLINT,
                                            SL_TYPE_INT,     SL_TYPE_BIGINT,   SL_TYPE_FLOAT,
                                            SL_TYPE_DOUBLE,  SL_TYPE_DATE,     SL_TYPE_VARCHAR,
                                            SL_TYPE_VARCHAR, SL_TYPE_VARBINARY};
    static const enum sl_type_id varying[] = {SL_TYPE_CHAR, SL_TYPE_VARCHAR, SL_TYPE_BINARY};
    for (size_t idx = 0; idx < SL_COUNT_OF(plain); idx++) {
        add_column(world, sl_type_of(plain[idx]));
    }
    for (uint32_t idx = 0; idx < 3; idx++) {
        const uint32_t precision = 1 + (uint32_t)below(world, idx == 0 ? 18 : 38);
        struct sl_type type = sl_type_of(varying[idx]);
        type.length = 1 + (uint32_t)below(world, 20);
        add_column(world, type);
        add_column(world, sl_type_decimal(precision, (uint32_t)below(world, precision + 1)));
        add_column(world,
                   sl_type_timestamp(SL_TYPE_TIMESTAMP, 3 * idx + (uint32_t)below(world, 4)));
    }
    struct sl_type time = sl_type_of(SL_TYPE_TIME);
    time.precision = (uint8_t)below(world, 4);
    add_column(world, time);
    add_column(world, sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, (uint32_t)below(world, 10)));
    add_column(world, sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3));
}

static void store(struct sl_vector *vector, uint32_t at, const struct value *value)
{
    char *data = (char *)vector->data + (size_t)at * sl_physical_width(vector->physical);
    const float narrow = (float)value->real;
    if (vector->physical == SL_VIEW) {
        const struct sl_view view = sl_view_of(value->data, value->length);
        memcpy(data, &view, sizeof view);
    } else if (vector->type.id == SL_TYPE_FLOAT) {
        memcpy(data, &narrow, sizeof narrow);
    } else if (vector->type.id == SL_TYPE_DOUBLE) {
        memcpy(data, &value->real, sizeof value->real);
    } else {
        memcpy(data, &value->integer, sl_physical_width(vector->physical));
    }
}

static struct value load(const struct sl_vector *vector, uint32_t row)
{
    const uint32_t at = sl_vector_index(vector, row);
    const char *data =
        (const char *)vector->data + (size_t)at * sl_physical_width(vector->physical);
    struct value value = {.is_null = !sl_vector_is_valid(vector, row)};
    if (value.is_null) {
        return value;
    }
    if (vector->physical == SL_VIEW) {
        value.data = sl_view_data((const struct sl_view *)(const void *)data);
        value.length = ((const struct sl_view *)(const void *)data)->length;
    } else if (vector->type.id == SL_TYPE_FLOAT) {
        float narrow;
        memcpy(&narrow, data, sizeof narrow);
        value.real = (double)narrow;
    } else if (vector->type.id == SL_TYPE_DOUBLE) {
        memcpy(&value.real, data, sizeof value.real);
    } else {
        const uint32_t width = sl_physical_width(vector->physical);
        memset(&value.integer, (data[width - 1] & 0x80) != 0 ? 0xff : 0, sizeof value.integer);
        memcpy(&value.integer, data, width);
    }
    return value;
}

/* What nobody may look at: in NULL rows and in rows that are not selected. */
static void poison(struct world *world, struct sl_vector *vector, uint32_t at)
{
    struct value garbage = generate_value(&world->generator, &vector->type);
    store(vector, at, &garbage);
    if (vector->physical == SL_VIEW) {
        struct sl_view *view = &((struct sl_view *)vector->data)[at];
        memset(view, 0x5a, sizeof *view);
    }
}

static void fill_column(struct world *world, struct sl_batch *batch, struct value *rows,
                        uint32_t column)
{
    struct sl_vector *vector = &batch->columns[column];
    const uint32_t column_count = world->schema.column_count;
    const bool is_constant = below(world, 7) == 0;
    const uint64_t null_percent = !vector->type.nullable ? 0
                                  : below(world, 6) == 0 ? 100
                                                         : below(world, 3) * 20;
    struct sl_error err = {0};
    assert_int_equal(
        sl_vector_init(vector, &world->types[column], batch->row_count, &world->arena, &err),
        SL_OK);
    if (null_percent > 0) {
        assert_int_equal(sl_vector_ensure_validity(vector, &world->arena, &err), SL_OK);
    }
    vector->encoding = is_constant ? SL_CONST : SL_FLAT;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        struct value *value = &rows[row * column_count + column];
        if (is_constant && row > 0) {
            *value = rows[column];
            continue;
        }
        *value = below(world, 100) < null_percent
                     ? value_null()
                     : generate_value(&world->generator, &world->types[column]);
        if (value->is_null) {
            sl_bitmap_clear(vector->validity, row);
            poison(world, vector, row);
        } else {
            store(vector, row, value);
        }
    }
}

static void select_rows(struct world *world, struct sl_batch *batch)
{
    batch->selected_count = batch->row_count;
    if (below(world, 2) == 0) {
        return;
    }
    batch->selection = SL_ARENA_ARRAY(&world->arena, uint16_t, batch->row_count);
    batch->selected_count = 0;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        if (below(world, 3) != 0) {
            batch->selection[batch->selected_count++] = (uint16_t)row;
            continue;
        }
        for (uint32_t column = 0; column < world->schema.column_count; column++) {
            struct sl_vector *vector = &batch->columns[column];
            if (vector->encoding == SL_FLAT) {
                poison(world, vector, row);
            }
        }
    }
}

static void make_batch(struct world *world, uint32_t idx)
{
    struct sl_batch *batch = &world->batches[idx];
    batch->schema = &world->schema;
    batch->row_count = 1 + (uint32_t)below(world, ROWS_MAX);
    batch->columns = SL_ARENA_ARRAY(&world->arena, struct sl_vector, world->schema.column_count);
    batch->runs = SL_ARENA_NEW(&world->arena, struct sl_run);
    batch->run_count = 1;
    world->rows[idx] =
        SL_ARENA_ARRAY(&world->arena, struct value, batch->row_count * world->schema.column_count);
    for (uint32_t column = 0; column < world->schema.column_count; column++) {
        fill_column(world, batch, world->rows[idx], column);
    }
    select_rows(world, batch);
}

static enum sl_status compile(struct world *world, const char *sql, struct sl_arena *arena,
                              struct sl_script *script, struct sl_error *err)
{
    return sql_planner.compile(&world->catalog, sql, strlen(sql), &world->settings, NULL, arena,
                               script, err);
}

static void create_table(struct world *world)
{
    struct sl_script script;
    struct sl_error err = {0};
    struct sl_text sql;
    char type[SL_TYPE_TEXT_BYTES];
    sl_text_init(&sql, NULL, 0);
    sl_text_append_string(&sql, "CREATE TABLE t (");
    for (uint32_t idx = 0; idx < world->schema.column_count; idx++) {
        sl_text_printf(&sql, "%s%s %s", idx == 0 ? "" : ", ", world->names[idx],
                       sl_type_format(&world->types[idx], type, sizeof type));
    }
    sl_text_printf(&sql, ") WITH ('connector' = 'rows')");
    sl_text_append_char(&sql, '\0');
    if (compile(world, sql.data, &world->arena, &script, &err) != SL_OK) {
        fail_msg("%s: %s", sql.data, err.text);
    }
    sl_text_deinit(&sql);
}

static void choose_settings(struct world *world)
{
    static const struct {
        const char *name;
        const char *posix;
    } zones[] = {{"UTC", NULL},
                 {"+05:30", "<+0530>-5:30"},
                 {"Europe/Berlin", "Europe/Berlin"},
                 {"America/New_York", "America/New_York"}};
    const size_t zone = below(world, 3) != 0 ? 0 : below(world, SL_COUNT_OF(zones));
    interpreter_set_zone(zones[zone].posix);
    world->null_errors = below(world, 4) == 0;
    world->setting_items[0] =
        (struct sl_option){.name = "table.local-time-zone", .value = zones[zone].name};
    world->setting_items[1] = (struct sl_option){.name = "table.exec.expression-error",
                                                 .value = world->null_errors ? "null" : "reject"};
    world->settings = (struct sl_options){.items = world->setting_items, .count = 2};
}

static void open_world(struct world *world, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->seed = seed;
    sl_arena_init(&world->arena, NULL, 0);
    sl_arena_init(&world->results, NULL, 0);
    sl_random_init(&world->generator.random, seed);
    world->generator.arena = &world->arena;
    world->builtins = (struct sl_builtins){.connectors = connectors,
                                           .codecs = codecs,
                                           .operators = op_operators,
                                           .functions = op_function_lists,
                                           .aggregates = op_aggregates,
                                           .offloads = offloads,
                                           .missing_connectors = missing};
    sl_catalog_init(&world->catalog, &world->builtins, NULL);
    world->schema.columns = world->columns;
    add_columns(world);
    world->tree_columns = (struct tree_columns){
        .count = world->schema.column_count, .names = world->names, .types = world->types};
    world->generator.columns = &world->tree_columns;
    choose_settings(world);
    world->batch_rows = below(world, 8) == 0 ? 64 : 128; /* or less than there are in a batch */
    create_table(world);
    for (uint32_t idx = 0; idx < BATCHES; idx++) {
        make_batch(world, idx);
    }
}

static void close_world(struct world *world)
{
    sl_catalog_deinit(&world->catalog);
    sl_arena_deinit(&world->results);
    sl_arena_deinit(&world->arena);
    assert_int_equal(sl_account_used(&world->account), 0);
}

/* A chain of operators behind a source. */
struct stage {
    const struct sl_operator_def *def;
    struct sl_env env;
    struct sl_arena arena;
    const struct sl_schema *input;
    void *state;
};

struct chain {
    const struct sl_plan_node *source;
    struct stage stages[8];
    uint32_t stage_count;
    struct sl_metric_set *metrics;
};

static enum sl_status open_chain(struct world *world, const struct sl_plan *plan,
                                 struct chain *chain, struct sl_error *err)
{
    memset(chain, 0, sizeof *chain);
    chain->source = &plan->nodes[0];
    chain->metrics = sl_metric_set_create(NULL);
    const struct sl_schema *input = &chain->source->schema;
    for (uint32_t idx = 1; idx < plan->node_count; idx++) {
        const struct sl_plan_node *node = &plan->nodes[idx];
        const struct sl_operator_def *def = sl_catalog_operator(&world->catalog, node->kind);
        if (def == NULL) {
            break;
        }
        struct stage *stage = &chain->stages[chain->stage_count++];
        sl_arena_init(&stage->arena, &world->account, 0);
        stage->def = def;
        stage->input = input;
        stage->env = (struct sl_env){.plan = plan,
                                     .node = node,
                                     .catalog = &world->catalog,
                                     .inputs = &stage->input,
                                     .input_count = 1,
                                     .worker_count = 1,
                                     .batch_rows = world->batch_rows,
                                     .account = &world->account,
                                     .arena = &stage->arena,
                                     .metrics = chain->metrics,
                                     .label = node->kind,
                                     .restored_watermark = INT64_MIN};
        SL_TRY(def->open(&stage->env, &stage->state, err));
        input = &node->schema;
    }
    return SL_OK;
}

static void close_chain(struct chain *chain)
{
    for (uint32_t idx = 0; idx < chain->stage_count; idx++) {
        chain->stages[idx].def->close(chain->stages[idx].state);
        sl_arena_deinit(&chain->stages[idx].arena);
    }
    sl_metric_set_destroy(chain->metrics);
}

static void note_rejected(struct world *world, const struct sl_batch *rejected,
                          struct outcome *outcome)
{
    for (uint32_t idx = 0; rejected != NULL && idx < rejected->selected_count; idx++) {
        const struct value reason = load(&rejected->columns[0], idx);
        const struct value position = load(&rejected->columns[3], idx);
        assert_true(position.integer >= 0 && position.integer < ROWS_MAX);
        assert_int_equal(outcome->fate[position.integer], FATE_DROPPED);
        outcome->fate[position.integer] = FATE_REJECTED;
        outcome->reasons[position.integer] =
            sl_arena_copy(&world->results, reason.data, reason.length);
    }
}

/* The columns that the source node reads, with its predicates applied. */
static struct sl_batch read_source(struct world *world, const struct chain *chain, uint32_t idx)
{
    const struct sl_param *columns = sl_plan_param(chain->source, "columns");
    const struct sl_param *predicates = sl_plan_param(chain->source, "predicates");
    struct sl_batch batch = world->batches[idx];
    batch.schema = &chain->source->schema;
    batch.columns = SL_ARENA_ARRAY(&world->results, struct sl_vector, columns->count + 1);
    for (uint32_t column = 0; column < columns->count; column++) {
        batch.columns[column] = world->batches[idx].columns[columns->columns[column]];
    }
    if (predicates != NULL && predicates->count > 0) {
        uint16_t *selection = SL_ARENA_ARRAY(&world->results, uint16_t, SL_BATCH_ROWS_MAX);
        sl_predicate_apply(predicates->exprs, predicates->count, &batch, selection);
    }
    return batch;
}

static enum sl_status run_chain(struct world *world, struct chain *chain, uint32_t batch_idx,
                                struct outcome *outcome, struct sl_error *err)
{
    struct sl_batch source = read_source(world, chain, batch_idx);
    const struct sl_batch *batch = &source;
    memset(outcome, 0, sizeof *outcome);
    for (uint32_t idx = 0; idx < chain->stage_count; idx++) {
        struct stage *stage = &chain->stages[idx];
        const struct sl_batch *out = NULL;
        enum sl_flow flow = SL_MORE;
        while (batch->selected_count > 0 && flow == SL_MORE) {
            struct sl_outs outs = {.signal.kind = SL_SIGNAL_NONE};
            SL_TRY(stage->def->process(stage->state, 0, batch, &outs, &flow, err));
            note_rejected(world, outs.batches[SL_OUT_REJECTED], outcome);
            out = outs.batches[SL_OUT_MAIN];
        }
        if (out == NULL) {
            return SL_OK;
        }
        batch = out;
    }
    for (uint32_t idx = 0; idx < batch->selected_count; idx++) {
        const uint32_t row = sl_batch_row(batch, idx);
        assert_int_equal(outcome->fate[row], FATE_DROPPED);
        outcome->fate[row] = FATE_OUT;
        outcome->values[row] = load(&batch->columns[0], row);
    }
    return SL_OK;
}

/* A query, and the first row where it differs. */
struct query {
    const struct tree *projection;
    const struct tree *where; /* or NULL */
};

static const char *query_text(struct world *world, const struct query *query)
{
    struct sl_text sql;
    sl_text_init(&sql, NULL, 0);
    sl_text_append_string(&sql, "SELECT ");
    tree_print(query->projection, &sql);
    sl_text_append_string(&sql, " FROM t");
    if (query->where != NULL) {
        sl_text_append_string(&sql, " WHERE ");
        tree_print(query->where, &sql);
    }
    const char *text = sl_arena_copy(&world->arena, sql.data, sql.length);
    sl_text_deinit(&sql);
    return text;
}

static bool same_value(const struct value *a, const struct value *b, const struct sl_type *type)
{
    if (a->is_null || b->is_null) {
        return a->is_null && b->is_null;
    }
    if (type->id == SL_TYPE_FLOAT || type->id == SL_TYPE_DOUBLE) {
        return isnan(a->real) ? isnan(b->real) : memcmp(&a->real, &b->real, sizeof a->real) == 0;
    }
    if (sl_type_physical(type) == SL_VIEW) {
        return a->length == b->length &&
               (a->length == 0 || memcmp(a->data, b->data, a->length) == 0);
    }
    return a->integer == b->integer;
}

static const char *show(struct world *world, const struct value *value, const struct sl_type *type)
{
    struct sl_text text;
    if (value->error != SL_ROW_NONE) {
        return sl_arena_printf(&world->arena, "!%s", sl_row_error_text(value->error));
    }
    if (value->is_null) {
        return "NULL";
    }
    sl_text_init(&text, NULL, 0);
    value_print(value, type, &text);
    const char *copy = sl_arena_copy(&world->arena, text.data, text.length);
    sl_text_deinit(&text);
    return sl_arena_printf(&world->arena, "[%s]", copy);
}

static bool may_be_dropped(struct interpreter *interpreter, const struct tree *where);

/* a BETWEEN b AND c as its conjunct of b or c. */
static bool may_bound_drop(struct interpreter *interpreter, const struct tree *between,
                           enum tree_kind kind, uint32_t bound)
{
    struct tree *children[] = {between->children[0], between->children[bound]};
    const struct tree comparison = {
        .kind = kind, .type = between->type, .child_count = 2, .children = children};
    return may_be_dropped(interpreter, &comparison);
}

/* Conjuncts that are not TRUE may drop a row before another one rejects it. */
static bool may_be_dropped(struct interpreter *interpreter, const struct tree *where)
{
    if (where->kind == TREE_AND) {
        return may_be_dropped(interpreter, where->children[0]) ||
               may_be_dropped(interpreter, where->children[1]);
    }
    if (where->kind == TREE_BETWEEN && !where->is_negated && !where->is_symmetric) {
        return may_bound_drop(interpreter, where, TREE_GE, 1) ||
               may_bound_drop(interpreter, where, TREE_LE, 2);
    }
    const struct value value = interpret(interpreter, where);
    return value.error == SL_ROW_NONE && (value.is_null || value.integer == 0);
}

/* NULL when the row came out as it should, else what should have. */
static const char *check_row(struct world *world, const struct query *query, uint32_t batch,
                             uint32_t row, const struct outcome *outcome)
{
    struct interpreter interpreter = {.arena = &world->results,
                                      .row = &world->rows[batch][row * world->schema.column_count]};
    struct value condition = value_integer(1);
    if (query->where != NULL) {
        condition = interpret(&interpreter, query->where);
    }
    if (condition.error != SL_ROW_NONE && world->null_errors) {
        condition = value_null();
    }
    if (condition.error != SL_ROW_NONE && outcome->fate[row] == FATE_DROPPED &&
        may_be_dropped(&interpreter, query->where)) {
        return NULL;
    }
    if (condition.error == SL_ROW_NONE && (condition.is_null || condition.integer == 0)) {
        tally.dropped++;
        return outcome->fate[row] == FATE_DROPPED ? NULL : "no row";
    }
    struct value expected =
        condition.error != SL_ROW_NONE ? condition : interpret(&interpreter, query->projection);
    if (expected.error != SL_ROW_NONE && world->null_errors) {
        expected = value_null();
    }
    const bool is_same =
        expected.error != SL_ROW_NONE
            ? outcome->fate[row] == FATE_REJECTED &&
                  strcmp(outcome->reasons[row], sl_row_error_text(expected.error)) == 0
            : outcome->fate[row] == FATE_OUT &&
                  same_value(&expected, &outcome->values[row], &query->projection->type);
    tally.errors += expected.error != SL_ROW_NONE;
    tally.nulls += expected.is_null;
    tally.values += expected.error == SL_ROW_NONE && !expected.is_null;
    return is_same ? NULL : show(world, &expected, &query->projection->type);
}

static const char *show_columns(struct world *world, const struct tree *tree,
                                const struct value *row, const char *text)
{
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        text = show_columns(world, tree->children[idx], row, text);
    }
    return tree->kind != TREE_COLUMN
               ? text
               : sl_arena_printf(&world->arena, "%s %s=%s", text, tree->text,
                                 show(world, &row[tree->column], &tree->type));
}

static const char *describe(struct world *world, const struct query *query, uint32_t batch,
                            uint32_t row, const struct outcome *outcome, const char *expected)
{
    const struct value *values = &world->rows[batch][row * world->schema.column_count];
    const char *found = outcome->fate[row] == FATE_DROPPED ? "no row"
                        : outcome->fate[row] == FATE_OUT
                            ? show(world, &outcome->values[row], &query->projection->type)
                            : sl_arena_printf(&world->arena, "!%s", outcome->reasons[row]);
    const char *columns = show_columns(world, query->projection, values, "");
    if (query->where != NULL) {
        columns = show_columns(world, query->where, values, columns);
    }
    return sl_arena_printf(&world->arena, "  batch %u row %u:%s\n  expected %s\n  found    %s",
                           batch, row, columns, expected, found);
}

static const char *check_type(struct world *world, const struct query *query,
                              const struct chain *chain)
{
    char expected[SL_TYPE_TEXT_BYTES];
    char found[SL_TYPE_TEXT_BYTES];
    const struct sl_schema *schema = chain->stage_count == 0
                                         ? &chain->source->schema
                                         : &chain->stages[chain->stage_count - 1].env.node->schema;
    struct sl_type type = schema->columns[0].type;
    struct sl_type wanted = query->projection->type;
    type.nullable = true;
    wanted.nullable = true;
    return sl_type_equal(&type, &wanted, false)
               ? NULL
               : sl_arena_printf(&world->arena, "  expected type %s\n  found type    %s",
                                 sl_type_format(&wanted, expected, sizeof expected),
                                 sl_type_format(&type, found, sizeof found));
}

static const char *check_batches(struct world *world, const struct query *query,
                                 struct chain *chain, struct sl_error *err)
{
    struct outcome outcome;
    for (uint32_t batch = 0; batch < BATCHES; batch++) {
        if (run_chain(world, chain, batch, &outcome, err) != SL_OK) {
            return sl_arena_printf(&world->arena, "  does not run: %s", err->text);
        }
        for (uint32_t idx = 0; idx < world->batches[batch].selected_count; idx++) {
            const uint32_t row = sl_batch_row(&world->batches[batch], idx);
            const char *expected = check_row(world, query, batch, row, &outcome);
            if (expected != NULL) {
                return describe(world, query, batch, row, &outcome, expected);
            }
        }
    }
    return NULL;
}

/* NULL when the engine and the interpreter agree, else in what they do not. */
static const char *check(struct world *world, const struct query *query)
{
    struct sl_error err = {0};
    struct sl_script script;
    struct sl_arena arena;
    struct chain chain;
    const char *difference;
    sl_arena_reset(&world->results);
    sl_arena_init(&arena, NULL, 0);
    if (compile(world, query_text(world, query), &arena, &script, &err) != SL_OK) {
        difference = sl_arena_printf(&world->arena, "  does not compile: %s", err.text);
        sl_arena_deinit(&arena);
        return difference;
    }
    if (open_chain(world, script.jobs[0].plan, &chain, &err) != SL_OK) {
        difference = sl_arena_printf(&world->arena, "  does not open: %s", err.text);
    } else {
        difference = check_type(world, query, &chain);
        if (difference == NULL) {
            difference = check_batches(world, query, &chain, &err);
        }
    }
    close_chain(&chain);
    sl_arena_deinit(&arena);
    return difference;
}

/* The smallest part that differs by itself. */
static void report(struct world *world, struct query query, const char *difference)
{
    for (uint32_t idx = 0; query.where == NULL && idx < query.projection->child_count; idx++) {
        const struct query part = {.projection = query.projection->children[idx]};
        const char *inner = part.projection->type.id == SL_TYPE_NULL ? NULL : check(world, &part);
        if (inner != NULL) {
            query = part;
            difference = inner;
            idx = UINT32_MAX;
        }
    }
    if (query.where != NULL) {
        const struct query part = {.projection = query.where};
        const char *inner = check(world, &part);
        if (inner != NULL) {
            report(world, part, inner);
            return;
        }
    }
    fprintf(stderr, "SLUICE_SEED=%llu\n  %s\n%s\n", (unsigned long long)world->seed,
            query_text(world, &query), difference);
}

static uint32_t run_seed(uint64_t seed, uint32_t report_count)
{
    struct world world;
    uint32_t difference_count = 0;
    open_world(&world, seed);
    for (uint32_t idx = 0; idx < EXPRESSIONS; idx++) {
        const int depth = 1 + (int)below(&world, DEPTH_MAX);
        struct query query = {
            .projection =
                generate(&world.generator, (enum tree_family)below(&world, FAMILY_COUNT), depth)};
        if (below(&world, 4) == 0) {
            query.where =
                generate(&world.generator, FAMILY_BOOLEAN, 1 + (int)below(&world, DEPTH_MAX));
        }
        const char *difference = check(&world, &query);
        if (difference != NULL) {
            difference_count++;
            if (report_count + difference_count <= REPORTS_MAX) {
                report(&world, query, difference);
            }
        }
    }
    close_world(&world);
    return difference_count;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void test_random_expressions(void **state)
{
    (void)state;
    uint64_t first = number_of("SLUICE_SEED", 1);
    const uint64_t count = getenv("SLUICE_SEED") != NULL ? 1 : number_of("SLUICE_SEEDS", SEEDS);
    uint32_t difference_count = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        difference_count += run_seed(seed, difference_count);
    }
    print_message("%llu values, %llu NULLs, %llu failures, %llu rows dropped\n",
                  (unsigned long long)tally.values, (unsigned long long)tally.nulls,
                  (unsigned long long)tally.errors, (unsigned long long)tally.dropped);
    if (difference_count > 0) {
        fail_msg("%u expressions differ", difference_count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_expressions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
