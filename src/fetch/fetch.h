/**
 * @file fetch/fetch.h
 * NOAA's day archives from their publisher (or a mirror) into bronze (SPEC 1.1).
 *
 *     every day: probe names ─▶ known already? ─▶ tmp/fetch/NAME.part ─▶ bronze by rename + ledger row "fetched"
 *
 * What is fetched feeds nothing yet: seine_ingest_fetched decodes it. A stop or crash at any moment loses nothing: the
 * part and what its bytes belong to (NAME.json) lie in the lake and the next run goes on from there.
 */
#ifndef SEINE_FETCH_FETCH_H
#define SEINE_FETCH_FETCH_H

#include "base/progress.h"
#include "seine/status.h"

/** `<year>` stands for the year of the day. */
#define SEINE_FETCH_NOAA_URL "https://coast.noaa.gov/htdata/CMSP/AISDataHandler/<year>/"

/** Longest archive by default, ten times a day of today. */
#define SEINE_FETCH_MAX_BYTES (INT64_C(8) << 30)

typedef enum seine_fetch_outcome {
    SEINE_FETCH_ABSENT,   /**< no archive of this day is published: not an error */
    SEINE_FETCH_PRESENT,  /**< the lake has it */
    SEINE_FETCH_FOUND,    /**< would be fetched (dry run) */
    SEINE_FETCH_FETCHED,  /**< new in bronze */
    SEINE_FETCH_REPLACED, /**< other bytes than the lake had under this name */
    SEINE_FETCH_FAILED    /**< see message */
} seine_fetch_outcome;
const char *seine_fetch_outcome_name(seine_fetch_outcome outcome);

/** What became of one day. Texts are valid during the callback. */
typedef struct seine_fetch_day {
    int32_t day;
    seine_fetch_outcome outcome;
    const char *name, *url; /**< of the archive, the address without secrets; "" = none */
    int64_t bytes;          /**< of the archive, -1 = not told */
    int64_t resumed;        /**< of these, bytes a former run had */
    const char *message;    /**< of FAILED, else "" */
    const char *cause;      /**< the same without the address: what failed days may have in common */
} seine_fetch_day;

typedef struct seine_fetch_options {
    /**
     * http(s)://…, file:///folder or a folder. Without `<year>` in it, archives are looked for in its folder of the
     * year first, then in itself.
     */
    const char *base_url;
    int32_t from, to;   /**< days since 1970-01-01, both inclusive */
    int jobs;           /**< downloads at once, 1-16 */
    int retries;        /**< further tries per request after 5xx, 429, a time-out or a cut body */
    int64_t backoff_us; /**< before the first further try, doubled each time up to a minute, half to one and a half of
                           it by chance */
    int64_t head_us, idle_us; /**< time-outs; see seine_http_options */
    bool replace;             /**< also what came from another address under the name of an archive */
    int64_t max_bytes;        /**< a longer archive is refused, its day fails */
    bool check_etag;          /**< an ETag of 32 hex digits is taken as the MD5 of the bytes */
    bool dry_run;             /**< only tell what would be fetched */
    const char *command;      /**< name in the run ledger; NULL = "fetch" */
    const char *invocation;   /**< id shared by the runs of one command (table/run.h); NULL = a new one */
    const seine_progress *progress;
    void (*report)(void *context, const seine_fetch_day *day); /**< one at a time; may be NULL */
    void *context;
} seine_fetch_options;
seine_fetch_options seine_fetch_options_default(void);

typedef struct seine_fetch_report {
    size_t days, absent, present, found, fetched, replaced, failed;
    int64_t bytes;  /**< of archives found, fetched or replaced */
    int64_t loaded; /**< over the wire */
    double seconds;
} seine_fetch_report;

/**
 * Fetches the archives of a span of days under the lease "fetch/ais". A dry run changes nothing.
 * @return OK also when days failed or have no archive (see @p report); E_USAGE (span, address); E_NOT_FOUND no lake, no
 *         mirror folder; E_BUSY another fetch is running; E_INTERRUPTED; E_IO of the lake's own disk …
 */
SEINE_MUST_USE seine_status seine_fetch_noaa(const char *lake, const seine_fetch_options *options,
                                             seine_fetch_report *report, seine_error *error);

/**
 * Lists the archives of a year that seine_fetch_noaa would take, one per day: the first of a day's names among the
 * links of index.html, else what probing every day finds, as it always is in a folder. Calls options->report once per
 * archive (FOUND), in order of days.
 * options->from, to and dry_run are not looked at.
 * @return OK; E_USAGE, E_NOT_FOUND, E_IO (the publisher cannot be reached), E_INTERRUPTED, E_LIMIT (index of more than
 *         16 MiB).
 */
SEINE_MUST_USE seine_status seine_fetch_preview(int year, const seine_fetch_options *options, bool *from_index,
                                                seine_error *error);

#endif
