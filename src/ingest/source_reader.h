/**
 * @file ingest/source_reader.h
 * One source on its way into the pool: fixes to row_pool, refused rows to reject_files, what was not taken to its
 * remarks, totals to its ledger row. It stops when memory is full; whoever reads makes room and goes on.
 */
#ifndef SEINE_INGEST_SOURCE_READER_H
#define SEINE_INGEST_SOURCE_READER_H

#include "ingest/raw/runs.h"

typedef struct seine_source_reader {
    seine_session *session;
    uint32_t source;
    seine_parser *parser;
    const char *text;      /**< of a Parquet file: removed in the end; NULL = none */
    seine_buf records;     /**< of a run, as text */
    bool is_records;       /**< its rows are records of bronze */
    seine_raw_notes notes; /**< of those */
} seine_source_reader;

/** How a source that is new in this run is parsed, but for where its bytes are; the decoders judge by the clock and the
 * span of the run from now on. @p file, @p name: as in seine_parse_setup. */
seine_parse_setup seine_source_setup(seine_session *session, const char *file, const char *name);
/**
 * Opens the bytes of a source at @p path; NULL: all records of a source that has no object, from its table. One that is
 * new in this run (its entry has a path) is judged by the clock of the run and counted; one that is read again has its
 * ledger row and rejects already, and was judged by its own clock.
 * @p days: as in seine_parse_setup. Close the reader after OK.
 */
SEINE_MUST_USE seine_status seine_source_reader_open(seine_session *session, uint32_t source, const char *path,
                                                     const seine_day_set *days, seine_source_reader *reader,
                                                     seine_error *error);
/** Opens the text of a run that was written, which is the reader's then: more rows of a source that is new in this run.
 * Close the reader in every case. @return OK, E_IO, E_NOMEM. */
SEINE_MUST_USE seine_status seine_source_reader_open_run(seine_session *session, seine_raw_run *run,
                                                         seine_source_reader *reader, seine_error *error);
/** Reads until the source ends (*ended) or memory is full. *is_lake: the failure is the lake's, not the file's. */
SEINE_MUST_USE seine_status seine_source_reader_run(seine_source_reader *reader, bool *ended, bool *is_lake,
                                                    seine_error *error);
void seine_source_reader_close(seine_source_reader *reader);

/** Adds a block to the totals of its source, and to the greatest time of the days that it declares. */
void seine_source_count_block(seine_source *row, const seine_fix_batch *batch);
/** A fix keeps its row in 32 bits. @return OK, E_LIMIT. */
SEINE_MUST_USE seine_status seine_source_check_rows(const char *name, const seine_parsed_block *blocks, size_t count,
                                                    seine_error *error);

#endif
