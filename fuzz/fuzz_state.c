/* links: core base */
/*
 * Loads arbitrary bytes as the state of each detector. What loads must save to bytes that load again to the same bytes,
 * and must go on working: a fix is fed, what is open is asked for. The checksum is put right first, else nothing would
 * get past it.
 */
#include "base/hash.h"
#include "seine/fishing.h"
#include "seine/gap.h"
#include "seine/segment.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A detector, and how many row_refs the bytes of its state ask for. */
typedef struct target {
    const seine_step *step;
    const void *config;
    size_t (*ref_count)(uint8_t flags);
} target;

static size_t refs_of_gap(uint8_t flags) { return flags & 1; }

static size_t refs_of_segment(uint8_t flags) {
    (void)flags;
    return 0;
}

static size_t refs_of_fishing(uint8_t flags) { return 2 * (size_t)((flags >> 2 & 1) + (flags >> 5 & 1)); }

static void grow(seine_state *state) {
    uint8_t *grown = realloc(state->data, state->needed);
    if (grown == NULL) abort();
    state->data = grown;
    state->capacity = state->needed;
}

static seine_status load(const target *t, seine_state *state, const uint8_t *bytes, size_t size) {
    const uint64_t refs[SEINE_STATE_REFS] = {0};
    const size_t ref_count = size > 3 ? t->ref_count(bytes[3]) : 0;
    seine_error error;
    seine_status status = t->step->load(t->config, state, bytes, size, refs, ref_count, &error);
    while (status == SEINE_E_SPACE) {
        grow(state);
        status = t->step->load(t->config, state, bytes, size, refs, ref_count, &error);
    }
    return status;
}

static uint8_t *save(const target *t, const seine_state *state, size_t *size) {
    if (t->step->save(t->config, state, NULL, 0, size) != SEINE_E_SPACE) abort();
    uint8_t *bytes = malloc(*size);
    if (bytes == NULL || t->step->save(t->config, state, bytes, *size, size) != SEINE_OK) abort();
    return bytes;
}

static void check_stable(const target *t, const seine_state *state) {
    size_t size = 0;
    size_t again_size = 0;
    uint8_t *bytes = save(t, state, &size);
    seine_state second = {0};
    if (load(t, &second, bytes, size) != SEINE_OK) abort();
    uint8_t *again = save(t, &second, &again_size);
    if (size != again_size || memcmp(bytes, again, size) != 0) abort();
    free(bytes);
    free(again);
    free(second.data);
}

static void check_use(const target *t, seine_state *state) {
    static seine_event events[EVENTS];
    seine_step_out out = {events, EVENTS, 0, NULL};
    if (t->step->advance(t->config, state, INT64_MAX, &out) != SEINE_OK) abort();
    const int64_t time_us = INT64_MAX;
    const double place_deg = 1, speed = 5;
    seine_track track = {
        .time_us = &time_us, .lat_deg = &place_deg, .lon_deg = &place_deg, .speed = &speed, .count = 1};
    out.pos = 0;
    seine_status status = t->step->feed(t->config, state, &track, &out);
    while (status == SEINE_E_SPACE) {
        grow(state);
        status = t->step->feed(t->config, state, &track, &out);
    }
    if (status != SEINE_OK || track.pos != 1) abort();
}

static void check(const target *t, const uint8_t *data, size_t size) {
    seine_state state = {0};
    if (load(t, &state, data, size) == SEINE_OK) check_stable(t, &state);

    uint8_t *sealed = malloc(size + 4);
    if (sealed == NULL) abort();
    if (size > 0) memcpy(sealed, data, size);
    const uint32_t checksum = seine_checksum32(sealed, size);
    for (int i = 0; i < 4; i++) sealed[size + (size_t)i] = (uint8_t)(checksum >> (8 * i));
    if (load(t, &state, sealed, size + 4) == SEINE_OK) {
        check_stable(t, &state);
        check_use(t, &state);
    }
    free(sealed);
    free(state.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_gap_config gap = seine_gap_config_default();
    gap.shore_rule = true;
    const seine_segment_config segment = seine_segment_config_default();
    const seine_fishing_config fishing = seine_fishing_config_default();
    seine_fishing_config ruled = fishing;
    ruled.rules = seine_fishing_score_usual();
    const target targets[] = {{&seine_gap_step, &gap, refs_of_gap},
                              {&seine_segment_step, &segment, refs_of_segment},
                              {&seine_fishing_step, &fishing, refs_of_fishing},
                              {&seine_fishing_step, &ruled, refs_of_fishing}};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) check(&targets[i], data, size);
    return 0;
}
