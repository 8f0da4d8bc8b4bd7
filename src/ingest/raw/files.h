/** @file ingest/raw/files.h  Files of bronze.<dataset>_raw that were written and wait for the commit of their sources
 * (ingest/raw/records.h). */
#ifndef SEINE_INGEST_RAW_FILES_H
#define SEINE_INGEST_RAW_FILES_H

#include "columns/data_file.h"
#include "ingest/known_sources.h"

/** A file that waits for its commit. */
typedef struct seine_raw_file {
    seine_data_file file; /**< texts and arrays in the session's arena */
    uint32_t source;
    const char **merged; /**< files of the table whose rows are in it: they go when it comes */
    size_t merged_count;
} seine_raw_file;

/** Of a session. Zeroed = empty; free with seine_raw_records_free. */
typedef struct seine_raw_records {
    seine_table *table; /**< as it is for the next commit; NULL = not loaded yet (seine_raw_table_of) */
    seine_raw_file *files;
    size_t count, capacity;
    seine_dict known; /**< hashes of records that came lately, and of this session */
    bool is_loaded;   /**< those of the lake are among them */
} seine_raw_records;

/** Removes the files that wait. */
void seine_raw_records_free(seine_raw_records *records);
/** Keeps a written file for the commit of its source. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_raw_keep(seine_raw_records *records, const seine_data_file *file, uint32_t source);
/** The last one that was kept of a source, which there is. */
seine_raw_file *seine_raw_file_of(seine_raw_records *records, uint32_t source);
/** The table may have been changed: it is loaded anew. */
void seine_raw_forget_table(seine_raw_records *records);
/** Those of all sources but one are the table's now. */
void seine_raw_committed(seine_raw_records *records, uint32_t except);

#endif
