/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs .slt files: SQL in, rows out, as data. Every query runs on 1, 2 and 3 workers with small and
 * large batches and must give the same rows each time. See README.md beside this file for the
 * format. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/wire/room.h"
#include "sluice/engine.h"
#include "sluice/value.h"
#include "sql/room.h"

enum order { ORDER_EXACT, ORDER_ROWSORT, ORDER_MATERIALIZED };

struct lines {
    char **items;
    size_t count;
    size_t capacity;
};

struct block {
    char *header;
    size_t line; /* of the header, 1-based */
    char *sql;   /* body up to ---- */
    struct lines expected;
    bool has_expected;
};

struct runner {
    const char *path;
    char directory[64];
    struct sl_engine *engine;
    struct sl_log log;
    unsigned passed;
    unsigned failed;
};

static void lines_add(struct lines *lines, const char *text, size_t length)
{
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity == 0 ? 16 : lines->capacity * 2;
        lines->items = realloc(lines->items, lines->capacity * sizeof *lines->items);
    }
    lines->items[lines->count++] = strndup(text, length);
}

static void lines_clear(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i]);
    }
    free(lines->items);
    *lines = (struct lines){0};
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_sort(struct lines *lines)
{
    if (lines->count > 0) {
        qsort(lines->items, lines->count, sizeof *lines->items, compare_lines);
    }
}

static void fail(struct runner *runner, const struct block *block, const char *format, ...)
    SL_PRINTF(3, 4);
static void fail(struct runner *runner, const struct block *block, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%s:%zu: ", runner->path, block->line);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    runner->failed++;
}

/* ${DIR} in SQL stands for this run's own directory. */
static char *expand(const struct runner *runner, const char *text)
{
    static const char name[] = "${DIR}";
    size_t size = strlen(text) + 1;
    for (const char *found = strstr(text, name); found != NULL; found = strstr(found + 1, name)) {
        size += strlen(runner->directory);
    }
    char *out = malloc(size);
    char *end = out;
    const char *found = NULL;
    while ((found = strstr(text, name)) != NULL) {
        memcpy(end, text, (size_t)(found - text));
        end += found - text;
        memcpy(end, runner->directory, strlen(runner->directory));
        end += strlen(runner->directory);
        text = found + strlen(name);
    }
    memcpy(end, text, strlen(text) + 1);
    return out;
}

struct result {
    struct lines rows;
    bool is_updating;
};

static enum sl_status collect(void *user, const struct sl_batch *batch, struct sl_error *err)
{
    struct result *result = user;
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (uint32_t idx = 0; idx < batch->selected_count; idx++) {
        uint32_t row = sl_batch_row(batch, idx);
        sl_text_reset(&text);
        if (result->is_updating) {
            sl_text_printf(&text, "%s ", sl_row_kind_text(sl_batch_kind(batch, row)));
        }
        for (uint32_t i = 0; i < batch->schema->column_count; i++) {
            sl_text_append_string(&text, i == 0 ? "" : "|");
            if (sl_vector_is_valid(&batch->columns[i], row)) {
                sl_value_append_text(&text, &batch->columns[i], row);
            } else {
                sl_text_append_string(&text, "NULL");
            }
        }
        lines_add(&result->rows, text.data, text.length);
    }
    sl_text_deinit(&text);
    (void)err;
    return SL_OK;
}

/* Applies +I -U +U -D: what stands at the end, as a multiset of rows. False when a row is taken
 * back that is not there. */
static bool materialize(struct lines *changes)
{
    struct lines rows = {0};
    bool is_sound = true;
    for (size_t i = 0; i < changes->count; i++) {
        const char *text = changes->items[i];
        const char *row = text + 3;
        if (text[0] == '+') {
            lines_add(&rows, row, strlen(row));
            continue;
        }
        size_t k = 0;
        while (k < rows.count && strcmp(rows.items[k], row) != 0) {
            k++;
        }
        if (k == rows.count) {
            is_sound = false;
            break;
        }
        free(rows.items[k]);
        rows.items[k] = rows.items[--rows.count];
    }
    lines_clear(changes);
    *changes = rows;
    return is_sound;
}

struct run {
    uint32_t worker_count;
    uint32_t batch_rows;
    uint32_t ring_slots;
};

static enum sl_status run_plan(struct runner *runner, const struct sl_plan *plan,
                               const struct run *run, struct result *result,
                               struct sl_query_stats *stats, struct sl_error *err)
{
    struct sl_query *query = NULL;
    struct sl_query_options options = {
        .result = collect,
        .user = result,
        .worker_count = run->worker_count,
        .batch_rows = run->batch_rows,
        .ring_slots = run->ring_slots,
        .seed = 1,
    };
    result->is_updating =
        plan->nodes[plan->nodes[plan->node_count - 1].inputs[0]].changelog == SL_RETRACT;
    enum sl_status status = sl_query_create(runner->engine, plan, &options, &query, err);
    if (status == SL_OK) {
        status = sl_query_run(query, err);
        *stats = sl_query_stats(query);
    }
    sl_query_destroy(query);
    return status;
}

static enum sl_status compile(struct runner *runner, const struct block *block,
                              struct sl_script *script, struct sl_error *err)
{
    char *sql = expand(runner, block->sql);
    enum sl_status status = sl_engine_compile(runner->engine, sql, strlen(sql), NULL, script, err);
    free(sql);
    return status;
}

/* "3:14: unknown column 'x'": how errors are compared. */
static void format_error(const struct sl_error *err, char *text, size_t size)
{
    if (err->line > 0) {
        snprintf(text, size, "%u:%u: %s", err->line, err->column, err->text);
    } else {
        snprintf(text, size, "%s", err->text);
    }
}

static void run_statement(struct runner *runner, const struct block *block)
{
    struct sl_script script = {0};
    struct sl_error err = {0};
    struct sl_query_stats stats;
    struct result result = {0};
    const struct run run = {.worker_count = 1};
    enum sl_status status = compile(runner, block, &script, &err);
    for (uint32_t i = 0; status == SL_OK && i < script.job_count; i++) {
        if (script.jobs[i].kind != SL_JOB_TEXT) {
            status = run_plan(runner, script.jobs[i].plan, &run, &result, &stats, &err);
        }
    }
    lines_clear(&result.rows);
    char text[SL_ERROR_TEXT_BYTES + 32];
    format_error(&err, text, sizeof text);
    const char *expected = strstr(block->header, "error ");
    if (expected == NULL && status != SL_OK) {
        fail(runner, block, "failed: %s", text);
    } else if (expected != NULL && status == SL_OK) {
        fail(runner, block, "did not fail with: %s", expected + 6);
    } else if (expected != NULL && strstr(text, expected + 6) == NULL) {
        fail(runner, block, "failed with: %s\n  expected: %s", text, expected + 6);
    } else {
        runner->passed++;
    }
}

static void run_input(struct runner *runner, const struct block *block)
{
    char name[128];
    char path[256];
    if (sscanf(block->header, "input %127s", name) != 1) {
        fail(runner, block, "expected: input NAME");
        return;
    }
    snprintf(path, sizeof path, "%s/%s", runner->directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(block->sql, file) < 0 || fclose(file) != 0) {
        fail(runner, block, "cannot write %s", path);
    }
}

static bool same_rows(struct lines *actual, const struct lines *expected)
{
    bool same = actual->count == expected->count;
    for (size_t i = 0; same && i < actual->count; i++) {
        same = strcmp(actual->items[i], expected->items[i]) == 0;
    }
    return same;
}

static void print_rows(const char *title, const struct lines *rows)
{
    printf("  %s, %zu rows:\n", title, rows->count);
    for (size_t i = 0; i < rows->count && i < 40; i++) {
        printf("    %s\n", rows->items[i]);
    }
}

/* A number behind "name=" in a header, or -1. */
static long long header_number(const struct block *block, const char *name)
{
    const char *found = strstr(block->header, name);
    return found == NULL ? -1 : strtoll(found + strlen(name), NULL, 10);
}

static bool check_count(struct runner *runner, const struct block *block, const char *name,
                        int64_t actual)
{
    long long expected = header_number(block, name);
    if (expected >= 0 && expected != actual) {
        fail(runner, block, "%s%lld, expected %lld", name, (long long)actual, expected);
        return false;
    }
    return true;
}

static bool check_rows(struct runner *runner, const struct block *block, enum order order,
                       const struct run *run, struct result *result,
                       const struct sl_query_stats *stats)
{
    if (order == ORDER_MATERIALIZED && result->is_updating && !materialize(&result->rows)) {
        fail(runner, block, "a row is taken back that was never given (%u workers)",
             run->worker_count);
        return false;
    }
    if (order != ORDER_EXACT) {
        lines_sort(&result->rows);
    }
    if (!same_rows(&result->rows, &block->expected)) {
        fail(runner, block, "other rows than expected (%u workers, batches of %u)",
             run->worker_count, run->batch_rows);
        print_rows("actual", &result->rows);
        print_rows("expected", &block->expected);
        return false;
    }
    return check_count(runner, block, "late=", stats->rows_late) &&
           check_count(runner, block, "rejected=", stats->rows_rejected);
}

/* Each expected line is a part of a line of the text, in this order. */
static bool contains_rows(const struct lines *actual, const struct lines *expected)
{
    size_t found = 0;
    for (size_t i = 0; found < expected->count && i < actual->count; i++) {
        found += strstr(actual->items[i], expected->items[found]) != NULL;
    }
    return found == expected->count;
}

/* EXPLAIN, SHOW and the like. */
static void check_text(struct runner *runner, const struct block *block, const char *text)
{
    struct lines rows = {0};
    for (const char *line = text; *line != '\0';
         line += strcspn(line, "\n"), line += *line == '\n') {
        lines_add(&rows, line, strcspn(line, "\n"));
    }
    bool is_right = strstr(block->header, "contains") != NULL
                        ? contains_rows(&rows, &block->expected)
                        : same_rows(&rows, &block->expected);
    if (is_right) {
        runner->passed++;
    } else {
        fail(runner, block, "other text than expected");
        print_rows("actual", &rows);
    }
    lines_clear(&rows);
}

static void run_query(struct runner *runner, struct block *block)
{
    static const struct run runs[] = {{1, 0, 0}, {1, 3, 0}, {2, 0, 0}, {2, 5, 1}, {3, 2, 2}};
    struct sl_script script = {0};
    struct sl_error err = {0};
    char text[SL_ERROR_TEXT_BYTES + 32];
    enum order order = strstr(block->header, "materialized") ? ORDER_MATERIALIZED
                       : strstr(block->header, "rowsort")    ? ORDER_ROWSORT
                                                             : ORDER_EXACT;
    const char *expected_error = strstr(block->header, "error ");
    if (compile(runner, block, &script, &err) != SL_OK || script.job_count != 1) {
        format_error(&err, text, sizeof text);
        fail(runner, block, "does not compile to one query: %s", text);
        return;
    }
    if (script.jobs[0].kind == SL_JOB_TEXT) {
        check_text(runner, block, script.jobs[0].text);
        return;
    }
    if (order != ORDER_EXACT) {
        lines_sort(&block->expected);
    }
    const struct run *run = runs;
    size_t run_count = order == ORDER_EXACT ? 2 : SL_COUNT_OF(runs);
    struct run only = {.worker_count = 1, .batch_rows = (uint32_t)header_number(block, "batch=")};
    if (header_number(block, "batch=") > 0) {
        run = &only;
        run_count = 1;
    }
    for (const struct run *end = run + run_count; run < end; run++) {
        struct result result = {0};
        struct sl_query_stats stats = {0};
        enum sl_status status = run_plan(runner, script.jobs[0].plan, run, &result, &stats, &err);
        format_error(&err, text, sizeof text);
        bool is_right = true;
        if (expected_error != NULL) {
            is_right = status != SL_OK && strstr(text, expected_error + 6) != NULL;
            if (!is_right) {
                fail(runner, block, "expected error: %s\n  came: %s", expected_error + 6,
                     status == SL_OK ? "no error" : text);
            }
        } else if (status != SL_OK) {
            is_right = false;
            fail(runner, block, "failed on %u workers: %s", run->worker_count, text);
        } else {
            is_right = check_rows(runner, block, order, run, &result, &stats);
        }
        lines_clear(&result.rows);
        if (!is_right) {
            return;
        }
    }
    runner->passed++;
}

static void run_block(struct runner *runner, struct block *block)
{
    if (strncmp(block->header, "statement ", 10) == 0) {
        run_statement(runner, block);
    } else if (strncmp(block->header, "input ", 6) == 0) {
        run_input(runner, block);
    } else if (strncmp(block->header, "query", 5) == 0) {
        run_query(runner, block);
    } else {
        fail(runner, block, "expected statement, input or query; found '%s'", block->header);
    }
}

/* Reads the next block; false at the end. Lines that start with # between blocks are comments. */
static bool read_block(FILE *file, size_t *line_number, struct block *block)
{
    char *line = NULL;
    size_t capacity = 0;
    size_t sql_size = 1;
    *block = (struct block){.sql = calloc(1, 1)};
    while (getline(&line, &capacity, file) > 0) {
        (*line_number)++;
        size_t length = strlen(line);
        bool is_blank = strspn(line, " \t\r\n") == length;
        if (block->header == NULL) {
            if (!is_blank && line[0] != '#') {
                block->header = strndup(line, strcspn(line, "\r\n"));
                block->line = *line_number;
            }
        } else if (is_blank) {
            break;
        } else if (strcmp(line, "----\n") == 0) {
            block->has_expected = true;
        } else if (block->has_expected) {
            lines_add(&block->expected, line, strcspn(line, "\r\n"));
        } else {
            block->sql = realloc(block->sql, sql_size + length);
            memcpy(block->sql + sql_size - 1, line, length + 1);
            sql_size += length;
        }
    }
    free(line);
    return block->header != NULL;
}

static void free_block(struct block *block)
{
    free(block->header);
    free(block->sql);
    lines_clear(&block->expected);
}

static int run_file(struct runner *runner)
{
    FILE *file = fopen(runner->path, "r");
    if (file == NULL) {
        perror(runner->path);
        return 1;
    }
    struct block block;
    size_t line_number = 0;
    while (read_block(file, &line_number, &block)) {
        run_block(runner, &block);
        free_block(&block);
    }
    free_block(&block);
    fclose(file);
    return 0;
}

static void remove_directory(const char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", path);
    if (system(command) != 0) {
        fprintf(stderr, "cannot remove %s\n", path);
    }
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 2) {
        fprintf(stderr, "usage: slt FILE\n");
        return 2;
    }
    struct runner runner = {.path = arguments[1], .directory = "/tmp/sluice-slt-XXXXXX"};
    struct sl_error err = {0};
    if (mkdtemp(runner.directory) == NULL) {
        perror("mkdtemp");
        return 1;
    }
    runner.log = (struct sl_log){.level = SL_LOG_ERROR, .clock = sl_clock_system()};
    struct sl_engine_config config = {
        .builtins = wire_builtins(), .planner = &sql_planner, .log = &runner.log};
    if (sl_engine_create(&config, &runner.engine, &err) != SL_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    int unreadable = run_file(&runner);
    sl_engine_destroy(runner.engine);
    remove_directory(runner.directory);
    printf("%u passed, %u failed\n", runner.passed, runner.failed);
    return unreadable != 0 || runner.failed > 0 || runner.passed == 0;
}
