/* All routes. */
#include "serve/routes.h"

static const seine_route_list lists[] = {
    {seine_server_routes, SEINE_SERVER_ROUTES},     {seine_vessel_routes, SEINE_VESSEL_ROUTES},
    {seine_track_routes, SEINE_TRACK_ROUTES},       {seine_event_routes, SEINE_EVENT_ROUTES},
    {seine_overview_routes, SEINE_OVERVIEW_ROUTES}, {seine_table_routes, SEINE_TABLE_ROUTES},
    {seine_tile_routes, SEINE_TILE_ROUTES},         {seine_mover_routes, SEINE_MOVER_ROUTES},
    {seine_live_routes, SEINE_LIVE_ROUTES},         {seine_iceberg_routes, SEINE_ICEBERG_ROUTES},
};

const seine_routes seine_all_routes = {lists, sizeof lists / sizeof *lists};
