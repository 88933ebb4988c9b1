/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in memory that lose what nobody synced. Always true: after a crash a file holds what it
 * held at its last sync, or that and a torn part of what was written since; a directory has the
 * entries of its last sync_directory, and any of the changes since may have happened or not. */
#ifndef TESTS_SIM_SUPPORT_LOSSY_IO_H
#define TESTS_SIM_SUPPORT_LOSSY_IO_H

#include <pthread.h>

#include "sluice/clock.h"
#include "sluice/io.h"

struct lossy_node;

struct lossy_io {
    struct sl_io io; /* hand out &lossy->io */
    pthread_mutex_t lock;
    struct sl_random random;
    struct lossy_node *nodes; /* all there ever were */
    struct lossy_node *root;
    int64_t calls_left; /* until the machine dies; -1 = it lives */
    bool is_dead;       /* every call fails until lossy_io_crash */
    uint64_t call_count;
    uint32_t full_permille;  /* of the writes find the disk full and are cut short */
    uint64_t refused_writes; /* so far */
};

void lossy_io_init(struct lossy_io *lossy, uint64_t seed);
/* No file is open. */
void lossy_io_deinit(struct lossy_io *lossy);
/* The machine dies at the so-many-th call from now. */
void lossy_io_kill_after(struct lossy_io *lossy, int64_t calls);
/* Power comes back. No file is open. */
void lossy_io_crash(struct lossy_io *lossy);

#endif
