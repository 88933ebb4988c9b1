/* SPDX-License-Identifier: Apache-2.0
 *
 * Table options to a configuration of librdkafka. Always true: a property is passed on, translated,
 * said to be ignored, or refused by name; and no message shows the value of a secret. Sources:
 * Kafka 4.1 "Consumer Configs" and "Producer Configs"; librdkafka's CONFIGURATION.md. */
#include "kafka_conf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char PREFIX[] = "properties.";

enum {
    PREFIX_BYTES = sizeof PREFIX - 1,
    BUFFER_KBYTES = 65536,
    BUFFER_KBYTES_MIN = 8192,
    BUFFER_MESSAGES = 1000000,
    BUFFER_MESSAGES_MIN = 200000,
    TEXT_BYTES = 512
};

struct builder {
    rd_kafka_conf_t *conf;
    const struct sl_options *options;
    rd_kafka_type_t type;
    struct sl_log *log;
};

/* What becomes of a property that must not simply be passed on. */
struct rule {
    const char *name; /* without the prefix */
    enum { RENAME, IGNORE, REFUSE, CALL } action;
    const char *text; /* RENAME: librdkafka's name; IGNORE: why; REFUSE: what to do, or NULL */
    enum sl_status (*call)(struct builder *builder, const struct sl_option *option,
                           struct sl_error *err);
};

static bool is_secret(const struct sl_option *option)
{
    return sl_option_masked(NULL, option) != option->value;
}

static const char *other_option(const struct builder *builder, const char *name)
{
    const char *text = sl_option_text(builder->options, NULL, name);
    return text == NULL ? "" : text;
}

static enum sl_status set(struct builder *builder, const struct sl_option *option, const char *name,
                          const char *value, struct sl_error *err)
{
    char text[TEXT_BYTES];
    switch (rd_kafka_conf_set(builder->conf, name, value, text, sizeof text)) {
    case RD_KAFKA_CONF_OK:
        return SL_OK;
    case RD_KAFKA_CONF_UNKNOWN:
        return sl_fail_at(err, SL_OPTION, option->line, option->column,
                          "'%s' is not a property of the Kafka client (librdkafka %s)",
                          option->name, rd_kafka_version_str());
    default:
        return sl_fail_at(err, SL_OPTION, option->line, option->column, "'%s': %s", option->name,
                          is_secret(option) ? "the value is not valid" : text);
    }
}

static enum sl_status refuse_java(const struct sl_option *option, const char *hint,
                                  struct sl_error *err)
{
    return sl_fail_at(err, SL_OPTION, option->line, option->column,
                      "'%s' is a property of the Java client%s%s", option->name,
                      hint == NULL ? "" : "; ", hint == NULL ? "" : hint);
}

/* ---- sasl.jaas.config ---- */

/* Reads a word, or a text in quotes with backslash escapes, into to; NULL when it is too long or
 * does not end. */
static const char *read_jaas_word(const char *at, char *to, size_t to_bytes)
{
    size_t length = 0;
    char quote = *at == '"' || *at == '\'' ? *at++ : '\0';
    while (*at != '\0' && (quote != '\0' ? *at != quote : strchr(" \t\r\n;=", *at) == NULL)) {
        if (quote != '\0' && at[0] == '\\' && at[1] != '\0') {
            at++;
        }
        if (length + 1 == to_bytes) {
            return NULL;
        }
        to[length++] = *at++;
    }
    to[length] = '\0';
    if (quote == '\0') {
        return at;
    }
    return *at == quote ? at + 1 : NULL;
}

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* Login module, control flag, then name=value pairs, then a semicolon. */
static enum sl_status set_jaas(struct builder *builder, const struct sl_option *option,
                               struct sl_error *err)
{
    char name[TEXT_BYTES];
    char value[TEXT_BYTES];
    const char *at = read_jaas_word(skip_space(option->value), name, sizeof name);
    if (at == NULL ||
        (strstr(name, ".PlainLoginModule") == NULL && strstr(name, ".ScramLoginModule") == NULL)) {
        return sl_fail_at(err, SL_OPTION, option->line, option->column,
                          "'%s': expected a PlainLoginModule or a ScramLoginModule; for other "
                          "mechanisms use librdkafka's 'properties.sasl.*'",
                          option->name);
    }
    at = read_jaas_word(skip_space(at), value, sizeof value); /* "required" */
    while (at != NULL && *(at = skip_space(at)) != ';' && *at != '\0') {
        at = read_jaas_word(at, name, sizeof name);
        if (at == NULL || *(at = skip_space(at)) != '=') {
            at = NULL;
            break;
        }
        at = read_jaas_word(skip_space(at + 1), value, sizeof value);
        const char *to = strcmp(name, "username") == 0   ? "sasl.username"
                         : strcmp(name, "password") == 0 ? "sasl.password"
                                                         : NULL;
        if (at != NULL && to != NULL) {
            SL_TRY(set(builder, option, to, value, err));
        }
    }
    return at != NULL
               ? SL_OK
               : sl_fail_at(err, SL_OPTION, option->line, option->column,
                            "'%s': expected username=\"...\" password=\"...\";", option->name);
}

/* ---- keys and certificates ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t text_bytes = strlen(text);
    size_t end_bytes = strlen(end);
    return text_bytes >= end_bytes && strcasecmp(text + text_bytes - end_bytes, end) == 0;
}

static bool is_pem(const struct builder *builder, const char *type_option, const char *path)
{
    const char *type = other_option(builder, type_option);
    return strcasecmp(type, "PEM") == 0 ||
           (*type == '\0' && (ends_with(path, ".pem") || ends_with(path, ".crt")));
}

static enum sl_status set_truststore(struct builder *builder, const struct sl_option *option,
                                     struct sl_error *err)
{
    if (!is_pem(builder, "properties.ssl.truststore.type", option->value)) {
        return refuse_java(option, "give the certificates as a PEM file", err);
    }
    return set(builder, option, "ssl.ca.location", option->value, err);
}

static enum sl_status set_keystore(struct builder *builder, const struct sl_option *option,
                                   struct sl_error *err)
{
    if (is_pem(builder, "properties.ssl.keystore.type", option->value)) {
        SL_TRY(set(builder, option, "ssl.certificate.location", option->value, err));
        return set(builder, option, "ssl.key.location", option->value, err);
    }
    if (strcasecmp(other_option(builder, "properties.ssl.keystore.type"), "JKS") == 0 ||
        ends_with(option->value, ".jks")) {
        return refuse_java(option, "give the key as a PEM or PKCS#12 file", err);
    }
    return set(builder, option, "ssl.keystore.location", option->value, err);
}

static enum sl_status set_store_type(struct builder *builder, const struct sl_option *option,
                                     struct sl_error *err)
{
    (void)builder;
    bool is_keystore = strstr(option->name, "keystore") != NULL;
    bool is_known = strcasecmp(option->value, "PEM") == 0 ||
                    (is_keystore && strcasecmp(option->value, "PKCS12") == 0);
    return is_known ? SL_OK : refuse_java(option, "only PEM files can be read here", err);
}

static enum sl_status set_host_check(struct builder *builder, const struct sl_option *option,
                                     struct sl_error *err)
{
    return set(builder, option, "ssl.endpoint.identification.algorithm",
               *option->value == '\0' ? "none" : option->value, err);
}

/* ---- others ---- */

static enum sl_status set_offset_reset(struct builder *builder, const struct sl_option *option,
                                       struct sl_error *err)
{
    return set(builder, option, "auto.offset.reset",
               strcmp(option->value, "none") == 0 ? "error" : option->value, err);
}

/* The Java consumer's bound of one request; the producer's exists in librdkafka too. */
static enum sl_status set_request_timeout(struct builder *builder, const struct sl_option *option,
                                          struct sl_error *err)
{
    const char *to =
        builder->type == RD_KAFKA_PRODUCER ? "request.timeout.ms" : "socket.timeout.ms";
    return set(builder, option, to, option->value, err);
}

static enum sl_status set_buffer(struct builder *builder, const struct sl_option *option,
                                 struct sl_error *err)
{
    int64_t bytes = 0;
    char kbytes[32];
    if (!sl_parse_int64(option->value, strlen(option->value), &bytes) || bytes < 1024) {
        return sl_fail_at(err, SL_OPTION, option->line, option->column,
                          "'%s': expected a number of bytes from 1024 on, found '%s'", option->name,
                          option->value);
    }
    snprintf(kbytes, sizeof kbytes, "%lld", (long long)(bytes / 1024));
    return set(builder, option, "queue.buffering.max.kbytes", kbytes, err);
}

static const char COUNTED_HERE[] = "batches are cut here";
static const char POSITIONS[] = "positions belong to the checkpoints";

static const struct rule RULES[] = {
    {"auto.commit.interval.ms", IGNORE, POSITIONS, NULL},
    {"auto.offset.reset", CALL, NULL, set_offset_reset},
    {"buffer.memory", CALL, NULL, set_buffer},
    {"config.providers", REFUSE, NULL, NULL},
    {"default.api.timeout.ms", IGNORE, "see 'connect-timeout'", NULL},
    {"enable.auto.commit", IGNORE, POSITIONS, NULL},
    {"enable.auto.offset.store", IGNORE, POSITIONS, NULL},
    {"enable.metrics.push", IGNORE, "there is no such thing here", NULL},
    {"enable.partition.eof", IGNORE, "the source needs it", NULL},
    {"exclude.internal.topics", IGNORE, "topics are named one by one", NULL},
    {"fetch.max.wait.ms", RENAME, "fetch.wait.max.ms", NULL},
    {"interceptor.classes", REFUSE, NULL, NULL},
    {"key.deserializer", REFUSE, "use 'key.format'", NULL},
    {"key.serializer", REFUSE, "use 'key.format'", NULL},
    {"max.block.ms", IGNORE, "a full buffer holds the query back", NULL},
    {"max.poll.records", IGNORE, COUNTED_HERE, NULL},
    {"max.request.size", RENAME, "message.max.bytes", NULL},
    {"metric.reporters", REFUSE, NULL, NULL},
    {"metrics.num.samples", IGNORE, "there is no such thing here", NULL},
    {"metrics.recording.level", IGNORE, "there is no such thing here", NULL},
    {"metrics.sample.window.ms", IGNORE, "there is no such thing here", NULL},
    {"partition.assignment.strategy", IGNORE, "splits are assigned here", NULL},
    {"partition.discovery.interval.ms", REFUSE, "use 'scan.topic-partition-discovery.interval'",
     NULL},
    {"partitioner.class", REFUSE, "use 'sink.partitioner'", NULL},
    {"plugin.library.paths", REFUSE, "libraries are not loaded from SQL", NULL},
    {"receive.buffer.bytes", RENAME, "socket.receive.buffer.bytes", NULL},
    {"request.timeout.ms", CALL, NULL, set_request_timeout},
    {"sasl.client.callback.handler.class", REFUSE, NULL, NULL},
    {"sasl.jaas.config", CALL, NULL, set_jaas},
    {"sasl.login.callback.handler.class", REFUSE, NULL, NULL},
    {"sasl.login.class", REFUSE, NULL, NULL},
    {"security.providers", REFUSE, NULL, NULL},
    {"send.buffer.bytes", RENAME, "socket.send.buffer.bytes", NULL},
    {"ssl.enabled.protocols", REFUSE, NULL, NULL},
    {"ssl.endpoint.identification.algorithm", CALL, NULL, set_host_check},
    {"ssl.engine.factory.class", REFUSE, NULL, NULL},
    {"ssl.keymanager.algorithm", REFUSE, NULL, NULL},
    {"ssl.keystore.certificate.chain", RENAME, "ssl.certificate.pem", NULL},
    {"ssl.keystore.key", RENAME, "ssl.key.pem", NULL},
    {"ssl.keystore.location", CALL, NULL, set_keystore},
    {"ssl.keystore.type", CALL, NULL, set_store_type},
    {"ssl.protocol", REFUSE, NULL, NULL},
    {"ssl.provider", REFUSE, NULL, NULL},
    {"ssl.secure.random.implementation", REFUSE, NULL, NULL},
    {"ssl.trustmanager.algorithm", REFUSE, NULL, NULL},
    {"ssl.truststore.certificates", RENAME, "ssl.ca.pem", NULL},
    {"ssl.truststore.location", CALL, NULL, set_truststore},
    {"ssl.truststore.password", IGNORE, "a PEM file has none", NULL},
    {"ssl.truststore.type", CALL, NULL, set_store_type},
    {"transactional.id", REFUSE, "transactions are not supported yet", NULL},
    {"value.deserializer", REFUSE, "use 'value.format' or 'format'", NULL},
    {"value.serializer", REFUSE, "use 'value.format' or 'format'", NULL},
};

static enum sl_status apply(struct builder *builder, const struct sl_option *option,
                            struct sl_error *err)
{
    const char *name = option->name + PREFIX_BYTES;
    const struct rule *rule = NULL;
    for (size_t i = 0; i < SL_COUNT_OF(RULES) && rule == NULL; i++) {
        rule = strcmp(RULES[i].name, name) == 0 ? &RULES[i] : NULL;
    }
    if (rule == NULL) {
        return set(builder, option, name, option->value, err);
    }
    switch (rule->action) {
    case RENAME:
        return set(builder, option, rule->text, option->value, err);
    case IGNORE:
        sl_log_info(builder->log, "kafka", "'%s' is ignored: %s", option->name, rule->text);
        return SL_OK;
    case REFUSE:
        return refuse_java(option, rule->text, err);
    default:
        return rule->call(builder, option, err);
    }
}

/* Settings of ours; that they are right is known when building, so a refusal is our error. */
static enum sl_status set_ours(struct builder *builder, const char *const (*pairs)[2],
                               struct sl_error *err)
{
    for (; (*pairs)[0] != NULL; pairs++) {
        struct sl_option option = {.name = (*pairs)[0], .value = (*pairs)[1]};
        SL_TRY(set(builder, &option, option.name, option.value, err));
    }
    return SL_OK;
}

/* Gives each of the workers its share of a buffer of the whole query. */
static enum sl_status set_share(struct builder *builder, const char *name, uint32_t total,
                                uint32_t least, uint32_t worker_count, struct sl_error *err)
{
    char value[32];
    snprintf(value, sizeof value, "%u", SL_MAX(total / SL_MAX(worker_count, 1U), least));
    struct sl_option option = {.name = name, .value = value};
    return set(builder, &option, name, value, err);
}

static enum sl_status set_consumer_defaults(struct builder *builder, uint32_t worker_count,
                                            struct sl_error *err)
{
    static const char *const PAIRS[][2] = {
        {"client.id", "sluice"},
        {"reconnect.backoff.max.ms", "2000"},
        {"enable.partition.eof", "true"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"allow.auto.create.topics", "false"},
        {NULL, NULL},
    };
    /* librdkafka before 2.2 does not look at a queue that was full for up to a second, so it is to
     * hold what a worker reads in that time: the bytes limit it, unless messages are tiny (each
     * costs some 250 bytes more than its own). Later versions can be told. */
    (void)rd_kafka_conf_set(builder->conf, "fetch.queue.backoff.ms", "10", NULL, 0);
    SL_TRY(set_share(builder, "queued.min.messages", BUFFER_MESSAGES, BUFFER_MESSAGES_MIN,
                     worker_count, err));
    SL_TRY(set_share(builder, "queued.max.messages.kbytes", BUFFER_KBYTES, BUFFER_KBYTES_MIN,
                     worker_count, err));
    return set_ours(builder, PAIRS, err);
}

static enum sl_status set_producer_defaults(struct builder *builder, uint32_t worker_count,
                                            struct sl_error *err)
{
    static const char *const PAIRS[][2] = {
        {"client.id", "sluice"},
        {"reconnect.backoff.max.ms", "2000"},
        {"partitioner", "murmur2_random"}, /* as the Java client does it */
        {NULL, NULL},
    };
    static const char *const IDEMPOTENCE[][2] = {{"enable.idempotence", "true"}, {NULL, NULL}};
    static const char *const FORBID[] = {"properties.enable.idempotence",
                                         "properties.acks",
                                         "properties.request.required.acks",
                                         "properties.retries",
                                         "properties.message.send.max.retries",
                                         "properties.max.in.flight",
                                         "properties.max.in.flight.requests.per.connection"};
    bool is_idempotent = true;
    for (size_t i = 0; i < SL_COUNT_OF(FORBID); i++) {
        is_idempotent &= !sl_option_is_set(builder->options, FORBID[i]);
    }
    SL_TRY(set_share(builder, "queue.buffering.max.kbytes", BUFFER_KBYTES, BUFFER_KBYTES_MIN,
                     worker_count, err));
    SL_TRY(set_ours(builder, PAIRS, err));
    return is_idempotent ? set_ours(builder, IDEMPOTENCE, err) : SL_OK;
}

static enum sl_status build(struct builder *builder, uint32_t worker_count, struct sl_error *err)
{
    SL_TRY(builder->type == RD_KAFKA_CONSUMER ? set_consumer_defaults(builder, worker_count, err)
                                              : set_producer_defaults(builder, worker_count, err));
    for (uint32_t i = 0; i < builder->options->count; i++) {
        const struct sl_option *option = &builder->options->items[i];
        if (strncmp(option->name, PREFIX, PREFIX_BYTES) == 0) {
            SL_TRY(apply(builder, option, err));
        }
    }
    return SL_OK;
}

enum sl_status conn_kafka_conf_make(const struct sl_options *options, rd_kafka_type_t type,
                                    uint32_t worker_count, struct sl_log *log,
                                    rd_kafka_conf_t **conf, struct sl_error *err)
{
    struct builder builder = {
        .conf = rd_kafka_conf_new(), .options = options, .type = type, .log = log};
    enum sl_status status = build(&builder, worker_count, err);
    if (status != SL_OK) {
        rd_kafka_conf_destroy(builder.conf);
        builder.conf = NULL;
    }
    *conf = builder.conf;
    return status;
}
