/* SPDX-License-Identifier: Apache-2.0
 *
 * A topic to read from in another process: librdkafka's mock cluster with 64 partitions, filled
 * with lines of a file in runs of 2,000. Prints its address once it is filled, and serves until its
 * input ends; see bench/kafka.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

enum { PARTITIONS = 64, RUN_LINES = 2000, LINE_BYTES_MAX = 65536, FLUSH_MS = 60000 };

static const char topic_name[] = "readings";

static const char *const settings[][2] = {
    {"linger.ms", "20"},
    {"batch.num.messages", "8000"},
    {"batch.size", "900000"},
    {"queue.buffering.max.messages", "1000000"},
};

static rd_kafka_t *make_client(const char *servers)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (servers != NULL) {
        rd_kafka_conf_set(conf, "bootstrap.servers", servers, text, sizeof text);
        for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
            rd_kafka_conf_set(conf, settings[i][0], settings[i][1], text, sizeof text);
        }
    }
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    if (client == NULL) {
        fprintf(stderr, "bench_kafka_mock: %s\n", text);
        exit(1);
    }
    return client;
}

/* Sends count lines, from the start again when the file is shorter. False: it holds none. */
static int fill(rd_kafka_t *client, FILE *file, long count)
{
    static char line[LINE_BYTES_MAX];
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, topic_name, NULL);
    long sent = 0;
    while (sent < count) {
        if (fgets(line, sizeof line, file) == NULL) {
            if (sent == 0) {
                break;
            }
            rewind(file);
            continue;
        }
        int32_t partition = (int32_t)(sent / RUN_LINES % PARTITIONS);
        while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, line, strcspn(line, "\n"),
                                NULL, 0, NULL) != 0) {
            rd_kafka_poll(client, 1);
        }
        sent++;
        if (sent % RUN_LINES == 0) {
            rd_kafka_poll(client, 0);
        }
    }
    int is_filled = sent > 0 && rd_kafka_flush(client, FLUSH_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_topic_destroy(topic);
    return is_filled;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 3) {
        printf("usage: bench_connectors_kafka_mock FILE LINES; see bench/kafka.sh\n");
        return 0;
    }
    FILE *file = fopen(arguments[1], "r");
    rd_kafka_t *host = make_client(NULL);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
    rd_kafka_mock_topic_create(cluster, topic_name, PARTITIONS, 1);
    rd_kafka_t *producer = make_client(rd_kafka_mock_cluster_bootstraps(cluster));
    if (file == NULL || !fill(producer, file, strtol(arguments[2], NULL, 10))) {
        fprintf(stderr, "bench_kafka_mock: could not fill the topic from %s\n", arguments[1]);
        return 1;
    }
    rd_kafka_destroy(producer);
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    while (getchar() != EOF) {
    }
    fclose(file);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
    return 0;
}
