/**
 * @file table/file_ledger.h
 * seine_file: size and checksum of every file that Seine put below its tables (data, manifests, lists, metadata), by
 * its path below the lake. Rows are written by the commit that makes the file and taken away by the one that gives it
 * up, so that at any moment each row's file is there, byte for byte. Files of before there were checksums, and those of
 * other programs, have no row.
 */
#ifndef SEINE_TABLE_FILE_LEDGER_H
#define SEINE_TABLE_FILE_LEDGER_H

#include "table/db/db.h"
#include "table/ledger.h"

typedef struct seine_file_row {
    const char *path; /**< below the lake; absolute when it lies elsewhere */
    int64_t bytes;
    seine_hash128 checksum; /**< XXH3-128 of its bytes */
} seine_file_row;

/** @p path as the ledger names it: the part below @p lake. Points into @p path. */
const char *seine_file_ledger_name(const char *lake, const char *path);

/** Notes a file, with the commit. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_ledger_put_file(seine_commit *commit, const char *path, int64_t bytes,
                                                  seine_hash128 checksum, seine_error *error);
/** Gives a file up, with the commit; one without a row is fine. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_ledger_drop_file(seine_commit *commit, const char *path, seine_error *error);
/** All rows, ordered by path; none in a lake of before there were any. Strings in @p arena. */
SEINE_MUST_USE seine_status seine_ledger_files(seine_catalog *catalog, seine_arena *arena, seine_file_row **rows,
                                               size_t *count, seine_error *error);
/** Whether the ledger names the file now. */
SEINE_MUST_USE seine_status seine_ledger_has_file(seine_catalog *catalog, const char *name, bool *is_there,
                                                  seine_error *error);

/** A table that Seine put into the catalog, and whether it is there as it was put. */
typedef struct seine_known_table {
    const char *name; /**< "silver.ais" */
    bool is_there, is_same;
} seine_known_table;
/** All such tables of the catalog `seine`, by name; none in a lake of before they were noted. */
SEINE_MUST_USE seine_status seine_ledger_tables(seine_catalog *catalog, seine_arena *arena, seine_known_table **tables,
                                                size_t *count, seine_error *error);

#endif
