/* SPDX-License-Identifier: Apache-2.0
 *
 * Clocks and random numbers: a fake clock moves only when told, a seed gives the same numbers. */
#include "sluice/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void the_system_clock_runs(void **state)
{
    (void)state;
    const struct sl_clock *clock = sl_clock_system();
    assert_true(clock->wall_us(clock) > INT64_C(1700000000) * 1000000);
    int64_t before = clock->monotonic_ns(clock);
    for (int i = 0; i < 1000; i++) {
        int64_t after = clock->monotonic_ns(clock);
        assert_true(after >= before);
        before = after;
    }
}

static void the_fake_clock_moves_when_told(void **state)
{
    (void)state;
    int64_t now_us = 5;
    struct sl_clock clock = sl_clock_fake(&now_us);
    assert_int_equal(clock.wall_us(&clock), 5);
    assert_int_equal(clock.monotonic_ns(&clock), 5000);
    now_us = 1700000000000000;
    assert_int_equal(clock.wall_us(&clock), 1700000000000000);
    assert_int_equal(clock.monotonic_ns(&clock), 1700000000000000000);
}

static void a_seed_gives_the_same_numbers(void **state)
{
    (void)state;
    struct sl_random a;
    struct sl_random b;
    struct sl_random other;
    sl_random_init(&a, 0);
    /* splitmix64 from 0, as published with its reference code. */
    assert_int_equal(a.s[0], 0xE220A8397B1DCDAF);
    assert_int_equal(a.s[1], 0x6E789E6AA1B965F4);
    sl_random_init(&b, 0);
    sl_random_init(&other, 1);
    int equal_count = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t value = sl_random_next(&a);
        assert_int_equal(value, sl_random_next(&b));
        equal_count += value == sl_random_next(&other);
    }
    assert_int_equal(equal_count, 0);
    a = (struct sl_random){.s = {1, 2, 3, 4}};
    assert_int_equal(sl_random_next(&a), 11520); /* the reference code's first two */
    assert_int_equal(sl_random_next(&a), 0);
}

static void bounded_numbers_are_uniform(void **state)
{
    (void)state;
    struct sl_random random;
    sl_random_init(&random, 42);
    uint32_t counts[10] = {0};
    for (int i = 0; i < 100000; i++) {
        uint64_t value = sl_random_below(&random, 10);
        assert_true(value < 10);
        counts[value]++;
        double unit = sl_random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        assert_int_equal(sl_random_below(&random, 1), 0);
        assert_true(sl_random_below(&random, UINT64_MAX) < UINT64_MAX);
    }
    for (size_t i = 0; i < SL_COUNT_OF(counts); i++) {
        assert_true(counts[i] > 9500 && counts[i] < 10500);
    }
    assert_true(sl_random_seed() != sl_random_seed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_clock_runs),
        cmocka_unit_test(the_fake_clock_moves_when_told),
        cmocka_unit_test(a_seed_gives_the_same_numbers),
        cmocka_unit_test(bounded_numbers_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
