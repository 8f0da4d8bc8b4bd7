/** @file ingest/intake.h  One file into the lake: its bytes, its name, its fate. */
#ifndef SEINE_INGEST_INTAKE_H
#define SEINE_INGEST_INTAKE_H

#include "ingest/source_reader.h"

/**
 * Takes in a plain file under the name @p name, taken from @p url (NULL: where it lies); what is wrong with it alone is
 * told and is no failure. Its fixes may wait for the next commit.
 * @return OK, E_INTERRUPTED, what the lake failed with.
 */
SEINE_MUST_USE seine_status seine_intake_file(seine_session *session, const char *path, const char *name,
                                              const char *url, seine_error *error);
/**
 * Takes in the records of partitions of a topic, or of an API, all of them, each run as more rows of its newest source,
 * which was committed before, or as a new one (ingest/record_source.h); those that only skip bring nothing. @p url: of
 * the log, or of the API. @return as seine_intake_file;
 * whatever else is wrong with them is a failure, and the session is to be closed then.
 */
SEINE_MUST_USE seine_status seine_intake_runs(seine_session *session, const seine_record_run *runs, size_t count,
                                              const char *url, seine_error *error);
/** Reads a source to its end; when memory is short, room is made. *is_lake: a failure is the lake's, not the file's.
 * @return OK, what reading and making room returned. */
SEINE_MUST_USE seine_status seine_intake_read(seine_source_reader *reader, bool *is_lake, seine_error *error);
/** The same for an archive that lies in bronze. *leaving: a file to remove when all is committed, or unchanged. */
SEINE_MUST_USE seine_status seine_intake_fetched(seine_session *session, uint32_t source, const char **leaving,
                                                 seine_error *error);
/**
 * Commits all that is in the session, but source @p except (SEINE_NO_SOURCE: all), and again on the lake as it is then
 * when somebody else commits first, or the lease ran out. @return as seine_session_commit; E_CONFLICT: they kept on.
 */
SEINE_MUST_USE seine_status seine_intake_commit(seine_session *session, uint32_t except, seine_error *error);
/** The same for all of it when half of the memory is held; else there is nothing to do yet. */
SEINE_MUST_USE seine_status seine_intake_commit_when_full(seine_session *session, seine_error *error);
/** When silver is stale, a commit of its own makes all of it of bronze again. @return as seine_intake_commit. */
SEINE_MUST_USE seine_status seine_intake_anew(seine_session *session, seine_error *error);
/** Tells what became of a file that is not committed, and counts it. */
void seine_intake_tell(seine_session *session, const char *path, const char *name, seine_ingest_outcome outcome,
                       const char *message);

#endif
