/* SPDX-License-Identifier: Apache-2.0
 *
 * The fake builtins, and a planner around them. */
#include "support_catalog.h"

#include <string.h>

#include "operators/room.h"
#include "sluice/decimal.h"
#include "sql/room.h"

static enum sl_status count_type(const struct sl_type *arguments, const char *const *literals,
                                 uint32_t count, struct sl_type *result, struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    (void)count;
    (void)err;
    *result = sl_type_not_null(sl_type_of(SL_TYPE_BIGINT));
    return SL_OK;
}

static enum sl_status sum_type(const struct sl_type *arguments, const char *const *literals,
                               uint32_t count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    if (count != 1 || !sl_type_is_numeric(arguments[0].id)) {
        return sl_fail(err, SL_SEMANTIC, "SUM and AVG take a number");
    }
    *result =
        arguments[0].id == SL_TYPE_DECIMAL ? sl_decimal_sum_type(&arguments[0]) : arguments[0];
    return SL_OK;
}

static enum sl_status same_type(const struct sl_type *arguments, const char *const *literals,
                                uint32_t count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    if (count != 1) {
        return sl_fail(err, SL_SEMANTIC, "MIN and MAX take one argument");
    }
    *result = arguments[0];
    return SL_OK;
}

static uint32_t count_fields(const struct sl_type *argument, struct sl_state_field *fields)
{
    (void)argument;
    fields[0] = (struct sl_state_field){"count", SL_W8};
    return 1;
}

static uint32_t sum_fields(const struct sl_type *argument, struct sl_state_field *fields)
{
    (void)argument;
    fields[0] = (struct sl_state_field){"sum", SL_W16};
    fields[1] = (struct sl_state_field){"count", SL_W8};
    return 2;
}

static uint32_t extreme_fields(const struct sl_type *argument, struct sl_state_field *fields)
{
    fields[0] = (struct sl_state_field){"value", sl_type_physical(argument)};
    fields[1] = (struct sl_state_field){"has_value", SL_W1};
    return 2;
}

static const struct sl_aggregate_def AGGREGATES[] = {
    {.name = "COUNT",
     .result_type = count_type,
     .accumulator = count_fields,
     .can_retract = true,
     .version = 1},
    {.name = "SUM",
     .result_type = sum_type,
     .accumulator = sum_fields,
     .can_retract = true,
     .version = 1},
    {.name = "AVG",
     .result_type = sum_type,
     .accumulator = sum_fields,
     .can_retract = true,
     .version = 1},
    {.name = "MIN", .result_type = same_type, .accumulator = extreme_fields, .version = 1},
    {.name = "MAX", .result_type = same_type, .accumulator = extreme_fields, .version = 1},
};

static const struct sl_aggregate_def *const aggregates[] = {
    &AGGREGATES[0], &AGGREGATES[1], &AGGREGATES[2], &AGGREGATES[3], &AGGREGATES[4], NULL};

static const struct sl_option_def EVENTS_OPTIONS[] = {
    {.name = "topic", .type = SL_OPTION_STRING, .required = true},
    {.name = "rows", .type = SL_OPTION_INT64},
    {.name = "key.format", .type = SL_OPTION_STRING},
    {.name = "password", .type = SL_OPTION_STRING, .secret = true},
    {.name = NULL},
};
static const struct sl_option_def VOID_OPTIONS[] = {{.name = NULL}};
static const struct sl_option_def JSON_OPTIONS[] = {
    {.name = "json.ignore-parse-errors", .type = SL_OPTION_BOOL, .default_text = "false"},
    {.name = NULL},
};

static const struct sl_source_def source;
static const struct sl_sink_def sink;

static bool is_bounded(const struct sl_options *options)
{
    return sl_option_is_set(options, "rows");
}

static enum sl_status fake_decode(void *state, struct sl_decode *decode, struct sl_error *err)
{
    (void)state;
    (void)decode;
    return sl_fail(err, SL_INTERNAL, "only planned with");
}

static enum sl_status fake_encode(void *state, const struct sl_batch *batch, uint32_t row,
                                  struct sl_text *out, struct sl_error *err)
{
    (void)state;
    (void)batch;
    (void)row;
    (void)out;
    return sl_fail(err, SL_INTERNAL, "only planned with");
}

static const struct sl_codec_def json = {
    .name = "json", .options = JSON_OPTIONS, .decode = fake_decode, .encode = fake_encode};
static const struct sl_codec_def lines = {.name = "lines", .encode = fake_encode};
static const struct sl_codec_def *const codecs[] = {&json, &lines, NULL};

static const struct sl_metadata_def METADATA[] = {
    {"partition", {.id = SL_TYPE_INT}, false},
    {"offset", {.id = SL_TYPE_BIGINT}, false},
    {"timestamp", {.id = SL_TYPE_TIMESTAMP_LTZ, .nullable = true, .precision = 3}, true},
    {NULL, {.id = SL_TYPE_NULL}, false},
};

static const struct sl_connector_def events = {.name = "events",
                                               .options = EVENTS_OPTIONS,
                                               .source = &source,
                                               .sink = &sink,
                                               .metadata = METADATA,
                                               .takes_format = true,
                                               .is_bounded = is_bounded,
                                               .source_guarantee = "exactly once",
                                               .sink_guarantee = "at least once"};
static const struct sl_connector_def updates = {.name = "updates",
                                                .options = VOID_OPTIONS,
                                                .sink = &sink,
                                                .takes_updates = true,
                                                .source_guarantee = "",
                                                .sink_guarantee = "at least once"};
static const struct sl_connector_def nothing = {
    .name = "void", .options = VOID_OPTIONS, .sink = &sink, .sink_guarantee = "none"};
static const struct sl_connector_def *const connectors[] = {&events, &updates, &nothing, NULL};
static const char *const missing[] = {"rabbits", NULL};
static const struct sl_operator_def *const operators[] = {NULL};
static const struct sl_offload_def *const offloads[] = {NULL};

const struct sl_builtins support_builtins = {.connectors = connectors,
                                             .codecs = codecs,
                                             .operators = operators,
                                             .functions = op_function_lists,
                                             .aggregates = aggregates,
                                             .offloads = offloads,
                                             .missing_connectors = missing};

const char support_tables[] =
    "CREATE TABLE sensors (\n"
    "  device STRING NOT NULL,\n"
    "  temp DOUBLE,\n"
    "  hits INT,\n"
    "  ms BIGINT,\n"
    "  price DECIMAL(10, 2),\n"
    "  part INT METADATA FROM 'partition' VIRTUAL,\n"
    "  ts AS TO_TIMESTAMP_LTZ(ms, 3),\n"
    "  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND\n"
    ") WITH ('connector' = 'events', 'topic' = 'sensors', 'format' = 'json');\n"
    "CREATE TABLE clicks (\n"
    "  url STRING, at TIMESTAMP(3), n BIGINT NOT NULL,\n"
    "  WATERMARK FOR at AS at\n"
    ") WITH ('connector' = 'events', 'topic' = 'clicks', 'rows' = '10', 'format' = 'json');\n"
    "CREATE TABLE alerts (device STRING, temp DOUBLE)\n"
    "  WITH ('connector' = 'events', 'topic' = 'alerts', 'format' = 'json');\n"
    "CREATE TABLE totals (device STRING, n BIGINT, PRIMARY KEY (device) NOT ENFORCED)\n"
    "  WITH ('connector' = 'updates');\n"
    "CREATE TABLE sink (n BIGINT) WITH ('connector' = 'void');\n";

void support_planner_init(struct support_planner *planner)
{
    memset(planner, 0, sizeof *planner);
    sl_catalog_init(&planner->catalog, &support_builtins, NULL);
    sl_arena_init(&planner->arena, NULL, 0);
}

void support_planner_deinit(struct support_planner *planner)
{
    sl_arena_deinit(&planner->arena);
    sl_catalog_deinit(&planner->catalog);
}

enum sl_status support_compile(struct support_planner *planner, const char *sql)
{
    planner->err = (struct sl_error){0};
    return sql_planner.compile(&planner->catalog, sql, strlen(sql), NULL, NULL, &planner->arena,
                               &planner->script, &planner->err);
}
