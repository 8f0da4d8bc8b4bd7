/**
 * @file core/gate.h
 * Which way goes on with a fix: a plain gate on implied speed, for those who want no segments. One id may be that of
 * two ships at once, and a fix may be far off. Degrees WGS-84. Pure: memory of the caller; any thread.
 */
#ifndef SEINE_CORE_GATE_H
#define SEINE_CORE_GATE_H

#include <stddef.h>
#include <stdint.h>

/** Nearer than this no speed is too high: places and times are not exact. */
#define SEINE_GATE_NEAR_M 1000.0
/** Ways that are open at once; of more the one that was silent for longest ends. */
#define SEINE_GATE_WAYS 16

/**
 * Parts the fixes of one id, in order of time, into ways: a fix goes on with the nearest of those that it can have come
 * from at @p knots at most, else it begins another one. @p way [count] gets the number of each fix's way, as they
 * begin, from 0 on. @return how many ways there are.
 */
size_t seine_gate_ways(const double *lon_deg, const double *lat_deg, const int64_t *time_us, size_t count, double knots,
                       uint32_t *way);

/**
 * Where each fix comes to stand when fixes of one way (or segment) stand together, ways in the order of their numbers
 * and each with its fixes in their order. @p place [count] gets it; @p end [@p ways + 1] where each way ends.
 */
void seine_gate_places(const uint32_t *way, size_t count, size_t ways, size_t *place, size_t *end);

#endif
