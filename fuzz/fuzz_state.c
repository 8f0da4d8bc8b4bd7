/* links: core base */
/*
 * Loads arbitrary bytes as a gap state. What loads must save to bytes that load again to the same bytes, and must go on
 * working: a fix is fed, the open gap asked for. The checksum is put right first, else nothing would get past it.
 */
#include "base/hash.h"
#include "seine/gap.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void grow(seine_state *state) {
    uint8_t *grown = realloc(state->data, state->needed);
    if (grown == NULL) abort();
    state->data = grown;
    state->capacity = state->needed;
}

static seine_status load(const seine_gap_config *config, seine_state *state, const uint8_t *bytes, size_t size) {
    const uint64_t refs[1] = {0};
    const size_t ref_count = size > 3 ? bytes[3] & 1 : 0;
    seine_error error;
    seine_status status = seine_gap_step.load(config, state, bytes, size, refs, ref_count, &error);
    while (status == SEINE_E_SPACE) {
        grow(state);
        status = seine_gap_step.load(config, state, bytes, size, refs, ref_count, &error);
    }
    return status;
}

static uint8_t *save(const seine_gap_config *config, const seine_state *state, size_t *size) {
    if (seine_gap_step.save(config, state, NULL, 0, size) != SEINE_E_SPACE) abort();
    uint8_t *bytes = malloc(*size);
    if (bytes == NULL || seine_gap_step.save(config, state, bytes, *size, size) != SEINE_OK) abort();
    return bytes;
}

static void check_stable(const seine_gap_config *config, const seine_state *state) {
    size_t size = 0;
    size_t again_size = 0;
    uint8_t *bytes = save(config, state, &size);
    seine_state second = {0};
    if (load(config, &second, bytes, size) != SEINE_OK) abort();
    uint8_t *again = save(config, &second, &again_size);
    if (size != again_size || memcmp(bytes, again, size) != 0) abort();
    free(bytes);
    free(again);
    free(second.data);
}

static void check_use(const seine_gap_config *config, seine_state *state) {
    seine_event event;
    seine_step_out out = {&event, 1, 0, NULL};
    if (seine_gap_step.advance(config, state, INT64_MAX, &out) != SEINE_OK) abort();
    const int64_t time_us = INT64_MAX;
    seine_track track = {.time_us = &time_us, .count = 1};
    out.pos = 0;
    seine_status status = seine_gap_step.feed(config, state, &track, &out);
    while (status == SEINE_E_SPACE) {
        grow(state);
        status = seine_gap_step.feed(config, state, &track, &out);
    }
    if (status != SEINE_OK || track.pos != 1) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_gap_config config = seine_gap_config_default();
    config.shore_rule = true;
    seine_state state = {0};
    if (load(&config, &state, data, size) == SEINE_OK) check_stable(&config, &state);

    uint8_t *sealed = malloc(size + 4);
    if (sealed == NULL) abort();
    if (size > 0) memcpy(sealed, data, size);
    const uint32_t checksum = seine_checksum32(sealed, size);
    for (int i = 0; i < 4; i++) sealed[size + (size_t)i] = (uint8_t)(checksum >> (8 * i));
    if (load(&config, &state, sealed, size + 4) == SEINE_OK) {
        check_stable(&config, &state);
        check_use(&config, &state);
    }
    free(sealed);
    free(state.data);
    return 0;
}
