/**
 * @file ingest/session.h
 * What one ingest run holds between reading files and committing them: its parts, each with a header and an owner of
 * its own. Internal to src/ingest.
 *
 *     intake ── source_reader ── parser ──▶ blocks of fixes ──▶ row_pool ──▶ spill, when memory is short
 *        │                          └────▶ reject_files                        │
 *        └── commit: partition_plan = row_pool + spill + live files ──▶ winner ──▶ partition_file ──▶ one transaction
 */
#ifndef SEINE_INGEST_SESSION_H
#define SEINE_INGEST_SESSION_H

#include "ingest/raw/files.h"
#include "ingest/read_ahead.h"
#include "ingest/record_runs.h"
#include "ingest/reject_files.h"
#include "base/array.h"
#include "base/try.h"
#include "ingest/spill.h"

typedef struct seine_session {
    seine_ingest_options options;
    const seine_dataset *dataset; /**< as the lake has it */
    const seine_dataset *given;   /**< as the caller has read it: its settings of addresses */
    seine_catalog *catalog;
    const char *lake; /**< its absolute path */
    int buckets;
    seine_lease *lease;
    seine_engine *engine; /**< opened when a live file has to be read */
    int64_t now_us;
    int64_t begun_us;    /**< monotonic; of the session, then of the work since the last commit */
    char invocation[37]; /**< id of the first run manifest, "" before it */
    seine_arena arena;
    seine_ingest_report report;

    seine_known_sources sources;
    seine_fix_decoder *decoders; /**< one per thread */
    seine_row_pool pool;
    seine_row_counts counts;
    seine_spill spill;
    seine_reject_files rejects;
    seine_raw_records raw;
    seine_read_ahead ahead;
    uint64_t pulled_pages; /**< of APIs, of this session */
    bool compacts;         /**< partitions of several files are made one, whether anything comes to them or not */
    bool is_stale;         /**< silver lacks columns that were added: the next commit makes all of it anew */
    bool is_whole;         /**< all sources of the run are committed at once, or none */
    const seine_record_run *runs; /**< whose positions move with the commit */
    size_t run_count;
    const char *run_job;
    bool keeps_refusals;       /**< of these runs, for whoever wants to know them */
    seine_arena_list refusals; /**< seine_record_refusal, in arena */
    seine_day_set rebuilt;     /**< live files of these days are no inputs: they are made anew from bronze */
} seine_session;

/** @p lease: under the lease "ingest/<dataset>". @return OK, E_USAGE (threads), E_BUSY, what opening the catalog
 * returned. */
SEINE_MUST_USE seine_status seine_session_open(const char *lake, const seine_ingest_options *options, bool lease,
                                               seine_session **session, seine_error *error);
/** Takes the lease of the dataset. @return as seine_lease_take. */
SEINE_MUST_USE seine_status seine_session_lease(seine_session *session, seine_error *error);
/** Removes every file that was not committed. */
void seine_session_close(seine_session *session);
SEINE_OWNED_POINTER(seine_session, seine_session_close);
/** Opens session->engine when it is not open yet. */
SEINE_MUST_USE seine_status seine_session_engine(seine_session *session, seine_error *error);
/** Bytes of fixes that may be held. */
uint64_t seine_session_budget(const seine_session *session);
/** Writes the partitions of everything in the pool as sorted runs and empties it. */
SEINE_MUST_USE seine_status seine_session_spill(seine_session *session, seine_error *error);
/** Forgets fixes, runs, counts and rejects of a source that turned out to be corrupt. */
void seine_session_drop(seine_session *session, uint32_t source);

#endif
