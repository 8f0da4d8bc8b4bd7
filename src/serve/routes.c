/* All routes. */
#include "serve/routes.h"

const seine_route_list *seine_route_lists(size_t *count) {
    static const seine_route_list lists[] = {
        {seine_server_routes, SEINE_SERVER_ROUTES},     {seine_vessel_routes, SEINE_VESSEL_ROUTES},
        {seine_track_routes, SEINE_TRACK_ROUTES},       {seine_event_routes, SEINE_EVENT_ROUTES},
        {seine_overview_routes, SEINE_OVERVIEW_ROUTES}, {seine_table_routes, SEINE_TABLE_ROUTES},
        {seine_tile_routes, SEINE_TILE_ROUTES},
    };
    *count = sizeof lists / sizeof *lists;
    return lists;
}
