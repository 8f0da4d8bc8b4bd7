/**
 * @file table/scan.h
 * Rows of a table's Parquet files, in file order or merged: by the reader of this program, which is several times as
 * quick, or by the SQL engine for files that somebody else wrote.
 */
#ifndef SEINE_TABLE_SCAN_H
#define SEINE_TABLE_SCAN_H

#include "engine/engine.h"

/** What is wanted. Borrowed. */
typedef struct seine_scan {
    seine_engine *engine;
    const seine_table_schema *schema;
    const size_t *columns; /**< indices into schema->columns, each once */
    size_t column_count;
    const char *const *files;
    size_t file_count;
    const seine_str *only; /**< values of columns[0], a text: others are not needed, but may come */
    size_t only_count;     /**< 0 = all rows */
    bool merges;           /**< each file is sorted by columns[0], a text, then columns[1], a time; so come the rows */
} seine_scan;

/**
 * Gives the rows to @p sink as PLAIN vecs, those of a file in their order, one file after the other, unless they are
 * merged; of equal rows those of the first file come first. With @p only a file is taken for sorted by it.
 * @return OK, E_NOT_FOUND (a file is gone), E_FORMAT, E_IO, E_BUSY, E_NOMEM, what @p sink returned.
 */
SEINE_MUST_USE seine_status seine_scan_run(const seine_scan *scan, seine_rows_sink sink, void *context,
                                           seine_error *error);

/** Gives the first rows of a scan to @p look, if there are any, and reads no others. @return as seine_scan_run. */
SEINE_MUST_USE seine_status seine_scan_first(const seine_scan *scan, seine_rows_sink look, void *context,
                                             seine_error *error);

#endif
