/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files line by line. A split is a file, or a lane of a large one; the files of a worker are
 * read one after another, the lanes of a file in the order of their chunks, and so under the name
 * of one of them: time comes from one ascending walk. Always true: a line belongs to the chunk that
 * its first byte lies in; a split's position is the byte behind its last finished line (or the
 * start of its next chunk), and "+n" when n rows of the next line have come out already. */
#include "decode.h"
#include "file_lane.h"
#include "file_list.h"
#include "filesystem.h"
#include "line_reader.h"

#include "sluice/arena.h"

#include <stdio.h>
#include <string.h>

enum { MONITOR_TOKEN = 1, RUNS_MAX = CONN_LANE_COUNT };

struct lane {
    struct lane *next;     /* of the same file */
    struct lane *leader;   /* whose split its rows show */
    struct sl_split split; /* its name is the file's path: that is what rejected rows show */
    struct conn_lane part;
    int64_t offset;     /* behind what came out */
    uint32_t skip_rows; /* of the line at offset: came out before */
    int64_t cursor;     /* behind what was read; ahead of offset only within an input */
    bool has_ended;     /* all came out */
    bool is_told;       /* SPLIT_ENDED went out: no row shows this split from here on */
};

/* What this instance reads of a file. */
struct file {
    struct file *next; /* in the order of assignment */
    const char *path;
    struct lane *lanes;
};

/* The lane that a run of the input was read from: at most one run a lane and input. */
struct taken {
    struct lane *lane;
    int64_t behind; /* the lane's offset when the run has come out */
    bool is_last;
};

struct source {
    struct sl_env *env;
    struct conn_decoder *decoder;
    struct conn_file_list list;
    int64_t monitor_us; /* 0 = read once */
    bool is_armed;

    struct file *files;
    struct file *last;
    struct file *current; /* it is open */

    struct conn_line_reader reader;
    struct conn_input input;
    struct conn_input_run runs[RUNS_MAX];
    struct taken taken[RUNS_MAX];
    struct sl_span *spans;
    int64_t *positions;

    const char **known; /* names that discover gave last, sorted */
    uint32_t known_count;
    struct sl_arena names;
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for connector 'filesystem'");
}

/* ---- metadata ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void fill_metadata(void *user, uint32_t metadata_idx, struct sl_vector *column,
                          const uint16_t *row_spans, uint32_t row_count)
{
    struct source *source = user;
    const char *const *keys;
    const struct sl_column *columns;
    conn_decoder_metadata(source->decoder, &keys, &columns);
    const char *key = keys[metadata_idx];
    const char *path = source->current->path;
    (void)row_spans;
    (void)row_count;
    column->encoding = SL_CONST;
    if (strcmp(key, "file.path") == 0) {
        *(struct sl_view *)column->data = sl_view_of(path, strlen(path));
    } else if (strcmp(key, "file.name") == 0) {
        const char *name = base_name(path);
        *(struct sl_view *)column->data = sl_view_of(name, strlen(name));
    } else if (strcmp(key, "file.size") == 0) {
        *(int64_t *)column->data = (int64_t)source->reader.info.size_bytes;
    } else {
        *(int64_t *)column->data = source->reader.info.modified_us / 1000;
    }
}

static enum sl_status check_metadata(const struct source *source, struct sl_error *err)
{
    const char *const *keys;
    const struct sl_column *columns;
    uint32_t count = conn_decoder_metadata(source->decoder, &keys, &columns);
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_metadata_def *def = conn_filesystem_metadata;
        while (def->key != NULL && strcmp(def->key, keys[i]) != 0) {
            def++;
        }
        if (def->key == NULL || !sl_type_equal(&def->type, &columns[i].type, false)) {
            return sl_fail(err, SL_INTERNAL, "metadata column '%s' has another type than '%s'",
                           columns[i].name, keys[i]);
        }
    }
    return SL_OK;
}

/* ---- open, close ---- */

static enum sl_status source_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct source *source = SL_ARENA_NEW(env->arena, struct source);
    *state = source;
    if (source == NULL) {
        return fail_memory(err);
    }
    const struct sl_options *options = conn_table_options(env);
    source->env = env;
    source->list = (struct conn_file_list){.io = env->io, .path = conn_file_path(options)};
    sl_arena_init(&source->names, env->account, 0);
    source->monitor_us =
        sl_option_int64(options, conn_filesystem_options, "source.monitor-interval") * 1000;
    if (source->monitor_us == 0) { /* files that may grow stay whole */
        source->list.chunk_bytes =
            sl_option_int64(options, conn_filesystem_options, "source.chunk-size");
    }
    source->reader.io = env->io;
    source->reader.account = env->account;
    source->reader.limit_bytes =
        (uint32_t)sl_option_int64(options, conn_filesystem_options, "line.max-bytes");
    source->spans = SL_ARENA_ARRAY(env->arena, struct sl_span, env->batch_rows);
    source->positions = SL_ARENA_ARRAY(env->arena, int64_t, env->batch_rows);
    if (source->list.path == NULL || source->spans == NULL || source->positions == NULL) {
        return source->list.path == NULL ? sl_fail(err, SL_OPTION, "option 'path' is missing")
                                         : fail_memory(err);
    }
    SL_TRY(conn_file_list_restore(&source->list, env->arena, env->restored_splits,
                                  env->restored_split_count, err));
    source->input.values = source->spans;
    source->input.positions = source->positions;
    source->input.runs = source->runs;
    struct conn_decoder_config config = {.limit_bytes = source->reader.limit_bytes,
                                         .limit_name = "'line.max-bytes'",
                                         .fill_metadata = fill_metadata,
                                         .user = source};
    SL_TRY(conn_decoder_open(env, &config, &source->decoder, err));
    return check_metadata(source, err);
}

static void source_close(void *state)
{
    struct source *source = state;
    if (source == NULL) {
        return;
    }
    conn_decoder_close(source->decoder);
    conn_line_reader_close(&source->reader);
    sl_arena_deinit(&source->names);
}

/* ---- splits ---- */

static enum sl_status arm_monitor(struct source *source, struct sl_error *err)
{
    if (source->monitor_us == 0 || source->is_armed) {
        return SL_OK;
    }
    const struct sl_clock *clock = source->env->clock;
    source->is_armed = true;
    return sl_wake_at(source->env, SL_WAKE_CLOCK, sl_clock_steady_us(clock) + source->monitor_us,
                      MONITOR_TOKEN, err);
}

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct source *source = state;
    SL_TRY(conn_file_list(&source->list, arena, names, count, err));
    sl_arena_reset(&source->names);
    source->known = SL_ARENA_ARRAY(&source->names, const char *, *count);
    source->known_count = 0;
    if (source->known == NULL) {
        return fail_memory(err);
    }
    for (uint32_t i = 0; i < *count; i++) {
        source->known[i] = sl_arena_string(&source->names, (*names)[i]);
        if (source->known[i] == NULL) {
            return fail_memory(err);
        }
    }
    source->known_count = *count;
    return arm_monitor(source, err);
}

/* Both lists are sorted: anything that is not in the old one is new. */
static bool source_has_new_splits(void *state)
{
    struct source *source = state;
    struct sl_arena arena;
    struct sl_error err;
    const char **names = NULL;
    uint32_t count = 0;
    bool has_new = false;
    sl_arena_init(&arena, source->env->account, 0);
    if (conn_file_list(&source->list, &arena, &names, &count, &err) != SL_OK) {
        sl_log_warn(source->env->log, "filesystem", "%s", err.text);
        count = 0;
    }
    for (uint32_t i = 0, old = 0; i < count && !has_new; i++) {
        while (old < source->known_count && strcmp(source->known[old], names[i]) < 0) {
            old++;
        }
        has_new = old == source->known_count || strcmp(source->known[old], names[i]) != 0;
    }
    sl_arena_deinit(&arena);
    return has_new;
}

static enum sl_status source_wake(void *state, int64_t token, struct sl_error *err)
{
    struct source *source = state;
    (void)token;
    source->is_armed = false;
    return arm_monitor(source, err);
}

static enum sl_status read_position(struct lane *lane, const char *position, struct sl_error *err)
{
    const char *plus = strchr(position, '+');
    size_t length = plus == NULL ? strlen(position) : (size_t)(plus - position);
    int64_t rows = 0;
    if (!sl_parse_int64(position, length, &lane->offset) || lane->offset < 0 ||
        !conn_lane_owns(&lane->part, lane->offset) ||
        (plus != NULL &&
         (!sl_parse_int64(plus + 1, strlen(plus + 1), &rows) || rows < 0 || rows > UINT32_MAX))) {
        return sl_fail(err, SL_CORRUPT, "%s: '%s' is not a position in a file", lane->split.name,
                       position);
    }
    lane->skip_rows = (uint32_t)rows;
    return SL_OK;
}

static struct file *find_file(const struct source *source, const char *path, size_t length)
{
    struct file *file = source->files;
    while (file != NULL &&
           (strlen(file->path) != length || memcmp(file->path, path, length) != 0)) {
        file = file->next;
    }
    return file;
}

static struct file *add_file(struct source *source, const char *path, size_t length)
{
    struct file *file = SL_ARENA_NEW(source->env->arena, struct file);
    const char *copy = sl_arena_copy(source->env->arena, path, length);
    if (file == NULL || copy == NULL) {
        return NULL;
    }
    file->path = copy;
    if (source->last == NULL) {
        source->files = file;
    } else {
        source->last->next = file;
    }
    source->last = file;
    return file;
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct source *source = state;
    struct lane *lane = SL_ARENA_NEW(source->env->arena, struct lane);
    (void)is_new;
    if (lane == NULL) {
        return fail_memory(err);
    }
    size_t length = conn_lane_parse(split->name, &lane->part);
    struct file *file = lane->part.count > 1 ? find_file(source, split->name, length) : NULL;
    file = file == NULL ? add_file(source, split->name, length) : file;
    if (file == NULL) {
        return fail_memory(err);
    }
    lane->split = (struct sl_split){.name = file->path, .id = split->id};
    lane->offset = lane->part.idx * lane->part.chunk_bytes;
    if (position != NULL) {
        SL_TRY(read_position(lane, position, err));
    }
    lane->cursor = lane->offset;
    lane->leader = lane;
    lane->next = file->lanes;
    file->lanes = lane;
    return SL_OK;
}

static struct lane *find_lane(const struct source *source, uint32_t split_id)
{
    for (const struct file *file = source->files; file != NULL; file = file->next) {
        for (struct lane *lane = file->lanes; lane != NULL; lane = lane->next) {
            if (lane->split.id == split_id) {
                return lane;
            }
        }
    }
    return NULL;
}

/* Forgets what was read and has not come out. */
static void rewind_input(struct source *source)
{
    for (uint32_t i = 0; i < source->input.run_count; i++) {
        source->taken[i].lane->cursor = source->taken[i].lane->offset;
    }
    source->input.run_count = 0;
    source->input.span_count = 0;
    source->input.done = 0;
    source->input.partial_rows = 0;
}

static void source_revoke(void *state, uint32_t split_id)
{
    struct source *source = state;
    struct lane *lane = find_lane(source, split_id);
    if (lane != NULL) {
        rewind_input(source);
        lane->has_ended = true;
        lane->is_told = true;
    }
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    const struct lane *lane = find_lane(state, split_id);
    if (lane == NULL) {
        return sl_fail(err, SL_INTERNAL, "no file has the split number %u", split_id);
    }
    sl_text_append_int64(out, lane->offset);
    if (lane->skip_rows > 0) {
        sl_text_append_char(out, '+');
        sl_text_append_int64(out, lane->skip_rows);
    }
    return SL_OK;
}

/* ---- reading ---- */

static bool is_finished(const struct file *file)
{
    const struct lane *lane = file->lanes;
    while (lane != NULL && lane->has_ended && lane->is_told) {
        lane = lane->next;
    }
    return lane == NULL;
}

/* The lane whose next line comes first in the file. */
static struct lane *first_lane(const struct file *file)
{
    struct lane *first = NULL;
    for (struct lane *lane = file->lanes; lane != NULL; lane = lane->next) {
        if (!lane->has_ended && (first == NULL || lane->cursor < first->cursor)) {
            first = lane;
        }
    }
    return first;
}

/* From here on no line lies before the first lane's next one, so a watermark that is good for this
 * lane (a checkpoint's, too) is good for all. Apart, each lane would hold time back until its next
 * chunk is read. */
static void join_lanes(struct file *file)
{
    struct lane *first = first_lane(file);
    for (struct lane *lane = file->lanes; lane != NULL; lane = lane->next) {
        lane->leader = lane->has_ended ? lane : first;
    }
}

/* Closes the current file and opens the next that has not ended; current stays NULL when there is
 * none. */
static enum sl_status open_next(struct source *source, struct sl_error *err)
{
    struct file *file = source->files;
    conn_line_reader_close(&source->reader);
    source->current = NULL;
    while (file != NULL && is_finished(file)) {
        file = file->next;
    }
    if (file == NULL) {
        return SL_OK;
    }
    SL_TRY(conn_line_reader_open(&source->reader, file->path, err));
    join_lanes(file);
    source->current = file;
    return SL_OK;
}

static bool is_taken(const struct source *source, const struct lane *lane)
{
    uint32_t i = 0;
    while (i < source->input.run_count && source->taken[i].lane != lane) {
        i++;
    }
    return i < source->input.run_count;
}

/* Appends the next lines of the lane's present chunk to the input's spans. */
static enum sl_status take_lines(struct source *source, const struct lane *lane, int64_t chunk_end,
                                 struct sl_error *err)
{
    struct conn_input *input = &source->input;
    struct conn_line_reader *reader = &source->reader;
    uint32_t count;
    if (reader->is_mapped) {
        bool is_in_line = lane->part.count > 1 && lane->cursor % lane->part.chunk_bytes == 0;
        conn_line_reader_seek(reader, lane->cursor, chunk_end, is_in_line);
    }
    do {
        SL_TRY(conn_line_reader_next(reader, source->spans + input->span_count,
                                     source->positions + input->span_count,
                                     source->env->batch_rows - input->span_count, &count, err));
        input->span_count += count;
    } while (count > 0 && reader->is_mapped && input->span_count < source->env->batch_rows);
    return SL_OK;
}

/* Reads up to the end of the lane's present chunk; makes a run of it when it has lines. */
static enum sl_status read_lane(struct source *source, struct lane *lane, struct sl_error *err)
{
    struct conn_input *input = &source->input;
    uint32_t first_span = input->span_count;
    int64_t chunk_end = conn_lane_chunk_end(&lane->part, lane->cursor);
    SL_TRY(take_lines(source, lane, chunk_end, err));
    int64_t behind = SL_MAX(conn_line_reader_position(&source->reader), lane->cursor);
    if (behind >= chunk_end) {
        behind = conn_lane_next_chunk(&lane->part, lane->cursor);
    }
    bool is_last = conn_line_reader_ends_at(&source->reader, behind);
    lane->cursor = behind;
    if (input->span_count == first_span) {
        lane->offset = behind;
        lane->skip_rows = 0;
        lane->has_ended = is_last;
        return SL_OK;
    }
    source->taken[input->run_count] = (struct taken){lane, behind, is_last};
    source->runs[input->run_count++] = (struct conn_input_run){
        .split = &lane->leader->split, .first_span = first_span, .skip_rows = lane->skip_rows};
    return SL_OK;
}

/* The next lines of the current file: of as many chunks as the spans have room for. */
static enum sl_status read_lines(struct source *source, struct sl_error *err)
{
    struct conn_input *input = &source->input;
    input->done = 0;
    input->partial_rows = 0;
    input->span_count = 0;
    input->run_count = 0;
    while (input->span_count < source->env->batch_rows && input->run_count < RUNS_MAX) {
        struct lane *lane = first_lane(source->current);
        if (lane == NULL || is_taken(source, lane)) {
            return SL_OK;
        }
        SL_TRY(read_lane(source, lane, err));
    }
    return SL_OK;
}

/* Moves each lane's position behind what has come out of its run. */
static void settle_lanes(struct source *source)
{
    const struct conn_input *input = &source->input;
    for (uint32_t i = 0; i < input->run_count; i++) {
        const struct conn_input_run *run = &source->runs[i];
        const struct taken *taken = &source->taken[i];
        uint32_t end = i + 1 < input->run_count ? run[1].first_span : input->span_count;
        struct lane *lane = taken->lane;
        if (input->done >= end) {
            lane->offset = taken->behind;
            lane->skip_rows = 0;
            lane->has_ended |= taken->is_last;
        } else if (input->done >= run->first_span) {
            bool is_first = input->done == run->first_span;
            lane->offset = source->positions[input->done];
            lane->skip_rows = SL_MAX(input->partial_rows, is_first ? run->skip_rows : 0);
        }
    }
}

/* Whether no row can show the lane's split any more. */
static bool is_silent(const struct file *file, const struct lane *leader)
{
    const struct lane *lane = file->lanes;
    while (lane != NULL && (lane->has_ended || lane->leader != leader)) {
        lane = lane->next;
    }
    return lane == NULL;
}

/* Tells the end of one lane that nobody was told of; false when there is none. */
static bool tell_end(const struct source *source, struct sl_outs *outs)
{
    const struct file *file = source->current;
    struct lane *lane = file == NULL ? NULL : file->lanes;
    while (lane != NULL && (lane->is_told || !is_silent(file, lane))) {
        lane = lane->next;
    }
    if (lane == NULL) {
        return false;
    }
    lane->is_told = true;
    outs->signal = (struct sl_signal){SL_SIGNAL_SPLIT_ENDED, lane->split.id};
    return true;
}

static bool is_empty(const struct sl_outs *outs)
{
    return outs->batches[SL_OUT_MAIN] == NULL && outs->batches[SL_OUT_REJECTED] == NULL &&
           outs->signal.kind == SL_SIGNAL_NONE;
}

/* As long as outs are empty, nobody looks at what earlier polls gave out: files may be closed. */
static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct source *source = state;
    *flow = SL_MORE;
    while (is_empty(outs)) {
        if (source->input.done < source->input.span_count) {
            SL_TRY(conn_decoder_decode(source->decoder, &source->input, outs, err));
            settle_lanes(source);
        } else if (tell_end(source, outs)) {
            return SL_OK;
        } else if (source->current != NULL && !is_finished(source->current)) {
            SL_TRY(read_lines(source, err));
        } else {
            SL_TRY(open_next(source, err));
            if (source->current == NULL) {
                *flow = source->monitor_us == 0 ? SL_DONE : SL_BLOCKED;
                return SL_OK;
            }
        }
    }
    return SL_OK;
}

const struct sl_source_def conn_filesystem_source = {
    .open = source_open,
    .discover = source_discover,
    .assign = source_assign,
    .revoke = source_revoke,
    .poll = source_poll,
    .position = source_position,
    .has_new_splits = source_has_new_splits,
    .wake = source_wake,
    .close = source_close,
};
