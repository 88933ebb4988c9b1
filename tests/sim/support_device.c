/* SPDX-License-Identifier: Apache-2.0
 *
 * A device on a thread of its own that filters value > 0: late, out of order, and mortal. Always
 * true: it holds every batch that it was given against what was in it when it was submitted. */
#include "support_sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { JOBS_MAX = 64, IMMORTAL = INT32_MAX };

struct job {
    uint64_t ticket; /* 0 = free */
    const struct sl_batch *batch;
    uint64_t sum; /* of the rows, when they were submitted */
    bool is_done;
    uint32_t selected_count;
    uint16_t selection[SL_BATCH_ROWS_MAX];
};

struct device {
    struct sl_env *env;
    struct sim *sim;
    struct sl_random random; /* under lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool is_loaded;
    bool ends;
    bool is_dead;
    int32_t life; /* jobs that it will still do */
    uint32_t room;
    uint64_t last_ticket;
    struct job jobs[JOBS_MAX];
    int event_fd; /* -1 = it is polled */
};

static uint64_t sum_of(const struct sl_batch *batch)
{
    uint64_t sum = batch->row_count;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        const struct sl_view *view = (const struct sl_view *)batch->columns[SIM_TEXT].data + row;
        sum = sum * 31 + (uint64_t)((const int64_t *)batch->columns[SIM_ID].data)[row];
        sum ^= sl_hash_bytes(sl_view_data(view), view->length);
    }
    return sum;
}

static enum sl_status device_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct device *self = calloc(1, sizeof(*self));
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    self->event_fd = -1;
    sl_random_init(&self->random, env->seed);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
    if (sl_random_below(&self->random, 20) == 0) {
        sim_tell(self->sim, SIM_TELL_DEVICE_FAILURES, 1);
        return sl_fail(err, SL_IO, "the device is not there");
    }
    bool is_mortal = sl_random_below(&self->random, 2) == 0;
    self->life = is_mortal ? (int32_t)sl_random_below(&self->random, 30) : IMMORTAL;
    self->room = 1 + (uint32_t)sl_random_below(&self->random, JOBS_MAX);
    if (sl_random_below(&self->random, 2) == 0) {
        self->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    }
    return SL_OK;
}

static bool device_supports(const struct sl_plan *plan, const struct sl_plan_node *node,
                            const char **reason)
{
    (void)plan;
    *reason = "it is not a filter";
    return strcmp(node->kind, "filter") == 0;
}

static struct sl_offload_estimate device_estimate(const struct sl_plan *plan,
                                                  const struct sl_plan_node *node)
{
    (void)plan;
    (void)node;
    return (struct sl_offload_estimate){.device_ns_per_row = 1, .cpu_ns_per_row = 2};
}

static void do_job(struct device *self, struct job *job)
{
    const struct sl_batch *batch = job->batch;
    const struct sl_vector *values = &batch->columns[SIM_VALUE];
    if (sum_of(batch) != job->sum || batch->selection != NULL) {
        sim_complain(self->sim, "a batch changed while the device had it");
    }
    job->selected_count = 0;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        if (sl_vector_is_valid(values, row) && ((const int64_t *)values->data)[row] > 0) {
            job->selection[job->selected_count++] = (uint16_t)row;
        }
    }
}

/* A random job that is not done, or NULL. */
static struct job *draw(struct device *self)
{
    uint32_t first = (uint32_t)sl_random_below(&self->random, JOBS_MAX);
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        struct job *job = &self->jobs[(first + i) % JOBS_MAX];
        if (job->ticket != 0 && !job->is_done) {
            return job;
        }
    }
    return NULL;
}

static void *do_jobs(void *user)
{
    struct device *self = user;
    pthread_mutex_lock(&self->lock);
    while (!self->ends) {
        struct job *job = draw(self);
        if (job == NULL || self->is_dead) {
            pthread_cond_wait(&self->changed, &self->lock);
            continue;
        }
        bool naps = sl_random_below(&self->random, 16) == 0;
        self->is_dead = self->life == 0;
        self->life -= self->life != IMMORTAL;
        bool is_dead = self->is_dead;
        pthread_mutex_unlock(&self->lock);
        if (naps) {
            usleep(100);
        }
        if (!is_dead) {
            do_job(self, job);
        }
        pthread_mutex_lock(&self->lock);
        job->is_done = !is_dead;
        if (self->event_fd >= 0) {
            eventfd_write(self->event_fd, 1);
        }
    }
    pthread_mutex_unlock(&self->lock);
    return NULL;
}

static enum sl_status device_load(void *state, const struct sl_plan *plan,
                                  const struct sl_plan_node *node, void **fragment,
                                  struct sl_error *err)
{
    struct device *self = state;
    (void)plan;
    (void)node;
    (void)err;
    SL_ASSERT(pthread_create(&self->thread, NULL, do_jobs, self) == 0);
    self->is_loaded = true;
    *fragment = self;
    return SL_OK;
}

static enum sl_status died(struct device *self, struct sl_error *err)
{
    sim_tell(self->sim, SIM_TELL_DEVICE_FAILURES, 1);
    return sl_fail(err, SL_IO, "the device is dead");
}

static enum sl_status device_submit(void *fragment, const struct sl_batch *in, uint64_t *ticket,
                                    enum sl_flow *flow, struct sl_error *err)
{
    struct device *self = fragment;
    struct job *free_job = NULL;
    uint32_t used = 0;
    pthread_mutex_lock(&self->lock);
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        used += self->jobs[i].ticket != 0;
        free_job = self->jobs[i].ticket == 0 ? &self->jobs[i] : free_job;
    }
    bool is_dead = self->is_dead;
    *flow = used < self->room ? SL_DONE : SL_BLOCKED;
    if (!is_dead && *flow == SL_DONE) {
        *ticket = ++self->last_ticket;
        free_job->ticket = *ticket;
        free_job->batch = in;
        free_job->sum = sum_of(in);
        free_job->is_done = false;
        pthread_cond_signal(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
    return is_dead ? died(self, err) : SL_OK;
}

/* The result is told. The descriptor falls silent with the last one. */
static void release(struct device *self, struct job *job)
{
    bool any_done = self->is_dead;
    eventfd_t ignored;
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        const struct job *other = &self->jobs[i];
        bool is_earlier = other->ticket != 0 && other->ticket < job->ticket;
        sim_tell(self->sim, SIM_TELL_REORDERED, is_earlier && !other->is_done);
        any_done = any_done || (other != job && other->ticket != 0 && other->is_done);
    }
    job->ticket = 0;
    if (self->event_fd >= 0 && !any_done) {
        eventfd_read(self->event_fd, &ignored);
    }
}

static enum sl_status device_finish(void *fragment, uint64_t ticket, uint16_t *selection,
                                    uint32_t *selected_count, enum sl_flow *flow,
                                    struct sl_error *err)
{
    struct device *self = fragment;
    struct job *job = NULL;
    pthread_mutex_lock(&self->lock);
    for (uint32_t i = 0; i < JOBS_MAX; i++) {
        job = self->jobs[i].ticket == ticket ? &self->jobs[i] : job;
    }
    SL_ASSERT(job != NULL);
    bool is_dead = self->is_dead && !job->is_done;
    *flow = job->is_done ? SL_DONE : SL_BLOCKED;
    if (job->is_done) {
        memcpy(selection, job->selection, job->selected_count * sizeof(*selection));
        *selected_count = job->selected_count;
        release(self, job);
    }
    pthread_mutex_unlock(&self->lock);
    return is_dead ? died(self, err) : SL_OK;
}

static int device_wake_fd(void *state)
{
    struct device *self = state;
    return self->event_fd;
}

static void device_unload(void *fragment)
{
    struct device *self = fragment;
    pthread_mutex_lock(&self->lock);
    self->ends = true;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(self->thread, NULL);
    self->is_loaded = false;
}

static void device_close(void *state)
{
    struct device *self = state;
    if (self->is_loaded) {
        sim_complain(self->sim, "a device is closed with its fragment loaded");
    }
    if (self->event_fd >= 0) {
        close(self->event_fd);
    }
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->changed);
    free(self);
}

const struct sl_offload_def sim_device = {.name = "sim",
                                          .open = device_open,
                                          .supports = device_supports,
                                          .estimate = device_estimate,
                                          .load = device_load,
                                          .submit = device_submit,
                                          .finish = device_finish,
                                          .wake_fd = device_wake_fd,
                                          .unload = device_unload,
                                          .close = device_close};
