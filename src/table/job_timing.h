/** @file table/job_timing.h  When each partition of a job was computed last, and how long that took. */
#ifndef SEINE_TABLE_JOB_TIMING_H
#define SEINE_TABLE_JOB_TIMING_H

#include "table/catalog/catalog.h"

typedef struct seine_job_timing {
    seine_partition_value partition; /**< the day; null: the whole table */
    int64_t ran_at_us, duration_us;
} seine_job_timing;

/** Of one job, by day, null first. A lake where no job ran yet has none. */
SEINE_MUST_USE seine_status seine_ledger_timings(seine_catalog *catalog, const char *job, seine_arena *arena,
                                                 seine_job_timing **rows, size_t *count, seine_error *error);
SEINE_MUST_USE seine_status seine_ledger_put_timing(seine_commit *commit, const char *job,
                                                    const seine_job_timing *timing, seine_error *error);
SEINE_MUST_USE seine_status seine_ledger_drop_timing(seine_commit *commit, const char *job,
                                                     seine_partition_value partition, seine_error *error);

#endif
