/* SPDX-License-Identifier: Apache-2.0
 *
 * A lookup whose answers arrive late and out of order, from a thread or by the clock. Always true:
 * rows leave in the order in which they came, and nothing of an input is touched behind its DONE.
 */
#include "support_sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ITEMS_MAX = 6, QUESTION_ROWS = 8, QUESTIONS_MAX = 64, FD_TOKEN = 99, ANSWER = 6 };

static const struct sl_column columns[] = {
    {"id", {.id = SL_TYPE_BIGINT}},
    {"key", {.id = SL_TYPE_BIGINT}},
    {"value", {.id = SL_TYPE_BIGINT, .nullable = true}},
    {"time", {.id = SL_TYPE_TIMESTAMP, .precision = 3}},
    {"mark", {.id = SL_TYPE_TIMESTAMP, .precision = 3}},
    {"text", {.id = SL_TYPE_VARCHAR, .length = SL_LENGTH_MAX}},
    {"answer", {.id = SL_TYPE_BIGINT}},
};
const struct sl_schema sim_lookup_schema = {SL_COUNT_OF(columns), columns};

/* Rows that wait for answers, or a watermark that waits for rows. */
struct item {
    bool is_watermark;
    int64_t watermark;
    struct sl_batch_builder rows;
    struct sl_vector out_columns[ANSWER + 1];
    struct sl_batch out;
    uint32_t unanswered; /* questions; atomic */
    uint32_t question_count;
};

/* Some rows of an item. */
struct question {
    uint32_t item;
    uint32_t first_row;
    uint32_t end_row;
};

struct lookup {
    struct sl_env *env;
    struct sim *sim;
    struct sim_dice dice;
    struct item items[ITEMS_MAX]; /* a ring */
    uint32_t limit;
    uint32_t first;
    uint32_t used;
    bool is_accepted;
    bool is_waking;
    bool holds_watermarks; /* they wait in the ring; else they wait outside until it is empty */
    /* questions that are not answered; by clock: the worker's, by thread: under lock */
    struct question questions[ITEMS_MAX * QUESTIONS_MAX];
    uint32_t question_count;
    bool has_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ends;
    int event_fd;
    struct sl_random thread_random;
};

int64_t sim_lookup_answer(int64_t key, bool value_is_null, int64_t value)
{
    return key * 1000 + (value_is_null ? -777 : value);
}

static void answer(struct lookup *self, const struct question *question)
{
    struct item *item = &self->items[question->item];
    const struct sl_batch *rows = &item->rows.batch;
    for (uint32_t row = question->first_row; row < question->end_row; row++) {
        bool is_null = !sl_vector_is_valid(&rows->columns[SIM_VALUE], row);
        int64_t key = ((const int64_t *)rows->columns[SIM_KEY].data)[row];
        int64_t value = ((const int64_t *)rows->columns[SIM_VALUE].data)[row];
        ((int64_t *)item->out_columns[ANSWER].data)[row] = sim_lookup_answer(key, is_null, value);
    }
    __atomic_fetch_sub(&item->unanswered, 1, __ATOMIC_RELEASE);
}

/* Takes a random question out; there is one. */
static struct question draw(struct lookup *self, struct sl_random *random)
{
    uint32_t at = (uint32_t)sl_random_below(random, self->question_count);
    struct question drawn = self->questions[at];
    sim_tell(self->sim, SIM_TELL_REORDERED, at != 0);
    memmove(&self->questions[at], &self->questions[at + 1],
            (self->question_count - at - 1) * sizeof(drawn));
    self->question_count--;
    return drawn;
}

static void *answer_questions(void *user)
{
    struct lookup *self = user;
    pthread_mutex_lock(&self->lock);
    while (!self->ends) {
        if (self->question_count == 0) {
            pthread_cond_wait(&self->changed, &self->lock);
            continue;
        }
        struct question question = draw(self, &self->thread_random);
        bool naps = sl_random_below(&self->thread_random, 16) == 0;
        pthread_mutex_unlock(&self->lock);
        if (naps) {
            usleep((useconds_t)sl_random_below(&self->thread_random, 200));
        }
        answer(self, &question);
        eventfd_write(self->event_fd, 1);
        pthread_mutex_lock(&self->lock);
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

static enum sl_status open_item(struct lookup *self, struct item *item, struct sl_error *err)
{
    struct sl_env *env = self->env;
    SL_TRY(sl_batch_builder_init(&item->rows, &sim_schema, env->batch_rows, env->account, err));
    return sl_vector_init(&item->out_columns[ANSWER], &columns[ANSWER].type, env->batch_rows,
                          env->arena, err);
}

static enum sl_status lookup_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct lookup *self = calloc(1, sizeof(*self));
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    self->event_fd = -1;
    sim_dice_init(&self->dice, env);
    self->limit = 1 + (uint32_t)sim_dice_below(&self->dice, ITEMS_MAX);
    self->holds_watermarks = sim_dice_below(&self->dice, 2) == 0;
    for (uint32_t i = 0; i < self->limit; i++) {
        SL_TRY(open_item(self, &self->items[i], err));
    }
    if (sim_dice_below(&self->dice, 3) == 0) {
        return SL_OK; /* by the clock */
    }
    self->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    sl_random_init(&self->thread_random, env->seed + 1);
    self->has_thread = pthread_create(&self->thread, NULL, answer_questions, self) == 0;
    SL_ASSERT(self->has_thread);
    return sl_wake_fd(env, self->event_fd, FD_TOKEN, err);
}

static void lookup_close(void *state)
{
    struct lookup *self = state;
    if (self == NULL) {
        return;
    }
    if (self->has_thread) {
        pthread_mutex_lock(&self->lock);
        self->ends = true;
        pthread_cond_signal(&self->changed);
        pthread_mutex_unlock(&self->lock);
        pthread_join(self->thread, NULL);
        pthread_mutex_destroy(&self->lock);
        pthread_cond_destroy(&self->changed);
        sl_wake_fd_remove(self->env, self->event_fd);
        close(self->event_fd);
    }
    for (uint32_t i = 0; i < ITEMS_MAX; i++) {
        sl_batch_builder_deinit(&self->items[i].rows);
    }
    free(self);
}

static enum sl_status ask(struct lookup *self, struct question question, struct sl_error *err)
{
    if (self->has_thread) {
        pthread_mutex_lock(&self->lock);
        self->questions[self->question_count++] = question;
        pthread_cond_signal(&self->changed);
        pthread_mutex_unlock(&self->lock);
        return SL_OK;
    }
    self->questions[self->question_count++] = question;
    const struct sl_clock *clock = self->env->clock;
    return sl_wake_at(self->env, SL_WAKE_CLOCK,
                      sl_clock_steady_us(clock) + (int64_t)sim_dice_below(&self->dice, 2000),
                      FD_TOKEN, err);
}

static enum sl_status accept(struct lookup *self, const struct sl_batch *in, struct sl_error *err)
{
    uint32_t at = (self->first + self->used) % self->limit;
    struct item *item = &self->items[at];
    uint32_t count = in->selected_count;
    uint32_t step = SL_MAX(QUESTION_ROWS, (count + QUESTIONS_MAX - 1) / QUESTIONS_MAX);
    item->is_watermark = false;
    sl_batch_builder_reset(&item->rows);
    SL_TRY(sl_batch_append(&item->rows, in, in->selection, count, err));
    memcpy(item->out_columns, item->rows.batch.columns, ANSWER * sizeof(struct sl_vector));
    item->out = item->rows.batch;
    item->out.schema = &sim_lookup_schema;
    item->out.columns = item->out_columns;
    __atomic_store_n(&item->unanswered, (count + step - 1) / step, __ATOMIC_RELEASE);
    self->used++;
    self->is_accepted = true;
    for (uint32_t row = 0; row < count; row += step) {
        SL_TRY(ask(self, (struct question){at, row, SL_MIN(row + step, count)}, err));
    }
    return SL_OK;
}

static bool is_ready(const struct lookup *self)
{
    const struct item *item = &self->items[self->first];
    return self->used > 0 &&
           (item->is_watermark || __atomic_load_n(&item->unanswered, __ATOMIC_ACQUIRE) == 0);
}

/* Puts out the oldest item when it is ready. */
static bool emit(struct lookup *self, struct sl_outs *outs)
{
    if (!is_ready(self)) {
        return false;
    }
    struct item *item = &self->items[self->first];
    if (item->is_watermark) {
        outs->signal = (struct sl_signal){SL_SIGNAL_WATERMARK, item->watermark};
    } else {
        outs->batches[SL_OUT_MAIN] = &item->out;
    }
    self->first = (self->first + 1) % self->limit;
    self->used--;
    return true;
}

static enum sl_status lookup_process(void *state, uint32_t port, const struct sl_batch *in,
                                     struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct lookup *self = state;
    bool blocks = false;
    (void)port;
    if (!self->is_accepted) {
        SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    }
    if (!self->is_accepted && !blocks && self->used < self->limit) {
        SL_TRY(accept(self, in, err));
    }
    bool emitted = !blocks && emit(self, outs);
    if (!self->is_accepted) {
        *flow = emitted ? SL_MORE : SL_BLOCKED;
        return SL_OK;
    }
    *flow = emitted && is_ready(self) ? SL_MORE : SL_DONE;
    self->is_accepted = *flow == SL_MORE;
    return SL_OK;
}

static void see_wake(struct lookup *self, int64_t token)
{
    eventfd_t ignored;
    if (token != FD_TOKEN) {
        return;
    }
    if (self->has_thread) {
        eventfd_read(self->event_fd, &ignored);
    } else {
        struct question question = draw(self, &self->dice.random);
        answer(self, &question);
    }
}

static enum sl_status lookup_wake(struct lookup *self, int64_t token, struct sl_outs *outs,
                                  enum sl_flow *flow)
{
    if (!self->is_waking) {
        see_wake(self, token);
    }
    bool emitted = emit(self, outs);
    self->is_waking = emitted && is_ready(self);
    *flow = self->is_waking ? SL_MORE : SL_DONE;
    return SL_OK;
}

static enum sl_status lookup_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                    enum sl_flow *flow, struct sl_error *err)
{
    struct lookup *self = state;
    (void)err;
    *flow = SL_DONE;
    if (signal->kind == SL_SIGNAL_WAKE) {
        return lookup_wake(self, signal->value, outs, flow);
    }
    if (signal->kind == SL_SIGNAL_COMMITTED || self->used == 0) {
        return SL_OK;
    }
    if (signal->kind == SL_SIGNAL_WATERMARK && self->holds_watermarks && self->used < self->limit) {
        struct item *item = &self->items[(self->first + self->used++) % self->limit];
        item->is_watermark = true;
        item->watermark = signal->value;
        signal->kind = SL_SIGNAL_NONE;
        return SL_OK;
    }
    bool emitted = emit(self, outs);
    if (self->used > 0) {
        *flow = emitted ? SL_MORE : SL_BLOCKED;
    }
    return SL_OK;
}

const struct sl_operator_def sim_lookup_operator = {.kind = "sim_lookup",
                                                    .port_count = 1,
                                                    .open = lookup_open,
                                                    .process = lookup_process,
                                                    .signal = lookup_signal,
                                                    .close = lookup_close};
