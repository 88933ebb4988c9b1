/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread sanitizer knows POSIX's threads and locks alone, and librdkafka uses C11's: here the
 * latter are made of the former. Always true: nothing in a build without that sanitizer. They are
 * the same objects in glibc, so both may be mixed. */
typedef int support_kafka_threads_is_not_empty;

#ifdef __SANITIZE_THREAD__

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

#define EXPORT __attribute__((visibility("default")))

struct start {
    int (*run)(void *);
    void *user;
};

static void *run_thread(void *user)
{
    struct start start = *(struct start *)user;
    free(user);
    return (void *)(intptr_t)start.run(start.user);
}

EXPORT int thrd_create(thrd_t *thread, thrd_start_t run, void *user)
{
    struct start *start = malloc(sizeof *start);
    *start = (struct start){.run = run, .user = user};
    return pthread_create(thread, NULL, run_thread, start) == 0 ? thrd_success : thrd_error;
}

EXPORT int thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;
    int code = pthread_join(thread, &value);
    if (result != NULL) {
        *result = (int)(intptr_t)value;
    }
    return code == 0 ? thrd_success : thrd_error;
}

EXPORT int mtx_init(mtx_t *mutex, int type)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    if ((type & mtx_recursive) != 0) {
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    }
    int code = pthread_mutex_init((pthread_mutex_t *)mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return code == 0 ? thrd_success : thrd_error;
}

EXPORT void mtx_destroy(mtx_t *mutex)
{
    pthread_mutex_destroy((pthread_mutex_t *)mutex);
}

EXPORT int mtx_lock(mtx_t *mutex)
{
    return pthread_mutex_lock((pthread_mutex_t *)mutex) == 0 ? thrd_success : thrd_error;
}

EXPORT int mtx_trylock(mtx_t *mutex)
{
    return pthread_mutex_trylock((pthread_mutex_t *)mutex) == 0 ? thrd_success : thrd_busy;
}

EXPORT int mtx_unlock(mtx_t *mutex)
{
    return pthread_mutex_unlock((pthread_mutex_t *)mutex) == 0 ? thrd_success : thrd_error;
}

EXPORT int cnd_init(cnd_t *condition)
{
    return pthread_cond_init((pthread_cond_t *)condition, NULL) == 0 ? thrd_success : thrd_error;
}

EXPORT void cnd_destroy(cnd_t *condition)
{
    pthread_cond_destroy((pthread_cond_t *)condition);
}

EXPORT int cnd_signal(cnd_t *condition)
{
    return pthread_cond_signal((pthread_cond_t *)condition) == 0 ? thrd_success : thrd_error;
}

EXPORT int cnd_broadcast(cnd_t *condition)
{
    return pthread_cond_broadcast((pthread_cond_t *)condition) == 0 ? thrd_success : thrd_error;
}

EXPORT int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    int code = pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex);
    return code == 0 ? thrd_success : thrd_error;
}

EXPORT int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    int code = pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until);
    return code == 0 ? thrd_success : thrd_timedout;
}

#endif
