/**
 * @file core/h3_cell.h
 * Hexagonal cells (H3, SPEC 0.3). Degrees WGS-84. Pure: no allocation; any thread.
 */
#ifndef SEINE_CORE_H3_CELL_H
#define SEINE_CORE_H3_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEINE_H3_TEXT_SIZE 15 /**< hex digits of a cell of resolution 0-15 */
#define SEINE_H3_DISK_MAX 50  /**< greatest k of seine_h3_disk */
#define SEINE_H3_BOUNDARY_POINTS                                                        \
    10 /**< a cell has 5-10 corners: more than 6 where it crosses an edge of H3's solid \
        */

/** Cells within @p k steps, itself included: the room seine_h3_disk needs. */
static inline size_t seine_h3_disk_size(int k) { return 1 + 3 * (size_t)k * ((size_t)k + 1); }

/**
 * Cell of a place at resolution 0-15; longitudes may lie outside [-180, 180].
 * @return false: latitude outside [-90, 90], not finite, or no such resolution.
 */
bool seine_h3_cell(double lat_deg, double lon_deg, int resolution, uint64_t *cell);
/** 15 lower-case hex digits, not terminated. */
void seine_h3_text(uint64_t cell, char text[SEINE_H3_TEXT_SIZE]);
/** @return whether @p text names a valid cell. */
bool seine_h3_parse(const char *text, size_t size, uint64_t *cell);
/**
 * All cells at most @p k steps away, nearest first where there is no pentagon.
 * @param cells, steps room for seine_h3_disk_size(k) each; @p steps is scratch.
 * @return how many; 0: not a cell, or k outside [0, SEINE_H3_DISK_MAX].
 */
size_t seine_h3_disk(uint64_t cell, int k, uint64_t *cells, int *steps);
/** Corners in order, counter-clockwise, not repeated at the end. @return how many; 0: not a cell. */
size_t seine_h3_boundary(uint64_t cell, double lat_deg[SEINE_H3_BOUNDARY_POINTS],
                         double lon_deg[SEINE_H3_BOUNDARY_POINTS]);
/** Middle of the cell. @return false: not a cell. */
bool seine_h3_center(uint64_t cell, double *lat_deg, double *lon_deg);

#endif
