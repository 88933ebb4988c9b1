/* SPDX-License-Identifier: Apache-2.0
 *
 * The connector 'print': one line a row on standard output or error, as Flink prints it:
 * "id> +I[a, 1]". Always true: a batch is written with one call. */
#include "builtin.h"
#include "part.h"

#include "sluice/arena.h"
#include "sluice/value.h"

#include <string.h>

static const struct sl_option_def OPTIONS[] = {
    {.name = "print-identifier", .type = SL_OPTION_STRING, .help = "stands before every line"},
    {.name = "standard-error",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "print to standard error"},
    {0},
};

struct sink {
    struct sl_env *env;
    struct sl_file *file;
    const char *prefix; /* "id> ", or "" */
    struct sl_text text;
};

/* "id:2> " tells workers apart when there are several. */
static const char *make_prefix(struct sl_env *env, const char *identifier)
{
    if (env->worker_count > 1) {
        return sl_arena_printf(env->arena, "%s%s%u> ", identifier, *identifier == '\0' ? "" : ":",
                               env->worker_idx + 1);
    }
    return *identifier == '\0' ? "" : sl_arena_printf(env->arena, "%s> ", identifier);
}

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct sink *sink = SL_ARENA_NEW(env->arena, struct sink);
    *state = sink;
    if (sink == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for connector 'print'");
    }
    const struct sl_options *options = conn_table_options(env);
    const char *identifier = sl_option_text(options, OPTIONS, "print-identifier");
    sink->env = env;
    sl_text_init(&sink->text, env->account, 0);
    sink->prefix = make_prefix(env, identifier == NULL ? "" : identifier);
    if (sink->prefix == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for connector 'print'");
    }
    bool to_error = sl_option_bool(options, OPTIONS, "standard-error");
    return env->io->open(env->io, to_error ? "/dev/stderr" : "-",
                         to_error ? SL_IO_APPEND : SL_IO_CREATE, &sink->file, err);
}

static void print_row(struct sink *sink, const struct sl_batch *batch, uint32_t row)
{
    struct sl_text *text = &sink->text;
    sl_text_append_string(text, sink->prefix);
    sl_text_append_string(text, sl_row_kind_text(sl_batch_kind(batch, row)));
    sl_text_append_char(text, '[');
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        const struct sl_vector *column = &batch->columns[i];
        sl_text_append_string(text, i == 0 ? "" : ", ");
        if (sl_vector_is_valid(column, row)) {
            sl_value_append_text(text, column, row);
        } else {
            sl_text_append_string(text, "null");
        }
    }
    sl_text_append_string(text, "]\n");
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct sink *sink = state;
    (void)outs;
    *flow = SL_DONE;
    sl_text_reset(&sink->text);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        print_row(sink, batch, sl_batch_row(batch, i));
    }
    if (sink->text.failed) {
        return sl_fail(err, SL_MEMORY, "no memory to print %u rows", batch->selected_count);
    }
    return sink->env->io->write(sink->file, sink->text.data, sink->text.length, err);
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    (void)state;
    (void)epoch;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    return SL_OK;
}

static void sink_close(void *state)
{
    struct sink *sink = state;
    if (sink != NULL) {
        sink->env->io->close(sink->file);
        sl_text_deinit(&sink->text);
    }
}

static const struct sl_sink_def SINK = {
    .open = sink_open, .write = sink_write, .prepare = sink_prepare, .close = sink_close};

const struct sl_connector_def conn_print_connector = {
    .name = "print",
    .options = OPTIONS,
    .sink = &SINK,
    .takes_updates = true,
    .sink_guarantee = "at least once",
};
