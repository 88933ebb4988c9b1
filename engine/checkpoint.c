/* SPDX-License-Identifier: Apache-2.0
 *
 * Checkpoints of a query: what each instance adds, when one exists, and what a resume hands back.
 * Without a directory nothing is written and the sinks' acknowledgement is what decides. Always
 * true: workers write only their own part, the coordinator reads parts only after all have
 * reported. */
#include "checkpoint.h"

#include <string.h>

#include "nodes.h"
#include "snapshot.h"

struct part {
    struct sl_text bytes;
    int64_t number; /* the checkpoint that bytes belong to */
};

struct eng_checkpoint {
    struct sl_query *query;
    const char *directory; /* NULL = positions only */
    struct sl_file *lock;
    struct part *parts; /* one a worker */
    struct sl_text plan;
    int64_t last;          /* greatest number in the directory at the start */
    int64_t restored;      /* 0 = a new start */
    struct sl_arena arena; /* of what was loaded */
    struct eng_snapshot loaded;
};

static struct sl_io *io_of(const struct eng_checkpoint *self)
{
    return self->query->engine->config.io;
}

/* Calls visit for each record of what was loaded that belongs to uid and kind, until it returns
 * false. */
static void visit_records(const struct eng_checkpoint *self, uint64_t uid,
                          enum eng_record_kind kind,
                          bool (*visit)(void *user, const struct eng_record *record), void *user)
{
    for (uint32_t i = 0; i < self->loaded.part_count; i++) {
        struct eng_record record;
        size_t offset = 0;
        while (eng_part_next(&self->loaded.parts[i], &offset, &record)) {
            if (record.uid == uid && record.kind == kind && !visit(user, &record)) {
                return;
            }
        }
    }
}

static bool same_nodes(const struct sl_plan *a, const struct sl_plan *b)
{
    bool same = a->node_count == b->node_count;
    for (uint32_t i = 0; same && i < a->node_count; i++) {
        same = a->nodes[i].uid == b->nodes[i].uid;
    }
    return same;
}

/* The value that plan has for this option of a table; NULL when it has none. */
static const char *value_in(const struct sl_plan *plan, const struct sl_plan_node *node,
                            const char *name)
{
    const char *table = sl_plan_string(node, "table", "");
    for (uint32_t i = 0; i < plan->node_count; i++) {
        const struct sl_plan_node *other = &plan->nodes[i];
        const struct sl_param *options = sl_plan_param(other, "options");
        if (options != NULL && strcmp(other->kind, node->kind) == 0 &&
            strcmp(sl_plan_string(other, "table", ""), table) == 0 &&
            sl_option_is_set(&options->options, name)) {
            return sl_option_text(&options->options, NULL, name);
        }
    }
    return NULL;
}

/* Plans are stored without their secrets: the script says them again. */
static void take_secrets(const struct sl_plan *stored, const struct sl_plan *fresh)
{
    for (uint32_t i = 0; i < stored->node_count; i++) {
        const struct sl_param *options = sl_plan_param(&stored->nodes[i], "options");
        for (uint32_t k = 0; options != NULL && k < options->options.count; k++) {
            /* What was read from a checkpoint is in memory of its own, which nobody shares. */
            struct sl_option *option = (struct sl_option *)&options->options.items[k];
            const char *value = value_in(fresh, &stored->nodes[i], option->name);
            if (sl_option_masked(NULL, option) != option->value && value != NULL) {
                option->value = value;
            }
        }
    }
}

/* The same SQL may be planned differently by a later version; state belongs to the stored plan, so
 * that is what goes on. The new plan's settings (parallelism among them) are in force. */
static enum sl_status adopt_plan(struct eng_checkpoint *self, struct sl_error *err)
{
    struct sl_plan *stored = NULL;
    const struct sl_plan *fresh = self->query->plan;
    SL_TRY(sl_plan_read(self->loaded.plan, self->loaded.plan_bytes, &self->arena, &stored, err));
    if (self->loaded.sql_digest != fresh->sql_digest || stored->sql_digest != fresh->sql_digest) {
        return sl_fail(err, SL_SEMANTIC,
                       "checkpoint chk-%lld belongs to another query: the SQL has changed since; "
                       "run it as it was, or start "
                       "anew without --resume",
                       (long long)self->loaded.number);
    }
    if (!same_nodes(stored, fresh)) {
        stored->settings = fresh->settings;
        take_secrets(stored, fresh);
        self->query->plan = stored;
    }
    return SL_OK;
}

static bool note_split_id(void *user, const struct eng_record *record)
{
    struct sl_query *query = user;
    query->split_count = SL_MAX(query->split_count, record->number + 1);
    return true;
}

static enum sl_status resume_from(struct eng_checkpoint *self, const char *what,
                                  struct sl_error *err)
{
    SL_TRY(eng_snapshot_load(io_of(self), self->directory == NULL ? "." : self->directory, what,
                             &self->arena, &self->loaded, err));
    SL_TRY(adopt_plan(self, err));
    self->restored = self->loaded.number;
    for (uint32_t i = 0; i < self->query->plan->node_count; i++) {
        visit_records(self, self->query->plan->nodes[i].uid, ENG_RECORD_POSITION, note_split_id,
                      self->query);
    }
    sl_log_info(self->query->engine->config.log, "checkpoint", "resuming from chk-%lld",
                (long long)self->restored);
    return SL_OK;
}

/* The directory may be new, and so may be those above it: its checkpoints are as lasting as its own
 * name. Who may not read a directory above cannot sync it either, and has not made it. */
static void sync_parents(struct eng_checkpoint *self)
{
    struct sl_io *io = io_of(self);
    struct sl_error err = {.status = SL_OK};
    const char *at = self->directory;
    do {
        const char *slash = strchr(at, '/');
        size_t length = (size_t)(at - self->directory);
        const char *parent =
            length == 0 ? "." : sl_arena_copy(&self->arena, self->directory, length);
        if (*at != '\0' && *at != '/' &&
            (parent == NULL || io->sync_directory(io, parent, &err) != SL_OK)) {
            sl_log_warn(self->query->engine->config.log, "checkpoint",
                        "'%s' may not outlive a power failure: %s", self->directory, err.text);
        }
        at = slash == NULL ? at + strlen(at) : slash + 1;
    } while (*at != '\0');
}

static enum sl_status open_directory(struct eng_checkpoint *self, struct sl_error *err)
{
    struct sl_io *io = io_of(self);
    SL_TRY(io->make_directory(io, self->directory, err));
    sync_parents(self);
    const char *lock_path = sl_arena_printf(&self->arena, "%s/lock", self->directory);
    if (lock_path == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for checkpoints");
    }
    enum sl_status status = io->lock(io, lock_path, &self->lock, err);
    if (status == SL_CLOSED) {
        return sl_fail(err, SL_OPTION,
                       "execution.checkpointing.dir '%s' is in use by another query",
                       self->directory);
    }
    SL_TRY(status);
    SL_TRY(eng_snapshot_last_number(io, self->directory, &self->last, err));
    self->query->is_durable = true;
    return SL_OK;
}

enum sl_status eng_checkpoint_open(struct sl_query *query, const char *resume, struct sl_error *err)
{
    struct eng_checkpoint *self = sl_arena_alloc(&query->arena, sizeof(*self));
    struct part *parts = SL_ARENA_ARRAY(&query->arena, struct part, query->worker_count);
    if (self == NULL || parts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for checkpoints");
    }
    query->checkpoint = self;
    self->query = query;
    self->parts = parts;
    self->directory = eng_query_setting(query, "execution.checkpointing.dir");
    sl_arena_init(&self->arena, &query->engine->account, 0);
    sl_text_init(&self->plan, &query->engine->account, 0);
    for (uint32_t i = 0; i < query->worker_count; i++) {
        sl_text_init(&self->parts[i].bytes, &query->engine->account, 0);
    }
    if (self->directory != NULL) {
        SL_TRY(open_directory(self, err));
    } else if (resume != NULL && strcmp(resume, "latest") == 0) {
        return sl_fail(err, SL_OPTION,
                       "to resume from the latest checkpoint, set 'execution.checkpointing.dir'");
    }
    if (resume != NULL) {
        SL_TRY(resume_from(self, resume, err));
    }
    return self->directory == NULL ? SL_OK : sl_plan_write(query->plan, &self->plan, err);
}

void eng_checkpoint_close(struct eng_checkpoint *checkpoint)
{
    if (checkpoint == NULL) {
        return;
    }
    for (uint32_t i = 0; i < checkpoint->query->worker_count; i++) {
        sl_text_deinit(&checkpoint->parts[i].bytes);
    }
    sl_text_deinit(&checkpoint->plan);
    io_of(checkpoint)->close(checkpoint->lock);
    sl_arena_deinit(&checkpoint->arena);
}

int64_t eng_checkpoint_restored(const struct eng_checkpoint *checkpoint)
{
    return checkpoint->restored;
}

int64_t eng_checkpoint_last(const struct eng_checkpoint *checkpoint)
{
    return checkpoint->last;
}

struct restoring {
    struct eng_node *node;
    uint32_t first_key_group;
    uint32_t last_key_group;
    enum sl_status status;
    struct sl_error *err;
};

static bool restore_table(void *user, const struct eng_record *record)
{
    struct restoring *restoring = user;
    struct eng_node *node = restoring->node;
    if (record->number >= node->plan_node->state_count) {
        restoring->status =
            sl_fail(restoring->err, SL_CORRUPT, "the checkpoint holds state that %s does not have",
                    node->label);
    } else {
        restoring->status = sl_state_restore(node->tables[record->number],
                                             restoring->first_key_group, restoring->last_key_group,
                                             record->data, record->length, restoring->err);
    }
    return restoring->status == SL_OK;
}

struct watermarks {
    int64_t value;
    bool is_known;
};

/* Behind an exchange all instances had the same watermark at their barriers. Before it each had its
 * own (INT64_MAX where its splits had ended), and splits are dealt anew: only the lowest holds for
 * all. */
static bool restore_watermark(void *user, const struct eng_record *record)
{
    struct watermarks *lowest = user;
    int64_t watermark = INT64_MIN;
    if (record->length == sizeof watermark) {
        memcpy(&watermark, record->data, sizeof watermark);
    }
    lowest->value = lowest->is_known ? SL_MIN(lowest->value, watermark) : watermark;
    lowest->is_known = true;
    return true;
}

struct split_names {
    const char **items; /* NULL: they are only counted */
    uint32_t count;
};

static bool note_split_name(void *user, const struct eng_record *record)
{
    struct split_names *names = user;
    if (names->items != NULL) {
        names->items[names->count] = record->name;
    }
    names->count++;
    return true;
}

static enum sl_status restore_split_names(const struct eng_checkpoint *self, struct eng_node *node,
                                          struct sl_error *err)
{
    uint64_t uid = node->plan_node->uid;
    struct split_names names = {0};
    visit_records(self, uid, ENG_RECORD_POSITION, note_split_name, &names);
    if (names.count == 0) {
        return SL_OK;
    }
    names.items = SL_ARENA_ARRAY(&node->arena, const char *, names.count);
    if (names.items == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the splits of %s", node->label);
    }
    names.count = 0;
    visit_records(self, uid, ENG_RECORD_POSITION, note_split_name, &names);
    node->env.restored_splits = names.items;
    node->env.restored_split_count = names.count;
    return SL_OK;
}

enum sl_status eng_checkpoint_restore_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                           struct sl_error *err)
{
    node->env.restored_watermark = INT64_MIN;
    if (checkpoint->restored == 0 || node->plan_node == NULL) {
        return SL_OK;
    }
    SL_TRY(restore_split_names(checkpoint, node, err));
    uint32_t workers = checkpoint->query->worker_count;
    uint32_t worker = node->worker->idx;
    struct restoring restoring = {
        .node = node,
        .first_key_group = (worker * SL_KEY_GROUP_COUNT + workers - 1) / workers,
        .last_key_group = ((worker + 1) * SL_KEY_GROUP_COUNT + workers - 1) / workers - 1,
        .status = SL_OK,
        .err = err,
    };
    visit_records(checkpoint, node->plan_node->uid, ENG_RECORD_STATE, restore_table, &restoring);
    struct watermarks lowest = {.value = INT64_MIN};
    visit_records(checkpoint, node->plan_node->uid, ENG_RECORD_WATERMARK, restore_watermark,
                  &lowest);
    node->env.restored_watermark = lowest.value;
    node->watermark = lowest.value; /* what it has seen is in the next checkpoint too */
    return restoring.status;
}

struct finding {
    const char *split;
    const struct eng_record *found;
    struct eng_record record;
};

static bool find_split(void *user, const struct eng_record *record)
{
    struct finding *finding = user;
    if (strcmp(record->name, finding->split) != 0) {
        return true;
    }
    finding->record = *record;
    finding->found = &finding->record;
    return false;
}

const char *eng_checkpoint_position(const struct eng_checkpoint *checkpoint,
                                    const struct sl_plan_node *source, const char *split,
                                    uint32_t *split_id)
{
    struct finding finding = {.split = split};
    visit_records(checkpoint, source->uid, ENG_RECORD_POSITION, find_split, &finding);
    if (finding.found == NULL || finding.record.length == 0 ||
        finding.record.data[finding.record.length - 1] != '\0') {
        return NULL;
    }
    *split_id = finding.record.number;
    return finding.record.data;
}

static void add_positions(struct sl_text *part, const struct eng_node *node)
{
    const struct sl_split *splits = NULL;
    const char *const *positions = NULL;
    uint32_t count = eng_source_positions(node, &splits, &positions);
    for (uint32_t i = 0; i < count; i++) {
        eng_part_add(part, &(struct eng_record){.uid = node->plan_node->uid,
                                                .kind = ENG_RECORD_POSITION,
                                                .number = splits[i].id,
                                                .name = splits[i].name,
                                                .data = positions[i],
                                                .length = strlen(positions[i]) + 1});
    }
}

static enum sl_status add_states(struct sl_text *part, const struct eng_node *node,
                                 struct sl_error *err)
{
    struct sl_text bytes;
    sl_text_init(&bytes, part->account, 0);
    enum sl_status status = SL_OK;
    for (uint32_t i = 0; i < node->plan_node->state_count && status == SL_OK; i++) {
        sl_text_reset(&bytes);
        status = sl_state_snapshot(node->tables[i], 0, SL_KEY_GROUP_COUNT - 1, &bytes, err);
        eng_part_add(part, &(struct eng_record){.uid = node->plan_node->uid,
                                                .kind = ENG_RECORD_STATE,
                                                .number = i,
                                                .name = node->plan_node->states[i].name,
                                                .data = bytes.data,
                                                .length = bytes.length});
    }
    sl_text_deinit(&bytes);
    return status;
}

enum sl_status eng_checkpoint_node(struct eng_checkpoint *checkpoint, struct eng_node *node,
                                   int64_t number, struct sl_error *err)
{
    if (checkpoint->directory == NULL) {
        return SL_OK;
    }
    struct part *part = &checkpoint->parts[node->worker->idx];
    if (part->number != number) {
        part->number = number;
        eng_part_begin(&part->bytes);
    }
    if (strcmp(node->plan_node->kind, "source") == 0) {
        add_positions(&part->bytes, node);
    }
    eng_part_add(&part->bytes, &(struct eng_record){.uid = node->plan_node->uid,
                                                    .kind = ENG_RECORD_WATERMARK,
                                                    .name = "",
                                                    .data = (const char *)&node->watermark,
                                                    .length = sizeof node->watermark});
    SL_TRY(add_states(&part->bytes, node, err));
    return part->bytes.failed
               ? sl_fail(err, SL_MEMORY, "no memory for checkpoint %lld", (long long)number)
               : SL_OK;
}

enum sl_status eng_checkpoint_decide(struct eng_checkpoint *checkpoint, int64_t number,
                                     struct sl_error *err)
{
    if (checkpoint->directory == NULL) {
        return SL_OK;
    }
    struct sl_query *query = checkpoint->query;
    struct eng_part *parts =
        sl_memory_alloc(&query->engine->account, query->worker_count * sizeof(*parts));
    if (parts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for checkpoint %lld", (long long)number);
    }
    for (uint32_t i = 0; i < query->worker_count; i++) {
        parts[i] =
            (struct eng_part){checkpoint->parts[i].bytes.data, checkpoint->parts[i].bytes.length};
    }
    struct eng_snapshot snapshot = {
        .number = number,
        .sql_digest = query->plan->sql_digest,
        .plan = checkpoint->plan.data,
        .plan_bytes = checkpoint->plan.length,
        .parts = parts,
        .part_count = query->worker_count,
    };
    enum sl_status status =
        eng_snapshot_write(io_of(checkpoint), checkpoint->directory, &snapshot, err);
    sl_memory_free(&query->engine->account, parts, query->worker_count * sizeof(*parts));
    if (status != SL_OK) {
        eng_snapshot_discard(io_of(checkpoint), checkpoint->directory, number);
        return status;
    }
    int64_t keep = sl_option_int64(&query->plan->settings, sl_engine_options,
                                   "execution.checkpointing.num-retained");
    eng_snapshot_prune(io_of(checkpoint), checkpoint->directory, number, SL_MAX(keep, 1),
                       query->engine->config.log);
    return SL_OK;
}
