/* SPDX-License-Identifier: Apache-2.0
 *
 * How a large file is divided: into chunks of equal size, dealt in turn to a fixed number of lanes.
 * A lane is a split, so its name depends on the file and the chunk size, never on the number of
 * workers. */
#ifndef CONNECTORS_FILE_LANE_H
#define CONNECTORS_FILE_LANE_H

#include "sluice/arena.h"

enum { CONN_LANE_COUNT = 8, CONN_LANE_CHUNKS_MIN = 2 };

/* Lane idx owns chunks idx, idx + count, ... of chunk_bytes; {0, 1, 0} is a whole file. */
struct conn_lane {
    uint32_t idx;
    uint32_t count;
    int64_t chunk_bytes;
};

/* The split's name: "path#idx/count@chunk_bytes", or the path when the lane is the whole file. A
 * path that looks like a lane's name itself gets "#0/1@0". NULL: no memory. */
const char *conn_lane_name(struct sl_arena *arena, const char *path, const struct conn_lane *lane);
/* The lane that a split's name tells. Returns the length of its path, which name begins with. */
size_t conn_lane_parse(const char *name, struct conn_lane *lane);

/* Whether the byte at offset lies in one of the lane's chunks. */
bool conn_lane_owns(const struct conn_lane *lane, int64_t offset);
/* End of the chunk that offset lies in; INT64_MAX for a whole file. */
int64_t conn_lane_chunk_end(const struct conn_lane *lane, int64_t offset);
/* Start of the lane's chunk behind the one that offset lies in, at most INT64_MAX. */
int64_t conn_lane_next_chunk(const struct conn_lane *lane, int64_t offset);

#endif
