/** @file serve/routes.h  The parts of the table of routes; each stands with the functions that answer. */
#ifndef SEINE_SERVE_ROUTES_H
#define SEINE_SERVE_ROUTES_H

#include "serve/route.h"

enum {
    SEINE_SERVER_ROUTES = 8,
    SEINE_VESSEL_ROUTES = 6,
    SEINE_TRACK_ROUTES = 6,
    SEINE_EVENT_ROUTES = 7,
    SEINE_OVERVIEW_ROUTES = 3,
    SEINE_TABLE_ROUTES = 3,
    SEINE_TILE_ROUTES = 2,
    SEINE_MOVER_ROUTES = 5,
    SEINE_LIVE_ROUTES = 1,
    SEINE_ICEBERG_ROUTES = 7
};

extern const seine_route seine_server_routes[SEINE_SERVER_ROUTES];     /* get/server.c */
extern const seine_route seine_vessel_routes[SEINE_VESSEL_ROUTES];     /* get/vessels.c */
extern const seine_route seine_track_routes[SEINE_TRACK_ROUTES];       /* get/tracks.c */
extern const seine_route seine_event_routes[SEINE_EVENT_ROUTES];       /* get/events.c */
extern const seine_route seine_overview_routes[SEINE_OVERVIEW_ROUTES]; /* get/overview.c */
extern const seine_route seine_table_routes[SEINE_TABLE_ROUTES];       /* get/tables.c */
extern const seine_route seine_tile_routes[SEINE_TILE_ROUTES];         /* get/tiles.c */
extern const seine_route seine_mover_routes[SEINE_MOVER_ROUTES];       /* get/movers.c; behind those of one dataset */
extern const seine_route seine_live_routes[SEINE_LIVE_ROUTES];         /* get/live.c */
extern const seine_route seine_iceberg_routes[SEINE_ICEBERG_ROUTES];   /* iceberg/catalog.c */

/** All of them; given to the server by who starts it, as the functions that answer stand above it. */
extern const seine_routes seine_all_routes;

#endif
