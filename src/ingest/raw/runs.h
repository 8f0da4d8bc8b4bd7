/**
 * @file ingest/raw/runs.h
 * Runs of records on their way into the lake, each to a file of bronze.<dataset>_raw and to the text that is decoded,
 * all of them at once on the threads of the session.
 */
#ifndef SEINE_INGEST_RAW_RUNS_H
#define SEINE_INGEST_RAW_RUNS_H

#include "ingest/raw/notes.h"
#include "ingest/session.h"
#include "table/new_file.h"

/** One of them. What is not given is zero before it is written. */
typedef struct seine_raw_run {
    const seine_record_run *run; /**< given, as the next two */
    const char *url;             /**< where its records come from */
    uint32_t source;             /**< whose rows go on with it */
    seine_data_file file;        /**< its rows, which wait in session->raw for the commit */
    seine_buf text;              /**< its records as JSON */
    seine_raw_notes notes;       /**< of the text */
    seine_new_file made;         /**< while it is written */
} seine_raw_run;

/** Writes the records of runs, known or not: what tells them apart is their offset. Free the runs in every case.
 * @return OK, E_NOMEM, E_IO, what the table failed with: what was written is the session's, which removes it when it is
 * closed. */
SEINE_MUST_USE seine_status seine_raw_runs_write(seine_session *session, seine_raw_run *runs, size_t count,
                                                 seine_error *error);
/** Forgets the texts. */
void seine_raw_runs_free(seine_raw_run *runs, size_t count);

#endif
