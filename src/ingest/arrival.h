/** @file ingest/arrival.h  What comes in now and is to be a source: a file, records. */
#ifndef SEINE_INGEST_ARRIVAL_H
#define SEINE_INGEST_ARRIVAL_H

#include "ingest/session.h"

/** Texts are borrowed. */
typedef struct seine_arrival {
    const char *path, *name, *url; /**< the last one NULL: of the path */
    const char *temp;              /**< a copy of its bytes that no source has taken over */
    const char *bronze_path;       /**< its bytes lie in bronze already; NULL = they go there under its name */
    char sha256[65];
    uint64_t bytes;
} seine_arrival;

/** Why a file cannot be a source. @return OK, E_NOT_FOUND, E_IO. */
SEINE_MUST_USE seine_status seine_arrival_check(const seine_arrival *arrival, seine_error *why);
/** Copies its bytes beside bronze, hashed; the name of the copy is in @p arena. @return OK, E_NOMEM, E_IO, what a store
 * says. */
SEINE_MUST_USE seine_status seine_arrival_copy(const seine_session *session, seine_arrival *arrival, seine_arena *arena,
                                               seine_error *error);
/** Adds its row to the sources of the session; that takes over the copy of its bytes. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_arrival_source(seine_session *session, seine_arrival *arrival, uint32_t *source,
                                                 seine_error *error);

#endif
