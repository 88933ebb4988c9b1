/* SPDX-License-Identifier: Apache-2.0
 *
 * Large files in lanes: every line exactly once, for all chunk sizes and line shapes, over any
 * number of instances and any number of resumes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "connectors/file_lane.h"
#include "connectors/line_reader.h"
#include "support_connector.h"

enum { LANES_MAX = 8, DATA_MAX = 1 << 16, INSTANCES_MAX = 3, ROUNDS_MAX = 20 };

static char path[64];

/* A file, and how often each of its lines (by position) came out. */
struct corpus {
    char data[DATA_MAX];
    size_t length;
    uint32_t seen[DATA_MAX];
    uint32_t line_count;
};

static struct corpus corpus;

/* One set of instances that share the splits. */
struct reading {
    struct support support[INSTANCES_MAX];
    void *states[INSTANCES_MAX];
    bool is_done[INSTANCES_MAX];
    uint32_t count;
    const char *names[LANES_MAX];
    uint32_t split_count;
};

static const struct sl_source_def *def(void)
{
    return conn_connectors[0]->source;
}

static int make_file(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/sluice-lane-XXXXXX");
    int descriptor = mkstemp(path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void put_file(void)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(corpus.data, 1, corpus.length, file), corpus.length);
    fclose(file);
    memset(corpus.seen, 0, sizeof corpus.seen);
}

/* Lines "N,xxx" whose N is their position; length is that of the filling. */
static void add_line(size_t fill, const char *end)
{
    size_t room = DATA_MAX - corpus.length;
    int written = snprintf(corpus.data + corpus.length, room, "%zu,", corpus.length);
    assert_true((size_t)written + fill + 3 < room);
    memset(corpus.data + corpus.length + written, 'x', fill);
    corpus.length += (size_t)written + fill;
    memcpy(corpus.data + corpus.length, end, strlen(end));
    corpus.length += strlen(end);
    corpus.line_count++;
}

/* positions: one a split, NULL = from the start; the arrays may differ in their instances. */
static void open_reading(struct reading *reading, uint32_t count, const char *options,
                         char (*positions)[48])
{
    memset(reading, 0, sizeof *reading);
    reading->count = count;
    const char *format = strstr(options, "format=") == NULL ? "format=csv\n" : "";
    for (uint32_t i = 0; i < count; i++) {
        struct support *support = &reading->support[i];
        char text[256];
        snprintf(text, sizeof text, "path=%s\n%s%s", path, format, options);
        support_open(support, "a INT, b STRING", text);
        support_want(support, "0", "");
        support->env.batch_rows = 7;
        assert_int_equal(def()->open(&support->env, &reading->states[i], &support->err), SL_OK);
    }
    const char **names;
    assert_int_equal(def()->discover(reading->states[0], &reading->support[0].arena, &names,
                                     &reading->split_count, &reading->support[0].err),
                     SL_OK);
    assert_true(reading->split_count <= LANES_MAX);
    for (uint32_t i = 0; i < reading->split_count; i++) {
        reading->names[i] = names[i];
        struct sl_split split = {.name = names[i], .id = i};
        uint32_t owner = i % count;
        assert_int_equal(def()->assign(reading->states[owner], &split,
                                       positions == NULL ? NULL : positions[i], false,
                                       &reading->support[owner].err),
                         SL_OK);
    }
}

static void close_reading(struct reading *reading, char (*positions)[48])
{
    for (uint32_t i = 0; i < reading->split_count && positions != NULL; i++) {
        struct sl_text text;
        sl_text_init(&text, NULL, 0);
        uint32_t owner = i % reading->count;
        assert_int_equal(
            def()->position(reading->states[owner], i, &text, &reading->support[owner].err), SL_OK);
        assert_true(text.length < 48);
        memcpy(positions[i], text.data, text.length);
        positions[i][text.length] = '\0';
        sl_text_deinit(&text);
    }
    for (uint32_t i = 0; i < reading->count; i++) {
        def()->close(reading->states[i]);
        support_close(&reading->support[i]);
    }
}

static void take_batch(const struct sl_batch *batch)
{
    int32_t last = -1;
    for (uint32_t i = 0; batch != NULL && i < batch->selected_count; i++) {
        int32_t value = ((const int32_t *)batch->columns[0].data)[sl_batch_row(batch, i)];
        assert_true(value >= 0 && (size_t)value < corpus.length);
        assert_true(value > last); /* in the order of the file */
        last = value;
        corpus.seen[value]++;
    }
    for (uint32_t i = 0; batch != NULL && i < batch->run_count; i++) {
        uint32_t row = batch->runs[i].first_row;
        assert_int_equal(((const int32_t *)batch->columns[0].data)[row], batch->runs[i].position);
    }
}

/* One poll of the instance; false when it was done. */
static bool poll_once(struct reading *reading, uint32_t i)
{
    struct sl_outs outs = {0};
    enum sl_flow flow;
    assert_int_equal(def()->poll(reading->states[i], &outs, &flow, &reading->support[i].err),
                     SL_OK);
    take_batch(outs.batches[SL_OUT_MAIN]);
    assert_null(outs.batches[SL_OUT_REJECTED]);
    reading->is_done[i] = flow == SL_DONE;
    return flow != SL_DONE;
}

static bool all_done(const struct reading *reading)
{
    bool done = true;
    for (uint32_t i = 0; i < reading->count; i++) {
        done &= reading->is_done[i];
    }
    return done;
}

static void check_seen(void)
{
    uint32_t found = 0;
    for (size_t i = 0; i < corpus.length; i++) {
        bool begins = (i == 0 || corpus.data[i - 1] == '\n') && corpus.data[i] >= '0' &&
                      corpus.data[i] <= '9';
        assert_int_equal(corpus.seen[i], begins);
        found += corpus.seen[i];
    }
    assert_int_equal(found, corpus.line_count);
}

/* Reads the corpus, stopping every few polls and going on with another number of instances. */
static void check_corpus(const char *options, uint32_t polls)
{
    char positions[LANES_MAX][48];
    struct reading reading;
    uint32_t count = 1;
    bool is_done = false;
    put_file();
    for (uint32_t round = 0; !is_done; round++) { /* the last one to the end */
        uint32_t limit = round < ROUNDS_MAX ? polls : UINT32_MAX;
        open_reading(&reading, count, options, round == 0 ? NULL : positions);
        for (uint32_t i = 0; i < limit && !all_done(&reading); i++) {
            uint32_t instance = (i * 5 + i / 3) % count;
            if (!reading.is_done[instance]) {
                poll_once(&reading, instance);
            }
        }
        is_done = all_done(&reading);
        close_reading(&reading, positions);
        count = count % INSTANCES_MAX + 1;
    }
    check_seen();
}

static void make_corpus(uint32_t shape, uint32_t seed)
{
    static const char *const ENDS[] = {"\n", "\r\n", "\n\n", "\n\r\n\n"};
    corpus.length = 0;
    corpus.line_count = 0;
    uint32_t random = seed * 2654435761U + 12345;
    for (uint32_t i = 0; i < 60; i++) {
        random = random * 1664525U + 1013904223U;
        uint32_t draw = random >> 16;
        size_t fill = shape == 0      ? 1
                      : shape == 1    ? draw % 40
                      : draw % 9 == 0 ? draw % 900
                                      : draw % 5;
        add_line(fill, ENDS[shape == 3 ? draw % 4 : shape == 1 ? 1 : 0]);
    }
    corpus.length -= seed % 2 == 0 ? 0 : corpus.data[corpus.length - 2] == '\r' ? 2 : 1;
}

static void test_exactly_once(void **state)
{
    (void)state;
    for (uint32_t shape = 0; shape < 4; shape++) {
        for (uint32_t seed = 0; seed < 4; seed++) {
            make_corpus(shape, seed);
            for (uint32_t chunk = 1; chunk <= 64; chunk += chunk < 20 ? 1 : 11) {
                char options[64];
                snprintf(options, sizeof options, "source.chunk-size=%u", chunk);
                check_corpus(options, 1 + (chunk + seed) % 6);
                check_corpus(options, UINT32_MAX);
            }
        }
    }
}

/* A file of one line, without a newline, in chunks that are all its middle. */
static void test_one_line(void **state)
{
    (void)state;
    corpus.length = 0;
    corpus.line_count = 0;
    add_line(1000, "");
    check_corpus("source.chunk-size=10", UINT32_MAX);
    check_corpus("source.chunk-size=10", 1);
    corpus.data[corpus.length++] = '\n';
    check_corpus("source.chunk-size=1", 1);
}

/* Several rows a line, stopped between them. */
static void test_rows_of_a_line(void **state)
{
    (void)state;
    for (uint32_t polls = 1; polls < 5; polls++) {
        char positions[LANES_MAX][48];
        struct reading reading;
        corpus.length = 0;
        for (uint32_t i = 0; i < 40; i++) {
            corpus.length += (size_t)snprintf(corpus.data + corpus.length, 64,
                                              "[{\"a\":%u},{\"a\":%u},{\"a\":%u}]\n", i * 3,
                                              i * 3 + 1, i * 3 + 2);
        }
        put_file();
        bool is_done = false;
        for (uint32_t round = 0; !is_done; round++) {
            open_reading(&reading, 1 + round % 3, "source.chunk-size=37\nformat=json",
                         round == 0 ? NULL : positions);
            uint32_t limit = round < ROUNDS_MAX ? polls * reading.count : 1000;
            for (uint32_t i = 0; i < limit; i++) {
                uint32_t instance = i % reading.count;
                struct sl_outs outs = {0};
                enum sl_flow flow;
                assert_int_equal(def()->poll(reading.states[instance], &outs, &flow,
                                             &reading.support[instance].err),
                                 SL_OK);
                const struct sl_batch *batch = outs.batches[SL_OUT_MAIN];
                for (uint32_t k = 0; batch != NULL && k < batch->selected_count; k++) {
                    uint32_t row = sl_batch_row(batch, k);
                    corpus.seen[((const int32_t *)batch->columns[0].data)[row]]++;
                }
                reading.is_done[instance] = flow == SL_DONE;
            }
            is_done = all_done(&reading);
            close_reading(&reading, positions);
        }
        for (uint32_t i = 0; i < 120; i++) {
            assert_int_equal(corpus.seen[i], 1);
        }
    }
}

static void test_when_divided(void **state)
{
    static const struct {
        size_t length;
        const char *options;
        uint32_t splits;
    } CASES[] = {
        {159, "source.chunk-size=10", 1},
        {160, "source.chunk-size=10", 8},
        {160, "source.chunk-size=0", 1},
        {160, "", 1},
        {160, "source.chunk-size=10\nsource.monitor-interval=1 s", 1},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct reading reading;
        corpus.length = 0;
        add_line(CASES[i].length - 3, "\n");
        put_file();
        open_reading(&reading, 1, CASES[i].options, NULL);
        assert_int_equal(reading.split_count, CASES[i].splits);
        close_reading(&reading, NULL);
    }
}

/* Polls an instance to its end; every row shows the split `leader`, and each split of the instance
 * ends once: the leader last, the others before any row. */
static void check_time(struct reading *reading, uint32_t instance, uint32_t leader)
{
    uint32_t told = 0;
    uint32_t split_count = 0;
    bool has_rows = false;
    for (uint32_t i = instance; i < reading->split_count; i += reading->count) {
        split_count++;
    }
    for (bool is_done = false; !is_done;) {
        struct sl_outs outs = {0};
        enum sl_flow flow;
        assert_int_equal(
            def()->poll(reading->states[instance], &outs, &flow, &reading->support[instance].err),
            SL_OK);
        const struct sl_batch *batch = outs.batches[SL_OUT_MAIN];
        for (uint32_t i = 0; batch != NULL && i < batch->run_count; i++) {
            assert_int_equal(batch->runs[i].split, leader);
        }
        has_rows |= batch != NULL;
        if (outs.signal.kind == SL_SIGNAL_SPLIT_ENDED) {
            told++;
            assert_int_equal(outs.signal.value == leader, told == split_count);
            assert_int_equal(has_rows, told == split_count);
        }
        is_done = flow == SL_DONE;
    }
    assert_int_equal(told, split_count);
}

/* The lanes of an instance are one split to those who ask for time: that of the lane which comes
 * first in the file, so a watermark that was kept for it is good for the others. */
static void test_leader(void **state)
{
    char positions[LANES_MAX][48];
    struct reading reading;
    (void)state;
    make_corpus(1, 0);
    put_file();
    open_reading(&reading, 3, "source.chunk-size=64", NULL);
    for (uint32_t i = 0; i < 3; i++) {
        check_time(&reading, i, i);
    }
    close_reading(&reading, NULL);
    open_reading(&reading, 2, "source.chunk-size=64", NULL);
    for (uint32_t i = 0; i < 30; i++) { /* the second instance stays behind */
        poll_once(&reading, 0);
    }
    close_reading(&reading, positions);
    open_reading(&reading, 1, "source.chunk-size=64", positions);
    check_time(&reading, 0, 1);
    close_reading(&reading, NULL);
}

/* A resume divides a file as it was, whatever its size and the option are now. */
static void test_restored(void **state)
{
    static const struct {
        const char *restored[2];
        const char *options;
        uint32_t splits;
        const char *last;
    } CASES[] = {
        {{"/other", "%s"}, "source.chunk-size=10", 1, "%s"},
        {{"%s#5/8@300", "/other"}, "source.chunk-size=10", 8, "%s#7/8@300"},
        {{"%s#0/3@7", "%s-2"}, "", 3, "%s#2/3@7"},
        {{"%s#a#3/8@64", "/other"}, "", 1, "%s"},
        {{"%s2", "%s#x"}, "source.chunk-size=10", 8, "%s#7/8@10"},
    };
    (void)state;
    corpus.length = 0;
    add_line(400, "\n");
    put_file();
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct support support;
        const char *names[2];
        const char **found;
        uint32_t count;
        void *source;
        char text[256];
        snprintf(text, sizeof text, "path=%s\nformat=csv\n%s", path, CASES[i].options);
        support_open(&support, "a INT, b STRING", text);
        names[0] = sl_arena_printf(&support.arena, CASES[i].restored[0], path);
        names[1] = sl_arena_printf(&support.arena, CASES[i].restored[1], path);
        support.env.restored_splits = names;
        support.env.restored_split_count = 2;
        assert_int_equal(def()->open(&support.env, &source, &support.err), SL_OK);
        assert_int_equal(def()->discover(source, &support.arena, &found, &count, &support.err),
                         SL_OK);
        assert_int_equal(count, CASES[i].splits);
        assert_string_equal(found[count - 1], sl_arena_printf(&support.arena, CASES[i].last, path));
        def()->close(source);
        support_close(&support);
    }
}

static void test_bad_positions(void **state)
{
    static const char *const BAD[] = {"9", "20", "-1", "x", "", "10+", "10+-1", "10 "};
    struct reading reading;
    (void)state;
    corpus.length = 0;
    add_line(400, "\n");
    put_file();
    open_reading(&reading, 1, "source.chunk-size=10", NULL);
    for (size_t i = 0; i < SL_COUNT_OF(BAD); i++) {
        struct sl_split split = {.name = reading.names[1], .id = 99};
        struct sl_error *err = &reading.support[0].err;
        assert_int_equal(def()->assign(reading.states[0], &split, BAD[i], false, err), SL_CORRUPT);
    }
    close_reading(&reading, NULL);
}

static void test_names(void **state)
{
    static const struct {
        const char *path;
        struct conn_lane lane;
        const char *name;
    } CASES[] = {
        {"/data/a", {0, 1, 0}, "/data/a"},
        {"/data/a", {3, 8, 64}, "/data/a#3/8@64"},
        {"-", {0, 1, 0}, "-"},
        {"a#b", {0, 1, 0}, "a#b"},
        {"a#", {0, 8, 1}, "a##0/8@1"},
        {"a#8/8@64", {0, 1, 0}, "a#8/8@64"},
        {"a#0/8@", {0, 1, 0}, "a#0/8@"},
        {"a#0/8@-1", {0, 1, 0}, "a#0/8@-1"},
        {"a#0/8@0", {0, 1, 0}, "a#0/8@0"},
        {"a#0/1@5", {0, 1, 0}, "a#0/1@5"},
        {"a#0/99999999999@5", {0, 1, 0}, "a#0/99999999999@5"},
        {"a#0/8@99999999999999999999", {0, 1, 0}, "a#0/8@99999999999999999999"},
        {"a#0/8@64", {0, 1, 0}, "a#0/8@64#0/1@0"}, /* a file with the name of a lane */
        {"a#0/1@0", {0, 1, 0}, "a#0/1@0#0/1@0"},
    };
    struct sl_arena arena;
    (void)state;
    sl_arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct conn_lane lane;
        const char *name = conn_lane_name(&arena, CASES[i].path, &CASES[i].lane);
        assert_string_equal(name, CASES[i].name);
        assert_int_equal(conn_lane_parse(name, &lane), strlen(CASES[i].path));
        assert_memory_equal(&lane, &CASES[i].lane, sizeof lane);
    }
    sl_arena_deinit(&arena);
}

/* The last chunks before the greatest offset do not wrap. */
static void test_far_offsets(void **state)
{
    struct conn_lane lane = {7, 8, INT64_MAX / 1024};
    (void)state;
    assert_int_equal(conn_lane_chunk_end(&lane, INT64_MAX - 1), INT64_MAX);
    assert_int_equal(conn_lane_next_chunk(&lane, INT64_MAX - 1), INT64_MAX);
    assert_int_equal(conn_lane_chunk_end(&lane, 0), INT64_MAX / 1024);
    lane = (struct conn_lane){0, 1, 0};
    assert_int_equal(conn_lane_chunk_end(&lane, 5), INT64_MAX);
    assert_true(conn_lane_owns(&lane, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exactly_once),   cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_rows_of_a_line), cmocka_unit_test(test_when_divided),
        cmocka_unit_test(test_leader),         cmocka_unit_test(test_restored),
        cmocka_unit_test(test_bad_positions),  cmocka_unit_test(test_names),
        cmocka_unit_test(test_far_offsets),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
