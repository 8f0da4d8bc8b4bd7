/** @file base/try.h  What a failure leads to: leaving, or nothing. */
#ifndef SEINE_BASE_TRY_H
#define SEINE_BASE_TRY_H

#include "seine/status.h"

/**
 * Leaves the function with the status of @p call unless it is OK; whoever failed has told why. Only where nothing has
 * to be released before: else the status is kept and tested.
 */
#define SEINE_TRY(call)                                    \
    do {                                                   \
        const seine_status tried_status = (call);          \
        if (tried_status != SEINE_OK) return tried_status; \
    } while (0)

/** For work whose failure changes nothing: hints that are repaired later, clean-up whose rest is found as orphans. */
static inline void seine_best_effort(seine_status status) { (void)status; }

#endif
