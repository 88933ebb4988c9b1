/* SPDX-License-Identifier: Apache-2.0
 *
 * Wake-ups: timers by clock and by event time, and file descriptors, each of one instance.
 * Always true: a WAKE is presented by the worker's step, never from here; a descriptor stays
 * silent from when it was seen readable until its WAKE has been handled. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "worker.h"

enum sl_status sl_wake_at(struct sl_env *env, enum sl_wake_kind kind, int64_t time, int64_t token,
                          struct sl_error *err)
{
    struct eng_node *node = env->waker->node;
    struct eng_timers *timers = kind == SL_WAKE_CLOCK ? &node->clock_timers : &node->event_timers;
    SL_TRY(eng_timers_add(timers, time, token, err));
    eng_worker_mark_ready(node->worker, node->idx);
    return SL_OK;
}

static enum sl_status control(struct eng_watch *watch, int operation, struct sl_error *err)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.ptr = watch};
    if (epoll_ctl(watch->node->worker->epoll_fd, operation, watch->fd, &event) != 0) {
        return sl_fail(err, SL_IO, "%s cannot wait for descriptor %d: %s", watch->node->label,
                       watch->fd, strerror(errno));
    }
    return SL_OK;
}

enum sl_status sl_wake_fd(struct sl_env *env, int fd, int64_t token, struct sl_error *err)
{
    struct eng_node *node = env->waker->node;
    struct eng_watch *watch = sl_memory_alloc(&node->account, sizeof(*watch));
    if (watch == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory to wait for a descriptor");
    }
    *watch = (struct eng_watch){.node = node, .fd = fd, .token = token};
    enum sl_status status = control(watch, EPOLL_CTL_ADD, err);
    if (status != SL_OK) {
        sl_memory_free(&node->account, watch, sizeof(*watch));
        return status;
    }
    watch->next = node->watches;
    node->watches = watch;
    node->worker->watch_count++;
    return SL_OK;
}

static void remove_watch(struct eng_node *node, struct eng_watch **link)
{
    struct eng_watch *watch = *link;
    *link = watch->next;
    epoll_ctl(node->worker->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    node->worker->watch_count--;
    sl_memory_free(&node->account, watch, sizeof(*watch));
}

void sl_wake_fd_remove(struct sl_env *env, int fd)
{
    struct eng_node *node = env->waker->node;
    for (struct eng_watch **link = &node->watches; *link != NULL; link = &(*link)->next) {
        if ((*link)->fd == fd) {
            remove_watch(node, link);
            return;
        }
    }
}

static bool next_ready_watch(struct eng_node *node, struct sl_signal *signal)
{
    for (struct eng_watch *watch = node->watches; watch != NULL; watch = watch->next) {
        if (watch->is_ready) {
            watch->is_ready = false;
            node->waking_fd = watch->fd;
            *signal = (struct sl_signal){.kind = SL_SIGNAL_WAKE, .value = watch->token};
            return true;
        }
    }
    return false;
}

bool eng_wake_next(struct eng_node *node, struct sl_signal *signal)
{
    if (node->committed < node->worker->committing) {
        *signal =
            (struct sl_signal){.kind = SL_SIGNAL_COMMITTED, .value = node->worker->committing};
        return true;
    }
    if (node->is_ended) {
        return false;
    }
    struct eng_timers *timers = NULL;
    if (eng_timers_is_due(&node->event_timers, node->watermark)) {
        timers = &node->event_timers;
    } else if (eng_timers_is_due(&node->clock_timers, node->worker->now_us)) {
        timers = &node->clock_timers;
    }
    if (timers == NULL) {
        return next_ready_watch(node, signal);
    }
    *signal = (struct sl_signal){.kind = SL_SIGNAL_WAKE, .value = eng_timers_pop(timers).token};
    return true;
}

void eng_wake_done(struct eng_node *node)
{
    for (struct eng_watch *watch = node->watches; watch != NULL; watch = watch->next) {
        if (watch->fd == node->waking_fd) {
            /* It was added before, so this fails only if its owner closed it: then it is silent. */
            (void)control(watch, EPOLL_CTL_MOD, NULL);
        }
    }
    node->waking_fd = -1;
}

void eng_wake_close(struct eng_node *node)
{
    while (node->watches != NULL) {
        remove_watch(node, &node->watches);
    }
    eng_timers_deinit(&node->clock_timers);
    eng_timers_deinit(&node->event_timers);
}
