/**
 * @file base/threads.h
 * The one crew of threads: the caller's own and others that help it, all ended when a call returns. A thread that
 * cannot be started is only one helper fewer: whatever a crew does must be right with the caller alone.
 */
#ifndef SEINE_BASE_THREADS_H
#define SEINE_BASE_THREADS_H

#include "base/progress.h"
#include "seine/status.h"

#include <stddef.h>

#define SEINE_THREADS_MAX 64 /* of a crew */

/** Runs @p work(context, member) in 1 to @p members threads at once; the caller is member 0, numbers have no gap. */
void seine_threads_run(size_t members, void (*work)(void *context, size_t member), void *context);

/** Tasks [0, count), each done once, in the order of their numbers as members become free. */
typedef struct seine_thread_tasks {
    /** Any thread; what only @p member touches needs no lock. */
    seine_status (*task)(void *context, size_t member, size_t index, seine_error *error);
    void *context;
    size_t count;
    const seine_progress *progress; /**< NULL: none is told and none is asked to stop */
    const char *phase;              /**< what progress is told is being done */
} seine_thread_tasks;

/**
 * Runs the tasks in at most @p members threads. After the first failure, or when progress says stop, no other task
 * begins. @return OK, the status of that first failure with its text, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_threads_each(size_t members, const seine_thread_tasks *tasks, seine_error *error);

#endif
