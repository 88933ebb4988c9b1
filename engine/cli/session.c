/* SPDX-License-Identifier: Apache-2.0
 *
 * From a file or -e to a compiled script, and how its errors look. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "engine/wire/room.h"
#include "sql/room.h"

/* The bytes of line `line` (1-based) of text. */
static const char *find_line(const char *text, size_t length, uint32_t line, size_t *line_bytes)
{
    const char *end = text + length;
    const char *start = text;
    for (uint32_t i = 1; i < line && start < end; i++) {
        const char *newline = memchr(start, '\n', (size_t)(end - start));
        start = newline == NULL ? end : newline + 1;
    }
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    *line_bytes = (size_t)((newline == NULL ? end : newline) - start);
    return start;
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

void cli_error_print(const char *name, const char *text, size_t length, const struct sl_error *err)
{
    if (err->line == 0) {
        fprintf(stderr, "%s: %s\n", name, err->text);
        return;
    }
    fprintf(stderr, "%s:%u:%u: %s\n", name, err->line, err->column, err->text);
    size_t line_bytes = 0;
    const char *line = find_line(text, length, err->line, &line_bytes);
    fprintf(stderr, "  %.*s\n", (int)SL_MIN(line_bytes, (size_t)400), line);
    if (err->column <= 400) {
        print_caret(line, line_bytes, err);
    }
}

static enum cli_exit create_engine(struct cli_session *session, const struct cli_arguments *args)
{
    struct sl_error err = {0};
    session->log = (struct sl_log){.level = args->log_level, .clock = sl_clock_system()};
    sl_arena_init(&session->arena, NULL, 0);
    struct sl_engine_config config = {
        .builtins = wire_builtins(), .planner = &sql_planner, .log = &session->log};
    if (sl_engine_create(&config, &session->engine, &err) != SL_OK) {
        fprintf(stderr, "sluice: %s\n", err.text);
        return CLI_RUNTIME;
    }
    return CLI_OK;
}

enum cli_exit cli_session_compile(struct cli_session *session, const struct cli_arguments *args,
                                  const char *name, char *text, size_t length)
{
    struct sl_error err = {0};
    struct sl_options settings = {args->settings, args->setting_count};
    session->name = name;
    session->text = text;
    session->length = length;
    if (session->engine == NULL) {
        enum cli_exit created = create_engine(session, args);
        if (created != CLI_OK) {
            return created;
        }
    }
    if (sl_engine_compile(session->engine, text, length, &settings, &session->script, &err) !=
        SL_OK) {
        cli_error_print(name, text, length, &err);
        return CLI_SQL;
    }
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
        fprintf(stderr, "sluice: %s\n", err.text);
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
