/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of librdkafka as spans. Always true: a message is copied and given back at once, because
 * holding the client's memory costs a third of its rate; and offsets within a split only ascend. */
#include <string.h>

#include "source_kafka.h"

enum {
    SLAB_BYTES_MIN = 256 * 1024,
    SLAB_BYTES_AIM = 4 * 1024 * 1024, /* one input is not made larger, unless by one message */
    SLAB_BYTES_BEHIND = 64,
    ROW_BYTES_MAX = 16 * 1024 * 1024
};

struct header {
    struct sl_view name;
    struct sl_view value;
    bool is_null;
};

struct conn_kafka_headers {
    struct header *items;
    uint32_t count;
};

#define STRING_NOT_NULL                                                   \
    {                                                                     \
        .id = SL_TYPE_VARCHAR, .nullable = false, .length = SL_LENGTH_MAX \
    }

static const struct sl_type_field HEADER_FIELDS[2] = {
    {"", STRING_NOT_NULL},
    {"", {.id = SL_TYPE_VARBINARY, .nullable = true, .length = SL_LENGTH_MAX}},
};

const struct sl_metadata_def conn_kafka_metadata[] = {
    [CONN_KAFKA_TOPIC] = {.key = "topic", .type = STRING_NOT_NULL},
    [CONN_KAFKA_PARTITION] = {.key = "partition", .type = {.id = SL_TYPE_INT}},
    [CONN_KAFKA_OFFSET] = {.key = "offset", .type = {.id = SL_TYPE_BIGINT}},
    [CONN_KAFKA_TIMESTAMP] = {.key = "timestamp",
                              .type = {.id = SL_TYPE_TIMESTAMP_LTZ, .precision = 3},
                              .writable = true},
    [CONN_KAFKA_TIMESTAMP_TYPE] = {.key = "timestamp-type", .type = STRING_NOT_NULL},
    [CONN_KAFKA_LEADER_EPOCH] = {.key = "leader-epoch",
                                 .type = {.id = SL_TYPE_INT, .nullable = true}},
    [CONN_KAFKA_HEADERS] = {.key = "headers",
                            .type = {.id = SL_TYPE_MAP, .field_count = 2, .fields = HEADER_FIELDS},
                            .writable = true},
    [CONN_KAFKA_METADATA_COUNT] = {.key = NULL},
};

/* ---- metadata columns ---- */

static void fill_partitions(const struct conn_kafka_input *input, struct sl_vector *column,
                            const uint16_t *row_spans, uint32_t row_count)
{
    int32_t *values = column->data;
    for (uint32_t row = 0; row < row_count; row++) {
        values[row] = input->splits[row_spans[row]]->partition;
    }
}

static void fill_topics(const struct conn_kafka_input *input, struct sl_vector *column,
                        const uint16_t *row_spans, uint32_t row_count)
{
    struct sl_view *values = column->data;
    for (uint32_t row = 0; row < row_count; row++) {
        const char *name = input->splits[row_spans[row]]->topic->name;
        values[row] = sl_view_of(name, strlen(name));
    }
}

static void fill_timestamp_types(const struct conn_kafka_input *input, struct sl_vector *column,
                                 const uint16_t *row_spans, uint32_t row_count)
{
    static const char *const NAMES[] = {"NoTimestampType", "CreateTime", "LogAppendTime"};
    struct sl_view *values = column->data;
    for (uint32_t row = 0; row < row_count; row++) {
        const char *name = NAMES[input->timestamp_types[row_spans[row]]];
        values[row] = sl_view_of(name, strlen(name));
    }
}

static void fill_bigints(const int64_t *by_span, struct sl_vector *column,
                         const uint16_t *row_spans, uint32_t row_count)
{
    int64_t *values = column->data;
    for (uint32_t row = 0; row < row_count; row++) {
        values[row] = by_span[row_spans[row]];
    }
}

static void fill_epochs(struct sl_vector *column)
{
    *(int32_t *)column->data = -1; /* this client does not tell */
    column->encoding = SL_CONST;
}

static enum sl_status fill_headers(struct conn_kafka_input *input, struct sl_vector *column,
                                   const uint16_t *row_spans, uint32_t row_count)
{
    uint32_t *offsets = column->data;
    uint32_t total = 0;
    for (uint32_t row = 0; row < row_count; row++) {
        offsets[row] = total;
        total += input->headers[row_spans[row]].count;
    }
    offsets[row_count] = total;
    SL_TRY(sl_vector_reserve_elements(column, total, &input->header_arena, &input->error));
    for (uint32_t row = 0; row < row_count; row++) {
        const struct conn_kafka_headers *headers = &input->headers[row_spans[row]];
        for (uint32_t i = 0; i < headers->count; i++) {
            uint32_t element = offsets[row] + i;
            ((struct sl_view *)column->children[0].data)[element] = headers->items[i].name;
            ((struct sl_view *)column->children[1].data)[element] = headers->items[i].value;
            if (headers->items[i].is_null) {
                sl_vector_set_null(&column->children[1], element);
            }
        }
    }
    return SL_OK;
}

static void fill_metadata(void *user, uint32_t metadata_idx, struct sl_vector *column,
                          const uint16_t *row_spans, uint32_t row_count)
{
    struct conn_kafka_input *input = user;
    switch (input->metadata[metadata_idx]) {
    case CONN_KAFKA_TOPIC:
        fill_topics(input, column, row_spans, row_count);
        break;
    case CONN_KAFKA_PARTITION:
        fill_partitions(input, column, row_spans, row_count);
        break;
    case CONN_KAFKA_OFFSET:
        fill_bigints(input->positions, column, row_spans, row_count);
        break;
    case CONN_KAFKA_TIMESTAMP:
        fill_bigints(input->timestamps, column, row_spans, row_count);
        break;
    case CONN_KAFKA_TIMESTAMP_TYPE:
        fill_timestamp_types(input, column, row_spans, row_count);
        break;
    case CONN_KAFKA_LEADER_EPOCH:
        fill_epochs(column);
        break;
    default:
        (void)fill_headers(input, column, row_spans, row_count); /* told by input->error */
        break;
    }
}

/* ---- opening ---- */

static enum sl_status find_metadata(struct conn_kafka_source *source, struct sl_error *err)
{
    const char *const *keys = NULL;
    const struct sl_column *columns = NULL;
    uint32_t count = conn_decoder_metadata(source->decoder, &keys, &columns);
    uint8_t *found = SL_ARENA_ARRAY(source->client.env->arena, uint8_t, count);
    if (found == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for metadata columns");
    }
    for (uint32_t i = 0; i < count; i++) {
        uint8_t key = 0;
        while (key < CONN_KAFKA_METADATA_COUNT &&
               strcmp(conn_kafka_metadata[key].key, keys[i]) != 0) {
            key++;
        }
        if (key == CONN_KAFKA_METADATA_COUNT) {
            return sl_fail(err, SL_OPTION, "connector 'kafka' has no metadata '%s'", keys[i]);
        }
        const struct sl_type *type = &conn_kafka_metadata[key].type;
        if (!sl_type_equal(&columns[i].type, type, false)) {
            char text[SL_TYPE_TEXT_BYTES];
            return sl_fail(err, SL_UNSUPPORTED, "metadata '%s' must be declared as %s", keys[i],
                           sl_type_format(type, text, sizeof text));
        }
        found[i] = key;
        source->input.wants_headers |= key == CONN_KAFKA_HEADERS;
    }
    source->input.metadata = found;
    source->input.metadata_count = count;
    return SL_OK;
}

enum sl_status conn_kafka_input_open(struct conn_kafka_source *source, struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    struct sl_env *env = source->client.env;
    uint32_t rows = env->batch_rows;
    sl_arena_init(&input->header_arena, env->account, 0);
    input->wants_keys = sl_option_is_set(source->options, "key.format");
    input->values = SL_ARENA_ARRAY(env->arena, struct sl_span, rows);
    input->keys = SL_ARENA_ARRAY(env->arena, struct sl_span, rows);
    input->positions = SL_ARENA_ARRAY(env->arena, int64_t, rows);
    input->timestamps = SL_ARENA_ARRAY(env->arena, int64_t, rows);
    input->timestamp_types = SL_ARENA_ARRAY(env->arena, uint8_t, rows);
    input->splits = SL_ARENA_ARRAY(env->arena, struct conn_kafka_split *, rows);
    input->headers = SL_ARENA_ARRAY(env->arena, struct conn_kafka_headers, rows);
    input->runs = SL_ARENA_ARRAY(env->arena, struct conn_input_run, rows);
    input->messages = SL_ARENA_ARRAY(env->arena, rd_kafka_message_t *, rows);
    if (input->values == NULL || input->keys == NULL || input->positions == NULL ||
        input->timestamps == NULL || input->timestamp_types == NULL || input->splits == NULL ||
        input->headers == NULL || input->runs == NULL || input->messages == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for messages");
    }
    struct conn_decoder_config config = {.counts_by_one = true,
                                         .limit_bytes = ROW_BYTES_MAX,
                                         .fill_metadata = fill_metadata,
                                         .user = input};
    SL_TRY(conn_decoder_open(env, &config, &source->decoder, err));
    return find_metadata(source, err);
}

void conn_kafka_input_close(struct conn_kafka_source *source)
{
    struct conn_kafka_input *input = &source->input;
    for (; input->message_next < input->message_count; input->message_next++) {
        rd_kafka_message_destroy(input->messages[input->message_next]);
    }
    conn_decoder_close(source->decoder);
    source->decoder = NULL;
    sl_arena_deinit(&input->header_arena);
    sl_memory_free(source->client.env->account, input->slab, input->slab_bytes);
    input->slab = NULL;
}

/* ---- messages ---- */

/* Room for one message more; the slab may move only before the first span, as spans point into it.
 */
static enum sl_status reserve(struct conn_kafka_source *source, size_t bytes, bool *fits,
                              struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    size_t needed = input->slab_used + bytes + SLAB_BYTES_BEHIND;
    *fits = needed <= input->slab_bytes;
    if (*fits || input->input.span_count > 0) {
        return SL_OK;
    }
    struct sl_account *account = source->client.env->account;
    sl_memory_free(account, input->slab, input->slab_bytes);
    input->slab_bytes = 0;
    input->slab = sl_memory_alloc(account, needed);
    if (input->slab == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a message of %zu bytes", bytes);
    }
    input->slab_bytes = needed;
    *fits = true;
    return SL_OK;
}

static size_t message_bytes(const struct conn_kafka_input *input, const rd_kafka_message_t *message)
{
    return message->len + (input->wants_keys ? message->key_len : 0);
}

/* Makes the slab large enough for the messages that wait, up to what is aimed at. */
static enum sl_status begin_slab(struct conn_kafka_source *source, struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    size_t bytes = 0;
    for (uint32_t i = input->message_next; i < input->message_count && bytes < SLAB_BYTES_AIM;
         i++) {
        bytes += message_bytes(input, input->messages[i]);
    }
    bool fits;
    input->slab_used = 0;
    return reserve(source, SL_MAX(SL_MIN(bytes, (size_t)SLAB_BYTES_AIM), (size_t)SLAB_BYTES_MIN),
                   &fits, err);
}

static struct sl_span copy_bytes(struct conn_kafka_input *input, const void *data, size_t length)
{
    struct sl_span span = {.data = NULL, .length = 0};
    if (data != NULL) {
        span.data = input->slab + input->slab_used;
        span.length = (uint32_t)length;
        if (length > 0) {
            memcpy(input->slab + input->slab_used, data, length);
        }
        input->slab_used += length;
    }
    return span;
}

/* A later header of the same name takes the place of an earlier one. */
static struct header *header_of(struct conn_kafka_headers *headers, const struct sl_view *name)
{
    for (uint32_t i = 0; i < headers->count; i++) {
        if (sl_view_equal(&headers->items[i].name, name)) {
            return &headers->items[i];
        }
    }
    return &headers->items[headers->count++];
}

static enum sl_status copy_headers(struct conn_kafka_input *input,
                                   const rd_kafka_message_t *message, uint32_t span_idx,
                                   struct sl_error *err)
{
    struct conn_kafka_headers *to = &input->headers[span_idx];
    rd_kafka_headers_t *from = NULL;
    memset(to, 0, sizeof *to);
    if (rd_kafka_message_headers(message, &from) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return SL_OK;
    }
    struct sl_arena *arena = &input->header_arena;
    to->items = SL_ARENA_ARRAY(arena, struct header, rd_kafka_header_cnt(from));
    const char *name = NULL;
    const void *value = NULL;
    size_t length = 0;
    for (size_t i = 0;
         to->items != NULL && rd_kafka_header_get_all(from, i, &name, &value, &length) == 0; i++) {
        size_t name_length = strlen(name);
        const char *name_copy = sl_arena_copy(arena, name, name_length);
        const char *value_copy = sl_arena_copy(arena, value == NULL ? "" : value, length);
        if (name_copy == NULL || value_copy == NULL) {
            to->items = NULL;
        } else if (sl_utf8_check(name, name_length) == name_length) {
            struct sl_view view = sl_view_of(name_copy, name_length);
            *header_of(to, &view) = (struct header){
                .name = view, .value = sl_view_of(value_copy, length), .is_null = value == NULL};
        }
    }
    return to->items == NULL ? sl_fail(err, SL_MEMORY, "no memory for a message's headers") : SL_OK;
}

static void add_run(struct conn_kafka_input *input, struct conn_kafka_split *split, int64_t offset)
{
    uint32_t span = input->input.span_count;
    if (span == 0 || input->splits[span - 1] != split) {
        input->runs[input->input.run_count++] =
            (struct conn_input_run){.split = &split->split,
                                    .first_span = span,
                                    .skip_rows = offset == split->next ? split->skip_rows : 0};
    }
}

static enum sl_status add_message(struct conn_kafka_source *source, struct conn_kafka_split *split,
                                  const rd_kafka_message_t *message, bool *is_full,
                                  struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    bool fits;
    SL_TRY(reserve(source, message_bytes(input, message), &fits, err));
    *is_full = !fits;
    if (!fits) {
        return SL_OK;
    }
    uint32_t span = input->input.span_count;
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    if (input->wants_headers) {
        SL_TRY(copy_headers(input, message, span, err));
    }
    add_run(input, split, message->offset);
    input->splits[span] = split;
    input->positions[span] = message->offset;
    input->timestamps[span] = rd_kafka_message_timestamp(message, &type);
    input->timestamp_types[span] = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? 1
                                   : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? 2
                                                                                : 0;
    input->values[span] = copy_bytes(input, message->payload, message->len);
    if (input->wants_keys) {
        input->keys[span] = copy_bytes(input, message->key, message->key_len);
    }
    input->input.span_count++;
    return SL_OK;
}

static struct conn_kafka_split *split_of(const rd_kafka_message_t *message)
{
    struct conn_kafka_topic *topic = rd_kafka_topic_opaque(message->rkt);
    return message->partition >= 0 && message->partition < topic->split_count
               ? topic->splits[message->partition]
               : NULL;
}

/* What the client says in place of a message. */
static enum sl_status take_news(struct conn_kafka_source *source, const rd_kafka_message_t *message,
                                struct sl_error *err)
{
    struct conn_kafka_split *split = message->rkt == NULL ? NULL : split_of(message);
    const char *name = split == NULL ? source->client.env->label : split->split.name;
    const char *text = rd_kafka_message_errstr(message);
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: /* also behind the marks of transactions */
        if (split != NULL && message->offset >= split->end) {
            split->has_ended = true;
        }
        return SL_OK;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        return sl_fail(err, SL_NOT_FOUND,
                       "%s: offset %lld is no longer there, or not yet; set "
                       "'properties.auto.offset.reset' to go on elsewhere: %s",
                       name, split == NULL ? -1LL : (long long)split->next, text);
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return sl_fail(err, SL_NOT_FOUND, "%s is no longer there: %s", name, text);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return sl_fail(err, SL_NETWORK, "%s must not be read: %s", name, text);
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
        return sl_fail(err, SL_CORRUPT, "%s at or behind offset %lld: %s", name,
                       split == NULL ? -1LL : (long long)split->next, text);
    case RD_KAFKA_RESP_ERR__FATAL:
        return sl_fail(err, SL_NETWORK, "%s: the Kafka client gives up: %s", name, text);
    default:
        sl_log_warn(source->client.env->log, "kafka", "%s: %s", name, text);
        return SL_OK;
    }
}

static enum sl_status take_message(struct conn_kafka_source *source,
                                   const rd_kafka_message_t *message, bool *is_full,
                                   struct sl_error *err)
{
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return take_news(source, message, err);
    }
    struct conn_kafka_split *split = split_of(message);
    if (split == NULL || split->has_ended) {
        return SL_OK; /* was fetched before the split was given up */
    }
    if (message->offset >= split->end) {
        split->has_ended = true;
        return SL_OK;
    }
    return add_message(source, split, message, is_full, err);
}

static void begin_input(struct conn_kafka_input *input)
{
    input->input = (struct conn_input){.values = input->values,
                                       .keys = input->wants_keys ? input->keys : NULL,
                                       .positions = input->positions,
                                       .runs = input->runs};
    sl_arena_reset(&input->header_arena);
}

enum sl_status conn_kafka_input_fetch(struct conn_kafka_source *source, bool *has_fetched,
                                      struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    uint32_t rows = source->client.env->batch_rows;
    if (input->message_next == input->message_count) {
        ssize_t count = rd_kafka_consume_batch_queue(source->queue, 0, input->messages, rows);
        input->message_next = 0;
        input->message_count = count > 0 ? (uint32_t)count : 0;
    }
    *has_fetched = input->message_count > 0;
    begin_input(input);
    if (!*has_fetched) {
        return SL_OK;
    }
    conn_kafka_client_is_alive(&source->client);
    SL_TRY(begin_slab(source, err));
    bool is_full = false;
    while (input->message_next < input->message_count) {
        rd_kafka_message_t *message = input->messages[input->message_next];
        SL_TRY(take_message(source, message, &is_full, err));
        if (is_full) {
            return SL_OK;
        }
        rd_kafka_message_destroy(message);
        input->message_next++;
    }
    return SL_OK;
}
