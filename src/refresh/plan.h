/** @file refresh/plan.h  One consistent view of the lake, and what in it is stale for a job. */
#ifndef SEINE_REFRESH_PLAN_H
#define SEINE_REFRESH_PLAN_H

#include "refresh/bucket.h"
#include "table/ledger.h"

/** Tables of a job, in the order of seine_refresh_plan.tables. */
enum {
    SEINE_PLAN_SILVER,
    SEINE_PLAN_EVENTS,
    SEINE_PLAN_HISTORY,
    SEINE_PLAN_STATE,
    SEINE_PLAN_HEAD,
    SEINE_PLAN_COLUMNS,
    SEINE_PLAN_TABLES
};

/** Live files of one (day, bucket). */
typedef struct seine_refresh_plan_day {
    seine_bucket_day day;
    seine_job_place place; /**< of its fixes */
    const char **silver, **states;
    size_t silver_count, state_count;
    bool *absent; /**< column i of batch.h is null in all of these silver files, so it need not be read */
} seine_refresh_plan_day;

typedef struct seine_refresh_plan_bucket {
    bool is_needed;                /**< a day is stale, or other events are open */
    seine_refresh_plan_day *days;  /**< ascending */
    seine_bucket_day *bucket_days; /**< the same, as seine_bucket_run wants them */
    size_t day_count;
    const char **heads;
    size_t head_count;
} seine_refresh_plan_bucket;

/** Everything lives in arena and tables; free with seine_refresh_plan_free. */
typedef struct seine_refresh_plan {
    seine_arena arena;
    const seine_job_run *run;
    seine_table *tables[SEINE_PLAN_TABLES]; /**< NULL: the job has none of the kind */
    bool is_recomputed;                     /**< stored states and fingerprints count for nothing */
    bool is_first;                          /**< there are none */
    size_t partitions, stale;
    seine_job_row *changed; /**< fingerprints to store */
    size_t changed_count;
    seine_job_row *vanished; /**< fingerprints to drop */
    size_t vanished_count;
    seine_hash128 silver_content; /**< sum over its partitions */
    int64_t silver_snapshot_id;
    seine_source_set sources; /**< those of the dataset that are live */
    int64_t watermark_us;
    bool is_open_stale; /**< of a bucket other events are open at that watermark than those stored */
    seine_refresh_plan_bucket *buckets;
    size_t bucket_count;
    const char **old_states, **old_heads; /**< all live files, when is_recomputed */
    size_t old_state_count, old_head_count;
    seine_partition_row *columns; /**< partitions of the table of columns as the ledger has them */
    size_t column_count;
} seine_refresh_plan;

/** @return whether there is nothing to do. */
bool seine_refresh_plan_is_empty(const seine_refresh_plan *plan);

/**
 * Reads tables and ledger as of one moment and compares fingerprints. @p plan must be zeroed and be freed in every
 * case.
 * @return OK, E_BUSY (silver kept changing while reading), E_NOMEM, what the catalog returned.
 */
SEINE_MUST_USE seine_status seine_refresh_plan_make(seine_catalog *catalog, const seine_job_run *run,
                                                    seine_refresh_plan *plan, seine_error *error);
void seine_refresh_plan_free(seine_refresh_plan *plan);
/** Loads the tables of the job, and what the ledger has of that of its columns, as of now, for a plan that is read
 * (refresh/task.h). @return OK, what the catalog returned. */
SEINE_MUST_USE seine_status seine_refresh_plan_tables(seine_catalog *catalog, seine_refresh_plan *plan,
                                                      seine_error *error);

/** Partition of the ledger row that holds the parameters: nulls only. */
seine_job_row seine_refresh_plan_parameters_row(const seine_job_run *run);
/** Job name of the rows that say up to when the open events of a bucket hold, in @p arena. */
char *seine_refresh_plan_open_job(const seine_detector_job *job, seine_arena *arena);
/** That row: its open events are those at @p watermark_us, and at any later one before @p deadline_us. */
seine_job_row seine_refresh_plan_open_row(size_t bucket, int64_t watermark_us, int64_t deadline_us);

#endif
