/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows that go in, and the source that reads them, from any position again. Always true: within a
 * split rows keep their order, and no row's time lies at or before a mark that stands before it. */
#include "support_sim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DISORDER_MS = 50, STEP_MS = 20, ENTITIES_MAX = 16, WAKE_TOKEN = 5, FOREVER = -1 };

static const struct sl_column columns[SIM_COLUMN_COUNT] = {
    {"id", {.id = SL_TYPE_BIGINT}},
    {"key", {.id = SL_TYPE_BIGINT}},
    {"value", {.id = SL_TYPE_BIGINT, .nullable = true}},
    {"time", {.id = SL_TYPE_TIMESTAMP, .precision = 3}},
    {"mark", {.id = SL_TYPE_TIMESTAMP, .precision = 3}},
    {"text", {.id = SL_TYPE_VARCHAR, .length = SL_LENGTH_MAX}},
};
const struct sl_schema sim_schema = {SIM_COLUMN_COUNT, columns};

static void add_row(struct sim_split *split, struct sim_row row)
{
    if (split->count == split->capacity) {
        split->capacity = split->capacity == 0 ? 64 : split->capacity * 2;
        split->rows = realloc(split->rows, split->capacity * sizeof(*split->rows));
        SL_ASSERT(split->rows != NULL);
    }
    split->rows[split->count++] = row;
}

static struct sim_row make_row(struct sim *sim, int64_t id, uint32_t key_count, int64_t now_ms)
{
    return (struct sim_row){.kind = SL_INSERT,
                            .id = id,
                            .key = sim_between(sim, 0, key_count - 1),
                            .value = sim_between(sim, -100, 100),
                            .value_is_null = sim_chance(sim, 100),
                            .time = now_ms - sim_between(sim, 0, DISORDER_MS),
                            .mark = now_ms - DISORDER_MS - 1};
}

/* One step of a changelog: a new entity, another version of one, or its end. */
static void add_change(struct sim *sim, struct sim_split *split, struct sim_row *entities,
                       struct sim_row fresh)
{
    struct sim_row *entity = &entities[sl_random_below(&sim->random, ENTITIES_MAX)];
    bool is_there = entity->id != FOREVER;
    bool ends = is_there && sim_chance(sim, 300);
    if (is_there) {
        struct sim_row old = *entity;
        old.kind = ends ? SL_DELETE : SL_UPDATE_BEFORE;
        add_row(split, old);
    }
    if (!ends) {
        *entity = fresh;
        entity->kind = is_there ? SL_UPDATE_AFTER : SL_INSERT;
        add_row(split, *entity);
    } else {
        entity->id = FOREVER;
    }
}

static void fill_split(struct sim *sim, struct sim_split *split, int64_t first_id,
                       uint32_t row_count, uint32_t key_count, bool changelog)
{
    struct sim_row entities[ENTITIES_MAX];
    for (uint32_t i = 0; i < ENTITIES_MAX; i++) {
        entities[i].id = FOREVER;
    }
    int64_t now_ms = 1000;
    for (uint32_t i = 0; i < row_count; i++) {
        now_ms += sim_between(sim, 0, STEP_MS);
        struct sim_row row = make_row(sim, first_id + i, key_count, now_ms);
        if (changelog) {
            add_change(sim, split, entities, row);
        } else {
            add_row(split, row);
        }
    }
}

void sim_fill_input(struct sim *sim, uint32_t input, uint32_t row_count, uint32_t key_count,
                    bool changelog)
{
    struct sim_input *filled = &sim->inputs[input];
    filled->split_count = (uint32_t)sim_between(sim, 1, SIM_SPLITS_MAX);
    uint32_t left = row_count;
    for (uint32_t s = 0; s < filled->split_count; s++) {
        bool is_last = s + 1 == filled->split_count;
        uint32_t count = is_last ? left : (uint32_t)sim_between(sim, 0, left);
        fill_split(sim, &filled->splits[s], input * INT64_C(1000000000) + s * INT64_C(1000000),
                   count, key_count, changelog);
        left -= count;
    }
}

/* A split as one instance reads it. */
struct reading {
    const struct sim_split *split;
    uint32_t id;
    uint32_t next;
    bool has_ended;
};

struct source {
    struct sl_env *env;
    struct sim *sim;
    uint32_t input;
    struct sim_dice dice;
    struct reading readings[SIM_SPLITS_MAX];
    uint32_t reading_count;
    struct sl_batch_builder builder;
    struct sl_run run;
    int event_fd; /* of bursts; -1 = none */
};

static enum sl_status source_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct source *self = calloc(1, sizeof(*self));
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    self->input = (uint32_t)sl_plan_int64(env->node, "input", 0);
    self->event_fd = -1;
    sim_dice_init(&self->dice, env);
    SL_TRY(sl_batch_builder_init(&self->builder, &sim_schema, env->batch_rows, env->account, err));
    if (!self->sim->quiet) {
        return SL_OK;
    }
    self->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->sim->burst_fds[self->input][env->worker_idx] = self->event_fd;
    return sl_wake_fd(env, self->event_fd, WAKE_TOKEN, err);
}

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    *count = self->sim->inputs[self->input].split_count;
    *names = SL_ARENA_ARRAY(arena, const char *, *count);
    for (uint32_t i = 0; i < *count; i++) {
        (*names)[i] = sl_arena_printf(arena, "split/%u", i);
    }
    return SL_OK;
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct source *self = state;
    (void)is_new;
    (void)err;
    uint32_t number = (uint32_t)strtoul(split->name + 6, NULL, 10);
    self->readings[self->reading_count++] =
        (struct reading){.split = &self->sim->inputs[self->input].splits[number],
                         .id = split->id,
                         .next = position == NULL ? 0 : (uint32_t)strtoul(position, NULL, 10)};
    return SL_OK;
}

static void put_row(struct sl_batch_builder *builder, uint32_t at, const struct sim_row *row)
{
    const int64_t numbers[] = {row->id, row->key, row->value, row->time, row->mark};
    struct sl_vector *vectors = builder->batch.columns;
    for (uint32_t c = 0; c < SL_COUNT_OF(numbers); c++) {
        ((int64_t *)vectors[c].data)[at] = numbers[c];
    }
    if (row->value_is_null) {
        sl_batch_builder_validity(builder, SIM_VALUE);
        sl_vector_set_null(&vectors[SIM_VALUE], at);
    }
    char text[SIM_TEXT_BYTES];
    size_t length = sim_text(row->id, text);
    ((struct sl_view *)vectors[SIM_TEXT].data)[at] =
        sl_view_of(sl_arena_copy(&builder->strings, text, length), length);
    if (row->kind != SL_INSERT) {
        sl_batch_builder_set_kind(builder, at, row->kind);
    }
}

/* How far a split may be read now. */
static uint32_t readable(const struct source *self, const struct reading *reading)
{
    if (!self->sim->quiet) {
        return reading->split->count;
    }
    int64_t end = __atomic_load_n(&self->sim->burst, __ATOMIC_SEQ_CST) * self->sim->burst_rows;
    return (uint32_t)SL_MIN(end, (int64_t)reading->split->count);
}

static void give_rows(struct source *self, struct reading *reading, struct sl_outs *outs)
{
    uint32_t left = readable(self, reading) - reading->next;
    uint32_t count = 1 + (uint32_t)sim_dice_below(&self->dice, SL_MIN(left, self->env->batch_rows));
    struct sl_batch *batch = &self->builder.batch;
    sl_batch_builder_reset(&self->builder);
    for (uint32_t i = 0; i < count; i++) {
        put_row(&self->builder, i, &reading->split->rows[reading->next + i]);
    }
    batch->row_count = count;
    batch->selected_count = count;
    self->run = (struct sl_run){.split = reading->id, .position = reading->next};
    batch->runs = &self->run;
    batch->run_count = 1;
    outs->batches[SL_OUT_MAIN] = batch;
    reading->next += count;
}

/* Ends the split in the same breath as its last row, or later. */
static bool end_split(struct source *self, struct reading *reading, struct sl_outs *outs)
{
    bool is_over = !self->sim->never_ends && reading->next == reading->split->count;
    if (!is_over || (outs->batches[SL_OUT_MAIN] != NULL && sim_dice_below(&self->dice, 2) == 0)) {
        return false;
    }
    reading->has_ended = true;
    outs->signal = (struct sl_signal){SL_SIGNAL_SPLIT_ENDED, reading->id};
    return true;
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct source *self = state;
    bool blocks;
    SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    *flow = SL_BLOCKED;
    if (blocks) {
        return SL_OK;
    }
    uint32_t open_count = 0;
    uint32_t first = (uint32_t)sim_dice_below(&self->dice, SIM_SPLITS_MAX);
    for (uint32_t i = 0; i < self->reading_count; i++) {
        struct reading *reading = &self->readings[(first + i) % self->reading_count];
        if (reading->has_ended) {
            continue;
        }
        open_count++;
        if (reading->next < readable(self, reading)) {
            give_rows(self, reading, outs);
        }
        if (end_split(self, reading, outs) || outs->batches[SL_OUT_MAIN] != NULL) {
            *flow = SL_MORE;
            return SL_OK;
        }
    }
    *flow = open_count == 0 && !self->sim->never_ends ? SL_DONE : SL_BLOCKED;
    return SL_OK;
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    struct source *self = state;
    for (uint32_t i = 0; i < self->reading_count; i++) {
        if (self->readings[i].id == split_id) {
            sl_text_append_int64(out, self->readings[i].next);
            return SL_OK;
        }
    }
    return sl_fail(err, SL_INTERNAL, "asked for the position of an unknown split %u", split_id);
}

static enum sl_status source_wake(void *state, int64_t token, struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    if (token == WAKE_TOKEN) {
        eventfd_t ignored;
        eventfd_read(self->event_fd, &ignored);
    }
    return SL_OK;
}

static void source_close(void *state)
{
    struct source *self = state;
    if (self == NULL) {
        return;
    }
    if (self->event_fd >= 0) {
        sl_wake_fd_remove(self->env, self->event_fd);
        close(self->event_fd);
    }
    sl_batch_builder_deinit(&self->builder);
    free(self);
}

static const struct sl_source_def sim_source = {.open = source_open,
                                                .discover = source_discover,
                                                .assign = source_assign,
                                                .poll = source_poll,
                                                .position = source_position,
                                                .wake = source_wake,
                                                .close = source_close};

const struct sl_connector_def sim_source_connector = {
    .name = "sim", .source = &sim_source, .sink = &sim_sink, .takes_updates = true};
