/* SPDX-License-Identifier: Apache-2.0
 *
 * The filesystem connector on real files in a temporary directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support_connector.h"
#include "support/wake.h"

enum { SPLITS_MAX = 8 };

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const char *data, size_t length)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
}

static const char *get(struct support *support, const char *name)
{
    char *data = NULL;
    size_t length;
    if (sl_io_read_all(sl_io_system(), path_of(name), 0, &support->arena, &data, &length, NULL) !=
        SL_OK) {
        return "(none)";
    }
    return data;
}

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sluice-files-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const struct sl_connector_def *connector(void)
{
    return conn_connectors[0];
}

static const char *with_path(struct support *support, const char *name, const char *options)
{
    (void)support;
    static char text[512];
    snprintf(text, sizeof text, "path=%s\n%s", path_of(name), options);
    return text;
}

struct reading {
    const struct sl_source_def *def;
    void *state;
    struct sl_split splits[SPLITS_MAX];
    uint32_t split_count;
};

static void start(struct support *support, struct reading *reading, const char *position)
{
    const char **names;
    uint32_t count;
    reading->def = connector()->source;
    reading->state = NULL;
    reading->split_count = 0;
    if (reading->def->open(&support->env, &reading->state, &support->err) != SL_OK ||
        reading->def->discover(reading->state, &support->arena, &names, &count, &support->err) !=
            SL_OK) {
        sl_text_printf(&support->out, "?%s\n", support->err.text);
        return;
    }
    assert_true(count <= SPLITS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        reading->splits[i] = (struct sl_split){.name = names[i], .id = i + 5};
        assert_int_equal(reading->def->assign(reading->state, &reading->splits[i],
                                              i == 0 ? position : NULL, false, &support->err),
                         SL_OK);
    }
    reading->split_count = count;
}

/* Polls at most polls times; appends rows, and "#N" where split N ended. True when done. */
static bool poll_some(struct support *support, struct reading *reading, uint32_t polls)
{
    while (polls-- > 0) {
        struct sl_outs outs = {0};
        enum sl_flow flow;
        if (reading->def->poll(reading->state, &outs, &flow, &support->err) != SL_OK) {
            sl_text_printf(&support->out, "?%s\n", support->err.text);
            return true;
        }
        support_take(support, &outs);
        if (outs.signal.kind == SL_SIGNAL_SPLIT_ENDED) {
            sl_text_printf(&support->out, "#%d\n", (int)outs.signal.value);
        }
        if (flow != SL_MORE) {
            return flow == SL_DONE;
        }
    }
    return false;
}

static const char *position_of(struct support *support, struct reading *reading, uint32_t split)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    assert_int_equal(reading->def->position(reading->state, split, &text, &support->err), SL_OK);
    const char *copy = sl_arena_copy(&support->arena, text.data, text.length);
    sl_text_deinit(&text);
    return copy;
}

static void check_read(const char *name, const char *options, const char *expected)
{
    struct support support;
    struct reading reading;
    support_open(&support, "a INT, b STRING", with_path(&support, name, options));
    support_want(&support, "0 1", "");
    start(&support, &reading, NULL);
    if (reading.split_count > 0) {
        assert_true(poll_some(&support, &reading, 1000));
    }
    assert_string_equal(support_text(&support), expected);
    reading.def->close(reading.state);
    support_close(&support);
}

static void test_lines(void **state)
{
    static const struct {
        const char *data;
        const char *expected;
    } CASES[] = {
        {"", "#5\n"},
        {"\n", "#5\n"},
        {"1,x", "1|\"x\"\n#5\n"},
        {"1,x\n", "1|\"x\"\n#5\n"},
        {"1,x\r\n2,y\r\n3,z\r", "1|\"x\"\n2|\"y\"\n3|\"z\"\n#5\n"},
        {"1,x\n\n\n2,y", "1|\"x\"\n2|\"y\"\n#5\n"},
        {"\xEF\xBB\xBF"
         "1,x\n\xEF\xBB\xBF"
         "2,y\n",
         "1|\"x\"\n!value of the wrong type: column 'a': not INT\n#5\n"},
        {"\xEF\xBB\xBF"
         "1,x",
         "1|\"x\"\n#5\n"},
        {"\xEF\xBB\xBF\n", "#5\n"},
        {"\xEF\xBB\xBF", "#5\n"},
        {"1,x\nq,y\n2,0123456789012345678901234567890123456789012345678901234567890123456789\n",
         "1|\"x\"\n"
         "2|\"0123456789012345678901234567890123456789012345678901234567890123456789\"\n"
         "!value of the wrong type: column 'a': not INT\n#5\n"},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        put("lines", CASES[i].data, strlen(CASES[i].data));
        check_read("lines", "format=csv", CASES[i].expected);
    }
}

static void test_directory(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("many"), 0700), 0);
    assert_int_equal(mkdir(path_of("many/inner"), 0700), 0);
    put("many/b", "2,b\n", 4);
    put("many/a", "1,a\n", 4);
    put("many/.hidden", "9,h\n", 4);
    put("many/_temporary", "9,t\n", 4);
    check_read("many", "format=csv", "1|\"a\"\n#5\n2|\"b\"\n#6\n");
}

static void test_missing(void **state)
{
    struct support support;
    struct reading reading;
    (void)state;
    support_open(&support, "a INT", with_path(&support, "missing", "format=csv"));
    support_want(&support, "0", "");
    start(&support, &reading, NULL);
    assert_int_equal(support.err.status, SL_NOT_FOUND);
    assert_non_null(strstr(support_text(&support), "/missing: No such file"));
    reading.def->close(reading.state);
    support_close(&support);
}

static void test_line_limit(void **state)
{
    char data[3000];
    (void)state;
    memset(data, 'x', sizeof data);
    memcpy(data, "1,a\n2,", 6);
    memcpy(data + 2000, "\n3,c\n4,", 7);
    put("long", data, sizeof data);
    check_read(
        "long", "format=csv\nline.max-bytes=100",
        "1|\"a\"\n3|\"c\"\n!row too large: longer than 100 bytes, the limit 'line.max-bytes'\n"
        "!row too large: longer than 100 bytes, the limit 'line.max-bytes'\n#5\n");
}

static void test_metadata(void **state)
{
    struct support support;
    struct reading reading;
    (void)state;
    put("meta", "1,x\n2,y\n", 8);
    support_open(&support, "a INT, b STRING", with_path(&support, "meta", "format=csv"));
    support_want(&support, "0", "file.name STRING NOT NULL, file.size BIGINT NOT NULL");
    start(&support, &reading, NULL);
    assert_true(poll_some(&support, &reading, 10));
    assert_string_equal(support_text(&support), "1|\"meta\"|8\n2|\"meta\"|8\n#5\n");
    reading.def->close(reading.state);
    support_close(&support);
}

/* Stopping after any number of polls and going on from the position gives every row once. */
static void check_resume(uint32_t polls, const char *data, const char *format)
{
    struct support support;
    struct reading reading;
    char text[1024];
    put("resume", data, strlen(data));
    support_open(&support, "a INT, b STRING", with_path(&support, "resume", format));
    support_want(&support, "0", "");
    support.env.batch_rows = 2;
    start(&support, &reading, NULL);
    bool is_done = poll_some(&support, &reading, polls);
    const char *position = position_of(&support, &reading, 5);
    snprintf(text, sizeof text, "%s", support_text(&support));
    reading.def->close(reading.state);
    start(&support, &reading, position);
    assert_true(poll_some(&support, &reading, 100));
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "%s", support_text(&support));
    bool has_ended_before = strstr(text, "#5\n#5") != NULL; /* a split that has ended ends again */
    assert_string_equal(text, has_ended_before ? "1\n2\n3\n4\n5\n6\n7\n#5\n#5\n"
                                               : "1\n2\n3\n4\n5\n6\n7\n#5\n");
    assert_true(has_ended_before || !is_done);
    reading.def->close(reading.state);
    support_close(&support);
}

static void test_resume(void **state)
{
    (void)state;
    for (uint32_t polls = 0; polls < 8; polls++) {
        check_resume(polls, "1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n7,g\n", "format=csv");
        check_resume(polls,
                     "{\"a\":1}\n[{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5},{\"a\":6}]\n{\"a\":7}\n",
                     "format=json");
    }
}

static void test_pipe(void **state)
{
    struct support support;
    struct reading reading;
    (void)state;
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    if (fork() == 0) {
        FILE *file = fopen(path_of("pipe"), "w");
        for (int i = 0; i < 100; i++) {
            fprintf(file, "%d,%*s\n", i, i % 10 == 0 ? 5000 : 1, "x");
        }
        fclose(file);
        _exit(0);
    }
    support_open(&support, "a INT, b STRING",
                 with_path(&support, "pipe", "format=csv\nline.max-bytes=1000"));
    support_want(&support, "0", "");
    start(&support, &reading, NULL);
    assert_true(poll_some(&support, &reading, 10000));
    const char *text = support_text(&support);
    uint32_t good = 0;
    uint32_t bad = 0;
    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1) {
        good += *at >= '0' && *at <= '9';
        bad += *at == '!';
    }
    assert_int_equal(good, 90);
    assert_int_equal(bad, 10);
    reading.def->close(reading.state);
    support_close(&support);
}

static void test_monitor(void **state)
{
    struct support support;
    struct reading reading;
    (void)state;
    assert_int_equal(mkdir(path_of("watched"), 0700), 0);
    put("watched/a", "1,a\n", 4);
    support_open(&support, "a INT, b STRING",
                 with_path(&support, "watched", "format=csv\nsource.monitor-interval=5 s"));
    support_want(&support, "0", "");
    start(&support, &reading, NULL);
    assert_int_equal(armed_wake.time, support.now_us + 5000000);
    assert_false(poll_some(&support, &reading, 10));
    assert_string_equal(support_text(&support), "1\n#5\n");
    assert_false(reading.def->has_new_splits(reading.state));
    put("watched/b", "2,b\n", 4);
    assert_int_equal(reading.def->wake(reading.state, 1, &support.err), SL_OK);
    assert_true(reading.def->has_new_splits(reading.state));
    const char **names;
    uint32_t count;
    assert_int_equal(
        reading.def->discover(reading.state, &support.arena, &names, &count, &support.err), SL_OK);
    assert_int_equal(count, 2);
    assert_false(reading.def->has_new_splits(reading.state));
    struct sl_split split = {.name = names[1], .id = 9};
    assert_int_equal(reading.def->assign(reading.state, &split, NULL, true, &support.err), SL_OK);
    assert_false(poll_some(&support, &reading, 10));
    assert_string_equal(support_text(&support), "2\n#9\n");
    reading.def->close(reading.state);
    support_close(&support);
}

/* ---- sink ---- */

static struct sl_batch *make_rows(struct support *support, int32_t first, uint32_t count)
{
    struct sl_batch *batch = SL_ARENA_NEW(&support->arena, struct sl_batch);
    batch->schema = support->physical;
    batch->columns = SL_ARENA_ARRAY(&support->arena, struct sl_vector, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sl_vector_init(&batch->columns[i], &support->physical->columns[i].type,
                                        count, &support->arena, NULL),
                         SL_OK);
    }
    for (uint32_t i = 0; i < count; i++) {
        ((int32_t *)batch->columns[0].data)[i] = first + (int32_t)i;
        ((struct sl_view *)batch->columns[1].data)[i] = sl_view_of("x", 1);
    }
    batch->row_count = count;
    batch->selected_count = count;
    return batch;
}

static void write_rows(struct support *support, void *sink, int32_t first, uint32_t count)
{
    struct sl_outs outs = {0};
    enum sl_flow flow;
    assert_int_equal(connector()->sink->write(sink, make_rows(support, first, count), &outs, &flow,
                                              &support->err),
                     SL_OK);
    assert_int_equal(flow, SL_DONE);
}

static void prepare(struct support *support, void *sink, int64_t epoch)
{
    struct sl_outs outs = {0};
    enum sl_flow flow;
    assert_int_equal(connector()->sink->prepare(sink, epoch, &outs, &flow, &support->err), SL_OK);
    assert_int_equal(flow, SL_DONE);
}

/* As a query does that has a checkpoint directory. */
static void set_durable(struct support *support)
{
    static const struct sl_option SETTING = {.name = "execution.checkpointing.dir", .value = "x"};
    support->plan.settings = (struct sl_options){.items = &SETTING, .count = 1};
}

static void test_sink_parts(void **state)
{
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    void *sink;
    (void)state;
    support_open(&support, "a INT, b STRING", with_path(&support, "out/deep", "format=csv"));
    set_durable(&support);
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    write_rows(&support, sink, 1, 2);
    prepare(&support, sink, 1);
    assert_string_equal(get(&support, "out/deep/part-0000000000000000-0-0"), "(none)");
    assert_string_equal(get(&support, "out/deep/.part-0000000000000000-0-0.1.inprogress"),
                        "1,x\n2,x\n");
    write_rows(&support, sink, 3, 1);
    assert_int_equal(def->commit(sink, 1, &support.err), SL_OK);
    assert_string_equal(get(&support, "out/deep/part-0000000000000000-0-0"), "1,x\n2,x\n");
    prepare(&support, sink, 2);
    write_rows(&support, sink, 4, 1);
    prepare(&support, sink, 3);
    prepare(&support, sink, 4);
    def->close(sink);
    /* a restore from checkpoint 2: the third never happened */
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    assert_int_equal(def->abort(sink, 2, &support.err), SL_OK);
    assert_string_equal(get(&support, "out/deep/part-0000000000000000-0-1"), "3,x\n");
    assert_string_equal(get(&support, "out/deep/.part-0000000000000000-0-2.3.inprogress"),
                        "(none)");
    write_rows(&support, sink, 4, 1);
    prepare(&support, sink, 3);
    assert_int_equal(def->commit(sink, 3, &support.err), SL_OK);
    def->close(sink);
    assert_string_equal(get(&support, "out/deep/part-0000000000000000-0-3"), "4,x\n");
    support_close(&support);
}

/* Without a checkpoint directory a part goes on until it is old, and is shown on close. */
static void test_sink_goes_on(void **state)
{
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    void *sink;
    (void)state;
    support_open(&support, "a INT, b STRING", with_path(&support, "on", "format=csv"));
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    for (int32_t i = 1; i < 4; i++) {
        write_rows(&support, sink, i, 1);
        prepare(&support, sink, i);
        assert_int_equal(def->commit(sink, i, &support.err), SL_OK);
    }
    assert_string_equal(get(&support, "on/.part-0000000000000000-0-0.inprogress"),
                        "1,x\n2,x\n3,x\n");
    support.now_us += INT64_C(30) * 60 * 1000000;
    prepare(&support, sink, 4);
    assert_int_equal(def->commit(sink, 4, &support.err), SL_OK);
    assert_string_equal(get(&support, "on/part-0000000000000000-0-0"), "1,x\n2,x\n3,x\n");
    write_rows(&support, sink, 5, 1);
    prepare(&support, sink, 5);
    write_rows(&support, sink, 6, 1); /* not acknowledged: it need not come out */
    def->close(sink);
    assert_string_equal(get(&support, "on/part-0000000000000000-0-1"), "5,x\n");
    assert_string_equal(get(&support, "on/.part-0000000000000000-0-1.inprogress"), "(none)");
    support_close(&support);
}

/* What a run left that did not close is shown by the next: up to its last whole line. */
static void test_sink_leftovers(void **state)
{
    static const char WRITTEN[] = "left/.part-0000000000000000-3-7.inprogress";
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    void *sink;
    (void)state;
    assert_int_equal(mkdir(path_of("left"), 0700), 0);
    put(WRITTEN, "1,x\n2,", 6);
    put("left/.part-0000000000000000-0-4.9.inprogress", "3,x\n", 4);
    put("left/.part-0000000000000000-0-5.inprogress", "half a line", 11);
    put("left/.part-0000000000000000-0-6.inprogress", "", 0);
    put("left/.part-0000000000000001-0-0.inprogress", "other\n", 6);
    support_open(&support, "a INT, b STRING", with_path(&support, "left", "format=csv"));
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    assert_string_equal(get(&support, "left/part-0000000000000000-3-7"), "1,x\n");
    assert_string_equal(get(&support, WRITTEN), "(none)");
    assert_string_equal(get(&support, "left/part-0000000000000000-0-4"), "3,x\n");
    assert_string_equal(get(&support, "left/part-0000000000000000-0-5"), "(none)");
    assert_string_equal(get(&support, "left/part-0000000000000000-0-6"), "(none)");
    assert_string_equal(get(&support, "left/.part-0000000000000001-0-0.inprogress"), "other\n");
    write_rows(&support, sink, 8, 1);
    prepare(&support, sink, 1);
    /* another run at the same time leaves alone what this one writes */
    void *other;
    assert_int_equal(def->open(&support.env, &other, &support.err), SL_OK);
    def->close(other);
    assert_string_equal(get(&support, "left/.part-0000000000000000-0-5.inprogress"), "8,x\n");
    def->close(sink);
    assert_string_equal(get(&support, "left/part-0000000000000000-0-5"), "8,x\n");
    support_close(&support);
}

static void test_sink_single(void **state)
{
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    void *sink;
    (void)state;
    put("single", "0,x\n", 4);
    support_open(&support, "a INT, b STRING", with_path(&support, "single", "format=csv"));
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    write_rows(&support, sink, 1, 2);
    prepare(&support, sink, 1);
    assert_int_equal(def->commit(sink, 1, &support.err), SL_OK);
    def->close(sink);
    assert_string_equal(get(&support, "single"), "0,x\n1,x\n2,x\n");
    support.env.worker_count = 2;
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OPTION);
    def->close(sink);
    support_close(&support);
}

static void test_sink_rolls(void **state)
{
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    void *sink;
    (void)state;
    support_open(&support, "a INT, b STRING",
                 with_path(&support, "rolled", "format=csv\nsink.rolling-policy.file-size=1"));
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    for (int32_t i = 0; i < 20; i++) {
        write_rows(&support, sink, i * 2000, 2000);
    }
    prepare(&support, sink, 1);
    assert_int_equal(def->commit(sink, 1, &support.err), SL_OK);
    def->close(sink);
    assert_int_equal(strncmp(get(&support, "rolled/part-0000000000000000-0-0"), "0,x\n1,x\n", 8),
                     0);
    assert_string_not_equal(get(&support, "rolled/part-0000000000000000-0-1"), "(none)");
    support_close(&support);
}

static void test_sink_full_disk(void **state)
{
    const struct sl_sink_def *def = connector()->sink;
    struct support support;
    struct sl_outs outs = {0};
    enum sl_flow flow;
    void *sink;
    (void)state;
    support_open(&support, "a INT, b STRING", "path=/dev/full\nformat=csv");
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    write_rows(&support, sink, 1, 2);
    assert_int_equal(def->prepare(sink, 1, &outs, &flow, &support.err), SL_IO);
    assert_non_null(strstr(support.err.text, "/dev/full"));
    def->close(sink);
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_missing),      cmocka_unit_test(test_line_limit),
        cmocka_unit_test(test_metadata),     cmocka_unit_test(test_resume),
        cmocka_unit_test(test_pipe),         cmocka_unit_test(test_monitor),
        cmocka_unit_test(test_sink_parts),   cmocka_unit_test(test_sink_single),
        cmocka_unit_test(test_sink_goes_on), cmocka_unit_test(test_sink_leftovers),
        cmocka_unit_test(test_sink_rolls),   cmocka_unit_test(test_sink_full_disk),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
