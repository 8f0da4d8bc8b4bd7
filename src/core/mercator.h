/**
 * @file core/mercator.h
 * Web Mercator (EPSG:3857) and its square tiles and cells. Degrees WGS-84. Pure; any thread.
 *
 * Level L has 2^L cells a side; the tile z/x/y is a cell of level z. Cells are numbered in z-order, so that all cells
 * of a level inside of a tile are one range of numbers.
 */
#ifndef SEINE_CORE_MERCATOR_H
#define SEINE_CORE_MERCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEINE_MERCATOR_LAT_DEG 85.051128779806604 /**< beyond it a place counts as being on the edge */
#define SEINE_MERCATOR_LEVEL_MAX 24

/** Place in the unit square: x to the east from 180° W, y to the south. Longitudes are not wrapped. */
void seine_mercator_project(double lon_deg, double lat_deg, double *x, double *y);
void seine_mercator_unproject(double x, double y, double *lon_deg, double *lat_deg);

/** The cell of a place at level 0 to 24. @return -1: not finite, latitude outside [-90, 90], no such level. */
int64_t seine_mercator_cell(double lon_deg, double lat_deg, int level);
/** Number of the cell at column x and row y, and back. */
int64_t seine_mercator_cell_of(uint32_t x, uint32_t y);
void seine_mercator_cell_place(int64_t cell, uint32_t *x, uint32_t *y);

/** The part of a segment inside of a square from low to high in both directions. */
typedef struct seine_segment {
    double x0, y0, x1, y1;
} seine_segment;
/** Clips to the square. @return false: nothing of it lies inside. */
bool seine_mercator_clip(seine_segment *segment, double low, double high);

#endif
