/**
 * @file table/copy/copy.h
 * A lake in a second place: a folder or a bucket, its catalog in SQLite or PostgreSQL, whatever the first one has.
 *
 *     the source's catalog, all rows of one moment → held by this process; the source is left alone from here on
 *       → copy.from in the target: whose half a copy it is
 *       → metadata: every version, list and manifest with the addresses of the target, under its own name
 *       → data, archives, seine.yaml, models: as they are, each compared with the checksum that the ledger has of it
 *       → ONE transaction: the catalog with all its rows (catalog/new_catalog.h), which makes the target a lake
 *       → copy.from is removed
 *
 * Invariants: (1) nothing is written in the source; (2) until its catalog is there the target is no lake; (3) killed at
 * any moment, the same call goes on: what is there with the same bytes is not written again, what the state of the
 * source does not need is removed; (4) the same lake makes the same files, and those of a copy back are the former ones
 * byte for byte. Files that no snapshot needs stay behind, and so do tables of other catalogs in the same database.
 */
#ifndef SEINE_TABLE_COPY_COPY_H
#define SEINE_TABLE_COPY_COPY_H

#include "base/arena.h"
#include "base/progress.h"

typedef struct seine_copy_options {
    const char *from, *to;          /**< path or address, each */
    const char *catalog;            /**< of the target: address or file; NULL = in its folder */
    size_t threads;                 /**< that read and write files, 1 at least */
    const seine_progress *progress; /**< NULL = none */
} seine_copy_options;

/** What was done. Texts live in the arena given. */
typedef struct seine_copy_report {
    const char *from, *to; /**< absolute */
    size_t tables;         /**< tables and views of the lake */
    size_t elsewhere;      /**< of these, ones that lie outside of the lake: the copy names them where they are */
    size_t others;         /**< tables of other catalogs in the same file, left out */
    size_t files, there;   /**< of the lake; of these, those that were there already */
    int64_t bytes;         /**< of the files */
    bool was_whole; /**< an attempt before this one had come to its end but for copy.from: nothing else is told */
} seine_copy_report;

/**
 * Copies a lake. What is committed to the source from the call on is not in the copy.
 * @return OK; E_NOT_FOUND (no lake; a file is missing), E_USAGE (one place in the other, a catalog that cannot be, a
 *         source of an older format, which is left as it is),
 *         E_EXISTS (the target is a lake or not empty), E_CONFLICT (another lake has the catalog's place), E_FORMAT (a
 * file has other bytes than the ledger says), E_UNSUPPORTED (as of table/relocate/relocate.h), E_INTERRUPTED,
 * E_VERSION, E_BUSY, E_IO, E_NOMEM, E_UNKNOWN. After a failure the same call goes on.
 */
SEINE_MUST_USE seine_status seine_lake_copy(const seine_copy_options *options, seine_arena *arena,
                                            seine_copy_report *report, seine_error *error);

#endif
