/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may write to the terminal, and the thread that draws the status line. Always true: without a
 * terminal at standard error nothing here does more than pass calls on. */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen.h"
#include "status.h"

enum { PERIOD_MS = 1000, COLUMNS_DEFAULT = 80, FILES_MAX = 16 };

static struct {
    bool wanted;
    bool is_running;
    bool is_drawn; /* with lock */
    pthread_mutex_t lock;
    pthread_t thread;
    int stop_fd;
    struct sl_io io;
    struct sl_file *files[FILES_MAX]; /* open ones that may be the terminal; with lock */
} screen = {.lock = PTHREAD_MUTEX_INITIALIZER, .stop_fd = -1};

void cli_screen_begin(void)
{
    pthread_mutex_lock(&screen.lock);
    if (screen.is_drawn) {
        fputs("\r\033[K", stderr);
        screen.is_drawn = false;
    }
}

void cli_screen_end(void)
{
    pthread_mutex_unlock(&screen.lock);
}

/* ---- files that may be the terminal ---- */

static struct sl_file **slot_of(const struct sl_file *file)
{
    for (uint32_t i = 0; i < FILES_MAX; i++) {
        if (screen.files[i] == file) {
            return &screen.files[i];
        }
    }
    return NULL;
}

static enum sl_status screen_open(struct sl_io *io, const char *path, enum sl_io_mode mode,
                                  struct sl_file **file, struct sl_error *err)
{
    struct sl_io *machine = sl_io_system();
    (void)io;
    SL_TRY(machine->open(machine, path, mode, file, err));
    if (mode != SL_IO_READ && (strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0)) {
        pthread_mutex_lock(&screen.lock);
        struct sl_file **slot = slot_of(NULL);
        if (slot != NULL) {
            *slot = *file;
        }
        pthread_mutex_unlock(&screen.lock);
    }
    return SL_OK;
}

static enum sl_status screen_write(struct sl_file *file, const void *data, size_t size_bytes,
                                   struct sl_error *err)
{
    pthread_mutex_lock(&screen.lock);
    bool is_terminal = slot_of(file) != NULL;
    pthread_mutex_unlock(&screen.lock);
    if (!is_terminal) {
        return sl_io_system()->write(file, data, size_bytes, err);
    }
    cli_screen_begin();
    enum sl_status status = sl_io_system()->write(file, data, size_bytes, err);
    cli_screen_end();
    return status;
}

static void screen_close(struct sl_file *file)
{
    pthread_mutex_lock(&screen.lock);
    struct sl_file **slot = file == NULL ? NULL : slot_of(file);
    if (slot != NULL) {
        *slot = NULL;
    }
    pthread_mutex_unlock(&screen.lock);
    sl_io_system()->close(file);
}

void cli_screen_init(bool wanted)
{
    screen.wanted = wanted && isatty(STDERR_FILENO);
    screen.io = *sl_io_system();
    screen.io.open = screen_open;
    screen.io.write = screen_write;
    screen.io.close = screen_close;
}

struct sl_io *cli_screen_io(void)
{
    return screen.wanted ? &screen.io : sl_io_system();
}

/* ---- the status line ---- */

static uint32_t terminal_columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : COLUMNS_DEFAULT;
}

static void draw(const struct cli_sample *now, const struct cli_sample *before)
{
    struct sl_text line;
    sl_text_init(&line, NULL, 0);
    cli_status_format(&line, now, before, terminal_columns() - 1);
    cli_screen_begin();
    fwrite(line.data, 1, line.failed ? 0 : line.length, stderr);
    screen.is_drawn = true;
    cli_screen_end();
    sl_text_deinit(&line);
}

static void *draw_each_second(void *user)
{
    struct cli_sample before = cli_status_sample(user);
    struct pollfd stop = {.fd = screen.stop_fd, .events = POLLIN};
    while (poll(&stop, 1, PERIOD_MS) <= 0) {
        struct cli_sample now = cli_status_sample(user);
        draw(&now, &before);
        before = now;
    }
    return NULL;
}

void cli_status_start(struct sl_query *query)
{
    if (!screen.wanted) {
        return;
    }
    screen.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    screen.is_running =
        screen.stop_fd >= 0 && pthread_create(&screen.thread, NULL, draw_each_second, query) == 0;
}

void cli_status_stop(void)
{
    if (screen.is_running) {
        eventfd_write(screen.stop_fd, 1);
        pthread_join(screen.thread, NULL);
        cli_screen_begin();
        cli_screen_end();
    }
    if (screen.stop_fd >= 0) {
        close(screen.stop_fd);
    }
    screen.stop_fd = -1;
    screen.is_running = false;
}
