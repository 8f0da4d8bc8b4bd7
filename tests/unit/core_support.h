/* Shared by the core tests: oracle files, a state that grows by itself, feeding in pieces. */
#ifndef TESTS_UNIT_CORE_SUPPORT_H
#define TESTS_UNIT_CORE_SUPPORT_H

#include "base/json.h"
#include "base/time.h"
#include "io/file.h"
#include "seine/step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* After the standard headers, which it needs. */
#include <cmocka.h>

#define HOUR SEINE_HOUR_US
#define SECOND SEINE_SECOND_US

/** Path of a shared file, or skips the test visibly when the shared folder is absent. */
static inline const char *shared_path(const char *name, char path[1024]) {
    const char *root = getenv("SEINE_SHARED");
    const char *source = getenv("SEINE_SOURCE");
    if (root != NULL) {
        snprintf(path, 1024, "%s/%s", root, name);
    } else {
        snprintf(path, 1024, "%s/../shared/%s", source != NULL ? source : ".", name);
    }
    if (!seine_file_exists(path)) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    return path;
}

/** Path of an oracle kept with the tests. */
static inline const char *data_path(const char *name, char path[1024]) {
    const char *source = getenv("SEINE_SOURCE");
    snprintf(path, 1024, "%s/tests/data/%s", source != NULL ? source : ".", name);
    return path;
}

static inline void read_data(const char *name, seine_buf *out) {
    char path[1024];
    seine_error error = {0};
    seine_buf_init(out, 64 * 1024 * 1024);
    if (seine_file_read(data_path(name, path), out, &error) != SEINE_OK) fail_msg("%s", error.text);
}

/** Reads a JSON oracle; the caller frees it. */
static inline seine_json *read_data_json(const char *name) {
    seine_buf text;
    seine_json *json = NULL;
    seine_error error = {0};
    read_data(name, &text);
    if (seine_json_parse(seine_buf_str(&text), name, &json, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_buf_free(&text);
    return json;
}

/** Gives the state what it asked for. */
static inline void grow_state(seine_state *state) {
    assert_true(state->needed > state->capacity);
    state->data = realloc(state->data, state->needed);
    assert_non_null(state->data);
    state->capacity = state->needed;
}

static inline seine_state new_state(const seine_step *step, const void *config) {
    seine_state state = {0};
    while (step->init(config, &state) == SEINE_E_SPACE) grow_state(&state);
    return state;
}

/** Feeds rows [track->pos, end) and grows the state when asked. @return the last status. */
static inline seine_status feed_to(const seine_step *step, const void *config, seine_state *state, seine_track *track,
                                   size_t end, seine_step_out *out) {
    const size_t count = track->count;
    track->count = end;
    seine_status status = step->feed(config, state, track, out);
    while (status == SEINE_E_SPACE) {
        grow_state(state);
        status = step->feed(config, state, track, out);
    }
    track->count = count;
    return status;
}

/** Canonical bytes of a state, to be freed. */
static inline uint8_t *saved(const seine_step *step, const void *config, const seine_state *state, size_t *size) {
    assert_int_equal(step->save(config, state, NULL, 0, size), SEINE_E_SPACE);
    uint8_t *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(step->save(config, state, bytes, *size, size), SEINE_OK);
    return bytes;
}

static inline void assert_same_bytes(const seine_step *step, const void *config, const seine_state *one,
                                     const seine_state *other) {
    size_t one_size = 0, other_size = 0;
    uint8_t *one_bytes = saved(step, config, one, &one_size);
    uint8_t *other_bytes = saved(step, config, other, &other_size);
    assert_int_equal(one_size, other_size);
    assert_memory_equal(one_bytes, other_bytes, one_size);
    free(one_bytes);
    free(other_bytes);
}

/** The state as its bytes give it back. */
static inline void reload(const seine_step *step, const void *config, seine_state *state) {
    size_t size = 0;
    uint64_t refs[SEINE_STATE_REFS];
    uint8_t *bytes = saved(step, config, state, &size);
    const size_t ref_count = step->refs != NULL ? step->refs(config, state, refs) : 0;
    seine_error error = {0};
    seine_state loaded = {0};
    while (step->load(config, &loaded, bytes, size, refs, ref_count, &error) == SEINE_E_SPACE) grow_state(&loaded);
    assert_string_equal(error.text, "");
    assert_same_bytes(step, config, state, &loaded);
    free(bytes);
    free(state->data);
    *state = loaded;
}

static inline void assert_near(double got, double expected, double tolerance) {
    const double difference = got - expected;
    if (!(difference <= tolerance && difference >= -tolerance)) {
        fail_msg("%.17g is not within %g of %.17g", got, tolerance, expected);
    }
}

/** Small deterministic random numbers (splitmix64). */
static inline uint64_t next_random(uint64_t *seed) {
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* What is open, or closed by time alone: at most 4 events, two bits each. */
static inline unsigned told_open(const seine_step *step, const void *config, const seine_state *state,
                                 int64_t watermark_us) {
    seine_event events[4];
    seine_step_out out = {events, 4, 0, NULL};
    unsigned told = 0;
    assert_int_equal(step->advance(config, state, watermark_us, &out), SEINE_OK);
    for (size_t i = 0; i < out.pos; i++) told = told << 2 | (events[i].is_closed ? 2U : 1U);
    return told;
}

/* Between two deadlines the same is open, at each of them something else. @return how many there are. */
static inline size_t check_deadlines(const seine_step *step, const void *config, const seine_state *state) {
    size_t count = 0;
    for (int64_t watermark_us = INT64_MIN, next_us; watermark_us < INT64_MAX; watermark_us = next_us, count++) {
        next_us = step->deadline(config, state, watermark_us);
        assert_true(next_us > watermark_us);
        const unsigned told = told_open(step, config, state, watermark_us);
        const int64_t middle_us = watermark_us + (int64_t)(((uint64_t)next_us - (uint64_t)watermark_us) / 2);
        assert_int_equal(told_open(step, config, state, middle_us < next_us ? middle_us : watermark_us), told);
        assert_int_equal(told_open(step, config, state, next_us - 1), told);
        if (next_us == INT64_MAX) return count;
        assert_int_not_equal(told_open(step, config, state, next_us), told);
        assert_true(step->deadline(config, state, next_us - 1) == next_us);
    }
    return count;
}

#endif
