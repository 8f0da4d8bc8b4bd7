/**
 * @file serve/stand_in.h
 * A small server that answers GET from a callback and knows no lake, no routes and no caches: it stands in for another
 * system, in tests and demos, and tells what a long-running command does.
 *
 * Each connection has a thread, so the callbacks may wait; they must hear of the end of the program by themselves.
 * Connections are limited, and idle ones are closed.
 */
#ifndef SEINE_SERVE_STAND_IN_H
#define SEINE_SERVE_STAND_IN_H

#include "base/buf.h"
#include "base/try.h"

#define SEINE_STAND_IN_CONNECTIONS 64
#define SEINE_STAND_IN_IDLE_S 30

typedef struct seine_stand_in_request seine_stand_in_request;
/** The path, decoded. */
const char *seine_stand_in_path(const seine_stand_in_request *request);
/** A parameter of the query, decoded; NULL = not given. */
const char *seine_stand_in_parameter(const seine_stand_in_request *request, const char *name);

typedef struct seine_stand_in_answer {
    int status;
    const char *content_type;
    int retry_after_s; /**< 0 = not told */
    bool is_reset;     /**< no answer: the connection ends */
    void *body;        /**< what `more` is given */
    /** Appends the next piece of the body to the empty @p out. *is_end tells the last one; a failure ends the
     * connection in the middle of it. */
    seine_status (*more)(void *body, seine_buf *out, bool *is_end);
    void (*end)(void *body); /**< called once, in every case; may be NULL */
} seine_stand_in_answer;

typedef struct seine_stand_in_options {
    const char *host; /**< address to listen at; NULL = this machine's own, 127.0.0.1 */
    int port;         /**< 0 = any free one */
    /** Fills *answer, which is zeroed. Any thread. @return OK; else the connection ends. */
    seine_status (*answer)(void *context, const seine_stand_in_request *request, seine_stand_in_answer *answer);
    void *context;
} seine_stand_in_options;

typedef struct seine_stand_in seine_stand_in;
/** Starts listening. @return OK; E_USAGE (host is no address); E_IO (port taken, or not this user's), E_NOMEM. */
SEINE_MUST_USE seine_status seine_stand_in_open(const seine_stand_in_options *options, seine_stand_in **server,
                                                seine_error *error);
int seine_stand_in_port(const seine_stand_in *server);
/** Waits for the callbacks that are running. NULL is allowed. */
void seine_stand_in_close(seine_stand_in *server);
SEINE_OWNED_POINTER(seine_stand_in, seine_stand_in_close);

#endif
