/* SPDX-License-Identifier: Apache-2.0
 *
 * Errors: texts are cut and never overrun, an error may wrap itself, asserts abort. */
#include "sluice/status.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void every_status_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(sl_status_text(SL_OK), "ok");
    assert_string_equal(sl_status_text(SL_LIMIT), "limit reached");
    assert_string_equal(sl_status_text(SL_INTERNAL), "internal error");
    assert_string_equal(sl_status_text((enum sl_status)999), "unknown status");
    assert_string_equal(sl_status_text((enum sl_status) - 1), "unknown status");
}

static void fail_writes_all_fields(void **state)
{
    (void)state;
    struct sl_error err;
    memset(&err, 0xAA, sizeof(err));
    assert_int_equal(sl_fail(&err, SL_IO, "cannot read %s: %d", "x", 7), SL_IO);
    assert_int_equal(err.status, SL_IO);
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
    assert_int_equal(err.length, 0);
    assert_string_equal(err.text, "cannot read x: 7");
    assert_int_equal(sl_fail_at(&err, SL_SYNTAX, 12, 7, "unexpected '%c'", ';'), SL_SYNTAX);
    assert_int_equal(err.line, 12);
    assert_int_equal(err.column, 7);
    assert_string_equal(err.text, "unexpected ';'");
    assert_int_equal(sl_fail(NULL, SL_MEMORY, "unseen"), SL_MEMORY);
    assert_int_equal(sl_fail_at(NULL, SL_SYNTAX, 1, 1, "unseen"), SL_SYNTAX);
}

static void an_error_may_wrap_itself(void **state)
{
    (void)state;
    struct sl_error err;
    (void)sl_fail(&err, SL_IO, "disk full");
    (void)sl_fail(&err, SL_IO, "checkpoint 7: %s", err.text);
    assert_string_equal(err.text, "checkpoint 7: disk full");
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t shift = 0; shift < 4; shift++) {
        for (size_t c = 0; c < SL_COUNT_OF(characters); c++) {
            size_t size = strlen(characters[c]);
            char text[3 * SL_ERROR_TEXT_BYTES] = "";
            memset(text, '.', shift);
            size_t length = shift;
            for (; length < 2 * SL_ERROR_TEXT_BYTES; length += size) {
                memcpy(text + length, characters[c], size + 1);
            }
            struct sl_error err;
            (void)sl_fail(&err, SL_FORMAT, "%s", text);
            assert_true(strlen(err.text) >= SL_ERROR_TEXT_BYTES - 4);
            assert_int_equal((strlen(err.text) - shift) % size, 0);
            assert_memory_equal(err.text, text, strlen(err.text));
        }
    }
}

static enum sl_status try_twice(enum sl_status first, int *reached)
{
    SL_TRY(first);
    *reached = 1;
    return SL_OK;
}

static void try_passes_on(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(try_twice(SL_TIMEOUT, &reached), SL_TIMEOUT);
    assert_int_equal(reached, 0);
    assert_int_equal(try_twice(SL_OK, &reached), SL_OK);
    assert_int_equal(reached, 1);
}

static void a_broken_invariant_aborts(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        SL_ASSERT(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    char text[512] = "";
    assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
    close(ends[0]);
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGABRT);
    assert_non_null(strstr(text, "broken invariant: 1 + 1 == 3 ("));
    assert_non_null(strstr(text, "test_status.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_text),
        cmocka_unit_test(fail_writes_all_fields),
        cmocka_unit_test(an_error_may_wrap_itself),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(try_passes_on),
        cmocka_unit_test(a_broken_invariant_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
