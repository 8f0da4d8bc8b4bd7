/**
 * @file ingest/pull.h
 * Records of an HTTP API. Where bronze keeps bodies each is a source of its own, as it was received; one that the lake
 * has already is counted as the same. Where it keeps records those of all pulls of a day are one
 * (ingest/record_source.h), and one that the lake has is not taken. Of a record that comes again otherwise the winner
 * rule knows.
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
