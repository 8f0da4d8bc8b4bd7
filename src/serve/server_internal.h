/** @file serve/server_internal.h  What the files of the server share; not for other files. */
#ifndef SEINE_SERVE_SERVER_INTERNAL_H
#define SEINE_SERVE_SERVER_INTERNAL_H

#include "parquet/reader.h"
#include "io/store/scratch.h"
#include "serve/cache.h"
#include "serve/shared_cache.h"
#include "serve/call.h"
#include "serve/limiter.h"
#include "serve/live/hub.h"
#include "serve/metrics.h"
#include "serve/pool.h"
#include "serve/server.h"
#include "serve/sessions.h"
#include "serve/tokens.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>

/** A worker's session and the time by which its statement has to end. */
typedef struct seine_worker_slot {
    pthread_mutex_t mutex;
    seine_lent_session lent; /* changed under mutex */
    seine_parquet_room room; /* the worker's own */
    int64_t deadline_us;     /* 0 = idle; under mutex */
} seine_worker_slot;

/** An open connection. */
typedef struct seine_guest {
    struct seine_guest *next, *former;
    int socket;
    uint64_t client; /* hash of the address */
    char address[64];
    atomic_int_least64_t waiting_since_us; /* for a whole request; 0 = one is being answered */
    atomic_int_least64_t sending_since_us; /* 0 = nothing is being sent */
    int64_t window_us, window_acked;       /* the watcher's: when it measured, and what had arrived by then */
} seine_guest;

struct seine_server {
    seine_server_options options;
    seine_arena arena;
    seine_lake *lake;
    seine_sessions *sessions;
    seine_worker_slot *slots;
    size_t slot_count;
    seine_pool *pool;
    seine_cache *cache;
    seine_shared_cache *shared; /* NULL: none */
    atomic_uint_least64_t seen; /* of the newest view: tells a commit */
    seine_limiter *limiter;     /* NULL = no limit */
    seine_tokens *tokens;       /* NULL = none are asked for */
    seine_metrics *metrics;
    seine_live *live;
    seine_buf openapi;
    seine_scratch temp; /* for files that answers are made of */
    FILE *access_log;
    pthread_mutex_t log_mutex;
    int64_t started_us;

    struct MHD_Daemon *daemon;
    int port;
    atomic_bool is_draining;
    atomic_size_t active;               /* requests that have begun and not ended */
    atomic_int_least64_t sending_bytes; /* of bodies that are being sent, each once */

    pthread_mutex_t guests_mutex;
    seine_guest *guests;
    atomic_size_t guest_count;

    pthread_t watcher;
    bool has_watcher;
    pthread_mutex_t watcher_mutex;
    pthread_cond_t watcher_wakes;
    bool watcher_ends;
};

/** One request from its first byte to the end of its answer. */
typedef struct seine_exchange {
    seine_server *server;
    struct MHD_Connection *connection;
    seine_guest *guest;
    char *target;
    size_t target_size;
    char method[12];
    seine_headers headers;
    seine_request request;
    const seine_view *view; /* of peek; may be NULL */
    seine_answer *answer;
    int64_t begin_us, queued_us;
    bool has_head;   /* the handler was called for it */
    bool takes_body; /* what is sent with it is waited for, and thrown away */
    bool is_begun;
    bool is_late;      /* it began when the server was going down */
    bool is_counted;   /* among those that send exchange->answer */
    bool is_looked_up; /* in the cache, when it came: it is counted there */
} seine_exchange;

/* ---- work.c: from a parsed request to an answer ---- */

/** What can be answered at once: errors, routes about the server, files, 304, hits. NULL: a worker has to. */
seine_answer *seine_work_direct(seine_exchange *exchange);
/** The job of the pool: sets exchange->answer. */
void seine_work_run(seine_server *server, size_t worker, seine_exchange *exchange);
/** Gives the worker a session of the present engine before a statement. */
SEINE_MUST_USE seine_status seine_work_session(seine_server *server, seine_worker_slot *slot, seine_error *error);
/** Somebody has committed: answers of the state before go. @p context is the server. Any thread. */
void seine_work_notice(void *context, const seine_view *view);
/** Answer for a status of this program. */
seine_answer *seine_work_failed(const seine_error *error, bool is_parsing, const char *cause, const char *hint);

/* ---- files.c ---- */

/** A file of the page below the web folder; NULL when there is none. @p path is decoded and begins with '/'. */
seine_answer *seine_file_answer(seine_server *server, seine_str path, seine_encoding encoding);

/* ---- watcher.c ---- */

SEINE_MUST_USE seine_status seine_watcher_start(seine_server *server, seine_error *error);
void seine_watcher_stop(seine_server *server);
void seine_guest_begin(seine_server *server, struct MHD_Connection *connection, void **context);
void seine_guest_end(seine_server *server, void **context);

/** Ends the connections on which no request is being answered. */
void seine_guests_end_idle(seine_server *server);

/* ---- flight.c: bytes of answers that are being sent ---- */

/** Whether answers that are being sent hold all the memory that they may. */
bool seine_flight_is_full(const seine_server *server);
/** Counts the exchange's answer; one that does not fit is replaced by "too busy". */
void seine_flight_begin(seine_exchange *exchange);
void seine_flight_end(seine_exchange *exchange);

/* ---- temp.c ---- */

/** Makes the folder for files of answers, and removes those of servers that are gone. */
SEINE_MUST_USE seine_status seine_temp_open(seine_server *server, seine_error *error);
void seine_temp_close(seine_server *server);

/* ---- head.c ---- */

/** What is wrong with the head of a request: NULL = nothing. Constant text. */
const char *seine_head_fault(const seine_exchange *exchange);
/** Whether a Host header means this machine, or the address that the server listens at. */
bool seine_head_is_own_name(const seine_server *server, seine_str host);

/* ---- http.c ---- */

SEINE_MUST_USE seine_status seine_http_start(seine_server *server, seine_error *error);

#endif
