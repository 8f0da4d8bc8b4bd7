/**
 * @file refresh/state_window.h
 * The states of a bucket's movers around the day at work: heads, the day's stored rows, and of each mover the row it is
 * to go on from (its run row).
 *
 *     state before the day = run row (fed before) │ head (older than the day) │ newest older stored row, walking back
 */
#ifndef SEINE_REFRESH_STATE_WINDOW_H
#define SEINE_REFRESH_STATE_WINDOW_H

#include "base/buf.h"
#include "base/dict.h"
#include "refresh/bucket.h"

/** A state row that stays: bytes are owned. */
typedef struct seine_kept_row {
    bool exists;
    int32_t day;
    seine_hash128 fixes;
    seine_looked looked;
    seine_hash128 references;
    seine_buf state;
} seine_kept_row;

typedef struct seine_bucket_mover {
    seine_str name; /**< in the result's arena */
    seine_state_row head;
    bool has_head;
    seine_kept_row run; /**< newest row of the days fed in this run, or what it started from */
    bool ran, running;  /**< fed in this run; its newest row is not the stored one */
    unsigned causes;    /**< SEINE_CAUSE_…: why it was fed last, or since when it is followed */
    bool is_wanted;
    int32_t seen_day, stored_day; /**< last day with fixes, with a stored row; INT32_MIN = none */
    int32_t chosen_day;           /**< last day without a changed fix on which it is fed nevertheless */
    size_t stored;
    int32_t looked_day; /**< the day that `looked` is of, which was found in this run; INT32_MIN = none was */
    seine_looked looked;
} seine_bucket_mover;

/** Zeroed but for the first four; free with seine_state_window_free. */
typedef struct seine_state_window {
    const seine_bucket_io *io;
    int32_t first_day;        /**< of the bucket */
    seine_arena *names_arena; /**< keeps the movers' names */
    int32_t day;              /**< at work */
    seine_dict names;
    seine_bucket_mover *movers; /**< by code of their name */
    size_t mover_count, mover_capacity;
    seine_arena heads, day_arena;
    seine_state_row *stored; /**< of the day */
    size_t stored_count, stored_capacity;
    uint32_t *wanted;
    size_t wanted_count, wanted_capacity;
} seine_state_window;

/** Reads the heads as they were before this run. */
SEINE_MUST_USE seine_status seine_state_window_open(seine_state_window *window, seine_error *error);
void seine_state_window_free(seine_state_window *window);
/** Goes on to a day; with @p has_states its stored rows are read. Bytes in day_arena end here. */
SEINE_MUST_USE seine_status seine_state_window_move(seine_state_window *window, int32_t day, bool has_states,
                                                    seine_error *error);
/** Code of a mover, which is made when it is new: pointers to movers end here. */
SEINE_MUST_USE seine_status seine_state_window_mover(seine_state_window *window, seine_str name, uint32_t *code,
                                                     seine_error *error);
/** @return the mover of a stored row of the day. */
seine_bucket_mover *seine_state_window_owner(const seine_state_window *window, size_t stored);
/** @return the mover's stored row of the day, or NULL. */
const seine_state_row *seine_state_window_stored(const seine_state_window *window, const seine_bucket_mover *mover);
/** Asks for the state before the day as a mover's run row; it is there after seine_state_window_resolve. */
SEINE_MUST_USE seine_status seine_state_window_want(seine_state_window *window, uint32_t code, seine_error *error);
SEINE_MUST_USE seine_status seine_state_window_resolve(seine_state_window *window, seine_error *error);
/** Makes @p row (copied) the mover's run row. */
SEINE_MUST_USE seine_status seine_state_window_keep(seine_bucket_mover *mover, const seine_state_row *row,
                                                    seine_error *error);
/** @return whether a mover is followed whose stored rows reach that day or beyond. */
bool seine_state_window_follows(const seine_state_window *window, int32_t day);
/** Replaces the head of a mover that ran. @return whether its row changed. */
bool seine_state_window_renew_head(seine_bucket_mover *mover);

#endif
