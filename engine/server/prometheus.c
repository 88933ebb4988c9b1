/* SPDX-License-Identifier: Apache-2.0
 *
 * Renders metrics for Prometheus. Always true: names follow from the metrics' own by rule, not by
 * table, so a metric that an operator adds shows up without a change here. */
#include "prometheus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One metric, and where it stood in the set. */
struct sample {
    const struct sl_metric *metric;
    uint32_t idx;
};

struct samples {
    struct sample *items;
    uint32_t count;
    uint32_t capacity;
};

static const char *const HELPS[][2] = {
    {"numRecordsIn", "Rows that the operator took; of a source: rows decoded."},
    {"numRecordsOut", "Rows that the operator gave; of a sink: rows written."},
    {"numLateRecordsDropped", "Rows that came behind the watermark of their window."},
    {"numRecordsRejected", "Rows that could not be decoded or computed, by reason."},
    {"currentInputWatermark", "Event time up to which the operator's input is complete."},
    {"currentOutputWatermark", "Event time up to which the operator's output is complete."},
    {"isIdle", "1 while the operator's output does not hold the watermark back."},
    {"pendingRecords", "Records in the source's splits that are not read yet."},
    {"stateBytes", "Memory that the operator's state tables hold."},
    {"memoryBytes", "Memory that the operator holds, its state included."},
};

static const char *help_of(const char *name)
{
    for (size_t i = 0; i < SL_COUNT_OF(HELPS); i++) {
        if (strcmp(HELPS[i][0], name) == 0) {
            return HELPS[i][1];
        }
    }
    return name;
}

static bool is_watermark(const char *name)
{
    static const char end[] = "Watermark";
    size_t length = strlen(name);
    return length >= sizeof end - 1 && strcmp(name + length - (sizeof end - 1), end) == 0;
}

static bool is_upper(char character)
{
    return character >= 'A' && character <= 'Z';
}

static bool is_lower_or_digit(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

static void append_name(struct sl_text *out, const struct sl_metric *metric)
{
    sl_text_append_string(out, "sluice_");
    for (const char *at = metric->name; *at != '\0'; at++) {
        if (!is_upper(*at)) {
            sl_text_append_char(out, is_lower_or_digit(*at) ? *at : '_');
            continue;
        }
        if (at > metric->name && is_lower_or_digit(at[-1])) {
            sl_text_append_char(out, '_');
        }
        sl_text_append_char(out, (char)(*at - 'A' + 'a'));
    }
    sl_text_append_string(out, is_watermark(metric->name) ? "_ms" : "");
    sl_text_append_string(out, metric->kind == SL_METRIC_COUNTER ? "_total" : "");
}

static void append_label(struct sl_text *out, const char *separator, const char *name,
                         const char *value)
{
    sl_text_printf(out, "%s%s=\"", separator, name);
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            sl_text_append_string(out, "\\n");
            continue;
        }
        if (*value == '"' || *value == '\\') {
            sl_text_append_char(out, '\\');
        }
        sl_text_append_char(out, *value);
    }
    sl_text_append_char(out, '"');
}

static void append_sample(struct sl_text *out, const struct sl_metric *metric)
{
    int64_t value = sl_metric_get(metric);
    bool is_time = is_watermark(metric->name);
    if (is_time && value == INT64_MIN) {
        return;
    }
    append_name(out, metric);
    sl_text_append_char(out, '{');
    if (metric->label[0] != '\0') {
        append_label(out, "", "operator", metric->label);
        sl_text_append_char(out, ',');
    }
    sl_text_printf(out, "worker=\"%" PRIu32 "\"", metric->worker_idx);
    if (metric->reason[0] != '\0') {
        append_label(out, ",", "reason", metric->reason);
    }
    if (is_time && value == INT64_MAX) {
        sl_text_append_string(out, "} +Inf\n");
    } else {
        sl_text_printf(out, "} %" PRId64 "\n", value);
    }
}

static void append_head(struct sl_text *out, const struct sl_metric *metric)
{
    sl_text_append_string(out, "# HELP ");
    append_name(out, metric);
    sl_text_printf(out, " %s\n# TYPE ", help_of(metric->name));
    append_name(out, metric);
    sl_text_append_string(out, metric->kind == SL_METRIC_COUNTER ? " counter\n" : " gauge\n");
}

static void count(void *user, const struct sl_metric *metric)
{
    struct samples *samples = user;
    (void)metric;
    samples->capacity++;
}

static void collect(void *user, const struct sl_metric *metric)
{
    struct samples *samples = user;
    if (samples->count < samples->capacity) { /* one that was added since waits for next time */
        samples->items[samples->count] = (struct sample){metric, samples->count};
        samples->count++;
    }
}

/* Those that share a name and a kind stay in the order of the set. */
static int compare(const void *a, const void *b)
{
    const struct sample *left = a;
    const struct sample *right = b;
    int order = strcmp(left->metric->name, right->metric->name);
    if (order == 0) {
        order = (int)left->metric->kind - (int)right->metric->kind;
    }
    return order != 0 ? order : left->idx < right->idx ? -1 : 1;
}

static bool is_same_family(const struct sl_metric *a, const struct sl_metric *b)
{
    return a->kind == b->kind && strcmp(a->name, b->name) == 0;
}

void server_prometheus_metrics(struct sl_text *out, struct sl_metric_set *set)
{
    struct samples samples = {.count = 0};
    struct sl_arena arena;
    if (set == NULL) {
        return;
    }
    sl_arena_init(&arena, NULL, 0);
    sl_metric_set_visit(set, count, &samples);
    samples.items = SL_ARENA_ARRAY(&arena, struct sample, samples.capacity);
    samples.capacity = samples.items == NULL ? 0 : samples.capacity;
    sl_metric_set_visit(set, collect, &samples);
    if (samples.count > 0) {
        qsort(samples.items, samples.count, sizeof(samples.items[0]), compare);
    }
    for (uint32_t i = 0; i < samples.count; i++) {
        const struct sl_metric *metric = samples.items[i].metric;
        if (i == 0 || !is_same_family(samples.items[i - 1].metric, metric)) {
            append_head(out, metric);
        }
        append_sample(out, metric);
    }
    sl_arena_deinit(&arena);
}

static void append_gauge(struct sl_text *out, const char *name, const char *help, int64_t value)
{
    sl_text_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRId64 "\n", name, help, name, name,
                   value);
}

void server_prometheus_query(struct sl_text *out, const struct sl_query_stats *stats)
{
    append_gauge(out, "sluice_checkpoint_number", "The last checkpoint that was taken; 0 = none.",
                 stats->checkpoint);
    append_gauge(out, "sluice_checkpoints_failed",
                 "Checkpoints that could not be written since the query started.",
                 stats->failed_checkpoints);
    append_gauge(out, "sluice_query_memory_bytes", "Memory that the query holds in all.",
                 stats->memory_bytes);
}

void server_prometheus_program(struct sl_text *out)
{
    sl_text_append_string(out, "# HELP sluice_build_info Always 1; the label tells the version.\n"
                               "# TYPE sluice_build_info gauge\n"
                               "sluice_build_info{version=\"" SLUICE_VERSION "\"} 1\n");
}
