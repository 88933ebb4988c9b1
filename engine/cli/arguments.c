/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments of a command, by getopt_long. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum {
    OPTION_DRAIN = 256,
    OPTION_RESUME,
    OPTION_OUTPUT,
    OPTION_VERBOSE,
    OPTION_NO_STATUS,
    OPTION_METRICS_LISTEN,
    OPTION_LOG_FORMAT,
    OPTION_LOG_LEVEL
};

static enum cli_exit usage(const char *format, const char *what)
{
    fputs("sluice: ", stderr);
    fprintf(stderr, format, what);
    fputs("\nTry 'sluice --help'.\n", stderr);
    return CLI_USAGE;
}

static enum cli_exit read_setting(struct cli_arguments *args, char *text)
{
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        return usage("-D takes key=value, found '%s'", text);
    }
    if (args->setting_count == CLI_SETTINGS_MAX) {
        return usage("more than 96 settings; '%s' is one too many", text);
    }
    *equals = '\0';
    args->settings[args->setting_count++] = (struct sl_option){.name = text, .value = equals + 1};
    return CLI_OK;
}

/* The index of text in names; usage says which option takes which words. */
static enum cli_exit read_word(const char *text, const char *const *names, size_t name_count,
                               const char *usage_format, uint32_t *idx)
{
    for (size_t i = 0; i < name_count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *idx = (uint32_t)i;
            return CLI_OK;
        }
    }
    return usage(usage_format, text);
}

static enum cli_exit read_format(struct cli_arguments *args, const char *text)
{
    static const char *const names[] = {
        [CLI_TABLE] = "table", [CLI_JSON] = "json", [CLI_CSV] = "csv"};
    uint32_t idx = args->format;
    enum cli_exit result = read_word(text, names, SL_COUNT_OF(names),
                                     "--output takes table, json or csv, found '%s'", &idx);
    args->format = (enum cli_format)idx;
    args->has_format = true;
    return result;
}

static enum cli_exit read_log_format(struct cli_arguments *args, const char *text)
{
    static const char *const names[] = {"text", "json"};
    uint32_t idx = 0;
    enum cli_exit result = read_word(text, names, SL_COUNT_OF(names),
                                     "--log-format takes text or json, found '%s'", &idx);
    args->log_json = idx == 1;
    return result;
}

static enum cli_exit read_log_level(struct cli_arguments *args, const char *text)
{
    static const char *const names[] = {[SL_LOG_ERROR] = "error",
                                        [SL_LOG_WARN] = "warn",
                                        [SL_LOG_INFO] = "info",
                                        [SL_LOG_DEBUG] = "debug"};
    uint32_t idx = args->log_level;
    enum cli_exit result =
        read_word(text, names, SL_COUNT_OF(names),
                  "--log-level takes error, warn, info or debug, found '%s'", &idx);
    args->log_level = (enum sl_log_level)idx;
    return result;
}

static enum cli_exit read_row_limit(struct cli_arguments *args, const char *text)
{
    int64_t count = 0;
    if (!sl_parse_int64(text, strlen(text), &count) || count < 1) {
        return usage("-c takes a number of rows from 1 on, found '%s'", text);
    }
    args->row_limit = (uint64_t)count;
    return CLI_OK;
}

static enum cli_exit read_option(struct cli_arguments *args, int option, const char *name)
{
    switch (option) {
    case 'e':
        args->sql = optarg;
        return CLI_OK;
    case 'D':
        return read_setting(args, optarg);
    case OPTION_DRAIN:
        args->drain = true;
        return CLI_OK;
    case OPTION_RESUME:
        args->resume = optarg;
        return CLI_OK;
    case OPTION_OUTPUT:
        return read_format(args, optarg);
    case 'c':
        return read_row_limit(args, optarg);
    case OPTION_VERBOSE:
        args->log_level = SL_MAX(args->log_level, SL_LOG_INFO);
        return CLI_OK;
    case OPTION_NO_STATUS:
        args->no_status = true;
        return CLI_OK;
    case OPTION_METRICS_LISTEN:
        args->metrics_listen = optarg;
        return CLI_OK;
    case OPTION_LOG_FORMAT:
        return read_log_format(args, optarg);
    case OPTION_LOG_LEVEL:
        return read_log_level(args, optarg);
    case ':':
        return usage("option '%s' needs a value", name);
    default:
        return usage("unknown option '%s'", name);
    }
}

enum cli_exit cli_arguments_read(int argument_count, char **arguments, struct cli_arguments *args)
{
    static const struct option options[] = {
        {"drain", no_argument, NULL, OPTION_DRAIN},
        {"resume", required_argument, NULL, OPTION_RESUME},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"verbose", no_argument, NULL, OPTION_VERBOSE},
        {"no-status", no_argument, NULL, OPTION_NO_STATUS},
        {"metrics-listen", required_argument, NULL, OPTION_METRICS_LISTEN},
        {"log-format", required_argument, NULL, OPTION_LOG_FORMAT},
        {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
        {NULL, 0, NULL, 0},
    };
    args->command = arguments[0];
    args->log_level = SL_LOG_WARN;
    args->format = isatty(STDOUT_FILENO) ? CLI_TABLE : CLI_JSON;
    opterr = 0;
    for (;;) {
        int option = getopt_long(argument_count, arguments, ":e:D:c:v", options, NULL);
        if (option == -1) {
            break;
        }
        enum cli_exit result =
            read_option(args, option == 'v' ? OPTION_VERBOSE : option, arguments[optind - 1]);
        if (result != CLI_OK) {
            return result;
        }
    }
    if (optind < argument_count) {
        args->file = arguments[optind++];
    }
    if (optind < argument_count) {
        return usage("one file at a time; '%s' is one too many", arguments[optind]);
    }
    if (args->file != NULL && args->sql != NULL) {
        return usage("a file and -e exclude each other: '%s'", args->file);
    }
    return CLI_OK;
}
