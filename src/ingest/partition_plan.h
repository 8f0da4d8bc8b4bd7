/** @file ingest/partition_plan.h  Which silver partitions a commit builds, from what, and what came out. Internal to
 * src/ingest.
 */
#ifndef SEINE_INGEST_PARTITION_PLAN_H
#define SEINE_INGEST_PARTITION_PLAN_H

#include "ingest/session.h"
#include "io/file_batch.h"
#include "table/ledger.h"

/** One partition to build. */
typedef struct seine_planned_partition {
    int32_t day, bucket;
    const seine_partition_keys *keys; /**< fixes in memory, or NULL */
    const char **inputs;              /**< sorted runs, and the live files unless the day is rebuilt */
    size_t input_count, input_rows;
    const char **removed; /**< live files that the result replaces */
    size_t removed_count;
    const seine_data_file **live; /**< the same with what is known of them, which a file may be put beside instead */
    size_t live_count, live_capacity;
    bool has_runs; /**< of this commit, on disk */
    bool may_append;
    seine_partition_row stored; /**< what the ledger says of the live files */
    /* result */
    bool is_appended; /**< every stored row stays; winners are those of the batch */
    bool has_file;
    seine_data_file file;
    seine_partition_row row; /**< content hash and row count */
    int64_t *winners;        /**< per source of the session */
    seine_arena arena;
} seine_planned_partition;

typedef struct seine_partition_plan {
    seine_table *silver;
    seine_dealt_rows dealt;
    seine_planned_partition *partitions; /**< ordered by day, bucket */
    size_t count;
    seine_file_batch *batch; /**< of the files that are being built */
    seine_arena arena;
} seine_partition_plan;

/** Whether file @p f of a table's @p count live files and the one behind it are of one partition; such stand together.
 */
bool seine_partition_is_split(const seine_live_file *files, size_t count, size_t f);
/** Loads the dataset's silver as it is now, deals out the pool and lists the partitions. */
SEINE_MUST_USE seine_status seine_partition_plan_make(seine_session *session, uint32_t except,
                                                      seine_partition_plan *plan, seine_error *error);
/** Builds every partition; its files wait in the batch. @p write false: only hashes and counts, no files. */
SEINE_MUST_USE seine_status seine_partition_plan_build(seine_session *session, seine_partition_plan *plan, bool write,
                                                       seine_error *error);
/** Removes the files that were written (the commit was lost). */
void seine_partition_plan_discard(seine_partition_plan *plan);
void seine_partition_plan_free(seine_partition_plan *plan);

#endif
