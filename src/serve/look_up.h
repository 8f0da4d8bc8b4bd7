/**
 * @file serve/look_up.h
 * The rows of one mover by time, from a table of fixes: one mover of one day lies in one file, so the pages that hold
 * it are read directly. Files that the reader of pages does not understand are read by SQL; the rows are the same.
 */
#ifndef SEINE_SERVE_LOOK_UP_H
#define SEINE_SERVE_LOOK_UP_H

#include "serve/call.h"

/** A column of the answer. One that the table does not have is null. */
typedef struct seine_look_up_column {
    const char *name;
    seine_type type;
} seine_look_up_column;

#define SEINE_LOOK_UP_ROW_COLUMNS SEINE_DATASET_COLUMNS_MAX

struct seine_look_up {
    const char *table;      /**< has been written */
    const char *id, *time;  /**< columns of it */
    seine_str mover;        /**< its id */
    int64_t from_us, to_us; /**< both included */
    bool newest_first;
    int64_t limit; /**< INT64_MAX = all */
    const seine_look_up_column *columns;
    size_t column_count; /**< at most SEINE_LOOK_UP_ROW_COLUMNS */
};

/**
 * Gives the rows to @p take, in batches of the engine's size. Stops with E_INTERRUPTED at the call's deadline.
 * @return OK; E_IO also when a file is gone; what @p take or the statement returned.
 */
SEINE_MUST_USE seine_status seine_look_up_each(seine_call *call, const seine_look_up *wanted, seine_batch_fn take,
                                               void *context, seine_error *error);

#endif
