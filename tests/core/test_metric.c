/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics: found again by all of their labels, visited in order, read while others add. */
#include "sluice/metric.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void metrics_are_found_again(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test"};
    struct sl_metric_set *set = sl_metric_set_create(&account);
    assert_non_null(set);
    char name[] = "numRecordsIn";
    struct sl_metric *first =
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, name, "filter[1]", "", 0);
    assert_non_null(first);
    name[0] = 'x'; /* the registry has its own copy */
    assert_string_equal(first->name, "numRecordsIn");
    struct sl_metric *others[] = {
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "filter[2]", "", 0),
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "filter[1]", "late", 0),
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "filter[1]", "", 1),
        sl_metric_find_or_add(set, SL_METRIC_GAUGE, "numRecordsIn", "filter[1]", "", 0),
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsOut", "filter[1]", "", 0),
    };
    for (size_t i = 0; i < SL_COUNT_OF(others); i++) {
        assert_non_null(others[i]);
        assert_ptr_not_equal(others[i], first);
        assert_int_equal((uintptr_t)others[i] % SL_CACHE_LINE_BYTES, 0);
    }
    assert_ptr_equal(
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "filter[1]", NULL, 0), first);
    sl_metric_set_destroy(set);
    sl_metric_set_destroy(NULL);
    assert_int_equal(sl_account_used(&account), 0);
}

static void count_visit(void *user, const struct sl_metric *metric)
{
    char text[32];
    snprintf(text, sizeof(text), "%s%d ", metric->name, (int)sl_metric_get(metric));
    strncat(user, text, 100);
}

static void values_are_summed_and_visited(void **state)
{
    (void)state;
    struct sl_metric_set *set = sl_metric_set_create(NULL);
    struct sl_metric *a = sl_metric_find_or_add(set, SL_METRIC_COUNTER, "rejected", "", "json", 0);
    struct sl_metric *b = sl_metric_find_or_add(set, SL_METRIC_COUNTER, "rejected", "", "cast", 1);
    struct sl_metric *c = sl_metric_find_or_add(set, SL_METRIC_GAUGE, "depth", "", "", 0);
    sl_metric_add(a, 3);
    sl_metric_add(a, 4);
    sl_metric_add(b, 10);
    sl_metric_set_value(c, -5);
    assert_int_equal(sl_metric_set_sum(set, "rejected", NULL), 17);
    assert_int_equal(sl_metric_set_sum(set, "rejected", "json"), 7);
    assert_int_equal(sl_metric_set_sum(set, "rejected", "none"), 0);
    assert_int_equal(sl_metric_set_sum(set, "nothing", NULL), 0);
    char visited[128] = "";
    sl_metric_set_visit(set, count_visit, visited);
    assert_string_equal(visited, "rejected7 rejected10 depth-5 ");
    sl_metric_set_destroy(set);
}

static void refusals_are_harmless(void **state)
{
    (void)state;
    struct sl_account none = {.name = "test", .limit_bytes = 1};
    assert_null(sl_metric_set_create(&none));
    struct sl_account little = {.name = "test", .limit_bytes = 4096};
    struct sl_metric_set *set = sl_metric_set_create(&little);
    assert_non_null(set);
    assert_null(sl_metric_find_or_add(set, SL_METRIC_COUNTER, "a", "", "", 0));
    assert_int_equal(sl_metric_set_sum(set, "a", NULL), 0);
    sl_metric_set_destroy(set);
    sl_metric_add(NULL, 1);
    sl_metric_set_value(NULL, 1);
    assert_int_equal(sl_metric_get(NULL), 0);
    assert_int_equal(sl_account_used(&little), 0);
}

struct worker {
    struct sl_metric_set *set;
    uint32_t worker_idx;
};

static void *add_many(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < 200; i++) {
        char label[16];
        snprintf(label, sizeof(label), "op[%d]", i % 20);
        struct sl_metric *metric = sl_metric_find_or_add(worker->set, SL_METRIC_COUNTER, "n", label,
                                                         "", worker->worker_idx);
        for (int k = 0; k < 10; k++) {
            sl_metric_add(metric, 1);
        }
    }
    return NULL;
}

static void readers_and_adders_together(void **state)
{
    (void)state;
    struct sl_metric_set *set = sl_metric_set_create(NULL);
    struct worker workers[3];
    pthread_t threads[3];
    for (uint32_t i = 0; i < 3; i++) {
        workers[i] = (struct worker){.set = set, .worker_idx = i};
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &workers[i]), 0);
    }
    int64_t last = 0;
    for (int i = 0; i < 500; i++) {
        int64_t sum = sl_metric_set_sum(set, "n", NULL);
        assert_true(sum >= last && sum <= 6000);
        last = sum;
    }
    for (size_t i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(sl_metric_set_sum(set, "n", ""), 6000);
    sl_metric_set_destroy(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_found_again),
        cmocka_unit_test(values_are_summed_and_visited),
        cmocka_unit_test(refusals_are_harmless),
        cmocka_unit_test(readers_and_adders_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
