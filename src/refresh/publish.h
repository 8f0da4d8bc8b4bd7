/** @file refresh/publish.h  Events and their log: from bucket results to files ready for the commit. */
#ifndef SEINE_REFRESH_PUBLISH_H
#define SEINE_REFRESH_PUBLISH_H

#include "table/cells.h"
#include "refresh/events.h"
#include "refresh/store.h"

/** Zeroed = empty; free with seine_publication_free after the commit. */
typedef struct seine_publication {
    seine_arena arena;
    seine_changed_files events, history;
    uint64_t added, updated, retracted;
} seine_publication;

/**
 * Replaces the events of what @p results touched and the open ones of the buckets that ran, rewrites the partitions
 * where a row differs, and writes the log of the differences. @return OK, E_NOMEM, what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_publish_events(seine_engine *engine, const seine_refresh_plan *plan,
                                                 const seine_bucket_result *results, int64_t now_us,
                                                 seine_publication *publication, seine_error *error);
void seine_publication_free(seine_publication *publication);

#endif
