/* SPDX-License-Identifier: Apache-2.0
 *
 * Wake-ups without a driver: the last one that an operator armed. */
#ifndef TESTS_SUPPORT_WAKE_H
#define TESTS_SUPPORT_WAKE_H

#include "sluice/operator.h"

struct support_wake {
    enum sl_wake_kind kind;
    int64_t time;
    int64_t token;
    uint32_t count;
};

extern struct support_wake support_wake;

#endif
