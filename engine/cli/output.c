/* SPDX-License-Identifier: Apache-2.0
 *
 * Result rows on standard output: a table for people, JSON lines or CSV for programs. Every batch
 * is written at once, so that a row is seen as soon as it is there. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "screen.h"
#include "sluice/io.h"
#include "sluice/json.h"
#include "sluice/value.h"

enum { COLUMN_WIDTH_LEAST = 4, COLUMN_WIDTH_MOST = 60, OP_WIDTH = 2 };

enum sl_status cli_output_open(struct cli_output *output, enum cli_format format,
                               uint64_t row_limit, const struct sl_plan *plan, struct sl_error *err)
{
    const struct sl_plan_node *sink = &plan->nodes[plan->node_count - 1];
    const struct sl_plan_node *last = &plan->nodes[sink->inputs[0]];
    output->format = format;
    output->row_limit = row_limit;
    output->is_updating = last->changelog == SL_RETRACT;
    output->schema = sink->schema; /* with the names that the query gives */
    sl_text_init(&output->text, NULL, 0);
    sl_arena_init(&output->arena, NULL, 0);
    output->widths = SL_ARENA_ARRAY(&output->arena, uint32_t, output->schema.column_count);
    struct sl_io *io = cli_screen_io();
    return io->open(io, "-", SL_IO_APPEND, &output->file, err);
}

static enum sl_status flush(struct cli_output *output, struct sl_error *err)
{
    if (output->text.failed) {
        return sl_fail(err, SL_MEMORY, "no memory to print a batch of rows");
    }
    enum sl_status status =
        cli_screen_io()->write(output->file, output->text.data, output->text.length, err);
    sl_text_reset(&output->text);
    return status;
}

/* RFC 4180: quoted when needed, quotes doubled. */
static void append_csv(struct sl_text *text, const char *data, size_t length)
{
    bool quoted = length == 0;
    for (size_t i = 0; i < length; i++) {
        quoted |= data[i] == ',' || data[i] == '"' || data[i] == '\n' || data[i] == '\r';
    }
    if (!quoted) {
        sl_text_append(text, data, length);
        return;
    }
    sl_text_append_char(text, '"');
    for (size_t i = 0; i < length; i++) {
        if (data[i] == '"') {
            sl_text_append_char(text, '"');
        }
        sl_text_append_char(text, data[i]);
    }
    sl_text_append_char(text, '"');
}

static void write_json_row(struct cli_output *output, const struct sl_batch *batch, uint32_t row)
{
    struct sl_text *text = &output->text;
    sl_text_append_char(text, '{');
    if (output->is_updating) {
        sl_text_printf(text, "\"op\":\"%s\"", sl_row_kind_text(sl_batch_kind(batch, row)));
    }
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        if (i > 0 || output->is_updating) {
            sl_text_append_char(text, ',');
        }
        sl_json_append_string(text, output->schema.columns[i].name,
                              strlen(output->schema.columns[i].name));
        sl_text_append_char(text, ':');
        sl_value_append_json(text, &batch->columns[i], row);
    }
    sl_text_append_string(text, "}\n");
}

static void write_csv_header(struct cli_output *output)
{
    if (output->is_updating) {
        sl_text_append_string(&output->text, "op,");
    }
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        const char *name = output->schema.columns[i].name;
        sl_text_append_string(&output->text, i == 0 ? "" : ",");
        append_csv(&output->text, name, strlen(name));
    }
    sl_text_append_char(&output->text, '\n');
}

/* The value as plain text in a buffer of its own; "" for NULL. */
static void value_text(struct sl_text *cell, const struct sl_vector *column, uint32_t row,
                       const char *null_text)
{
    sl_text_reset(cell);
    if (!sl_vector_is_valid(column, row)) {
        sl_text_append_string(cell, null_text);
    } else {
        sl_value_append_text(cell, column, row);
    }
}

static void write_csv_row(struct cli_output *output, const struct sl_batch *batch, uint32_t row,
                          struct sl_text *cell)
{
    if (output->is_updating) {
        sl_text_printf(&output->text, "%s,", sl_row_kind_text(sl_batch_kind(batch, row)));
    }
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        value_text(cell, &batch->columns[i], row, "");
        sl_text_append_string(&output->text, i == 0 ? "" : ",");
        if (sl_vector_is_valid(&batch->columns[i], row)) {
            append_csv(&output->text, cell->data, cell->length);
        }
    }
    sl_text_append_char(&output->text, '\n');
}

static void append_padded(struct sl_text *text, const char *data, size_t length, uint32_t width)
{
    size_t characters = sl_utf8_count(data, length);
    sl_text_append_string(text, "| ");
    sl_text_append(text, data, length);
    for (size_t i = characters; i <= width; i++) {
        sl_text_append_char(text, ' ');
    }
}

static void write_rule(struct cli_output *output)
{
    struct sl_text *text = &output->text;
    for (int64_t i = output->is_updating ? -1 : 0; i < (int64_t)output->schema.column_count; i++) {
        uint32_t width = i < 0 ? OP_WIDTH : output->widths[i];
        sl_text_append_char(text, '+');
        for (uint32_t k = 0; k < width + 2; k++) {
            sl_text_append_char(text, '-');
        }
    }
    sl_text_append_string(text, "+\n");
}

/* A stream has no end to measure, so the first batch and the names decide how wide columns are. */
static void measure(struct cli_output *output, const struct sl_batch *batch, struct sl_text *cell)
{
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        const char *name = output->schema.columns[i].name;
        size_t width = SL_MAX((size_t)COLUMN_WIDTH_LEAST, sl_utf8_count(name, strlen(name)));
        for (uint32_t idx = 0; batch != NULL && idx < batch->selected_count; idx++) {
            value_text(cell, &batch->columns[i], sl_batch_row(batch, idx), "NULL");
            width = SL_MAX(width, sl_utf8_count(cell->data, cell->length));
        }
        output->widths[i] = (uint32_t)SL_MIN(width, (size_t)COLUMN_WIDTH_MOST);
    }
}

static void write_table_header(struct cli_output *output, const struct sl_batch *batch,
                               struct sl_text *cell)
{
    measure(output, batch, cell);
    write_rule(output);
    if (output->is_updating) {
        append_padded(&output->text, "op", 2, OP_WIDTH);
    }
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        const char *name = output->schema.columns[i].name;
        append_padded(&output->text, name, strlen(name), output->widths[i]);
    }
    sl_text_append_string(&output->text, "|\n");
    write_rule(output);
}

static void write_table_row(struct cli_output *output, const struct sl_batch *batch, uint32_t row,
                            struct sl_text *cell)
{
    if (output->is_updating) {
        append_padded(&output->text, sl_row_kind_text(sl_batch_kind(batch, row)), 2, OP_WIDTH);
    }
    for (uint32_t i = 0; i < output->schema.column_count; i++) {
        value_text(cell, &batch->columns[i], row, "NULL");
        append_padded(&output->text, cell->data, cell->length, output->widths[i]);
    }
    sl_text_append_string(&output->text, "|\n");
}

static void write_header(struct cli_output *output, const struct sl_batch *batch,
                         struct sl_text *cell)
{
    output->has_header = true;
    if (output->format == CLI_CSV) {
        write_csv_header(output);
    } else if (output->format == CLI_TABLE) {
        write_table_header(output, batch, cell);
    }
}

enum sl_status cli_output_write(void *user, const struct sl_batch *batch, struct sl_error *err)
{
    struct cli_output *output = user;
    struct sl_text cell;
    sl_text_init(&cell, NULL, 0);
    if (!output->has_header) {
        write_header(output, batch, &cell);
    }
    uint32_t row_count = batch->selected_count;
    if (output->row_limit > 0) {
        row_count = (uint32_t)SL_MIN(output->row_limit - output->row_count, (uint64_t)row_count);
    }
    for (uint32_t idx = 0; idx < row_count; idx++) {
        uint32_t row = sl_batch_row(batch, idx);
        if (output->format == CLI_JSON) {
            write_json_row(output, batch, row);
        } else if (output->format == CLI_CSV) {
            write_csv_row(output, batch, row, &cell);
        } else {
            write_table_row(output, batch, row, &cell);
        }
    }
    output->row_count += row_count;
    sl_text_deinit(&cell);
    SL_TRY(flush(output, err));
    return output->row_count == output->row_limit ? SL_CLOSED : SL_OK;
}

enum sl_status cli_output_finish(struct cli_output *output, struct sl_error *err)
{
    struct sl_text cell;
    sl_text_init(&cell, NULL, 0);
    if (!output->has_header) {
        write_header(output, NULL, &cell);
    }
    sl_text_deinit(&cell);
    if (output->format == CLI_TABLE) {
        write_rule(output);
        sl_text_printf(&output->text, "Received a total of %" PRIu64 " row%s\n", output->row_count,
                       output->row_count == 1 ? "" : "s");
    }
    return flush(output, err);
}

void cli_output_close(struct cli_output *output)
{
    if (output->file != NULL) {
        cli_screen_io()->close(output->file);
    }
    sl_text_deinit(&output->text);
    sl_arena_deinit(&output->arena);
}
