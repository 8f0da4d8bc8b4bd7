/** @file serve/pool.h  A fixed number of worker threads and a bounded queue of jobs for them. */
#ifndef SEINE_SERVE_POOL_H
#define SEINE_SERVE_POOL_H

#include "seine/status.h"

#include <stdbool.h>

typedef struct seine_pool seine_pool;

/** Runs one job in worker number @p worker of [0, workers). @p is_refused: the pool is being closed, only let it go. */
typedef void (*seine_job_fn)(void *context, size_t worker, void *job, bool is_refused);

SEINE_MUST_USE seine_status seine_pool_open(size_t workers, size_t queue_max, seine_job_fn run, void *context,
                                            seine_pool **pool, seine_error *error);
/** Any thread. @return false: the queue is full or the pool is being closed. */
bool seine_pool_submit(seine_pool *pool, void *job);
/** Jobs that wait. */
size_t seine_pool_waiting(seine_pool *pool);
/** Waits for the running jobs, refuses the waiting ones and ends the threads. NULL is allowed. */
void seine_pool_close(seine_pool *pool);

#endif
