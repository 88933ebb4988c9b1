/* SPDX-License-Identifier: Apache-2.0
 *
 * The connector 'filesystem': its options, what they mean together, and its definition. */
#include "builtin.h"
#include "decode.h"
#include "filesystem.h"

#include <string.h>

const struct sl_option_def conn_filesystem_options[] = {
    CONN_DECODE_OPTIONS,
    {.name = "path",
     .type = SL_OPTION_STRING,
     .required = true,
     .help = "file or directory, also as file:///...; - reads standard input"},
    {.name = "source.monitor-interval",
     .type = SL_OPTION_DURATION,
     .help = "look for new files in the directory that often; absent = read once"},
    {.name = "source.chunk-size",
     .type = SL_OPTION_BYTES,
     .default_text = "1mb",
     .help = "files of 16 times that size or more are read by several workers, in pieces of that "
             "size; 0 = never"},
    {.name = "line.max-bytes",
     .type = SL_OPTION_BYTES,
     .default_text = "16mb",
     .help = "longer lines are rejected"},
    {.name = "sink.single-file",
     .type = SL_OPTION_BOOL,
     .default_text = "false",
     .help = "append to the one file that path names (needs one worker)"},
    {.name = "sink.rolling-policy.file-size",
     .type = SL_OPTION_BYTES,
     .default_text = "128mb",
     .help = "begin a new part file when one has grown to that size"},
    {.name = "sink.rolling-policy.rollover-interval",
     .type = SL_OPTION_DURATION,
     .default_text = "30 min",
     .help = "begin a new part file when one is that old; with a checkpoint directory, at every "
             "checkpoint"},
    {.name = "sink.rolling-policy.check-interval",
     .type = SL_OPTION_DURATION,
     .default_text = "1 min",
     .help = "accepted; the age of part files is looked at with every checkpoint"},
    {0},
};

const struct sl_metadata_def conn_filesystem_metadata[] = {
    {.key = "file.path",
     .type = {.id = SL_TYPE_VARCHAR, .nullable = false, .length = SL_LENGTH_MAX}},
    {.key = "file.name",
     .type = {.id = SL_TYPE_VARCHAR, .nullable = false, .length = SL_LENGTH_MAX}},
    {.key = "file.size", .type = {.id = SL_TYPE_BIGINT, .nullable = false}},
    {.key = "file.modification-time",
     .type = {.id = SL_TYPE_TIMESTAMP_LTZ, .nullable = false, .precision = 3}},
    {0},
};

const char *conn_file_path(const struct sl_options *options)
{
    static const char SCHEME[] = "file://";
    const char *path = sl_option_text(options, NULL, "path");
    bool has_scheme = path != NULL && strncmp(path, SCHEME, sizeof SCHEME - 1) == 0;
    return has_scheme ? path + sizeof SCHEME - 1 : path;
}

static bool is_bounded(const struct sl_options *options)
{
    return !sl_option_is_set(options, "source.monitor-interval");
}

static enum sl_status check(const struct sl_options *options, const struct sl_schema *physical,
                            bool as_sink, struct sl_error *err)
{
    (void)physical;
    const char *path = conn_file_path(options);
    if (path == NULL || path[0] == '\0') {
        return sl_fail(err, SL_OPTION, "option 'path' is empty");
    }
    bool is_monitored = sl_option_is_set(options, "source.monitor-interval");
    if (!as_sink && is_monitored &&
        sl_option_int64(options, conn_filesystem_options, "source.monitor-interval") <= 0) {
        return sl_fail(err, SL_OPTION, "'source.monitor-interval' must be more than 0 ms");
    }
    if (sl_option_int64(options, conn_filesystem_options, "source.chunk-size") < 0) {
        return sl_fail(err, SL_OPTION, "'source.chunk-size' must be 0 bytes or more");
    }
    int64_t limit = sl_option_int64(options, conn_filesystem_options, "line.max-bytes");
    if (limit < 1 || limit > INT32_MAX) {
        return sl_fail(err, SL_OPTION, "'line.max-bytes' must be between 1 and 2147483647 bytes");
    }
    return SL_OK;
}

const struct sl_connector_def conn_filesystem_connector = {
    .name = "filesystem",
    .options = conn_filesystem_options,
    .source = &conn_filesystem_source,
    .sink = &conn_filesystem_sink,
    .metadata = conn_filesystem_metadata,
    .takes_format = true,
    .takes_updates = false,
    .is_bounded = is_bounded,
    .source_guarantee = "exactly once",
    .sink_guarantee = "at least once",
    .check = check,
};
