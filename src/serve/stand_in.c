/* libmicrohttpd with a thread per connection: bodies are read from their callback when the client has room. */
#include "serve/stand_in.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define PIECE_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define CONNECTION_MEMORY_BYTES ((size_t)32 * 1024)

struct seine_stand_in {
    seine_stand_in_options options;
    struct MHD_Daemon *daemon;
    int port;
};

struct seine_stand_in_request {
    struct MHD_Connection *connection;
    const char *path;
};

/* A body on its way. */
typedef struct body {
    seine_stand_in_answer answer;
    seine_buf piece;
    size_t sent; /* of the piece */
    bool is_end; /* the piece is the last one */
} body;

const char *seine_stand_in_path(const seine_stand_in_request *request) { return request->path; }

const char *seine_stand_in_parameter(const seine_stand_in_request *request, const char *name) {
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

/* ---- bodies ---- */

static void free_body(void *context) {
    body *b = context;
    if (b->answer.end != NULL) b->answer.end(b->answer.body);
    seine_buf_free(&b->piece);
    free(b);
}

static ssize_t read_body(void *context, uint64_t position, char *out, size_t most) {
    body *b = context;
    (void)position;
    while (b->sent == b->piece.size) {
        if (b->is_end) return MHD_CONTENT_READER_END_OF_STREAM;
        seine_buf_clear(&b->piece);
        b->sent = 0;
        if (b->answer.more(b->answer.body, &b->piece, &b->is_end) != SEINE_OK) return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    const size_t left = b->piece.size - b->sent, size = left < most ? left : most;
    memcpy(out, b->piece.data + b->sent, size);
    b->sent += size;
    return (ssize_t)size;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, body *b) {
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_body, b, free_body);
    char seconds[16];
    if (response == NULL) {
        free_body(b);
        return MHD_NO;
    }
    if (b->answer.content_type != NULL)
        (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, b->answer.content_type);
    (void)snprintf(seconds, sizeof seconds, "%d", b->answer.retry_after_s);
    if (b->answer.retry_after_s > 0) (void)MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    const enum MHD_Result queued = MHD_queue_response(connection, (unsigned)b->answer.status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result refuse_method(struct MHD_Connection *connection) {
    static const char text[] = "{\"error\":\"only GET is answered here\"}";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof text - 1, (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return MHD_NO;
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
    const seine_stand_in *server = context;
    const seine_stand_in_request request = {connection, url};
    (void)version, (void)upload, (void)upload_size, (void)state;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return refuse_method(connection);
    body *b = calloc(1, sizeof *b);
    if (b == NULL) return MHD_NO;
    seine_buf_init(&b->piece, PIECE_MAX_BYTES);
    if (server->options.answer(server->options.context, &request, &b->answer) == SEINE_OK && !b->answer.is_reset)
        return send_answer(connection, b);
    free_body(b);
    return MHD_NO;
}

/* ---- listening ---- */

static seine_status cannot_listen(int port, int why, seine_error *error) {
    const char *step = why == EADDRINUSE ? "taken by another program: take another one, or 0"
                       : why == EACCES   ? "this user may not listen at it: take one above 1023"
                                         : strerror(why);
    return seine_fail(error, SEINE_E_IO, "port %d: %s", port, step);
}

seine_status seine_stand_in_open(const seine_stand_in_options *options, seine_stand_in **server, seine_error *error) {
    const char *host = options->host != NULL ? options->host : "127.0.0.1";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options->port)};
    seine_stand_in *made SEINE_OWNED(seine_stand_in_close_owned) = calloc(1, sizeof *made);
    *server = NULL;
    if (made == NULL) return seine_no_memory(error, "server");
    made->options = *options;
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return seine_fail(error, SEINE_E_USAGE, "%s: an address to listen at is numbers, such as 0.0.0.0", host);
    errno = 0;
    made->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL, handle, made,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)SEINE_STAND_IN_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SEINE_STAND_IN_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES + BLOCK_BYTES, MHD_OPTION_END);
    if (made->daemon == NULL) return cannot_listen(options->port, errno, error);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(made->daemon, MHD_DAEMON_INFO_BIND_PORT);
    made->port = info != NULL ? info->port : options->port;
    *server = SEINE_TAKE(made);
    return SEINE_OK;
}

int seine_stand_in_port(const seine_stand_in *server) { return server->port; }

void seine_stand_in_close(seine_stand_in *server) {
    if (server == NULL) return;
    if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
    free(server);
}
