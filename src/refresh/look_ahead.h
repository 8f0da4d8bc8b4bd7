/**
 * @file refresh/look_ahead.h
 * What the fixes of the next day say of rows of this one, for a job whose rows later fixes amend (decision 14):
 *
 *     fixes of day D ──▶ step ──▶ rows of D ◀── amended ── events ◀── step ◀── fixes of D + 1, until nothing of D is
 *                         └── state after D ──────────────────────────┘        left that they can say anything of
 *
 * So rows of D are a function of the state before D and of the fixes of D and D + 1, and whoever plans knows when they
 * are stale. The state and the events of D + 1 are not touched, but its state row tells which of its fixes were looked
 * at: mostly the first few. While these stay as they are, rows of D do.
 *
 * The same fixes tell how far a mover is to be followed whose state after D is another than the stored one, where
 * silver of D + 1 is as it was:
 *
 *     stored state after D ──▶ step ──▶ rows of D + 1 ─┐ the same, and both states are equal: so is all behind them,
 *     new state after D    ──▶ step ──▶ rows of D + 1 ─┘ and what is stored of D + 1 stays: it stops
 */
#ifndef SEINE_REFRESH_LOOK_AHEAD_H
#define SEINE_REFRESH_LOOK_AHEAD_H

#include "refresh/state_window.h"
#include "refresh/step_frame.h"

/** Made by seine_look_ahead_init; free with seine_look_ahead_free. */
typedef struct seine_look_ahead {
    const seine_job_run *run;
    const seine_bucket_io *io;
    seine_state_window
        *window; /**< the movers' run rows are their states after the day; they learn what was looked at */
    size_t batch_rows;
    seine_track_batch batch; /**< of fixes of the next day; a group's mover is the group in amended */
    seine_step_frame frame;
    seine_step_frame stored, made; /**< from the two states after the day */
    seine_amended_rows amended;    /**< rows of the day; group is unused */
    int32_t day;                   /**< the next one */
    bool is_kept;                  /**< what is stored of it was made of its fixes */
    size_t at;                     /**< group of amended whose fixes come */
} seine_look_ahead;

/** Zeroes @p ahead but for the first four, which are the caller's to set. */
void seine_look_ahead_init(seine_look_ahead *ahead);
void seine_look_ahead_free(seine_look_ahead *ahead);
/**
 * Amends the rows of @p batch, all of whose groups were fed, by the fixes of @p next_day. @p is_kept: what is stored of
 * that day was made of these fixes; movers for whom it stays stop before it.
 * @return OK, what reading or feeding them returned.
 */
SEINE_MUST_USE seine_status seine_look_ahead_run(seine_look_ahead *ahead, int32_t next_day, bool is_kept,
                                                 const seine_track_batch *batch, const seine_column_out *columns,
                                                 seine_error *error);
/**
 * Tells @p changed of each mover whose fixes of @p next_day, as far as rows of the day before were made with them, are
 * not those that its stored row tells; perhaps more than once. @p has_silver: of that day.
 * @return OK, E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_look_ahead_changed(seine_look_ahead *ahead, int32_t next_day, bool has_silver,
                                                     void (*changed)(void *context, seine_str mover), void *context,
                                                     seine_error *error);

#endif
