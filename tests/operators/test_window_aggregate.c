/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY window and keys: raw input, local and global halves, late rows, overlapping windows,
 * restore. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support_aggregate.h"

static const struct drive_spec TUMBLE = {
    .kind = "global_window_aggregate",
    .input = "ts TIMESTAMP(3), k STRING, v BIGINT",
    .keys = "k",
    .aggregates = "COUNT(*) AVG(v)",
    .assigner = "TUMBLE",
    .size_ms = 10000,
};

#define T(second) "1970-01-01 00:00:" second ".000"

static void test_tumble(void **test_state)
{
    struct drive drive;
    (void)test_state;
    drive_init(&drive, &TUMBLE);
    drive_open(&drive);
    drive_rows(&drive, T("01") "|a|1\n" T("09") "|b|5\n" T("02") "|a|4\n" T("11") "|a|7\n");
    drive_expect(&drive, "");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9998);
    drive_expect(&drive, "watermark 9998\n");
    drive_rows(&drive, T("03") "|b|NULL\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9999);
    drive_expect(&drive, "a|2|2|1970-01-01 00:00:00.000|1970-01-01 00:00:10.000|1970-01-01 "
                         "00:00:09.999\n"
                         "b|2|5|1970-01-01 00:00:00.000|1970-01-01 00:00:10.000|1970-01-01 "
                         "00:00:09.999\n"
                         "watermark 9999\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    drive_expect(&drive, "a|1|7|1970-01-01 00:00:10.000|1970-01-01 00:00:20.000|1970-01-01 "
                         "00:00:19.999\n"
                         "watermark 9223372036854775807\n");
    assert_int_equal(sl_state_stats(drive.support.states[0]).namespace_count, 0);
    drive_close(&drive);
}

static const struct drive_spec HOP = {
    .kind = "global_window_aggregate",
    .input = "ts TIMESTAMP(3), k STRING, v BIGINT",
    .keys = "k",
    .aggregates = "COUNT(*) SUM(v) MAX(v) MIN(k)",
    .assigner = "HOP",
    .size_ms = 10000,
    .slide_ms = 5000,
};

#define WINDOW(start, end, time) "|" T(start) "|" T(end) "|1970-01-01 00:00:" time ".999\n"

/* A row is late only when the last window that contains it has fired. */
static void test_late(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    drive_init(&drive, &TUMBLE);
    drive_open(&drive);
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9999);
    drive_rows(&drive, T("09") "|a|1\n" T("10") "|a|2\n" T("00") "|b|3\n");
    drive_expect(&drive, "watermark 9999\n"
                         "late late: {\"ts\":\"1970-01-01 00:00:09.000\",\"k\":\"a\",\"v\":1}\n"
                         "late late: {\"ts\":\"1970-01-01 00:00:00.000\",\"k\":\"b\",\"v\":3}\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    drive_expect(&drive, "a|1|2" WINDOW("10", "20", "19") "watermark 9223372036854775807\n");
    drive_close(&drive);
}

static void test_hop(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    drive_init(&drive, &HOP);
    drive_open(&drive);
    drive_rows(&drive, T("01") "|a|1\n" T("06") "|a|2\n" T("07") "|b|3\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 4999);
    drive_expect(&drive, "a|1|1|1|a|1969-12-31 23:59:55.000|" T("05") "|1970-01-01 00:00:04.999\n"
                                                                      "watermark 4999\n");
    /* Still in the window that ends at 10 s. */
    drive_rows(&drive, T("02") "|b|9\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 14999);
    drive_expect(&drive, "a|2|3|2|a" WINDOW("00", "10", "09") "b|2|12|9|b" WINDOW(
                             "00", "10",
                             "09") "a|1|2|2|a" WINDOW("05", "15",
                                                      "14") "b|1|3|3|"
                                                            "b" WINDOW("05", "15",
                                                                       "14") "watermark 14999\n");
    assert_int_equal(sl_state_stats(drive.support.states[0]).namespace_count, 0);
    drive_rows(&drive, T("04") "|b|1\n");
    drive_expect(&drive, "late late: {\"ts\":\"1970-01-01 00:00:04.000\",\"k\":\"b\",\"v\":1}\n");
    drive_close(&drive);
}

static void test_bad_rowtime(void **test_state)
{
    static struct drive drive;
    (void)test_state;
    drive_init(&drive, &TUMBLE);
    drive_open(&drive);
    struct sl_batch *batch =
        support_batch(&drive.support, drive.raw, "NULL|a|1\n" T("01") "|a|2\n" T("02") "|a|3\n");
    ((int64_t *)batch->columns[0].data)[2] = INT64_MAX;
    drive_batch(&drive, batch);
    sl_text_append_char(&drive.log, '\0');
    assert_non_null(strstr(drive.log.data, "rejected null in a not null column: {\"ts\":null"));
    assert_non_null(strstr(drive.log.data, "rejected value out of range: "));
    sl_text_reset(&drive.log);
    drive_signal(&drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    drive_expect(&drive, "a|1|2" WINDOW("00", "10", "09") "watermark 9223372036854775807\n");
    drive_close(&drive);
}

/* A partial row that names a fired pane is late too, and is printed as it came. */
static void test_late_partial(void **test_state)
{
    static struct drive drive;
    struct drive_spec spec = TUMBLE;
    (void)test_state;
    spec.is_partial_input = true;
    drive_init(&drive, &spec);
    drive_open(&drive);
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9999);
    drive_rows(&drive, "a|10000|1|5|1\na|20000|2|7|2\n");
    drive_expect(&drive, "watermark 9999\nlate late: {\"k\":\"a\",\"pane_end\":10000,\"count\":1,"
                         "\"sum\":5,\"sum_count\":1}\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, INT64_MAX);
    drive_expect(&drive, "a|2|3" WINDOW("10", "20", "19") "watermark 9223372036854775807\n");
    drive_close(&drive);
}

/* What passes the local half when. */
static void test_local(void **test_state)
{
    static struct drive drive;
    struct drive_spec spec = TUMBLE;
    (void)test_state;
    spec.kind = "local_window_aggregate";
    drive_init(&drive, &spec);
    drive_open(&drive);
    drive_rows(&drive, T("01") "|a|1\n" T("02") "|a|2\n" T("11") "|a|3\n");
    drive_expect(&drive, "");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9998);
    drive_expect(&drive, "watermark 9998\n");
    drive_signal(&drive, SL_SIGNAL_WATERMARK, 9999);
    drive_expect(&drive, "a|10000|2|3|2\nwatermark 9999\n");
    drive_signal(&drive, SL_SIGNAL_BARRIER, 1);
    drive_expect(&drive, "a|20000|1|3|1\n");
    drive_rows(&drive, T("12") "|a|NULL\n");
    drive_signal(&drive, SL_SIGNAL_DRAIN, 0);
    drive_expect(&drive, "a|20000|1|0|0\n");
    drive_close(&drive);
}

/* The local half keeps within a tiny memory limit by giving out what it holds. */
static void test_local_limit(void **test_state)
{
    static struct drive local;
    static struct drive global;
    struct drive_spec spec = TUMBLE;
    char rows[64 * 1024];
    size_t length = 0;
    (void)test_state;
    spec.is_partial_input = true;
    drive_init(&global, &spec);
    drive_open(&global);
    spec.kind = "local_window_aggregate";
    spec.is_partial_input = false;
    drive_init(&local, &spec);
    local.next = &global;
    local.support.env.batch_rows = 16;
    drive_open(&local);
    for (int i = 0; i < 1000; i++) {
        length +=
            (size_t)snprintf(rows + length, sizeof rows - length, T("01") "|key-%d|1\n", i % 500);
    }
    /* The first batch takes the per-batch memory; then there is room for a few pages only. */
    drive_rows(&local, rows);
    drive_signal(&local, SL_SIGNAL_BARRIER, 1);
    local.support.account.limit_bytes = sl_account_used(&local.support.account) + 48 * 1024;
    drive_rows(&local, rows);
    drive_signal(&local, SL_SIGNAL_WATERMARK, INT64_MAX);
    local.support.account.limit_bytes = 0;
    sl_text_append_char(&global.log, '\0');
    uint32_t lines = 0;
    for (const char *at = global.log.data; (at = strstr(at, "|4|1|")) != NULL; at++) {
        lines++;
    }
    assert_int_equal(lines, 500);
    drive_close(&local);
    drive_close(&global);
}

/* Random rows against a model that keeps all rows. */
enum { MODEL_ROWS = 600, MODEL_KEYS = 5, MODEL_INSTANCES = 2 };

struct model_row {
    int64_t time_ms;
    uint32_t key;
    int64_t value;
};

struct model {
    const struct drive_spec *spec;
    struct model_row rows[MODEL_ROWS];
    uint32_t count;
    int64_t watermark;
    struct sl_text expected;
    struct support *support;
};

static int64_t floor_to(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

static int64_t slide_of(const struct drive_spec *spec)
{
    return spec->slide_ms == 0 ? spec->size_ms : spec->slide_ms;
}

/* False when it is late. */
static bool model_add(struct model *model, struct model_row row)
{
    int64_t last_end = floor_to(row.time_ms, slide_of(model->spec)) + model->spec->size_ms;
    if (last_end - 1 <= model->watermark) {
        return false;
    }
    model->rows[model->count++] = row;
    return true;
}

static const char *time_text(struct support *support, int64_t time_ms)
{
    struct sl_vector vector = {
        .type = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3), .physical = SL_W8, .data = &time_ms};
    return support_value(support, &vector, 0);
}

static void model_window(struct model *model, int64_t start, int64_t end, uint32_t key)
{
    int64_t count = 0;
    int64_t sum = 0;
    int64_t greatest = INT64_MIN;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct model_row *row = &model->rows[i];
        if (row->key == key && row->time_ms >= start && row->time_ms < end) {
            count++;
            sum += row->value;
            greatest = SL_MAX(greatest, row->value);
        }
    }
    if (count > 0) {
        sl_text_printf(&model->expected, "key-%u|%lld|%lld|%lld|key-%u|%s|%s|%s\n", key,
                       (long long)count, (long long)sum, (long long)greatest, key,
                       time_text(model->support, start), time_text(model->support, end),
                       time_text(model->support, end - 1));
    }
}

static void model_fire(struct model *model, int64_t watermark)
{
    int64_t slide = slide_of(model->spec);
    for (int64_t start = floor_to(-30000, slide);
         start + model->spec->size_ms - 1 <= SL_MIN(watermark, 200000); start += slide) {
        int64_t end = start + model->spec->size_ms;
        for (uint32_t key = 0; end - 1 > model->watermark && key < MODEL_KEYS; key++) {
            model_window(model, start, end, key);
        }
    }
    model->watermark = watermark;
}

static uint32_t owner_of(uint32_t key)
{
    char bytes[16] = {1, 5, 0, 0, 0};
    snprintf(bytes + 5, sizeof bytes - 5, "key-%u", key);
    return sl_key_group_worker(sl_key_group(sl_hash_bytes(bytes, 10)), MODEL_INSTANCES);
}

/* One time line: rows and watermarks at random; halfway the state moves to two new instances. */
struct scene {
    struct model model;
    struct drive halves[1 + MODEL_INSTANCES]; /* local halves, if is_partial */
    struct drive drives[1 + MODEL_INSTANCES]; /* the first is the one before the move */
    bool has_moved;
    bool is_partial;
    uint32_t batch_rows;
    uint64_t late_count;
};

static void scene_open_local(struct scene *scene, uint32_t idx)
{
    struct drive_spec spec = *scene->model.spec;
    if (!scene->is_partial) {
        return;
    }
    spec.kind = "local_window_aggregate";
    drive_init(&scene->halves[idx], &spec);
    scene->halves[idx].next = &scene->drives[idx];
    scene->halves[idx].support.env.batch_rows = scene->batch_rows;
    drive_open(&scene->halves[idx]);
}

static void scene_init_global(struct scene *scene, uint32_t idx)
{
    struct drive_spec spec = *scene->model.spec;
    spec.is_partial_input = scene->is_partial;
    drive_init(&scene->drives[idx], &spec);
    scene->drives[idx].support.env.batch_rows = scene->batch_rows;
}

static struct drive *scene_entry(struct scene *scene, uint32_t idx)
{
    return scene->is_partial ? &scene->halves[idx] : &scene->drives[idx];
}

static void scene_row(struct scene *scene, struct model_row row)
{
    char text[128];
    uint32_t owner = scene->has_moved ? 1 + owner_of(row.key) : 0;
    snprintf(text, sizeof text, "%s|key-%u|%lld\n", time_text(scene->model.support, row.time_ms),
             row.key, (long long)row.value);
    scene->late_count += !model_add(&scene->model, row);
    drive_rows(scene_entry(scene, owner), text);
}

static void scene_watermark(struct scene *scene, int64_t watermark)
{
    model_fire(&scene->model, watermark);
    uint32_t last = scene->has_moved ? MODEL_INSTANCES : 0;
    for (uint32_t i = scene->has_moved ? 1 : 0; i <= last; i++) {
        drive_signal(scene_entry(scene, i), SL_SIGNAL_WATERMARK, watermark);
    }
}

static void scene_move(struct scene *scene)
{
    if (scene->is_partial) {
        drive_signal(&scene->halves[0], SL_SIGNAL_BARRIER, 1);
    }
    for (uint32_t i = 0; i < MODEL_INSTANCES; i++) {
        struct drive *drive = &scene->drives[1 + i];
        scene_init_global(scene, 1 + i);
        drive_restore(drive, &scene->drives[0], i * 64, i * 64 + 63);
        drive->support.env.restored_watermark = scene->model.watermark;
        drive_open(drive);
        scene_open_local(scene, 1 + i);
    }
    scene->has_moved = true;
}

/* Result lines only: late rows are counted, watermarks are the same. */
static void scene_collect(struct scene *scene, struct drive *drive, struct sl_text *results)
{
    sl_text_append_char(&drive->log, '\0');
    for (const char *at = drive->log.data; *at != '\0';) {
        size_t length = strcspn(at, "\n") + 1;
        if (strncmp(at, "late", 4) == 0) {
            scene->late_count--;
        } else if (strncmp(at, "watermark", 9) != 0) {
            sl_text_append(results, at, length);
        }
        at += length;
    }
    sl_text_reset(&drive->log);
}

static void scene_run(struct scene *scene, struct sl_random *random)
{
    struct sl_text results;
    scene->model.watermark = INT64_MIN;
    scene_init_global(scene, 0);
    drive_open(&scene->drives[0]);
    scene_open_local(scene, 0);
    int64_t now_ms = 0;
    sl_text_init(&results, NULL, 0);
    for (uint32_t i = 0; i < MODEL_ROWS; i++) {
        now_ms += (int64_t)sl_random_below(random, 300);
        struct model_row row = {now_ms - (int64_t)sl_random_below(random, 15000),
                                (uint32_t)sl_random_below(random, MODEL_KEYS),
                                (int64_t)sl_random_below(random, 100)};
        scene_row(scene, row);
        if (sl_random_below(random, 20) == 0 && now_ms - 3000 > scene->model.watermark) {
            scene_watermark(scene, now_ms - 3000);
        }
        if (i == MODEL_ROWS / 2) {
            scene_move(scene);
        }
    }
    scene_watermark(scene, INT64_MAX);
    for (uint32_t i = 0; i <= MODEL_INSTANCES; i++) {
        scene_collect(scene, &scene->drives[i], &results);
    }
    sl_text_append(&scene->drives[0].log, results.data, results.length);
    sl_text_append_char(&scene->model.expected, '\0');
    drive_expect_unordered(&scene->drives[0], scene->model.expected.data);
    if (!scene->is_partial) {
        assert_int_equal(scene->late_count, 0);
    }
    sl_text_deinit(&results);
    for (uint32_t i = 0; i <= MODEL_INSTANCES; i++) {
        if (scene->is_partial) {
            drive_close(&scene->halves[i]);
        }
        drive_close(&scene->drives[i]);
    }
}

static void test_random(void **test_state)
{
    struct drive_spec specs[] = {HOP, HOP, HOP};
    struct sl_random random;
    struct support texts;
    (void)test_state;
    specs[1].assigner = "TUMBLE";
    specs[1].slide_ms = 0;
    specs[2].slide_ms = 4000;
    support_open(&texts);
    for (uint32_t seed = 0; seed < 24; seed++) {
        static struct scene scene;
        memset(&scene, 0, sizeof scene);
        sl_random_init(&random, seed);
        scene.model.spec = &specs[seed % 3];
        scene.model.support = &texts;
        sl_text_init(&scene.model.expected, NULL, 0);
        scene.is_partial = seed % 2 == 1;
        scene.batch_rows = seed % 4 < 2 ? 2 : 1024;
        scene_run(&scene, &random);
        sl_text_deinit(&scene.model.expected);
    }
    support_close(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tumble),       cmocka_unit_test(test_late),
        cmocka_unit_test(test_hop),          cmocka_unit_test(test_bad_rowtime),
        cmocka_unit_test(test_late_partial), cmocka_unit_test(test_local),
        cmocka_unit_test(test_local_limit),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
