/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of server/: a small HTTP server that tells how a query is doing. Always true: it listens
 * only at the address that it was given, and it only reads. */
#ifndef SERVER_ROOM_H
#define SERVER_ROOM_H

#include "sluice/engine.h"

struct server;

/* Listens at address ("host:port", "[::1]:port", or ":port" for every address of the machine; port
 * 0 takes a free one, which the log names) with one thread of its own. GET /metrics is text for
 * Prometheus, /healthz is 200 "ok" or 503 and why, /version is the version. SL_OPTION when address
 * is none, SL_UNSUPPORTED when the program was built without an HTTP server. log must outlive it.
 */
enum sl_status server_open(const char *address, struct sl_log *log, struct server **server,
                           struct sl_error *err);
/* From now on /metrics tells of query; NULL = none is running. The former query may be destroyed
 * when it returns. Accepts a NULL server, as do the others. */
void server_watch(struct server *server, struct sl_query *query);
/* From now on /healthz says that the program has failed, and why. */
void server_fail(struct server *server, const char *why);
/* Answers what is being asked, then stops listening. */
void server_close(struct server *server);

#endif
