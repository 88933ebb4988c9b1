/* SPDX-License-Identifier: Apache-2.0
 *
 * sluice: continuous SQL queries from the command line. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const char help_text[] =
    "Usage: sluice COMMAND [OPTION]... [FILE]\n"
    "Run continuous SQL queries over Kafka topics and files.\n"
    "\n"
    "Commands:\n"
    "  run FILE       run a script: all its INSERTs as one job, each bare SELECT as one\n"
    "  explain FILE   print the plans without running them\n"
    "  validate FILE  only check the script\n"
    "  demo           an embedded Kafka, sensors that produce, and a query over them, for 15 s\n"
    "  options        print every setting, connector and format option\n"
    "FILE is a path, or - for standard input.\n"
    "\n"
    "Options:\n"
    "  -e SQL             take the script from the command line\n"
    "  -D key=value       a setting, as SET 'key' = 'value' would give it (the script's SET wins)\n"
    "  --output FORMAT    rows of a bare SELECT: table (default on a terminal), json (default\n"
    "                     otherwise: one object a line) or csv\n"
    "  -c N               end a bare SELECT after N rows of its result\n"
    "  --drain            when interrupted, close the open windows before ending\n"
    "  --resume WHAT      continue from a checkpoint: latest, or the path of a chk-N directory\n"
    "  --metrics-listen ADDRESS\n"
    "                     serve /metrics for Prometheus, /healthz and /version over HTTP at\n"
    "                     host:port, [::1]:port, or :port for every address of the machine\n"
    "  --no-status        no line of status on a terminal\n"
    "  --log-level LEVEL  error, warn (default), info or debug\n"
    "  --log-format HOW   text (default), or json: one object a line, errors and summary too\n"
    "  -v, --verbose      log what happens: --log-level info\n"
    "  --help, --version\n"
    "\n"
    "Environment:\n"
    "  SLUICE_<SETTING>   a setting, where neither -D nor SET gives it: upper case, '_' for '.' "
    "and\n"
    "                     '-', without a leading 'sluice.': SLUICE_PARALLELISM_DEFAULT=2,\n"
    "                     SLUICE_MEMORY_LIMIT=256mb\n"
    "\n"
    "Exit codes: 0 done or stopped, 2 usage, 3 SQL or planning error, 4 run-time failure.\n";

struct command {
    const char *name;
    enum cli_exit (*run)(const struct cli_arguments *args);
};

int main(int argument_count, char **arguments)
{
    static const struct command commands[] = {
        {"run", cli_run},   {"explain", cli_explain}, {"validate", cli_validate},
        {"demo", cli_demo}, {"options", cli_options},
    };
    const char *name = argument_count < 2 ? "--help" : arguments[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        fputs(help_text, argument_count < 2 ? stderr : stdout);
        return argument_count < 2 ? CLI_USAGE : CLI_OK;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        puts("sluice " SLUICE_VERSION);
        return CLI_OK;
    }
    for (size_t i = 0; i < SL_COUNT_OF(commands); i++) {
        if (strcmp(name, commands[i].name) == 0) {
            struct cli_arguments args = {0};
            enum cli_exit result = cli_arguments_read(argument_count - 1, arguments + 1, &args);
            if (result == CLI_OK) {
                result = cli_environment_read(&args);
            }
            return result == CLI_OK ? commands[i].run(&args) : result;
        }
    }
    fprintf(stderr, "sluice: unknown command '%s'\nTry 'sluice --help'.\n", name);
    return CLI_USAGE;
}
