/**
 * @file serve/live/hub.h
 * Clients that are told positions as they are committed.
 *
 *     hub's thread:  has somebody committed? → view → new files of silver, read once → feed of the dataset → clients
 * wake a client:      what is behind its place in the feed, filtered → event → bytes;  nothing → it sleeps
 *
 * Invariants
 *  1. Only the hub's thread changes a feed, under the mutex; it reads files without it.
 *  2. A client has a place in the feed and one event that is being sent: nothing else is kept for it, however slow it
 * is.
 *  3. An event bears an id only when everything up to its commit was told. Who shows that id goes on behind it.
 *  4. A mover's position goes out when it is newer than what was told of it: merged files bring nothing.
 */
#ifndef SEINE_SERVE_LIVE_HUB_H
#define SEINE_SERVE_LIVE_HUB_H

#include "serve/lake.h"
#include "serve/sessions.h"

typedef struct seine_live seine_live;               /**< every function may be called from any thread */
typedef struct seine_live_client seine_live_client; /**< one request */

typedef struct seine_live_options {
    seine_lake *lake;
    seine_sessions *sessions;
    size_t clients_max;
    void (*notice)(void *context, const seine_view *view); /**< a commit was seen; may be NULL */
    void *context;
} seine_live_options;

/** What a client wants to be told. Copied. */
typedef struct seine_live_wish {
    const seine_dataset *dataset; /**< only its name is kept */
    const double *box;            /**< west, south, east, north; west > east crosses 180 degrees; NULL = everywhere */
    const seine_str *ids;         /**< of movers */
    size_t id_count;              /**< 0 = all */
    seine_str last_id;            /**< of the last event that it got; size 0 = it got none */
} seine_live_wish;

/** How a client's connection is put to sleep and woken; called under the hub's mutex. */
typedef struct seine_live_wire {
    void (*pause)(void *context);
    void (*resume)(void *context);
    bool (*is_gone)(void *context); /**< the other end closed it */
    void *context;
} seine_live_wire;

#define SEINE_LIVE_END (-1)

SEINE_MUST_USE seine_status seine_live_open(const seine_live_options *options, seine_live **live, seine_error *error);
/** Ends every stream: sleeping clients are woken, and get SEINE_LIVE_END. Nobody can join any more. */
void seine_live_end(seine_live *live);
/** Every client must have left. NULL is allowed. */
void seine_live_close(seine_live *live);
SEINE_OWNED_POINTER(seine_live, seine_live_close);
/** Clients at present. */
size_t seine_live_clients(seine_live *live);
/** Files that were read so far. */
uint64_t seine_live_files(const seine_live *live);

/** @return OK; E_BUSY: there are clients_max, or it is ending; E_NOMEM. */
SEINE_MUST_USE seine_status seine_live_join(seine_live *live, const seine_live_wish *wish, seine_live_client **client,
                                            seine_error *error);
/** Frees the client. NULL is allowed. */
void seine_live_leave(seine_live_client *client);
/** Before the first seine_live_read. */
void seine_live_connect(seine_live_client *client, const seine_live_wire *wire);
/**
 * The next bytes for a client, at most @p room. 0: there are none, and the connection was put to sleep; it will be
 * woken. SEINE_LIVE_END: the stream ends.
 */
int64_t seine_live_read(seine_live_client *client, char *out, size_t room);
/** Bytes that it was given so far. */
uint64_t seine_live_sent(const seine_live_client *client);

#endif
