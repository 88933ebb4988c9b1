/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments of a command, by getopt_long. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { OPTION_DRAIN = 256, OPTION_RESUME, OPTION_OUTPUT, OPTION_VERBOSE };

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
        return usage("more than 64 settings; '%s' is one too many", text);
    }
    *equals = '\0';
    args->settings[args->setting_count++] = (struct sl_option){.name = text, .value = equals + 1};
    return CLI_OK;
}

static enum cli_exit read_format(struct cli_arguments *args, const char *text)
{
    static const char *const names[] = {
        [CLI_TABLE] = "table", [CLI_JSON] = "json", [CLI_CSV] = "csv"};
    for (size_t i = 0; i < SL_COUNT_OF(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            args->format = (enum cli_format)i;
            args->has_format = true;
            return CLI_OK;
        }
    }
    return usage("--output takes table, json or csv, found '%s'", text);
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
    case OPTION_VERBOSE:
        args->log_level = SL_LOG_INFO;
        return CLI_OK;
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
        {NULL, 0, NULL, 0},
    };
    args->command = arguments[0];
    args->log_level = SL_LOG_WARN;
    args->format = isatty(STDOUT_FILENO) ? CLI_TABLE : CLI_JSON;
    opterr = 0;
    for (;;) {
        int option = getopt_long(argument_count, arguments, ":e:D:v", options, NULL);
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
