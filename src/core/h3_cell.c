/* The H3 library behind our own names. Its calls that allocate are left alone: the caller brings the scratch. */
#include "core/h3_cell.h"

#include <h3api.h>
#include <math.h>
#include <string.h>

#define DEGREE (3.14159265358979323846 / 180.0)

bool seine_h3_cell(double lat_deg, double lon_deg, int resolution, uint64_t *cell) {
    if (!isfinite(lat_deg) || !isfinite(lon_deg) || fabs(lat_deg) > 90 || resolution < 0 || resolution > 15)
        return false;
    const LatLng place = {lat_deg * DEGREE, lon_deg * DEGREE};
    H3Index index = 0;
    if (latLngToCell(&place, resolution, &index) != E_SUCCESS) return false;
    *cell = index;
    return true;
}

void seine_h3_text(uint64_t cell, char text[SEINE_H3_TEXT_SIZE]) {
    for (int i = SEINE_H3_TEXT_SIZE - 1; i >= 0; i--, cell >>= 4) text[i] = "0123456789abcdef"[cell & 15];
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool seine_h3_parse(const char *text, size_t size, uint64_t *cell) {
    if (size != SEINE_H3_TEXT_SIZE) return false;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        const int digit = digit_of(text[i]);
        if (digit < 0) return false;
        value = value << 4 | (uint64_t)digit;
    }
    *cell = value;
    return isValidCell(value) != 0;
}

size_t seine_h3_disk(uint64_t cell, int k, uint64_t *cells, int *steps) {
    if (k < 0 || k > SEINE_H3_DISK_MAX || isValidCell(cell) == 0) return 0;
    const size_t size = seine_h3_disk_size(k);
    if (gridDiskDistances(cell, k, cells, steps) != E_SUCCESS) return 0;
    size_t count = 0; /* around a pentagon there are fewer, with holes in between */
    for (size_t i = 0; i < size; i++)
        if (cells[i] != 0) cells[count++] = cells[i];
    return count;
}

size_t seine_h3_boundary(uint64_t cell, double lat_deg[SEINE_H3_BOUNDARY_POINTS],
                         double lon_deg[SEINE_H3_BOUNDARY_POINTS]) {
    CellBoundary boundary;
    if (isValidCell(cell) == 0 || cellToBoundary(cell, &boundary) != E_SUCCESS) return 0;
    for (int i = 0; i < boundary.numVerts; i++) {
        lat_deg[i] = boundary.verts[i].lat / DEGREE;
        lon_deg[i] = boundary.verts[i].lng / DEGREE;
    }
    return (size_t)boundary.numVerts;
}

bool seine_h3_center(uint64_t cell, double *lat_deg, double *lon_deg) {
    LatLng place;
    if (isValidCell(cell) == 0 || cellToLatLng(cell, &place) != E_SUCCESS) return false;
    *lat_deg = place.lat / DEGREE;
    *lon_deg = place.lng / DEGREE;
    return true;
}
