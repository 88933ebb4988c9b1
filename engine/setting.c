/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings that the engine reads (SET and -D). Always true: a key that stands here is checked
 * when a script is compiled, and before a query is made. */
#include <inttypes.h>
#include <string.h>

#include "query.h"
#include "sluice/datetime.h"

const struct sl_option_def sl_engine_options[] = {
    {.name = "pipeline.name", .type = SL_OPTION_STRING, .help = "name of the job"},
    {.name = "parallelism.default",
     .type = SL_OPTION_INT64,
     .default_text = "1",
     .help = "number of workers, each a thread"},
    {.name = "pipeline.auto-watermark-interval",
     .type = SL_OPTION_DURATION,
     .default_text = "200 ms",
     .help = "accepted; watermarks advance with every batch"},
    {.name = "execution.runtime-mode",
     .type = SL_OPTION_ENUM,
     .choices = "streaming|STREAMING",
     .default_text = "streaming",
     .help = "only streaming"},
    {.name = "execution.checkpointing.interval",
     .type = SL_OPTION_DURATION,
     .help = "time between checkpoints; default 10 s with a directory, else 1 s"},
    {.name = "execution.checkpointing.dir",
     .type = SL_OPTION_STRING,
     .help = "directory of checkpoints; without it positions alone are committed"},
    {.name = "execution.checkpointing.num-retained",
     .type = SL_OPTION_INT64,
     .default_text = "3",
     .help = "how many checkpoints are kept in the directory"},
    {.name = "table.exec.expression-error",
     .type = SL_OPTION_ENUM,
     .choices = "reject|null|fail",
     .default_text = "reject",
     .help = "what a failing expression does to its row"},
    {.name = "table.exec.source.idle-timeout",
     .type = SL_OPTION_DURATION,
     .default_text = "0 ms",
     .help = "a split without rows for so long no longer holds the watermark back; 0 = never"},
    {.name = "table.optimizer.agg-phase-strategy",
     .type = SL_OPTION_ENUM,
     .choices = "AUTO|TWO_PHASE|ONE_PHASE",
     .default_text = "AUTO",
     .help = "with several workers: aggregate before rows are exchanged too, or (ONE_PHASE) only "
             "behind. AUTO is TWO_PHASE, but for a windowed aggregate whose keys hardly repeat: "
             "its rows pass as they are"},
    {.name = "table.local-time-zone",
     .type = SL_OPTION_STRING,
     .default_text = "UTC",
     .help = "zone of TIMESTAMP_LTZ as text"},
    {.name = "sluice.memory.limit",
     .type = SL_OPTION_BYTES,
     .default_text = "1 gb",
     .help = "most memory that a query may use"},
    {.name = "sluice.batch.rows",
     .type = SL_OPTION_INT64,
     .default_text = "2048",
     .help = "rows in a batch, 1 to 2048"},
    {.name = "sluice.worker.cores",
     .type = SL_OPTION_STRING,
     .help = "cores that workers run on, in turn, with the threads of their Kafka clients, such as "
             "0-3,6; default: wherever the system likes"},
    {.name = "sluice.dead-letter.path",
     .type = SL_OPTION_STRING,
     .help = "file that late and rejected rows are appended to, as JSON lines"},
    {.name = "sluice.stop.timeout",
     .type = SL_OPTION_DURATION,
     .default_text = "10 s",
     .help = "how long a stop waits for its last checkpoint"},
    {.name = NULL}};

static const struct sl_option *find(const struct sl_options *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->items[i].name, name) == 0) {
            return &settings->items[i];
        }
    }
    return NULL;
}

static enum sl_status check_range(const struct sl_options *settings, const char *name, int64_t most,
                                  struct sl_error *err)
{
    int64_t value = sl_option_int64(settings, sl_engine_options, name);
    const struct sl_option *setting = find(settings, name);
    if (setting == NULL || (value >= 1 && value <= most)) {
        return SL_OK;
    }
    return sl_fail_at(err, SL_OPTION, setting->line, setting->column,
                      "%s is %" PRId64 ", expected 1 to %" PRId64, name, value, most);
}

static enum sl_status check_time_zone(const struct sl_options *settings, struct sl_error *err)
{
    const struct sl_option *setting = find(settings, "table.local-time-zone");
    struct sl_time_zone *zone = NULL;
    struct sl_error reason = {0};
    if (setting == NULL || sl_time_zone_load(setting->value, &zone, &reason) == SL_OK) {
        sl_time_zone_unload(zone);
        return SL_OK;
    }
    return sl_fail_at(err, SL_OPTION, setting->line, setting->column, "table.local-time-zone: %s",
                      reason.text);
}

static enum sl_status check_cores(const struct sl_options *settings, struct sl_error *err)
{
    const struct sl_option *setting = find(settings, "sluice.worker.cores");
    struct eng_cores cores;
    struct sl_error reason = {0};
    if (setting == NULL || eng_cores_parse(setting->value, &cores, &reason) == SL_OK) {
        return SL_OK;
    }
    return sl_fail_at(err, SL_OPTION, setting->line, setting->column, "%s", reason.text);
}

/* Other systems read the same scripts, so an unknown setting is kept; but one with our prefix, or a
 * slip of a key that is known, would be missed in silence. */
static bool must_be_known(const struct sl_option *setting)
{
    enum { SLIP = 2 };
    bool is_ours = strncmp(setting->name, "sluice.", 7) == 0;
    for (const struct sl_option_def *def = sl_engine_options; def->name != NULL && !is_ours;
         def++) {
        is_ours = sl_edit_distance(setting->name, def->name) <= SLIP;
    }
    return is_ours;
}

static enum sl_status check_setting(const struct sl_option *setting, struct sl_log *log,
                                    struct sl_error *err)
{
    static const struct sl_option_def *const tables[] = {sl_engine_options, NULL};
    const struct sl_options one = {.items = setting, .count = 1};
    if (must_be_known(setting)) {
        return sl_options_check(&one, tables, "SET", err);
    }
    if (log != NULL) {
        sl_log_warn(log, "engine", "setting '%s' is not known and has no effect", setting->name);
    }
    return SL_OK;
}

enum sl_status eng_settings_check(const struct sl_options *settings, struct sl_log *log,
                                  struct sl_error *err)
{
    for (uint32_t i = 0; i < settings->count; i++) {
        SL_TRY(check_setting(&settings->items[i], log, err));
    }
    SL_TRY(check_range(settings, "parallelism.default", SL_KEY_GROUP_COUNT, err));
    SL_TRY(check_range(settings, "sluice.batch.rows", SL_BATCH_ROWS_MAX, err));
    SL_TRY(check_range(settings, "execution.checkpointing.num-retained", INT32_MAX, err));
    SL_TRY(check_cores(settings, err));
    return check_time_zone(settings, err);
}
