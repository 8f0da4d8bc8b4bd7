/* The projection of web maps, z-order numbers, and clipping of segments (Liang-Barsky). */
#include "core/mercator.h"

#include <math.h>

#define PI 3.14159265358979323846
#define RADIANS (PI / 180)

void seine_mercator_project(double lon_deg, double lat_deg, double *x, double *y) {
    double lat = lat_deg;
    if (lat > SEINE_MERCATOR_LAT_DEG) lat = SEINE_MERCATOR_LAT_DEG;
    if (lat < -SEINE_MERCATOR_LAT_DEG) lat = -SEINE_MERCATOR_LAT_DEG;
    *x = (lon_deg + 180) / 360;
    *y = 0.5 - log(tan(PI / 4 + lat * RADIANS / 2)) / (2 * PI);
}

void seine_mercator_unproject(double x, double y, double *lon_deg, double *lat_deg) {
    *lon_deg = x * 360 - 180;
    *lat_deg = (2 * atan(exp((0.5 - y) * 2 * PI)) - PI / 2) / RADIANS;
}

static uint32_t column_of(double share, int level) {
    const double count = (double)((uint32_t)1 << level);
    const double at = floor(share * count);
    if (at < 0) return 0;
    return at >= count ? (uint32_t)count - 1 : (uint32_t)at; /* 180° E and the poles lie on the last edge */
}

int64_t seine_mercator_cell(double lon_deg, double lat_deg, int level) {
    double x, y;
    if (level < 0 || level > SEINE_MERCATOR_LEVEL_MAX || !isfinite(lon_deg) || !(fabs(lat_deg) <= 90)) return -1;
    seine_mercator_project(lon_deg, lat_deg, &x, &y);
    return seine_mercator_cell_of(column_of(x, level), column_of(y, level));
}

/* Puts a zero before each bit. */
static uint64_t spread(uint32_t value) {
    uint64_t v = value;
    v = (v | v << 16) & UINT64_C(0x0000ffff0000ffff);
    v = (v | v << 8) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v << 4) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    v = (v | v << 2) & UINT64_C(0x3333333333333333);
    return (v | v << 1) & UINT64_C(0x5555555555555555);
}

static uint32_t gather(uint64_t v) {
    v &= UINT64_C(0x5555555555555555);
    v = (v | v >> 1) & UINT64_C(0x3333333333333333);
    v = (v | v >> 2) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(v | v >> 16);
}

int64_t seine_mercator_cell_of(uint32_t x, uint32_t y) { return (int64_t)(spread(x) | spread(y) << 1); }

void seine_mercator_cell_place(int64_t cell, uint32_t *x, uint32_t *y) {
    *x = gather((uint64_t)cell);
    *y = gather((uint64_t)cell >> 1);
}

/* One edge: p is how fast the segment leaves through it, q how far it is away. */
static bool clip_edge(double p, double q, double *begin, double *end) {
    if (p == 0) return q >= 0;
    const double at = q / p;
    if (p < 0) {
        if (at > *end) return false;
        if (at > *begin) *begin = at;
    } else {
        if (at < *begin) return false;
        if (at < *end) *end = at;
    }
    return true;
}

bool seine_mercator_clip(seine_segment *s, double low, double high) {
    const double dx = s->x1 - s->x0, dy = s->y1 - s->y0;
    double begin = 0, end = 1;
    if (!clip_edge(-dx, s->x0 - low, &begin, &end) || !clip_edge(dx, high - s->x0, &begin, &end) ||
        !clip_edge(-dy, s->y0 - low, &begin, &end) || !clip_edge(dy, high - s->y0, &begin, &end))
        return false;
    *s = (seine_segment){s->x0 + begin * dx, s->y0 + begin * dy, s->x0 + end * dx, s->y0 + end * dy};
    return true;
}
