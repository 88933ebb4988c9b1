/* SPDX-License-Identifier: Apache-2.0
 *
 * One client of librdkafka. Always true: trouble with brokers is told every few seconds, not more
 * often, and ends the query only where somebody waits for an answer, after 'connect-timeout'. */
#include "kafka_client.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kafka_conf.h"
#include "part.h"

enum {
    COMPLAIN_EVERY_MS = 5000,
    REPORT_EVERY_MS = 3000,
    TRY_MS = 2000,
    PAUSE_MS = 300,
    UNKNOWN_TOPIC_TRIES = 3
};

static const int64_t NS_PER_MS = 1000000;

static int64_t now_ns(const struct conn_kafka_client *client)
{
    return client->env->clock->monotonic_ns(client->env->clock);
}

/* Called on threads of librdkafka. Its own words on connections and on what it tries again are for
 * the curious: what matters of them comes as an error event. */
static void log_line(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    bool is_retried = strcmp(facility, "FAIL") == 0 || strcmp(facility, "ERROR") == 0 ||
                      strcmp(facility, "GETPID") == 0;
    enum sl_log_level to = level >= 7                 ? SL_LOG_DEBUG
                           : is_retried || level >= 5 ? SL_LOG_INFO
                           : level >= 3               ? SL_LOG_WARN
                                                      : SL_LOG_ERROR;
    sl_log_line(rd_kafka_opaque(handle), to, "kafka", "%s: %s", facility, text);
}

enum sl_status conn_kafka_client_open(struct conn_kafka_client *client, struct sl_env *env,
                                      rd_kafka_type_t type, int events, struct sl_error *err)
{
    const struct sl_options *options = conn_table_options(env);
    char text[CONN_KAFKA_TROUBLE_BYTES];
    rd_kafka_conf_t *conf = NULL;
    client->env = env;
    client->event_fd = -1;
    client->servers = sl_option_text(options, NULL, "properties.bootstrap.servers");
    client->connect_timeout_ms = sl_option_int64(options, conn_kafka_options, "connect-timeout");
    SL_TRY(conn_kafka_conf_make(options, type, env->worker_count, env->log, &conf, err));
    rd_kafka_conf_set_opaque(conf, env->log);
    rd_kafka_conf_set_log_cb(conf, log_line);
    rd_kafka_conf_set_events(conf, events | RD_KAFKA_EVENT_ERROR);
    client->handle = rd_kafka_new(type, conf, text, sizeof text);
    if (client->handle == NULL) {
        rd_kafka_conf_destroy(conf);
        return sl_fail(err, SL_OPTION, "the Kafka client cannot be made: %s", text);
    }
    client->events = rd_kafka_queue_get_main(client->handle);
    client->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (client->event_fd < 0) {
        return sl_fail(err, SL_IO, "no descriptor for the Kafka client's wake-up");
    }
    conn_kafka_client_watch(client, client->events);
    return sl_wake_fd(env, client->event_fd, 0, err);
}

void conn_kafka_client_close(struct conn_kafka_client *client)
{
    if (client->handle == NULL) {
        return;
    }
    rd_kafka_queue_io_event_enable(client->events, -1, NULL, 0);
    rd_kafka_queue_destroy(client->events);
    rd_kafka_destroy_flags(client->handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (client->event_fd >= 0) {
        sl_wake_fd_remove(client->env, client->event_fd);
        close(client->event_fd);
    }
    memset(client, 0, sizeof *client);
}

void conn_kafka_client_watch(struct conn_kafka_client *client, rd_kafka_queue_t *queue)
{
    static const uint64_t ONE = 1;
    rd_kafka_queue_io_event_enable(queue, client->event_fd, &ONE, sizeof ONE);
}

void conn_kafka_client_quiet(struct conn_kafka_client *client)
{
    eventfd_t count;
    (void)eventfd_read(client->event_fd, &count); /* fails only when it is quiet already */
}

void conn_kafka_client_is_alive(struct conn_kafka_client *client)
{
    if (client->is_cut_off) {
        client->is_cut_off = false;
        sl_log_info(client->env->log, "kafka", "%s: the brokers of '%s' answer again",
                    client->env->label, client->servers);
    }
}

static void complain(struct conn_kafka_client *client)
{
    int64_t now = now_ns(client);
    if (client->complained_ns == 0 ||
        now - client->complained_ns >= COMPLAIN_EVERY_MS * NS_PER_MS) {
        client->complained_ns = now;
        sl_log_warn(client->env->log, "kafka", "%s: no broker of '%s' answers (%s); trying on",
                    client->env->label, client->servers, client->trouble);
    }
}

static void set_trouble(struct conn_kafka_client *client, const char *text)
{
    size_t length = SL_MIN(strlen(text), sizeof client->trouble - 1);
    memcpy(client->trouble, text, length);
    client->trouble[length] = '\0';
}

enum sl_status conn_kafka_client_error(struct conn_kafka_client *client, rd_kafka_event_t *event,
                                       struct sl_error *err)
{
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const char *text = rd_kafka_event_error_string(event);
    if (rd_kafka_event_error_is_fatal(event) || code == RD_KAFKA_RESP_ERR__FATAL) {
        return sl_fail(err, SL_NETWORK, "%s: the Kafka client gives up: %s", client->env->label,
                       text);
    }
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        client->is_cut_off = true;
        complain(client);
        return SL_OK;
    }
    set_trouble(client, text);
    sl_log_info(client->env->log, "kafka", "%s: %s", client->env->label, text);
    if (client->is_cut_off) {
        complain(client);
    }
    return SL_OK;
}

/* ---- waiting ---- */

void conn_kafka_wait_begin(struct conn_kafka_client *client, struct conn_kafka_wait *wait)
{
    *wait = (struct conn_kafka_wait){.deadline_ns =
                                         now_ns(client) + client->connect_timeout_ms * NS_PER_MS};
    client->complained_ns = now_ns(client); /* the wait has its own words */
}

int conn_kafka_wait_try_ms(struct conn_kafka_client *client, const struct conn_kafka_wait *wait)
{
    int64_t left_ms = (wait->deadline_ns - now_ns(client)) / NS_PER_MS;
    return (int)SL_MAX(SL_MIN(left_ms, (int64_t)TRY_MS), (int64_t)1);
}

/* Takes events for a while; what is not an error is dropped, as nothing was asked for yet. */
static enum sl_status pause_client(struct conn_kafka_client *client, int64_t pause_ms,
                                   struct sl_error *err)
{
    int64_t until_ns = now_ns(client) + pause_ms * NS_PER_MS;
    enum sl_status status = SL_OK;
    while (status == SL_OK) {
        int64_t left_ms = SL_MAX((until_ns - now_ns(client)) / NS_PER_MS, (int64_t)0);
        rd_kafka_event_t *event = rd_kafka_queue_poll(client->events, (int)left_ms);
        if (event == NULL && left_ms == 0) {
            break;
        }
        if (event != NULL && rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
            status = conn_kafka_client_error(client, event, err);
        }
        rd_kafka_event_destroy(event);
    }
    return status;
}

static bool is_unknown_topic(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

static bool is_refused(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED ||
           code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION || code == RD_KAFKA_RESP_ERR_INVALID_GROUP_ID;
}

/* Before 2.6.1 the client's nonce was sent twice (librdkafka, pull request 4895), which Kafka 4
 * calls invalid credentials. */
static const char *scram_hint(const char *text)
{
    bool is_old = rd_kafka_version() < 0x02060100;
    return is_old && strstr(text, "credentials with SASL mechanism SCRAM") != NULL
               ? "; this version of librdkafka cannot do SCRAM with Kafka 4 (2.6.1 can)"
               : "";
}

enum sl_status conn_kafka_wait_again(struct conn_kafka_client *client, struct conn_kafka_wait *wait,
                                     rd_kafka_resp_err_t code, const char *topic,
                                     struct sl_error *err)
{
    SL_TRY(pause_client(client, 0, err));
    bool is_connection = code == RD_KAFKA_RESP_ERR__TRANSPORT ||
                         code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
                         code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    const char *text =
        is_connection && client->trouble[0] != '\0' ? client->trouble : rd_kafka_err2str(code);
    /* A topic that was only just made is not known to every broker yet. */
    wait->unknown_count += is_unknown_topic(code);
    if (wait->unknown_count == UNKNOWN_TOPIC_TRIES && topic != NULL) {
        return sl_fail(err, SL_NOT_FOUND, "topic '%s' does not exist on '%s'", topic,
                       client->servers);
    }
    if (is_refused(code)) {
        return sl_fail(err, SL_NETWORK, "%s%s%s'%s' refuses: %s", topic == NULL ? "" : "topic '",
                       topic == NULL ? "" : topic, topic == NULL ? "" : "': ", client->servers,
                       rd_kafka_err2str(code));
    }
    int64_t now = now_ns(client);
    if (now >= wait->deadline_ns && code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
        return sl_fail(err, SL_NOT_FOUND, "topic '%s' has no such partition on '%s'",
                       topic == NULL ? "" : topic, client->servers);
    }
    if (now >= wait->deadline_ns) {
        return sl_fail(err, SL_NETWORK, "no broker of '%s' answered within %lld ms: %s%s",
                       client->servers, (long long)client->connect_timeout_ms, text,
                       scram_hint(text));
    }
    if (wait->reported_ns == 0 || now - wait->reported_ns >= REPORT_EVERY_MS * NS_PER_MS) {
        wait->reported_ns = now;
        sl_log_warn(client->env->log, "kafka",
                    "%s: waiting for a broker of '%s' (%s); giving up in %lld s",
                    client->env->label, client->servers, text,
                    (long long)((wait->deadline_ns - now) / NS_PER_MS / 1000));
    }
    client->complained_ns = now; /* said just now */
    return pause_client(client, PAUSE_MS, err);
}

enum sl_status conn_kafka_partition_count(struct conn_kafka_client *client, rd_kafka_topic_t *topic,
                                          int32_t *count, struct sl_error *err)
{
    struct conn_kafka_wait wait;
    conn_kafka_wait_begin(client, &wait);
    for (;;) {
        const struct rd_kafka_metadata *metadata = NULL;
        int try_ms = conn_kafka_wait_try_ms(client, &wait);
        rd_kafka_resp_err_t code = rd_kafka_metadata(client->handle, 0, topic, &metadata, try_ms);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            bool is_there = metadata->topic_cnt == 1;
            code = is_there ? metadata->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
            *count = is_there ? metadata->topics[0].partition_cnt : 0;
            rd_kafka_metadata_destroy(metadata);
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && *count > 0) {
            conn_kafka_client_is_alive(client);
            return SL_OK;
        }
        SL_TRY(conn_kafka_wait_again(client, &wait, code, rd_kafka_topic_name(topic), err));
    }
}
