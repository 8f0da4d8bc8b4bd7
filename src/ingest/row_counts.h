/** @file ingest/row_counts.h  How many valid rows each source brought to each partition in this run. */
#ifndef SEINE_INGEST_ROW_COUNTS_H
#define SEINE_INGEST_ROW_COUNTS_H

#include "seine/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct seine_row_count {
    uint32_t source;
    int32_t day, bucket;
    int64_t rows;
} seine_row_count;

/** Zeroed = empty; items are freed with free(). */
typedef struct seine_row_counts {
    seine_row_count *items;
    size_t count, capacity;
} seine_row_counts;

SEINE_MUST_USE seine_status seine_row_counts_add(seine_row_counts *counts, seine_row_count count);
/** Counts of one (source, partition) together: several reads of a source add up. Before seine_row_counts_find. */
void seine_row_counts_join(seine_row_counts *counts);
/** @return 0 when the source brought none. */
int64_t seine_row_counts_find(const seine_row_counts *counts, uint32_t source, int32_t day, int32_t bucket);
void seine_row_counts_drop(seine_row_counts *counts, uint32_t source);

#endif
