/**
 * @file ingest/raw/records.h
 * The table bronze.<dataset>_raw, and records of an API as rows of it: each exactly as received, with where it came
 * from, when, and the hash of its bytes. What one body brings is one file of that table, and that file is a source of
 * the ledger like any other: its rows are numbered as they stand in it. A record that the lake has already is not
 * stored again. Those of a topic are in ingest/raw/runs.h.
 */
#ifndef SEINE_INGEST_RAW_RECORDS_H
#define SEINE_INGEST_RAW_RECORDS_H

#include "ingest/session.h"

/** Whether a source's bytes are a file of its dataset's raw table. */
bool seine_raw_is(const seine_session *session, const seine_source *source);
/** The dataset's raw table, of the session: loaded once between two commits. @return what loading it returned. */
SEINE_MUST_USE seine_status seine_raw_table_of(seine_session *session, seine_table **table, seine_error *error);
/** The same, made when it is not there: lakes of before there were streams have a narrower one, others none until the
 * first record comes. @return what making and loading it returned. */
SEINE_MUST_USE seine_status seine_raw_table_make(seine_session *session, seine_table **table, seine_error *error);
/**
 * Writes the records of a body that are new. *taken: how many there are in it; *fresh of them are new, and *file was
 * written unless that is 0. *taken 0: they cannot be told apart (no array of values, no values one after the other);
 * nothing was done.
 * @return OK, E_NOMEM, what reading the table and writing the file returned.
 */
SEINE_MUST_USE seine_status seine_raw_write(seine_session *session, seine_str body, const char *source, const char *url,
                                            size_t *taken, size_t *fresh, seine_data_file *file, seine_error *error);

#endif
