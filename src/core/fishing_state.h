/**
 * @file core/fishing_state.h
 * Memory of the fishing detector: of each chain the run that goes on, the last run of fishing and the event it belongs
 * to, as sums. Its size never changes. Invariants, which every function keeps between two messages:
 *   1. a chain has an event exactly when it has a run of fishing that the next one could be merged with.
 *   2. without it, all members of the chain but score and has_score are zero.
 */
#ifndef SEINE_CORE_FISHING_STATE_H
#define SEINE_CORE_FISHING_STATE_H

#include "seine/fishing.h"

/** Sum of values that may be unknown. */
typedef struct seine_fishing_sum {
    double sum;
    uint64_t count;
} seine_fishing_sum;

/** An event so far. */
typedef struct seine_fishing_event {
    int64_t start_us, end_us;
    uint64_t start_ref, end_ref;
    double start_lat_deg, start_lon_deg, end_lat_deg, end_lon_deg;
    double lat_min_deg, lat_max_deg;
    double lon_min_deg[2], lon_max_deg[2]; /**< of longitudes below 0, and of others; min > max: there are none */
    double x, y, z;                        /**< sums of unit vectors */
    uint64_t messages;
    seine_fishing_sum speed, implied, metres, hours;
} seine_fishing_event;

typedef struct seine_fishing_run {
    double score; /**< of the last message */
    uint32_t has_score;
    uint32_t has_event;
    uint32_t is_fishing; /**< the run that goes on is one of fishing */
    uint32_t unused;
    double first_lat_deg, first_lon_deg; /**< first message of the last run of fishing */
    int64_t last_us;                     /**< last message of that run, with or without a score */
    seine_fishing_event event;
} seine_fishing_run;

typedef struct seine_fishing_memory {
    int64_t last_us;
    double last_lat_deg, last_lon_deg;
    uint64_t has_last;
    seine_fishing_run runs[SEINE_FISHING_CHAINS];
    seine_fishing_score_memory turns; /**< by rules: its last message is the one above; else zeroes */
} seine_fishing_memory;

static inline seine_fishing_memory *seine_fishing_memory_of(const seine_state *state) {
    return (seine_fishing_memory *)(void *)state->data;
}

seine_status seine_fishing_init(const void *config, seine_state *state);
seine_status seine_fishing_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                                size_t *size);
seine_status seine_fishing_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                                const uint64_t *refs, size_t ref_count, seine_error *error);
/** First and last message of the event of each chain that has one. */
size_t seine_fishing_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]);

#endif
