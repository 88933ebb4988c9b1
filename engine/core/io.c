/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's files: the only caller of open, read, write and their like.
 * Always true: an error names the path and the operating system's reason, and interrupted calls are
 * taken up again. */
#include "sluice/io.h"

#include "io_mapping.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRANSFER_BYTES_MAX = 1 << 30, PATH_BYTES_MAX = 4096 };

struct sl_file {
    int descriptor;
    bool borrowed; /* standard input or output: not ours to close */
    struct sl_io_mapping mapping;
    size_t data_bytes; /* of the file when it was mapped */
    size_t path_bytes; /* with its NUL */
    char path[];
};

static enum sl_status fail_errno(struct sl_error *err, const char *action, const char *path)
{
    int code = errno;
    enum sl_status status = code == ENOENT || code == ENOTDIR ? SL_NOT_FOUND
                            : code == EPIPE                   ? SL_CLOSED
                            : code == ENOMEM                  ? SL_MEMORY
                                                              : SL_IO;
    return sl_fail(err, status, "cannot %s %s: %s", action, path, strerrordesc_np(code));
}

static enum sl_status make_file(int descriptor, const char *path, struct sl_file **file,
                                struct sl_error *err)
{
    size_t path_bytes = strlen(path) + 1;
    struct sl_file *made = sl_memory_alloc(NULL, sizeof(*made) + path_bytes);
    if (made == NULL) {
        close(descriptor);
        return sl_fail(err, SL_MEMORY, "no memory to open %s", path);
    }
    made->descriptor = descriptor;
    made->path_bytes = path_bytes;
    memcpy(made->path, path, path_bytes);
    *file = made;
    return SL_OK;
}

static int open_retrying(const char *path, int flags)
{
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, 0666);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static enum sl_status io_open(struct sl_io *io, const char *path, enum sl_io_mode mode,
                              struct sl_file **file, struct sl_error *err)
{
    (void)io;
    static const int FLAGS[] = {[SL_IO_READ] = O_RDONLY,
                                [SL_IO_CREATE] = O_WRONLY | O_CREAT | O_TRUNC,
                                [SL_IO_APPEND] = O_WRONLY | O_CREAT | O_APPEND};
    *file = NULL;
    if (strcmp(path, "-") == 0) {
        int standard = mode == SL_IO_READ ? STDIN_FILENO : STDOUT_FILENO;
        const char *name = mode == SL_IO_READ ? "standard input" : "standard output";
        SL_TRY(make_file(standard, name, file, err));
        (*file)->borrowed = true;
        return SL_OK;
    }
    int descriptor = open_retrying(path, FLAGS[mode]);
    if (descriptor < 0) {
        return fail_errno(err, mode == SL_IO_READ ? "open" : "write", path);
    }
    return make_file(descriptor, path, file, err);
}

/* True when the failed call is worth repeating: a signal came, or an inherited descriptor does not
 * block and is ready now. */
static bool may_retry(int descriptor, short events)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        struct pollfd wait = {.fd = descriptor, .events = events};
        return poll(&wait, 1, -1) >= 0 || errno == EINTR;
    }
    return errno == EINTR;
}

static enum sl_status io_read(struct sl_file *file, void *data, size_t size_bytes, size_t *got,
                              struct sl_error *err)
{
    ssize_t count;
    *got = 0;
    do {
        count = read(file->descriptor, data, SL_MIN(size_bytes, (size_t)TRANSFER_BYTES_MAX));
    } while (count < 0 && may_retry(file->descriptor, POLLIN));
    if (count < 0) {
        return fail_errno(err, "read", file->path);
    }
    *got = (size_t)count;
    return SL_OK;
}

static enum sl_status io_write(struct sl_file *file, const void *data, size_t size_bytes,
                               struct sl_error *err)
{
    const char *at = data;
    while (size_bytes > 0) {
        ssize_t count = write(file->descriptor, at, SL_MIN(size_bytes, (size_t)TRANSFER_BYTES_MAX));
        if (count >= 0) {
            at += count;
            size_bytes -= (size_t)count;
        } else if (!may_retry(file->descriptor, POLLOUT)) {
            return fail_errno(err, "write", file->path);
        }
    }
    return SL_OK;
}

/* Pipes, terminals and the like hold nothing that could be synced: EINVAL says so. */
static bool sync_descriptor(int descriptor)
{
    int result;
    do {
        result = fsync(descriptor);
    } while (result < 0 && errno == EINTR);
    return result == 0 || errno == EINVAL || errno == ENOTSUP;
}

static enum sl_status io_sync(struct sl_file *file, struct sl_error *err)
{
    return sync_descriptor(file->descriptor) ? SL_OK : fail_errno(err, "sync", file->path);
}

static enum sl_status io_map(struct sl_file *file, const char **data, uint64_t *size_bytes,
                             struct sl_error *err)
{
    *data = NULL;
    *size_bytes = 0;
    if (file->mapping.data == NULL) {
        struct stat info;
        if (fstat(file->descriptor, &info) != 0) {
            return fail_errno(err, "map", file->path);
        }
        if (!S_ISREG(info.st_mode)) {
            return sl_fail(err, SL_IO, "cannot map %s: it is not a regular file", file->path);
        }
        if (info.st_size == 0) {
            return SL_OK;
        }
        if ((uint64_t)info.st_size > SIZE_MAX / 2) {
            return sl_fail(err, SL_LIMIT, "cannot map %s: it is too large", file->path);
        }
        file->data_bytes = (size_t)info.st_size;
        if (!sl_io_mapping_make(&file->mapping, file->descriptor, file->data_bytes)) {
            return fail_errno(err, "map", file->path);
        }
    }
    *data = file->mapping.data;
    *size_bytes = file->data_bytes;
    return SL_OK;
}

static void io_close(struct sl_file *file)
{
    if (file == NULL) {
        return;
    }
    sl_io_mapping_drop(&file->mapping);
    if (!file->borrowed) {
        close(file->descriptor);
    }
    sl_memory_free(NULL, file, sizeof(*file) + file->path_bytes);
}

static enum sl_status io_stat(struct sl_io *io, const char *path, struct sl_io_info *info,
                              struct sl_error *err)
{
    (void)io;
    struct stat found;
    if (stat(path, &found) != 0) {
        return fail_errno(err, "look at", path);
    }
    *info = (struct sl_io_info){
        .size_bytes = (uint64_t)found.st_size,
        .modified_us =
            (int64_t)found.st_mtim.tv_sec * 1000000 + (int64_t)(found.st_mtim.tv_nsec / 1000),
        .is_directory = S_ISDIR(found.st_mode),
        .is_regular = S_ISREG(found.st_mode),
    };
    return SL_OK;
}

static enum sl_status io_rename(struct sl_io *io, const char *from, const char *to,
                                struct sl_error *err)
{
    (void)io;
    return rename(from, to) == 0 ? SL_OK : fail_errno(err, "rename", from);
}

static enum sl_status io_remove(struct sl_io *io, const char *path, struct sl_error *err)
{
    (void)io;
    return remove(path) == 0 ? SL_OK : fail_errno(err, "remove", path);
}

static bool make_one_directory(const char *path)
{
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    int code = errno;
    struct stat info;
    bool is_there = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    errno = code;
    return is_there;
}

static enum sl_status io_make_directory(struct sl_io *io, const char *path, struct sl_error *err)
{
    (void)io;
    char prefix[PATH_BYTES_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(prefix)) {
        return sl_fail(err, SL_IO, "cannot create directory '%s': its path is %s", path,
                       length == 0 ? "empty" : "too long");
    }
    memcpy(prefix, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] == '/' || path[i] == '\0') {
            prefix[i] = '\0';
            if (!make_one_directory(prefix)) {
                return fail_errno(err, "create directory", prefix);
            }
            prefix[i] = path[i];
        }
    }
    return SL_OK;
}

static enum sl_status io_sync_directory(struct sl_io *io, const char *path, struct sl_error *err)
{
    (void)io;
    int descriptor = open_retrying(path, O_RDONLY | O_DIRECTORY);
    if (descriptor < 0) {
        return fail_errno(err, "open directory", path);
    }
    enum sl_status status =
        sync_descriptor(descriptor) ? SL_OK : fail_errno(err, "sync directory", path);
    close(descriptor);
    return status;
}

/* Names in the making; the array doubles inside the arena. */
struct name_list {
    struct sl_arena *arena;
    const char **names;
    uint32_t count;
    uint32_t capacity;
};

static bool add_name(struct name_list *list, const char *name)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 32 : list->capacity * 2;
        const char **names = SL_ARENA_ARRAY(list->arena, const char *, capacity);
        if (names == NULL) {
            return false;
        }
        if (list->count > 0) {
            memcpy(names, list->names, list->count * sizeof(*names));
        }
        list->names = names;
        list->capacity = capacity;
    }
    list->names[list->count] = sl_arena_string(list->arena, name);
    return list->names[list->count++] != NULL;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum sl_status read_names(DIR *directory, const char *path, struct name_list *list,
                                 struct sl_error *err)
{
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) {
            return errno == 0 ? SL_OK : fail_errno(err, "list", path);
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            !add_name(list, entry->d_name)) {
            return sl_fail(err, SL_LIMIT, "no memory for the names in %s", path);
        }
    }
}

static enum sl_status io_list(struct sl_io *io, const char *path, struct sl_arena *arena,
                              const char ***names, uint32_t *count, struct sl_error *err)
{
    (void)io;
    *names = NULL;
    *count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return fail_errno(err, "list", path);
    }
    struct name_list list = {.arena = arena};
    enum sl_status status = read_names(directory, path, &list, err);
    closedir(directory);
    if (status == SL_OK) {
        if (list.count > 0) {
            qsort(list.names, list.count, sizeof(*list.names), compare_names);
        }
        *names = list.names;
        *count = list.count;
    }
    return status;
}

static enum sl_status io_lock(struct sl_io *io, const char *path, struct sl_file **file,
                              struct sl_error *err)
{
    (void)io;
    *file = NULL;
    int descriptor = open_retrying(path, O_RDWR | O_CREAT);
    if (descriptor < 0) {
        return fail_errno(err, "lock", path);
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        enum sl_status status =
            errno == EWOULDBLOCK
                ? sl_fail(err, SL_CLOSED, "cannot lock %s: another process holds it", path)
                : fail_errno(err, "lock", path);
        close(descriptor);
        return status;
    }
    return make_file(descriptor, path, file, err);
}

struct sl_io *sl_io_system(void)
{
    static struct sl_io system_io = {.open = io_open,
                                     .read = io_read,
                                     .write = io_write,
                                     .sync = io_sync,
                                     .map = io_map,
                                     .close = io_close,
                                     .stat = io_stat,
                                     .rename = io_rename,
                                     .remove = io_remove,
                                     .make_directory = io_make_directory,
                                     .sync_directory = io_sync_directory,
                                     .list = io_list,
                                     .lock = io_lock};
    return &system_io;
}
