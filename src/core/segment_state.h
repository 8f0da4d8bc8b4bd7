/**
 * @file core/segment_state.h
 * Memory of the segment detector: the open segments with the last messages of each, and what was seen.
 *
 * Layout of seine_state.data: header, segments[segment_capacity], the set of ids, the set of places. Invariants, which
 * every function keeps between two messages:
 *   1. segments[0, open) are the open ones in order of their beginning; each has at least one kept message.
 *   2. kept messages are in order of time, the newest is the segment's last; none of them is discarded.
 *   3. ids of a kept message = ids taken at its time, unless its time is last_us: then ids_now says it.
 */
#ifndef SEINE_CORE_SEGMENT_STATE_H
#define SEINE_CORE_SEGMENT_STATE_H

#include "core/seen.h"
#include "seine/segment.h"

/** Kept messages of a segment: a message discards up to lookback - 1 of them, and those before still have to be there.
 */
#define SEINE_SEGMENT_KEPT (2 * SEINE_SEGMENT_LOOKBACK_MOST)
/** Ships of one id that are known at once. */
#define SEINE_SHIPS_MOST 32

/** A position. The last three members follow from the others. */
typedef struct seine_segment_fix {
    int64_t time_us;
    double lat_deg, lon_deg, speed_kn;
    double course_deg; /**< NaN = unknown */
    double metric;     /**< of its match when it came; 0 for the first of a segment */
    uint64_t ref;
    uint32_t ids; /**< segments named by its time, see above */
    uint32_t transponder;
    double cos_lat, east, north; /**< unit vector of the course; an unknown one is north */
} seine_segment_fix;

typedef struct seine_segment {
    int64_t start_us;
    uint64_t start_ref;
    double start_lat_deg, start_lon_deg;
    uint32_t number;
    uint32_t messages; /**< no more than seine_segment_most_messages */
    uint32_t newest, kept_count;
    uint32_t ship;                              /**< which it goes on with; 0 = none (core/ship.h) */
    bool is_overlapping;                        /**< one that began before was seen after its beginning */
    seine_segment_fix kept[SEINE_SEGMENT_KEPT]; /**< a ring: kept j from the newest is [(newest - j) mod KEPT] */
} seine_segment;

/** A ship of the id, as its segments that ended tell. */
typedef struct seine_ship {
    int64_t last_us;
    double lat_deg, lon_deg;
    uint32_t number; /**< from 1, as they were met */
} seine_ship;

typedef struct seine_ships {
    uint32_t named, count;
    seine_ship known[SEINE_SHIPS_MOST]; /**< by number */
} seine_ships;

typedef struct seine_segment_header {
    int64_t last_us;
    uint32_t has_last; /**< there was a message */
    uint32_t ids_now;  /**< segments named by last_us */
    uint32_t open, segment_capacity;
    seine_seen ids, places;
    seine_ships ships;
} seine_segment_header;

static inline seine_segment_header *seine_segment_header_of(const seine_state *state) {
    return (seine_segment_header *)(void *)state->data;
}

static inline seine_segment *seine_segments(const seine_segment_header *header) {
    return (seine_segment *)(uintptr_t)(header + 1);
}

static inline void *seine_segment_ids(const seine_segment_header *header) {
    return seine_segments(header) + header->segment_capacity;
}

static inline void *seine_segment_places(const seine_segment_header *header) {
    return (uint8_t *)seine_segment_ids(header) + seine_seen_bytes(header->ids.capacity);
}

/** Kept message @p j from the newest, j < kept_count. */
static inline const seine_segment_fix *seine_segment_kept(const seine_segment *segment, uint32_t j) {
    return &segment->kept[(segment->newest - j) % SEINE_SEGMENT_KEPT];
}

/** Messages that a segment keeps. */
static inline uint32_t seine_segment_keep(const seine_segment_config *config) {
    return config->gate_knots > 0 ? 2 : 2 * config->lookback;
}

/** Messages are counted up to here, where the weight of a segment's length is 1 within 5e-5. */
static inline uint32_t seine_segment_most_messages(const seine_segment_config *config) {
    return 100 * config->short_seg;
}

/** Fills in what follows from the other members. */
void seine_segment_fix_finish(seine_segment_fix *fix);

seine_status seine_segment_init(const void *config, seine_state *state);

/**
 * Makes room for one more segment, id and place. @return OK, E_SPACE (nothing changed but needed).
 */
seine_status seine_segment_make_room(const seine_segment_config *config, seine_state *state);

seine_status seine_segment_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                                size_t *size);
seine_status seine_segment_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                                const uint64_t *refs, size_t ref_count, seine_error *error);

#endif
