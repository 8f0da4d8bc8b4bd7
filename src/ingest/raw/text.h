/** @file ingest/raw/text.h  Records of bronze.<dataset>_raw as text, a line each, which the decoder reads. */
#ifndef SEINE_INGEST_RAW_TEXT_H
#define SEINE_INGEST_RAW_TEXT_H

#include "ingest/raw/notes.h"
#include "ingest/raw/read.h"
#include "ingest/record_runs.h"

/** Longest record that is decoded; a longer one is refused. */
#define SEINE_RAW_RECORD_BYTES (SEINE_PARSE_RECORD_BYTES / 4)

/**
 * Appends a record as a line: its payload with blanks for line ends, or null for what is no text that could be decoded.
 * @param reason why it is not; empty: it is.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_raw_line(const seine_raw_record *record, seine_buf *text,
                                           char reason[SEINE_RAW_REASON_BYTES]);
/**
 * The records of a source as lines in @p to, a file of this machine that is made. Which were no text is a fault of
 * @p notes.
 * @return OK, E_FORMAT, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw,
                                                const seine_raw_source *source, const char *to, seine_raw_notes *notes,
                                                seine_error *error);
/** The same of a run that is being taken in, behind what is in @p text. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_raw_text_of_run(const seine_record_run *run, int64_t received_us, seine_buf *text,
                                                  seine_raw_notes *notes, seine_error *error);

#endif
