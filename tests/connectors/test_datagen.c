/* SPDX-License-Identifier: Apache-2.0
 *
 * datagen, print and blackhole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support_connector.h"
#include "support/wake.h"

static const struct sl_connector_def *find(const char *name)
{
    const struct sl_connector_def *const *at = conn_connectors;
    while (strcmp((*at)->name, name) != 0) {
        at++;
    }
    return *at;
}

static enum sl_flow poll_once(struct support *support, void *source)
{
    struct sl_outs outs = {0};
    enum sl_flow flow;
    assert_int_equal(find("datagen")->source->poll(source, &outs, &flow, &support->err), SL_OK);
    support_take(support, &outs);
    if (outs.signal.kind == SL_SIGNAL_SPLIT_ENDED) {
        sl_text_append_string(&support->out, "#\n");
    }
    return flow;
}

static void *start(struct support *support, const char *position)
{
    const struct sl_source_def *def = find("datagen")->source;
    static const struct sl_split SPLIT = {.name = "0", .id = 3};
    void *source = NULL;
    assert_int_equal(def->open(&support->env, &source, &support->err), SL_OK);
    assert_int_equal(def->assign(source, &SPLIT, position, false, &support->err), SL_OK);
    return source;
}

static void test_sequence(void **state)
{
    const struct sl_source_def *def = find("datagen")->source;
    struct support support;
    (void)state;
    support_open(&support, "n INT, s STRING, x DECIMAL(4,1)",
                 "rows-per-second=1\nfields.n.kind=sequence\nfields.n.start=-1\nfields.n.end=2\n"
                 "fields.s.kind=sequence\nfields.s.start=10\nfields.s.end=99\n"
                 "fields.x.kind=sequence\nfields.x.start=1\nfields.x.end=5");
    support_want(&support, "0 1 2", "");
    void *source = start(&support, NULL);
    assert_int_equal(poll_once(&support, source), SL_MORE);
    assert_int_equal(poll_once(&support, source), SL_BLOCKED);
    assert_int_equal(armed_wake.time, support.now_us + 1000000);
    assert_string_equal(support_text(&support), "-1|\"10\"|1.0\n");
    support.now_us += 1500000;
    assert_int_equal(def->wake(source, 1, &support.err), SL_OK);
    assert_int_equal(poll_once(&support, source), SL_MORE);
    assert_int_equal(poll_once(&support, source), SL_BLOCKED);
    support.now_us += 10000000;
    assert_int_equal(poll_once(&support, source), SL_MORE);
    assert_int_equal(poll_once(&support, source), SL_DONE);
    assert_string_equal(support_text(&support), "0|\"11\"|2.0\n1|\"12\"|3.0\n2|\"13\"|4.0\n#\n");
    def->close(source);
    support_close(&support);
}

static void test_random_is_repeatable(void **state)
{
    static const char OPTIONS[] = "rows-per-second=1000000\nnumber-of-rows=40\nfields.i.min=5\n"
                                  "fields.i.max=7\nfields.s.length=20\nfields.s.var-len=true\n"
                                  "fields.d.min=-1\nfields.d.max=1\nfields.b.null-rate=0.5\n"
                                  "fields.t.max-past=1 h";
    static const char SCHEMA[] =
        "i INT, s STRING, d DOUBLE, b BOOLEAN, t TIMESTAMP(3), y BYTES, m DECIMAL(5,2), l BIGINT";
    const struct sl_source_def *def = find("datagen")->source;
    char all[8192];
    char again[8192] = "";
    struct support support;
    (void)state;
    for (int round = 0; round < 2; round++) {
        support_open(&support, SCHEMA, OPTIONS);
        support_want(&support, "0 1 2 3 4 6 7", "");
        void *source = start(&support, round == 0 ? NULL : "15");
        support.now_us += 1000000;
        while (poll_once(&support, source) != SL_DONE) {
        }
        snprintf(round == 0 ? all : again, sizeof all, "%s", support_text(&support));
        def->close(source);
        support_close(&support);
    }
    const char *rest = all;
    for (int i = 0; i < 15; i++) {
        rest = strchr(rest, '\n') + 1;
    }
    assert_string_equal(rest, again);
    assert_non_null(strstr(all, "|null|"));
    for (const char *at = all; *at != '#'; at = strchr(at, '\n') + 1) {
        assert_true(*at >= '5' && *at <= '7');
    }
}

static void test_bad_options(void **state)
{
    static const struct {
        const char *options;
        const char *error;
    } CASES[] = {
        {"fields.n.kind=sequence", "a sequence needs 'fields.n.start' and 'fields.n.end'"},
        {"fields.n.kind=odd", "'fields.n.kind' = 'odd': expected random, or sequence for numbers "
                              "and strings"},
        {"fields.n.min=x", "'fields.n.min' = 'x': expected an integer"},
        {"fields.n.min=5\nfields.n.max=4",
         "'fields.n.min' = '5': expected a range within the column's type"},
        {"fields.n.max=128", "'fields.n.max' = '128': expected a range within the column's type"},
        {"fields.n.null-rate=2", "'fields.n.null-rate' = '2': expected a number between 0 and 1"},
        {"fields.q.min=1", "option 'fields.q.min': no such column"},
        {"fields.n.odd=1", "option 'fields.n.odd': no such property of a field"},
        {"rows-per-second=0", "'rows-per-second' must be at least 1"},
    };
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(CASES); i++) {
        struct support support;
        support_open(&support, "n TINYINT", CASES[i].options);
        const struct sl_options options = {.items = support.options, .count = support.option_count};
        assert_int_equal(find("datagen")->check(&options, support.physical, false, &support.err),
                         SL_OPTION);
        assert_string_equal(support.err.text, CASES[i].error);
        support_close(&support);
    }
}

static struct sl_batch *make_batch(struct support *support)
{
    struct sl_batch *batch = SL_ARENA_NEW(&support->arena, struct sl_batch);
    batch->schema = support->physical;
    batch->columns = SL_ARENA_ARRAY(&support->arena, struct sl_vector, 2);
    batch->kinds = SL_ARENA_ARRAY(&support->arena, uint8_t, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sl_vector_init(&batch->columns[i], &support->physical->columns[i].type, 2,
                                        &support->arena, NULL),
                         SL_OK);
        assert_int_equal(sl_vector_ensure_validity(&batch->columns[i], &support->arena, NULL),
                         SL_OK);
    }
    ((int32_t *)batch->columns[0].data)[1] = 7;
    ((struct sl_view *)batch->columns[1].data)[0] = sl_view_of("a b", 3);
    sl_vector_set_null(&batch->columns[1], 1);
    batch->kinds[1] = SL_DELETE;
    batch->row_count = 2;
    batch->selected_count = 2;
    return batch;
}

/* Whatever the sink writes to standard output, read back. */
static void check_print(const char *options, uint32_t worker_count, const char *expected)
{
    const struct sl_sink_def *def = find("print")->sink;
    struct support support;
    struct sl_outs outs = {0};
    enum sl_flow flow;
    char text[256] = "";
    void *sink = NULL;
    int ends[2];
    support_open(&support, "a INT, b STRING", options);
    support.env.worker_count = worker_count;
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDOUT_FILENO);
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    enum sl_status status = def->open(&support.env, &sink, &support.err);
    if (status == SL_OK) {
        status = def->write(sink, make_batch(&support), &outs, &flow, &support.err);
    }
    dup2(saved, STDOUT_FILENO);
    close(ends[1]);
    close(saved);
    assert_int_equal(status, SL_OK);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    close(ends[0]);
    assert_string_equal(text, expected);
    def->close(sink);
    support_close(&support);
}

static void test_print(void **state)
{
    (void)state;
    check_print("connector=print", 1, "+I[0, a b]\n-D[7, null]\n");
    check_print("print-identifier=out", 1, "out> +I[0, a b]\nout> -D[7, null]\n");
    check_print("print-identifier=out", 2, "out:1> +I[0, a b]\nout:1> -D[7, null]\n");
}

static void test_blackhole(void **state)
{
    const struct sl_sink_def *def = find("blackhole")->sink;
    struct support support;
    struct sl_outs outs = {0};
    enum sl_flow flow = SL_BLOCKED;
    void *sink;
    (void)state;
    support_open(&support, "a INT, b STRING", "connector=blackhole");
    assert_int_equal(def->open(&support.env, &sink, &support.err), SL_OK);
    assert_int_equal(def->write(sink, make_batch(&support), &outs, &flow, &support.err), SL_OK);
    assert_int_equal(flow, SL_DONE);
    def->close(sink);
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence),    cmocka_unit_test(test_random_is_repeatable),
        cmocka_unit_test(test_bad_options), cmocka_unit_test(test_print),
        cmocka_unit_test(test_blackhole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
