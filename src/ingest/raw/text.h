/** @file ingest/raw/text.h  Records of bronze.<dataset>_raw as text, which the decoder reads. */
#ifndef SEINE_INGEST_RAW_TEXT_H
#define SEINE_INGEST_RAW_TEXT_H

#include "ingest/raw/notes.h"
#include "ingest/raw/read.h"
#include "ingest/record_runs.h"

/**
 * The records of a source as JSON in @p to, a file of this machine that is made: a row each, whatever they are. What is
 * no JSON value is null there, and a fault of @p notes.
 * @return OK, E_FORMAT, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw,
                                                const seine_raw_source *source, const char *to, seine_raw_notes *notes,
                                                seine_error *error);
/** The same of a run that is being taken in, behind what is in @p text. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_raw_text_of_run(const seine_record_run *run, int64_t received_us, seine_buf *text,
                                                  seine_raw_notes *notes, seine_error *error);

#endif
