/* Douglas-Peucker over time. The recursion is a stack of the caller: a track may have a million points. */
#include "core/simplify.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define METRES_PER_DEGREE 111194.9 /* of a great circle, radius 6371 km */
#define RADIANS 0.017453292519943295

/* Degrees to the east, by the shorter way. */
static double east_of(double from_deg, double to_deg) {
    const double difference = to_deg - from_deg;
    if (difference > 180) return difference - 360;
    return difference < -180 ? difference + 360 : difference;
}

typedef struct track {
    const double *lon, *lat;
    const int64_t *time;
    const double *cosine; /* of each latitude */
} track;

/*
 * The point whose place is farthest from where the line from a to b is at its time, if it is out of tolerance; else b.
 * A track that never calms down, as of two vessels with one id, comes by here hundreds of times per point.
 */
static size_t farthest(const track *t, size_t a, size_t b, double limit) {
    const double span = (double)(t->time[b] - t->time[a]);
    const double line_east = east_of(t->lon[a], t->lon[b]), line_north = t->lat[b] - t->lat[a];
    size_t worst = b;
    double worst_square = limit;
    for (size_t i = a + 1; i < b; i++) {
        const double share = span > 0 ? (double)(t->time[i] - t->time[a]) / span : 0;
        const double x = (east_of(t->lon[a], t->lon[i]) - line_east * share) * t->cosine[i];
        const double y = t->lat[i] - (t->lat[a] + line_north * share);
        const double square = (x * x + y * y) * METRES_PER_DEGREE * METRES_PER_DEGREE;
        if (!(square > worst_square)) continue;
        worst = i;
        worst_square = square;
    }
    return worst;
}

size_t seine_simplify(const double *lon_deg, const double *lat_deg, const int64_t *time_us, size_t count,
                      double tolerance_m, uint8_t *keep, uint32_t *stack, double *cosine) {
    const track t = {lon_deg, lat_deg, time_us, cosine};
    if (count == 0) return 0;
    if (count < 3 || !(tolerance_m > 0)) {
        memset(keep, 1, count);
        return count;
    }
    for (size_t i = 0; i < count; i++) cosine[i] = cos(lat_deg[i] * RADIANS);
    memset(keep, 0, count);
    keep[0] = keep[count - 1] = 1;
    size_t kept = 2, depth = 0;
    stack[depth++] = 0;
    stack[depth++] = (uint32_t)(count - 1);
    while (depth > 0) {
        const size_t b = stack[--depth], a = stack[--depth];
        const size_t middle = farthest(&t, a, b, tolerance_m * tolerance_m);
        if (middle == b) continue;
        keep[middle] = 1;
        kept++;
        stack[depth++] = (uint32_t)a;
        stack[depth++] = (uint32_t)middle;
        stack[depth++] = (uint32_t)middle;
        stack[depth++] = (uint32_t)b;
    }
    return kept;
}
