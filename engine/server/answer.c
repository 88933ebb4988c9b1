/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of the server. Always true: an answer is made whole before its first byte is sent. */
#include "answer.h"

#include <string.h>

#include "prometheus.h"

#define TEXT_TYPE "text/plain; charset=utf-8"

enum { CODE_OK = 200, CODE_NOT_FOUND = 404, CODE_ERROR = 500, CODE_UNAVAILABLE = 503 };

static struct server_answer metrics(const struct server_subject *subject, struct sl_text *body)
{
    server_prometheus_program(body);
    if (subject->query != NULL) {
        struct sl_query_stats stats = sl_query_stats(subject->query);
        server_prometheus_query(body, &stats);
        server_prometheus_metrics(body, sl_query_metrics(subject->query));
    }
    return (struct server_answer){CODE_OK, SERVER_PROMETHEUS_TYPE};
}

static struct server_answer health(const struct server_subject *subject, struct sl_text *body)
{
    bool is_well = subject->failure == NULL;
    sl_text_printf(body, "%s\n", is_well ? "ok" : subject->failure);
    return (struct server_answer){is_well ? CODE_OK : CODE_UNAVAILABLE, TEXT_TYPE};
}

static struct server_answer version(const struct server_subject *subject, struct sl_text *body)
{
    (void)subject;
    sl_text_append_string(body, "sluice " SLUICE_VERSION "\n");
    return (struct server_answer){CODE_OK, TEXT_TYPE};
}

static const struct {
    const char *path;
    struct server_answer (*answer)(const struct server_subject *subject, struct sl_text *body);
} PAGES[] = {{"/metrics", metrics}, {"/healthz", health}, {"/version", version}};

struct server_answer server_answer(const struct server_subject *subject, const char *path,
                                   struct sl_text *body)
{
    struct server_answer answer = {CODE_NOT_FOUND, TEXT_TYPE};
    size_t i = 0;
    while (i < SL_COUNT_OF(PAGES) && strcmp(PAGES[i].path, path) != 0) {
        i++;
    }
    if (i < SL_COUNT_OF(PAGES)) {
        answer = PAGES[i].answer(subject, body);
    } else {
        sl_text_append_string(body, "there are /metrics, /healthz and /version\n");
    }
    return body->failed ? (struct server_answer){CODE_ERROR, TEXT_TYPE} : answer;
}
