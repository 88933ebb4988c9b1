/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server says: names, labels and order for Prometheus, the pages, and addresses. */
#include "engine/server/address.h"
#include "engine/server/answer.h"
#include "engine/server/prometheus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static void render(struct sl_text *out, struct sl_metric_set *set)
{
    sl_text_init(out, NULL, 0);
    server_prometheus_metrics(out, set);
    sl_text_append_char(out, '\0');
    assert_false(out->failed);
}

static void families_stand_together(void **state)
{
    (void)state;
    struct sl_metric_set *set = sl_metric_set_create(NULL);
    sl_metric_add(sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "source[0]", "", 0),
                  12);
    sl_metric_set_value(
        sl_metric_find_or_add(set, SL_METRIC_GAUGE, "memoryBytes", "source[0]", "", 0), -1);
    sl_metric_add(
        sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsIn", "source[0]", "", 11), 3);
    sl_metric_add(sl_metric_find_or_add(set, SL_METRIC_COUNTER, "numRecordsRejected", "source[0]",
                                        "invalid syntax", 0),
                  1);
    struct sl_text text;
    render(&text, set);
    assert_string_equal(
        text.data,
        "# HELP sluice_memory_bytes Memory that the operator holds, its state included.\n"
        "# TYPE sluice_memory_bytes gauge\n"
        "sluice_memory_bytes{operator=\"source[0]\",worker=\"0\"} -1\n"
        "# HELP sluice_num_records_in_total Rows that the operator took; of a source: "
        "rows decoded.\n"
        "# TYPE sluice_num_records_in_total counter\n"
        "sluice_num_records_in_total{operator=\"source[0]\",worker=\"0\"} 12\n"
        "sluice_num_records_in_total{operator=\"source[0]\",worker=\"11\"} 3\n"
        "# HELP sluice_num_records_rejected_total Rows that could not be decoded or "
        "computed, by reason.\n"
        "# TYPE sluice_num_records_rejected_total counter\n"
        "sluice_num_records_rejected_total{operator=\"source[0]\",worker=\"0\","
        "reason=\"invalid syntax\"} 1\n");
    sl_text_deinit(&text);
    sl_metric_set_destroy(set);
}

/* One metric and the line of its sample; "" = none is shown. */
static const struct {
    enum sl_metric_kind kind;
    const char *name;
    const char *label;
    const char *reason;
    int64_t value;
    const char *line;
} SAMPLES[] = {
    {SL_METRIC_COUNTER, "numLateRecordsDropped", "w[1]", "", 2,
     "sluice_num_late_records_dropped_total{operator=\"w[1]\",worker=\"0\"} 2\n"},
    {SL_METRIC_GAUGE, "currentInputWatermark", "w[1]", "", 1760000000000,
     "sluice_current_input_watermark_ms{operator=\"w[1]\",worker=\"0\"} 1760000000000\n"},
    {SL_METRIC_GAUGE, "currentInputWatermark", "w[1]", "", INT64_MIN, ""},
    {SL_METRIC_GAUGE, "currentOutputWatermark", "w[1]", "", INT64_MAX,
     "sluice_current_output_watermark_ms{operator=\"w[1]\",worker=\"0\"} +Inf\n"},
    {SL_METRIC_GAUGE, "stateBytes", "w[1]", "", INT64_MIN,
     "sluice_state_bytes{operator=\"w[1]\",worker=\"0\"} -9223372036854775808\n"},
    {SL_METRIC_GAUGE, "stateBytes", "", "", 7, "sluice_state_bytes{worker=\"0\"} 7\n"},
    {SL_METRIC_GAUGE, "x", "a\"b\\c\nd", "\xc3\xa4", 1,
     "sluice_x{operator=\"a\\\"b\\\\c\\nd\",worker=\"0\",reason=\"\xc3\xa4\"} 1\n"},
    {SL_METRIC_GAUGE, "bytesIO2Device", "", "", 1, "sluice_bytes_io2_device{worker=\"0\"} 1\n"},
    {SL_METRIC_COUNTER, "a-b.c d", "", "", 1, "sluice_a_b_c_d_total{worker=\"0\"} 1\n"},
    {SL_METRIC_GAUGE, "Watermark", "", "", 5, "sluice_watermark_ms{worker=\"0\"} 5\n"},
};

static void samples_are_named_and_escaped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SL_COUNT_OF(SAMPLES); i++) {
        struct sl_metric_set *set = sl_metric_set_create(NULL);
        struct sl_metric *metric = sl_metric_find_or_add(set, SAMPLES[i].kind, SAMPLES[i].name,
                                                         SAMPLES[i].label, SAMPLES[i].reason, 0);
        sl_metric_set_value(metric, SAMPLES[i].value);
        struct sl_text text;
        render(&text, set);
        const char *type = strstr(text.data, "# TYPE ");
        assert_non_null(type);
        assert_string_equal(strchr(type, '\n') + 1, SAMPLES[i].line);
        sl_text_deinit(&text);
        sl_metric_set_destroy(set);
    }
}

static void nothing_is_rendered_of_nothing(void **state)
{
    (void)state;
    struct sl_text text;
    struct sl_metric_set *set = sl_metric_set_create(NULL);
    render(&text, NULL);
    assert_string_equal(text.data, "");
    sl_text_deinit(&text);
    render(&text, set);
    assert_string_equal(text.data, "");
    sl_text_deinit(&text);
    sl_metric_set_destroy(set);
}

static void pages_answer(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *failure;
        uint32_t code;
        const char *body; /* its beginning */
    } cases[] = {
        {"/healthz", NULL, 200, "ok\n"},
        {"/healthz", "the broker is gone", 503, "the broker is gone\n"},
        {"/version", NULL, 200, "sluice "},
        {"/metrics", NULL, 200, "# HELP sluice_build_info"},
        {"/metrics", "the broker is gone", 200, "# HELP sluice_build_info"},
        {"/", NULL, 404, "there are /metrics"},
        {"/metrics/", NULL, 404, "there are /metrics"},
        {"", NULL, 404, "there are /metrics"},
    };
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        struct server_subject subject = {.failure = cases[i].failure};
        struct sl_text body;
        sl_text_init(&body, NULL, 0);
        struct server_answer answer = server_answer(&subject, cases[i].path, &body);
        assert_int_equal(answer.code, cases[i].code);
        assert_true(body.length >= strlen(cases[i].body));
        assert_memory_equal(body.data, cases[i].body, strlen(cases[i].body));
        sl_text_deinit(&body);
    }
}

static void addresses_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL = refused */
        const char *port;
    } cases[] = {
        {"localhost:9100", "localhost", "9100"},
        {"127.0.0.1:0", "127.0.0.1", "0"},
        {"[::1]:65535", "::1", "65535"},
        {":9100", "", "9100"},
        {"", NULL, NULL},
        {"9100", NULL, NULL},
        {"localhost", NULL, NULL},
        {"localhost:", NULL, NULL},
        {"localhost:65536", NULL, NULL},
        {"localhost:-1", NULL, NULL},
        {"localhost: 1", NULL, NULL},
        {"localhost:http", NULL, NULL},
        {"localhost:00000000009100", NULL, NULL},
        {"::1:9100", NULL, NULL},
        {"[]:9100", NULL, NULL},
        {"[::1:9100", NULL, NULL},
        {"::1]:9100", NULL, NULL},
    };
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        struct server_address address;
        struct sl_error err = {.text = ""};
        enum sl_status status = server_address_parse(cases[i].text, &address, &err);
        assert_int_equal(status, cases[i].host == NULL ? SL_OPTION : SL_OK);
        if (cases[i].host != NULL) {
            assert_string_equal(address.host, cases[i].host);
            assert_string_equal(address.port, cases[i].port);
        }
    }
    char text[SERVER_HOST_BYTES + 8];
    struct server_address address;
    struct sl_error err = {.text = ""};
    memset(text, 'h', SERVER_HOST_BYTES);
    memcpy(text + SERVER_HOST_BYTES, ":1", 3);
    assert_int_equal(server_address_parse(text, &address, &err), SL_OPTION);
}

static void a_taken_port_is_refused(void **state)
{
    (void)state;
    struct server_address address = {.host = "127.0.0.1", .port = "0"};
    struct sl_error err = {.text = ""};
    uint16_t port = 0;
    uint16_t again = 0;
    int first = -1;
    int second = -1;
    assert_int_equal(server_address_listen(&address, &first, &port, &err), SL_OK);
    assert_int_not_equal(port, 0);
    snprintf(address.port, sizeof address.port, "%u", port);
    assert_int_equal(server_address_listen(&address, &second, &again, &err), SL_IO);
    assert_non_null(strstr(err.text, "127.0.0.1:"));
    close(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_stand_together),
        cmocka_unit_test(samples_are_named_and_escaped),
        cmocka_unit_test(nothing_is_rendered_of_nothing),
        cmocka_unit_test(pages_answer),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(a_taken_port_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
