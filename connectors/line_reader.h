/* SPDX-License-Identifier: Apache-2.0
 *
 * One file as lines. Regular files are mapped; pipes, devices and standard input are read through a
 * buffer that is bounded by the line limit. */
#ifndef CONNECTORS_LINE_READER_H
#define CONNECTORS_LINE_READER_H

#include "sluice/codec.h"
#include "sluice/io.h"

struct conn_line_reader {
    struct sl_io *io;
    struct sl_account *account;
    struct sl_file *file; /* NULL = closed */
    struct sl_io_info info;
    uint32_t limit_bytes; /* a longer line is handed out cut to limit_bytes + 1 */

    const char *data; /* mapping, or the buffer's content */
    size_t length;
    size_t used;  /* of data, handed out */
    int64_t base; /* position of data[0] in the file */
    bool is_mapped;
    bool is_at_end;  /* nothing follows data */
    bool is_in_line; /* the rest of a cut line comes first, and is dropped */

    size_t stop;      /* lines that begin there or behind are not handed out; is_mapped = true */
    size_t gap_begin; /* no newline within data[gap_begin, gap_end), as a seek has found out */
    size_t gap_end;

    char *buffer; /* is_mapped = false */
    size_t buffer_bytes;
};

/* Opens path at its begin. Close is safe after a failure. */
enum sl_status conn_line_reader_open(struct conn_line_reader *reader, const char *path,
                                     struct sl_error *err);
void conn_line_reader_close(struct conn_line_reader *reader);
/* Mapped files only: goes on at offset, up to the last line that begins before stop. is_in_line:
 * offset may lie within a line; lines begin behind the first newline at offset - 1 or later. */
void conn_line_reader_seek(struct conn_line_reader *reader, int64_t offset, int64_t stop,
                           bool is_in_line);
/* The next lines: spans and their positions in the file; valid until the next call (of a
 * mapped file: until close). *count 0 = end of file, or stop. A last line without newline counts.
 */
enum sl_status conn_line_reader_next(struct conn_line_reader *reader, struct sl_span *spans,
                                     int64_t *positions, uint32_t capacity, uint32_t *count,
                                     struct sl_error *err);
/* Position behind the lines that were handed out. */
int64_t conn_line_reader_position(const struct conn_line_reader *reader);
/* Whether the file is known to end at position or before. */
bool conn_line_reader_ends_at(const struct conn_line_reader *reader, int64_t position);

#endif
