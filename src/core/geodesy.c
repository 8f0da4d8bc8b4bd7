/* The four distance rules of the seed systems. They differ on purpose: each output keeps the rule it was defined by. */
#include "seine/geodesy.h"

#include <geodesic.h>
#include <math.h>
#include <stdbool.h>

#define DEGREE (3.14159265358979323846 / 180.0)
/* G1 is computed in kilometres and multiplied, as its reference does; in metres the last digits differ. */
#define WGS84_AXIS_KM 6378.137
#define WGS84_FLATTENING (1 / 298.257223563)
#define CHORD_RADIUS_M 6371010.0
#define HAVERSINE_RADIUS_KM 6371.0
#define COSINE_RADIUS_M 6371000.0
#define COSINE_DEGREE 0.01745329251
#define COSINE_STANDSTILL_DEG 0.0001

static bool all_finite(double a, double b, double c, double d) {
    return isfinite(a) && isfinite(b) && isfinite(c) && isfinite(d);
}

double seine_geodesic_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    if (fabs(lat1_deg) > 90 || fabs(lat2_deg) > 90) return NAN;
    struct geod_geodesic ellipsoid;
    geod_init(&ellipsoid, WGS84_AXIS_KM, WGS84_FLATTENING);
    double distance_km = NAN;
    geod_inverse(&ellipsoid, lat1_deg, lon1_deg, lat2_deg, lon2_deg, &distance_km, NULL, NULL);
    return distance_km * 1000.0;
}

double seine_chord_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    const double lat1 = lat1_deg * DEGREE;
    const double lon1 = lon1_deg * DEGREE;
    const double lat2 = lat2_deg * DEGREE;
    const double lon2 = lon2_deg * DEGREE;
    const double dx = cos(lon1) * cos(lat1) - cos(lon2) * cos(lat2);
    const double dy = sin(lon1) * cos(lat1) - sin(lon2) * cos(lat2);
    const double dz = sin(lat1) - sin(lat2);
    const double half_chord = 0.5 * sqrt(dx * dx + dy * dy + dz * dz);
    return CHORD_RADIUS_M * 2 * asin(fmin(1, half_chord));
}

/* Square of the sine of half the angle, the quantity both haversine forms share. */
static double haversine(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    const double lat1 = lat1_deg * DEGREE;
    const double lat2 = lat2_deg * DEGREE;
    const double sin_lat = sin((lat2 - lat1) / 2);
    const double sin_lon = sin((lon2_deg - lon1_deg) * DEGREE / 2);
    return sin_lat * sin_lat + cos(lat1) * cos(lat2) * sin_lon * sin_lon;
}

double seine_haversine_km(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    return HAVERSINE_RADIUS_KM * 2 * asin(fmin(1, sqrt(haversine(lat1_deg, lon1_deg, lat2_deg, lon2_deg))));
}

double seine_haversine_atan2_km(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    const double a = haversine(lat1_deg, lon1_deg, lat2_deg, lon2_deg);
    return HAVERSINE_RADIUS_KM * 2 * atan2(sqrt(a), sqrt(fmax(0, 1 - a)));
}

double seine_cosine_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    const bool stands_still =
        fabs(lat1_deg - lat2_deg) < COSINE_STANDSTILL_DEG && fabs(lon1_deg - lon2_deg) < COSINE_STANDSTILL_DEG;
    if (stands_still) return 0;
    const double polar1 = COSINE_DEGREE * (90 - lat1_deg);
    const double polar2 = COSINE_DEGREE * (90 - lat2_deg);
    const double turn = COSINE_DEGREE * (lon1_deg - lon2_deg);
    const double cosine = cos(polar1) * cos(polar2) + sin(polar1) * sin(polar2) * cos(turn);
    return COSINE_RADIUS_M * acos(fmax(-1, fmin(1, cosine))); /* rounding can leave [-1, 1] */
}

double seine_bearing_deg(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg) {
    if (!all_finite(lat1_deg, lon1_deg, lat2_deg, lon2_deg)) return NAN;
    if (fabs(lat1_deg) > 90 || fabs(lat2_deg) > 90) return NAN;
    struct geod_geodesic ellipsoid;
    geod_init(&ellipsoid, WGS84_AXIS_KM, WGS84_FLATTENING);
    double azimuth_deg = NAN;
    geod_inverse(&ellipsoid, lat1_deg, lon1_deg, lat2_deg, lon2_deg, NULL, &azimuth_deg, NULL);
    const double bearing_deg = azimuth_deg < 0 ? azimuth_deg + 360 : azimuth_deg;
    return bearing_deg < 360 ? bearing_deg : 0; /* a tiny negative azimuth rounds up to 360 */
}
