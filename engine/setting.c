/* SPDX-License-Identifier: Apache-2.0
 *
 * The settings that the engine reads (SET and -D). Always true: a key that stands here is checked
 * before a query is made. */
#include "query.h"

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
    {.name = "sluice.dead-letter.path",
     .type = SL_OPTION_STRING,
     .help = "file that late and rejected rows are appended to, as JSON lines"},
    {.name = "sluice.stop.timeout",
     .type = SL_OPTION_DURATION,
     .default_text = "10 s",
     .help = "how long a stop waits for its last checkpoint"},
    {.name = NULL}};

enum sl_status eng_settings_check(const struct sl_options *settings, struct sl_error *err)
{
    static const struct sl_option_def *const tables[] = {sl_engine_options, NULL};
    return sl_options_check(settings, tables, "SET", err);
}
