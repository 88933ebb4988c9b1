/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's files: every call of struct sl_io, and the errors that people will meet. */
#include "sluice/io.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct fixture {
    struct sl_io *io;
    struct sl_arena arena;
    struct sl_error err;
    char directory[64];
};

static int set_up(void **state)
{
    struct fixture *fx = calloc(1, sizeof(*fx));
    fx->io = sl_io_system();
    sl_arena_init(&fx->arena, NULL, 0);
    snprintf(fx->directory, sizeof(fx->directory), "/tmp/sluice_io_XXXXXX");
    *state = fx;
    return mkdtemp(fx->directory) == NULL ? -1 : 0;
}

static void remove_tree(struct fixture *fx, const char *path)
{
    struct sl_io_info info;
    assert_int_equal(fx->io->stat(fx->io, path, &info, &fx->err), SL_OK);
    const char **names = NULL;
    uint32_t count = 0;
    if (info.is_directory) {
        assert_int_equal(fx->io->list(fx->io, path, &fx->arena, &names, &count, &fx->err), SL_OK);
    }
    for (uint32_t i = 0; i < count; i++) {
        remove_tree(fx, sl_arena_printf(&fx->arena, "%s/%s", path, names[i]));
    }
    assert_int_equal(fx->io->remove(fx->io, path, &fx->err), SL_OK);
}

static int tear_down(void **state)
{
    struct fixture *fx = *state;
    remove_tree(fx, fx->directory);
    sl_arena_deinit(&fx->arena);
    free(fx);
    return 0;
}

static char *path_to(struct fixture *fx, const char *name)
{
    return sl_arena_printf(&fx->arena, "%s/%s", fx->directory, name);
}

static void put_file(struct fixture *fx, const char *path, enum sl_io_mode mode, const void *data,
                     size_t size)
{
    struct sl_file *file = NULL;
    assert_int_equal(fx->io->open(fx->io, path, mode, &file, &fx->err), SL_OK);
    assert_int_equal(fx->io->write(file, data, size, &fx->err), SL_OK);
    assert_int_equal(fx->io->sync(file, &fx->err), SL_OK);
    fx->io->close(file);
}

static void assert_content(struct fixture *fx, const char *path, const char *expected)
{
    char *data = NULL;
    size_t size = 0;
    assert_int_equal(sl_io_read_all(fx->io, path, 0, &fx->arena, &data, &size, &fx->err), SL_OK);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(data, expected);
}

static void create_truncates_and_append_appends(void **state)
{
    struct fixture *fx = *state;
    char *path = path_to(fx, "a");
    put_file(fx, path, SL_IO_APPEND, "one", 3);
    assert_content(fx, path, "one");
    put_file(fx, path, SL_IO_APPEND, " two", 4);
    assert_content(fx, path, "one two");
    put_file(fx, path, SL_IO_CREATE, "x", 1);
    assert_content(fx, path, "x");
    put_file(fx, path, SL_IO_CREATE, NULL, 0);
    assert_content(fx, path, "");
}

static void errors_name_path_and_reason(void **state)
{
    struct fixture *fx = *state;
    struct sl_io *io = fx->io;
    struct sl_file *file = (struct sl_file *)fx;
    char *missing = path_to(fx, "missing/file");
    assert_int_equal(io->open(io, missing, SL_IO_READ, &file, &fx->err), SL_NOT_FOUND);
    assert_null(file);
    io->close(file);
    char expected[256];
    snprintf(expected, sizeof(expected), "cannot open %s: No such file or directory", missing);
    assert_string_equal(fx->err.text, expected);
    assert_int_equal(io->open(io, missing, SL_IO_CREATE, &file, &fx->err), SL_NOT_FOUND);
    assert_int_equal(io->rename(io, missing, missing, &fx->err), SL_NOT_FOUND);
    assert_int_equal(io->remove(io, missing, &fx->err), SL_NOT_FOUND);
    assert_int_equal(io->sync_directory(io, missing, &fx->err), SL_NOT_FOUND);
    struct sl_io_info info;
    assert_int_equal(io->stat(io, missing, &info, &fx->err), SL_NOT_FOUND);
    const char **names;
    uint32_t count;
    assert_int_equal(io->list(io, missing, &fx->arena, &names, &count, &fx->err), SL_NOT_FOUND);
    assert_int_equal(io->open(io, fx->directory, SL_IO_CREATE, &file, &fx->err), SL_IO);
    char *data;
    size_t size;
    assert_int_equal(sl_io_read_all(io, fx->directory, 0, &fx->arena, &data, &size, &fx->err),
                     SL_IO);
    assert_non_null(strstr(fx->err.text, "Is a directory"));
    assert_int_equal(io->make_directory(io, "", &fx->err), SL_IO);
    char *blocked = path_to(fx, "file");
    put_file(fx, blocked, SL_IO_CREATE, "x", 1);
    assert_int_equal(io->make_directory(io, blocked, &fx->err), SL_IO);
    assert_int_not_equal(io->make_directory(io, path_to(fx, "file/sub"), &fx->err), SL_OK);
}

static void a_full_disk_is_an_error(void **state)
{
    struct fixture *fx = *state;
    struct sl_file *file = NULL;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    assert_int_equal(fx->io->open(fx->io, "/dev/full", SL_IO_APPEND, &file, &fx->err), SL_OK);
    assert_int_equal(fx->io->write(file, "x", 1, &fx->err), SL_IO);
    assert_string_equal(fx->err.text, "cannot write /dev/full: No space left on device");
    fx->io->close(file);
}

static void a_closed_pipe_is_closed(void **state)
{
    struct fixture *fx = *state;
    char *path = path_to(fx, "pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    struct sl_file *file = NULL;
    assert_int_equal(fx->io->open(fx->io, path, SL_IO_APPEND, &file, &fx->err), SL_OK);
    assert_int_equal(fx->io->write(file, "x", 1, &fx->err), SL_OK);
    assert_int_equal(fx->io->sync(file, &fx->err), SL_OK);
    const char *data;
    uint64_t size;
    assert_int_equal(fx->io->map(file, &data, &size, &fx->err), SL_IO);
    close(reader);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    assert_int_equal(fx->io->write(file, "x", 1, &fx->err), SL_CLOSED);
    signal(SIGPIPE, old);
    fx->io->close(file);
}

static void a_map_outlives_what_is_cut_from_the_file(void **state)
{
    struct fixture *fx = *state;
    enum { SIZE = 1 << 20, KEPT = 5000 };
    char *path = path_to(fx, "cut");
    char *content = malloc(SIZE);
    memset(content, 'x', SIZE);
    for (int rest = 0; rest <= KEPT; rest += KEPT) {
        put_file(fx, path, SL_IO_CREATE, content, SIZE);
        struct sl_file *file = NULL;
        const char *data = NULL;
        uint64_t size = 0;
        assert_int_equal(fx->io->open(fx->io, path, SL_IO_READ, &file, &fx->err), SL_OK);
        assert_int_equal(fx->io->map(file, &data, &size, &fx->err), SL_OK);
        assert_int_equal(truncate(path, rest), 0);
        assert_int_equal(data[SIZE - 1], 0);
        assert_int_equal(data[SIZE / 2], 0);
        assert_int_equal(data[KEPT], 0);
        assert_int_equal(data[0], rest == 0 ? 0 : 'x');
        assert_int_equal(data[SIZE + 63], 0);
        fx->io->close(file);
    }
    free(content);
}

static void a_map_ends_in_readable_zeroes(void **state)
{
    struct fixture *fx = *state;
    static const size_t sizes[] = {1, 63, 4031, 4032, 4033, 4095, 4096, 4097, 8192, 100000};
    char *path = path_to(fx, "mapped");
    char *content = calloc(1, 100000);
    for (size_t i = 0; i < 100000; i++) {
        content[i] = (char)(i % 127 + 1);
    }
    for (size_t i = 0; i < SL_COUNT_OF(sizes); i++) {
        put_file(fx, path, SL_IO_CREATE, content, sizes[i]);
        struct sl_file *file = NULL;
        const char *data = NULL;
        uint64_t size = 0;
        assert_int_equal(fx->io->open(fx->io, path, SL_IO_READ, &file, &fx->err), SL_OK);
        assert_int_equal(fx->io->map(file, &data, &size, &fx->err), SL_OK);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(data, content, sizes[i]);
        for (size_t k = 0; k < 64; k++) {
            assert_int_equal(data[sizes[i] + k], 0);
        }
        const char *again = NULL;
        assert_int_equal(fx->io->map(file, &again, &size, &fx->err), SL_OK);
        assert_ptr_equal(again, data);
        fx->io->close(file);
    }
    free(content);
    put_file(fx, path, SL_IO_CREATE, "", 0);
    struct sl_file *file = NULL;
    const char *data = path;
    uint64_t size = 1;
    assert_int_equal(fx->io->open(fx->io, path, SL_IO_READ, &file, &fx->err), SL_OK);
    assert_int_equal(fx->io->map(file, &data, &size, &fx->err), SL_OK);
    assert_null(data);
    assert_int_equal(size, 0);
    fx->io->close(file);
}

static void directories(void **state)
{
    struct fixture *fx = *state;
    struct sl_io *io = fx->io;
    assert_int_equal(io->make_directory(io, path_to(fx, "x/y//z/"), &fx->err), SL_OK);
    assert_int_equal(io->make_directory(io, path_to(fx, "x/y"), &fx->err), SL_OK);
    assert_int_equal(io->sync_directory(io, path_to(fx, "x/y"), &fx->err), SL_OK);
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), "x/f%02d", (i * 37) % 100);
        put_file(fx, path_to(fx, name), SL_IO_CREATE, "", 0);
    }
    const char **names = NULL;
    uint32_t count = 0;
    assert_int_equal(io->list(io, path_to(fx, "x"), &fx->arena, &names, &count, &fx->err), SL_OK);
    assert_int_equal(count, 101);
    for (uint32_t i = 1; i < count; i++) {
        assert_true(strcmp(names[i - 1], names[i]) < 0);
    }
    assert_string_equal(names[100], "y");
    assert_int_equal(io->list(io, path_to(fx, "x/y/z"), &fx->arena, &names, &count, &fx->err),
                     SL_OK);
    assert_int_equal(count, 0);
    assert_int_equal(io->remove(io, path_to(fx, "x"), &fx->err), SL_IO); /* not empty */
    assert_int_equal(io->rename(io, path_to(fx, "x"), path_to(fx, "renamed"), &fx->err), SL_OK);
    struct sl_io_info info;
    assert_int_equal(io->stat(io, path_to(fx, "renamed"), &info, &fx->err), SL_OK);
    assert_true(info.is_directory && !info.is_regular);
    assert_int_equal(io->stat(io, path_to(fx, "renamed/f00"), &info, &fx->err), SL_OK);
    assert_true(!info.is_directory && info.is_regular);
    assert_true(info.modified_us > INT64_C(1500000000000000));
    assert_int_equal(io->stat(io, "/dev/null", &info, &fx->err), SL_OK);
    assert_true(!info.is_directory && !info.is_regular);
}

static void a_lock_is_held_by_one(void **state)
{
    struct fixture *fx = *state;
    struct sl_io *io = fx->io;
    char *path = path_to(fx, "lock");
    struct sl_file *first = NULL;
    struct sl_file *second = NULL;
    assert_int_equal(io->lock(io, path, &first, &fx->err), SL_OK);
    assert_int_equal(io->lock(io, path, &second, &fx->err), SL_CLOSED);
    assert_null(second);
    assert_non_null(strstr(fx->err.text, "another process holds it"));
    io->close(first);
    assert_int_equal(io->lock(io, path, &second, &fx->err), SL_OK);
    io->close(second);
}

static void read_all_has_a_limit(void **state)
{
    struct fixture *fx = *state;
    char *path = path_to(fx, "large");
    char *content = malloc(200001);
    memset(content, 'x', 200000);
    content[200000] = '\0';
    put_file(fx, path, SL_IO_CREATE, content, 200000);
    assert_content(fx, path, content);
    char *data = NULL;
    size_t size = 0;
    assert_int_equal(sl_io_read_all(fx->io, path, 200000, &fx->arena, &data, &size, &fx->err),
                     SL_OK);
    assert_int_equal(sl_io_read_all(fx->io, path, 199999, &fx->arena, &data, &size, &fx->err),
                     SL_LIMIT);
    assert_null(data);
    assert_non_null(strstr(fx->err.text, "is larger than 199999 bytes"));
    assert_int_equal(sl_io_read_all(fx->io, "/dev/zero", 1000, &fx->arena, &data, &size, &fx->err),
                     SL_LIMIT);
    struct sl_account account = {.name = "test", .limit_bytes = 1000};
    struct sl_arena little;
    sl_arena_init(&little, &account, 512);
    assert_int_equal(sl_io_read_all(fx->io, path, 0, &little, &data, &size, &fx->err), SL_LIMIT);
    sl_arena_deinit(&little);
    assert_int_equal(
        sl_io_read_all(fx->io, "/proc/self/status", 0, &fx->arena, &data, &size, &fx->err), SL_OK);
    assert_true(size > 100); /* of a file that says it is empty */
    free(content);
}

/* In a child: "-" reads a pipe piece by piece (which does not block at first) and writes back. */
static void standard_input_and_output(void **state)
{
    struct fixture *fx = *state;
    int in[2];
    int out[2];
    assert_int_equal(pipe2(in, O_NONBLOCK), 0);
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        char *data = NULL;
        size_t size = 0;
        struct sl_file *file = NULL;
        bool fine = sl_io_read_all(fx->io, "-", 0, &fx->arena, &data, &size, &fx->err) == SL_OK &&
                    fx->io->open(fx->io, "-", SL_IO_CREATE, &file, &fx->err) == SL_OK &&
                    fx->io->write(file, data, size, &fx->err) == SL_OK &&
                    fx->io->sync(file, &fx->err) == SL_OK;
        fx->io->close(file);
        fine = fine && fcntl(STDOUT_FILENO, F_GETFD) >= 0; /* still open */
        _exit(fine ? 0 : 1);
    }
    close(in[0]);
    close(out[1]);
    usleep(20000);
    assert_int_equal(write(in[1], "SELECT ", 7), 7);
    usleep(20000);
    assert_int_equal(write(in[1], "1", 1), 1);
    close(in[1]);
    char text[64] = "";
    assert_int_equal(read(out[0], text, sizeof(text)), 8);
    assert_string_equal(text, "SELECT 1");
    close(out[0]);
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(create_truncates_and_append_appends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_name_path_and_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_pipe_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_map_outlives_what_is_cut_from_the_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_map_ends_in_readable_zeroes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(directories, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lock_is_held_by_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_all_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(standard_input_and_output, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
