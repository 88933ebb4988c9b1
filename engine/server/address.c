/* SPDX-License-Identifier: Apache-2.0
 *
 * From the text of an address to a socket that listens. Always true: what an error says names the
 * address as it was given. */
#include "address.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sluice/text.h"

enum { BACKLOG = 16, PORT_MAX = 65535 };

static bool is_port(const char *text)
{
    int64_t port = 0;
    bool is_plain = *text >= '0' && *text <= '9' && strlen(text) < SERVER_PORT_BYTES;
    return is_plain && sl_parse_int64(text, strlen(text), &port) && port <= PORT_MAX;
}

enum sl_status server_address_parse(const char *text, struct server_address *address,
                                    struct sl_error *err)
{
    const char *colon = strrchr(text, ':');
    const char *host = text;
    size_t host_bytes = colon == NULL ? 0 : (size_t)(colon - text);
    bool in_brackets = host_bytes > 2 && host[0] == '[' && host[host_bytes - 1] == ']';
    if (in_brackets) {
        host++;
        host_bytes -= 2;
    }
    bool is_host = host_bytes < SERVER_HOST_BYTES && memchr(host, '[', host_bytes) == NULL &&
                   memchr(host, ']', host_bytes) == NULL &&
                   (in_brackets || memchr(host, ':', host_bytes) == NULL);
    if (colon == NULL || !is_port(colon + 1) || !is_host) {
        return sl_fail(err, SL_OPTION,
                       "'%s' is no address to listen at; expected host:port, [::1]:port or :port",
                       text);
    }
    snprintf(address->host, sizeof address->host, "%.*s", (int)host_bytes, host);
    snprintf(address->port, sizeof address->port, "%s", colon + 1);
    return SL_OK;
}

/* A listening socket at one of the host's addresses, or -1 with errno. */
static int listen_at(const struct addrinfo *info)
{
    const int yes = 1;
    const int no = 0;
    int type = info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(info->ai_family, type, info->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (info->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no); /* :port is both families */
    }
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int cause = errno;
        close(fd);
        errno = cause;
        return -1;
    }
    return fd;
}

static uint16_t port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } bound;
    socklen_t bytes = sizeof bound;
    memset(&bound, 0, sizeof bound);
    if (getsockname(fd, &bound.any, &bytes) != 0) {
        return 0;
    }
    return ntohs(bound.any.sa_family == AF_INET6 ? bound.ipv6.sin6_port : bound.ipv4.sin_port);
}

/* The first of the host's addresses that can be had; host NULL = every address of the family. */
static enum sl_status listen_as(const char *host, const struct server_address *address, int family,
                                int *fd, struct sl_error *err)
{
    struct addrinfo hints = {
        .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *infos = NULL;
    *fd = -1;
    int failed = getaddrinfo(host, address->port, &hints, &infos);
    if (failed != 0) {
        return sl_fail(err, SL_IO, "cannot listen at '%s:%s': %s", address->host, address->port,
                       gai_strerror(failed));
    }
    for (const struct addrinfo *info = infos; info != NULL && *fd < 0; info = info->ai_next) {
        *fd = listen_at(info);
    }
    int cause = errno;
    freeaddrinfo(infos);
    if (*fd < 0) {
        return sl_fail(err, SL_IO, "cannot listen at '%s:%s': %s", address->host, address->port,
                       strerror(cause));
    }
    return SL_OK;
}

enum sl_status server_address_listen(const struct server_address *address, int *fd, uint16_t *port,
                                     struct sl_error *err)
{
    if (address->host[0] != '\0') {
        SL_TRY(listen_as(address->host, address, AF_UNSPEC, fd, err));
    } else if (listen_as(NULL, address, AF_INET6, fd, NULL) != SL_OK) { /* no IPv6 here */
        SL_TRY(listen_as(NULL, address, AF_INET, fd, err));
    }
    *port = port_of(*fd);
    return SL_OK;
}
