/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds files and divides them. Always true: names come sorted, hidden files never. */
#include "file_list.h"

#include "file_lane.h"

#include <stdlib.h>
#include <string.h>

/* Names while they are collected; the array grows in the arena. */
struct names {
    struct sl_arena *arena;
    const char **items;
    uint32_t count;
    uint32_t capacity;
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for the names of files");
}

static enum sl_status add_name(struct names *names, const char *name, struct sl_error *err)
{
    if (names->count == names->capacity) {
        uint32_t capacity = SL_MAX(names->capacity * 2, 16U);
        const char **items = SL_ARENA_ARRAY(names->arena, const char *, capacity);
        if (items == NULL) {
            return fail_memory(err);
        }
        if (names->count > 0) {
            memcpy(items, names->items, names->count * sizeof *items);
        }
        names->items = items;
        names->capacity = capacity;
    }
    names->items[names->count++] = name;
    return name == NULL ? fail_memory(err) : SL_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum sl_status conn_file_list_restore(struct conn_file_list *list, struct sl_arena *arena,
                                      const char *const *names, uint32_t count,
                                      struct sl_error *err)
{
    if (count == 0) {
        return SL_OK;
    }
    list->restored = SL_ARENA_ARRAY(arena, const char *, count);
    if (list->restored == NULL) {
        return fail_memory(err);
    }
    memcpy(list->restored, names, count * sizeof *names);
    qsort(list->restored, count, sizeof *names, compare_names);
    list->restored_count = count;
    return SL_OK;
}

/* First restored name that is not below name. */
static uint32_t restored_position(const struct conn_file_list *list, const char *name)
{
    uint32_t low = 0;
    uint32_t high = list->restored_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(list->restored[middle], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* How the checkpoint divides the file; false, and lane
 * as it was, when it does not have it. The size may have changed
 * since, and the chunk size too, but positions are only good for the same lanes. Names that begin
 * with "path#" stand together, and the path alone before them. */
static bool find_restored(const struct conn_file_list *list, struct sl_arena *arena,
                          const char *path, struct conn_lane *lane)
{
    size_t length = strlen(path);
    const char *prefix = sl_arena_printf(arena, "%s#", path);
    const char *whole = conn_lane_name(arena, path, &(struct conn_lane){.count = 1});
    if (list->restored_count == 0 || prefix == NULL || whole == NULL) {
        return false;
    }
    uint32_t at = restored_position(list, whole);
    if (at < list->restored_count && strcmp(list->restored[at], whole) == 0) {
        return true;
    }
    for (at = restored_position(list, prefix);
         at < list->restored_count && strncmp(list->restored[at], prefix, length + 1) == 0; at++) {
        struct conn_lane found;
        if (conn_lane_parse(list->restored[at], &found) == length) {
            *lane = (struct conn_lane){0, found.count, found.chunk_bytes};
            return true;
        }
    }
    return false;
}

/* The splits of one file. */
static enum sl_status add_file(const struct conn_file_list *list, const char *path,
                               const struct sl_io_info *info, struct names *names,
                               struct sl_error *err)
{
    struct conn_lane lane = {.count = 1};
    uint64_t chunks = list->chunk_bytes == 0 ? 0 : info->size_bytes / (uint64_t)list->chunk_bytes;
    bool is_large = info->is_regular && chunks >= (uint64_t)CONN_LANE_CHUNKS_MIN * CONN_LANE_COUNT;
    if (!find_restored(list, names->arena, path, &lane) && is_large) {
        lane = (struct conn_lane){0, CONN_LANE_COUNT, list->chunk_bytes};
    }
    for (; lane.idx < lane.count; lane.idx++) {
        SL_TRY(add_name(names, conn_lane_name(names->arena, path, &lane), err));
    }
    return SL_OK;
}

static bool is_hidden(const char *name)
{
    return name[0] == '.' || name[0] == '_';
}

static enum sl_status add_directory(const struct conn_file_list *list, struct names *names,
                                    struct sl_error *err)
{
    struct sl_io *io = list->io;
    const char **entries;
    uint32_t entry_count;
    SL_TRY(io->list(io, list->path, names->arena, &entries, &entry_count, err));
    const char *slash = list->path[strlen(list->path) - 1] == '/' ? "" : "/";
    for (uint32_t i = 0; i < entry_count; i++) {
        struct sl_io_info info;
        if (is_hidden(entries[i])) {
            continue;
        }
        const char *path = sl_arena_printf(names->arena, "%s%s%s", list->path, slash, entries[i]);
        if (path == NULL) {
            return fail_memory(err);
        }
        enum sl_status status = io->stat(io, path, &info, err);
        if (status == SL_OK && info.is_regular) {
            SL_TRY(add_file(list, path, &info, names, err));
        } else if (status != SL_OK && status != SL_NOT_FOUND) {
            return status; /* NOT_FOUND: it went away meanwhile */
        }
    }
    return SL_OK;
}

enum sl_status conn_file_list(const struct conn_file_list *list, struct sl_arena *arena,
                              const char ***names, uint32_t *count, struct sl_error *err)
{
    struct names found = {.arena = arena};
    struct sl_io_info info = {0};
    if (strcmp(list->path, "-") != 0) {
        SL_TRY(list->io->stat(list->io, list->path, &info, err));
    }
    SL_TRY(info.is_directory ? add_directory(list, &found, err)
                             : add_file(list, list->path, &info, &found, err));
    if (found.count > 0) {
        qsort(found.items, found.count, sizeof *found.items, compare_names);
    }
    *names = found.items;
    *count = found.count;
    return SL_OK;
}
