/** @file table/books.h  The books of a lake against themselves and against the files they name (`seine verify`). */
#ifndef SEINE_TABLE_BOOKS_H
#define SEINE_TABLE_BOOKS_H

#include "base/progress.h"
#include "table/file_ledger.h"

typedef struct seine_books_report {
    size_t files; /**< that have a checksum, and were read for it */
    size_t findings;
    bool is_broken; /**< the database or a table of the catalog is missing or damaged: nothing else was looked at */
    const char **damaged; /**< files that are missing or have other bytes, as seine_file names them */
    size_t damaged_count;
    seine_arena arena;
} seine_books_report;

/**
 * Checks that the database is whole, every row of the ledger is the one that was written, every table that Seine put
 * into the catalog is there as it was put, each version-hint.text names a file of its table, and every file of
 * seine_file is there byte for byte. Reads one state when the catalog is inside seine_catalog_read_begin.
 * @p result must be freed with seine_books_report_free in every case.
 * @return OK, also with findings; E_INTERRUPTED, E_NOMEM, E_IO …
 */
SEINE_MUST_USE seine_status seine_books_check(seine_catalog *catalog, const seine_progress *progress,
                                              seine_db_finding_fn report, void *context, seine_books_report *result,
                                              seine_error *error);
void seine_books_report_free(seine_books_report *result);

/**
 * Whether files were given up since the read transaction of @p catalog began: by `table expire`, or metadata beyond the
 * log. What was missing then is no finding.
 */
SEINE_MUST_USE seine_status seine_books_moved(seine_catalog *catalog, bool *moved, seine_error *error);

#endif
