/* SPDX-License-Identifier: Apache-2.0
 *
 * From a file or -e to a compiled script, and how its errors look. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "screen.h"
#include "engine/wire/room.h"
#include "sql/room.h"

/* Where line `line` (1-based) of text starts. */
static size_t find_line(const char *text, size_t length, uint32_t line, size_t *line_bytes)
{
    const char *end = text + length;
    const char *start = text;
    for (uint32_t i = 1; i < line && start < end; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        start = newline == NULL ? end : newline + 1;
    }
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    *line_bytes = (size_t)((newline == NULL ? end : newline) - start);
    return (size_t)(start - text);
}

/* Tabs stay tabs and characters of several bytes take one column, so that the caret stands right.
 */
static void print_caret(const char *line, size_t line_bytes, const struct sl_error *err)
{
    fputs("  ", stderr);
    size_t offset = 0;
    for (; offset < line_bytes && offset + 1 < err->column; offset++) {
        if (((unsigned char)line[offset] & 0xc0) != 0x80) {
            fputc(line[offset] == '\t' ? '\t' : ' ', stderr);
        }
    }
    fputc('^', stderr);
    for (uint32_t i = 1; i < err->length && offset + i < line_bytes; i++) {
        fputc('~', stderr);
    }
    fputc('\n', stderr);
}

static void print_source(const struct cli_session *session, const struct sl_error *err)
{
    size_t line_bytes = 0;
    if (session->masked == NULL) {
        return;
    }
    size_t offset = find_line(session->masked, session->length, err->line, &line_bytes);
    char *line = session->masked + offset;
    cli_secrets_star(&session->secrets, line, line_bytes);
    fprintf(stderr, "  %.*s\n", (int)SL_MIN(line_bytes, (size_t)400), line);
    if (err->column <= 400) {
        print_caret(line, line_bytes, err);
    }
}

/* err's text without secrets, in the session's arena. */
static const char *masked_text(struct cli_session *session, const struct sl_error *err)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    cli_secrets_mask(&session->secrets, err->text, strlen(err->text), &text);
    char *copy = text.failed ? NULL : sl_arena_copy(&session->arena, text.data, text.length);
    sl_text_deinit(&text);
    return copy == NULL ? "no memory to tell the error" : copy;
}

const char *cli_error_print(struct cli_session *session, const struct sl_error *err)
{
    const char *text = masked_text(session, err);
    bool has_position = err->line > 0 && session->name != NULL;
    if (session->log.json && has_position) {
        sl_log_error(&session->log, "sql", "%s:%u:%u: %s", session->name, err->line, err->column,
                     text);
    } else if (session->log.json) {
        sl_log_error(&session->log, "sluice", "%s", text);
    } else if (!has_position) {
        bool is_script = session->name != NULL && !session->is_compiled;
        fprintf(stderr, "%s: %s\n", is_script ? session->name : "sluice", text);
    } else {
        fprintf(stderr, "%s:%u:%u: %s\n", session->name, err->line, err->column, text);
        print_source(session, err);
    }
    return text;
}

static void write_log(void *user, enum sl_log_level level, const char *line, size_t length)
{
    const struct cli_session *session = user;
    struct sl_text text;
    (void)level;
    sl_text_init(&text, NULL, 0);
    cli_secrets_mask(&session->secrets, line, length, &text);
    sl_text_append_char(&text, '\n');
    cli_screen_begin();
    fwrite(text.data, 1, text.failed ? 0 : text.length, stderr);
    cli_screen_end();
    sl_text_deinit(&text);
}

static enum cli_exit create_engine(struct cli_session *session, const struct cli_arguments *args)
{
    struct sl_error err = {0};
    session->log = (struct sl_log){.level = args->log_level,
                                   .json = args->log_json,
                                   .clock = sl_clock_system(),
                                   .write = write_log,
                                   .user = session};
    sl_arena_init(&session->arena, NULL, 0);
    for (uint32_t i = 0; i < args->setting_count; i++) {
        cli_secrets_add(&session->secrets, &session->arena, args->settings[i].name,
                        args->settings[i].value);
    }
    struct sl_engine_config config = {.builtins = wire_builtins(),
                                      .planner = &sql_planner,
                                      .io = cli_screen_io(),
                                      .log = &session->log};
    if (sl_engine_create(&config, &session->engine, &err) != SL_OK) {
        cli_error_print(session, &err);
        return CLI_RUNTIME;
    }
    return CLI_OK;
}

enum cli_exit cli_session_compile(struct cli_session *session, const struct cli_arguments *args,
                                  const char *name, char *text, size_t length)
{
    struct sl_error err = {0};
    struct sl_options settings = {args->settings, args->setting_count};
    if (session->engine == NULL) {
        enum cli_exit created = create_engine(session, args);
        if (created != CLI_OK) {
            return created;
        }
    }
    session->name = name;
    session->length = length;
    session->masked = cli_secrets_scan(&session->secrets, &session->arena, text, length);
    if (sl_engine_compile(session->engine, text, length, &settings, &session->script, &err) !=
        SL_OK) {
        cli_error_print(session, &err);
        return CLI_SQL;
    }
    session->is_compiled = true;
    return CLI_OK;
}

enum cli_exit cli_session_open(struct cli_session *session, const struct cli_arguments *args)
{
    struct sl_error err = {0};
    if (args->file == NULL && args->sql == NULL) {
        fprintf(
            stderr,
            "sluice: %s needs a file, '-' for standard input, or -e SQL\nTry 'sluice --help'.\n",
            args->command);
        return CLI_USAGE;
    }
    enum cli_exit created = create_engine(session, args);
    if (created != CLI_OK) {
        return created;
    }
    if (args->sql != NULL) {
        char *text = sl_arena_string(&session->arena, args->sql);
        return cli_session_compile(session, args, "-e", text, strlen(args->sql));
    }
    char *text = NULL;
    size_t length = 0;
    if (sl_io_read_all(sl_io_system(), args->file, CLI_SCRIPT_BYTES_MAX, &session->arena, &text,
                       &length, &err) != SL_OK) {
        cli_error_print(session, &err);
        return CLI_USAGE;
    }
    return cli_session_compile(session, args, strcmp(args->file, "-") == 0 ? "<stdin>" : args->file,
                               text, length);
}

void cli_session_close(struct cli_session *session)
{
    sl_engine_destroy(session->engine);
    sl_arena_deinit(&session->arena);
}
