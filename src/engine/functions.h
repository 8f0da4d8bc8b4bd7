/** @file engine/functions.h  Functions that every engine gives to SQL: cells, distances, codes, means of longitudes. */
#ifndef SEINE_ENGINE_FUNCTIONS_H
#define SEINE_ENGINE_FUNCTIONS_H

#include "engine/internal.h"

/**
 * Registers
 *     h3_cell(lat, lon, resolution) → VARCHAR       cell of a place; null where there is none
 *     h3_disk(cell, k) → VARCHAR[]                  cells at most k steps away, itself included
 *     h3_boundary(cell) → VARCHAR                   WKT polygon of the cell, right across 180°
 *     tile_cell(lat, lon, level) → BIGINT           cell of the square grid of web maps, in z-order
 *     distance_m(lat1, lon1, lat2, lon2) → DOUBLE   WGS-84 geodesic (SPEC 0.1 rule G1)
 *     bearing_deg(lat1, lon1, lat2, lon2) → DOUBLE  its initial bearing, [0, 360)
 *     sql_injection(text) → VARCHAR[]               patterns of core/injection.h in it, null when there is none
 *     region_pieces(wkt) → STRUCT(cell, piece)[]    an area cut into cells (engine/region_cut.h)
 *     region_cell(lat, lon) → INTEGER               cell of a place; null where there is none
 *     region_covers(piece, lat, lon) → BOOLEAN      whether a place of the piece's cell is in the area
 * A null argument gives null. @return OK, E_INTERNAL the engine refused one.
 */
SEINE_MUST_USE seine_status seine_functions_register(seine_engine *engine, seine_error *error);
/**
 * Statements that make
 *     exact_mean(x)                                 aggregate: mean that does not depend on the order of rows
 *     ship_uid(id, ship_no)                         the id of the first ship, with "-2" behind it of the second
 *     lon_mean(lon)                                 aggregate: the same of longitudes, right across 180°
 *     stamp_text(ts)                                `2020-01-01 06:50:43+00`, with microseconds where it has any
 *     regions_at(lat, lon [, time])                 list of {layer, id}: those of ref.regions that have the place now,
 *                                                   or had it then
 * and what these are made of.
 */
extern const char seine_functions_macros[];

#endif
