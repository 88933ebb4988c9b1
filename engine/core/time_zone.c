/* SPDX-License-Identifier: Apache-2.0
 *
 * Time zones: UTC and fixed offsets without any file, the others from the system's TZif files
 * (RFC 8536). A zone never changes once it is loaded. */
#include "time_zone.h"

#include "datetime_text.h"
#include "sluice/datetime.h"
#include "sluice/io.h"
#include "sluice/memory.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
/* Beyond any timestamp, within the years that the calendar can count. */
#define SECONDS_LIMIT ((int64_t)60000000000000000)

enum {
    NAME_LENGTH_MAX = 100,
    FILE_BYTES_MAX = 1 << 20,
    HEADER_BYTES = 44,
    TYPE_BYTES = 6,
    OFFSET_HOURS_MAX = 18,
    OFFSET_SECONDS_MAX = 26 * 3600
};

struct transition {
    int64_t at_seconds;
    int32_t offset_seconds; /* from then on */
};

struct sl_time_zone {
    size_t size_bytes;
    int32_t first_offset; /* before the first transition */
    bool has_rule;
    uint32_t transition_count;
    struct sl_time_zone_rule rule; /* behind the last transition */
    struct transition *transitions;
};

/* Counts of one data block, in the order of the header. */
struct counts {
    uint32_t utc_flags;
    uint32_t standard_flags;
    uint32_t leap_seconds;
    uint32_t transitions;
    uint32_t types;
    uint32_t name_bytes;
};

static uint32_t get_uint32(const char *data)
{
    const uint8_t *bytes = (const uint8_t *)data;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t get_int64(const char *data)
{
    return (int64_t)((uint64_t)get_uint32(data) << 32 | get_uint32(data + 4));
}

static enum sl_status create(uint32_t transition_count, struct sl_time_zone **zone,
                             struct sl_error *err)
{
    size_t size_bytes = sizeof(struct sl_time_zone) + transition_count * sizeof(struct transition);
    struct sl_time_zone *created = (struct sl_time_zone *)sl_memory_alloc(NULL, size_bytes);
    if (created == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a time zone");
    }
    created->size_bytes = size_bytes;
    created->transition_count = transition_count;
    created->transitions = (struct transition *)(created + 1);
    *zone = created;
    return SL_OK;
}

/* "UTC", "Z", "GMT", then optionally [+-]h[h][:mm]; the sign alone is enough, too. */
static bool parse_fixed(const char *name, int32_t *offset_seconds)
{
    struct sl_cursor cursor = {name, name + strlen(name)};
    static const char *const PREFIXES[] = {"UTC", "GMT", "UT", "Z"};
    bool has_prefix = false;
    for (size_t i = 0; i < SL_COUNT_OF(PREFIXES) && !has_prefix; i++) {
        size_t length = strlen(PREFIXES[i]);
        has_prefix = strncmp(name, PREFIXES[i], length) == 0;
        cursor.at += has_prefix ? length : 0;
    }
    *offset_seconds = 0;
    if (cursor.at == cursor.end) {
        return has_prefix;
    }
    bool negative = sl_cursor_take(&cursor, '-');
    uint32_t hours;
    uint32_t minutes = 0;
    if ((!negative && !sl_cursor_take(&cursor, '+')) ||
        !sl_cursor_number(&cursor, 1, 2, &hours, NULL)) {
        return false;
    }
    if (sl_cursor_take(&cursor, ':') && !sl_cursor_number(&cursor, 2, 2, &minutes, NULL)) {
        return false;
    }
    if (cursor.at < cursor.end || hours > OFFSET_HOURS_MAX || minutes > 59) {
        return false;
    }
    int32_t seconds = (int32_t)(hours * 3600 + minutes * 60);
    *offset_seconds = negative ? -seconds : seconds;
    return true;
}

/* A relative path of ordinary characters, so that no other file can be reached. */
static bool is_safe_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_LENGTH_MAX || name[0] == '/' || strstr(name, "..") != NULL) {
        return false;
    }
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-") ==
           length;
}

/* Reads the header at offset and the size of the block behind it; false when they do not fit. */
static bool read_header(const char *data, size_t size, size_t offset, uint32_t time_bytes,
                        struct counts *counts, size_t *block_bytes)
{
    if (size - offset < HEADER_BYTES || memcmp(data + offset, "TZif", 4) != 0) {
        return false;
    }
    const char *at = data + offset + 20;
    *counts = (struct counts){get_uint32(at),      get_uint32(at + 4),  get_uint32(at + 8),
                              get_uint32(at + 12), get_uint32(at + 16), get_uint32(at + 20)};
    if (counts->types == 0 || counts->types > 256 || counts->transitions > FILE_BYTES_MAX ||
        counts->leap_seconds > FILE_BYTES_MAX || counts->name_bytes > FILE_BYTES_MAX ||
        counts->standard_flags > 256 || counts->utc_flags > 256) {
        return false;
    }
    *block_bytes = (size_t)counts->transitions * (time_bytes + 1) + counts->types * TYPE_BYTES +
                   counts->name_bytes + (size_t)counts->leap_seconds * (time_bytes + 4) +
                   counts->standard_flags + counts->utc_flags;
    return *block_bytes <= size - offset - HEADER_BYTES;
}

/* Fills in the transitions from the 64-bit block; false when it is malformed. */
static bool read_block(const char *block, const struct counts *counts, struct sl_time_zone *zone)
{
    const uint8_t *type_idx = (const uint8_t *)block + (size_t)counts->transitions * 8;
    const char *types = (const char *)type_idx + counts->transitions;
    for (uint32_t i = 0; i < counts->types; i++) {
        int32_t offset = (int32_t)get_uint32(types + (size_t)i * TYPE_BYTES);
        if (offset < -OFFSET_SECONDS_MAX || offset > OFFSET_SECONDS_MAX) {
            return false;
        }
    }
    zone->first_offset = (int32_t)get_uint32(types);
    for (uint32_t i = 0; i < counts->transitions; i++) {
        int64_t at_seconds = get_int64(block + (size_t)i * 8);
        if (type_idx[i] >= counts->types ||
            (i > 0 && at_seconds <= zone->transitions[i - 1].at_seconds)) {
            return false;
        }
        zone->transitions[i] = (struct transition){
            at_seconds, (int32_t)get_uint32(types + (size_t)type_idx[i] * TYPE_BYTES)};
    }
    return true;
}

/* The rule between two newlines at the end of the file; an empty one is allowed. */
static bool read_footer(const char *data, size_t size, struct sl_time_zone *zone)
{
    if (size < 2 || data[0] != '\n') {
        return false;
    }
    const char *end = (const char *)memchr(data + 1, '\n', size - 1);
    if (end == NULL) {
        return false;
    }
    size_t length = (size_t)(end - data) - 1;
    zone->has_rule = length > 0;
    return length == 0 || sl_time_zone_rule_parse(data + 1, length, &zone->rule);
}

static enum sl_status decode(const char *name, const char *data, size_t size,
                             struct sl_time_zone **zone, struct sl_error *err)
{
    struct counts counts;
    size_t block_bytes = 0;
    size_t offset = 0;
    bool good = read_header(data, size, 0, 4, &counts, &block_bytes) && data[4] >= '2';
    if (good) {
        /* Version 2 and later repeat everything with 64-bit times. */
        offset = HEADER_BYTES + block_bytes;
        good = read_header(data, size, offset, 8, &counts, &block_bytes);
        offset += HEADER_BYTES;
    }
    if (!good) {
        return sl_fail(err, SL_CORRUPT, "time zone '%s': not a TZif file of version 2 or later",
                       name);
    }
    struct sl_time_zone *created = NULL;
    SL_TRY(create(counts.transitions, &created, err));
    if (!read_block(data + offset, &counts, created) ||
        !read_footer(data + offset + block_bytes, size - offset - block_bytes, created)) {
        sl_time_zone_unload(created);
        return sl_fail(err, SL_CORRUPT, "time zone '%s': its file is damaged", name);
    }
    *zone = created;
    return SL_OK;
}

static enum sl_status load_file(const char *name, struct sl_arena *arena,
                                struct sl_time_zone **zone, struct sl_error *err)
{
    char path[sizeof(ZONE_DIRECTORY) + NAME_LENGTH_MAX];
    struct sl_io *io = sl_io_system();
    struct sl_io_info info;
    snprintf(path, sizeof(path), "%s%s", ZONE_DIRECTORY, name);
    if (io->stat(io, path, &info, NULL) != SL_OK || !info.is_regular) {
        return sl_fail(err, SL_NOT_FOUND,
                       "unknown time zone '%s'; expected UTC, +hh:mm or a name "
                       "like Europe/Berlin (is tzdata installed?)",
                       name);
    }
    char *data = NULL;
    size_t size = 0;
    SL_TRY(sl_io_read_all(io, path, FILE_BYTES_MAX, arena, &data, &size, err));
    return decode(name, data, size, zone, err);
}

enum sl_status sl_time_zone_load(const char *name, struct sl_time_zone **zone, struct sl_error *err)
{
    int32_t offset_seconds;
    *zone = NULL;
    if (parse_fixed(name, &offset_seconds)) {
        SL_TRY(create(0, zone, err));
        (*zone)->first_offset = offset_seconds;
        return SL_OK;
    }
    if (!is_safe_name(name)) {
        return sl_fail(err, SL_NOT_FOUND,
                       "bad time zone '%s'; expected UTC, +hh:mm or a name like Europe/Berlin",
                       name);
    }
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    enum sl_status status = load_file(name, &arena, zone, err);
    sl_arena_deinit(&arena);
    return status;
}

void sl_time_zone_unload(struct sl_time_zone *zone)
{
    if (zone != NULL) {
        sl_memory_free(NULL, zone, zone->size_bytes);
    }
}

int32_t sl_time_zone_offset_at(const struct sl_time_zone *zone, int64_t epoch_seconds)
{
    epoch_seconds = SL_MAX(SL_MIN(epoch_seconds, SECONDS_LIMIT), -SECONDS_LIMIT);
    uint32_t low = 0;
    uint32_t high = zone->transition_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (zone->transitions[middle].at_seconds <= epoch_seconds) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == zone->transition_count && zone->has_rule) {
        return sl_time_zone_rule_offset_at(&zone->rule, epoch_seconds);
    }
    return low == 0 ? zone->first_offset : zone->transitions[low - 1].offset_seconds;
}
