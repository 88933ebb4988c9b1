/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes rows as lines: to part files of a directory, or appended to one file.
 * Part files are hidden until their checkpoint is decided: .part-SINK-W-N.inprogress while written,
 * .part-SINK-W-N.EPOCH.inprogress once prepared, part-SINK-W-N when committed. SINK is the node's
 * uid, so that several sinks and jobs can write one directory. With a checkpoint directory every
 * checkpoint ends the part, so that a resume can drop what came after it. Without one nothing is
 * ever dropped: parts go on over checkpoints, are only synced, and what a run leaves hidden is
 * shown when it closes, or else by the next run. Always true: what prepare acknowledged is on disk,
 * and no other sink's files are touched. */
#include "encode.h"
#include "filesystem.h"

#include "sluice/arena.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
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
    bool is_single;  /* path is the one file */
    bool is_durable; /* there is a checkpoint directory */
    int64_t roll_bytes;
    int64_t roll_us;
    struct sl_file *file; /* open for writing, or NULL */
    struct sl_file *lock; /* held on the part that is written: other runs leave it alone */
    int64_t opened_us;    /* of the file, on the monotonic clock */
    int64_t synced_bytes;
    uint64_t number; /* of the file that is written, or comes next */
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

/* What a part file's name says. */
struct part_name {
    uint64_t uid;
    uint64_t worker;
    uint64_t number;
    int64_t epoch; /* EPOCH_WRITTEN, EPOCH_VISIBLE, or of the checkpoint that it is prepared for */
};

enum { EPOCH_WRITTEN = -1, EPOCH_VISIBLE = -2 };

/* NULL: no memory. */
static char *part_path(const struct sink *sink, struct sl_arena *arena, uint64_t number,
                       int64_t epoch)
{
    char epoch_text[24] = "";
    if (epoch >= 0) {
        snprintf(epoch_text, sizeof epoch_text, ".%" PRId64, epoch);
    }
    bool is_visible = epoch == EPOCH_VISIBLE;
    return sl_arena_printf(arena, "%s/%s%016" PRIx64 "-%u-%" PRIu64 "%s%s", sink->path,
                           is_visible ? &PREFIX[1] : PREFIX, sink->env->node->uid,
                           sink->env->worker_idx, number, epoch_text, is_visible ? "" : SUFFIX);
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

/* A number behind a separator; false when there is none. */
static bool read_number(const char **at, char separator, int base, uint64_t *number)
{
    char *end;
    if ((*at)[0] != separator || !isxdigit((unsigned char)(*at)[1])) {
        return false;
    }
    *number = strtoull(*at + 1, &end, base);
    *at = end;
    return true;
}

static bool read_name(const char *name, struct part_name *part)
{
    uint64_t epoch;
    name += name[0] == '.';
    part->epoch = EPOCH_WRITTEN;
    if (strncmp(name, "part", 4) != 0) {
        return false;
    }
    name += 4;
    if (!read_number(&name, '-', 16, &part->uid) || !read_number(&name, '-', 10, &part->worker) ||
        !read_number(&name, '-', 10, &part->number)) {
        return false;
    }
    if (read_number(&name, '.', 10, &epoch)) {
        part->epoch = (int64_t)epoch;
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
        struct part_name part;
        if (read_name(names[i], &part) && part.uid == sink->env->node->uid &&
            part.worker == sink->env->worker_idx && part.number >= sink->number) {
            sink->number = part.number + 1;
        }
    }
    sink->closed_first = sink->number;
    sl_arena_deinit(&arena);
    return status;
}

/* ---- what an earlier run left ---- */

/* Copies the lines that are whole, when the last one is not: the machine or the disk gave up. */
static enum sl_status copy_lines(struct sl_io *io, const char *from, const char *to,
                                 struct sl_error *err)
{
    struct sl_file *source = NULL;
    struct sl_file *target = NULL;
    const char *data;
    uint64_t length;
    enum sl_status status = io->open(io, from, SL_IO_READ, &source, err);
    status = status == SL_OK ? io->map(source, &data, &length, err) : status;
    const char *end = status == SL_OK && length > 0 ? memrchr(data, '\n', length) : NULL;
    if (status == SL_OK && end != NULL) {
        status = io->open(io, to, SL_IO_CREATE, &target, err);
        status = status == SL_OK ? io->write(target, data, (size_t)(end + 1 - data), err) : status;
        status = status == SL_OK ? io->sync(target, err) : status;
    }
    io->close(target);
    io->close(source);
    return status == SL_OK ? io->remove(io, from, err) : status;
}

/* Whether the file ends with a line break. */
static enum sl_status check_whole(struct sl_io *io, const char *path, bool *is_whole,
                                  struct sl_error *err)
{
    struct sl_file *file = NULL;
    const char *data;
    uint64_t length;
    enum sl_status status = io->open(io, path, SL_IO_READ, &file, err);
    status = status == SL_OK ? io->map(file, &data, &length, err) : status;
    *is_whole = status == SL_OK && length > 0 && data[length - 1] == '\n';
    io->close(file);
    return status;
}

/* Shows a part that nobody writes any more: its rows may belong to positions that are committed. */
static enum sl_status show_part(struct sink *sink, const char *from, const struct part_name *part,
                                struct sl_arena *arena, struct sl_error *err)
{
    struct sl_io *io = sink->env->io;
    const char *to = sl_arena_printf(arena, "%s/%s%016" PRIx64 "-%" PRIu64 "-%" PRIu64, sink->path,
                                     &PREFIX[1], part->uid, part->worker, part->number);
    bool is_whole;
    if (to == NULL) {
        return fail_memory(err);
    }
    SL_TRY(check_whole(io, from, &is_whole, err));
    if (is_whole) {
        return io->rename(io, from, to, err);
    }
    return copy_lines(io, from, to, err);
}

static enum sl_status show_leftover(struct sink *sink, const char *name, struct sl_arena *arena,
                                    struct sl_error *err)
{
    struct part_name part;
    struct sl_io *io = sink->env->io;
    struct sl_file *lock = NULL;
    if (name[0] != '.' || !read_name(name, &part) || part.uid != sink->env->node->uid) {
        return SL_OK;
    }
    const char *path = sl_arena_printf(arena, "%s/%s", sink->path, name);
    if (path == NULL) {
        return fail_memory(err);
    }
    enum sl_status status = io->lock(io, path, &lock, err);
    if (status == SL_CLOSED) {
        return SL_OK; /* another run is writing it */
    }
    status = status == SL_OK ? show_part(sink, path, &part, arena, err) : status;
    io->close(lock);
    return status;
}

/* Without a checkpoint directory no restore comes to settle what earlier runs left. */
static enum sl_status show_leftovers(struct sink *sink, struct sl_error *err)
{
    struct sl_arena arena;
    const char **names = NULL;
    uint32_t count = 0;
    if (sink->is_durable || sink->env->worker_idx != 0) {
        return SL_OK; /* the first worker settles the files of all */
    }
    sl_arena_init(&arena, sink->env->account, 0);
    enum sl_status status =
        sink->env->io->list(sink->env->io, sink->path, &arena, &names, &count, err);
    for (uint32_t i = 0; status == SL_OK && i < count; i++) {
        status = show_leftover(sink, names[i], &arena, err);
    }
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
        SL_TRY(show_leftovers(sink, err));
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
    sink->roll_us = 1000 * sl_option_int64(options, conn_filesystem_options,
                                           "sink.rolling-policy.rollover-interval");
    const char *directory =
        sl_option_text(&env->plan->settings, NULL, "execution.checkpointing.dir");
    sink->is_durable = directory != NULL;
    if (sink->path == NULL) {
        return sl_fail(err, SL_OPTION, "option 'path' is missing");
    }
    SL_TRY(conn_parts_make(env, &value, &key, err));
    SL_TRY(conn_encoder_open(&sink->encoder, &value, env, err));
    return open_target(sink, err);
}

/* ---- write ---- */

static int64_t now_us(const struct sink *sink)
{
    return sl_clock_steady_us(sink->env->clock);
}

static void close_part(struct sink *sink)
{
    sink->env->io->close(sink->file);
    sink->env->io->close(sink->lock);
    sink->file = NULL;
    sink->lock = NULL;
}

static enum sl_status open_part(struct sink *sink, struct sl_error *err)
{
    struct sl_arena arena;
    sl_arena_init(&arena, sink->env->account, 4096);
    const char *path = part_path(sink, &arena, sink->number, EPOCH_WRITTEN);
    struct sl_io *io = sink->env->io;
    enum sl_status status = path == NULL ? fail_memory(err) : SL_OK;
    if (status == SL_OK && !sink->is_durable) {
        status = io->lock(io, path, &sink->lock, err);
    }
    status = status == SL_OK ? io->open(io, path, SL_IO_CREATE, &sink->file, err) : status;
    sl_arena_deinit(&arena);
    sink->file_bytes = 0;
    sink->synced_bytes = 0;
    sink->opened_us = now_us(sink);
    return status;
}

static enum sl_status finish_part(struct sink *sink, struct sl_error *err)
{
    SL_TRY(sink->env->io->sync(sink->file, err));
    close_part(sink);
    sink->file_bytes = 0;
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

static enum sl_status sync_part(struct sink *sink, struct sl_error *err)
{
    struct sl_io *io = sink->env->io;
    if (sink->synced_bytes == sink->file_bytes) {
        return SL_OK;
    }
    SL_TRY(io->sync(sink->file, err));
    bool is_first = sink->synced_bytes == 0;
    sink->synced_bytes = sink->file_bytes;
    return is_first ? io->sync_directory(io, sink->path, err) : SL_OK;
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
        bool is_due = sink->is_durable || now_us(sink) - sink->opened_us >= sink->roll_us;
        SL_TRY(is_due ? finish_part(sink, err) : sync_part(sink, err));
    }
    bool has_parts = sink->closed_first < sink->number;
    for (; sink->closed_first < sink->number; sink->closed_first++) {
        SL_TRY(rename_part(sink, sink->closed_first, EPOCH_WRITTEN, epoch, err));
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
        SL_TRY(rename_part(sink, pending->number, pending->epoch, EPOCH_VISIBLE, err));
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
    struct part_name part;
    struct sl_io *io = sink->env->io;
    if (name[0] != '.' || !read_name(name, &part) || part.uid != sink->env->node->uid) {
        return SL_OK;
    }
    const char *from = sl_arena_printf(arena, "%s/%s", sink->path, name);
    const char *to = sl_arena_printf(arena, "%s/%s%016" PRIx64 "-%" PRIu64 "-%" PRIu64, sink->path,
                                     &PREFIX[1], part.uid, part.worker, part.number);
    if (from == NULL || to == NULL) {
        return fail_memory(err);
    }
    bool is_decided = part.epoch >= 0 && part.epoch <= restored;
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

/* ---- close ---- */

/* Shows what is still hidden of this run; what cannot be shown now is left to the next run. */
static void show_own(struct sink *sink)
{
    struct sl_arena arena;
    struct sl_error err;
    sl_arena_init(&arena, sink->env->account, 4096);
    enum sl_status status = sink_commit(sink, INT64_MAX, &err);
    bool is_written = sink->file_bytes > 0;
    for (uint64_t number = sink->closed_first;
         status == SL_OK && number < sink->number + is_written; number++) {
        struct part_name part = {
            .uid = sink->env->node->uid, .worker = sink->env->worker_idx, .number = number};
        const char *path = part_path(sink, &arena, number, EPOCH_WRITTEN);
        status = path == NULL ? fail_memory(&err) : show_part(sink, path, &part, &arena, &err);
    }
    if (status != SL_OK) {
        sl_log_warn(sink->env->log, "filesystem", "a part file stays hidden: %s", err.text);
    }
    sl_arena_deinit(&arena);
}

static void sink_close(void *state)
{
    struct sink *sink = state;
    if (sink == NULL) {
        return;
    }
    conn_encoder_close(&sink->encoder);
    close_part(sink);
    if (!sink->is_durable && !sink->is_single) {
        show_own(sink);
    }
    sl_text_deinit(&sink->text);
}

const struct sl_sink_def conn_filesystem_sink = {
    .open = sink_open,
    .write = sink_write,
    .prepare = sink_prepare,
    .commit = sink_commit,
    .abort = sink_abort,
    .close = sink_close,
};
