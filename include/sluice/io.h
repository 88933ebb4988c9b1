/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. All file access of the engine and its connectors, as a table of functions, so that the
 * simulator can lose unsynced writes and fail on demand. Paths are bytes, as the operating system
 * has them. */
#ifndef SLUICE_IO_H
#define SLUICE_IO_H

#include "sluice/arena.h"

SL_EXTERN_C_BEGIN

enum sl_io_mode {
    SL_IO_READ,
    SL_IO_CREATE /* truncates */,
    SL_IO_APPEND /* creates when absent */
};

struct sl_file; /* opaque; closed by the io that opened it */

struct sl_io_info {
    uint64_t size_bytes;
    int64_t modified_us;
    bool is_directory;
    bool is_regular; /* false for pipes and devices: read them, do not map them */
};

struct sl_io {
    /* Path "-" is standard input to read and standard output to write. */
    enum sl_status (*open)(struct sl_io *io, const char *path, enum sl_io_mode mode,
                           struct sl_file **file, struct sl_error *err);
    /* Reads up to size bytes at the file's cursor; *got 0 = end of file. */
    enum sl_status (*read)(struct sl_file *file, void *data, size_t size_bytes, size_t *got,
                           struct sl_error *err);
    /* Writes all or fails (a full disk is SL_IO naming the path; a closed pipe is SL_CLOSED). */
    enum sl_status (*write)(struct sl_file *file, const void *data, size_t size_bytes,
                            struct sl_error *err);
    enum sl_status (*sync)(struct sl_file *file, struct sl_error *err);
    /* Maps the whole file read-only; *data NULL when empty. At least 64 readable bytes follow the
     * last one of the file. When the file is cut meanwhile, zeroes stand where it was. Unmapped by
     * close. */
    enum sl_status (*map)(struct sl_file *file, const char **data, uint64_t *size_bytes,
                          struct sl_error *err);
    /* Accepts NULL. */
    void (*close)(struct sl_file *file);
    enum sl_status (*stat)(struct sl_io *io, const char *path, struct sl_io_info *info,
                           struct sl_error *err);
    enum sl_status (*rename)(struct sl_io *io, const char *from, const char *to,
                             struct sl_error *err);
    enum sl_status (*remove)(struct sl_io *io, const char *path,
                             struct sl_error *err); /* file or empty directory */
    enum sl_status (*make_directory)(struct sl_io *io, const char *path,
                                     struct sl_error *err); /* with parents; exists = OK */
    enum sl_status (*sync_directory)(struct sl_io *io, const char *path, struct sl_error *err);
    /* Names in a directory, sorted by bytes, without . and .., allocated in arena. */
    enum sl_status (*list)(struct sl_io *io, const char *path, struct sl_arena *arena,
                           const char ***names, uint32_t *count, struct sl_error *err);
    /* Takes an exclusive advisory lock for as long as *file stays open; SL_CLOSED when another
     * process holds it. */
    enum sl_status (*lock)(struct sl_io *io, const char *path, struct sl_file **file,
                           struct sl_error *err);
    void *state;
};

/* The machine's files (POSIX). Static, never freed. */
struct sl_io *sl_io_system(void);

/* Reads a whole file into arena with a NUL behind it; SL_LIMIT when it is larger than limit_bytes
 * (0 = no limit).
 * "-" reads standard input. */
enum sl_status sl_io_read_all(struct sl_io *io, const char *path, size_t limit_bytes,
                              struct sl_arena *arena, char **data, size_t *size_bytes,
                              struct sl_error *err);

SL_EXTERN_C_END

#endif
