/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers come out by time, equal ones in the order in which they were armed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "engine/timer.h"
#include "sluice/clock.h"

static void timers_come_out_in_order(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sl_random random;
        struct sl_account account = {.name = "test"};
        struct eng_timers timers;
        sl_random_init(&random, seed);
        eng_timers_init(&timers, &account);
        uint32_t count = (uint32_t)sl_random_below(&random, 100);
        for (uint32_t i = 0; i < count; i++) {
            int64_t time = (int64_t)sl_random_below(&random, 10) - 5;
            assert_int_equal(eng_timers_add(&timers, time, i, NULL), SL_OK);
        }
        struct eng_timer last = {.time = INT64_MIN};
        for (uint32_t i = 0; i < count; i++) {
            assert_true(eng_timers_is_due(&timers, INT64_MAX));
            struct eng_timer timer = eng_timers_pop(&timers);
            assert_true(timer.time > last.time ||
                        (timer.time == last.time && timer.token > last.token));
            last = timer;
        }
        assert_false(eng_timers_is_due(&timers, INT64_MAX));
        eng_timers_deinit(&timers);
        assert_int_equal(sl_account_used(&account), 0);
    }
}

static void due_is_at_the_time_itself(void **unused)
{
    (void)unused;
    struct eng_timers timers;
    eng_timers_init(&timers, NULL);
    assert_false(eng_timers_is_due(&timers, INT64_MAX));
    assert_int_equal(eng_timers_add(&timers, 10, 1, NULL), SL_OK);
    assert_false(eng_timers_is_due(&timers, 9));
    assert_true(eng_timers_is_due(&timers, 10));
    eng_timers_deinit(&timers);
}

static void a_limit_is_an_error(void **unused)
{
    (void)unused;
    struct sl_account account = {.name = "test", .limit_bytes = 1000};
    struct eng_timers timers;
    struct sl_error err;
    enum sl_status status = SL_OK;
    eng_timers_init(&timers, &account);
    for (uint32_t i = 0; i < 1000 && status == SL_OK; i++) {
        status = eng_timers_add(&timers, i, i, &err);
    }
    assert_int_equal(status, SL_MEMORY);
    assert_int_equal(eng_timers_pop(&timers).token, 0);
    eng_timers_deinit(&timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_come_out_in_order),
        cmocka_unit_test(due_is_at_the_time_itself),
        cmocka_unit_test(a_limit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
