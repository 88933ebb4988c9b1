/* SPDX-License-Identifier: Apache-2.0
 *
 * Arenas: zeroed and aligned at any size and after reset, refused at the limit, nothing left. */
#include "sluice/arena.h"
#include "sluice/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void blocks_are_zeroed_and_apart(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test"};
    struct sl_arena arena;
    sl_arena_init(&arena, &account, 1024);
    assert_int_equal(sl_account_used(&account), 0);
    struct sl_random random;
    sl_random_init(&random, 1);
    for (int round = 0; round < 50; round++) {
        unsigned char *blocks[200];
        size_t sizes[200];
        for (size_t i = 0; i < 200; i++) {
            sizes[i] = (size_t)sl_random_below(&random, i % 20 == 0 ? 5000 : 100);
            bool raw = i % 3 == 0;
            blocks[i] =
                raw ? sl_arena_alloc_raw(&arena, sizes[i]) : sl_arena_alloc(&arena, sizes[i]);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % (sizes[i] >= 64 ? 64 : 16), 0);
            for (size_t k = 0; k < sizes[i] && !raw; k++) {
                assert_int_equal(blocks[i][k], 0);
            }
            memset(blocks[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < 200; i++) {
            for (size_t k = 0; k < sizes[i]; k++) {
                assert_int_equal(blocks[i][k], (unsigned char)(i + 1));
            }
        }
        sl_arena_reset(&arena);
        assert_int_equal(sl_arena_used(&arena), 0);
        assert_true(sl_account_used(&account) <= 6000); /* the first chunk alone */
    }
    sl_arena_deinit(&arena);
    sl_arena_deinit(&arena);
    assert_int_equal(sl_account_used(&account), 0);
}

static void a_large_block_leaves_the_current_chunk_in_use(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test"};
    struct sl_arena arena;
    sl_arena_init(&arena, &account, 4096);
    char *before = sl_arena_alloc(&arena, 16);
    assert_non_null(sl_arena_alloc(&arena, 100000));
    char *after = sl_arena_alloc(&arena, 16);
    assert_ptr_equal(after, before + 16);
    assert_true(sl_arena_used(&arena) >= 100032);
    sl_arena_deinit(&arena);
    assert_int_equal(sl_account_used(&account), 0);
}

static void refusals(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test", .limit_bytes = 10000};
    struct sl_arena arena;
    sl_arena_init(&arena, &account, 4096);
    assert_non_null(sl_arena_alloc(&arena, 3000));
    assert_null(sl_arena_alloc(&arena, 6000));
    assert_null(sl_arena_alloc(&arena, SIZE_MAX));
    assert_null(sl_arena_alloc_raw(&arena, SIZE_MAX - 64));
    assert_null(sl_arena_copy(&arena, "x", SIZE_MAX));
    assert_null(sl_arena_printf(&arena, "%9000d", 1));
    assert_non_null(sl_arena_alloc(&arena, 900)); /* still usable */
    sl_arena_deinit(&arena);
    assert_int_equal(sl_account_used(&account), 0);
}

static void zeroed_arena_and_empty_blocks(void **state)
{
    (void)state;
    struct sl_arena arena = {0};
    sl_arena_reset(&arena);
    assert_int_equal(sl_arena_used(&arena), 0);
    assert_non_null(sl_arena_alloc(&arena, 0));
    assert_non_null(SL_ARENA_ARRAY(&arena, int, 100));
    sl_arena_deinit(&arena);
}

static void texts(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena, NULL, 0);
    assert_string_equal(sl_arena_string(&arena, "temp"), "temp");
    assert_string_equal(sl_arena_string(&arena, ""), "");
    assert_string_equal(sl_arena_copy(&arena, "temperature", 4), "temp");
    assert_string_equal(sl_arena_copy(&arena, NULL, 0), "");
    assert_memory_equal(sl_arena_copy(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(sl_arena_printf(&arena, "%s[%d]", "op", 3), "op[3]");
    assert_string_equal(sl_arena_printf(&arena, "%s", ""), "");
    assert_int_equal(strlen(sl_arena_printf(&arena, "%100000d", 1)), 100000);
    sl_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_and_apart),
        cmocka_unit_test(a_large_block_leaves_the_current_chunk_in_use),
        cmocka_unit_test(refusals),
        cmocka_unit_test(zeroed_arena_and_empty_blocks),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
