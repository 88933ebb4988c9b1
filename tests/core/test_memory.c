/* SPDX-License-Identifier: Apache-2.0
 *
 * Accounts: a charge fits everywhere or nowhere, and everything returns to zero. */
#include "sluice/clock.h"
#include "sluice/memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static bool is_zero(const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (data[i] != 0) {
            return false;
        }
    }
    return true;
}

static void blocks_are_zeroed_and_aligned(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 63, 64, 65, 4096, 100001, 5000000};
    struct sl_account account = {.name = "test"};
    for (size_t i = 0; i < SL_COUNT_OF(sizes); i++) {
        char *block = sl_memory_alloc(&account, sizes[i]);
        assert_non_null(block);
        assert_true(is_zero(block, sizes[i]));
        assert_int_equal((uintptr_t)block % (sizes[i] >= 64 ? 64 : 16), 0);
        assert_int_equal(sl_account_used(&account), sizes[i]);
        memset(block, 0xFF, sizes[i]);
        sl_memory_free(&account, block, sizes[i]);
        assert_int_equal(sl_account_used(&account), 0);
    }
    assert_int_equal(account.peak_bytes, 5000000);
    sl_memory_free(&account, NULL, 77);
    assert_int_equal(sl_account_used(&account), 0);
}

static void resize_keeps_and_zeroes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 10, 63, 64, 1000, 100, 32, 0, 70};
    struct sl_account account = {.name = "test"};
    char *block = NULL;
    size_t size = 0;
    for (size_t i = 0; i < SL_COUNT_OF(sizes); i++) {
        size_t kept = SL_MIN(size, sizes[i]);
        block = sl_memory_resize(&account, block, size, sizes[i]);
        assert_non_null(block);
        for (size_t k = 0; k < kept; k++) {
            assert_int_equal((unsigned char)block[k], k % 251 + 1);
        }
        assert_true(is_zero(block + kept, sizes[i] - kept));
        size = sizes[i];
        assert_int_equal(sl_account_used(&account), size);
        assert_int_equal((uintptr_t)block % (size >= 64 ? 64 : 16), 0);
        for (size_t k = 0; k < size; k++) {
            block[k] = (char)(k % 251 + 1);
        }
    }
    sl_memory_free(&account, block, size);
    assert_int_equal(sl_account_used(&account), 0);
}

static void a_charge_fits_everywhere_or_nowhere(void **state)
{
    (void)state;
    struct sl_account query = {.name = "query", .limit_bytes = 100};
    struct sl_account worker = {.name = "worker", .parent = &query};
    struct sl_account op = {.name = "operator", .parent = &worker, .limit_bytes = 60};
    struct sl_account other = {.name = "other", .parent = &worker};

    assert_true(sl_account_charge(&op, 60));
    assert_false(sl_account_charge(&op, 1)); /* its own limit */
    assert_true(sl_account_charge(&other, 40));
    assert_false(sl_account_charge(&other, 1)); /* its grandparent's */
    assert_int_equal(sl_account_used(&op), 60);
    assert_int_equal(sl_account_used(&other), 40);
    assert_int_equal(sl_account_used(&worker), 100);
    assert_int_equal(sl_account_used(&query), 100);
    sl_account_refund(&op, 60);
    sl_account_refund(&other, 40);
    assert_int_equal(sl_account_used(&query), 0);
    assert_int_equal(query.peak_bytes, 100);
    assert_true(sl_account_charge(NULL, 5));
    sl_account_refund(NULL, 5);
    assert_int_equal(sl_account_used(NULL), 0);
}

static void refusals_leave_the_old_block(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 1000};
    assert_null(sl_memory_alloc(&account, 1001));
    assert_null(sl_memory_alloc(&account, SIZE_MAX));
    assert_null(sl_memory_alloc(NULL, SIZE_MAX / 2));
    char *block = sl_memory_alloc(&account, 500);
    assert_non_null(block);
    block[499] = 'x';
    assert_null(sl_memory_resize(&account, block, 500, 1001));
    assert_null(sl_memory_resize(&account, block, 500, SIZE_MAX));
    assert_int_equal(block[499], 'x');
    assert_int_equal(sl_account_used(&account), 500);
    sl_memory_free(&account, block, 500);
}

static void *charge_and_refund(void *argument)
{
    struct sl_account own = {.name = "thread", .parent = argument};
    struct sl_random random;
    sl_random_init(&random, (uint64_t)(uintptr_t)&own);
    for (int i = 0; i < 20000; i++) {
        size_t size = (size_t)sl_random_below(&random, 100);
        if (sl_account_charge(&own, size)) {
            sl_account_refund(&own, size);
        }
    }
    return NULL;
}

static void threads_share_a_root(void **state)
{
    (void)state;
    struct sl_account root = {.name = "root", .limit_bytes = 150};
    pthread_t threads[3];
    for (size_t i = 0; i < SL_COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, charge_and_refund, &root), 0);
    }
    for (size_t i = 0; i < SL_COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(sl_account_used(&root), 0);
    assert_true(root.peak_bytes <= 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_aligned),
        cmocka_unit_test(resize_keeps_and_zeroes),
        cmocka_unit_test(a_charge_fits_everywhere_or_nowhere),
        cmocka_unit_test(refusals_leave_the_old_block),
        cmocka_unit_test(threads_share_a_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
