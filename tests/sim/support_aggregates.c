/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan nodes of the real aggregates, and what they must come to. Always true: the reference looks
 * at each row by itself and knows nothing of panes, accumulators or workers. */
#include "support_sim.h"

#include <string.h>

enum { CALLS_MAX = 4, FIELDS_MAX = 16 };

/* One aggregation: static, because plans point into it and it is the same in all of them. */
struct aggregation {
    bool is_windowed;
    const char *const *names;
    const int32_t *arguments;
    uint32_t call_count;
    struct sl_aggregate_call calls[CALLS_MAX];
    struct sl_column partial[FIELDS_MAX];
    struct sl_column result[FIELDS_MAX];
    struct sl_schema partial_schema;
    struct sl_schema result_schema;
    struct sl_state_def state;
};

static const uint32_t key_column = SIM_KEY;

static void add_column(struct sl_schema *schema, const char *name, struct sl_type type)
{
    struct sl_column *columns = (struct sl_column *)schema->columns;
    SL_ASSERT(schema->column_count < FIELDS_MAX);
    columns[schema->column_count++] = (struct sl_column){name, type};
}

static void add_call(struct aggregation *made, uint32_t idx)
{
    const struct sl_aggregate_def *const *def = sim_builtins.aggregates;
    while (strcmp((*def)->name, made->names[idx]) != 0) {
        def++;
    }
    struct sl_aggregate_call *call = &made->calls[idx];
    bool is_star = made->arguments[idx] < 0;
    *call = (struct sl_aggregate_call){.function = (*def)->name,
                                       .argument = made->arguments[idx],
                                       .filter = -1,
                                       .argument_type = sl_type_of(SL_TYPE_BIGINT),
                                       .version = (*def)->version,
                                       .text = (*def)->name};
    SL_ASSERT((*def)->result_type(&call->argument_type, NULL, is_star ? 0 : 1, &call->result_type,
                                  NULL) == SL_OK);
    add_column(&made->result_schema, call->text, call->result_type);
    struct sl_state_field *fields = made->state.fields + made->state.field_count;
    uint32_t count = (*def)->accumulator(&call->argument_type, fields);
    for (uint32_t i = 0; i < count; i++) {
        add_column(&made->partial_schema, fields[i].name, sl_state_field_type(&fields[i]));
    }
    made->state.field_count += count;
}

static void make(struct aggregation *made)
{
    struct sl_type time = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    made->partial_schema.columns = made->partial;
    made->result_schema.columns = made->result;
    made->state = (struct sl_state_def){
        .name = made->is_windowed ? "panes" : "groups", .scope = SL_STATE_KEYED, .version = 1};
    add_column(&made->partial_schema, "key", sim_schema.columns[SIM_KEY].type);
    add_column(&made->result_schema, "key", sim_schema.columns[SIM_KEY].type);
    add_column(&made->partial_schema, made->is_windowed ? "pane_end" : "row_count",
               sl_type_of(SL_TYPE_BIGINT));
    if (!made->is_windowed) {
        made->state.fields[made->state.field_count++] = (struct sl_state_field){"row_count", SL_W8};
    }
    for (uint32_t i = 0; i < made->call_count; i++) {
        add_call(made, i);
    }
    if (made->is_windowed) {
        add_column(&made->result_schema, "window_start", time);
        add_column(&made->result_schema, "window_end", time);
        add_column(&made->result_schema, "window_time", time);
    }
}

/* One half: behind `input`, whose raw rows are of `raw`. */
static int add_half(struct sim_plan *plan, const char *kind, int input,
                    const struct aggregation *made, const struct sl_schema *raw)
{
    int node = sim_add(plan, kind, input, -1);
    struct sl_param *keys = sim_param(plan, node, "keys", SL_PARAM_COLUMNS);
    keys->columns = &key_column;
    keys->count = 1;
    struct sl_param *calls = sim_param(plan, node, "aggregates", SL_PARAM_AGGREGATES);
    calls->aggregates = made->calls;
    calls->count = made->call_count;
    sim_param(plan, node, "input", SL_PARAM_SCHEMA)->schema = *raw;
    return node;
}

static void set_window(struct sim_plan *plan, int node, int64_t size_ms, int64_t slide_ms)
{
    bool tumbles = size_ms == slide_ms;
    sim_param(plan, node, "assigner", SL_PARAM_STRING)->string = tumbles ? "TUMBLE" : "HOP";
    sim_param(plan, node, "rowtime", SL_PARAM_INT64)->integer = SIM_TIME;
    sim_param(plan, node, "size_ms", SL_PARAM_INT64)->integer = size_ms;
    sim_param(plan, node, "slide_ms", SL_PARAM_INT64)->integer = slide_ms;
    sim_param(plan, node, "offset_ms", SL_PARAM_INT64)->integer = 0;
}

/* Returns the local node; *global is the last. */
static int add_halves(struct sim_plan *plan, int input, const struct aggregation *made, int *global)
{
    struct sl_schema raw = plan->nodes[input].schema;
    bool windowed = made->is_windowed;
    int local = add_half(plan, windowed ? "local_window_aggregate" : "local_group_aggregate", input,
                         made, &raw);
    plan->nodes[local].schema = made->partial_schema;
    int exchange = sim_add_exchange(plan, local, 0);
    *global = add_half(plan, windowed ? "global_window_aggregate" : "group_aggregate", exchange,
                       made, &raw);
    plan->nodes[*global].schema = made->result_schema;
    plan->nodes[*global].states = &made->state;
    plan->nodes[*global].state_count = 1;
    return local;
}

int sim_add_window(struct sim_plan *plan, int input, int64_t size_ms, int64_t slide_ms)
{
    static const char *const names[] = {"COUNT", "SUM", "MIN", "MAX"};
    static const int32_t arguments[] = {-1, SIM_VALUE, SIM_VALUE, SIM_VALUE};
    static struct aggregation made = {
        .is_windowed = true, .names = names, .arguments = arguments, .call_count = 4};
    int global;
    if (made.state.name == NULL) {
        make(&made);
    }
    int local = add_halves(plan, input, &made, &global);
    set_window(plan, local, size_ms, slide_ms);
    set_window(plan, global, size_ms, slide_ms);
    return global;
}

int sim_add_group(struct sim_plan *plan, int input)
{
    static const char *const names[] = {"COUNT", "SUM", "COUNT"};
    static const int32_t arguments[] = {-1, SIM_VALUE, SIM_VALUE};
    static struct aggregation made = {.names = names, .arguments = arguments, .call_count = 3};
    int global;
    if (made.state.name == NULL) {
        make(&made);
    }
    add_halves(plan, input, &made, &global);
    plan->nodes[global].changelog = SL_RETRACT;
    return global;
}

/* The record of the result (all of its key fields set) that a row belongs to. */
static struct sim_record *find_or_add(struct sim_records *results, const struct sim_record *wanted,
                                      const uint32_t *key_fields, uint32_t key_count)
{
    for (uint32_t i = 0; i < results->count; i++) {
        bool equal = true;
        for (uint32_t k = 0; k < key_count; k++) {
            uint32_t field = key_fields[k];
            equal = equal && results->items[i].fields[field] == wanted->fields[field];
        }
        if (equal) {
            return &results->items[i];
        }
    }
    sim_records_add(results, wanted);
    return &results->items[results->count - 1];
}

static void add_to_window(struct sim_records *windows, const struct sim_record *row, int64_t start,
                          int64_t size_ms)
{
    static const uint32_t key_fields[] = {0, 5};
    struct sim_record wanted = {
        .fields = {row->fields[SIM_KEY], 0, 0, 0, 0, start, start + size_ms, start + size_ms - 1},
        .null_mask = 7u << 2,
        .weight = 1};
    struct sim_record *window = find_or_add(windows, &wanted, key_fields, 2);
    int64_t value = row->fields[SIM_VALUE];
    bool is_first = window->null_mask != 0;
    window->fields[1]++;
    if ((row->null_mask >> SIM_VALUE) & 1) {
        return;
    }
    window->null_mask = 0;
    window->fields[2] += value;
    window->fields[3] = is_first ? value : SL_MIN(window->fields[3], value);
    window->fields[4] = is_first ? value : SL_MAX(window->fields[4], value);
}

struct sim_records sim_window_reference(struct sim *sim, uint32_t input, int64_t size_ms,
                                        int64_t slide_ms)
{
    struct sim_records rows = sim_records_of_input(sim, input, 1, NULL, NULL);
    struct sim_records windows = {0};
    for (uint32_t i = 0; i < rows.count; i++) {
        int64_t time = rows.items[i].fields[SIM_TIME];
        for (int64_t start = time - time % slide_ms; start > time - size_ms; start -= slide_ms) {
            add_to_window(&windows, &rows.items[i], start, size_ms);
        }
    }
    sim_records_free(&rows);
    return windows;
}

struct sim_records sim_group_reference(struct sim *sim, uint32_t input)
{
    static const uint32_t key_field = 0;
    struct sim_records rows = sim_records_of_input(sim, input, 1, NULL, NULL);
    struct sim_records groups = {0};
    sim_records_materialise(&rows);
    for (uint32_t i = 0; i < rows.count; i++) {
        const struct sim_record *row = &rows.items[i];
        struct sim_record wanted = {
            .fields = {row->fields[SIM_KEY]}, .null_mask = 1u << 2, .weight = 1};
        struct sim_record *group = find_or_add(&groups, &wanted, &key_field, 1);
        group->fields[1]++;
        if (((row->null_mask >> SIM_VALUE) & 1) == 0) {
            group->null_mask = 0;
            group->fields[2] += row->fields[SIM_VALUE];
            group->fields[3]++;
        }
    }
    sim_records_free(&rows);
    return groups;
}
