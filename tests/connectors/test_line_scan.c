/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines on every CPU level, against looking at each byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connectors/cpu_level.h"
#include "connectors/line_scan.h"
#include "sluice/clock.h"

enum { DATA_BYTES = 700, READABLE_BYTES = 64, LINES_MAX = 800, ROUNDS = 20000 };

static uint32_t scan_naively(const char *data, size_t length, struct sl_span *spans,
                             int64_t *starts, uint32_t capacity, size_t *used)
{
    uint32_t count = 0;
    *used = 0;
    for (size_t i = 0; i < length && count < capacity; i++) {
        if (data[i] == '\n') {
            size_t end = i > *used && data[i - 1] == '\r' ? i - 1 : i;
            spans[count] =
                (struct sl_span){.data = data + *used, .length = (uint32_t)(end - *used)};
            starts[count++] = (int64_t)*used;
            *used = i + 1;
        }
    }
    return count;
}

static void check(const char *data, size_t length, uint32_t capacity)
{
    static struct sl_span spans[2][LINES_MAX];
    static int64_t starts[2][LINES_MAX];
    size_t used[2];
    uint32_t expected = scan_naively(data, length, spans[0], starts[0], capacity, &used[0]);
    uint32_t count = conn_scan_lines(data, length, spans[1], starts[1], capacity, &used[1]);
    assert_int_equal(count, expected);
    assert_int_equal(used[0], used[1]);
    for (uint32_t i = 0; i < count; i++) {
        assert_ptr_equal(spans[0][i].data, spans[1][i].data);
        assert_int_equal(spans[0][i].length, spans[1][i].length);
        assert_int_equal(starts[0][i], starts[1][i]);
    }
}

/* How often newlines come is drawn, too: none to nothing else. */
static void test_random(void **state)
{
    struct sl_random random;
    (void)state;
    sl_random_init(&random, 11);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        size_t length = (size_t)sl_random_below(&random, DATA_BYTES);
        uint64_t rarity = 1 + sl_random_below(&random, 200);
        char *data = malloc(length + READABLE_BYTES);
        for (size_t i = 0; i < length + READABLE_BYTES; i++) {
            uint64_t drawn = sl_random_below(&random, rarity);
            data[i] = (char)(drawn == 0 ? '\n' : drawn == 1 ? '\r' : 'a');
        }
        check(data, length, 1 + (uint32_t)sl_random_below(&random, LINES_MAX));
        free(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    int failed = 0;
    for (uint32_t level = 0; level < CONN_CPU_LEVELS; level++) {
        if (conn_cpu_level_force((enum conn_cpu_level)level)) {
            failed += cmocka_run_group_tests(tests, NULL, NULL);
        }
    }
    return failed;
}
