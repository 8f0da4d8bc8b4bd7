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

/* One more; where there are too many the one that was not seen for longest is forgotten. */
static uint32_t new_ship(const seine_segment_config *config, seine_segment_header *header,
                         const seine_segment *segment) {
    seine_ships *ships = &header->ships;
    if (ships->count == SEINE_SHIPS_MOST) {
        const seine_ships seen = seen_last(config, header, segment);
        uint32_t oldest = 0;
        for (uint32_t i = 1; i < seen.count; i++)
            if (seen.known[i].last_us < seen.known[oldest].last_us) oldest = i;
        ships->count--;
        memmove(&ships->known[oldest], &ships->known[oldest + 1], (ships->count - oldest) * sizeof *ships->known);
    }
    ships->known[ships->count++] = (seine_ship){.last_us = segment->start_us,
                                                .lat_deg = segment->start_lat_deg,
                                                .lon_deg = segment->start_lon_deg,
                                                .number = ++ships->named};
    return ships->named;
}

/* @return the ship that goes on with @p segment; 0 = none. */
static uint32_t choose(const seine_segment_config *config, const seine_segment_header *header,
                       const seine_segment *segment, bool may_be_far) {
    const seine_ships seen = seen_last(config, header, segment);
    const seine_ship *nearest = NULL, *latest = NULL;
    double least_km = 0;
    for (uint32_t i = 0; i < seen.count; i++) {
        const seine_ship *ship = &seen.known[i];
        if (ship->last_us >= segment->start_us) continue; /* it is elsewhere */
        const double km =
            seine_haversine_km(ship->lat_deg, ship->lon_deg, segment->start_lat_deg, segment->start_lon_deg);
        const double hours = seine_segment_hours(ship->last_us, segment->start_us) + config->buffer_hours;
        if (latest == NULL || ship->last_us > latest->last_us) latest = ship;
        if (km * 1000 > config->max_knots * SEINE_NAUTICAL_MILE_M * hours) continue;
        if (nearest != NULL && km >= least_km) continue;
        nearest = ship;
        least_km = km;
    }
    if (nearest != NULL) return nearest->number;
    return may_be_far && latest != NULL ? latest->number : 0;
}

void seine_ship_begin(const seine_segment_config *config, seine_segment_header *header) {
    seine_segment *segment = &seine_segments(header)[header->open - 1];
    segment->ship = choose(config, header, segment, true);
    if (segment->ship == 0 && header->ships.count == 0) segment->ship = new_ship(config, header, segment);
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
    if (!counted && !has_own(config, header, segment)) segment->ship = new_ship(config, header, segment);
}

void seine_ship_overlap(const seine_segment_config *config, seine_segment_header *header, seine_segment *segment,
                        uint32_t ship) {
    segment->is_overlapping = true;
    if (segment->ship != ship) return;
    segment->ship = choose(config, header, segment, false);
    if (segment->ship == 0 && segment->messages > config->short_seg) segment->ship = new_ship(config, header, segment);
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
