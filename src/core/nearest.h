/**
 * @file core/nearest.h
 * The nearest of many places on the sphere, exactly by rule G3 of SPEC 0.1 (haversine in its atan2 form, 6371 km).
 *
 * Places are points of space, so that the poles and 180 degrees are places like all others: the tree is searched by
 * chords, and every place whose chord is as short as the shortest one, within rounding, is compared by the rule itself.
 * The answer is the one of a comparison with all places. Pure; no allocation.
 */
#ifndef SEINE_CORE_NEAREST_H
#define SEINE_CORE_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/** One place. The caller fills the first three, seine_nearest_build the others. */
typedef struct seine_nearest_node {
    double lat_deg, lon_deg; /**< WGS-84, finite, latitude in [-90, 90] */
    uint32_t rank;           /**< of equally near places the one with the smaller rank is the nearest; unique */
    uint32_t axis;
    double at[3]; /**< on the unit sphere */
} seine_nearest_node;

/** Brings @p nodes into the order of the tree. Any number of threads may search it afterwards. */
void seine_nearest_build(seine_nearest_node *nodes, size_t count);

/** What a search found. */
typedef struct seine_nearest_hit {
    size_t node; /**< SIZE_MAX: there are no places */
    double distance_km;
} seine_nearest_hit;

/**
 * @param lat_deg, lon_deg finite, latitude in [-90, 90].
 * @param hint a node that is probably near, such as that of the fix before; SIZE_MAX = none. It only saves time.
 */
seine_nearest_hit seine_nearest_find(const seine_nearest_node *nodes, size_t count, double lat_deg, double lon_deg,
                                     size_t hint);

/**
 * Tells @p found, in any order, each node that may be the nearest one of some place within @p reach of (lat, lon), and
 * perhaps others that are about as near.
 * @param reach an angle of the sphere in radians, >= 0.
 */
void seine_nearest_candidates(const seine_nearest_node *nodes, size_t count, double lat_deg, double lon_deg,
                              double reach, void (*found)(void *context, size_t node), void *context);

#endif
