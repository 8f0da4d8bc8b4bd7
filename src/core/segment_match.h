/** @file core/segment_match.h  How well a position continues a segment (SPEC 6.1, steps 5 and 6). */
#ifndef SEINE_CORE_SEGMENT_MATCH_H
#define SEINE_CORE_SEGMENT_MATCH_H

#include "core/segment_state.h"

/** The best candidate of a segment. */
typedef struct seine_segment_match {
    uint32_t segment;  /**< its index */
    uint32_t left_out; /**< kept messages newer than the candidate, which are discarded if this match is taken */
    double metric;     /**< greater is better; > 0 */
    double hours;      /**< since the candidate */
} seine_segment_match;

/** Hours from one time to another, later one. */
double seine_segment_hours(int64_t from_us, int64_t to_us);

/** Miss of the prediction in nautical miles; @p hours those expected under way, >= 0. */
double seine_segment_discrepancy(const seine_segment_config *config, const seine_segment_fix *from,
                                 const seine_segment_fix *to, double hours);

/** @return whether the position can continue the segment; fills all of *match but `segment`. */
bool seine_segment_match_one(const seine_segment_config *config, const seine_segment *segment,
                             const seine_segment_fix *fix, seine_segment_match *match);

#endif
