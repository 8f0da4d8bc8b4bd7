/**
 * @file serve/live/feed.h
 * The newest position of every mover of a dataset, in the order in which they came: what each client of the live route
 * has not been told yet is the end of one list, wherever it stands. So a slow client costs nothing: of a mover that
 * moved again meanwhile it is told the newest position only.
 *
 *     oldest ◄─ A 17 ─ C 18 ─ B 21 ─ D 22 ─► newest        serials; a mover that moves goes to the end with a new one
 *                          └ a client that was told up to 18 still has to hear of B and D
 *
 * Pure: no I/O, no clock, no lock. A zeroed feed is an empty one.
 */
#ifndef SEINE_SERVE_LIVE_FEED_H
#define SEINE_SERVE_LIVE_FEED_H

#include "base/dict.h"
#include "seine/status.h"

#include <stdbool.h>

#define SEINE_LIVE_MOVERS_MAX ((size_t)1 << 18)

/** Where a mover is. Borrowed by who gets it. */
typedef struct seine_live_position {
    seine_str id;
    int64_t time_us;
    double lon, lat;
    seine_str row; /**< what clients are told: a JSON array */
} seine_live_position;

typedef struct seine_live_mover {
    seine_live_position at;
    uint64_t serial;     /**< of its last move */
    int64_t commit;      /**< sequence number of the snapshot that brought it */
    size_t older, newer; /**< in the list; SIZE_MAX = none */
    char *text;          /**< of at.row; owned */
} seine_live_mover;

typedef struct seine_live_feed {
    seine_dict ids; /**< code = index of the mover */
    seine_live_mover *movers;
    size_t count, capacity;
    size_t oldest, newest; /**< ends of the list; meaningless without movers */
    uint64_t serial;       /**< the last one given */
    size_t kept;           /**< movers behind the last seine_live_feed_prune */
} seine_live_feed;

void seine_live_feed_free(seine_live_feed *feed);
/** The mover of an id, or NULL. Lives until the next change. */
const seine_live_mover *seine_live_feed_find(const seine_live_feed *feed, seine_str id);
/** Whether a position is newer than what is known of its mover. */
bool seine_live_feed_is_newer(const seine_live_feed *feed, seine_str id, int64_t time_us);
/**
 * Takes a position, whose texts are copied, and puts its mover at the end of the list; one that is not newer changes
 * nothing. @return OK; E_LIMIT: a mover more than SEINE_LIVE_MOVERS_MAX; E_NOMEM. Nothing has changed then.
 */
SEINE_MUST_USE seine_status seine_live_feed_put(seine_live_feed *feed, const seine_live_position *position,
                                                int64_t commit);
/** The mover that moved first after @p serial; NULL = none did. Costs a step for each that did. */
const seine_live_mover *seine_live_feed_after(const seine_live_feed *feed, uint64_t serial);
/** The next one in the list; NULL = that was the newest. */
const seine_live_mover *seine_live_feed_next(const seine_live_feed *feed, const seine_live_mover *mover);
/** The last serial that the commit @p commit or one before it gave; 0 = none. */
uint64_t seine_live_feed_serial_of(const seine_live_feed *feed, int64_t commit);
/**
 * Forgets movers whose position is earlier than @p from_us, once there are twice as many as were kept the last time:
 * so it costs little on average. Serials stay. @return OK; E_NOMEM: nothing was forgotten.
 */
SEINE_MUST_USE seine_status seine_live_feed_prune(seine_live_feed *feed, int64_t from_us);

#endif
