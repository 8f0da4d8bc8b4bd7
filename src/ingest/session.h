/**
 * @file ingest/session.h
 * What one ingest run holds between reading files and committing them. Internal to src/ingest.
 *
 *     paths → [parse] → blocks of fixes (codes per decoder)
 *           → seine_session_settle: codes of the session, one place per (day, bucket)
 *           → seine_session_flush: every touched partition = memory + runs + its live files, written, committed
 *
 * A source too large for the memory setting is written out in *runs*: settled Parquet files of its partitions, which
 * are read back as further inputs when the partition is built. Runs lie in the lake's tmp folder and never reach a
 * table.
 */
#ifndef SEINE_INGEST_SESSION_H
#define SEINE_INGEST_SESSION_H

#include "engine/engine.h"
#include "ingest/ingest.h"
#include "ingest/parse.h"
#include "ingest/partition.h"
#include "table/run.h"

/** Data rows of one source, at most. */
#define SEINE_SOURCE_ROWS_MAX ((uint64_t)UINT32_MAX)

/** One source of the lake or of this run. */
typedef struct seine_session_source {
    seine_source row;        /**< as in the ledger, or as it will be */
    bool touched;            /**< its ledger row is to be written */
    bool decoded;            /**< its fixes of this run are complete for the partitions they touch */
    bool is_fetched;         /**< its bytes lie in bronze and waited for this run */
    bool drop_days;          /**< it leaves silver: its rows of seine_source_day go */
    const char *bronze_temp; /**< absolute path of the copied bytes, not published yet; NULL = none */
    const char *path;        /**< as the user gave it; NULL = from the ledger */
    seine_ingest_outcome outcome;
    seine_ingest_remarks remarks;
    size_t reject_from; /**< first of its files in session->reject_files */
} seine_session_source;

/** A block of fixes in memory. */
typedef struct seine_session_block {
    seine_fix_batch batch;
    int decoder;
    uint32_t source;
    bool settled; /**< codes are the session's */
} seine_session_block;

/** A settled file of one partition written for lack of memory. */
typedef struct seine_session_run {
    int32_t day, bucket;
    const char *path;
} seine_session_run;

/** Valid rows of a source in a partition, counted in this run. */
typedef struct seine_session_count {
    uint32_t source;
    int32_t day, bucket;
    int64_t rows;
} seine_session_count;

typedef struct seine_session {
    char *lake;
    seine_ingest_options options;
    int64_t now_us;
    seine_catalog *catalog;
    seine_lease *lease;
    seine_engine *engine; /**< opened when a live file has to be read */
    int buckets;
    int64_t begun_us;    /**< monotonic; of the session, then of the work since the last commit */
    char invocation[37]; /**< id of the first run manifest, "" before it */
    seine_arena arena;
    seine_ais_decoder *decoders;

    seine_session_source *sources;
    size_t source_count, source_capacity;
    seine_session_block *blocks;
    size_t block_count, block_capacity;
    uint64_t held_bytes;
    seine_session_run *runs;
    size_t run_count, run_capacity;
    seine_session_count *counts;
    size_t count_count, count_capacity;
    int32_t *rebuild_days; /**< ascending; live files of these days are not inputs */
    size_t rebuild_count;

    seine_dict movers, tuples; /**< of the session */
    uint32_t *mover_map[SEINE_PARSE_THREADS_MAX],
        *tuple_map[SEINE_PARSE_THREADS_MAX]; /**< decoder's code → session's */
    uint32_t mover_mapped[SEINE_PARSE_THREADS_MAX], tuple_mapped[SEINE_PARSE_THREADS_MAX];

    seine_data_file *reject_files; /**< written, to be committed */
    size_t reject_file_count, reject_file_capacity;
    seine_ingest_report report;
} seine_session;

/** Makes room for one more element of an array grown by doubling. @return false when out of memory. */
bool seine_session_grow(void **array, size_t count, size_t *capacity, size_t element_bytes);

SEINE_MUST_USE seine_status seine_session_open(const char *lake, const seine_ingest_options *options, bool lease,
                                               seine_session **session, seine_error *error);
void seine_session_close(seine_session *session);
/**
 * After a lost race: the ledger is read again, so that the next plan knows what others brought, replaced or took out.
 * What this run decoded stays. @return OK; E_CONFLICT: they took a name of this run, or changed the sources of days
 * that are being rebuilt in a way that cannot be made good; the text says what to do; what reading returned.
 */
SEINE_MUST_USE seine_status seine_session_reload(seine_session *session, seine_error *error);

/** Takes over the parser's blocks for a source: rejects are kept, rows numbered, counted in the source's ledger row. */
SEINE_MUST_USE seine_status seine_session_take(seine_session *session, uint32_t source, seine_parser *parser,
                                               seine_error *error);
/** A fix keeps its row in 32 bits. @return OK, E_LIMIT. */
SEINE_MUST_USE seine_status seine_session_check_rows(const char *name, const seine_parsed_block *blocks, size_t count,
                                                     seine_error *error);
/** Forgets blocks, runs, counts and rejects of a source that turned out to be corrupt. */
void seine_session_drop(seine_session *session, uint32_t source);
/** Writes the settled partitions of everything in memory as runs and frees the memory. */
SEINE_MUST_USE seine_status seine_session_spill(seine_session *session, seine_error *error);
/**
 * Builds every touched partition and commits all decoded sources but @p except (UINT32_MAX = none), re-planning when
 * somebody else commits first; then frees what was committed and reports each source.
 */
SEINE_MUST_USE seine_status seine_session_flush(seine_session *session, uint32_t except, seine_error *error);

/** Runs @p work(context, 0 … count - 1) on the session's threads; the first failure ends it. */
SEINE_MUST_USE seine_status seine_session_parallel(seine_session *session, size_t count,
                                                   seine_status (*work)(void *context, size_t index,
                                                                        seine_error *error),
                                                   void *context, const char *phase, seine_error *error);
/** Opens session->engine when it is not open yet. */
SEINE_MUST_USE seine_status seine_session_engine(seine_session *session, seine_error *error);
/** @return whether @p day is one of the days to rebuild. */
bool seine_session_rebuilds(const seine_session *session, int32_t day);

/** Decodes a source from its bronze bytes, which must still have their SHA-256; only fixes of the given days
 * (ascending) are kept. */
SEINE_MUST_USE seine_status seine_session_decode_again(seine_session *session, uint32_t source, const int32_t *days,
                                                       size_t day_count, seine_error *error);

/* ---- manifest.c: the run ledger ---- */

typedef struct seine_ingest_plan seine_ingest_plan;
/** The manifest of a commit of all touched sources but @p except (table/run.h); the caller frees it. */
SEINE_MUST_USE seine_status seine_session_manifest(seine_session *session, uint32_t except,
                                                   const seine_ingest_plan *plan, seine_run_manifest **run,
                                                   seine_error *error);
/** Keeps the manifest of a session that failed, best effort. */
void seine_session_failed(seine_session *session, const seine_error *why);

/* ---- settle.c: fixes by partition ---- */

/** Keys of one partition. */
typedef struct seine_partition_keys {
    int32_t day, bucket;
    seine_fix_key *keys;
    size_t count;
} seine_partition_keys;

/** All settled fixes by partition, ordered by day, bucket. */
typedef struct seine_settled {
    seine_partition_keys *partitions;
    size_t count;
    seine_fix_key *keys; /**< memory of all */
    seine_fix_words words;
    seine_statics_columns statics;
    seine_arena arena;
} seine_settled;
/** Puts the blocks (but those of @p except) into partitions; adds to session->counts those not counted yet. */
SEINE_MUST_USE seine_status seine_session_settle(seine_session *session, uint32_t except, seine_settled *settled,
                                                 seine_error *error);
void seine_settled_free(seine_settled *settled);
/** Lineage of all sources of the session, with ranks; in @p arena. */
SEINE_MUST_USE seine_status seine_session_lineage(const seine_session *session, seine_arena *arena,
                                                  seine_lineage **sources);
/** Words behind the codes of two dictionaries; statics are taken apart into @p statics. */
SEINE_MUST_USE seine_status seine_words_make(const seine_dict *movers, const seine_dict *tuples,
                                             const seine_lineage *sources, size_t source_count,
                                             seine_statics_columns *statics, seine_arena *arena,
                                             seine_fix_words *words);

/* ---- merge.c: fixes together with Parquet files ---- */

/** Fixes of one partition from memory and files, under codes of their own. */
typedef struct seine_merged {
    seine_fix *fixes;
    seine_fix_key *keys;
    size_t count, capacity;
    seine_dict movers, tuples;
    seine_fix_words words;
    seine_statics_columns statics;
    seine_arena arena;
} seine_merged;
/** @p keys of memory fixes (NULL = none) under the codes of the session; @p input_rows how many the files hold (0 =
 * unknown); @p files of silver.ais' schema. The result's keys are unsettled. */
SEINE_MUST_USE seine_status seine_merge(seine_session *session, const seine_partition_keys *keys,
                                        const char *const *files, size_t file_count, size_t input_rows,
                                        seine_merged *merged, seine_error *error);
void seine_merged_free(seine_merged *merged);

/* ---- rejects.c ---- */

/** Writes the rejects of a source's blocks as one more file of silver.ais_rejects. */
SEINE_MUST_USE seine_status seine_session_write_rejects(seine_session *session, uint32_t source,
                                                        seine_parsed_block *blocks, size_t count, seine_error *error);
/** Files of silver.ais_rejects that hold the rows of a source, ledger rows told apart by ingested_at. */
SEINE_MUST_USE seine_status seine_rejects_of(seine_session *session, seine_table *rejects, const seine_source *source,
                                             seine_arena *arena, const char ***paths, size_t *count,
                                             seine_error *error);

#endif
