/**
 * @file ingest/ingest.h
 * Files into the lake: bytes to bronze, valid rows to silver.<dataset>, refused rows to silver.<dataset>_rejects, one
 * ledger row per file.
 *
 * Silver is a function of the live sources: a partition (UTC day × bucket) holds every valid row of every live source,
 * one per (id, ts); among equals the smallest (source name, row) wins, or the greatest. So neither the order of files
 * nor the number of threads shows in the result (DESIGN section 4).
 *
 * Every call takes the lease "ingest/<dataset>" of the lake. Work is committed in groups of files that fit the memory
 * setting; what a stop or crash leaves undone is simply done by the next run.
 */
#ifndef SEINE_INGEST_INGEST_H
#define SEINE_INGEST_INGEST_H

#include "base/progress.h"
#include "columns/fix.h"
#include "table/ledger.h"

#define SEINE_MAX_FUTURE_US (INT64_C(3600) * 1000000)
#define SEINE_INGEST_MEMORY ((uint64_t)960 << 20)

typedef enum seine_ingest_outcome {
    SEINE_INGEST_ADDED,       /**< decoded and committed */
    SEINE_INGEST_REPLACED,    /**< took the place of a file of the same name */
    SEINE_INGEST_SAME,        /**< these bytes are in the lake under this name already: nothing to do */
    SEINE_INGEST_QUARANTINED, /**< corrupt or without any valid row: kept aside with its reason */
    SEINE_INGEST_FAILED,      /**< not taken at all: cannot be read, or other bytes under a name in use */
    SEINE_INGEST_LEFT_OUT     /**< in a folder, but hidden or of no known ending */
} seine_ingest_outcome;
const char *seine_ingest_outcome_name(seine_ingest_outcome outcome);

/** A column of a file that is not taken. */
typedef struct seine_unused_column {
    seine_str name;
    const char *offer; /**< the column it may be meant for, or NULL */
    const char *twice; /**< the column it gives once more, or NULL; then the field that is used, from 1, and its name */
    size_t used_field;
    seine_str used;
} seine_unused_column;

/** How many rows were refused by one word: that with which their reasons begin, "position". */
typedef struct seine_reject_word {
    char word[24];
    int64_t rows;
} seine_reject_word;
/** Words that are told apart; the last one is "other" when there are more. */
#define SEINE_REJECT_WORDS_MAX 16

/** What was not taken from a file that was taken. */
typedef struct seine_ingest_remarks {
    const seine_dataset *dataset; /**< whose columns the measures are */
    const seine_unused_column *unused;
    size_t unused_count;
    struct {
        int64_t rows;    /**< valid rows whose value became null: outside its range, or no such value */
        seine_str first; /**< as it was sent */
    } measures[SEINE_DATASET_COLUMNS_MAX];
    seine_reject_word words[SEINE_REJECT_WORDS_MAX]; /**< of all refused rows; rows 0 = no more of them */
    seine_str reason;                                /**< why the first refused row was refused; size 0 = none was */
    const char *keys; /**< what follows it of a record that lacks its id or time: `; its keys are …`; NULL = nothing */
} seine_ingest_remarks;

/** What became of one file. Texts are valid during the callback. */
typedef struct seine_ingest_result {
    const char *path, *name;
    seine_ingest_outcome outcome;
    const char *message;                 /**< why not, or what was not taken from it; "" otherwise */
    const seine_ingest_remarks *remarks; /**< NULL when the file was not decoded */
    int64_t rows, rejects, silver, duplicates, bytes;
} seine_ingest_result;

/** How an address among the paths is asked; as in io/http_source.h. */
typedef struct seine_ingest_api {
    const char *const *headers; /**< NULL = none */
    const char *next, *records; /**< JSON pointers; NULL = none */
    int64_t look_back_us;       /**< {since} is so much before the newest time of the dataset */
} seine_ingest_api;

typedef struct seine_ingest_options {
    const seine_dataset *dataset; /**< of every file; must outlive the call */
    int threads;                  /**< 1-64 */
    uint64_t memory_bytes;        /**< resident rows are written out beyond about this; at least 64 MiB */
    uint64_t commit_rows;         /**< commit after the file with which so many rows wait; 0 = when memory is full */
    bool replace;                 /**< other bytes under a known name take the former ones' place */
    const char *as;               /**< name of the source in the ledger; one file only. NULL = the file's own name */
    int64_t max_future_us;        /**< rows further ahead of the clock are refused */
    uint64_t max_ratio;           /**< bytes of text that may come out of one packed byte; 0 = io/reader.h's default */
    int64_t valid_from_us;        /**< rows from before are refused: the plausible span of the dataset */
    seine_ingest_api api;
    const char *command;    /**< name in the run ledger; NULL = "ingest", "source rm" */
    const char *invocation; /**< id shared by the runs of one command (table/run.h); NULL = a new one */
    const char *holder;     /**< of its lease (seine_lease_take_as); NULL = a new one */
    const seine_progress *progress;
    seine_catalog
        *state; /**< seine_ingest_recount only: an open catalog inside a read transaction; NULL = as it is now */
    void (*report)(void *context,
                   const seine_ingest_result *result); /**< once per file, in order of commit; may be NULL */
    void *context;
} seine_ingest_options;
seine_ingest_options seine_ingest_options_default(void);

/** Totals of one call. */
typedef struct seine_ingest_report {
    size_t added, replaced, same, quarantined, failed, left_out;
    int64_t rows, rejects, bytes;
    size_t partitions;    /**< silver partitions written */
    size_t known_records; /**< of APIs, of datasets that keep records: they came before, and are not kept twice */
    size_t reread;        /**< sources that were read again because the dataset got columns */
    double seconds;
} seine_ingest_report;

/**
 * Takes files into the lake; of a folder every file below it with a known ending (table/source.h), in order of names;
 * of an address of http or https each body that it gives.
 * What is wrong with one file (denied, gone, too large, no memory, corrupt) never keeps the others out.
 * @return OK also when single files failed or were quarantined (see @p report); E_NOT_FOUND no lake; E_USAGE threads;
 * E_BUSY another ingest holds the lease; E_INTERRUPTED (what was committed stays); E_CONFLICT somebody kept changing
 * the tables; E_IO …
 */
SEINE_MUST_USE seine_status seine_ingest_files(const char *lake, const char *const *paths, size_t count,
                                               const seine_ingest_options *options, seine_ingest_report *report,
                                               seine_error *error);

/**
 * Takes in every archive that seine_fetch_noaa brought and nobody decoded yet, from where it lies in bronze; one that
 * was published again takes the place of the former. @return as seine_ingest_files.
 */
SEINE_MUST_USE seine_status seine_ingest_fetched(const char *lake, const seine_ingest_options *options,
                                                 seine_ingest_report *report, seine_error *error);

/**
 * Takes a source out of silver (its bytes stay in bronze): its days are rebuilt from bronze with their other sources.
 * One that waits for its ingest, or lies in quarantine, only leaves the ledger's list. One that is out already is left
 * so (report->same is 1). @return as above; E_NOT_FOUND the ledger has never had a source of that name.
 */
SEINE_MUST_USE seine_status seine_ingest_remove(const char *lake, const char *name, const seine_ingest_options *options,
                                                seine_ingest_report *report, seine_error *error);

/**
 * Makes all of silver of bronze again, in one commit (report->reread: of how many sources). Refused rows stay refused
 * as they were. @return as seine_ingest_files.
 */
SEINE_MUST_USE seine_status seine_ingest_again(const char *lake, const seine_ingest_options *options,
                                               seine_ingest_report *report, seine_error *error);

/**
 * Makes one file of the files of each partition of silver that has several; no row changes (report->partitions). With
 * none nothing is written. @return as seine_ingest_files.
 */
SEINE_MUST_USE seine_status seine_ingest_compact(const char *lake, const seine_ingest_options *options,
                                                 seine_ingest_report *report, seine_error *error);

/**
 * Decodes every live source from bronze again and calls @p row with the content hash and row count each silver
 * partition should have
 * (`seine verify --deep`). Writes nothing. Bronze bytes are checked against their SHA-256 first (E_FORMAT names the
 * file).
 */
SEINE_MUST_USE seine_status seine_ingest_recount(const char *lake, const seine_ingest_options *options,
                                                 void (*row)(void *context, const seine_partition_row *partition),
                                                 void *context, seine_error *error);

#endif
