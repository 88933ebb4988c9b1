/* SPDX-License-Identifier: Apache-2.0
 *
 * The key cache beside the state table alone: whatever it has seen and forgotten, each row gets the
 * table's own pointer. */
#include "operators/key_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sluice/clock.h"

enum { ROWS = 700, KEYS = 3000, ROUNDS = 60, LENGTH_MAX = 40 };

struct fixture {
    struct sl_account account;
    struct sl_arena arena;
    struct sl_state_def def;
    struct sl_state_table *table;
    struct sl_plan_node node;
    struct sl_env env;
    struct sl_schema schema;
    struct sl_column columns[2];
    struct sl_batch batch;
    struct sl_row_keys row_keys;
    struct op_key_cache cache;
};

static const uint32_t COLUMNS[] = {1, 0};

static void open_cache(struct fixture *f, struct sl_type type, uint32_t column_count)
{
    struct sl_error err;
    *f = (struct fixture){.account = {.name = "test"}};
    sl_arena_init(&f->arena, &f->account, 0);
    f->def = (struct sl_state_def){.name = "groups",
                                   .kind = SL_STATE_HASH,
                                   .field_count = 1,
                                   .fields = {{"count", SL_W8}},
                                   .version = 1};
    f->node = (struct sl_plan_node){.states = &f->def, .state_count = 1};
    assert_int_equal(sl_state_table_create(&f->def, &f->account, &f->table, &err), SL_OK);
    f->env = (struct sl_env){
        .node = &f->node, .account = &f->account, .label = "test", .states = &f->table};
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
    op_key_cache_open(&f->cache, f->table, &f->schema, COLUMNS, column_count, &f->account);
}

static void close_cache(struct fixture *f)
{
    op_key_cache_close(&f->cache);
    sl_row_keys_deinit(&f->row_keys);
    sl_state_table_destroy(f->table);
    sl_arena_deinit(&f->arena);
    assert_int_equal(sl_account_used(&f->account), 0);
}

/* Strings that differ in their last byte, or in the middle, or only in their length. */
static struct sl_view make_string(struct fixture *f, uint64_t key)
{
    uint32_t length = (uint32_t)(key % (LENGTH_MAX + 1));
    char *bytes = malloc(length + 1); /* of its own, so that a read past its end is seen */
    char *kept;
    assert_non_null(bytes);
    memset(bytes, key % 2 == 0 ? 0 : 'a', length);
    if (length > 0) {
        bytes[length / 2] = (char)(key / 64);
        bytes[length - 1] = (char)(key / 256);
    }
    kept = sl_arena_copy(&f->arena, bytes, length);
    free(bytes);
    return sl_view_of(kept, length);
}

static void fill(struct fixture *f, struct sl_random *random)
{
    struct sl_vector *keys = &f->batch.columns[1];
    struct sl_error err;
    assert_int_equal(sl_vector_ensure_validity(keys, &f->arena, &err), SL_OK);
    for (uint32_t row = 0; row < ROWS; row++) {
        uint64_t key = sl_random_below(random, KEYS);
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

static void check_rows(struct fixture *f, int64_t name_space, const uint16_t *rows, uint32_t count)
{
    void *values[ROWS];
    struct sl_error err;
    uint16_t selection[ROWS];
    memcpy(selection, rows, count * sizeof *rows);
    struct sl_batch selected = f->batch;
    selected.selection = selection;
    selected.selected_count = count;
    assert_int_equal(op_key_cache_find(&f->cache, &f->batch, name_space, rows, count, values, &err),
                     SL_OK);
    assert_int_equal(
        sl_row_keys_encode(&f->row_keys, &selected, COLUMNS, f->cache.column_count, &err), SL_OK);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *offsets = f->row_keys.offsets + i;
        assert_ptr_equal(values[i],
                         sl_state_find(f->table, name_space, f->row_keys.bytes.data + offsets[0],
                                       offsets[1] - offsets[0], f->row_keys.hashes[i]));
        assert_non_null(values[i]);
    }
}

/* Rows without NULL: those that may be known until they are, then long strings among them. */
static void check_settled(struct fixture *f, int64_t name_space)
{
    struct sl_vector *keys = &f->batch.columns[1];
    uint64_t *validity = keys->validity;
    uint16_t rows[2][ROWS];
    uint32_t counts[2] = {0, 0};
    for (uint16_t row = 0; row < ROWS; row++) {
        bool is_long = keys->physical == SL_VIEW && ((struct sl_view *)keys->data)[row].length > 16;
        if (sl_bitmap_get(validity, row)) {
            rows[1][counts[1]++] = row;
        }
        if (sl_bitmap_get(validity, row) && !is_long) {
            rows[0][counts[0]++] = row;
        }
    }
    keys->validity = NULL;
    for (uint32_t i = 0; i < 6; i++) {
        check_rows(f, name_space, rows[i / 4], counts[i / 4]);
    }
    keys->validity = validity;
}

static void run(struct sl_type type, uint32_t column_count)
{
    static struct fixture f;
    struct sl_random random;
    sl_random_init(&random, 11);
    open_cache(&f, type, column_count);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint16_t rows[ROWS];
        uint32_t count = 0;
        int64_t name_space = (int64_t)round / 8 + (int64_t)sl_random_below(&random, 12);
        fill(&f, &random);
        for (uint16_t row = 0; row < ROWS; row++) {
            if (round % 3 != 0 || sl_random_below(&random, 10) < 7) {
                rows[count++] = row;
            }
        }
        check_rows(&f, name_space, rows, count);
        check_settled(&f, name_space);
        if (round % 8 == 7) {
            op_key_cache_forget(&f.cache, (int64_t)round / 8);
            sl_state_drop(f.table, (int64_t)round / 8);
        }
        if (round % 20 == 19) {
            op_key_cache_forget(&f.cache, INT64_MAX);
        }
    }
    close_cache(&f);
}

static void test_types(void **state)
{
    const struct sl_type types[] = {
        sl_type_of(SL_TYPE_BOOLEAN),  sl_type_of(SL_TYPE_TINYINT),
        sl_type_of(SL_TYPE_SMALLINT), sl_type_of(SL_TYPE_INT),
        sl_type_of(SL_TYPE_BIGINT),   sl_type_of(SL_TYPE_DOUBLE),
        sl_type_decimal(38, 0),       sl_type_string(),
    };
    (void)state;
    for (uint32_t i = 0; i < SL_COUNT_OF(types); i++) {
        run(types[i], 1);
    }
}

static void test_other_keys(void **state)
{
    (void)state;
    run(sl_type_string(), 2);
    run(sl_type_of(SL_TYPE_BIGINT), 0);
}

/* Two bit patterns of a double are one key. */
static void test_zeros(void **state)
{
    static struct fixture f;
    const uint16_t rows[] = {0, 1};
    (void)state;
    open_cache(&f, sl_type_of(SL_TYPE_DOUBLE), 1);
    ((double *)f.batch.columns[1].data)[0] = 0.0;
    ((double *)f.batch.columns[1].data)[1] = -0.0;
    check_rows(&f, 0, rows, 2);
    assert_int_equal(sl_state_stats(f.table).entry_count, 1);
    close_cache(&f);
}

/* The first touch after it was told to forget is the table's, so that the page is marked. */
static void test_dirty_after_forget(void **state)
{
    static struct fixture f;
    const uint16_t rows[] = {0};
    struct sl_text out;
    struct sl_error err;
    (void)state;
    open_cache(&f, sl_type_of(SL_TYPE_BIGINT), 1);
    check_rows(&f, 0, rows, 1);
    sl_text_init(&out, &f.account, 0);
    op_key_cache_forget(&f.cache, INT64_MAX);
    assert_int_equal(sl_state_snapshot(f.table, 0, UINT32_MAX, &out, &err), SL_OK);
    assert_int_equal(sl_state_stats(f.table).dirty_page_count, 0);
    void *value;
    assert_int_equal(op_key_cache_find(&f.cache, &f.batch, 0, rows, 1, &value, &err), SL_OK);
    assert_int_equal(sl_state_stats(f.table).dirty_page_count, 1);
    sl_text_deinit(&out);
    close_cache(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_dirty_after_forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
