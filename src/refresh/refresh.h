/**
 * @file refresh/refresh.h
 * Brings everything derived up to date with silver: plan, run, commit (DESIGN sections 4 and 5).
 *
 *     ledger: content hashes ──▶ fingerprints that differ ──▶ buckets in parallel ──▶ events, log, states ──▶ one
 * commit
 *
 * No dates to pass, no full scans: without a stale partition nothing is read and nothing is committed.
 */
#ifndef SEINE_REFRESH_REFRESH_H
#define SEINE_REFRESH_REFRESH_H

#include "base/progress.h"
#include "model/run.h"
#include "refresh/segments.h"
#include "seine/gap.h"
#include "table/catalog/catalog.h"

/** Keys under which the catalog keeps the parameters of the last refresh (table/ledger.h). */
#define SEINE_SETTING_MIN_GAP "ais_gaps.min_gap_us"
#define SEINE_SETTING_HISTORY "ais_gaps.history_us"
#define SEINE_SETTING_SHORE_RULE "ais_gaps.shore_rule"
#define SEINE_SETTING_WEATHER_AGE "ais_enriched.weather_max_age_us"

/** Whose track a track of ships is. */
typedef enum seine_by {
    SEINE_BY_KEPT,   /**< as the lake keeps it: by segment, unless it was made before there were any */
    SEINE_BY_MOVER,  /**< an id is one ship; no segments are made any more */
    SEINE_BY_SEGMENT /**< segments are made (refresh/segments.h) */
} seine_by;

/** Whether events of fishing are made of ships. */
typedef enum seine_fishing_of_ships {
    SEINE_FISHING_KEPT, /**< as the lake keeps it: none unless it was told */
    SEINE_FISHING_NONE,
    SEINE_FISHING_BY_RULES /**< by rules (seine/fishing_score.h): their messages have no scores */
} seine_fishing_of_ships;

typedef struct seine_refresh_options {
    seine_gap_config gaps;
    int64_t weather_max_age_us; /**< weather further in time does not hold (core/weather.h) */
    seine_segment_limits segments;
    seine_by by;                    /**< what is given here the lake keeps */
    seine_fishing_of_ships fishing; /**< this, too */
    const char *const *only;        /**< words for what is to be made, with what it is made from (refresh/wanted.h) */
    size_t only_count;              /**< 0 = everything */
    int threads;                    /**< buckets worked on at the same time, 1-64 */
    int64_t now_us;                 /**< time of the run; 0 = the clock */
    const seine_progress *progress;
    const char *command;                /**< name in the run ledger; NULL = "refresh" */
    const char *invocation;             /**< id shared by the runs of one command (table/run.h); NULL = a new one */
    const char *holder;                 /**< of its lease (seine_lease_take_as); NULL = a new one */
    const seine_models_options *models; /**< models to run after the detectors; NULL = none */
    seine_models_report *models_report; /**< what they did; the caller frees it. NULL only without models */
} seine_refresh_options;

/** Gap defaults, weather of up to three hours, one thread. */
seine_refresh_options seine_refresh_options_default(void);

/** What one job did. */
typedef struct seine_job_report {
    const char *job;   /**< "ais_gaps" */
    bool has_columns;  /**< it makes columns, else events */
    bool is_committed; /**< false: there was nothing to do */
    int attempts;      /**< more than 1 after lost races */
    uint32_t version;
    bool is_recomputed; /**< from the first day: parameters or versions changed, or it never ran */
    size_t partitions;  /**< of silver, with those that are no more */
    size_t stale;       /**< of these changed, plus those that vanished */
    uint64_t movers_fed;
    uint64_t fixes_read, fixes_fed;
    uint64_t added, updated, retracted; /**< events */
    size_t rewritten, unchanged; /**< partitions of the table of columns: with other rows, computed but the same */
    double seconds;
} seine_job_report;

#define SEINE_JOBS_MAX 512

typedef struct seine_refresh_report {
    seine_job_report jobs[SEINE_JOBS_MAX]; /**< in the order they ran: of ships, then of the other datasets */
    size_t job_count;
    seine_arena arena; /**< of names; free it */
} seine_refresh_report;
void seine_refresh_report_free(seine_refresh_report *report);

/** @return whether any job changed anything. */
bool seine_refresh_is_committed(const seine_refresh_report *report);

/**
 * Runs every job over @p lake under the lease "refresh", each with a commit of its own. A lost race (somebody else
 * committed to the job's tables) re-plans, up to five times.
 * A damaged table stops only what needs it: the rest is committed, and then the damage is returned.
 * @return OK; E_USAGE a word of `only` means nothing here; E_NOT_FOUND no lake or a file of a table is gone; E_BUSY
 * leased by another refresh; E_CONFLICT; E_INTERRUPTED (nothing was changed); E_UNKNOWN; E_IO …
 */
SEINE_MUST_USE seine_status seine_refresh(const char *lake, const seine_refresh_options *options,
                                          seine_refresh_report *report, seine_error *error);

#endif
