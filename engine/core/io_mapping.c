/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading behind the end of a file that was cut after it was mapped raises SIGBUS, and a log that
 * is rotated in place is cut all the time. So mappings are listed where a signal handler finds
 * them, and it puts pages of zeroes in the place of those that are gone. Always true: a slot's
 * begin is written last and cleared first, so the handler never believes half a slot. */
#include "io_mapping.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sluice/base.h"

enum { SLOT_COUNT = 1024 }; /* mappings beyond them are not guarded */

static struct slot {
    uintptr_t begin; /* atomic; 0 = free */
    uintptr_t end;   /* atomic */
} slots[SLOT_COUNT];
static struct sigaction action_before;
static uintptr_t page_bytes;

/* Async-signal-safe: atomics and one system call. */
static bool put_zeroes(uintptr_t address)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        uintptr_t begin = __atomic_load_n(&slots[i].begin, __ATOMIC_ACQUIRE);
        uintptr_t end = __atomic_load_n(&slots[i].end, __ATOMIC_ACQUIRE);
        if (begin != 0 && address >= begin && address < end) {
            uintptr_t page = address - address % page_bytes;
            return mmap((void *)page, end - page, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
        }
    }
    return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    bool is_mended = info->si_code > 0 && put_zeroes((uintptr_t)info->si_addr);
    errno = saved;
    if (is_mended) {
        return;
    }
    if ((action_before.sa_flags & SA_SIGINFO) != 0) {
        action_before.sa_sigaction(number, info, context);
    } else if (action_before.sa_handler != SIG_DFL && action_before.sa_handler != SIG_IGN) {
        action_before.sa_handler(number);
    } else {
        signal(number, SIG_DFL); /* the access is tried again, and ends the program */
        if (info->si_code <= 0) {
            raise(number); /* somebody sent it: nothing is tried again */
        }
    }
}

static void install_handler(void)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_NODEFER};
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &action_before);
}

/* A slot is taken by its end; begin comes when the mapping is there. */
static struct slot *take_slot(uintptr_t end)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        uintptr_t none = 0;
        if (__atomic_compare_exchange_n(&slots[i].end, &none, end, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED)) {
            return &slots[i];
        }
    }
    return NULL;
}

static void guard(uintptr_t begin, uintptr_t end)
{
    struct slot *slot = take_slot(end);
    if (slot != NULL) {
        __atomic_store_n(&slot->begin, begin, __ATOMIC_RELEASE);
    }
}

static void unguard(uintptr_t begin)
{
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (__atomic_load_n(&slots[i].begin, __ATOMIC_ACQUIRE) == begin) {
            __atomic_store_n(&slots[i].begin, 0, __ATOMIC_RELEASE);
            __atomic_store_n(&slots[i].end, 0, __ATOMIC_RELEASE);
            return;
        }
    }
}

/* The file lies over the start of an anonymous reservation that is a page longer: behind the last
 * byte follow the zeroes of its page, or those of the anonymous page when the file fills its own.
 */
bool sl_io_mapping_make(struct sl_io_mapping *mapping, int descriptor, size_t size_bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handler);
    size_t file_bytes = (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
    size_t mapping_bytes = file_bytes + page_bytes;
    void *data = mmap(NULL, mapping_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) {
        return false;
    }
    if (mmap(data, file_bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED) {
        int saved = errno;
        munmap(data, mapping_bytes);
        errno = saved;
        return false;
    }
    guard((uintptr_t)data, (uintptr_t)data + mapping_bytes);
    *mapping = (struct sl_io_mapping){.data = data, .size_bytes = mapping_bytes};
    return true;
}

void sl_io_mapping_drop(struct sl_io_mapping *mapping)
{
    if (mapping->data != NULL) {
        unguard((uintptr_t)mapping->data);
        munmap(mapping->data, mapping->size_bytes);
        mapping->data = NULL;
    }
}
