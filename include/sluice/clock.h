/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 1. Time and randomness are handed in, never fetched, so that tests/sim replays any run from
 * its seed. */
#ifndef SLUICE_CLOCK_H
#define SLUICE_CLOCK_H

#include "sluice/base.h"

SL_EXTERN_C_BEGIN

struct sl_clock {
    int64_t (*wall_us)(const struct sl_clock *clock);      /* microseconds since the epoch, UTC */
    int64_t (*monotonic_ns)(const struct sl_clock *clock); /* never goes back */
    void *state;
};

/* For time-outs, rates and wake-ups, which must not care when somebody sets the wall clock. */
static inline int64_t sl_clock_steady_us(const struct sl_clock *clock)
{
    return clock->monotonic_ns(clock) / 1000;
}

/* The machine's clock; static, never freed. */
const struct sl_clock *sl_clock_system(void);

/* A clock that moves only when told, for tests: both readings are *now_us (monotonic = now_us *
 * 1000). */
struct sl_clock sl_clock_fake(int64_t *now_us);

/* xoshiro256** seeded by splitmix64 (Blackman and Vigna, public domain). */
struct sl_random {
    uint64_t s[4];
};
void sl_random_init(struct sl_random *random, uint64_t seed);
uint64_t sl_random_next(struct sl_random *random);
/* Uniform in [0, bound); bound > 0. */
uint64_t sl_random_below(struct sl_random *random, uint64_t bound);
/* Uniform in [0, 1). */
double sl_random_unit(struct sl_random *random);
/* A seed from the operating system. */
uint64_t sl_random_seed(void);

SL_EXTERN_C_END

#endif
