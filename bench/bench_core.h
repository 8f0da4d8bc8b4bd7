/** @file bench_core.h  What the benches of detectors' cores share. */
#ifndef SEINE_BENCH_CORE_H
#define SEINE_BENCH_CORE_H

#include "seine/step.h"

#include <stdlib.h>

#define REPEATS_MAX 99

/** To what a step has asked for. */
static inline void grow(seine_state *state) {
    state->data = realloc(state->data, state->needed);
    if (state->data == NULL) abort();
    state->capacity = state->needed;
}

static inline int by_value(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/** @return the median in seconds; sorts. */
static inline double median_s(int64_t *elapsed_us, size_t count) {
    qsort(elapsed_us, count, sizeof *elapsed_us, by_value);
    return (double)elapsed_us[count / 2] / 1e6;
}

#endif
