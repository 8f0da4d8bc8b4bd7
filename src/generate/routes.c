/* Lanes cut into short legs once, so that a place along one is a search and a straight line. */
#include "base/try.h"
#include "generate/routes.h"

#include <math.h>

#define EARTH_KM 6371.0
#define LEG_KM 20.0
#define RADIANS (3.14159265358979323846 / 180.0)

static double leg_km(double lon1, double lat1, double lon2, double lat2) {
    const double a = sin((lat2 - lat1) * RADIANS / 2), b = sin((lon2 - lon1) * RADIANS / 2);
    return 2 * EARTH_KM * asin(sqrt(a * a + cos(lat1 * RADIANS) * cos(lat2 * RADIANS) * b * b));
}

static double bearing_deg(double lon1, double lat1, double lon2, double lat2) {
    const double turn = (lon2 - lon1) * RADIANS, from = lat1 * RADIANS, to = lat2 * RADIANS;
    const double degrees = atan2(sin(turn) * cos(to), cos(from) * sin(to) - sin(from) * cos(to) * cos(turn)) / RADIANS;
    return degrees < 0 ? degrees + 360 : degrees;
}

static size_t legs_of(const seine_route_point *a, const seine_route_point *b) {
    return (size_t)ceil(leg_km(a->lon_mdeg / 1e3, a->lat_mdeg / 1e3, b->lon_mdeg / 1e3, b->lat_mdeg / 1e3) / LEG_KM);
}

static void add_legs(seine_route *route, const seine_route_point *a, const seine_route_point *b) {
    const size_t legs = legs_of(a, b);
    for (size_t i = 0; i < legs; i++) {
        const double share = (double)i / (double)legs;
        route->lon_deg[route->count] = (a->lon_mdeg + (b->lon_mdeg - a->lon_mdeg) * share) / 1e3;
        route->lat_deg[route->count++] = (a->lat_mdeg + (b->lat_mdeg - a->lat_mdeg) * share) / 1e3;
    }
}

static seine_status load_route(seine_arena *arena, const seine_route_data *data, seine_route *route) {
    size_t most = 1;
    for (size_t i = 0; i + 1 < data->count; i++) most += legs_of(&data->points[i], &data->points[i + 1]);
    double *numbers = SEINE_ARENA_ARRAY(arena, double, most * 4);
    if (numbers == NULL) return SEINE_E_NOMEM;
    *route = (seine_route){.data = data,
                           .lon_deg = numbers,
                           .lat_deg = numbers + most,
                           .along_km = numbers + 2 * most,
                           .bearing_deg = numbers + 3 * most};
    for (size_t i = 0; i + 1 < data->count; i++) add_legs(route, &data->points[i], &data->points[i + 1]);
    route->lon_deg[route->count] = data->points[data->count - 1].lon_mdeg / 1e3;
    route->lat_deg[route->count++] = data->points[data->count - 1].lat_mdeg / 1e3;
    for (size_t i = 0; i + 1 < route->count; i++) {
        const double *lon = &route->lon_deg[i], *lat = &route->lat_deg[i];
        route->along_km[i + 1] = route->along_km[i] + leg_km(lon[0], lat[0], lon[1], lat[1]);
        route->bearing_deg[i] = bearing_deg(lon[0], lat[0], lon[1], lat[1]);
    }
    route->length_km = route->along_km[route->count - 1];
    if (route->count > 1) route->bearing_deg[route->count - 1] = route->bearing_deg[route->count - 2];
    return SEINE_OK;
}

seine_status seine_routes_load(seine_arena *arena, seine_route **routes, size_t *count) {
    *count = seine_route_part_1_count;
    *routes = SEINE_ARENA_ARRAY(arena, seine_route, *count);
    if (*routes == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        SEINE_TRY(load_route(arena, &seine_route_part_1[i], &(*routes)[i]));
    }
    return SEINE_OK;
}

seine_place seine_route_at(const seine_route *route, double km) {
    size_t low = 0, high = route->count - 1; /* along_km[low] <= km < along_km[high] */
    if (km <= 0)
        high = 1;
    else if (km >= route->length_km)
        low = high - 1;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (route->along_km[middle] <= km)
            low = middle;
        else
            high = middle;
    }
    const double leg = route->along_km[high] - route->along_km[low];
    const double share = fmin(1, fmax(0, leg > 0 ? (km - route->along_km[low]) / leg : 0));
    return (seine_place){
        .lon_deg = route->lon_deg[low] + (route->lon_deg[high] - route->lon_deg[low]) * share,
        .lat_deg = route->lat_deg[low] + (route->lat_deg[high] - route->lat_deg[low]) * share,
        .bearing_deg = route->bearing_deg[low],
    };
}
