/**
 * @file seine/geodesy.h
 * The four distance rules of SPEC 0.1. Degrees WGS-84 in, metres (or kilometres where named) out.
 * All are pure; a NaN or infinite argument gives NaN.
 */
#ifndef SEINE_GEODESY_H
#define SEINE_GEODESY_H

#include "seine/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SEINE_NAUTICAL_MILE_M 1852.0

/** G1: WGS-84 inverse geodesic (Karney). Latitude outside [-90, 90]: NaN. Longitudes are wrapped first. */
SEINE_API double seine_geodesic_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);
/** G2: chord form on the sphere of radius 6371010 m. */
SEINE_API double seine_chord_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);
/** G3: haversine, asin form, radius 6371 km. */
SEINE_API double seine_haversine_km(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);
/** G3 in its atan2 form. */
SEINE_API double seine_haversine_atan2_km(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);
/** G4: spherical cosine, radius 6371000 m; 0 when both differences are below 0.0001 degrees. */
SEINE_API double seine_cosine_m(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);

/** Initial bearing of the WGS-84 geodesic from place 1 to place 2, clockwise from north in [0, 360). NaN as in G1. */
SEINE_API double seine_bearing_deg(double lat1_deg, double lon1_deg, double lat2_deg, double lon2_deg);

#ifdef __cplusplus
}
#endif
#endif
