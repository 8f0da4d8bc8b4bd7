/**
 * @file ingest/raw/records.h
 * The table bronze.<dataset>_raw, and which records of an API come into it: each once, exactly as received, with where
 * it came from, when, and the hash of its bytes. How they do is in ingest/raw/runs.h.
 */
#ifndef SEINE_INGEST_RAW_RECORDS_H
#define SEINE_INGEST_RAW_RECORDS_H

#include "ingest/session.h"

/** Whether a source's bytes are rows of its dataset's raw table: all that name it, or, in lakes of before records of
 * an API went on with a source, those of a file. */
bool seine_raw_is(const seine_session *session, const seine_source *source);
/** The dataset's raw table, of the session: loaded once between two commits. @return what loading it returned. */
SEINE_MUST_USE seine_status seine_raw_table_of(seine_session *session, seine_table **table, seine_error *error);
/** The same, made when it is not there: lakes of before there were streams have a narrower one, others none until the
 * first record comes. @return what making and loading it returned. */
SEINE_MUST_USE seine_status seine_raw_table_make(seine_session *session, seine_table **table, seine_error *error);
/**
 * The records of a body that the lake does not have yet, which are known from here on. *taken: how many there are in
 * it; *count of them, *fresh in @p arena, are new, each a part of @p body. *taken 0: they cannot be told apart (no
 * array of values, no values one after the other). @return OK, E_NOMEM, what reading the table returned.
 */
SEINE_MUST_USE seine_status seine_raw_fresh(seine_session *session, seine_str body, const char *url, seine_arena *arena,
                                            size_t *taken, const seine_str **fresh, size_t *count, seine_error *error);

#endif
