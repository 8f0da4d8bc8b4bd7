/**
 * @file columns/group.h
 * Turns fixes of many movers in any order into one sorted track per mover: what a step wants to be fed with.
 *
 * Three passes, all linear: seine_group_count, seine_group_scatter, then seine_group_sort for each mover. The caller
 * owns all memory. Fixes of equal mover and time keep the order they came in.
 */
#ifndef SEINE_COLUMNS_GROUP_H
#define SEINE_COLUMNS_GROUP_H

#include "seine/track.h"

/** One fix on its way. Half a cache line, so that scattering writes few lines. */
typedef struct seine_group_fix {
    int64_t time_us;
    double lat_deg, lon_deg; /**< NaN = unknown */
    uint32_t row;            /**< index of the fix in the input */
    uint8_t receiver;        /**< seine_receiver */
} seine_group_fix;

/** Sorted columns of one mover, each with room for its fixes. */
typedef struct seine_group_columns {
    int64_t *time_us;
    double *lat_deg, *lon_deg;
    uint8_t *receiver;
    uint64_t *row_ref; /**< seine_group_fix.row */
} seine_group_columns;

/** Scratch of seine_group_sort: twice as many as the mover has fixes. */
typedef struct seine_group_key {
    uint64_t key;
    uint64_t index;
} seine_group_key;

/**
 * @param mover code of each fix, below @p mover_count.
 * @param first receives mover_count + 1 positions: the fixes of mover m go to [first[m], first[m + 1]).
 */
void seine_group_count(const uint32_t *mover, size_t count, uint32_t mover_count, uint64_t *first);

/**
 * Brings the fixes of each mover together. @p input: lat_deg, lon_deg and receiver may be NULL; rows [0, count).
 * @param next on entry a copy of first[0 .. mover_count - 1], used up.
 * @param fixes receives input->count fixes.
 */
void seine_group_scatter(const uint32_t *mover, const seine_track *input, uint64_t *next, seine_group_fix *fixes);

/** Sorts the fixes of one mover by time, stable, and splits them into columns. */
void seine_group_sort(const seine_group_fix *fixes, size_t count, seine_group_key *scratch,
                      const seine_group_columns *out);

#endif
