/* SPDX-License-Identifier: Apache-2.0
 *
 * Ending a query from outside: the first SIGINT or SIGTERM asks it to stop, the second one ends the
 * process. A query that is still being opened, which may be waiting for a broker, has nothing to
 * lose yet: there the first one ends the process. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static struct sl_query *volatile running;
static volatile sig_atomic_t opening;
static volatile sig_atomic_t requested;
static volatile sig_atomic_t drains;

static void on_signal(int number)
{
    if (requested) {
        _exit(128 + number);
    }
    requested = 1;
    if (opening) {
        _exit(CLI_OK);
    }
    if (running != NULL) {
        sl_query_stop(running, drains != 0);
    }
}

void cli_stop_install(bool drain)
{
    drains = drain;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler =
        SIG_IGN; /* a closed standard output is an answer of write, not the end of the process */
    sigaction(SIGPIPE, &action, NULL);
}

void cli_stop_opening(void)
{
    opening = 1;
}

void cli_stop_set(struct sl_query *query)
{
    running = query;
    opening = 0;
    if (query != NULL && requested) {
        sl_query_stop(query, drains != 0);
    }
}

bool cli_stop_requested(void)
{
    return requested != 0;
}
