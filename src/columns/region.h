/**
 * @file columns/region.h
 * Areas on the earth: polygons with holes, as WKT text and as rings of corners.
 *
 *     WKT, GeoJSON ─▶ rings of corners ─┬─▶ WKT, one way to write it (the column geometry of ref.regions)
 *                                       └─▶ pieces: per cell, what a look-up there needs (engine/region_cut.h)
 *
 * Corners are longitude, latitude in degrees WGS-84. An edge goes the shorter way round: one of more than 180 degrees
 * crosses 180°, but for one of exactly 360, which goes once around. Pure but for memory, which is the caller's arena.
 */
#ifndef SEINE_COLUMNS_REGION_H
#define SEINE_COLUMNS_REGION_H

#include "base/array.h"
#include "base/buf.h"
#include "base/str.h"

#define SEINE_REGION_POINTS_MAX ((size_t)1 << 24) /* of an area */
#define SEINE_REGION_CELLS_MAX ((size_t)1 << 25)  /* in the boxes of its edges, and one more in each row of them */

typedef struct seine_region_point {
    double lon, lat;
} seine_region_point;

/** Zeroed = empty. */
typedef struct seine_region {
    seine_region_point *points;
    size_t point_count, point_capacity;
    size_t *ring_ends; /**< one behind the last point of each ring */
    size_t ring_count, ring_capacity;
    size_t *polygon_ends; /**< one behind the last ring of each polygon; the first ring is the outer one */
    size_t polygon_count, polygon_capacity;
} seine_region;

/* Adds to the end, in @p arena. @return OK, E_NOMEM, E_LIMIT (SEINE_REGION_POINTS_MAX). */
SEINE_MUST_USE seine_status seine_region_add_point(seine_region *region, seine_arena *arena, double lon, double lat);
SEINE_MUST_USE seine_status seine_region_end_ring(seine_region *region, seine_arena *arena);
SEINE_MUST_USE seine_status seine_region_end_polygon(seine_region *region, seine_arena *arena);

/**
 * Reads POLYGON or MULTIPOLYGON; further numbers of a corner (height) are left out.
 * @return OK; E_FORMAT it is neither; E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_region_read(seine_str wkt, seine_arena *arena, seine_region *region);

/** @return why it is no area: NULL = it is one. */
const char *seine_region_fault(const seine_region *region);

/** Appends its WKT, numbers as in SPEC 0.2. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_region_put(const seine_region *region, seine_buf *wkt);

/** Whole turns by which the longitude @p to has to be moved so that the edge from @p from goes the shorter way. */
int seine_region_turn(double from, double to);

#endif
