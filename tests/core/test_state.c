/* SPDX-License-Identifier: Apache-2.0
 *
 * State tables against a naive model: random adds, removals, drops, snapshots and restores must
 * agree with plain arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sluice/clock.h"
#include "sluice/state.h"

enum { KEYS = 700, SPACES = 5 };

static const struct sl_state_def counter_def = {
    .name = "counters",
    .kind = SL_STATE_HASH,
    .field_count = 3,
    .fields = {{"flag", SL_W1}, {"sum", SL_W16}, {"text", SL_VIEW}},
};

struct model {
    bool present[SPACES][KEYS];
    int64_t sum[SPACES][KEYS];
};

static size_t key_of(uint32_t key, char *out)
{
    return (size_t)snprintf(out, 64, "%.*skey-%u", (int)(key % 40),
                            "........................................", key);
}

static char *value_of(struct sl_state_table *table, int64_t space, uint32_t key)
{
    char text[64];
    size_t length = key_of(key, text);
    return sl_state_find(table, space, text, length, sl_hash_bytes(text, length));
}

static void add(struct sl_state_table *table, struct model *model, int64_t space, uint32_t key,
                int64_t delta)
{
    char text[64];
    size_t length = key_of(key, text);
    void *value = NULL;
    bool is_new = false;
    struct sl_error err;
    assert_int_equal(sl_state_add(table, space, text, length, sl_hash_bytes(text, length), &value,
                                  &is_new, &err),
                     SL_OK);
    assert_int_equal(is_new, !model->present[space][key]);
    model->present[space][key] = true;
    model->sum[space][key] += delta;
    sl_int128 sum;
    char *field = (char *)value + sl_state_field_offset(&counter_def, 1);
    memcpy(&sum, field, sizeof sum);
    sum += delta;
    memcpy(field, &sum, sizeof sum);
    char digits[80];
    int count = snprintf(digits, sizeof digits, "%lld%.*s", (long long)sum, (int)(key % 30),
                         "##############################");
    struct sl_state_string *string =
        (void *)((char *)value + sl_state_field_offset(&counter_def, 2));
    assert_int_equal(sl_state_string_set(table, string, digits, (size_t)count, &err), SL_OK);
}

static void check(struct sl_state_table *table, const struct model *model, uint32_t first_group,
                  uint32_t last_group)
{
    for (uint32_t space = 0; space < SPACES; space++) {
        for (uint32_t key = 0; key < KEYS; key++) {
            char text[80];
            size_t length = key_of(key, text);
            uint32_t group = sl_key_group(sl_hash_bytes(text, length));
            bool expected =
                model->present[space][key] && group >= first_group && group <= last_group;
            char *value = value_of(table, space, key);
            assert_int_equal(value != NULL, expected);
            if (!expected) {
                continue;
            }
            sl_int128 sum;
            memcpy(&sum, value + sl_state_field_offset(&counter_def, 1), sizeof sum);
            assert_true(sum == model->sum[space][key]);
            int count = snprintf(text, sizeof text, "%lld%.*s", (long long)sum, (int)(key % 30),
                                 "##############################");
            const struct sl_state_string *string =
                (const void *)(value + sl_state_field_offset(&counter_def, 2));
            assert_int_equal(string->length, count);
            assert_memory_equal(sl_state_string_data(table, string), text, (size_t)count);
        }
    }
}

static void remove_key(struct sl_state_table *table, struct model *model, int64_t space,
                       uint32_t key)
{
    char text[64];
    size_t length = key_of(key, text);
    sl_state_remove(table, space, text, length, sl_hash_bytes(text, length));
    model->present[space][key] = false;
    model->sum[space][key] = 0;
}

static void test_random_operations_match_a_model(void **state)
{
    (void)state;
    struct sl_account account = {.name = "test"};
    struct sl_state_table *table = NULL;
    struct sl_error err;
    struct sl_random random;
    struct model *model = calloc(1, sizeof *model);
    sl_random_init(&random, 7);
    assert_int_equal(sl_state_table_create(&counter_def, &account, &table, &err), SL_OK);
    for (uint32_t step = 0; step < 40000; step++) {
        uint32_t space = (uint32_t)sl_random_below(&random, SPACES);
        uint32_t key = (uint32_t)sl_random_below(&random, KEYS);
        uint64_t choice = sl_random_below(&random, 1000);
        if (choice == 0) {
            sl_state_drop(table, space);
            memset(model->present[space], 0, sizeof model->present[space]);
            memset(model->sum[space], 0, sizeof model->sum[space]);
        } else if (choice < 300) {
            remove_key(table, model, space, key);
        } else {
            add(table, model, space, key, (int64_t)sl_random_below(&random, 1000) - 300);
        }
    }
    check(table, model, 0, SL_KEY_GROUP_COUNT - 1);
    sl_state_table_destroy(table);
    assert_int_equal(sl_account_used(&account), 0);
    free(model);
}

static void test_snapshot_is_dealt_out_by_key_group(void **state)
{
    (void)state;
    struct sl_state_table *table = NULL;
    struct sl_state_table *halves[2] = {NULL, NULL};
    struct sl_error err;
    struct sl_text bytes;
    struct model *model = calloc(1, sizeof *model);
    sl_text_init(&bytes, NULL, 0);
    assert_int_equal(sl_state_table_create(&counter_def, NULL, &table, &err), SL_OK);
    for (uint32_t i = 0; i < 3000; i++) {
        add(table, model, i % SPACES, (i * 7) % KEYS, i);
    }
    assert_true(sl_state_stats(table).dirty_page_count > 0);
    assert_int_equal(sl_state_snapshot(table, 0, SL_KEY_GROUP_COUNT - 1, &bytes, &err), SL_OK);
    assert_int_equal(sl_state_stats(table).dirty_page_count, 0);
    for (uint32_t half = 0; half < 2; half++) {
        uint32_t first = half * 64;
        assert_int_equal(sl_state_table_create(&counter_def, NULL, &halves[half], &err), SL_OK);
        assert_int_equal(
            sl_state_restore(halves[half], first, first + 63, bytes.data, bytes.length, &err),
            SL_OK);
        check(halves[half], model, first, first + 63);
        sl_state_table_destroy(halves[half]);
    }
    for (size_t cut = 0; cut < bytes.length;
         cut += 97) { /* every damaged snapshot is refused, none crashes */
        struct sl_state_table *victim = NULL;
        assert_int_equal(sl_state_table_create(&counter_def, NULL, &victim, &err), SL_OK);
        assert_int_not_equal(sl_state_restore(victim, 0, 127, bytes.data, cut, &err), SL_OK);
        sl_state_table_destroy(victim);
    }
    sl_text_deinit(&bytes);
    sl_state_table_destroy(table);
    free(model);
}

static void test_list_rows_add_up_and_cancel(void **state)
{
    (void)state;
    static const struct sl_state_def def = {.name = "rows", .kind = SL_STATE_LIST};
    struct sl_state_table *table = NULL;
    struct sl_error err;
    uint64_t hash = sl_hash_bytes("k", 1);
    assert_int_equal(sl_state_table_create(&def, NULL, &table, &err), SL_OK);
    static const struct {
        const char *row;
        int64_t weight;
    } steps[] = {{"one", 1}, {"two", 1}, {"one", 1}, {"three", -1}, {"two", -1}, {"three", 1}};
    for (size_t i = 0; i < SL_COUNT_OF(steps); i++) {
        assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, steps[i].row,
                                           strlen(steps[i].row), steps[i].weight, &err),
                         SL_OK);
    }
    uint64_t cursor = 0;
    const char *row = NULL;
    size_t row_bytes = 0;
    int64_t weight = 0;
    assert_true(sl_state_list_next(table, 0, "k", 1, hash, &cursor, &row, &row_bytes, &weight));
    assert_int_equal(row_bytes, 3);
    assert_memory_equal(row, "one", 3);
    assert_int_equal(weight, 2);
    assert_false(sl_state_list_next(table, 0, "k", 1, hash, &cursor, &row, &row_bytes, &weight));
    assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, "one", 3, -2, &err), SL_OK);
    assert_int_equal(sl_state_stats(table).entry_count, 0);
    sl_state_table_destroy(table);
}

/* What cannot be added, or is nothing, leaves the list as it was. */
static void test_list_weights_at_their_limits(void **state)
{
    (void)state;
    static const struct sl_state_def def = {.name = "rows", .kind = SL_STATE_LIST};
    struct sl_state_table *table = NULL;
    struct sl_error err;
    uint64_t hash = sl_hash_bytes("k", 1);
    assert_int_equal(sl_state_table_create(&def, NULL, &table, &err), SL_OK);
    assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, "one", 3, 0, &err), SL_OK);
    assert_int_equal(sl_state_stats(table).entry_count, 0);
    assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, "one", 3, INT64_MIN, &err), SL_OK);
    assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, "two", 3, 0, &err), SL_OK);
    assert_int_equal(sl_state_list_add(table, 0, "k", 1, hash, "one", 3, INT64_MIN, &err),
                     SL_CORRUPT);
    uint64_t cursor = 0;
    const char *row = NULL;
    size_t row_bytes = 0;
    int64_t weight = 0;
    assert_true(sl_state_list_next(table, 0, "k", 1, hash, &cursor, &row, &row_bytes, &weight));
    assert_true(weight == INT64_MIN);
    assert_false(sl_state_list_next(table, 0, "k", 1, hash, &cursor, &row, &row_bytes, &weight));
    sl_state_table_destroy(table);
}

static void test_limit_is_an_error_that_names_the_table(void **state)
{
    (void)state;
    struct sl_account account = {.name = "small", .limit_bytes = 64 * 1024};
    struct sl_state_table *table = NULL;
    struct sl_error err = {0};
    enum sl_status status = SL_OK;
    assert_int_equal(sl_state_table_create(&counter_def, &account, &table, &err), SL_OK);
    for (uint32_t i = 0; i < 100000 && status == SL_OK; i++) {
        void *value = NULL;
        status = sl_state_add(table, 0, (const char *)&i, sizeof i, sl_hash_bytes(&i, sizeof i),
                              &value, NULL, &err);
    }
    assert_int_equal(status, SL_LIMIT);
    assert_non_null(strstr(err.text, "'counters'"));
    sl_state_table_destroy(table);
    assert_int_equal(sl_account_used(&account), 0);
}

enum { LONG_KEY_BYTES = 50000 };

/* Adds keys first, first + 1, ... until the table is full; every 500th is a long one. Each value
 * must begin as zeroes, and holds the key from then on. */
static uint32_t fill_space(struct sl_state_table *table, int64_t space, uint32_t limit)
{
    static const struct sl_state_def *def = &counter_def;
    static char key[LONG_KEY_BYTES];
    uint32_t bytes = sl_state_value_bytes(def);
    for (uint32_t i = 0; i < limit; i++) {
        static const char zeroes[64] = {0};
        size_t length = i % 500 == 499 ? sizeof key : sizeof i + i % 30;
        void *value = NULL;
        bool is_new = false;
        struct sl_error err;
        memcpy(key, &i, sizeof i);
        if (sl_state_add(table, space, key, length, sl_hash_bytes(key, length), &value, &is_new,
                         &err) != SL_OK) {
            return i;
        }
        assert_true(is_new);
        assert_true(bytes <= sizeof zeroes);
        assert_memory_equal(value, zeroes, bytes);
        memset((char *)value + sl_state_field_offset(def, 0), 1, 1);
        memset((char *)value + sl_state_field_offset(def, 1), 0xAA, 16);
    }
    return limit;
}

/* Windows come and go: their memory serves the next ones, and never more than the limit allows. */
static void test_dropped_spaces_serve_the_next(void **state)
{
    static const uint32_t sizes[] = {10, 3000, 3000, 100, 5000, 1, 20000, 3000};
    (void)state;
    for (int64_t limit_bytes = 0; limit_bytes <= 4 << 20; limit_bytes += 1 << 20) {
        struct sl_account account = {.name = "windows", .limit_bytes = limit_bytes};
        struct sl_state_table *table = NULL;
        struct sl_error err;
        assert_int_equal(sl_state_table_create(&counter_def, &account, &table, &err), SL_OK);
        uint32_t alone = fill_space(table, -1, 1000000 / (limit_bytes == 0 ? 20 : 1));
        sl_state_drop(table, -1);
        for (int64_t window = 0; window < 40; window++) {
            fill_space(table, window, sizes[window % (int64_t)SL_COUNT_OF(sizes)]);
            sl_state_drop(table, window - window % 3);
        }
        for (int64_t window = 0; window < 40; window++) {
            sl_state_drop(table, window);
        }
        assert_int_equal(sl_state_stats(table).entry_count, 0);
        assert_true(fill_space(table, 100, alone) >= alone - alone / 10);
        sl_state_table_destroy(table);
        assert_int_equal(sl_account_used(&account), 0);
    }
}

static void test_namespaces_are_walked_in_order(void **state)
{
    (void)state;
    struct sl_state_table *table = NULL;
    struct sl_error err;
    static const int64_t order[] = {30, -10, 20, INT64_MIN, 10};
    static const int64_t sorted[] = {INT64_MIN, -10, 10, 20, 30};
    void *value = NULL;
    assert_int_equal(sl_state_table_create(&counter_def, NULL, &table, &err), SL_OK);
    for (size_t i = 0; i < SL_COUNT_OF(order); i++) {
        assert_int_equal(
            sl_state_add(table, order[i], "", 0, sl_hash_bytes("", 0), &value, NULL, &err), SL_OK);
    }
    int64_t from = INT64_MIN;
    for (size_t i = 0; i < SL_COUNT_OF(sorted); i++) {
        int64_t name_space = 0;
        assert_true(sl_state_next_namespace(table, from, &name_space));
        assert_int_equal(name_space, sorted[i]);
        from = name_space + 1;
    }
    assert_false(sl_state_next_namespace(table, from, &from));
    sl_state_table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_operations_match_a_model),
        cmocka_unit_test(test_snapshot_is_dealt_out_by_key_group),
        cmocka_unit_test(test_list_rows_add_up_and_cancel),
        cmocka_unit_test(test_list_weights_at_their_limits),
        cmocka_unit_test(test_limit_is_an_error_that_names_the_table),
        cmocka_unit_test(test_dropped_spaces_serve_the_next),
        cmocka_unit_test(test_namespaces_are_walked_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
