/* SPDX-License-Identifier: Apache-2.0
 *
 * The wake-ups that an operator or connector under test has armed, in the place of the engine's. */
#ifndef TESTS_SUPPORT_WAKE_H
#define TESTS_SUPPORT_WAKE_H

#include "sluice/operator.h"

struct armed_wake {
    int fd; /* -1 = none */
    int64_t fd_token;
    int64_t time; /* microseconds of the clock, or event time; 0 = none */
    int64_t time_token;
};

/* The last that was armed of each kind. */
extern struct armed_wake armed_wake;

#endif
