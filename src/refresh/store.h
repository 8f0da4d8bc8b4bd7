/** @file refresh/store.h  A bucket's rows in the lake: seine_bucket_io over live files, and the files a run writes. */
#ifndef SEINE_REFRESH_STORE_H
#define SEINE_REFRESH_STORE_H

#include "engine/engine.h"
#include "refresh/plan.h"
#include "refresh/row_file.h"
#include "table/changed_files.h"

/** One bucket at work; one thread. Zeroed but for the first four; free with seine_store_free. */
typedef struct seine_store {
    seine_engine *engine;
    const seine_refresh_plan *plan;
    int32_t bucket;
    seine_file_batch *batch; /**< of the files that are written; ended before the commit */
    seine_arena arena;       /**< of the files' paths and statistics: lives until the commit */
    seine_changed_files states, heads, columns;
    seine_row_file *row_file;      /**< made with the first rows */
    seine_partition_row *contents; /**< of the partitions of the table of columns that were written */
    size_t content_count, content_capacity;
    size_t unchanged; /**< partitions of it that came out as they were, and stay */
} seine_store;

/** Lists the live files of one partition of the job's table of columns among the removed ones. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_remove_columns(const seine_refresh_plan *plan, const seine_partition_value *partition,
                                                 seine_changed_files *files, seine_error *error);

seine_bucket_io seine_store_io(seine_store *store);
void seine_store_free(seine_store *store);

#endif
