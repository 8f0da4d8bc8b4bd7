/**
 * @file cli/report/map.h
 * A small map as SVG: equirectangular, true to scale in its middle, with a graticule and squares that are the darker
 * the more positions lie in them. Right across 180°: its east may lie beyond it.
 */
#ifndef SEINE_CLI_REPORT_MAP_H
#define SEINE_CLI_REPORT_MAP_H

#include "cli/report/html.h"

#include <stddef.h>

/** Positions of one range of longitudes, which lie in [-180, 180]. */
typedef struct seine_map_range {
    double west, east; /**< least and greatest longitude in it */
} seine_map_range;

typedef struct seine_map {
    double west, east, south, north; /**< of the positions; -180 ≤ west ≤ 180, west ≤ east < west + 360 */
    double left, top;                /**< longitude and latitude of the corner of the first square */
    double square_lon, square_lat;   /**< degrees of a square */
    int columns, rows;
} seine_map;

/**
 * The map of positions within these latitudes and ranges of longitudes: the greatest empty range of longitudes is what
 * lies outside.
 * @param ranges ascending, apart from each other, at least one.
 */
seine_map seine_map_of(const seine_map_range *ranges, size_t count, double south, double north);

/** A square with positions in it. */
typedef struct seine_map_square {
    int column, row;
    int64_t count;
} seine_map_square;
/** @param what what is counted: "rows". */
void seine_map_put(seine_html *html, const seine_map *map, const seine_map_square *squares, size_t count,
                   const char *title, const char *what);

/** `12.5° W`, `34.05° N`, with the decimals that @p step needs. Longitudes beyond 180 are wrapped. @return @p text */
const char *seine_map_lon(double lon, double step, char text[SEINE_HTML_NUMBER]);
const char *seine_map_lat(double lat, double step, char text[SEINE_HTML_NUMBER]);

#endif
