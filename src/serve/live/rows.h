/**
 * @file serve/live/rows.h
 * What a commit brought: the files of silver that are younger than a snapshot, and the last position of each run of
 * rows in them. Files are sorted by mover and time, so that is the newest one of a mover in a row group.
 */
#ifndef SEINE_SERVE_LIVE_ROWS_H
#define SEINE_SERVE_LIVE_ROWS_H

#include "serve/lake.h"
#include "serve/live/feed.h"
#include "serve/sessions.h"

#include <stdatomic.h>

#define SEINE_LIVE_SPAN_US \
    (INT64_C(24) * 3600 * 1000000) /**< positions that are so much older than the newest are left */

typedef struct seine_live_rows {
    const seine_dataset *dataset;
    const seine_view_table *silver; /**< has been written */
    int64_t after;                  /**< files of snapshots with a greater sequence number; INT64_MIN = all */
    int64_t newest_us;              /**< in: the newest time that is known, INT64_MIN = none; out: with what was read */
    const char *fence;              /**< absolute folder: no file outside of it is read */
    seine_sessions *sessions;       /**< for files that somebody else wrote */
    const atomic_bool *is_over;     /**< becomes true: nobody wants to know any more */
    seine_live_feed *into;          /**< receives the positions */
    const seine_live_feed *known;   /**< what is not newer than in it is left out */
    uint64_t files;                 /**< out: that were read */
    uint64_t left_out;              /**< out: rows of movers beyond SEINE_LIVE_MOVERS_MAX */
} seine_live_rows;

/**
 * Reads them. @return OK; E_INTERRUPTED; E_NOT_FOUND: a file is gone, there is a newer state; E_IO, E_FORMAT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_live_rows_read(seine_live_rows *wanted, seine_error *error);
/** Writes `"columns":[names of a row's values],"units":[theirs]`. */
SEINE_MUST_USE seine_status seine_live_rows_columns(const seine_dataset *dataset, seine_buf *out);

#endif
