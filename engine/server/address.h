/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses to listen at. */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include "sluice/status.h"

enum { SERVER_HOST_BYTES = 256, SERVER_PORT_BYTES = 8 };

/* "localhost:9100", "[::1]:9100", ":9100" (host "": every address). */
struct server_address {
    char host[SERVER_HOST_BYTES];
    char port[SERVER_PORT_BYTES]; /* 0 to 65535 */
};

/* SL_OPTION when text is none. */
enum sl_status server_address_parse(const char *text, struct server_address *address,
                                    struct sl_error *err);
/* A socket that listens there; the caller closes it. port gets the number that it has (which is the
 * machine's choice for 0). SL_IO when the host has no address or the port is taken. */
enum sl_status server_address_listen(const struct server_address *address, int *fd, uint16_t *port,
                                     struct sl_error *err);

#endif
