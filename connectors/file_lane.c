/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and arithmetic of lanes. Always true: parse(name(path, lane)) gives path and lane back, for
 * every path. */
#include "file_lane.h"

#include <string.h>

#include "sluice/text.h"

static const struct conn_lane WHOLE = {.idx = 0, .count = 1, .chunk_bytes = 0};

enum { LANES_MAX = 1024 }; /* that a name may tell */

const char *conn_lane_name(struct sl_arena *arena, const char *path, const struct conn_lane *lane)
{
    struct conn_lane looks_like;
    bool is_plain = conn_lane_parse(path, &looks_like) == strlen(path);
    if (lane->count == 1 && is_plain) {
        return path;
    }
    return sl_arena_printf(arena, "%s#%u/%u@%lld", path, lane->idx, lane->count,
                           (long long)lane->chunk_bytes);
}

/* Digits up to the byte end; false when there is anything else. */
static bool read_number(const char **at, char end, int64_t *number)
{
    size_t length = strspn(*at, "0123456789");
    bool is_number =
        length > 0 && (*at)[length] == end && sl_parse_int64(*at, length, number) && *number >= 0;
    *at += length + (end != '\0');
    return is_number;
}

size_t conn_lane_parse(const char *name, struct conn_lane *lane)
{
    const char *mark = strrchr(name, '#');
    int64_t idx;
    int64_t count;
    int64_t chunk_bytes;
    *lane = WHOLE;
    if (mark == NULL) {
        return strlen(name);
    }
    const char *at = mark + 1;
    if (!read_number(&at, '/', &idx) || !read_number(&at, '@', &count) ||
        !read_number(&at, '\0', &chunk_bytes) || idx >= count || count > LANES_MAX ||
        chunk_bytes > INT64_MAX / LANES_MAX || (count == 1) != (chunk_bytes == 0)) {
        return strlen(name);
    }
    *lane = (struct conn_lane){(uint32_t)idx, (uint32_t)count, chunk_bytes};
    return (size_t)(mark - name);
}

bool conn_lane_owns(const struct conn_lane *lane, int64_t offset)
{
    return lane->count == 1 || offset / lane->chunk_bytes % lane->count == lane->idx;
}

/* The start of the chunk that lies count chunks behind the one that offset lies in. */
static int64_t chunk_start(const struct conn_lane *lane, int64_t offset, int64_t count)
{
    int64_t start;
    bool overflows = lane->count == 1 || __builtin_mul_overflow(offset / lane->chunk_bytes + count,
                                                                lane->chunk_bytes, &start);
    return overflows ? INT64_MAX : start;
}

int64_t conn_lane_chunk_end(const struct conn_lane *lane, int64_t offset)
{
    return chunk_start(lane, offset, 1);
}

int64_t conn_lane_next_chunk(const struct conn_lane *lane, int64_t offset)
{
    return chunk_start(lane, offset, lane->count);
}
