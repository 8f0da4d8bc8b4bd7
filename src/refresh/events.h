/**
 * @file refresh/events.h
 * What changes between two sets of events: versions, the log, and which partitions are to be written. Pure.
 */
#ifndef SEINE_REFRESH_EVENTS_H
#define SEINE_REFRESH_EVENTS_H

#include "refresh/bucket.h"

/** Columns every events table has, by index in its schema. */
typedef struct seine_event_columns {
    const seine_table_schema *schema;
    size_t id, mover, start, version, produced_day;
} seine_event_columns;
seine_event_columns seine_event_columns_of(const seine_detector_job *job);

typedef struct seine_event_rows {
    seine_cell **rows;
    size_t count;
} seine_event_rows;

/** One row of the log. */
typedef struct seine_event_change {
    const char *op;              /**< "new", "update", "retract" */
    seine_cell *row;             /**< the new row; of a retraction a copy of the old one with the new version */
    seine_cell old_day, new_day; /**< produced_day before and after; the one that is not is equal to the other */
} seine_event_change;

typedef struct seine_event_changes {
    seine_event_change *changes; /**< by event id; in the arena */
    size_t count;
    uint64_t added, updated, retracted;
} seine_event_changes;

/**
 * Compares by event id. @p before: the rows that @p after replaces. Sets the version of every row of @p after: kept
 * when nothing else changed, else the greater of @p version and the former one + 1. Sorts both by id.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_events_compare(const seine_event_columns *columns, seine_event_rows before,
                                                 seine_event_rows after, int64_t version, seine_arena *arena,
                                                 seine_event_changes *out);

/** Sorts rows as the events table is laid out: produced_day (null first), mover, start, id. */
void seine_events_sort(const seine_event_columns *columns, seine_event_rows rows);

/** @return whether (day, mover) is among @p touched, which is sorted by day, then mover. */
bool seine_touched_has(const seine_touched *touched, size_t count, int32_t day, seine_str mover);
/** @return why: SEINE_CAUSE_… of (day, mover) there; 0 = it is not among them. */
unsigned seine_touched_causes(const seine_touched *touched, size_t count, int32_t day, seine_str mover);
/** Order of seine_touched, for qsort. */
int seine_touched_compare(const void *a, const void *b);

#endif
