/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server says at each path, apart from how it is carried. */
#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H

#include "sluice/engine.h"
#include "sluice/text.h"

/* What answers are made of. */
struct server_subject {
    struct sl_query *query; /* NULL = none is running */
    const char *failure;    /* NULL = all is well */
};

struct server_answer {
    uint32_t code; /* of HTTP */
    const char *type;
};

/* Appends the body of the answer to a GET of path. */
struct server_answer server_answer(const struct server_subject *subject, const char *path,
                                   struct sl_text *body);

#endif
