/** @file base/progress.h  How long work tells about itself and learns that it should stop. */
#ifndef SEINE_BASE_PROGRESS_H
#define SEINE_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Passed down by value or pointer; a NULL pointer is allowed everywhere. report is called from one thread at a time.
 */
typedef struct seine_progress {
    void (*report)(void *context, const char *phase, uint64_t done, uint64_t total); /**< total 0 = unknown */
    void *context;
    const atomic_bool *stop; /**< set by Ctrl-C, looked at by any thread; may be NULL */
} seine_progress;

static inline void seine_progress_report(const seine_progress *p, const char *phase, uint64_t done, uint64_t total) {
    if (p != NULL && p->report != NULL) p->report(p->context, phase, done, total);
}
static inline bool seine_progress_stopped(const seine_progress *p) {
    return p != NULL && p->stop != NULL && atomic_load_explicit(p->stop, memory_order_relaxed);
}

/**
 * The work of loops over input: counted, and the stop heard after every so much of it. What such a loop does is its
 * steps (keys, bytes / 64, comparisons): equal inputs take equal steps, so that a test can tell that work grows as the
 * input does without looking at a clock.
 */
typedef struct seine_pace {
    const seine_progress *progress; /**< may be NULL */
    uint64_t steps;                 /**< taken so far */
    uint64_t next_look;             /**< at the stop, in steps */
} seine_pace;

/** Steps between two looks at the stop: about a millisecond of work. */
#define SEINE_PACE_LOOK 65536

/** @return false when the work should stop. @p pace may be NULL. */
static inline bool seine_pace_go(seine_pace *pace, uint64_t steps) {
    if (pace == NULL) return true;
    pace->steps += steps;
    if (pace->steps < pace->next_look) return true;
    pace->next_look = pace->steps + SEINE_PACE_LOOK;
    return !seine_progress_stopped(pace->progress);
}

#endif
