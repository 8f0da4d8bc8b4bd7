/**
 * @file core/simplify.h
 * Fewer points for the same track. Degrees WGS-84. Pure: memory of the caller; any thread.
 */
#ifndef SEINE_CORE_SIMPLIFY_H
#define SEINE_CORE_SIMPLIFY_H

#include <stddef.h>
#include <stdint.h>

/**
 * Marks the points of a track that have to stay, so that at the time of every point that goes the line between its
 * kept neighbours is at most @p tolerance_m metres away from it (Douglas-Peucker with the time-synchronised distance of
 * Meratnia and de By, 2004): a stop stays a stop when the track is played. First and last stay. Lines take the shorter
 * way, so a track may cross 180°. Distances are those of a local plane: good to a percent up to some 100 km.
 *
 * @param time_us ascending; equal times are allowed.
 * @param keep    receives 1 or 0 per point.
 * @param stack   scratch, room for 2 * @p count.
 * @param cosine  scratch, room for @p count.
 * @return how many stay.
 */
size_t seine_simplify(const double *lon_deg, const double *lat_deg, const int64_t *time_us, size_t count,
                      double tolerance_m, uint8_t *keep, uint32_t *stack, double *cosine);

#endif
