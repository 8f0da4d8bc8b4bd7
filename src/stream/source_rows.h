/**
 * @file stream/source_rows.h
 * Rows of a file, or of standard input, as the values of records for Kafka: rows of CSV as JSON objects with the file's
 * own names, records of JSON as they are. Read piece by piece, packed or not (io/reader.h). Parquet and GPX become JSON
 * first, as when they are ingested (ingest/source_text.h). Internal to src/stream.
 */
#ifndef SEINE_STREAM_SOURCE_ROWS_H
#define SEINE_STREAM_SOURCE_ROWS_H

#include "base/progress.h"
#include "base/try.h"
#include "columns/dataset.h"

/** Longest record. */
#define SEINE_SOURCE_ROW_BYTES ((size_t)16 << 20)

typedef struct seine_source_rows seine_source_rows; /**< one thread at a time */

/** Valid until the next call. */
typedef struct seine_source_row {
    seine_str value;
    seine_str key;   /**< data NULL: the row has none */
    uint64_t number; /**< in the file, first is 1 */
    int64_t time_us; /**< of rows of a table (stream/ordered_rows.h) */
    bool is_ragged;  /**< CSV with another number of fields than the header: the value is its text */
} seine_source_row;

/**
 * @param path "-": standard input.
 * @param key the field that is the key, by its name in the file; NULL: the id of @p dataset.
 * @param dataset what the file holds: which of its fields are numbers, and which the id; NULL: nobody knows.
 * @return OK, E_NOT_FOUND, E_IO, E_FORMAT, E_UNSUPPORTED, E_NOMEM, E_LIMIT, E_INTERRUPTED (Parquet and GPX, which are
 * read as a whole here).
 */
SEINE_MUST_USE seine_status seine_source_rows_open(const char *path, const char *key, const seine_dataset *dataset,
                                                   const seine_progress *progress, seine_source_rows **rows,
                                                   seine_error *error);
/**
 * The next row; row->value.data NULL: there is none. What is no JSON between records of JSON is given as it is, up to
 * the end of its line.
 * @return OK; E_FORMAT: a header without the key, an array that is none; E_LIMIT: a longer record; what reading
 * returned.
 */
SEINE_MUST_USE seine_status seine_source_rows_next(seine_source_rows *rows, seine_source_row *row, seine_error *error);
/** Bytes of the file that were read, and that it has (0: unknown). */
void seine_source_rows_position(const seine_source_rows *rows, uint64_t *done, uint64_t *total);
void seine_source_rows_close(seine_source_rows *rows);
SEINE_OWNED_POINTER(seine_source_rows, seine_source_rows_close);

#endif
