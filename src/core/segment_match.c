/*
 * The metric of one segment. Sines and cosines are the cost of it, so those of a message are computed once and kept
 * with it, misses are taken from vectors instead of angles, and a candidate that could not win even with a perfect
 * prediction is passed over before anything is computed: its metric is at most 1 / padded hours.
 */
#include "core/segment_match.h"

#include <math.h>

#define DEGREE (3.14159265358979323846 / 180.0)
#define MILES_PER_DEGREE 60.0
#define POLE 1e-3 /* keeps the step in longitude finite at the poles */

double seine_segment_hours(int64_t from_us, int64_t to_us) {
    return (double)((uint64_t)to_us - (uint64_t)from_us) / 1e6 / 3600;
}

/* Degrees of longitude as [-180, 180). */
static double wrap(double lon_deg) {
    const double turned = lon_deg + 180;
    if (turned >= 0 && turned < 360) return turned - 180;
    return turned - 360 * floor(turned / 360) - 180;
}

static double length(double x, double y) { return sqrt(x * x + y * y); }

/* Where a message's speed and course lead from its own place, as degrees to add. Without a course it stays. */
static void step_of(const seine_segment_fix *fix, double hours, double *lat_deg, double *lon_deg) {
    const double miles = isnan(fix->course_deg) ? 0 : fix->speed_kn * hours;
    *lat_deg = fix->north * miles / MILES_PER_DEGREE;
    *lon_deg = fix->east * miles / MILES_PER_DEGREE / (fix->cos_lat + POLE);
}

/* Miles off the course line, if the other end lies ahead and within reach. */
static double across(const seine_segment_fix *fix, double east, double north, double hours) {
    const double along = fix->east * east + fix->north * north;
    if (!(along > 0 && along <= fix->speed_kn * hours)) return INFINITY;
    return fabs(fix->north * east - fix->east * north);
}

double seine_segment_discrepancy(const seine_segment_config *config, const seine_segment_fix *from,
                                 const seine_segment_fix *to, double hours) {
    const double lon_miles = MILES_PER_DEGREE * cos(0.5 * (from->lat_deg + to->lat_deg) * DEGREE);
    double lat_on = 0, lon_on = 0, lat_back = 0, lon_back = 0;
    step_of(from, hours, &lat_on, &lon_on);
    step_of(to, -hours, &lat_back, &lon_back);
    const double east = lon_miles * wrap(to->lon_deg - from->lon_deg);
    const double north = MILES_PER_DEGREE * (to->lat_deg - from->lat_deg);
    const double predicted = 0.5 * (length(lon_miles * wrap(to->lon_deg + lon_back - from->lon_deg),
                                           MILES_PER_DEGREE * (to->lat_deg + lat_back - from->lat_deg)) +
                                    length(lon_miles * wrap(from->lon_deg + lon_on - to->lon_deg),
                                           MILES_PER_DEGREE * (from->lat_deg + lat_on - to->lat_deg)));
    const double stayed = config->shape_factor * length(east, north);
    const double beside =
        config->shape_factor * 0.5 * (across(to, east, north, hours) + across(from, east, north, hours));
    return fmin(predicted, fmin(stayed, beside));
}

static double expected_hours(const seine_segment_config *config, double hours) {
    const double share = hours / config->penalty_hours, exponent = 1 - config->hours_exp;
    return hours / (1 + (exponent == 0.5 ? sqrt(share) : pow(share, exponent)));
}

static double metric_of(const seine_segment_config *config, const seine_segment_fix *from, const seine_segment_fix *to,
                        double hours, double padded_hours) {
    const double most = padded_hours * config->max_knots;
    const double miss = seine_segment_discrepancy(config, from, to, expected_hours(config, hours));
    if (!(miss <= most)) return 0;
    const double ratio = config->max_knots / config->penalty_speed * miss / most;
    return exp(-(ratio * ratio)) / padded_hours;
}

bool seine_segment_match_one(const seine_segment_config *config, const seine_segment *segment,
                             const seine_segment_fix *fix, seine_segment_match *match) {
    const uint32_t count = segment->kept_count < config->lookback ? segment->kept_count : config->lookback;
    uint32_t transponders = 0;
    for (uint32_t j = 0; j < count; j++) transponders |= seine_segment_kept(segment, j)->transponder;
    const bool is_alike = (transponders & fix->transponder & ~(uint32_t)SEINE_TRANSPONDER_LOW_RESOLUTION) != 0;
    const double weight = is_alike ? 1 : config->transponder_mismatch_weight;
    double to_beat = 0, best = 0;
    for (uint32_t j = 0; j < count; j++) {
        const seine_segment_fix *candidate = seine_segment_kept(segment, j);
        const double hours = seine_segment_hours(candidate->time_us, fix->time_us);
        if (hours > config->max_hours) break;
        const double padded_hours = length(hours, config->buffer_hours);
        const double factor = fmax(1, j * config->lookback_factor);
        const double least = fmax(to_beat, best);
        to_beat = candidate->metric;
        if (weight / padded_hours / factor <= least) continue;
        const double metric = weight * metric_of(config, candidate, fix, hours, padded_hours);
        if (!(metric / factor > least)) continue;
        best = metric / factor;
        *match = (seine_segment_match){.left_out = j, .metric = metric, .hours = hours};
    }
    return best > 0;
}
