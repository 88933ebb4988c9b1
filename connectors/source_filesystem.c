/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads files line by line. A split is a file; the files of a worker are read one after another.
 * Always true: a split's position is the byte behind its last finished line, and "+n" when n rows
 * of the next line have come out already. */
#include "decode.h"
#include "filesystem.h"
#include "line_reader.h"

#include "sluice/arena.h"

#include <stdio.h>
#include <string.h>

enum { MONITOR_TOKEN = 1 };

struct file_split {
    struct file_split *next;
    struct sl_split split;
    int64_t offset;
    uint32_t skip_rows; /* of the line at offset: came out before */
    bool has_ended;
};

struct source {
    struct sl_env *env;
    struct conn_decoder *decoder;
    const char *path;
    int64_t monitor_us; /* 0 = read once */
    bool is_armed;

    struct file_split *splits; /* in the order of assignment */
    struct file_split *last;
    struct file_split *current; /* its file is open */
    bool current_is_done;       /* close it at the next poll */

    struct conn_line_reader reader;
    struct conn_input input;
    struct conn_input_run run;
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
    const char *path = source->current->split.name;
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
    source->path = conn_file_path(options);
    sl_arena_init(&source->names, env->account, 0);
    source->monitor_us =
        sl_option_int64(options, conn_filesystem_options, "source.monitor-interval") * 1000;
    source->reader.io = env->io;
    source->reader.account = env->account;
    source->reader.limit_bytes =
        (uint32_t)sl_option_int64(options, conn_filesystem_options, "line.max-bytes");
    source->spans = SL_ARENA_ARRAY(env->arena, struct sl_span, env->batch_rows);
    source->positions = SL_ARENA_ARRAY(env->arena, int64_t, env->batch_rows);
    if (source->path == NULL || source->spans == NULL || source->positions == NULL) {
        return source->path == NULL ? sl_fail(err, SL_OPTION, "option 'path' is missing")
                                    : fail_memory(err);
    }
    source->input.values = source->spans;
    source->input.positions = source->positions;
    source->input.runs = &source->run;
    source->input.run_count = 1;
    struct conn_decoder_config config = {
        .limit_bytes = source->reader.limit_bytes, .fill_metadata = fill_metadata, .user = source};
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

static bool is_hidden(const char *name)
{
    return name[0] == '.' || name[0] == '_';
}

/* The regular files of a directory. */
static enum sl_status list_directory(struct source *source, struct sl_arena *arena,
                                     const char ***names, uint32_t *count, struct sl_error *err)
{
    struct sl_io *io = source->env->io;
    const char **entries;
    uint32_t entry_count;
    SL_TRY(io->list(io, source->path, arena, &entries, &entry_count, err));
    *names = entries;
    *count = 0;
    const char *slash = source->path[strlen(source->path) - 1] == '/' ? "" : "/";
    for (uint32_t i = 0; i < entry_count; i++) {
        struct sl_io_info info;
        if (is_hidden(entries[i])) {
            continue;
        }
        const char *path = sl_arena_printf(arena, "%s%s%s", source->path, slash, entries[i]);
        if (path == NULL) {
            return fail_memory(err);
        }
        enum sl_status status = io->stat(io, path, &info, err);
        if (status == SL_OK && info.is_regular) {
            (*names)[(*count)++] = path; /* never ahead of i */
        } else if (status != SL_OK && status != SL_NOT_FOUND) {
            return status; /* NOT_FOUND: it went away meanwhile */
        }
    }
    return SL_OK;
}

static enum sl_status list_files(struct source *source, struct sl_arena *arena, const char ***names,
                                 uint32_t *count, struct sl_error *err)
{
    struct sl_io *io = source->env->io;
    struct sl_io_info info = {0};
    bool is_standard = strcmp(source->path, "-") == 0;
    if (!is_standard) {
        SL_TRY(io->stat(io, source->path, &info, err));
    }
    if (info.is_directory) {
        return list_directory(source, arena, names, count, err);
    }
    *names = SL_ARENA_ARRAY(arena, const char *, 1);
    if (*names == NULL) {
        return fail_memory(err);
    }
    (*names)[0] = source->path;
    *count = 1;
    return SL_OK;
}

static enum sl_status arm_monitor(struct source *source, struct sl_error *err)
{
    if (source->monitor_us == 0 || source->is_armed) {
        return SL_OK;
    }
    const struct sl_clock *clock = source->env->clock;
    source->is_armed = true;
    return sl_wake_at(source->env, SL_WAKE_CLOCK, clock->wall_us(clock) + source->monitor_us,
                      MONITOR_TOKEN, err);
}

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct source *source = state;
    SL_TRY(list_files(source, arena, names, count, err));
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
    if (list_files(source, &arena, &names, &count, &err) != SL_OK) {
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

static enum sl_status read_position(struct file_split *split, const char *position,
                                    struct sl_error *err)
{
    const char *plus = strchr(position, '+');
    size_t length = plus == NULL ? strlen(position) : (size_t)(plus - position);
    int64_t rows = 0;
    if (!sl_parse_int64(position, length, &split->offset) || split->offset < 0 ||
        (plus != NULL &&
         (!sl_parse_int64(plus + 1, strlen(plus + 1), &rows) || rows < 0 || rows > UINT32_MAX))) {
        return sl_fail(err, SL_CORRUPT, "%s: '%s' is not a position in a file", split->split.name,
                       position);
    }
    split->skip_rows = (uint32_t)rows;
    return SL_OK;
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct source *source = state;
    struct file_split *made = SL_ARENA_NEW(source->env->arena, struct file_split);
    (void)is_new;
    if (made == NULL) {
        return fail_memory(err);
    }
    made->split = (struct sl_split){.id = split->id,
                                    .name = sl_arena_string(source->env->arena, split->name)};
    if (made->split.name == NULL) {
        return fail_memory(err);
    }
    if (position != NULL) {
        SL_TRY(read_position(made, position, err));
    }
    if (source->last == NULL) {
        source->splits = made;
    } else {
        source->last->next = made;
    }
    source->last = made;
    return SL_OK;
}

static struct file_split *find_split(const struct source *source, uint32_t split_id)
{
    struct file_split *split = source->splits;
    while (split != NULL && split->split.id != split_id) {
        split = split->next;
    }
    return split;
}

static void source_revoke(void *state, uint32_t split_id)
{
    struct source *source = state;
    struct file_split *split = find_split(source, split_id);
    if (split != NULL) {
        split->has_ended = true;
        source->current_is_done |= split == source->current;
    }
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    const struct file_split *split = find_split(state, split_id);
    if (split == NULL) {
        return sl_fail(err, SL_INTERNAL, "no file has the split number %u", split_id);
    }
    sl_text_append_int64(out, split->offset);
    if (split->skip_rows > 0) {
        sl_text_append_char(out, '+');
        sl_text_append_int64(out, split->skip_rows);
    }
    return SL_OK;
}

/* ---- reading ---- */

static void close_current(struct source *source)
{
    conn_line_reader_close(&source->reader);
    source->current = NULL;
    source->current_is_done = false;
    source->input.span_count = 0;
    source->input.done = 0;
}

/* Opens the next file that has not ended; current stays NULL when there is none. */
static enum sl_status open_next(struct source *source, struct sl_error *err)
{
    struct file_split *split = source->splits;
    while (split != NULL && split->has_ended) {
        split = split->next;
    }
    if (split == NULL) {
        return SL_OK;
    }
    source->current = split;
    source->run = (struct conn_input_run){.split = &split->split};
    return conn_line_reader_open(&source->reader, split->split.name, split->offset, err);
}

/* The next lines of the current file; none left: its split ends. */
static enum sl_status read_lines(struct source *source, struct sl_outs *outs, struct sl_error *err)
{
    struct file_split *split = source->current;
    struct conn_input *input = &source->input;
    input->done = 0;
    input->partial_rows = 0;
    SL_TRY(conn_line_reader_next(&source->reader, source->spans, source->positions,
                                 source->env->batch_rows, &input->span_count, err));
    source->run.skip_rows = split->skip_rows;
    if (input->span_count == 0) {
        split->has_ended = true;
        split->offset = conn_line_reader_position(&source->reader);
        source->current_is_done = true;
        outs->signal = (struct sl_signal){SL_SIGNAL_SPLIT_ENDED, split->split.id};
    }
    return SL_OK;
}

static enum sl_status decode_lines(struct source *source, struct sl_outs *outs,
                                   struct sl_error *err)
{
    struct conn_input *input = &source->input;
    SL_TRY(conn_decoder_decode(source->decoder, input, outs, err));
    struct file_split *split = source->current;
    bool is_first = input->done == 0;
    split->skip_rows = SL_MAX(input->partial_rows, is_first ? source->run.skip_rows : 0);
    split->offset = input->done < input->span_count ? source->positions[input->done]
                                                    : conn_line_reader_position(&source->reader);
    return SL_OK;
}

static bool is_empty(const struct sl_outs *outs)
{
    return outs->batches[SL_OUT_MAIN] == NULL && outs->batches[SL_OUT_REJECTED] == NULL &&
           outs->signal.kind == SL_SIGNAL_NONE;
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct source *source = state;
    *flow = SL_MORE;
    while (is_empty(outs)) {
        if (source->current_is_done) {
            close_current(source);
        }
        if (source->current == NULL) {
            SL_TRY(open_next(source, err));
        }
        if (source->current == NULL) {
            *flow = source->monitor_us == 0 ? SL_DONE : SL_BLOCKED;
            return SL_OK;
        }
        if (source->input.done == source->input.span_count) {
            SL_TRY(read_lines(source, outs, err));
        }
        if (source->input.span_count > 0) {
            SL_TRY(decode_lines(source, outs, err));
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
