/**
 * @file refresh/bucket.h
 * The detector job of DESIGN section 5 for one bucket of movers, over any storage.
 *
 * For each stale day in order, only movers whose hash of that day's fixes changed are fed, from their state before that
 * day, and followed day by day until their new state equals the stored one:
 *
 *          day        8        9       10       11       12
 *          silver     same   CHANGED  same     same     same
 *          mover A    -        feed     feed     =         -       state after day 10 equals the stored one: stop
 *          mover B    -        -        -        -         -       its fixes of day 9 hash as before
 *
 * Beside that hash stands one of what reference tables may tell these fixes: a mover to whom they tell something else
 * is fed again like one whose fixes changed, and only such a mover is (refresh/job.h, seine_job_references).
 *
 * Invariants: (1) a state row exists exactly for (mover, day) with fixes; (2) the head is the newest of a mover's rows;
 * (3) a mover which stopped has, from its last fed day on or from the next one on (refresh/look_ahead.h), new rows
 * equal to old ones, so old files may be read for it again. Memory: the movers' states of one bucket, one batch of
 * fixes, the events found.
 *
 * A job with columns makes a row per fix, in files of one day, so a day on which any mover's rows become others is made
 * anew as a whole: every mover of it is fed from its own state before that day. Where later fixes amend rows, those of
 * the next day are looked at (refresh/look_ahead.h). Where no fix of a day changed, the few movers whose rows could
 * become others are tried first:
 *
 *     followed, told something else, or ──▶ fed ──▶ rows hash as those in the table: the day stays
 *     looked at other fixes of the next day      ├─▶ else these take the place of theirs, all others are copied
 *                                                └─▶ or, when they are many: the day is made anew
 */
#ifndef SEINE_REFRESH_BUCKET_H
#define SEINE_REFRESH_BUCKET_H

#include "base/progress.h"
#include "refresh/batch.h"

/** Which fixes of a mover's day rows of the day before were made with (refresh/look_ahead.h). Zeroes: none. */
typedef struct seine_looked {
    uint32_t count;      /**< of the first fixes of the day */
    bool is_open;        /**< these are all, and more of them could say something */
    seine_hash128 fixes; /**< sum of their hashes */
} seine_looked;

static inline bool seine_looked_equal(const seine_looked *a, const seine_looked *b) {
    return a->count == b->count && a->is_open == b->is_open && seine_hash128_equal(a->fixes, b->fixes);
}

/** A row of the state tables. */
typedef struct seine_state_row {
    seine_str mover;
    int32_t day;
    seine_hash128 fixes; /**< sum of the hashes of the mover's fixes of that day */
    seine_str state;     /**< bytes of seine_state_pack */
    seine_looked looked;
    seine_hash128 references; /**< of what reference tables may have told these fixes; zero = nothing */
} seine_state_row;

/** Whether two rows of a mover's day say the same. */
static inline bool seine_state_row_equal(const seine_state_row *a, const seine_state_row *b) {
    return seine_hash128_equal(a->fixes, b->fixes) && seine_hash128_equal(a->references, b->references) &&
           seine_looked_equal(&a->looked, &b->looked) && seine_str_equal(a->state, b->state);
}

/** Takes rows while they last: borrowed for the call only, as seine_rows_sink does. */
typedef seine_status (*seine_state_sink)(void *context, const seine_state_row *row, seine_error *error);

/** Fixes with what the step gave them. Borrowed for the call. */
typedef struct seine_fed_rows {
    const seine_track_batch *batch;
    const seine_str *movers;         /**< by the codes of batch->groups */
    const seine_column_out *columns; /**< rows [0, batch->count) */
} seine_fed_rows;

/** Where a bucket's rows are. Functions return OK or what made them fail. */
typedef struct seine_bucket_io {
    void *context;
    /**
     * Fixes of a day, sorted by mover, then time. Columns: mover, time, lat, lon, then the job's texts and numbers. @p
     * only_count 0 = every mover, else at least the movers of @p only.
     */
    seine_status (*fixes)(void *context, int32_t day, const seine_str *only, size_t only_count, seine_rows_sink sink,
                          void *sink_context, seine_error *error);
    /** State rows as they were before this run, of days first … last in any order; @p only as in fixes. */
    seine_status (*states)(void *context, int32_t first_day, int32_t last_day, const seine_str *only, size_t only_count,
                           seine_state_sink sink, void *sink_context, seine_error *error);
    /** The head rows as they were before this run. */
    seine_status (*head)(void *context, seine_state_sink sink, void *sink_context, seine_error *error);
    /** Replaces the state rows of a day, sorted by mover; none: the day has no rows any more. */
    seine_status (*put_states)(void *context, int32_t day, const seine_state_row *rows, size_t count,
                               seine_error *error);
    /** Replaces the head rows, sorted by mover. */
    seine_status (*put_head)(void *context, const seine_state_row *rows, size_t count, seine_error *error);
    /** Of a job with columns: appends rows of a day, in the order of silver; then, also without any, the day is done.
     */
    seine_status (*put_rows)(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error);
    seine_status (*end_rows)(void *context, int32_t day, seine_error *error);
    /** The same of a trial: rows of some movers of a day; then whether the table has just these of them (@p only is in
     * order). */
    seine_status (*try_rows)(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error);
    seine_status (*end_trial)(void *context, int32_t day, const seine_str *only, size_t only_count, bool *is_same,
                              seine_error *error);
    /** Makes a day of the rows of a trial, which were all given at once, and of those that the table has of all other
     * movers. */
    seine_status (*put_among)(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error);
} seine_bucket_io;

/** A day that has silver or state rows in this bucket. */
typedef struct seine_bucket_day {
    int32_t day;
    bool is_stale;   /**< its silver changed, appeared or vanished */
    bool is_amended; /**< silver of the next day did, of which rows of this one are made, too */
    bool is_retold;  /**< what reference tables may tell its fixes did */
    bool has_silver;
    bool has_states; /**< stored rows, before this run */
} seine_bucket_day;

typedef struct seine_bucket_task {
    const seine_job_run *run;
    const seine_bucket_day *days; /**< ascending */
    size_t day_count;
    int64_t watermark_us; /**< INT64_MIN: nothing is open */
    size_t batch_rows;    /**< fixes held in memory, but at least one mover's day; 0 = default */
    bool is_recomputed;   /**< nothing is stored: everything is touched, so that result->touched is left empty */
    const seine_progress *progress;        /**< whose stop ends the work; may be NULL */
    void (*stale_day_done)(void *context); /**< called behind each stale day; may be NULL */
    void *context;
} seine_bucket_task;

/** Why events of a mover may be others: bits. */
enum {
    SEINE_CAUSE_FIXES = 1,      /**< a fix came, went or changed */
    SEINE_CAUSE_REFERENCES = 2, /**< reference tables tell its fixes something else */
};

/** A (mover, produced_day) whose events are to be replaced. */
typedef struct seine_touched {
    int32_t day; /**< SEINE_TOUCHED_OPEN: its open ones */
    seine_str mover;
    unsigned causes;
} seine_touched;
#define SEINE_TOUCHED_OPEN INT32_MAX

/** What came out. Everything lives in arena; free with seine_bucket_result_free. */
typedef struct seine_bucket_result {
    seine_arena arena;
    seine_cell **events; /**< rows of the events table: those of the touched, and the open ones */
    size_t event_count, event_capacity;
    seine_touched *touched; /**< by day, then mover */
    size_t touched_count, touched_capacity;
    uint64_t fixes_read, fixes_fed;
    uint64_t movers_fed; /**< different movers */
    int64_t deadline_us; /**< least watermark after that of the task at which other events are open; INT64_MAX = none */
} seine_bucket_result;

/**
 * Runs the job for one bucket. @p result must be zeroed; it is valid only on success but must be freed always.
 * @return OK; E_INTERRUPTED; E_FORMAT when stored states or silver's order are broken; E_LIMIT a state or the open
 * events of one mover are too large; E_INTERNAL the step breaks the limits of seine/step.h; what @p io returned;
 * E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_bucket_run(const seine_bucket_task *task, const seine_bucket_io *io,
                                             seine_bucket_result *result, seine_error *error);
void seine_bucket_result_free(seine_bucket_result *result);

#endif
