/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of cores, and threads that are born on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "engine/affinity.h"

static const struct {
    const char *text;
    const char *cores; /* NULL = refused */
} lists[] = {
    {"", ""},          {"0", "0,"},   {"3,1", "3,1,"}, {"0-2", "0,1,2,"},     {"5,0-1", "5,0,1,"},
    {"1023", "1023,"}, {"7-7", "7,"}, {"1024", NULL},  {"0,0", NULL},         {"0-2,1", NULL},
    {"2-1", NULL},     {"-1", NULL},  {"a", NULL},     {",", NULL},           {"0,", NULL},
    {"0--1", NULL},    {"0-", NULL},  {"0 1", NULL},   {"99999999999", NULL},
};

static void test_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct eng_cores cores;
        struct sl_error err = {0};
        char text[64] = "";
        enum sl_status status = eng_cores_parse(lists[i].text, &cores, &err);
        if (lists[i].cores == NULL) {
            assert_int_equal(status, SL_OPTION);
            assert_non_null(strstr(err.text, lists[i].text));
            continue;
        }
        assert_int_equal(status, SL_OK);
        for (uint32_t core = 0; core < cores.count; core++) {
            size_t length = strlen(text);
            snprintf(text + length, sizeof text - length, "%u,", cores.items[core]);
        }
        assert_string_equal(text, lists[i].cores);
    }
}

static void *cores_here(void *user)
{
    sched_getaffinity(0, sizeof(cpu_set_t), user);
    return NULL;
}

static void test_threads_stay(void **state)
{
    cpu_set_t all;
    cpu_set_t before;
    cpu_set_t born;
    cpu_set_t after;
    struct eng_cores cores = {.count = 1};
    struct sl_error err = {0};
    pthread_t thread;
    (void)state;
    cores_here(&all);
    while (!CPU_ISSET(cores.items[0], &all)) {
        cores.items[0]++;
    }
    assert_int_equal(eng_cores_enter(&cores, 5, &before, &err), SL_OK);
    assert_int_equal(pthread_create(&thread, NULL, cores_here, &born), 0);
    pthread_join(thread, NULL);
    eng_cores_leave(&cores, &before);
    cores_here(&after);
    assert_int_equal(CPU_COUNT(&born), 1);
    assert_true(CPU_ISSET(cores.items[0], &born));
    assert_true(CPU_EQUAL(&after, &all));
}

static void test_core_that_is_not_there(void **state)
{
    struct eng_cores cores = {.items = {CPU_SETSIZE - 1}, .count = 1};
    cpu_set_t before;
    struct sl_error err = {0};
    (void)state;
    assert_int_equal(eng_cores_enter(&cores, 0, &before, &err), SL_OPTION);
    assert_non_null(strstr(err.text, "1023"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_threads_stay),
        cmocka_unit_test(test_core_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
