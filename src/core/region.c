/* The one rule of what lies in an area; pieces only leave out edges that cannot matter in their cell. */
#include "core/region.h"

#include <math.h>
#include <string.h>

#define BELOW_NORTH_POLE 0x1.67fffffffffffp+6

static double latitude_of(double lat_deg) { return lat_deg >= 90 ? BELOW_NORTH_POLE : lat_deg; }

static double longitude_of(double lon_deg) { return lon_deg >= 180 ? lon_deg - 360 : lon_deg; }

int32_t seine_region_cell(double lat_deg, double lon_deg) {
    if (!(lat_deg >= -90 && lat_deg <= 90 && lon_deg >= -180 && lon_deg <= 180)) return -1;
    const int32_t row = (int32_t)floor(latitude_of(lat_deg)) + 90;
    return row * SEINE_REGION_COLUMNS + (int32_t)floor(longitude_of(lon_deg)) + 180;
}

/* Longitude at which the edge crosses the parallel, which it does. */
static double crossing(const seine_region_edge *edge, double lat_deg) {
    const double west = fmin(edge->lon, edge->north_lon), east = fmax(edge->lon, edge->north_lon);
    const double at = edge->lon + (lat_deg - edge->lat) * (edge->north_lon - edge->lon) / (edge->north_lat - edge->lat);
    return fmin(fmax(at, west), east); /* rounding must not carry it out of its own columns */
}

bool seine_region_covers(const void *piece, size_t size, double lat_deg, double lon_deg) {
    const char *bytes = piece;
    seine_region_head head;
    if (size < sizeof head) return false;
    memcpy(&head, bytes, sizeof head);
    const size_t toggle_bytes = head.toggles * sizeof(double);
    if (size != sizeof head + toggle_bytes + head.edges * sizeof(seine_region_edge)) return false;
    const double lat = latitude_of(lat_deg), lon = longitude_of(lon_deg) + 360.0 * head.turns;
    bool is_in = head.is_in != 0;
    for (size_t i = 0; i < head.toggles; i++) {
        double from;
        memcpy(&from, bytes + sizeof head + i * sizeof from, sizeof from);
        is_in ^= from <= lat;
    }
    for (size_t i = 0; i < head.edges; i++) {
        seine_region_edge edge;
        memcpy(&edge, bytes + sizeof head + toggle_bytes + i * sizeof edge, sizeof edge);
        is_in ^= edge.lat <= lat && lat < edge.north_lat && crossing(&edge, lat) <= lon;
    }
    return is_in;
}
