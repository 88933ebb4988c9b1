/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's clock, a clock for tests and the seeded random numbers: the only callers of the
 * operating system's time and randomness. Always true: nothing here has state of its own. */
#include "sluice/clock.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_ns(clockid_t clock_id)
{
    struct timespec now;
    clock_gettime(clock_id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t system_wall_us(const struct sl_clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_REALTIME) / 1000;
}

static int64_t system_monotonic_ns(const struct sl_clock *clock)
{
    (void)clock;
    return read_ns(CLOCK_MONOTONIC);
}

const struct sl_clock *sl_clock_system(void)
{
    static const struct sl_clock system_clock = {.wall_us = system_wall_us,
                                                 .monotonic_ns = system_monotonic_ns};
    return &system_clock;
}

static int64_t fake_wall_us(const struct sl_clock *clock)
{
    return __atomic_load_n((const int64_t *)clock->state, __ATOMIC_RELAXED);
}

static int64_t fake_monotonic_ns(const struct sl_clock *clock)
{
    return (int64_t)((uint64_t)fake_wall_us(clock) * 1000);
}

struct sl_clock sl_clock_fake(int64_t *now_us)
{
    return (struct sl_clock){
        .wall_us = fake_wall_us, .monotonic_ns = fake_monotonic_ns, .state = now_us};
}

void sl_random_init(struct sl_random *random, uint64_t seed)
{
    for (size_t i = 0; i < SL_COUNT_OF(random->s); i++) { /* splitmix64 */
        seed += 0x9E3779B97F4A7C15;
        uint64_t mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        random->s[i] = mixed ^ (mixed >> 31);
    }
}

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

uint64_t sl_random_next(struct sl_random *random)
{
    uint64_t *s = random->s;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t sl_random_below(struct sl_random *random, uint64_t bound)
{
    /* The high half of a product is uniform once the few low halves that would favour small results
     * are thrown away (Lemire, 2019). */
    uint64_t threshold = (0 - bound) % bound;
    for (;;) {
        sl_uint128 product = (sl_uint128)sl_random_next(random) * bound;
        if ((uint64_t)product >= threshold) {
            return (uint64_t)(product >> 64);
        }
    }
}

double sl_random_unit(struct sl_random *random)
{
    return (double)(sl_random_next(random) >> 11) * 0x1.0p-53;
}

uint64_t sl_random_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != (ssize_t)sizeof(seed)) {
        seed = (uint64_t)read_ns(CLOCK_REALTIME) ^ ((uint64_t)read_ns(CLOCK_MONOTONIC) << 20);
    }
    return seed;
}
