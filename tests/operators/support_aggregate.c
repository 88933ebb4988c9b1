/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver of one operator. Plans are built from text by the rules of plan.h. */
#include "support_aggregate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/row.h"

static bool is_kind(const struct drive_spec *spec, const char *kind)
{
    return strcmp(spec->kind, kind) == 0;
}

static bool is_local(const struct drive_spec *spec)
{
    return strncmp(spec->kind, "local_", 6) == 0;
}

static const char *arena_word(struct drive *drive, const char *text, size_t length)
{
    return sl_arena_copy(&drive->support.arena, text, length);
}

static int32_t column_of(const struct drive *drive, const char *name)
{
    int32_t column = sl_schema_find(drive->raw, name);
    assert_true(column >= 0);
    return column;
}

static void read_keys(struct drive *drive, const char *keys)
{
    while (*keys != '\0') {
        size_t length = strcspn(keys, " ");
        drive->keys[drive->key_count++] =
            (uint32_t)column_of(drive, arena_word(drive, keys, length));
        keys += length + (keys[length] == ' ');
    }
}

/* "SUM(b)?f" */
static void read_call(struct drive *drive, const char *text)
{
    struct sl_aggregate_call *call = &drive->calls[drive->call_count++];
    size_t name_length = strcspn(text, "(");
    const char *argument = text + name_length + 1;
    size_t argument_length = strcspn(argument, ")");
    const char *filter = strchr(text, '?');
    uint32_t argument_count = *argument == '*' ? 0 : 1;
    *call = (struct sl_aggregate_call){.argument = -1,
                                       .filter = -1,
                                       .version = 1,
                                       .text = text,
                                       .argument_type = sl_type_of(SL_TYPE_BIGINT)};
    call->function = arena_word(drive, text, name_length);
    if (argument_count == 1) {
        call->argument = column_of(drive, arena_word(drive, argument, argument_length));
        call->argument_type = drive->raw->columns[call->argument].type;
    }
    if (filter != NULL) {
        call->filter = column_of(drive, filter + 1);
    }
    const struct sl_aggregate_def *def =
        sl_catalog_aggregate(&drive->support.catalog, call->function);
    assert_non_null(def);
    assert_int_equal(def->result_type(&call->argument_type, NULL, argument_count,
                                      &call->result_type, &drive->support.err),
                     SL_OK);
}

static void read_calls(struct drive *drive, const char *calls)
{
    while (*calls != '\0') {
        size_t length = strcspn(calls, " ");
        read_call(drive, arena_word(drive, calls, length));
        calls += length + (calls[length] == ' ');
    }
}

static void add_column(struct sl_schema *schema, const char *name, struct sl_type type)
{
    struct sl_column *columns = (struct sl_column *)schema->columns;
    columns[schema->column_count++] = (struct sl_column){name, type};
}

static struct sl_schema *new_schema(struct drive *drive)
{
    struct sl_schema *schema = SL_ARENA_NEW(&drive->support.arena, struct sl_schema);
    schema->columns = SL_ARENA_ARRAY(&drive->support.arena, struct sl_column, 64);
    for (uint32_t i = 0; i < drive->key_count; i++) {
        const struct sl_column *key = &drive->raw->columns[drive->keys[i]];
        add_column(schema, key->name, key->type);
    }
    return schema;
}

static uint32_t accumulator_fields(const struct drive *drive, const struct sl_aggregate_call *call,
                                   struct sl_state_field *fields)
{
    return sl_catalog_aggregate(&drive->support.catalog, call->function)
        ->accumulator(&call->argument_type, fields);
}

static struct sl_schema *partial_schema(struct drive *drive, bool is_windowed)
{
    struct sl_schema *schema = new_schema(drive);
    add_column(schema, is_windowed ? "pane_end" : "row_count", sl_type_of(SL_TYPE_BIGINT));
    for (uint32_t i = 0; i < drive->call_count; i++) {
        struct sl_state_field fields[SL_ACCUMULATOR_FIELDS_MAX];
        uint32_t count = accumulator_fields(drive, &drive->calls[i], fields);
        for (uint32_t field = 0; field < count; field++) {
            add_column(schema, fields[field].name, sl_state_field_type(&fields[field]));
        }
    }
    return schema;
}

static void add_window_columns(struct sl_schema *schema)
{
    struct sl_type type = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    add_column(schema, "window_start", type);
    add_column(schema, "window_end", type);
    add_column(schema, "window_time", type);
}

static struct sl_schema *result_schema(struct drive *drive, bool is_windowed)
{
    struct sl_schema *schema = new_schema(drive);
    for (uint32_t i = 0; i < drive->call_count; i++) {
        add_column(schema, drive->calls[i].text, drive->calls[i].result_type);
    }
    if (is_windowed) {
        add_window_columns(schema);
    }
    return schema;
}

static void declare_state(struct drive *drive, bool is_windowed)
{
    struct sl_state_def *def = &drive->states[0];
    *def = (struct sl_state_def){.name = is_windowed ? "panes" : "groups",
                                 .kind = SL_STATE_HASH,
                                 .scope = SL_STATE_KEYED,
                                 .version = 1};
    if (!is_windowed) {
        def->fields[def->field_count++] = (struct sl_state_field){"row_count", SL_W8};
    }
    for (uint32_t i = 0; i < drive->call_count; i++) {
        def->field_count +=
            accumulator_fields(drive, &drive->calls[i], def->fields + def->field_count);
    }
    support_states(&drive->support, drive->states, 1);
}

static void set_params(struct drive *drive, const struct drive_spec *spec)
{
    struct support *support = &drive->support;
    struct sl_param *keys = support_param(support, "keys", SL_PARAM_COLUMNS);
    keys->columns = drive->keys;
    keys->count = drive->key_count;
    struct sl_param *calls = support_param(support, "aggregates", SL_PARAM_AGGREGATES);
    calls->aggregates = drive->calls;
    calls->count = drive->call_count;
    support_param(support, "input", SL_PARAM_SCHEMA)->schema = *drive->raw;
    if (spec->assigner != NULL) {
        support_param(support, "assigner", SL_PARAM_STRING)->string = spec->assigner;
        support_param(support, "rowtime", SL_PARAM_INT64)->integer = column_of(drive, "ts");
        support_param(support, "size_ms", SL_PARAM_INT64)->integer = spec->size_ms;
        support_param(support, "slide_ms", SL_PARAM_INT64)->integer = spec->slide_ms;
        support_param(support, "offset_ms", SL_PARAM_INT64)->integer = spec->offset_ms;
    }
}

static const struct sl_operator_def *find_operator(const struct drive *drive, const char *kind)
{
    const struct sl_operator_def *def = sl_catalog_operator(&drive->support.catalog, kind);
    assert_non_null(def);
    return def;
}

void drive_init(struct drive *drive, const struct drive_spec *spec)
{
    bool is_windowed = spec->assigner != NULL;
    memset(drive, 0, sizeof *drive);
    support_open(&drive->support);
    sl_text_init(&drive->log, NULL, 0);
    drive->raw = support_schema(&drive->support, spec->input);
    read_keys(drive, spec->keys == NULL ? "" : spec->keys);
    read_calls(drive, spec->aggregates == NULL ? "" : spec->aggregates);
    struct sl_schema *input =
        spec->is_partial_input ? partial_schema(drive, is_windowed) : drive->raw;
    struct sl_schema *output = NULL;
    if (is_kind(spec, "window")) {
        drive->key_count = drive->raw->column_count;
        for (uint32_t i = 0; i < drive->key_count; i++) {
            drive->keys[i] = i;
        }
        output = result_schema(drive, true);
    } else {
        output =
            is_local(spec) ? partial_schema(drive, is_windowed) : result_schema(drive, is_windowed);
    }
    support_node(&drive->support, spec->kind, input, output);
    set_params(drive, spec);
    if (!is_local(spec) && !is_kind(spec, "window")) {
        declare_state(drive, is_windowed);
    }
    drive->def = find_operator(drive, spec->kind);
}

void drive_open(struct drive *drive)
{
    enum sl_status status =
        drive->def->open(&drive->support.env, &drive->state, &drive->support.err);
    if (status != SL_OK) {
        fail_msg("open: %s", drive->support.err.text);
    }
}

void drive_close(struct drive *drive)
{
    drive->def->close(drive->state);
    sl_text_deinit(&drive->log);
    support_close(&drive->support);
}

static void log_rejects(struct drive *drive, const char *label, const struct sl_batch *batch)
{
    for (uint32_t i = 0; batch != NULL && i < batch->selected_count; i++) {
        uint32_t row = sl_batch_row(batch, i);
        const struct sl_view *json = &((const struct sl_view *)batch->columns[4].data)[row];
        sl_text_printf(&drive->log, "%s %s: %.*s\n", label,
                       support_value(&drive->support, &batch->columns[0], row), (int)json->length,
                       sl_view_data(json));
    }
}

static void deliver(struct drive *drive, const struct sl_outs *outs)
{
    const struct sl_batch *batch = outs->batches[SL_OUT_MAIN];
    log_rejects(drive, "late", outs->batches[SL_OUT_LATE]);
    log_rejects(drive, "rejected", outs->batches[SL_OUT_REJECTED]);
    if (drive->next != NULL && batch != NULL) {
        drive_batch(drive->next, batch);
    } else {
        sl_text_append_string(&drive->log, support_rows(&drive->support, batch));
    }
}

static void log_signal(struct drive *drive, struct sl_signal signal)
{
    if (signal.kind == SL_SIGNAL_NONE) {
        return;
    }
    if (drive->next != NULL) {
        drive_signal(drive->next, signal.kind, signal.value);
    } else if (signal.kind == SL_SIGNAL_WATERMARK) {
        sl_text_printf(&drive->log, "watermark %lld\n", (long long)signal.value);
    } else if (signal.kind == SL_SIGNAL_IDLE) {
        sl_text_append_string(&drive->log, "idle\n");
    }
}

void drive_batch(struct drive *drive, const struct sl_batch *batch)
{
    enum sl_flow flow = SL_MORE;
    while (flow == SL_MORE) {
        struct sl_outs outs = {0};
        enum sl_status status =
            drive->def->process(drive->state, 0, batch, &outs, &flow, &drive->support.err);
        if (status != SL_OK) {
            fail_msg("process: %s", drive->support.err.text);
        }
        deliver(drive, &outs);
        log_signal(drive, outs.signal);
    }
    assert_int_equal(flow, SL_DONE);
}

void drive_rows(struct drive *drive, const char *rows)
{
    drive_batch(drive, support_batch(&drive->support, drive->support.inputs[0], rows));
}

void drive_signal(struct drive *drive, enum sl_signal_kind kind, int64_t value)
{
    struct sl_signal signal = {kind, value};
    enum sl_flow flow = drive->def->signal == NULL ? SL_DONE : SL_MORE;
    while (flow == SL_MORE) {
        struct sl_outs outs = {0};
        enum sl_status status =
            drive->def->signal(drive->state, &signal, &outs, &flow, &drive->support.err);
        if (status != SL_OK) {
            fail_msg("signal: %s", drive->support.err.text);
        }
        deliver(drive, &outs);
        log_signal(drive, outs.signal);
    }
    if (signal.kind != SL_SIGNAL_WAKE) {
        log_signal(drive, signal);
    }
}

void drive_expect(struct drive *drive, const char *expected)
{
    sl_text_append_char(&drive->log, '\0');
    assert_string_equal(drive->log.data, expected);
    sl_text_reset(&drive->log);
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines of text in order of their bytes. */
static const char *sorted(struct drive *drive, const char *text)
{
    char *lines[1024];
    size_t count = 0;
    char *sorted_text = sl_arena_alloc(&drive->support.arena, strlen(text) + 1);
    size_t length = 0;
    while (*text != '\0') {
        size_t line_length = strcspn(text, "\n");
        assert_true(count < SL_COUNT_OF(lines));
        lines[count++] = sl_arena_copy(&drive->support.arena, text, line_length);
        text += line_length + (text[line_length] == '\n');
    }
    qsort(lines, count, sizeof lines[0], compare_lines);
    for (size_t i = 0; i < count; i++) {
        size_t line_length = strlen(lines[i]);
        memcpy(sorted_text + length, lines[i], line_length);
        length += line_length;
        sorted_text[length++] = '\n';
    }
    return sorted_text;
}

void drive_expect_unordered(struct drive *drive, const char *expected)
{
    sl_text_append_char(&drive->log, '\0');
    assert_string_equal(sorted(drive, drive->log.data), sorted(drive, expected));
    sl_text_reset(&drive->log);
}

void drive_restore(struct drive *drive, struct drive *from, uint32_t first, uint32_t last)
{
    struct sl_text snapshot;
    sl_text_init(&snapshot, NULL, 0);
    assert_int_equal(sl_state_snapshot(from->support.states[0], 0, SL_KEY_GROUP_COUNT - 1,
                                       &snapshot, &drive->support.err),
                     SL_OK);
    assert_int_equal(sl_state_restore(drive->support.states[0], first, last, snapshot.data,
                                      snapshot.length, &drive->support.err),
                     SL_OK);
    sl_text_deinit(&snapshot);
}
