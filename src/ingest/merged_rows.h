/** @file ingest/merged_rows.h  Fixes of one partition from memory and from files of silver's schema. */
#ifndef SEINE_INGEST_MERGED_ROWS_H
#define SEINE_INGEST_MERGED_ROWS_H

#include "engine/engine.h"
#include "ingest/row_pool.h"

typedef struct seine_merge_inputs {
    const seine_known_sources *sources;
    const seine_row_pool *pool;       /**< of the keys */
    const seine_partition_keys *keys; /**< fixes in memory; NULL = none */
    seine_engine *engine;             /**< reads the files */
    const char *const *files;
    size_t file_count, file_rows; /**< rows of the files, 0 = unknown */
} seine_merge_inputs;

/** Under codes of their own. */
typedef struct seine_merged_rows {
    seine_fix *fixes;
    seine_fix_key *keys; /**< losers among them */
    size_t count, capacity;
    seine_dict movers, tuples;
    seine_fix_words words;
} seine_merged_rows;

/** Free @p merged after OK. @return OK, E_FORMAT (a row of no live source), E_LIMIT, E_NOMEM, what reading returned. */
SEINE_MUST_USE seine_status seine_merged_rows_make(const seine_merge_inputs *inputs, seine_merged_rows *merged,
                                                   seine_error *error);
void seine_merged_rows_free(seine_merged_rows *merged);

#endif
