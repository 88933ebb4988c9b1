/* SPDX-License-Identifier: Apache-2.0
 *
 * The server of a program that was built without libmicrohttpd: it says what is missing. */
#include "address.h"
#include "room.h"

enum sl_status server_open(const char *address, struct sl_log *log, struct server **server,
                           struct sl_error *err)
{
    struct server_address parsed;
    (void)log;
    *server = NULL;
    SL_TRY(server_address_parse(address, &parsed, err));
    return sl_fail(err, SL_UNSUPPORTED,
                   "cannot listen at '%s': this program was built without libmicrohttpd "
                   "(Debian: libmicrohttpd-dev)",
                   address);
}

void server_watch(struct server *server, struct sl_query *query)
{
    (void)server;
    (void)query;
}

void server_fail(struct server *server, const char *why)
{
    (void)server;
    (void)why;
}

void server_close(struct server *server)
{
    (void)server;
}
