#include "core/gate.h"

#include "seine/geodesy.h"

#define M_PER_US (1852.0 / 3600e6) /* of a knot */

/* Ways that are open. */
typedef struct open_way {
    size_t last; /* its newest fix */
    uint32_t number;
} open_way;

size_t seine_gate_ways(const double *lon_deg, const double *lat_deg, const int64_t *time_us, size_t count, double knots,
                       uint32_t *way) {
    open_way open[SEINE_GATE_WAYS];
    size_t open_count = 0, ways = 0;
    for (size_t i = 0; i < count; i++) {
        size_t nearest = SEINE_GATE_WAYS, silent = 0;
        double least_m = 0;
        for (size_t w = 0; w < open_count; w++) {
            const size_t last = open[w].last;
            const double m = 1000 * seine_haversine_km(lat_deg[last], lon_deg[last], lat_deg[i], lon_deg[i]);
            const double most_m = knots * M_PER_US * (double)(time_us[i] - time_us[last]);
            if (last < open[silent].last) silent = w;
            if (m > most_m && m > SEINE_GATE_NEAR_M) continue;
            if (nearest < SEINE_GATE_WAYS && m >= least_m) continue;
            nearest = w;
            least_m = m;
        }
        if (nearest == SEINE_GATE_WAYS) {
            nearest = open_count < SEINE_GATE_WAYS ? open_count++ : silent;
            open[nearest].number = (uint32_t)ways++;
        }
        open[nearest].last = i;
        way[i] = open[nearest].number;
    }
    return ways;
}

void seine_gate_places(const uint32_t *way, size_t count, size_t ways, size_t *place, size_t *end) {
    for (size_t w = 0; w <= ways; w++) end[w] = 0;
    for (size_t i = 0; i < count; i++) end[way[i] + 1]++;
    for (size_t w = 0; w < ways; w++) end[w + 1] += end[w];
    for (size_t i = 0; i < count; i++) place[i] = end[way[i]]++; /* from where it begins to where it ends */
}
