/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of a leaf's versions this machine runs. A leaf comes in files x_v2.c, x_v3.c and x_v4.c,
 * compiled for that level; all levels give the same results. */
#ifndef CONNECTORS_CPU_LEVEL_H
#define CONNECTORS_CPU_LEVEL_H

#include "sluice/base.h"

enum conn_cpu_level {
    CONN_CPU_V2, /* what all of the program is compiled for; on other machines plain C */
    CONN_CPU_V3, /* AVX2, BMI1, BMI2 */
    CONN_CPU_V4, /* and AVX-512 F, BW, DQ, VL */
    CONN_CPU_LEVELS
};

/* The best level of this machine, or the one that was forced. */
enum conn_cpu_level conn_cpu_level(void);
/* For tests: whoever asks from now on gets this level, if the machine has it; otherwise false. */
bool conn_cpu_level_force(enum conn_cpu_level level);

#endif
