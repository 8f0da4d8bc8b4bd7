/** @file base/progress.h  How long work tells about itself and learns that it should stop. */
#ifndef SEINE_BASE_PROGRESS_H
#define SEINE_BASE_PROGRESS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/**
 * Passed down by value or pointer; a NULL pointer is allowed everywhere. report is called from one thread at a time.
 */
typedef struct seine_progress {
    void (*report)(void *context, const char *phase, uint64_t done, uint64_t total); /**< total 0 = unknown */
    void *context;
    volatile sig_atomic_t *stop; /**< set by Ctrl-C; may be NULL */
} seine_progress;

static inline void seine_progress_report(const seine_progress *p, const char *phase, uint64_t done, uint64_t total) {
    if (p != NULL && p->report != NULL) p->report(p->context, phase, done, total);
}
static inline bool seine_progress_stopped(const seine_progress *p) {
    return p != NULL && p->stop != NULL && *p->stop != 0;
}

#endif
