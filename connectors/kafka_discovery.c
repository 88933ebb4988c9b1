/* SPDX-License-Identifier: Apache-2.0
 *
 * Partitions that are added while a query runs. Always true: one request at a time, on a thread of
 * its own, whose only words to the instance are counts, is_done and a write to the descriptor. */
#include <string.h>
#include <sys/eventfd.h>

#include "source_kafka.h"

enum { REQUEST_MS = 2000 };

static void *ask_for_counts(void *user)
{
    struct conn_kafka_source *source = user;
    struct conn_kafka_discovery *discovery = &source->discovery;
    for (uint32_t i = 0; i < source->topic_count; i++) {
        const struct rd_kafka_metadata *metadata = NULL;
        rd_kafka_resp_err_t code = rd_kafka_metadata(
            source->client.handle, 0, source->topics[i].handle, &metadata, REQUEST_MS);
        discovery->counts[i] = -1;
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                discovery->counts[i] = metadata->topics[0].partition_cnt;
            }
            rd_kafka_metadata_destroy(metadata);
        }
    }
    __atomic_store_n(&discovery->is_done, true, __ATOMIC_RELEASE);
    (void)eventfd_write(source->client.event_fd, 1); /* fails only when it is readable already */
    return NULL;
}

void conn_kafka_discovery_start(struct conn_kafka_source *source)
{
    struct conn_kafka_discovery *discovery = &source->discovery;
    if (discovery->is_running) {
        return;
    }
    discovery->is_done = false;
    int code = pthread_create(&discovery->thread, NULL, ask_for_counts, source);
    if (code != 0) {
        sl_log_warn(source->client.env->log, "kafka",
                    "%s: no thread to look for new partitions: %s", source->client.env->label,
                    strerror(code));
        return;
    }
    discovery->is_running = true;
}

bool conn_kafka_discovery_take(struct conn_kafka_source *source)
{
    struct conn_kafka_discovery *discovery = &source->discovery;
    if (!discovery->is_running || !__atomic_load_n(&discovery->is_done, __ATOMIC_ACQUIRE)) {
        return false;
    }
    pthread_join(discovery->thread, NULL);
    discovery->is_running = false;
    for (uint32_t i = 0; i < source->topic_count; i++) {
        discovery->has_new |= discovery->counts[i] > source->topics[i].known_count;
    }
    return true;
}

void conn_kafka_discovery_close(struct conn_kafka_source *source)
{
    if (source->discovery.is_running) {
        pthread_join(source->discovery.thread, NULL);
        source->discovery.is_running = false;
    }
}
