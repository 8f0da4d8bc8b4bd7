/**
 * @file table/migrate.h
 * From one format of the catalog to the next. A format is a number; the steps between them stand
 * in one table, each runs in one transaction and leaves a row in seine_migration. A new lake is the first format
 * (catalog/schema.h) and all steps, so that both ways end in the same tables.
 *
 * To add one: a row at the end of the table in migrate.c, SEINE_LAKE_FORMAT one greater, and what reads the new rows
 * asks `catalog->format` first, because a lake that cannot be written keeps its format.
 */
#ifndef SEINE_TABLE_MIGRATE_H
#define SEINE_TABLE_MIGRATE_H

#include "base/buf.h"
#include "table/db/db.h"

#define SEINE_FORMAT_SEALED 3 /**< from here on files have checksums and rows are sealed */
#define SEINE_FORMAT_PARTS 5  /**< from here on seine_job has parts */

/** A row of seine_file: path, bytes, checksum. */
#define SEINE_FILE_INSERT                                              \
    "INSERT INTO seine_file(path, bytes, checksum) VALUES(?1, ?2, ?3)" \
    " ON CONFLICT (path) DO UPDATE SET bytes = excluded.bytes, checksum = excluded.checksum"

/**
 * The format of a catalog. @return OK, E_VERSION (newer than this program, which says so), E_FORMAT (not Seine's), what
 * reading returned.
 */
SEINE_MUST_USE seine_status seine_format_read(seine_db *db, const char *lake, int *format, seine_error *error);
/**
 * Runs the steps that are missing; *format is the one reached, also after a failure. Another process may run them at
 * the same time. @return OK, E_BUSY, E_IO (read-only, disk full), E_VERSION, E_FORMAT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_migrate(seine_db *db, const char *lake, int *format, seine_error *error);
/** Runs all steps on the tables of the first format, inside the open transaction that made them. */
SEINE_MUST_USE seine_status seine_migrate_new(seine_db *db, seine_error *error);

#endif
