/**
 * @file ingest/reference/reference.h
 * Reference files into the lake: ports to ref.ports, vessels to ref.vessels …, refused records to ref.rejects.
 *
 * A row holds from valid_from (null: since ever) until before valid_to (null: for ever). Each load is one commit under
 * the lease "ref": the table is written anew as one file, sorted, with the content hash of its rows in the ledger. Rows
 * that are already there keep their lineage, so loading the same file again changes nothing. What a stop or crash
 * leaves undone was not begun.
 */
#ifndef SEINE_INGEST_REFERENCE_REFERENCE_H
#define SEINE_INGEST_REFERENCE_REFERENCE_H

#include "base/progress.h"
#include "decode/reference/reference.h"
#include "ingest/record_runs.h"
#include "table/ledger.h"

typedef struct seine_reference_options {
    seine_reference_kind kind;
    const char *name;           /**< in source_file; NULL = the file's own name */
    const char *const *columns; /**< FIELD=COLUMN words (seine_reference_guess) */
    size_t column_count;
    bool has_valid_from;   /**< else the file holds since ever and takes the place of all history */
    int64_t valid_from_us; /**< what is in force then ends there, unless the file says the same */
    bool replace;          /**< the file is the whole set: what it does not have ends too. Else keys that it does not
                              have stay as they are */
    const seine_progress *progress;
    /** Once per refused record, in the order of the file; may be NULL. @p line 0 = not known. */
    void (*refused)(void *context, int64_t row, int64_t line, const char *reason);
    void *context;
} seine_reference_options;

/** What a load did. Texts live until seine_reference_report_free. */
typedef struct seine_reference_report {
    seine_arena arena;
    const char *columns[SEINE_REFERENCE_FIELDS]; /**< column that each field was taken from, NULL = none */
    int64_t rows;                                /**< records in the file */
    int64_t refused;                             /**< of these */
    int64_t added;                               /**< rows that began to hold, or hold again */
    int64_t ended;                               /**< rows that got a valid_to */
    int64_t removed;                             /**< rows that are gone, history and all */
    int64_t total;                               /**< rows in the table now */
    int64_t in_force;                            /**< of these without valid_to */
    bool is_changed;                             /**< whether anything was committed */
} seine_reference_report;
void seine_reference_report_free(seine_reference_report *report);

/**
 * Loads one file: CSV, JSON, JSON Lines, GeoJSON (plain, zstd, gzip) or Parquet. Tables that the lake lacks are made.
 * @return OK; E_NOT_FOUND no such file or lake; E_USAGE (see seine_reference_guess); E_FORMAT the file cannot be read,
 *         its columns are not known, or no record of it is good: nothing changed; E_BUSY another load holds the lease;
 *         E_CONFLICT somebody kept changing the tables; E_INTERRUPTED; E_LIMIT, E_NOMEM, E_IO …
 */
SEINE_MUST_USE seine_status seine_reference_load(const char *lake, const char *path,
                                                 const seine_reference_options *options, seine_reference_report *report,
                                                 seine_error *error);

/**
 * Takes records of a topic into a reference table, all of the runs or none: JSON objects, or arrays of them. Of records
 * with one key the later one stands, whatever batch it came in, as long as they are in one partition; they hold since
 * ever, as those of a file. Refused ones are in ref.rejects by the names of their runs. The positions move in the same
 * commit. @p counts: silver are the records that stand in the table now, duplicates those that a later one replaced.
 * @return as seine_ingest_runs (of its options ingest.progress only); E_BUSY somebody holds the lease "ref".
 */
SEINE_MUST_USE seine_status seine_reference_take_runs(const char *lake, seine_reference_kind kind,
                                                      const seine_record_run *runs, size_t count,
                                                      const seine_record_options *options, seine_record_report *counts,
                                                      seine_error *error);

#endif
