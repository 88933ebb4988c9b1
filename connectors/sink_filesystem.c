/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes rows as lines: to part files of a directory, or appended to one file.
 * Part files are hidden until their checkpoint is decided: .part-W-N.inprogress while written,
 * .part-W-N.EPOCH.inprogress once prepared, part-W-N when committed. Always true: what prepare
 * acknowledged is on disk. */
#include "encode.h"
#include "filesystem.h"

#include "sluice/arena.h"

#include <stdlib.h>
#include <string.h>

enum { FLUSH_BYTES = 256 * 1024 };

static const char PREFIX[] = ".part-";
static const char SUFFIX[] = ".inprogress";

/* A part file whose checkpoint is not decided yet. */
struct pending {
    struct pending *next;
    uint64_t number;
    int64_t epoch;
};

struct sink {
    struct sl_env *env;
    struct conn_encoder encoder;
    const char *path;
    bool is_single; /* path is the one file */
    int64_t roll_bytes;
    struct sl_file *file; /* open for writing, or NULL */
    uint64_t number;      /* of the file that is written, or comes next */
    int64_t file_bytes;
    struct sl_text text; /* encoded, not yet written */
    struct pending *pending;
    struct pending *spare;
    uint64_t closed_first; /* files [closed_first, number) are full, but not prepared yet */
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for connector 'filesystem'");
}

/* ---- names ---- */

/* The path of a part file; epoch -1 = being written, -2 = visible. NULL: no memory. */
static char *part_path(struct sink *sink, struct sl_arena *arena, uint64_t number, int64_t epoch)
{
    unsigned long long part = number;
    unsigned worker = sink->env->worker_idx;
    if (epoch == -2) {
        return sl_arena_printf(arena, "%s/part-%u-%llu", sink->path, worker, part);
    }
    if (epoch == -1) {
        return sl_arena_printf(arena, "%s/%s%u-%llu%s", sink->path, PREFIX, worker, part, SUFFIX);
    }
    return sl_arena_printf(arena, "%s/%s%u-%llu.%lld%s", sink->path, PREFIX, worker, part,
                           (long long)epoch, SUFFIX);
}

static enum sl_status rename_part(struct sink *sink, uint64_t number, int64_t from_epoch,
                                  int64_t to_epoch, struct sl_error *err)
{
    struct sl_arena arena;
    sl_arena_init(&arena, sink->env->account, 4096);
    const char *from = part_path(sink, &arena, number, from_epoch);
    const char *to = part_path(sink, &arena, number, to_epoch);
    enum sl_status status = from == NULL || to == NULL
                                ? fail_memory(err)
                                : sink->env->io->rename(sink->env->io, from, to, err);
    sl_arena_deinit(&arena);
    return status;
}

/* Reads "part-W-N", ".part-W-N.EPOCH.inprogress", ...; *epoch -1 when there is none. */
static bool read_name(const char *name, uint64_t *worker, uint64_t *number, int64_t *epoch)
{
    char *end;
    name += name[0] == '.';
    *epoch = -1;
    if (strncmp(name, "part-", 5) != 0 || name[5] < '0' || name[5] > '9') {
        return false;
    }
    *worker = strtoull(name + 5, &end, 10);
    if (*end != '-' || end[1] < '0' || end[1] > '9') {
        return false;
    }
    *number = strtoull(end + 1, &end, 10);
    if (*end == '.' && end[1] >= '0' && end[1] <= '9') {
        *epoch = strtoll(end + 1, &end, 10);
    }
    return true;
}

/* Numbers go on behind those that this worker's files have. */
static enum sl_status find_next_number(struct sink *sink, struct sl_error *err)
{
    struct sl_arena arena;
    const char **names = NULL;
    uint32_t count = 0;
    sl_arena_init(&arena, sink->env->account, 0);
    enum sl_status status =
        sink->env->io->list(sink->env->io, sink->path, &arena, &names, &count, err);
    for (uint32_t i = 0; status == SL_OK && i < count; i++) {
        uint64_t worker;
        uint64_t number;
        int64_t epoch;
        if (read_name(names[i], &worker, &number, &epoch) && worker == sink->env->worker_idx &&
            number >= sink->number) {
            sink->number = number + 1;
        }
    }
    sink->closed_first = sink->number;
    sl_arena_deinit(&arena);
    return status;
}

/* ---- open, close ---- */

static enum sl_status open_target(struct sink *sink, struct sl_error *err)
{
    struct sl_io *io = sink->env->io;
    struct sl_io_info info;
    bool is_standard = strcmp(sink->path, "-") == 0;
    bool is_file =
        is_standard || (io->stat(io, sink->path, &info, NULL) == SL_OK && !info.is_directory);
    sink->is_single = is_file || sl_option_bool(conn_table_options(sink->env),
                                                conn_filesystem_options, "sink.single-file");
    if (!sink->is_single) {
        SL_TRY(io->make_directory(io, sink->path, err));
        return find_next_number(sink, err);
    }
    if (sink->env->worker_count > 1) {
        return sl_fail(err, SL_OPTION,
                       "%s is one file, which %u workers cannot write; name a directory, or set "
                       "'parallelism.default' = '1'",
                       sink->path, sink->env->worker_count);
    }
    return io->open(io, sink->path, SL_IO_APPEND, &sink->file, err);
}

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct sink *sink = SL_ARENA_NEW(env->arena, struct sink);
    struct conn_part key;
    struct conn_part value;
    *state = sink;
    if (sink == NULL) {
        return fail_memory(err);
    }
    const struct sl_options *options = conn_table_options(env);
    sink->env = env;
    sink->path = conn_file_path(options);
    sl_text_init(&sink->text, env->account, 0);
    sink->roll_bytes =
        sl_option_int64(options, conn_filesystem_options, "sink.rolling-policy.file-size");
    if (sink->path == NULL) {
        return sl_fail(err, SL_OPTION, "option 'path' is missing");
    }
    SL_TRY(conn_parts_make(env, &value, &key, err));
    SL_TRY(conn_encoder_open(&sink->encoder, &value, env, err));
    return open_target(sink, err);
}

static void sink_close(void *state)
{
    struct sink *sink = state;
    if (sink == NULL) {
        return;
    }
    conn_encoder_close(&sink->encoder);
    sink->env->io->close(sink->file);
    sl_text_deinit(&sink->text);
}

/* ---- write ---- */

static enum sl_status open_part(struct sink *sink, struct sl_error *err)
{
    struct sl_arena arena;
    sl_arena_init(&arena, sink->env->account, 4096);
    const char *path = part_path(sink, &arena, sink->number, -1);
    enum sl_status status =
        path == NULL ? fail_memory(err)
                     : sink->env->io->open(sink->env->io, path, SL_IO_CREATE, &sink->file, err);
    sl_arena_deinit(&arena);
    sink->file_bytes = 0;
    return status;
}

static enum sl_status finish_part(struct sink *sink, struct sl_error *err)
{
    SL_TRY(sink->env->io->sync(sink->file, err));
    sink->env->io->close(sink->file);
    sink->file = NULL;
    sink->number++;
    return SL_OK;
}

static enum sl_status flush(struct sink *sink, struct sl_error *err)
{
    if (sink->text.length == 0) {
        return SL_OK;
    }
    if (sink->file == NULL) {
        SL_TRY(open_part(sink, err));
    }
    SL_TRY(sink->env->io->write(sink->file, sink->text.data, sink->text.length, err));
    sink->file_bytes += (int64_t)sink->text.length;
    sl_text_reset(&sink->text);
    bool is_full = sink->roll_bytes > 0 && sink->file_bytes >= sink->roll_bytes;
    return is_full && !sink->is_single ? finish_part(sink, err) : SL_OK;
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct sink *sink = state;
    (void)outs;
    *flow = SL_DONE;
    conn_encoder_start(&sink->encoder, batch);
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        SL_TRY(conn_encoder_row(&sink->encoder, sl_batch_row(batch, i), &sink->text, err));
        sl_text_append_char(&sink->text, '\n');
        if (sink->text.failed) {
            return sl_fail(err, SL_MEMORY, "no memory for rows that go to %s", sink->path);
        }
        if (sink->text.length >= FLUSH_BYTES) {
            SL_TRY(flush(sink, err));
        }
    }
    return SL_OK;
}

/* ---- checkpoints ---- */

static enum sl_status add_pending(struct sink *sink, uint64_t number, int64_t epoch,
                                  struct sl_error *err)
{
    struct pending *pending = sink->spare;
    if (pending != NULL) {
        sink->spare = pending->next;
    } else {
        pending = SL_ARENA_NEW(sink->env->arena, struct pending);
    }
    if (pending == NULL) {
        return fail_memory(err);
    }
    *pending = (struct pending){.next = sink->pending, .number = number, .epoch = epoch};
    sink->pending = pending;
    return SL_OK;
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct sink *sink = state;
    (void)outs;
    *flow = SL_DONE;
    SL_TRY(flush(sink, err));
    if (sink->is_single) {
        return sink->env->io->sync(sink->file, err);
    }
    if (sink->file != NULL) {
        SL_TRY(finish_part(sink, err));
    }
    bool has_parts = sink->closed_first < sink->number;
    for (; sink->closed_first < sink->number; sink->closed_first++) {
        SL_TRY(rename_part(sink, sink->closed_first, -1, epoch, err));
        SL_TRY(add_pending(sink, sink->closed_first, epoch, err));
    }
    return has_parts ? sink->env->io->sync_directory(sink->env->io, sink->path, err) : SL_OK;
}

static enum sl_status sink_commit(void *state, int64_t epoch, struct sl_error *err)
{
    struct sink *sink = state;
    struct pending **link = &sink->pending;
    bool has_parts = false;
    while (*link != NULL) {
        struct pending *pending = *link;
        if (pending->epoch > epoch) {
            link = &pending->next;
            continue;
        }
        SL_TRY(rename_part(sink, pending->number, pending->epoch, -2, err));
        *link = pending->next;
        pending->next = sink->spare;
        sink->spare = pending;
        has_parts = true;
    }
    return has_parts ? sink->env->io->sync_directory(sink->env->io, sink->path, err) : SL_OK;
}

/* What an earlier run left: prepared for a decided checkpoint = commit it now; else remove it. */
static enum sl_status settle(struct sink *sink, struct sl_arena *arena, const char *name,
                             int64_t restored, struct sl_error *err)
{
    uint64_t worker;
    uint64_t number;
    int64_t epoch;
    struct sl_io *io = sink->env->io;
    if (name[0] != '.' || !read_name(name, &worker, &number, &epoch)) {
        return SL_OK;
    }
    const char *from = sl_arena_printf(arena, "%s/%s", sink->path, name);
    const char *to = sl_arena_printf(arena, "%s/part-%llu-%llu", sink->path,
                                     (unsigned long long)worker, (unsigned long long)number);
    if (from == NULL || to == NULL) {
        return fail_memory(err);
    }
    bool is_decided = epoch >= 0 && epoch <= restored;
    return is_decided ? io->rename(io, from, to, err) : io->remove(io, from, err);
}

static enum sl_status sink_abort(void *state, int64_t epoch, struct sl_error *err)
{
    struct sink *sink = state;
    struct sl_arena arena;
    const char **names = NULL;
    uint32_t count = 0;
    if (sink->is_single || sink->env->worker_idx != 0) {
        return SL_OK; /* the first worker settles the files of all */
    }
    sl_arena_init(&arena, sink->env->account, 0);
    enum sl_status status =
        sink->env->io->list(sink->env->io, sink->path, &arena, &names, &count, err);
    for (uint32_t i = 0; status == SL_OK && i < count; i++) {
        status = settle(sink, &arena, names[i], epoch, err);
    }
    sl_arena_deinit(&arena);
    return status;
}

const struct sl_sink_def conn_filesystem_sink = {
    .open = sink_open,
    .write = sink_write,
    .prepare = sink_prepare,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
};
