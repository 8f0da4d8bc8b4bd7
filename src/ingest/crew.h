/** @file ingest/crew.h  Threads that share work on many partitions. */
#ifndef SEINE_INGEST_CREW_H
#define SEINE_INGEST_CREW_H

#include "base/progress.h"
#include "seine/status.h"

typedef struct seine_crew {
    int threads; /**< 1 to SEINE_PARSE_THREADS_MAX */
    const seine_progress *progress;
} seine_crew;

typedef seine_status seine_crew_work(void *context, size_t index, seine_error *error);

/** Runs @p work(context, 0 … count - 1); the first failure, or a stop (E_INTERRUPTED), ends it. */
SEINE_MUST_USE seine_status seine_crew_run(const seine_crew *crew, size_t count, seine_crew_work *work, void *context,
                                           const char *phase, seine_error *error);

#endif
