/**
 * @file core/region.h
 * Whether a place lies in an area, by the piece of the area's edges that a cell of one degree needs
 * (engine/region_cut.h).
 *
 * Even-odd rule along the parallel to the west, on a plane of degrees: edges are straight in longitude and latitude.
 * A place on a western or southern edge is in, on an eastern or northern one it is out, so that of two areas with a
 * common border exactly one has it; the north pole counts as just south of it. Pure; any thread.
 */
#ifndef SEINE_CORE_REGION_H
#define SEINE_CORE_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEINE_REGION_COLUMNS 360

/** An edge that is not level, its southern end first. Longitudes may lie beyond 180 degrees. */
typedef struct seine_region_edge {
    double lon, lat, north_lon, north_lat;
} seine_region_edge;

/** What stands in front of a piece's numbers: latitudes of `toggles`, then `edges`. */
typedef struct seine_region_head {
    int32_t turns;    /**< whole turns to add to a longitude before it is compared */
    uint32_t is_in;   /**< 1: all edges to the west of the cell are crossed an odd number of times */
    uint32_t toggles; /**< latitudes from which on that is the other way round */
    uint32_t edges;
} seine_region_head;

/** The cell of whole degrees, 360 to a row from the south-western corner on. @return -1: latitude outside [-90, 90],
 * longitude outside [-180, 180], or not finite. */
int32_t seine_region_cell(double lat_deg, double lon_deg);

/** Whether the place, which lies in the piece's cell, lies in the area. @p size bytes at @p piece need no alignment;
 * what is no piece has no places. */
bool seine_region_covers(const void *piece, size_t size, double lat_deg, double lon_deg);

#endif
