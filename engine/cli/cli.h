/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: what was asked for (arguments), how it is carried out (commands) and how
 * results and errors look. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "secret.h"
#include "sluice/engine.h"

enum cli_exit { CLI_OK = 0, CLI_USAGE = 2, CLI_SQL = 3, CLI_RUNTIME = 4 };

enum cli_format { CLI_TABLE, CLI_JSON, CLI_CSV };

enum { CLI_SETTINGS_MAX = 96, CLI_SCRIPT_BYTES_MAX = 16 << 20 };

struct cli_arguments {
    const char *command;
    const char *file;                            /* NULL with -e */
    const char *sql;                             /* of -e */
    struct sl_option settings[CLI_SETTINGS_MAX]; /* of -D and the environment */
    uint32_t setting_count;
    bool drain;
    const char *resume;
    bool has_format;
    enum cli_format format;
    uint64_t row_limit; /* of a bare SELECT; 0 = none */
    bool no_status;
    const char *metrics_listen; /* NULL = no server */
    bool log_json;
    enum sl_log_level log_level;
};

/* Reads the arguments of a command; prints what is wrong to standard error and returns CLI_USAGE,
 * or CLI_OK. */
enum cli_exit cli_arguments_read(int argument_count, char **arguments, struct cli_arguments *args);

/* Adds what SLUICE_<SETTING> variables say to the settings, where -D does not speak: the variable
 * of 'parallelism.default' is SLUICE_PARALLELISM_DEFAULT, that of 'sluice.memory.limit' is
 * SLUICE_MEMORY_LIMIT. CLI_USAGE, and the error is printed, when one does not parse. */
enum cli_exit cli_environment_read(struct cli_arguments *args);

/* A script that was loaded and compiled. */
struct cli_session {
    struct sl_log log;
    struct sl_arena arena;
    struct sl_engine *engine;
    const char *name; /* as errors name it: the file, or "-e", or "<stdin>" */
    size_t length;
    bool is_compiled;
    char *masked; /* the script without its secrets, for errors to show */
    struct cli_secrets secrets;
    struct sl_script script;
};

/* Loads args->file or args->sql and compiles it; prints errors. Close it whatever came out. */
enum cli_exit cli_session_open(struct cli_session *session, const struct cli_arguments *args);
/* The same with a text that is there already. */
enum cli_exit cli_session_compile(struct cli_session *session, const struct cli_arguments *args,
                                  const char *name, char *text, size_t length);
void cli_session_close(struct cli_session *session);

/* "query.sql:12:7: unknown column 'tmp'; did you mean 'temp'?", the source line and a caret below,
 * to standard error; without a position the text behind the script's name, or "sluice" once that is
 * compiled. One line of JSON with --log-format json.
 * Secrets are masked. Returns
 * the text alone as it was printed; it lives in the session's arena. */
const char *cli_error_print(struct cli_session *session, const struct sl_error *err);

/* Writes result rows to standard output. */
struct cli_output {
    enum cli_format format;
    bool is_updating; /* rows carry a kind: a first column "op" */
    bool has_header;
    struct sl_schema schema;
    struct sl_text text;
    uint32_t *widths;
    struct sl_arena arena;
    struct sl_file *file;
    uint64_t row_count;
    uint64_t row_limit; /* SL_CLOSED when so many are written; 0 = none */
};
enum sl_status cli_output_open(struct cli_output *output, enum cli_format format,
                               uint64_t row_limit, const struct sl_plan *plan,
                               struct sl_error *err);
/* A result callback of engine.h; user is the output. */
enum sl_status cli_output_write(void *user, const struct sl_batch *batch, struct sl_error *err);
/* The footer of a table. */
enum sl_status cli_output_finish(struct cli_output *output, struct sl_error *err);
void cli_output_close(struct cli_output *output);

/* SIGINT and SIGTERM end the query that is set here, the second one at once. NULL = none is
 * running. */
void cli_stop_install(bool drain);
/* From here to the next cli_stop_set a query is being opened: a signal ends the process. */
void cli_stop_opening(void);
void cli_stop_set(struct sl_query *query);
bool cli_stop_requested(void);

/* "rows in 1200, out 30, late 2, rejected 3 (invalid syntax 2, late 1)" to standard error, or as a
 * line of a JSON log. */
void cli_summary_print(struct sl_log *log, const struct sl_query_stats *stats);

enum cli_exit cli_run(const struct cli_arguments *args);
enum cli_exit cli_explain(const struct cli_arguments *args);
enum cli_exit cli_validate(const struct cli_arguments *args);
/* Every setting, connector and format option with type, default and help. */
enum cli_exit cli_options(const struct cli_arguments *args);
enum cli_exit cli_demo(const struct cli_arguments *args);

#endif
