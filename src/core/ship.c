#include "core/ship.h"

#include "base/time.h"
#include "core/segment_match.h"
#include "seine/geodesy.h"

#include <string.h>

static seine_ship *find(seine_ships *ships, uint32_t number) {
    for (uint32_t i = 0; i < ships->count; i++)
        if (ships->known[i].number == number) return &ships->known[i];
    return NULL;
}

static void see(seine_ship *ship, const seine_segment_fix *fix) {
    if (fix->time_us < ship->last_us) return;
    ship->last_us = fix->time_us;
    ship->lat_deg = fix->lat_deg;
    ship->lon_deg = fix->lon_deg;
}

/* All ships as they were seen last, by open segments but @p except, too. */
static seine_ships seen_last(const seine_segment_config *config, const seine_segment_header *header,
                             const seine_segment *except) {
    seine_ships seen = header->ships;
    for (uint32_t i = 0; i < header->open; i++) {
        const seine_segment *segment = &seine_segments(header)[i];
        seine_ship *ship = segment != except ? find(&seen, seine_ship_of(config, segment)) : NULL;
        if (ship != NULL) see(ship, seine_segment_kept(segment, 0));
    }
    return seen;
}

/* One more, as it is seen first; where there are too many the one that was not seen for longest is forgotten. */
static uint32_t new_ship(const seine_segment_config *config, seine_segment_header *header, const seine_segment *except,
                         seine_ship first) {
    seine_ships *ships = &header->ships;
    if (ships->count == SEINE_SHIPS_MOST) {
        const seine_ships seen = seen_last(config, header, except);
        uint32_t oldest = 0;
        for (uint32_t i = 1; i < seen.count; i++)
            if (seen.known[i].last_us < seen.known[oldest].last_us) oldest = i;
        ships->count--;
        memmove(&ships->known[oldest], &ships->known[oldest + 1], (ships->count - oldest) * sizeof *ships->known);
    }
    first.number = ++ships->named;
    ships->known[ships->count++] = first;
    return ships->named;
}

static seine_ship beginning(const seine_segment *segment) {
    return (seine_ship){segment->start_us, segment->start_lat_deg, segment->start_lon_deg, 0};
}

/* Of ships that were seen before @p before_us last: the nearest one that may have come to @p at with @p knots, and the
 * one seen last; 0 = none. */
typedef struct chosen {
    uint32_t near, latest;
} chosen;

static chosen choose(const seine_segment_config *config, const seine_ships *seen, seine_ship at, double knots,
                     int64_t before_us) {
    const seine_ship *nearest = NULL, *latest = NULL;
    double least_km = 0;
    for (uint32_t i = 0; i < seen->count; i++) {
        const seine_ship *ship = &seen->known[i];
        if (ship->last_us >= before_us) continue; /* it is elsewhere */
        const double km = seine_haversine_km(ship->lat_deg, ship->lon_deg, at.lat_deg, at.lon_deg);
        const double hours = seine_segment_hours(ship->last_us, at.last_us) + config->buffer_hours;
        if (latest == NULL || ship->last_us > latest->last_us) latest = ship;
        if (km * 1000 > knots * SEINE_NAUTICAL_MILE_M * hours) continue;
        if (nearest != NULL && km >= least_km) continue;
        nearest = ship;
        least_km = km;
    }
    return (chosen){nearest != NULL ? nearest->number : 0, latest != NULL ? latest->number : 0};
}

/* Of a segment that begins. */
static chosen choose_for(const seine_segment_config *config, const seine_segment_header *header,
                         const seine_segment *segment) {
    const seine_ships seen = seen_last(config, header, segment);
    return choose(config, &seen, beginning(segment), config->max_knots, segment->start_us);
}

void seine_ship_begin(const seine_segment_config *config, seine_segment_header *header) {
    seine_segment *segment = &seine_segments(header)[header->open - 1];
    const chosen found = choose_for(config, header, segment);
    segment->ship = found.near != 0 ? found.near : found.latest;
    if (segment->ship == 0 && header->ships.count == 0)
        segment->ship = new_ship(config, header, segment, beginning(segment));
}

/* Whether @p segment has a ship that nobody else was since it began. */
static bool has_own(const seine_segment_config *config, const seine_segment_header *header,
                    const seine_segment *segment) {
    seine_ships seen = seen_last(config, header, segment);
    const seine_ship *ship = find(&seen, segment->ship);
    return ship != NULL && ship->last_us < segment->start_us;
}

void seine_ship_grow(const seine_segment_config *config, seine_segment_header *header, seine_segment *segment) {
    const bool counted = !segment->is_overlapping && segment->ship != 0; /* already, so that nothing changes */
    if (!counted && !has_own(config, header, segment))
        segment->ship = new_ship(config, header, segment, beginning(segment));
}

void seine_ship_overlap(const seine_segment_config *config, seine_segment_header *header, seine_segment *segment,
                        uint32_t ship) {
    segment->is_overlapping = true;
    if (segment->ship != ship) return;
    segment->ship = choose_for(config, header, segment).near;
    if (segment->ship == 0 && segment->messages > config->short_seg)
        segment->ship = new_ship(config, header, segment, beginning(segment));
}

static bool goes_on(const seine_segment_config *config, const seine_segment_header *header, int64_t now_us) {
    for (uint32_t i = 0; i < header->open; i++)
        if (seine_segment_hours(seine_segment_kept(&seine_segments(header)[i], 0)->time_us, now_us) <=
            config->max_hours)
            return true;
    return false;
}

uint32_t seine_ship_of_noise(const seine_segment_config *config, seine_segment_header *header,
                             const seine_segment_fix *fix) {
    const seine_ships seen = seen_last(config, header, NULL);
    const seine_ship here = {fix->time_us, fix->lat_deg, fix->lon_deg, 0};
    const chosen found = choose(config, &seen, here, config->max_knots, INT64_MAX);
    if (goes_on(config, header, fix->time_us)) return found.near;
    const uint32_t number = found.near != 0 ? found.near : found.latest;
    if (number == 0) return new_ship(config, header, NULL, here);
    see(find(&header->ships, number), fix);
    return number;
}

uint32_t seine_ship_of_repeated(const seine_segment_config *config, seine_segment_header *header,
                                const seine_segment_fix *fix) {
    const seine_ships seen = seen_last(config, header, NULL);
    const seine_ship here = {fix->time_us, fix->lat_deg, fix->lon_deg, 0};
    const uint32_t number = choose(config, &seen, here, config->very_slow_knots, INT64_MAX).near;
    if (number != 0 && !goes_on(config, header, fix->time_us)) see(find(&header->ships, number), fix);
    return number;
}

void seine_ship_end(const seine_segment_config *config, seine_segment_header *header, uint32_t index) {
    const seine_segment *segment = &seine_segments(header)[index];
    seine_ship *ship = find(&header->ships, seine_ship_of(config, segment));
    if (ship != NULL) see(ship, seine_segment_kept(segment, 0));
}

bool seine_ship_is_settled(const seine_segment_config *config, const seine_segment_header *header, int64_t before_us) {
    const seine_segment *segments = seine_segments(header);
    for (uint32_t i = 0; i < header->open; i++) {
        if (segments[i].start_us >= before_us) break; /* and so do those behind it */
        if (seine_segment_hours(seine_segment_kept(&segments[i], 0)->time_us, header->last_us) > config->max_hours)
            continue; /* nothing will join it */
        if (seine_ship_of(config, &segments[i]) == 0) return false;
        for (uint32_t k = i + 1; k < header->open && segments[k].start_us < before_us; k++)
            if (segments[k].start_us >= seine_segment_kept(&segments[i], 0)->time_us) return false;
    }
    return true;
}
