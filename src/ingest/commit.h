/** @file ingest/commit.h  What the session holds, into the lake in one transaction. */
#ifndef SEINE_INGEST_COMMIT_H
#define SEINE_INGEST_COMMIT_H

#include "ingest/session.h"

/**
 * Builds every touched partition and commits all decoded sources but @p except (SEINE_NO_SOURCE: none); then frees what
 * was committed and reports each source. @return OK, also without anything to do; E_CONFLICT: somebody else committed
 * first, everything is as before; E_UNKNOWN; what building returned.
 */
SEINE_MUST_USE seine_status seine_session_commit(seine_session *session, uint32_t except, seine_error *error);

#endif
