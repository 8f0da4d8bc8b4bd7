/**
 * @file core/ship.h
 * Which ship of an id a segment is of. A ship is a chain of segments, one after the other (decision 19):
 *
 *     a segment begins   it goes on with the ship that is near enough by its place and not seen since, the nearest one;
 *                        where none is, with the one seen last: one id is one ship until something speaks against it
 *     another goes on    which began before it: the segment overlaps. A ship seen elsewhere is not its own; it takes
 *                        another that is near enough, or none
 *     it overlaps        its fixes are of no ship until it has more than short_seg of them: a jump is no ship
 *
 *     noise              with a place it still tells where a ship is: it is of the one that is near enough; while no
 *                        segment goes on, of the one seen last, or of a first one
 *     a repeated place   is of the ship that has hardly moved from there; of one that went on it was sent late
 *
 * All of it changes within max_hours of the beginning, when others are seen again or not any more, but for growing past
 * short_seg. What the last two are of does not change.
 */
#ifndef SEINE_CORE_SHIP_H
#define SEINE_CORE_SHIP_H

#include "core/segment_state.h"

/** @return number of the ship that the fixes of an open segment are of; 0 = none. */
static inline uint32_t seine_ship_of(const seine_segment_config *config, const seine_segment *segment) {
    return segment->is_overlapping && segment->messages <= config->short_seg ? 0 : segment->ship;
}

/** The newest segment of @p header, with its first fix, gets a ship. */
void seine_ship_begin(const seine_segment_config *config, seine_segment_header *header);
/** @p segment has so many fixes now that it is not short any more. What it is of may change. */
void seine_ship_grow(const seine_segment_config *config, seine_segment_header *header, seine_segment *segment);
/** @p segment, which began later, overlaps one of @p ship, which is seen again. What it is of may change. */
void seine_ship_overlap(const seine_segment_config *config, seine_segment_header *header, seine_segment *segment,
                        uint32_t ship);
/** @return number of the ship that noise at @p fix, which has a place, is of; 0 = none. */
uint32_t seine_ship_of_noise(const seine_segment_config *config, seine_segment_header *header,
                             const seine_segment_fix *fix);
/** @return number of the ship that was near @p fix, where somebody was before; 0 = none. */
uint32_t seine_ship_of_repeated(const seine_segment_config *config, seine_segment_header *header,
                                const seine_segment_fix *fix);
/** Open segment @p index is about to end. */
void seine_ship_end(const seine_segment_config *config, seine_segment_header *header, uint32_t index);
/** @return whether no message to come can change what fixes from before @p before_us are of. */
bool seine_ship_is_settled(const seine_segment_config *config, const seine_segment_header *header, int64_t before_us);

#endif
