/* SPDX-License-Identifier: Apache-2.0
 *
 * Files as lines. Always true: lines that were handed out stay where they are until the next call.
 */
#include "line_reader.h"

#include "line_scan.h"

#include <string.h>

enum { CHUNK_BYTES = 256 * 1024, READABLE_BYTES = 64 };

enum sl_status conn_line_reader_open(struct conn_line_reader *reader, const char *path,
                                     struct sl_error *err)
{
    reader->data = NULL;
    reader->length = 0;
    reader->used = 0;
    reader->base = 0;
    reader->is_at_end = false;
    reader->is_in_line = false;
    reader->is_mapped = false;
    reader->stop = SIZE_MAX;
    reader->gap_begin = 0;
    reader->gap_end = 0;
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

bool conn_line_reader_ends_at(const struct conn_line_reader *reader, int64_t position)
{
    return reader->is_at_end && position >= reader->base + (int64_t)reader->length;
}

/* The first line's begin at or behind offset. What was searched is remembered: a line that is
 * longer than many chunks is searched once, not once a chunk. */
static size_t find_line(struct conn_line_reader *reader, size_t offset)
{
    size_t from = offset - 1;
    bool is_known = from >= reader->gap_begin && from <= reader->gap_end && reader->gap_end > 0;
    if (!is_known) {
        const char *newline = memchr(reader->data + from, '\n', reader->length - from);
        reader->gap_begin = from;
        reader->gap_end = newline == NULL ? reader->length : (size_t)(newline - reader->data);
    }
    return SL_MIN(reader->gap_end + 1, reader->length);
}

void conn_line_reader_seek(struct conn_line_reader *reader, int64_t offset, int64_t stop,
                           bool is_in_line)
{
    SL_ASSERT(reader->is_mapped);
    reader->used = (size_t)SL_MIN((uint64_t)offset, (uint64_t)reader->length);
    reader->stop = (size_t)stop;
    if (is_in_line && reader->used > 0 && reader->used < reader->length) {
        reader->used = find_line(reader, reader->used);
    }
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

/* The length of the line that begins at used, behind stop's newline; what is left when it has none.
 */
static size_t crossing_length(const struct conn_line_reader *reader)
{
    const char *newline = memchr(reader->data + reader->stop, '\n', reader->length - reader->stop);
    const char *end = newline == NULL ? reader->data + reader->length : newline + 1;
    return (size_t)(end - (reader->data + reader->used));
}

/* Whole lines of data; 0 when there is none up to stop. */
static uint32_t take_lines(struct conn_line_reader *reader, struct sl_span *spans,
                           int64_t *positions, uint32_t capacity)
{
    const char *begin = reader->data + reader->used;
    size_t left = SL_MIN(reader->length, reader->stop) - reader->used;
    size_t used = 0;
    uint32_t count = conn_scan_lines(begin, left, spans, positions, capacity, &used);
    if (count == 0 && reader->stop < reader->length) {
        count = conn_scan_lines(begin, crossing_length(reader), spans, positions, 1, &used);
    }
    int64_t first = conn_line_reader_position(reader);
    for (uint32_t i = 0; i < count; i++) {
        positions[i] += first;
    }
    reader->used += used;
    return count;
}

/* The byte order mark that some editors put before UTF-8 belongs to the file, not to its first
 * line.
 */
static void skip_mark(struct sl_span *span, int64_t position)
{
    static const char mark[] = {'\xEF', '\xBB', '\xBF'};
    if (position == 0 && span->length >= sizeof mark &&
        memcmp(span->data, mark, sizeof mark) == 0) {
        span->data += sizeof mark;
        span->length -= (uint32_t)sizeof mark;
    }
}

enum sl_status conn_line_reader_next(struct conn_line_reader *reader, struct sl_span *spans,
                                     int64_t *positions, uint32_t capacity, uint32_t *count,
                                     struct sl_error *err)
{
    *count = 0;
    for (;;) {
        size_t left = reader->length - reader->used;
        if (reader->used >= reader->stop) {
            return SL_OK;
        }
        *count = left == 0 ? 0 : take_lines(reader, spans, positions, capacity);
        if (*count > 0) {
            skip_mark(&spans[0], positions[0]);
            return SL_OK;
        }
        bool is_too_long = reader->limit_bytes != 0 && left > reader->limit_bytes;
        if (left > 0 && (reader->is_at_end || is_too_long)) {
            take_cut_line(reader, &spans[0], &positions[0]);
            skip_mark(&spans[0], positions[0]);
            *count = 1;
            return SL_OK;
        }
        if (reader->is_at_end) {
            return SL_OK;
        }
        SL_TRY(fill(reader, err));
    }
}
