/**
 * @file table/ledger.h
 * Seine's own rows in the catalog database (DESIGN section 5). Writes join a seine_commit and happen in its
 * transaction; reads see the last committed state.
 */
#ifndef SEINE_TABLE_LEDGER_H
#define SEINE_TABLE_LEDGER_H

#include "table/catalog/catalog.h"

/* ---- seine_source: every file that was ever taken in ---- */

/**
 * live: feeds silver; removed, replaced: kept in bronze only; quarantined: corrupt, never fed silver; fetched: in
 * bronze, not decoded yet, feeds nothing.
 */
typedef enum seine_source_state {
    SEINE_SOURCE_LIVE,
    SEINE_SOURCE_REMOVED,
    SEINE_SOURCE_REPLACED,
    SEINE_SOURCE_QUARANTINED,
    SEINE_SOURCE_FETCHED
} seine_source_state;
const char *seine_source_state_name(seine_source_state state);

typedef struct seine_source {
    const char *dataset; /**< "ais" */
    const char *name;    /**< file name, unique among live sources of the dataset */
    const char *sha256;  /**< of the bytes; primary key with dataset and name */
    int64_t bytes;
    int64_t rows; /**< data rows seen, refused ones too */
    int64_t rejects;
    int64_t duplicates; /**< valid rows that are not silver winners (filled on reading from seine_source_day) */
    int64_t silver;     /**< winners (filled on reading) */
    int64_t ingested_at_us;
    seine_source_state state;
    const char *reason;      /**< why quarantined, removed …; of a live one what was not taken from it; "" */
    const char *bronze_path; /**< relative to the lake */
    const char *url;         /**< where it was taken from */
    bool has_declared_day;   /**< the name says a day */
    int32_t declared_day;
    int64_t greatest_us; /**< greatest ts among valid rows inside the declared day (or of all when undated); INT64_MIN =
                            none */
} seine_source;

/** All sources of a dataset ordered by name, then ingested_at. Strings in @p arena. */
SEINE_MUST_USE seine_status seine_ledger_sources(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                                 seine_source **sources, size_t *count, seine_error *error);
/**
 * Up to when the data are complete (DESIGN section 4): the greatest of the ends of the days that live archives declare
 * by name and the greatest times of the live sources without such a day. A row outside of its archive's day never moves
 * it. INT64_MIN: no live source.
 */
int64_t seine_watermark_of(const seine_source *sources, size_t count);
/** The live ones as a set: how many, and the order-free sum of the hashes of their names and bytes. */
typedef struct seine_source_set {
    int64_t count;
    seine_hash128 content;
} seine_source_set;
seine_source_set seine_source_set_of(const seine_source *sources, size_t count);
/** Insert or update by (dataset, name, sha256). The address is kept without its secrets (base/url.h). */
SEINE_MUST_USE seine_status seine_ledger_put_source(seine_commit *commit, const seine_source *source,
                                                    seine_error *error);

/* ---- seine_source_day: which partitions a source feeds, and how many of its rows won there ---- */

typedef struct seine_source_day {
    const char *source, *sha256;
    int32_t day, bucket;
    int64_t rows;    /**< valid rows of the source in this partition */
    int64_t winners; /**< of these, rows in silver */
} seine_source_day;
/** All rows of a dataset, ordered by day, bucket, source. */
SEINE_MUST_USE seine_status seine_ledger_source_days(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                                     seine_source_day **days, size_t *count, seine_error *error);
SEINE_MUST_USE seine_status seine_ledger_put_source_day(seine_commit *commit, const char *dataset,
                                                        const seine_source_day *day, seine_error *error);
/** Adds to what the ledger has of it, or inserts. */
SEINE_MUST_USE seine_status seine_ledger_add_source_day(seine_commit *commit, const char *dataset,
                                                        const seine_source_day *day, seine_error *error);
/** Removes all rows of a source (it was removed or replaced). */
SEINE_MUST_USE seine_status seine_ledger_drop_source_days(seine_commit *commit, const char *dataset, const char *source,
                                                          const char *sha256, seine_error *error);

/* ---- seine_partition: content hash of each partition of a table ---- */

typedef struct seine_partition_row {
    seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX];
    seine_hash128 content; /**< sum of row hashes without lineage */
    int64_t rows;
} seine_partition_row;
SEINE_MUST_USE seine_status seine_ledger_partitions(seine_catalog *catalog, const char *table, seine_arena *arena,
                                                    seine_partition_row **rows, size_t *count, seine_error *error);
/** rows == 0 deletes the row. */
SEINE_MUST_USE seine_status seine_ledger_put_partition(seine_commit *commit, const char *table,
                                                       const seine_partition_row *row, seine_error *error);

/* ---- seine_job: fingerprints of what was computed ---- */

typedef struct seine_job_row {
    seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX];
    seine_hash128 fingerprint;
    const char *parts; /**< what it is made of, as text that only the job reads; NULL = not kept */
} seine_job_row;
SEINE_MUST_USE seine_status seine_ledger_jobs(seine_catalog *catalog, const char *job, seine_arena *arena,
                                              seine_job_row **rows, size_t *count, seine_error *error);
SEINE_MUST_USE seine_status seine_ledger_put_job(seine_commit *commit, const char *job, const seine_job_row *row,
                                                 seine_error *error);
SEINE_MUST_USE seine_status seine_ledger_drop_job_partition(seine_commit *commit, const char *job,
                                                            const seine_partition_value *partition, seine_error *error);

/* ---- seine_progress: how far a job has read a source ---- */

typedef struct seine_position_row {
    const char *job;       /**< "fetch/ais" */
    const char *source;    /**< of the job's own kind: a file name, a topic */
    const char *partition; /**< part of the source, "" = whole */
    const char *position;  /**< text that only the job reads */
} seine_position_row;
/** All rows of a job, ordered by source, partition. */
SEINE_MUST_USE seine_status seine_ledger_positions(seine_catalog *catalog, const char *job, seine_arena *arena,
                                                   seine_position_row **rows, size_t *count, seine_error *error);
/** Insert or update by (job, source, partition). */
SEINE_MUST_USE seine_status seine_ledger_put_position(seine_commit *commit, const seine_position_row *row,
                                                      seine_error *error);

/**
 * Moves the position of a row from @p from, NULL for one that there is not yet. @p row->source must live as long as the
 * commit, which ends in E_CONFLICT unless the position is that. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_ledger_move_position(seine_commit *commit, const seine_position_row *row,
                                                       const char *from, seine_error *error);

/* ---- seine_setting: whole numbers that jobs keep for later ---- */

/** Keeps a value under a key ("ais_gaps.min_gap_us"). */
SEINE_MUST_USE seine_status seine_ledger_put_setting(seine_commit *commit, const char *key, int64_t value,
                                                     seine_error *error);
/** The value of a key; an unknown key leaves *value as it was. */
SEINE_MUST_USE seine_status seine_ledger_setting(seine_catalog *catalog, const char *key, int64_t *value,
                                                 seine_error *error);

/* ---- seine_run: manifests of runs ---- */

#define SEINE_RUNS_KEPT 1000
#define SEINE_RUNS_KEPT_SETTING "runs_kept" /**< seine_setting: another number, 1 at least */
/**
 * Adds a run manifest (JSON text) to the commit, and removes all but the newest SEINE_RUNS_KEPT, so that the cost of a
 * commit does not grow with the lake's history. @p id is a uuid text.
 */
SEINE_MUST_USE seine_status seine_ledger_put_run(seine_commit *commit, const char *id, const char *command,
                                                 int64_t started_us, const char *manifest_json, seine_error *error);
/** Only the removal. */
SEINE_MUST_USE seine_status seine_ledger_prune_runs(seine_commit *commit, seine_error *error);

/* ---- seine_lease: one writer per name ---- */

#define SEINE_LEASE_INGEST "ingest/"  /**< and a dataset: its bronze, silver and rejects */
#define SEINE_LEASE_REFRESH "refresh" /**< everything derived */
#define SEINE_LEASE_REFERENCE "ref"   /**< ref.* */
#define SEINE_LEASE_CARE "table care" /**< metadata of any table: expire, orphans */
typedef struct seine_lease seine_lease;
/**
 * Takes lease @p name ("ingest/ais", "refresh") for 60 s, renewed by a thread of its own every 15 s with its own
 * connection. A lease past its expiry is taken over, and so is one that expires later than any can: its clock was set
 * back since. That of a process that has ended is taken over at once by one of the same host, boot and process-id
 * namespace: number and begin of a process tell it from all others there.
 *
 * Until it is released, whatever is committed through @p catalog is committed only while this lease is held still:
 * whoever took it over may have removed the files. Otherwise the commit ends in E_BUSY.
 * @return OK; E_BUSY "… is held by pid 123 on host since …"
 */
SEINE_MUST_USE seine_status seine_lease_take(seine_catalog *catalog, const char *name, seine_lease **lease,
                                             seine_error *error);
/** The same for somebody who takes it again and again: of an @p owner (of seine_uuid4; NULL: a new one) that could not
 * give it back, because the catalog was away, it does not stand in its own way. An owner has a lease once at a time. */
SEINE_MUST_USE seine_status seine_lease_take_as(seine_catalog *catalog, const char *name, const char *owner,
                                                seine_lease **lease, seine_error *error);
/** Renews now. @return OK; E_CONFLICT: somebody took it over after its expiry; E_BUSY, E_IO. */
SEINE_MUST_USE seine_status seine_lease_renew(seine_lease *lease, seine_error *error);
/** Before its catalog is closed. NULL is allowed. */
void seine_lease_release(seine_lease *lease);
SEINE_OWNED_POINTER(seine_lease, seine_lease_release);

#endif
