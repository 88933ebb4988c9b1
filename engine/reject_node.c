/* SPDX-License-Identifier: Apache-2.0
 *
 * Where late and rejected rows end that nothing in the plan consumes: counted by reason, the first
 * of each reason logged, all written to the dead-letter file when there is one. Always true: none
 * is dropped silently. */
#include <string.h>

#include "sluice/json.h"

#include "nodes.h"

enum {
    LOGGED_MAX = 10,
    LOGGED_ROW_BYTES = 200,
    COLUMN_REASON = 0,
    COLUMN_DETAIL,
    COLUMN_SPLIT,
    COLUMN_POSITION,
    COLUMN_ROW,
    OTHER = SL_ROW_ERROR_COUNT,
    REASON_COUNT
};

struct rejects {
    struct eng_node *node;
    uint32_t logged[REASON_COUNT];
    struct sl_metric *(*by_reason)[REASON_COUNT]; /* of each port */
    struct sl_metric **late;                      /* of each port */
    struct sl_file *file;                         /* NULL: no dead letters */
    struct sl_text lines;
};

static struct sl_view text_at(const struct sl_batch *batch, uint32_t column, uint32_t row)
{
    const struct sl_vector *vector = &batch->columns[column];
    if (vector->data == NULL || !sl_vector_is_valid(vector, row)) {
        return sl_view_of("", 0);
    }
    return ((const struct sl_view *)vector->data)[sl_vector_index(vector, row)];
}

static int64_t position_at(const struct sl_batch *batch, uint32_t row)
{
    const struct sl_vector *vector = &batch->columns[COLUMN_POSITION];
    if (vector->data == NULL || !sl_vector_is_valid(vector, row)) {
        return -1;
    }
    return ((const int64_t *)vector->data)[sl_vector_index(vector, row)];
}

static uint32_t reason_of(const struct sl_view *text)
{
    for (uint32_t reason = 0; reason < SL_ROW_ERROR_COUNT; reason++) {
        const char *name = sl_row_error_text((enum sl_row_error)reason);
        if (strlen(name) == text->length && memcmp(name, sl_view_data(text), text->length) == 0) {
            return reason;
        }
    }
    return OTHER;
}

static const char *reason_text(uint32_t reason)
{
    return reason == OTHER ? "other" : sl_row_error_text((enum sl_row_error)reason);
}

static const struct eng_node *producer_of(const struct rejects *self, uint32_t port)
{
    return self->node->ports[port].edge->producer;
}

static void count_row(struct rejects *self, uint32_t port, uint32_t reason)
{
    const char *label = producer_of(self, port)->label;
    struct sl_metric_set *metrics = self->node->env.metrics;
    struct sl_metric **metric = &self->by_reason[port][reason];
    const char *name = "numRecordsRejected";
    const char *label_reason = reason_text(reason);
    if (reason == SL_ROW_LATE) {
        metric = &self->late[port];
        name = "numLateRecordsDropped";
        label_reason = "";
    }
    if (*metric == NULL) {
        *metric = sl_metric_find_or_add(metrics, SL_METRIC_COUNTER, name, label, label_reason,
                                        self->node->worker->idx);
    }
    sl_metric_add(*metric, 1);
}

/* Row bytes may be anything: they are shown as JSON shows them. */
static void log_row(struct rejects *self, uint32_t port, uint32_t reason, const struct sl_batch *in,
                    uint32_t row)
{
    if (self->logged[reason] >= LOGGED_MAX) {
        return;
    }
    self->logged[reason]++;
    struct sl_view detail = text_at(in, COLUMN_DETAIL, row);
    struct sl_view split = text_at(in, COLUMN_SPLIT, row);
    struct sl_view bytes = text_at(in, COLUMN_ROW, row);
    struct sl_text shown;
    sl_text_init(&shown, &self->node->account, 0);
    sl_json_append_string(&shown, sl_view_data(&bytes), SL_MIN(bytes.length, LOGGED_ROW_BYTES));
    sl_text_append_char(&shown, '\0');
    sl_log_warn(self->node->env.log, "rejected",
                "%s: %s: %.*s, split '%.*s' position %lld, row %s%s",
                producer_of(self, port)->label, reason_text(reason), (int)detail.length,
                sl_view_data(&detail), (int)split.length, sl_view_data(&split),
                (long long)position_at(in, row), shown.failed ? "" : shown.data,
                self->logged[reason] == LOGGED_MAX ? " (no more of this reason are logged)" : "");
    sl_text_deinit(&shown);
}

static void append_member(struct sl_text *out, const char *name, struct sl_view value)
{
    sl_text_printf(out, ",\"%s\":", name);
    sl_json_append_string(out, sl_view_data(&value), value.length);
}

static void append_line(struct rejects *self, uint32_t port, const struct sl_batch *in,
                        uint32_t row)
{
    struct sl_text *out = &self->lines;
    sl_text_printf(out, "{\"operator\":\"%s\"", producer_of(self, port)->label);
    append_member(out, "reason", text_at(in, COLUMN_REASON, row));
    append_member(out, "detail", text_at(in, COLUMN_DETAIL, row));
    append_member(out, "split", text_at(in, COLUMN_SPLIT, row));
    sl_text_append_string(out, ",\"position\":");
    sl_text_append_int64(out, position_at(in, row));
    append_member(out, "row", text_at(in, COLUMN_ROW, row));
    sl_text_append_string(out, "}\n");
}

static enum sl_status reject_process(void *state, uint32_t port, const struct sl_batch *in,
                                     struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct rejects *self = state;
    (void)outs;
    *flow = SL_DONE;
    sl_text_reset(&self->lines);
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t row = sl_batch_row(in, i);
        struct sl_view text = text_at(in, COLUMN_REASON, row);
        uint32_t reason = reason_of(&text);
        count_row(self, port, reason);
        log_row(self, port, reason, in, row);
        if (self->file != NULL) {
            append_line(self, port, in, row);
        }
    }
    if (self->file == NULL) {
        return SL_OK;
    }
    if (self->lines.failed) {
        return sl_fail(err, SL_MEMORY, "no memory for %u dead letters", in->selected_count);
    }
    return self->node->env.io->write(self->file, self->lines.data, self->lines.length, err);
}

static void reject_close(void *state)
{
    struct rejects *self = state;
    if (self != NULL) {
        self->node->env.io->close(self->file);
        sl_text_deinit(&self->lines);
    }
}

enum sl_status eng_reject_open(struct eng_node *node, struct sl_error *err)
{
    struct rejects *self = SL_ARENA_NEW(&node->arena, struct rejects);
    void *by_reason =
        sl_arena_alloc(&node->arena, node->port_count * sizeof(struct sl_metric *[REASON_COUNT]));
    struct sl_metric **late = SL_ARENA_ARRAY(&node->arena, struct sl_metric *, node->port_count);
    if (self == NULL || by_reason == NULL || late == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", node->label);
    }
    self->node = node;
    self->by_reason = by_reason;
    self->late = late;
    sl_text_init(&self->lines, &node->account, 0);
    node->state = self;
    node->def = (struct eng_node_def){.process = reject_process, .close = reject_close};
    const char *path = node->worker->query->dead_letter_path;
    if (path == NULL) {
        return SL_OK;
    }
    return node->env.io->open(node->env.io, path, SL_IO_APPEND, &self->file, err);
}
