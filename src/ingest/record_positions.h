/** @file ingest/record_positions.h  How far the partitions of a log have come into the lake: rows of seine_progress. */
#ifndef SEINE_INGEST_RECORD_POSITIONS_H
#define SEINE_INGEST_RECORD_POSITIONS_H

#include "ingest/record_runs.h"

/** Position of one partition. */
typedef struct seine_record_position {
    const char *topic;
    int32_t partition;
    int64_t position;
    int64_t moved_us;        /**< when it was moved last; INT64_MIN: not known */
    int64_t last;            /**< offset of the last record before it, -1: not known; and … */
    seine_hash128 last_hash; /**< … that of its payload */
} seine_record_position;

/** All positions of a job, in @p arena, without what follows the position. @return OK, E_FORMAT (a row that is none),
 * E_NOMEM, what reading returned. */
SEINE_MUST_USE seine_status seine_record_positions(seine_catalog *catalog, const char *job, seine_arena *arena,
                                                   seine_record_position **positions, size_t *count,
                                                   seine_error *error);

/** Fills that in. @return as seine_record_positions. */
SEINE_MUST_USE seine_status seine_record_positions_details(seine_catalog *catalog, const char *job, seine_arena *arena,
                                                           seine_record_position *positions, size_t count,
                                                           seine_error *error);

/** @return a partition's; NULL: it is not among them. */
const seine_record_position *seine_record_position_find(const seine_record_position *positions, size_t count,
                                                        const char *topic, int32_t partition);
/** @return where a partition is; SEINE_NO_POSITION: it is not among them. */
int64_t seine_record_position_of(const seine_record_position *positions, size_t count, const char *topic,
                                 int32_t partition);
/**
 * Lets @p commit move the position of each run, and note what is lost. @return OK; E_EXISTS: one is somewhere else
 * already; what reading returned.
 */
SEINE_MUST_USE seine_status seine_record_positions_move(seine_catalog *catalog, const char *job,
                                                        const seine_record_run *runs, size_t count,
                                                        seine_commit *commit, seine_arena *arena, seine_error *error);

#endif
