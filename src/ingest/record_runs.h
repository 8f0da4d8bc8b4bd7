/**
 * @file ingest/record_runs.h
 * Records of a partitioned log into the lake, exactly once. The lake keeps the position of each partition, and moves it
 * in the transaction that brings the rows: the position is the fence. Whoever starts from another one than the lake has
 * has slept while somebody else went on, and nothing of his is taken.
 *
 *     run [position, next) of each partition ──▶ bronze.<dataset>_raw, silver, rejects ──▶ one transaction:
 *         every position is still where its run starts, and moves to where it ends; or nothing happens
 *
 * The records of a partition that come in on one day are a source of the ledger, called after its topic, partition and
 * first offset (ingest/record_source.h): in the order of their names, then rows, they are in the order of the records,
 * so that of two rows with one key the same one stays however the records were cut into runs.
 */
#ifndef SEINE_INGEST_RECORD_RUNS_H
#define SEINE_INGEST_RECORD_RUNS_H

#include "ingest/ingest.h"

#define SEINE_NO_POSITION INT64_MIN /**< the lake has nothing of the partition yet */

/** One record, as received. Borrowed. */
typedef struct seine_record {
    seine_str payload, key; /**< data NULL: it has none */
    seine_str headers;      /**< as the column record_headers has them (columns/raw_table.h); empty: it has none */
    seine_str url;          /**< of an API: the address that gave it */
    int64_t offset;
    int64_t sent_us; /**< INT64_MIN: not known */
} seine_record;

/** Records of one partition, by offset, or of an API, as they came. Borrowed. */
typedef struct seine_record_run {
    const char *topic; /**< NULL: of an API, and of what follows only records and their number count */
    const char *name;  /**< of an API: the source that they begin, when they do */
    int32_t partition;
    const seine_record *records;
    size_t count;     /**< 1 at least, unless it only skips */
    int64_t position; /**< where it starts: what the lake has, or SEINE_NO_POSITION */
    int64_t next;     /**< where the position goes: behind its last record */
    int64_t lost_to;  /**< position ≤ … < lost_to is lost to retention: noted in the ledger; 0 = nothing is */
} seine_record_run;

/** What a commit brought. */
typedef struct seine_record_report {
    int64_t read, silver, duplicates, rejects;
    char first_reject[300];                          /**< why the first of them was refused, "" = none was */
    seine_reject_word words[SEINE_REJECT_WORDS_MAX]; /**< of the rejects */
} seine_record_report;

/** Adds the counts of another commit. */
void seine_record_report_add(seine_record_report *to, const seine_record_report *from);

/** A record that is refused; borrowed. */
typedef struct seine_record_refusal {
    int32_t partition;
    int64_t offset;
    seine_str reason; /**< as silver.<dataset>_rejects has it */
} seine_record_refusal;

typedef struct seine_record_options {
    seine_ingest_options ingest;
    const char *job;        /**< whose positions: "stream/<dataset>" */
    const char *url;        /**< of the log: "kafka://HOST:PORT" */
    int64_t refuse_if_only; /**< E_FORMAT when so many records or more came, and all were refused; 0 = never */
    /** Told of all refused records at once, right before the commit, which does not come when it fails. May be NULL. */
    seine_status (*refused)(void *context, const seine_record_refusal *refusals, size_t count, seine_error *error);
    void *context;
} seine_record_options;

/**
 * Takes runs of several partitions in, all or none of them.
 * @return OK; E_EXISTS: a position is not where its run starts, nothing was done, read the positions again; E_BUSY:
 * somebody else holds the lease of the dataset; E_FORMAT (refuse_if_only; the error shows a record); E_UNKNOWN: look at
 * the positions; E_INTERRUPTED, what the lake failed with: nothing was done.
 */
SEINE_MUST_USE seine_status seine_ingest_runs(const char *lake, const seine_record_run *runs, size_t count,
                                              const seine_record_options *options, seine_record_report *report,
                                              seine_error *error);

#endif
