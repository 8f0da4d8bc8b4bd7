/** @file generate/routes.h  Sea lanes of generated traffic: made data and places along them. */
#ifndef SEINE_GENERATE_ROUTES_H
#define SEINE_GENERATE_ROUTES_H

#include "base/arena.h"

/** Thousandths of a degree; longitudes run on beyond 180 degrees instead of jumping. */
typedef struct seine_route_point {
    int32_t lon_mdeg, lat_mdeg;
} seine_route_point;

typedef struct seine_route_data {
    const char *from, *to; /**< port names */
    const seine_route_point *points;
    size_t count;
} seine_route_data;

/* Made by tools/make_routes. */
extern const seine_route_data seine_route_part_1[];
extern const size_t seine_route_part_1_count;

/** One lane, cut into legs of at most 20 km. */
typedef struct seine_route {
    const seine_route_data *data;
    double *lon_deg, *lat_deg; /**< longitudes may lie beyond 180 */
    double *along_km;          /**< from the first point; rising */
    double *bearing_deg;       /**< of the leg that begins here */
    size_t count;
    double length_km;
} seine_route;

typedef struct seine_place {
    double lon_deg, lat_deg, bearing_deg;
} seine_place;

/** All lanes, in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_routes_load(seine_arena *arena, seine_route **routes, size_t *count);
/** The place @p km along; beyond an end it is the end. */
seine_place seine_route_at(const seine_route *route, double km);

#endif
