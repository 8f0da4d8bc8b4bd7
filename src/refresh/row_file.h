/**
 * @file refresh/row_file.h
 * The rows of a job with columns, on their way into one Parquet file: fixes and what the step gave them, with the
 * content hash of the partition.
 */
#ifndef SEINE_REFRESH_ROW_FILE_H
#define SEINE_REFRESH_ROW_FILE_H

#include "table/new_file.h"
#include "refresh/bucket.h"
#include "table/catalog/catalog.h"

typedef struct seine_row_file seine_row_file;

/** What became of one file. */
typedef struct seine_row_file_end {
    seine_data_file file; /**< not there when rows is 0; the partition is the caller's */
    int64_t rows;
    seine_hash128 content; /**< sum of the rows' hashes */
} seine_row_file_end;

/** Makes a writer for files of @p table, one after the other, which wait in @p batch (table/new_file.h). One thread.
 * @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_row_file_new(const seine_job_run *run, const seine_table *table,
                                               seine_file_batch *batch, seine_row_file **file, seine_error *error);
/**
 * Appends rows, in the table's order; the first ones of a file open it in @p partition. With a NULL @p partition
 * nothing is written, only counted and hashed.
 */
SEINE_MUST_USE seine_status seine_row_file_put(seine_row_file *file, const seine_partition_value *partition,
                                               const seine_fed_rows *rows, seine_error *error);
/**
 * Appends a group of @p fed to a file that is made of such groups and of copies: of rows of a file of the same table.
 * Which it is shows with the first of its rows.
 */
SEINE_MUST_USE seine_status seine_row_file_put_group(seine_row_file *file, const seine_partition_value *partition,
                                                     const seine_fed_rows *fed, const seine_track_group *group,
                                                     seine_error *error);
/** Appends rows [first, last) of @p rows, all columns of the table. */
SEINE_MUST_USE seine_status seine_row_file_copy(seine_row_file *file, const seine_partition_value *partition,
                                                const seine_rows *rows, size_t first, size_t last, seine_error *error);
/** Ends the file; its description is in @p arena. The next rows begin another one. */
SEINE_MUST_USE seine_status seine_row_file_finish(seine_row_file *file, seine_arena *arena, seine_row_file_end *end,
                                                  seine_error *error);
/** Also removes what was written of an unfinished file. NULL is allowed. */
void seine_row_file_free(seine_row_file *file);
SEINE_OWNED_POINTER(seine_row_file, seine_row_file_free);
#endif
