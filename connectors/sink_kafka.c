/* SPDX-License-Identifier: Apache-2.0
 *
 * The kafka sink: a row is a message. Always true: every message that the client took is counted
 * until its delivery report comes, and prepare is done only when none is missing; a message that
 * could not be delivered is a rejected row or ends the query, never nothing. */
#include <string.h>

#include "encode.h"
#include "kafka_client.h"
#include "kafka_connector.h"

enum { ROW_BYTES_MAX = 16 * 1024 * 1024, PARTS_MAX = 7 };

enum partitioner { BY_KEY, FIXED, ROUND_ROBIN };

struct sink {
    struct conn_kafka_client client;
    rd_kafka_topic_t *topic;
    struct conn_part value_part;
    struct conn_part key_part;
    struct conn_encoder value;
    struct conn_encoder key;
    struct sl_text value_text;
    struct sl_text key_text;
    struct sl_rejects rejects;
    rd_kafka_event_t *reports; /* delivery reports that are not all looked at */
    int64_t in_flight;         /* messages without delivery report */
    uint32_t cursor;           /* selected rows of the batch at hand that are done */
    enum partitioner partitioner;
    bool rejects_all; /* guarantee none: what cannot be delivered is rejected */
    int32_t partition_count;
    int32_t partition;        /* ROUND_ROBIN: the next; FIXED: the one */
    int32_t timestamp_column; /* of the input, -1 = none */
    int32_t headers_column;
};

enum outcome { TAKEN, REJECTED, NO_ROOM };

/* ---- opening ---- */

static enum sl_status find_metadata(struct sink *sink, struct sl_error *err)
{
    struct sl_env *env = sink->client.env;
    const struct sl_param *physical = sl_plan_param(env->node, "physical");
    const char *names = sl_plan_string(env->node, "metadata", "");
    int32_t column = physical == NULL ? 0 : (int32_t)physical->schema.column_count;
    sink->timestamp_column = -1;
    sink->headers_column = -1;
    for (; *names != '\0'; column++) {
        size_t length = strcspn(names, ",");
        if (length == 9 && memcmp(names, "timestamp", length) == 0) {
            sink->timestamp_column = column;
        } else if (length == 7 && memcmp(names, "headers", length) == 0) {
            sink->headers_column = column;
        } else {
            return sl_fail(err, SL_OPTION, "metadata '%.*s' of connector 'kafka' is not writable",
                           (int)length, names);
        }
        names += length + (names[length] == ',');
    }
    return SL_OK;
}

/* Input columns: by their types, as the planner casts to what the connector names. */
static enum sl_status check_metadata(const struct sink *sink, struct sl_error *err)
{
    const struct sl_schema *input = sink->client.env->inputs[0];
    int32_t columns[2] = {sink->timestamp_column, sink->headers_column};
    enum sl_type_id ids[2] = {SL_TYPE_TIMESTAMP_LTZ, SL_TYPE_MAP};
    for (uint32_t i = 0; i < 2; i++) {
        if (columns[i] < 0) {
            continue;
        }
        if ((uint32_t)columns[i] >= input->column_count ||
            (input->columns[columns[i]].type.id != ids[i] &&
             !(i == 0 && input->columns[columns[i]].type.id == SL_TYPE_TIMESTAMP))) {
            return sl_fail(err, SL_UNSUPPORTED, "metadata '%s' is written as %s",
                           i == 0 ? "timestamp" : "headers",
                           i == 0 ? "TIMESTAMP_LTZ(3)" : "MAP<STRING, BYTES>");
        }
    }
    return SL_OK;
}

static enum sl_status open_topic(struct sink *sink, const struct sl_options *options,
                                 struct sl_error *err)
{
    struct sl_env *env = sink->client.env;
    const char *name = sl_option_text(options, NULL, "topic");
    const char *partitioner = sl_option_text(options, conn_kafka_options, "sink.partitioner");
    const char *guarantee = sl_option_text(options, conn_kafka_options, "sink.delivery-guarantee");
    sink->topic = rd_kafka_topic_new(sink->client.handle, name, NULL);
    if (sink->topic == NULL) {
        return sl_fail(err, SL_OPTION, "topic '%s': %s", name,
                       rd_kafka_err2str(rd_kafka_last_error()));
    }
    SL_TRY(conn_kafka_partition_count(&sink->client, sink->topic, &sink->partition_count, err));
    sink->rejects_all = strcmp(guarantee, "none") == 0;
    sink->partitioner = strcmp(partitioner, "fixed") == 0         ? FIXED
                        : strcmp(partitioner, "round-robin") == 0 ? ROUND_ROBIN
                                                                  : BY_KEY;
    sink->partition = (int32_t)(env->worker_idx % (uint32_t)sink->partition_count);
    return SL_OK;
}

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    const struct sl_options *options = conn_table_options(env);
    struct sink *sink = SL_ARENA_NEW(env->arena, struct sink);
    if (sink == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a sink");
    }
    *state = sink;
    sink->client.env = env;
    sl_text_init(&sink->value_text, env->account, ROW_BYTES_MAX);
    sl_text_init(&sink->key_text, env->account, ROW_BYTES_MAX);
    SL_TRY(conn_kafka_check(options, true, err));
    SL_TRY(find_metadata(sink, err));
    SL_TRY(check_metadata(sink, err));
    SL_TRY(conn_parts_make(env, &sink->value_part, &sink->key_part, err));
    SL_TRY(conn_encoder_open(&sink->value, &sink->value_part, env, err));
    SL_TRY(conn_encoder_open(&sink->key, &sink->key_part, env, err));
    SL_TRY(sl_rejects_open(&sink->rejects, env, err));
    SL_TRY(conn_kafka_client_open(&sink->client, env, RD_KAFKA_PRODUCER, RD_KAFKA_EVENT_DR, err));
    return open_topic(sink, options, err);
}

/* ---- delivery reports ---- */

/* Whether the message itself is at fault, so that the next one may do better. */
static bool is_row_error(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ||
           code == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
           code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP || code == RD_KAFKA_RESP_ERR_INVALID_MSG ||
           code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE;
}

static enum sl_status fail_delivery(const struct sink *sink, rd_kafka_resp_err_t code,
                                    struct sl_error *err)
{
    char fatal[SL_REJECT_DETAIL_BYTES];
    const char *text = rd_kafka_err2str(code);
    if (code == RD_KAFKA_RESP_ERR__FATAL &&
        rd_kafka_fatal_error(sink->client.handle, fatal, sizeof fatal) != 0) {
        text = fatal;
    }
    bool is_unknown = code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
                      code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                      code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
    return sl_fail(err, is_unknown ? SL_NOT_FOUND : SL_NETWORK,
                   "%s: a row could not be delivered to topic '%s' on '%s': %s",
                   sink->client.env->label, rd_kafka_topic_name(sink->topic), sink->client.servers,
                   text);
}

static enum sl_status reject(struct sink *sink, rd_kafka_resp_err_t code, const char *row,
                             size_t row_bytes, struct sl_error *err)
{
    if (!is_row_error(code) && !(sink->rejects_all && code != RD_KAFKA_RESP_ERR__FATAL)) {
        return fail_delivery(sink, code, err);
    }
    return sl_rejects_add(&sink->rejects, SL_ROW_SINK, rd_kafka_err2str(code),
                          rd_kafka_topic_name(sink->topic), 0, row, row_bytes, err);
}

/* Looks at reports until all are seen, or no rejected row fits. */
static enum sl_status take_reports(struct sink *sink, struct sl_error *err)
{
    const rd_kafka_message_t *message;
    while (!sl_rejects_is_full(&sink->rejects) &&
           (message = rd_kafka_event_message_next(sink->reports)) != NULL) {
        sink->in_flight--;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            SL_TRY(reject(sink, message->err, message->payload, message->len, err));
        } else {
            conn_kafka_client_is_alive(&sink->client);
        }
    }
    return SL_OK;
}

/* Takes what the client has to say, without waiting. */
static enum sl_status take_events(struct sink *sink, struct sl_error *err)
{
    while (!sl_rejects_is_full(&sink->rejects)) {
        if (sink->reports != NULL) {
            SL_TRY(take_reports(sink, err));
            if (sl_rejects_is_full(&sink->rejects)) {
                return SL_OK; /* some of these reports may wait */
            }
            rd_kafka_event_destroy(sink->reports);
            sink->reports = NULL;
        }
        rd_kafka_event_t *event = rd_kafka_queue_poll(sink->client.events, 0);
        if (event == NULL) {
            return SL_OK;
        }
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
            sink->reports = event;
            continue;
        }
        enum sl_status status = rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR
                                    ? conn_kafka_client_error(&sink->client, event, err)
                                    : SL_OK;
        rd_kafka_event_destroy(event);
        SL_TRY(status);
    }
    return SL_OK;
}

/* ---- writing ---- */

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Milliseconds since the epoch; 0 = now, as the client takes it. False: not a time of a message. */
static bool timestamp_of(const struct sink *sink, const struct sl_batch *batch, uint32_t row,
                         int64_t *timestamp)
{
    const struct sl_vector *column = &batch->columns[sink->timestamp_column];
    *timestamp = 0;
    if (sl_vector_is_valid(column, row)) {
        int64_t value = ((const int64_t *)column->data)[sl_vector_index(column, row)];
        int64_t ticks = sl_timestamp_ticks_per_second(column->type.precision) / 1000;
        *timestamp = floor_div(value, ticks);
    }
    return *timestamp >= 0;
}

static rd_kafka_headers_t *headers_of(const struct sink *sink, const struct sl_batch *batch,
                                      uint32_t row)
{
    const struct sl_vector *column = &batch->columns[sink->headers_column];
    rd_kafka_headers_t *headers = rd_kafka_headers_new(4);
    if (!sl_vector_is_valid(column, row)) {
        return headers;
    }
    const uint32_t *offsets = column->data;
    uint32_t idx = sl_vector_index(column, row);
    const struct sl_vector *names = &column->children[0];
    const struct sl_vector *values = &column->children[1];
    for (uint32_t i = offsets[idx]; i < offsets[idx + 1]; i++) {
        const struct sl_view *name = &((const struct sl_view *)names->data)[i];
        const struct sl_view *value = &((const struct sl_view *)values->data)[i];
        bool is_valid = sl_vector_is_valid(values, i);
        rd_kafka_header_add(headers, sl_view_data(name), (ssize_t)name->length,
                            is_valid ? sl_view_data(value) : NULL,
                            is_valid ? (ssize_t)value->length : 0);
    }
    return headers;
}

static int32_t next_partition(struct sink *sink)
{
    if (sink->partitioner == BY_KEY) {
        return RD_KAFKA_PARTITION_UA;
    }
    int32_t partition = sink->partition;
    if (sink->partitioner == ROUND_ROBIN) {
        sink->partition = (partition + 1) % sink->partition_count;
    }
    return partition;
}

/* Hands the encoded row to the client, which copies it. */
static rd_kafka_resp_err_t produce(struct sink *sink, int64_t timestamp,
                                   rd_kafka_headers_t *headers, int32_t partition)
{
    rd_kafka_vu_t parts[PARTS_MAX];
    size_t count = 0;
    parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = sink->topic};
    parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition};
    parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    parts[count++] = (rd_kafka_vu_t){
        .vtype = RD_KAFKA_VTYPE_VALUE,
        .u.mem = {.ptr = sink->value_text.data == NULL ? (void *)"" : sink->value_text.data,
                  .size = sink->value_text.length}};
    if (sink->key_part.codec != NULL) {
        parts[count++] = (rd_kafka_vu_t){
            .vtype = RD_KAFKA_VTYPE_KEY,
            .u.mem = {.ptr = sink->key_text.data == NULL ? (void *)"" : sink->key_text.data,
                      .size = sink->key_text.length}};
    }
    if (timestamp != 0) {
        parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = timestamp};
    }
    if (headers != NULL) {
        parts[count++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
    }
    rd_kafka_error_t *error = rd_kafka_produceva(sink->client.handle, parts, count);
    rd_kafka_resp_err_t code =
        error == NULL ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

static enum sl_status encode(struct sink *sink, uint32_t row, struct sl_error *err)
{
    sl_text_reset(&sink->value_text);
    sl_text_reset(&sink->key_text);
    SL_TRY(conn_encoder_row(&sink->value, row, &sink->value_text, err));
    return conn_encoder_row(&sink->key, row, &sink->key_text, err);
}

static enum sl_status write_row(struct sink *sink, const struct sl_batch *batch, uint32_t row,
                                enum outcome *outcome, struct sl_error *err)
{
    int64_t timestamp = 0;
    *outcome = REJECTED;
    SL_TRY(encode(sink, row, err));
    if (sink->value_text.failed || sink->key_text.failed) {
        return sl_rejects_add_row(&sink->rejects, SL_ROW_SIZE, "longer than 16 MiB as a message",
                                  batch, row, err);
    }
    if (sink->timestamp_column >= 0 && !timestamp_of(sink, batch, row, &timestamp)) {
        return sl_rejects_add_row(&sink->rejects, SL_ROW_SINK,
                                  "a message's timestamp must not lie before 1970", batch, row,
                                  err);
    }
    rd_kafka_headers_t *headers = sink->headers_column >= 0 ? headers_of(sink, batch, row) : NULL;
    rd_kafka_resp_err_t code = produce(sink, timestamp, headers, next_partition(sink));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        sink->in_flight++;
        *outcome = TAKEN;
        return SL_OK;
    }
    if (headers != NULL) {
        rd_kafka_headers_destroy(headers);
    }
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        *outcome = NO_ROOM;
        return SL_OK;
    }
    return reject(sink, code, sink->value_text.data, sink->value_text.length, err);
}

/* Writes rows from the cursor on; stops early when the client or the rejects have no room. */
static enum sl_status write_rows(struct sink *sink, const struct sl_batch *batch,
                                 struct sl_error *err)
{
    bool is_second_try = false;
    while (sink->cursor < batch->selected_count && !sl_rejects_is_full(&sink->rejects)) {
        enum outcome outcome;
        SL_TRY(write_row(sink, batch, sl_batch_row(batch, sink->cursor), &outcome, err));
        if (outcome != NO_ROOM) {
            sink->cursor++;
            is_second_try = false;
            continue;
        }
        int64_t in_flight = sink->in_flight;
        SL_TRY(take_events(sink, err));
        if (is_second_try && sink->in_flight == in_flight) {
            return SL_OK;
        }
        is_second_try = true;
    }
    return SL_OK;
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct sink *sink = state;
    SL_TRY(take_events(sink, err));
    conn_encoder_start(&sink->value, batch);
    conn_encoder_start(&sink->key, batch);
    SL_TRY(write_rows(sink, batch, err));
    bool is_finished = sink->cursor == batch->selected_count;
    if (is_finished) {
        sink->cursor = 0;
    }
    outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&sink->rejects);
    *flow = is_finished ? SL_DONE : outs->batches[SL_OUT_REJECTED] != NULL ? SL_MORE : SL_BLOCKED;
    return SL_OK;
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct sink *sink = state;
    (void)epoch;
    SL_TRY(take_events(sink, err));
    outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&sink->rejects);
    *flow = sink->in_flight == 0                     ? SL_DONE
            : outs->batches[SL_OUT_REJECTED] != NULL ? SL_MORE
                                                     : SL_BLOCKED;
    return SL_OK;
}

static enum sl_status sink_wake(void *state, int64_t token, struct sl_error *err)
{
    struct sink *sink = state;
    (void)token;
    (void)err;
    conn_kafka_client_quiet(&sink->client);
    return SL_OK;
}

static void sink_close(void *state)
{
    struct sink *sink = state;
    if (sink == NULL) {
        return;
    }
    rd_kafka_event_destroy(sink->reports);
    if (sink->client.handle != NULL) { /* what was not acknowledged does not count */
        rd_kafka_purge(sink->client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    }
    if (sink->topic != NULL) {
        rd_kafka_topic_destroy(sink->topic);
    }
    conn_kafka_client_close(&sink->client);
    if (sink->rejects.is_open) {
        sl_rejects_close(&sink->rejects);
    }
    conn_encoder_close(&sink->key);
    conn_encoder_close(&sink->value);
    sl_text_deinit(&sink->key_text);
    sl_text_deinit(&sink->value_text);
}

const struct sl_sink_def conn_kafka_sink_def = {
    .open = sink_open,
    .write = sink_write,
    .prepare = sink_prepare,
    .wake = sink_wake,
    .close = sink_close,
};
