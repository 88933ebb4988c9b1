/* SPDX-License-Identifier: Apache-2.0
 *
 * A file as memory. Always true: all of it can be read for as long as it is mapped, whatever
 * happens to the file meanwhile. */
#ifndef ENGINE_CORE_IO_MAPPING_H
#define ENGINE_CORE_IO_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

struct sl_io_mapping {
    char *data; /* NULL = not mapped */
    size_t size_bytes;
};

/* Maps the first size_bytes > 0 of a file; a page or less of zeroes, at least 64, follows them.
 * When somebody cuts the file, zeroes stand where it was. False: errno says why. */
bool sl_io_mapping_make(struct sl_io_mapping *mapping, int descriptor, size_t size_bytes);
void sl_io_mapping_drop(struct sl_io_mapping *mapping);

#endif
