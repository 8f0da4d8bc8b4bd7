/**
 * @file stream/ordered_rows.h
 * Rows of a table in the order of their time, as records of JSON (stream/record_shape.h). Part by part of its
 * partitions of time (a day of silver): what a part holds is sorted by the engine, beyond its memory on the disk.
 * Internal to src/stream.
 */
#ifndef SEINE_STREAM_ORDERED_ROWS_H
#define SEINE_STREAM_ORDERED_ROWS_H

#include "base/progress.h"
#include "stream/source_rows.h"

typedef struct seine_ordered_rows seine_ordered_rows; /**< one thread at a time */

/** Which rows, and in which form. All borrowed. */
typedef struct seine_table_choice {
    const char *lake, *table;
    const seine_dataset *dataset; /**< that is to read the records; NULL: the one whose silver it is */
    const char *key;              /**< column whose value is the key; NULL: the mover's id */
    int64_t from_us, to_us;       /**< times from the one up to before the other; INT64_MIN and INT64_MAX: all */
    const seine_progress *progress;
} seine_table_choice;

/**
 * @return OK; E_NOT_FOUND: no such lake or table; E_USAGE: a table that is not partitioned by a time, or has no such
 * key; E_UNSUPPORTED (stream/record_shape.h); what reading the lake returned.
 */
SEINE_MUST_USE seine_status seine_ordered_rows_open(const seine_table_choice *choice, seine_ordered_rows **rows,
                                                    seine_error *error);
/** The next row, with its time; row->value.data NULL: there is none. @return OK, E_INTERRUPTED, E_IO … */
SEINE_MUST_USE seine_status seine_ordered_rows_next(seine_ordered_rows *rows, seine_source_row *row,
                                                    seine_error *error);
/** Rows that were given, and those of the files that are read. */
void seine_ordered_rows_position(const seine_ordered_rows *rows, uint64_t *done, uint64_t *total);
void seine_ordered_rows_close(seine_ordered_rows *rows);
SEINE_OWNED_POINTER(seine_ordered_rows, seine_ordered_rows_close);

#endif
