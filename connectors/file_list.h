/* SPDX-License-Identifier: Apache-2.0
 *
 * The splits that a path gives: the files of a directory, or one file; large ones as lanes. */
#ifndef CONNECTORS_FILE_LIST_H
#define CONNECTORS_FILE_LIST_H

#include "sluice/operator.h"

struct conn_file_list {
    struct sl_io *io;
    const char *path;      /* file or directory; "-" = standard input */
    int64_t chunk_bytes;   /* 0 = files are not divided */
    const char **restored; /* names of a checkpoint, sorted: their files are divided as they were */
    uint32_t restored_count;
};

/* Copies and sorts the names. */
enum sl_status conn_file_list_restore(struct conn_file_list *list, struct sl_arena *arena,
                                      const char *const *names, uint32_t count,
                                      struct sl_error *err);

/* Names of the splits there are now, sorted, in arena. */
enum sl_status conn_file_list(const struct conn_file_list *list, struct sl_arena *arena,
                              const char ***names, uint32_t *count, struct sl_error *err);

#endif
