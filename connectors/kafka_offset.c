/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a split starts and ends. Always true: what comes out are numbers, never "the beginning" or
 * "the end", so a position is exact before the first message. Options: Flink's kafka connector
 * ("Start Reading Position", "Bounded Ending Position"). */
#include <string.h>

#include "source_kafka.h"

static const char BOUNDED_MODE[] = "scan.bounded.mode";
static const char STARTUP_MODE[] = "scan.startup.mode";

/* ---- options ---- */

/* Finds partition in "partition:0,offset:42;partition:1,offset:300"; any text, with partition -1,
 * is only checked. False when it is not of this form. */
static bool find_offset(const char *text, int32_t partition, bool *found, int64_t *offset)
{
    static const char PARTITION[] = "partition:";
    static const char OFFSET[] = ",offset:";
    *found = false;
    for (const char *at = text;; at++) {
        int64_t number = 0;
        int64_t value = 0;
        if (strncmp(at, PARTITION, sizeof PARTITION - 1) != 0) {
            return false;
        }
        at += sizeof PARTITION - 1;
        size_t length = strcspn(at, ",;");
        if (!sl_parse_int64(at, length, &number) || number < 0 || number > INT32_MAX ||
            strncmp(at + length, OFFSET, sizeof OFFSET - 1) != 0) {
            return false;
        }
        at += length + sizeof OFFSET - 1;
        length = strcspn(at, ";");
        if (!sl_parse_int64(at, length, &value) || value < 0) {
            return false;
        }
        if (number == partition) {
            *found = true;
            *offset = value;
        }
        at += length;
        if (at[0] == '\0' || at[1] == '\0') {
            return true;
        }
    }
}

static enum sl_status check_mode(const struct sl_options *options, const char *mode_option,
                                 const char *offsets_option, const char *timestamp_option,
                                 struct sl_error *err)
{
    const char *mode = sl_option_text(options, conn_kafka_options, mode_option);
    const char *offsets = sl_option_text(options, NULL, offsets_option);
    bool found;
    int64_t offset;
    if (strcmp(mode, "specific-offsets") == 0 && offsets == NULL) {
        return sl_fail(err, SL_OPTION, "'%s' = '%s' needs '%s'", mode_option, mode, offsets_option);
    }
    if (offsets != NULL && !find_offset(offsets, -1, &found, &offset)) {
        return sl_fail(err, SL_OPTION,
                       "'%s': expected 'partition:0,offset:42;partition:1,offset:300', found '%s'",
                       offsets_option, offsets);
    }
    if (offsets != NULL && strchr(sl_option_text(options, NULL, "topic"), ';') != NULL) {
        return sl_fail(err, SL_OPTION, "'%s' needs a single topic", offsets_option);
    }
    if (strcmp(mode, "timestamp") == 0 && !sl_option_is_set(options, timestamp_option)) {
        return sl_fail(err, SL_OPTION, "'%s' = '%s' needs '%s'", mode_option, mode,
                       timestamp_option);
    }
    return SL_OK;
}

enum sl_status conn_kafka_offset_check(const struct sl_options *options, struct sl_error *err)
{
    SL_TRY(check_mode(options, STARTUP_MODE, "scan.startup.specific-offsets",
                      "scan.startup.timestamp-millis", err));
    SL_TRY(check_mode(options, BOUNDED_MODE, "scan.bounded.specific-offsets",
                      "scan.bounded.timestamp-millis", err));
    if (strcmp(sl_option_text(options, conn_kafka_options, BOUNDED_MODE), "group-offsets") == 0 &&
        !sl_option_is_set(options, "properties.group.id")) {
        return sl_fail(err, SL_OPTION, "'%s' = 'group-offsets' needs 'properties.group.id'",
                       BOUNDED_MODE);
    }
    return SL_OK;
}

/* ---- questions to the broker ---- */

enum question { ASK_LOW, ASK_HIGH, ASK_TIME, ASK_GROUP };

static rd_kafka_resp_err_t ask_list(struct conn_kafka_client *client,
                                    const struct conn_kafka_split *split, enum question question,
                                    int64_t *offset, int try_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *entry =
        rd_kafka_topic_partition_list_add(list, split->topic->name, split->partition);
    entry->offset = *offset;
    rd_kafka_resp_err_t code = question == ASK_TIME
                                   ? rd_kafka_offsets_for_times(client->handle, list, try_ms)
                                   : rd_kafka_committed(client->handle, list, try_ms);
    code = code == RD_KAFKA_RESP_ERR_NO_ERROR ? entry->err : code;
    *offset = entry->offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* A partition that another instance discovered is not known to this one's client, which would ask
 * by itself only every few minutes. */
static void learn_partitions(struct conn_kafka_client *client, rd_kafka_topic_t *topic, int try_ms)
{
    const struct rd_kafka_metadata *metadata = NULL;
    if (rd_kafka_metadata(client->handle, 0, topic, &metadata, try_ms) ==
        RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(metadata);
    }
}

/* Waits for the answer. *offset: for ASK_TIME the time in ms; the answer is negative when there is
 * none. */
static enum sl_status ask(struct conn_kafka_source *source, const struct conn_kafka_split *split,
                          enum question question, int64_t *offset, struct sl_error *err)
{
    struct conn_kafka_client *client = &source->client;
    struct conn_kafka_wait wait;
    conn_kafka_wait_begin(client, &wait);
    for (;;) {
        int try_ms = conn_kafka_wait_try_ms(client, &wait);
        int64_t answer = *offset;
        int64_t low = 0;
        int64_t high = 0;
        rd_kafka_resp_err_t code;
        if (question == ASK_TIME || question == ASK_GROUP) {
            code = ask_list(client, split, question, &answer, try_ms);
        } else {
            code = rd_kafka_query_watermark_offsets(client->handle, split->topic->name,
                                                    split->partition, &low, &high, try_ms);
            answer = question == ASK_LOW ? low : high;
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            *offset = answer;
            return SL_OK;
        }
        if (code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
            learn_partitions(client, split->topic->handle, try_ms);
        }
        SL_TRY(conn_kafka_wait_again(client, &wait, code, split->topic->name, err));
    }
}

/* The offset of the first message of that time or later; the end when there is none. */
static enum sl_status ask_time(struct conn_kafka_source *source,
                               const struct conn_kafka_split *split, const char *option,
                               int64_t *offset, struct sl_error *err)
{
    *offset = sl_option_int64(source->options, conn_kafka_options, option);
    SL_TRY(ask(source, split, ASK_TIME, offset, err));
    return *offset >= 0 ? SL_OK : ask(source, split, ASK_HIGH, offset, err);
}

/* ---- start ---- */

/* What the group has committed, else what 'properties.auto.offset.reset' says, else the earliest.
 */
static enum sl_status start_of_group(struct conn_kafka_source *source,
                                     const struct conn_kafka_split *split, int64_t *offset,
                                     struct sl_error *err)
{
    const char *group = sl_option_text(source->options, NULL, "properties.group.id");
    const char *reset = sl_option_text(source->options, NULL, "properties.auto.offset.reset");
    *offset = -1;
    if (group != NULL) {
        SL_TRY(ask(source, split, ASK_GROUP, offset, err));
    }
    if (*offset >= 0) {
        return SL_OK;
    }
    if (reset != NULL && strcmp(reset, "none") == 0) {
        return sl_fail(err, SL_NOT_FOUND, "group '%s' has no committed offset in '%s'",
                       group == NULL ? "" : group, split->split.name);
    }
    bool is_latest = reset != NULL && strcmp(reset, "latest") == 0;
    if (!source->is_warned && reset == NULL) {
        source->is_warned = true;
        sl_log_line(source->client.env->log, group == NULL ? SL_LOG_INFO : SL_LOG_WARN, "kafka",
                    "%s: %s%s%s no committed offset in '%s': reading from the earliest one",
                    source->client.env->label, group == NULL ? "without" : "group '",
                    group == NULL ? " a group there is" : group, group == NULL ? "" : "' has",
                    split->split.name);
    }
    return ask(source, split, is_latest ? ASK_HIGH : ASK_LOW, offset, err);
}

static enum sl_status start_by_options(struct conn_kafka_source *source,
                                       const struct conn_kafka_split *split, int64_t *offset,
                                       struct sl_error *err)
{
    const char *mode = sl_option_text(source->options, conn_kafka_options, STARTUP_MODE);
    if (strcmp(mode, "earliest-offset") == 0) {
        return ask(source, split, ASK_LOW, offset, err);
    }
    if (strcmp(mode, "latest-offset") == 0) {
        return ask(source, split, ASK_HIGH, offset, err);
    }
    if (strcmp(mode, "timestamp") == 0) {
        return ask_time(source, split, "scan.startup.timestamp-millis", offset, err);
    }
    bool found = false;
    if (strcmp(mode, "specific-offsets") == 0) {
        find_offset(sl_option_text(source->options, NULL, "scan.startup.specific-offsets"),
                    split->partition, &found, offset);
    }
    return found ? SL_OK : start_of_group(source, split, offset, err);
}

/* "42", or "42+3": three rows of message 42 came out. */
static enum sl_status parse_position(struct conn_kafka_split *split, const char *position,
                                     struct sl_error *err)
{
    size_t length = strcspn(position, "+");
    int64_t skip_rows = 0;
    bool is_good = sl_parse_int64(position, length, &split->next) && split->next >= 0;
    if (is_good && position[length] == '+') {
        const char *rows = position + length + 1;
        is_good = sl_parse_int64(rows, strlen(rows), &skip_rows) && skip_rows >= 0 &&
                  skip_rows <= UINT32_MAX;
    }
    split->skip_rows = (uint32_t)skip_rows;
    return is_good ? SL_OK
                   : sl_fail(err, SL_CORRUPT, "'%s' is not a position in '%s'", position,
                             split->split.name);
}

/* ---- end ---- */

static enum sl_status find_end(struct conn_kafka_source *source,
                               const struct conn_kafka_split *split, int64_t *end,
                               struct sl_error *err)
{
    const char *mode = sl_option_text(source->options, conn_kafka_options, BOUNDED_MODE);
    if (strcmp(mode, "unbounded") == 0) {
        *end = INT64_MAX;
        return SL_OK;
    }
    if (strcmp(mode, "timestamp") == 0) {
        return ask_time(source, split, "scan.bounded.timestamp-millis", end, err);
    }
    *end = -1;
    bool found = false;
    if (strcmp(mode, "specific-offsets") == 0) {
        find_offset(sl_option_text(source->options, NULL, "scan.bounded.specific-offsets"),
                    split->partition, &found, end);
    } else if (strcmp(mode, "group-offsets") == 0) {
        SL_TRY(ask(source, split, ASK_GROUP, end, err));
    }
    return *end >= 0 ? SL_OK : ask(source, split, ASK_HIGH, end, err);
}

enum sl_status conn_kafka_offset_resolve(struct conn_kafka_source *source,
                                         struct conn_kafka_split *split, const char *position,
                                         bool is_new, struct sl_error *err)
{
    split->next = 0;
    if (position != NULL) {
        SL_TRY(parse_position(split, position, err));
    } else if (is_new) {
        SL_TRY(ask(source, split, ASK_LOW, &split->next, err));
    } else {
        SL_TRY(start_by_options(source, split, &split->next, err));
    }
    SL_TRY(find_end(source, split, &split->end, err));
    split->has_ended = split->next >= split->end;
    return SL_OK;
}
