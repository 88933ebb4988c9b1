/* SPDX-License-Identifier: Apache-2.0
 *
 * EXPLAIN of each tests/sql/explain/x.sql must equal x.txt, uids included: a changed uid loses the
 * state of running jobs. With SLUICE_UPDATE_GOLDEN set the files are written anew. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support_catalog.h"

enum { TEXT_BYTES = 64 * 1024 };

static size_t read_text(const char *path, char *text)
{
    FILE *file = fopen(path, "rb");
    size_t length = file == NULL ? 0 : fread(text, 1, TEXT_BYTES - 1, file);
    text[length] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return length;
}

static void write_text(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
}

/* All jobs of the script, one after the other. */
static void explain(const char *sql, struct sl_text *out)
{
    struct support_planner planner;
    support_planner_init(&planner);
    assert_int_equal(support_compile(&planner, support_tables), SL_OK);
    if (support_compile(&planner, sql) != SL_OK) {
        fail_msg("%u:%u: %s", planner.err.line, planner.err.column, planner.err.text);
    }
    for (uint32_t i = 0; i < planner.script.job_count; i++) {
        const struct sl_job *job = &planner.script.jobs[i];
        if (job->kind == SL_JOB_TEXT) {
            sl_text_append_string(out, job->text);
        } else {
            sl_text_printf(out, "-- job '%s'\n", job->plan->name);
            assert_int_equal(sl_plan_explain(job->plan, out, &planner.err), SL_OK);
        }
    }
    support_planner_deinit(&planner);
}

static void check_file(const char *folder, const char *name)
{
    static char sql[TEXT_BYTES];
    static char expected[TEXT_BYTES];
    char path[512];
    struct sl_text out;
    sl_text_init(&out, NULL, 0);
    int stem = (int)(strlen(name) - strlen(".sql"));
    snprintf(path, sizeof path, "%s/%s", folder, name);
    read_text(path, sql);
    explain(sql, &out);
    snprintf(path, sizeof path, "%s/%.*s.txt", folder, stem, name);
    if (getenv("SLUICE_UPDATE_GOLDEN") != NULL) {
        write_text(path, out.data, out.length);
    }
    size_t length = read_text(path, expected);
    if (length != out.length || memcmp(expected, out.data, length) != 0) {
        fail_msg("%s: expected\n%s\ngot\n%.*s", name, expected, (int)out.length, out.data);
    }
    sl_text_deinit(&out);
}

static void test_golden_files(void **state)
{
    (void)state;
    static const char folder[] = SLUICE_SOURCE_DIR "/tests/sql/explain";
    DIR *directory = opendir(folder);
    int count = 0;
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".sql") == 0) {
            check_file(folder, entry->d_name);
            count++;
        }
    }
    closedir(directory);
    assert_true(count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
