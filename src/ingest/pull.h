/**
 * @file ingest/pull.h
 * Records of an HTTP API: each body is a source of its own, kept in bronze as it was received. A body that the lake has
 * already is counted as the same; of a record that comes again the winner rule knows.
 */
#ifndef SEINE_INGEST_PULL_H
#define SEINE_INGEST_PULL_H

#include "ingest/session.h"

/**
 * Asks @p url, page after page, with session->options.api. What fails is told as what became of a file of that name and
 * harms no other; pages that came before stay.
 * @return OK, E_INTERRUPTED, what the lake failed with.
 */
SEINE_MUST_USE seine_status seine_pull(seine_session *session, const char *url, seine_error *error);

#endif
