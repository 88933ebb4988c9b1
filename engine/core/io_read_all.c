/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a whole file into an arena, through any io.
 * Always true: the size that stat tells is only a hint, since pipes and /proc tell 0. */
#include "sluice/io.h"

#include <string.h>

enum { START_BYTES = 64 * 1024 };

/* A buffer that doubles inside the arena; one byte is always left for the NUL. */
struct reading {
    struct sl_arena *arena;
    char *data;
    size_t length;
    size_t capacity;
};

static bool make_room(struct reading *reading)
{
    if (reading->length + 1 < reading->capacity) {
        return true;
    }
    size_t capacity = reading->capacity * 2;
    char *data = sl_arena_alloc_raw(reading->arena, capacity);
    if (data == NULL) {
        return false;
    }
    memcpy(data, reading->data, reading->length);
    reading->data = data;
    reading->capacity = capacity;
    return true;
}

static enum sl_status read_to_end(struct sl_io *io, struct sl_file *file, const char *path,
                                  size_t limit_bytes, struct reading *reading, struct sl_error *err)
{
    for (;;) {
        if (!make_room(reading)) {
            return sl_fail(err, SL_LIMIT, "no memory to read %s", path);
        }
        size_t got = 0;
        SL_TRY(io->read(file, reading->data + reading->length,
                        reading->capacity - reading->length - 1, &got, err));
        reading->length += got;
        if (limit_bytes > 0 && reading->length > limit_bytes) {
            return sl_fail(err, SL_LIMIT, "%s is larger than %zu bytes", path, limit_bytes);
        }
        if (got == 0) {
            reading->data[reading->length] = '\0';
            return SL_OK;
        }
    }
}

static size_t first_capacity(struct sl_io *io, const char *path, size_t limit_bytes)
{
    struct sl_io_info info;
    if (io->stat(io, path, &info, NULL) != SL_OK || !info.is_regular) {
        return START_BYTES;
    }
    uint64_t wanted = info.size_bytes;
    if (limit_bytes > 0 && wanted > limit_bytes) {
        wanted =
            limit_bytes; /* it will be refused: reading a little more than the limit shows it */
    }
    return wanted < START_BYTES ? START_BYTES : (size_t)wanted + 2;
}

enum sl_status sl_io_read_all(struct sl_io *io, const char *path, size_t limit_bytes,
                              struct sl_arena *arena, char **data, size_t *size_bytes,
                              struct sl_error *err)
{
    *data = NULL;
    *size_bytes = 0;
    struct sl_file *file = NULL;
    SL_TRY(io->open(io, path, SL_IO_READ, &file, err));
    struct reading reading = {.arena = arena, .capacity = first_capacity(io, path, limit_bytes)};
    reading.data = sl_arena_alloc_raw(arena, reading.capacity);
    enum sl_status status = reading.data == NULL
                                ? sl_fail(err, SL_LIMIT, "no memory to read %s", path)
                                : read_to_end(io, file, path, limit_bytes, &reading, err);
    io->close(file);
    if (status == SL_OK) {
        *data = reading.data;
        *size_bytes = reading.length;
    }
    return status;
}
