/**
 * @file serve/server.h
 * The HTTP server over one lake.
 *
 *     accepting threads (libmicrohttpd, epoll): parse, check, cached answers
 *         └─ bounded queue → workers: one view of the lake, one session of the SQL engine → answer
 *     one thread beside them: time limits of statements, connections that never send a request
 */
#ifndef SEINE_SERVE_SERVER_H
#define SEINE_SERVE_SERVER_H

#include "base/buf.h"
#include "base/try.h"
#include "serve/lake.h"
#include "serve/live/hub.h"
#include "serve/route.h"

typedef struct seine_server seine_server;

/** Which tables a table is made from. */
typedef struct seine_lineage {
    const char *table;
    const char *const *inputs;
    size_t input_count;
} seine_lineage;

typedef struct seine_server_options {
    const seine_routes *routes; /**< what is answered: serve/routes.h */
    const char *lake;
    const char *host;       /**< numeric address to listen at */
    int port;               /**< 0 = any free one */
    const char *token_file; /**< NULL = no tokens; must be given for hosts other than loopback */
    const char *web_folder; /**< files of the page; NULL = none */
    const char *cors;       /**< origin that may read answers, or "*"; NULL = none */
    const char *access_log; /**< file, "-" = standard error, NULL = none */
    double rate;            /**< requests a second of one client; 0 = any */
    int workers, queue;     /**< workers for statements; requests that may wait for one */
    int accepting_threads, engine_threads;
    int timeout_s;                /**< of a statement */
    int idle_s;                   /**< a connection without a whole request */
    int64_t least_rate;           /**< bytes a second that a client has to take; 0 = any */
    int64_t send_bytes;           /**< of answers that are being sent */
    int connections;              /**< at once */
    int64_t cache_bytes;          /**< of finished answers */
    const char *shared_cache;     /**< address of Redis (serve/shared_cache.h); NULL = none */
    int64_t shared_ttl_s;         /**< how long it keeps an answer */
    int64_t memory_bytes;         /**< of the SQL engine */
    const seine_lineage *lineage; /**< must outlive the server */
    size_t lineage_count;
    int live_clients;        /**< that follow live at once */
    bool shares_credentials; /**< the Iceberg catalog tells those of the lake's bucket to whoever is let in */
} seine_server_options;

/** Starts listening. @return OK; E_USAGE (host, token file); E_IO (port taken); statuses of opening the lake. */
SEINE_MUST_USE seine_status seine_server_open(const seine_server_options *options, seine_server **server,
                                              seine_error *error);
int seine_server_port(const seine_server *server);
/** Sends new clients away and waits until the running requests are answered, at most @p seconds. */
void seine_server_drain(seine_server *server, int seconds);
/** NULL is allowed. */
void seine_server_close(seine_server *server);
SEINE_OWNED_POINTER(seine_server, seine_server_close);

/* ---- for routes about the server itself ---- */

seine_lake *seine_server_lake(const seine_server *server);
seine_live *seine_server_live(const seine_server *server);
bool seine_server_is_draining(const seine_server *server);
const char *seine_server_web(const seine_server *server);
SEINE_MUST_USE seine_status seine_server_metrics(const seine_server *server, seine_buf *out, seine_error *error);
/** The tables that a table is made from; none when that is not known. */
const char *const *seine_server_inputs(const seine_server *server, const char *table, size_t *count);
/** The OpenAPI document. */
seine_str seine_server_openapi(const seine_server *server);

#endif
