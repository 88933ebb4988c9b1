/* SPDX-License-Identifier: Apache-2.0
 *
 * The kafka source: a split is a partition, its position the offset of the next message. Always
 * true: partitions are assigned by the engine, never by a consumer group, and each is started at a
 * number and stopped once; nothing is paused or sought, which keeps batch consuming safe in every
 * version of librdkafka. */
#include "source_kafka.h"

#include <stdio.h>
#include <string.h>

#include "kafka_connector.h"

enum { CLOSE_WAIT_MS = 2000 };

/* ---- topics and splits ---- */

static struct conn_kafka_topic *find_topic(const struct conn_kafka_source *source, const char *name,
                                           size_t length)
{
    for (uint32_t i = 0; i < source->topic_count; i++) {
        const char *topic = source->topics[i].name;
        if (strlen(topic) == length && memcmp(topic, name, length) == 0) {
            return &source->topics[i];
        }
    }
    return NULL;
}

static enum sl_status add_topic(struct conn_kafka_source *source, const char *name, size_t length,
                                struct sl_error *err)
{
    if (length == 0 || find_topic(source, name, length) != NULL) {
        return SL_OK;
    }
    if (source->topic_count == CONN_KAFKA_TOPICS_MAX) {
        return sl_fail(err, SL_LIMIT, "'topic' names more than %d topics", CONN_KAFKA_TOPICS_MAX);
    }
    struct conn_kafka_topic *topic = &source->topics[source->topic_count];
    topic->name = sl_arena_copy(source->client.env->arena, name, length);
    if (topic->name == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for topics");
    }
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(source->client.handle);
    rd_kafka_topic_conf_set_opaque(conf, topic);
    topic->handle = rd_kafka_topic_new(source->client.handle, topic->name, conf);
    if (topic->handle == NULL) {
        rd_kafka_topic_conf_destroy(conf);
        return sl_fail(err, SL_OPTION, "topic '%s': %s", topic->name,
                       rd_kafka_err2str(rd_kafka_last_error()));
    }
    source->topic_count++;
    return SL_OK;
}

static enum sl_status open_topics(struct conn_kafka_source *source, struct sl_error *err)
{
    struct sl_arena *arena = source->client.env->arena;
    const char *names = sl_option_text(source->options, NULL, "topic");
    source->topics = SL_ARENA_ARRAY(arena, struct conn_kafka_topic, CONN_KAFKA_TOPICS_MAX);
    source->discovery.counts = SL_ARENA_ARRAY(arena, int32_t, CONN_KAFKA_TOPICS_MAX);
    if (source->topics == NULL || source->discovery.counts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for topics");
    }
    for (;;) {
        size_t length = strcspn(names, ";");
        SL_TRY(add_topic(source, names, length, err));
        if (names[length] == '\0') {
            break;
        }
        names += length + 1;
    }
    return source->topic_count > 0 ? SL_OK : sl_fail(err, SL_OPTION, "'topic' names no topic");
}

static struct conn_kafka_split *find_split(const struct conn_kafka_source *source, uint32_t id)
{
    for (uint32_t i = 0; i < source->split_count; i++) {
        if (source->splits[i]->split.id == id) {
            return source->splits[i];
        }
    }
    return NULL;
}

/* Cuts "topic/partition". */
static enum sl_status parse_split(const struct conn_kafka_source *source, const char *name,
                                  struct conn_kafka_topic **topic, int32_t *partition,
                                  struct sl_error *err)
{
    const char *slash = strrchr(name, '/');
    int64_t number = -1;
    *topic = slash == NULL ? NULL : find_topic(source, name, (size_t)(slash - name));
    if (*topic == NULL || !sl_parse_int64(slash + 1, strlen(slash + 1), &number) || number < 0 ||
        number > INT32_MAX) {
        return sl_fail(err, SL_NOT_FOUND, "split '%s' is not a partition of 'topic'", name);
    }
    *partition = (int32_t)number;
    return SL_OK;
}

static enum sl_status add_split(struct conn_kafka_source *source, struct conn_kafka_split *split,
                                struct sl_error *err)
{
    struct sl_env *env = source->client.env;
    struct conn_kafka_topic *topic = split->topic;
    if (split->partition >= topic->split_count) {
        int32_t count = split->partition + 16 - split->partition % 16;
        struct conn_kafka_split **splits =
            SL_ARENA_ARRAY(env->arena, struct conn_kafka_split *, count);
        if (splits == NULL) {
            return sl_fail(err, SL_MEMORY, "no memory for splits");
        }
        if (topic->split_count > 0) {
            memcpy(splits, topic->splits, (size_t)topic->split_count * sizeof *splits);
        }
        topic->splits = splits;
        topic->split_count = count;
    }
    if (source->split_count == source->split_capacity) {
        uint32_t capacity = SL_MAX(source->split_capacity * 2, 16U);
        struct conn_kafka_split **splits =
            sl_memory_resize(env->account, source->splits, source->split_capacity * sizeof *splits,
                             capacity * sizeof *splits);
        if (splits == NULL) {
            return sl_fail(err, SL_MEMORY, "no memory for splits");
        }
        source->splits = splits;
        source->split_capacity = capacity;
    }
    source->splits[source->split_count++] = split;
    topic->splits[split->partition] = split;
    return SL_OK;
}

static void stop_split(struct conn_kafka_split *split)
{
    if (split->is_running) {
        split->is_running = false;
        rd_kafka_consume_stop(split->topic->handle, split->partition);
    }
}

/* ---- opening ---- */

static enum sl_status source_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct conn_kafka_source *source = SL_ARENA_NEW(env->arena, struct conn_kafka_source);
    if (source == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a source");
    }
    *state = source;
    source->client.env = env;
    source->options = conn_table_options(env);
    source->is_bounded = conn_kafka_is_bounded(source->options);
    SL_TRY(conn_kafka_check(source->options, false, err));
    SL_TRY(conn_kafka_client_open(&source->client, env, RD_KAFKA_CONSUMER,
                                  RD_KAFKA_EVENT_OFFSET_COMMIT, err));
    SL_TRY(open_topics(source, err));
    source->queue = rd_kafka_queue_new(source->client.handle);
    conn_kafka_client_watch(&source->client, source->queue);
    SL_TRY(conn_kafka_lag_open(source, err));
    return conn_kafka_input_open(source, err);
}

static enum sl_status arm_discovery(struct conn_kafka_source *source, struct sl_error *err)
{
    struct sl_env *env = source->client.env;
    int64_t interval_ms = sl_option_int64(source->options, conn_kafka_options,
                                          "scan.topic-partition-discovery.interval");
    if (source->is_bounded || interval_ms <= 0) {
        return SL_OK;
    }
    return sl_wake_at(env, SL_WAKE_CLOCK, sl_clock_steady_us(env->clock) + interval_ms * 1000,
                      CONN_KAFKA_TOKEN_DISCOVERY, err);
}

/* The first time the topics are asked for; later what the background request found. */
static enum sl_status count_partitions(struct conn_kafka_source *source, struct sl_error *err)
{
    bool is_first = source->topics[0].known_count == 0;
    for (uint32_t i = 0; i < source->topic_count; i++) {
        struct conn_kafka_topic *topic = &source->topics[i];
        int32_t count = 0;
        if (is_first) {
            SL_TRY(conn_kafka_partition_count(&source->client, topic->handle, &count, err));
        } else {
            count = source->discovery.counts[i];
        }
        topic->known_count = SL_MAX(topic->known_count, count);
    }
    source->discovery.has_new = false;
    return is_first ? arm_discovery(source, err) : SL_OK;
}

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct conn_kafka_source *source = state;
    SL_TRY(count_partitions(source, err));
    size_t total = 0;
    for (uint32_t i = 0; i < source->topic_count; i++) {
        total += (size_t)source->topics[i].known_count;
    }
    *count = 0;
    *names = SL_ARENA_ARRAY(arena, const char *, total);
    for (uint32_t i = 0; i < source->topic_count && *names != NULL; i++) {
        for (int32_t partition = 0; partition < source->topics[i].known_count; partition++) {
            const char *name = sl_arena_printf(arena, "%s/%d", source->topics[i].name, partition);
            if (name == NULL) {
                return sl_fail(err, SL_MEMORY, "no memory for the names of splits");
            }
            (*names)[(*count)++] = name;
        }
    }
    return *names != NULL ? SL_OK : sl_fail(err, SL_MEMORY, "no memory for the names of splits");
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct conn_kafka_source *source = state;
    struct sl_env *env = source->client.env;
    struct conn_kafka_split *made = SL_ARENA_NEW(env->arena, struct conn_kafka_split);
    const char *name = sl_arena_string(env->arena, split->name);
    if (made == NULL || name == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for splits");
    }
    made->split = (struct sl_split){.name = name, .id = split->id};
    SL_TRY(parse_split(source, name, &made->topic, &made->partition, err));
    SL_TRY(conn_kafka_offset_resolve(source, made, position, is_new, err));
    SL_TRY(add_split(source, made, err));
    sl_log_info(env->log, "kafka", "%s: reads %s from offset %lld", env->label, name,
                (long long)made->next);
    if (made->has_ended) {
        return SL_OK;
    }
    if (rd_kafka_consume_start_queue(made->topic->handle, made->partition, made->next,
                                     source->queue) != 0) {
        return sl_fail(err, SL_NETWORK, "%s cannot be read: %s", name,
                       rd_kafka_err2str(rd_kafka_last_error()));
    }
    made->is_running = true;
    return SL_OK;
}

static void source_revoke(void *state, uint32_t split_id)
{
    struct conn_kafka_source *source = state;
    struct conn_kafka_split *split = find_split(source, split_id);
    if (split == NULL) {
        return;
    }
    stop_split(split);
    split->topic->splits[split->partition] = NULL;
    uint32_t idx = 0;
    while (source->splits[idx] != split) {
        idx++;
    }
    source->splits[idx] = source->splits[--source->split_count];
}

/* ---- reading ---- */

static enum sl_status take_events(struct conn_kafka_source *source, int wait_ms,
                                  struct sl_error *err)
{
    rd_kafka_event_t *event;
    enum sl_status status = SL_OK;
    while (status == SL_OK &&
           (event = rd_kafka_queue_poll(source->client.events, wait_ms)) != NULL) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            status = conn_kafka_client_error(&source->client, event, err);
        } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
            source->commits_in_flight -= source->commits_in_flight > 0;
            if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                sl_log_warn(source->client.env->log, "kafka",
                            "%s: the consumer group was not told the positions: %s",
                            source->client.env->label,
                            rd_kafka_err2str(rd_kafka_event_error(event)));
            }
        }
        rd_kafka_event_destroy(event);
    }
    return status;
}

/* Sets the signal for a split that ended; false when there is none. Only called when no message
 * waits to be decoded, so the signal stands behind the split's last row. */
static bool tell_end(struct conn_kafka_source *source, struct sl_outs *outs)
{
    for (uint32_t i = 0; i < source->split_count; i++) {
        struct conn_kafka_split *split = source->splits[i];
        if (split->has_ended && !split->is_told) {
            stop_split(split);
            split->is_told = true;
            outs->signal =
                (struct sl_signal){.kind = SL_SIGNAL_SPLIT_ENDED, .value = split->split.id};
            return true;
        }
    }
    return false;
}

static bool is_done(const struct conn_kafka_source *source)
{
    bool done = source->is_bounded;
    for (uint32_t i = 0; i < source->split_count && done; i++) {
        done = source->splits[i]->is_told;
    }
    return done;
}

/* Moves the positions of the splits over messages [first, done). */
static void advance(struct conn_kafka_input *input, uint32_t first)
{
    for (uint32_t span = first; span < input->input.done; span++) {
        struct conn_kafka_split *split = input->splits[span];
        split->next = input->positions[span] + 1;
        split->partial_rows = 0;
        split->skip_rows = 0;
    }
    if (input->input.done < input->input.span_count && input->input.partial_rows > 0) {
        struct conn_kafka_split *split = input->splits[input->input.done];
        split->next = input->positions[input->input.done];
        split->partial_rows = input->input.partial_rows;
    }
}

static enum sl_status decode(struct conn_kafka_source *source, struct sl_outs *outs,
                             struct sl_error *err)
{
    struct conn_kafka_input *input = &source->input;
    uint32_t first = input->input.done;
    SL_TRY(conn_decoder_decode(source->decoder, &input->input, outs, err));
    if (input->error.status != SL_OK) {
        return sl_fail(err, input->error.status, "%s", input->error.text);
    }
    advance(input, first);
    return SL_OK;
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct conn_kafka_source *source = state;
    struct conn_input *input = &source->input.input;
    *flow = SL_MORE;
    SL_TRY(take_events(source, 0, err));
    for (;;) {
        while (input->done < input->span_count) {
            SL_TRY(decode(source, outs, err));
            if (outs->batches[SL_OUT_MAIN] != NULL || outs->batches[SL_OUT_REJECTED] != NULL) {
                return SL_OK;
            }
        }
        if (tell_end(source, outs)) {
            return SL_OK;
        }
        if (is_done(source)) {
            *flow = SL_DONE;
            return SL_OK;
        }
        bool has_fetched;
        SL_TRY(conn_kafka_input_fetch(source, &has_fetched, err));
        if (!has_fetched) {
            *flow = SL_BLOCKED;
            return SL_OK;
        }
    }
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    const struct conn_kafka_split *split = find_split(state, split_id);
    if (split == NULL) {
        return sl_fail(err, SL_INTERNAL, "split %u is not read here", split_id);
    }
    uint32_t rows = SL_MAX(split->partial_rows, split->skip_rows);
    sl_text_append_int64(out, split->next);
    if (rows > 0) {
        sl_text_append_char(out, '+');
        sl_text_append_int64(out, rows);
    }
    return SL_OK;
}

/* ---- the group, wake-ups, the end ---- */

static enum sl_status source_commit(void *state, const struct sl_split *splits,
                                    const char *const *positions, uint32_t count,
                                    struct sl_error *err)
{
    struct conn_kafka_source *source = state;
    if (count == 0 || !sl_option_is_set(source->options, "properties.group.id")) {
        return SL_OK;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    enum sl_status status = SL_OK;
    for (uint32_t i = 0; i < count && status == SL_OK; i++) {
        struct conn_kafka_topic *topic = NULL;
        int32_t partition = 0;
        int64_t offset = 0;
        status = parse_split(source, splits[i].name, &topic, &partition, err);
        if (status == SL_OK && sl_parse_int64(positions[i], strcspn(positions[i], "+"), &offset)) {
            rd_kafka_topic_partition_list_add(list, topic->name, partition)->offset = offset;
        }
    }
    if (status == SL_OK) {
        rd_kafka_resp_err_t code =
            rd_kafka_commit_queue(source->client.handle, list, source->client.events, NULL, NULL);
        source->commits_in_flight += code == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) { /* for information of others: not our end */
            sl_log_warn(source->client.env->log, "kafka",
                        "%s: the consumer group was not told the positions: %s",
                        source->client.env->label, rd_kafka_err2str(code));
        }
    }
    rd_kafka_topic_partition_list_destroy(list);
    return status;
}

static bool source_has_new_splits(void *state)
{
    const struct conn_kafka_source *source = state;
    return source->discovery.has_new;
}

static enum sl_status source_wake(void *state, int64_t token, struct sl_error *err)
{
    struct conn_kafka_source *source = state;
    if (token == CONN_KAFKA_TOKEN_DISCOVERY) {
        conn_kafka_discovery_start(source);
        return source->discovery.is_running ? SL_OK : arm_discovery(source, err);
    }
    if (token == CONN_KAFKA_TOKEN_LAG) {
        return conn_kafka_lag_update(source, err);
    }
    conn_kafka_client_quiet(&source->client);
    return conn_kafka_discovery_take(source) ? arm_discovery(source, err) : SL_OK;
}

static void wait_for_commits(struct conn_kafka_source *source)
{
    for (int waited_ms = 0; waited_ms < CLOSE_WAIT_MS && source->commits_in_flight > 0;
         waited_ms += 50) {
        (void)take_events(source, 50, NULL);
    }
}

static void source_close(void *state)
{
    struct conn_kafka_source *source = state;
    if (source == NULL) {
        return;
    }
    conn_kafka_discovery_close(source);
    for (uint32_t i = 0; i < source->split_count; i++) {
        stop_split(source->splits[i]);
    }
    if (source->client.handle != NULL) {
        wait_for_commits(source);
    }
    conn_kafka_input_close(source);
    if (source->queue != NULL) {
        rd_kafka_queue_io_event_enable(source->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(source->queue);
    }
    for (uint32_t i = 0; i < source->topic_count; i++) {
        rd_kafka_topic_destroy(source->topics[i].handle);
    }
    struct sl_account *account = source->client.env->account;
    conn_kafka_client_close(&source->client);
    sl_memory_free(account, source->splits,
                   source->split_capacity * sizeof(struct conn_kafka_split *));
}

const struct sl_source_def conn_kafka_source_def = {
    .open = source_open,
    .discover = source_discover,
    .assign = source_assign,
    .revoke = source_revoke,
    .poll = source_poll,
    .position = source_position,
    .commit = source_commit,
    .has_new_splits = source_has_new_splits,
    .wake = source_wake,
    .close = source_close,
};
