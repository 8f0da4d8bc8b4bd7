/*
 * Windows, seen as borders over a whole track. Everything is compared in whole microseconds: all borders are whole
 * microseconds, so rounding a message down changes no comparison with them.
 */
#include "core/gap_windows.h"

#include "base/time.h"

#include <math.h>

int64_t seine_ticks_of_seconds(double seconds) { return (int64_t)rint(seconds * (double)SEINE_TICKS_PER_SECOND); }

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Both units divide seconds, and the part of a second stays far from overflow. */
static int64_t rescale(int64_t value, int64_t from_per_second, int64_t to_per_second) {
    const int64_t seconds = floor_div(value, from_per_second);
    return seconds * to_per_second + (value - seconds * from_per_second) * to_per_second / from_per_second;
}

int64_t seine_ticks_of_us(int64_t time_us) { return rescale(time_us, SEINE_SECOND_US, SEINE_TICKS_PER_SECOND); }

int64_t seine_us_of_ticks(int64_t ticks) { return rescale(ticks, SEINE_TICKS_PER_SECOND, SEINE_SECOND_US); }

/* Index of the first message at or after time_us. */
static size_t lower_bound(const int64_t *ticks, size_t count, int64_t time_us) {
    size_t low = 0;
    while (count > 0) {
        const size_t half = count / 2;
        if (seine_us_of_ticks(ticks[low + half]) < time_us) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

/* Where window `k` begins, its history first; its own messages begin one offset later. */
static int64_t window_start_us(const seine_gap_windows *w, int64_t k) { return w->offset_us + k * w->period_us; }

/* The window whose own messages include time_us. */
static int64_t window_of(const seine_gap_windows *w, int64_t time_us) {
    return floor_div(time_us - 2 * w->offset_us, w->period_us);
}

/* The last window that is not dropped: those whose own messages begin on a date of the range's end or later are. */
static int64_t last_window(const seine_gap_windows *w) {
    return w->has_range ? window_of(w, w->range_end_us - 1) : INT64_MAX;
}

/* Group of the 2024 profile as [start, end) in microseconds. */
static void group_of(const seine_gap_windows *w, int64_t time_us, int64_t *start_us, int64_t *end_us) {
    int32_t first = seine_time_day(time_us), next = first + 1;
    if (w->grouping == SEINE_GROUP_YEARS) {
        int year = 0, month = 0, day = 0;
        seine_civil_from_days(first, &year, &month, &day);
        first = seine_days_from_civil(year, 1, 1);
        next = seine_days_from_civil(year + 1, 1, 1);
    }
    *start_us = seine_time_day_start_us(first);
    *end_us = seine_time_day_start_us(next);
}

/* Whether two messages lie in one window, or group, of their own. */
static bool is_interior(const seine_gap_windows *w, int64_t off_us, int64_t on_us) {
    if (w->grouping == SEINE_GROUP_WINDOWS) return window_of(w, off_us) == window_of(w, on_us);
    int64_t start_us = 0, end_us = 0;
    group_of(w, off_us, &start_us, &end_us);
    return on_us < end_us;
}

size_t seine_gap_windows_kept(const seine_gap_windows *w, const int64_t *ticks, size_t count) {
    if (w->grouping != SEINE_GROUP_WINDOWS || !w->has_range) return count;
    return lower_bound(ticks, count, window_start_us(w, last_window(w) + 1) + w->offset_us);
}

bool seine_gap_windows_reports(const seine_gap_windows *w, int64_t off_ticks, int64_t on_ticks) {
    if (!w->has_range) return true;
    const int64_t off_us = seine_us_of_ticks(off_ticks), on_us = seine_us_of_ticks(on_ticks);
    const bool interior = is_interior(w, off_us, on_us);
    if (w->grouping != SEINE_GROUP_WINDOWS) {
        /* Only the inside of a group is filtered, by the group's days. */
        int64_t start_us = 0, end_us = 0;
        group_of(w, off_us, &start_us, &end_us);
        return !interior || (start_us < w->range_end_us && end_us > w->range_start_us);
    }
    if (off_us >= w->range_start_us) return true;
    if (on_us < w->range_start_us) return false;
    return interior || off_us >= w->range_start_us - w->min_gap_us;
}

bool seine_gap_windows_reports_open(const seine_gap_windows *w, int64_t off_ticks) {
    if (!w->has_range || w->grouping != SEINE_GROUP_WINDOWS) return true;
    return seine_us_of_ticks(off_ticks) >= w->range_start_us - w->min_gap_us;
}

int64_t seine_gap_windows_watermark(const seine_gap_windows *w, int64_t off_ticks) {
    if (w->has_range && w->grouping == SEINE_GROUP_WINDOWS) return seine_ticks_of_us(w->range_end_us);
    return seine_ticks_of_us(seine_time_day_start_us(seine_time_day(seine_us_of_ticks(off_ticks)) + 1));
}

size_t seine_gap_windows_off(const seine_gap_windows *w, const int64_t *ticks, size_t off, const int64_t *on_ticks) {
    if (w->grouping == SEINE_GROUP_WINDOWS) return off;
    if (on_ticks != NULL && is_interior(w, seine_us_of_ticks(ticks[off]), seine_us_of_ticks(*on_ticks))) return off;
    while (off > 0 && ticks[off - 1] == ticks[off]) off--;
    return off;
}

int64_t seine_gap_windows_history_start(const seine_gap_windows *w, const int64_t *ticks, size_t kept, size_t off,
                                        const int64_t *on_ticks) {
    if (w->grouping != SEINE_GROUP_WINDOWS) return INT64_MIN;
    const int64_t off_us = seine_us_of_ticks(ticks[off]);
    const int64_t own = window_of(w, off_us);
    int64_t last = floor_div(off_us - w->offset_us, w->period_us); /* the last window that OFF lies in */
    const int64_t limit = on_ticks != NULL ? window_of(w, seine_us_of_ticks(*on_ticks)) - 1 : last_window(w);
    if (last > limit) last = limit;
    if (last <= own) return INT64_MIN;
    /* Boundaries are in order of their first message. The own window comes after the other only if it begins later,
     * which takes an offset longer than the period. */
    const int64_t own_first_us = window_start_us(w, own) + w->offset_us;
    const size_t first = lower_bound(ticks, kept, window_start_us(w, last));
    if (seine_us_of_ticks(ticks[first]) < own_first_us) return INT64_MIN;
    return window_start_us(w, last);
}

/* Index of the first message at or after `ticks_from`. */
static size_t first_from(const int64_t *ticks, size_t count, int64_t ticks_from) {
    size_t low = 0;
    while (count > 0) {
        const size_t half = count / 2;
        if (ticks[low + half] < ticks_from) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

size_t seine_gap_windows_closing(const seine_gap_windows *w, const int64_t *ticks, size_t kept, int64_t off_ticks) {
    if (w->grouping == SEINE_GROUP_WINDOWS && !w->has_range) return kept;
    return off_ticks == INT64_MAX ? kept : first_from(ticks, kept, off_ticks + 1);
}

void seine_gap_windows_sums(const uint8_t *receiver, size_t count, seine_gap_sums *sums) {
    sums[0] = (seine_gap_sums){{0}};
    for (size_t i = 0; i < count; i++) {
        sums[i + 1] = sums[i];
        sums[i + 1].n[0]++;
        if (receiver[i] != SEINE_RECEIVER_OTHER) sums[i + 1].n[receiver[i]]++;
    }
}

void seine_gap_windows_count(const int64_t *ticks, const seine_gap_sums *sums, size_t off, int64_t history_us,
                             int64_t from_us, size_t counts[4]) {
    const size_t end = first_from(ticks, off, ticks[off]); /* others of OFF's time do not count */
    size_t start = first_from(ticks, off, ticks[off] - seine_ticks_of_us(history_us));
    const size_t limit = lower_bound(ticks, off, from_us);
    if (start < limit) start = limit;
    for (int k = 0; k < 4; k++) {
        const uint32_t before = start < end ? sums[end].n[k] - sums[start].n[k] : 0;
        counts[k] = before + (sums[off + 1].n[k] - sums[off].n[k]);
    }
}
