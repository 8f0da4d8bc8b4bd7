/** @file serve/routes.h  The parts of the table of routes; each stands with the functions that answer. */
#ifndef SEINE_SERVE_ROUTES_H
#define SEINE_SERVE_ROUTES_H

#include "serve/route.h"

enum {
    SEINE_SERVER_ROUTES = 8,
    SEINE_VESSEL_ROUTES = 6,
    SEINE_TRACK_ROUTES = 3,
    SEINE_EVENT_ROUTES = 4,
    SEINE_OVERVIEW_ROUTES = 2,
    SEINE_TABLE_ROUTES = 3,
    SEINE_TILE_ROUTES = 1
};

extern const seine_route seine_server_routes[SEINE_SERVER_ROUTES];     /* get_server.c */
extern const seine_route seine_vessel_routes[SEINE_VESSEL_ROUTES];     /* get_vessels.c */
extern const seine_route seine_track_routes[SEINE_TRACK_ROUTES];       /* get_tracks.c */
extern const seine_route seine_event_routes[SEINE_EVENT_ROUTES];       /* get_events.c */
extern const seine_route seine_overview_routes[SEINE_OVERVIEW_ROUTES]; /* get_overview.c */
extern const seine_route seine_table_routes[SEINE_TABLE_ROUTES];       /* get_tables.c */
extern const seine_route seine_tile_routes[SEINE_TILE_ROUTES];         /* get_tiles.c */

#endif
