/**
 * @file core/gap_state.h
 * Memory of the gap detector: the last fix and the fixes of the history window before it.
 *
 * Layout of seine_state.data: header, then room for header->capacity times (int64), then as many receivers (uint8).
 * In use are the entries [head, tail), earliest first; the last of them is the last fix. Invariants, which every
 * function keeps:
 *   1. has_last == (tail > head).
 *   2. every entry's time lies in [last_us - history_us, last_us].
 *   3. of_receiver[r] is the number of entries in use with receiver r.
 */
#ifndef SEINE_CORE_GAP_STATE_H
#define SEINE_CORE_GAP_STATE_H

#include "seine/gap.h"

#define SEINE_GAP_RECEIVERS 4

typedef struct seine_gap_header {
    int64_t last_us;
    double last_lat_deg, last_lon_deg, last_shore_m; /* NaN = unknown */
    uint64_t last_ref;
    uint64_t head, tail, capacity;
    uint64_t of_receiver[SEINE_GAP_RECEIVERS];
} seine_gap_header;

static inline seine_gap_header *seine_gap_header_of(const seine_state *state) {
    return (seine_gap_header *)(void *)state->data;
}

static inline int64_t *seine_gap_times(const seine_gap_header *header) { return (int64_t *)(uintptr_t)(header + 1); }

static inline uint8_t *seine_gap_receivers(const seine_gap_header *header) {
    return (uint8_t *)(uintptr_t)(seine_gap_times(header) + header->capacity);
}

static inline bool seine_gap_has_last(const seine_gap_header *header) { return header->tail > header->head; }

/** Bytes of a state with room for @p capacity entries, a multiple of 8. */
static inline size_t seine_gap_state_bytes(uint64_t capacity) {
    return sizeof(seine_gap_header) + ((size_t)capacity * (sizeof(int64_t) + 1) + 7) / 8 * 8;
}

/** Unknown kinds of receivers count as OTHER. */
static inline uint8_t seine_gap_receiver(uint8_t receiver) {
    return receiver < SEINE_GAP_RECEIVERS ? receiver : SEINE_RECEIVER_OTHER;
}

/** save and load of seine_step; in their own file because of the byte format. */
seine_status seine_gap_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                            size_t *size);
seine_status seine_gap_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                            const uint64_t *refs, size_t ref_count, seine_error *error);
seine_status seine_gap_init(const void *config, seine_state *state);

/**
 * Makes room for @p extra entries behind tail, moving the entries in use to the front when needed. Room is asked for
 * twice the need, so that one-fix calls cost O(1) on average. @return OK, E_SPACE (nothing changed but needed).
 */
seine_status seine_gap_make_room(seine_state *state, uint64_t drop, uint64_t extra);

#endif
