/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of the status line. Always true: a figure that nobody knows (lag of a file, a watermark
 * before the first) is left out, and the line never wraps. */
#include <inttypes.h>
#include <string.h>

#include "sluice/datetime.h"
#include "sluice/text.h"
#include "status.h"

static void look(void *user, const struct sl_metric *metric)
{
    struct cli_sample *sample = user;
    int64_t value = sl_metric_get(metric);
    if (strcmp(metric->name, "pendingRecords") == 0) {
        sample->has_lag = true;
        sample->lag_rows += SL_MAX(value, (int64_t)0);
    }
    if (strcmp(metric->name, "memoryBytes") == 0 && value > sample->largest_bytes) {
        sample->largest = metric->label;
        sample->largest_bytes = value;
    }
}

struct cli_sample cli_status_sample(struct sl_query *query)
{
    const struct sl_clock *clock = sl_clock_system();
    struct cli_sample sample = {.time_ns = clock->monotonic_ns(clock),
                                .stats = sl_query_stats(query)};
    sl_metric_set_visit(sl_query_metrics(query), look, &sample);
    return sample;
}

/* Three digits and a unit: 950, 1.23k, 45.6M. */
static void append_scaled(struct sl_text *out, double value, double step, const char *const *units)
{
    uint32_t unit = 0;
    while (value >= 999.5 && units[unit + 1] != NULL) {
        value /= step;
        unit++;
    }
    int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    sl_text_printf(out, "%.*f%s", digits, value, units[unit]);
}

static void append_count(struct sl_text *out, const char *name, double count)
{
    static const char *const units[] = {"", "k", "M", "G", "T", NULL};
    sl_text_append_string(out, name);
    append_scaled(out, count, 1000, units);
}

static void append_bytes(struct sl_text *out, const char *name, int64_t bytes)
{
    static const char *const units[] = {" B", " KiB", " MiB", " GiB", " TiB", NULL};
    sl_text_append_string(out, name);
    append_scaled(out, (double)bytes, 1024, units);
}

static void append_watermark(struct sl_text *out, const struct cli_sample *now)
{
    char text[48];
    int64_t watermark_ms = now->stats.watermark_ms;
    if (watermark_ms == INT64_MIN || watermark_ms == INT64_MAX) {
        return; /* none yet, or the end of time */
    }
    size_t length = sl_timestamp_format(watermark_ms, 0, SL_DATETIME_SQL, false, text);
    sl_text_append_string(out, "  watermark ");
    sl_text_append(out, text, length);
}

/* Cuts behind so many characters. */
static void cut(struct sl_text *line, uint32_t columns)
{
    uint32_t count = 0;
    for (size_t i = 0; i < line->length; i++) {
        count += ((unsigned char)line->data[i] & 0xc0) != 0x80;
        if (count > columns) {
            line->length = i;
            return;
        }
    }
}

void cli_status_format(struct sl_text *out, const struct cli_sample *now,
                       const struct cli_sample *before, uint32_t columns)
{
    double seconds = (double)SL_MAX(now->time_ns - before->time_ns, (int64_t)1) / 1e9;
    const struct sl_query_stats *stats = &now->stats;
    append_count(out, "in ", (double)(stats->rows_in - before->stats.rows_in) / seconds);
    append_count(out, "/s  out ", (double)(stats->rows_out - before->stats.rows_out) / seconds);
    sl_text_append_string(out, "/s");
    if (now->has_lag) {
        append_count(out, "  lag ", (double)now->lag_rows);
    }
    append_watermark(out, now);
    append_count(out, "  rejected ", (double)stats->rows_rejected);
    append_count(out, "  late ", (double)stats->rows_late);
    append_bytes(out, "  memory ", stats->memory_bytes);
    if (now->largest != NULL) {
        sl_text_printf(out, " (%s", now->largest);
        append_bytes(out, " ", now->largest_bytes);
        sl_text_append_char(out, ')');
    }
    if (!out->failed) {
        cut(out, columns);
    }
}
