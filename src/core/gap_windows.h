/**
 * @file core/gap_windows.h
 * Which gaps of one mover a run over a date range reports: windows, interior and boundaries of SPEC section 2.4, and
 * the grouping of the published 2024 profile (SPEC 2.6).
 *
 * seine_gap_step finds the silences; these rules say which of them belong to the run, which messages take part, and
 * how far back the counts reach. Seen over the whole track of a mover, windows come down to borders: window k hands
 * over to window k+1 at epoch + 2·offset + (k+1)·period. A silence inside one window is an interior gap, one across a
 * border a boundary gap. Pure: no I/O, no allocation, no clock.
 *
 * Times of messages are ticks of 2^-30 s: every double of Unix seconds from 1970-04 to 2223 is a whole number of
 * them, so nothing is lost below the microsecond. A gap step fed with ticks takes its configuration in ticks too.
 */
#ifndef SEINE_CORE_GAP_WINDOWS_H
#define SEINE_CORE_GAP_WINDOWS_H

#include "seine/track.h"

#define SEINE_TICKS_PER_SECOND (INT64_C(1) << 30)

/** How messages of one mover are grouped. */
typedef enum seine_gap_grouping {
    SEINE_GROUP_WINDOWS, /**< sliding windows, current profile */
    SEINE_GROUP_YEARS,   /**< UTC years, 2024 profile */
    SEINE_GROUP_DAYS     /**< UTC days, 2024 profile */
} seine_gap_grouping;

typedef struct seine_gap_windows {
    seine_gap_grouping grouping;
    int64_t offset_us;  /**< WINDOWS: hours of history, >= 0 */
    int64_t period_us;  /**< WINDOWS: > 0 */
    int64_t min_gap_us; /**< >= 0 */
    bool has_range;
    int64_t range_start_us, range_end_us; /**< UTC midnights, end exclusive */
} seine_gap_windows;

/** Nearest tick of Unix seconds; |seconds| must be below 2^33. */
int64_t seine_ticks_of_seconds(double seconds);
/** Greatest tick not after, and greatest microsecond not after. */
int64_t seine_ticks_of_us(int64_t time_us);
int64_t seine_us_of_ticks(int64_t ticks);

/** How many of the sorted messages lie in a window that is not dropped (2.4.3). */
size_t seine_gap_windows_kept(const seine_gap_windows *windows, const int64_t *ticks, size_t count);
/** Whether a silence longer than the threshold is reported (2.4.4, 2.4.6b; 2.6 for the 2024 profile). */
bool seine_gap_windows_reports(const seine_gap_windows *windows, int64_t off_ticks, int64_t on_ticks);
/** Whether an open gap from OFF, the last message, is reported (2.4.6c), the threshold aside. */
bool seine_gap_windows_reports_open(const seine_gap_windows *windows, int64_t off_ticks);
/** The time up to which nothing more came: end of the range, or of OFF's own UTC day. In ticks. */
int64_t seine_gap_windows_watermark(const seine_gap_windows *windows, int64_t off_ticks);
/**
 * Index of the message that stands for OFF. @p off is the last of equal times; the 2024 profile takes the first of
 * them at the end of a group (@p on_ticks NULL: open).
 */
size_t seine_gap_windows_off(const seine_gap_windows *windows, const int64_t *ticks, size_t off,
                             const int64_t *on_ticks);
/**
 * Where the history of a gap starts at the earliest, in microseconds; INT64_MIN = no limit but the hours before. A
 * boundary has only the messages of its own window, and a window without messages of its own is known by the offset
 * before it (2.4.5). @p kept from above; @p on_ticks NULL: open.
 */
int64_t seine_gap_windows_history_start(const seine_gap_windows *windows, const int64_t *ticks, size_t kept, size_t off,
                                        const int64_t *on_ticks);
/**
 * The message that closes a stored open gap: the first one after its OFF, no threshold. The current profile closes
 * only in runs over a range, by a message of it or, if the run has those, an earlier one after OFF.
 * @return its index, or @p kept when there is none.
 */
size_t seine_gap_windows_closing(const seine_gap_windows *windows, const int64_t *ticks, size_t kept,
                                 int64_t off_ticks);

/** Messages in front of one of a track, in all and by receiver. */
typedef struct seine_gap_sums {
    uint32_t n[4];
} seine_gap_sums;

/**
 * Counts of SPEC 2.3 for the message @p off: those with times in [OFF - history_us, OFF), not before @p from_us, and
 * OFF itself. Order of @p counts as seine_event.measure of gaps: all, terrestrial, satellite, dynamic.
 */
void seine_gap_windows_count(const int64_t *ticks, const seine_gap_sums *sums, size_t off, int64_t history_us,
                             int64_t from_us, size_t counts[4]);
/** Sums of a whole track for the function above, once: @p sums has room for @p count + 1, the first is all zero. */
void seine_gap_windows_sums(const uint8_t *receiver, size_t count, seine_gap_sums *sums);

#endif
