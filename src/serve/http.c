/*
 * The part that knows libmicrohttpd: headers in and out, and the life of one exchange.
 *
 *     first bytes → exchange → head complete → refused? → direct answer → queued
 *                                                       → no: connection suspended, job submitted
 *     worker: answer, connection resumed → queued → sent → log, metrics, exchange freed
 *
 * A body may be freed only when it is sent, so the exchange keeps its answer until then.
 */
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "serve/iceberg/exchange.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CONNECTION_MEMORY_BYTES ((size_t)32 * 1024) /* request line and headers together */
#define STREAM_BLOCK_BYTES ((size_t)16 * 1024)
#define PAGE_POLICY                                                                                              \
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';" \
    " connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#define DATA_POLICY "default-src 'none'; frame-ancestors 'none'"

/* ---- out ---- */

/* Who only asks whether something is there is told so without it. */
static int status_of(const seine_exchange *exchange) {
    const seine_route *route = exchange->request.route;
    const bool is_asked = route != NULL && (route->flags & SEINE_ROUTE_EXISTS) != 0 &&
                          strcmp(exchange->method, MHD_HTTP_METHOD_HEAD) == 0;
    return is_asked && exchange->answer->status == 200 ? 204 : exchange->answer->status;
}

static void add_header(struct MHD_Response *response, const char *name, const char *value) {
    (void)MHD_add_response_header(response, name, value);
}

static void add_keeping(struct MHD_Response *response, const seine_server *server, const seine_answer *answer) {
    char tag[SEINE_ETAG_MAX + 2];
    if (answer->etag[0] != '\0') {
        (void)snprintf(tag, sizeof tag, "\"%s\"", answer->etag);
        add_header(response, MHD_HTTP_HEADER_ETAG, tag);
    }
    const bool is_private = server->tokens != NULL;
    const char *const texts[][2] = {
        [SEINE_FRESH_ASK] = {"no-cache", "private, no-cache"},
        [SEINE_FRESH_FOREVER] = {"public, max-age=31536000, immutable", "private, max-age=31536000, immutable"},
        [SEINE_FRESH_NEVER] = {"no-store", "no-store"}};
    add_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, texts[answer->freshness][is_private]);
    if (answer->varies) add_header(response, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
}

/* Scripts have that of pages: a worker obeys the policy of its own script and not that of the page that started it. */
static const char *policy_of(const char *content_type) {
    const bool is_program =
        strncmp(content_type, "text/html", 9) == 0 || strncmp(content_type, "text/javascript", 15) == 0;
    return is_program ? PAGE_POLICY : DATA_POLICY;
}

static void add_cors(struct MHD_Response *response, const char *origin, int status) {
    add_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    add_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Retry-After, Link, Seine-Cut");
    if (status != 204) return;
    add_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
    add_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, If-None-Match, Last-Event-ID");
    add_header(response, MHD_HTTP_HEADER_ACCESS_CONTROL_MAX_AGE, "86400");
}

/* What an answer that is not the whole says of itself, in every format. */
static void add_rest(struct MHD_Response *response, const seine_answer *answer) {
    char text[SEINE_TARGET_MAX * 4 + 32];
    if (answer->next != NULL) {
        (void)snprintf(text, sizeof text, "<%s>; rel=\"next\"", answer->next);
        add_header(response, MHD_HTTP_HEADER_LINK, text);
    }
    if (answer->cut_at == 0) return;
    (void)snprintf(text, sizeof text, "%lld", (long long)answer->cut_at);
    add_header(response, "Seine-Cut", text);
}

/* Headers that a status asks for. */
static void add_for_status(struct MHD_Response *response, const seine_answer *answer) {
    const int status = answer->status;
    if (status == 204 || status == 405) add_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, OPTIONS");
    if (status == 401) add_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"seine\"");
    if (status == 429 || status == 503) add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    if (status == 413 || status == 503 || answer->closes) add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* ---- streams ---- */

static void pause_stream(void *context) { MHD_suspend_connection(((seine_exchange *)context)->connection); }

static void resume_stream(void *context) { MHD_resume_connection(((seine_exchange *)context)->connection); }

/* A connection that sleeps is not looked at by libmicrohttpd. */
static bool is_gone(void *context) {
    const seine_exchange *exchange = context;
    struct pollfd socket = {.fd = exchange->guest->socket, .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0 && (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static ssize_t read_stream(void *context, uint64_t at, char *out, size_t room) {
    const int64_t size = seine_live_read(context, out, room);
    (void)at;
    return size != SEINE_LIVE_END ? (ssize_t)size : MHD_CONTENT_READER_END_OF_STREAM;
}

/* It has no end that a client waits for: neither the least rate nor the time of an answer are of it. */
static void begin_stream(seine_exchange *exchange) {
    const seine_live_wire wire = {pause_stream, resume_stream, is_gone, exchange};
    seine_live_connect(exchange->answer->stream, &wire);
    atomic_store(&exchange->guest->sending_since_us, 0);
}

static uint64_t bytes_of(const seine_answer *answer) {
    return answer->stream != NULL ? seine_live_sent(answer->stream) : answer->body.size;
}

/* ---- responses ---- */

static struct MHD_Response *make_body(seine_answer *answer) {
    if (answer->stream != NULL)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, answer->stream,
                                                 NULL);
    return MHD_create_response_from_buffer(answer->body.size, answer->body.data, MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *make_response(const seine_server *server, seine_answer *answer) {
    struct MHD_Response *response = make_body(answer);
    if (response == NULL) return NULL;
    if (answer->content_type[0] != '\0') add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->content_type);
    if (answer->encoding != SEINE_ENCODING_NONE)
        add_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING,
                   answer->encoding == SEINE_ENCODING_GZIP ? "gzip" : "zstd");
    add_keeping(response, server, answer);
    add_rest(response, answer);
    add_header(response, "X-Content-Type-Options", "nosniff");
    add_header(response, "Referrer-Policy", "no-referrer");
    add_header(response, "Content-Security-Policy", policy_of(answer->content_type));
    if (server->options.cors != NULL) add_cors(response, server->options.cors, answer->status);
    add_for_status(response, answer);
    if (answer->stream != NULL) add_header(response, "X-Accel-Buffering", "no"); /* proxies are to pass it on */
    return response;
}

/* The answer's response, made once whoever sends it first. */
static struct MHD_Response *response_of(const seine_server *server, seine_answer *answer) {
    struct MHD_Response *response = atomic_load(&answer->response);
    if (response != NULL) return response;
    struct MHD_Response *made = make_response(server, answer);
    if (made == NULL || atomic_compare_exchange_strong(&answer->response, &response, made)) return made;
    MHD_destroy_response(made);
    return response;
}

static enum MHD_Result queue(seine_exchange *exchange) {
    if (exchange->answer == NULL) exchange->answer = seine_answer_error(503, "too busy", "try again later");
    seine_flight_begin(exchange);
    seine_iceberg_phrase(exchange);
    exchange->queued_us = seine_clock_monotonic_us();
    if (exchange->guest != NULL) atomic_store(&exchange->guest->sending_since_us, exchange->queued_us);
    if (exchange->answer != NULL && exchange->answer->stream != NULL) begin_stream(exchange);
    struct MHD_Response *response = exchange->answer != NULL ? response_of(exchange->server, exchange->answer) : NULL;
    if (response == NULL) return MHD_NO; /* out of memory: the connection ends */
    return MHD_queue_response(exchange->connection, (unsigned)status_of(exchange), response);
}

/* ---- in ---- */

static seine_str header_of(struct MHD_Connection *connection, const char *name) {
    const char *value = NULL;
    size_t size = 0;
    if (MHD_lookup_connection_value_n(connection, MHD_HEADER_KIND, name, strlen(name), &value, &size) != MHD_YES)
        return (seine_str){NULL, 0};
    return (seine_str){value, size};
}

static bool is_read(const seine_exchange *exchange) {
    return strcmp(exchange->method, MHD_HTTP_METHOD_GET) == 0 || strcmp(exchange->method, MHD_HTTP_METHOD_HEAD) == 0;
}

static bool has_body(struct MHD_Connection *connection) {
    const seine_str length = header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING).data != NULL ||
           (length.data != NULL && !seine_str_equal(length, SEINE_STR("0")));
}

static bool takes_body(const seine_exchange *exchange, const char *method) {
    struct MHD_Connection *connection = exchange->connection;
    return header_of(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING).data == NULL &&
           seine_iceberg_takes_body(exchange, method, header_of(connection, MHD_HTTP_HEADER_CONTENT_LENGTH));
}

/* A head that another reader may take for something else: nothing that follows on the connection can be trusted. */
static seine_answer *refuse_head(const seine_exchange *exchange) {
    const char *fault = seine_head_fault(exchange);
    seine_answer *answer = fault != NULL ? seine_answer_error(400, fault, NULL) : NULL;
    if (answer != NULL) answer->closes = true;
    return answer;
}

static seine_answer *wrong_method(void) {
    return seine_answer_error(405, "only GET, HEAD and OPTIONS are answered here", NULL);
}

/* What the client may be told without looking at the address: NULL = go on. */
static seine_answer *refuse(seine_exchange *exchange) {
    seine_server *server = exchange->server;
    double wait_s = 0;
    if (exchange->guest == NULL) return seine_answer_error(503, "too busy", "try again later");
    seine_answer *refused = refuse_head(exchange);
    if (refused != NULL) return refused;
    if (exchange->is_late) return seine_answer_error(503, "the server is going down", NULL);
    if (server->limiter != NULL &&
        !seine_limiter_take(server->limiter, exchange->guest->client, exchange->begin_us, &wait_s))
        return seine_answer_error(429, "too many requests", "slow down: see Retry-After");
    if (server->tokens == NULL &&
        !seine_head_is_own_name(server, header_of(exchange->connection, MHD_HTTP_HEADER_HOST)))
        return seine_answer_error(421, "this server answers for localhost only", "send Host: localhost, or use tokens");
    if (strcmp(exchange->method, MHD_HTTP_METHOD_OPTIONS) == 0) {
        seine_answer *answer = seine_answer_new(204, "");
        if (answer != NULL) answer->freshness = SEINE_FRESH_NEVER;
        return answer;
    }
    if (!is_read(exchange) && !seine_iceberg_is_sent(exchange, exchange->method)) return wrong_method();
    if (has_body(exchange->connection) && !exchange->takes_body)
        return seine_answer_error(413, "a request has no body here", NULL);
    return NULL;
}

static bool is_allowed(const seine_exchange *exchange, unsigned flags) {
    const seine_tokens *tokens = exchange->server->tokens;
    if (tokens == NULL || (flags & SEINE_ROUTE_OPEN) != 0) return true;
    return seine_tokens_accept(tokens, header_of(exchange->connection, MHD_HTTP_HEADER_AUTHORIZATION));
}

static seine_answer *unauthorized(void) {
    return seine_answer_error(401, "a token is needed",
                              "send the header Authorization: Bearer TOKEN; never as part of an address");
}

/* Files of the page are asked for last; they hold no data, so they need no token. */
static seine_answer *answer_without_route(seine_exchange *exchange, const seine_error *error) {
    const seine_request *request = &exchange->request;
    seine_answer *file = NULL;
    if (error->status == SEINE_E_NOT_FOUND && request->route == NULL && request->path.size > 0)
        file = seine_file_answer(exchange->server, request->path, request->encoding);
    if (file == NULL) return seine_work_failed(error, true, NULL, "the routes are listed at /openapi.json and /docs");
    if (!seine_etag_matches(exchange->headers.if_none_match, file->etag)) return file;
    seine_answer *same = seine_answer_new(304, "");
    if (same == NULL) return file;
    memcpy(same->etag, file->etag, sizeof same->etag);
    same->varies = true;
    same->freshness = file->freshness;
    seine_answer_release(file);
    return same;
}

/* The answer, or NULL when a worker has to make it. */
static seine_answer *answer_at_once(seine_exchange *exchange) {
    seine_error error = {SEINE_OK, ""};
    seine_answer *answer = refuse(exchange);
    if (answer != NULL) return answer;
    exchange->headers = (seine_headers){header_of(exchange->connection, MHD_HTTP_HEADER_ACCEPT),
                                        header_of(exchange->connection, MHD_HTTP_HEADER_ACCEPT_ENCODING),
                                        header_of(exchange->connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
                                        header_of(exchange->connection, "Last-Event-ID")};
    const seine_str target = {exchange->target, exchange->target_size};
    const seine_status status =
        seine_request_parse(exchange->server->options.routes, target, &exchange->headers, &exchange->request, &error);
    if (!is_read(exchange) && !seine_iceberg_is_report(exchange))
        return is_allowed(exchange, 0) ? seine_iceberg_read_only() : unauthorized();
    if (status != SEINE_OK) {
        /* Which parameters a route takes is no secret, but nobody without a token needs to hear more. */
        if (exchange->request.route != NULL && !is_allowed(exchange, exchange->request.route->flags))
            return unauthorized();
        return answer_without_route(exchange, &error);
    }
    if (!is_allowed(exchange, exchange->request.route->flags)) return unauthorized();
    if (is_read(exchange) && (exchange->request.route->flags & SEINE_ROUTE_POST) != 0) return wrong_method();
    return seine_work_direct(exchange);
}

/* ---- exchanges ---- */

static void *begin_exchange(void *context, const char *uri, struct MHD_Connection *connection) {
    seine_server *server = context;
    seine_exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) return NULL;
    exchange->server = server;
    exchange->connection = connection;
    exchange->begin_us = seine_clock_monotonic_us();
    exchange->target_size = strlen(uri);
    exchange->target = malloc(exchange->target_size + 1);
    exchange->request.route_index = SIZE_MAX;
    if (exchange->target == NULL) {
        free(exchange);
        return NULL;
    }
    memcpy(exchange->target, uri, exchange->target_size + 1);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->guest = info != NULL ? info->socket_context : NULL;
    exchange->is_late = atomic_load(&server->is_draining);
    atomic_fetch_add(&server->active, 1);
    return exchange;
}

static void begin(seine_exchange *exchange, const char *method) {
    exchange->is_begun = true;
    exchange->begin_us = seine_clock_monotonic_us();
    (void)snprintf(exchange->method, sizeof exchange->method, "%s", method);
    if (exchange->guest != NULL) atomic_store(&exchange->guest->waiting_since_us, 0);
    exchange->answer = answer_at_once(exchange);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state) {
    seine_server *server = context;
    seine_exchange *exchange = *state;
    (void)url;
    (void)version;
    (void)upload;
    if (exchange == NULL) return MHD_NO; /* out of memory */
    if (*upload_size > 0) {              /* refused already; what still comes is thrown away */
        *upload_size = 0;
        return MHD_YES;
    }
    if (exchange->is_begun) return queue(exchange);
    /* An answer queued at the first call ends the connection: right for a body that nobody wants to read. */
    const bool is_first = !exchange->has_head;
    exchange->has_head = true;
    if (is_first) exchange->takes_body = takes_body(exchange, method);
    if (is_first && (!has_body(connection) || exchange->takes_body)) return MHD_YES;
    begin(exchange, method);
    if (exchange->answer != NULL) return queue(exchange);
    MHD_suspend_connection(connection);
    if (seine_pool_submit(server->pool, exchange)) return MHD_YES;
    seine_metrics_refused(server->metrics);
    MHD_resume_connection(connection); /* comes back without an answer: "too busy" */
    return MHD_YES;
}

/* ---- after the answer ---- */

static void put_line(seine_json_writer *w, const seine_exchange *exchange, int64_t duration_us) {
    const seine_answer *answer = exchange->answer;
    seine_json_begin_object(w);
    seine_json_name(w, "time");
    seine_json_put_time(w, seine_clock_now_us());
    seine_json_field_text(w, "client", exchange->guest != NULL ? exchange->guest->address : "");
    seine_json_field_text(w, "method", exchange->method);
    seine_json_field_str(w, "target", (seine_str){exchange->target, exchange->target_size});
    seine_json_field_text(w, "route", exchange->request.route != NULL ? exchange->request.route->name : "none");
    seine_json_field_int(w, "status", status_of(exchange));
    seine_json_field_int(w, "bytes", (int64_t)bytes_of(answer));
    seine_json_field_number(w, "ms", (double)duration_us / 1000);
    seine_json_end_object(w);
}

static void write_log(seine_server *server, const seine_exchange *exchange, int64_t duration_us) {
    seine_buf line SEINE_OWNED(seine_buf_free);
    seine_buf_init(&line, (size_t)4 * SEINE_TARGET_MAX + 65536);
    seine_json_writer w = seine_json_writer_to(&line);
    put_line(&w, exchange, duration_us);
    if (w.status != SEINE_OK || seine_buf_append_str(&line, "\n") != SEINE_OK) return;
    (void)pthread_mutex_lock(&server->log_mutex);
    (void)fwrite(line.data, 1, line.size, server->access_log);
    (void)fflush(server->access_log);
    (void)pthread_mutex_unlock(&server->log_mutex);
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
    seine_server *server = context;
    seine_exchange *exchange = *state;
    (void)connection;
    (void)code;
    if (exchange == NULL) return;
    *state = NULL;
    const int64_t now_us = seine_clock_monotonic_us();
    if (exchange->answer != NULL) {
        const int64_t duration_us = now_us - exchange->begin_us;
        /* A stream is as long as its client likes: what counts is how soon it began. */
        const bool is_stream = exchange->answer->stream != NULL;
        seine_metrics_request(server->metrics, exchange->request.route_index, status_of(exchange),
                              is_stream ? exchange->queued_us - exchange->begin_us : duration_us,
                              bytes_of(exchange->answer));
        if (server->access_log != NULL) write_log(server, exchange, duration_us);
    }
    if (exchange->guest != NULL) {
        atomic_store(&exchange->guest->sending_since_us, 0);
        atomic_store(&exchange->guest->waiting_since_us, now_us);
    }
    seine_flight_end(exchange);
    seine_answer_release(exchange->answer);
    seine_view_release(exchange->view);
    seine_request_free(&exchange->request);
    free(exchange->target);
    free(exchange);
    atomic_fetch_sub(&server->active, 1);
}

static void notify_connection(void *context, struct MHD_Connection *connection, void **guest,
                              enum MHD_ConnectionNotificationCode code) {
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        seine_guest_begin(context, connection, guest);
    else
        seine_guest_end(context, guest);
}

/* ---- listening ---- */

static bool address_of(const char *host, int port, struct sockaddr_storage *address) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)address;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1) return false;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    return true;
}

static seine_status cannot_listen(const seine_server_options *o, int why, seine_error *error) {
    switch (why) {
    case EACCES:
    case EPERM:
        return seine_fail(error, SEINE_E_IO,
                          "--port %d: this user may not listen at it: take --port 8000 or another one above 1023, or "
                          "give the right (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)",
                          o->port);
    case EADDRINUSE:
        return seine_fail(error, SEINE_E_IO, "--port %d: taken by another program at %s: take another one, or 0",
                          o->port, o->host);
    case EADDRNOTAVAIL: return seine_fail(error, SEINE_E_IO, "--host %s: this machine has no such address", o->host);
    default: return seine_fail(error, SEINE_E_IO, "cannot listen at %s port %d: %s", o->host, o->port, strerror(why));
    }
}

/* While the server goes down, who comes is sent away. The daemon is not told to leave its socket (MHD_quiesce_daemon):
 * the caller and the daemon's own threads would take it out of their epoll sets at once, and libmicrohttpd (0.9.75 and
 * later) ends the process when one of them comes second. */
static enum MHD_Result accept_client(void *context, const struct sockaddr *address, socklen_t size) {
    const seine_server *server = context;
    (void)address;
    (void)size;
    return atomic_load(&server->is_draining) ? MHD_NO : MHD_YES;
}

seine_status seine_http_start(seine_server *server, seine_error *error) {
    const seine_server_options *o = &server->options;
    struct sockaddr_storage address;
    if (!address_of(o->host, o->port, &address))
        return seine_fail(error, SEINE_E_USAGE, "--host %s: not an address such as 127.0.0.1 or ::1", o->host);
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO |
                           (address.ss_family == AF_INET6 ? MHD_USE_IPv6 : MHD_NO_FLAG);
    errno = 0;
    server->daemon = MHD_start_daemon(
        flags, 0, accept_client, server, handle, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_THREAD_POOL_SIZE, o->accepting_threads > 1 ? (unsigned)o->accepting_threads : 0U,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)o->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY_BYTES, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange,
        server, MHD_OPTION_NOTIFY_COMPLETED, end_exchange, server, MHD_OPTION_NOTIFY_CONNECTION, notify_connection,
        server, MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024U, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (server->daemon == NULL) return cannot_listen(o, errno, error);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info != NULL ? info->port : o->port;
    return SEINE_OK;
}
