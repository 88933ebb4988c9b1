/* SPDX-License-Identifier: Apache-2.0
 *
 * The server over libmicrohttpd, which brings the thread. The library is loaded when a server is
 * asked for: with its own libraries it would cost every start some milliseconds and 3 MB. Always
 * true: a query is read only with the lock, so once server_watch has returned nothing of the former
 * one is in use. */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <microhttpd.h>

#include "address.h"
#include "answer.h"
#include "room.h"

enum { CONNECTIONS_MAX = 32, IDLE_SECONDS = 30, STACK_BYTES = 256 * 1024 };

/* The calls of the library that are used, typed as in microhttpd.h. */
struct library {
    struct MHD_Daemon *(*start_daemon)(unsigned int flags, uint16_t port,
                                       MHD_AcceptPolicyCallback accept, void *accept_user,
                                       MHD_AccessHandlerCallback handle, void *handle_user, ...);
    void (*stop_daemon)(struct MHD_Daemon *daemon);
    struct MHD_Response *(*create_response)(size_t size_bytes, void *data,
                                            enum MHD_ResponseMemoryMode mode);
    enum MHD_Result (*add_header)(struct MHD_Response *response, const char *name,
                                  const char *value);
    enum MHD_Result (*queue_response)(struct MHD_Connection *connection, unsigned int code,
                                      struct MHD_Response *response);
    void (*destroy_response)(struct MHD_Response *response);
};

struct server {
    struct library library;
    pthread_mutex_t lock;
    struct server_subject subject; /* with lock */
    char failure[SL_ERROR_TEXT_BYTES];
    struct MHD_Daemon *daemon;
};

/* function points to a pointer to a function. */
static bool find(void *handle, const char *name, void *function)
{
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

static enum sl_status load(struct library *library, struct sl_error *err)
{
    static const char name[] = "libmicrohttpd.so.12";
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL); /* stays for the life of the program */
    bool found = handle != NULL && find(handle, "MHD_start_daemon", &library->start_daemon) &&
                 find(handle, "MHD_stop_daemon", &library->stop_daemon) &&
                 find(handle, "MHD_create_response_from_buffer", &library->create_response) &&
                 find(handle, "MHD_add_response_header", &library->add_header) &&
                 find(handle, "MHD_queue_response", &library->queue_response) &&
                 find(handle, "MHD_destroy_response", &library->destroy_response);
    if (!found) {
        const char *cause = dlerror();
        return sl_fail(err, SL_UNSUPPORTED, "an HTTP server needs %s (Debian: libmicrohttpd12): %s",
                       name, cause == NULL ? "it cannot be loaded" : cause);
    }
    return SL_OK;
}

static enum MHD_Result send_text(const struct library *library, struct MHD_Connection *connection,
                                 struct server_answer answer, const struct sl_text *body)
{
    struct MHD_Response *response = library->create_response(body->failed ? 0 : body->length,
                                                             body->data, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) {
        return MHD_NO;
    }
    library->add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
    if (answer.code == MHD_HTTP_METHOD_NOT_ALLOWED) {
        library->add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result result = library->queue_response(connection, answer.code, response);
    library->destroy_response(response);
    return result;
}

/* libmicrohttpd's MHD_AccessHandlerCallback, hence eight parameters. The library leaves the body of
 * an answer to HEAD out. */
static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *protocol, const char *upload,
                              size_t *upload_bytes, void **request)
{
    struct server *server = user;
    struct server_answer answer = {MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain; charset=utf-8"};
    struct sl_text body;
    (void)protocol;
    (void)upload;
    (void)upload_bytes;
    (void)request;
    sl_text_init(&body, NULL, 0);
    if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0) {
        pthread_mutex_lock(&server->lock);
        answer = server_answer(&server->subject, path, &body);
        pthread_mutex_unlock(&server->lock);
    }
    enum MHD_Result result = send_text(&server->library, connection, answer, &body);
    sl_text_deinit(&body);
    return result;
}

static enum sl_status start(struct server *server, const char *address, struct sl_log *log,
                            struct sl_error *err)
{
    struct server_address parsed;
    int fd = -1;
    uint16_t port = 0;
    SL_TRY(server_address_parse(address, &parsed, err));
    SL_TRY(load(&server->library, err));
    SL_TRY(server_address_listen(&parsed, &fd, &port, err));
    server->daemon = server->library.start_daemon(
        MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, handle, server,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES, MHD_OPTION_END);
    if (server->daemon == NULL) {
        close(fd);
        return sl_fail(err, SL_IO, "the HTTP server at '%s' does not start", address);
    }
    bool is_ipv6 = strchr(parsed.host, ':') != NULL;
    sl_log_info(log, "server", "http://%s%s%s:%u/metrics", is_ipv6 ? "[" : "",
                parsed.host[0] == '\0' ? "localhost" : parsed.host, is_ipv6 ? "]" : "", port);
    return SL_OK;
}

enum sl_status server_open(const char *address, struct sl_log *log, struct server **server,
                           struct sl_error *err)
{
    *server = NULL;
    struct server *made = sl_memory_alloc(NULL, sizeof *made);
    if (made == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for an HTTP server");
    }
    pthread_mutex_init(&made->lock, NULL);
    enum sl_status status = start(made, address, log, err);
    if (status != SL_OK) {
        server_close(made);
        return status;
    }
    *server = made;
    return SL_OK;
}

void server_watch(struct server *server, struct sl_query *query)
{
    if (server != NULL) {
        pthread_mutex_lock(&server->lock);
        server->subject.query = query;
        pthread_mutex_unlock(&server->lock);
    }
}

void server_fail(struct server *server, const char *why)
{
    if (server != NULL) {
        pthread_mutex_lock(&server->lock);
        size_t length = strnlen(why, sizeof server->failure - 1);
        memcpy(server->failure, why, length);
        server->failure[length] = '\0';
        server->subject.failure = server->failure;
        pthread_mutex_unlock(&server->lock);
    }
}

void server_close(struct server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->daemon != NULL) {
        server->library.stop_daemon(server->daemon); /* and closes the socket */
    }
    pthread_mutex_destroy(&server->lock);
    sl_memory_free(NULL, server, sizeof *server);
}
