/**
 * @file ingest/spill.h
 * A source too large for the memory setting is written out in sorted runs: files of the winners of its partitions,
 * which are read back as further inputs when the partition is built. They lie in the lake's tmp folder and never reach
 * a table.
 */
#ifndef SEINE_INGEST_SPILL_H
#define SEINE_INGEST_SPILL_H

#include "ingest/row_pool.h"

typedef struct seine_sorted_run {
    int32_t day, bucket;
    const char *path;
} seine_sorted_run;

/** Zeroed = empty; free with seine_spill_free. */
typedef struct seine_spill {
    seine_sorted_run *runs;
    size_t count, capacity;
    seine_arena arena;
} seine_spill;

/** Writes one run for each partition. On failure what was written is removed with the others. */
SEINE_MUST_USE seine_status seine_spill_write(seine_spill *spill, const char *lake, const seine_dealt_rows *dealt,
                                              int threads, const seine_progress *progress, seine_error *error);
/** Removes every run. */
void seine_spill_drop(seine_spill *spill);
void seine_spill_free(seine_spill *spill);

#endif
