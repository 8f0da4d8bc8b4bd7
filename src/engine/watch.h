/** @file engine/watch.h  Ctrl-C during a query: the engine computes in the calling thread, so another one looks for
 * it. */
#ifndef SEINE_ENGINE_WATCH_H
#define SEINE_ENGINE_WATCH_H

#include "base/progress.h"
#include "base/try.h"
#include "engine/engine.h"

typedef struct seine_watch seine_watch;

/** From now on the engine's queries end with E_INTERRUPTED once @p progress says stop. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_watch_begin(seine_engine *engine, const seine_progress *progress, seine_watch **watch,
                                              seine_error *error);
/** NULL is allowed. */
void seine_watch_end(seine_watch *watch);
SEINE_OWNED_POINTER(seine_watch, seine_watch_end);

#endif
