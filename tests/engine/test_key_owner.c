/* SPDX-License-Identifier: Apache-2.0
 *
 * The owners that are remembered beside those that the hash of the encoded key says: new keys,
 * known ones, NULLs, strings of all lengths, selections. */
#include "engine/key_owner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sluice/clock.h"
#include "sluice/hash.h"

enum { ROWS = 700, ROUNDS = 40, WORKERS = 3, LENGTH_MAX = 20 };

struct fixture {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_column columns[2];
    struct sl_schema schema;
    struct sl_batch batch;
    struct sl_row_keys row_keys;
    struct eng_key_owners owners;
};

static const uint32_t COLUMNS[] = {1, 0};

static void open_owners(struct fixture *f, struct sl_type type, uint32_t column_count)
{
    struct sl_error err;
    *f = (struct fixture){.account = {.name = "test"}};
    sl_arena_init(&f->arena, &f->account, 0);
    f->columns[0] = (struct sl_column){"other", sl_type_of(SL_TYPE_SMALLINT)};
    f->columns[1] = (struct sl_column){"key", type};
    f->schema = (struct sl_schema){2, f->columns};
    f->batch = (struct sl_batch){.schema = &f->schema, .row_count = ROWS, .selected_count = ROWS};
    f->batch.columns = SL_ARENA_ARRAY(&f->arena, struct sl_vector, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(
            sl_vector_init(&f->batch.columns[i], &f->columns[i].type, ROWS, &f->arena, &err),
            SL_OK);
    }
    sl_row_keys_init(&f->row_keys, &f->account);
    eng_key_owners_open(&f->owners, &f->schema, COLUMNS, column_count, WORKERS, &f->account);
}

static void close_owners(struct fixture *f)
{
    eng_key_owners_close(&f->owners);
    sl_row_keys_deinit(&f->row_keys);
    sl_arena_deinit(&f->arena);
    assert_int_equal(sl_account_used(&f->account), 0);
}

/* A string whose length, first and last bytes depend on the key. */
static struct sl_view make_string(struct fixture *f, uint64_t key)
{
    char bytes[LENGTH_MAX] = {0};
    uint32_t length = (uint32_t)(key % (LENGTH_MAX + 1));
    if (length > 0) {
        bytes[length / 2] = (char)(key / 64);
        bytes[length - 1] = (char)(key / 256);
    }
    return sl_view_of(sl_arena_copy(&f->arena, bytes, length), length);
}

static void fill(struct fixture *f, struct sl_random *random, uint32_t key_count)
{
    struct sl_vector *keys = &f->batch.columns[1];
    struct sl_error err;
    assert_int_equal(sl_vector_ensure_validity(keys, &f->arena, &err), SL_OK);
    for (uint32_t row = 0; row < ROWS; row++) {
        uint64_t key = sl_random_below(random, key_count);
        ((int16_t *)f->batch.columns[0].data)[row] = (int16_t)(key % 7);
        sl_bitmap_set(keys->validity, row);
        if (key % 50 == 49) {
            sl_vector_set_null(keys, row);
        } else if (keys->physical == SL_VIEW) {
            ((struct sl_view *)keys->data)[row] = make_string(f, key);
        } else {
            memcpy((char *)keys->data + (size_t)row * sl_physical_width(keys->physical), &key,
                   SL_MIN(sl_physical_width(keys->physical), (uint32_t)sizeof key));
        }
    }
}

static void check(struct fixture *f)
{
    uint8_t workers[ROWS];
    struct sl_error err;
    assert_int_equal(eng_key_owners_find(&f->owners, &f->batch, workers, &err), SL_OK);
    assert_int_equal(
        sl_row_keys_encode(&f->row_keys, &f->batch, COLUMNS, f->owners.column_count, &err), SL_OK);
    for (uint32_t i = 0; i < f->batch.selected_count; i++) {
        uint32_t group = sl_key_group(f->row_keys.hashes[i]);
        assert_int_equal(workers[i], sl_key_group_worker(group, WORKERS));
    }
}

static void check_type(struct sl_type type, uint32_t column_count)
{
    struct fixture f;
    struct sl_random random;
    uint16_t selection[ROWS];
    sl_random_init(&random, 3);
    open_owners(&f, type, column_count);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        fill(&f, &random, round % 2 == 0 ? 500 : 100000);
        check(&f);
        f.batch.selection = selection;
        f.batch.selected_count = 0;
        for (uint32_t row = 0; row < ROWS; row += 1 + (uint32_t)sl_random_below(&random, 3)) {
            selection[f.batch.selected_count++] = (uint16_t)row;
        }
        check(&f);
        f.batch.columns[1].encoding = SL_CONST;
        check(&f);
        f.batch.columns[1].encoding = SL_FLAT;
        f.batch.selection = NULL;
        f.batch.selected_count = ROWS;
    }
    close_owners(&f);
}

static void test_one_column(void **state)
{
    static const enum sl_type_id TYPES[] = {SL_TYPE_SMALLINT, SL_TYPE_INT, SL_TYPE_BIGINT,
                                            SL_TYPE_DOUBLE, SL_TYPE_VARCHAR};
    (void)state;
    for (uint32_t i = 0; i < SL_COUNT_OF(TYPES); i++) {
        check_type(TYPES[i] == SL_TYPE_VARCHAR ? sl_type_string() : sl_type_of(TYPES[i]), 1);
    }
}

static void test_several_columns(void **state)
{
    (void)state;
    check_type(sl_type_string(), 2);
}

/* Without memory to remember keys in, all are encoded. */
static void test_no_memory(void **state)
{
    (void)state;
    struct fixture f;
    struct sl_random random;
    sl_random_init(&random, 3);
    open_owners(&f, sl_type_of(SL_TYPE_BIGINT), 1);
    struct eng_key_owners kept = f.owners;
    f.owners.known = NULL;
    fill(&f, &random, 500);
    check(&f);
    kept.row_keys = f.owners.row_keys;
    f.owners = kept;
    close_owners(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_column),
        cmocka_unit_test(test_several_columns),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
