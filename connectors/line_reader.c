/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as lines. Always true: lines that were handed out stay where they are until the next call.
 */
#include "line_reader.h"

#include "line_scan.h"

#include <string.h>

enum { CHUNK_BYTES = 256 * 1024, READABLE_BYTES = 64 };

enum sl_status conn_line_reader_open(struct conn_line_reader *reader, const char *path,
                                     int64_t position, struct sl_error *err)
{
    reader->data = NULL;
    reader->length = 0;
    reader->used = 0;
    reader->base = 0;
    reader->is_at_end = false;
    reader->is_in_line = false;
    reader->is_mapped = false;
    reader->info = (struct sl_io_info){0};
    if (strcmp(path, "-") != 0) {
        SL_TRY(reader->io->stat(reader->io, path, &reader->info, err));
    }
    SL_TRY(reader->io->open(reader->io, path, SL_IO_READ, &reader->file, err));
    if (!reader->info.is_regular) {
        return SL_OK;
    }
    uint64_t size_bytes;
    SL_TRY(reader->io->map(reader->file, &reader->data, &size_bytes, err));
    reader->is_mapped = true;
    reader->is_at_end = true;
    reader->length = (size_t)size_bytes;
    reader->used = (size_t)SL_MIN((uint64_t)position, size_bytes);
    return SL_OK;
}

void conn_line_reader_close(struct conn_line_reader *reader)
{
    if (reader->file != NULL) {
        reader->io->close(reader->file);
        reader->file = NULL;
    }
    sl_memory_free(reader->account, reader->buffer, reader->buffer_bytes);
    reader->buffer = NULL;
    reader->buffer_bytes = 0;
}

int64_t conn_line_reader_position(const struct conn_line_reader *reader)
{
    return reader->base + (int64_t)reader->used;
}

/* Moves what is left to the front, and makes room for a chunk behind it. */
static enum sl_status make_room(struct conn_line_reader *reader, struct sl_error *err)
{
    size_t left = reader->length - reader->used;
    if (left > 0) {
        memmove(reader->buffer, reader->buffer + reader->used, left);
    }
    reader->base += (int64_t)reader->used;
    reader->length = left;
    reader->used = 0;
    size_t wanted = left + CHUNK_BYTES + READABLE_BYTES;
    if (wanted > reader->buffer_bytes) {
        wanted = SL_MAX(wanted, reader->buffer_bytes * 2);
        char *buffer =
            sl_memory_resize(reader->account, reader->buffer, reader->buffer_bytes, wanted);
        if (buffer == NULL) {
            return sl_fail(err, SL_MEMORY, "no memory for a line of more than %zu bytes", left);
        }
        reader->buffer = buffer;
        reader->buffer_bytes = wanted;
    }
    reader->data = reader->buffer;
    return SL_OK;
}

/* Drops the rest of a line that was cut. */
static void drop_rest(struct conn_line_reader *reader)
{
    const char *begin = reader->data + reader->used;
    size_t left = reader->length - reader->used;
    const char *newline = left == 0 ? NULL : memchr(begin, '\n', left);
    reader->used = newline == NULL ? reader->length : (size_t)(newline + 1 - reader->data);
    reader->is_in_line = newline == NULL;
}

/* Reads one chunk more. */
static enum sl_status fill(struct conn_line_reader *reader, struct sl_error *err)
{
    size_t got;
    SL_TRY(make_room(reader, err));
    size_t room = reader->buffer_bytes - READABLE_BYTES - reader->length;
    SL_TRY(reader->io->read(reader->file, reader->buffer + reader->length, room, &got, err));
    reader->length += got;
    reader->is_at_end = got == 0;
    if (reader->is_in_line) {
        drop_rest(reader);
    }
    return SL_OK;
}

/* One line that has no newline: the file's last one, or one that is too long. */
static void take_cut_line(struct conn_line_reader *reader, struct sl_span *span, int64_t *position)
{
    size_t left = reader->length - reader->used;
    size_t limit = reader->limit_bytes == 0 ? UINT32_MAX : (size_t)reader->limit_bytes + 1;
    span->data = reader->data + reader->used;
    span->length = (uint32_t)SL_MIN(left, limit);
    if (reader->is_at_end && span->length > 0 && span->length == left) {
        span->length -= span->data[span->length - 1] == '\r';
    }
    *position = conn_line_reader_position(reader);
    reader->used = reader->length;
    reader->is_in_line = !reader->is_at_end;
}

enum sl_status conn_line_reader_next(struct conn_line_reader *reader, struct sl_span *spans,
                                     int64_t *positions, uint32_t capacity, uint32_t *count,
                                     struct sl_error *err)
{
    *count = 0;
    for (;;) {
        size_t used = 0;
        size_t left = reader->length - reader->used;
        if (left > 0) {
            *count = conn_scan_lines(reader->data + reader->used, left, spans, positions, capacity,
                                     &used);
        }
        if (*count > 0) {
            int64_t first = conn_line_reader_position(reader);
            for (uint32_t i = 0; i < *count; i++) {
                positions[i] += first;
            }
            reader->used += used;
            return SL_OK;
        }
        bool is_too_long = reader->limit_bytes != 0 && left > reader->limit_bytes;
        if (left > 0 && (reader->is_at_end || is_too_long)) {
            take_cut_line(reader, &spans[0], &positions[0]);
            *count = 1;
            return SL_OK;
        }
        if (reader->is_at_end) {
            return SL_OK;
        }
        SL_TRY(fill(reader, err));
    }
}
