/**
 * @file serve/sessions.h
 * Sessions of the SQL engine for the workers. The engine keeps something of every statement it ran and of every file it
 * saw, long after they are gone; so after many statements a new engine takes over, and the old one ends with its last
 * session.
 */
#ifndef SEINE_SERVE_SESSIONS_H
#define SEINE_SERVE_SESSIONS_H

#include "base/try.h"
#include "engine/engine.h"

typedef struct seine_sessions seine_sessions;

/** A session and its engine; all zero: none yet. One thread at a time. */
typedef struct seine_lent_session {
    seine_engine_session *session;
    struct seine_shared_engine *engine;
} seine_lent_session;

/** Engines that reach files below @p folder only. Both texts of the options and @p folder must outlive it. */
SEINE_MUST_USE seine_status seine_sessions_open(const seine_engine_options *options, const char *folder,
                                                uint64_t statements_max, seine_sessions **sessions, seine_error *error);
/** All sessions must have been given back. NULL is allowed. */
void seine_sessions_close(seine_sessions *sessions);
SEINE_OWNED_POINTER(seine_sessions, seine_sessions_close);
/**
 * Before each use of a session: counts the use, and tells whether @p held must be replaced by @p fresh (then given
 * back). Only the first session of a worker can fail to be made; later the one that it holds goes on.
 */
SEINE_MUST_USE seine_status seine_sessions_take(seine_sessions *sessions, const seine_lent_session *held,
                                                seine_lent_session *fresh, bool *is_fresh, seine_error *error);
void seine_sessions_give_back(seine_lent_session *lent);
/** The engine of a session that was taken, for as long as the session is. */
seine_engine *seine_lent_engine(const seine_lent_session *lent);

#endif
