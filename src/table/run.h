/**
 * @file table/run.h
 * Run manifests: what a command did to the lake, kept in seine_run by the very commit that did it (DESIGN section 5).
 *
 *     seine_run_begin ─ settings, inputs, counts ─ seine_run_join(commit) ─ seine_commit_run ─ seine_run_free
 *
 * The commit itself adds what only it knows: when it ended, and per table the snapshots before and after. One manifest
 * belongs to one commit; a command that commits several times leaves several, with the same `invocation`.
 *
 *     {"id", "invocation", "command", "status": "committed" | "failed" | "interrupted", "error",
 *      "started_at", "finished_at", "seconds",
 *      "versions": {"seine", "lake_format", "iceberg_format"},
 *      "settings": {name: value}, "inputs": [{…}], "counts": {name: n},
 *      "tables": {name: {"before", "after", "added_files", "removed_files", "added_rows", "removed_rows"}}}
 */
#ifndef SEINE_TABLE_RUN_H
#define SEINE_TABLE_RUN_H

#include "base/try.h"
#include "table/ledger.h"

typedef struct seine_run_manifest seine_run_manifest; /**< one thread at a time */

/**
 * Begins the manifest of a commit. @p invocation: id shared by the commits of one command, NULL = the manifest's own.
 * @p started_us by the clock, @p begun_us the same moment by the monotonic one. @return OK, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_run_begin(const char *command, const char *invocation, int64_t started_us,
                                            int64_t begun_us, seine_run_manifest **run, seine_error *error);
void seine_run_free(seine_run_manifest *run); /**< NULL is allowed */
SEINE_OWNED_POINTER(seine_run_manifest, seine_run_free);
/** A uuid; give it to seine_commit_begin, so that the snapshots name their run. */
const char *seine_run_id(const seine_run_manifest *run);

/* Facts. A failure (out of memory, a manifest above 64 MiB) is told by seine_run_join. */
void seine_run_setting_int(seine_run_manifest *run, const char *name, int64_t value);
void seine_run_setting_number(seine_run_manifest *run, const char *name, double value);
void seine_run_setting_flag(seine_run_manifest *run, const char *name, bool value);
/** An address is kept without its secrets (base/url.h). */
void seine_run_setting_text(seine_run_manifest *run, const char *name, const char *value);
void seine_run_count(seine_run_manifest *run, const char *name, int64_t value);
/** A file that came in or feeds the result. */
void seine_run_input_source(seine_run_manifest *run, const seine_source *source);
void seine_run_input_sources(seine_run_manifest *run, const seine_source_set *sources);
/** A table that was read: its snapshot (-1 = empty), how many partitions, and the sum of their content hashes. */
void seine_run_input_table(seine_run_manifest *run, const char *table, int64_t snapshot_id, size_t partitions,
                           seine_hash128 content);

/** Makes @p run part of @p commit; it must live until the commit has ended. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_run_join(seine_run_manifest *run, seine_commit *commit, seine_error *error);
/** Queues the ledger row of a run; @p why: of one that failed, NULL = of this commit. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_run_queue(const seine_run_manifest *run, seine_commit *commit, const seine_error *why,
                                            seine_error *error);
/**
 * Keeps the manifest of a run that failed for @p why, in a transaction of its own that touches no table. Nothing is
 * kept for E_BUSY, E_USAGE and E_NOT_FOUND (such a run never began) and E_UNKNOWN (it may have succeeded). Best effort.
 */
void seine_run_failed(seine_run_manifest *run, seine_catalog *catalog, const seine_error *why);

/* ---- reading ---- */

typedef struct seine_run_row {
    const char *id, *command;
    int64_t started_us;
    const char *manifest; /**< JSON */
} seine_run_row;
/** Runs, newest first, at most @p limit (0 = all). Strings in @p arena. */
SEINE_MUST_USE seine_status seine_runs(seine_catalog *catalog, size_t limit, seine_arena *arena, seine_run_row **rows,
                                       size_t *count, seine_error *error);
/** Runs whose id begins with @p prefix. */
SEINE_MUST_USE seine_status seine_runs_find(seine_catalog *catalog, const char *prefix, seine_arena *arena,
                                            seine_run_row **rows, size_t *count, seine_error *error);
/** The run whose commit made a snapshot; *count is 0 when no manifest tells of it. */
SEINE_MUST_USE seine_status seine_runs_of_snapshot(seine_catalog *catalog, int64_t snapshot_id, seine_arena *arena,
                                                   seine_run_row **rows, size_t *count, seine_error *error);

#endif
