/* SPDX-License-Identifier: Apache-2.0
 *
 * The terminal that rows, log lines and the status line share. Always true: whoever writes a line
 * to it wipes the status line first; the status line comes back with its next second. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include "sluice/engine.h"
#include "sluice/io.h"

/* Whether there is a status line to be had: standard error is a terminal. */
void cli_screen_init(bool wanted);
/* Between begin and end the caller may write whole lines to the terminal. */
void cli_screen_begin(void);
void cli_screen_end(void);
/* The machine's files; what is written to standard output or standard error is written between
 * begin and end. */
struct sl_io *cli_screen_io(void);

/* The status line of query, once a second until stop. Does nothing when there is none to be had. */
void cli_status_start(struct sl_query *query);
void cli_status_stop(void);

#endif
